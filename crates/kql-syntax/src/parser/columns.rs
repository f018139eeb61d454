//! Operators on columns: the `project` family, and lists of column patterns.

use super::Parser;
use super::names::{NamePlace, is_reserved};
use crate::Diagnostic;
use crate::SyntaxKind::*;

impl Parser<'_> {
    /// How many tokens make a name with `*` in it at a distance; 0 when there is none. Its parts touch.
    pub(super) fn wildcard_tokens(&self, ahead: usize) -> usize {
        let mut tokens = 0;
        let mut stars = 0;
        loop {
            let kind = self.kind(ahead + tokens);
            let part = match kind {
                Word => !is_reserved(self.text_of(ahead + tokens), NamePlace::Declared),
                Star => true,
                Long => tokens > 0,
                _ => false,
            };
            if !part || tokens > 0 && !self.is_adjacent(ahead + tokens) {
                break;
            }
            stars += usize::from(kind == Star);
            tokens += 1;
        }
        if stars > 0 { tokens } else { 0 }
    }

    /// Reads a column's name, or a pattern of names with `*`.
    pub(super) fn column_pattern(&mut self) {
        self.start(ColumnPattern);
        let wildcard = self.wildcard_tokens(0);
        if wildcard > 0 {
            self.bump_times(wildcard);
        } else if self.name_tokens(0) > 0 {
            self.bump_name(NamePlace::Used);
        } else {
            self.error("expected-name", format!("Expected a column's name {}.", self.found()));
        }
        self.finish();
        self.only_a_name();
    }

    /// Says that an operator takes names only, when more follows.
    fn only_a_name(&mut self) {
        let goes_on = matches!(self.kind(0), Equal | Dot | LParen | LBracket) || self.operator_level(0).is_some();
        if goes_on && !self.at_end_of_part() {
            let finding = Diagnostic::error("expected-name", self.here(), "Only names of columns can stand here.");
            self.report(finding);
            self.skip_to_comma();
        }
    }

    pub(super) fn column_patterns(&mut self) {
        self.start(ExprList);
        self.comma_list(Self::column_pattern);
        self.finish();
    }

    /// Reads `name asc` of `project-reorder`.
    pub(super) fn reorder_item(&mut self) {
        self.start(OrderItem);
        self.column_pattern();
        if matches!(self.word(0), "asc" | "desc" | "granny-asc" | "granny-desc") {
            self.bump_keyword();
        }
        self.finish();
    }
}
