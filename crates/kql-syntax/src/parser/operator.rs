//! Pipelines, and the operators of a pipeline by their keyword.

use super::Parser;
use super::names::NamePlace;
use super::primary::PathPlace;
use super::tables::StarColumn;
use crate::SyntaxKind::*;
use crate::suggest::nearest;
use crate::{Diagnostic, Span};

/// Operators that can follow a pipe.
const OPERATORS: &[&str] = &[
    "__executeAndCache",
    "__partitionby",
    "as",
    "assert-schema",
    "consume",
    "count",
    "distinct",
    "evaluate",
    "extend",
    "facet",
    "filter",
    "find",
    "fork",
    "getschema",
    "graph-mark-components",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "invoke",
    "join",
    "limit",
    "lookup",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mv-expand",
    "mvapply",
    "mvexpand",
    "order",
    "parse",
    "parse-kv",
    "parse-where",
    "partition",
    "print",
    "project",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "range",
    "reduce",
    "render",
    "sample",
    "sample-distinct",
    "scan",
    "search",
    "serialize",
    "sort",
    "summarize",
    "take",
    "top",
    "top-hitters",
    "top-nested",
    "union",
    "where",
];

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

/// Words of other query languages, and what Kusto writes instead.
const FOREIGN: &[(&str, &str)] = &[
    ("select", "project"),
    ("stats", "summarize"),
    ("eval", "extend"),
    ("fields", "project"),
    ("table", "project"),
    ("rename", "project-rename"),
    ("head", "take"),
    ("group", "summarize … by"),
    ("groupby", "summarize … by"),
    ("having", "where"),
    ("from", "the table's name before the first pipe"),
    ("dedup", "distinct"),
    ("inner", "join kind=inner"),
    ("left", "join kind=leftouter"),
    ("orderby", "order by"),
    ("sortby", "sort by"),
];

/// Properties of `render … with (…)`.
const RENDER_PROPERTIES: &[&str] = &[
    "accumulate",
    "anomalycolumns",
    "kind",
    "legend",
    "series",
    "title",
    "xaxis",
    "xcolumn",
    "xmax",
    "xmin",
    "xtitle",
    "yaxis",
    "ycolumns",
    "ymax",
    "ymin",
    "ysplit",
    "ytitle",
];

/// Properties of `parse-kv … with (…)`.
const PARSE_KV_PROPERTIES: &[&str] = &["pair_delimiter", "kv_delimiter", "regex", "quote", "escape", "greedy"];

/// Whether a word is the keyword of an operator.
pub(super) fn is_operator_word(word: &str) -> bool {
    OPERATORS.binary_search(&word).is_ok()
}

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
                self.report(finding);
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
            self.report(Diagnostic::error("missing-semicolon", place, "`;` is missing at the end of this statement."));
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

    /// Says that something unexpected stands here.
    fn unexpected(&mut self) {
        let text = super::shown(self.text_of(0));
        let before = self.position.checked_sub(1).map(|_| self.text_before());
        let finding = |message: &str| Diagnostic::error("unexpected", self.here(), message.to_owned());
        let diagnostic = match self.kind(0) {
            RParen => finding("This `)` closes no parenthesis."),
            RBracket => finding("This `]` closes no bracket."),
            RBrace => finding("This `}` closes no brace."),
            Comma => finding("A comma makes no sense here."),
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

    fn text_before(&self) -> &str {
        let token = self.position.checked_sub(1).and_then(|at| self.significant.get(at));
        token.map_or("", |&i| self.tokens[i as usize].span.of(self.text))
    }

    /// Reads one operator.
    pub(super) fn operator(&mut self) {
        let word = self.word(0);
        if !is_operator_word(word) || self.is_mistyped_dash() {
            self.unknown_operator();
            return;
        }
        let checkpoint = self.checkpoint();
        self.bump_keyword();
        let known = self.operator_parts(word);
        if !known {
            self.skip_unsupported();
        }
        self.start_at(checkpoint, if known { Operator } else { UnsupportedOperator });
        self.finish();
    }

    /// Whether `project-aray` stands here: an operator's keyword, a dash and a word that touch and are nearly one
    /// operator.
    fn is_mistyped_dash(&self) -> bool {
        if self.kind(1) != Minus || self.kind(2) != Word || !self.is_adjacent(1) || !self.is_adjacent(2) {
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

    /// Reads what follows an operator's keyword; false when the operator has no shape here.
    fn operator_parts(&mut self, word: &str) -> bool {
        match word {
            "where" | "filter" | "take" | "limit" | "sample" => self.with_properties(Self::expr),
            "extend" | "print" => self.named_list(),
            "project" | "project-rename" => self.optional_named_list(&[]),
            "serialize" => self.with_properties(|parser| parser.optional_named_list(&[])),
            "project-away" | "project-keep" => {
                if !self.at_end_of_part() {
                    self.column_patterns();
                }
            }
            "project-reorder" => {
                if !self.at_end_of_part() {
                    self.start(ExprList);
                    self.comma_list(Self::reorder_item);
                    self.finish();
                }
            }
            "sort" | "order" => self.with_properties(|parser| {
                parser.required_clause("by", ByClause, Self::order_list);
            }),
            "top" => self.with_properties(|parser| {
                parser.expr();
                parser.required_clause("by", ByClause, |parser| {
                    parser.start(ExprList);
                    parser.order_item();
                    parser.finish();
                });
                if parser.at(Comma) && !parser.at_end_of_part() {
                    parser.one_key_only();
                }
            }),
            "count" => self.optional_clause("as", DefaultClause, |parser| {
                parser.name(NamePlace::Declared, "a name");
            }),
            "distinct" => self.with_properties(|parser| {
                parser.start(ExprList);
                parser.comma_list(Self::distinct_item);
                parser.finish();
            }),
            "summarize" => self.with_properties(|parser| {
                parser.optional_named_list(&["by"]);
                parser.optional_clause("by", ByClause, Self::named_list);
            }),
            "union" => self.with_properties(|parser| {
                parser.start(ExprList);
                parser.comma_list(Self::union_leg);
                parser.finish();
            }),
            "join" | "lookup" => self.with_properties(|parser| {
                parser.kind_without_equals();
                parser.expr();
                if word == "lookup" || parser.at_word("on") {
                    parser.required_clause("on", OnClause, |parser| parser.comma_list(Self::expr));
                } else {
                    parser.optional_clause("where", OnClause, Self::expr);
                }
            }),
            "range" => {
                self.name(NamePlace::Declared, "a column's name");
                self.required_clause("from", FromClause, Self::expr);
                self.required_clause("to", ToClause, Self::expr);
                self.required_clause("step", StepClause, Self::expr);
            }
            "mv-expand" | "mvexpand" => self.with_properties(|parser| {
                parser.mv_items(&["limit"]);
                parser.optional_clause("limit", LimitClause, Self::expr);
            }),
            "mv-apply" | "mvapply" => self.with_properties(|parser| {
                parser.mv_items(&["limit", "on", "id"]);
                parser.optional_clause("limit", LimitClause, Self::expr);
                parser.optional_clause("id", IdClause, Self::expr);
                parser.required_clause("on", OnClause, Self::parenthesised_body);
            }),
            "parse" | "parse-where" => self.with_properties(|parser| {
                parser.expr();
                parser.required_clause("with", WithClause, Self::parse_pattern);
            }),
            "parse-kv" => {
                self.expr();
                self.required_clause("as", SchemaClause, |parser| {
                    parser.column_list(StarColumn::Forbidden);
                });
                if self.at_word("with") {
                    self.with_clause(|parser| parser.with_property(Some(PARSE_KV_PROPERTIES)));
                }
            }
            "search" => self.with_properties(Self::search_parts),
            "top-nested" => self.top_nested(),
            "top-hitters" => {
                self.named_expr();
                self.required_clause("of", OfClause, Self::named_expr);
                self.optional_clause("by", ByClause, Self::named_expr);
            }
            "sample-distinct" => self.with_properties(|parser| {
                parser.expr();
                parser.required_clause("of", OfClause, Self::expr);
            }),
            "make-series" => self.with_properties(Self::make_series),
            "render" => self.render(),
            "evaluate" => self.with_properties(Self::evaluate),
            "invoke" => self.plugin_call("a function"),
            "as" => self.with_properties(|parser| {
                parser.name(NamePlace::Declared, "a name");
            }),
            "consume" | "getschema" => self.properties(),
            "partition" => self.with_properties(Self::partition),
            "scan" => self.with_properties(Self::scan),
            _ => return false,
        }
        true
    }

    fn with_properties(&mut self, rest: impl FnOnce(&mut Self)) {
        self.properties();
        rest(self);
    }

    /// Says so when `kind inner` stands where `kind=inner` is meant.
    fn kind_without_equals(&mut self) {
        let next = self.word(1);
        if self.at_word("kind") && !next.is_empty() && !matches!(next, "on" | "where") {
            let finding = Diagnostic::error("expected", self.here(), "`=` is missing after `kind`.");
            self.report(finding.with_hint(format!("Write `kind={next}`.")));
            self.start(Error);
            self.bump();
            self.bump();
            self.finish();
        }
    }

    /// Says that `top` takes one key.
    fn one_key_only(&mut self) {
        let finding = Diagnostic::error("unexpected", self.here(), "`top` takes one key only.");
        self.report(finding.with_hint("Write `| sort by a, b | take N` to order by several."));
        self.skip_part();
    }

    /// Skips what follows the keyword of an operator that has no shape here, up to the next pipe.
    fn skip_unsupported(&mut self) {
        self.start(Error);
        while !self.at_end_of_part() {
            self.skip_group();
        }
        self.finish();
    }

    fn unknown_operator(&mut self) {
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
            let foreign = FOREIGN.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
            match foreign.or_else(|| nearest(&lower, OPERATORS)) {
                Some(ours) => finding.with_hint(format!("Did you mean `{ours}`?")),
                None => finding,
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

    fn distinct_item(&mut self) {
        if self.at(Star) {
            self.start(NamedExpr);
            self.node(StarExpr, Self::bump);
            self.finish();
        } else {
            self.named_expr();
        }
    }

    /// Reads a leg of `union` or a table of `search in (…)`: a name, a pattern, a call or parentheses.
    pub(super) fn union_leg(&mut self) {
        let wildcard = self.wildcard_tokens(0);
        if wildcard > 0 {
            self.node(WildcardExpr, |parser| parser.bump_times(wildcard));
            return;
        }
        match self.kind(0) {
            Word => self.postfix_with(PathPlace::Leg),
            LBracket if self.name_tokens(0) > 0 => self.postfix_with(PathPlace::Leg),
            LParen => self.parenthesised(),
            _ => {
                let message = format!("Expected the name of a table {}.", self.found());
                let finding = Diagnostic::error("expected-table", self.here(), message);
                self.report(finding.with_hint("A table with odd characters in its name is written ['name']."));
                self.skip_to_comma();
            }
        }
    }

    /// Reads `[in (tables)] predicate`.
    fn search_parts(&mut self) {
        if self.at_word("in") && self.kind(1) == LParen {
            self.clause(InClause, |parser| {
                parser.nested(|parser| {
                    parser.parens(|parser| parser.comma_list(Self::union_leg));
                });
            });
        }
        if self.at(Star) && self.operator_level(1).is_none_or(|level| level <= super::expression::Level::And) {
            let checkpoint = self.checkpoint();
            self.node(StarExpr, Self::bump);
            if self.at_word("and") {
                self.start_at(checkpoint, AndExpr);
                self.bump_keyword();
                self.expr();
                self.finish();
            }
        } else {
            self.expr();
        }
    }

    /// Reads `plugin(arguments) [: (schema)]`.
    fn evaluate(&mut self) {
        self.plugin_call("a plugin");
        if self.at(Colon) {
            self.start(SchemaClause);
            self.bump();
            self.column_list(StarColumn::First);
            self.finish();
        }
    }

    fn plugin_call(&mut self, what: &str) {
        if self.name_tokens(0) == 1 && self.kind(1) == LParen {
            self.postfix();
        } else {
            self.error("expected", format!("Expected {what} and its arguments {}.", self.found()));
            self.skip_part();
        }
    }

    /// Reads `(operators)`.
    pub(super) fn parenthesised_body(&mut self) {
        if self.at(LParen) {
            self.nested(|parser| parser.parens(Self::body));
        } else {
            self.error("expected", format!("Expected `(` {}.", self.found()));
        }
    }

    /// Reads `chart with (…)`; older queries put properties right after the chart.
    fn render(&mut self) {
        if self.at(Word) {
            self.node(Name, Self::bump);
        } else if self.at(Long) && self.is_adjacent_word(1) {
            // `3Dchart`.
            self.node(Name, |parser| parser.bump_times(2));
        } else {
            self.error("expected-name", format!("Expected a chart such as `timechart` {}.", self.found()));
        }
        loop {
            match self.word(0) {
                "kind" | "title" | "accumulate" if self.kind(1) == Equal => {
                    self.start(Property);
                    self.node(Name, Self::bump_keyword);
                    self.bump();
                    self.property_value();
                    self.finish();
                }
                "by" => self.node(Property, |parser| {
                    parser.node(Name, Self::bump_keyword);
                    parser.comma_list(|parser| {
                        if parser.name_tokens(0) > 0 {
                            parser.node(NameExpr, |parser| parser.bump_name(NamePlace::Declared));
                        } else {
                            parser.error("expected-name", format!("Expected a column's name {}.", parser.found()));
                        }
                    });
                }),
                "with" => {
                    let mut takes_several = false;
                    self.with_clause(|parser| takes_several = parser.render_property(takes_several));
                    return;
                }
                _ => return,
            }
        }
    }

    /// Reads `title = "…"`, or a further value of the property before; says whether more values may follow.
    fn render_property(&mut self, goes_on: bool) -> bool {
        let mut takes_several = goes_on;
        self.start(Property);
        if self.at(Word) && self.kind(1) == Equal {
            takes_several = matches!(self.text_of(0), "anomalycolumns" | "series" | "ycolumns");
            self.known_property("of a chart", RENDER_PROPERTIES);
            self.bump();
        } else if !goes_on {
            self.error("expected-name", format!("Expected a property such as `title =` {}.", self.found()));
        }
        self.property_value();
        self.finish();
        takes_several
    }

    fn is_adjacent_word(&self, ahead: usize) -> bool {
        self.kind(ahead) == Word && self.is_adjacent(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(OPERATORS.is_sorted());
    }
}
