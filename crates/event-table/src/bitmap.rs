//! A set of row positions: one bit a row.

/// One bit for each row of a batch; used for selections and for which cells have a value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    /// `len` bits, all of the same value.
    #[must_use]
    pub fn filled(len: usize, bit: bool) -> Self {
        let mut map = Self { words: vec![if bit { u64::MAX } else { 0 }; len.div_ceil(64)], len };
        map.clear_tail();
        map
    }

    /// `len` bits, bit `i` being `f(i)`.
    pub fn from_fn(len: usize, mut f: impl FnMut(usize) -> bool) -> Self {
        let mut words = Vec::with_capacity(len.div_ceil(64));
        let mut row = 0;
        while row < len {
            let n = (len - row).min(64);
            let mut word = 0u64;
            for bit in 0..n {
                word |= u64::from(f(row + bit)) << bit;
            }
            words.push(word);
            row += n;
        }
        Self { words, len }
    }

    /// The number of bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bit of a row; false beyond the end.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        self.words.get(row >> 6).is_some_and(|w| w >> (row & 63) & 1 == 1)
    }

    /// Sets the bit of a row; a row beyond the end is ignored.
    #[inline]
    pub fn set(&mut self, row: usize, bit: bool) {
        if row < self.len {
            let mask = 1u64 << (row & 63);
            if bit {
                self.words[row >> 6] |= mask;
            } else {
                self.words[row >> 6] &= !mask;
            }
        }
    }

    /// Adds a bit at the end.
    #[inline]
    pub fn push(&mut self, bit: bool) {
        if self.len & 63 == 0 {
            self.words.push(0);
        }
        self.words[self.len >> 6] |= u64::from(bit) << (self.len & 63);
        self.len += 1;
    }

    /// The number of set bits.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether every bit is set.
    #[must_use]
    pub fn all(&self) -> bool {
        self.count() == self.len
    }

    /// Whether any bit is set.
    #[must_use]
    pub fn any(&self) -> bool {
        self.words.iter().any(|w| *w != 0)
    }

    /// Keeps the bits that are set in both. Both must have the same length.
    pub fn and(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
    }

    /// Sets the bits that are set in either. Both must have the same length.
    pub fn or(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
    }

    /// Clears the bits that are set in the other. Both must have the same length.
    pub fn and_not(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= !b);
    }

    /// Turns every bit over.
    pub fn negate(&mut self) {
        self.words.iter_mut().for_each(|w| *w = !*w);
        self.clear_tail();
    }

    /// The rows whose bit is set, in order.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(i * 64 + bit)
            })
        })
    }

    /// The 64-bit words that hold the bits, lowest row first; bits past the end are zero.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// A bitmap from words in the form of [`Bitmap::words`]; missing words are zero, bits past `len` are dropped.
    #[must_use]
    pub fn from_words(mut words: Vec<u64>, len: usize) -> Self {
        words.resize(len.div_ceil(64), 0);
        let mut map = Self { words, len };
        map.clear_tail();
        map
    }

    /// Bytes of heap memory held.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.words.capacity() * 8
    }

    fn clear_tail(&mut self) {
        if self.len & 63 != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1u64 << (self.len & 63)) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bitmap_agrees_with_a_vector_of_bools(a in proptest::collection::vec(any::<bool>(), 0..300), seed in any::<u64>()) {
            let b: Vec<bool> = a.iter().enumerate().map(|(i, _)| seed.rotate_left(i as u32) & 1 == 1).collect();
            let (x, y) = (Bitmap::from_fn(a.len(), |i| a[i]), Bitmap::from_fn(b.len(), |i| b[i]));
            prop_assert_eq!(x.count(), a.iter().filter(|v| **v).count());
            prop_assert_eq!(x.ones().collect::<Vec<_>>(), a.iter().enumerate().filter(|(_, v)| **v).map(|(i, _)| i).collect::<Vec<_>>());
            let (mut and, mut or, mut sub, mut not) = (x.clone(), x.clone(), x.clone(), x.clone());
            and.and(&y); or.or(&y); sub.and_not(&y); not.negate();
            for i in 0..a.len() {
                prop_assert_eq!(and.get(i), a[i] && b[i]);
                prop_assert_eq!(or.get(i), a[i] || b[i]);
                prop_assert_eq!(sub.get(i), a[i] && !b[i]);
                prop_assert_eq!(not.get(i), !a[i]);
            }
            let mut pushed = Bitmap::default();
            a.iter().for_each(|v| pushed.push(*v));
            prop_assert_eq!(&pushed, &x);
            prop_assert_eq!(Bitmap::from_words(x.words().to_vec(), a.len()), x);
            prop_assert!(Bitmap::filled(a.len(), true).all());
        }
    }
}
