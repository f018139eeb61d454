//! How the cells of one column of one batch are stored.
//!
//! Short, repetitive strings are held as codes into a dictionary of the batch; long or varied ones as one run
//! of text. A [`StringBuilder`] starts with a dictionary and gives it up when too few cells repeat.

use crate::{Bitmap, ColumnType, DateTime, Dynamic, Guid, TimeSpan, Value};
use rust_decimal::Decimal;
use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::sync::Arc;

/// A column of one batch.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "one variant a type")]
pub enum Column {
    Bool(BoolColumn),
    Int(PrimitiveColumn<i32>),
    Long(PrimitiveColumn<i64>),
    Real(PrimitiveColumn<f64>),
    Decimal(PrimitiveColumn<Decimal>),
    String(StringColumn),
    /// Ticks since year 1.
    DateTime(PrimitiveColumn<i64>),
    /// Ticks.
    TimeSpan(PrimitiveColumn<i64>),
    Guid(PrimitiveColumn<Guid>),
    /// `None` is null.
    Dynamic(Vec<Option<Arc<Dynamic>>>),
}

/// Values of a fixed size; where a cell is null the value is a filler.
#[derive(Clone, Debug, Default)]
pub struct PrimitiveColumn<T> {
    /// One value for each row.
    pub values: Vec<T>,
    /// Which rows have a value; `None` when all have.
    pub valid: Option<Bitmap>,
}

impl<T: Copy> PrimitiveColumn<T> {
    /// The value of a row, `None` for null.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> Option<T> {
        match &self.valid {
            Some(valid) if !valid.get(row) => None,
            _ => self.values.get(row).copied(),
        }
    }

    /// A column from optional values.
    #[must_use]
    pub fn from_options(cells: impl IntoIterator<Item = Option<T>>, filler: T) -> Self {
        let (mut values, mut valid) = (Vec::new(), Bitmap::default());
        for cell in cells {
            values.push(cell.unwrap_or(filler));
            valid.push(cell.is_some());
        }
        Self { values, valid: if valid.all() { None } else { Some(valid) } }
    }
}

/// Booleans: one bit for the value, one for whether there is one.
#[derive(Clone, Debug, Default)]
pub struct BoolColumn {
    /// One bit for each row; false where the cell is null.
    pub values: Bitmap,
    /// Which rows have a value; `None` when all have.
    pub valid: Option<Bitmap>,
}

impl BoolColumn {
    /// The value of a row, `None` for null.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> Option<bool> {
        match &self.valid {
            Some(valid) if !valid.get(row) => None,
            _ => Some(self.values.get(row)),
        }
    }
}

/// Strings, one after the other in one run of bytes.
#[derive(Clone, Debug, Default)]
pub struct TextColumn {
    text: String,
    /// Where each string ends; it starts where the one before ends.
    ends: Vec<u32>,
}

impl TextColumn {
    /// The number of strings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no strings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string of a row; empty beyond the end.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        let end = self.ends.get(row).copied().unwrap_or(0) as usize;
        let start = if row == 0 { 0 } else { self.ends.get(row - 1).copied().unwrap_or(0) as usize };
        self.text.get(start..end).unwrap_or("")
    }

    /// All strings in one run, for searching in one pass.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where each string ends in [`TextColumn::text`].
    #[must_use]
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Adds a string. A column holds at most 4 GiB of text: past that, strings are kept empty and `false` comes back.
    pub fn push(&mut self, text: &str) -> bool {
        let fits = u32::try_from(self.text.len() + text.len()).is_ok();
        if fits {
            self.text.push_str(text);
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        fits
    }

    fn heap_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl<S: AsRef<str>> FromIterator<S> for TextColumn {
    fn from_iter<I: IntoIterator<Item = S>>(iter: I) -> Self {
        let mut column = Self::default();
        for text in iter {
            column.push(text.as_ref());
        }
        column
    }
}

/// Codes into a dictionary, in the narrowest width that holds them.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the widths")]
pub enum Codes {
    U8(Vec<u8>),
    U16(Vec<u16>),
}

impl Codes {
    /// The code of a row; zero beyond the end.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> usize {
        match self {
            Self::U8(codes) => codes.get(row).copied().unwrap_or(0).into(),
            Self::U16(codes) => codes.get(row).copied().unwrap_or(0).into(),
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(codes) => codes.len(),
            Self::U16(codes) => codes.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Strings of which many are equal: the different ones once, and a code for each row.
#[derive(Clone, Debug)]
pub struct DictionaryColumn {
    /// The code of each row.
    pub codes: Codes,
    /// The string that each code stands for; no two are equal.
    pub entries: TextColumn,
}

/// Strings, in whichever form suits them.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the forms are documented on their types")]
pub enum StringColumn {
    Text(TextColumn),
    Dictionary(DictionaryColumn),
}

impl StringColumn {
    /// The string of a row; empty beyond the end.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        match self {
            Self::Text(text) => text.get(row),
            Self::Dictionary(d) => d.entries.get(d.codes.get(row)),
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Dictionary(d) => d.codes.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Column {
    /// The type of the cells.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        match self {
            Self::Bool(_) => ColumnType::Bool,
            Self::Int(_) => ColumnType::Int,
            Self::Long(_) => ColumnType::Long,
            Self::Real(_) => ColumnType::Real,
            Self::Decimal(_) => ColumnType::Decimal,
            Self::String(_) => ColumnType::String,
            Self::DateTime(_) => ColumnType::DateTime,
            Self::TimeSpan(_) => ColumnType::TimeSpan,
            Self::Guid(_) => ColumnType::Guid,
            Self::Dynamic(_) => ColumnType::Dynamic,
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(c) => c.values.len(),
            Self::Int(c) => c.values.len(),
            Self::Long(c) | Self::DateTime(c) | Self::TimeSpan(c) => c.values.len(),
            Self::Real(c) => c.values.len(),
            Self::Decimal(c) => c.values.len(),
            Self::String(c) => c.len(),
            Self::Guid(c) => c.values.len(),
            Self::Dynamic(c) => c.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell of a row; missing beyond the end.
    #[must_use]
    pub fn value(&self, row: usize) -> Value {
        match self {
            Self::Bool(c) => c.get(row).map_or(Value::Null, Value::Bool),
            Self::Int(c) => c.get(row).map_or(Value::Null, Value::Int),
            Self::Long(c) => c.get(row).map_or(Value::Null, Value::Long),
            Self::Real(c) => c.get(row).map_or(Value::Null, Value::Real),
            Self::Decimal(c) => c.get(row).map_or(Value::Null, Value::Decimal),
            Self::String(c) => Value::string(c.get(row)),
            Self::DateTime(c) => c.get(row).and_then(DateTime::from_ticks).map_or(Value::Null, Value::DateTime),
            Self::TimeSpan(c) => c.get(row).map_or(Value::Null, |t| Value::TimeSpan(TimeSpan::from_ticks(t))),
            Self::Guid(c) => c.get(row).map_or(Value::Null, Value::Guid),
            Self::Dynamic(c) => c.get(row).cloned().flatten().map_or(Value::Null, Value::Dynamic),
        }
    }

    /// The newest instant; none when there are none or the column holds something else.
    #[must_use]
    pub fn newest(&self) -> Option<DateTime> {
        let Self::DateTime(instants) = self else { return None };
        let newest = match &instants.valid {
            None => instants.values.iter().copied().max(),
            Some(valid) => valid.ones().filter_map(|row| instants.values.get(row).copied()).max(),
        };
        newest.and_then(DateTime::from_ticks)
    }

    /// How many rows have a value: not null, and for strings not empty.
    #[must_use]
    pub fn filled(&self) -> usize {
        let valid = |valid: &Option<Bitmap>| valid.as_ref().map_or(self.len(), Bitmap::count);
        match self {
            Self::Bool(c) => valid(&c.valid),
            Self::Int(c) => valid(&c.valid),
            Self::Long(c) | Self::DateTime(c) | Self::TimeSpan(c) => valid(&c.valid),
            Self::Real(c) => valid(&c.valid),
            Self::Decimal(c) => valid(&c.valid),
            Self::Guid(c) => valid(&c.valid),
            Self::String(StringColumn::Text(c)) => {
                let starts = std::iter::once(&0).chain(&c.ends);
                starts.zip(&c.ends).filter(|(start, end)| start != end).count()
            }
            Self::String(StringColumn::Dictionary(d)) => {
                let empty = (0..d.entries.len()).find(|code| d.entries.get(*code).is_empty());
                let is_empty = |code: usize| Some(code) == empty;
                match &d.codes {
                    _ if empty.is_none() => d.codes.len(),
                    Codes::U8(codes) => codes.iter().filter(|code| !is_empty(usize::from(**code))).count(),
                    Codes::U16(codes) => codes.iter().filter(|code| !is_empty(usize::from(**code))).count(),
                }
            }
            Self::Dynamic(c) => c.iter().filter(|cell| cell.is_some()).count(),
        }
    }

    /// A builder that holds these cells as another type: numbers widened, text for a string column, nulls where there
    /// is no such conversion.
    pub(crate) fn converting_to(&self, ty: ColumnType) -> ColumnBuilder {
        let mut builder = ColumnBuilder::new(ty);
        (0..self.len()).for_each(|row| builder.push(&self.value(row)));
        builder
    }

    /// Whether every whole number of the column is also a real, which those beyond 2^53 need not be.
    pub(crate) fn is_exact_as_real(&self) -> bool {
        match self {
            Self::Long(c) => c.values.iter().all(|n| n.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS),
            _ => true,
        }
    }

    /// The room that the column takes.
    #[must_use]
    pub fn room(&self) -> Room {
        let text = match self {
            Self::String(StringColumn::Text(c)) => Some(c.text.len()),
            _ => None,
        };
        Room { rows: self.len(), text }
    }

    /// Bytes of heap memory held. Shared dynamic values are counted as their pointers.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        fn primitive<T>(c: &PrimitiveColumn<T>) -> usize {
            c.values.capacity() * size_of::<T>() + c.valid.as_ref().map_or(0, Bitmap::heap_bytes)
        }
        match self {
            Self::Bool(c) => c.values.heap_bytes() + c.valid.as_ref().map_or(0, Bitmap::heap_bytes),
            Self::Int(c) => primitive(c),
            Self::Long(c) | Self::DateTime(c) | Self::TimeSpan(c) => primitive(c),
            Self::Real(c) => primitive(c),
            Self::Decimal(c) => primitive(c),
            Self::Guid(c) => primitive(c),
            Self::Dynamic(c) => c.capacity() * size_of::<Option<Arc<Dynamic>>>(),
            Self::String(StringColumn::Text(c)) => c.heap_bytes(),
            Self::String(StringColumn::Dictionary(d)) => {
                d.entries.heap_bytes()
                    + match &d.codes {
                        Codes::U8(c) => c.capacity(),
                        Codes::U16(c) => c.capacity() * 2,
                    }
            }
        }
    }
}

/// The room that a column took, for the builder of one that is expected to be like it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    rows: usize,
    /// Bytes of text, where the strings are in one run.
    text: Option<usize>,
}

/// Builds a string column, choosing its form by what it sees.
#[derive(Debug, Default)]
pub struct StringBuilder {
    /// The different strings while a dictionary still pays; afterwards every string.
    text: TextColumn,
    /// One code for each row; unused once `plain`.
    codes: Vec<u16>,
    /// Open-addressed hash table of `code + 1`, zero for a free place; its length is a power of two.
    places: Vec<u32>,
    plain: bool,
}

impl StringBuilder {
    /// Cells after which the dictionary is first judged.
    const TRIAL: usize = 512;
    /// The same where strings are short: the names of some thousand machines repeat only later.
    const TRIAL_OF_SHORT: usize = 8192;
    /// Strings of up to so many bytes are short.
    const SHORT: usize = 32;
    /// Strings longer than this are not worth hashing: a column that has many of them is kept as text.
    const LONG: usize = 64;

    /// Adds a string.
    #[inline]
    pub fn push(&mut self, text: &str) {
        if self.plain {
            self.text.push(text);
            return;
        }
        // Runs of equal cells are common in logs: compare with the one before, before hashing.
        if let Some(&last) = self.codes.last()
            && self.text.get(last.into()) == text
        {
            self.codes.push(last);
            return;
        }
        self.push_hashed(text);
    }

    /// The number of rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.plain { self.text.len() } else { self.codes.len() }
    }

    /// Whether there are no rows yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push_hashed(&mut self, text: &str) {
        if self.places.len() < (self.text.len() + 1) * 2 {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let mut place = hash(text) & mask;
        loop {
            match self.places[place] {
                0 => break,
                found if self.text.get(found as usize - 1) == text => {
                    // Codes fit: a dictionary is given up before it has more entries than u16 can name.
                    self.codes.push((found - 1) as u16);
                    return;
                }
                _ => place = (place + 1) & mask,
            }
        }
        let code = self.text.len();
        let rows = self.codes.len();
        let longer_than = |bytes: usize| self.text.text().len() > code * bytes;
        let too_varied = if longer_than(Self::SHORT) {
            rows >= Self::TRIAL && code * 4 > rows
        } else {
            rows >= Self::TRIAL_OF_SHORT && code * 2 > rows
        };
        let too_long = rows >= Self::TRIAL && longer_than(Self::LONG) && code * 16 > rows;
        if code > usize::from(u16::MAX) || too_varied || too_long {
            self.give_up();
            self.text.push(text);
            return;
        }
        self.places[place] = code as u32 + 1;
        self.text.push(text);
        self.codes.push(code as u16);
    }

    fn grow(&mut self) {
        let size = (self.places.len() * 2).max(64);
        self.places = vec![0; size];
        for code in 0..self.text.len() {
            let mut place = hash(self.text.get(code)) & (size - 1);
            while self.places[place] != 0 {
                place = (place + 1) & (size - 1);
            }
            self.places[place] = code as u32 + 1;
        }
    }

    fn give_up(&mut self) {
        let entries = std::mem::take(&mut self.text);
        self.text = self.codes.iter().map(|code| entries.get((*code).into())).collect();
        self.codes = Vec::new();
        self.places = Vec::new();
        self.plain = true;
    }

    /// The finished column.
    #[must_use]
    pub fn finish(mut self) -> StringColumn {
        self.text.shrink();
        if self.plain {
            return StringColumn::Text(self.text);
        }
        let codes = if self.text.len() <= 256 {
            Codes::U8(self.codes.iter().map(|code| *code as u8).collect())
        } else {
            Codes::U16(self.codes)
        };
        StringColumn::Dictionary(DictionaryColumn { codes, entries: self.text })
    }
}

fn hash(text: &str) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish() as usize
}

/// Builds a column of a given type from values.
#[derive(Debug)]
pub struct ColumnBuilder(Building);

#[derive(Debug)]
enum Building {
    Bool(BoolColumn),
    Int(PrimitiveColumn<i32>),
    Long(PrimitiveColumn<i64>),
    Real(PrimitiveColumn<f64>),
    Decimal(PrimitiveColumn<Decimal>),
    String(StringBuilder),
    DateTime(PrimitiveColumn<i64>),
    TimeSpan(PrimitiveColumn<i64>),
    Guid(PrimitiveColumn<Guid>),
    Dynamic(Vec<Option<Arc<Dynamic>>>),
}

/// Adds an optional value, making the validity bitmap only when the first null comes.
#[inline]
fn push_option<T>(column: &mut PrimitiveColumn<T>, value: Option<T>, filler: T) {
    if value.is_none() && column.valid.is_none() {
        column.valid = Some(Bitmap::filled(column.values.len(), true));
    }
    if let Some(valid) = &mut column.valid {
        valid.push(value.is_some());
    }
    column.values.push(value.unwrap_or(filler));
}

impl ColumnBuilder {
    /// An empty column of a type.
    #[must_use]
    pub fn new(ty: ColumnType) -> Self {
        Self(match ty {
            ColumnType::Bool => Building::Bool(BoolColumn::default()),
            ColumnType::Int => Building::Int(PrimitiveColumn::default()),
            ColumnType::Long => Building::Long(PrimitiveColumn::default()),
            ColumnType::Real => Building::Real(PrimitiveColumn::default()),
            ColumnType::Decimal => Building::Decimal(PrimitiveColumn::default()),
            ColumnType::String => Building::String(StringBuilder::default()),
            ColumnType::DateTime => Building::DateTime(PrimitiveColumn::default()),
            ColumnType::TimeSpan => Building::TimeSpan(PrimitiveColumn::default()),
            ColumnType::Guid => Building::Guid(PrimitiveColumn::default()),
            ColumnType::Dynamic => Building::Dynamic(Vec::new()),
        })
    }

    /// The number of rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Building::Bool(c) => c.values.len(),
            Building::Int(c) => c.values.len(),
            Building::Long(c) | Building::DateTime(c) | Building::TimeSpan(c) => c.values.len(),
            Building::Real(c) => c.values.len(),
            Building::Decimal(c) => c.values.len(),
            Building::String(c) => c.len(),
            Building::Guid(c) => c.values.len(),
            Building::Dynamic(c) => c.len(),
        }
    }

    /// Whether there are no rows yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of heap memory held so far. Shared dynamic values are counted as their pointers.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let rows = self.len();
        match &self.0 {
            Building::Bool(_) => rows / 8,
            Building::Int(_) => rows * size_of::<i32>(),
            Building::Long(_) | Building::DateTime(_) | Building::TimeSpan(_) => rows * size_of::<i64>(),
            Building::Real(_) => rows * size_of::<f64>(),
            Building::Decimal(_) | Building::Guid(_) => rows * 16,
            Building::String(c) => c.text.heap_bytes() + c.codes.capacity() * 2 + c.places.capacity() * 4,
            Building::Dynamic(c) => c.capacity() * size_of::<Option<Arc<Dynamic>>>(),
        }
    }

    /// An empty column of a type, with room for as much as another column took. Where that one held its strings in one
    /// run, this one does so from the start.
    #[must_use]
    pub fn with_room(ty: ColumnType, room: Room) -> Self {
        let mut builder = Self::new(ty);
        match &mut builder.0 {
            Building::Int(c) => c.values.reserve(room.rows),
            Building::Long(c) | Building::DateTime(c) | Building::TimeSpan(c) => c.values.reserve(room.rows),
            Building::Real(c) => c.values.reserve(room.rows),
            Building::String(c) => match room.text {
                Some(bytes) => {
                    c.plain = true;
                    // Columns alike differ a little; what is left over is given back at the end.
                    c.text.text.reserve(bytes + bytes / 8);
                    c.text.ends.reserve(room.rows);
                }
                None => c.codes.reserve(room.rows),
            },
            _ => {}
        }
        builder
    }

    /// The type of the column that is being built.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        match &self.0 {
            Building::Bool(_) => ColumnType::Bool,
            Building::Int(_) => ColumnType::Int,
            Building::Long(_) => ColumnType::Long,
            Building::Real(_) => ColumnType::Real,
            Building::Decimal(_) => ColumnType::Decimal,
            Building::String(_) => ColumnType::String,
            Building::DateTime(_) => ColumnType::DateTime,
            Building::TimeSpan(_) => ColumnType::TimeSpan,
            Building::Guid(_) => ColumnType::Guid,
            Building::Dynamic(_) => ColumnType::Dynamic,
        }
    }

    /// The builder of a string column, for loops that add many strings; `None` for a column of another type.
    #[must_use]
    #[inline]
    pub fn as_strings(&mut self) -> Option<&mut StringBuilder> {
        match &mut self.0 {
            Building::String(c) => Some(c),
            _ => None,
        }
    }

    /// Makes the column hold values of another type as well: its cells take the [common type](ColumnType::common), and
    /// become text where numbers would lose digits. Returns the column's type from now on.
    pub fn widen(&mut self, other: ColumnType) -> ColumnType {
        let ty = self.column_type();
        let mut common = ty.common(other);
        if common != ty {
            let built = std::mem::replace(self, Self::new(ty)).finish();
            if common == ColumnType::Real && !built.is_exact_as_real() {
                common = ColumnType::String;
            }
            *self = built.converting_to(common);
        }
        common
    }

    /// Adds a cell. Whole numbers are widened to the column's type; any other value of another type than the column's
    /// is kept as null, or as its text in a string column.
    pub fn push(&mut self, value: &Value) {
        match (&mut self.0, value) {
            (Building::String(c), Value::String(s)) => c.push(s),
            (Building::String(c), other) => c.push(&other.to_string()),
            (Building::Bool(c), v) => {
                let v = if let Value::Bool(b) = v { Some(*b) } else { None };
                push_bool(c, v);
            }
            (Building::Int(c), v) => push_option(c, if let Value::Int(n) = v { Some(*n) } else { None }, 0),
            (Building::Long(c), v) => {
                let v = match v {
                    Value::Long(n) => Some(*n),
                    Value::Int(n) => Some((*n).into()),
                    _ => None,
                };
                push_option(c, v, 0);
            }
            (Building::Real(c), v) => {
                let v = match v {
                    Value::Real(n) => Some(*n),
                    Value::Int(n) => Some((*n).into()),
                    Value::Long(n) => Some(*n as f64),
                    _ => None,
                };
                push_option(c, v, 0.0);
            }
            (Building::Decimal(c), v) => {
                push_option(c, if let Value::Decimal(n) = v { Some(*n) } else { None }, Decimal::ZERO);
            }
            (Building::DateTime(c), v) => {
                push_option(c, if let Value::DateTime(t) = v { Some(t.ticks()) } else { None }, 0);
            }
            (Building::TimeSpan(c), v) => {
                push_option(c, if let Value::TimeSpan(t) = v { Some(t.ticks()) } else { None }, 0);
            }
            (Building::Guid(c), v) => {
                push_option(c, if let Value::Guid(g) = v { Some(*g) } else { None }, Guid([0; 16]));
            }
            (Building::Dynamic(c), v) => c.push(if let Value::Dynamic(d) = v { Some(d.clone()) } else { None }),
        }
    }

    /// Adds text to a string column without making a [`Value`]; null to a column of any other type.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        match &mut self.0 {
            Building::String(c) => c.push(text),
            _ => self.push(&Value::Null),
        }
    }

    /// Adds a whole number to an int or long column (null where it does not fit); null to a column of any other type.
    #[inline]
    pub fn push_long(&mut self, value: i64) {
        match &mut self.0 {
            Building::Long(c) => push_option(c, Some(value), 0),
            Building::Int(c) => push_option(c, i32::try_from(value).ok(), 0),
            _ => self.push(&Value::Null),
        }
    }

    /// Adds an instant to a datetime column; null to a column of any other type.
    #[inline]
    pub fn push_datetime(&mut self, value: DateTime) {
        match &mut self.0 {
            Building::DateTime(c) => push_option(c, Some(value.ticks()), 0),
            _ => self.push(&Value::Null),
        }
    }

    /// Adds a missing cell: null, or the empty string.
    #[inline]
    pub fn push_missing(&mut self) {
        match &mut self.0 {
            Building::String(c) => c.push(""),
            _ => self.push(&Value::Null),
        }
    }

    /// Adds missing cells until there are `rows`.
    pub fn pad_to(&mut self, rows: usize) {
        while self.len() < rows {
            self.push_missing();
        }
    }

    /// The finished column.
    #[must_use]
    pub fn finish(self) -> Column {
        fn shrunk<T>(mut column: PrimitiveColumn<T>) -> PrimitiveColumn<T> {
            column.values.shrink_to_fit();
            column
        }
        match self.0 {
            Building::Bool(c) => Column::Bool(c),
            Building::Int(c) => Column::Int(shrunk(c)),
            Building::Long(c) => Column::Long(shrunk(c)),
            Building::Real(c) => Column::Real(shrunk(c)),
            Building::Decimal(c) => Column::Decimal(shrunk(c)),
            Building::String(c) => Column::String(c.finish()),
            Building::DateTime(c) => Column::DateTime(shrunk(c)),
            Building::TimeSpan(c) => Column::TimeSpan(shrunk(c)),
            Building::Guid(c) => Column::Guid(shrunk(c)),
            Building::Dynamic(c) => Column::Dynamic(c),
        }
    }
}

fn push_bool(column: &mut BoolColumn, value: Option<bool>) {
    if value.is_none() && column.valid.is_none() {
        column.valid = Some(Bitmap::filled(column.values.len(), true));
    }
    if let Some(valid) = &mut column.valid {
        valid.push(value.is_some());
    }
    column.values.push(value.unwrap_or(false));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_string_column_gives_back_its_cells(cells in proptest::collection::vec("[a-c]{0,2}|[a-zé€]{0,80}", 0..2000), repeat in 1usize..8) {
            let cells: Vec<&String> = cells.iter().flat_map(|c| std::iter::repeat_n(c, repeat)).collect();
            let mut builder = StringBuilder::default();
            cells.iter().for_each(|c| builder.push(c));
            prop_assert_eq!(builder.len(), cells.len());
            let column = builder.finish();
            prop_assert_eq!(column.len(), cells.len());
            let filled = Column::String(column.clone()).filled();
            prop_assert_eq!(filled, cells.iter().filter(|cell| !cell.is_empty()).count());
            for (row, cell) in cells.iter().enumerate() {
                prop_assert_eq!(column.get(row), cell.as_str());
            }
            if let StringColumn::Dictionary(d) = &column {
                let distinct: std::collections::HashSet<_> = (0..d.entries.len()).map(|i| d.entries.get(i)).collect();
                prop_assert_eq!(distinct.len(), d.entries.len());
            }
        }

        #[test]
        fn nulls_stay_where_they_were_put(cells in proptest::collection::vec(any::<Option<i64>>(), 0..200)) {
            let mut builder = ColumnBuilder::new(ColumnType::Long);
            cells.iter().for_each(|c| builder.push(&c.map_or(Value::Null, Value::Long)));
            let Column::Long(column) = builder.finish() else { panic!("not a long column") };
            prop_assert_eq!((0..cells.len()).map(|row| column.get(row)).collect::<Vec<_>>(), cells);
        }
    }

    #[test]
    fn repetitive_columns_are_dictionaries_and_varied_ones_text() {
        let (mut few, mut many) = (StringBuilder::default(), StringBuilder::default());
        for i in 0..10_000 {
            few.push(["git.exe", "curl.exe", "node.exe"][i % 3]);
            many.push(&format!("git push https://github.com/o/r{i}"));
        }
        assert!(matches!(few.finish(), StringColumn::Dictionary(DictionaryColumn { codes: Codes::U8(_), .. })));
        assert!(matches!(many.finish(), StringColumn::Text(_)));
    }

    #[test]
    fn room_of_another_column_changes_nothing_but_the_form() {
        let cells = ["a", "b", "a", "", "é"];
        for like in [vec!["x"; 3], (0..2000).map(|i| if i % 2 == 0 { "long" } else { "" }).collect()] {
            let mut first = ColumnBuilder::new(ColumnType::String);
            like.iter().enumerate().for_each(|(i, text)| first.push_str(&format!("{text}{}", i * like.len() / 2000)));
            let mut builder = ColumnBuilder::with_room(ColumnType::String, first.finish().room());
            cells.iter().for_each(|text| builder.push_str(text));
            let column = builder.finish();
            assert_eq!((0..5).map(|row| column.value(row).to_string()).collect::<Vec<_>>(), cells);
        }
    }

    #[test]
    fn a_value_of_another_type_is_null() {
        let mut builder = ColumnBuilder::new(ColumnType::Int);
        builder.push_long(7);
        builder.push_long(i64::MAX);
        builder.push(&Value::string("x"));
        let column = builder.finish();
        assert!(matches!(column.value(0), Value::Int(7)));
        assert!(column.value(1).is_null() && column.value(2).is_null());
        assert_eq!(column.filled(), 1);
    }
}
