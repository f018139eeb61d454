//! Rows on their way through a query.

use super::vector::{Composed, Vector};
use crate::memory;
use crate::scalar::Row;
use event_table::{Bitmap, MAX_BATCH_ROWS, RowRef, Value};
use std::sync::Arc;

/// Some rows of a tabular expression.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The number of rows.
    pub len: usize,
    /// One vector for each column of the expression.
    pub columns: Vec<Vector>,
    /// Which rows of the log they are, where each is one.
    pub origins: Origins,
}

/// The row of the log that a row of a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowOrigin {
    /// The row.
    pub row: RowRef,
    /// The leg of the query's outermost union that it came through, by position.
    pub leg: Option<u16>,
}

/// Which rows of the log the rows of a chunk are.
#[derive(Clone, Debug, Default)]
pub enum Origins {
    /// Not single rows of the log: groups, joins, values of the query itself.
    #[default]
    None,
    /// Rows of one table from `start` on, at the given distances (every one when `None`).
    Table {
        /// The position of the table in the set.
        table: u32,
        /// The first row.
        start: u32,
        /// Distances from the first row.
        rows: Option<Arc<[u32]>>,
        /// The leg of the outermost union.
        leg: Option<u16>,
    },
    /// Each told apart; `None` for a row that is no row of the log.
    Each(Arc<[Option<RowOrigin>]>),
}

impl Origins {
    /// The origin of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<RowOrigin> {
        match self {
            Self::None => None,
            Self::Table { table, start, rows, leg } => {
                let at = match rows {
                    Some(rows) => *rows.get(row)?,
                    None => u32::try_from(row).ok()?,
                };
                Some(RowOrigin { row: RowRef { table: *table, row: start + at }, leg: *leg })
            }
            Self::Each(all) => all.get(row).copied().flatten(),
        }
    }

    fn pick(&self, picked: &Arc<[u32]>) -> Self {
        match self {
            Self::None => Self::None,
            Self::Table { table, start, rows, leg } => {
                let rows = match rows {
                    None => picked.clone(),
                    Some(rows) => picked.iter().map(|row| rows[*row as usize]).collect(),
                };
                Self::Table { table: *table, start: *start, rows: Some(rows), leg: *leg }
            }
            Self::Each(all) => Self::Each(picked.iter().map(|row| all[*row as usize]).collect()),
        }
    }

    /// The same rows, having come through a leg.
    #[must_use]
    pub fn through(self, leg: u16) -> Self {
        match self {
            Self::None => Self::None,
            Self::Table { table, start, rows, .. } => Self::Table { table, start, rows, leg: Some(leg) },
            Self::Each(all) => Self::Each(all.iter().map(|o| o.map(|o| RowOrigin { leg: Some(leg), ..o })).collect()),
        }
    }
}

impl Chunk {
    /// The rows whose bit is set.
    #[must_use]
    pub fn filter(&self, selected: &Bitmap) -> Self {
        if selected.all() && selected.len() == self.len {
            return self.clone();
        }
        self.pick(&selected.ones().map(|row| row as u32).collect())
    }

    /// The rows at some positions, in the order given.
    #[must_use]
    pub fn pick(&self, rows: &Arc<[u32]>) -> Self {
        memory::take(size_of_val(&**rows));
        let mut composed = Composed::default();
        Self {
            len: rows.len(),
            columns: self.columns.iter().map(|c| c.pick(rows, &mut composed)).collect(),
            origins: self.origins.pick(rows),
        }
    }

    /// Bytes of the columns that are stored for this chunk, which others may share.
    pub(crate) fn heap_bytes(&self) -> usize {
        let stored = |column: &Vector| if let Vector::Column(column) = column { column.heap_bytes() } else { 0 };
        self.columns.iter().map(stored).sum()
    }

    /// One row, to evaluate expressions on.
    #[must_use]
    pub fn row(&self, row: usize) -> ChunkRow<'_> {
        ChunkRow { chunk: self, row }
    }

    /// Rows of several chunks in the order given, each by chunk and row. No cell is copied.
    #[must_use]
    pub fn gather(chunks: &[Chunk], columns: usize, rows: Vec<(u32, u32)>) -> Self {
        let rows: Arc<[(u32, u32)]> = rows.into();
        let sources: Vec<Source> = (0..columns).map(|index| Source::of(chunks, index)).collect();
        Self::gathered(chunks, &sources, &rows)
    }

    /// The same in chunks no longer than a batch, so that whoever works on them can stop in between.
    #[must_use]
    pub fn gather_in_batches(chunks: &[Chunk], columns: usize, rows: &[(u32, u32)]) -> Vec<Self> {
        let sources: Vec<Source> = (0..columns).map(|index| Source::of(chunks, index)).collect();
        rows.chunks(MAX_BATCH_ROWS).map(|rows| Self::gathered(chunks, &sources, &rows.into())).collect()
    }

    fn gathered(chunks: &[Chunk], sources: &[Source], rows: &Arc<[(u32, u32)]>) -> Self {
        memory::take(size_of_val(&**rows));
        let columns = sources.iter().map(|source| match source {
            Source::Constant(value) => Vector::Constant(value.clone()),
            Source::Parts(parts) => Vector::Spread(parts.clone(), rows.clone()),
        });
        let origins = if chunks.iter().all(|c| matches!(c.origins, Origins::None)) {
            Origins::None
        } else {
            memory::take(rows.len() * size_of::<Option<RowOrigin>>());
            Origins::Each(rows.iter().map(|(c, r)| chunks[*c as usize].origins.get(*r as usize)).collect())
        };
        Self { len: rows.len(), columns: columns.collect(), origins }
    }
}

/// A column of several chunks, to gather rows from.
enum Source {
    Constant(Value),
    Parts(Arc<[Vector]>),
}

impl Source {
    fn of(chunks: &[Chunk], index: usize) -> Self {
        let parts: Vec<Vector> = chunks.iter().map(|c| c.columns[index].clone()).collect();
        match &parts[..] {
            [Vector::Constant(first), rest @ ..]
                if rest.iter().all(|p| matches!(p, Vector::Constant(v) if same_constant(v, first))) =>
            {
                Self::Constant(first.clone())
            }
            _ => Self::Parts(parts.into()),
        }
    }
}

fn same_constant(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::String(a), Value::String(b)) => a == b,
        _ => false,
    }
}

/// One row of a chunk.
pub struct ChunkRow<'a> {
    chunk: &'a Chunk,
    row: usize,
}

impl Row for ChunkRow<'_> {
    fn value(&self, column: usize) -> Value {
        self.chunk.columns.get(column).map_or(Value::Null, |c| c.value(self.row))
    }
}
