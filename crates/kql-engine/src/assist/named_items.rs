//! The items of operators that have no name of their own, and the names that their columns have all the same.

use crate::facts::FunctionKind;
use crate::resolve::own_name;
use kql_syntax::Span;
use kql_syntax::ast::{
    Document, Expr, ExprKind, NamedExpr, Operator, OperatorKind, PartitionBody, Statement, StatementKind,
};
use kql_syntax::walk;

/// Each item without a name that has one by what it computes, with that name.
pub(super) fn unnamed_items(document: &Document) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    in_statements(&document.statements, &mut found);
    found
}

fn in_statements(statements: &[Statement], found: &mut Vec<(Span, String)>) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Let { value, .. } | StatementKind::Query(value) => in_expr(value, found),
            _ => {}
        }
    }
}

fn in_expr(expr: &Expr, found: &mut Vec<(Span, String)>) {
    match &expr.kind {
        ExprKind::Function { body, .. } => in_statements(&body.statements, found),
        ExprKind::Pipeline { operators, .. } => operators.iter().for_each(|operator| in_operator(operator, found)),
        _ => {}
    }
    walk::children(expr, &mut |child| in_expr(child, found));
}

fn in_operator(operator: &Operator, found: &mut Vec<(Span, String)>) {
    let mut take = |items: &[NamedExpr], kind| {
        let unnamed = items.iter().filter(|item| item.names.is_empty());
        found.extend(unnamed.filter_map(|item| Some((item.span, own_name(&item.expr, kind)?))));
    };
    match &operator.kind {
        OperatorKind::Extend(items)
        | OperatorKind::Project(items)
        | OperatorKind::Print(items)
        | OperatorKind::Serialize(items)
        | OperatorKind::Distinct(items) => take(items, FunctionKind::Scalar),
        OperatorKind::Summarize { aggregates, by } => {
            take(aggregates, FunctionKind::Aggregate);
            take(by, FunctionKind::Scalar);
        }
        OperatorKind::MakeSeries { by, .. } => take(by, FunctionKind::Scalar),
        OperatorKind::MvApply { body, .. } => body.iter().for_each(|operator| in_operator(operator, found)),
        OperatorKind::Partition { body: PartitionBody::Operators(body), .. } => {
            body.iter().for_each(|operator| in_operator(operator, found));
        }
        _ => {}
    }
}
