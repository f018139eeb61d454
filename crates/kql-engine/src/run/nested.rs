//! `top-nested`: the largest values of one level, and within each the largest of the next.
//!
//! Source: Kusto documentation, `top-nested-operator`. **Our choice**: the rows come by the aggregates of the first
//! level, then of the next, the smallest first, as in the page's example.

use super::{Relation, Run, RunError, STRETCH};
use crate::columnar::{Chunk, Origins, Vector, compute};
use crate::keys::encode_value;
use crate::memory::{self, Held};
use crate::plan::{NestedLevel, NodeId, PlanColumn};
use crate::scalar::{convert, evaluate, order};
use event_table::{ColumnBuilder, Value};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::sync::Arc;

/// The rows of one value: by chunk and row.
type Rows = Vec<(u32, u32)>;

/// A level with its expressions computed for every chunk.
struct Level {
    count: Option<usize>,
    of: Vec<Vector>,
    others: Option<Value>,
    call: crate::aggregates::AggregateCall,
    arguments: Vec<Vec<Vector>>,
    ascending: bool,
}

/// Rows on their way down the levels.
struct Descent {
    /// The level that is next.
    depth: usize,
    rows: Rows,
    /// The values and aggregates of the levels before.
    path: Vec<Value>,
    /// Whether the path is a row already, that of the others.
    is_whole: bool,
}

/// What a group takes beside its rows: its value twice, and their vectors.
const GROUP_BYTES: usize = 3 * size_of::<Value>() + 64;

impl Run<'_> {
    pub(super) async fn top_nested(
        &mut self,
        input: NodeId,
        levels: &[NestedLevel],
        columns: &[PlanColumn],
    ) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(input).await?;
        let mut prepared = Vec::new();
        for level in levels {
            let count = match &level.count {
                Some(count) => {
                    let value = evaluate(&self.bind(count).await?, &[][..], self.now);
                    convert::to_long(&value).map(|n| usize::try_from(n).unwrap_or(0))
                }
                None => None,
            };
            let others = match &level.others {
                Some(others) => Some(evaluate(&self.bind(others).await?, &[][..], self.now)),
                None => None,
            };
            let of = self.bind(&level.of).await?;
            let mut call = level.by.clone();
            for argument in &mut call.arguments {
                *argument = self.bind(&argument.clone()).await?;
            }
            let now = self.now;
            let arguments = input
                .chunks()
                .iter()
                .map(|chunk| call.arguments.iter().map(|x| compute(x, chunk, now)).collect())
                .collect();
            prepared.push(Level {
                count,
                of: input.chunks().iter().map(|chunk| compute(&of, chunk, now)).collect(),
                others,
                arguments,
                call,
                ascending: level.ascending,
            });
            self.checkpoint(0).await?;
        }
        let rows = self.descend(&prepared, all_rows(&input)).await?;
        let order = |a: u32, b: u32| {
            let (a, b) = (&rows[a as usize], &rows[b as usize]);
            let aggregates = (1..columns.len()).step_by(2).map(|column| order(&a[column], &b[column]));
            aggregates.fold(Ordering::Equal, Ordering::then)
        };
        let sorted = self.in_order((0..rows.len() as u32).collect(), order).await?;
        let mut builders: Vec<ColumnBuilder> = columns.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
        for (position, row) in sorted.iter().enumerate() {
            for ((cell, column), builder) in rows[*row as usize].iter().zip(columns).zip(&mut builders) {
                builder.push(&convert::to_type(cell, column.ty));
            }
            if position % STRETCH == STRETCH - 1 {
                self.checkpoint(0).await?;
            }
        }
        memory::take(builders.iter().map(ColumnBuilder::heap_bytes).sum());
        let vectors = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
        Ok(vec![Chunk { len: rows.len(), columns: vectors, origins: Origins::None }])
    }

    /// A row for each path through the levels, in the order of the first rows that took it.
    async fn descend(&mut self, levels: &[Level], all: Rows) -> Result<Vec<Vec<Value>>, RunError> {
        let mut out: Vec<Vec<Value>> = Vec::new();
        let mut held = Held::default();
        // Each level holds every row's place once more.
        held.grow_to(all.len() * size_of::<(u32, u32)>() * (levels.len() + 1));
        let mut left = vec![Descent { depth: 0, rows: all, path: Vec::new(), is_whole: false }];
        let mut unasked = 0;
        while let Some(Descent { depth, rows, mut path, is_whole }) = left.pop() {
            unasked += rows.len() + 1;
            if unasked >= STRETCH {
                unasked = 0;
                self.checkpoint(0).await?;
            }
            let Some(level) = levels.get(depth).filter(|_| !is_whole) else {
                memory::take(size_of_val(&*path) + path.iter().map(memory::size).sum::<usize>());
                out.push(path);
                continue;
            };
            let mut ranked = Vec::new();
            for (value, rows) in self.groups_of(level, rows).await? {
                ranked.push((self.aggregate(level, &rows).await?, value, rows));
                unasked += 1;
                if unasked >= STRETCH {
                    unasked = 0;
                    self.checkpoint(0).await?;
                }
            }
            ranked.sort_by(|a, b| if level.ascending { order(&a.0, &b.0) } else { order(&b.0, &a.0) });
            let kept = level.count.unwrap_or(usize::MAX).min(ranked.len());
            let rest = ranked.split_off(kept);
            // What is pushed last is looked at first.
            if let Some(others) = &level.others {
                let rows: Rows = rest.into_iter().flat_map(|(_, _, rows)| rows).collect();
                let mut row = path.clone();
                row.extend([others.clone(), self.aggregate(level, &rows).await?]);
                // Below the others the values are not told apart.
                row.resize(levels.len() * 2, Value::Null);
                left.push(Descent { depth, rows: Rows::new(), path: row, is_whole: true });
            }
            for (aggregate, value, rows) in ranked.into_iter().rev() {
                path.extend([value, aggregate]);
                left.push(Descent { depth: depth + 1, rows, path: path.clone(), is_whole: false });
                path.truncate(path.len() - 2);
            }
        }
        Ok(out)
    }

    /// Rows by their value at a level, in the order in which the values first come.
    async fn groups_of(&mut self, level: &Level, rows: Rows) -> Result<Vec<(Value, Rows)>, RunError> {
        let mut groups: Vec<(Value, Rows)> = Vec::new();
        let mut by_key: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
        let mut held = Held::default();
        for (position, (chunk, row)) in rows.into_iter().enumerate() {
            let value = level.of[chunk as usize].value(row as usize);
            let mut key = Vec::new();
            encode_value(&value, &mut key);
            let index = *by_key.entry(key).or_insert_with(|| {
                groups.push((value, Vec::new()));
                groups.len() - 1
            });
            groups[index].1.push((chunk, row));
            if position % STRETCH == STRETCH - 1 {
                // A key and a value of each group beside its rows.
                held.grow_to(groups.len() * GROUP_BYTES);
                self.checkpoint(0).await?;
            }
        }
        held.grow_to(groups.len() * GROUP_BYTES);
        self.within_memory()?;
        Ok(groups)
    }

    async fn aggregate(&mut self, level: &Level, rows: &Rows) -> Result<Value, RunError> {
        let mut accumulator = level.call.start();
        for (position, (chunk, row)) in rows.iter().enumerate() {
            if position % STRETCH == STRETCH - 1 {
                self.checkpoint(0).await?;
            }
            let mut values: Vec<Value> =
                level.arguments[*chunk as usize].iter().map(|v| v.value(*row as usize)).collect();
            if level.call.aggregate.conditional && !matches!(values.pop(), Some(Value::Bool(true))) {
                continue;
            }
            accumulator.add(&values);
        }
        Ok(accumulator.finish().into_iter().next().unwrap_or_default())
    }
}

fn all_rows(relation: &Relation) -> Rows {
    let chunks = relation.chunks().iter().enumerate();
    chunks.flat_map(|(index, chunk)| (0..chunk.len as u32).map(move |row| (index as u32, row))).collect()
}
