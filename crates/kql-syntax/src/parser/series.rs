//! Operators with many clauses: `make-series`, `mv-expand`, `parse`, `top-nested`, `partition`, `scan`.

use super::Parser;
use super::names::NamePlace;
use super::primary::PathPlace;
use crate::SyntaxKind::*;

impl Parser<'_> {
    /// Reads `aggregates on axis from a to b step c by x`, or `… in range(a, b, c) by x`.
    pub(super) fn make_series(&mut self) {
        self.start(ExprList);
        self.comma_list(|parser| {
            parser.start(SeriesAggregate);
            parser.named_expr();
            parser.optional_clause("default", DefaultClause, |parser| {
                parser.expect(Equal, "`=`");
                parser.expr();
            });
            parser.finish();
        });
        self.finish();
        self.required_clause("on", OnClause, Self::named_expr);
        if self.at_word("in") {
            self.clause(RangeClause, |parser| {
                parser.expect_word("range");
                if parser.at(LParen) {
                    parser.nested(|parser| parser.parens(|parser| parser.comma_list(Self::expr)));
                } else {
                    parser.error("expected", format!("Expected `(` {}.", parser.found()));
                }
            });
        } else {
            self.optional_clause("from", FromClause, Self::expr);
            self.optional_clause("to", ToClause, Self::expr);
            self.required_clause("step", StepClause, Self::expr);
        }
        self.optional_clause("by", ByClause, Self::named_list);
    }

    /// Reads the columns of `mv-expand` or `mv-apply`.
    pub(super) fn mv_items(&mut self, ends: &[&str]) {
        self.start(ExprList);
        self.comma_list(|parser| {
            parser.start(MvItem);
            let only_type = parser.at_word("to") && parser.word(1) == "typeof";
            let ended = ends.contains(&parser.word(0)) && !matches!(parser.kind(1), Comma | Equal);
            if only_type || ended || parser.at_end_of_part() {
                parser.missing_operand();
            } else {
                parser.named_expr();
            }
            parser.optional_clause("to", TypeOfClause, |parser| {
                if parser.at_word("typeof") && parser.kind(1) == LParen {
                    parser.type_of();
                } else {
                    parser.error("expected", format!("Expected `typeof(…)` {}.", parser.found()));
                }
            });
            parser.finish();
        });
        self.finish();
    }

    /// Reads `* "text" Column: type …` of `parse`.
    pub(super) fn parse_pattern(&mut self) {
        self.start(ParsePattern);
        let mut parts = 0;
        loop {
            match self.kind(0) {
                Star => self.node(StarExpr, Self::bump),
                Text => self.string_literal(),
                _ if self.name_tokens(0) > 0 => {
                    self.start(ColumnDecl);
                    self.name(NamePlace::Declared, "a column's name");
                    if self.eat(Colon) {
                        self.type_name();
                    }
                    self.finish();
                }
                _ => break,
            }
            parts += 1;
            // A forgotten pipe would otherwise be read as a column.
            if self.is_on_new_line() && super::operator::is_operator_word(self.word(0)) {
                break;
            }
        }
        if parts == 0 {
            self.error("missing-expression", format!("A pattern is missing {}.", self.found()));
        }
        self.finish();
    }

    /// Reads `N of x [with others = y] by aggregate, top-nested …`; the first keyword is already read.
    pub(super) fn top_nested(&mut self) {
        self.top_nested_level();
        while self.at(Comma) {
            self.bump();
            if !self.eat_word("top-nested") {
                self.error("expected", format!("Expected `top-nested` {}.", self.found()));
                self.skip_part();
                return;
            }
            self.top_nested_level();
        }
    }

    fn top_nested_level(&mut self) {
        self.start(TopNestedLevel);
        if !self.at_word("of") {
            self.named_expr();
        }
        self.required_clause("of", OfClause, Self::named_expr);
        self.optional_clause("with", OthersClause, |parser| {
            parser.expect_word("others");
            parser.expect(Equal, "`=`");
            parser.expr();
        });
        self.required_clause("by", ByClause, Self::order_item);
        self.finish();
    }

    /// Reads `by Column (operators)` or `by Column { query }`.
    pub(super) fn partition(&mut self) {
        self.required_clause("by", ByClause, |parser| {
            if parser.name_tokens(0) > 0 {
                parser.postfix_with(PathPlace::Key);
            } else {
                parser.error("expected-name", format!("Expected a column's name {}.", parser.found()));
                parser.skip_while(|parser| !parser.at_end_of_part() && !matches!(parser.kind(0), LParen | LBrace));
            }
        });
        match self.kind(0) {
            LParen => self.parenthesised_body(),
            LBrace => {
                self.start(QueryBody);
                self.nested(|parser| parser.braces(Self::pipeline));
                self.finish();
            }
            _ => self.error("expected", format!("Expected `(` {}.", self.found())),
        }
    }

    /// Reads the clauses and steps of `scan`.
    pub(super) fn scan(&mut self) {
        self.optional_clause("order", OrderClause, |parser| {
            parser.expect_word("by");
            parser.order_list();
        });
        self.optional_clause("partition", PartitionClause, |parser| {
            parser.expect_word("by");
            parser.comma_list(Self::expr);
        });
        self.optional_clause("declare", DeclareClause, Self::parameter_list);
        self.required_clause("with", WithClause, |parser| {
            if parser.at(LParen) {
                parser.nested(|parser| parser.parens(Self::scan_steps));
            } else {
                parser.error("expected", format!("Expected `(` {}.", parser.found()));
            }
        });
    }

    /// Reads `Name = expr`.
    fn assignment(&mut self) {
        self.start(NamedExpr);
        if self.name(NamePlace::Declared, "a name") && self.expect(Equal, "`=`") {
            self.expr();
        } else {
            self.skip_to_comma();
        }
        self.finish();
    }

    fn scan_steps(&mut self) {
        while self.at_word("step") {
            self.start(ScanStep);
            self.bump_keyword();
            self.name(NamePlace::Declared, "the step's name");
            self.eat_word("optional");
            self.optional_clause("output", OutputClause, |parser| {
                parser.expect(Equal, "`=`");
                if matches!(parser.word(0), "all" | "last" | "none") {
                    parser.node(Name, Self::bump_keyword);
                } else {
                    parser.error("expected", format!("Expected `all`, `last` or `none` {}.", parser.found()));
                }
            });
            self.expect(Colon, "`:`");
            self.expr();
            if self.at(Arrow) {
                self.start(ScanAssignments);
                self.bump();
                self.comma_list(Self::assignment);
                self.finish();
            }
            if !self.eat(Semicolon) {
                self.error("expected", format!("Expected `;` {}.", self.found()));
                self.skip_part();
                self.eat(Semicolon);
            }
            self.finish();
        }
    }
}
