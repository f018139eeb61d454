//! `search`: rows of tables that have a term in any column.
//!
//! Source: Kusto documentation, `search-operator`: a text alone is looked for as a term in every column; `*` at an
//! edge leaves that side open; the result has a column with the table's name.

use super::scalar::Dynamic;
use super::scope::RowScope;
use super::{Resolver, ResultColumn, Tabular};
use crate::plan::{Condition, NodeKind, UnionInput};
use event_table::ColumnType;
use kql_syntax::Severity;
use kql_syntax::ast::{self, BinaryOp, Expr as Ast, ExprKind as AstKind, LiteralKind, Operator};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn search(
        &mut self,
        input: Option<Tabular>,
        tables: &[Ast],
        predicate: &Ast,
        operator: &Operator,
    ) -> Option<Tabular> {
        let kind = operator.properties.iter().find(|p| &*p.name.text == "kind").map(|p| super::parsing::word(&p.value));
        let case_sensitive = kind.is_some_and(|kind| &*kind == "case_sensitive");
        let predicate = searched(predicate, case_sensitive);
        let span = operator.span;
        let mut legs: Vec<(Arc<str>, Tabular)> = Vec::new();
        if let Some(input) = input {
            let name = self.name_of(input.node).or_else(|| self.plan.tables(input.node).first().cloned());
            legs.push((name.unwrap_or_else(|| "query".into()), input));
        } else if tables.is_empty() {
            let names: Vec<Arc<str>> = self.tables.tables().iter().map(|t| t.name().into()).collect();
            for name in names {
                let rows = self.table(&ast::Name { text: name.clone(), span: operator.keyword.span })?;
                legs.push((name, rows));
            }
            let views = self.view_legs(|_| true, operator.keyword.span);
            legs.extend(views.into_iter().map(|leg| (leg.name, leg.rows)));
        } else {
            for table in tables {
                if let AstKind::Wildcard(pattern) = &table.kind {
                    let names: Vec<Arc<str>> = self
                        .tables
                        .names()
                        .into_iter()
                        .filter(|n| super::operators::wildcard(&pattern.text, n))
                        .map(Into::into)
                        .collect();
                    for name in names {
                        let rows = self.table(&ast::Name { text: name.clone(), span: pattern.span })?;
                        legs.push((name, rows));
                    }
                    let fits = |name: &str| super::operators::wildcard(&pattern.text, name);
                    let views = self.view_legs(fits, pattern.span);
                    legs.extend(views.into_iter().map(|leg| (leg.name, leg.rows)));
                    continue;
                }
                let rows = self.tabular(table)?;
                let name = match &table.kind {
                    AstKind::Name(name) => name.text.clone(),
                    _ => self.plan.tables(rows.node).first().cloned().unwrap_or_else(|| "query".into()),
                };
                legs.push((name, rows));
            }
        }
        let several = legs.len() > 1;
        let mut found: Vec<(Arc<str>, Tabular)> = Vec::new();
        let mut failure = None;
        for (name, rows) in legs {
            let before = self.diagnostics.len();
            let condition = self.boolean(&predicate, &mut RowScope::row(&rows.columns), Dynamic::Refused);
            match condition {
                Some(expr) => {
                    let filtered = self.like(
                        &rows,
                        NodeKind::Filter(rows.node, vec![Condition { expr, span: predicate.span }]),
                        span,
                    );
                    found.push((name, filtered));
                }
                // A table without a column that the predicate names has no such rows.
                None if several
                    && self.diagnostics[before..]
                        .iter()
                        .all(|d| d.code == "unknown-column" || d.severity != Severity::Error) =>
                {
                    failure = Some(self.diagnostics.split_off(before));
                }
                None => return None,
            }
        }
        if found.is_empty() {
            self.diagnostics.extend(failure.unwrap_or_default());
            if self.diagnostics.is_empty() {
                self.error(
                    "empty-search",
                    operator.keyword.span,
                    "There is no table with rows to search in: load a log.",
                );
            }
            return None;
        }
        let mut columns = vec![ResultColumn { name: "$table".into(), ty: Some(ColumnType::String) }];
        for column in found.iter().flat_map(|(_, rows)| rows.columns.iter()) {
            if !columns.iter().any(|c| c.name == column.name && c.ty == column.ty) {
                columns.push(column.clone());
            }
        }
        let inputs = found
            .into_iter()
            .map(|(name, rows)| UnionInput {
                node: rows.node,
                columns: columns.iter().map(|c| rows.columns.iter().position(|own| own == c)).collect(),
                source: Some(name),
                leg: None,
            })
            .collect();
        Some(self.add(NodeKind::Union(inputs), columns, span))
    }
}

/// A predicate of `search` as one of `where`: texts that stand alone become tests of every column.
fn searched(ast: &Ast, case_sensitive: bool) -> Ast {
    let again = |x: &Ast| searched(x, case_sensitive);
    let kind = match &ast.kind {
        AstKind::And(parts) => AstKind::And(parts.iter().map(again).collect()),
        AstKind::Or(parts) => AstKind::Or(parts.iter().map(again).collect()),
        AstKind::Paren(inner) => AstKind::Paren(Box::new(again(inner))),
        AstKind::Call { name, arguments } if &*name.text == "not" => {
            let arguments = arguments.iter().map(|a| ast::Argument { name: None, value: again(&a.value) }).collect();
            AstKind::Call { name: name.clone(), arguments }
        }
        AstKind::Literal(literal) if matches!(literal.kind, LiteralKind::String) => {
            let star = Ast { kind: AstKind::Star, span: ast.span };
            return term(&star, &literal.text, case_sensitive, ast);
        }
        AstKind::Star => {
            return Ast {
                kind: AstKind::Literal(ast::Literal { kind: LiteralKind::Bool, text: "true".into() }),
                span: ast.span,
            };
        }
        AstKind::Binary { op: BinaryOp::SearchHas, left, right, .. } => {
            if let AstKind::Literal(literal) = &right.kind
                && matches!(literal.kind, LiteralKind::String)
            {
                return term(left, &literal.text, case_sensitive, ast);
            }
            return ast.clone();
        }
        _ => return ast.clone(),
    };
    Ast { kind, span: ast.span }
}

/// A test of a column for a term whose edges `*` leaves open.
fn term(subject: &Ast, text: &str, case_sensitive: bool, whole: &Ast) -> Ast {
    let (start, end) = (text.starts_with('*'), text.len() > 1 && text.ends_with('*'));
    let bare = text.strip_prefix('*').unwrap_or(text);
    let bare = if end { bare.strip_suffix('*').unwrap_or(bare) } else { bare };
    if bare.contains('*') {
        // As the page writes it out: `Lab*PC` is the regular expression `\bLab.*PC\b`.
        let pieces: Vec<String> = bare.split('*').map(regex::escape).collect();
        let edge = |open: bool| if open { "" } else { r"\b" };
        let pattern = format!("{}{}{}", edge(start), pieces.join(".*"), edge(end));
        return test(subject, BinaryOp::MatchesRegex, &pattern, whole);
    }
    let op = match (start, end, case_sensitive) {
        (false, false, false) => BinaryOp::Has,
        (false, false, true) => BinaryOp::HasCs,
        (false, true, false) => BinaryOp::HasPrefix,
        (false, true, true) => BinaryOp::HasPrefixCs,
        (true, false, false) => BinaryOp::HasSuffix,
        (true, false, true) => BinaryOp::HasSuffixCs,
        (true, true, false) => BinaryOp::Contains,
        (true, true, true) => BinaryOp::ContainsCs,
    };
    test(subject, op, bare, whole)
}

/// A test of a column against a text, in the place of a whole predicate.
fn test(subject: &Ast, op: BinaryOp, text: &str, whole: &Ast) -> Ast {
    let literal =
        Ast { kind: AstKind::Literal(ast::Literal { kind: LiteralKind::String, text: text.into() }), span: whole.span };
    Ast {
        kind: AstKind::Binary { op, op_span: whole.span, left: Box::new(subject.clone()), right: Box::new(literal) },
        span: whole.span,
    }
}
