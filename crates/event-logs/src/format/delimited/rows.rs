//! Adds the rows of a stretch of text to the tables, column by column.

use super::columns::{Header, PlanColumn};
use super::quote;
use super::split::{Ending, Split};
use crate::cell::{self, Fault};
use crate::input::Input;
use crate::problem::Problem;
use crate::report::LISTED;
use crate::sink::{Sink, TableId};
use crate::windows::text::read_text;
use crate::windows::xml::EventReader;
use crate::windows::{System, WindowsEvent};
use event_table::RecordSpan;
use std::borrow::Cow;
use std::sync::Arc;

/// The rows of a stretch, with memory that is used again for the next.
#[derive(Default)]
pub(crate) struct Rows {
    /// Which records of the split are rows.
    records: Vec<u32>,
    /// Where each row's cells are in the split.
    first_ends: Vec<u32>,
    /// The place of each row's record in the source.
    spans: Vec<RecordSpan>,
    /// The rows of each table, as positions in `records`.
    groups: Vec<(TableId, Vec<u32>)>,
    faults: Vec<CellFault>,
    repaired: Split,
    event: WindowsEvent,
    xml: EventReader,
}

/// A cell that gives no value, kept until those of the other columns are known too.
struct CellFault {
    line: u64,
    cell: usize,
    field: Arc<str>,
    fault: Fault,
    text: String,
}

/// The rows of one table, and where their text is.
struct Source<'a> {
    text: &'a str,
    split: &'a Split,
    first_ends: &'a [u32],
    spans: &'a [RecordSpan],
}

impl Source<'_> {
    /// A cell as it stands in the text.
    #[inline]
    fn cell(&self, row: u32, cell: usize) -> &str {
        let (start, end) = self.split.cell_at(self.first_ends[row as usize], cell);
        &self.text[start..end]
    }
}

impl Rows {
    /// Forgets the rows.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
    }

    /// Takes a record of the split, by its position, as a row.
    #[inline]
    pub(crate) fn push(&mut self, record: usize) {
        self.records.push(record as u32);
    }

    /// Adds the rows that were taken to their tables; they lie within the input's first `length` bytes.
    pub(crate) fn add(
        &mut self,
        header: &mut Header,
        input: &mut Input,
        sink: &mut Sink,
        split: &Split,
        length: usize,
    ) {
        if self.records.is_empty() {
            return;
        }
        let first_line = input.line();
        self.spans.clear();
        for index in &self.records {
            let record = &split.records[*index as usize];
            let line = first_line + u64::from(record.line);
            self.spans.push(input.span(split.record_start(record), split.record_end(record), line));
        }
        let bytes = &input.bytes()[..length];
        if split.unusual {
            self.tell_of_unusual_text(bytes, split, sink);
        }
        let text = match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(bytes),
        };
        let mut repaired = std::mem::take(&mut self.repaired);
        let split = match &text {
            Cow::Borrowed(_) => split,
            // Replacing bytes that are no text leaves delimiters, quotes and line ends alone: the records are the
            // same, at other places.
            Cow::Owned(text) => {
                repaired.split(text.as_bytes(), header.delimiter, Ending::Closed);
                &repaired
            }
        };
        self.first_ends.clear();
        self.first_ends.extend(self.records.iter().map(|index| split.records[*index as usize].first_end()));
        if let Some((raw, time)) = header.raw {
            let cells = |row: usize, cell: usize| {
                let (start, end) = split.cell_at(self.first_ends[row], cell);
                &text[start..end]
            };
            let mut scratch = [String::new(), String::new()];
            let mut rest = Vec::new();
            for (row, span) in self.spans.iter().enumerate() {
                let [a, b] = &mut scratch;
                let raw = quote::unquoted(cells(row, raw), a);
                match read_text(raw, &mut self.xml, &mut self.event) {
                    None => rest.push(row),
                    Some(Err(fault)) => sink.collector.reject(span.line, None, &fault.problem()),
                    Some(Ok(())) => {
                        // Classic collectors write the time without its zone; Splunk's own has it.
                        if let Some(time) = time.filter(|_| !raw.starts_with('<')) {
                            self.event.set(System::Time, quote::unquoted(cells(row, time), b));
                        }
                        sink.add_event(&self.event, *span);
                    }
                }
            }
            let ends: Vec<u32> = rest.iter().map(|row| self.first_ends[*row]).collect();
            let spans: Vec<RecordSpan> = rest.iter().map(|row| self.spans[*row]).collect();
            (self.first_ends, self.spans) = (ends, spans);
        }
        let source = Source { text: &text, split, first_ends: &self.first_ends, spans: &self.spans };
        group(&mut self.groups, header, sink, &source);
        for (table, rows) in &self.groups {
            add_to_table(*table, rows, header, sink, &source, &mut self.faults);
        }
        self.tell_of_faults(sink);
        self.repaired = repaired;
    }

    fn tell_of_unusual_text(&self, bytes: &[u8], split: &Split, sink: &mut Sink) {
        for (index, span) in self.records.iter().zip(&self.spans) {
            let record = &split.records[*index as usize];
            let record = &bytes[split.record_start(record)..split.record_end(record)];
            if simdutf8::basic::from_utf8(record).is_err() {
                sink.collector.warn(Some(span.line), Problem::InvalidText);
            }
            if memchr::memchr(0, record).is_some() {
                sink.collector.warn(Some(span.line), Problem::NulCharacters);
            }
        }
    }

    fn tell_of_faults(&mut self, sink: &mut Sink) {
        self.faults.sort_by_key(|f| (f.line, f.cell));
        for CellFault { line, field, fault, text, .. } in self.faults.drain(..) {
            sink.collector.list_cell(line, &field, fault, &text);
        }
    }
}

/// Sorts the rows by their tables.
fn group(groups: &mut Vec<(TableId, Vec<u32>)>, header: &mut Header, sink: &mut Sink, source: &Source<'_>) {
    groups.iter_mut().for_each(|(_, rows)| rows.clear());
    let rows = 0..source.first_ends.len() as u32;
    if !header.is_mixed() {
        let table = header.default_table(sink);
        rows_of(groups, table).extend(rows);
        return;
    }
    let cells = header.telling_cells();
    // Neighbours are mostly of one table.
    let mut last: Option<([Option<&str>; 2], TableId)> = None;
    for row in rows {
        let told = cells.map(|cell| cell.map(|cell| source.cell(row, cell)));
        let table = match last {
            Some((same, table)) if same == told => table,
            _ => {
                let mut scratch = [String::new(), String::new()];
                let [a, b] = &mut scratch;
                let told = [told[0].map(|t| quote::unquoted(t, a)), told[1].map(|t| quote::unquoted(t, b))];
                header.table_of(told, sink)
            }
        };
        last = Some((told, table));
        rows_of(groups, table).push(row);
    }
}

fn rows_of(groups: &mut Vec<(TableId, Vec<u32>)>, table: TableId) -> &mut Vec<u32> {
    let index = groups.iter().position(|(t, _)| *t == table).unwrap_or_else(|| {
        groups.push((table, Vec::new()));
        groups.len() - 1
    });
    &mut groups[index].1
}

fn add_to_table(
    table: TableId,
    mut rows: &[u32],
    header: &mut Header,
    sink: &mut Sink,
    source: &Source<'_>,
    faults: &mut Vec<CellFault>,
) {
    let plan = if rows.is_empty() { return } else { header.plan(table, sink) };
    while !rows.is_empty() {
        let room = sink.table_mut(table).room(rows.iter().map(|row| source.spans[*row as usize]));
        let (now, later) = rows.split_at(room);
        for column in &plan.columns {
            add_column(*column, now, table, sink, source, faults);
        }
        let table_sink = sink.table_mut(table);
        now.iter().for_each(|row| table_sink.end_full_row(source.spans[*row as usize]));
        if !later.is_empty() {
            sink.close_batch(table);
        }
        rows = later;
    }
}

/// Adds the cells of one column.
fn add_column(
    PlanColumn { cell, column, is_others }: PlanColumn,
    rows: &[u32],
    table: TableId,
    sink: &mut Sink,
    source: &Source<'_>,
    faults: &mut Vec<CellFault>,
) {
    let (table, collector) = sink.parts(table);
    if is_others && !table.is_open(column) && rows.iter().all(|row| source.cell(*row, cell).is_empty()) {
        return;
    }
    let mut scratch = String::new();
    let rule = table.rule(column);
    if let Some(strings) = table.builder(column).as_strings() {
        for row in rows {
            strings.push(quote::unquoted(source.cell(*row, cell), &mut scratch));
        }
        return;
    }
    let mut listed = if collector.cells.is_listed_in_full() { LISTED } else { 0 };
    let field = table.def(column).name.clone();
    let builder = table.builder(column);
    for row in rows {
        let text = quote::unquoted(source.cell(*row, cell), &mut scratch);
        if let Err(fault) = cell::push(builder, text, rule) {
            let line = source.spans[*row as usize].line;
            collector.count_cell(line, &field, fault, text);
            if listed < LISTED {
                listed += 1;
                faults.push(CellFault { line, cell, field: field.clone(), fault, text: text.into() });
            }
        }
    }
}
