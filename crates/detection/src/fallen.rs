//! The rows that a condition of a signal let fall: those that passed every condition before it and not this one.

use crate::ColumnReport;
use crate::signals::leg_chain;
use event_table::{Bitmap, DateTime, RowRef, Table, TableSet, Value, schema};
use kql_engine::columnar::{Chunk, Origins, Vector, select};
use kql_engine::plan::{Plan, PlanColumn};
use kql_engine::run::{Chain, Outcome};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows of a table of the logs, as many as were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FallenRows {
    /// The columns shown: the time, what the condition reads, who and where, what the other conditions read.
    pub columns: Vec<ColumnReport>,
    /// How many rows fell, in all.
    pub total: usize,
    /// The rows asked for, in the order of the table.
    pub rows: Vec<FallenRow>,
}

/// A row that fell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FallenRow {
    /// The row.
    pub row: RowRef,
    /// The cells as text.
    pub cells: Vec<String>,
}

/// Which rows fell at a condition. Finding them looks at the whole table, so they are kept.
pub(crate) struct Fallen {
    pub(crate) signal: usize,
    pub(crate) step: usize,
    columns: Vec<ColumnReport>,
    rows: Vec<RowRef>,
}

/// Who and where: shown for every table that has them.
const CONTEXT: [&str; 2] = ["DeviceName", "AccountName"];

impl Fallen {
    /// The rows that fell at a condition; `None` when the signal has no such condition on a table.
    pub(crate) fn find(
        signal: usize,
        step: usize,
        plan: &Plan,
        outcome: &Outcome,
        tables: &TableSet,
        now: DateTime,
    ) -> Option<Fallen> {
        let chain = leg_chain(plan, plan.legs.get(signal)?, outcome)?;
        let (before, condition) = (chain.conditions.get(..step)?, chain.conditions.get(step)?);
        let name = plan.tables(chain.base).first().cloned()?;
        let base = &plan.node(chain.base).columns;
        let Some(position) = tables.position(&name) else {
            return Some(Fallen { signal, step, columns: Vec::new(), rows: Vec::new() });
        };
        let table = &tables.tables()[position];
        let mut rows = Vec::new();
        for (index, batch) in table.batches().iter().enumerate() {
            let columns = base.iter().map(|column| {
                let stored = table.schema().position(&column.name).and_then(|at| batch.column(at.get()));
                stored.map_or_else(|| Vector::Constant(Value::missing(column.ty)), |c| Vector::Column(Arc::clone(c)))
            });
            let chunk = Chunk { len: batch.len(), columns: columns.collect(), origins: Origins::None };
            let reached = before.iter().fold(Bitmap::filled(chunk.len, true), |passed, condition| {
                select(&condition.expr, true, &chunk, &passed, now)
            });
            let mut fallen = reached.clone();
            fallen.and_not(&select(&condition.expr, true, &chunk, &reached, now));
            let start = table.batch_start(index);
            rows.extend(fallen.ones().map(|row| RowRef { table: position as u32, row: (start + row) as u32 }));
        }
        Some(Fallen { signal, step, columns: columns_to_show(table, base, &chain, step), rows })
    }

    /// Some of the rows.
    pub(crate) fn rows(&self, range: std::ops::Range<usize>, tables: &TableSet) -> FallenRows {
        let rows = self.rows.iter().skip(range.start).take(range.len()).filter_map(|row| {
            let table = tables.tables().get(row.table as usize)?;
            let cells = self.columns.iter().map(|column| {
                let position = table.schema().position(&column.name);
                position.map_or_else(String::new, |at| table.value(row.row as usize, at).to_string())
            });
            Some(FallenRow { row: *row, cells: cells.collect() })
        });
        FallenRows { columns: self.columns.clone(), total: self.rows.len(), rows: rows.collect() }
    }
}

fn columns_to_show(table: &Table, base: &[PlanColumn], chain: &Chain, step: usize) -> Vec<ColumnReport> {
    let read = |step: usize| {
        let columns = chain.conditions.get(step).map_or_else(Vec::new, |c| c.expr.columns());
        columns.into_iter().filter_map(|c| base.get(c)).map(|c| c.name.to_string())
    };
    let has = |name: &&&str| table.schema().position(name).is_some();
    let time = schema::TIME_COLUMNS.iter().find(has).map(|name| (*name).to_owned());
    let context = CONTEXT.iter().filter(has).map(|name| (*name).to_owned());
    let others = (0..chain.conditions.len()).flat_map(read);
    let mut shown: Vec<String> = Vec::new();
    for name in time.into_iter().chain(read(step)).chain(context).chain(others) {
        if !shown.contains(&name) {
            shown.push(name);
        }
    }
    let report = |name: String| {
        let ty = table.schema().column(&name).map(|column| column.ty);
        ColumnReport { name, ty }
    };
    shown.into_iter().map(report).collect()
}

#[cfg(test)]
mod tests {
    use crate::{Options, Session};
    use event_table::DateTime;

    const LOG: &str = "Timestamp,DeviceName,FileName,ProcessCommandLine
2025-06-01T10:00:00Z,a,git.exe,git push github.com
2025-06-01T10:00:01Z,b,git.exe,git pull github.com
2025-06-01T10:00:02Z,c,cmd.exe,git push github.com
2025-06-01T10:00:03Z,d,git.exe,git push
2025-06-01T10:00:04Z,e,,
";

    #[test]
    fn rows_fall_at_the_first_condition_that_they_do_not_meet() {
        let mut session = Session::new();
        session.load("log.csv", LOG.as_bytes(), Options::default());
        session.set_query(
            "DeviceProcessEvents | where FileName == 'git.exe' | where ProcessCommandLine has 'push' and \
             ProcessCommandLine has 'github.com'",
        );
        session.run_now(DateTime::MAX);
        for (step, expected) in [(0, vec!["c", "e"]), (1, vec!["b"]), (2, vec!["d"])] {
            let fallen = session.fallen(0, step, 0..9).unwrap();
            let device = fallen.columns.iter().position(|c| c.name == "DeviceName").unwrap();
            let names: Vec<&str> = fallen.rows.iter().map(|row| &*row.cells[device]).collect();
            assert_eq!((fallen.total, names), (expected.len(), expected), "step {step}");
        }
        let columns = session.fallen(0, 1, 0..0).unwrap().columns;
        let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
        assert_eq!(names, ["Timestamp", "ProcessCommandLine", "DeviceName", "AccountName", "FileName"]);
        assert!(session.fallen(0, 3, 0..9).is_none() && session.fallen(1, 0, 0..9).is_none());
    }

    #[test]
    fn a_part_of_them_can_be_asked_for_and_the_story_of_each_be_told() {
        let mut session = Session::new();
        session.load("log.csv", LOG.as_bytes(), Options::default());
        session.set_query("DeviceProcessEvents | where FileName == 'git.exe'");
        session.run_now(DateTime::MAX);
        let fallen = session.fallen(0, 0, 1..9).unwrap();
        assert_eq!((fallen.total, fallen.rows.len()), (2, 1));
        let story = session.story(fallen.rows[0].row).unwrap();
        assert_eq!(story.signals[0].conditions[0].verdict, Some(false));
        assert!(story.cells.iter().any(|cell| cell.text == "e"));
    }
}
