//! What a record's bytes become: the row's fields and keys, out of an object, an array, or an envelope.

use super::events::{Events, Found, Part};
use super::rows::{KeyId, MAX_KEYS, Record, Rows};
use super::scan::{Field, Scanner};
use super::streaming;
use crate::cell::Fault;
use crate::problem::Problem;
use crate::sink::Sink;
use crate::table_choice;
use event_table::{ColumnType, RecordSpan};
use serde::Deserialize;

/// The records of a source, and what it says about them beforehand.
#[derive(Default)]
pub(crate) struct Records {
    rows: Rows,
    events: Events,
    /// Scans the row inside an envelope.
    inner: Scanner,
    /// The keys of the record that is being added.
    keys: Vec<Option<KeyId>>,
    /// The columns of the rows that come as arrays.
    columns: Option<Vec<Option<KeyId>>>,
    /// The table that a response names.
    table_name: Option<String>,
}

/// A column as responses declare it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Declared {
    #[serde(alias = "name")]
    name: Option<String>,
    column_name: Option<String>,
    #[serde(alias = "type")]
    r#type: Option<String>,
    column_type: Option<String>,
    data_type: Option<String>,
}

impl Records {
    /// Forgets the columns and the name of the table before.
    pub(crate) fn begin_table(&mut self) {
        self.columns = None;
        self.table_name = None;
    }

    /// Takes the name that a response gives to the table of the coming rows.
    pub(crate) fn name_table(&mut self, name: &[u8]) {
        let name = String::from_utf8_lossy(name).into_owned();
        self.table_name = Some(name).filter(|name| names_a_table(name));
    }

    /// Takes the names and types that a response declares for its columns.
    pub(crate) fn declare(&mut self, json: &[u8], line: u64, sink: &mut Sink) {
        self.columns = self.declared(json);
        let named = self.columns.as_ref().map_or(0, Vec::len);
        if self.columns.iter().flatten().any(Option::is_none) {
            sink.collector.warn(Some(line), Problem::TooManyColumns { named, read: MAX_KEYS });
        }
    }

    fn declared(&mut self, json: &[u8]) -> Option<Vec<Option<KeyId>>> {
        let declared: Vec<Declared> = serde_json::from_slice(json).ok()?;
        let mut keys = Vec::with_capacity(declared.len());
        for column in declared {
            let key = self.rows.key_named(&column.name.or(column.column_name)?);
            let ty = [column.column_type, column.r#type, column.data_type].into_iter().flatten();
            if let (Some(key), Some(ty)) = (key, ty.filter_map(|ty| ColumnType::parse(&ty)).next()) {
                self.rows.declare(key, ty);
            }
            keys.push(key);
        }
        Some(keys)
    }

    /// Adds a record that was scanned.
    pub(crate) fn add(&mut self, bytes: &[u8], scanner: &mut Scanner, span: RecordSpan, sink: &mut Sink) {
        let repaired;
        let text = match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                sink.collector.warn(Some(span.line), Problem::InvalidText);
                repaired = String::from_utf8_lossy(bytes).into_owned();
                scanner.scan(repaired.as_bytes());
                &repaired
            }
        };
        if memchr::memchr(0, bytes).is_some() {
            sink.collector.warn(Some(span.line), Problem::NulCharacters);
        }
        if bytes[0] == b'[' {
            self.add_array(text, &scanner.fields, span, sink);
        } else {
            self.add_object(text, &scanner.fields, span, sink);
        }
    }

    fn add_object(&mut self, text: &str, fields: &[Field], span: RecordSpan, sink: &mut Sink) {
        match self.events.read(Part { text, fields }) {
            Found::Nothing => {}
            Found::Event => return sink.add_event(&self.events.event, span),
            Found::Broken(fault) => return sink.collector.reject(span.line, None, &fault.problem()),
        }
        let mut inner = std::mem::take(&mut self.inner);
        let mut streamed = None;
        let mut row = fields;
        if let Some(envelope) = streaming::envelope(text, fields) {
            let (start, end) = envelope.properties.value;
            inner.scan(&text.as_bytes()[start as usize..end as usize]);
            for field in &mut inner.fields {
                for place in [&mut field.key, &mut field.value] {
                    *place = (place.0 + start, place.1 + start);
                }
            }
            streamed = Some(envelope);
            row = &inner.fields;
        }
        self.keys.clear();
        for (position, field) in row.iter().enumerate() {
            let source = &text[field.key.0 as usize..field.key.1 as usize];
            let key = self.rows.key(position, source, field.key_is_escaped);
            if key.is_none() {
                let fault = Fault::TooManyKeys;
                sink.collector.cell(span.line, &source.into(), fault, "");
            }
            self.keys.push(key);
        }
        match streamed {
            None => {
                let record = Record { text, fields: row, keys: &self.keys };
                let table = self.rows.table_of(record, span.line, sink);
                self.rows.add(table, record, span, sink);
            }
            Some(envelope) => {
                let table = self.rows.table_named(envelope.table, "its category says so", sink);
                for (column, field) in [("Timestamp", envelope.time), ("TenantId", envelope.tenant)] {
                    let key = self.rows.key_named(column);
                    if let Some(field) = field.filter(|_| !self.keys.contains(&key)) {
                        inner.fields.push(field);
                        self.keys.push(key);
                    }
                }
                let record = Record { text, fields: &inner.fields, keys: &self.keys };
                self.rows.add(table, record, span, sink);
            }
        }
        self.inner = inner;
    }

    fn add_array(&mut self, text: &str, fields: &[Field], span: RecordSpan, sink: &mut Sink) {
        let Some(columns) = &self.columns else {
            sink.collector.reject(span.line, None, &Problem::ColumnsUnknown);
            return;
        };
        let (cells, columns_count) = (fields.len(), columns.len());
        if cells != columns_count {
            let problem = if cells < columns_count {
                Problem::TooFewCells { cells, columns: columns_count }
            } else {
                Problem::TooManyCells { cells, columns: columns_count }
            };
            sink.collector.reject(span.line, None, &problem);
            return;
        }
        self.keys.clone_from(columns);
        let record = Record { text, fields, keys: &self.keys };
        let table = match &self.table_name {
            Some(name) => self.rows.table_named(name, "the response names it", sink),
            None => self.rows.table_of(record, span.line, sink),
        };
        self.rows.add(table, record, span, sink);
    }
}

/// Whether the name that a response gives a table is that of a table of logs.
fn names_a_table(name: &str) -> bool {
    name != "PrimaryResult" && !name.starts_with("Table_") && table_choice::is_identifier(name)
}
