//! Numbers for keys: rows have the same number exactly when they fall into one group.
//!
//! What falls into one group is said by [`encode_value`]; this is the fast way to the same answer. An entry of a
//! dictionary is looked up once for each batch, text where it is stored, whole numbers and times as 64 bits. Of stored
//! text nothing is copied: a number remembers where its text was met.

use super::Vector;
use crate::keys::encode_value;
use crate::scalar::plain;
use event_table::{Codes, Column, PrimitiveColumn, StringColumn, Value};
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;
use std::sync::Arc;

/// Stands for a row that belongs to no group.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// What becomes of rows with a null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// They are a group.
    Group,
    /// They belong to none.
    Nowhere,
}

/// What becomes of a value that was not met before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unmet {
    Number,
    Nowhere,
}

/// The numbers of the keys met so far: from 0 on, in the order in which they were met.
pub(crate) struct Numbering {
    columns: Vec<Values>,
    tuples: Tuples,
}

impl Numbering {
    /// Keys of so many columns; without any, all rows have the number 0.
    pub(crate) fn new(columns: usize, nulls: Nulls) -> Self {
        Self { columns: (0..columns).map(|_| Values::new(nulls)).collect(), tuples: Tuples::new(columns) }
    }

    /// Bytes held, roughly.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.columns.iter().map(Values::heap_bytes).sum::<usize>()
            + self.tuples.met.capacity() * size_of::<u32>()
            + self.tuples.by_hash.capacity() * 5
    }

    /// How many different keys were met.
    pub(crate) fn len(&self) -> usize {
        match &self.columns[..] {
            [] => 1,
            [column] => column.len as usize,
            _ => self.tuples.len as usize,
        }
    }

    /// The number of each row's key.
    pub(crate) fn add<'a>(&mut self, keys: impl IntoIterator<Item = &'a Vector>, rows: usize) -> Vec<u32> {
        self.numbers(keys, rows, Unmet::Number)
    }

    /// The number of each row's key, [`NOWHERE`] when it was not met before.
    pub(crate) fn find<'a>(&mut self, keys: impl IntoIterator<Item = &'a Vector>, rows: usize) -> Vec<u32> {
        self.numbers(keys, rows, Unmet::Nowhere)
    }

    fn numbers<'a>(&mut self, keys: impl IntoIterator<Item = &'a Vector>, rows: usize, unmet: Unmet) -> Vec<u32> {
        let columns: Vec<Vec<u32>> =
            self.columns.iter_mut().zip(keys).map(|(values, vector)| values.numbers(vector, rows, unmet)).collect();
        match <[Vec<u32>; 1]>::try_from(columns) {
            Ok([column]) => column,
            Err(none) if none.is_empty() => vec![0; rows],
            Err(columns) => self.tuples.numbers(&columns, rows, unmet),
        }
    }
}

/// The different values of one column.
struct Values {
    nulls: Nulls,
    null: Option<u32>,
    texts: HashTable<Text>,
    /// Where texts were met.
    sources: Vec<Arc<Column>>,
    /// Texts that are stored nowhere else.
    own: Vec<Arc<str>>,
    /// Whole numbers and times, by their kind.
    numbers: FxHashMap<(u8, i64), u32>,
    others: FxHashMap<Vec<u8>, u32>,
    len: u32,
}

/// A text that was met: in the row or entry of a source.
#[derive(Clone, Copy)]
struct Text {
    hash: u64,
    number: u32,
    source: u32,
    at: u32,
}

/// The source of a text that is the numbering's own.
const OWN: u32 = u32::MAX;

/// The kinds of 64-bit keys: those of [`encode_value`].
const WHOLE: u8 = 2;
const INSTANT: u8 = 5;
const DURATION: u8 = 6;

impl Values {
    fn heap_bytes(&self) -> usize {
        // Keys by their bytes take a hash, a pointer and about as many bytes more.
        self.texts.capacity() * (size_of::<Text>() + 1)
            + self.numbers.capacity() * (size_of::<((u8, i64), u32)>() + 1)
            + self.others.capacity() * 64
            + self.own.len() * 48
    }

    fn new(nulls: Nulls) -> Self {
        Self {
            nulls,
            null: None,
            texts: HashTable::new(),
            sources: Vec::new(),
            own: Vec::new(),
            numbers: FxHashMap::default(),
            others: FxHashMap::default(),
            len: 0,
        }
    }

    fn numbers(&mut self, vector: &Vector, rows: usize, unmet: Unmet) -> Vec<u32> {
        match vector {
            Vector::Spread(parts, places) => {
                let mut cells: Vec<Option<Cells>> = parts.iter().map(|_| None).collect();
                let places = places.iter().take(rows);
                let number = |&(part, at): &(u32, u32)| match parts.get(part as usize) {
                    Some(vector) => {
                        cells[part as usize].get_or_insert_with(|| Cells::of(vector)).number(self, at as usize, unmet)
                    }
                    None => self.value(&Value::Null, unmet),
                };
                places.map(number).collect()
            }
            vector => {
                let mut cells = Cells::of(vector);
                (0..rows).map(|row| cells.number(self, row, unmet)).collect()
            }
        }
    }

    fn value(&mut self, value: &Value, unmet: Unmet) -> u32 {
        match plain(value) {
            Value::Null => self.null(unmet),
            Value::String(text) => self.own_text(&text, unmet),
            Value::Int(n) => self.number(WHOLE, n.into(), unmet),
            Value::Long(n) => self.number(WHOLE, n, unmet),
            Value::DateTime(t) => self.number(INSTANT, t.ticks(), unmet),
            Value::TimeSpan(t) => self.number(DURATION, t.ticks(), unmet),
            other => {
                let mut key = Vec::new();
                encode_value(&other, &mut key);
                // A real or decimal may be a whole number.
                if let [WHOLE, ticks @ ..] = &key[..]
                    && let Ok(bytes) = <[u8; 8]>::try_from(ticks)
                {
                    return self.number(WHOLE, i64::from_le_bytes(bytes), unmet);
                }
                if let Some(number) = self.others.get(&key) {
                    return *number;
                }
                self.new_number(unmet, |values, number| {
                    values.others.insert(key, number);
                })
            }
        }
    }

    fn null(&mut self, unmet: Unmet) -> u32 {
        match (self.nulls, self.null) {
            (Nulls::Nowhere, _) => NOWHERE,
            (Nulls::Group, Some(number)) => number,
            (Nulls::Group, None) => self.new_number(unmet, |values, number| values.null = Some(number)),
        }
    }

    #[inline]
    fn number(&mut self, kind: u8, n: i64, unmet: Unmet) -> u32 {
        match self.numbers.get(&(kind, n)) {
            Some(number) => *number,
            None => self.new_number(unmet, |values, number| {
                values.numbers.insert((kind, n), number);
            }),
        }
    }

    fn own_text(&mut self, text: &Arc<str>, unmet: Unmet) -> u32 {
        let hash = hash_of(text);
        match self.find_text(hash, text) {
            Some(number) => number,
            None => self.new_number(unmet, |values, number| {
                let at = values.own.len() as u32;
                values.own.push(text.clone());
                values.insert_text(Text { hash, number, source: OWN, at });
            }),
        }
    }

    #[inline]
    fn stored_text(&mut self, text: &str, column: &Arc<Column>, at: u32, unmet: Unmet) -> u32 {
        let hash = hash_of(text);
        match self.find_text(hash, text) {
            Some(number) => number,
            None => self.new_number(unmet, |values, number| {
                if !values.sources.last().is_some_and(|last| Arc::ptr_eq(last, column)) {
                    values.sources.push(column.clone());
                }
                let source = values.sources.len() as u32 - 1;
                values.insert_text(Text { hash, number, source, at });
            }),
        }
    }

    fn find_text(&self, hash: u64, text: &str) -> Option<u32> {
        let found = self.texts.find(hash, |met| met.hash == hash && self.text(met) == text);
        found.map(|met| met.number)
    }

    fn insert_text(&mut self, text: Text) {
        self.texts.insert_unique(text.hash, text, |text| text.hash);
    }

    /// A text that was met.
    fn text(&self, met: &Text) -> &str {
        let at = met.at as usize;
        if met.source == OWN {
            return self.own.get(at).map_or("", |text| text);
        }
        match self.sources.get(met.source as usize).map(Arc::as_ref) {
            Some(Column::String(StringColumn::Text(text))) => text.get(at),
            Some(Column::String(StringColumn::Dictionary(d))) => d.entries.get(at),
            _ => "",
        }
    }

    fn new_number(&mut self, unmet: Unmet, keep: impl FnOnce(&mut Self, u32)) -> u32 {
        if unmet == Unmet::Nowhere {
            return NOWHERE;
        }
        let number = self.len;
        self.len += 1;
        keep(self, number);
        number
    }
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The cells of a vector, and the way from one to its number.
struct Cells<'a> {
    rows: Option<&'a [u32]>,
    form: Form<'a>,
}

enum Form<'a> {
    /// The number of each entry, once known.
    Entries {
        codes: &'a Codes,
        column: &'a Arc<Column>,
        known: Vec<Option<u32>>,
    },
    Text(&'a Arc<Column>),
    Numbers(u8, &'a PrimitiveColumn<i64>),
    Any(&'a Vector),
}

impl<'a> Cells<'a> {
    fn of(vector: &'a Vector) -> Self {
        let (column, rows) = match vector {
            Vector::Column(column) => (column, None),
            Vector::Picked(column, rows) => (column, Some(&rows[..])),
            Vector::Constant(_) | Vector::Spread(..) => return Self { rows: None, form: Form::Any(vector) },
        };
        let form = match &**column {
            Column::String(StringColumn::Dictionary(d)) => {
                Form::Entries { codes: &d.codes, column, known: vec![None; d.entries.len()] }
            }
            Column::String(StringColumn::Text(_)) => Form::Text(column),
            Column::Long(c) => Form::Numbers(WHOLE, c),
            Column::DateTime(c) => Form::Numbers(INSTANT, c),
            Column::TimeSpan(c) => Form::Numbers(DURATION, c),
            _ => return Self { rows: None, form: Form::Any(vector) },
        };
        Self { rows, form }
    }

    #[inline]
    fn number(&mut self, values: &mut Values, row: usize, unmet: Unmet) -> u32 {
        let at = match self.rows {
            Some(rows) => rows[row] as usize,
            None => row,
        };
        match &mut self.form {
            Form::Entries { codes, column, known } => {
                let code = codes.get(at);
                match known.get(code) {
                    Some(Some(number)) => *number,
                    known_or_not => {
                        let is_entry = known_or_not.is_some();
                        let text = if let Column::String(StringColumn::Dictionary(d)) = &***column {
                            d.entries.get(code)
                        } else {
                            ""
                        };
                        let number = values.stored_text(text, column, code as u32, unmet);
                        if is_entry {
                            known[code] = Some(number);
                        }
                        number
                    }
                }
            }
            Form::Text(column) => {
                let Column::String(strings) = &***column else { return NOWHERE };
                values.stored_text(strings.get(at), column, at as u32, unmet)
            }
            Form::Numbers(kind, column) => match column.get(at) {
                Some(n) => values.number(*kind, n, unmet),
                None => values.null(unmet),
            },
            Form::Any(vector) => values.value(&vector.value(row), unmet),
        }
    }
}

/// The different combinations of the values of several columns.
struct Tuples {
    width: usize,
    /// The combinations one after the other.
    met: Vec<u32>,
    by_hash: HashTable<u32>,
    len: u32,
}

impl Tuples {
    fn new(width: usize) -> Self {
        Self { width, met: Vec::new(), by_hash: HashTable::new(), len: 0 }
    }

    fn numbers(&mut self, columns: &[Vec<u32>], rows: usize, unmet: Unmet) -> Vec<u32> {
        let mut tuple = vec![0; self.width];
        (0..rows)
            .map(|row| {
                tuple.iter_mut().zip(columns).for_each(|(part, column)| *part = column[row]);
                if tuple.contains(&NOWHERE) { NOWHERE } else { self.number(&tuple, unmet) }
            })
            .collect()
    }

    fn number(&mut self, tuple: &[u32], unmet: Unmet) -> u32 {
        let (width, met) = (self.width, &self.met);
        let of = |number: u32| &met[number as usize * width..][..width];
        let hash = hash_of_tuple(tuple);
        if let Some(number) = self.by_hash.find(hash, |number| of(*number) == tuple) {
            return *number;
        }
        if unmet == Unmet::Nowhere {
            return NOWHERE;
        }
        let number = self.len;
        self.len += 1;
        self.by_hash.insert_unique(hash, number, |number| hash_of_tuple(of(*number)));
        self.met.extend_from_slice(tuple);
        number
    }
}

fn hash_of_tuple(tuple: &[u32]) -> u64 {
    let mut hasher = FxHasher::default();
    tuple.iter().for_each(|part| hasher.write_u32(*part));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::{ColumnBuilder, ColumnType, DateTime, Dynamic, TimeSpan};
    use proptest::prelude::*;

    /// A column of cells of one type, in one of the forms that a vector has.
    fn vector(form: usize, ty: ColumnType, cells: &[Value]) -> Vector {
        let column = |cells: &[Value]| {
            let mut builder = ColumnBuilder::new(ty);
            cells.iter().for_each(|value| builder.push(value));
            Arc::new(builder.finish())
        };
        let len = cells.len() as u32;
        let reversed: Vec<Value> = cells.iter().rev().cloned().collect();
        match form {
            0 => Vector::Column(column(cells)),
            1 => Vector::Picked(column(&reversed), (0..len).rev().collect()),
            2 => Vector::Constant(cells.first().cloned().unwrap_or_default()),
            _ => {
                let parts =
                    [Vector::Column(column(cells)), Vector::Picked(column(&reversed), (0..len).rev().collect())];
                let places = (0..len).map(|row| match row % 7 {
                    6 => (Vector::MISSING, 0),
                    odd => (odd % 2, row),
                });
                Vector::Spread(parts.into(), places.collect())
            }
        }
    }

    fn cell(ty: ColumnType, n: i64) -> Value {
        match (ty, n) {
            (ColumnType::String, n) => Value::string(["", "a", "A", "é", "a long text that is hashed"][n as usize % 5]),
            (_, 0) => Value::Null,
            (ColumnType::Long, n) => Value::Long(n - 2),
            (ColumnType::Int, n) => Value::Int(n as i32 - 2),
            (ColumnType::Real, n) => Value::Real([0.0, -0.0, 1.0, 1.5, f64::NAN][n as usize % 5]),
            (ColumnType::Bool, n) => Value::Bool(n % 2 == 0),
            (ColumnType::DateTime, n) => DateTime::from_ticks(n).map_or(Value::Null, Value::DateTime),
            (ColumnType::TimeSpan, n) => Value::TimeSpan(TimeSpan::from_ticks(n)),
            (_, n) => {
                let texts = ["1", "1.0", "\"a\"", "[1]", "{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}"];
                Value::dynamic(Dynamic::from_json(texts[n as usize % 6]).unwrap())
            }
        }
    }

    const TYPES: [ColumnType; 8] = [
        ColumnType::String,
        ColumnType::Long,
        ColumnType::Int,
        ColumnType::Real,
        ColumnType::Bool,
        ColumnType::DateTime,
        ColumnType::TimeSpan,
        ColumnType::Dynamic,
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn numbers_are_those_of_the_encoded_keys(
            columns in proptest::collection::vec(0usize..TYPES.len(), 0..4),
            batches in proptest::collection::vec((proptest::collection::vec(0i64..7, 0..40), 0usize..4, 0usize..7), 1..5),
            nulls in prop_oneof![Just(Nulls::Group), Just(Nulls::Nowhere)],
        ) {
            let mut numbering = Numbering::new(columns.len(), nulls);
            let mut plain: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
            for (index, (seeds, form, shift)) in batches.iter().enumerate() {
                let vectors: Vec<Vector> = columns.iter().enumerate().map(|(column, ty)| {
                    let cells: Vec<Value> = seeds.iter().map(|n| cell(TYPES[*ty], (n + (column * shift) as i64) % 7)).collect();
                    vector(*form, TYPES[*ty], &cells)
                }).collect();
                let is_known_only = index + 1 == batches.len();
                let numbers = if is_known_only {
                    numbering.find(&vectors, seeds.len())
                } else {
                    numbering.add(&vectors, seeds.len())
                };
                for (row, number) in numbers.iter().enumerate() {
                    let mut key = Vec::new();
                    let mut has_null = false;
                    for vector in &vectors {
                        let value = vector.value(row);
                        has_null |= value.is_null();
                        encode_value(&value, &mut key);
                    }
                    let next = plain.len() as u32;
                    let expected = if has_null && nulls == Nulls::Nowhere {
                        NOWHERE
                    } else if is_known_only && !columns.is_empty() {
                        plain.get(&key).copied().unwrap_or(NOWHERE)
                    } else {
                        *plain.entry(key).or_insert(next)
                    };
                    prop_assert_eq!(*number, expected, "row {} of {:?}", row, vectors);
                }
            }
            prop_assert_eq!(numbering.len(), if columns.is_empty() { 1 } else { plain.len() });
        }
    }
}
