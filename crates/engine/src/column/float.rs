//! Binary floating point.

use super::number::{Number, Reading};
use super::rules::CellRules;

/// Digits that a double always keeps.
const SURE_DIGITS: u32 = 15;
/// Digits that tell every double from all others.
const MOST_DIGITS: u32 = 17;
/// The same of floats.
const SURE_FLOAT_DIGITS: u32 = 6;
const MOST_FLOAT_DIGITS: u32 = 9;
/// Powers of ten that divide a mantissa below 2^53 with one correct rounding.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The double a text is. Exactly: up to 15 significant digits, or up to 17 if those are the digits with which the value is
/// printed; a number past the range of doubles does not fit. Leniently digits beyond are rounded, as a person asks who chooses the type.
#[inline]
pub(super) fn read_f64(text: &[u8], reading: Reading, rules: &CellRules) -> Option<f64> {
    if rules.has_numeric_specials {
        return slow(text, reading, rules);
    }
    plain(text).or_else(|| slow(text, reading, rules))
}

/// The float a text is. Nobody infers floats, but files declare them: exactly, digits fit by the rule of [`read_f64`], so that
/// what a float would bend goes to a double; leniently digits beyond are rounded.
pub(super) fn read_f32(text: &[u8], reading: Reading, rules: &CellRules) -> Option<f32> {
    if let Some(special) = special(text, rules) {
        return Some(special as f32);
    }
    let number = Number::read(text, reading)?;
    let value: f32 = parse(text)?;
    let is_sure = number.significant <= SURE_FLOAT_DIGITS && (value == 0.0 || value.is_normal());
    let is_printed = || number.significant <= MOST_FLOAT_DIGITS && has_digits(number, zmij::Buffer::new().format_finite(value), value);
    let fits = is_in_range(number, value.into()) && (reading == Reading::Lenient || is_sure || is_printed());
    fits.then_some(value)
}

/// `-123.45`: at most 15 digits and no exponent.
#[inline]
fn plain(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    if digits.len() > SURE_DIGITS as usize + 1 {
        return None;
    }
    let mut mantissa = 0_u64;
    let mut point = None;
    for (i, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa * 10 + u64::from(digit);
        } else if byte == b'.' && point.is_none() {
            point = Some(i);
        } else {
            return None;
        }
    }
    let whole = point.unwrap_or(digits.len());
    let fraction = digits.len() - whole - usize::from(point.is_some());
    let zero_in_front = whole > 1 && digits[0] == b'0';
    if whole + fraction > SURE_DIGITS as usize || whole == 0 || zero_in_front || point.is_some() && fraction == 0 {
        return None;
    }
    let value = mantissa as f64 / POWERS[fraction];
    Some(if negative { -value } else { value })
}

#[cold]
fn slow(text: &[u8], reading: Reading, rules: &CellRules) -> Option<f64> {
    if let Some(special) = special(text, rules) {
        return Some(special);
    }
    let number = Number::read(text, reading)?;
    let value: f64 = parse(text)?;
    // Below the normal range a double keeps fewer digits.
    let is_sure = number.significant <= SURE_DIGITS && (value == 0.0 || value.is_normal());
    let fits = is_in_range(number, value) && (reading == Reading::Lenient || is_sure || is_printed(number, value));
    fits.then_some(value)
}

/// Not a number and the infinities, as the settings spell them, or `Infinity`; without regard to case.
fn special(text: &[u8], rules: &CellRules) -> Option<f64> {
    let is_number = text.first().is_some_and(u8::is_ascii_digit);
    if is_number && !rules.has_numeric_specials {
        return None;
    }
    let is = |word: &str| text.eq_ignore_ascii_case(word.as_bytes());
    if is(&rules.nan) {
        Some(f64::NAN)
    } else if is(&rules.positive_infinity) || is("Infinity") {
        Some(f64::INFINITY)
    } else if is(&rules.negative_infinity) || is("-Infinity") {
        Some(f64::NEG_INFINITY)
    } else {
        None
    }
}

fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(super::number::trimmed(text)).ok()?.parse().ok()
}

fn is_in_range(number: Number, value: f64) -> bool {
    value.is_finite() && (value != 0.0 || number.significant == 0)
}

/// Whether a number's digits are those with which its value is printed: the shortest ones, or as many of them as the text
/// has (`0.10000000000000001`, as `%.17g` prints 0.1).
fn is_printed(number: Number, value: f64) -> bool {
    number.significant <= MOST_DIGITS && has_digits(number, zmij::Buffer::new().format_finite(value), value)
}

/// Whether a number has the digits of `shortest`, which is `value`'s, or those of another print of that value.
fn has_digits(number: Number, shortest: &str, value: impl std::fmt::LowerExp) -> bool {
    let has_digits_of = |text: &str| Number::read(text.as_bytes(), Reading::Exact).is_some_and(|n| n.mantissa == number.mantissa);
    has_digits_of(shortest)
        || has_digits_of(&format!("{value:.*e}", (number.significant as usize).saturating_sub(1)))
        // Of two shortest ones that are as near, programs choose differently.
        || has_digits_of(&format!("{value:e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str) -> Option<f64> {
        read_f64(text.as_bytes(), Reading::Exact, &CellRules::default())
    }

    proptest! {
        #[test]
        fn every_double_reads_back_from_its_shortest_text(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(exact(&value.to_string()).map(f64::to_bits), Some(value.to_bits()));
            prop_assert_eq!(exact(&format!("{value:e}")).map(f64::to_bits), Some(value.to_bits()));
        }

        #[test]
        fn what_fits_keeps_its_digits(text in "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,18})?(e-?[0-9]{1,3})?") {
            if let Some(value) = exact(&text) {
                prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
                let number = Number::read(text.as_bytes(), Reading::Exact).unwrap();
                // Of two texts that are as near, either may be what is printed.
                let printed = [format!("{value:.*e}", number.significant.max(1) as usize - 1), format!("{value:e}"), zmij::Buffer::new().format_finite(value).to_owned()];
                let digits = |text: &str| Number::read(text.as_bytes(), Reading::Exact).map(|number| (number.mantissa, number.exponent));
                prop_assert!(printed.iter().any(|printed| digits(printed) == digits(&text)), "{} is printed as {:?}", text, printed);
            }
        }

        #[test]
        fn fifteen_digits_always_fit(text in "-?(0|[1-9][0-9]{0,6})\\.[0-9]{1,8}") {
            prop_assert_eq!(exact(&text), text.parse().ok());
        }
    }

    #[test]
    fn both_of_two_shortest_texts_of_a_double_fit() {
        // Exactly ....625.
        for text in ["-160155871374637.62", "-160155871374637.63"] {
            assert_eq!(exact(text), Some(-1_281_246_970_997_101.0 / 8.0), "{text}");
        }
    }

    #[test]
    fn digits_that_a_double_would_lose_do_not_fit() {
        for text in [
            "9007199254740993",
            "12345678901234567",
            "9007199254740993.5",
            "0.12345678901234567",
            "0.1000000000000000056",
            "12345678901234567890",
            "1e400",
            "1e-400",
            "100000.1e-323",
        ] {
            assert_eq!(exact(text), None, "{text}");
        }
        for text in ["9007199254740992", "0.30000000000000004", "0.10000000000000001", "100000000000000000000", "1e22", "-0", "5e-324"] {
            assert_eq!(exact(text), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn digits_that_a_float_would_lose_do_not_fit_it() {
        let exact = |text: &str| read_f32(text.as_bytes(), Reading::Exact, &CellRules::default());
        for text in ["52.520008123456", "16777217", "1e300", "1e-46"] {
            assert_eq!(exact(text), None, "{text}");
        }
        for text in ["52.520008", "0.1", "0.100000001", "16777216", "3.40282e+38", "1.4e-45", "0", "-2.5"] {
            assert_eq!(exact(text), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn codes_and_words_are_not_doubles() {
        for text in ["007.5", "+1.5", "1.", "", "-", ".", "0x1p3", "infinite", "1_000", "1.5 "] {
            assert_eq!(exact(text), None, "{text}");
        }
    }

    #[test]
    fn specials_are_read_as_the_settings_spell_them() {
        assert!(exact("NaN").is_some_and(f64::is_nan));
        assert_eq!(exact("Inf"), Some(f64::INFINITY));
        assert_eq!(exact("-inf"), Some(f64::NEG_INFINITY));
        assert_eq!(exact("-Infinity"), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn a_number_may_stand_for_what_is_none() {
        let mut rules = CellRules::default();
        rules.set_specials("-999", "Inf", "-Inf");
        assert!(read_f64(b"-999", Reading::Exact, &rules).is_some_and(f64::is_nan));
        assert_eq!(read_f64(b"-99.5", Reading::Exact, &rules), Some(-99.5));
    }

    #[test]
    fn a_person_who_asks_for_doubles_gets_the_nearest() {
        let rules = CellRules::default();
        assert_eq!(read_f64(b" 9007199254740993 ", Reading::Lenient, &rules), Some(9007199254740992.0));
        assert_eq!(read_f64(b"+01.50", Reading::Lenient, &rules), Some(1.5));
        assert_eq!(read_f32(b"0.1", Reading::Lenient, &rules), Some(0.1));
        assert_eq!(read_f32(b"1e39", Reading::Lenient, &rules), None);
    }
}
