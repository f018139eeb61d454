//! The operators of a pipeline.

use super::names::{OneName, UniqueNames, own_name};
use super::scalar::Dynamic;
use super::scope::{Binding, RowScope};
use super::{MAX_PLANNED, Resolver, ResultColumn, Scope, Tabular};
use crate::columnar::{Chunk, Origins, Vector};
use crate::expr::Expr;
use crate::facts::FunctionKind;
use crate::plan::{Condition, NodeKind, Render, SortKey};
use event_table::{ColumnBuilder, ColumnType, Value};
use kql_syntax::ast::{
    self, ColumnPattern, Direction, Expr as Ast, NamedExpr, Nulls, Operator, OperatorKind, OrderBy, ReorderOrder,
};
use kql_syntax::{Diagnostic, Span};
use std::cmp::Ordering;
use std::sync::Arc;

impl Resolver<'_> {
    /// An operator that makes rows itself.
    pub(super) fn source_operator(&mut self, operator: &Operator) -> Option<Tabular> {
        let outer = self.begin_windows(None);
        let rows = self.one_source_operator(operator);
        self.end_windows(outer);
        rows
    }

    fn one_source_operator(&mut self, operator: &Operator) -> Option<Tabular> {
        match &operator.kind {
            OperatorKind::Error => None,
            OperatorKind::Union(legs) => self.union(None, legs, operator),
            OperatorKind::Print(items) => self.print(items, operator.span),
            OperatorKind::Search { tables, predicate } => self.search(None, tables, predicate, operator),
            OperatorKind::Find { tables, predicate, project } => {
                self.find(tables, predicate, project.as_ref(), operator)
            }
            OperatorKind::Range { name, from, to, step } => self.range(name, [from, to, step], operator.span),
            _ => {
                self.unsupported(
                    operator.keyword.span,
                    &operator.keyword.text,
                    &format!("`{}` at the start of a query", operator.keyword.text),
                );
                None
            }
        }
    }

    /// An operator on the rows that flow into it.
    pub(super) fn operator(&mut self, input: Tabular, operator: &Operator) -> Option<Tabular> {
        if self.planned > MAX_PLANNED {
            return None;
        }
        // Window functions belong to the operator that they stand in, not to one around it.
        let takes_them = matches!(
            operator.kind,
            OperatorKind::Where(_) | OperatorKind::Extend(_) | OperatorKind::Serialize(_) | OperatorKind::Project(_)
        );
        let outer = self.begin_windows(takes_them.then_some(&input));
        let rows = self.one_operator(input, operator);
        self.end_windows(outer);
        rows
    }

    fn one_operator(&mut self, input: Tabular, operator: &Operator) -> Option<Tabular> {
        let span = operator.span;
        self.scopes.push(Scope { span, columns: input.columns.clone() });
        match &operator.kind {
            OperatorKind::Error => None,
            OperatorKind::Where(predicate) => Some(self.filter(input, predicate, span)),
            OperatorKind::Extend(items) => Some(self.extend(input, items, span)),
            OperatorKind::Serialize(items) => {
                // Its own functions look at rows in the order that it keeps.
                self.windows.in_order();
                let rows = self.extend(input, items, span);
                self.serialized.insert(rows.node);
                Some(rows)
            }
            OperatorKind::Project(items) => Some(self.project(input, items, span)),
            OperatorKind::ProjectAway(patterns) => Some(self.project_away(input, patterns, span)),
            OperatorKind::ProjectKeep(patterns) => Some(self.project_keep(input, patterns, span)),
            OperatorKind::ProjectRename(items) => Some(self.project_rename(input, items, span)),
            OperatorKind::ProjectReorder(items) => Some(self.project_reorder(input, items, span)),
            OperatorKind::Sort(keys) => {
                let keys = self.sort_keys(&input, keys, Dynamic::Refused);
                Some(self.like(&input, NodeKind::Sort(input.node, keys), span))
            }
            OperatorKind::Top { count, by } => {
                let count = self.row_count(count);
                let keys = self.sort_keys(&input, by, Dynamic::Allowed);
                match count {
                    Some(count) => Some(self.like(&input, NodeKind::Top(input.node, count, keys), span)),
                    None => Some(input),
                }
            }
            OperatorKind::Take(count) => match self.row_count(count) {
                Some(count) => Some(self.like(&input, NodeKind::Take(input.node, count), span)),
                None => Some(input),
            },
            OperatorKind::Count => {
                let given = operator.properties.iter().find(|p| &*p.name.text == "as").map(|p| &p.value.kind);
                let name = match given {
                    Some(ast::ExprKind::Name(name)) => name.text.clone(),
                    _ => "Count".into(),
                };
                let columns = vec![ResultColumn { name, ty: Some(ColumnType::Long) }];
                Some(self.add(NodeKind::Count(input.node), columns, span))
            }
            OperatorKind::Distinct(items) => self.distinct(input, items, span),
            OperatorKind::Summarize { aggregates, by } => Some(self.summarize(input, aggregates, by, span)),
            OperatorKind::Union(legs) => self.union(Some(input), legs, operator),
            OperatorKind::Join { right, on } => self.join(input, right, on, operator),
            OperatorKind::Lookup { right, on } => self.lookup(input, right, on, operator),
            OperatorKind::MvExpand { items, limit } => self.mv_expand(input, items, limit.as_ref(), operator),
            OperatorKind::MvApply { items, limit, body } => self.mv_apply(input, items, limit.as_ref(), body, operator),
            OperatorKind::Partition { by, body } => self.partition(input, by, body, operator),
            OperatorKind::Parse { filter, expr, pattern } => self.parse_text(input, *filter, expr, pattern, operator),
            OperatorKind::ParseKv { expr, keys, with } => self.parse_kv(input, expr, keys, with, span),
            OperatorKind::MakeSeries { .. } => self.make_series(input, operator),
            OperatorKind::TopNested(levels) => self.top_nested(input, levels, span),
            OperatorKind::TopHitters { count, of, by } => self.top_hitters(input, count, of, by.as_ref(), span),
            OperatorKind::Sample(count) => match self.row_count(count) {
                Some(count) => Some(self.like(&input, NodeKind::Sample(input.node, count), span)),
                None => Some(input),
            },
            OperatorKind::SampleDistinct { count, of } => self.sample_distinct(input, count, of, span),
            OperatorKind::Scan { .. } => self.scan(input, operator),
            OperatorKind::Search { tables, predicate } => self.search(Some(input), tables, predicate, operator),
            OperatorKind::Evaluate { call, schema } => self.evaluate(input, call, schema.as_deref(), span),
            OperatorKind::Invoke(call) => self.invoke(input, call),
            // Its rows are taken up, and nothing is given (`consume-operator`).
            OperatorKind::Consume => {
                let nothing = self.choose(&input, &[], span);
                let none = Expr::constant(ColumnType::Long, Value::Long(0));
                Some(self.add(NodeKind::Take(nothing.node, none), Vec::new(), span))
            }
            OperatorKind::As(name) => {
                self.bound.entry(input.node).or_insert_with(|| (name.text.clone(), span));
                self.own_names.declare(name);
                self.environment.declare(name, Binding::Table(input.clone()));
                Some(input)
            }
            OperatorKind::GetSchema => Some(self.get_schema(&input, span)),
            OperatorKind::Render { chart, with } => {
                let text = |value: &Ast| match &value.kind {
                    ast::ExprKind::Name(name) => name.text.to_string(),
                    ast::ExprKind::Literal(literal) => literal.text.to_string(),
                    _ => String::new(),
                };
                let properties = with.iter().map(|p| (p.name.text.to_string(), text(&p.value))).collect();
                self.plan.render = Some(Render { chart: chart.text.to_string(), properties });
                Some(input)
            }
            OperatorKind::Print(_) | OperatorKind::Range { .. } | OperatorKind::Find { .. } => {
                let message =
                    format!("`{}` makes rows itself and takes none: it begins a query.", operator.keyword.text);
                self.error("source-operator", operator.keyword.span, message);
                None
            }
            _ => {
                self.unsupported(
                    operator.keyword.span,
                    &operator.keyword.text,
                    &format!("`{}`", operator.keyword.text),
                );
                None
            }
        }
    }

    /// An operator with the columns of its input.
    pub(super) fn like(&mut self, input: &Tabular, kind: NodeKind, span: Span) -> Tabular {
        self.add(kind, input.columns.to_vec(), span)
    }

    fn filter(&mut self, input: Tabular, predicate: &Ast, span: Span) -> Tabular {
        let mut parts = Vec::new();
        split_and(predicate, &mut parts);
        // A dynamic value is a condition only beside others.
        let dynamic = if parts.len() > 1 { Dynamic::Allowed } else { Dynamic::Refused };
        let mut conditions = Vec::new();
        for part in parts {
            let mut scope = RowScope::row(&input.columns);
            if let Some(expr) = self.boolean(part, &mut scope, dynamic) {
                self.warn_about_condition(&expr, part.span);
                conditions.push(Condition { expr, span: part.span });
            }
        }
        let base = self.window_input(&input, span);
        if base.node == input.node {
            let base = self.before_unique_join(&base, &conditions).unwrap_or(base);
            return self.like(&base, NodeKind::Filter(base.node, conditions), span);
        }
        let filtered = self.like(&base, NodeKind::Filter(base.node, conditions), span);
        let own: Vec<usize> = (0..input.columns.len()).collect();
        self.choose(&filtered, &own, span)
    }

    fn extend(&mut self, input: Tabular, items: &[NamedExpr], span: Span) -> Tabular {
        let items = &self.spread(items, &input.columns, OneName::NamesTheFirst)[..];
        let mut columns = input.columns.to_vec();
        let mut exprs: Vec<Expr> =
            columns.iter().enumerate().map(|(i, c)| Expr::column(c.ty.unwrap_or(ColumnType::Dynamic), i)).collect();
        let mut set: Vec<Arc<str>> = Vec::new();
        for item in items {
            let expr = self.scalar(&item.expr, &mut RowScope::row(&input.columns));
            let name = match (&item.names[..], &item.expr.kind) {
                ([name], _) | ([], ast::ExprKind::Name(name)) => {
                    if set.contains(&name.text) {
                        self.duplicate_column(name);
                        continue;
                    }
                    set.push(name.text.clone());
                    // A column by its name alone stays what an item before made of it, as Microsoft's analyzer has it.
                    if item.names.is_empty() && input.columns.iter().any(|c| c.name == name.text) {
                        continue;
                    }
                    name.text.clone()
                }
                ([], _) => match own_name(&item.expr, FunctionKind::Scalar) {
                    Some(name) => name.into(),
                    None => self.numbered_name(&input.columns),
                },
                _ => {
                    self.several_names_for_one(item, expr.is_some());
                    // What is wrong with their value has been told; that they are columns is known.
                    for name in &item.names {
                        match columns.iter().position(|c| c.name == name.text) {
                            Some(index) => columns[index].ty = None,
                            None => {
                                columns.push(ResultColumn { name: name.text.clone(), ty: None });
                                exprs.push(Expr::constant(ColumnType::Dynamic, Value::Null));
                            }
                        }
                    }
                    continue;
                }
            };
            let ty = expr.as_ref().map(|x| x.ty);
            let expr = expr.unwrap_or_else(|| Expr::constant(ColumnType::Dynamic, Value::Null));
            match columns.iter().position(|c| c.name == name) {
                Some(index) => {
                    columns[index].ty = ty;
                    exprs[index] = expr;
                }
                None => {
                    columns.push(ResultColumn { name, ty });
                    exprs.push(expr);
                }
            }
        }
        let base = self.window_input(&input, span);
        self.add(NodeKind::Project(base.node, exprs), columns, span)
    }

    fn project(&mut self, input: Tabular, items: &[NamedExpr], span: Span) -> Tabular {
        let (columns, exprs) = self.named_columns(&input.columns, items);
        let base = self.window_input(&input, span);
        self.add(NodeKind::Project(base.node, exprs), columns, span)
    }

    /// Refuses several names for one value; what is wrong with the value itself has been told.
    fn several_names_for_one(&mut self, item: &NamedExpr, has_value: bool) {
        if has_value {
            let message = "This expression gives one value, and there are several names.";
            self.error("several-names", item.span, message);
        }
    }

    /// The columns of `project` and `distinct`: named, by their own name, or numbered.
    fn named_columns(&mut self, input: &[ResultColumn], items: &[NamedExpr]) -> (Vec<ResultColumn>, Vec<Expr>) {
        let items = &self.spread(items, input, OneName::NamesTheFirst)[..];
        let mut names = UniqueNames::default();
        let (mut columns, mut exprs) = (Vec::new(), Vec::new());
        for item in items {
            let expr = self.scalar(&item.expr, &mut RowScope::row(input));
            let bare = match (&item.names[..], &item.expr.kind) {
                ([name], _) | ([], ast::ExprKind::Name(name)) => Some(name),
                _ => None,
            };
            let name = match bare {
                Some(name) if names.is_given(&name.text) => {
                    self.duplicate_column(name);
                    continue;
                }
                Some(name) => names.give(&name.text),
                None if item.names.len() > 1 => {
                    self.several_names_for_one(item, expr.is_some());
                    continue;
                }
                None => match own_name(&item.expr, FunctionKind::Scalar) {
                    Some(name) => names.make(&name),
                    None => names.make(&self.numbered_name(input)),
                },
            };
            columns.push(ResultColumn { name, ty: expr.as_ref().map(|x| x.ty) });
            exprs.push(expr.unwrap_or_else(|| Expr::constant(ColumnType::Dynamic, Value::Null)));
        }
        (columns, exprs)
    }

    /// The columns that a pattern stands for; a finding when there is none.
    fn matching(&mut self, pattern: &ColumnPattern, columns: &[ResultColumn]) -> Vec<usize> {
        let matches = |name: &str| {
            if pattern.wildcard { wildcard(&pattern.name.text, name) } else { *pattern.name.text == *name }
        };
        let found: Vec<usize> = (0..columns.len()).filter(|i| matches(&columns[*i].name)).collect();
        if found.is_empty() {
            if pattern.wildcard {
                let message = format!("No column's name fits '{}'.", pattern.name.text);
                self.error("unknown-column", pattern.name.span, message);
            } else {
                self.unknown_name(&pattern.name, columns);
            }
        }
        found
    }

    pub(super) fn choose(&mut self, input: &Tabular, chosen: &[usize], span: Span) -> Tabular {
        let columns: Vec<ResultColumn> = chosen.iter().map(|i| input.columns[*i].clone()).collect();
        let exprs =
            chosen.iter().map(|i| Expr::column(input.columns[*i].ty.unwrap_or(ColumnType::Dynamic), *i)).collect();
        self.add(NodeKind::Project(input.node, exprs), columns, span)
    }

    fn project_away(&mut self, input: Tabular, patterns: &[ColumnPattern], span: Span) -> Tabular {
        let away: Vec<usize> = patterns.iter().flat_map(|p| self.matching(p, &input.columns)).collect();
        let kept: Vec<usize> = (0..input.columns.len()).filter(|i| !away.contains(i)).collect();
        self.choose(&input, &kept, span)
    }

    fn project_keep(&mut self, input: Tabular, patterns: &[ColumnPattern], span: Span) -> Tabular {
        let keep: Vec<usize> = patterns.iter().flat_map(|p| self.matching(p, &input.columns)).collect();
        let kept: Vec<usize> = (0..input.columns.len()).filter(|i| keep.contains(i)).collect();
        self.choose(&input, &kept, span)
    }

    fn project_rename(&mut self, input: Tabular, items: &[NamedExpr], span: Span) -> Tabular {
        let mut columns = input.columns.to_vec();
        let mut renamed = Vec::new();
        for item in items {
            let (ast::ExprKind::Name(old), [new]) = (&item.expr.kind, &item.names[..]) else {
                self.error("rename-form", item.span, "Write the new name, `=`, and the column's present name.");
                continue;
            };
            match input.columns.iter().position(|c| c.name == old.text) {
                // Of two new names for one column the first holds, as Microsoft's analyzer has it.
                Some(index) if renamed.iter().any(|(known, _)| *known == index) => {}
                Some(index) => renamed.push((index, new)),
                None => self.unknown_name(old, &input.columns),
            }
        }
        for (index, new) in &renamed {
            // The present names stay taken: two columns cannot swap their names, and a column cannot be given its own.
            let taken = input.columns.iter().any(|c| c.name == new.text)
                || renamed.iter().any(|(i, other)| i != index && other.text == new.text);
            if taken {
                self.duplicate_column(new);
            } else {
                columns[*index].name = new.text.clone();
            }
        }
        let exprs =
            columns.iter().enumerate().map(|(i, c)| Expr::column(c.ty.unwrap_or(ColumnType::Dynamic), i)).collect();
        self.add(NodeKind::Project(input.node, exprs), columns, span)
    }

    fn project_reorder(&mut self, input: Tabular, items: &[ast::ReorderItem], span: Span) -> Tabular {
        let mut order: Vec<usize> = Vec::new();
        for item in items {
            let mut found = self.matching(&item.pattern, &input.columns);
            let name = |i: &usize| &*input.columns[*i].name;
            match item.order {
                None => {}
                Some(ReorderOrder::Asc) => found.sort_by(|a, b| alphabetical(name(a), name(b))),
                Some(ReorderOrder::Desc) => found.sort_by(|a, b| alphabetical(name(b), name(a))),
                Some(ReorderOrder::GrannyAsc) => found.sort_by(|a, b| granny(name(a), name(b))),
                Some(ReorderOrder::GrannyDesc) => found.sort_by(|a, b| granny(name(b), name(a))),
            }
            for index in found {
                if !order.contains(&index) {
                    order.push(index);
                }
            }
        }
        let rest: Vec<usize> = (0..input.columns.len()).filter(|i| !order.contains(i)).collect();
        order.extend(rest);
        self.choose(&input, &order, span)
    }

    /// The keys of a sort. Descending unless it says otherwise; nulls are the smallest.
    pub(super) fn sort_keys(&mut self, input: &Tabular, keys: &[OrderBy], dynamic: Dynamic) -> Vec<SortKey> {
        let mut resolved = Vec::new();
        for key in keys {
            let Some(expr) = self.scalar(&key.key.expr, &mut RowScope::row(&input.columns)) else { continue };
            if expr.ty == ColumnType::Dynamic && dynamic == Dynamic::Refused {
                self.dynamic_refused("sort", key.key.expr.span);
                continue;
            }
            let descending = key.direction != Some(Direction::Asc);
            let nulls_first = key.nulls.map_or(!descending, |nulls| nulls == Nulls::First);
            resolved.push(SortKey { expr, descending, nulls_first });
        }
        resolved
    }

    pub(super) fn dynamic_refused(&mut self, what: &str, span: Span) {
        let found = Diagnostic::error("dynamic-here", span, format!("A dynamic value cannot be a key of `{what}`."));
        self.report(found.with_hint("Write tostring(…) around it.").wrapped(span, "tostring"));
    }

    /// A whole number of rows that depends on no row.
    pub(super) fn row_count(&mut self, ast: &Ast) -> Option<Expr> {
        let expr = self.scalar(ast, &mut RowScope::empty())?;
        if !matches!(expr.ty, ColumnType::Int | ColumnType::Long) {
            self.error(
                "row-count",
                ast.span,
                format!("A whole number of rows is expected here, and this is {}.", expr.ty),
            );
            return None;
        }
        Some(expr)
    }

    fn distinct(&mut self, input: Tabular, items: &[NamedExpr], span: Span) -> Option<Tabular> {
        if let [NamedExpr { expr: Ast { kind: ast::ExprKind::Star, span: star }, .. }] = items {
            if input.columns.iter().any(|c| c.ty == Some(ColumnType::Dynamic)) {
                self.dynamic_refused("distinct", *star);
            }
            return Some(self.like(&input, NodeKind::Distinct(input.node), span));
        }
        let (columns, exprs) = self.named_columns(&input.columns, items);
        for (column, item) in columns.iter().zip(items) {
            if column.ty == Some(ColumnType::Dynamic) {
                self.dynamic_refused("distinct", item.expr.span);
            }
        }
        let projected = self.add(NodeKind::Project(input.node, exprs), columns, span);
        Some(self.like(&projected, NodeKind::Distinct(projected.node), span))
    }

    fn print(&mut self, items: &[NamedExpr], span: Span) -> Option<Tabular> {
        let items = &self.spread(items, &[], OneName::TakesTheFirst)[..];
        let mut names = UniqueNames::default();
        let (mut columns, mut exprs) = (Vec::new(), Vec::new());
        for (position, item) in items.iter().enumerate() {
            let expr = self.scalar(&item.expr, &mut RowScope::empty());
            let name = match &item.names[..] {
                [name] if names.is_taken(&name.text) => {
                    self.duplicate_column(name);
                    continue;
                }
                [name] => names.make(&name.text),
                [] => names.make(&format!("print_{position}")),
                _ => {
                    self.several_names_for_one(item, expr.is_some());
                    continue;
                }
            };
            columns.push(ResultColumn { name, ty: expr.as_ref().map(|x| x.ty) });
            exprs.push(expr.unwrap_or_else(|| Expr::constant(ColumnType::Dynamic, Value::Null)));
        }
        let one = Chunk { len: 1, columns: Vec::new(), origins: Origins::None };
        let row = self.add(NodeKind::Values(Arc::new(one)), Vec::new(), span);
        Some(self.add(NodeKind::Project(row.node, exprs), columns, span))
    }

    fn range(&mut self, name: &ast::Name, bounds: [&Ast; 3], span: Span) -> Option<Tabular> {
        let resolved = bounds.map(|x| self.scalar(x, &mut RowScope::empty()));
        let [Some(from), Some(to), Some(step)] = resolved else { return None };
        let ty = match (from.ty, to.ty, step.ty) {
            (ColumnType::DateTime, ColumnType::DateTime, ColumnType::TimeSpan) => Some(ColumnType::DateTime),
            (ColumnType::TimeSpan, ColumnType::TimeSpan, ColumnType::TimeSpan) => Some(ColumnType::TimeSpan),
            (a, b, c) if a.is_numeric() && b.is_numeric() && c.is_numeric() => {
                Some(super::types::widest(super::types::widest(a, b), c))
            }
            _ => None,
        };
        let Some(ty) = ty else {
            let message = format!("`range` is not defined from {} to {} by {}.", from.ty, to.ty, step.ty);
            self.error("operand-types", span, message);
            return None;
        };
        let columns = vec![ResultColumn { name: name.text.clone(), ty: Some(ty) }];
        Some(self.add(NodeKind::Range(Box::new([from, to, step])), columns, span))
    }

    fn get_schema(&mut self, input: &Tabular, span: Span) -> Tabular {
        use ColumnType::{Long, String};
        let columns = [("ColumnName", String), ("ColumnOrdinal", Long), ("DataType", String), ("ColumnType", String)]
            .map(|(name, ty)| ResultColumn { name: name.into(), ty: Some(ty) });
        let mut builders = columns.each_ref().map(|c| ColumnBuilder::new(c.ty.unwrap_or(String)));
        for (position, column) in input.columns.iter().enumerate() {
            let ty = column.ty.unwrap_or(ColumnType::Dynamic);
            builders[0].push_str(&column.name);
            builders[1].push_long(position as i64);
            builders[2].push_str(dotnet_name(ty));
            builders[3].push_str(ty.name());
        }
        let vectors = builders.map(|b| Vector::Column(Arc::new(b.finish()))).into();
        let chunk = Chunk { len: input.columns.len(), columns: vectors, origins: Origins::None };
        self.add(NodeKind::Schema(Arc::new(chunk)), columns.into(), span)
    }
}

/// The parts of a condition that are joined by `and`, parentheses looked through.
pub(super) fn split_and<'a>(ast: &'a Ast, parts: &mut Vec<&'a Ast>) {
    match &ast.kind {
        ast::ExprKind::And(list) => list.iter().for_each(|part| split_and(part, parts)),
        ast::ExprKind::Paren(inner) if matches!(inner.kind, ast::ExprKind::And(_) | ast::ExprKind::Paren(_)) => {
            split_and(inner, parts);
        }
        _ => parts.push(ast),
    }
}

/// Whether a name fits a pattern in which `*` stands for any run of characters.
pub(super) fn wildcard(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Names by the characters of their capital letters; names that differ in case only keep their order. The page says no
/// more than "ascending"; Microsoft's analyzer compares names this way.
fn alphabetical(a: &str, b: &str) -> Ordering {
    a.chars().flat_map(char::to_uppercase).cmp(b.chars().flat_map(char::to_uppercase))
}

/// Names in the order that people expect of numbers in them: `a2` before `a10`.
fn granny(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    loop {
        let (p, q) = (x.find(|c: char| c.is_ascii_digit()), y.find(|c: char| c.is_ascii_digit()));
        match (p, q) {
            (Some(p), Some(q)) if x[..p] == y[..q] => {
                let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
                let (m, n) = (p + digits(&x[p..]), q + digits(&y[q..]));
                let (u, v) = (x[p..m].trim_start_matches('0'), y[q..n].trim_start_matches('0'));
                let order = u.len().cmp(&v.len()).then_with(|| u.cmp(v));
                if order != Ordering::Equal {
                    return order;
                }
                (x, y) = (&x[m..], &y[n..]);
            }
            _ => return x.cmp(y).then_with(|| a.cmp(b)),
        }
    }
}

fn dotnet_name(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Bool => "System.SByte",
        ColumnType::Int => "System.Int32",
        ColumnType::Long => "System.Int64",
        ColumnType::Real => "System.Double",
        ColumnType::Decimal => "System.Data.SqlTypes.SqlDecimal",
        ColumnType::String => "System.String",
        ColumnType::DateTime => "System.DateTime",
        ColumnType::TimeSpan => "System.TimeSpan",
        ColumnType::Guid => "System.Guid",
        ColumnType::Dynamic => "System.Object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, name, fits) in [
            ("*", "abc", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "ac", true),
            ("a*b*c", "axxbyyc", true),
            ("a*", "bac", false),
            ("*b", "abc", false),
            ("abc", "abcd", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(wildcard(pattern, name), fits, "{pattern} {name}");
        }
    }

    /// As the analyzer orders the columns of a datatable after `project-reorder * asc`.
    #[test]
    fn names_are_in_order_whatever_their_case() {
        let mut names = ["b_1", "B", "ba", "b1", "C", "a", "b", "A"];
        names.sort_by(|a, b| alphabetical(a, b));
        assert_eq!(names, ["a", "A", "B", "b", "b1", "ba", "b_1", "C"]);
    }

    #[test]
    fn granny_puts_small_numbers_first() {
        let mut names = ["a10", "a2", "b1", "a02b", "a"];
        names.sort_by(|a, b| granny(a, b));
        assert_eq!(names, ["a", "a2", "a02b", "a10", "b1"]);
    }
}
