//! The filter with the vectors of x86-64: 32 bytes at once with AVX2, 16 with SSSE3, where the processor has them.

use super::teddy::{Teddy, WIDTH, block};
use core::arch::x86_64::{
    __m128i, __m256i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
    _mm_setzero_si128, _mm_shuffle_epi8, _mm_srli_epi16, _mm_storeu_si128, _mm256_and_si256,
    _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_storeu_si256,
};

/// Calls back for the candidates of whole blocks, and gives the place from which on there is none.
#[inline]
pub(super) fn candidates(teddy: &Teddy, text: &[u8], each: &mut impl FnMut(usize, u8) -> usize) -> usize {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2: just asked.
        unsafe { avx2(teddy, text, each) }
    } else if std::arch::is_x86_feature_detected!("ssse3") {
        // SAFETY: the processor has SSSE3: just asked.
        unsafe { ssse3(teddy, text, each, 0) }
    } else {
        0
    }
}

#[target_feature(enable = "avx2")]
fn avx2(teddy: &Teddy, text: &[u8], each: &mut impl FnMut(usize, u8) -> usize) -> usize {
    const LEN: usize = 32;
    let table = |table: &[u8; 16]| {
        // SAFETY: the 16 bytes of the load are those of the table; it needs no alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast::<__m128i>()) })
    };
    let (low, high) = (teddy.low.each_ref().map(table), teddy.high.each_ref().map(table));
    let (half, zero) = (_mm256_set1_epi8(15), _mm256_setzero_si256());
    let mut at = 0;
    while at + LEN + WIDTH - 1 <= text.len() {
        let mut found = _mm256_set1_epi8(-1);
        let mut beyond = 0;
        for position in 0..WIDTH {
            // SAFETY: `at + position + 32` is at most `at + 32 + WIDTH - 1`, which the loop's condition keeps within
            // the text (`at` is at most its length, so the sum does not wrap); the load needs no alignment.
            let bytes = unsafe { _mm256_loadu_si256(text.as_ptr().add(at + position).cast::<__m256i>()) };
            if position == 0 {
                beyond = _mm256_movemask_epi8(bytes) as u32;
            }
            let lower = _mm256_shuffle_epi8(low[position], _mm256_and_si256(bytes, half));
            let upper = _mm256_shuffle_epi8(high[position], _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half));
            found = _mm256_and_si256(found, _mm256_and_si256(lower, upper));
        }
        let mut candidates = !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, zero)) as u32);
        candidates |= teddy.foreign(text, at, beyond);
        if candidates == 0 {
            at += LEN;
            continue;
        }
        let mut buckets = [0u8; LEN];
        // SAFETY: the 32 bytes of the store are those of the array; it needs no alignment.
        unsafe { _mm256_storeu_si256(buckets.as_mut_ptr().cast::<__m256i>(), found) };
        at = block(at, candidates, &buckets, each).min(text.len());
    }
    ssse3(teddy, text, each, at)
}

#[target_feature(enable = "ssse3")]
fn ssse3(teddy: &Teddy, text: &[u8], each: &mut impl FnMut(usize, u8) -> usize, from: usize) -> usize {
    const LEN: usize = 16;
    let table = |table: &[u8; 16]| {
        // SAFETY: the 16 bytes of the load are those of the table; it needs no alignment.
        unsafe { _mm_loadu_si128(table.as_ptr().cast::<__m128i>()) }
    };
    let (low, high) = (teddy.low.each_ref().map(table), teddy.high.each_ref().map(table));
    let (half, zero) = (_mm_set1_epi8(15), _mm_setzero_si128());
    let mut at = from;
    while at + LEN + WIDTH - 1 <= text.len() {
        let mut found = _mm_set1_epi8(-1);
        let mut beyond = 0;
        for position in 0..WIDTH {
            // SAFETY: `at + position + 16` is at most `at + 16 + WIDTH - 1`, which the loop's condition keeps within
            // the text (`at` is at most its length, so the sum does not wrap); the load needs no alignment.
            let bytes = unsafe { _mm_loadu_si128(text.as_ptr().add(at + position).cast::<__m128i>()) };
            if position == 0 {
                beyond = _mm_movemask_epi8(bytes) as u32;
            }
            let lower = _mm_shuffle_epi8(low[position], _mm_and_si128(bytes, half));
            let upper = _mm_shuffle_epi8(high[position], _mm_and_si128(_mm_srli_epi16::<4>(bytes), half));
            found = _mm_and_si128(found, _mm_and_si128(lower, upper));
        }
        let mut candidates = !(_mm_movemask_epi8(_mm_cmpeq_epi8(found, zero)) as u32) & 0xFFFF;
        candidates |= teddy.foreign(text, at, beyond);
        if candidates == 0 {
            at += LEN;
            continue;
        }
        let mut buckets = [0u8; LEN];
        // SAFETY: the 16 bytes of the store are those of the array; it needs no alignment.
        unsafe { _mm_storeu_si128(buckets.as_mut_ptr().cast::<__m128i>(), found) };
        at = block(at, candidates, &buckets, each).min(text.len());
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::Fingerprint;
    use super::super::teddy::Foreign;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn sixteen_bytes_at_once_find_what_thirty_two_do(text in "[abcABC.gh é]{0,200}", fingerprint in "[abc.gh]{3}") {
            if !std::arch::is_x86_feature_detected!("ssse3") {
                return Ok(());
            }
            let mut teddy = Teddy::new(Foreign::All);
            let bytes = fingerprint.as_bytes();
            teddy.add(Fingerprint([0, 1, 2].map(|i| bytes.get(i).copied())), 3, true);
            let (mut narrow, mut wide) = (Vec::new(), Vec::new());
            let mut keep = |at: usize, buckets: u8| { narrow.push((at, buckets)); at + 1 };
            // SAFETY: the processor has SSSE3: just asked.
            let from = unsafe { ssse3(&teddy, text.as_bytes(), &mut keep, 0) };
            teddy.byte_by_byte(text.as_bytes(), from, &mut keep);
            teddy.candidates(text.as_bytes(), &mut |at, buckets| { wide.push((at, buckets)); at + 1 });
            prop_assert_eq!(narrow, wide);
        }
    }
}
