//! A query after resolution: a graph of tabular operators whose scalar expressions have types.

mod nodes;

use crate::aggregates::AggregateCall;
use crate::columnar::Chunk;
use crate::expr::{Expr, ExprKind};
use event_table::ColumnType;
use kql_syntax::Span;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

pub use nodes::{
    AddressLookup, Apply, ApplyColumn, Expand, ExpandItem, External, Join, JoinColumn, JoinKind, NestedLevel, ParseKv,
    ParseText, Parts, Pivot, RowsNear, Scan, ScanOutput, ScanStep, Series, Unpack, UnpackColumn, WindowCall,
    WindowFunction,
};
pub(crate) use nodes::{ExternalField, FileFormat};

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
    /// `join` and `lookup`.
    Join(Box<Join>),
    /// `mv-expand`: a row for each element.
    Expand(Box<Expand>),
    /// The rows of the part that `mv-apply` or `partition` is at.
    Part,
    /// `mv-apply` and `partition`: a query for each part of the input.
    Apply(Box<Apply>),
    /// `parse` and `parse-where`.
    Parse(Box<ParseText>),
    /// `parse-kv`.
    ParseKv(Box<ParseKv>),
    /// `prev`, `row_number` and their kin: the input's columns, then one for each call.
    Window(NodeId, Vec<WindowCall>),
    /// `make-series`.
    Series(Box<Series>),
    /// `top-nested`.
    TopNested(NodeId, Vec<NestedLevel>),
    /// `scan`.
    Scan(Box<Scan>),
    /// `evaluate bag_unpack`: the input's columns but one, and a column for each property.
    Unpack(Box<Unpack>),
    /// `evaluate pivot`: the keys, and a column for each value.
    Pivot(Box<Pivot>),
    /// `evaluate ipv4_lookup` and `evaluate ipv6_lookup`.
    AddressLookup(Box<AddressLookup>),
    /// `evaluate narrow`: a row for each cell.
    Narrow(NodeId),
    /// `evaluate rows_near`: the rows around some.
    RowsNear(Box<RowsNear>),
    /// `sample`.
    Sample(NodeId, Expr),
    /// `externaldata`.
    External(Box<External>),
}

/// Takes text, and keeps a hash of it.
struct Hashed(DefaultHasher);

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
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

    /// A number that is the same for plans that do the same, wherever their text stands and whatever their legs are
    /// called.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hashed = Hashed(DefaultHasher::new());
        for node in &self.nodes {
            let mut kind = node.kind.clone();
            if let NodeKind::Filter(_, conditions) = &mut kind {
                conditions.iter_mut().for_each(|condition| condition.span = Span::default());
            }
            // Hashing a text cannot fail.
            let _ = write!(hashed, "{kind:?}{:?};", node.columns);
        }
        let legs: Vec<NodeId> = self.legs.iter().map(|leg| leg.node).collect();
        let _ = write!(hashed, "{:?}{:?}{legs:?}", self.root, self.render);
        hashed.0.finish()
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
            NodeKind::Table(_)
            | NodeKind::Values(_)
            | NodeKind::Schema(_)
            | NodeKind::Range(_)
            | NodeKind::External(_) => {}
            NodeKind::Filter(input, _)
            | NodeKind::Project(input, _)
            | NodeKind::Sort(input, _)
            | NodeKind::Top(input, ..)
            | NodeKind::Take(input, _)
            | NodeKind::Count(input)
            | NodeKind::Distinct(input)
            | NodeKind::Summarize(input, ..) => inputs.push(*input),
            NodeKind::Union(legs) => inputs.extend(legs.iter().map(|leg| leg.node)),
            NodeKind::Part => {}
            NodeKind::Join(join) => inputs.extend([join.left, join.right]),
            NodeKind::AddressLookup(lookup) => inputs.extend([lookup.left, lookup.right]),
            NodeKind::RowsNear(near) => inputs.push(near.input),
            NodeKind::Narrow(input) => inputs.push(*input),
            NodeKind::Expand(expand) => inputs.push(expand.input),
            NodeKind::Apply(apply) => inputs.extend([apply.input, apply.body]),
            NodeKind::Parse(parse) => inputs.push(parse.input),
            NodeKind::ParseKv(parse) => inputs.push(parse.input),
            NodeKind::Series(series) => inputs.push(series.input),
            NodeKind::Scan(scan) => inputs.push(scan.input),
            NodeKind::Unpack(unpack) => inputs.push(unpack.input),
            NodeKind::Pivot(pivot) => inputs.push(pivot.input),
            NodeKind::Window(input, _) | NodeKind::TopNested(input, _) | NodeKind::Sample(input, _) => {
                inputs.push(*input)
            }
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
            NodeKind::Take(_, count) | NodeKind::Sample(_, count) => f(count),
            NodeKind::RowsNear(near) => [&near.condition, &near.before, &near.after].into_iter().for_each(f),
            NodeKind::Expand(expand) => expand.items.iter().for_each(|item| f(&item.expr)),
            NodeKind::Apply(apply) => match &apply.parts {
                Parts::Rows(expand) => expand.items.iter().for_each(|item| f(&item.expr)),
                Parts::Values(by, _) => f(by),
            },
            NodeKind::Parse(parse) => f(&parse.expr),
            NodeKind::ParseKv(parse) => f(&parse.expr),
            NodeKind::Window(_, calls) => calls.iter().for_each(|call| call.arguments.iter().for_each(&mut *f)),
            NodeKind::Series(series) => {
                series.keys.iter().for_each(&mut *f);
                series.aggregates.iter().for_each(|(call, default)| {
                    call.arguments.iter().for_each(&mut *f);
                    f(default);
                });
                [Some(&series.on), series.from.as_ref(), series.to.as_ref(), Some(&series.step)]
                    .into_iter()
                    .flatten()
                    .for_each(f);
            }
            NodeKind::TopNested(_, levels) => levels.iter().for_each(|level| {
                [level.count.as_ref(), Some(&level.of), level.others.as_ref()].into_iter().flatten().for_each(&mut *f);
                level.by.arguments.iter().for_each(&mut *f);
            }),
            NodeKind::Scan(scan) => {
                scan.partition.iter().for_each(&mut *f);
                scan.steps.iter().for_each(|step| {
                    f(&step.condition);
                    step.assignments.iter().for_each(|(_, x)| f(x));
                });
            }
            NodeKind::Summarize(_, keys, aggregates) => {
                keys.iter().for_each(&mut *f);
                aggregates.iter().for_each(|a| a.arguments.iter().for_each(&mut *f));
            }
            NodeKind::Table(_)
            | NodeKind::Values(_)
            | NodeKind::Schema(_)
            | NodeKind::Union(_)
            | NodeKind::Count(_)
            | NodeKind::Join(_)
            | NodeKind::AddressLookup(_)
            | NodeKind::Narrow(_)
            | NodeKind::Part
            | NodeKind::Unpack(_)
            | NodeKind::Pivot(_)
            | NodeKind::External(_)
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
