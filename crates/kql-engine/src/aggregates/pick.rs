//! Aggregates that choose one of the rows' values.

use super::Accumulator;
use crate::scalar::{convert, order};
use event_table::{ColumnType, Value};
use std::cmp::Ordering;

pub(super) struct Extreme {
    ty: ColumnType,
    wanted: Ordering,
    best: Value,
}

impl Extreme {
    pub(super) fn new(ty: ColumnType, wanted: Ordering) -> Self {
        Self { ty, wanted, best: Value::Null }
    }
}

impl Accumulator for Extreme {
    fn add(&mut self, arguments: &[Value]) {
        let Some(value) = arguments.first().filter(|v| !v.is_null()) else { return };
        if self.best.is_null() || order(value, &self.best) == self.wanted {
            self.best = value.clone();
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![if self.best.is_null() { Value::missing(self.ty) } else { self.best }]
    }
}

/// The row where the first argument is extreme. Where it is null in every row, the first row.
pub(super) struct ArgExtreme {
    types: Vec<ColumnType>,
    wanted: Ordering,
    best: Option<Vec<Value>>,
}

impl ArgExtreme {
    pub(super) fn new(types: Vec<ColumnType>, wanted: Ordering) -> Self {
        Self { types, wanted, best: None }
    }
}

impl Accumulator for ArgExtreme {
    fn add(&mut self, arguments: &[Value]) {
        let better = match &self.best {
            None => true,
            Some(best) => match (best[0].is_null(), arguments[0].is_null()) {
                (_, true) => false,
                (true, false) => true,
                (false, false) => order(&arguments[0], &best[0]) == self.wanted,
            },
        };
        if better {
            self.best = Some(arguments.to_vec());
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        self.best.unwrap_or_else(|| self.types.iter().map(|ty| Value::missing(*ty)).collect())
    }
}

/// For each argument the first value that is there.
pub(super) struct Any {
    types: Vec<ColumnType>,
    found: Vec<Value>,
}

impl Any {
    pub(super) fn new(types: Vec<ColumnType>) -> Self {
        let found = vec![Value::Null; types.len()];
        Self { types, found }
    }
}

impl Accumulator for Any {
    fn add(&mut self, arguments: &[Value]) {
        for (found, value) in self.found.iter_mut().zip(arguments) {
            if found.is_null() && !matches!(value, Value::String(s) if s.is_empty()) {
                *found = value.clone();
            }
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        let missing = |(found, ty): (Value, &ColumnType)| if found.is_null() { Value::missing(*ty) } else { found };
        self.found.into_iter().zip(&self.types).map(missing).collect()
    }
}

pub(super) struct Percentile {
    ty: ColumnType,
    percent: f64,
    values: Vec<Value>,
}

impl Percentile {
    pub(super) fn new(ty: ColumnType, percent: f64) -> Self {
        Self { ty, percent, values: Vec::new() }
    }
}

impl Accumulator for Percentile {
    fn add(&mut self, arguments: &[Value]) {
        self.values.extend(arguments.first().filter(|v| !v.is_null()).cloned());
    }
    fn finish(mut self: Box<Self>) -> Vec<Value> {
        self.values.sort_by(order);
        let rank = (self.percent / 100.0 * self.values.len() as f64).ceil() as usize;
        let found = self.values.get(rank.clamp(1, self.values.len().max(1)) - 1);
        vec![found.map_or_else(|| Value::missing(self.ty), |v| convert::to_type(v, self.ty))]
    }
}
