//! What a caller can say about a source that the source does not say itself.

use crate::recognise::Format;
use crate::time_text::{DateOrder, TimeRule};
use serde::{Deserialize, Serialize};

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
    /// Minutes east of UTC of the clock that wrote times without a zone in `[Local Time]` columns.
    pub local_offset_minutes: Option<i32>,
    /// How `05/10/2023` is read.
    pub date_order: DateOrder,
    /// The longest record that is read, in bytes of UTF-8, from 64 to 2^30.
    pub max_record_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            table: None,
            local_offset_minutes: None,
            date_order: DateOrder::default(),
            max_record_bytes: MAX_RECORD_BYTES,
        }
    }
}

impl Options {
    /// How a column's times are read.
    pub(crate) fn time_rule(&self, is_local: bool) -> TimeRule {
        let offset_minutes = if is_local { self.local_offset_minutes.unwrap_or(0) } else { 0 };
        TimeRule { offset_minutes, order: self.date_order }
    }
}
