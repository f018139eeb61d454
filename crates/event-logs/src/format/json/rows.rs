//! Adds JSON records to the tables: which table a record is for, which column each of its keys is, and the cells.

use super::scan::{Field, Kind};
use super::text::unescaped;
use crate::cell::{self, Fault};
use crate::naming::{self, Zone};
use crate::problem::Problem;
use crate::sink::{ColumnId, Sink, TableId, TableSink, Typing, guessed_table};
use crate::table_choice::{self, TABLE_COLUMNS};
use event_table::{ColumnType, Dynamic, RecordSpan, Value};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

/// How many different keys a source may have. Every one becomes a column with a cell in each row, so that a log of
/// ever new keys would grow without bound.
pub(crate) const MAX_KEYS: usize = 2048;

/// A key of the source's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyId(u32);

/// A record: its source text, the fields in it, and their keys; a field without a key is left out.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) text: &'a str,
    pub(crate) fields: &'a [Field],
    pub(crate) keys: &'a [Option<KeyId>],
}

/// A row's cell: the key, the value's kind, and its source text (between the quotes, for a string).
#[derive(Clone, Copy)]
struct Cell<'a> {
    key: KeyId,
    kind: Kind,
    text: &'a str,
}

impl<'a> Record<'a> {
    #[inline]
    fn cells(self) -> impl Iterator<Item = Cell<'a>> {
        self.fields.iter().zip(self.keys).filter_map(move |(field, key)| {
            let text = &self.text[field.value.0 as usize..field.value.1 as usize];
            Some(Cell { key: (*key)?, kind: field.kind, text })
        })
    }
}

/// The keys of a source and the columns that they are in its tables.
#[derive(Default)]
pub(crate) struct Rows {
    keys: FxHashMap<Arc<str>, KeyId>,
    names: Vec<Arc<str>>,
    /// The keys of the columns that name a row's table, in that order, and of its ActionType.
    telling: [Option<KeyId>; TELLING.len()],
    /// The types that a response declares for its columns.
    declared: Vec<Option<ColumnType>>,
    /// The keys of the record before, as they stand in the source: the next record's are mostly the same.
    expected: Vec<(Box<[u8]>, KeyId)>,
    columns: FxHashMap<TableId, Vec<Option<ColumnId>>>,
    named: FxHashMap<String, Option<TableId>>,
    by_keys: FxHashMap<u64, Speaks>,
    /// The table of the last record whose table was known.
    last: Option<TableId>,
    scratch: String,
}

/// The columns that tell a row's table.
const TELLING: [&str; TABLE_COLUMNS.len() + 1] = {
    let [a, b, c, d] = TABLE_COLUMNS;
    [a, b, c, d, "ActionType"]
};

/// What the keys of a record say about its table.
#[derive(Clone)]
struct Speaks {
    table: Option<TableId>,
    by_action: Vec<&'static str>,
}

/// How many sets of keys are remembered.
const MAX_KEY_SETS: usize = 1024;

impl Rows {
    /// The key that stands at a place in the source, as the `position`th of its record; `None` when there are too
    /// many different ones.
    #[inline]
    pub(crate) fn key(&mut self, position: usize, source: &str, is_escaped: bool) -> Option<KeyId> {
        if let Some((expected, key)) = self.expected.get(position)
            && **expected == *source.as_bytes()
        {
            return Some(*key);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let name = if is_escaped { unescaped(source, &mut scratch) } else { source };
        let key = self.key_named(name);
        self.scratch = scratch;
        if let Some(key) = key {
            let expected = (source.as_bytes().into(), key);
            if position < self.expected.len() {
                self.expected[position] = expected;
            } else if position == self.expected.len() {
                self.expected.push(expected);
            }
        }
        key
    }

    /// The key of a name.
    pub(crate) fn key_named(&mut self, name: &str) -> Option<KeyId> {
        if let Some(key) = self.keys.get(name) {
            return Some(*key);
        }
        if self.names.len() == MAX_KEYS {
            return None;
        }
        let (key, name): (_, Arc<str>) = (KeyId(self.names.len() as u32), name.into());
        if let Some(position) = TELLING.iter().position(|telling| **telling == *name) {
            self.telling[position] = Some(key);
        }
        self.keys.insert(name.clone(), key);
        self.names.push(name);
        self.declared.push(None);
        Some(key)
    }

    /// Declares the type of a key's values, where the table does not say it.
    pub(crate) fn declare(&mut self, key: KeyId, ty: ColumnType) {
        self.declared[key.0 as usize] = Some(ty);
    }

    /// The table of a name that the source says its rows are of.
    pub(crate) fn table_named(&mut self, name: &str, why: &str, sink: &mut Sink) -> TableId {
        let table = sink.table(name, why);
        self.last = Some(table);
        table
    }

    /// The table of a record that no envelope names.
    pub(crate) fn table_of(&mut self, record: Record<'_>, line: u64, sink: &mut Sink) -> TableId {
        sink.has_columns(line, record.cells().map(|cell| &*self.names[cell.key.0 as usize]));
        if sink.options.table.is_some() {
            return sink.table("", "");
        }
        let text = |position: usize| {
            let key = self.telling[position]?;
            record.cells().find(|c| c.key == key && matches!(c.kind, Kind::String(_))).map(|c| c.text)
        };
        let named = (0..TABLE_COLUMNS.len()).find_map(|i| text(i).map(|value| (TABLE_COLUMNS[i], value)));
        let action = text(TABLE_COLUMNS.len());
        if let Some((column, value)) = named {
            let found = match self.named.get(value) {
                Some(found) => *found,
                None => {
                    let found = table_choice::named_by(column, value)
                        .map(|table| sink.table(&table, &format!("its column {column} says so")));
                    if self.named.len() < MAX_KEY_SETS {
                        self.named.insert(value.to_owned(), found);
                    }
                    found
                }
            };
            if let Some(table) = found {
                self.last = Some(table);
                return table;
            }
        }
        let speaks = self.what_keys_say(record, sink);
        let by_action = action
            .and_then(table_choice::by_action)
            .filter(|table| speaks.by_action.contains(table))
            .map(|table| sink.table(table, &format!("its ActionType, {}, is of that table", action.unwrap_or(""))));
        let table = match by_action.or(speaks.table).or(self.last) {
            Some(table) => table,
            None => guessed_table(sink),
        };
        self.last = Some(table);
        table
    }

    fn what_keys_say(&mut self, record: Record<'_>, sink: &mut Sink) -> Speaks {
        let mut hasher = DefaultHasher::new();
        record.cells().for_each(|c| hasher.write_u32(c.key.0));
        let keys = hasher.finish();
        if let Some(known) = self.by_keys.get(&keys) {
            return known.clone();
        }
        let speaks = match table_choice::named_by_file(&sink.name) {
            Some(table) => Speaks { table: Some(sink.table(table, "the file's name says so")), by_action: Vec::new() },
            None => {
                let names: Vec<Cow<'_, str>> =
                    record.cells().map(|c| sink.options.name_for(&self.names[c.key.0 as usize])).collect();
                let name = |name| naming::published_anywhere(name).unwrap_or(name);
                let evidence = table_choice::by_columns(&names.iter().map(|n| name(n)).collect::<Vec<_>>());
                let table = evidence.table.map(|table| sink.table(table, &evidence.why));
                Speaks { table, by_action: evidence.by_action }
            }
        };
        if self.by_keys.len() < MAX_KEY_SETS {
            self.by_keys.insert(keys, speaks.clone());
        }
        speaks
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, table: TableId, record: Record<'_>, span: RecordSpan, sink: &mut Sink) {
        sink.make_room(table, span);
        let mut columns = self.columns.remove(&table).unwrap_or_default();
        let mut cells = 0;
        for cell in record.cells() {
            let index = cell.key.0 as usize;
            let column = match columns.get(index) {
                Some(Some(column)) => *column,
                _ => {
                    let column = self.find_column(table, cell.key, span.line, sink);
                    columns.resize(columns.len().max(index + 1), None);
                    columns[index] = Some(column);
                    column
                }
            };
            let (table, collector) = sink.parts(table);
            let fault = if table.has_cell(column) {
                Some(Fault::KeyTwice)
            } else if !table.may_open(column) {
                Some(Fault::TooManyKeys)
            } else {
                cells += 1;
                push(table, column, &cell, &mut self.scratch).err()
            };
            if let Some(fault) = fault {
                let field = table.def(column).name.clone();
                collector.cell(span.line, &field, fault, cell.text);
            }
        }
        sink.table_mut(table).end_row(span, cells);
        self.columns.insert(table, columns);
    }

    fn find_column(&mut self, table: TableId, key: KeyId, line: u64, sink: &mut Sink) -> ColumnId {
        let index = key.0 as usize;
        let name = &self.names[index];
        let typing = self.declared[index].map_or(Typing::Inferred, Typing::Declared);
        let options = sink.options.clone();
        let (column, known_as) = sink.table_mut(table).column(&options.name_for(name), Zone::Unsaid, typing, &options);
        sink.table_mut(table).comes_from(column, name);
        if let Some(known) = known_as {
            let problem = Problem::ColumnCase { given: name.to_string(), known: known.to_string() };
            sink.collector.warn(Some(line), problem);
        }
        column
    }
}

/// Adds a cell to its column: nothing for null.
fn push(table: &mut TableSink, column: ColumnId, cell: &Cell<'_>, scratch: &mut String) -> Result<(), Fault> {
    let text = match cell.kind {
        Kind::Null => return Ok(()),
        // Python writes a missing value of any column as NaN.
        Kind::NotANumber if cell.text == "NaN" && table.def(column).ty != ColumnType::Real => return Ok(()),
        Kind::String(true) => unescaped(cell.text, scratch),
        _ => cell.text,
    };
    let met = match cell.kind {
        Kind::True | Kind::False => ColumnType::Bool,
        Kind::Object | Kind::Array => ColumnType::Dynamic,
        Kind::Number => type_of_number(text, table.def(column).ty),
        Kind::NotANumber => ColumnType::Real,
        Kind::String(_) | Kind::Null => ColumnType::String,
    };
    let ty = table.type_for(column, met);
    let rule = table.rule(column);
    let builder = table.builder(column);
    match (ty, cell.kind) {
        (ColumnType::Dynamic, kind) => builder.push(&Value::dynamic(dynamic(text, kind))),
        (ColumnType::String, _) => builder.push_str(text),
        (ColumnType::Bool, _) => return cell::push(builder, text, rule),
        (_, Kind::True) if ty.is_numeric() => return cell::push(builder, "1", rule),
        (_, Kind::False) if ty.is_numeric() => return cell::push(builder, "0", rule),
        _ => return cell::push(builder, text, rule),
    }
    Ok(())
}

/// The type that a number is kept in without losing digits; `column` is the type of the values before it.
fn type_of_number(text: &str, column: ColumnType) -> ColumnType {
    if text.bytes().any(|b| matches!(b, b'.' | b'e' | b'E')) {
        return ColumnType::Real;
    }
    match text.parse::<i64>() {
        Ok(n) if column != ColumnType::Real || n.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS => ColumnType::Long,
        _ => ColumnType::String,
    }
}

/// The dynamic value of a cell. Log Analytics writes bags and arrays of dynamic columns as strings.
fn dynamic(text: &str, kind: Kind) -> Dynamic {
    let is_json = !matches!(kind, Kind::String(_)) || text.starts_with(['{', '[']);
    let parsed = if is_json { Dynamic::from_json(text).ok() } else { None };
    parsed.unwrap_or_else(|| Dynamic::String(text.into()))
}
