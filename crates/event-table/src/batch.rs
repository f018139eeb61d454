//! Batches: up to [`MAX_BATCH_ROWS`] rows of one table, from one source, stored column by column.

use crate::{Bitmap, Column, ColumnBuilder, ColumnDef, ColumnType, DateTime, Room};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// The most rows that a batch holds.
pub const MAX_BATCH_ROWS: usize = 1 << 16;

/// The log that a row came from; numbers are given by whoever loads logs, and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// Where a row's record stands in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordSpan {
    /// The line that the record starts on, or the record's number in a format without lines; the first is 1.
    pub line: u64,
    /// Bytes from the start of the source to the record.
    pub offset: u64,
    /// Bytes of the record.
    pub len: u32,
}

/// Names the cells of a batch: two batches with the same id hold the same cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(u64);

impl BatchId {
    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// Rows of one table from one source.
#[derive(Clone, Debug)]
pub struct Batch {
    id: BatchId,
    source: SourceId,
    len: usize,
    columns: Vec<Option<Arc<Column>>>,
    /// What is known of each column, once somebody asked.
    known: OnceLock<Box<[Known]>>,
    records: Arc<Records>,
    /// The cells that were inferred from other rows, of the columns that have some.
    inferred: Vec<(usize, Arc<Bitmap>)>,
}

/// What was found out about a column by going through it.
#[derive(Clone, Debug, Default)]
struct Known {
    filled: OnceLock<usize>,
    newest: OnceLock<Option<DateTime>>,
}

/// What tells an event from every other, whichever log it is read from: two rows with the same identity tell of the
/// same event. It is a hash of what whoever writes events numbers them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventIdentity(pub NonZeroU64);

/// The record spans of a batch, as differences from the first, eight bytes less a row than plain.
#[derive(Debug, Default)]
struct Records {
    base: Option<RecordSpan>,
    lines: Vec<u32>,
    offsets: Vec<u32>,
    lens: Vec<u32>,
    /// Empty where no row has one; short where the last rows have none.
    identities: Vec<Option<EventIdentity>>,
}

impl Records {
    fn fits(&self, span: RecordSpan) -> bool {
        self.base.is_none_or(|base| {
            let line = span.line.checked_sub(base.line).and_then(|d| u32::try_from(d).ok());
            let offset = span.offset.checked_sub(base.offset).and_then(|d| u32::try_from(d).ok());
            line.is_some() && offset.is_some()
        })
    }

    fn push(&mut self, span: RecordSpan) {
        let base = *self.base.get_or_insert(span);
        self.lines.push(u32::try_from(span.line.saturating_sub(base.line)).unwrap_or(u32::MAX));
        self.offsets.push(u32::try_from(span.offset.saturating_sub(base.offset)).unwrap_or(u32::MAX));
        self.lens.push(span.len);
    }

    fn get(&self, row: usize) -> Option<RecordSpan> {
        let base = self.base?;
        Some(RecordSpan {
            line: base.line + u64::from(*self.lines.get(row)?),
            offset: base.offset + u64::from(*self.offsets.get(row)?),
            len: *self.lens.get(row)?,
        })
    }
}

impl Batch {
    /// What names the cells; results kept for a batch stay right as long as it is the same.
    #[must_use]
    pub fn id(&self) -> BatchId {
        self.id
    }

    /// The source of all rows.
    #[must_use]
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The column at a position of the schema; `None` when the source has no such column.
    #[must_use]
    pub fn column(&self, index: usize) -> Option<&Arc<Column>> {
        self.columns.get(index)?.as_ref()
    }

    /// In how many rows a column has a value: not null, and for strings not empty. Counted once.
    #[must_use]
    pub fn filled(&self, index: usize) -> usize {
        let count = || self.column(index).map_or(0, |column| column.filled());
        self.known(index).map_or(0, |known| *known.filled.get_or_init(count))
    }

    /// The newest instant in a column of them. Looked for once.
    #[must_use]
    pub fn newest(&self, index: usize) -> Option<DateTime> {
        let newest = || self.column(index).and_then(|column| column.newest());
        *self.known(index)?.newest.get_or_init(newest)
    }

    fn known(&self, index: usize) -> Option<&Known> {
        self.known.get_or_init(|| self.columns.iter().map(|_| Known::default()).collect()).get(index)
    }

    /// Where a row's record stands in the source.
    #[must_use]
    pub fn record(&self, row: usize) -> Option<RecordSpan> {
        self.records.get(row)
    }

    /// What tells the event of a row from every other, where its log numbers events.
    #[must_use]
    pub fn identity(&self, row: usize) -> Option<EventIdentity> {
        self.records.identities.get(row).copied().flatten()
    }

    /// Whether any row has an [identity](Self::identity).
    #[must_use]
    pub fn has_identities(&self) -> bool {
        !self.records.identities.is_empty()
    }

    /// Whether a cell was inferred from other rows: its record does not say it.
    #[must_use]
    pub fn is_inferred(&self, row: usize, column: usize) -> bool {
        self.inferred.iter().any(|(of, rows)| *of == column && rows.get(row))
    }

    /// Fills the empty cells of a column of strings with what `text` infers for their rows. Returns how many were filled.
    pub(crate) fn infer<'a>(&mut self, column: usize, text: impl Fn(usize) -> Option<&'a str>) -> usize {
        let known = self.columns.get(column).cloned().flatten();
        let known = match known.as_deref() {
            Some(Column::String(known)) => Some(known),
            Some(_) => return 0,
            None => None,
        };
        let cell = |row: usize| known.map_or("", |known| known.get(row));
        let inferred: Vec<Option<&str>> =
            (0..self.len).map(|row| text(row).filter(|text| !text.is_empty() && cell(row).is_empty())).collect();
        let marks = Bitmap::from_fn(self.len, |row| inferred[row].is_some());
        if !marks.any() {
            return 0;
        }
        let mut builder = ColumnBuilder::new(ColumnType::String);
        inferred.iter().enumerate().for_each(|(row, text)| builder.push_str(text.unwrap_or(cell(row))));
        let built = Arc::new(builder.finish());
        let filled = marks.count();
        if self.columns.len() <= column {
            self.columns.resize(column + 1, None);
        }
        self.columns_mut()[column] = Some(built);
        self.inferred.push((column, Arc::new(marks)));
        filled
    }

    /// Empties the cells that were inferred.
    pub(crate) fn forget_inferred(&mut self) {
        for (column, marks) in std::mem::take(&mut self.inferred) {
            let Some(Column::String(known)) = self.columns.get(column).and_then(|c| c.as_deref()) else { continue };
            let mut builder = ColumnBuilder::new(ColumnType::String);
            (0..self.len).for_each(|row| builder.push_str(if marks.get(row) { "" } else { known.get(row) }));
            let built = builder.finish();
            // A column that had no cell of its own is again one that the log does not have.
            let is_there = built.filled() > 0;
            self.columns_mut()[column] = is_there.then(|| Arc::new(built));
        }
    }

    /// The same without some rows.
    pub(crate) fn without(&self, rows: &Bitmap) -> Self {
        let kept: Vec<usize> = (0..self.len).filter(|row| !rows.get(*row)).collect();
        let take = |column: &Arc<Column>| {
            let mut builder = ColumnBuilder::new(column.column_type());
            match &**column {
                Column::String(texts) => kept.iter().for_each(|row| builder.push_str(texts.get(*row))),
                column => kept.iter().for_each(|row| builder.push(&column.value(*row))),
            }
            Arc::new(builder.finish())
        };
        // A column that stands under two names stays one.
        let mut taken: Vec<(*const Column, Arc<Column>)> = Vec::new();
        let columns = self.columns.iter().map(|column| {
            let column = column.as_ref()?;
            let known = taken.iter().find(|(known, _)| *known == Arc::as_ptr(column)).map(|(_, taken)| taken.clone());
            Some(known.unwrap_or_else(|| {
                let built = take(column);
                taken.push((Arc::as_ptr(column), built.clone()));
                built
            }))
        });
        let columns = columns.collect();
        let mut records = Records::default();
        kept.iter().filter_map(|row| self.records.get(*row)).for_each(|span| records.push(span));
        if self.has_identities() {
            records.identities = kept.iter().map(|row| self.identity(*row)).collect();
        }
        let inferred = |(column, marks): &(usize, Arc<Bitmap>)| {
            (*column, Arc::new(Bitmap::from_fn(kept.len(), |row| marks.get(kept[row]))))
        };
        Self {
            id: BatchId::next(),
            source: self.source,
            len: kept.len(),
            columns,
            known: OnceLock::new(),
            records: Arc::new(records),
            inferred: self.inferred.iter().map(inferred).collect(),
        }
    }

    /// Bytes of heap memory held; a column that stands under two names counts once.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let mut seen = Vec::new();
        let columns: usize = self
            .columns
            .iter()
            .flatten()
            .filter(|c| {
                let pointer = Arc::as_ptr(c);
                let new = !seen.contains(&pointer);
                seen.push(pointer);
                new
            })
            .map(|c| c.heap_bytes())
            .sum();
        columns + self.records.lines.capacity() * 12 + self.records.identities.capacity() * 8
    }

    pub(crate) fn columns_mut(&mut self) -> &mut Vec<Option<Arc<Column>>> {
        self.id = BatchId::next();
        self.known = OnceLock::new();
        &mut self.columns
    }
}

/// Builds a batch row by row, or column by column.
#[derive(Debug)]
pub struct BatchBuilder {
    source: SourceId,
    defs: Vec<ColumnDef>,
    columns: Vec<ColumnBuilder>,
    records: Records,
}

impl BatchBuilder {
    /// An empty batch with these columns.
    #[must_use]
    pub fn new(source: SourceId, defs: Vec<ColumnDef>) -> Self {
        let columns = defs.iter().map(|def| ColumnBuilder::new(def.ty)).collect();
        Self { source, defs, columns, records: Records::default() }
    }

    /// The columns that are being built.
    #[must_use]
    pub fn defs(&self) -> &[ColumnDef] {
        &self.defs
    }

    /// Adds a column in the middle of the work: rows so far are missing it. Returns its position.
    pub fn add_column(&mut self, def: ColumnDef) -> usize {
        self.add_column_with_room(def, Room::default())
    }

    /// Adds a column that is expected to take as much room as another one did. Returns its position.
    pub fn add_column_with_room(&mut self, def: ColumnDef, room: Room) -> usize {
        let mut column = ColumnBuilder::with_room(def.ty, room);
        column.pad_to(self.len());
        self.columns.push(column);
        self.defs.push(def);
        self.defs.len() - 1
    }

    /// The builder of a column, to push the cells of the coming row or rows to.
    ///
    /// # Panics
    /// When there is no such column: positions come from [`BatchBuilder::defs`] or [`BatchBuilder::add_column`].
    #[must_use]
    pub fn column(&mut self, index: usize) -> &mut ColumnBuilder {
        &mut self.columns[index]
    }

    /// Makes a column hold values of another type as well, as [`ColumnBuilder::widen`] does.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn widen(&mut self, index: usize, other: ColumnType) -> ColumnType {
        let ty = self.columns[index].widen(other);
        self.defs[index].ty = ty;
        ty
    }

    /// Says what tells the event of the row that is being added from every other.
    pub fn identify(&mut self, identity: EventIdentity) {
        let row = self.len();
        self.records.identities.resize(row, None);
        self.records.identities.push(Some(identity));
    }

    /// Ends a row: columns that got no cell for it are missing there.
    pub fn end_row(&mut self, span: RecordSpan) {
        self.records.push(span);
        let rows = self.records.lens.len();
        self.columns.iter_mut().for_each(|c| c.pad_to(rows));
    }

    /// Ends a row whose every column got its cell, without looking at the columns.
    #[inline]
    pub fn end_full_row(&mut self, span: RecordSpan) {
        self.records.push(span);
    }

    /// The number of ended rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.lens.len()
    }

    /// Whether no row has ended yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.lens.is_empty()
    }

    /// Whether a row of this record can still be added: the batch is not full, and the record lies within 4 GiB
    /// after its first.
    #[must_use]
    pub fn has_room_for(&self, span: RecordSpan) -> bool {
        self.len() < MAX_BATCH_ROWS && self.records.fits(span)
    }

    /// The finished batch, with the columns it was built from.
    #[must_use]
    pub fn finish(mut self) -> (Vec<ColumnDef>, Batch) {
        let len = self.len();
        self.columns.iter_mut().for_each(|c| c.pad_to(len));
        let columns = self.columns.into_iter().map(|c| Some(Arc::new(c.finish()))).collect();
        let batch = Batch {
            id: BatchId::next(),
            source: self.source,
            len,
            columns,
            known: OnceLock::new(),
            records: Arc::new(self.records),
            inferred: Vec::new(),
        };
        (self.defs, batch)
    }
}
