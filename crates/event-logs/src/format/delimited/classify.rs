//! Finds the quotes, delimiters and line ends in 64 bytes at once.
//!
//! Each of the answers is a word with one bit a byte, the first byte lowest. Processors with 128-bit vectors compare
//! sixteen bytes in one instruction; elsewhere eight bytes are compared in a word.

/// What the bytes of a block are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Classes {
    /// `"`
    pub(crate) quotes: u64,
    /// The delimiter.
    pub(crate) delimiters: u64,
    /// Line feed and carriage return.
    pub(crate) line_ends: u64,
    /// Whether any byte is NUL or no ASCII.
    pub(crate) unusual: bool,
}

/// The bytes that are looked at together.
pub(crate) const BLOCK: usize = 64;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd128::classify;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub(crate) use sse2::classify;
#[cfg(not(any(
    all(target_arch = "wasm32", target_feature = "simd128"),
    all(target_arch = "x86_64", target_feature = "sse2")
)))]
pub(crate) use words::classify;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use super::{BLOCK, Classes};
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_eq, i8x16_lt, i8x16_splat, u8x16_splat, v128, v128_any_true, v128_load, v128_or,
    };

    /// What the bytes of a block are.
    #[inline]
    pub(crate) fn classify(block: &[u8; BLOCK], delimiter: u8) -> Classes {
        let (quote, delimiter) = (u8x16_splat(b'"'), u8x16_splat(delimiter));
        let (feed, carriage, one) = (u8x16_splat(b'\n'), u8x16_splat(b'\r'), i8x16_splat(1));
        let mut classes = Classes::default();
        let mut unusual = u8x16_splat(0);
        for quarter in 0..BLOCK / 16 {
            // SAFETY: `quarter` is at most 3, so the 16 bytes end at most at 64, the block's length; the load needs no
            // alignment.
            let bytes = unsafe { v128_load(block.as_ptr().add(quarter * 16).cast::<v128>()) };
            let bits = |found: v128| u64::from(i8x16_bitmask(found)) << (quarter * 16);
            classes.quotes |= bits(i8x16_eq(bytes, quote));
            classes.delimiters |= bits(i8x16_eq(bytes, delimiter));
            classes.line_ends |= bits(v128_or(i8x16_eq(bytes, feed), i8x16_eq(bytes, carriage)));
            // As signed bytes, those that are no ASCII are negative.
            unusual = v128_or(unusual, i8x16_lt(bytes, one));
        }
        classes.unusual = v128_any_true(unusual);
        classes
    }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use super::{BLOCK, Classes};
    use core::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
        _mm_setzero_si128,
    };

    /// What the bytes of a block are.
    #[inline]
    pub(crate) fn classify(block: &[u8; BLOCK], delimiter: u8) -> Classes {
        // SAFETY: this module is compiled only where SSE2 is a feature of the target.
        unsafe { with_vectors(block, delimiter) }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn with_vectors(block: &[u8; BLOCK], delimiter: u8) -> Classes {
        let (quote, delimiter) = (_mm_set1_epi8(b'"' as i8), _mm_set1_epi8(delimiter as i8));
        let (feed, carriage, one) = (_mm_set1_epi8(b'\n' as i8), _mm_set1_epi8(b'\r' as i8), _mm_set1_epi8(1));
        let mut classes = Classes::default();
        let mut unusual = _mm_setzero_si128();
        for quarter in 0..BLOCK / 16 {
            // SAFETY: `quarter` is at most 3, so the 16 bytes end at most at 64, the block's length; the load needs no
            // alignment.
            let bytes = unsafe { _mm_loadu_si128(block.as_ptr().add(quarter * 16).cast::<__m128i>()) };
            let bits = |found: __m128i| u64::from(_mm_movemask_epi8(found) as u32) << (quarter * 16);
            classes.quotes |= bits(_mm_cmpeq_epi8(bytes, quote));
            classes.delimiters |= bits(_mm_cmpeq_epi8(bytes, delimiter));
            classes.line_ends |= bits(_mm_or_si128(_mm_cmpeq_epi8(bytes, feed), _mm_cmpeq_epi8(bytes, carriage)));
            // As signed bytes, those that are no ASCII are negative.
            unusual = _mm_or_si128(unusual, _mm_cmplt_epi8(bytes, one));
        }
        classes.unusual = _mm_movemask_epi8(unusual) != 0;
        classes
    }
}

#[cfg_attr(
    any(all(target_arch = "wasm32", target_feature = "simd128"), all(target_arch = "x86_64", target_feature = "sse2")),
    allow(dead_code, reason = "the tests hold the vector forms against it")
)]
mod words {
    use super::{BLOCK, Classes};

    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// The high bit of every byte of a word that is zero.
    #[inline]
    fn zeroes(word: u64) -> u64 {
        // Exact, without carries between bytes: adding 0x7F to seven bits sets the high bit unless they are zero.
        !(((word & !HIGH).wrapping_add(!HIGH)) | word | !HIGH)
    }

    /// One bit for each byte whose high bit is set.
    #[inline]
    fn gather(high_bits: u64) -> u64 {
        // The multiplication moves the eight bits, 8 apart, side by side into the top byte.
        (high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }

    /// What the bytes of a block are.
    #[inline]
    pub(crate) fn classify(block: &[u8; BLOCK], delimiter: u8) -> Classes {
        let mut classes = Classes::default();
        let mut unusual = 0;
        for (i, eight) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*eight);
            let equal = |byte: u8| zeroes(word ^ (LOW * u64::from(byte)));
            let bits = |found: u64| gather(found) << (i * 8);
            classes.quotes |= bits(equal(b'"'));
            classes.delimiters |= bits(equal(delimiter));
            classes.line_ends |= bits(equal(b'\n') | equal(b'\r'));
            unusual |= (word & HIGH) | zeroes(word);
        }
        classes.unusual = unusual != 0;
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn byte_by_byte(block: &[u8; BLOCK], delimiter: u8) -> Classes {
        let bits = |is: &dyn Fn(u8) -> bool| {
            block.iter().enumerate().filter(|(_, b)| is(**b)).fold(0, |word, (i, _)| word | 1u64 << i)
        };
        Classes {
            quotes: bits(&|b| b == b'"'),
            delimiters: bits(&|b| b == delimiter),
            line_ends: bits(&|b| b == b'\n' || b == b'\r'),
            unusual: block.iter().any(|b| *b == 0 || !b.is_ascii()),
        }
    }

    proptest! {
        #[test]
        fn every_way_to_classify_agrees_with_looking_at_each_byte(
            block in proptest::array::uniform32(prop_oneof![
                Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(0u8), Just(b'!'), Just(b'#'), Just(b'-'), any::<u8>()
            ]),
            other in any::<[u8; 32]>(),
            delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t')],
        ) {
            let mut whole = [0; BLOCK];
            whole[..32].copy_from_slice(&block);
            whole[32..].copy_from_slice(&other);
            let expected = byte_by_byte(&whole, delimiter);
            prop_assert_eq!(classify(&whole, delimiter), expected);
            prop_assert_eq!(words::classify(&whole, delimiter), expected);
        }
    }
}
