//! JSON in every arrangement that holds Defender's rows: objects one after the other (NDJSON or pretty-printed), an
//! array of them, a response with `Schema` and `Results`, tables of `columns` and `rows`, and streaming exports whose
//! objects hold the row under `properties`.
//!
//! Containers around records are walked step by step; a record itself is scanned whole. A record that is broken is
//! refused, and reading goes on at the next place where one may begin: a line that begins with `{` no deeper than the
//! broken one's line, or after `},` with the same first key.

pub(crate) mod events;
mod read;
mod records;
mod resync;
mod rows;
mod scan;
mod streaming;
mod text;
mod walk;

pub(crate) use read::Json;
pub(crate) use scan::{Field, Kind, Scanned, Scanner};
pub(crate) use walk::{Layout, OTHER_DOCUMENT_KEYS, RESULT_KEYS, TABLE_KEYS};
