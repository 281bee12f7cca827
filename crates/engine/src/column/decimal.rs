//! Exact decimals of a fixed precision and scale.

use super::digits::{self, POWERS};
use super::number::{MAX_DIGITS, Number, Reading, power};

/// A decimal type: how its texts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DecimalReader {
    scale: u32,
    /// One more than the largest unscaled value.
    bound: i128,
    reading: Reading,
}

impl DecimalReader {
    pub fn new(precision: u8, scale: u8, reading: Reading) -> Self {
        let bound = power(u32::from(precision).min(MAX_DIGITS)).map_or(i128::MAX, |bound| bound as i128);
        Self { scale: u32::from(scale), bound, reading }
    }

    /// The unscaled value of a text, if precision and scale hold all its digits. Zeros at the end of a fraction do not count.
    #[inline]
    pub fn read(&self, text: &[u8]) -> Option<i128> {
        let value = match self.plain(text) {
            Some(value) => value,
            None => Number::read(text, self.reading)?.scaled(self.scale)?,
        };
        (value.abs() < self.bound).then_some(value)
    }

    /// Up to 18 digits with no more after the point than the scale.
    #[inline]
    fn plain(&self, text: &[u8]) -> Option<i128> {
        let (negative, unsigned) = match text.first()? {
            b'-' => (true, &text[1..]),
            _ => (false, text),
        };
        let point = unsigned.iter().position(|&byte| byte == b'.');
        let (whole, fraction) = match point {
            Some(point) => (&unsigned[..point], &unsigned[point + 1..]),
            None => (unsigned, &unsigned[..0]),
        };
        let missing = self.scale.checked_sub(fraction.len() as u32)?;
        if whole.len() + fraction.len() > 18 || whole.is_empty() || whole.len() > 1 && whole[0] == b'0' {
            return None;
        }
        let whole = digits::read(whole)?;
        let digits = match point {
            Some(_) => whole * POWERS[fraction.len()] + digits::read(fraction)?,
            None => whole,
        };
        let value = i128::from(digits).checked_mul(power(missing)? as i128)?;
        Some(if negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, precision: u8, scale: u8) -> Option<i128> {
        DecimalReader::new(precision, scale, Reading::Exact).read(text.as_bytes())
    }

    #[test]
    fn digits_that_the_scale_leaves_no_room_for_do_not_fit() {
        for text in ["1234567890123", "999999999999999999", "123456789012345.678"] {
            assert_eq!(read(text, 38, 30), None, "{text}");
            assert_eq!(read(text, 38, 38), None, "{text}");
        }
        assert_eq!(read("12345678", 38, 30), Some(12_345_678 * 10i128.pow(30)));
    }

    #[test]
    fn precision_and_scale_are_bounds() {
        assert_eq!(read("123.45", 5, 2), Some(12345));
        assert_eq!(read("123.4", 5, 2), Some(12340));
        assert_eq!(read("123", 5, 2), Some(12300));
        assert_eq!(read("123.450", 5, 2), Some(12345));
        assert_eq!(read("1234.5", 5, 2), None);
        assert_eq!(read("123.456", 5, 2), None);
        assert_eq!(read(".5", 5, 2), Some(50));
        assert_eq!(read("1e2", 5, 2), Some(10000));
        assert_eq!(read("99999999999999999999999999999999999999", 38, 0), Some(10_i128.pow(38) - 1));
        assert_eq!(read("999999999999999999999999999999999999999", 38, 0), None);
    }

    #[test]
    fn codes_are_not_decimals() {
        for text in ["007.5", "+1", "1.", "", "-", "."] {
            assert_eq!(read(text, 20, 4), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_value_reads_back(value in -(10_i128.pow(38) - 1)..10_i128.pow(38), scale in 0_u8..=38) {
            let digits = format!("{:0>width$}", value.unsigned_abs(), width = usize::from(scale) + 1);
            let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
            let sign = if value < 0 { "-" } else { "" };
            let point = if scale > 0 { "." } else { "" };
            prop_assert_eq!(read(&format!("{sign}{whole}{point}{fraction}"), 38, scale), Some(value));
        }

        #[test]
        fn short_numbers_read_like_any_number(text in "-?(0|[1-9][0-9]{0,10})(\\.[0-9]{1,8})?") {
            let slow = Number::read(text.as_bytes(), Reading::Exact).and_then(|n| n.scaled(8));
            prop_assert_eq!(read(&text, 38, 8), slow);
        }
    }
}
