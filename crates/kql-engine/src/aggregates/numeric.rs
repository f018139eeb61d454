//! Counts, sums, averages, spreads.

use super::Accumulator;
use crate::scalar::{Arithmetic, arithmetic, convert, plain};
use event_table::{ColumnType, DateTime, TimeSpan, Value};

#[derive(Default)]
pub(super) struct Count(i64);

impl Accumulator for Count {
    fn add(&mut self, _: &[Value]) {
        self.0 += 1;
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![Value::Long(self.0)]
    }
}

/// A sum of a type, starting at its zero.
pub(super) fn sum(ty: ColumnType) -> Box<dyn Accumulator> {
    let zero = match ty {
        ColumnType::Real => Value::Real(0.0),
        ColumnType::Decimal => Value::Decimal(rust_decimal::Decimal::ZERO),
        ColumnType::TimeSpan => Value::TimeSpan(TimeSpan::ZERO),
        ColumnType::DateTime => Value::DateTime(DateTime::MIN),
        _ => Value::Long(0),
    };
    Box::new(Sum { ty, total: zero })
}

struct Sum {
    ty: ColumnType,
    total: Value,
}

impl Accumulator for Sum {
    fn add(&mut self, arguments: &[Value]) {
        let Some(value) = arguments.first().map(plain) else { return };
        if value.is_null() {
            return;
        }
        match (&mut self.total, &value) {
            (Value::Long(total), Value::Long(n)) => *total = total.wrapping_add(*n),
            (Value::Real(total), Value::Real(n)) => *total += n,
            (Value::Long(_), Value::Real(_)) if self.ty == ColumnType::Dynamic => {
                let so_far = convert::to_real(&self.total).unwrap_or(0.0);
                self.total = Value::Real(so_far + convert::to_real(&value).unwrap_or(0.0));
            }
            (total, value) => {
                let ty = total.column_type().unwrap_or(self.ty);
                let next = arithmetic(Arithmetic::Add, total, value, ty);
                if !next.is_null() {
                    *total = next;
                }
            }
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![convert::to_type(&self.total, self.ty)]
    }
}

/// The mean. Instants and durations are averaged by their ticks. Of no numbers it is NaN, as dividing by zero is
/// (`summarize-operator`, the example of default values).
pub(super) struct Average {
    ty: ColumnType,
    total: f64,
    ticks: i128,
    decimal: rust_decimal::Decimal,
    count: i64,
}

impl Average {
    pub(super) fn new(ty: ColumnType) -> Self {
        Self { ty, total: 0.0, ticks: 0, decimal: rust_decimal::Decimal::ZERO, count: 0 }
    }
}

impl Accumulator for Average {
    fn add(&mut self, arguments: &[Value]) {
        match arguments.first().map(plain) {
            None | Some(Value::Null) => return,
            Some(Value::DateTime(t)) => self.ticks += i128::from(t.ticks()),
            Some(Value::TimeSpan(t)) => self.ticks += i128::from(t.ticks()),
            Some(Value::Decimal(n)) => self.decimal = self.decimal.saturating_add(n),
            Some(value) => match convert::to_real(&value) {
                Some(n) => self.total += n,
                None => return,
            },
        }
        self.count += 1;
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        if self.count == 0 && self.ty != ColumnType::Real {
            return vec![Value::Null];
        }
        let ticks = || i64::try_from(self.ticks / i128::from(self.count)).unwrap_or(i64::MAX);
        vec![match self.ty {
            ColumnType::DateTime => DateTime::from_ticks(ticks()).map_or(Value::Null, Value::DateTime),
            ColumnType::TimeSpan => Value::TimeSpan(TimeSpan::from_ticks(ticks())),
            ColumnType::Decimal => self.decimal.checked_div(self.count.into()).map_or(Value::Null, Value::Decimal),
            _ => Value::Real(self.total / self.count as f64),
        }]
    }
}

/// Variance or standard deviation, by Welford's method. Of an empty group it is 0 for a sample and null for a
/// population (`summarize-operator`, default values). **Our choice**: of one value, where the sample's formula divides by
/// zero, it is 0.
pub(super) struct Spread {
    population: bool,
    root: bool,
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    pub(super) fn new(population: bool, root: bool) -> Self {
        Self { population, root, count: 0.0, mean: 0.0, squares: 0.0 }
    }
}

impl Accumulator for Spread {
    fn add(&mut self, arguments: &[Value]) {
        if let Some(n) = arguments.first().and_then(convert::to_real) {
            self.count += 1.0;
            let delta = n - self.mean;
            self.mean += delta / self.count;
            self.squares += delta * (n - self.mean);
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        if self.population && self.count == 0.0 {
            return vec![Value::Null];
        }
        let degrees = if self.population { self.count } else { self.count - 1.0 };
        let variance = if degrees > 0.0 { self.squares / degrees } else { 0.0 };
        vec![Value::Real(if self.root { variance.sqrt() } else { variance })]
    }
}

/// Covariance of the rows where both values are numbers, by Welford's method. Of an empty group it is null; **our
/// choice**: of one row it is 0, as the variance is.
pub(super) struct Covariance {
    population: bool,
    count: f64,
    mean_x: f64,
    mean_y: f64,
    products: f64,
}

impl Covariance {
    pub(super) fn new(population: bool) -> Self {
        Self { population, count: 0.0, mean_x: 0.0, mean_y: 0.0, products: 0.0 }
    }
}

impl Accumulator for Covariance {
    fn add(&mut self, arguments: &[Value]) {
        let [x, y, ..] = arguments else { return };
        if let Some((x, y)) = convert::to_real(x).zip(convert::to_real(y)) {
            self.count += 1.0;
            let delta_x = x - self.mean_x;
            self.mean_x += delta_x / self.count;
            self.mean_y += (y - self.mean_y) / self.count;
            self.products += delta_x * (y - self.mean_y);
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        let degrees = if self.population { self.count } else { self.count - 1.0 };
        vec![match self.count {
            0.0 => Value::Null,
            _ if degrees == 0.0 => Value::Real(0.0),
            _ => Value::Real(self.products / degrees),
        }]
    }
}

pub(super) struct Bits {
    ty: ColumnType,
    combine: fn(i64, i64) -> i64,
    total: Option<i64>,
}

impl Bits {
    pub(super) fn new(ty: ColumnType, combine: fn(i64, i64) -> i64) -> Self {
        Self { ty, combine, total: None }
    }
}

impl Accumulator for Bits {
    fn add(&mut self, arguments: &[Value]) {
        if let Some(n) = arguments.first().and_then(convert::to_long) {
            self.total = Some(self.total.map_or(n, |total| (self.combine)(total, n)));
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![self.total.map_or(Value::Null, |total| convert::to_type(&Value::Long(total), self.ty))]
    }
}
