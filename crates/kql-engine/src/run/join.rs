//! `join`, `lookup`, `ipv4_lookup` and `ipv6_lookup`: rows of two sides that belong together.
//!
//! Source: Kusto documentation, `join-operator` and the pages of its kinds. **Our choices**: a null key equals
//! nothing; rows come in the order of the left side, for each in the order of the right, unmatched right rows last;
//! `innerunique` keeps the first left row of each key.

use super::{Relation, Run, RunError, STRETCH};
use crate::columnar::numbering::{NOWHERE, Nulls, Numbering};
use crate::columnar::{Chunk, Origins, RowOrigin, Vector};
use crate::ip::Network;
use crate::keys::encode_value;
use crate::memory::{self, Held};
use crate::plan::{AddressLookup, Join, JoinColumn, JoinKind, PlanColumn};
use crate::scalar::convert;
use event_table::{MAX_BATCH_ROWS, Value};
use std::rc::Rc;
use std::sync::Arc;

/// A row of a relation: its chunk, and its place in it.
type Place = (u32, u32);

/// Rows that a join may make, against keys that match almost everything.
const MAX_JOINED_ROWS: usize = 20_000_000;

/// Rows of both sides that belong together, by position. A side without a row has [`Pairs::no_left`] or
/// [`Pairs::no_right`] there.
struct Pairs {
    left: Vec<Place>,
    right: Vec<Place>,
    no_left: Place,
    no_right: Place,
    held: Held,
}

impl Pairs {
    /// No pair yet. The place of a row that is not there is one chunk past the last one.
    fn of(left: &Relation, right: &Relation) -> Self {
        let past = |relation: &Relation| (relation.chunks().len() as u32, 0);
        let held = Held::default();
        Self { left: Vec::new(), right: Vec::new(), no_left: past(left), no_right: past(right), held }
    }

    /// Counts what the pairs take.
    fn hold(&mut self) {
        self.held.grow_to((self.left.capacity() + self.right.capacity()) * size_of::<Place>());
    }

    fn push(&mut self, left: Place, right: Place) {
        self.left.push(left);
        self.right.push(right);
    }

    fn push_left(&mut self, left: Place) {
        self.push(left, self.no_right);
    }

    fn push_right(&mut self, right: Place) {
        self.push(self.no_left, right);
    }
}

/// The rows of a relation by the number of their keys, each number's rows in their order.
struct ByKey {
    numbering: Numbering,
    /// Where the rows of each number begin in `rows`, and where those of the last one end.
    starts: Vec<usize>,
    rows: Vec<Place>,
}

impl ByKey {
    fn new(relation: &Relation, keys: &[usize]) -> Self {
        let mut numbering = Numbering::new(keys.len(), Nulls::Nowhere);
        let numbers: Vec<Vec<u32>> = relation
            .chunks()
            .iter()
            .map(|chunk| numbering.add(keys.iter().map(|key| &chunk.columns[*key]), chunk.len))
            .collect();
        let mut starts = vec![0; numbering.len() + 1];
        let known = || numbers.iter().flatten().filter(|number| **number != NOWHERE);
        known().for_each(|number| starts[*number as usize + 1] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut free = starts.clone();
        let mut rows = vec![(0, 0); sum];
        for (chunk, numbers) in numbers.iter().enumerate() {
            for (row, number) in numbers.iter().enumerate().filter(|(_, number)| **number != NOWHERE) {
                let at = &mut free[*number as usize];
                rows[*at] = (chunk as u32, row as u32);
                *at += 1;
            }
        }
        Self { numbering, starts, rows }
    }

    /// The rows of a number.
    fn rows(&self, number: u32) -> &[Place] {
        match self.starts.get(number as usize..).unwrap_or_default() {
            [start, end, ..] => &self.rows[*start..*end],
            _ => &[],
        }
    }

    /// All rows, those without keys too, in their order, with whether their number is one of the given.
    fn places<'a>(&self, relation: &'a Relation, numbers: &[bool]) -> impl Iterator<Item = (Place, bool)> + use<'a> {
        let mut is_among: Vec<Vec<bool>> = relation.chunks().iter().map(|chunk| vec![false; chunk.len]).collect();
        for (number, _) in numbers.iter().enumerate().filter(|(_, wanted)| **wanted) {
            for (chunk, row) in self.rows(number as u32) {
                is_among[*chunk as usize][*row as usize] = true;
            }
        }
        let rows = is_among.into_iter().enumerate();
        rows.flat_map(|(chunk, rows)| {
            rows.into_iter().enumerate().map(move |(row, among)| ((chunk as u32, row as u32), among))
        })
    }
}

impl Run<'_> {
    pub(super) async fn join(&mut self, join: &Join, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let left = self.node(join.left).await?;
        let right = self.node(join.right).await?;
        let (left_keys, right_keys): (Vec<usize>, Vec<usize>) = join.keys.iter().copied().unzip();
        let mut by_key = ByKey::new(&right, &right_keys);
        let mut held = Held::default();
        held.grow_to(by_key.numbering.heap_bytes() + right.len() * size_of::<Place>() * 2);
        self.checkpoint(0).await?;
        // Which keys of the right side some row of the left one has.
        let mut met = vec![false; by_key.numbering.len()];
        let mut pairs = Pairs::of(&left, &right);
        let mut asked = 0;
        for (index, chunk) in left.chunks().iter().enumerate() {
            let numbers = by_key.numbering.find(left_keys.iter().map(|key| &chunk.columns[*key]), chunk.len);
            for (row, number) in numbers.into_iter().enumerate() {
                let place = (index as u32, row as u32);
                let found = by_key.rows(number);
                let was_met = met.get_mut(number as usize).is_some_and(|met| std::mem::replace(met, true));
                match join.kind {
                    JoinKind::LeftSemi if !found.is_empty() => pairs.push_left(place),
                    JoinKind::LeftAnti if found.is_empty() => pairs.push_left(place),
                    JoinKind::LeftSemi | JoinKind::LeftAnti | JoinKind::RightSemi | JoinKind::RightAnti => {}
                    JoinKind::InnerUnique if was_met => {}
                    JoinKind::LeftOuter | JoinKind::FullOuter if found.is_empty() => pairs.push_left(place),
                    _ => {
                        for some in found.chunks(STRETCH) {
                            some.iter().for_each(|right| pairs.push(place, *right));
                            if pairs.left.len() > MAX_JOINED_ROWS {
                                let message = format!("This join gives more than {MAX_JOINED_ROWS} rows.");
                                return Err(RunError::TooLarge(message));
                            }
                            if pairs.left.len() >= asked + STRETCH {
                                asked = pairs.left.len();
                                pairs.hold();
                                self.checkpoint(0).await?;
                            }
                        }
                    }
                }
            }
            self.checkpoint(0).await?;
        }
        match join.kind {
            JoinKind::RightOuter | JoinKind::FullOuter | JoinKind::RightAnti => {
                let unmatched = by_key.places(&right, &met).filter(|(_, met)| !met);
                unmatched.for_each(|(place, _)| pairs.push_right(place));
            }
            JoinKind::RightSemi => {
                let matched = by_key.places(&right, &met).filter(|(_, met)| *met);
                matched.for_each(|(place, _)| pairs.push_right(place));
            }
            _ => {}
        }
        pairs.hold();
        self.checkpoint(0).await?;
        Ok(combine(&left, &right, &pairs, &join.columns, columns))
    }

    pub(super) async fn address_lookup(
        &mut self,
        lookup: &AddressLookup,
        columns: &[PlanColumn],
    ) -> Result<Vec<Chunk>, RunError> {
        let left = self.node(lookup.left).await?;
        let right = self.node(lookup.right).await?;
        let (left_keys, right_keys): (Vec<usize>, Vec<usize>) = lookup.keys.iter().copied().unzip();
        let mut ranges: Vec<(Network, Option<Vec<u8>>, Place)> = Vec::new();
        for_each_key(&right, &right_keys, |place, key| {
            let text = right.chunks()[place.0 as usize].columns[lookup.range].value(place.1 as usize);
            if let Some(range) = lookup.family.parse(&convert::to_text(&text)) {
                ranges.push((range, key.map(<[u8]>::to_vec), place));
            }
        });
        let mut pairs = Pairs::of(&left, &right);
        let (mut key, mut compared) = (Vec::new(), 0);
        for (index, chunk) in left.chunks().iter().enumerate() {
            for row in 0..chunk.len {
                let place = (index as u32, row as u32);
                let key = key_of(chunk, row, &left_keys, &mut key);
                let text = chunk.columns[lookup.address].value(row);
                let before = pairs.left.len();
                if let Some(address) = lookup.family.parse(&convert::to_text(&text)) {
                    for (range, other, right) in &ranges {
                        if range.holds(address) && other.as_deref() == key {
                            pairs.push(place, *right);
                        }
                    }
                }
                if pairs.left.len() == before && lookup.keep_unmatched {
                    pairs.push_left(place);
                }
                compared += ranges.len() + 1;
                if compared >= STRETCH {
                    compared = 0;
                    if pairs.left.len() > MAX_JOINED_ROWS {
                        let message = format!("`{}` gives more than {MAX_JOINED_ROWS} rows.", lookup.family.lookup());
                        return Err(RunError::TooLarge(message));
                    }
                    pairs.hold();
                    self.checkpoint(0).await?;
                }
            }
        }
        Ok(combine(&left, &right, &pairs, &lookup.columns, columns))
    }
}

/// Calls back for each row with the bytes of its keys, `None` when one of them is null.
fn for_each_key(relation: &Rc<Relation>, keys: &[usize], mut each: impl FnMut(Place, Option<&[u8]>)) {
    let mut key = Vec::new();
    for (index, chunk) in relation.chunks().iter().enumerate() {
        for row in 0..chunk.len {
            each((index as u32, row as u32), key_of(chunk, row, keys, &mut key));
        }
    }
}

/// The bytes of a row's keys, `None` when one of them is null.
fn key_of<'k>(chunk: &Chunk, row: usize, keys: &[usize], key: &'k mut Vec<u8>) -> Option<&'k [u8]> {
    key.clear();
    let mut whole = true;
    for column in keys {
        let value = chunk.columns[*column].value(row);
        whole &= !value.is_null();
        encode_value(&value, key);
    }
    whole.then_some(&key[..])
}

/// Rows of both sides side by side, in chunks no longer than a batch; where a side has no row its cells are missing. No
/// cell is copied.
fn combine(
    left: &Relation,
    right: &Relation,
    pairs: &Pairs,
    from: &[JoinColumn],
    columns: &[PlanColumn],
) -> Vec<Chunk> {
    let parts = from.iter().zip(columns).map(|(from, column)| {
        let (side, index) = match from {
            JoinColumn::Left(index) => (left, *index),
            JoinColumn::Right(index) => (right, *index),
        };
        let stored = side.chunks().iter().map(|chunk| chunk.columns[index].clone());
        // One part more than the side has chunks: a cell without a value.
        stored.chain([Vector::Constant(Value::missing(column.ty))]).collect::<Arc<[Vector]>>()
    });
    let parts: Vec<Arc<[Vector]>> = parts.collect();
    let batches = pairs.left.chunks(MAX_BATCH_ROWS).zip(pairs.right.chunks(MAX_BATCH_ROWS));
    let chunk = |(lefts, rights): (&[Place], &[Place])| {
        memory::take(size_of_val(lefts) + size_of_val(rights));
        // A row that is still one row of the left side keeps its place in the log.
        let one_sided = lefts.iter().zip(rights).all(|(l, r)| *l != pairs.no_left && *r == pairs.no_right);
        let (left_places, right_places): (Arc<[Place]>, Arc<[Place]>) = (lefts.into(), rights.into());
        let vectors = from.iter().zip(&parts).map(|(from, parts)| {
            let places = if matches!(from, JoinColumn::Left(_)) { &left_places } else { &right_places };
            Vector::Spread(parts.clone(), places.clone())
        });
        let columns = vectors.collect();
        let origins = if one_sided {
            memory::take(lefts.len() * size_of::<Option<RowOrigin>>());
            let origin =
                |(chunk, row): &Place| left.chunks().get(*chunk as usize).and_then(|c| c.origins.get(*row as usize));
            Origins::Each(left_places.iter().map(origin).collect())
        } else {
            Origins::None
        };
        Chunk { len: lefts.len(), columns, origins }
    };
    batches.map(chunk).collect()
}
