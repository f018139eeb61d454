//! `top-nested`: the largest values of one level, and within each the largest of the next.
//!
//! Source: Kusto documentation, `top-nested-operator`. **Our choice**: the rows come by the aggregates of the first
//! level, then of the next, the smallest first, as in the page's example.

use super::{Relation, Run, RunError};
use crate::columnar::{Chunk, Origins, Vector, compute};
use crate::keys::encode_value;
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
        let all: Rows = all_rows(&input);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        descend(&prepared, all, &mut Vec::new(), &mut rows);
        rows.sort_by(|a, b| {
            let aggregates = (1..columns.len()).step_by(2).map(|column| order(&a[column], &b[column]));
            aggregates.fold(Ordering::Equal, Ordering::then)
        });
        let mut builders: Vec<ColumnBuilder> = columns.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
        for row in &rows {
            for ((cell, column), builder) in row.iter().zip(columns).zip(&mut builders) {
                builder.push(&convert::to_type(cell, column.ty));
            }
        }
        let vectors = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
        Ok(vec![Chunk { len: rows.len(), columns: vectors, origins: Origins::None }])
    }
}

fn all_rows(relation: &Relation) -> Rows {
    let chunks = relation.chunks().iter().enumerate();
    chunks.flat_map(|(index, chunk)| (0..chunk.len as u32).map(move |row| (index as u32, row))).collect()
}

/// Adds a row for each path through the levels. There are as many levels as the query writes.
fn descend(levels: &[Level], rows: Rows, path: &mut Vec<Value>, out: &mut Vec<Vec<Value>>) {
    let Some((level, deeper)) = levels.split_first() else {
        out.push(path.clone());
        return;
    };
    let mut groups: Vec<(Value, Rows)> = Vec::new();
    let mut by_key: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
    for (chunk, row) in rows {
        let value = level.of[chunk as usize].value(row as usize);
        let mut key = Vec::new();
        encode_value(&value, &mut key);
        let index = *by_key.entry(key).or_insert_with(|| {
            groups.push((value, Vec::new()));
            groups.len() - 1
        });
        groups[index].1.push((chunk, row));
    }
    let mut ranked: Vec<(Value, Value, Rows)> =
        groups.into_iter().map(|(value, rows)| (aggregate(level, &rows), value, rows)).collect();
    ranked.sort_by(|a, b| if level.ascending { order(&a.0, &b.0) } else { order(&b.0, &a.0) });
    let kept = level.count.unwrap_or(usize::MAX).min(ranked.len());
    let rest = ranked.split_off(kept);
    for (aggregate, value, rows) in ranked {
        path.extend([value, aggregate]);
        descend(deeper, rows, path, out);
        path.truncate(path.len() - 2);
    }
    if let Some(others) = &level.others {
        let rows: Rows = rest.into_iter().flat_map(|(_, _, rows)| rows).collect();
        let mut row = path.clone();
        row.extend([others.clone(), aggregate(level, &rows)]);
        // Below the others the values are not told apart.
        row.resize(path.len() + levels.len() * 2, Value::Null);
        out.push(row);
    }
}

fn aggregate(level: &Level, rows: &Rows) -> Value {
    let mut accumulator = level.call.start();
    for (chunk, row) in rows {
        let mut values: Vec<Value> = level.arguments[*chunk as usize].iter().map(|v| v.value(*row as usize)).collect();
        if level.call.aggregate.conditional && !matches!(values.pop(), Some(Value::Bool(true))) {
            continue;
        }
        accumulator.add(&values);
    }
    accumulator.finish().into_iter().next().unwrap_or_default()
}
