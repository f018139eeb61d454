//! Tables written in the query: `datatable`, `externaldata`, and schemas.

use super::names::NamePlace;
use super::primary::is_type_name;
use super::{Parser, Trailing};
use crate::Diagnostic;
use crate::SyntaxKind::*;

impl Parser<'_> {
    /// Reads `datatable (Name: type, …) [value, …]`.
    pub(super) fn data_table(&mut self) {
        self.start(DataTableExpr);
        self.bump_keyword();
        self.properties();
        self.column_list();
        self.values(Self::expr);
        self.finish();
    }

    /// Reads `externaldata (Name: type, …) [uri, …] with (property = value, …)`.
    pub(super) fn external_data(&mut self) {
        self.start(ExternalDataExpr);
        self.bump_keyword();
        self.properties();
        self.column_list();
        self.values(Self::expr);
        if self.at_word("with") {
            self.with_clause();
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
    pub(super) fn column_list(&mut self) {
        self.start(ColumnList);
        if self.at(LParen) {
            self.nested(|parser| {
                parser.parens(|parser| {
                    parser.eat(Comma);
                    if !parser.at(RParen) {
                        parser.comma_list_with(Trailing::Allowed, Self::column_decl_or_star);
                    }
                });
            });
        } else {
            let finding = Diagnostic::error("expected", self.here(), format!("Expected `(` {}.", self.found()));
            self.report(finding.with_hint("A schema is written (Name: type, Name: type)."));
        }
        self.finish();
    }

    /// Reads `Name: type`, or `*` for "and whatever else there is".
    pub(super) fn column_decl_or_star(&mut self) {
        if self.at(Star) {
            self.start(ColumnDecl);
            self.node(Name, Self::bump);
            self.finish();
        } else {
            self.column_decl();
        }
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
                self.report(finding.with_hint(
                    "Types are bool, datetime, decimal, dynamic, guid, int, long, real, string and timespan.",
                ));
            }
            self.node(Name, Self::bump);
        } else {
            self.error("expected-type", format!("Expected a type {}.", self.found()));
        }
    }

    /// Reads `with (name = value, …)`.
    pub(super) fn with_clause(&mut self) {
        self.start(WithClause);
        self.bump_keyword();
        if self.at(LParen) {
            self.nested(|parser| {
                parser.parens(|parser| {
                    parser.eat(Comma);
                    if !parser.at(RParen) {
                        parser.comma_list(Self::with_property);
                    }
                });
            });
        } else {
            self.error("expected", format!("Expected `(` {}.", self.found()));
        }
        self.finish();
    }

    /// Reads `name = value`; `ycolumns = a, b` gives the name to the first value only.
    fn with_property(&mut self) {
        self.start(Property);
        if self.name_tokens(0) > 0 && self.kind(self.name_tokens(0)) == Equal {
            self.name(NamePlace::Declared, "a property's name");
            self.bump();
        }
        self.expr();
        self.finish();
    }
}
