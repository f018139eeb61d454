//! Columnar tables of security events: types, cells, storage, builders, and the published schemas.
//!
//! Log readers fill [`Batch`]es through a [`BatchBuilder`]; the query engine reads them column by column.
//! A table is a list of batches of at most [`MAX_BATCH_ROWS`] rows, so that reading never copies what was
//! already read, a source can be taken out again, and long work can report progress between batches.
//!
//! **Invariant:** this crate knows no query language and no file format. It is the only place that knows how
//! a cell is stored; everybody else sees [`Column`]s and [`Value`]s.

#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate test_as_wasm;

mod batch;
mod bitmap;
mod column;
mod dynamic;
mod file;
pub mod schema;
mod table;
mod time;
mod types;
mod value;

pub use batch::{Batch, BatchBuilder, BatchId, EventIdentity, MAX_BATCH_ROWS, RecordSpan, SourceId};
pub use bitmap::Bitmap;
pub use column::{
    BoolColumn, Codes, Column, ColumnBuilder, DictionaryColumn, PrimitiveColumn, Room, StringBuilder, StringColumn,
    TextColumn,
};
pub use dynamic::{Bag, Dynamic};
pub use file::NamedFile;
pub use schema::{ColumnDef, ColumnOrigin, TableSchema};
pub use table::{RowRef, Table, TableSet};
pub use time::{Civil, DateTime, TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan};
pub use types::{ColumnIndex, ColumnType, Guid};
pub use value::Value;
