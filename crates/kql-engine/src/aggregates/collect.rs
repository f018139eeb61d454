//! Aggregates that keep many of the rows' values.

use super::Accumulator;
use crate::keys::encode_value;
use crate::memory;
use crate::scalar::convert;
use event_table::{Bag, Dynamic, Value};
use rustc_hash::FxHashSet;

/// Whether a value is passed over: null, but not the empty string.
fn is_absent(value: &Value) -> bool {
    value.is_null()
}

#[derive(Default)]
pub(super) struct Distinct(FxHashSet<Vec<u8>>);

impl Accumulator for Distinct {
    fn add(&mut self, arguments: &[Value]) {
        if let Some(value) = arguments.first().filter(|v| !is_absent(v)) {
            let mut key = Vec::new();
            encode_value(value, &mut key);
            let bytes = key.len() + size_of::<Vec<u8>>();
            if self.0.insert(key) {
                memory::take(bytes);
            }
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![Value::Long(self.0.len() as i64)]
    }
}

pub(super) struct List {
    limit: usize,
    nulls: bool,
    items: Vec<Dynamic>,
}

impl List {
    pub(super) fn new(limit: usize, nulls: bool) -> Self {
        Self { limit, nulls, items: Vec::new() }
    }
}

impl Accumulator for List {
    fn add(&mut self, arguments: &[Value]) {
        let Some(value) = arguments.first() else { return };
        if self.items.len() < self.limit && (self.nulls || !is_absent(value)) && !memory::is_spent() {
            let item = convert::to_dynamic(value);
            memory::take(memory::dynamic_size(&item));
            self.items.push(item);
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![Value::dynamic(Dynamic::Array(self.items))]
    }
}

pub(super) struct Set {
    limit: usize,
    seen: FxHashSet<Vec<u8>>,
    items: Vec<Dynamic>,
}

impl Set {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, seen: FxHashSet::default(), items: Vec::new() }
    }

    fn insert(&mut self, value: &Value) {
        let mut key = Vec::new();
        encode_value(value, &mut key);
        let bytes = key.len() + size_of::<Vec<u8>>();
        if self.items.len() < self.limit && !memory::is_spent() && self.seen.insert(key) {
            let item = convert::to_dynamic(value);
            memory::take(bytes + memory::dynamic_size(&item));
            self.items.push(item);
        }
    }
}

/// An array in a row adds its elements, as in Kusto's `make_set` over dynamic arrays.
impl Accumulator for Set {
    fn add(&mut self, arguments: &[Value]) {
        match arguments.first() {
            None | Some(Value::Null) => {}
            Some(Value::Dynamic(d)) => match &**d {
                Dynamic::Array(items) => {
                    items
                        .iter()
                        .filter(|i| !matches!(i, Dynamic::Null))
                        .for_each(|i| self.insert(&Value::dynamic(i.clone())));
                }
                _ => self.insert(&Value::Dynamic(d.clone())),
            },
            Some(value) => self.insert(value),
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![Value::dynamic(Dynamic::Array(self.items))]
    }
}

pub(super) struct BagOf {
    limit: usize,
    bag: Bag,
    any: bool,
}

impl BagOf {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, bag: Bag::default(), any: false }
    }
}

/// Bags are merged; where a name comes twice, the first stays. What is no bag is passed over.
impl Accumulator for BagOf {
    fn add(&mut self, arguments: &[Value]) {
        self.any = true;
        if let Some(Value::Dynamic(d)) = arguments.first()
            && let Dynamic::Bag(bag) = &**d
        {
            for (name, value) in bag {
                if self.bag.len() < self.limit && !memory::is_spent() && !self.bag.contains_key(name) {
                    memory::take(name.len() + memory::dynamic_size(value));
                    self.bag.insert(name.clone(), value.clone());
                }
            }
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        // The documentation's default for an empty group is an empty array.
        vec![Value::dynamic(if self.any { Dynamic::Bag(self.bag) } else { Dynamic::Array(Vec::new()) })]
    }
}
