//! Aggregates that choose one of the rows' values.

use super::Accumulator;
use crate::scalar::order;
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

/// The values of one row: the first one, or for a single argument the first that is there and not empty.
pub(super) struct Any {
    types: Vec<ColumnType>,
    found: Option<Vec<Value>>,
}

impl Any {
    pub(super) fn new(types: Vec<ColumnType>) -> Self {
        Self { types, found: None }
    }
}

impl Accumulator for Any {
    fn add(&mut self, arguments: &[Value]) {
        let present = match arguments {
            [single] => !single.is_null() && !matches!(single, Value::String(s) if s.is_empty()),
            _ => true,
        };
        if self.found.is_none() && present {
            self.found = Some(arguments.to_vec());
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        self.found.unwrap_or_else(|| self.types.iter().map(|ty| Value::missing(*ty)).collect())
    }
}
