//! Chains of `where`, `project` and `extend`: one pass over the rows of what stands below them.
//!
//! Conditions are rewritten to read the base's columns, so that a condition after an `extend` is tested, kept and
//! explained like one before it.

use crate::expr::Expr;
use crate::plan::{NodeId, NodeKind, Plan};
use kql_syntax::Span;

/// A run of row-wise operators above a base.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The operator whose rows come out.
    pub top: NodeId,
    /// The operator whose rows go in; the same as `top` when there is nothing to chain.
    pub base: NodeId,
    /// The conditions in the text's order, over the base's columns.
    pub conditions: Vec<ChainCondition>,
    /// What each column is, over the base's columns.
    pub outputs: Vec<Expr>,
}

/// A condition of a chain.
#[derive(Clone, Debug)]
pub struct ChainCondition {
    /// The condition, over the base's columns.
    pub expr: Expr,
    /// Where it stands in the text.
    pub span: Span,
}

/// Expressions larger than this are computed and kept as columns rather than written into what reads them.
const MAX_SIZE: usize = 400;

/// The longest chain that ends at an operator.
#[must_use]
pub fn chain(plan: &Plan, top: NodeId) -> Chain {
    let mut nodes = Vec::new();
    let mut base = top;
    while let NodeKind::Filter(input, _) | NodeKind::Project(input, _) = &plan.node(base).kind {
        nodes.push(base);
        base = *input;
    }
    let identity = |id: NodeId| -> Vec<Expr> {
        plan.node(id).columns.iter().enumerate().map(|(i, c)| Expr::column(c.ty, i)).collect()
    };
    let mut chain = Chain { top, base, conditions: Vec::new(), outputs: identity(base) };
    for id in nodes.into_iter().rev() {
        match &plan.node(id).kind {
            NodeKind::Filter(_, conditions) => {
                chain.conditions.extend(conditions.iter().map(|condition| ChainCondition {
                    expr: condition.expr.substitute(&chain.outputs),
                    span: condition.span,
                }));
            }
            NodeKind::Project(input, exprs) => {
                let outputs: Vec<Expr> = exprs.iter().map(|x| x.substitute(&chain.outputs)).collect();
                if outputs.iter().any(|x| size(x) > MAX_SIZE) {
                    // What stands below becomes a chain of its own, and this operator begins a new one.
                    chain = Chain { top, base: *input, conditions: Vec::new(), outputs: exprs.clone() };
                } else {
                    chain.outputs = outputs;
                }
            }
            _ => {}
        }
    }
    chain
}

/// The chain nearest below an operator (or ending at it) that stands on a table of the logs: what its rows had to
/// pass before they were sorted or counted. `None` when rows of several tables meet on the way.
#[must_use]
pub fn source_chain(plan: &Plan, node: NodeId) -> Option<Chain> {
    let mut top = node;
    loop {
        let found = chain(plan, top);
        match &plan.node(found.base).kind {
            NodeKind::Table(_) => return Some(found),
            NodeKind::Sort(input, _)
            | NodeKind::Top(input, ..)
            | NodeKind::Take(input, _)
            | NodeKind::Count(input)
            | NodeKind::Distinct(input)
            | NodeKind::Summarize(input, ..)
            | NodeKind::Filter(input, _)
            | NodeKind::Project(input, _) => top = *input,
            _ => return None,
        }
    }
}

fn size(expr: &Expr) -> usize {
    let mut nodes = 0;
    expr.visit(&mut |_| nodes += 1);
    nodes
}
