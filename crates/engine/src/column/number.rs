//! Numbers in decimal notation, exactly as written: what the readers of numeric types share off their fast paths.

use super::digits::POWERS;

/// How strictly a text must be in the form that its type would be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// For inferred types: what the form says beyond the value (`01`, `+1`, blanks) would be lost, so it does not fit.
    Exact,
    /// For types a person chose: any form of a value of the type.
    Lenient,
}

/// `±mantissa × 10^exponent`, the mantissa without zeros at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub negative: bool,
    /// The significant digits, if there are at most 38.
    pub mantissa: Option<u128>,
    pub exponent: i32,
    /// Number of significant digits; 0 for zero.
    pub significant: u32,
}

/// Digits of the widest decimal.
pub(super) const MAX_DIGITS: u32 = 38;

impl Number {
    /// Reads `-12.50`, `.5`, `1e5`; leniently also `+1`, `007`, `5.` and blanks around them.
    pub fn read(text: &[u8], reading: Reading) -> Option<Self> {
        let lenient = reading == Reading::Lenient;
        let text = if lenient { trimmed(text) } else { text };
        let (negative, unsigned) = match text.first()? {
            b'-' => (true, &text[1..]),
            b'+' if lenient => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, rest) = split_digits(unsigned);
        let (fraction, rest) = match rest.split_first() {
            Some((b'.', rest)) => {
                let (fraction, rest) = split_digits(rest);
                if fraction.is_empty() && !lenient {
                    return None;
                }
                (fraction, rest)
            }
            _ => (&rest[..0], rest),
        };
        if whole.len() + fraction.len() == 0 || whole.len() > 1 && whole[0] == b'0' && !lenient {
            return None;
        }
        let shift = exponent(rest)?;

        let is_digit_of_value = |digit: &u8| *digit != b'0';
        let first = whole.iter().chain(fraction).position(is_digit_of_value).unwrap_or_default();
        let last = match fraction.iter().rposition(is_digit_of_value) {
            Some(last) => Some(whole.len() + last),
            None => whole.iter().rposition(is_digit_of_value),
        };
        let significant = last.map_or(0, |last| last + 1 - first);
        Some(Self {
            negative,
            mantissa: mantissa(whole.iter().chain(fraction).skip(first), significant),
            exponent: last.map_or(0, |last| whole.len() as i32 - 1 - last as i32 + shift),
            significant: significant as u32,
        })
    }

    /// Digits before the point.
    pub fn whole_digits(&self) -> u32 {
        (self.significant as i32 + self.exponent).max(0) as u32
    }

    /// Digits after the point, zeros at the end not counted.
    pub fn fraction_digits(&self) -> u32 {
        (-self.exponent).max(0) as u32
    }

    /// The value times `10^scale`, if that is whole and has at most 38 digits.
    pub fn scaled(&self, scale: u32) -> Option<i128> {
        let shift = u32::try_from(self.exponent.checked_add_unsigned(scale)?).ok()?;
        if self.significant == 0 {
            return Some(0);
        }
        if self.significant + shift > MAX_DIGITS {
            return None;
        }
        let value = (self.mantissa? * power(shift)?) as i128;
        Some(if self.negative { -value } else { value })
    }
}

/// A text without ASCII blanks around it.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// `10^n`, for `n` up to 38.
pub(super) fn power(n: u32) -> Option<u128> {
    let n = n as usize;
    match n {
        0..20 => Some(u128::from(POWERS[n])),
        20..39 => Some(u128::from(POWERS[19]) * u128::from(POWERS[n - 19])),
        _ => None,
    }
}

/// The value of the first `count` digits, if a decimal holds so many.
fn mantissa<'a>(mut digits: impl Iterator<Item = &'a u8>, count: usize) -> Option<u128> {
    const CHUNK: usize = POWERS.len() - 1;
    if count > MAX_DIGITS as usize {
        return None;
    }
    let mut value = |count: usize| digits.by_ref().take(count).fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    let head = value(count.min(CHUNK));
    if count <= CHUNK {
        return Some(head.into());
    }
    let tail = value(count - CHUNK);
    Some(u128::from(head) * u128::from(POWERS[count - CHUNK]) + u128::from(tail))
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// The value of `e+05`, 0 where there is nothing; beyond five digits no type could hold the number.
fn exponent(text: &[u8]) -> Option<i32> {
    let Some((b'e' | b'E', signed)) = text.split_first() else {
        return text.is_empty().then_some(0);
    };
    let (negative, digits) = match signed.first()? {
        b'-' => (true, &signed[1..]),
        b'+' => (false, &signed[1..]),
        _ => (false, signed),
    };
    if digits.len() > 5 {
        return None;
    }
    let value = super::digits::read(digits)? as i32;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Option<Number> {
        Number::read(text.as_bytes(), Reading::Exact)
    }

    #[test]
    fn the_mantissa_has_no_zeros_at_its_end() {
        let n = exact("-120.500").unwrap();
        assert_eq!((n.negative, n.mantissa, n.exponent, n.significant), (true, Some(1205), -1, 4));
        let n = exact("1200e3").unwrap();
        assert_eq!((n.mantissa, n.exponent, n.significant), (Some(12), 5, 2));
        let n = exact("0.00").unwrap();
        assert_eq!((n.mantissa, n.exponent, n.significant), (Some(0), 0, 0));
        assert_eq!(exact(".05").unwrap().mantissa, Some(5));
    }

    #[test]
    fn what_the_form_says_beyond_the_value_fits_only_leniently() {
        for text in ["01", "+1", "5.", " 1", "1 ", "-007.5"] {
            assert_eq!(exact(text), None, "{text}");
            assert!(Number::read(text.as_bytes(), Reading::Lenient).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_fits_never() {
        for text in ["", "-", ".", "e5", "1e", "1e+", "--1", "1.2.3", "0x10", "1,5", "1 2", "1e123456", "١"] {
            assert_eq!(Number::read(text.as_bytes(), Reading::Lenient), None, "{text}");
        }
    }

    #[test]
    fn digits_are_counted_past_what_a_decimal_holds() {
        let n = exact(&"9".repeat(39)).unwrap();
        assert_eq!((n.significant, n.mantissa), (39, None));
        assert!(exact(&"9".repeat(38)).unwrap().mantissa.is_some());
        assert_eq!(exact(&format!("0.{}1", "0".repeat(40))).unwrap().significant, 1);
    }

    #[test]
    fn scaling_is_exact_or_refused() {
        assert_eq!(exact("-1.25").unwrap().scaled(2), Some(-125));
        assert_eq!(exact("-1.25").unwrap().scaled(4), Some(-12500));
        assert_eq!(exact("1.25").unwrap().scaled(1), None);
        assert_eq!(exact("1e37").unwrap().scaled(0), power(37).map(|p| p as i128));
        assert_eq!(exact("1e38").unwrap().scaled(0), None);
        assert_eq!(exact("0e99").unwrap().scaled(3), Some(0));
    }
}
