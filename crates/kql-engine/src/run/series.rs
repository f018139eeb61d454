//! `make-series`: arrays of aggregates over evenly spaced points.
//!
//! Source: Kusto documentation, `make-series-operator`: the end is no point; a bin without rows has the default.
//! **Our choice**: without bounds the axis goes from the bin of the smallest value to that of the largest.

use super::{MAX_MADE_ROWS, Run, RunError};
use crate::aggregates::Accumulator;
use crate::columnar::{Chunk, Origins, Vector, compute};
use crate::keys::encode_value;
use crate::memory;
use crate::plan::{PlanColumn, Series};
use crate::scalar::{Arithmetic, Comparison, arithmetic, compare, convert, evaluate, order};
use event_table::{ColumnBuilder, ColumnType, Dynamic, TimeSpan, Value};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The most points of a series, and of all series together.
const MAX_POINTS: usize = 1_000_000;

type Points = FxHashMap<usize, Vec<Box<dyn Accumulator>>>;

impl Run<'_> {
    pub(super) async fn series(&mut self, series: &Series, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(series.input).await?;
        let mut bound = series.clone();
        for key in &mut bound.keys {
            *key = self.bind(&key.clone()).await?;
        }
        for (call, default) in &mut bound.aggregates {
            for argument in &mut call.arguments {
                *argument = self.bind(&argument.clone()).await?;
            }
            *default = self.bind(&default.clone()).await?;
        }
        bound.on = self.bind(&bound.on.clone()).await?;
        let now = self.now;
        let constant = |x: &crate::expr::Expr| evaluate(x, &[][..], now);
        let step = constant(&self.bind(&series.step).await?);
        let mut from = match &series.from {
            Some(x) => Some(constant(&self.bind(x).await?)),
            None => None,
        };
        let mut to = match &series.to {
            Some(x) => Some(constant(&self.bind(x).await?)),
            None => None,
        };
        if compare(Comparison::Greater, &step, &zero_of(&step)) != Some(true) {
            return Err(RunError::Invalid("The step of `make-series` must be greater than zero.".into()));
        }
        let axis: Vec<Vector> = input.chunks().iter().map(|chunk| compute(&bound.on, chunk, now)).collect();
        if from.is_none() || to.is_none() {
            let values = axis.iter().zip(input.chunks()).flat_map(|(v, chunk)| (0..chunk.len).map(|row| v.value(row)));
            let present: Vec<Value> = values.filter(|v| !v.is_null()).collect();
            let smallest = present.iter().min_by(|a, b| order(a, b)).cloned();
            let largest = present.iter().max_by(|a, b| order(a, b)).cloned();
            let (Some(smallest), Some(largest)) = (smallest, largest) else { return Ok(Vec::new()) };
            from = from.or_else(|| Some(bin(&smallest, &step)));
            // One step past the largest value, so that its bin is a point.
            to = to.or_else(|| Some(arithmetic(Arithmetic::Add, &bin(&largest, &step), &step, bound.on.ty)));
        }
        let (Some(from), Some(to)) = (from, to) else { return Ok(Vec::new()) };
        let mut points: Vec<Value> = Vec::new();
        let mut at = convert::to_type(&from, bound.on.ty);
        while compare(Comparison::Less, &at, &to) == Some(true) {
            if points.len() >= MAX_POINTS {
                return Err(RunError::TooLarge(format!("`make-series` makes more than {MAX_POINTS} points.")));
            }
            points.push(at.clone());
            at = convert::to_type(&arithmetic(Arithmetic::Add, &at, &step, bound.on.ty), bound.on.ty);
        }
        let mut by_key: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
        let mut groups: Vec<(Vec<Value>, Points)> = Vec::new();
        for (chunk, axis) in input.chunks().iter().zip(&axis) {
            let keys: Vec<Vector> = bound.keys.iter().map(|x| compute(x, chunk, now)).collect();
            let arguments: Vec<Vec<Vector>> = bound
                .aggregates
                .iter()
                .map(|(call, _)| call.arguments.iter().map(|x| compute(x, chunk, now)).collect())
                .collect();
            for row in 0..chunk.len {
                let Some(point) = place(&axis.value(row), &from, &step, points.len()) else { continue };
                let mut key = Vec::new();
                keys.iter().for_each(|v| encode_value(&v.value(row), &mut key));
                let group = *by_key.entry(key).or_insert_with(|| {
                    groups.push((keys.iter().map(|v| v.value(row)).collect(), Points::default()));
                    groups.len() - 1
                });
                let start = || bound.aggregates.iter().map(|(call, _)| call.start()).collect();
                let accumulators = groups[group].1.entry(point).or_insert_with(start);
                for (((call, _), arguments), accumulator) in bound.aggregates.iter().zip(&arguments).zip(accumulators) {
                    let mut values: Vec<Value> = arguments.iter().map(|v| v.value(row)).collect();
                    if call.aggregate.conditional && !matches!(values.pop(), Some(Value::Bool(true))) {
                        continue;
                    }
                    accumulator.add(&values);
                }
            }
            self.checkpoint(0).await?;
        }
        if series.is_nonempty && series.keys.is_empty() && input.is_empty() {
            groups.push((Vec::new(), Points::default()));
        }
        if groups.len().saturating_mul(points.len()) > MAX_MADE_ROWS {
            return Err(RunError::TooLarge(format!("`make-series` makes more than {MAX_MADE_ROWS} points in all.")));
        }
        let made = groups.len().saturating_mul(points.len()).saturating_mul(bound.aggregates.len());
        memory::take(made.saturating_mul(size_of::<Dynamic>()));
        self.within_memory()?;
        let axis_array = Value::dynamic(Dynamic::Array(points.iter().map(convert::to_dynamic).collect()));
        let mut builders: Vec<ColumnBuilder> = columns.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
        let len = groups.len();
        for (keys, mut found) in groups {
            let mut arrays: Vec<Vec<Dynamic>> = vec![Vec::with_capacity(points.len()); bound.aggregates.len()];
            for point in 0..points.len() {
                match found.remove(&point) {
                    Some(accumulators) => {
                        for (array, accumulator) in arrays.iter_mut().zip(accumulators) {
                            array.push(accumulator.finish().first().map_or(Dynamic::Null, convert::to_dynamic));
                        }
                    }
                    None => {
                        for (array, (call, default)) in arrays.iter_mut().zip(&bound.aggregates) {
                            let ty = call.types.first().copied().unwrap_or(ColumnType::Dynamic);
                            array.push(convert::to_dynamic(&convert::to_type(&constant(default), ty)));
                        }
                    }
                }
            }
            self.checkpoint(0).await?;
            let arrays = arrays.into_iter().map(|array| Value::dynamic(Dynamic::Array(array)));
            let cells = keys.into_iter().chain(arrays).chain([axis_array.clone()]);
            cells.zip(&mut builders).for_each(|(cell, builder)| builder.push(&cell));
        }
        let columns = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
        Ok(vec![Chunk { len, columns, origins: Origins::None }])
    }
}

/// The zero of a step's type.
fn zero_of(step: &Value) -> Value {
    match step {
        Value::TimeSpan(_) => Value::TimeSpan(TimeSpan::ZERO),
        _ => Value::Long(0),
    }
}

/// The start of a value's bin.
fn bin(value: &Value, step: &Value) -> Value {
    let ty = value.column_type().unwrap_or(ColumnType::Long);
    let rest = match (value, step) {
        (Value::DateTime(t), Value::TimeSpan(s)) => {
            Value::TimeSpan(TimeSpan::from_ticks(t.ticks().rem_euclid(s.ticks())))
        }
        _ => arithmetic(Arithmetic::Modulo, value, step, ty),
    };
    convert::to_type(&arithmetic(Arithmetic::Subtract, value, &rest, ty), ty)
}

/// The point that a value falls on.
fn place(value: &Value, from: &Value, step: &Value, points: usize) -> Option<usize> {
    let ticks = |v: &Value| match v {
        Value::DateTime(t) => Some(t.ticks()),
        Value::TimeSpan(t) => Some(t.ticks()),
        Value::Int(_) | Value::Long(_) => convert::to_long(v),
        _ => None,
    };
    let point = match (ticks(value), ticks(from), ticks(step)) {
        (Some(value), Some(from), Some(step)) => value.checked_sub(from)?.div_euclid(step),
        _ => {
            let (value, from, step) = (convert::to_real(value)?, convert::to_real(from)?, convert::to_real(step)?);
            ((value - from) / step).floor() as i64
        }
    };
    usize::try_from(point).ok().filter(|point| *point < points)
}
