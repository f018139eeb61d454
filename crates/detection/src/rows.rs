//! Rows of the logs as a log of their own, which reads back as the same rows: JSON lines, of which `$table` names the
//! table. For what travels: cases, links, session files.

use crate::export::{ExportFailure, RowChoice};
use crate::output::value_json;
use crate::session::{RunFailure, Session};
use crate::signals::leg_chain;
use event_table::{ColumnDef, RowRef, TableSet, Value, schema};
use kql_engine::run::{ChainOnTable, Pace, RunError};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json, json};
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
            let misses = session.runner.near_misses(on, 1, NEAR, pace).await.map_err(|error| match error {
                RunError::Cancelled => ExportFailure::from(RunFailure::Cancelled),
                RunError::TooLarge(words) | RunError::Invalid(words) => ExportFailure::Impossible(words),
            })?;
            let failed = misses.failed.iter().flat_map(|failed| &failed.rows);
            rows.extend(failed.map(|row| RowRef { table: position as u32, row: *row }));
        }
    }
    Ok(Chosen { rows: Some(rows), notes: Vec::new() })
}

/// Rows as a log.
pub(crate) struct WrittenRows {
    /// The log: JSON lines.
    pub(crate) text: String,
    /// The line of each row; the first is 1.
    pub(crate) lines: FxHashMap<RowRef, u64>,
    /// How many rows had no room.
    pub(crate) left_out: usize,
}

/// Changes a cell's text on its way out.
pub(crate) type Rewrite<'r> = &'r dyn Fn(&ColumnDef, &str) -> String;

/// Writes rows (all when none are named) as a log of at most so many bytes.
pub(crate) fn written_rows(
    tables: &TableSet,
    rows: Option<&BTreeSet<RowRef>>,
    room: usize,
    rewrite: Option<Rewrite<'_>>,
) -> WrittenRows {
    let mut out = WrittenRows { text: String::new(), lines: FxHashMap::default(), left_out: 0 };
    let mut write = |row: RowRef| {
        let Some(line) = line(tables, row, rewrite) else { return };
        if out.left_out > 0 || out.text.len() + line.len() + 1 > room {
            out.left_out += 1;
            return;
        }
        out.text.push_str(&line);
        out.text.push('\n');
        out.lines.insert(row, out.lines.len() as u64 + 1);
    };
    match rows {
        Some(rows) => rows.iter().copied().for_each(&mut write),
        None => {
            for (table, rows) in tables.tables().iter().map(event_table::Table::len).enumerate() {
                (0..rows as u32).for_each(|row| write(RowRef { table: table as u32, row }));
            }
        }
    }
    out
}

/// A row as an object. Cells without a value are left out, and of two equal times the second.
fn line(tables: &TableSet, row: RowRef, rewrite: Option<Rewrite<'_>>) -> Option<String> {
    let table = tables.tables().get(row.table as usize)?;
    let mut cells = Map::new();
    cells.insert("$table".to_owned(), json!(table.name()));
    for (index, column) in table.schema().columns.iter().enumerate() {
        let value = table.value(row.row as usize, index.into());
        let json = match &value {
            Value::Null => continue,
            Value::String(text) if text.is_empty() => continue,
            Value::Long(n) => json!(n),
            Value::String(text) => match rewrite {
                Some(rewrite) => json!(rewrite(column, text)),
                None => json!(&**text),
            },
            Value::Dynamic(_) => match rewrite {
                Some(rewrite) => {
                    let text = rewrite(column, &value.to_string());
                    serde_json::from_str(&text).unwrap_or_else(|_| json!(text))
                }
                None => value_json(&value),
            },
            other => value_json(other),
        };
        cells.insert(column.name.to_string(), json);
    }
    let [first, second] = schema::TIME_COLUMNS;
    if cells.get(first) == cells.get(second) {
        cells.remove(second);
    }
    Some(Json::Object(cells).to_string())
}
