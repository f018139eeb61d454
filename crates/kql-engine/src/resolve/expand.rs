//! `mv-expand`, `mv-apply`, `partition`, `invoke`.

use super::scope::{Binding, RowScope};
use super::tabular::Called;
use super::{Resolver, ResultColumn, Tabular};
use crate::expr::{Expr, ExprKind, SubqueryShape};
use crate::facts::{self, FunctionKind};
use crate::plan::{Apply, ApplyColumn, Expand, ExpandItem, NodeKind, Parts};
use crate::scalar::convert;
use event_table::ColumnType;
use kql_syntax::Diagnostic;
use kql_syntax::ast::{self, Expr as Ast, MvItem, Operator, ParameterType, PartitionBody};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn mv_expand(
        &mut self,
        input: Tabular,
        items: &[MvItem],
        limit: Option<&Ast>,
        operator: &Operator,
    ) -> Option<Tabular> {
        let (expand, columns) = self.expansion(&input, items, limit, operator)?;
        Some(self.add(NodeKind::Expand(Box::new(expand)), columns, operator.span))
    }

    /// What is expanded into which columns.
    fn expansion(
        &mut self,
        input: &Tabular,
        items: &[MvItem],
        limit: Option<&Ast>,
        operator: &Operator,
    ) -> Option<(Expand, Vec<ResultColumn>)> {
        let property = |names: &[&str]| {
            operator.properties.iter().find(|p| names.contains(&&*p.name.text)).map(|p| match &p.value.kind {
                ast::ExprKind::Name(name) => name.text.clone(),
                ast::ExprKind::Literal(literal) => literal.text.clone(),
                _ => Arc::from(""),
            })
        };
        let pairs = match property(&["kind", "bagexpansion"]).as_deref() {
            None | Some("bag") => false,
            Some("array") => true,
            Some(other) => {
                self.error("unknown-word", operator.keyword.span, format!("'{other}' is not one of bag, array."));
                false
            }
        };
        let mut columns = input.columns.to_vec();
        let mut expanded = Vec::new();
        let mut failed = false;
        for item in items {
            let Some(expr) = self.scalar(&item.expr.expr, &mut RowScope::row(&input.columns)) else {
                failed = true;
                continue;
            };
            if expr.ty != ColumnType::Dynamic {
                self.error(
                    "not-dynamic",
                    item.expr.expr.span,
                    format!("Only a dynamic value can be expanded, and this is {}.", expr.ty),
                );
                failed = true;
                continue;
            }
            let ty = match &item.to_type {
                Some(name) => match self.type_named(name) {
                    Some(ty) => ty,
                    None => {
                        failed = true;
                        continue;
                    }
                },
                None => ColumnType::Dynamic,
            };
            let name: Arc<str> = match &item.expr.names[..] {
                [name] => name.text.clone(),
                _ => self.column_name_of(&item.expr.expr, FunctionKind::Scalar, &input.columns),
            };
            let column = match columns.iter().position(|c| c.name == name) {
                Some(column) => {
                    columns[column].ty = Some(ty);
                    column
                }
                None => {
                    columns.push(ResultColumn { name, ty: Some(ty) });
                    columns.len() - 1
                }
            };
            expanded.push(ExpandItem { expr, column, ty });
        }
        let index = property(&["with_itemindex"]).map(|name| {
            columns.push(ResultColumn { name, ty: Some(ColumnType::Long) });
            columns.len() - 1
        });
        // The old spelling has a limit of its own (`mv-expand-operator`).
        let mut most = if &*operator.keyword.text == "mvexpand" { 128 } else { i32::MAX as usize };
        if let Some(limit) = limit {
            let count = self.row_count(limit)?;
            match count.as_constant().and_then(convert::to_long) {
                Some(n) => most = usize::try_from(n).unwrap_or(0),
                None => {
                    self.not_constant(&count, limit.span, "A constant is expected here.");
                    failed = true;
                }
            }
        }
        if failed || expanded.is_empty() {
            return None;
        }
        Some((Expand { input: input.node, items: expanded, index, pairs, limit: most }, columns))
    }

    pub(super) fn mv_apply(
        &mut self,
        input: Tabular,
        items: &[MvItem],
        limit: Option<&Ast>,
        body: &[Operator],
        operator: &Operator,
    ) -> Option<Tabular> {
        let (expand, part_columns) = self.expansion(&input, items, limit, operator)?;
        let part = self.add(NodeKind::Part, part_columns.clone(), operator.span);
        let mut rows = part.clone();
        for operator in body {
            rows = self.operator(rows, operator)?;
        }
        // A query whose last operator is the part itself still needs a node of its own.
        let all: Vec<usize> = (0..rows.columns.len()).collect();
        let rows = self.choose(&rows, &all, operator.span);
        // The row's own columns stay, but for those that are expanded in place; then what the query adds to them.
        let replaced: Vec<usize> = expand.items.iter().map(|item| item.column).collect();
        let mut columns = Vec::new();
        let mut from = Vec::new();
        for (index, column) in input.columns.iter().enumerate() {
            if !replaced.contains(&index) {
                columns.push(column.clone());
                from.push(ApplyColumn::Input(index));
                continue;
            }
            if let Some(at) = rows.columns.iter().position(|c| c.name == column.name) {
                columns.push(rows.columns[at].clone());
                from.push(ApplyColumn::Body(at));
            }
        }
        for (index, column) in rows.columns.iter().enumerate() {
            if !columns.iter().any(|c: &ResultColumn| c.name == column.name) {
                columns.push(column.clone());
                from.push(ApplyColumn::Body(index));
            }
        }
        let apply =
            Apply { input: input.node, parts: Parts::Rows(expand), part: part.node, body: rows.node, columns: from };
        Some(self.add(NodeKind::Apply(Box::new(apply)), columns, operator.span))
    }

    /// `partition by key ( operators )`, or `{ query }` (`partition-operator`): the first takes the rows of one key, the
    /// second rows of its own and knows the key alone.
    pub(super) fn partition(
        &mut self,
        input: Tabular,
        by: &Ast,
        body: &PartitionBody,
        operator: &Operator,
    ) -> Option<Tabular> {
        let span = operator.span;
        let expr = self.scalar(by, &mut RowScope::row(&input.columns))?;
        if expr.ty == ColumnType::Dynamic {
            self.dynamic_refused("partition", by.span);
            return None;
        }
        let strategy = operator.properties.iter().find(|p| &*p.name.text == "hint.strategy");
        let is_legacy =
            strategy.is_none_or(|p| matches!(&p.value.kind, ast::ExprKind::Name(n) if &*n.text == "legacy"));
        let part = self.add(NodeKind::Part, input.columns.to_vec(), span);
        let rows = match body {
            PartitionBody::Operators(operators) => {
                let mut rows = part.clone();
                for operator in operators {
                    rows = self.operator(rows, operator)?;
                }
                rows
            }
            PartitionBody::Query(query) => {
                if let Some(other) = strategy.filter(|_| !is_legacy) {
                    let found = Diagnostic::error(
                        "unknown-word",
                        other.value.span,
                        "A query in braces goes with the strategy `legacy` alone.",
                    );
                    self.report(found.with_hint("Leave the hint out."));
                    return None;
                }
                let ast::ExprKind::Name(name) = &by.kind else {
                    self.error("column-expected", by.span, "The name of a column is expected here.");
                    return None;
                };
                let columns = vec![ResultColumn { name: name.text.clone(), ty: Some(expr.ty) }];
                let key = self.add(NodeKind::Project(part.node, vec![expr.clone()]), columns, span);
                let value = Expr { ty: expr.ty, kind: ExprKind::Subquery(key.node, SubqueryShape::Scalar) };
                let outer = self.environment.clone();
                self.environment = outer.inner();
                self.environment.declare(name, Binding::Scalar(value));
                self.part_keys.insert(key.node);
                let rows = self.tabular(query);
                self.environment = outer;
                rows?
            }
        };
        let all: Vec<usize> = (0..rows.columns.len()).collect();
        let rows = self.choose(&rows, &all, span);
        let columns = rows.columns.to_vec();
        let from = all.into_iter().map(ApplyColumn::Body).collect();
        // The page: an error occurs when there are more.
        let most = if is_legacy { 64 } else { usize::MAX };
        let parts = Parts::Values(expr, most);
        let apply = Apply { input: input.node, parts, part: part.node, body: rows.node, columns: from };
        Some(self.add(NodeKind::Apply(Box::new(apply)), columns, span))
    }

    /// `invoke f(…)`: the rows so far are the function's first argument.
    pub(super) fn invoke(&mut self, input: Tabular, call: &Ast) -> Option<Tabular> {
        let (name, arguments) = match &call.kind {
            ast::ExprKind::Call { name, arguments } => (name, arguments.as_slice()),
            _ => {
                self.error(
                    "function-expected",
                    call.span,
                    "A call of a function that the query defines is expected here.",
                );
                return None;
            }
        };
        let Some(Binding::Function(function)) = self.called(name) else {
            if &*name.text == "FileProfile" {
                return self.file_profile(&input, name, arguments, call.span);
            }
            if facts::of_a_service(&name.text).is_some() {
                self.of_a_service(name);
                return None;
            }
            self.error("unknown-function", name.span, format!("The query defines no function named '{}'.", name.text));
            return None;
        };
        let function = function.clone();
        let Some((first, _)) = function.parameters.split_first() else {
            self.error("arguments", call.span, format!("`{}` takes no rows.", name.text));
            return None;
        };
        let ParameterType::Tabular { columns, .. } = &first.ty else {
            self.error("arguments", call.span, format!("The first parameter of `{}` takes no rows.", name.text));
            return None;
        };
        let Binding::Table(rows) = self.tabular_argument(first, columns, input, name.span) else { return None };
        match self.user_call_with(&function, Some(rows), arguments, call.span, &RowScope::empty())? {
            Called::Rows(rows) => Some(rows),
            Called::Scalar(_) => {
                self.error(
                    "rows-expected",
                    call.span,
                    format!("'{}' gives a single value, and rows are expected here.", name.text),
                );
                None
            }
        }
    }
}
