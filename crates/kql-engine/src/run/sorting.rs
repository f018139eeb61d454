//! `sort` and `top`. Ties keep the order of the input (**our choice**: runs are repeatable).

use super::Relation;
use crate::columnar::{Chunk, Vector, compute};
use crate::plan::SortKey;
use crate::scalar::order;
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
        let (null_a, null_b, order) = match self {
            Self::Numbers(keys) => (keys[a].is_none(), keys[b].is_none(), keys[a].cmp(&keys[b])),
            Self::Values(keys) => (keys[a].is_null(), keys[b].is_null(), order(&keys[a], &keys[b])),
        };
        match (null_a, null_b) {
            (true, true) => Ordering::Equal,
            (true, false) if key.nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if key.nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if key.descending => order.reverse(),
            (false, false) => order,
        }
    }
}

/// The rows of a relation in the order of some keys, each by chunk and row.
pub(super) fn sorted(relation: &Relation, keys: &[SortKey], now: DateTime) -> Vec<(u32, u32)> {
    let columns: Vec<(Keys, &SortKey)> = keys.iter().map(|key| (Keys::of(relation, key, now), key)).collect();
    let mut places = Vec::with_capacity(relation.len());
    for (index, chunk) in relation.chunks().iter().enumerate() {
        places.extend((0..chunk.len as u32).map(|row| (index as u32, row)));
    }
    let mut rows: Vec<u32> = (0..relation.len() as u32).collect();
    rows.sort_by(|a, b| {
        let by_key = |(keys, key): &(Keys, &SortKey)| keys.compare(key, *a as usize, *b as usize);
        columns.iter().map(by_key).find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    rows.into_iter().map(|row| places[row as usize]).collect()
}
