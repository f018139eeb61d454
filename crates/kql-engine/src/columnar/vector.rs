//! A column of a chunk: stored cells, or a way to find them elsewhere, so that filtering, sorting and joining
//! copy no cells.

use event_table::{Column, ColumnBuilder, ColumnType, PrimitiveColumn, StringColumn, Value};
use std::sync::Arc;

/// The cells of one column of a chunk.
#[derive(Clone, Debug)]
pub enum Vector {
    /// The same value in every row.
    Constant(Value),
    /// The cells of a stored column, row for row.
    Column(Arc<Column>),
    /// Cells of a stored column, at the given rows.
    Picked(Arc<Column>, Arc<[u32]>),
    /// Cells of several vectors: each row names the vector and the row in it. A vector of `u32::MAX` is null.
    Spread(Arc<[Vector]>, Places),
}

impl Vector {
    /// The vector number that stands for a missing cell in [`Vector::Spread`].
    pub const MISSING: u32 = u32::MAX;

    /// The cell of a row; null beyond the end.
    #[must_use]
    pub fn value(&self, row: usize) -> Value {
        match self {
            Self::Constant(value) => value.clone(),
            Self::Column(column) => column.value(row),
            Self::Picked(column, rows) => rows.get(row).map_or(Value::Null, |at| column.value(*at as usize)),
            Self::Spread(parts, rows) => rows
                .get(row)
                .and_then(|(part, at)| parts.get(*part as usize).map(|p| p.value(*at as usize)))
                .unwrap_or_default(),
        }
    }

    /// The string column below, and the rows of it that the vector's rows stand for (`None` when the same).
    #[must_use]
    pub fn strings(&self) -> Option<(&StringColumn, Option<&[u32]>)> {
        match self {
            Self::Column(column) => match &**column {
                Column::String(strings) => Some((strings, None)),
                _ => None,
            },
            Self::Picked(column, rows) => match &**column {
                Column::String(strings) => Some((strings, Some(rows))),
                _ => None,
            },
            _ => None,
        }
    }

    /// The stored column below, and the rows of it that the vector's rows stand for (`None` when the same).
    #[must_use]
    pub fn stored(&self) -> Option<(&Column, Option<&[u32]>)> {
        match self {
            Self::Column(column) => Some((column, None)),
            Self::Picked(column, rows) => Some((column, Some(rows))),
            _ => None,
        }
    }

    /// Calls back with the rows of whole numbers, instants and durations that have a value, and its 64 bits.
    pub(crate) fn for_each_long(&self, rows: usize, mut each: impl FnMut(usize, i64)) {
        match self.stored() {
            Some((Column::Long(c) | Column::DateTime(c) | Column::TimeSpan(c), picked)) => {
                for_each_cell(c, picked, rows, each);
            }
            Some((Column::Int(c), picked)) => for_each_cell(c, picked, rows, |row, n| each(row, n.into())),
            _ => (0..rows).for_each(|row| match self.value(row) {
                Value::Int(n) => each(row, n.into()),
                Value::Long(n) => each(row, n),
                Value::DateTime(t) => each(row, t.ticks()),
                Value::TimeSpan(t) => each(row, t.ticks()),
                _ => {}
            }),
        }
    }

    /// Calls back with the rows of numbers that have a value, and its value as a real.
    pub(crate) fn for_each_real(&self, rows: usize, mut each: impl FnMut(usize, f64)) {
        match self.stored() {
            Some((Column::Real(c), picked)) => for_each_cell(c, picked, rows, each),
            Some((Column::Long(_) | Column::Int(_), _)) => self.for_each_long(rows, |row, n| each(row, n as f64)),
            _ => (0..rows).for_each(|row| match self.value(row) {
                Value::Int(n) => each(row, n.into()),
                Value::Long(n) => each(row, n as f64),
                Value::Real(n) => each(row, n),
                _ => {}
            }),
        }
    }

    /// The vector's cells at some rows. Vectors that were picked by the same rows share the composed positions
    /// through `composed`, which the caller keeps for one picking.
    #[must_use]
    pub fn pick(&self, rows: &Arc<[u32]>, composed: &mut Composed) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(value.clone()),
            Self::Column(column) => Self::Picked(column.clone(), rows.clone()),
            Self::Picked(column, inner) => Self::Picked(column.clone(), composed.rows(inner, rows)),
            Self::Spread(parts, inner) => Self::Spread(parts.clone(), composed.pairs(inner, rows)),
        }
    }

    /// The cells stored anew, one for each of `len` rows.
    #[must_use]
    pub fn stored_anew(&self, ty: ColumnType, len: usize) -> Arc<Column> {
        if let Self::Column(column) = self
            && column.len() == len
        {
            return column.clone();
        }
        let mut builder = ColumnBuilder::new(ty);
        (0..len).for_each(|row| builder.push(&self.value(row)));
        Arc::new(builder.finish())
    }
}

fn for_each_cell<T: Copy>(
    column: &PrimitiveColumn<T>,
    picked: Option<&[u32]>,
    rows: usize,
    mut each: impl FnMut(usize, T),
) {
    let mut at = |row: usize, place: usize| {
        if let Some(value) = column.get(place) {
            each(row, value);
        }
    };
    match picked {
        None => (0..rows).for_each(|row| at(row, row)),
        Some(picked) => picked.iter().take(rows).enumerate().for_each(|(row, place)| at(row, *place as usize)),
    }
}

/// Rows of several vectors: the vector and the row in it.
pub(super) type Places = Arc<[(u32, u32)]>;

/// Positions already composed in one picking, by the positions that they came from.
#[derive(Default)]
pub struct Composed {
    rows: Vec<(*const u32, Arc<[u32]>)>,
    pairs: Vec<(*const (u32, u32), Places)>,
}

impl Composed {
    fn rows(&mut self, inner: &Arc<[u32]>, rows: &Arc<[u32]>) -> Arc<[u32]> {
        if let Some((_, done)) = self.rows.iter().find(|(from, _)| *from == inner.as_ptr()) {
            return done.clone();
        }
        let done: Arc<[u32]> = rows.iter().map(|row| inner[*row as usize]).collect();
        self.rows.push((inner.as_ptr(), done.clone()));
        done
    }

    fn pairs(&mut self, inner: &Places, rows: &Arc<[u32]>) -> Places {
        if let Some((_, done)) = self.pairs.iter().find(|(from, _)| *from == inner.as_ptr()) {
            return done.clone();
        }
        let done: Places = rows.iter().map(|row| inner[*row as usize]).collect();
        self.pairs.push((inner.as_ptr(), done.clone()));
        done
    }
}
