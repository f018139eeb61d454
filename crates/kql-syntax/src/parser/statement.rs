//! Statements: `let`, queries, `set`, `declare`, and functions with their parameters.

use super::Parser;
use super::names::NamePlace;
use super::tables::StarColumn;
use crate::SyntaxKind::*;
use crate::lexer::string_form;
use crate::{Diagnostic, Span};

/// Where statements stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// They are the query.
    Root,
    /// They are a function's body, which has `let`s and then one query.
    Body,
}

impl Parser<'_> {
    pub(super) fn root(&mut self) {
        // Blanks before the first token belong to the root too, so it begins before they are moved.
        self.builder.start_node(super::raw(Root));
        self.statements(Place::Root);
        self.emit_trivia();
        self.finish();
    }

    /// Reads statements up to the end of the text, or to the brace that closes a body.
    fn statements(&mut self, place: Place) {
        loop {
            if self.at(Semicolon) {
                let place = self.here();
                let finding = Diagnostic::error("empty-statement", self.gap(), "There is nothing before this `;`.");
                self.report(finding.with_fix("Remove it", place, ""));
                self.bump();
                continue;
            }
            if self.at(End) || self.at(RBrace) && self.open.braces > 0 {
                return;
            }
            let before = self.position;
            self.statement();
            let ended = self.eat(Semicolon);
            if place == Place::Body && ended && !self.at_end_of_statement() {
                self.only_let_in_body(before);
            }
            if place == Place::Body && !ended && self.at(RBrace) {
                self.semicolon_before_brace(before);
            }
            if !ended && self.position == before {
                // Nothing was read: go on behind the token that fits nowhere.
                self.error("unexpected", format!("`{}` makes no sense here.", super::shown(self.text_of(0))));
                self.start(Error);
                self.bump();
                self.finish();
            }
        }
    }

    /// Says so when a statement that began at a token number is neither a `let` nor the last of a body.
    fn only_let_in_body(&mut self, began: usize) {
        let word = |at: usize| self.significant.get(at).map(|&i| self.tokens[i as usize].span);
        let is = |at: usize, text: &str| word(at).is_some_and(|span| span.of(self.text) == text);
        let allowed = is(began, "let") || is(began, "declare") && is(began + 1, "query_parameters");
        let Some(first) = word(began).filter(|_| !allowed) else {
            return;
        };
        self.report(Diagnostic::error(
            "misplaced-query",
            first,
            "Only `let` statements can stand before the last query of a function.",
        ));
    }

    /// Says so when the last statement of a body is a `let` without its semicolon.
    fn semicolon_before_brace(&mut self, began: usize) {
        let first = self.significant.get(began).map(|&i| self.tokens[i as usize].span);
        if first.is_some_and(|span| span.of(self.text) == "let") {
            let place = self.behind();
            self.missing_semicolon(place, "`let`");
        }
    }

    /// Says that a semicolon is missing at a place, which is the end of something.
    pub(super) fn missing_semicolon(&mut self, place: Span, of: &str) {
        let message = format!("`;` is missing at the end of this {of}.");
        let finding = Diagnostic::error("missing-semicolon", place, message);
        // Behind a text that is not closed it would be part of that.
        let before = self.text_before();
        let is_open = string_form(before)
            .is_some_and(|form| before.len() < form.open + form.close.len() || !before.ends_with(form.close));
        let finding = match of {
            "statement" => finding.with_hint("If another query begins here: one is run at a time, and it is the last."),
            _ => finding,
        };
        self.report(if is_open { finding } else { finding.with_fix("Write `;` here", place, ";") });
    }

    fn statement(&mut self) {
        match self.word(0) {
            "let" if self.kind(1) != Pipe => self.let_statement(),
            "set" => self.set_statement(),
            "declare" if self.word(1) == "pattern" => self.pattern_statement(),
            "declare" if self.word(1) == "query_parameters" => self.query_parameters(),
            "alias" if self.word(1) == "database" => self.unsupported_statement(),
            "restrict" if self.word(1) == "access" => self.unsupported_statement(),
            _ if self.at(Dot) && self.position == 0 => self.command(),
            _ => {
                self.start(QueryStatement);
                self.pipeline();
                self.finish();
            }
        }
    }

    /// Skips a management command such as `.show tables`.
    fn command(&mut self) {
        let finding = Diagnostic::error("command", self.here(), "A management command is not a query.");
        self.report(finding.with_hint("A query begins with the name of a table, or with `let`."));
        self.start(Error);
        while !self.at(End) {
            self.bump();
        }
        self.finish();
    }

    fn let_statement(&mut self) {
        self.start(LetStatement);
        self.bump_keyword();
        self.name(NamePlace::Used, "a name after `let`");
        if !self.expect(Equal, "`=`") {
            self.skip_part();
        } else if self.at_word("materialize") && self.kind(1) == LParen {
            self.call(true);
            self.nothing_more();
        } else if self.at_function() {
            self.function();
            self.nothing_more();
        } else {
            self.pipeline();
        }
        self.finish();
    }

    /// Says so when more follows in a statement than fits there.
    fn nothing_more(&mut self) {
        if self.at_end_of_statement() {
            return;
        }
        if self.is_on_new_line() && !self.at(Pipe) || matches!(self.word(0), "let" | "set" | "declare") {
            let place = self.behind();
            self.missing_semicolon(place, "statement");
            return;
        }
        self.error("unexpected", format!("`{}` makes no sense here.", super::shown(self.text_of(0))));
        self.start(Error);
        while !self.at_end_of_statement() {
            self.skip_group();
        }
        self.finish();
    }

    fn at_end_of_statement(&self) -> bool {
        matches!(self.kind(0), End | Semicolon) || self.at(RBrace) && self.open.braces > 0
    }

    /// Whether a function's parameters begin here.
    fn at_function(&self) -> bool {
        let open = usize::from(self.at_word("view"));
        if self.kind(open) != LParen {
            return false;
        }
        match self.kind(open + 1) {
            RParen | Star => true,
            _ => {
                let name = self.name_tokens(open + 1);
                name > 0 && self.kind(open + 1 + name) == Colon
            }
        }
    }

    /// Reads `view (parameters) { body }`.
    fn function(&mut self) {
        self.start(FunctionExpr);
        self.eat_word("view");
        self.parameter_list();
        if self.at(LBrace) {
            self.block();
        } else {
            self.error("expected", format!("Expected `{{` and the function's body {}.", self.found()));
        }
        self.finish();
    }

    /// Reads `{ statements }`.
    fn block(&mut self) {
        self.start(Block);
        self.nested(|parser| {
            // A body stands for itself: parentheses around the function close nothing in it.
            let outer = std::mem::take(&mut parser.open);
            parser.open.braces = outer.braces;
            parser.braces(|parser| parser.statements(Place::Body));
            parser.open = outer;
        });
        self.finish();
    }

    /// Reads `(name: type = default, …)`.
    pub(super) fn parameter_list(&mut self) {
        self.start(ParameterList);
        if self.at(LParen) {
            self.nested(|parser| {
                parser.parens(|parser| {
                    if !parser.at(RParen) {
                        parser.comma_list(Self::parameter);
                    }
                });
            });
        } else {
            self.error("expected", format!("Expected `(` {}.", self.found()));
        }
        self.finish();
    }

    fn parameter(&mut self) {
        self.start(Parameter);
        self.name(NamePlace::Declared, "a parameter's name");
        if self.expect(Colon, "`:` and a type") {
            if self.at(LParen) {
                self.start(SchemaType);
                self.column_list(StarColumn::Alone);
                self.finish();
            } else {
                self.type_name();
            }
        } else {
            self.skip_to_comma();
        }
        if self.at(Equal) {
            self.start(DefaultValue);
            self.bump();
            self.default_value();
            self.finish();
        }
        self.finish();
    }

    /// Reads the value of a parameter that is not given: a literal, or a word.
    fn default_value(&mut self) {
        let signed = matches!(self.kind(0), Plus | Minus);
        match self.kind(usize::from(signed)) {
            Long | Real | TimeSpan if !signed || self.is_adjacent(1) => self.operand_only(),
            Text | Bool | Typed | RawGuid | Word if !signed => self.property_value(),
            _ => {
                self.error("expected-literal", format!("Expected a literal value {}.", self.found()));
                self.skip_to_comma();
            }
        }
    }

    fn set_statement(&mut self) {
        self.start(SetStatement);
        self.bump_keyword();
        self.name(NamePlace::Declared, "the option's name");
        if self.eat(Equal) {
            self.expr();
        }
        self.nothing_more();
        self.finish();
    }

    fn query_parameters(&mut self) {
        self.start(QueryParametersStatement);
        self.bump_keyword();
        self.bump_keyword();
        if self.at(LParen) && self.kind(1) == RParen {
            self.error("missing-item", "At least one parameter must stand between these parentheses.");
        }
        self.parameter_list();
        self.nothing_more();
        self.finish();
    }

    fn unsupported_statement(&mut self) {
        self.start(UnsupportedStatement);
        self.node(Name, Self::bump_keyword);
        while !matches!(self.kind(0), End | Semicolon) {
            self.skip_group();
        }
        self.finish();
    }

    /// Reads `declare pattern Name = (parameters)[path] { cases }`.
    fn pattern_statement(&mut self) {
        self.start(PatternStatement);
        self.bump_keyword();
        self.bump_keyword();
        self.name(NamePlace::Declared, "the pattern's name");
        if self.eat(Equal) {
            self.parameter_list();
            if self.at(LBracket) {
                self.start(PatternPath);
                self.nested(|parser| parser.brackets(Self::parameter));
                self.finish();
            }
            if self.at(LBrace) {
                self.nested(|parser| parser.braces(Self::pattern_cases));
            } else {
                self.error("expected", format!("Expected `{{` {}.", self.found()));
            }
        }
        self.nothing_more();
        self.finish();
    }

    fn pattern_cases(&mut self) {
        while self.at(LParen) {
            self.start(PatternCase);
            self.start(ArgumentList);
            self.nested(|parser| parser.parens(|parser| parser.comma_list(Self::expr)));
            self.finish();
            if self.eat(Dot) && self.at(LBracket) {
                self.start(PatternPath);
                self.nested(|parser| parser.brackets(Self::expr));
                self.finish();
            }
            self.expect(Equal, "`=`");
            if self.at(LBrace) {
                self.block();
            } else {
                self.error("expected", format!("Expected `{{` {}.", self.found()));
            }
            self.expect(Semicolon, "`;`");
            self.finish();
        }
    }
}
