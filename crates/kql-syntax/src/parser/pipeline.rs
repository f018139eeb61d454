//! Pipelines: a source, operators, and the pipes between them, also forgotten ones.

use super::Parser;
use super::operator::is_operator_word;
use crate::SyntaxKind::*;
use crate::{Diagnostic, Span};

/// Operators whose keyword can also be a name, so that what follows decides.
const ALSO_NAMES: &[&str] = &[
    "consume",
    "count",
    "distinct",
    "evaluate",
    "extend",
    "facet",
    "filter",
    "fork",
    "getschema",
    "join",
    "limit",
    "lookup",
    "mvapply",
    "mvexpand",
    "order",
    "parse",
    "partition",
    "range",
    "reduce",
    "render",
    "scan",
    "serialize",
    "sort",
    "summarize",
    "take",
    "top",
];

/// Operators that make rows themselves.
const WITHOUT_SOURCE: &[&str] = &["evaluate", "find", "macro-expand", "print", "range", "search", "union"];

impl Parser<'_> {
    /// Whether an operator begins here, where also an expression could begin.
    pub(super) fn at_operator_start(&self) -> bool {
        let word = self.word(0);
        if !is_operator_word(word) {
            return false;
        }
        let next = self.word(1);
        match word {
            "evaluate" => self.name_tokens(1) > 0 || self.kind(2) == Equal,
            "facet" => next == "by",
            "partition" | "reduce" => next == "by" || self.kind(2) == Equal || next == "hint",
            "range" => self.name_tokens(1) > 0 && self.word(1 + self.name_tokens(1)) == "from",
            "render" => !next.is_empty() && self.operator_level(1).is_none(),
            _ => !ALSO_NAMES.contains(&word),
        }
    }

    /// Reads `source | operator | operator …`, or an expression without pipes.
    pub(super) fn pipeline(&mut self) {
        let checkpoint = self.checkpoint();
        if self.at_operator_start() {
            self.start_at(checkpoint, Pipeline);
            if !WITHOUT_SOURCE.contains(&self.word(0)) {
                let word = self.word(0);
                let message = format!("`{word}` works on rows, and none flow in here.");
                let finding = Diagnostic::error("missing-source", self.here(), message);
                self.report(finding.with_hint(format!("Write the name of a table and `|` before `{word}`.")));
            }
            self.operator();
        } else {
            if self.at(Pipe) {
                self.error("missing-source", "A table's name is missing before the first `|`.");
            } else {
                self.expr();
            }
            if !self.at_pipe_or_operator() {
                return;
            }
            self.start_at(checkpoint, Pipeline);
        }
        self.pipes();
        self.finish();
    }

    /// Reads the operators of a body such as that of `mv-apply`: the first one has no pipe before it.
    pub(super) fn body(&mut self) {
        self.start(Body);
        self.operator();
        self.pipes();
        self.finish();
    }

    fn pipes(&mut self) {
        while self.at_pipe_or_operator() {
            if !self.eat(Pipe) {
                let word = self.word(0);
                let finding =
                    Diagnostic::error("missing-pipe", self.here(), format!("`|` is missing before `{word}`."));
                let place = self.here();
                self.report(finding.with_fix("Write `|` before it", Span::new(place.start, place.start), "| "));
            } else if matches!(self.word(0), "print" | "range") {
                let word = self.word(0);
                let message = format!("`{word}` makes rows itself and cannot follow a pipe.");
                let finding = Diagnostic::error("misplaced-operator", self.here(), message);
                self.report(finding.with_hint("Put it at the beginning of a query, or use `extend`."));
            }
            self.operator();
        }
    }

    /// Whether an operator follows; after junk or a forgotten pipe it is found too, with a finding.
    fn at_pipe_or_operator(&mut self) -> bool {
        if self.at(Pipe) {
            return true;
        }
        if self.at_end_of_part() || self.at(Comma) && (self.open.parens > 0 || self.open.brackets > 0) {
            return false;
        }
        if self.is_forgotten_pipe() {
            return true;
        }
        if self.at_forgotten_semicolon() {
            let place = self.behind();
            self.missing_semicolon(place, "statement");
            return false;
        }
        self.unexpected();
        self.skip_part();
        self.at(Pipe)
    }

    /// Whether an operator stands here without its pipe.
    fn is_forgotten_pipe(&self) -> bool {
        let word = self.word(0);
        is_operator_word(word)
            && !matches!(word, "print" | "range" | "find")
            && !(ALSO_NAMES.contains(&word) && matches!(self.kind(1), Equal | LParen))
    }

    /// Whether a new statement begins here although no semicolon ended the last.
    fn at_forgotten_semicolon(&self) -> bool {
        let nested = self.open.parens > 0 || self.open.brackets > 0;
        let starts = matches!(self.word(0), "let" | "set" | "declare" | "print" | "range" | "find")
            || self.is_on_new_line() && matches!(self.kind(0), Word | LParen);
        !nested && starts && self.last_error != Some(self.position)
    }
}
