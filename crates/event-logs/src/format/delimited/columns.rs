//! The header line: names, the table that the rows are for, and which cell goes to which of its columns.

use super::quote;
use super::split::{Record, Split};
use crate::naming::{self, Zone};
use crate::options::MAX_COLUMNS;
use crate::problem::Problem;
use crate::recognise::RAW;
use crate::sink::{ColumnId, Sink, TableId, Typing, guessed_table};
use crate::table_choice::{self, TABLE_COLUMNS};
use event_table::ColumnType;
use rustc_hash::{FxHashMap, FxHashSet};

/// How many values of a column that names tables are remembered.
const MAX_CHOSEN: usize = 1024;

/// What a header line says.
pub(crate) struct Header {
    /// The line as it stands in the source.
    pub(crate) line_text: Vec<u8>,
    /// What stands between cells.
    pub(crate) delimiter: u8,
    /// The number of its line in the source.
    pub(crate) line: u64,
    /// How many cells it has.
    pub(crate) width: usize,
    names: Vec<Name>,
    by_row: ByRow,
    chosen: FxHashMap<String, Option<TableId>>,
    default: Option<TableId>,
    plans: Vec<Plan>,
    /// The cells of the original record and its time, in Splunk's exports.
    pub(crate) raw: Option<(usize, Option<usize>)>,
}

struct Name {
    /// What it is called in the log.
    own: String,
    /// What it goes by.
    name: String,
    zone: Zone,
}

/// Which cell of a row tells the row's table.
struct ByRow {
    /// A cell that names it, and the column's name.
    named: Option<(usize, &'static str)>,
    /// The cell of the ActionType, and the tables among which it decides.
    action: Option<(usize, Vec<&'static str>)>,
}

/// Which cells go to which columns of a table.
pub(crate) struct Plan {
    table: TableId,
    pub(crate) columns: Vec<PlanColumn>,
}

/// Where a cell goes.
#[derive(Clone, Copy)]
pub(crate) struct PlanColumn {
    pub(crate) cell: usize,
    pub(crate) column: ColumnId,
    /// Whether the column is there for other tables' rows: it is kept where it has a value.
    pub(crate) is_others: bool,
}

impl Header {
    /// Reads the header from the first record of a source.
    pub(crate) fn read(
        bytes: &[u8],
        delimiter: u8,
        split: &Split,
        record: &Record,
        line: u64,
        sink: &mut Sink,
    ) -> Self {
        let raw = bytes[split.record_start(record)..split.record_end(record)].to_vec();
        let named = record.cells as usize;
        if named > MAX_COLUMNS {
            sink.collector.warn(Some(line), Problem::TooManyColumns { named, read: MAX_COLUMNS });
        }
        let mut scratch = String::new();
        let cells: Vec<String> = (0..named.min(MAX_COLUMNS))
            .map(|cell| {
                let (start, end) = split.cell(record, cell);
                let text = String::from_utf8_lossy(&bytes[start..end]);
                quote::unquoted(&text, &mut scratch).trim().to_owned()
            })
            .collect();
        let mut names = unique_names(&cells, line, sink);
        sink.has_columns(line, names.iter().map(|n| &*n.own));
        for name in &mut names {
            name.name = sink.options.name_for(&name.own).into_owned();
            if name.zone == Zone::Local {
                let offset_minutes = sink.options.local_offset_minutes;
                sink.collector.warn(Some(line), Problem::LocalTime { column: name.name.clone(), offset_minutes });
            }
        }
        let by_row =
            if sink.options.table.is_some() { ByRow { named: None, action: None } } else { by_row(&names, sink) };
        let position = |wanted: &str| names.iter().position(|n| n.name == wanted);
        let raw_cell = position(RAW).map(|cell| (cell, position("_time")));
        Self {
            line_text: raw,
            raw: raw_cell,
            delimiter,
            line,
            width: named,
            names,
            by_row,
            chosen: FxHashMap::default(),
            default: None,
            plans: Vec::new(),
        }
    }

    /// Whether rows may be for different tables.
    pub(crate) fn is_mixed(&self) -> bool {
        self.by_row.named.is_some() || self.by_row.action.is_some()
    }

    /// The cells that tell a row's table.
    pub(crate) fn telling_cells(&self) -> [Option<usize>; 2] {
        [self.by_row.named.as_ref().map(|(cell, _)| *cell), self.by_row.action.as_ref().map(|(cell, _)| *cell)]
    }

    /// The table of a row whose telling cells have these texts.
    pub(crate) fn table_of(&mut self, told: [Option<&str>; 2], sink: &mut Sink) -> TableId {
        if let (Some((_, column)), Some(value)) = (&self.by_row.named, told[0]) {
            let found = self.chosen.get(value).copied().unwrap_or_else(|| {
                let table = table_choice::named_by(column, value);
                let found = table.map(|table| sink.table(&table, &format!("its column {column} says so")));
                if self.chosen.len() < MAX_CHOSEN {
                    self.chosen.insert(value.to_owned(), found);
                }
                found
            });
            if let Some(table) = found {
                return table;
            }
        }
        if let (Some((_, tables)), Some(action)) = (&self.by_row.action, told[1])
            && let Some(table) = table_choice::by_action(action).filter(|table| tables.contains(table))
        {
            return sink.table(table, &format!("its ActionType, {action}, is of that table"));
        }
        self.default_table(sink)
    }

    /// The table of rows that do not tell it themselves.
    pub(crate) fn default_table(&mut self, sink: &mut Sink) -> TableId {
        if let Some(table) = self.default {
            return table;
        }
        let canonical = canonical(&self.names);
        let evidence = table_choice::by_columns(&canonical);
        let table = match (table_choice::named_by_file(&sink.name), evidence.table) {
            (Some(table), _) => sink.table(table, "the file's name says so"),
            (None, Some(table)) => sink.table(table, &evidence.why),
            (None, None) => guessed_table(sink),
        };
        self.default = Some(table);
        table
    }

    /// Which cells go to which columns of a table.
    pub(crate) fn plan(&mut self, table: TableId, sink: &mut Sink) -> &Plan {
        let index = self.plans.iter().position(|p| p.table == table).unwrap_or_else(|| {
            let plan = self.make_plan(table, sink);
            self.plans.push(plan);
            self.plans.len() - 1
        });
        &self.plans[index]
    }

    fn make_plan(&self, table: TableId, sink: &mut Sink) -> Plan {
        let options = sink.options.clone();
        let mut columns = vec![None; self.names.len()];
        // A column's exact name takes it before names of other case do.
        for exactly in [true, false] {
            for (cell, Name { own, name, zone }) in self.names.iter().enumerate() {
                if columns[cell].is_some() {
                    continue;
                }
                let (sink_table, collector) = sink.parts(table);
                if exactly && !sink_table.has_exactly(name) {
                    continue;
                }
                let (column, known_as) = sink_table.column(name, *zone, Typing::Declared(ColumnType::String), &options);
                if let Some(known) = known_as {
                    let problem = Problem::ColumnCase { given: name.clone(), known: known.to_string() };
                    collector.warn(Some(self.line), problem);
                }
                sink_table.comes_from(column, own);
                let is_others = self.is_mixed() && sink_table.is_unknown(column);
                columns[cell] = Some(PlanColumn { cell, column, is_others });
            }
        }
        Plan { table, columns: columns.into_iter().flatten().collect() }
    }
}

/// The published names that the header's names stand for, or the names themselves.
fn canonical(names: &[Name]) -> Vec<&str> {
    names.iter().map(|n| naming::published_anywhere(&n.name).unwrap_or(&n.name)).collect()
}

fn by_row(names: &[Name], sink: &Sink) -> ByRow {
    let position = |wanted: &str| names.iter().position(|n| n.name == wanted);
    let named = TABLE_COLUMNS.iter().find_map(|column| position(column).map(|cell| (cell, *column)));
    let tables = match table_choice::named_by_file(&sink.name) {
        Some(_) => Vec::new(),
        None => table_choice::by_columns(&canonical(names)).by_action,
    };
    let action = position("ActionType").filter(|_| !tables.is_empty()).map(|cell| (cell, tables));
    ByRow { named, action }
}

/// Gives every column a name of its own, and tells of those that had none.
fn unique_names(cells: &[String], line: u64, sink: &mut Sink) -> Vec<Name> {
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let mut names = Vec::with_capacity(cells.len());
    for (i, cell) in cells.iter().enumerate() {
        let (base, zone) = naming::split_zone(cell);
        let is_taken = |name: &str| taken.contains(name);
        let name = if cell.is_empty() {
            let kept_as = naming::free_name(&format!("Column{}", i + 1), &is_taken);
            let problem = Problem::ColumnUnnamed { position: i + 1, kept_as: kept_as.clone() };
            sink.collector.warn(Some(line), problem);
            kept_as
        } else if taken.contains(base) && zone != Zone::Unsaid && !taken.contains(cell) {
            // The same time twice, in two zones: both are kept, the second under all that is written.
            cell.clone()
        } else {
            let kept_as = naming::free_name(base, &is_taken);
            if kept_as != base {
                let problem = Problem::ColumnTwice { name: base.to_owned(), kept_as: kept_as.clone() };
                sink.collector.warn(Some(line), problem);
            }
            kept_as
        };
        taken.insert(name.clone());
        names.push(Name { own: name.clone(), name, zone });
    }
    names
}
