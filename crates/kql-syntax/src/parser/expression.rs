//! Expressions: operators and their precedence.
//!
//! From loose to tight, as Microsoft's analyzer binds them: `or`; `and`; equality, `in` and `between`; order;
//! `+ -`; `* / %`; string operators such as `has` and `=~`; a sign. Equality, order and string operators do not
//! chain: `a == b == c` is an error.

use super::{MAX_HEIGHT, Parser};
use crate::SyntaxKind::{self, *};
use crate::edit::spaced;
use crate::{Diagnostic, Span};
use std::mem;

/// How tightly an operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    And,
    Equality,
    Order,
    Add,
    Multiply,
    Text,
    /// Tighter than any operator with two sides.
    Operand,
}

impl Level {
    fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Equality,
            Self::Equality => Self::Order,
            Self::Order => Self::Add,
            Self::Add => Self::Multiply,
            Self::Multiply => Self::Text,
            Self::Text | Self::Operand => Self::Operand,
        }
    }

    fn node(self) -> SyntaxKind {
        match self {
            Self::Or => OrExpr,
            Self::And => AndExpr,
            Self::Equality => EqualExpr,
            Self::Order => RelationalExpr,
            Self::Add => AddExpr,
            Self::Multiply => MultiplyExpr,
            Self::Text | Self::Operand => StringExpr,
        }
    }
}

/// Operators on text that are words.
fn is_text_operator(word: &str) -> bool {
    let word = word.strip_prefix('!').unwrap_or(word);
    matches!(
        word,
        "has"
            | "has_cs"
            | "hasprefix"
            | "hasprefix_cs"
            | "hassuffix"
            | "hassuffix_cs"
            | "contains"
            | "contains_cs"
            | "containscs"
            | "notcontains"
            | "notcontainscs"
            | "startswith"
            | "startswith_cs"
            | "endswith"
            | "endswith_cs"
            | "like"
            | "notlike"
            | "likecs"
            | "notlikecs"
            | "matches regex"
    )
}

/// Operators with a list on their right.
fn is_list_operator(word: &str) -> bool {
    matches!(word, "in" | "in~" | "!in" | "!in~" | "has_any" | "has_all")
}

impl Parser<'_> {
    /// Reads an expression without pipes.
    pub(super) fn expr(&mut self) {
        self.binary(Level::Or);
    }

    /// The level of the operator at a distance, when one stands there.
    pub(super) fn operator_level(&self, ahead: usize) -> Option<Level> {
        Some(match self.kind(ahead) {
            EqualEqual | NotEqual | LessGreater => Level::Equality,
            Less | LessOrEqual | Greater | GreaterOrEqual => Level::Order,
            Plus | Minus => Level::Add,
            Star | Slash | Percent => Level::Multiply,
            EqualTilde | NotTilde | Colon => Level::Text,
            // A single `=` after an operand is `==` mistyped, since names before `=` are read before expressions.
            Equal => Level::Equality,
            Pipe if self.is_double_pipe(ahead) => Level::Or,
            Unknown if self.text_of(ahead).starts_with('&') => Level::And,
            Word | OperatorWord => match self.text_of(ahead) {
                "or" => Level::Or,
                "and" => Level::And,
                // `make-series … in range(…)`.
                "in" if self.word(ahead + 1) == "range" => return None,
                "between" | "!between" => Level::Equality,
                word if is_list_operator(word) => Level::Equality,
                word if is_text_operator(word) => Level::Text,
                word if word.eq_ignore_ascii_case("or") => Level::Or,
                word if word.eq_ignore_ascii_case("and") => Level::And,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn is_double_pipe(&self, ahead: usize) -> bool {
        self.kind(ahead) == Pipe && self.kind(ahead + 1) == Pipe && self.is_adjacent(ahead + 1)
    }

    /// Reads operands and the operators between them that bind at least as tightly as `loosest`.
    fn binary(&mut self, loosest: Level) {
        let outer = mem::take(&mut self.height);
        let checkpoint = self.checkpoint();
        self.operand();
        let mut last = None;
        while let Some(level) = self.operator_level(0).filter(|level| *level >= loosest) {
            if last.is_some_and(|last| level >= last) {
                self.error(
                    "chained-comparison",
                    format!("`{}` cannot follow another comparison without parentheses.", self.text_of(0)),
                );
            }
            last = Some(level);
            let node = match self.word(0) {
                word if is_list_operator(word) => InExpr,
                "between" | "!between" => BetweenExpr,
                _ => level.node(),
            };
            self.start_at(checkpoint, node);
            match level {
                Level::Or | Level::And | Level::Add | Level::Multiply => self.chain(level),
                _ => self.comparison(level),
            }
            self.finish();
            if self.height > MAX_HEIGHT {
                // Only wrongly chained comparisons get here; the finding about them is there already.
                self.skip_to_comma();
                break;
            }
        }
        self.height = outer.max(self.height);
    }

    /// Reads `op operand op operand …` of one level after the first operand.
    fn chain(&mut self, level: Level) {
        let flat = matches!(level, Level::Or | Level::And);
        let mut highest = self.height;
        while self.operator_level(0) == Some(level) {
            self.bump_operator();
            self.height = 0;
            self.binary(level.tighter());
            highest = highest.max(self.height) + u32::from(!flat);
            if highest > MAX_HEIGHT && self.operator_level(0) == Some(level) {
                self.error("too-deep", "This calculation has too many parts in a row.");
                self.skip_to_comma();
            }
        }
        self.height = highest + u32::from(flat);
    }

    /// Reads one operator that does not chain and its right side.
    fn comparison(&mut self, level: Level) {
        let left = mem::take(&mut self.height);
        match self.word(0) {
            "between" | "!between" => {
                self.bump_as(OperatorWord);
                self.between_bounds();
            }
            word if is_list_operator(word) => {
                self.bump_as(OperatorWord);
                self.list_of_values(word);
            }
            _ => {
                self.bump_operator();
                self.binary(level.tighter());
            }
        }
        self.height = left.max(self.height) + 1;
    }

    /// Takes an operator; one that Kusto writes otherwise gets a finding.
    fn bump_operator(&mut self) {
        let place = self.here();
        let mistake = |place: Span, right: &str| {
            let message = format!("`{}` is not an operator of the query language.", place.of(self.text));
            let finding = Diagnostic::error("wrong-operator", place, message).with_hint(format!("Write `{right}`."));
            finding.with_fix(format!("Write `{right}`"), place, spaced(self.text, place, right))
        };
        match self.kind(0) {
            Equal => {
                let finding = Diagnostic::error("equals-sign", place, "`=` gives a value a name and compares nothing.")
                    .with_hint("Write `==` to compare, or `=~` to ignore upper and lower case.")
                    .written("==");
                let is_text = self.kind(1) == Text;
                self.report(if is_text { finding.written("=~") } else { finding });
                self.bump();
            }
            Pipe => {
                let both = place.cover(Span::new(place.end, place.end + 1));
                let finding = mistake(both, "or");
                self.report(finding);
                self.bump();
                self.bump();
            }
            Word | OperatorWord => {
                let word = self.text_of(0);
                let lower = word.to_ascii_lowercase();
                if lower != word && matches!(lower.as_str(), "and" | "or") {
                    let finding = mistake(place, &lower);
                    self.report(finding);
                }
                let kind = if matches!(lower.as_str(), "and" | "or") { Keyword } else { OperatorWord };
                self.bump_as(kind);
            }
            _ => self.bump(),
        }
    }

    /// Reads `(low .. high)`.
    fn between_bounds(&mut self) {
        if !self.at(LParen) {
            self.error("expected", format!("Expected `(low .. high)` {}.", self.found()));
            return;
        }
        self.start(ListExpr);
        self.nested(|parser| {
            parser.parens(|parser| {
                parser.expr();
                if parser.at(Comma) {
                    let finding = Diagnostic::error("expected", parser.here(), "Expected `..` between the two bounds.")
                        .with_hint("Write `between (low .. high)`.")
                        .with_fix("Write `..`", parser.here(), " ..");
                    parser.report(finding);
                    parser.bump();
                } else {
                    parser.expect(DotDot, "`..`");
                }
                parser.expr();
            });
        });
        self.finish();
    }

    /// Reads `(value, value, …)` or `(pipeline)` after `in` and its kin.
    fn list_of_values(&mut self, operator: &str) {
        if !self.at(LParen) {
            self.list_without_parens(operator);
            return;
        }
        self.start(ListExpr);
        self.nested(|parser| {
            parser.parens(|parser| {
                if parser.at(RParen) {
                    parser.error("missing-expression", "This list is empty.");
                } else if parser.starts_pipeline() {
                    parser.pipeline();
                } else {
                    parser.comma_list(Self::expr);
                }
            });
        });
        self.finish();
    }

    /// Says that the parentheses of a list are missing, and reads what stands there: most often one name or value.
    fn list_without_parens(&mut self, operator: &str) {
        let message = format!("Expected `(` after `{operator}` {}.", self.found());
        let finding = Diagnostic::error("expected", self.gap(), message);
        self.report(match self.kind(0) {
            Word | Text | Long => {
                let value = super::shown(self.text_of(0));
                let finding = finding.with_hint(format!("Write `{operator} ({value})`."));
                let is_alone = matches!(self.kind(1), End | Pipe | RParen | Semicolon);
                if is_alone || matches!(self.word(1), "and" | "or") {
                    let place = self.here();
                    finding.with_fix("Write parentheses around it", place, format!("({})", place.of(self.text)))
                } else {
                    finding
                }
            }
            LBracket => finding.with_hint(format!("Values stand in parentheses: {operator} (\"a\", \"b\").")),
            _ => finding,
        });
        if matches!(self.kind(0), LBracket | LBrace) && self.name_tokens(0) == 0 {
            self.skip_one_group();
        } else if !self.at_end_of_part() && !self.at(Comma) {
            self.start(ListExpr);
            self.binary(Level::Operand);
            self.finish();
        }
    }

    /// Whether a pipe stands before the end of the part between the brackets that begins here, or an operator
    /// begins it.
    pub(super) fn starts_pipeline(&self) -> bool {
        if self.at_operator_start() {
            return true;
        }
        let mut depth = 0_u32;
        for ahead in 0.. {
            match self.kind(ahead) {
                LParen | LBracket | LBrace => depth += 1,
                RParen | RBracket | RBrace if depth == 0 => return false,
                RParen | RBracket | RBrace => depth -= 1,
                Pipe if depth == 0 => return !self.is_double_pipe(ahead),
                End | Semicolon => return false,
                Comma if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }

    /// Reads an operand with its sign.
    fn operand(&mut self) {
        match self.kind(0) {
            Plus | Minus => {
                self.start(UnaryExpr);
                self.bump();
                if matches!(self.kind(0), Plus | Minus) {
                    self.error("double-sign", "Only one sign may stand before a value.");
                    while matches!(self.kind(0), Plus | Minus) {
                        self.bump();
                    }
                }
                self.postfix();
                self.height += 1;
                self.finish();
            }
            // `search * has "x"`: any column.
            Star if self.kind(1) == EqualEqual || self.operator_level(1) == Some(Level::Text) => {
                self.node(StarExpr, Self::bump);
            }
            _ => self.postfix(),
        }
    }
}
