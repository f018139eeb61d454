//! `prev`, `next`, `row_number` and their kin: values that depend on the rows around a row; and random ones, which
//! depend on its number.
//!
//! Source: Kusto documentation, the pages of the window functions. Rows are in the order of the input, which here is
//! always fixed; Kusto asks for a serialized one.

use super::{Relation, Run, RunError, STRETCH};
use crate::columnar::{Chunk, Vector};
use crate::expr::Expr;
use crate::memory::Watch;
use crate::plan::{PlanColumn, WindowCall, WindowFunction};
use crate::scalar::{Arithmetic, arithmetic, convert, evaluate, order, plain};
use event_table::{ColumnBuilder, ColumnType, DateTime, Guid, TimeSpan, Value};
use std::cmp::Ordering;
use std::sync::Arc;

impl Run<'_> {
    /// The rows of a relation as one chunk, with a column for each call behind its own.
    pub(super) async fn windows(
        &mut self,
        relation: &Relation,
        calls: &[WindowCall],
        columns: &[PlanColumn],
    ) -> Result<Chunk, RunError> {
        let width = columns.len() - calls.len();
        let places = relation
            .chunks()
            .iter()
            .enumerate()
            .flat_map(|(index, chunk)| (0..chunk.len as u32).map(move |row| (index as u32, row)))
            .collect();
        let mut chunk = Chunk::gather(relation.chunks(), width, places);
        for call in calls {
            let mut builder = ColumnBuilder::new(call.ty);
            let mut watch = Watch::default();
            let mut state = State::default();
            for row in 0..chunk.len {
                let value = value(&chunk, row, call, &mut state, self.now);
                builder.push(&value);
                if !watch.goes_on(&value, || builder.heap_bytes()) || row % STRETCH == STRETCH - 1 {
                    self.checkpoint(0).await?;
                }
            }
            watch.keep(builder.heap_bytes());
            chunk.columns.push(Vector::Column(Arc::new(builder.finish())));
        }
        Ok(chunk)
    }
}

/// What a call remembers from row to row.
#[derive(Default)]
struct State {
    number: i64,
    rank: i64,
    before: Option<Value>,
    total: Option<Value>,
    session: Option<(DateTime, DateTime)>,
}

fn value(chunk: &Chunk, row: usize, call: &WindowCall, state: &mut State, now: DateTime) -> Value {
    let argument = |index: usize| call.arguments.get(index).map(|x| evaluate(x, &chunk.row(row), now));
    let restarts = |index: usize| matches!(argument(index).as_ref().map(plain), Some(Value::Bool(true)));
    match call.function {
        WindowFunction::Prev => neighbour(chunk, row, call, false, now),
        WindowFunction::Next => neighbour(chunk, row, call, true, now),
        WindowFunction::RowNumber => {
            let start = argument(0).and_then(|v| convert::to_long(&v)).unwrap_or(1);
            state.number = if row == 0 || restarts(1) { start } else { state.number + 1 };
            Value::Long(state.number)
        }
        WindowFunction::RowCumsum => {
            let term = argument(0).unwrap_or_default();
            let so_far = if restarts(1) { None } else { state.total.take() };
            let total = match (so_far, term.is_null()) {
                (Some(so_far), true) => so_far,
                (Some(so_far), false) => arithmetic(Arithmetic::Add, &so_far, &term, call.ty),
                (None, true) => convert::to_type(&Value::Long(0), call.ty),
                (None, false) => term,
            };
            state.total = Some(total.clone());
            convert::to_type(&total, call.ty)
        }
        WindowFunction::RowRankDense | WindowFunction::RowRankMin => {
            let term = argument(0).unwrap_or_default();
            let restart = row == 0 || restarts(1);
            let same = !restart && state.before.as_ref().is_some_and(|before| order(before, &term) == Ordering::Equal);
            state.number = if restart { 1 } else { state.number + 1 };
            if restart {
                state.rank = 1;
            } else if !same {
                state.rank = if call.function == WindowFunction::RowRankDense { state.rank + 1 } else { state.number };
            }
            state.before = Some(term);
            Value::Long(state.rank)
        }
        WindowFunction::RowWindowSession => {
            let Some(Value::DateTime(at)) = argument(0) else {
                // What follows a null begins a session (`row-window-session-function`).
                state.session = None;
                return Value::Null;
            };
            let span = |index: usize| argument(index).and_then(|v| convert::to_timespan(&v)).unwrap_or(TimeSpan::ZERO);
            let begins = match state.session {
                // A value that equals its limit, or exceeds it, begins a session.
                Some((start, last)) => restarts(3) || at.since(start) >= span(1) || at.since(last) >= span(2),
                None => true,
            };
            let start = if begins { at } else { state.session.map_or(at, |(start, _)| start) };
            state.session = Some((start, at));
            Value::DateTime(start)
        }
        WindowFunction::Rand | WindowFunction::NewGuid => {
            let arguments: Vec<Value> = (0..call.arguments.len()).filter_map(argument).collect();
            random(call.function, &arguments, row as u64)
        }
    }
}

/// The random value of a call at a row. **Our choice**: the same at every run, so that a run is repeatable.
pub(crate) fn random(function: WindowFunction, arguments: &[Value], row: u64) -> Value {
    let number = |index: usize| arguments.get(index).and_then(convert::to_long).unwrap_or_default();
    match function {
        WindowFunction::Rand => {
            // 53 bits are what a real holds.
            let fraction = (mixed(number(1), row, 0) >> 11) as f64 / (1u64 << 53) as f64;
            Value::Real(if number(0) > 0 { (fraction * number(0) as f64).floor() } else { fraction })
        }
        _ => {
            let halves = [mixed(number(0), row, 1), mixed(number(0), row, 2)];
            let mut bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_be_bytes()).collect();
            // Version 4, random, of the variant of RFC 9562.
            bytes[6] = bytes[6] & 0x0f | 0x40;
            bytes[8] = bytes[8] & 0x3f | 0x80;
            <[u8; 16]>::try_from(bytes).map_or(Value::Null, |bytes| Value::Guid(Guid(bytes)))
        }
    }
}

/// Bits that depend on a call, a row and a use.
fn mixed(call: i64, row: u64, use_of: u8) -> u64 {
    let mut input = [0; 17];
    input[..8].copy_from_slice(&call.to_le_bytes());
    input[8..16].copy_from_slice(&row.to_le_bytes());
    input[16] = use_of;
    xxhash_rust::xxh64::xxh64(&input, 0)
}

/// `prev(column, offset, default)` and `next(…)`.
fn neighbour(chunk: &Chunk, row: usize, call: &WindowCall, after: bool, now: DateTime) -> Value {
    let at_row = |x: &Expr, row: usize| evaluate(x, &chunk.row(row), now);
    let offset = call.arguments.get(1).map_or(Some(1), |x| convert::to_long(&at_row(x, row)));
    let target = offset.and_then(|offset| {
        let target = if after { (row as i64).checked_add(offset)? } else { (row as i64).checked_sub(offset)? };
        usize::try_from(target).ok().filter(|target| *target < chunk.len)
    });
    match (target, call.arguments.first()) {
        (Some(target), Some(column)) => at_row(column, target),
        _ => call.arguments.get(2).map_or_else(
            || if call.ty == ColumnType::String { Value::missing(call.ty) } else { Value::Null },
            |default| convert::to_type(&at_row(default, row), call.ty),
        ),
    }
}
