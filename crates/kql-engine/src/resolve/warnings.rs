//! Findings in queries that run, but most likely do not mean what their author meant.

use super::Resolver;
use super::scalar::in_symbol;
use crate::expr::{Expr, spread};
use crate::scalar::convert;
use crate::text::TextMode;
use event_table::{ColumnType, Value};
use kql_syntax::ast::{Expr as Ast, InOp};
use kql_syntax::{Diagnostic, Span};

impl Resolver<'_> {
    /// An empty literal is found in every text.
    pub(super) fn warn_about_literal(
        &mut self,
        mode: TextMode,
        symbol: &str,
        _subject: &Expr,
        needle: &Expr,
        span: Span,
    ) {
        let empty = needle.as_constant().is_some_and(|v| matches!(v, Value::String(s) if s.is_empty()));
        if empty && mode != TextMode::Equals {
            let message = format!("`{symbol}` with an empty text is true for every row.");
            self.report(Diagnostic::warning("empty-literal", span, message));
        }
    }

    /// Empty entries, and entries whose type the value never has.
    pub(super) fn warn_about_list(&mut self, op: InOp, value: &Expr, items: &[Expr], written: &[Ast]) {
        for (item, ast) in items.iter().zip(written) {
            let Some(constant) = item.as_constant() else { continue };
            let mut values = Vec::new();
            spread(constant, &mut values);
            let has = matches!(op, InOp::HasAny | InOp::HasAll);
            if has && values.iter().any(|v| convert::to_text(v).is_empty()) {
                let message = format!("`{}` with an empty text in its list is true for every row.", in_symbol(op));
                self.report(Diagnostic::warning("empty-literal", ast.span, message));
            }
            let never = |v: &Value| {
                v.column_type().is_some_and(|ty| {
                    ty != value.ty
                        && ty != ColumnType::Dynamic
                        && value.ty != ColumnType::Dynamic
                        && !(ty.is_numeric() && value.ty.is_numeric())
                })
            };
            if matches!(op, InOp::In | InOp::NotIn) && values.iter().any(never) {
                let message = format!("A {} value never equals this.", value.ty);
                self.report(Diagnostic::warning("never-equal", ast.span, message));
            }
        }
    }
}
