//! Counts in sentences.

use std::fmt::Display;

use colonnade_protocol::Place;

/// A number's digits in groups of three: `1,234,567`.
pub(crate) fn grouped(n: impl Display) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 field`, `2 fields`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(n: N, noun: &str) -> String {
    counted_of(n, noun, &format!("{noun}s"))
}

/// A count with its noun, of which this is one and that are several.
pub(crate) fn counted_of<N: Display + PartialEq + From<u8>>(n: N, one: &str, many: &str) -> String {
    let noun = if n == N::from(1) { one } else { many };
    format!("{} {noun}", grouped(n))
}

/// A place in a sentence: `line 1,234, byte 56,789`.
pub(crate) fn placed(place: &Place) -> String {
    match place.row_number() {
        Some(row) => format!("row {}", grouped(row)),
        None => format!("line {}, byte {}", grouped(place.line), grouped(place.byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|n: u64| counted(n, "row")), ["0 rows", "1 row", "2 rows"]);
        assert_eq!(counted_of(1_234_567_u64, "entry", "entries"), "1,234,567 entries");
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!([0, 12, 123, 1234, 123_456, 1_234_567].map(|n: u64| grouped(n)), ["0", "12", "123", "1,234", "123,456", "1,234,567"]);
        assert_eq!(placed(&Place { byte: 56_789, line: 1234 }), "line 1,234, byte 56,789");
    }
}
