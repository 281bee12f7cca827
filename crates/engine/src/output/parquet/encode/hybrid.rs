//! The run-length and bit-packing hybrid of levels and dictionary indices
//! (<https://parquet.apache.org/docs/file-format/data-pages/encodings/>, RLE = 3).

/// Equal values in a row from which a run is shorter than packed bits, whatever the width.
const RUN: usize = 16;
/// Values are packed in groups of eight.
const GROUP: usize = 8;

/// Appends `values`, each below `2^width`; a width of 0 (all are 0) takes one run.
pub fn encode(values: &[u32], width: u32, out: &mut Vec<u8>) {
    let (mut packed_from, mut at) = (0, 0);
    while at < values.len() {
        let value = values[at];
        let run = values[at..].iter().take_while(|&&next| next == value).count();
        if run < RUN {
            at += run;
            continue;
        }
        // Packed groups are whole: the run lends what they lack.
        let lent = (GROUP - (at - packed_from) % GROUP) % GROUP;
        pack(&values[packed_from..at + lent], width, out);
        put_run(value, run - lent, width, out);
        at += run;
        packed_from = at;
    }
    pack(&values[packed_from..], width, out);
}

/// Appends one run of a value.
pub fn put_run(value: u32, count: usize, width: u32, out: &mut Vec<u8>) {
    put_varint((count as u64) << 1, out);
    out.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// Appends packed groups; the last is filled up with zeros.
fn pack(values: &[u32], width: u32, out: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    let groups = values.len().div_ceil(GROUP);
    put_varint((groups as u64) << 1 | 1, out);
    let end = out.len() + groups * width as usize;
    out.reserve(groups * width as usize + 8);
    let (mut word, mut bits) = (0u64, 0);
    for &value in values {
        word |= u64::from(value) << bits;
        bits += width;
        if bits >= 32 {
            out.extend_from_slice(&(word as u32).to_le_bytes());
            word >>= 32;
            bits -= 32;
        }
    }
    out.extend_from_slice(&word.to_le_bytes());
    out.resize(end, 0);
}

/// Appends bits that are packed already, the first in the lowest bit, as one packed run of width 1.
pub fn put_bits(bits: &[u8], out: &mut Vec<u8>) {
    put_varint((bits.len() as u64) << 1 | 1, out);
    out.extend_from_slice(bits);
}

/// Appends a number in LEB128.
pub fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bits that hold every index below `count`.
pub fn width_of(count: usize) -> u32 {
    usize::BITS - count.saturating_sub(1).leading_zeros()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A reader after the format's text, as plain as can be.
    fn decode(mut bytes: &[u8], width: u32, count: usize) -> Vec<u32> {
        let mut values = Vec::new();
        while values.len() < count {
            let (mut header, mut shift) = (0u64, 0);
            loop {
                let byte = bytes[0];
                bytes = &bytes[1..];
                header |= u64::from(byte & 0x7F) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            if header & 1 == 0 {
                let len = width.div_ceil(8) as usize;
                let mut word = [0; 4];
                word[..len].copy_from_slice(&bytes[..len]);
                bytes = &bytes[len..];
                values.extend(std::iter::repeat_n(u32::from_le_bytes(word), (header >> 1) as usize));
            } else {
                let len = (header >> 1) as usize * width as usize;
                let bit = |i: usize| u32::from(bytes[i / 8] >> (i % 8) & 1);
                for i in 0..(header >> 1) as usize * 8 {
                    values.push((0..width as usize).map(|b| bit(i * width as usize + b) << b).sum());
                }
                bytes = &bytes[len..];
            }
        }
        assert!(bytes.is_empty());
        values.truncate(count);
        values
    }

    fn runs() -> impl Strategy<Value = (u32, Vec<u32>)> {
        (0..=32u32).prop_flat_map(|width| {
            let top = if width == 32 { u32::MAX } else { (1 << width) - 1 };
            let run = (0..=top, prop_oneof![Just(1usize), 1..5usize, 14..40usize]);
            let runs = prop::collection::vec(run, 0..60);
            (Just(width), runs.prop_map(|runs| runs.into_iter().flat_map(|(value, n)| std::iter::repeat_n(value, n)).collect()))
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes((width, values) in runs()) {
            let mut out = Vec::new();
            encode(&values, width, &mut out);
            prop_assert_eq!(decode(&out, width, values.len()), values);
        }
    }

    #[test]
    fn widths_hold_the_last_index() {
        assert_eq!([0, 1, 2, 3, 4, 5, 256, 257].map(width_of), [0, 0, 1, 2, 2, 3, 8, 9]);
    }
}
