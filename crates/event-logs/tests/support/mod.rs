//! What the tests of whole logs share.

#![allow(dead_code, reason = "each test file uses its part")]

use event_logs::{Options, Report, read_bytes};
use event_table::{ColumnIndex, SourceId, Table, TableSet};

/// Reads a log that is wholly in memory.
pub(crate) fn read(name: &str, bytes: &[u8], options: Options) -> (TableSet, Report) {
    let mut tables = TableSet::new();
    let report = read_bytes(SourceId(1), name, bytes, options, &mut tables);
    (tables, report)
}

/// The bytes of a file beside the tests.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of a row that have a value, as `Column=value`, in the order of the schema. `TimeGenerated` stands there
/// only where it differs from `Timestamp`.
pub(crate) fn row(table: &Table, row: usize) -> String {
    let value = |name: &str| table.schema().position(name).map(|c| table.value(row, c).to_string());
    let time = value("Timestamp");
    let cells = table.schema().columns.iter().enumerate().filter_map(|(i, def)| {
        let text = table.value(row, ColumnIndex::from(i)).to_string();
        let told = text.is_empty() || (&*def.name == "TimeGenerated" && time.as_ref() == Some(&text));
        (!told).then(|| format!("{}={text}", def.name))
    });
    cells.collect::<Vec<_>>().join("|")
}

/// All rows, each as its table's name and [`row`].
pub(crate) fn rows(tables: &TableSet) -> Vec<String> {
    let of =
        |table: &Table| (0..table.len()).map(|i| format!("{}: {}", table.name(), row(table, i))).collect::<Vec<_>>();
    tables.tables().iter().flat_map(of).collect()
}
