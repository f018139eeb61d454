//! `scan`: sequences of rows that match steps, one after the other.
//!
//! Source: Kusto documentation, `scan-operator`, *Scan logic*: each row is held against the steps from the last to
//! the first. A step is reached from the one before it (whose state moves on with it), or goes on from its own state;
//! the first step can always begin a sequence.

use super::{Run, RunError, STRETCH};
use crate::columnar::{Chunk, Origins, Vector, compute};
use crate::keys::encode_value;
use crate::memory;
use crate::plan::{PlanColumn, Scan, ScanOutput};
use crate::scalar::{Row, convert, evaluate};
use event_table::{ColumnBuilder, DateTime, Value};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The rows that led to a step: for each step up to it the row last matched, extended by the declared columns.
#[derive(Clone)]
struct Sequence {
    rows: Vec<Option<Vec<Value>>>,
    id: i64,
}

/// What the expressions of a step read: the row, the declared columns, and both of each step of a state.
struct StepRow<'a> {
    row: &'a [Value],
    declared: &'a [Value],
    defaults: &'a [Value],
    state: Option<&'a Sequence>,
}

impl Row for StepRow<'_> {
    fn value(&self, column: usize) -> Value {
        let width = self.row.len() + self.declared.len();
        if column < self.row.len() {
            return self.row[column].clone();
        }
        if column < width {
            return self.declared[column - self.row.len()].clone();
        }
        let (step, at) = ((column - width) / width, (column - width) % width);
        let kept = self.state.and_then(|s| s.rows.get(step)).and_then(Option::as_ref);
        match kept {
            Some(row) => row[at].clone(),
            // A step without a row has the declared defaults.
            None => at.checked_sub(self.row.len()).map_or(Value::Null, |d| self.defaults[d].clone()),
        }
    }
}

/// The scan over one partition.
struct Scanner<'a> {
    scan: &'a Scan,
    now: DateTime,
    states: Vec<Option<Sequence>>,
    next_id: i64,
    /// The last match of each step with `output=last`, not given yet.
    held: Vec<Option<(Vec<Value>, i64)>>,
    out: Vec<(Vec<Value>, i64)>,
}

impl Scanner<'_> {
    fn row(&mut self, row: &[Value]) {
        for step in (0..self.scan.steps.len()).rev() {
            if step > 0 && self.matches(step, row, self.states[step - 1].as_ref()) {
                let Some(mut sequence) = self.states[step - 1].take() else { continue };
                let extended = self.extended(step, row, Some(&sequence));
                sequence.rows[step] = Some(extended.clone());
                self.flush(step);
                self.give(step, extended, sequence.id);
                self.states[step] = Some(sequence);
                continue;
            }
            let own = self.states[step].clone();
            if (step == 0 || own.is_some()) && self.matches(step, row, own.as_ref()) {
                let extended = self.extended(step, row, own.as_ref());
                let mut sequence = own.unwrap_or_else(|| {
                    self.next_id += 1;
                    Sequence { rows: vec![None; self.scan.steps.len()], id: self.next_id - 1 }
                });
                sequence.rows[step] = Some(extended.clone());
                self.give(step, extended, sequence.id);
                self.states[step] = Some(sequence);
            }
        }
    }

    fn matches(&self, step: usize, row: &[Value], state: Option<&Sequence>) -> bool {
        if step > 0 && state.is_none() {
            return false;
        }
        let defaults = &self.scan.defaults;
        let cells = StepRow { row, declared: defaults, defaults, state };
        matches!(evaluate(&self.scan.steps[step].condition, &cells, self.now), Value::Bool(true))
    }

    /// The row with the declared columns that a step gives it.
    fn extended(&self, step: usize, row: &[Value], state: Option<&Sequence>) -> Vec<Value> {
        let defaults = &self.scan.defaults;
        let mut declared = defaults.clone();
        for (column, expr) in &self.scan.steps[step].assignments {
            let cells = StepRow { row, declared: defaults, defaults, state };
            declared[*column] = evaluate(expr, &cells, self.now);
        }
        row.iter().cloned().chain(declared).collect()
    }

    fn give(&mut self, step: usize, row: Vec<Value>, id: i64) {
        match self.scan.steps[step].output {
            ScanOutput::All => self.out.push((row, id)),
            ScanOutput::Last => self.held[step] = Some((row, id)),
            ScanOutput::None => {}
        }
    }

    /// Gives the last match that a step held back.
    fn flush(&mut self, step: usize) {
        self.out.extend(self.held[step].take());
        // A sequence that moves on ends the run of matches of the step before.
        if step > 0 {
            self.out.extend(self.held[step - 1].take());
        }
    }
}

impl Run<'_> {
    pub(super) async fn scan(&mut self, scan: &Scan, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(scan.input).await?;
        let mut bound = scan.clone();
        for key in &mut bound.partition {
            *key = self.bind(&key.clone()).await?;
        }
        for step in &mut bound.steps {
            step.condition = self.bind(&step.condition.clone()).await?;
            for (_, expr) in &mut step.assignments {
                *expr = self.bind(&expr.clone()).await?;
            }
        }
        let width = self.plan.node(scan.input).columns.len();
        let mut parts: Vec<Scanner<'_>> = Vec::new();
        let mut by_key: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
        for chunk in input.chunks() {
            let keys: Vec<Vector> = bound.partition.iter().map(|x| compute(x, chunk, self.now)).collect();
            for row in 0..chunk.len {
                let mut key = Vec::new();
                keys.iter().for_each(|v| encode_value(&v.value(row), &mut key));
                let steps = bound.steps.len();
                let part = *by_key.entry(key).or_insert_with(|| {
                    parts.push(Scanner {
                        scan: &bound,
                        now: self.now,
                        states: vec![None; steps],
                        next_id: 0,
                        held: vec![None; steps],
                        out: Vec::new(),
                    });
                    parts.len() - 1
                });
                let cells: Vec<Value> = (0..width).map(|column| chunk.columns[column].value(row)).collect();
                let before = parts[part].out.len();
                parts[part].row(&cells);
                memory::take((parts[part].out.len() - before) * columns.len() * size_of::<Value>());
                if row % STRETCH == STRETCH - 1 {
                    self.checkpoint(0).await?;
                }
            }
            self.checkpoint(0).await?;
        }
        let mut builders: Vec<ColumnBuilder> = columns.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
        let mut len = 0;
        for mut part in parts {
            for step in 0..bound.steps.len() {
                part.out.extend(part.held[step].take());
            }
            for (row, id) in part.out {
                len += 1;
                let id = if bound.match_id { Value::Long(id) } else { Value::Null };
                for ((cell, column), builder) in row.iter().chain([&id]).zip(columns).zip(&mut builders) {
                    builder.push(&convert::to_type(cell, column.ty));
                }
            }
        }
        let vectors = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
        Ok(vec![Chunk { len, columns: vectors, origins: Origins::None }])
    }
}
