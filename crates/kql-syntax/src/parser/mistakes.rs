//! What people write by mistake, and what they most likely meant.

use super::Parser;
use super::names::{NamePlace, is_reserved};
use super::operator::{OPERATORS, is_operator_word};
use crate::SyntaxKind::*;
use crate::suggest::nearest;
use crate::{Diagnostic, Span};

/// Words of other query languages, and what Kusto writes in their place before the same operands.
const FOREIGN: &[(&str, &str)] = &[
    ("select", "project"),
    ("stats", "summarize"),
    ("eval", "extend"),
    ("fields", "project"),
    ("table", "project"),
    ("head", "take"),
    ("having", "where"),
    ("dedup", "distinct"),
    ("orderby", "order by"),
    ("sortby", "sort by"),
];

/// Words of other query languages whose operands Kusto writes otherwise too.
const OTHERWISE: &[(&str, &str)] = &[
    ("rename", "project-rename"),
    ("group", "summarize … by"),
    ("groupby", "summarize … by"),
    ("from", "the table's name before the first pipe"),
    ("inner", "join kind=inner"),
    ("left", "join kind=leftouter"),
];

impl Parser<'_> {
    /// Says that something unexpected stands here.
    pub(super) fn unexpected(&mut self) {
        let text = super::shown(self.text_of(0));
        let before = self.position.checked_sub(1).map(|_| self.text_before());
        let finding = |message: &str| Diagnostic::error("unexpected", self.here(), message.to_owned());
        let diagnostic = match self.kind(0) {
            RParen => finding("This `)` closes no parenthesis."),
            RBracket => finding("This `]` closes no bracket."),
            RBrace => finding("This `}` closes no brace."),
            Comma => finding("A comma makes no sense here."),
            LBrace if before == Some(")") => finding("`{` makes no sense here.")
                .with_hint("The parameters of a function need types: (name: type, name: type) { … }."),
            Word if before.is_some_and(|word| word.eq_ignore_ascii_case("select")) => {
                finding(&format!("An operator or a pipe is missing before `{text}`."))
                    .with_hint("This looks like SQL; in KQL: Table | where Condition | project Column.")
            }
            _ if before == Some("not") => {
                finding(&format!("`not` needs parentheses before `{text}`.")).with_hint("Write `not(…)`.")
            }
            Word if text.eq_ignore_ascii_case("is") => finding("`is` is not an operator of the query language.")
                .with_hint("Write isnull(x), isnotnull(x), isempty(x) or isnotempty(x)."),
            Word | Text | Long | Real | TimeSpan | Bool | Typed => {
                finding(&format!("An operator or a pipe is missing before `{text}`."))
            }
            _ => finding(&format!("`{text}` makes no sense here.")),
        };
        self.report(diagnostic);
    }

    pub(super) fn text_before(&self) -> &str {
        let token = self.position.checked_sub(1).and_then(|at| self.significant.get(at));
        token.map_or("", |&i| self.tokens[i as usize].span.of(self.text))
    }

    /// Whether `project-aray` stands here: an operator's keyword, a dash and a word that touch and are nearly one
    /// operator.
    pub(super) fn is_mistyped_dash(&self) -> bool {
        if self.kind(1) != Minus || self.kind(2) != Word || !self.is_adjacent(1) || !self.is_adjacent(2) {
            return false;
        }
        if self.has_enough_findings() {
            return false;
        }
        let text = self.dashed_text();
        let begun = OPERATORS.iter().any(|operator| operator.contains('-') && text.starts_with(operator));
        begun || nearest(&text, OPERATORS).is_some_and(|near| near.contains('-'))
    }

    /// The text of a word, a dash and a word.
    fn dashed_text(&self) -> String {
        format!("{}-{}", self.text_of(0), self.text_of(2))
    }

    /// Says so when `kind inner` stands where `kind=inner` is meant.
    pub(super) fn kind_without_equals(&mut self) {
        let next = self.word(1);
        if self.at_word("kind") && !next.is_empty() && !matches!(next, "on" | "where") {
            let finding = Diagnostic::error("expected", self.here(), "`=` is missing after `kind`.");
            let right = format!("kind={next}");
            let place = self.here().cover(self.token(1).map_or(self.here(), |token| token.span));
            let title = format!("Write `{right}`");
            self.report(finding.with_hint(format!("{title}.")).with_fix(title, place, right));
            self.start(Error);
            self.bump();
            self.bump();
            self.finish();
        }
    }

    /// Skips a word after a pipe that is no operator, with what follows it.
    pub(super) fn unknown_operator(&mut self) {
        let mut place = self.here();
        let mut word = self.word(0).to_owned();
        if self.is_mistyped_dash() {
            word = self.dashed_text();
            place.end += self.text_of(1).len() as u32 + self.text_of(2).len() as u32;
        }
        let lower = word.to_ascii_lowercase();
        let finding = if word.is_empty() {
            let after = if self.at(Pipe) || self.at(End) { "after this `|`" } else { "here" };
            let bar = match self.text_before() {
                "|" => Span::new(self.end_of_last() - 1, self.end_of_last()),
                _ => place,
            };
            Diagnostic::error("expected-operator", bar, format!("An operator is missing {after}."))
                .with_hint("Operators are where, extend, project, summarize, sort, take and others.")
        } else {
            let finding = Diagnostic::error(
                "unknown-operator",
                place,
                format!("`{word}` is not an operator of the query language."),
            );
            let among =
                |words: &[(&str, &'static str)]| words.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
            match (among(FOREIGN), among(OTHERWISE)) {
                (Some(ours), _) => finding.with_hint(format!("Did you mean `{ours}`?")).written(ours),
                (_, Some(ours)) => finding.with_hint(format!("Did you mean `{ours}`?")),
                _ if self.has_enough_findings() => finding,
                _ => finding.with_nearest(&lower, OPERATORS, str::to_owned),
            }
        };
        self.report(finding);
        self.start(UnsupportedOperator);
        self.start(Error);
        while !self.at_end_of_part() {
            self.skip_group();
        }
        self.finish();
        self.finish();
    }

    /// Says that an operand is missing, with the most likely reason.
    pub(super) fn missing_operand(&mut self) {
        let word = self.word(0);
        let message = format!("A value or a name is missing {}.", self.found());
        let finding = Diagnostic::error("missing-expression", self.gap(), message);
        if is_reserved(word, NamePlace::Used) && !is_operator_word(word) {
            let (name, place) = (format!("['{word}']"), self.here());
            let finding = finding.with_hint(format!("Write {name} if you mean a column of that name."));
            self.report(finding.with_fix(format!("Write `{name}`"), place, name));
            return;
        }
        match self.kind(0) {
            LBracket => {
                self.report(finding.with_hint("An array is written dynamic([…])."));
                self.skip_one_group();
            }
            LBrace => {
                self.report(finding.with_hint("A property bag is written dynamic({…})."));
                self.skip_one_group();
            }
            _ => self.report(finding),
        }
    }
}
