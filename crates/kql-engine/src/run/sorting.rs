//! `sort` and `top`. Ties keep the order of the input (**our choice**: runs are repeatable).

use super::{Relation, Run, RunError, STRETCH};
use crate::columnar::{Chunk, Vector, compute};
use crate::memory::Held;
use crate::plan::SortKey;
use crate::scalar::{order, plain};
use event_table::{Column, DateTime, Value};
use std::cmp::Ordering;

/// One key of every row: numbers in a form that sorts fast, or values.
enum Keys {
    Numbers(Vec<Option<i64>>),
    Values(Vec<Value>),
}

impl Keys {
    fn of(relation: &Relation, key: &SortKey, now: DateTime) -> Self {
        let vectors: Vec<(Vector, &Chunk)> =
            relation.chunks().iter().map(|chunk| (compute(&key.expr, chunk, now), chunk)).collect();
        let numbers = |column: &Column, row: usize| match column {
            Column::Long(c) | Column::DateTime(c) | Column::TimeSpan(c) => Some(c.get(row)),
            Column::Int(c) => Some(c.get(row).map(i64::from)),
            _ => None,
        };
        let mut found = Vec::with_capacity(relation.len());
        for (vector, chunk) in &vectors {
            let Some((column, rows)) = vector.stored() else { break };
            for row in 0..chunk.len {
                match numbers(column, rows.map_or(row, |rows| rows[row] as usize)) {
                    Some(number) => found.push(number),
                    None => break,
                }
            }
        }
        if found.len() == relation.len() {
            return Self::Numbers(found);
        }
        Self::Values(vectors.iter().flat_map(|(vector, chunk)| (0..chunk.len).map(|row| vector.value(row))).collect())
    }

    fn compare(&self, key: &SortKey, a: usize, b: usize) -> Ordering {
        let (outer_a, outer_b, order) = match self {
            Self::Numbers(keys) => {
                let outer = |at: usize| if keys[at].is_none() { 2 } else { 0 };
                (outer(a), outer(b), keys[a].cmp(&keys[b]))
            }
            Self::Values(keys) => (outer(&keys[a]), outer(&keys[b]), order(&keys[a], &keys[b])),
        };
        match outer_a.cmp(&outer_b) {
            Ordering::Equal if outer_a > 0 => Ordering::Equal,
            Ordering::Equal if key.descending => order.reverse(),
            Ordering::Equal => order,
            // What is no number stands between the numbers and null, at whichever end null is.
            outer if key.nulls_first => outer.reverse(),
            outer => outer,
        }
    }
}

/// How far out a value stands: null, then what is no number (`sort-operator`), and then the values in their order.
fn outer(value: &Value) -> u8 {
    match plain(value) {
        Value::Null => 2,
        Value::Real(number) if number.is_nan() => 1,
        _ => 0,
    }
}

/// Rows that are sorted without asking the pace: merging longer runs costs more than sorting at once.
const RUN: usize = 1 << 18;

impl Run<'_> {
    /// The rows of a relation in the order of some keys, each by chunk and row.
    pub(super) async fn sorted(&mut self, relation: &Relation, keys: &[SortKey]) -> Result<Vec<(u32, u32)>, RunError> {
        let mut held = Held::default();
        // Each key's values, the numbers of the rows twice, and their places.
        held.grow_to(relation.len() * (keys.len() * size_of::<Value>() + 16));
        self.checkpoint(0).await?;
        let mut columns: Vec<(Keys, &SortKey)> = Vec::with_capacity(keys.len());
        for key in keys {
            columns.push((Keys::of(relation, key, self.now), key));
            self.checkpoint(0).await?;
        }
        let mut places = Vec::with_capacity(relation.len());
        for (index, chunk) in relation.chunks().iter().enumerate() {
            places.extend((0..chunk.len as u32).map(|row| (index as u32, row)));
        }
        if let [(Keys::Numbers(numbers), key)] = &columns[..] {
            let rows = by_number(numbers, key);
            self.checkpoint(0).await?;
            return Ok(rows.into_iter().map(|row| places[row as usize]).collect());
        }
        let order = |a: u32, b: u32| {
            let by_key = |(keys, key): &(Keys, &SortKey)| keys.compare(key, a as usize, b as usize);
            columns.iter().map(by_key).find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
        };
        let rows = self.in_order((0..relation.len() as u32).collect(), order).await?;
        Ok(rows.into_iter().map(|row| places[row as usize]).collect())
    }

    /// Numbers in an order, equal ones as they came.
    pub(super) async fn in_order(
        &mut self,
        mut rows: Vec<u32>,
        order: impl Fn(u32, u32) -> Ordering,
    ) -> Result<Vec<u32>, RunError> {
        for run in rows.chunks_mut(RUN) {
            run.sort_by(|a, b| order(*a, *b));
            self.checkpoint(0).await?;
        }
        let mut width = RUN;
        while width < rows.len() {
            let mut merged = Vec::with_capacity(rows.len());
            for pair in rows.chunks(width * 2) {
                let (mut left, mut right) = pair.split_at(width.min(pair.len()));
                while let ([a, others_left @ ..], [b, others_right @ ..]) = (left, right) {
                    // Of equals the left one comes first.
                    if order(*b, *a) == Ordering::Less {
                        merged.push(*b);
                        right = others_right;
                    } else {
                        merged.push(*a);
                        left = others_left;
                    }
                    if merged.len().is_multiple_of(STRETCH) {
                        self.checkpoint(0).await?;
                    }
                }
                merged.extend_from_slice(left);
                merged.extend_from_slice(right);
            }
            rows = merged;
            width *= 2;
        }
        Ok(rows)
    }
}

/// Rows in the order of one key of numbers: the keys are moved along with the rows, so that none is looked up.
fn by_number(numbers: &[Option<i64>], key: &SortKey) -> Vec<u32> {
    let mut nulls = Vec::new();
    let mut rows: Vec<(i64, u32)> = Vec::with_capacity(numbers.len());
    for (row, number) in numbers.iter().enumerate() {
        match number {
            // `!` turns the order around and loses no number.
            Some(number) => rows.push((if key.descending { !number } else { *number }, row as u32)),
            None => nulls.push(row as u32),
        }
    }
    rows.sort_unstable();
    let rows = rows.into_iter().map(|(_, row)| row);
    if key.nulls_first { nulls.into_iter().chain(rows).collect() } else { rows.chain(nulls).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expr;
    use event_table::ColumnType;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_gives_the_order_of_the_long_one(
            numbers in proptest::collection::vec(prop_oneof![Just(None), (-3i64..3).prop_map(Some), any::<i64>().prop_map(Some)], 0..40),
            descending in any::<bool>(), nulls_first in any::<bool>(),
        ) {
            let key = SortKey { expr: Expr::column(ColumnType::Long, 0), descending, nulls_first };
            let keys = Keys::Numbers(numbers.clone());
            let mut expected: Vec<u32> = (0..numbers.len() as u32).collect();
            expected.sort_by(|a, b| keys.compare(&key, *a as usize, *b as usize));
            prop_assert_eq!(by_number(&numbers, &key), expected);
        }
    }
}
