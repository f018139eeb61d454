//! Near misses: the rows that failed exactly one condition of a chain.
//!
//! Every condition is tested on the rows that failed at most one before it, and what was tested is kept with the
//! selections of the run: after an edit only the edited condition is tested anew.

use super::{Cancelled, Chain, Pace, Progress, RunError, Runner, table_chunk};
use crate::columnar::select;
use crate::expr::Expr;
use crate::plan::PlanColumn;
use event_table::{Bitmap, DateTime, TableSet};

/// The rows that failed one condition and no other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NearMisses {
    /// For each condition of the chain, rows of the table in order: as many as were asked for.
    pub rows: Vec<Vec<u32>>,
    /// For each condition, how many there are in all.
    pub totals: Vec<usize>,
}

/// A chain and the table of the logs that it stands on.
#[derive(Clone, Copy)]
pub struct ChainOnTable<'a> {
    /// The chain, subqueries put in place.
    pub chain: &'a Chain,
    /// The table's name.
    pub table: &'a str,
    /// The columns of the chain's base.
    pub columns: &'a [PlanColumn],
    /// The tables of the logs.
    pub tables: &'a TableSet,
    /// The instant that is now.
    pub now: DateTime,
}

impl Runner {
    /// Finds the near misses of a chain on a table. Of each condition's rows at most `limit` are told.
    ///
    /// # Errors
    /// When the pace calls it off.
    pub async fn near_misses(
        &mut self,
        on: ChainOnTable<'_>,
        limit: usize,
        pace: &dyn Pace,
    ) -> Result<NearMisses, RunError> {
        let ChainOnTable { chain, table, columns, tables, now } = on;
        let tests: Vec<_> = chain.conditions.iter().map(|c| self.selections.condition(table, &c.expr, now)).collect();
        let count = chain.conditions.len();
        let mut found = NearMisses { rows: vec![Vec::new(); count], totals: vec![0; count] };
        let Some(stored) = tables.get(table) else { return Ok(found) };
        let mut progress = Progress { done: 0, total: stored.len() };
        for index in 0..stored.batches().len() {
            let (chunk, id) = table_chunk(tables, table, columns, index);
            let mut unfailed = Bitmap::filled(chunk.len, true);
            let mut failed_one: Vec<Bitmap> = Vec::with_capacity(count);
            for condition in &tests {
                let mut in_question = unfailed.clone();
                failed_one.iter().for_each(|rows| in_question.or(rows));
                let test = |expr: &Expr, untested: &Bitmap| select(expr, true, &chunk, untested, now);
                let passed = self.selections.narrow(id, condition, in_question, test);
                failed_one.iter_mut().for_each(|rows| rows.and(&passed));
                let mut fallen = unfailed.clone();
                fallen.and_not(&passed);
                failed_one.push(fallen);
                unfailed.and(&passed);
            }
            let start = stored.batch_start(index);
            for ((rows, total), one) in found.rows.iter_mut().zip(&mut found.totals).zip(&failed_one) {
                *total += one.count();
                let room = limit.saturating_sub(rows.len());
                rows.extend(one.ones().take(room).map(|row| (start + row) as u32));
            }
            progress.done += chunk.len;
            pace.checkpoint(progress).await.map_err(|Cancelled| RunError::Cancelled)?;
        }
        Ok(found)
    }
}
