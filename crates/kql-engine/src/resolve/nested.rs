//! `top-nested`, `top-hitters`, `sample-distinct`.

use super::names::{UniqueNames, own_name};
use super::scope::{AggregateScope, RowScope};
use super::{Resolver, ResultColumn, Tabular};
use crate::aggregates::{Aggregate, AggregateCall};
use crate::expr::{Expr, ExprKind};
use crate::facts::FunctionKind;
use crate::plan::{NestedLevel, NodeKind, SortKey};
use event_table::ColumnType;
use kql_syntax::Span;
use kql_syntax::ast::{Direction, Expr as Ast, TopNestedLevel};

impl Resolver<'_> {
    pub(super) fn top_nested(&mut self, input: Tabular, levels: &[TopNestedLevel], span: Span) -> Option<Tabular> {
        let mut names = UniqueNames::default();
        let mut columns = Vec::new();
        let mut resolved = Vec::new();
        let mut failed = false;
        for level in levels {
            let count = match &level.count {
                Some(count) => {
                    let count = self.row_count(count);
                    failed |= count.is_none();
                    count
                }
                None => None,
            };
            let of = self.scalar(&level.of.expr, &mut RowScope::row(&input.columns));
            let own = match &level.of.names[..] {
                [name] => name.text.to_string(),
                _ => own_name(&level.of.expr, FunctionKind::Scalar).unwrap_or_else(|| "Column1".into()),
            };
            let name = names.make(&own);
            columns.push(ResultColumn { name: name.clone(), ty: of.as_ref().map(|x| x.ty) });
            let mut scope = AggregateScope::default();
            let mut row = RowScope { aggregates: Some(&mut scope), ..RowScope::row(&input.columns) };
            let by = self.scalar(&level.by.expr, &mut row);
            let aggregated = match &level.by.names[..] {
                [name] => names.make(&name.text),
                _ => names.make(&format!("aggregated_{name}")),
            };
            columns.push(ResultColumn { name: aggregated, ty: by.as_ref().map(|x| x.ty) });
            let others = match &level.others {
                Some(others) => {
                    let others = self.scalar(others, &mut RowScope::empty());
                    failed |= others.is_none();
                    others
                }
                None => None,
            };
            match (of, by, scope.calls.pop()) {
                (Some(of), Some(Expr { kind: ExprKind::Column(0), .. }), Some(call)) if scope.calls.is_empty() => {
                    let ascending = level.direction == Some(Direction::Asc);
                    resolved.push(NestedLevel { count, of, others, by: call, ascending });
                }
                (_, Some(_), _) => {
                    self.error(
                        "aggregate-expected",
                        level.by.span,
                        "One aggregate is expected here, and nothing around it.",
                    );
                    failed = true;
                }
                _ => failed = true,
            }
        }
        if failed || resolved.is_empty() {
            return None;
        }
        Some(self.add(NodeKind::TopNested(input.node, resolved), columns, span))
    }

    /// `top-hitters n of x by y`: the values with the largest sums, or the most rows. Counted exactly (**our choice**).
    pub(super) fn top_hitters(
        &mut self,
        input: Tabular,
        count: &Ast,
        of: &Ast,
        by: Option<&Ast>,
        span: Span,
    ) -> Option<Tabular> {
        let count = self.row_count(count)?;
        let value = self.scalar(of, &mut RowScope::row(&input.columns))?;
        let weight = match by {
            Some(by) => Some(self.scalar(by, &mut RowScope::row(&input.columns))?),
            None => None,
        };
        if weight.as_ref().is_some_and(|w| !w.ty.is_numeric()) {
            self.error("operand-types", span, "A number is expected after `by`.");
            return None;
        }
        let name = own_name(of, FunctionKind::Scalar).unwrap_or_else(|| "Column1".into());
        let (aggregate, measure) = match by {
            Some(by) => ("sum", format!("approximate_sum_{}", own_name(by, FunctionKind::Scalar).unwrap_or_default())),
            None => ("count", format!("approximate_count_{name}")),
        };
        let ty = match &weight {
            Some(weight) if weight.ty != ColumnType::Int => weight.ty,
            _ => ColumnType::Long,
        };
        let aggregate = Aggregate::named(aggregate)?;
        let call = AggregateCall { aggregate, arguments: weight.into_iter().collect(), types: vec![ty] };
        let columns = vec![
            ResultColumn { name: name.into(), ty: Some(value.ty) },
            ResultColumn { name: measure.into(), ty: Some(ty) },
        ];
        let grouped = self.add(NodeKind::Summarize(input.node, vec![value], vec![call]), columns, span);
        let key = SortKey { expr: Expr::column(ty, 1), descending: true, nulls_first: false };
        Some(self.like(&grouped, NodeKind::Top(grouped.node, count, vec![key]), span))
    }

    /// `sample-distinct n of x`: the first different values (**our choice**).
    pub(super) fn sample_distinct(&mut self, input: Tabular, count: &Ast, of: &Ast, span: Span) -> Option<Tabular> {
        let count = self.row_count(count)?;
        let value = self.scalar(of, &mut RowScope::row(&input.columns))?;
        let name = own_name(of, FunctionKind::Scalar).unwrap_or_else(|| "Column1".into());
        let columns = vec![ResultColumn { name: name.into(), ty: Some(value.ty) }];
        let projected = self.add(NodeKind::Project(input.node, vec![value]), columns, span);
        let distinct = self.like(&projected, NodeKind::Distinct(projected.node), span);
        Some(self.like(&distinct, NodeKind::Take(distinct.node, count), span))
    }
}
