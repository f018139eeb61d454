//! Pipelines, and the operators of a pipeline by their keyword.

use super::Parser;
use super::names::NamePlace;
use super::primary::PathPlace;
use super::tables::StarColumn;
use crate::Diagnostic;
use crate::SyntaxKind::*;

/// Operators that can follow a pipe.
pub(super) const OPERATORS: &[&str] = &[
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

/// Properties of `parse-kv … with (…)`.
const PARSE_KV_PROPERTIES: &[&str] = &["pair_delimiter", "kv_delimiter", "regex", "quote", "escape", "greedy"];

/// Whether a word is the keyword of an operator.
pub(super) fn is_operator_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && OPERATORS.binary_search(&word).is_ok()
}

impl Parser<'_> {
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
            "find" => self.with_properties(Self::find_parts),
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
            self.tables_clause();
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

    /// Reads `[in (tables)] [where] predicate [project-smart | project Name: type, …, pack(*)]`.
    fn find_parts(&mut self) {
        let names_tables = self.at_word("in") && self.kind(1) == LParen;
        if names_tables {
            self.tables_clause();
        }
        if self.at_word("where") {
            self.bump_keyword();
        } else if names_tables {
            self.error("expected", format!("Expected `where` {}.", self.found()));
        }
        self.expr();
        if self.at_word("project-smart") {
            self.bump_keyword();
        } else {
            self.optional_clause("project", ProjectClause, |parser| parser.comma_list(Self::find_column));
        }
    }

    /// Reads `Name`, `Name: type`, `pack(*)` or `pack_all()`.
    fn find_column(&mut self) {
        let is_pack = match self.word(0) {
            "pack" => self.kind(1) == LParen && self.kind(2) == Star && self.kind(3) == RParen,
            "pack_all" => self.kind(1) == LParen && self.kind(2) == RParen,
            _ => false,
        };
        if is_pack {
            let tokens = if self.word(0) == "pack" { 4 } else { 3 };
            self.node(PackClause, |parser| parser.bump_times(tokens));
            return;
        }
        self.start(ColumnDecl);
        self.name(NamePlace::Used, "a column's name");
        if self.eat(Colon) {
            self.type_name();
        }
        self.finish();
    }

    /// Reads `in (tables)`.
    fn tables_clause(&mut self) {
        self.clause(InClause, |parser| {
            parser.nested(|parser| {
                parser.parens(|parser| parser.comma_list(Self::union_leg));
            });
        });
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(OPERATORS.is_sorted());
    }
}
