//! Operands: names, literals, calls, parentheses, and the dots and brackets after them.

use super::names::{NamePlace, is_reserved};
use super::{MAX_HEIGHT, Parser};
use crate::Diagnostic;
use crate::SyntaxKind::*;

/// Functions whose names cannot be names elsewhere.
const KEYWORD_FUNCTIONS: &[&str] = &["toscalar", "totable", "materialize"];

/// What a path may hold besides names and indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathPlace {
    /// Calls.
    Operand,
    /// Calls, and `*` in the last name: a leg of a union.
    Leg,
    /// No calls: a parenthesis behind the path is not the path's.
    Key,
}

impl Parser<'_> {
    /// Reads an operand and what hangs on it: `.member`, `.method(…)`, `[index]`.
    pub(super) fn postfix(&mut self) {
        self.postfix_with(PathPlace::Operand);
    }

    pub(super) fn postfix_with(&mut self, place: PathPlace) {
        let checkpoint = self.checkpoint();
        let before = self.position;
        let outer = std::mem::take(&mut self.height);
        if place == PathPlace::Key && self.name_tokens(0) > 0 {
            self.node(NameExpr, |parser| parser.bump_name(NamePlace::Used));
        } else {
            self.primary();
        }
        if self.position > before && matches!(self.kind(0), Dot | LBracket) {
            self.start_at(checkpoint, PathExpr);
            while matches!(self.kind(0), Dot | LBracket) {
                if self.at(Dot) {
                    self.member(place);
                } else {
                    self.node(IndexPart, |parser| {
                        parser.nested(|parser| parser.brackets(Self::expr));
                    });
                }
                self.height += 1;
                if self.height > MAX_HEIGHT && matches!(self.kind(0), Dot | LBracket) {
                    self.error("too-deep", "This path has too many parts.");
                    self.skip_to_comma();
                }
            }
            self.finish();
        }
        self.height = outer.max(self.height);
    }

    /// Reads `.member`, `.['member']`, `.method(…)` or, in a union's leg, `.*`.
    fn member(&mut self, place: PathPlace) {
        let checkpoint = self.checkpoint();
        self.bump();
        let call = self.at(Word) && self.kind(1) == LParen && place != PathPlace::Key;
        let wildcard = if place == PathPlace::Leg { self.wildcard_tokens(0) } else { 0 };
        if wildcard > 0 {
            self.start_at(checkpoint, MemberPart);
            self.node(WildcardExpr, |parser| parser.bump_times(wildcard));
            self.finish();
        } else if call {
            self.start_at(checkpoint, CallPart);
            self.node(Name, Self::bump);
            self.arguments(false);
            self.finish();
        } else if self.name_tokens(0) > 0 || self.at(Keyword) {
            self.start_at(checkpoint, MemberPart);
            self.node(
                Name,
                |parser| {
                    if parser.at(Keyword) { parser.bump() } else { parser.bump_name(NamePlace::Used) }
                },
            );
            self.finish();
        } else if self.at(LBracket) {
            // `a.[b]` looks up a computed name, as `a[b]` does.
            self.start_at(checkpoint, IndexPart);
            self.nested(|parser| parser.brackets(Self::expr));
            self.finish();
        } else {
            self.start_at(checkpoint, MemberPart);
            self.error("expected-name", format!("Expected a name after the dot {}.", self.found()));
            self.finish();
        }
    }

    pub(super) fn bump_times(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    fn primary(&mut self) {
        match self.kind(0) {
            Long | Real | TimeSpan | Bool | Typed => self.node(LiteralExpr, Self::bump),
            RawGuid => {
                let finding = Diagnostic::error("bare-guid", self.here(), "A GUID needs `guid(…)` around it.");
                let place = self.here();
                self.report(finding.wrapped(place, "guid"));
                self.node(LiteralExpr, Self::bump);
            }
            Text => self.string_literal(),
            LParen => self.parenthesised(),
            LBracket if self.name_tokens(0) > 0 => {
                self.node(NameExpr, |parser| parser.bump_name(NamePlace::Used));
            }
            Word => self.word_operand(),
            Unknown => {
                self.start(Error);
                self.bump();
                self.finish();
            }
            _ => self.missing_operand(),
        }
    }

    /// Reads `(expression or pipeline)`.
    pub(super) fn parenthesised(&mut self) {
        self.start(ParenExpr);
        self.nested(|parser| parser.parens(Self::pipeline));
        self.finish();
    }

    /// Reads a string literal; neighbours are one literal.
    pub(super) fn string_literal(&mut self) {
        self.start(LiteralExpr);
        while self.eat(Text) {}
        self.finish();
    }

    /// Reads an operand that begins with a word.
    fn word_operand(&mut self) {
        let word = self.text_of(0);
        let call = self.kind(1) == LParen;
        match word {
            "dynamic" if call => self.dynamic_literal(),
            "typeof" if call => self.type_of(),
            "datatable" => self.data_table(),
            "externaldata" | "external_data" => self.external_data(),
            "toscalar" | "totable" if call || self.kind(2) == Equal => self.tabular_call(),
            _ if call && !is_reserved(word, NamePlace::Used) && !is_reserved(word, NamePlace::Declared) => {
                self.call(false)
            }
            _ if self.is_reserved_name_here(word) => self.node(NameExpr, |parser| parser.bump_name(NamePlace::Used)),
            _ if is_reserved(word, NamePlace::Used) => self.reserved_operand(word, call),
            _ => self.node(NameExpr, Self::bump),
        }
    }

    /// Whether a reserved word is followed by something that only a name is followed by, so that it was meant as
    /// one.
    fn is_reserved_name_here(&self, word: &str) -> bool {
        is_reserved(word, NamePlace::Used)
            && !matches!(word, "and" | "or")
            && (matches!(self.kind(1), RParen | RBracket | RBrace | Dot | Comma | Pipe | End | Semicolon)
                || self.operator_level(1).is_some_and(|_| !matches!(self.kind(1), Plus | Minus)))
    }

    fn reserved_operand(&mut self, word: &str, call: bool) {
        if call && KEYWORD_FUNCTIONS.contains(&word) {
            let message = format!("`{word}` can only stand right after the `=` of a `let`.");
            self.report(Diagnostic::error("misplaced-materialize", self.here(), message));
            self.call(true);
        } else if call && is_type_name(word) {
            // `datetime (…)` with a blank, or a type without a literal form.
            let finding =
                Diagnostic::error("not-a-function", self.here(), format!("`{word}` is a type and not a function."));
            self.report(if self.is_adjacent(1) {
                finding.with_hint("A conversion is written with `to`, such as `tostring(…)` or `tolong(…)`.")
            } else {
                finding.with_hint(format!("Write `{word}(…)` without a blank for a literal value."))
            });
            self.call(false);
        } else {
            self.missing_operand();
        }
    }

    /// Reads `name(arguments)`.
    pub(super) fn call(&mut self, tabular: bool) {
        self.start(CallExpr);
        self.node(Name, Self::bump);
        self.arguments(tabular);
        self.finish();
    }

    /// Reads `toscalar(T | …)`; `toscalar kind=nooptimization (…)` means the same.
    pub(super) fn tabular_call(&mut self) {
        self.start(CallExpr);
        self.node(Name, Self::bump);
        self.properties();
        if self.at(LParen) {
            self.arguments(true);
        } else {
            self.error("expected", format!("Expected `(` {}.", self.found()));
        }
        self.finish();
    }

    /// Reads `(argument, argument, …)`.
    fn arguments(&mut self, tabular: bool) {
        self.start(ArgumentList);
        self.nested(|parser| {
            parser.parens(|parser| {
                if tabular {
                    parser.node(Argument, Self::pipeline);
                } else if parser.at(RParen) {
                    // `f()` has no arguments.
                } else {
                    parser.comma_list(Self::argument);
                }
            });
        });
        self.finish();
    }

    fn argument(&mut self) {
        self.start(Argument);
        if self.at(Star) && matches!(self.kind(1), Comma | RParen) {
            self.node(StarExpr, Self::bump);
        } else {
            let name = self.name_tokens(0);
            if name > 0 && self.kind(name) == Equal {
                self.name(NamePlace::Declared, "a name");
                self.bump();
            }
            self.expr();
        }
        self.finish();
    }

    /// Reads `typeof(type)`.
    pub(super) fn type_of(&mut self) {
        self.start(TypeOfExpr);
        self.bump_keyword();
        self.nested(|parser| {
            parser.parens(|parser| {
                if parser.at(Word) && parser.kind(1) != Colon {
                    if is_type_name(parser.text_of(0)) {
                        parser.node(Name, Self::bump);
                    } else {
                        parser.name(NamePlace::Used, "a type");
                    }
                } else if parser.at(Star) || parser.name_tokens(0) > 0 {
                    parser.comma_list(Self::column_decl_or_star);
                } else {
                    parser.error("expected-type", format!("Expected a type {}.", parser.found()));
                }
            });
        });
        self.finish();
    }
}

/// Whether a word names a type.
pub(super) fn is_type_name(word: &str) -> bool {
    matches!(
        word,
        "bool"
            | "boolean"
            | "date"
            | "datetime"
            | "decimal"
            | "double"
            | "dynamic"
            | "float"
            | "guid"
            | "int"
            | "int8"
            | "int16"
            | "int32"
            | "int64"
            | "long"
            | "real"
            | "string"
            | "time"
            | "timespan"
            | "uint"
            | "uint8"
            | "uint16"
            | "uint32"
            | "uint64"
            | "ulong"
            | "uniqueid"
    )
}
