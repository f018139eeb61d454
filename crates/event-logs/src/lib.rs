//! Logs as people have them, read into tables of events.
//!
//! A [`Reader`] is fed the bytes of one source, in chunks that may be cut anywhere. It recognises the format by what
//! the bytes say, adds rows to a [`TableSet`](event_table::TableSet) as they come, and ends with a [`Report`] of what
//! was read, what was refused and why, and what was not understood. Nothing is lost silently, and no input makes it
//! panic.
//!
//! The way of a record: [`Reader`] → `Input` (unread text in UTF-8 and where it stands in the source) → one module of
//! `format` (finds records and their cells) → `Sink` (tables, columns, batches) → `TableSet`.
//!
//! **Invariant:** this crate takes byte chunks and gives tables; it knows no query language, and opens no file.

#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate test_as_wasm;

mod cell;
mod code;
mod encoding;
mod enrich;
mod format;
mod input;
mod intake;
mod magic;
mod naming;
mod options;
mod original;
mod problem;
mod proposal;
mod reader;
mod recognise;
mod report;
mod sink;
mod table_choice;
mod time_text;
mod unpack;
mod windows;

pub use code::{Code, Severity};
pub use encoding::Encoding;
pub use enrich::{InferredCells, enrich};
pub use intake::Intake;
pub use options::{ColumnMapping, MAX_COLUMNS, MAX_RECORD_BYTES, Mapping, Options};
pub use original::{RecordFinder, RecordPlace, RecordText};
pub use proposal::{Proposal, propose};
pub use reader::{Progress, Reader, read_bytes};
pub use recognise::{Format, Recognition, RecordUnit};
pub use report::{
    CodeCount, Failure, Finding, Findings, LISTED, LogColumn, Packing, Report, TableRows, Truncation, UnknownColumn,
    UnreadTimes, Warning,
};
pub use table_choice::is_identifier as is_table_name;
pub use time_text::DateOrder;
