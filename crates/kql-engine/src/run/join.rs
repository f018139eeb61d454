//! `join`, `lookup` and `ipv4_lookup`: rows of two sides that belong together.
//!
//! Source: Kusto documentation, `join-operator` and the pages of its kinds. **Our choices**: a null key equals
//! nothing; rows come in the order of the left side, for each in the order of the right, unmatched right rows last;
//! `innerunique` keeps the first left row of each key.

use super::{Relation, Run, RunError};
use crate::columnar::{Chunk, Origins, Vector};
use crate::keys::encode_value;
use crate::plan::{Ipv4Lookup, Join, JoinColumn, JoinKind, PlanColumn};
use crate::scalar::convert;
use event_table::Value;
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;
use std::sync::Arc;

/// A row of a relation: its chunk, and its place in it.
type Place = (u32, u32);

/// A row of each side that belong together.
type Pair = (Option<Place>, Option<Place>);

/// Rows that a join may make, against keys that match almost everything.
const MAX_JOINED_ROWS: usize = 20_000_000;

impl Run<'_> {
    pub(super) async fn join(&mut self, join: &Join, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let left = self.node(join.left).await?;
        let right = self.node(join.right).await?;
        let (left_keys, right_keys): (Vec<usize>, Vec<usize>) = join.keys.iter().copied().unzip();
        let mut by_key: FxHashMap<Vec<u8>, Vec<Place>> = FxHashMap::default();
        for_each_key(&right, &right_keys, |place, key| {
            if let Some(key) = key {
                by_key.entry(key.to_vec()).or_default().push(place);
            }
            true
        });
        self.checkpoint(0).await?;
        let mut matched_right: FxHashSet<Place> = FxHashSet::default();
        let mut seen_left: FxHashSet<Vec<u8>> = FxHashSet::default();
        let mut pairs: Vec<Pair> = Vec::new();
        let mut too_large = false;
        for_each_key(&left, &left_keys, |place, key| {
            let found = key.and_then(|key| by_key.get(key)).map_or(&[][..], Vec::as_slice);
            match join.kind {
                JoinKind::LeftSemi if !found.is_empty() => pairs.push((Some(place), None)),
                JoinKind::LeftAnti if found.is_empty() => pairs.push((Some(place), None)),
                JoinKind::LeftSemi | JoinKind::LeftAnti => {}
                JoinKind::RightSemi | JoinKind::RightAnti => matched_right.extend(found),
                JoinKind::InnerUnique if key.is_some_and(|key| !seen_left.insert(key.to_vec())) => {}
                JoinKind::LeftOuter | JoinKind::FullOuter if found.is_empty() => pairs.push((Some(place), None)),
                _ => {
                    pairs.extend(found.iter().map(|right| (Some(place), Some(*right))));
                    if matches!(join.kind, JoinKind::RightOuter | JoinKind::FullOuter) {
                        matched_right.extend(found);
                    }
                }
            }
            too_large |= pairs.len() > MAX_JOINED_ROWS;
            !too_large
        });
        if too_large {
            return Err(RunError::TooLarge(format!("This join gives more than {MAX_JOINED_ROWS} rows.")));
        }
        let right_places = || {
            let chunks = right.chunks().iter().enumerate();
            chunks.flat_map(|(chunk, c)| (0..c.len as u32).map(move |row| (chunk as u32, row)))
        };
        match join.kind {
            JoinKind::RightOuter | JoinKind::FullOuter | JoinKind::RightAnti => {
                let unmatched = right_places().filter(|place| !matched_right.contains(place));
                pairs.extend(unmatched.map(|place| (None, Some(place))));
            }
            JoinKind::RightSemi => {
                let matched = right_places().filter(|place| matched_right.contains(place));
                pairs.extend(matched.map(|place| (None, Some(place))));
            }
            _ => {}
        }
        self.checkpoint(0).await?;
        Ok(vec![combine(&left, &right, &pairs, &join.columns, columns)])
    }

    pub(super) async fn ipv4_lookup(
        &mut self,
        lookup: &Ipv4Lookup,
        columns: &[PlanColumn],
    ) -> Result<Vec<Chunk>, RunError> {
        let left = self.node(lookup.left).await?;
        let right = self.node(lookup.right).await?;
        let (left_keys, right_keys): (Vec<usize>, Vec<usize>) = lookup.keys.iter().copied().unzip();
        let mut ranges: Vec<(u32, u32, Option<Vec<u8>>, Place)> = Vec::new();
        for_each_key(&right, &right_keys, |place, key| {
            let text = right.chunks()[place.0 as usize].columns[lookup.range].value(place.1 as usize);
            if let Some((network, mask)) = crate::ipv4::parse_range(&convert::to_text(&text)) {
                ranges.push((network, mask, key.map(<[u8]>::to_vec), place));
            }
            true
        });
        let mut pairs: Vec<Pair> = Vec::new();
        for_each_key(&left, &left_keys, |place, key| {
            let text = left.chunks()[place.0 as usize].columns[lookup.address].value(place.1 as usize);
            let before = pairs.len();
            if let Some((address, _)) = crate::ipv4::parse_range(&convert::to_text(&text)) {
                for (network, mask, other, right) in &ranges {
                    if address & mask == *network && other.as_deref() == key {
                        pairs.push((Some(place), Some(*right)));
                    }
                }
            }
            if pairs.len() == before && lookup.keep_unmatched {
                pairs.push((Some(place), None));
            }
            true
        });
        Ok(vec![combine(&left, &right, &pairs, &lookup.columns, columns)])
    }
}

/// Calls back for each row with the bytes of its keys, `None` when one of them is null, until told to stop.
fn for_each_key(relation: &Rc<Relation>, keys: &[usize], mut each: impl FnMut(Place, Option<&[u8]>) -> bool) {
    let mut key = Vec::new();
    for (index, chunk) in relation.chunks().iter().enumerate() {
        for row in 0..chunk.len {
            key.clear();
            let mut whole = true;
            for column in keys {
                let value = chunk.columns[*column].value(row);
                whole &= !value.is_null();
                encode_value(&value, &mut key);
            }
            if !each((index as u32, row as u32), whole.then_some(&key[..])) {
                return;
            }
        }
    }
}

/// Rows of both sides side by side; where a side has no row its cells are missing. No cell is copied.
fn combine(left: &Relation, right: &Relation, pairs: &[Pair], from: &[JoinColumn], columns: &[PlanColumn]) -> Chunk {
    let places = |side: &Relation, of: fn(&Pair) -> Option<Place>| -> Arc<[Place]> {
        let missing = (side.chunks().len() as u32, 0);
        pairs.iter().map(|pair| of(pair).unwrap_or(missing)).collect()
    };
    let (left_places, right_places) = (places(left, |p| p.0), places(right, |p| p.1));
    let vectors = from.iter().zip(columns).map(|(from, column)| {
        let (side, index, places) = match from {
            JoinColumn::Left(index) => (left, *index, &left_places),
            JoinColumn::Right(index) => (right, *index, &right_places),
        };
        let stored = side.chunks().iter().map(|chunk| chunk.columns[index].clone());
        // One part more than the side has chunks: a cell without a value.
        let parts: Vec<Vector> = stored.chain([Vector::Constant(Value::missing(column.ty))]).collect();
        Vector::Spread(parts.into(), places.clone())
    });
    let columns = vectors.collect();
    // A row that is still one row of the left side keeps its place in the log.
    let one_sided = pairs.iter().all(|(left, right)| left.is_some() && right.is_none());
    let origins = if one_sided && !pairs.is_empty() {
        let origin =
            |(chunk, row): &Place| left.chunks().get(*chunk as usize).and_then(|c| c.origins.get(*row as usize));
        Origins::Each(left_places.iter().map(origin).collect())
    } else {
        Origins::None
    };
    Chunk { len: pairs.len(), columns, origins }
}
