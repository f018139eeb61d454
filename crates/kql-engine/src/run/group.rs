//! `summarize` and `distinct`: rows fall into groups by the values of their keys.

use super::{Relation, Run, RunError};
use crate::aggregates::{AggregateCall, GroupedCall};
use crate::columnar::numbering::{Nulls, Numbering};
use crate::columnar::{Chunk, Origins, Vector, compute};
use crate::expr::Expr;
use crate::memory::{self, Held};
use crate::plan::PlanColumn;
use event_table::{ColumnBuilder, DateTime, MAX_BATCH_ROWS};
use std::sync::Arc;

/// The groups of a `summarize`, in the order in which they were first met.
pub(super) struct Groups<'a> {
    keys: &'a [Expr],
    now: DateTime,
    numbering: Numbering,
    /// The keys of the chunks in which a group was met first.
    met: Vec<Vec<Vector>>,
    /// For each group, where in those its first row is.
    firsts: Vec<(u32, u32)>,
    calls: Vec<GroupedCall<'a>>,
    held: Held,
}

impl<'a> Groups<'a> {
    pub(super) fn new(keys: &'a [Expr], calls: &'a [AggregateCall], now: DateTime) -> Self {
        Self {
            keys,
            now,
            numbering: Numbering::new(keys.len(), Nulls::Group),
            met: Vec::new(),
            firsts: Vec::new(),
            calls: calls.iter().map(GroupedCall::new).collect(),
            held: Held::default(),
        }
    }

    pub(super) fn add(&mut self, chunk: &Chunk) {
        let keys: Vec<Vector> = self.keys.iter().map(|x| compute(x, chunk, self.now)).collect();
        let groups = self.numbering.add(&keys, chunk.len);
        let len = self.numbering.len();
        for call in &mut self.calls {
            call.add(chunk, &groups, len, self.now);
        }
        if len > self.firsts.len() {
            let part = self.met.len() as u32;
            push_firsts(&groups, part, &mut self.firsts);
            self.met.push(keys);
        }
        let firsts = self.firsts.capacity() * size_of::<(u32, u32)>();
        self.held.grow_to(self.numbering.heap_bytes() + firsts + len * self.calls.len() * GroupedCall::BYTES);
    }

    /// A row for each group: the keys, then what the aggregates give. Without keys there is one group, even of no rows.
    pub(super) fn finish(self, columns: &[PlanColumn]) -> Chunk {
        let len = self.numbering.len();
        let (key_columns, mut given) = columns.split_at(self.keys.len());
        let places: Arc<[(u32, u32)]> = self.firsts.into();
        let key = |(index, column): (usize, &PlanColumn)| {
            let parts: Vec<Vector> = self.met.iter().map(|keys| keys[index].clone()).collect();
            let vector = Vector::Spread(parts.into(), places.clone());
            // The keys of few groups are stored anew: where they came from need not be kept then.
            if len <= MAX_BATCH_ROWS { Vector::Column(vector.stored_anew(column.ty, len)) } else { vector }
        };
        let mut vectors: Vec<Vector> = key_columns.iter().enumerate().map(|(i, c)| key((i, c))).collect();
        for call in self.calls {
            let (own, others) = given.split_at(call.width().min(given.len()));
            given = others;
            let mut builders: Vec<ColumnBuilder> = own.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
            call.finish(len, &mut builders);
            memory::take(builders.iter().map(ColumnBuilder::heap_bytes).sum());
            vectors.extend(builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))));
        }
        Chunk { len, columns: vectors, origins: Origins::None }
    }
}

/// Adds the first row of each group that was not met before, in the groups' order.
fn push_firsts(groups: &[u32], part: u32, firsts: &mut Vec<(u32, u32)>) {
    for (row, group) in groups.iter().enumerate() {
        if *group as usize == firsts.len() {
            firsts.push((part, row as u32));
        }
    }
}

impl Run<'_> {
    /// The first of all rows that are the same in every column.
    pub(super) async fn distinct(&mut self, relation: &Relation) -> Result<Vec<Chunk>, RunError> {
        let mut numbering = Numbering::new(relation.columns().len(), Nulls::Group);
        let mut firsts = Vec::new();
        let mut held = Held::default();
        for (index, chunk) in relation.chunks().iter().enumerate() {
            let groups = numbering.add(&chunk.columns, chunk.len);
            push_firsts(&groups, index as u32, &mut firsts);
            held.grow_to(numbering.heap_bytes() + firsts.capacity() * size_of::<(u32, u32)>());
            self.checkpoint(0).await?;
        }
        let mut found = Chunk::gather_in_batches(relation.chunks(), relation.columns().len(), &firsts);
        found.iter_mut().for_each(|chunk| chunk.origins = Origins::None);
        Ok(found)
    }
}
