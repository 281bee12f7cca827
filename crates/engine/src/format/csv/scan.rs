//! Finds the bytes that mean something to a tokeniser, 64 at a time.
//!
//! On wasm32 and x86-64 with 16-byte SIMD compares (both always there: `simd128` is switched on for the build, SSE2 is
//! part of x86-64), elsewhere byte by byte.

/// The bytes looked for. Fewer than five: repeat one.
pub type Needles = [u8; 5];

/// Walks over the positions of the needles in a text, in order.
pub struct Scan<'a> {
    text: &'a [u8],
    needles: Needles,
    /// Start of the block that `mask` speaks of.
    base: usize,
    /// Needles in the block not yet walked over, one bit a byte.
    mask: u64,
}

const BLOCK: usize = 64;

impl<'a> Scan<'a> {
    /// A walk over `text` from its first byte.
    pub fn new(text: &'a [u8], needles: Needles) -> Self {
        let mut scan = Self { text, needles, base: 0, mask: 0 };
        scan.mask = scan.block_mask();
        scan
    }

    /// Goes on at `position`: what lies before it is not found any more. Never goes back.
    #[inline]
    pub fn skip_to(&mut self, position: usize) {
        if position >= self.base + BLOCK {
            self.base = position / BLOCK * BLOCK;
            self.mask = self.block_mask();
        }
        if position > self.base {
            self.mask &= u64::MAX << (position - self.base);
        }
    }

    fn block_mask(&self) -> u64 {
        match self.text.get(self.base..) {
            Some(rest) if rest.len() >= BLOCK => block_mask(rest, self.needles),
            Some(rest) if !rest.is_empty() => {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                block_mask(&block, self.needles) & (u64::MAX >> (BLOCK - rest.len()))
            }
            _ => 0,
        }
    }
}

impl Iterator for Scan<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            if self.base + BLOCK >= self.text.len() {
                return None;
            }
            self.base += BLOCK;
            self.mask = self.block_mask();
        }
        let position = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(position)
    }
}

/// One bit for each of the first 64 bytes of `block` that is a needle.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn block_mask(block: &[u8], needles: Needles) -> u64 {
    use core::arch::wasm32::{i8x16_bitmask, i8x16_splat, u8x16_eq, v128, v128_load, v128_or};
    let splat = needles.map(|needle| i8x16_splat(needle as i8));
    let mut mask = 0;
    for (k, part) in block[..BLOCK].chunks_exact(16).enumerate() {
        // SAFETY: `part` is 16 readable bytes; the load has no alignment demand.
        let bytes = unsafe { v128_load(part.as_ptr().cast::<v128>()) };
        let hit = v128_or(
            v128_or(
                v128_or(u8x16_eq(bytes, splat[0]), u8x16_eq(bytes, splat[1])),
                v128_or(u8x16_eq(bytes, splat[2]), u8x16_eq(bytes, splat[3])),
            ),
            u8x16_eq(bytes, splat[4]),
        );
        mask |= u64::from(i8x16_bitmask(hit)) << (16 * k);
    }
    mask
}

/// One bit for each of the first 64 bytes of `block` that is a needle.
#[cfg(target_arch = "x86_64")]
#[inline]
fn block_mask(block: &[u8], needles: Needles) -> u64 {
    use core::arch::x86_64::{__m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8};
    let mut mask = 0;
    // SAFETY: SSE2 is part of every x86-64; each `part` is 16 readable bytes and the load has no alignment demand.
    unsafe {
        let splat = needles.map(|needle| _mm_set1_epi8(needle as i8));
        for (k, part) in block[..BLOCK].chunks_exact(16).enumerate() {
            let bytes = _mm_loadu_si128(part.as_ptr().cast::<__m128i>());
            let hit = splat[1..].iter().fold(_mm_cmpeq_epi8(bytes, splat[0]), |hit, &s| _mm_or_si128(hit, _mm_cmpeq_epi8(bytes, s)));
            mask |= (_mm_movemask_epi8(hit) as u32 as u64) << (16 * k);
        }
    }
    mask
}

/// One bit for each of the first 64 bytes of `block` that is a needle.
#[cfg(not(any(all(target_arch = "wasm32", target_feature = "simd128"), target_arch = "x86_64")))]
fn block_mask(block: &[u8], needles: Needles) -> u64 {
    block[..BLOCK].iter().enumerate().filter(|(_, byte)| needles.contains(byte)).fold(0, |mask, (k, _)| mask | 1 << k)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &[u8], needles: Needles) -> Vec<usize> {
        text.iter().enumerate().filter(|(_, b)| needles.contains(b)).map(|(i, _)| i).collect()
    }

    #[test]
    fn finds_what_a_plain_loop_finds() {
        let needles = *b",\"\n\r\\";
        for len in [0, 1, 15, 16, 63, 64, 65, 127, 128, 129, 1000] {
            let text: Vec<u8> = (0..len).map(|i: usize| b"ab,c\"d\n\r\\efg"[(i * i + i / 3) % 12]).collect();
            assert_eq!(Scan::new(&text, needles).collect::<Vec<_>>(), plain(&text, needles), "{len} bytes");
        }
    }

    #[test]
    fn nothing_before_a_skip_is_found() {
        let text = [b','; 300];
        for to in [0, 1, 63, 64, 65, 200, 299, 300, 400] {
            let mut scan = Scan::new(&text, [b','; 5]);
            scan.next();
            scan.skip_to(to);
            assert_eq!(scan.collect::<Vec<_>>(), (to.max(1)..300).collect::<Vec<_>>(), "skip to {to}");
        }
    }
}
