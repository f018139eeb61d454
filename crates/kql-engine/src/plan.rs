//! A query after resolution: a graph of tabular operators whose scalar expressions have types.

use crate::aggregates::AggregateCall;
use crate::columnar::Chunk;
use crate::expr::{Expr, ExprKind};
use event_table::ColumnType;
use kql_syntax::Span;
use std::sync::Arc;

/// A tabular operator of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A column that an operator gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanColumn {
    /// The name.
    pub name: Arc<str>,
    /// The type of its values.
    pub ty: ColumnType,
}

/// A resolved query.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    nodes: Vec<Node>,
    /// The operator whose rows are the result.
    pub root: Option<NodeId>,
    /// What feeds the outermost union, in the text's order; a query without a union is one leg.
    pub legs: Vec<Leg>,
    /// How the result asks to be drawn.
    pub render: Option<Render>,
}

/// A sub-query that feeds the outermost union: a signal of a detection.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The `let` name, or the text's own first table.
    pub name: Arc<str>,
    /// The operator that gives its rows.
    pub node: NodeId,
    /// Where it is defined.
    pub span: Span,
}

/// A `render` at the end of a query: a hint for whoever shows the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Render {
    /// `timechart`, `barchart`, …
    pub chart: String,
    /// `with (name = value)`.
    pub properties: Vec<(String, String)>,
}

/// An operator and what it gives.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it does.
    pub kind: NodeKind,
    /// The columns that it gives.
    pub columns: Vec<PlanColumn>,
    /// Where it stands in the text.
    pub span: Span,
}

/// One `and`-ed part of a `where`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// A boolean expression over the input's columns.
    pub expr: Expr,
    /// Where it stands in the text.
    pub span: Span,
}

/// A key of a sort.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// The key.
    pub expr: Expr,
    /// Whether the largest comes first.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}

/// An input of a union.
#[derive(Clone, Debug)]
pub struct UnionInput {
    /// The operator.
    pub node: NodeId,
    /// For each column of the union, the input's column; `None` where it has none.
    pub columns: Vec<Option<usize>>,
    /// What `withsource` says of it; it stands in the first column.
    pub source: Option<Arc<str>>,
    /// The leg of the query that its rows come through, where this union is the outermost.
    pub leg: Option<u16>,
}

/// The kinds of operators.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A table of the logs.
    Table(Arc<str>),
    /// Rows that the query itself holds.
    Values(Arc<Chunk>),
    /// `range`: from, to, step.
    Range(Box<[Expr; 3]>),
    /// `where`.
    Filter(NodeId, Vec<Condition>),
    /// `project`, `extend` and their kin: an expression for each column.
    Project(NodeId, Vec<Expr>),
    /// `union`.
    Union(Vec<UnionInput>),
    /// `sort`.
    Sort(NodeId, Vec<SortKey>),
    /// `top`.
    Top(NodeId, Expr, Vec<SortKey>),
    /// `take`.
    Take(NodeId, Expr),
    /// `count`.
    Count(NodeId),
    /// `distinct` over all columns of the input.
    Distinct(NodeId),
    /// `summarize`: the keys, then the aggregates.
    Summarize(NodeId, Vec<Expr>, Vec<AggregateCall>),
    /// `getschema`: the rows are made when the query is resolved.
    Schema(Arc<Chunk>),
}

impl Plan {
    /// An operator.
    ///
    /// # Panics
    /// When the id comes from another plan.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The number of operators.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no operators.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds an operator.
    pub(crate) fn add(&mut self, kind: NodeKind, columns: Vec<PlanColumn>, span: Span) -> NodeId {
        self.nodes.push(Node { kind, columns, span });
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// Says which leg of the query an input of a union is.
    pub(crate) fn set_leg(&mut self, union: NodeId, input: usize, leg: Option<u16>) {
        if let NodeKind::Union(inputs) = &mut self.nodes[union.0 as usize].kind
            && let Some(input) = inputs.get_mut(input)
        {
            input.leg = leg;
        }
    }

    /// The columns of the result.
    #[must_use]
    pub fn columns(&self) -> &[PlanColumn] {
        self.root.map_or(&[], |root| &self.node(root).columns)
    }

    /// The operators that an operator reads from, those of subqueries in its expressions included.
    #[must_use]
    pub fn inputs(&self, id: NodeId) -> Vec<NodeId> {
        let mut inputs = Vec::new();
        match &self.node(id).kind {
            NodeKind::Table(_) | NodeKind::Values(_) | NodeKind::Schema(_) | NodeKind::Range(_) => {}
            NodeKind::Filter(input, _)
            | NodeKind::Project(input, _)
            | NodeKind::Sort(input, _)
            | NodeKind::Top(input, ..)
            | NodeKind::Take(input, _)
            | NodeKind::Count(input)
            | NodeKind::Distinct(input)
            | NodeKind::Summarize(input, ..) => inputs.push(*input),
            NodeKind::Union(legs) => inputs.extend(legs.iter().map(|leg| leg.node)),
        }
        self.for_each_expr(id, &mut |expr| {
            expr.visit(&mut |x| {
                if let ExprKind::Subquery(node, _) = x.kind {
                    inputs.push(node);
                }
            });
        });
        inputs
    }

    /// The scalar expressions of an operator.
    pub fn for_each_expr(&self, id: NodeId, f: &mut dyn FnMut(&Expr)) {
        match &self.node(id).kind {
            NodeKind::Range(bounds) => bounds.iter().for_each(f),
            NodeKind::Filter(_, conditions) => conditions.iter().for_each(|c| f(&c.expr)),
            NodeKind::Project(_, exprs) => exprs.iter().for_each(f),
            NodeKind::Sort(_, keys) => keys.iter().for_each(|k| f(&k.expr)),
            NodeKind::Top(_, count, keys) => {
                f(count);
                keys.iter().for_each(|k| f(&k.expr));
            }
            NodeKind::Take(_, count) => f(count),
            NodeKind::Summarize(_, keys, aggregates) => {
                keys.iter().for_each(&mut *f);
                aggregates.iter().for_each(|a| a.arguments.iter().for_each(&mut *f));
            }
            NodeKind::Table(_)
            | NodeKind::Values(_)
            | NodeKind::Schema(_)
            | NodeKind::Union(_)
            | NodeKind::Count(_)
            | NodeKind::Distinct(_) => {}
        }
    }

    /// The tables of the logs that an operator's rows come from, each once.
    #[must_use]
    pub fn tables(&self, id: NodeId) -> Vec<Arc<str>> {
        let mut tables: Vec<Arc<str>> = Vec::new();
        let mut seen = vec![false; self.nodes.len()];
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            if std::mem::replace(&mut seen[id.0 as usize], true) {
                continue;
            }
            if let NodeKind::Table(name) = &self.node(id).kind
                && !tables.contains(name)
            {
                tables.push(name.clone());
            }
            left.extend(self.inputs(id));
        }
        tables
    }
}
