//! Near misses: the rows that failed just so many conditions of a chain, as a rule one.
//!
//! Every condition is tested on the rows that did not fail more before it, and what was tested is kept with the
//! selections of the run: after an edit only the edited condition is tested anew.

use super::{Cancelled, Chain, Pace, Progress, RunError, Runner, table_chunk};
use crate::columnar::select;
use crate::expr::Expr;
use crate::plan::PlanColumn;
use event_table::{Bitmap, DateTime, TableSet};

/// The rows that failed just so many conditions, by which ones they failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NearMisses {
    /// Rows that failed the same conditions, in the order of these.
    pub failed: Vec<FailedRows>,
}

/// Rows that failed the same conditions and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRows {
    /// The conditions, by position in the chain, in order.
    pub conditions: Vec<usize>,
    /// Rows of the table in order: as many as were asked for.
    pub rows: Vec<u32>,
    /// How many there are in all.
    pub total: usize,
}

impl NearMisses {
    /// How many rows there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.failed.iter().map(|failed| failed.total).sum()
    }

    fn of(&mut self, conditions: &[usize]) -> &mut FailedRows {
        let place = self.failed.binary_search_by(|known| (*known.conditions).cmp(conditions)).unwrap_or_else(|place| {
            self.failed.insert(place, FailedRows { conditions: conditions.to_vec(), rows: Vec::new(), total: 0 });
            place
        });
        &mut self.failed[place]
    }
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
    /// Finds the rows that failed just `failed` conditions of a chain on a table. Of those that failed the same ones at
    /// most `limit` are told.
    ///
    /// # Errors
    /// When the pace calls it off.
    pub async fn near_misses(
        &mut self,
        on: ChainOnTable<'_>,
        failed: usize,
        limit: usize,
        pace: &dyn Pace,
    ) -> Result<NearMisses, RunError> {
        let ChainOnTable { chain, table, columns, tables, now } = on;
        let tests: Vec<_> = chain.conditions.iter().map(|c| self.selections.condition(table, &c.expr, now)).collect();
        let mut found = NearMisses::default();
        let Some(stored) = tables.get(table) else { return Ok(found) };
        let mut progress = Progress { done: 0, total: stored.len() };
        for index in 0..stored.batches().len() {
            let (chunk, id) = table_chunk(tables, table, columns, index);
            // The rows by the conditions that they failed so far.
            let mut sets: Vec<(Vec<usize>, Bitmap)> = vec![(Vec::new(), Bitmap::filled(chunk.len, true))];
            for (position, condition) in tests.iter().enumerate() {
                let mut in_question = Bitmap::filled(chunk.len, false);
                sets.iter().for_each(|(_, rows)| in_question.or(rows));
                let test = |expr: &Expr, untested: &Bitmap| select(expr, true, &chunk, untested, now);
                let passed = self.selections.narrow(id, condition, in_question, test);
                let mut fallen = Vec::new();
                for (conditions, rows) in &mut sets {
                    if conditions.len() < failed {
                        let mut failing = rows.clone();
                        failing.and_not(&passed);
                        if failing.any() {
                            fallen.push((conditions.iter().copied().chain([position]).collect(), failing));
                        }
                    }
                    rows.and(&passed);
                }
                sets.extend(fallen);
            }
            let start = stored.batch_start(index);
            for (conditions, rows) in sets.iter().filter(|(conditions, _)| conditions.len() == failed) {
                let count = rows.count();
                if count > 0 {
                    let known = found.of(conditions);
                    known.total += count;
                    let room = limit.saturating_sub(known.rows.len());
                    known.rows.extend(rows.ones().take(room).map(|row| (start + row) as u32));
                }
            }
            progress.done += chunk.len;
            pace.checkpoint(progress).await.map_err(|Cancelled| RunError::Cancelled)?;
        }
        Ok(found)
    }
}
