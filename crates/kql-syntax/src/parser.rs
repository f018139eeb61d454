//! Tokens to the lossless tree: what all parts of the parser share.
//!
//! The parser never looks back and never fails: what does not fit is wrapped in an [`SyntaxKind::Error`] node
//! with a diagnostic. Chains (`a and b and …`, `a | b | …`, `a + b + …`, `a.b.c`) are loops that make one flat
//! node. Only brackets nest, and their depth is bounded by [`MAX_NESTING`], so that the stack is too.

mod clauses;
mod columns;
mod dynamic;
mod expression;
mod mistakes;
mod names;
mod operator;
mod pipeline;
mod primary;
mod render;
mod series;
mod statement;
mod tables;

use crate::SyntaxKind::{self, *};
use crate::lexer::Token;
use crate::parse::MAX_FINDINGS;
use crate::{Diagnostic, Span};
use rowan::{Checkpoint, GreenNode, GreenNodeBuilder};
use std::mem;

/// How deep brackets may nest.
const MAX_NESTING: u32 = 150;
/// How high the tree of an expression may get through chains that nest to the left, such as `a + b + c`.
const MAX_HEIGHT: u32 = 400;

/// Parses tokens; the findings are in the order in which they were met.
pub(crate) fn parse(text: &str, tokens: &[Token]) -> (GreenNode, Vec<Diagnostic>) {
    let significant = (0..tokens.len() as u32).filter(|&i| !tokens[i as usize].kind.is_trivia()).collect();
    let mut parser = Parser {
        text,
        tokens,
        significant,
        position: 0,
        emitted: 0,
        builder: GreenNodeBuilder::new(),
        diagnostics: Vec::new(),
        last_error: None,
        open: Open::default(),
        nesting: 0,
        height: 0,
    };
    parser.root();
    (parser.builder.finish(), parser.diagnostics)
}

/// How many brackets of each kind are open around the current position.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    parens: u32,
    brackets: u32,
    braces: u32,
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// The numbers of the tokens that are neither blank nor comment.
    significant: Vec<u32>,
    /// The current place in `significant`.
    position: usize,
    /// How many tokens are in the tree already.
    emitted: usize,
    builder: GreenNodeBuilder<'static>,
    diagnostics: Vec<Diagnostic>,
    /// Where the last finding was, so that one mistake gives one finding.
    last_error: Option<usize>,
    open: Open,
    nesting: u32,
    /// The height of the highest expression that was finished since this was last set to 0.
    height: u32,
}

impl<'t> Parser<'t> {
    /// The token at a distance from the current one.
    fn token(&self, ahead: usize) -> Option<Token> {
        self.significant.get(self.position + ahead).map(|&i| self.tokens[i as usize])
    }

    /// The kind of the token at a distance; [`End`] past the end.
    fn kind(&self, ahead: usize) -> SyntaxKind {
        self.token(ahead).map_or(End, |token| token.kind)
    }

    /// The text of the token at a distance.
    fn text_of(&self, ahead: usize) -> &'t str {
        self.token(ahead).map_or("", |token| token.span.of(self.text))
    }

    /// The word at a distance; empty when something else stands there.
    fn word(&self, ahead: usize) -> &'t str {
        match self.kind(ahead) {
            Word | Keyword | OperatorWord => self.text_of(ahead),
            _ => "",
        }
    }

    fn at(&self, kind: SyntaxKind) -> bool {
        self.kind(0) == kind
    }

    fn at_word(&self, word: &str) -> bool {
        self.word(0) == word
    }

    /// Whether a token stands right after the one before it, without blank or comment.
    fn is_adjacent(&self, ahead: usize) -> bool {
        let number = |at: usize| self.significant.get(at).copied();
        let at = self.position + ahead;
        at > 0 && number(at).zip(number(at - 1)).is_some_and(|(this, before)| this == before + 1)
    }

    /// Whether a line ends between the token before the current one and the current one.
    fn is_on_new_line(&self) -> bool {
        let here = self.here();
        let before = self.end_of_last();
        Span::new(before, here.start).of(self.text).contains('\n')
    }

    /// The current token's place; after the last token, the place behind it.
    fn here(&self) -> Span {
        match self.token(0) {
            Some(token) => token.span,
            None => self.behind(),
        }
    }

    /// The place right behind the last token that was read.
    fn behind(&self) -> Span {
        let end = self.end_of_last();
        Span::new(end, end)
    }

    fn end_of_last(&self) -> u32 {
        let before = self.position.checked_sub(1).and_then(|at| self.significant.get(at));
        before.map_or(0, |&i| self.tokens[i as usize].span.end)
    }

    /// Moves the tokens up to the current significant one into the tree.
    fn emit_trivia(&mut self) {
        let next = self.significant.get(self.position).map_or(self.tokens.len(), |&i| i as usize);
        while self.emitted < next {
            let token = self.tokens[self.emitted];
            self.emit(token.kind, token.span);
        }
    }

    fn emit(&mut self, kind: SyntaxKind, span: Span) {
        self.builder.token(raw(kind), span.of(self.text));
        self.emitted += 1;
    }

    /// Takes the current token.
    fn bump(&mut self) {
        self.bump_as(self.kind(0));
    }

    /// Takes the current token under another kind.
    fn bump_as(&mut self, kind: SyntaxKind) {
        if let Some(token) = self.token(0) {
            self.emit_trivia();
            self.emit(kind, token.span);
            self.position += 1;
        }
    }

    /// Takes the current word as a keyword.
    fn bump_keyword(&mut self) {
        self.bump_as(Keyword);
    }

    /// Takes the current token when it is of a kind.
    fn eat(&mut self, kind: SyntaxKind) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    /// Takes the current word as a keyword when it is that word.
    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump_keyword();
        }
        found
    }

    /// Takes a token of a kind, or says that it is missing.
    fn expect(&mut self, kind: SyntaxKind, what: &str) -> bool {
        self.eat(kind) || {
            self.error("expected", format!("Expected {what} {}.", self.found()));
            false
        }
    }

    /// Takes a keyword, or says that it is missing.
    fn expect_word(&mut self, word: &str) -> bool {
        self.eat_word(word) || {
            self.error("expected", format!("Expected `{word}` {}.", self.found()));
            false
        }
    }

    /// The current token for a message: `before …` or `at the end`.
    fn found(&self) -> String {
        match self.kind(0) {
            End => "at the end of the query".into(),
            Text => "before this text".into(),
            _ => format!("before `{}`", shown(self.text_of(0))),
        }
    }

    fn start(&mut self, kind: SyntaxKind) {
        self.emit_trivia();
        self.builder.start_node(raw(kind));
    }

    fn finish(&mut self) {
        self.builder.finish_node();
    }

    /// A place where a node can begin later.
    fn checkpoint(&mut self) -> Checkpoint {
        self.emit_trivia();
        self.builder.checkpoint()
    }

    fn start_at(&mut self, checkpoint: Checkpoint, kind: SyntaxKind) {
        self.builder.start_node_at(checkpoint, raw(kind));
    }

    /// A node around what `inside` reads.
    fn node(&mut self, kind: SyntaxKind, inside: impl FnOnce(&mut Self)) {
        self.start(kind);
        inside(self);
        self.finish();
    }

    /// Where something is missing: the current token, or the end of the line before it.
    fn gap(&self) -> Span {
        if self.at(End) || self.is_on_new_line() { self.behind() } else { self.here() }
    }

    /// Says what is missing before the current token.
    fn error(&mut self, code: &str, message: impl Into<String>) {
        self.report(Diagnostic::error(code, self.gap(), message));
    }

    /// Whether further findings are dropped, so that thinking about them is wasted.
    fn has_enough_findings(&self) -> bool {
        self.diagnostics.len() >= MAX_FINDINGS
    }

    /// Says what is wrong, unless something was already said about the current token.
    fn report(&mut self, diagnostic: Diagnostic) {
        // The lexer has already told about characters that it does not know.
        let known = self.last_error == Some(self.position) || self.at(Unknown);
        if !known && !self.has_enough_findings() {
            self.diagnostics.push(diagnostic);
        }
        self.last_error = Some(self.position);
    }

    /// Whether the current token ends whatever is being read: a pipe, a semicolon, or a bracket that closes one
    /// that is open.
    fn at_end_of_part(&self) -> bool {
        match self.kind(0) {
            End | Pipe | Semicolon => true,
            RParen => self.open.parens > 0,
            RBracket => self.open.brackets > 0,
            RBrace => self.open.braces > 0,
            _ => false,
        }
    }

    /// Puts tokens into an error node up to the end of the part or a comma; brackets are skipped as a whole.
    fn skip_to_comma(&mut self) {
        self.skip_while(|parser| !parser.at_end_of_part() && !parser.at(Comma));
    }

    /// Puts tokens into an error node up to the end of the part.
    fn skip_part(&mut self) {
        self.skip_while(|parser| !parser.at_end_of_part());
    }

    fn skip_while(&mut self, goes_on: impl Fn(&Self) -> bool) {
        if goes_on(self) {
            self.start(Error);
            while goes_on(self) {
                self.skip_group();
            }
            self.finish();
        }
    }

    /// Puts a bracketed group of tokens into an error node.
    fn skip_one_group(&mut self) {
        self.start(Error);
        self.skip_group();
        self.finish();
    }

    /// Takes one token, or a bracketed group of tokens.
    fn skip_group(&mut self) {
        let mut depth = 0_u32;
        loop {
            match self.kind(0) {
                LParen | LBracket | LBrace => depth += 1,
                RParen | RBracket | RBrace => depth = depth.saturating_sub(1),
                End => return,
                // A semicolon inside parentheses belongs to the next statement; only braces may hold one.
                Semicolon if depth > 0 && self.open.braces == 0 => return,
                _ => {}
            }
            self.bump();
            if depth == 0 {
                return;
            }
        }
    }

    /// Reads something between brackets that the current token opens: one level deeper. Too deep, and it is
    /// skipped with a finding.
    fn nested(&mut self, inside: impl FnOnce(&mut Self)) {
        if self.nesting >= MAX_NESTING {
            self.error("too-deep", format!("Brackets nest deeper than {MAX_NESTING} levels here."));
            self.skip_one_group();
            return;
        }
        self.nesting += 1;
        let outer = mem::take(&mut self.height);
        inside(self);
        self.height = outer.max(self.height + 1);
        self.nesting -= 1;
    }

    /// Reads `( inside )`.
    fn parens(&mut self, inside: impl FnOnce(&mut Self)) {
        self.bump();
        self.open.parens += 1;
        inside(self);
        self.close(RParen, "`)`");
        self.open.parens -= 1;
        self.eat(RParen);
    }

    /// Reads `[ inside ]`.
    fn brackets(&mut self, inside: impl FnOnce(&mut Self)) {
        self.bump();
        self.open.brackets += 1;
        inside(self);
        self.close(RBracket, "`]`");
        self.open.brackets -= 1;
        self.eat(RBracket);
    }

    /// Skips what stands before a closing bracket, with a finding. The bracket itself is left.
    fn close(&mut self, kind: SyntaxKind, what: &str) {
        if self.at(kind) {
            return;
        }
        let hint = match self.kind(0) {
            Pipe if kind == RParen && !self.is_on_new_line() => {
                Some("A pipeline inside a call needs parentheses of its own.")
            }
            _ => None,
        };
        let mut diagnostic = Diagnostic::error("expected", self.gap(), format!("Expected {what} {}.", self.found()));
        diagnostic.hint = hint.map(String::from);
        self.report(diagnostic);
        if !matches!(self.kind(0), Pipe | Semicolon | End) {
            self.skip_part();
        }
    }

    /// Reads `item, item, …`. A comma must be followed by another item.
    fn comma_list(&mut self, item: impl FnMut(&mut Self)) {
        self.comma_list_with(Trailing::Forbidden, item);
    }

    fn comma_list_with(&mut self, trailing: Trailing, mut item: impl FnMut(&mut Self)) {
        loop {
            item(self);
            if !self.eat(Comma) {
                return;
            }
            while self.at(Comma) {
                let finding =
                    Diagnostic::error("missing-item", self.gap(), "Something is missing between these commas.");
                self.report(finding.with_fix("Remove this comma", self.here(), ""));
                self.bump();
            }
            if self.at_end_of_part() {
                if trailing == Trailing::Forbidden {
                    let comma = Span::new(self.end_of_last().saturating_sub(1), self.end_of_last());
                    let finding = Diagnostic::error("missing-item", comma, "Something is missing after this comma.");
                    self.report(finding.with_fix("Remove this comma", comma, ""));
                }
                return;
            }
        }
    }
}

/// Whether a comma may stand after the last item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trailing {
    Allowed,
    Forbidden,
}

fn raw(kind: SyntaxKind) -> rowan::SyntaxKind {
    rowan::SyntaxKind(kind as u16)
}

/// A token's text, short enough for a message.
fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
