//! Text to tokens. Every byte lands in exactly one token, whatever the text is.
//!
//! Which forms exist was asked of Microsoft's analyzer; `tests/analyzer.txt` holds the answers.

mod number;
mod string;
mod words;

use crate::SyntaxKind::{self, *};
use crate::edit::{quoted, spaced};
use crate::parse::MAX_FINDINGS;
use crate::{Diagnostic, Span};

pub(crate) use string::{string_form, unescape};

/// A token of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: SyntaxKind,
    /// Where it stands.
    pub(crate) span: Span,
}

/// Cuts a text into tokens and says what is wrong inside them.
pub(crate) fn lex(text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), pos: 0, only_trivia: true, diagnostics: Vec::new() };
    // A token is rarely shorter than four bytes together with its blank.
    let mut tokens = Vec::with_capacity(text.len() / 3);
    while lexer.pos < text.len() {
        let start = lexer.pos;
        let kind = lexer.token();
        debug_assert!(lexer.pos > start, "a token has at least one byte");
        lexer.only_trivia &= kind.is_trivia();
        tokens.push(Token { kind, span: span(start, lexer.pos) });
    }
    (tokens, lexer.diagnostics)
}

/// A span of two positions in a text that [`crate::parse()`] has found to be short enough.
fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    /// Whether nothing but blanks and comments was read so far.
    only_trivia: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Lexer<'_> {
    /// The byte at a distance from the current position; 0 past the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &str {
        &self.text[self.pos..]
    }

    fn error(&mut self, code: &str, start: usize, end: usize, message: String, hint: Option<&str>) {
        if self.diagnostics.len() >= MAX_FINDINGS {
            return;
        }
        let mut diagnostic = Diagnostic::error(code, span(start, end), message);
        diagnostic.hint = hint.map(String::from);
        self.diagnostics.push(diagnostic);
    }

    /// Adds a fix to the finding that was told last, which is about the same words.
    fn mend(&mut self, title: &str, start: usize, end: usize, insert: String) {
        let place = span(start, end);
        if let Some(last) = self.diagnostics.pop_if(|last| last.span == place) {
            self.diagnostics.push(last.with_fix(title, place, insert));
        }
    }

    /// Reads one token and moves past it.
    fn token(&mut self) -> SyntaxKind {
        match self.peek(0) {
            b' ' | b'\t' | b'\r' | b'\n' => self.whitespace(),
            b'/' if self.peek(1) == b'/' => self.comment(),
            // Client tools put directives such as `#connect` before a query; they are no part of it.
            b'#' if self.only_trivia => self.comment(),
            b'"' | b'\'' | b'`' | b'~' | b'@' => match string::string_form(self.rest()) {
                Some(form) => self.string(form),
                None => self.punctuation(),
            },
            b'0'..=b'9' => self.number(),
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'$' => self.word(),
            b'!' => self.bang(),
            _ => self.punctuation(),
        }
    }

    fn punctuation(&mut self) -> SyntaxKind {
        match punctuation(self.peek(0), self.peek(1)) {
            Some((kind, len)) => {
                self.pos += len;
                kind
            }
            None => self.unknown(),
        }
    }

    fn whitespace(&mut self) -> SyntaxKind {
        let rest = self.rest();
        self.pos += rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
        Whitespace
    }

    fn comment(&mut self) -> SyntaxKind {
        let rest = self.rest();
        let end = rest.find(LINE_BREAKS).unwrap_or(rest.len());
        // Unicode's own line breaks are no blanks elsewhere, so the comment takes them.
        let unicode = rest[end..].chars().next().filter(|c| !c.is_ascii());
        self.pos += end + unicode.map_or(0, char::len_utf8);
        Comment
    }

    /// `!=`, `!~`, `!has`…
    fn bang(&mut self) -> SyntaxKind {
        match self.peek(1) {
            b'=' => {
                self.pos += 2;
                NotEqual
            }
            b'~' => {
                self.pos += 2;
                NotTilde
            }
            _ => {
                if let Some(len) = words::negated_operator(self.rest()) {
                    self.pos += len;
                    return OperatorWord;
                }
                self.unknown()
            }
        }
    }

    /// A name, a keyword, a typed literal such as `datetime(…)`, or a string after `h`.
    fn word(&mut self) -> SyntaxKind {
        if matches!(self.peek(0), b'h' | b'H')
            && let Some(form) = string::string_form(self.rest())
        {
            return self.string(form);
        }
        if let Some(len) = number::raw_guid(self.rest()) {
            self.pos += len;
            return RawGuid;
        }
        let len = words::name_length(self.rest()).max(1);
        let word = &self.rest()[..len];
        if self.peek(len) == b'(' && words::is_typed_literal(word) {
            return self.typed(len);
        }
        if matches!(word, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") {
            self.pos += len;
            return Bool;
        }
        let (kind, len) = words::longer_word(self.rest(), len);
        self.pos += len;
        kind
    }

    /// `datetime(…)` and its kin: the text up to the parenthesis, on one line.
    fn typed(&mut self, word: usize) -> SyntaxKind {
        let start = self.pos;
        let inside = &self.text[start + word + 1..];
        match inside.find(|c| c == ')' || LINE_BREAKS.contains(&c)) {
            Some(at) if inside[at..].starts_with(')') => self.pos = start + word + 1 + at + 1,
            end => {
                self.pos = start + word + 1 + end.unwrap_or(inside.len());
                let name = self.text[start..start + word].to_owned();
                self.error(
                    "unclosed-literal",
                    start,
                    self.pos,
                    format!("The value that begins with `{name}(` has no closing `)` on its line."),
                    None,
                );
            }
        }
        Typed
    }

    /// The length of a text between typographic quotes at the current position, on one line.
    fn typographic_text(&self) -> Option<usize> {
        const QUOTES: [char; 5] = ['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}'];
        let rest = self.rest();
        let first = rest.chars().next().filter(|c| QUOTES.contains(c))?.len_utf8();
        let inside = &rest[first..];
        let end = inside.find(|c| QUOTES.contains(&c) || matches!(c, '\n' | '\r'))?;
        let close = inside[end..].chars().next().filter(|c| QUOTES.contains(c))?;
        Some(first + end + close.len_utf8())
    }

    /// A character outside the language, with its like-minded neighbours, so that a run gives one finding.
    fn unknown(&mut self) -> SyntaxKind {
        let start = self.pos;
        let Some(c) = self.rest().chars().next() else {
            return Unknown;
        };
        if is_blank(c) {
            return self.whitespace();
        }
        if let Some(len) = self.typographic_text() {
            self.pos += len;
            let hint = Some("Use the straight quotes \" or '.");
            let message = "These quotes are typographic and not part of the query language.".to_owned();
            let inside = self.text[start..self.pos].chars();
            let inside: String = inside.clone().skip(1).take(inside.count().saturating_sub(2)).collect();
            self.error("unknown-character", start, self.pos, message, hint);
            self.mend("Write straight quotes", start, self.pos, quoted(&inside, "\""));
            return Unknown;
        }
        self.pos += c.len_utf8();
        // `&&` is one mistake, not two.
        if self.rest().starts_with(c) && c == '&' {
            self.pos += 1;
        }
        while let Some(next) = self.rest().chars().next() {
            if next.is_ascii() || is_blank(next) {
                break;
            }
            self.pos += next.len_utf8();
        }
        let run = &self.text[start..self.pos];
        let (message, hint) = about_unknown(run);
        self.error("unknown-character", start, self.pos, message, hint);
        let place = span(start, self.pos);
        match run {
            "&" | "&&" => self.mend("Write `and`", start, self.pos, spaced(self.text, place, "and")),
            "\u{2013}" | "\u{2014}" | "\u{2212}" => self.mend("Write `-`", start, self.pos, "-".into()),
            _ => {}
        }
        Unknown
    }
}

/// Whether Kusto takes a character as a blank: not all that Unicode calls so, but the zero-width space and the byte
/// order mark too.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n' | '\x0c' | '\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'
            ..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

/// Where a comment or a typed literal ends at the latest.
const LINE_BREAKS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

fn about_unknown(run: &str) -> (String, Option<&'static str>) {
    let hint = match run.chars().next() {
        Some('&') => Some("Write `and` to demand both conditions."),
        Some('!') => Some("Write `not(…)` around the condition, or an operator such as `!=`, `!has` or `!in`."),
        Some('\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}') => {
            Some("This is a typographic quote; use the straight quotes \" or '.")
        }
        Some('\u{2013}' | '\u{2014}' | '\u{2212}') => Some("This is a typographic dash; use the minus sign -."),
        Some(c) if c.is_alphabetic() => Some("A name with other letters than A to Z is written ['name']."),
        _ => None,
    };
    (format!("`{}` is not part of the query language.", run.escape_debug()), hint)
}

fn punctuation(byte: u8, next: u8) -> Option<(SyntaxKind, usize)> {
    let two = |kind| Some((kind, 2));
    let one = |kind| Some((kind, 1));
    match (byte, next) {
        (b'.', b'.') => two(DotDot),
        (b'<', b'=') => two(LessOrEqual),
        (b'<', b'|') => two(LessBar),
        (b'<', b'>') => two(LessGreater),
        (b'>', b'=') => two(GreaterOrEqual),
        (b'=', b'=') => two(EqualEqual),
        (b'=', b'>') => two(Arrow),
        (b'=', b'~') => two(EqualTilde),
        (b'(', _) => one(LParen),
        (b')', _) => one(RParen),
        (b'[', _) => one(LBracket),
        (b']', _) => one(RBracket),
        (b'{', _) => one(LBrace),
        (b'}', _) => one(RBrace),
        (b'|', _) => one(Pipe),
        (b'.', _) => one(Dot),
        (b'+', _) => one(Plus),
        (b'-', _) => one(Minus),
        (b'*', _) => one(Star),
        (b'/', _) => one(Slash),
        (b'%', _) => one(Percent),
        (b'<', _) => one(Less),
        (b'>', _) => one(Greater),
        (b'=', _) => one(Equal),
        (b':', _) => one(Colon),
        (b';', _) => one(Semicolon),
        (b',', _) => one(Comma),
        (b'@', _) => one(At),
        (b'?', _) => one(Question),
        _ => None,
    }
}
