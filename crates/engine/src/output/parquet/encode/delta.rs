//! Integers as bit-packed differences (DELTA_BINARY_PACKED = 5).

use super::hybrid::put_varint;

/// Values in a block, which has one smallest difference.
const BLOCK: usize = 128;
/// Parts of a block, each with its own width.
const PARTS: usize = 4;
const PART: usize = BLOCK / PARTS;

/// Appends `values`, widened from 32 bits if `narrow`: then differences wrap at 32 bits, as readers of INT32 expect.
pub fn encode(values: &[i64], narrow: bool, out: &mut Vec<u8>) {
    let first = values.first().copied().unwrap_or_default();
    put_varint(BLOCK as u64, out);
    put_varint(PARTS as u64, out);
    put_varint(values.len() as u64, out);
    put_varint(zigzag(first), out);
    let mut before = first;
    let mut block = [0i64; BLOCK];
    for chunk in values.get(1..).unwrap_or_default().chunks(BLOCK) {
        let mut smallest = i64::MAX;
        for (slot, &value) in block.iter_mut().zip(chunk) {
            let difference = value.wrapping_sub(before);
            *slot = if narrow { i64::from(difference as i32) } else { difference };
            smallest = smallest.min(*slot);
            before = value;
        }
        put_varint(zigzag(smallest), out);
        block[..chunk.len()].iter_mut().for_each(|difference| *difference = difference.wrapping_sub(smallest));
        block[chunk.len()..].fill(0);
        let widths = out.len();
        out.extend_from_slice(&[0; PARTS]);
        // Parts behind the last value are left out, and their width is 0.
        for (p, part) in block.chunks_exact(PART).take(chunk.len().div_ceil(PART)).enumerate() {
            let width = 64 - part.iter().fold(0, |all, &value| all | value as u64).leading_zeros();
            out[widths + p] = width as u8;
            pack(part, width, out);
        }
    }
}

fn pack(part: &[i64], width: u32, out: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    if width == 64 {
        part.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
        return;
    }
    // A part is 32 values: its bits end with a whole word of 32.
    let (mut word, mut bits) = (0u64, 0);
    for &value in part {
        let value = value as u64;
        word |= value << bits;
        bits += width;
        if bits >= 64 {
            out.extend_from_slice(&word.to_le_bytes());
            bits -= 64;
            word = if bits == 0 { 0 } else { value >> (width - bits) };
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..bits as usize / 8]);
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }

    fn unzigzag(value: u64) -> i64 {
        (value >> 1) as i64 ^ -((value & 1) as i64)
    }

    /// A reader after the format's text, as plain as can be.
    fn decode(mut bytes: &[u8], narrow: bool) -> Vec<i64> {
        let (block, parts, count) = (varint(&mut bytes) as usize, varint(&mut bytes) as usize, varint(&mut bytes) as usize);
        let mut value = unzigzag(varint(&mut bytes));
        let mut values = vec![value];
        while values.len() < count {
            let smallest = unzigzag(varint(&mut bytes));
            let widths = bytes[..parts].to_vec();
            bytes = &bytes[parts..];
            for width in widths {
                if values.len() >= count {
                    assert_eq!(width, 0);
                    break;
                }
                let (part, width) = (block / parts, usize::from(width));
                for i in 0..part {
                    let bit = |b: usize| u64::from(bytes[b / 8] >> (b % 8) & 1);
                    let difference: u64 = (0..width).map(|b| bit(i * width + b) << b).fold(0, |a, b| a | b);
                    value = value.wrapping_add(smallest).wrapping_add(difference as i64);
                    if narrow {
                        value = i64::from(value as i32);
                    }
                    if values.len() < count {
                        values.push(value);
                    }
                }
                bytes = &bytes[part * width / 8..];
            }
        }
        assert!(bytes.is_empty());
        values.truncate(count);
        values
    }

    proptest! {
        #[test]
        fn long_integers_decode(values in prop::collection::vec(prop_oneof![any::<i64>(), -5..5i64, Just(i64::MIN), Just(i64::MAX)], 0..400)) {
            let mut out = Vec::new();
            encode(&values, false, &mut out);
            prop_assert_eq!(decode(&out, false), values);
        }

        #[test]
        fn integers_decode(values in prop::collection::vec(prop_oneof![any::<i32>(), -5..5i32, Just(i32::MIN), Just(i32::MAX)], 0..400)) {
            let values: Vec<_> = values.into_iter().map(i64::from).collect();
            let mut out = Vec::new();
            encode(&values, true, &mut out);
            prop_assert_eq!(decode(&out, true), values);
        }

        #[test]
        fn rising_integers_take_few_bits(start in any::<i32>(), n in 1000..2000usize) {
            let values: Vec<_> = (0..n as i64).map(|i| i64::from(start) + i).collect();
            let mut out = Vec::new();
            encode(&values, false, &mut out);
            prop_assert!(out.len() < 120, "{}", out.len());
        }
    }
}
