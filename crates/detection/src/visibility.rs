//! Can this rule see anything? For each column that a query's conditions read: in how many rows it has a value.

use crate::Source;
use crate::signals::{leg_chain, missing, needs};
use event_table::{ColumnOrigin, DateTime, SourceId, TableSet};
use kql_engine::plan::Plan;
use kql_engine::run::Outcome;
use serde::{Deserialize, Serialize};

/// A column that conditions read, and the rows that have a value in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnVisibility {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Who says that the table has the column.
    pub origin: ColumnOrigin,
    /// Rows that have a value.
    pub filled: usize,
    /// Rows of the table.
    pub rows: usize,
    /// The signals, by position, whose conditions read it.
    pub signals: Vec<usize>,
    /// The same for each source that has rows of the table.
    pub sources: Vec<SourceVisibility>,
}

/// Rows of one source that have a value in a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceVisibility {
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// Rows that have a value.
    pub filled: usize,
    /// Rows of the table that came from this source.
    pub rows: usize,
}

/// What the signals can see of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSight {
    /// The source.
    pub source: SourceId,
    /// For each signal on the rows of one table.
    pub signals: Vec<SignalSight>,
}

/// What a signal can see of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalSight {
    /// The signal, by position.
    pub signal: usize,
    /// The table that it stands on.
    pub table: String,
    /// How many rows of that table are of the source.
    pub rows: usize,
    /// The columns that keep it from firing on them: none of the rows has a value there.
    pub missing_columns: Vec<String>,
}

/// What the signals can see of each source; `visibility` is that of the same run.
pub(crate) fn sight(
    plan: &Plan,
    outcome: &Outcome,
    tables: &TableSet,
    sources: &[Source],
    visibility: &[ColumnVisibility],
    now: DateTime,
) -> Vec<SourceSight> {
    let mut found: Vec<SourceSight> =
        sources.iter().map(|source| SourceSight { source: source.id, signals: Vec::new() }).collect();
    for (signal, leg) in plan.legs.iter().enumerate() {
        let Some(chain) = leg_chain(plan, leg, outcome) else { continue };
        let Some(name) = plan.tables(chain.base).first().cloned() else { continue };
        let needs = needs(plan, &chain, now);
        for sight in &mut found {
            let is_its = |source: SourceId| source == sight.source;
            let batches = tables.get(&name).map_or(&[][..], |table| table.batches());
            let rows = batches.iter().filter(|batch| is_its(batch.source())).map(|batch| batch.len()).sum();
            let missing_columns = missing(&needs, |column| {
                let of_column = visibility.iter().find(|seen| seen.table == *name && seen.column == column);
                let of_source = of_column.and_then(|seen| seen.sources.iter().find(|seen| is_its(seen.source)));
                of_source.is_none_or(|seen| seen.filled == 0)
            });
            sight.signals.push(SignalSight { signal, table: name.to_string(), rows, missing_columns });
        }
    }
    found
}

/// The columns that the conditions of all signals read, in the order of first use.
pub(crate) fn visibility(
    plan: &Plan,
    outcome: &Outcome,
    tables: &TableSet,
    sources: &[Source],
) -> Vec<ColumnVisibility> {
    let mut found: Vec<ColumnVisibility> = Vec::new();
    for (signal, leg) in plan.legs.iter().enumerate() {
        let Some(chain) = leg_chain(plan, leg, outcome) else { continue };
        let Some(name) = plan.tables(chain.base).first().cloned() else { continue };
        let base = plan.node(chain.base);
        for column in chain.conditions.iter().flat_map(|c| c.expr.columns()) {
            let column = &base.columns[column].name;
            match found.iter_mut().find(|v| v.table == *name && v.column == **column) {
                Some(known) if known.signals.contains(&signal) => {}
                Some(known) => known.signals.push(signal),
                None => found.extend(one(tables, &name, column, signal, sources)),
            }
        }
    }
    found
}

fn one(tables: &TableSet, name: &str, column: &str, signal: usize, sources: &[Source]) -> Option<ColumnVisibility> {
    let origin = tables.schema(name)?.column(column)?.origin;
    let table = tables.get(name);
    let index = table.and_then(|t| t.schema().position(column));
    let count = |of: &dyn Fn(SourceId) -> bool| match (table, index) {
        (Some(table), Some(index)) => table.filled(index, of),
        _ => (0, 0),
    };
    let (filled, rows) = count(&|_| true);
    let by_source = sources.iter().filter_map(|source| {
        let (filled, rows) = count(&|id| id == source.id);
        (rows > 0).then(|| SourceVisibility { source: source.id, name: source.report.name.clone(), filled, rows })
    });
    Some(ColumnVisibility {
        table: name.to_owned(),
        column: column.to_owned(),
        origin,
        filled,
        rows,
        signals: vec![signal],
        sources: by_source.collect(),
    })
}

#[cfg(test)]
mod tests {
    use crate::{Options, Session};

    #[test]
    fn what_each_log_keeps_a_signal_from_seeing_is_told_by_log() {
        let mut session = Session::new();
        let time = "2026-10-22T10:00:00Z";
        let with_bytes = format!(
            "Timestamp,DeviceName,RemoteUrl,InitiatingProcessFileName,BytesSent\n{time},a,github.com,curl.exe,600000\n"
        );
        session.load("proxy.csv", with_bytes.as_bytes(), Options::default());
        let without = format!("Timestamp,DeviceName,RemoteUrl,InitiatingProcessFileName\n{time},a,example.com,x.exe\n");
        session.load("sensor.csv", without.as_bytes(), Options::default());
        session.set_query(
            "union (DeviceNetworkEvents | where BytesSent > 524288 | where RemoteUrl has 'github.com'), \
             (DeviceProcessEvents | where FileName == 'git.exe' or ProcessCommandLine has 'git')",
        );
        let report = session.run_now(event_table::DateTime::MAX);
        assert!(report.signals[0].missing_columns.is_empty(), "together, the logs have what it reads");
        let told: Vec<(usize, Vec<&str>)> = report
            .sources
            .iter()
            .flat_map(|source| &source.signals)
            .map(|sight| (sight.rows, sight.missing_columns.iter().map(String::as_str).collect()))
            .collect();
        let process = vec!["FileName", "ProcessCommandLine"];
        assert_eq!(
            told,
            [(1, vec![]), (0, process.clone()), (1, vec!["BytesSent"]), (0, process)],
            "{:?}",
            report.sources
        );
    }
}
