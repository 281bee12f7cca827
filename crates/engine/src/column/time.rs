//! Times of day.

use super::digits::{self, POWERS};
use super::number::Reading;

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub const DAY: i64 = 86_400 * SECOND;

/// Microseconds since midnight of `HH:mm[:ss[.ffffff]]`.
#[inline]
pub(super) fn read(text: &[u8], reading: Reading) -> Option<i64> {
    match split(text, reading)? {
        (micros, []) => Some(micros),
        _ => None,
    }
}

/// The time at the start of a text, and what follows it.
#[inline]
pub(super) fn split(text: &[u8], reading: Reading) -> Option<(i64, &[u8])> {
    let (&[h1, h2, b':', m1, m2], rest) = text.split_first_chunk::<5>()? else {
        return None;
    };
    let (hour, minute) = (two(h1, h2)?, two(m1, m2)?);
    let (second, rest) = match rest {
        &[b':', s1, s2, ref rest @ ..] => (two(s1, s2)?, rest),
        _ => (0, rest),
    };
    let has_seconds = rest.len() + 5 != text.len();
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] if has_seconds => split_fraction(rest, reading)?,
        _ => (0, rest),
    };
    Some((from_parts(hour, minute, second, fraction)?, rest))
}

/// Microseconds since midnight, if there is such a time. There is no second 60.
#[inline]
pub(super) fn from_parts(hour: u32, minute: u32, second: u32, micros: u32) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60).then(|| i64::from(hour * 3600 + minute * 60 + second) * SECOND + i64::from(micros))
}

/// The microseconds of a fraction's digits, and what follows them.
#[inline]
fn split_fraction(text: &[u8], reading: Reading) -> Option<(u32, &[u8])> {
    let length = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (fraction, rest) = text.split_at(length);
    Some((fraction_micros(fraction, reading)?, rest))
}

/// The microseconds of a fraction's digits. Exactly: if they say nothing finer; leniently digits after the sixth are cut off,
/// as a person asks who chooses the type.
#[inline]
pub(super) fn fraction_micros(fraction: &[u8], reading: Reading) -> Option<u32> {
    let (kept, finer) = fraction.split_at(fraction.len().min(6));
    if reading == Reading::Exact && finer.iter().any(|&digit| digit != b'0') {
        return None;
    }
    Some((digits::read(kept)? * POWERS[6 - kept.len()]) as u32)
}

#[inline]
pub(super) fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_time_reads_back(micros in 0..DAY) {
            let (seconds, fraction) = (micros / SECOND, micros % SECOND);
            let text = format!("{:02}:{:02}:{:02}.{fraction:06}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            prop_assert_eq!(read(text.as_bytes(), Reading::Exact), Some(micros));
        }
    }

    #[test]
    fn seconds_and_fraction_may_be_left_out() {
        assert_eq!(read(b"10:30", Reading::Exact), Some(37_800 * SECOND));
        assert_eq!(read(b"00:00:01.5", Reading::Exact), Some(1_500_000));
        assert_eq!(read(b"00:00:00.123456000", Reading::Exact), Some(123_456));
    }

    #[test]
    fn nanoseconds_are_cut_off_for_a_person_only() {
        assert_eq!(read(b"00:00:00.123456789", Reading::Exact), None);
        assert_eq!(read(b"00:00:00.123456789", Reading::Lenient), Some(123_456));
    }

    #[test]
    fn what_is_no_time_does_not_fit() {
        for text in ["24:00", "10:60", "10:00:60", "1:00", "10:00:0", "10:00.5", "10:00:00.", "10:00:00.1234567", "10:00Z", "10-00", ""] {
            assert_eq!(read(text.as_bytes(), Reading::Exact), None, "{text}");
        }
    }
}
