//! Decimal digits, eight at a time in one register.

const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);
/// Powers of ten that a u64 holds.
pub(super) const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut i = 1;
    while i < 20 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// The value of 1 to 19 digits, if the bytes are nothing else.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Option<u64> {
    match bytes.len() {
        1..=8 => eight(padded(bytes)),
        9..=16 => {
            let (head, tail) = bytes.split_at(bytes.len() - 8);
            Some(eight(padded(head))? * 100_000_000 + eight(padded(tail))?)
        }
        17..=19 => {
            let (head, tail) = bytes.split_at(bytes.len() - 16);
            Some(read(head)? * 10_000_000_000_000_000 + read(tail)?)
        }
        _ => None,
    }
}

/// 1 to 8 bytes at the high end of a register, `0` digits before them.
#[inline]
fn padded(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let text = if let Some(&all) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(all);
    } else if let (Some(&first), Some(&last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        u64::from(u32::from_le_bytes(last)) << 32 | u64::from(u32::from_le_bytes(first)) << (8 * (8 - length))
    } else {
        let at = |i: usize| u64::from(bytes[i]) << (8 * (8 - length + i));
        at(0) | at(length / 2) | at(length - 1)
    };
    text | ZEROS >> (8 * length)
}

/// The value of eight ASCII digits, the first in the lowest byte.
#[inline]
fn eight(text: u64) -> Option<u64> {
    let digits = text ^ ZEROS;
    if (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10) + (digits >> 8);
    let high = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let low = (pairs >> 16 & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    Some(high.wrapping_add(low) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_read_as_std_reads_them(text in "[0-9]{1,19}") {
            prop_assert_eq!(read(text.as_bytes()), text.parse().ok());
        }

        #[test]
        fn anything_but_digits_is_refused(text in "[0-9]{0,18}", at in any::<prop::sample::Index>(), odd in any::<u8>()) {
            prop_assume!(!odd.is_ascii_digit());
            let mut bytes = text.into_bytes();
            bytes.insert(at.index(bytes.len() + 1), odd);
            prop_assert_eq!(read(&bytes), None);
        }
    }

    #[test]
    fn no_digits_and_too_many_are_refused() {
        assert_eq!(read(b""), None);
        assert_eq!(read(b"12345678901234567890"), None);
    }
}
