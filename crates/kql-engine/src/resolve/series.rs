//! `make-series`.

use super::names::UniqueNames;
use super::scope::{AggregateScope, RowScope};
use super::{Resolver, ResultColumn, Tabular};
use crate::expr::{Expr, ExprKind};
use crate::facts::FunctionKind;
use crate::plan::{NodeKind, Series};
use event_table::{ColumnType, Value};
use kql_syntax::ast::{Operator, OperatorKind};

impl Resolver<'_> {
    pub(super) fn make_series(&mut self, input: Tabular, operator: &Operator) -> Option<Tabular> {
        let OperatorKind::MakeSeries { aggregates, on, from, to, step, by } = &operator.kind else { return None };
        let mut failed = false;
        let kind = operator.properties.iter().find(|p| &*p.name.text == "kind");
        let word = kind.map(|kind| super::parsing::word(&kind.value));
        if let (Some(kind), Some(word)) = (kind, &word)
            && &**word != "nonempty"
        {
            self.error("unknown-word", kind.value.span, format!("'{word}' is no kind of `make-series`: nonempty is."));
            return None;
        }
        let is_nonempty = word.is_some();
        let mut names = UniqueNames::default();
        let mut columns = Vec::new();
        let mut keys = Vec::new();
        for item in by {
            let expr = self.scalar(&item.expr, &mut RowScope::row(&input.columns));
            let name = match &item.names[..] {
                [name] => names.make(&name.text),
                _ => names.make(&self.column_name_of(&item.expr, FunctionKind::Scalar, &input.columns)),
            };
            columns.push(ResultColumn { name, ty: expr.as_ref().map(|x| x.ty) });
            match expr {
                Some(expr) => keys.push(expr),
                None => failed = true,
            }
        }
        let mut found = Vec::new();
        for item in aggregates {
            let mut scope = AggregateScope::default();
            let mut row = RowScope { aggregates: Some(&mut scope), ..RowScope::row(&input.columns) };
            let expr = self.scalar(&item.expr.expr, &mut row);
            let name = match &item.expr.names[..] {
                [name] => names.make(&name.text),
                _ => names.make(&self.column_name_of(&item.expr.expr, FunctionKind::Aggregate, &input.columns)),
            };
            columns.push(ResultColumn { name, ty: Some(ColumnType::Dynamic) });
            let default = match &item.default {
                Some(default) => self.scalar(default, &mut RowScope::empty()),
                None => Some(Expr::constant(ColumnType::Long, Value::Long(0))),
            };
            match (expr, scope.calls.pop(), default) {
                (Some(Expr { kind: ExprKind::Column(0), .. }), Some(call), Some(default)) if scope.calls.is_empty() => {
                    found.push((call, default));
                }
                (Some(_), _, _) => {
                    self.error(
                        "aggregate-expected",
                        item.expr.span,
                        "One aggregate is expected here, and nothing around it.",
                    );
                    failed = true;
                }
                _ => failed = true,
            }
        }
        let axis = self.scalar(&on.expr, &mut RowScope::row(&input.columns));
        let name = match &on.names[..] {
            [name] => names.make(&name.text),
            _ => names.make(&self.column_name_of(&on.expr, FunctionKind::Scalar, &input.columns)),
        };
        columns.push(ResultColumn { name, ty: Some(ColumnType::Dynamic) });
        let mut bound = |resolver: &mut Self, ast: &Option<kql_syntax::ast::Expr>| match ast {
            Some(ast) => {
                let expr = resolver.scalar(ast, &mut RowScope::empty());
                failed |= expr.is_none();
                expr
            }
            None => None,
        };
        let (from, to, step_expr) = (bound(self, from), bound(self, to), bound(self, step));
        let (Some(axis), Some(step_expr)) = (axis, step_expr) else {
            if step.is_none() {
                self.error("step-expected", operator.span, "`make-series` needs a `step`.");
            }
            return None;
        };
        let fits = match axis.ty {
            ColumnType::DateTime | ColumnType::TimeSpan => step_expr.ty == ColumnType::TimeSpan,
            ty => ty.is_numeric() && step_expr.ty.is_numeric(),
        };
        if !fits {
            self.error(
                "operand-types",
                on.span,
                format!("A series over {} cannot go in steps of {}.", axis.ty, step_expr.ty),
            );
            return None;
        }
        if failed {
            return None;
        }
        let series =
            Series { input: input.node, keys, aggregates: found, on: axis, from, to, step: step_expr, is_nonempty };
        Some(self.add(NodeKind::Series(Box::new(series)), columns, operator.span))
    }
}
