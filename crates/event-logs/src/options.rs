//! What a caller can say about a source that the source does not say itself.

use crate::naming;
use crate::recognise::Format;
use crate::time_text::{DateOrder, TimeRule};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The longest record that is read; one beyond it is refused and passed over.
pub const MAX_RECORD_BYTES: usize = 16 << 20;
/// What can be set as the longest record: positions within one are 32-bit numbers.
pub(crate) const MAX_RECORD_RANGE: [usize; 2] = [64, 1 << 30];
/// The most columns that a table of a log has.
pub const MAX_COLUMNS: usize = 16_384;

/// How a source is to be read. The default lets the source speak for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Reads the source as this format, whatever it looks like; one that [is not read](Format::is_read) is ignored, and
    /// so is any where the bytes [are no text](Format::is_text).
    pub format: Option<Format>,
    /// Puts every row into this table, whatever the source says.
    pub table: Option<String>,
    /// What columns of the log stand for. With `None`, a log that is of the shape of one that was [mapped](Mapping)
    /// before is read as that one was.
    pub columns: Option<Vec<ColumnMapping>>,
    /// Minutes east of UTC of the clock that wrote times without a zone in `[Local Time]` columns.
    pub local_offset_minutes: Option<i32>,
    /// How `05/10/2023` is read.
    pub date_order: DateOrder,
    /// The longest record that is read, in bytes of UTF-8, from 64 to 2^30.
    pub max_record_bytes: usize,
}

/// A column of a log, and the column of a table that its cells are put into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// The name in the log.
    pub from: String,
    /// The name in the table.
    pub to: String,
}

/// How logs of one shape are read, as somebody said for one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The [shape](crate::Report::shape) that such logs have.
    pub shape: Vec<String>,
    /// How they are read. Form and length of records are each log's own.
    pub options: Options,
}

/// No more columns than this are mapped.
pub(crate) const MAX_MAPPED: usize = 512;

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            table: None,
            columns: None,
            local_offset_minutes: None,
            date_order: DateOrder::default(),
            max_record_bytes: MAX_RECORD_BYTES,
        }
    }
}

impl Options {
    /// Leaves out of the columns' mapping what cannot be: a name that is none, and a second word on the same column.
    pub(crate) fn tidy(&mut self) {
        let Some(columns) = &mut self.columns else { return };
        let mut kept: Vec<ColumnMapping> = Vec::new();
        for ColumnMapping { from, to } in columns.drain(..) {
            let to = to.trim();
            let is_taken = |known: &ColumnMapping| known.from == from || known.to.eq_ignore_ascii_case(to);
            if kept.len() < MAX_MAPPED && !from.is_empty() && !to.is_empty() && !kept.iter().any(is_taken) {
                kept.push(ColumnMapping { from, to: to.to_owned() });
            }
        }
        *columns = kept;
    }

    /// The name that a column of the log goes by: that which it is said to stand for, else its own; another one where
    /// that is what a further column stands for.
    pub(crate) fn name_for<'a>(&'a self, name: &'a str) -> Cow<'a, str> {
        let Some(columns) = &self.columns else { return name.into() };
        if let Some(mapped) = columns.iter().find(|mapped| mapped.from == name) {
            return Cow::Borrowed(&mapped.to);
        }
        let is_taken = |name: &str| columns.iter().any(|mapped| mapped.to.eq_ignore_ascii_case(name));
        if is_taken(name) { naming::free_name(name, &is_taken).into() } else { name.into() }
    }

    /// Takes over what is known of logs of this shape.
    pub(crate) fn take_known(&mut self, known: &Self) {
        self.table.clone_from(&known.table);
        self.columns.clone_from(&known.columns);
        self.local_offset_minutes = known.local_offset_minutes;
        self.date_order = known.date_order;
    }

    /// Whether nothing is said that a known mapping would say.
    pub(crate) fn leaves_open(&self) -> bool {
        let unsaid = Self::default();
        self.table.is_none()
            && self.columns.is_none()
            && self.local_offset_minutes.is_none()
            && self.date_order == unsaid.date_order
    }

    /// How a column's times are read.
    pub(crate) fn time_rule(&self, is_local: bool) -> TimeRule {
        let offset_minutes = if is_local { self.local_offset_minutes.unwrap_or(0) } else { 0 };
        TimeRule { offset_minutes, order: self.date_order }
    }
}
