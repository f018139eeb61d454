//! The tables of the filter, and the search byte by byte that the vector forms are held to.

use super::fingerprint::Fingerprint;

/// The most bytes of a fingerprint.
pub(super) const WIDTH: usize = 3;

/// For each byte of a fingerprint and each half of a byte: the buckets, a bit each, that it can belong to.
#[derive(Clone)]
pub(super) struct Teddy {
    /// By the lower four bits.
    pub(super) low: [[u8; 16]; WIDTH],
    /// By the upper four bits.
    pub(super) high: [[u8; 16]; WIDTH],
    /// The buckets with a fingerprint that has no byte at a position: there any byte will do, and none.
    open: [u8; WIDTH],
    foreign: Foreign,
}

/// Which bytes beyond ASCII are candidates by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// None.
    None,
    /// The first ones of the characters that fold to a letter of ASCII.
    FoldedToAscii,
    /// Every one.
    All,
}

/// Those characters: the long s and the Kelvin sign.
const FOLDED_TO_ASCII: [&[u8]; 2] = ["\u{17F}".as_bytes(), "\u{212A}".as_bytes()];

impl Teddy {
    /// No fingerprint yet.
    pub(super) fn new(foreign: Foreign) -> Self {
        Self { low: [[0; 16]; WIDTH], high: [[0; 16]; WIDTH], open: [0; WIDTH], foreign }
    }

    /// Of the bytes beyond ASCII in a block that begins at `at`, a bit each, those that are candidates by themselves.
    #[inline(always)]
    pub(super) fn foreign(&self, text: &[u8], at: usize, beyond: u32) -> u32 {
        match self.foreign {
            _ if beyond == 0 => 0,
            Foreign::None => 0,
            Foreign::All => beyond,
            Foreign::FoldedToAscii => {
                let (mut left, mut found) = (beyond, 0);
                while left != 0 {
                    let lowest = left & left.wrapping_neg();
                    left ^= lowest;
                    if self.is_foreign(text, at + lowest.trailing_zeros() as usize) {
                        found |= lowest;
                    }
                }
                found
            }
        }
    }

    fn is_foreign(&self, text: &[u8], at: usize) -> bool {
        let rest = text.get(at..).unwrap_or_default();
        match self.foreign {
            Foreign::None => false,
            Foreign::FoldedToAscii => FOLDED_TO_ASCII.iter().any(|character| rest.starts_with(character)),
            Foreign::All => rest.first().is_some_and(|byte| !byte.is_ascii()),
        }
    }

    /// Adds a fingerprint to a bucket, in both cases of its letters or as it is.
    pub(super) fn add(&mut self, fingerprint: Fingerprint, bucket: usize, both_cases: bool) {
        let bit = 1u8 << bucket;
        for (position, byte) in fingerprint.0.into_iter().enumerate() {
            let Some(byte) = byte else {
                self.open[position] |= bit;
                self.low[position].iter_mut().chain(&mut self.high[position]).for_each(|buckets| *buckets |= bit);
                continue;
            };
            let cases = if both_cases { [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] } else { [byte; 2] };
            for byte in cases {
                self.low[position][usize::from(byte & 15)] |= bit;
                self.high[position][usize::from(byte >> 4)] |= bit;
            }
        }
    }

    /// Calls back for each candidate in order; the answer is the place to go on at.
    pub(super) fn candidates(&self, text: &[u8], each: &mut impl FnMut(usize, u8) -> usize) {
        #[cfg(target_arch = "x86_64")]
        let from = super::x86::candidates(self, text, each);
        #[cfg(target_arch = "wasm32")]
        let from = super::wasm::candidates(self, text, each);
        #[cfg(not(any(target_arch = "x86_64", target_arch = "wasm32")))]
        let from = 0;
        self.byte_by_byte(text, from, each);
    }

    /// The candidates from a place on.
    pub(super) fn byte_by_byte(&self, text: &[u8], from: usize, each: &mut impl FnMut(usize, u8) -> usize) {
        let mut at = from;
        while at < text.len() {
            let buckets = self.buckets_at(text, at);
            let candidate = buckets != 0 || self.is_foreign(text, at);
            at = if candidate { each(at, buckets).max(at + 1) } else { at + 1 };
        }
    }

    #[inline]
    fn buckets_at(&self, text: &[u8], at: usize) -> u8 {
        (0..WIDTH).fold(u8::MAX, |buckets, position| {
            buckets
                & text.get(at + position).map_or(self.open[position], |byte| {
                    self.low[position][usize::from(byte & 15)] & self.high[position][usize::from(byte >> 4)]
                })
        })
    }
}

/// Calls back for the candidates of a block that begins at `at`: a bit of `found` for each, with the buckets of every
/// byte. Gives the place to go on at: the block's end, or beyond it where an answer says so.
#[inline(always)]
pub(super) fn block<const LEN: usize>(
    at: usize,
    mut found: u32,
    buckets: &[u8; LEN],
    each: &mut impl FnMut(usize, u8) -> usize,
) -> usize {
    let end = at + LEN;
    while found != 0 {
        let lane = found.trailing_zeros() as usize;
        found &= found - 1;
        let next = each(at + lane, buckets[lane]);
        if next >= end {
            return next;
        }
        if next > at + lane {
            found &= u32::MAX << (next - at);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn vectors_find_the_candidates_that_looking_at_each_byte_finds(
            pieces in proptest::collection::vec(prop_oneof![
                5 => proptest::sample::select(&b"abcABC.gh"[..]).prop_map(|byte| vec![byte]),
                1 => any::<u8>().prop_map(|byte| vec![byte]),
                1 => proptest::sample::select(&FOLDED_TO_ASCII[..]).prop_map(<[u8]>::to_vec),
            ], 0..200),
            fingerprints in proptest::collection::vec((proptest::array::uniform3(proptest::option::weighted(0.9, any::<u8>())), 0usize..8), 1..10),
            known in proptest::collection::vec(proptest::sample::select(&["abc", "gh.", "ab", "a"][..]), 0..4),
            both_cases in any::<bool>(),
            foreign in prop_oneof![Just(Foreign::None), Just(Foreign::FoldedToAscii), Just(Foreign::All)],
            jump in 1usize..40,
        ) {
            let text = pieces.concat();
            let mut teddy = Teddy::new(foreign);
            for (bytes, bucket) in fingerprints {
                teddy.add(Fingerprint(bytes), bucket, both_cases);
            }
            for (bucket, bytes) in known.iter().enumerate() {
                teddy.add(Fingerprint([0, 1, 2].map(|i| bytes.as_bytes().get(i).copied())), bucket, both_cases);
            }
            for step in [1, jump] {
                let (mut fast, mut plain) = (Vec::new(), Vec::new());
                teddy.candidates(&text, &mut |at, buckets| { fast.push((at, buckets)); at + step });
                teddy.byte_by_byte(&text, 0, &mut |at, buckets| { plain.push((at, buckets)); at + step });
                prop_assert_eq!(fast, plain);
            }
        }
    }

    #[test]
    fn two_characters_fold_to_ascii() {
        let fold = crate::text::fold_char;
        let found = (char::MIN..=char::MAX).filter(|c| !c.is_ascii() && fold(*c).is_ascii());
        let bytes: Vec<Vec<u8>> = found.map(|c| c.to_string().into_bytes()).collect();
        assert_eq!(bytes, FOLDED_TO_ASCII);
    }
}
