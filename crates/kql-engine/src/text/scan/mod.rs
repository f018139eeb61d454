//! Finding places where a literal may stand, at the speed of memory, in a cell or in all cells of a column at once.
//!
//! The filter is what Hyperscan calls *Teddy*: each literal is known by three of its bytes in a row, its
//! *fingerprint*; for each of the three, two small tables say by a byte's halves which fingerprints it can belong to.
//! A vector instruction looks up sixteen or thirty-two bytes at once. What comes out are *candidates*, never too few
//! and now and then too many; each is then compared with the literals of its bucket.
//!
//! Case: both cases of an ASCII letter are in the tables. A text that is not ASCII can hold an occurrence of other
//! bytes (the Kelvin sign is a `k`), so where case does not matter such characters are candidates too, and their cell
//! is searched in the plain way.

mod fingerprint;
mod teddy;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

use fingerprint::{Fingerprint, rarest};
use teddy::{Foreign, Teddy};

/// More fingerprints than this make too many candidates: an automaton is faster then.
const MAX_FINGERPRINTS: usize = 24;
/// The number of buckets: bits of a byte.
const BUCKETS: usize = 8;

/// Literals prepared for finding candidates.
#[derive(Clone)]
pub(super) struct Scanner {
    teddy: Teddy,
    buckets: [Vec<Entry>; BUCKETS],
    case_sensitive: bool,
}

/// A literal in a bucket.
#[derive(Clone)]
struct Entry {
    /// Whose literal it is, as the caller numbers them.
    literal: usize,
    /// The bytes; in lower case where case does not matter.
    bytes: Box<[u8]>,
    /// Where in them the fingerprint stands.
    offset: usize,
}

impl Scanner {
    /// Prepares literals, each with its number; where case does not matter they are folded. `None` when there are
    /// too many different ones, or an empty one.
    ///
    /// Where case does not matter, a literal that is not ASCII is in no bucket: it can only stand in a cell with a
    /// byte beyond ASCII, and every such byte is then a candidate by itself.
    pub(super) fn new<'a>(literals: impl Iterator<Item = (usize, &'a str)>, case_sensitive: bool) -> Option<Self> {
        let mut entries: Vec<(Fingerprint, Entry)> = Vec::new();
        let mut foreign = if case_sensitive { Foreign::None } else { Foreign::FoldedToAscii };
        for (literal, text) in literals {
            if !case_sensitive && !text.is_ascii() {
                foreign = Foreign::All;
                continue;
            }
            let (offset, fingerprint) = rarest(text.as_bytes())?;
            entries.push((fingerprint, Entry { literal, bytes: text.as_bytes().into(), offset }));
        }
        let mut fingerprints: Vec<Fingerprint> = entries.iter().map(|(fingerprint, _)| *fingerprint).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        if fingerprints.len() > MAX_FINGERPRINTS {
            return None;
        }
        // Neighbours in order share halves of bytes, so that a bucket of several lets fewer others through.
        let bucket = |fingerprint: &Fingerprint| {
            fingerprints.iter().position(|f| f == fingerprint).unwrap_or(0) * BUCKETS / fingerprints.len()
        };
        let mut buckets: [Vec<Entry>; BUCKETS] = Default::default();
        let mut teddy = Teddy::new(foreign);
        for fingerprint in &fingerprints {
            teddy.add(*fingerprint, bucket(fingerprint), !case_sensitive);
        }
        // The shortest first: it is the most likely one.
        entries.sort_by_key(|(_, entry)| entry.bytes.len());
        for (fingerprint, entry) in entries {
            buckets[bucket(&fingerprint)].push(entry);
        }
        Some(Self { teddy, buckets, case_sensitive })
    }

    /// Calls back for each candidate of a text, in order: its place, and the buckets that it may belong to (a bit
    /// each). Where case does not matter, a place beyond ASCII asks for its cell to be searched in the plain way. The
    /// answer is the place to go on at.
    pub(super) fn candidates(&self, text: &str, each: &mut impl FnMut(usize, u8) -> usize) {
        self.teddy.candidates(text.as_bytes(), each);
    }

    /// Whether the case of letters matters.
    #[inline]
    pub(super) fn case_sensitive(&self) -> bool {
        self.case_sensitive
    }

    /// The literals that stand at a candidate of a cell, each by its number and where it begins and ends, until one
    /// of them is taken; whether one was.
    #[inline]
    pub(super) fn confirm(
        &self,
        cell: &str,
        at: usize,
        buckets: u8,
        mut take: impl FnMut(usize, std::ops::Range<usize>) -> bool,
    ) -> bool {
        let mut left = buckets;
        while left != 0 {
            let bucket = left.trailing_zeros() as usize;
            left &= left - 1;
            for entry in &self.buckets[bucket] {
                let Some(start) = at.checked_sub(entry.offset) else { continue };
                let end = start + entry.bytes.len();
                let Some(found) = cell.as_bytes().get(start..end) else { continue };
                let same =
                    if self.case_sensitive { *found == *entry.bytes } else { found.eq_ignore_ascii_case(&entry.bytes) };
                if same && take(entry.literal, start..end) {
                    return true;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every place of every literal, found by looking everywhere.
    fn everywhere(text: &str, literals: &[String], case_sensitive: bool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for start in 0..text.len() {
            for (number, literal) in literals.iter().enumerate() {
                let there = text.as_bytes().get(start..start + literal.len());
                let same = there.is_some_and(|there| {
                    if case_sensitive {
                        there == literal.as_bytes()
                    } else {
                        there.eq_ignore_ascii_case(literal.as_bytes())
                    }
                });
                if same {
                    found.push((start, number));
                }
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn every_occurrence_is_among_the_candidates(
            text in "[aAbBkK.ghitub é\u{212A}]{0,150}",
            literals in proptest::collection::vec("[abk.ghitub]{1,5}", 1..12),
            case_sensitive in any::<bool>(),
        ) {
            let numbered = literals.iter().enumerate().map(|(number, literal)| (number, literal.as_str()));
            let scanner = Scanner::new(numbered, case_sensitive).unwrap();
            let mut found = Vec::new();
            let mut last = None;
            let mut beyond = 0;
            scanner.candidates(&text, &mut |at, buckets| {
                assert!(last < Some(at) && at < text.len(), "in order, each once");
                last = Some(at);
                beyond += usize::from(!text.as_bytes()[at].is_ascii());
                scanner.confirm(&text, at, buckets, |literal, place| {
                    found.push((place.start, literal));
                    false
                });
                at + 1
            });
            found.sort_unstable();
            prop_assert_eq!(found, everywhere(&text, &literals, case_sensitive));
            let folded = text.chars().filter(|c| *c == '\u{212A}').count();
            prop_assert_eq!(beyond, if case_sensitive { 0 } else { folded });
        }

        #[test]
        fn the_search_goes_on_where_it_is_told_to(text in "[ab]{0,120}", steps in proptest::collection::vec(1usize..70, 1..50)) {
            let scanner = Scanner::new([(0, "ab")].into_iter(), true).unwrap();
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            let mut step = steps.iter().cycle();
            scanner.candidates(&text, &mut |at, _| {
                found.push(at);
                at + step.next().unwrap()
            });
            let (mut at, mut step) = (0, steps.iter().cycle());
            while let Some(next) = text.get(at..).and_then(|rest| rest.find("ab")) {
                expected.push(at + next);
                at += next + step.next().unwrap();
            }
            // A fingerprint of two bytes has no third table to keep others out, but it is exact for two letters.
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn many_different_literals_are_left_to_an_automaton() {
        let words: Vec<String> =
            (0..100u32).map(|i| format!("{}{}", char::from(b'a' + (i % 26) as u8), i * 7919)).collect();
        assert!(Scanner::new(words.iter().map(|w| (0, w.as_str())), false).is_none());
        assert!(Scanner::new([(0, "")].into_iter(), false).is_none());
    }
}
