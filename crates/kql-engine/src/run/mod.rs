//! Running a plan over tables.
//!
//! A [`Runner`] keeps, for each `and`-ed condition on a table, which rows it has seen and which of them passed.
//! After an edit only the edited condition looks at rows again, and only at those that passed what stands before
//! it. Work is done batch by batch; between batches the [`Pace`] may wait, report progress, or call it off.

mod bind;
mod chain;
mod evaluate;
mod expand;
mod external;
mod group;
mod join;
mod near;
mod nested;
mod operators;
mod pace;
mod parsing;
mod relation;
mod scan;
mod selections;
mod series;
mod sorting;
mod window;
mod words;

use crate::columnar::{Chunk, Origins, Vector, compute, select};
use crate::expr::Expr;
use crate::memory::{self, DEFAULT_BOUND, Metered};
use crate::plan::{NodeId, NodeKind, Plan, PlanColumn};
use event_table::{Bitmap, DateTime, TableSet, Value};
use rustc_hash::FxHashMap;
use selections::Selections;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

pub use chain::{Chain, ChainCondition, chain, source_chain};
pub use external::MAX_FILE_BYTES;
pub use near::{ChainOnTable, FailedRows, NearMisses};
pub use pace::{Cancelled, Pace, Progress, Unpaced, block_on};
pub use relation::Relation;
pub(crate) use window::random;

/// Why a run ended without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// The pace called it off.
    Cancelled,
    /// The query asks for more than fits, in words.
    TooLarge(String),
    /// A value that the query computes cannot be used where it stands, in words.
    Invalid(String),
}

/// What a run gives.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rows.
    pub relation: Rc<Relation>,
    /// For each operator that was run, what happened to the rows on the way.
    pub steps: FxHashMap<NodeId, Step>,
    /// The chains of conditions that were run, by the operator that ends them, subqueries put in place: what
    /// [`crate::explain::explain`] takes.
    pub chains: FxHashMap<NodeId, Rc<Chain>>,
}

/// How many rows went into a run of conditions, and how many were left after each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Rows of the base.
    pub rows: usize,
    /// Rows left after each condition, in the text's order.
    pub left: Vec<usize>,
    /// Rows that came out.
    pub out: usize,
}

/// The most rows that an operator may make by itself (`range`).
pub(crate) const MAX_MADE_ROWS: usize = 10_000_000;

/// Rows that an operator may work off before it asks the pace how to go on.
const STRETCH: usize = 1 << 16;

/// Runs plans, and keeps what the next run can use.
pub struct Runner {
    selections: Selections,
    memory: usize,
}

impl Default for Runner {
    fn default() -> Self {
        Self { selections: Selections::default(), memory: DEFAULT_BOUND }
    }
}

/// One run.
struct Run<'a> {
    plan: &'a Plan,
    tables: &'a TableSet,
    now: DateTime,
    pace: &'a dyn Pace,
    /// Bytes that the run may hold.
    memory: usize,
    /// The operator that is at work.
    current: NodeId,
    selections: &'a mut Selections,
    done: FxHashMap<NodeId, Rc<Relation>>,
    steps: FxHashMap<NodeId, Step>,
    chains: FxHashMap<NodeId, Rc<Chain>>,
    progress: Progress,
}

type Running<'r, T> = Pin<Box<dyn Future<Output = Result<T, RunError>> + 'r>>;

impl Runner {
    /// A runner that has kept nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many bytes a run may hold beside the tables; 1 GiB when nothing is said. Past that it ends with
    /// [`RunError::TooLarge`].
    pub fn set_memory(&mut self, bytes: usize) {
        self.memory = bytes;
    }

    /// Runs a plan over tables. `now` is the instant that `now()` and `ago()` were resolved with.
    pub async fn run(
        &mut self,
        plan: &Plan,
        tables: &TableSet,
        now: DateTime,
        pace: &dyn Pace,
    ) -> Result<Outcome, RunError> {
        self.selections.begin(tables);
        let mut run = Run {
            plan,
            tables,
            now,
            pace,
            memory: self.memory,
            current: NodeId(0),
            selections: &mut self.selections,
            done: FxHashMap::default(),
            steps: FxHashMap::default(),
            chains: FxHashMap::default(),
            progress: Progress { done: 0, total: work(plan, tables) },
        };
        let relation = match plan.root {
            Some(root) => Metered::new(run.memory, run.operators(root)).await?,
            None => Rc::default(),
        };
        Ok(Outcome { relation, steps: run.steps, chains: run.chains })
    }

    /// Runs a plan to its end without pauses.
    pub fn run_now(&mut self, plan: &Plan, tables: &TableSet, now: DateTime) -> Result<Outcome, RunError> {
        block_on(self.run(plan, tables, now, &Unpaced))
    }

    /// Forgets what was kept.
    pub fn clear(&mut self) {
        self.selections = Selections::default();
    }
}

/// Rows that the plan's tables hold, each table counted for each operator that reads it.
fn work(plan: &Plan, tables: &TableSet) -> usize {
    (0..plan.len())
        .filter_map(|id| match &plan.node(NodeId(id as u32)).kind {
            NodeKind::Table(name) => tables.get(name).map(event_table::Table::len),
            _ => None,
        })
        .sum()
}

impl Run<'_> {
    /// The rows of an operator, after those that it needs were run one by one: however long a pipeline is, the stack
    /// stays flat.
    async fn operators(&mut self, last: NodeId) -> Result<Rc<Relation>, RunError> {
        for id in self.needed(last) {
            self.node(id).await?;
        }
        self.node(last).await
    }

    /// An operator and those that it needs and that have not been run, each after those that it needs itself.
    fn needed(&self, last: NodeId) -> BTreeSet<NodeId> {
        // Operators are numbered after those that they read from.
        let mut found = BTreeSet::new();
        let mut left = vec![last];
        while let Some(id) = left.pop() {
            if self.done.contains_key(&id) || !found.insert(id) {
                continue;
            }
            let chain = chain::chain(self.plan, id);
            if chain.base == id {
                // The query of a part is run anew for each part.
                let body = if let NodeKind::Apply(apply) = &self.plan.node(id).kind { Some(apply.body) } else { None };
                left.extend(self.plan.inputs(id).into_iter().filter(|input| Some(*input) != body));
                continue;
            }
            if !matches!(self.plan.node(chain.base).kind, NodeKind::Table(_)) {
                left.push(chain.base);
            }
            for expr in chain.conditions.iter().map(|c| &c.expr).chain(&chain.outputs) {
                left.extend(expr.subqueries().into_iter().map(|(node, _)| node));
            }
        }
        found
    }

    /// The rows of an operator. Asked again, it gives the same rows.
    fn node<'r>(&'r mut self, id: NodeId) -> Running<'r, Rc<Relation>> {
        Box::pin(async move {
            if let Some(done) = self.done.get(&id) {
                return Ok(done.clone());
            }
            let outer = std::mem::replace(&mut self.current, id);
            let chain = chain::chain(self.plan, id);
            let relation = if chain.base == id { self.operator(id).await? } else { self.chain(&chain).await? };
            self.within_memory()?;
            self.current = outer;
            let relation = Rc::new(relation);
            self.steps.entry(id).or_default().out = relation.len();
            self.done.insert(id, relation.clone());
            Ok(relation)
        })
    }

    /// Counts work as done and lets the pace decide how to go on.
    async fn checkpoint(&mut self, rows: usize) -> Result<(), RunError> {
        self.within_memory()?;
        self.progress.done += rows;
        self.pace.checkpoint(self.progress).await.map_err(|Cancelled| RunError::Cancelled)
    }

    /// An error that names the operator at work once the run holds more than it may.
    fn within_memory(&self) -> Result<(), RunError> {
        if !memory::is_spent() {
            return Ok(());
        }
        let (operator, advice) = words::operator(&self.plan.node(self.current).kind);
        let mebibytes = self.memory >> 20;
        Err(RunError::TooLarge(format!(
            "{operator} needs more than the {mebibytes} MiB of memory that a run may take. {advice}"
        )))
    }

    /// Conditions and projections in one pass over the rows of their base.
    async fn chain(&mut self, chain: &Chain) -> Result<Relation, RunError> {
        let mut bound = chain.clone();
        for condition in &mut bound.conditions {
            condition.expr = self.bind(&condition.expr.clone()).await?;
        }
        for output in &mut bound.outputs {
            *output = self.bind(&output.clone()).await?;
        }
        let chain = Rc::new(bound);
        self.chains.insert(chain.top, chain.clone());
        let conditions: Vec<&Expr> = chain.conditions.iter().map(|c| &c.expr).collect();
        let mut step = Step { rows: 0, left: vec![0; conditions.len()], out: 0 };
        let mut chunks = Vec::new();
        if let NodeKind::Table(name) = &self.plan.node(chain.base).kind {
            let tests: Vec<_> = conditions.iter().map(|c| self.selections.condition(name, c, self.now)).collect();
            let batches = self.tables.get(name).map_or(0, |table| table.batches().len());
            for index in 0..batches {
                let (chunk, id) = self.table_chunk(name, chain.base, index);
                let mut passed = Bitmap::filled(chunk.len, true);
                step.rows += chunk.len;
                for (condition, left) in tests.iter().zip(&mut step.left) {
                    let now = self.now;
                    let test = |expr: &Expr, untested: &Bitmap| select(expr, true, &chunk, untested, now);
                    passed = self.selections.narrow(id, condition, passed, test);
                    *left += passed.count();
                }
                self.push_outputs(&chunk.filter(&passed), &chain.outputs, &mut chunks);
                self.checkpoint(chunk.len).await?;
            }
        } else {
            let base = self.node(chain.base).await?;
            for chunk in base.chunks() {
                let mut passed = Bitmap::filled(chunk.len, true);
                step.rows += chunk.len;
                for (condition, left) in conditions.iter().zip(&mut step.left) {
                    passed = select(condition, true, chunk, &passed, self.now);
                    *left += passed.count();
                }
                self.push_outputs(&chunk.filter(&passed), &chain.outputs, &mut chunks);
                self.checkpoint(0).await?;
            }
        }
        self.steps.insert(chain.top, step);
        Ok(Relation::new(self.plan.node(chain.top).columns.clone(), chunks))
    }

    fn push_outputs(&self, chunk: &Chunk, outputs: &[Expr], into: &mut Vec<Chunk>) {
        if chunk.len > 0 {
            let columns = outputs.iter().map(|x| compute(x, chunk, self.now)).collect();
            into.push(Chunk { len: chunk.len, columns, origins: chunk.origins.clone() });
        }
    }

    /// A batch of a table as a chunk with the columns that the plan knows.
    fn table_chunk(&self, name: &str, node: NodeId, index: usize) -> (Chunk, event_table::BatchId) {
        table_chunk(self.tables, name, &self.plan.node(node).columns, index)
    }
}

/// A batch of a table as a chunk with some columns; those that the batch lacks are missing in every row.
///
/// # Panics
/// When the table has no such batch: positions come from [`event_table::Table::batches`].
#[must_use]
pub fn table_chunk(
    tables: &TableSet,
    name: &str,
    columns: &[PlanColumn],
    index: usize,
) -> (Chunk, event_table::BatchId) {
    let position = tables.position(name).unwrap_or_default();
    let table = &tables.tables()[position];
    let batch = &table.batches()[index];
    let columns = columns.iter().map(|column| {
        let stored = table.schema().position(&column.name).and_then(|at| batch.column(at.get()));
        stored.map_or_else(|| Vector::Constant(Value::missing(column.ty)), |c| Vector::Column(Arc::clone(c)))
    });
    let start = table.batch_start(index) as u32;
    let origins = Origins::Table { table: position as u32, start, rows: None, leg: None };
    (Chunk { len: batch.len(), columns: columns.collect(), origins }, batch.id())
}
