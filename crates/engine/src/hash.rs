//! The hash under sketches and dictionaries: the same on every machine, quick on short values, and without 128-bit
//! products, which wasm would have to emulate.

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hash of a whole number: the finaliser of MurmurHash3 (Appleby), which spreads each bit over all.
#[inline]
pub fn integer(value: u64) -> u64 {
    let value = (value ^ (value >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    let value = (value ^ (value >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    value ^ (value >> 33)
}

/// Hash of a decimal.
#[inline]
pub fn wide(value: i128) -> u64 {
    integer(step(step(0, value as u64), (value >> 64) as u64))
}

/// Hash of the bytes `from..to` of a buffer: words of eight, by turns in two lanes that a processor works on at once; then
/// their number. The buffer is read beyond them where it goes on.
#[inline]
pub fn part(buffer: &[u8], from: usize, to: usize) -> u64 {
    let (mut even, mut odd, mut at) = (0, 0, from);
    while to - at > 8 {
        even = step(even, word(buffer, at, at + 8));
        std::mem::swap(&mut even, &mut odd);
        at += 8;
    }
    even = step(even, word(buffer, at, to));
    integer(step(even.rotate_left(23), odd) ^ (to - from) as u64)
}

/// Up to eight bytes of a buffer as a little-endian word; zeros where there are fewer.
#[inline]
pub fn word(buffer: &[u8], from: usize, to: usize) -> u64 {
    let len = (to - from).min(8);
    match buffer.get(from..).and_then(|rest| rest.first_chunk::<8>()) {
        Some(eight) if len > 0 => u64::from_le_bytes(*eight) & (u64::MAX >> (64 - 8 * len)),
        Some(_) => 0,
        None => buffer[from..from + len].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

#[inline]
fn step(hash: u64, word: u64) -> u64 {
    let mixed = (hash ^ word).wrapping_mul(MULTIPLIER);
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn bytes(text: &[u8]) -> u64 {
        part(text, 0, text.len())
    }

    #[test]
    fn short_texts_do_not_collide() {
        let mut seen = HashSet::new();
        let mut texts = 0;
        for length in 0..40usize {
            for fill in [0u8, 1, b'a', 255] {
                for at in 0..length.max(1) {
                    for byte in [0, 2, b'b', 128] {
                        let mut text = vec![fill; length];
                        if let Some(place) = text.get_mut(at) {
                            *place = byte;
                        }
                        texts += usize::from(seen.insert(text));
                    }
                }
            }
        }
        let hashes: HashSet<u64> = seen.iter().map(|text| bytes(text)).collect();
        assert_eq!(hashes.len(), texts);
    }

    #[test]
    fn words_that_change_places_change_the_hash() {
        let text = b"aaaaaaaabbbbbbbbccccccccdddddddd";
        let swapped = b"ccccccccbbbbbbbbaaaaaaaadddddddd";
        let lanes = b"bbbbbbbbaaaaaaaaddddddddcccccccc";
        assert_eq!(HashSet::from([bytes(text), bytes(swapped), bytes(lanes)]).len(), 3);
    }

    #[test]
    fn a_text_has_one_hash_wherever_it_stands() {
        let text: Vec<u8> = (0..50).collect();
        for len in 0..=text.len() {
            for from in 0..=text.len() - len {
                let alone: Box<[u8]> = text[from..from + len].into();
                assert_eq!(part(&text, from, from + len), bytes(&alone), "{from} {len}");
            }
        }
    }

    #[test]
    fn hashes_stay_as_they_are() {
        assert_eq!(integer(1), 0xB456_BCFC_34C2_CB2C);
        assert_ne!(wide(1), wide(1 << 64));
        assert_ne!(wide(-1), wide(u64::MAX.into()));
    }
}
