//! `summarize` and `distinct`: rows fall into groups by the bytes of their keys.

use super::Relation;
use crate::aggregates::{Accumulator, AggregateCall};
use crate::columnar::{Chunk, Origins, Vector, compute};
use crate::expr::Expr;
use crate::keys::encode_value;
use crate::plan::PlanColumn;
use crate::scalar::convert;
use event_table::{ColumnBuilder, DateTime, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The values of the keys, and of each aggregate so far.
type Group = (Vec<Value>, Vec<Box<dyn Accumulator>>);

/// The groups of a `summarize`, in the order in which they were first met.
pub(super) struct Groups<'a> {
    keys: &'a [Expr],
    calls: &'a [AggregateCall],
    now: DateTime,
    by_key: FxHashMap<Vec<u8>, usize>,
    groups: Vec<Group>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(keys: &'a [Expr], calls: &'a [AggregateCall], now: DateTime) -> Self {
        let mut groups = Self { keys, calls, now, by_key: FxHashMap::default(), groups: Vec::new() };
        if keys.is_empty() {
            // Without keys there is one group, even of no rows.
            groups.by_key.insert(Vec::new(), 0);
            groups.groups.push((Vec::new(), groups.start()));
        }
        groups
    }

    fn start(&self) -> Vec<Box<dyn Accumulator>> {
        self.calls.iter().map(AggregateCall::start).collect()
    }

    pub(super) fn add(&mut self, chunk: &Chunk) {
        let keys: Vec<Vector> = self.keys.iter().map(|x| compute(x, chunk, self.now)).collect();
        let arguments: Vec<Vec<Vector>> =
            self.calls.iter().map(|c| c.arguments.iter().map(|x| compute(x, chunk, self.now)).collect()).collect();
        let (mut key, mut values) = (Vec::new(), Vec::new());
        for row in 0..chunk.len {
            key.clear();
            keys.iter().for_each(|vector| encode_value(&vector.value(row), &mut key));
            let index = match self.by_key.get(&key) {
                Some(index) => *index,
                None => {
                    self.by_key.insert(key.clone(), self.groups.len());
                    self.groups.push((keys.iter().map(|vector| vector.value(row)).collect(), self.start()));
                    self.groups.len() - 1
                }
            };
            for ((call, arguments), group) in self.calls.iter().zip(&arguments).zip(&mut self.groups[index].1) {
                values.clear();
                values.extend(arguments.iter().map(|vector| vector.value(row)));
                if call.aggregate.conditional && !matches!(values.pop(), Some(Value::Bool(true))) {
                    continue;
                }
                group.add(&values);
            }
        }
    }

    /// A row for each group: the keys, then what the aggregates give.
    pub(super) fn finish(self, columns: &[PlanColumn]) -> Chunk {
        let mut builders: Vec<ColumnBuilder> = columns.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
        let len = self.groups.len();
        for (keys, accumulators) in self.groups {
            let values = keys.into_iter().chain(accumulators.into_iter().flat_map(|a| a.finish()));
            for ((value, column), builder) in values.zip(columns).zip(&mut builders) {
                builder.push(&convert::to_type(&value, column.ty));
            }
        }
        let columns = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
        Chunk { len, columns, origins: Origins::None }
    }
}

/// The first of all rows that are the same in every column.
pub(super) fn distinct(relation: &Relation) -> Chunk {
    let mut seen: FxHashSet<Vec<u8>> = FxHashSet::default();
    let (mut key, mut rows) = (Vec::new(), Vec::new());
    for (index, chunk) in relation.chunks().iter().enumerate() {
        for row in 0..chunk.len {
            key.clear();
            chunk.columns.iter().for_each(|vector| encode_value(&vector.value(row), &mut key));
            if !seen.contains(&key) {
                seen.insert(key.clone());
                rows.push((index as u32, row as u32));
            }
        }
    }
    let mut found = Chunk::gather(relation.chunks(), relation.columns().len(), rows);
    found.origins = Origins::None;
    found
}
