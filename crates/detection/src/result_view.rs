//! The result as a table to look at: sorted and filtered by the viewer, without touching the query.

use event_table::Value;
use kql_engine::run::Relation;
use kql_engine::scalar::order;
use kql_engine::text::fold;
use serde::{Deserialize, Serialize};

/// What the viewer asks of the table. The default shows every row in the query's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultView {
    /// Sorts by a column.
    pub sort: Option<SortBy>,
    /// Keeps the rows that have this text in a cell, in any case; empty keeps all.
    pub text: String,
    /// Keeps rows by the value of a cell; all must hold.
    pub filters: Vec<CellFilter>,
    /// Keeps the rows of one signal, by its position.
    pub signal: Option<u16>,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortBy {
    /// The column's position.
    pub column: usize,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A value that a cell must have, or must not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellFilter {
    /// The column's position.
    pub column: usize,
    /// The cell as shown.
    pub value: String,
    /// Whether rows with the value are kept; otherwise they are left out.
    pub keep: bool,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRow {
    /// The row's position in the result, by which its story is asked for.
    pub row: usize,
    /// The cells as text.
    pub cells: Vec<String>,
    /// The signal that it came through, by position.
    pub signal: Option<u16>,
}

/// The rows of a relation that a view shows, in its order.
pub(crate) fn arrange(relation: &Relation, view: &ResultView) -> Vec<u32> {
    let width = relation.columns().len();
    let needle = fold(&view.text).into_owned();
    let mut rows: Vec<u32> = (0..relation.len() as u32)
        .filter(|row| {
            let row = *row as usize;
            let signal =
                view.signal.is_none_or(|wanted| relation.origin(row).is_some_and(|o| o.leg.unwrap_or(0) == wanted));
            let filters =
                || view.filters.iter().all(|f| (relation.value(row, f.column).to_string() == f.value) == f.keep);
            let text =
                || needle.is_empty() || (0..width).any(|c| fold(&relation.value(row, c).to_string()).contains(&needle));
            signal && filters() && text()
        })
        .collect();
    if let Some(sort) = view.sort {
        let mut keyed: Vec<(Value, u32)> =
            rows.iter().map(|r| (relation.value(*r as usize, sort.column), *r)).collect();
        keyed.sort_by(|a, b| {
            let ascending = order(&a.0, &b.0);
            if sort.descending { ascending.reverse() } else { ascending }
        });
        rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
    rows
}

/// A row of a relation as the table shows it.
pub(crate) fn view_row(relation: &Relation, row: usize) -> ViewRow {
    ViewRow {
        row,
        cells: (0..relation.columns().len()).map(|c| relation.value(row, c).to_string()).collect(),
        signal: relation.origin(row).map(|o| o.leg.unwrap_or(0)),
    }
}
