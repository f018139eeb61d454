//! `summarize`: keys, aggregates, and expressions over them.

use super::calls::ArgumentFact;
use super::names::{UniqueNames, argument_name, name_of_several, own_name};
use super::scope::{AggregateScope, RowScope};
use super::{Resolver, ResultColumn, Tabular, of_parameter};
use crate::aggregates::{Aggregate, AggregateCall, AggregateKind, MAX_ELEMENTS};
use crate::expr::{Expr, ExprKind};
use crate::facts::{self, FunctionKind};
use crate::plan::NodeKind;
use crate::scalar::convert;
use event_table::{ColumnType, Value};
use kql_syntax::Span;
use kql_syntax::ast::{self, Argument, NamedExpr};
use std::sync::Arc;

/// A column of the result: where it stands among the columns of the plan's operator, or an expression over them.
struct Output {
    name: Arc<str>,
    ty: Option<ColumnType>,
    expr: Expr,
}

impl Resolver<'_> {
    pub(super) fn summarize(
        &mut self,
        input: Tabular,
        aggregates: &[NamedExpr],
        by: &[NamedExpr],
        span: Span,
    ) -> Tabular {
        let mut names = UniqueNames::default();
        let mut outputs: Vec<Output> = Vec::new();
        let mut keys = Vec::new();
        let mut key_names: Vec<Arc<str>> = Vec::new();
        for item in by {
            let expr = self.scalar(&item.expr, &mut RowScope::row(&input.columns));
            if expr.as_ref().is_some_and(|x| x.ty == ColumnType::Dynamic) {
                self.dynamic_refused("summarize", item.expr.span);
            }
            if let ([], ast::ExprKind::Name(name)) = (&item.names[..], &item.expr.kind)
                && names.is_taken(&name.text)
            {
                self.duplicate_column(name);
                continue;
            }
            let name = match (&item.names[..], &item.expr.kind) {
                ([], ast::ExprKind::Name(name)) => Some(names.give(&name.text)),
                _ => self.column_name(item, FunctionKind::Scalar, &mut names, &input.columns),
            };
            let Some(name) = name else { continue };
            let ty = expr.as_ref().map(|x| x.ty);
            key_names.push(name.clone());
            outputs.push(Output { name, ty, expr: Expr::column(ty.unwrap_or(ColumnType::Dynamic), keys.len()) });
            keys.push(expr.unwrap_or_else(|| Expr::constant(ColumnType::Dynamic, Value::Null)));
        }
        let mut scope = AggregateScope { first: keys.len(), calls: Vec::new() };
        for item in aggregates {
            if let ast::ExprKind::Call { name, arguments } = &item.expr.kind
                && self.gives_several(name, arguments)
            {
                self.several(item, name, arguments, &input, &key_names, &mut scope, &mut names, &mut outputs);
                continue;
            }
            let mut row = RowScope { aggregates: Some(&mut scope), ..RowScope::row(&input.columns) };
            let expr = self.scalar(&item.expr, &mut row);
            let Some(name) = self.column_name(item, FunctionKind::Aggregate, &mut names, &input.columns) else {
                continue;
            };
            let ty = expr.as_ref().map(|x| x.ty);
            outputs.push(Output {
                name,
                ty,
                expr: expr.unwrap_or_else(|| Expr::constant(ColumnType::Dynamic, Value::Null)),
            });
        }
        let mut inner: Vec<ResultColumn> = outputs[..keys.len().min(outputs.len())]
            .iter()
            .map(|o| ResultColumn { name: o.name.clone(), ty: o.ty })
            .collect();
        for (index, ty) in scope.calls.iter().flat_map(|call| call.types.iter()).enumerate() {
            inner.push(ResultColumn { name: format!("aggregate_{index}").into(), ty: Some(*ty) });
        }
        let grouped = self.add(NodeKind::Summarize(input.node, keys, scope.calls), inner, span);
        let columns = outputs.iter().map(|o| ResultColumn { name: o.name.clone(), ty: o.ty }).collect();
        let exprs = outputs.into_iter().map(|o| o.expr).collect();
        self.add(NodeKind::Project(grouped.node, exprs), columns, span)
    }

    fn column_name(
        &mut self,
        item: &NamedExpr,
        position: FunctionKind,
        names: &mut UniqueNames,
        input: &[ResultColumn],
    ) -> Option<Arc<str>> {
        Some(match &item.names[..] {
            [name] if names.is_given(&name.text) => {
                self.duplicate_column(name);
                return None;
            }
            [name] => names.give(&name.text),
            [] => names.make(&self.column_name_of(&item.expr, position, input)),
            _ => {
                self.error("several-names", item.span, "This expression gives one value, and there are several names.");
                return None;
            }
        })
    }

    /// Whether an aggregate gives several columns, or one whose name it tells itself.
    fn gives_several(&self, name: &ast::Name, arguments: &[Argument]) -> bool {
        match &*name.text {
            "arg_max" | "arg_min" | "argmax" | "argmin" | "percentile" | "percentiles" | "percentilew"
            | "percentilesw" => true,
            "take_any" | "any" => {
                arguments.len() > 1
                    || matches!(arguments.first().map(|a| &a.value.kind), Some(ast::ExprKind::Star))
                    || &*name.text == "take_any"
            }
            _ => false,
        }
    }

    /// `arg_max(key, …)`, `take_any(…)`, `percentiles(value, …)`: a column for each thing they give.
    #[allow(clippy::too_many_arguments, reason = "the parts of one summarize under construction")]
    fn several(
        &mut self,
        item: &NamedExpr,
        name: &ast::Name,
        arguments: &[Argument],
        input: &Tabular,
        keys: &[Arc<str>],
        scope: &mut AggregateScope,
        names: &mut UniqueNames,
        outputs: &mut Vec<Output>,
    ) {
        let Some(function) = facts::find(&name.text, FunctionKind::Aggregate) else { return };
        // `*` stands for every column that is neither a key of the summarize nor the first argument.
        let first = arguments.first().and_then(|a| own_name(&a.value, FunctionKind::Scalar));
        let mut written: Vec<Argument> = Vec::new();
        for argument in arguments {
            if matches!(argument.value.kind, ast::ExprKind::Star) {
                let span = argument.value.span;
                let alone = written.is_empty();
                if alone && !matches!(&*name.text, "take_any" | "any") {
                    self.error("argument-type", span, "`*` cannot stand here.");
                    return;
                }
                let rest = input
                    .columns
                    .iter()
                    .filter(|c| !keys.contains(&c.name) && (alone || first.as_deref() != Some(&*c.name)));
                written.extend(
                    rest.map(|c| ast::Expr {
                        kind: ast::ExprKind::Name(ast::Name { text: c.name.clone(), span }),
                        span,
                    })
                    .map(|value| Argument { name: None, value }),
                );
            } else {
                written.push(argument.clone());
            }
        }
        let resolved: Vec<Option<Expr>> =
            written.iter().map(|a| self.scalar(&a.value, &mut RowScope::row(&input.columns))).collect();
        let facts: Vec<ArgumentFact> = resolved
            .iter()
            .map(|x| ArgumentFact {
                ty: x.as_ref().map(|x| x.ty),
                constant: x.as_ref().is_some_and(|x| x.columns().is_empty()),
                of_parameter: x.as_ref().is_some_and(of_parameter),
                ..ArgumentFact::default()
            })
            .collect();
        // `take_any(*)` where every column is a key.
        let is_left_nothing = facts.is_empty() && !arguments.is_empty() && matches!(&*name.text, "take_any" | "any");
        if !is_left_nothing && self.checked(function, &facts, &written, name, item.span).is_none() {
            return;
        }
        let Some(exprs) = resolved.into_iter().collect::<Option<Vec<Expr>>>() else { return };
        let mut produced: Vec<(String, ColumnType)> = Vec::new();
        let start = scope.first + scope.width();
        match &*name.text {
            "percentile" | "percentiles" | "percentilew" | "percentilesw" => {
                let Some(calls) = self.percentiles(&name.text, &written, exprs) else { return };
                for (name, call) in calls {
                    produced.push((name, call.types[0]));
                    scope.calls.push(call);
                }
            }
            _ => {
                let Some(aggregate) = Aggregate::named(function.name) else {
                    self.unsupported(name.span, function.name, &format!("`{}()`", name.text));
                    return;
                };
                let names = (0..written.len()).map(|index| name_of_several(&name.text, &written, index));
                produced.extend(names.zip(exprs.iter().map(|x| x.ty)));
                let types = exprs.iter().map(|x| x.ty).collect();
                scope.calls.push(AggregateCall { aggregate, arguments: exprs, types });
            }
        }
        let given = &item.names;
        if given.len() > produced.len() {
            self.error(
                "several-names",
                item.span,
                format!("`{}` gives {} columns here, and there are {} names.", name.text, produced.len(), given.len()),
            );
            return;
        }
        for (index, (own, ty)) in produced.into_iter().enumerate() {
            let name = match given.get(index) {
                Some(name) if names.is_taken(&name.text) => {
                    self.duplicate_column(name);
                    continue;
                }
                Some(name) => names.make(&name.text),
                None => names.make(&own),
            };
            outputs.push(Output { name, ty: Some(ty), expr: Expr::column(ty, start + index) });
        }
    }

    /// A call for each of the percentages, and the name that its column has by itself.
    fn percentiles(
        &mut self,
        function: &str,
        written: &[Argument],
        mut exprs: Vec<Expr>,
    ) -> Option<Vec<(String, AggregateCall)>> {
        let weighted = matches!(function, "percentilew" | "percentilesw");
        let plain = if weighted { 2 } else { 1 };
        let percents = exprs.split_off(plain.min(exprs.len()));
        // As with sums, int becomes long; a decimal is taken as real.
        let ty = match exprs.first()?.ty {
            ColumnType::Int => ColumnType::Long,
            ColumnType::Decimal => ColumnType::Real,
            ty => ty,
        };
        exprs[0] = self.converted(exprs[0].clone(), ty);
        let value = argument_name(written.first()?).unwrap_or_default();
        let mut calls = Vec::new();
        for (percent, Argument { value: ast, .. }) in percents.into_iter().zip(written.get(plain..)?) {
            // The column is there all the same: what follows is not wrong as well.
            let number = percent.as_constant().and_then(convert::to_real).unwrap_or_else(|| {
                self.not_constant(&percent, ast.span, "A constant number from 0 to 100 is expected here.");
                0.0
            });
            if !(0.0..=100.0).contains(&number) {
                self.error("percentile", ast.span, "A percentile is a number from 0 to 100.");
                return None;
            }
            let text = match &ast.kind {
                ast::ExprKind::Literal(literal) => literal.text.replace('.', "_"),
                _ => number.to_string().replace('.', "_"),
            };
            let (kind, arguments) = if weighted {
                (AggregateKind::WeightedPercentile, exprs.iter().chain([&percent]).cloned().collect())
            } else {
                (AggregateKind::Percentile(number), exprs.clone())
            };
            let aggregate = Aggregate { kind, conditional: false, limit: MAX_ELEMENTS };
            calls.push((format!("percentile_{value}_{text}"), AggregateCall { aggregate, arguments, types: vec![ty] }));
        }
        Some(calls)
    }

    /// An aggregate inside an expression of `summarize`: its value is a column of the operator.
    pub(super) fn aggregate(
        &mut self,
        name: &ast::Name,
        arguments: &[Argument],
        span: Span,
        scope: &mut RowScope<'_>,
    ) -> Option<Expr> {
        let function = facts::find(&name.text, FunctionKind::Aggregate)?;
        let columns = scope.columns;
        let mut resolved = Vec::new();
        for argument in arguments {
            resolved.push(self.argument(&argument.value, &mut RowScope::row(columns)));
        }
        let facts: Vec<ArgumentFact> =
            resolved.iter().map(|r| r.as_ref().map_or(ArgumentFact::default(), |r| r.1)).collect();
        // `count(*)` is the same as `count()`.
        let facts = if &*name.text == "count" && matches!(facts[..], [ArgumentFact { star: true, .. }]) {
            &[][..]
        } else {
            &facts[..]
        };
        let ty = self.checked(function, facts, arguments, name, span)?;
        if let Some(current) = function.replaced_by {
            self.note_about_old_name(function, current, name.span);
        }
        let mut exprs: Vec<Expr> =
            resolved.into_iter().filter_map(|r| r.map(|r| r.0)).collect::<Option<Vec<_>>>().unwrap_or_default();
        if exprs.len() < facts.len() {
            return None;
        }
        if matches!(function.name, "percentile" | "percentiles" | "percentilew" | "percentilesw") {
            let calls = self.percentiles(function.name, arguments, exprs)?;
            let Ok([(_, call)]) = <[_; 1]>::try_from(calls) else {
                self.error(
                    "several-values",
                    span,
                    format!("`{}` gives several columns here, and one value is expected.", name.text),
                );
                return None;
            };
            let scope = scope.aggregates.as_deref_mut()?;
            let (ty, index) = (call.types[0], scope.first + scope.width());
            scope.calls.push(call);
            return Some(Expr { ty, kind: ExprKind::Column(index) });
        }
        let Some(mut aggregate) = Aggregate::named(function.name) else {
            self.unsupported(name.span, function.name, &format!("`{}()`", name.text));
            return None;
        };
        if function.name == "count" && exprs.len() == 1 {
            aggregate.conditional = true;
        }
        self.aggregate_options(&mut aggregate, &mut exprs);
        let scope = scope.aggregates.as_deref_mut()?;
        let index = scope.first + scope.width();
        if aggregate.kind == AggregateKind::ArgMax || aggregate.kind == AggregateKind::ArgMin {
            exprs.truncate(1);
        }
        scope.calls.push(AggregateCall { aggregate, arguments: exprs, types: vec![ty] });
        Some(Expr { ty, kind: ExprKind::Column(index) })
    }

    /// Takes the size of a list or set, and the accuracy of an estimate, out of the arguments.
    fn aggregate_options(&mut self, aggregate: &mut Aggregate, exprs: &mut Vec<Expr>) {
        let collects = matches!(
            aggregate.kind,
            AggregateKind::MakeList
                | AggregateKind::MakeListWithNulls
                | AggregateKind::MakeSet
                | AggregateKind::MakeBag
        );
        let plain = if aggregate.conditional { 2 } else { 1 };
        if collects || aggregate.kind == AggregateKind::CountDistinct {
            for option in exprs.drain(plain.min(exprs.len())..) {
                if let Some(size) = option.as_constant().and_then(convert::to_long)
                    && collects
                {
                    aggregate.limit = usize::try_from(size).unwrap_or(0).min(MAX_ELEMENTS);
                }
            }
        }
    }
}
