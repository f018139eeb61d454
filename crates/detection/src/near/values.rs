//! Rows by the values in the cells that conditions read.

use event_table::{Column, ColumnIndex, ColumnType, StringColumn, Table, Value};
use kql_engine::expr::Expr;
use kql_engine::plan::PlanColumn;
use kql_engine::scalar::{Row, convert};
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// The rows of a table, in the order of a plan's columns; cells are read when they are asked for.
pub(super) struct Cells<'a> {
    table: &'a Table,
    columns: &'a [PlanColumn],
    places: Vec<Option<ColumnIndex>>,
}

impl<'a> Cells<'a> {
    pub(super) fn of(table: &'a Table, columns: &'a [PlanColumn]) -> Self {
        Self { table, columns, places: columns.iter().map(|c| table.schema().position(&c.name)).collect() }
    }

    pub(super) fn row(&self, row: u32) -> CellsOfRow<'_> {
        CellsOfRow { cells: self, row: row as usize }
    }

    /// What stands in a row's cells that a condition reads.
    pub(super) fn text(&self, condition: &Expr, row: u32) -> String {
        let row = self.row(row);
        let texts = condition.columns().into_iter().map(|column| convert::to_text(&row.value(column)).into_owned());
        texts.collect::<Vec<_>>().join(" · ")
    }
}

pub(super) struct CellsOfRow<'a> {
    cells: &'a Cells<'a>,
    row: usize,
}

impl Row for CellsOfRow<'_> {
    fn value(&self, column: usize) -> Value {
        match self.cells.places.get(column) {
            Some(Some(index)) => self.cells.table.value(self.row, *index),
            _ => self.cells.columns.get(column).map_or(Value::Null, |c| Value::missing(c.ty)),
        }
    }
}

/// The different values of some rows, numbered as they come.
pub(super) struct Values {
    /// The number of each row's value.
    pub(super) of_row: Vec<u32>,
    /// Which of the rows is the first with each value.
    pub(super) firsts: Vec<u32>,
}

impl Values {
    /// What some rows, which come in order, have in the cells that a condition reads.
    pub(super) fn of(cells: &Cells<'_>, condition: &Expr, rows: &[u32]) -> Self {
        let mut columns = condition.columns().into_iter().map(|column| of_column(cells, column, rows));
        let first = columns.next().unwrap_or_else(|| of_keys(std::iter::repeat_n((), rows.len())));
        columns.fold(first, |known, more| known.and(&more))
    }

    /// The pairs of these values and others of the same rows.
    pub(super) fn and(&self, other: &Self) -> Self {
        of_keys(self.of_row.iter().zip(&other.of_row))
    }
}

fn of_keys<K: Hash + Eq>(keys: impl Iterator<Item = K>) -> Values {
    let mut numbers = Numbers::default();
    let of_row = keys.enumerate().map(|(place, key)| numbers.number(key, place)).collect();
    Values { of_row, firsts: numbers.firsts }
}

struct Numbers<K> {
    known: FxHashMap<K, u32>,
    firsts: Vec<u32>,
}

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Self { known: FxHashMap::default(), firsts: Vec::new() }
    }
}

impl<K: Hash + Eq> Numbers<K> {
    fn number(&mut self, key: K, place: usize) -> u32 {
        *self.known.entry(key).or_insert_with(|| {
            self.firsts.push(place as u32);
            self.firsts.len() as u32 - 1
        })
    }
}

/// What tells cells of a column apart; text is not copied.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Text(&'a str),
    Number(u64),
    Null,
    Other(String),
}

fn of_column(cells: &Cells<'_>, column: usize, rows: &[u32]) -> Values {
    let place = cells.places.get(column).copied().flatten();
    let missing = || match cells.columns.get(column) {
        Some(PlanColumn { ty: ColumnType::String, .. }) => Key::Text(""),
        _ => Key::Null,
    };
    let mut numbers = Numbers::default();
    let mut of_row = Vec::with_capacity(rows.len());
    for (index, batch) in cells.table.batches().iter().enumerate() {
        let start = cells.table.batch_start(index);
        let rest = &rows[of_row.len()..];
        let here = &rest[..rest.partition_point(|row| (*row as usize) < start + batch.len())];
        let column = place.and_then(|place| batch.column(place.get()));
        match column.map(|column| &**column) {
            // Rows of one code have one text: it is looked up once.
            Some(Column::String(StringColumn::Dictionary(strings))) => {
                let mut of_code: Vec<Option<u32>> = vec![None; strings.entries.len()];
                for row in here {
                    let code = strings.codes.get(*row as usize - start);
                    let known = of_code.get(code).copied().flatten();
                    let number =
                        known.unwrap_or_else(|| numbers.number(Key::Text(strings.entries.get(code)), of_row.len()));
                    if let Some(known) = of_code.get_mut(code) {
                        *known = Some(number);
                    }
                    of_row.push(number);
                }
            }
            column => {
                for row in here {
                    let key = column.map_or_else(missing, |column| key(column, *row as usize - start));
                    of_row.push(numbers.number(key, of_row.len()));
                }
            }
        }
    }
    Values { of_row, firsts: numbers.firsts }
}

fn key(column: &Column, row: usize) -> Key<'_> {
    let number = |bits: Option<u64>| bits.map_or(Key::Null, Key::Number);
    match column {
        Column::String(strings) => Key::Text(strings.get(row)),
        Column::Bool(c) => number(c.get(row).map(u64::from)),
        Column::Int(c) => number(c.get(row).map(|n| i64::from(n) as u64)),
        Column::Long(c) | Column::DateTime(c) | Column::TimeSpan(c) => number(c.get(row).map(|n| n as u64)),
        Column::Real(c) => number(c.get(row).map(|n| if n.is_nan() { f64::NAN } else { n }.to_bits())),
        other => Key::Other(convert::to_text(&other.value(row)).into_owned()),
    }
}
