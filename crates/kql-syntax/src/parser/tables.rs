//! Tables written in the query: `datatable`, `externaldata`, and schemas.

use super::names::NamePlace;
use super::primary::is_type_name;
use super::{Parser, Trailing};
use crate::Diagnostic;
use crate::SyntaxKind::*;

/// Whether `*` may stand for columns that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StarColumn {
    /// Nowhere.
    Forbidden,
    /// Instead of all columns: `(*)`.
    Alone,
    /// Before the columns: `(*, Name: type)`.
    First,
}

/// The types by the names that the documentation uses.
const TYPES: &[&str] = &["bool", "datetime", "decimal", "dynamic", "guid", "int", "long", "real", "string", "timespan"];

impl Parser<'_> {
    /// Reads `datatable (Name: type, …) [value, …]`.
    pub(super) fn data_table(&mut self) {
        self.start(DataTableExpr);
        self.bump_keyword();
        self.properties();
        self.column_list(StarColumn::Forbidden);
        self.values(Self::table_cell);
        self.finish();
    }

    /// Reads a cell of a `datatable`: a literal, with a sign at most.
    fn table_cell(&mut self) {
        let ahead = usize::from(matches!(self.kind(0), Plus | Minus));
        let literal = match self.kind(ahead) {
            Long | Real | TimeSpan => ahead == 0 || self.is_adjacent(1),
            Text | Bool | Typed | RawGuid => ahead == 0,
            Word => ahead == 0 && matches!(self.text_of(0), "dynamic" | "typeof") && self.kind(1) == LParen,
            _ => false,
        };
        if literal || self.at(Comma) {
            self.operand_only();
        } else {
            let finding = Diagnostic::error(
                "expected-literal",
                self.here(),
                format!("Expected a literal value {}.", self.found()),
            );
            self.report(
                finding.with_hint("A datatable holds literal values only; compute others with `extend` behind it."),
            );
            self.expr();
        }
    }

    /// Reads `externaldata (Name: type, …) [uri, …] with (property = value, …)`.
    pub(super) fn external_data(&mut self) {
        self.start(ExternalDataExpr);
        self.bump_keyword();
        self.properties();
        self.column_list(StarColumn::Forbidden);
        self.values(Self::expr);
        if self.at_word("with") {
            self.with_clause(|parser| parser.with_property(None));
        }
        self.finish();
    }

    /// Reads `[value, …]`; a comma may stand first and last.
    fn values(&mut self, value: impl Fn(&mut Self)) {
        self.start(ValueList);
        if self.at(LBracket) {
            self.nested(|parser| {
                parser.brackets(|parser| {
                    parser.eat(Comma);
                    if !parser.at(RBracket) {
                        parser.comma_list_with(Trailing::Allowed, |parser| value(parser));
                    }
                });
            });
        } else {
            self.error("expected", format!("Expected `[` {}.", self.found()));
        }
        self.finish();
    }

    /// Reads `(Name: type, …)`; a comma may stand first and last.
    pub(super) fn column_list(&mut self, star: StarColumn) {
        self.start(ColumnList);
        if self.at(LParen) {
            self.nested(|parser| {
                parser.parens(|parser| {
                    parser.eat(Comma);
                    if parser.at(Star) && star != StarColumn::Forbidden {
                        parser.star_column();
                        parser.eat(Comma);
                        if star == StarColumn::Alone {
                            return;
                        }
                    }
                    if !parser.at(RParen) {
                        parser.comma_list_with(Trailing::Allowed, Self::column_decl);
                    }
                });
            });
        } else {
            let finding = Diagnostic::error("expected", self.here(), format!("Expected `(` {}.", self.found()));
            self.report(finding.with_hint("A schema is written (Name: type, Name: type)."));
        }
        self.finish();
    }

    /// Reads `Name: type` or `*` inside `typeof(…)`.
    pub(super) fn column_decl_or_star(&mut self) {
        if self.at(Star) { self.star_column() } else { self.column_decl() }
    }

    /// Reads `*`: whatever other columns there are.
    fn star_column(&mut self) {
        self.start(ColumnDecl);
        self.node(Name, Self::bump);
        self.finish();
    }

    fn column_decl(&mut self) {
        self.start(ColumnDecl);
        self.name(NamePlace::Declared, "a column's name");
        if self.at(Colon) {
            self.bump();
            self.type_name();
        } else {
            let finding = Diagnostic::error("expected", self.here(), format!("Expected `:` {}.", self.found()));
            self.report(finding.with_hint("Each column is written Name: type."));
            self.skip_to_comma();
        }
        self.finish();
    }

    /// Reads the name of a scalar type.
    pub(super) fn type_name(&mut self) {
        if self.at(Word) {
            let word = self.text_of(0);
            if !is_type_name(word) {
                let finding = Diagnostic::error("unknown-type", self.here(), format!("`{word}` is not a type."));
                let finding = finding.with_nearest(word, TYPES, str::to_owned);
                self.report(match finding.hint {
                    Some(_) => finding,
                    None => finding.with_hint(
                        "Types are bool, datetime, decimal, dynamic, guid, int, long, real, string and timespan.",
                    ),
                });
            }
            self.node(Name, Self::bump);
        } else {
            self.error("expected-type", format!("Expected a type {}.", self.found()));
        }
    }

    /// Reads `with (property, property, …)`.
    pub(super) fn with_clause(&mut self, property: impl FnMut(&mut Self)) {
        self.start(WithClause);
        self.bump_keyword();
        if self.at(LParen) {
            self.nested(|parser| {
                parser.parens(|parser| {
                    parser.eat(Comma);
                    if !parser.at(RParen) {
                        parser.comma_list(property);
                    }
                });
            });
        } else {
            self.error("expected", format!("Expected `(` {}.", self.found()));
        }
        self.finish();
    }

    /// Reads `name = value`, where only some names may be known.
    pub(super) fn with_property(&mut self, known: Option<&[&str]>) {
        self.start(Property);
        match known {
            Some(known) if self.at(Word) => self.known_property("here", known),
            _ => {
                self.name(NamePlace::Declared, "a property's name");
            }
        }
        if self.expect(Equal, "`=`") {
            self.property_value();
        } else {
            self.skip_to_comma();
        }
        self.finish();
    }

    /// Reads the name of a property, which must be one of a few.
    pub(super) fn known_property(&mut self, of: &str, known: &[&str]) {
        let word = self.text_of(0);
        if !known.contains(&word) {
            let message = format!("`{word}` is not a property {of}.");
            let finding = Diagnostic::error("unknown-property", self.here(), message);
            let finding = finding.with_nearest(word, known, str::to_owned);
            self.report(match finding.hint {
                Some(_) => finding,
                None => finding.with_hint(format!("Known are {}.", known.join(", "))),
            });
        }
        self.node(Name, Self::bump_keyword);
    }
}
