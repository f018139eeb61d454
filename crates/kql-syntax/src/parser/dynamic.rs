//! The value inside `dynamic(…)`: JSON with Kusto's literals.

use super::Parser;
use crate::SyntaxKind::*;
use crate::{Diagnostic, Span};

impl Parser<'_> {
    /// Reads `dynamic(value)`.
    pub(super) fn dynamic_literal(&mut self) {
        self.start(DynamicExpr);
        self.bump_keyword();
        self.nested(|parser| {
            parser.parens(|parser| {
                if parser.at(RParen) {
                    parser.error("expected-json", "A value is missing between these parentheses.");
                } else {
                    parser.dynamic_value();
                }
            });
        });
        self.finish();
    }

    fn dynamic_value(&mut self) {
        match self.kind(0) {
            Typed if self.text_of(0).starts_with("int") && !self.text_of(0).starts_with("int64") => {
                let finding =
                    Diagnostic::error("expected-json", self.here(), "An int cannot stand inside `dynamic(…)`.");
                self.report(finding.with_hint("Write the bare number."));
                self.dynamic_scalar();
            }
            Long | Real | TimeSpan | Bool | Typed | RawGuid | Text => self.dynamic_scalar(),
            Minus if matches!(self.kind(1), Long | Real) => self.dynamic_scalar(),
            Word if self.at_word("null") => self.node(DynamicNull, Self::bump_keyword),
            Word if self.at_word("dynamic") && self.kind(1) == LParen => self.dynamic_literal(),
            LBracket => {
                self.start(DynamicArray);
                self.nested(|parser| {
                    parser.brackets(|parser| {
                        if !parser.at(RBracket) {
                            parser.comma_list(Self::dynamic_item);
                        }
                    });
                });
                self.finish();
            }
            LBrace => {
                self.start(DynamicBag);
                self.nested(|parser| {
                    parser.braces(|parser| {
                        if !parser.at(RBrace) {
                            parser.comma_list(Self::dynamic_pair);
                        }
                    });
                });
                self.finish();
            }
            Word => {
                let finding = Diagnostic::error(
                    "expected-json",
                    self.here(),
                    format!("`{}` is no value that `dynamic(…)` can hold.", self.text_of(0)),
                );
                self.report(finding.with_hint(
                    "Only literal values may stand here; use pack_array(…) or bag_pack(…) for computed ones.",
                ));
                self.skip_to_comma();
            }
            _ => {
                self.error("expected-json", format!("Expected a literal value {}.", self.found()));
                self.skip_to_comma();
            }
        }
    }

    fn dynamic_scalar(&mut self) {
        self.start(DynamicScalar);
        self.eat(Minus);
        if self.at(Text) {
            while self.eat(Text) {}
        } else {
            self.bump();
        }
        self.finish();
    }

    /// An array's item. A missing comma is told between the two items.
    fn dynamic_item(&mut self) {
        self.dynamic_value();
        while matches!(self.kind(0), Long | Real | Text | TimeSpan | Bool | Typed | LBracket | LBrace) {
            let place = Span::new(self.end_of_last(), self.here().start);
            let finding = Diagnostic::error("missing-comma", place, "A comma is missing between these two items.");
            self.report(finding.with_fix("Write a comma here", Span::new(place.start, place.start), ","));
            self.dynamic_value();
        }
    }

    fn dynamic_pair(&mut self) {
        self.start(DynamicPair);
        if self.at(Text) {
            self.node(Name, Self::bump);
        } else if self.at(Word) && self.kind(1) == Colon {
            let word = self.text_of(0);
            let finding = Diagnostic::error("expected-json", self.here(), "A property's name needs quotes here.");
            let name = format!("\"{word}\"");
            self.report(finding.with_hint(format!("Write {name}: …")).written(&name));
            self.node(Name, Self::bump);
        } else {
            self.error("expected-json", format!("Expected a property's name in quotes {}.", self.found()));
        }
        if self.expect(Colon, "`:`") {
            self.dynamic_value();
        } else {
            self.skip_to_comma();
        }
        self.finish();
    }

    /// Reads `{ inside }`.
    pub(super) fn braces(&mut self, inside: impl FnOnce(&mut Self)) {
        self.bump();
        self.open.braces += 1;
        inside(self);
        self.close(RBrace, "`}`");
        self.open.braces -= 1;
        self.eat(RBrace);
    }
}
