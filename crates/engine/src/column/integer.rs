//! Whole numbers.

use super::digits;
use super::number::{Number, Reading};

/// The 64-bit integer a text is. Exactly: an optional minus and digits without zeros in front, `-0` not among them.
/// Leniently also `+1`, `007`, `5.0`, `1e3`.
#[inline]
pub(super) fn read(text: &[u8], reading: Reading) -> Option<i64> {
    canonical(text).or_else(|| if reading == Reading::Lenient { lenient(text) } else { None })
}

/// The same for narrower integers.
#[inline]
pub(super) fn read_as<T: TryFrom<i64>>(text: &[u8], reading: Reading) -> Option<T> {
    T::try_from(read(text, reading)?).ok()
}

#[inline]
fn canonical(text: &[u8]) -> Option<i64> {
    let (&first, rest) = text.split_first()?;
    let negative = first == b'-';
    let digits = if negative { rest } else { text };
    if *digits.first()? == b'0' {
        return (text.len() == 1).then_some(0);
    }
    let magnitude = digits::read(digits)?;
    match i64::try_from(magnitude) {
        Ok(value) => Some(if negative { -value } else { value }),
        Err(_) => (negative && magnitude == i64::MIN.unsigned_abs()).then_some(i64::MIN),
    }
}

#[cold]
fn lenient(text: &[u8]) -> Option<i64> {
    Number::read(text, Reading::Lenient)?.scaled(0)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_integer_reads_back(value: i64) {
            prop_assert_eq!(read(value.to_string().as_bytes(), Reading::Exact), Some(value));
        }

        #[test]
        fn a_text_that_fits_prints_as_it_stood(text in "-?[0-9]{1,20}") {
            if let Some(value) = read(text.as_bytes(), Reading::Exact) {
                prop_assert_eq!(value.to_string(), text);
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_fit_and_one_beyond_does_not() {
        for (text, value) in [("9223372036854775807", Some(i64::MAX)), ("-9223372036854775808", Some(i64::MIN))] {
            assert_eq!(read(text.as_bytes(), Reading::Exact), value);
        }
        for text in ["9223372036854775808", "-9223372036854775809", "18446744073709551616"] {
            assert_eq!(read(text.as_bytes(), Reading::Lenient), None, "{text}");
        }
    }

    #[test]
    fn codes_are_not_integers_unless_asked_for() {
        for text in ["01", "-0", "+1", "00", " 1", "1.0", "1e3"] {
            assert_eq!(read(text.as_bytes(), Reading::Exact), None, "{text}");
            assert!(read(text.as_bytes(), Reading::Lenient).is_some(), "{text}");
        }
        assert_eq!(read(b"1.5", Reading::Lenient), None);
    }

    #[test]
    fn a_narrow_integer_holds_its_range_only() {
        assert_eq!(read_as::<i8>(b"-128", Reading::Lenient), Some(-128));
        assert_eq!(read_as::<i8>(b"128", Reading::Lenient), None);
    }
}
