//! The hash under every sketch: the same on every machine, quick on short values, and without 128-bit products, which wasm
//! would have to emulate.

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hash of a whole number: the finaliser of MurmurHash3 (Appleby), which spreads each bit over all.
#[inline]
pub fn integer(value: u64) -> u64 {
    let value = (value ^ (value >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    let value = (value ^ (value >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    value ^ (value >> 33)
}

/// Hash of a text: its words of eight bytes in turn, then its length.
#[inline]
pub fn bytes(text: &[u8]) -> u64 {
    let mut hash = 0;
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        hash = step(hash, u64::from_le_bytes(*word));
    }
    integer(step(hash, tail(rest)) ^ text.len() as u64)
}

/// Hash of a decimal.
#[inline]
pub fn wide(value: i128) -> u64 {
    integer(step(step(0, value as u64), (value >> 64) as u64))
}

#[inline]
fn step(hash: u64, word: u64) -> u64 {
    let mixed = (hash ^ word).wrapping_mul(MULTIPLIER);
    mixed ^ (mixed >> 32)
}

/// Up to seven bytes as a word.
#[inline]
fn tail(rest: &[u8]) -> u64 {
    match *rest {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => u64::from(u32::from_le_bytes([a, b, c, 0])),
        [a, b, c, d, ref more @ ..] => {
            let last = more.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
            u64::from(u32::from_le_bytes([a, b, c, d])) | last << 32
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn short_texts_do_not_collide() {
        let mut seen = HashSet::new();
        let mut texts = 0;
        for length in 0..20usize {
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
    fn hashes_stay_as_they_are() {
        assert_eq!(bytes(b"colonnade"), bytes(&Vec::from("colonnade")));
        assert_eq!(integer(1), 0xB456_BCFC_34C2_CB2C);
        assert_ne!(wide(1), wide(1 << 64));
        assert_ne!(wide(-1), wide(u64::MAX.into()));
    }
}
