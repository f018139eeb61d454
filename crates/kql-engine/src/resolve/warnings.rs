//! Findings in queries that run, but most likely do not mean what their author meant, and notes that teach.

use super::Resolver;
use super::scalar::in_symbol;
use crate::aggregates::MAX_ELEMENTS;
use crate::expr::{Expr, ExprKind, spread};
use crate::facts::{self, FunctionKind};
use crate::functions;
use crate::plan::{NodeId, NodeKind};
use crate::scalar::convert;
use crate::text::{Matcher, Quantifier, TextMode, equal_ignoring_case, is_term_char};
use event_table::{ColumnType, Value};
use kql_syntax::ast::{Expr as Ast, InOp};
use kql_syntax::{Diagnostic, Severity, Span};
use std::sync::Arc;

/// Terms shorter than this are not in Kusto's index (`string-operators`).
const MIN_INDEXED: usize = 3;
/// Lists longer than this are not looked through for entries that cover one another.
const MAX_COVERED: usize = 1_000;

impl Resolver<'_> {
    fn note(&mut self, code: &str, span: Span, message: String, hint: &str) {
        let mut found = Diagnostic { severity: Severity::Info, ..Diagnostic::error(code, span, message) };
        if !hint.is_empty() {
            found = found.with_hint(hint);
        }
        self.report(found);
    }

    /// An empty literal is found in every text; a literal with a blank or sign at its edge is bounded on one side only.
    pub(super) fn warn_about_literal(&mut self, mode: TextMode, symbol: &str, needle: &Expr, span: Span) {
        let Some(Value::String(text)) = needle.as_constant() else { return };
        if text.is_empty() && mode != TextMode::Equals {
            let message = format!("`{symbol}` with an empty text is true for every row.");
            self.report(Diagnostic::warning("empty-literal", span, message));
        }
        if mode == TextMode::Has && has_open_edge(text) {
            self.note_about_edges(symbol, span, text);
        }
    }

    fn note_about_edges(&mut self, symbol: &str, span: Span, text: &str) {
        let message = format!(
            "'{text}' begins or ends with a character that is part of no term: on that side `{symbol}` asks for no boundary."
        );
        self.note("open-edge", span, message, "");
    }

    /// Entries that do nothing: empty ones, ones that another covers, ones whose type the value never has.
    pub(super) fn warn_about_list(&mut self, op: InOp, value: &Expr, items: &[Expr], written: &[Ast]) {
        let has = matches!(op, InOp::HasAny | InOp::HasAll);
        let mut texts: Vec<(Arc<str>, Span)> = Vec::new();
        for (item, ast) in items.iter().zip(written) {
            let Some(constant) = item.as_constant() else { continue };
            let mut values = Vec::new();
            spread(constant, &mut values);
            if has && values.iter().any(|v| convert::to_text(v).is_empty()) {
                let message = format!("`{}` with an empty text in its list is true for every row.", in_symbol(op));
                self.report(Diagnostic::warning("empty-literal", ast.span, message));
            }
            let never = |v: &Value| {
                v.column_type().is_some_and(|ty| {
                    let either_dynamic = ty == ColumnType::Dynamic || value.ty == ColumnType::Dynamic;
                    ty != value.ty && !either_dynamic && !(ty.is_numeric() && value.ty.is_numeric())
                })
            };
            if matches!(op, InOp::In | InOp::NotIn) && values.iter().any(never) {
                let message = format!("A value of type {} never equals this.", value.ty);
                self.report(Diagnostic::warning("never-equal", ast.span, message));
            }
            texts.extend(values.iter().map(|v| (convert::to_text(v).as_ref().into(), ast.span)));
        }
        if op == InOp::HasAny && texts.len() <= MAX_COVERED {
            self.note_about_covered(&texts);
        }
    }

    /// Whatever has `api.github.com` has `github.com` too: beside the shorter entry the longer one does nothing.
    fn note_about_covered(&mut self, texts: &[(Arc<str>, Span)]) {
        let literals: Vec<Arc<str>> = texts.iter().map(|(text, _)| text.clone()).collect();
        let Ok(matcher) = Matcher::new(TextMode::Has, Quantifier::Any, false, literals) else { return };
        let mut covered: Vec<(Span, Vec<String>)> = Vec::new();
        for (index, (longer, span)) in texts.iter().enumerate() {
            let by = matcher.find(longer).into_iter().map(|found| found.literal).find(|other| {
                let twin = equal_ignoring_case(&texts[*other].0, longer);
                // Of two equal entries the later one is superfluous.
                *other != index && (!twin || *other < index)
            });
            if let Some(by) = by {
                let words = format!("'{longer}' (by '{}')", texts[by].0);
                match covered.iter_mut().find(|(known, _)| known == span) {
                    Some((_, list)) => list.push(words),
                    None => covered.push((*span, vec![words])),
                }
            }
        }
        for (span, list) in covered {
            let message = format!("Other entries of the list already cover {}.", list.join(", "));
            self.note(
                "covered-entry",
                span,
                message,
                "They may stay for the reader's sake; without them the result is the same.",
            );
        }
    }

    /// A condition that depends on no row and is not true lets nothing through.
    pub(super) fn warn_about_condition(&mut self, expr: &Expr, span: Span) {
        if let ExprKind::Constant(value) = &expr.kind
            && !matches!(value, Value::Bool(true))
            // What makes it so has been told.
            && !self.diagnostics.iter().any(|d| d.code == "no-ingestion-time" && span.start <= d.span.start && d.span.end <= span.end)
        {
            self.report(Diagnostic::warning("never-true", span, "No row can meet this condition."));
        }
    }

    /// An old name of a function.
    pub(super) fn note_about_old_name(&mut self, old: &facts::Function, current: &str, span: Span) {
        let message = format!("`{}` is an old name of `{current}`.", old.name);
        let found = Diagnostic { severity: Severity::Info, ..Diagnostic::error("old-name", span, message) };
        // What works by itself under its old name takes its arguments in another order.
        let is_other = old.kind == FunctionKind::Scalar && functions::implementation(old.name).is_some();
        if is_other {
            let form = facts::find(current, old.kind).and_then(|f| f.signatures.first()).map(|s| s.written(current));
            let form = form.as_deref().and_then(|form| form.split(" -> ").next()).unwrap_or(current);
            self.report(found.with_hint(format!("Write `{form}`: its arguments come in this order.")));
            return;
        }
        let differs = match old.name {
            "makelist" | "makeset" => format!(" (it keeps up to {MAX_ELEMENTS} values, not 128)"),
            "any" | "anyif" | "argmax" | "argmin" => " (its columns are named otherwise)".to_owned(),
            _ => String::new(),
        };
        let found = found.with_hint(format!("Write `{current}`{differs}."));
        self.report(found.with_fix(format!("Write `{current}`{differs}"), span, current));
    }

    /// `contains` with a whole term: Kusto finds terms by its index, and the middle of a term only by reading every text.
    /// Source: `string-operators`, "Understanding string terms".
    pub(super) fn note_about_contains(
        &mut self,
        mode: TextMode,
        symbol: &str,
        span: Span,
        subject: &Expr,
        needle: &Expr,
    ) {
        let Some(Value::String(text)) = needle.as_constant() else { return };
        let is_term = text.chars().all(is_term_char) && text.chars().count() >= MIN_INDEXED;
        // Only what is stored has an index.
        let is_table = |id| matches!(self.plan.node(NodeId(id)).kind, NodeKind::Table(_));
        let is_stored = matches!(subject.kind, ExprKind::Column(_)) && (0..self.plan.len() as u32).any(is_table);
        if mode != TextMode::Contains || !is_term || !is_stored {
            return;
        }
        let has = symbol.replace("contains", "has");
        let message = format!("`{symbol}` reads every text; Kusto finds whole terms by its index.");
        let found = Diagnostic { severity: Severity::Info, ..Diagnostic::error("slow-contains", span, message) };
        let found = found.with_hint(format!(
            "`{has}` is faster where '{text}' is a whole term; it means something else inside a longer one: 'x{text}y'."
        ));
        self.report(found.with_fix(format!("Write `{has}` (whole terms only)"), span, has));
    }
}

/// Whether an edge of a literal is no part of a term.
fn has_open_edge(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| !is_term_char(c));
    edge(text.chars().next()) || edge(text.chars().next_back())
}
