//! Parts that several operators share: properties, named expressions, `by`, `with` and their kin.

use super::Parser;
use super::names::NamePlace;
use crate::Diagnostic;
use crate::SyntaxKind::{self, *};

/// Properties that may stand between an operator's keyword and what it works on.
const PROPERTIES: &[&str] = &[
    "__crossCluster",
    "__crossDB",
    "__id",
    "__isFuzzy",
    "__noWithSource",
    "__packedColumn",
    "__sourceColumnIndex",
    "bagexpansion",
    "bin_legacy",
    "cycles",
    "decodeblocks",
    "expandoutput",
    "flags",
    "force_remote",
    "isfuzzy",
    "kind",
    "with_itemindex",
    "with_match_id",
    "with_source",
    "with_step_name",
    "withsource",
    "datascope",
];

/// Properties that advise on how to run an operator.
const HINTS: &[&str] = &[
    "hint.concurrency",
    "hint.distribution",
    "hint.materialized",
    "hint.num_partitions",
    "hint.pass_filters",
    "hint.pass_filters_column",
    "hint.progressive_top",
    "hint.remote",
    "hint.shufflekey",
    "hint.spread",
    "hint.strategy",
];

impl Parser<'_> {
    /// Reads `kind=inner hint.strategy=shuffle …`.
    pub(super) fn properties(&mut self) {
        loop {
            let name = self.property_tokens();
            if name == 0 {
                return;
            }
            self.start(Property);
            if name > 1 {
                self.check_hint(name);
            }
            self.start(Name);
            for _ in 0..name {
                if self.at(Word) { self.bump_keyword() } else { self.bump() }
            }
            self.finish();
            self.expect(Equal, "`=`");
            self.property_value();
            self.finish();
        }
    }

    /// Says so when a hint's name is not known.
    fn check_hint(&mut self, tokens: usize) {
        let last = self.token(tokens - 1).map_or(self.here(), |token| token.span);
        let name = self.here().cover(last);
        let text = name.of(self.text);
        if !HINTS.contains(&text) {
            let finding = Diagnostic::error("unknown-property", name, format!("`{text}` is not a hint."));
            self.report(finding.with_nearest(text, HINTS, str::to_owned));
        }
    }

    /// How many tokens make a property's name here, given that `=` follows them; 0 when there is none.
    fn property_tokens(&self) -> usize {
        if self.kind(1) == Equal && PROPERTIES.contains(&self.word(0)) {
            return 1;
        }
        let mut tokens = 0;
        if self.at_word("hint") {
            while self.kind(tokens) == Word && self.kind(tokens + 1) == Dot {
                tokens += 2;
            }
            if tokens > 0 && self.kind(tokens) == Word && self.kind(tokens + 1) == Equal {
                return tokens + 1;
            }
        }
        0
    }

    pub(super) fn property_value(&mut self) {
        match self.kind(0) {
            // Words such as `inner` or `innerunique` stand for themselves.
            Word if self.kind(1) == LParen && matches!(self.word(0), "dynamic" | "typeof") => self.operand_only(),
            Word => self.node(NameExpr, Self::bump),
            Long | Real | TimeSpan | Bool | Typed | Text => self.operand_only(),
            Plus | Minus => self.operand_only(),
            LBracket if self.name_tokens(0) > 0 => self.operand_only(),
            _ => self.error("expected", format!("Expected a value {}.", self.found())),
        }
    }

    /// Reads an operand without operators around it.
    pub(super) fn operand_only(&mut self) {
        if matches!(self.kind(0), Plus | Minus) {
            self.start(UnaryExpr);
            self.bump();
            self.postfix();
            self.finish();
        } else {
            self.postfix();
        }
    }

    /// Reads `expr`, `Name = expr` or `(A, B) = expr`.
    pub(super) fn named_expr(&mut self) {
        self.start(NamedExpr);
        let name = self.name_tokens(0);
        let list = self.name_list_tokens();
        if name > 0 && self.kind(name) == Equal {
            self.name(NamePlace::Declared, "a name");
            self.bump();
        } else if self.at(Keyword) && self.kind(1) == Equal {
            let word = self.text_of(0);
            let finding = Diagnostic::error(
                "reserved-word",
                self.here(),
                format!("`{word}` is a word of the language and no name here."),
            );
            let name = format!("['{word}']");
            self.report(finding.with_hint(format!("Write {name} to use it as a name.")).written(&name));
            self.node(Name, Self::bump);
            self.bump();
        } else if let dashed @ 1.. = self.dashed_name_tokens() {
            let place = self.here().cover(self.token(dashed - 1).map_or(self.here(), |token| token.span));
            let name = format!("['{}']", place.of(self.text));
            let finding =
                Diagnostic::error("reserved-word", self.here(), "A name with a dash in it needs brackets.".to_owned());
            let title = format!("Write `{name}`");
            self.report(finding.with_hint(format!("Write {name}.")).with_fix(title, place, name));
            self.start(Error);
            self.bump_times(dashed);
            self.finish();
            self.bump();
        } else if list > 0 && self.kind(list) == Equal {
            self.start(NameList);
            self.bump();
            loop {
                self.name(NamePlace::Declared, "a name");
                if !self.eat(Comma) {
                    break;
                }
            }
            self.bump();
            self.finish();
            self.bump();
        }
        self.expr();
        self.finish();
    }

    /// How many tokens make `my-name` before an `=`, which is no name without brackets; 0 when there is none.
    fn dashed_name_tokens(&self) -> usize {
        let mut tokens = 0;
        if !self.at(Word) {
            return 0;
        }
        while matches!(self.kind(tokens), Word | Minus) && (tokens == 0 || self.is_adjacent(tokens)) {
            tokens += 1;
        }
        if tokens > 1 && self.kind(tokens) == Equal { tokens } else { 0 }
    }

    /// How many tokens make `(A, B)`; 0 when there is no such list.
    fn name_list_tokens(&self) -> usize {
        if !self.at(LParen) {
            return 0;
        }
        let mut ahead = 1;
        loop {
            let name = self.name_tokens(ahead);
            if name == 0 {
                return 0;
            }
            ahead += name;
            match self.kind(ahead) {
                Comma => ahead += 1,
                RParen => return ahead + 1,
                _ => return 0,
            }
        }
    }

    /// Reads a list of named expressions up to the end of the part.
    pub(super) fn named_list(&mut self) {
        self.start(ExprList);
        self.comma_list(Self::named_expr);
        self.finish();
    }

    /// Reads a list that may be missing altogether, as in `summarize by x`.
    pub(super) fn optional_named_list(&mut self, ends: &[&str]) {
        if !self.at_end_of_part() && !ends.contains(&self.word(0)) {
            self.named_list();
        }
    }

    /// Reads a clause that begins with a keyword.
    pub(super) fn clause(&mut self, kind: SyntaxKind, inside: impl FnOnce(&mut Self)) {
        self.start(kind);
        self.bump_keyword();
        inside(self);
        self.finish();
    }

    /// Reads a clause that must be there, or says that it is missing.
    pub(super) fn required_clause(&mut self, word: &str, kind: SyntaxKind, inside: impl FnOnce(&mut Self)) {
        if self.at_word(word) {
            self.clause(kind, inside);
        } else {
            self.error("expected", format!("Expected `{word}` {}.", self.found()));
        }
    }

    /// Reads a clause when its keyword stands here.
    pub(super) fn optional_clause(&mut self, word: &str, kind: SyntaxKind, inside: impl FnOnce(&mut Self)) {
        if self.at_word(word) {
            self.clause(kind, inside);
        }
    }

    /// Reads `expr asc nulls first` of a sort.
    pub(super) fn order_item(&mut self) {
        self.start(OrderItem);
        self.named_expr();
        if matches!(self.word(0), "asc" | "desc" | "granny-asc" | "granny-desc") {
            self.bump_keyword();
        } else if let word @ ("ascending" | "descending" | "ASC" | "DESC") = self.word(0) {
            let right = if word.to_ascii_lowercase().starts_with("asc") { "asc" } else { "desc" };
            let finding = Diagnostic::error("expected", self.here(), format!("`{word}` is not a direction of a sort."));
            self.report(finding.with_hint(format!("Write `{right}`.")).written(right));
            self.bump_keyword();
        }
        if self.eat_word("nulls") && !self.eat_word("first") {
            self.expect_word("last");
        }
        self.finish();
    }

    /// Reads `by key, key, …` of a sort.
    pub(super) fn order_list(&mut self) {
        self.start(ExprList);
        self.comma_list(Self::order_item);
        self.finish();
    }
}
