//! Rows of the logs that are chosen to travel with a query.

use crate::export::{ExportFailure, RowChoice};
use crate::session::{RunFailure, Session};
use crate::signals::leg_chain;
use event_table::RowRef;
use kql_engine::run::{ChainOnTable, Pace, RunError};
use std::collections::BTreeSet;

/// Near misses of a condition that are taken.
const NEAR: usize = 1_000;

/// Rows that were chosen.
pub(crate) struct Chosen {
    /// The rows in order; none stands for all.
    pub(crate) rows: Option<BTreeSet<RowRef>>,
    /// What to know about the choice.
    pub(crate) notes: Vec<String>,
}

/// The rows of a choice, by the newest run.
pub(crate) async fn chosen_rows(
    session: &mut Session,
    choice: RowChoice,
    pace: &dyn Pace,
) -> Result<Chosen, ExportFailure> {
    let all = |notes: Vec<String>| Chosen { rows: None, notes };
    let Some(last) = &session.last else { return Ok(all(Vec::new())) };
    if choice == RowChoice::All {
        return Ok(all(Vec::new()));
    }
    let relation = &last.outcome.relation;
    let mut rows = BTreeSet::new();
    for row in 0..relation.len() {
        let Some(origin) = relation.origin(row) else {
            return Ok(all(vec![
                "The result is computed from several rows, so that all rows of its tables are written.".to_owned(),
            ]));
        };
        rows.insert(origin.row);
    }
    if choice == RowChoice::AlertsAndNearMisses {
        for leg in &last.plan.legs {
            let Some(chain) = leg_chain(&last.plan, leg, &last.outcome) else { continue };
            let Some(table) = last.plan.tables(chain.base).first().cloned() else { continue };
            let Some(position) = session.tables.position(&table) else { continue };
            let columns = &last.plan.node(chain.base).columns;
            let on = ChainOnTable { chain: &chain, table: &table, columns, tables: &session.tables, now: last.now };
            let misses = session.runner.near_misses(on, NEAR, pace).await.map_err(|error| match error {
                RunError::Cancelled => ExportFailure::from(RunFailure::Cancelled),
                RunError::TooLarge(words) | RunError::Invalid(words) => ExportFailure::Impossible(words),
            })?;
            rows.extend(misses.rows.iter().flatten().map(|row| RowRef { table: position as u32, row: *row }));
        }
    }
    Ok(Chosen { rows: Some(rows), notes: Vec::new() })
}
