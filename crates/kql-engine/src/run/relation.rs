//! The rows of a tabular expression, once run.

use crate::columnar::{Chunk, RowOrigin};
use crate::plan::PlanColumn;
use event_table::Value;

/// Columns and the rows under them.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    columns: Vec<PlanColumn>,
    chunks: Vec<Chunk>,
    /// The position of each chunk's first row, and after them the number of all rows.
    starts: Vec<usize>,
}

impl Relation {
    /// Rows in chunks, each with a vector for every column.
    #[must_use]
    pub fn new(columns: Vec<PlanColumn>, chunks: Vec<Chunk>) -> Self {
        let mut starts = vec![0];
        let mut rows = 0;
        for chunk in &chunks {
            rows += chunk.len;
            starts.push(rows);
        }
        Self { columns, chunks, starts }
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[PlanColumn] {
        &self.columns
    }

    /// The chunks.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A cell; null beyond the end.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Value {
        let found = self.locate(row).and_then(|(chunk, at)| chunk.columns.get(column).map(|c| c.value(at)));
        found.unwrap_or_default()
    }

    /// The row of the log that a row is, where it is one.
    #[must_use]
    pub fn origin(&self, row: usize) -> Option<RowOrigin> {
        self.locate(row).and_then(|(chunk, at)| chunk.origins.get(at))
    }

    fn locate(&self, row: usize) -> Option<(&Chunk, usize)> {
        if row >= self.len() {
            return None;
        }
        let index = self.starts.partition_point(|start| *start <= row) - 1;
        Some((self.chunks.get(index)?, row - self.starts[index]))
    }
}
