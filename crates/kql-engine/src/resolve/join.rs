//! `join` and `lookup`.
//!
//! Source: Kusto documentation, `join-operator`, `lookup-operator`; names and refusals as Microsoft's analyzer has
//! them.

use super::names::UniqueNames;
use super::{Resolver, ResultColumn, Tabular};
use crate::expr::Expr;
use crate::plan::{Condition, Join, JoinColumn, JoinKind, NodeKind};
use event_table::{ColumnType, Value};
use kql_syntax::Span;
use kql_syntax::ast::{self, BinaryOp, Expr as Ast, Name, Operator};

const JOIN_KINDS: [(&str, JoinKind); 12] = [
    ("innerunique", JoinKind::InnerUnique),
    ("inner", JoinKind::Inner),
    ("leftouter", JoinKind::LeftOuter),
    ("rightouter", JoinKind::RightOuter),
    ("fullouter", JoinKind::FullOuter),
    ("leftsemi", JoinKind::LeftSemi),
    ("leftanti", JoinKind::LeftAnti),
    ("leftantisemi", JoinKind::LeftAnti),
    ("anti", JoinKind::LeftAnti),
    ("rightsemi", JoinKind::RightSemi),
    ("rightanti", JoinKind::RightAnti),
    ("rightantisemi", JoinKind::RightAnti),
];

impl Resolver<'_> {
    /// The rows of an innerunique join whose left side was filtered by conditions that stand right behind it and read
    /// that side only: the row that is kept of each key is one of those that pass (`join-innerunique`). `None` where
    /// there is no such join or condition. What was materialized is as it is.
    pub(super) fn before_unique_join(&mut self, input: &Tabular, conditions: &[Condition]) -> Option<Tabular> {
        let mut filters = Vec::new();
        let mut at = input.node;
        let mut join = loop {
            if self.materialized.contains(&at) {
                return None;
            }
            match &self.plan.node(at).kind {
                NodeKind::Filter(inner, conditions) => {
                    filters.push((conditions.clone(), self.plan.node(at).span));
                    at = *inner;
                }
                NodeKind::Join(join) if join.kind == JoinKind::InnerUnique => break join.clone(),
                _ => return None,
            }
        };
        let left = self.plan.node(join.left).columns.clone();
        let is_left = |column: usize| matches!(join.columns.get(column), Some(JoinColumn::Left(_)));
        let reads_left = |condition: &&Condition| {
            let read = condition.expr.columns();
            !read.is_empty() && read.into_iter().all(is_left)
        };
        let of_left: Vec<Expr> = join
            .columns
            .iter()
            .map(|column| match column {
                JoinColumn::Left(index) => Expr::column(left[*index].ty, *index),
                JoinColumn::Right(_) => Expr::constant(ColumnType::Dynamic, Value::Null),
            })
            .collect();
        let moved =
            |condition: &Condition| Condition { expr: condition.expr.substitute(&of_left), ..condition.clone() };
        let moved: Vec<Condition> = conditions.iter().filter(reads_left).map(moved).collect();
        if moved.is_empty() {
            return None;
        }
        let (columns, span) = (self.plan.node(at).columns.clone(), self.plan.node(at).span);
        self.planned += left.len() + columns.len() * (filters.len() + 1);
        join.left = self.plan.add(NodeKind::Filter(join.left, moved), left, span);
        let mut node = self.plan.add(NodeKind::Join(join), columns.clone(), span);
        for (conditions, span) in filters.into_iter().rev() {
            node = self.plan.add(NodeKind::Filter(node, conditions), columns.clone(), span);
        }
        Some(Tabular { node, columns: input.columns.clone() })
    }

    pub(super) fn join(&mut self, left: Tabular, right: &Ast, on: &[Ast], operator: &Operator) -> Option<Tabular> {
        let kind = self.join_kind(operator, &JOIN_KINDS, JoinKind::InnerUnique);
        let right = self.tabular(right)?;
        let keys = self.join_keys(&left, &right, on);
        let mut columns: Vec<JoinColumn> = Vec::new();
        if !matches!(kind, Some(JoinKind::RightSemi | JoinKind::RightAnti)) {
            columns.extend((0..left.columns.len()).map(JoinColumn::Left));
        }
        if !matches!(kind, Some(JoinKind::LeftSemi | JoinKind::LeftAnti)) {
            columns.extend((0..right.columns.len()).map(JoinColumn::Right));
        }
        let named = joined_columns(&left, &right, &columns);
        let (kind, keys) = (kind?, keys?);
        if keys.is_empty() {
            self.error(
                "join-condition",
                operator.keyword.span,
                "A join needs a condition: `on Column`, or `on $left.A == $right.B`.",
            );
            return None;
        }
        let join = Join { kind, left: left.node, right: right.node, keys, columns };
        Some(self.add(NodeKind::Join(Box::new(join)), named, operator.span))
    }

    pub(super) fn lookup(&mut self, left: Tabular, right: &Ast, on: &[Ast], operator: &Operator) -> Option<Tabular> {
        let kinds = [("leftouter", JoinKind::LeftOuter), ("inner", JoinKind::Inner)];
        let kind = self.join_kind(operator, &kinds, JoinKind::LeftOuter);
        let right = self.tabular(right)?;
        let keys = self.join_keys(&left, &right, on);
        let (kind, keys) = (kind?, keys?);
        // The right side's keys say nothing that the left side's do not.
        let rest = (0..right.columns.len()).filter(|i| !keys.iter().any(|(_, right)| right == i));
        let columns: Vec<JoinColumn> =
            (0..left.columns.len()).map(JoinColumn::Left).chain(rest.map(JoinColumn::Right)).collect();
        let named = joined_columns(&left, &right, &columns);
        let join = Join { kind, left: left.node, right: right.node, keys, columns };
        Some(self.add(NodeKind::Join(Box::new(join)), named, operator.span))
    }

    fn join_kind(&mut self, operator: &Operator, kinds: &[(&str, JoinKind)], default: JoinKind) -> Option<JoinKind> {
        let Some(property) = operator.properties.iter().find(|p| &*p.name.text == "kind") else { return Some(default) };
        let word = match &property.value.kind {
            ast::ExprKind::Name(name) => name.text.clone(),
            ast::ExprKind::Literal(literal) => literal.text.clone(),
            _ => "".into(),
        };
        let found = kinds.iter().find(|(name, _)| *name == &*word).map(|(_, kind)| *kind);
        if found.is_none() {
            let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
            self.error("unknown-word", property.value.span, format!("'{word}' is not one of {}.", names.join(", ")));
        }
        found
    }

    /// The pairs of columns that the conditions make equal; `None` after a finding.
    fn join_keys(&mut self, left: &Tabular, right: &Tabular, on: &[Ast]) -> Option<Vec<(usize, usize)>> {
        let mut keys = Vec::new();
        let mut failed = false;
        let mut parts = Vec::new();
        on.iter().for_each(|condition| super::operators::split_and(condition, &mut parts));
        for condition in parts {
            match self.join_key(left, right, condition) {
                Some(key) => keys.push(key),
                None => failed = true,
            }
        }
        if failed { None } else { Some(keys) }
    }

    fn join_key(&mut self, left: &Tabular, right: &Tabular, condition: &Ast) -> Option<(usize, usize)> {
        match &condition.kind {
            ast::ExprKind::Paren(inner) => self.join_key(left, right, inner),
            ast::ExprKind::Error => None,
            ast::ExprKind::Name(name) => {
                let (l, r) = (position(left, name), position(right, name));
                match (l, r) {
                    (Some(l), Some(r)) => self.same_type(left, right, (l, r), condition.span),
                    (None, None) => {
                        let is_common = |column: &&ResultColumn| right.columns.iter().any(|c| c.name == column.name);
                        let common: Vec<ResultColumn> = left.columns.iter().filter(is_common).cloned().collect();
                        self.unknown_name(name, &common);
                        None
                    }
                    (found, _) => {
                        let side = if found.is_some() { "right" } else { "left" };
                        self.error(
                            "join-condition",
                            name.span,
                            format!("The {side} side of the join has no column '{}'.", name.text),
                        );
                        None
                    }
                }
            }
            ast::ExprKind::Binary { op: BinaryOp::Equal, left: l, right: r, .. } => {
                let (l, r) = (side(l), side(r));
                let (Some(("$left", l)), Some(("$right", r))) = (l, r) else {
                    self.join_form(condition.span);
                    return None;
                };
                let found = (position(left, l), position(right, r));
                if found.0.is_none() {
                    self.unknown_name(l, &left.columns);
                }
                if found.1.is_none() {
                    self.unknown_name(r, &right.columns);
                }
                self.same_type(left, right, (found.0?, found.1?), condition.span)
            }
            _ => {
                self.join_form(condition.span);
                None
            }
        }
    }

    fn join_form(&mut self, span: Span) {
        self.error(
            "join-condition",
            span,
            "A join condition is the name of a column of both sides, or `$left.A == $right.B`.",
        );
    }

    fn same_type(
        &mut self,
        left: &Tabular,
        right: &Tabular,
        key: (usize, usize),
        span: Span,
    ) -> Option<(usize, usize)> {
        let (l, r) = (left.columns[key.0].ty, right.columns[key.1].ty);
        if let (Some(l), Some(r)) = (l, r) {
            let numbers = matches!((l, r), (ColumnType::Int | ColumnType::Long, ColumnType::Int | ColumnType::Long));
            if l != r && !numbers {
                self.error(
                    "join-types",
                    span,
                    format!("The two sides of the join have different types here: {l} and {r}."),
                );
                return None;
            }
            if l == ColumnType::Dynamic {
                self.dynamic_refused("join", span);
                return None;
            }
        }
        Some(key)
    }
}

fn position(rows: &Tabular, name: &Name) -> Option<usize> {
    rows.columns.iter().position(|c| c.name == name.text)
}

/// `$left.Column` or `$right.Column`.
fn side(ast: &Ast) -> Option<(&str, &Name)> {
    match &ast.kind {
        ast::ExprKind::Paren(inner) => side(inner),
        ast::ExprKind::Member { base, member } => match &base.kind {
            ast::ExprKind::Name(name) => Some((&name.text, member)),
            _ => None,
        },
        _ => None,
    }
}

/// The columns of both sides: a name of the right side that is taken gets a number.
pub(super) fn joined_columns(left: &Tabular, right: &Tabular, columns: &[JoinColumn]) -> Vec<ResultColumn> {
    let mut names = UniqueNames::default();
    for column in columns {
        if let JoinColumn::Left(index) = column {
            names.take(&left.columns[*index].name);
        }
    }
    // Names that the right side has of its own stay free of numbered ones.
    let own: Vec<_> = right.columns.iter().filter(|c| !names.is_taken(&c.name)).map(|c| c.name.clone()).collect();
    let mut numbered = names;
    own.iter().for_each(|name| numbered.take(name));
    columns
        .iter()
        .map(|column| match column {
            JoinColumn::Left(index) => left.columns[*index].clone(),
            JoinColumn::Right(index) => {
                let column = &right.columns[*index];
                let name = if own.contains(&column.name) { column.name.clone() } else { numbered.make(&column.name) };
                ResultColumn { name, ty: column.ty }
            }
        })
        .collect()
}
