//! Events that become no row of Defender's tables: each keeps its own table, with its data as columns.
//!
//! The names are Sentinel's: Security's events are `SecurityEvent`, all others `WindowsEvent`; Sysmon's are `Sysmon`, as
//! Sentinel's parser for them is called. System columns are named and typed as in those tables. Sentinel keeps the
//! data of a WindowsEvent in a bag; here each is a column, so that a query asks for all of them alike.

use super::event::{System, WindowsEvent};
use super::values;
use crate::cell::{self, Fault};
use crate::naming::Zone;
use crate::sink::{ColumnId, Sink, TableId, Typing};
use event_table::{ColumnType, RecordSpan};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How many different data a table of events may have.
const MAX_DATA: usize = 2048;

/// Columns of the system fields: the name, its name in SecurityEvent where that differs, and the type.
const COLUMNS: [(System, &str, &str, ColumnType); 15] = [
    (System::Time, "TimeGenerated", "TimeGenerated", ColumnType::DateTime),
    (System::Computer, "Computer", "Computer", ColumnType::String),
    (System::Provider, "Provider", "EventSourceName", ColumnType::String),
    (System::Channel, "Channel", "Channel", ColumnType::String),
    (System::EventId, "EventID", "EventID", ColumnType::Int),
    (System::RecordId, "EventRecordId", "EventRecordId", ColumnType::String),
    (System::Level, "EventLevel", "Level", ColumnType::String),
    (System::Task, "Task", "Task", ColumnType::Int),
    (System::Opcode, "Opcode", "Opcode", ColumnType::String),
    (System::Keywords, "Keywords", "Keywords", ColumnType::String),
    (System::Version, "Version", "Version", ColumnType::Int),
    (System::ActivityId, "Correlation", "Correlation", ColumnType::String),
    (System::ProcessId, "SystemProcessId", "SystemProcessId", ColumnType::Int),
    (System::ThreadId, "SystemThreadId", "SystemThreadId", ColumnType::Int),
    (System::UserSid, "SystemUserId", "SystemUserId", ColumnType::String),
];

/// Names that are taken by what every table has.
const OTHER_TAKEN: [&str; 5] = ["Timestamp", "Type", "TenantId", "SourceSystem", "Message"];

/// The name of the table for an event without a rule, by its provider's short name.
pub(crate) fn table_name(provider: &str, channel: &str) -> &'static str {
    match provider {
        "Sysmon" => "Sysmon",
        "Security" => "SecurityEvent",
        _ if channel == "Security" => "SecurityEvent",
        _ => "WindowsEvent",
    }
}

/// A table of events under their own name.
pub(crate) struct OwnTable {
    table: TableId,
    system: Vec<(System, ColumnId, ColumnType)>,
    message: Option<ColumnId>,
    by_name: FxHashMap<Box<str>, ColumnId>,
    /// The columns of the data of the event before, by position: the next event's are often the same.
    expected: Vec<(Box<str>, ColumnId)>,
}

impl OwnTable {
    pub(crate) fn new(table: TableId, is_security: bool, sink: &mut Sink) -> Self {
        let options = sink.options.clone();
        let table_sink = sink.table_mut(table);
        let system = COLUMNS.map(|(field, name, in_security, ty)| {
            let name = if is_security { in_security } else { name };
            (field, table_sink.column(name, Zone::Unsaid, Typing::Understood(ty), &options).0, ty)
        });
        Self { table, system: system.into(), message: None, by_name: FxHashMap::default(), expected: Vec::new() }
    }

    /// Adds an event's row.
    pub(crate) fn add(&mut self, event: &WindowsEvent, time: &str, span: RecordSpan, sink: &mut Sink) -> usize {
        sink.make_room(self.table, span);
        let mut cells = 0;
        let (table, collector) = sink.parts(self.table);
        for (field, column, ty) in &self.system {
            let text = if *field == System::Time { time } else { event.system(*field) };
            let text = if *field == System::ActivityId { text.trim_matches(['{', '}']) } else { text };
            // Some logs write the names of numbers: those say nothing that can be compared. What begins as a number and
            // is none is told.
            let is_name = || !text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
            if text.is_empty() || (*ty == ColumnType::Int && is_name()) {
                continue;
            }
            cells += 1;
            let rule = table.rule(*column);
            if let Err(fault) = cell::push(table.builder(*column), text, rule) {
                let name = table.def(*column).name.clone();
                collector.cell(span.line, &name, fault, text);
            }
        }
        for (position, (name, value)) in event.data().enumerate() {
            let Some(column) = self.column(position, name, sink) else {
                sink.collector.cell(span.line, &name.into(), Fault::TooManyKeys, value);
                continue;
            };
            let (table, collector) = sink.parts(self.table);
            if table.has_cell(column) || !table.may_open(column) {
                let fault = if table.has_cell(column) { Fault::KeyTwice } else { Fault::TooManyKeys };
                let name: Arc<str> = table.def(column).name.clone();
                collector.cell(span.line, &name, fault, value);
                continue;
            }
            cells += 1;
            let rule = table.rule(column);
            let value = &*values::uniform(name, value);
            if let Err(fault) = cell::push(table.builder(column), value, rule) {
                let name = table.def(column).name.clone();
                collector.cell(span.line, &name, fault, value);
            }
        }
        // A message says in a sentence what the data say: it is kept where there are none.
        if event.len() == 0 && !event.system(System::Message).is_empty() {
            let options = sink.options.clone();
            let typing = Typing::Understood(ColumnType::String);
            let table = sink.table_mut(self.table);
            let column = *self.message.get_or_insert_with(|| table.column("Message", Zone::Unsaid, typing, &options).0);
            table.builder(column).push_str(event.system(System::Message));
            cells += 1;
        }
        cells
    }

    /// The column of a datum; `None` when there are too many.
    fn column(&mut self, position: usize, name: &str, sink: &mut Sink) -> Option<ColumnId> {
        if let Some((expected, column)) = self.expected.get(position)
            && **expected == *name
        {
            return Some(*column);
        }
        let column = match self.by_name.get(name) {
            Some(column) => *column,
            None if self.by_name.len() >= MAX_DATA => return None,
            None => {
                let is_taken = |taken: &str| taken.eq_ignore_ascii_case(name);
                let taken = COLUMNS.iter().any(|(_, a, b, _)| is_taken(a) || is_taken(b))
                    || OTHER_TAKEN.iter().any(|taken| is_taken(taken));
                let kept_as = if taken { format!("EventData_{name}") } else { name.to_owned() };
                let options = sink.options.clone();
                let typing = Typing::Understood(ColumnType::String);
                let column = sink.table_mut(self.table).column(&kept_as, Zone::Unsaid, typing, &options).0;
                self.by_name.insert(name.into(), column);
                column
            }
        };
        if position < self.expected.len() {
            self.expected[position] = (name.into(), column);
        } else if position == self.expected.len() {
            self.expected.push((name.into(), column));
        }
        Some(column)
    }

    pub(crate) fn table(&self) -> TableId {
        self.table
    }
}
