//! Can this rule see anything? For each column that a query's conditions read: in how many rows it has a value.

use crate::Source;
use crate::signals::leg_chain;
use event_table::{ColumnOrigin, TableSet};
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
    /// The source's name.
    pub name: String,
    /// Rows that have a value.
    pub filled: usize,
    /// Rows of the table that came from this source.
    pub rows: usize,
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
    let count = |of: &dyn Fn(event_table::SourceId) -> bool| match (table, index) {
        (Some(table), Some(index)) => table.filled(index, of),
        _ => (0, 0),
    };
    let (filled, rows) = count(&|_| true);
    let by_source = sources.iter().filter_map(|source| {
        let (filled, rows) = count(&|id| id == source.id);
        (rows > 0).then(|| SourceVisibility { name: source.report.name.clone(), filled, rows })
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
