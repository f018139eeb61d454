//! How common what a test looks for is among the rows of the logs: a sample of the rows that flow through a place and
//! are no false positives.

use super::atoms::Test;
use super::field::{Class, Classes, Field};
use crate::session::LastRun;
use crate::signals::leg_chain;
use event_table::{Bitmap, ColumnType, DateTime, RowRef, TableSet, Value};
use kql_engine::columnar::{Chunk, select};
use kql_engine::expr::{Expr, ExprKind, TextTest};
use kql_engine::plan::PlanColumn;
use kql_engine::run::{Chain, table_chunk};
use kql_engine::text::Quantifier;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Rows of a table that are looked at.
const SAMPLE: usize = 4_096;
/// Rows that are added to the count, so that a log of a dozen rows is not taken for the world.
const UNSEEN: f64 = 100.0;

/// A sample of the rows that flow through a place.
pub(super) struct Ground {
    parts: Vec<(Chunk, Vec<Option<Expr>>)>,
    now: DateTime,
}

impl Ground {
    pub(super) fn of(field: &Field, last: &LastRun, tables: &TableSet, classes: &Classes) -> Self {
        let asked: FxHashSet<RowRef> =
            classes.alerts().iter().filter(|a| a.class == Class::Asked).map(|a| a.row).collect();
        let mut ground = Self { parts: Vec::new(), now: last.now };
        for (leg, defined) in last.plan.legs.iter().enumerate() {
            if field.place.leg.is_some_and(|own| own != leg) {
                continue;
            }
            let Some(chain) = leg_chain(&last.plan, defined, &last.outcome) else { continue };
            let Some(name) = last.plan.tables(chain.base).first().cloned() else { continue };
            let Some(position) = tables.position(&name) else { continue };
            let base = &last.plan.node(chain.base).columns;
            let top = &last.plan.node(chain.top).columns;
            let columns: Vec<Option<Expr>> =
                (0..field.columns.len()).map(|column| made_by(field, column, &chain, base, top)).collect();
            let table = &tables.tables()[position];
            let step = table.len().div_ceil(SAMPLE).max(1);
            for index in 0..table.batches().len() {
                let (chunk, _) = table_chunk(tables, &name, base, index);
                let start = table.batch_start(index);
                let rows: Arc<[u32]> = (0..chunk.len)
                    .step_by(step)
                    .filter(|row| !asked.contains(&RowRef { table: position as u32, row: (start + row) as u32 }))
                    .map(|row| row as u32)
                    .collect();
                ground.parts.push((chunk.pick(&rows), columns.clone()));
            }
        }
        ground
    }

    /// The part of the rows that a test holds on, from 0 to 1.
    pub(super) fn prevalence(&self, column: usize, test: &Test) -> f64 {
        let (mut held, mut rows) = (0, 0);
        for (chunk, columns) in &self.parts {
            rows += chunk.len;
            if let Some(Some(subject)) = columns.get(column)
                && let Some(condition) = tested(subject.clone(), test)
            {
                held += select(&condition, true, chunk, &Bitmap::filled(chunk.len, true), self.now).count();
            }
        }
        held as f64 / (rows as f64 + UNSEEN)
    }
}

/// What makes a column of a place, over the base of a signal's chain: behind the union it is what the signal gives, in
/// the signal it is the table's.
pub(super) fn made_by(
    field: &Field,
    column: usize,
    chain: &Chain,
    base: &[PlanColumn],
    top: &[PlanColumn],
) -> Option<Expr> {
    let name = field.name(column);
    match field.place.leg {
        Some(_) => base.iter().position(|c| *c.name == *name).map(|at| Expr::column(base[at].ty, at)),
        None => top.iter().position(|c| *c.name == *name).and_then(|at| chain.outputs.get(at).cloned()),
    }
}

/// A test on what makes its column.
pub(super) fn tested(subject: Expr, test: &Test) -> Option<Expr> {
    let matcher = test.matcher()?;
    let needles = test.values().into_iter().map(|v| Expr::constant(ColumnType::String, Value::string(v)));
    let kind = ExprKind::Text(TextTest {
        subject: Box::new(subject),
        mode: matcher.mode(),
        quantifier: Quantifier::Any,
        case_sensitive: false,
        negated: false,
        needles: needles.collect(),
        matcher: Some(Arc::new(matcher)),
    });
    Some(Expr { ty: ColumnType::Bool, kind })
}
