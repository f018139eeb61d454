//! The expressions directly inside an expression or an operator.

use crate::ast::{Expr, ExprKind, NamedExpr, Operator, OperatorKind, OrderBy, PartitionBody, Property};

/// Calls `visit` with each expression directly inside an expression, in the order of the text.
///
/// The statements of a function's body are not expressions; [`ExprKind::Function`] gives only the defaults of its
/// parameters.
pub fn children<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    match &expr.kind {
        ExprKind::Error
        | ExprKind::Name(_)
        | ExprKind::Wildcard(_)
        | ExprKind::Star
        | ExprKind::TypeOf(_)
        | ExprKind::Literal(_) => {}
        ExprKind::Unary { operand, .. } => visit(operand),
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().for_each(visit),
        ExprKind::Binary { left, right, .. } => {
            visit(left);
            visit(right);
        }
        ExprKind::In { left, list, .. } => {
            visit(left);
            list.iter().for_each(visit);
        }
        ExprKind::Between { value, low, high, .. } => {
            visit(value);
            visit(low);
            visit(high);
        }
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(|argument| visit(&argument.value)),
        ExprKind::MemberCall { base, arguments, .. } => {
            visit(base);
            arguments.iter().for_each(|argument| visit(&argument.value));
        }
        ExprKind::Member { base, .. } => visit(base),
        ExprKind::Index { base, index } => {
            visit(base);
            visit(index);
        }
        ExprKind::Paren(inner) => visit(inner),
        ExprKind::Pipeline { source, operators } => {
            source.iter().for_each(|source| visit(source));
            operators.iter().for_each(|operator| in_operator(operator, visit));
        }
        ExprKind::DataTable { values, .. } => values.iter().for_each(visit),
        ExprKind::ExternalData { uris, properties, .. } => {
            uris.iter().for_each(&mut *visit);
            in_properties(properties, visit);
        }
        ExprKind::Function { parameters, .. } => {
            parameters.iter().filter_map(|parameter| parameter.default.as_ref()).for_each(visit);
        }
    }
}

/// Calls `visit` with each expression directly inside an operator, and inside the operators of its body.
pub fn in_operator<'e>(operator: &'e Operator, visit: &mut dyn FnMut(&'e Expr)) {
    in_properties(&operator.properties, visit);
    match &operator.kind {
        OperatorKind::Error
        | OperatorKind::Unsupported
        | OperatorKind::Count
        | OperatorKind::Consume
        | OperatorKind::GetSchema
        | OperatorKind::As(_)
        | OperatorKind::ProjectAway(_)
        | OperatorKind::ProjectKeep(_)
        | OperatorKind::ProjectReorder(_) => {}
        OperatorKind::Where(expr)
        | OperatorKind::Take(expr)
        | OperatorKind::Sample(expr)
        | OperatorKind::Invoke(expr)
        | OperatorKind::Evaluate { call: expr, .. } => visit(expr),
        OperatorKind::Extend(items)
        | OperatorKind::Project(items)
        | OperatorKind::ProjectRename(items)
        | OperatorKind::Print(items)
        | OperatorKind::Serialize(items)
        | OperatorKind::Distinct(items) => in_named(items, visit),
        OperatorKind::Sort(keys) => in_orders(keys, visit),
        OperatorKind::Top { count, by } => {
            visit(count);
            in_orders(by, visit);
        }
        OperatorKind::Summarize { aggregates, by } => {
            in_named(aggregates, visit);
            in_named(by, visit);
        }
        OperatorKind::Union(legs) => legs.iter().for_each(visit),
        OperatorKind::Join { right, on } | OperatorKind::Lookup { right, on } => {
            visit(right);
            on.iter().for_each(visit);
        }
        OperatorKind::Range { from, to, step, .. } => [from, to, step].into_iter().for_each(visit),
        OperatorKind::MvExpand { items, limit } => {
            items.iter().for_each(|item| visit(&item.expr.expr));
            limit.iter().for_each(visit);
        }
        OperatorKind::MvApply { items, limit, body } => {
            items.iter().for_each(|item| visit(&item.expr.expr));
            limit.iter().for_each(&mut *visit);
            body.iter().for_each(|operator| in_operator(operator, visit));
        }
        OperatorKind::Parse { expr, .. } => visit(expr),
        OperatorKind::ParseKv { expr, with, .. } => {
            visit(expr);
            in_properties(with, visit);
        }
        OperatorKind::Search { tables, predicate } | OperatorKind::Find { tables, predicate, .. } => {
            tables.iter().for_each(&mut *visit);
            visit(predicate);
        }
        OperatorKind::TopNested(levels) => {
            for level in levels {
                level.count.iter().for_each(&mut *visit);
                visit(&level.of.expr);
                level.others.iter().for_each(&mut *visit);
                visit(&level.by.expr);
            }
        }
        OperatorKind::TopHitters { count, of, by } => {
            visit(count);
            visit(of);
            by.iter().for_each(visit);
        }
        OperatorKind::SampleDistinct { count, of } => {
            visit(count);
            visit(of);
        }
        OperatorKind::MakeSeries { aggregates, on, from, to, step, by } => {
            for aggregate in aggregates {
                visit(&aggregate.expr.expr);
                aggregate.default.iter().for_each(&mut *visit);
            }
            visit(&on.expr);
            [from, to, step].into_iter().flatten().for_each(&mut *visit);
            in_named(by, visit);
        }
        OperatorKind::Render { with, .. } => in_properties(with, visit),
        OperatorKind::Partition { by, body } => {
            visit(by);
            match body {
                PartitionBody::Operators(operators) => operators.iter().for_each(|o| in_operator(o, visit)),
                PartitionBody::Query(query) => visit(query),
            }
        }
        OperatorKind::Scan { order, partition, declare, steps, .. } => {
            in_orders(order, visit);
            partition.iter().for_each(&mut *visit);
            declare.iter().filter_map(|parameter| parameter.default.as_ref()).for_each(&mut *visit);
            for step in steps {
                visit(&step.condition);
                in_named(&step.assignments, visit);
            }
        }
    }
}

fn in_named<'e>(items: &'e [NamedExpr], visit: &mut dyn FnMut(&'e Expr)) {
    items.iter().for_each(|item| visit(&item.expr));
}

fn in_orders<'e>(keys: &'e [OrderBy], visit: &mut dyn FnMut(&'e Expr)) {
    keys.iter().for_each(|key| visit(&key.key.expr));
}

fn in_properties<'e>(properties: &'e [Property], visit: &mut dyn FnMut(&'e Expr)) {
    properties.iter().for_each(|property| visit(&property.value));
}
