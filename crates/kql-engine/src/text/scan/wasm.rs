//! The filter with wasm's 128-bit vectors. The build uses them everywhere (`.cargo/config.toml`).

use super::teddy::{Teddy, WIDTH, block};

/// Without vectors no block is looked at.
#[cfg(not(target_feature = "simd128"))]
pub(super) fn candidates(_: &Teddy, _: &[u8], _: &mut impl FnMut(usize, u8) -> usize) -> usize {
    0
}

/// Calls back for the candidates of whole blocks, and gives the place from which on there is none.
#[cfg(target_feature = "simd128")]
pub(super) fn candidates(teddy: &Teddy, text: &[u8], each: &mut impl FnMut(usize, u8) -> usize) -> usize {
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_eq, i8x16_splat, u8x16_shr, u8x16_swizzle, v128, v128_and, v128_load, v128_store,
    };
    const LEN: usize = 16;
    let table = |table: &[u8; 16]| {
        // SAFETY: the 16 bytes of the load are those of the table; it needs no alignment.
        unsafe { v128_load(table.as_ptr().cast::<v128>()) }
    };
    let (low, high) = (teddy.low.each_ref().map(table), teddy.high.each_ref().map(table));
    let (half, zero) = (i8x16_splat(15), i8x16_splat(0));
    let mut at = 0;
    while at + LEN + WIDTH - 1 <= text.len() {
        let mut found = i8x16_splat(-1);
        let mut beyond = 0;
        for position in 0..WIDTH {
            // SAFETY: `at + position + 16` is at most `at + 16 + WIDTH - 1`, which the loop's condition keeps within
            // the text (`at` is at most its length, so the sum does not wrap); the load needs no alignment.
            let bytes = unsafe { v128_load(text.as_ptr().add(at + position).cast::<v128>()) };
            if position == 0 {
                beyond = u32::from(i8x16_bitmask(bytes));
            }
            let lower = u8x16_swizzle(low[position], v128_and(bytes, half));
            let upper = u8x16_swizzle(high[position], u8x16_shr(bytes, 4));
            found = v128_and(found, v128_and(lower, upper));
        }
        let mut candidates = u32::from(!i8x16_bitmask(i8x16_eq(found, zero)));
        candidates |= teddy.foreign(text, at, beyond);
        if candidates == 0 {
            at += LEN;
            continue;
        }
        let mut buckets = [0u8; LEN];
        // SAFETY: the 16 bytes of the store are those of the array; it needs no alignment.
        unsafe { v128_store(buckets.as_mut_ptr().cast::<v128>(), found) };
        at = block(at, candidates, &buckets, each).min(text.len());
    }
    at
}
