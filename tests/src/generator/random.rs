//! Random numbers that are the same everywhere and always: SplitMix64.

/// A sequence of numbers that its seed determines. Not for secrets.
pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to just under `n`, which must not be 0. Its slight bias does not matter here.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// True once in `n` times.
    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Appends `digits` hexadecimal digits, at most 16.
    pub(super) fn hex(&mut self, out: &mut String, digits: usize) {
        let bits = self.next();
        out.extend((0..digits.min(16)).map(|i| char::from(b"0123456789abcdef"[(bits >> (4 * i)) as usize & 15])));
    }
}
