//! Patterns of numbers: which signs group the digits and which one marks the fraction.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;

/// A compiled pattern: `#,##0.00`, `#.##0,00`, `# ##0,00`, `#'##0.00`, `0,00`, `#.##0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberPattern {
    decimal: u8,
    group: Option<Group>,
}

/// What may stand between groups of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Comma,
    Point,
    /// A blank, also one that does not break.
    Blank,
    /// Straight or typographic.
    Apostrophe,
}

/// Room for the plain form of any number that a type holds.
pub(super) type Plain = [u8; 64];

impl NumberPattern {
    /// Compiles a pattern. The last sign marks the fraction, one before it groups; a single sign groups where `##0`
    /// follows (`#.##0`) and else marks the fraction (`0,00`). Grouping is optional in the texts.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for anything but `#`, `0` and at most two different signs.
    pub fn compile(pattern: &str) -> Result<Self> {
        let refused = || {
            ErrorInfo::new(
                ErrorKind::Usage,
                format!("{pattern:?} is not a pattern of numbers"),
                "Write #.##0,00 for a decimal comma, #,##0.00 for a decimal point with grouping commas, 0,00 without grouping.",
            )
        };
        let mut signs = Vec::new();
        for sign in pattern.chars().filter(|c| !matches!(c, '#' | '0')) {
            if signs.last() != Some(&sign) {
                signs.push(sign);
            }
        }
        let groups_only = pattern.ends_with("##0");
        let (group, decimal) = match signs[..] {
            [] => (None, '.'),
            [decimal] if !groups_only => (None, decimal),
            ['.'] => (Some('.'), ','),
            [group] => (Some(group), '.'),
            [group, decimal] if group != decimal => (Some(group), decimal),
            _ => return Err(refused()),
        };
        let group = match group {
            None => None,
            Some(',') => Some(Group::Comma),
            Some('.') => Some(Group::Point),
            Some(' ' | '\u{A0}' | '\u{202F}') => Some(Group::Blank),
            Some('\'' | '’') => Some(Group::Apostrophe),
            Some(_) => return Err(refused()),
        };
        match decimal {
            '.' | ',' => Ok(Self { decimal: decimal as u8, group }),
            _ => Err(refused()),
        }
    }

    /// Whether the numbers have a fraction; `pattern` is the one that this was compiled of.
    pub fn has_fraction(&self, pattern: &str) -> bool {
        pattern.contains(self.decimal as char)
    }

    /// The number as it is written without a pattern: no grouping, a point before the fraction. `None`: the signs do not
    /// stand where the pattern has them. What is not digits and signs stays, for the type's own reader to judge.
    pub fn plain<'a>(&self, text: &[u8], plain: &'a mut Plain) -> Option<&'a [u8]> {
        let (mut length, mut at) = (0, 0);
        // Digits since the last grouping sign, or since the start.
        let (mut run, mut is_grouped, mut in_whole) = (0, false, true);
        while let Some(&byte) = text.get(at) {
            let group = if in_whole && run > 0 { self.group.map_or(0, |group| group.length(&text[at..])) } else { 0 };
            if group > 0 && text.get(at + group).is_some_and(u8::is_ascii_digit) {
                if run > 3 || is_grouped && run < 3 {
                    return None;
                }
                (is_grouped, run) = (true, 0);
                at += group;
                continue;
            }
            let mut kept = byte;
            if byte == self.decimal && in_whole {
                if is_grouped && run != 3 {
                    return None;
                }
                in_whole = false;
                kept = b'.';
            } else if matches!(byte, b'.' | b',') {
                return None;
            }
            run += u32::from(byte.is_ascii_digit());
            *plain.get_mut(length)? = kept;
            length += 1;
            at += 1;
        }
        if in_whole && is_grouped && run != 3 {
            return None;
        }
        Some(&plain[..length])
    }
}

impl Group {
    /// Bytes of the sign at the start of a text, in UTF-8 or Windows-1252; 0 where there is none.
    fn length(self, text: &[u8]) -> usize {
        match (self, text) {
            (Self::Comma, [b',', ..]) | (Self::Point, [b'.', ..]) => 1,
            (Self::Blank, [b' ' | 0xA0, ..]) | (Self::Apostrophe, [b'\'' | 0x92, ..]) => 1,
            (Self::Blank, [0xC2, 0xA0, ..]) => 2,
            (Self::Blank, [0xE2, 0x80, 0xAF, ..]) | (Self::Apostrophe, [0xE2, 0x80, 0x99, ..]) => 3,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(pattern: &str, text: &[u8]) -> Option<String> {
        let mut buffer = [0; 64];
        NumberPattern::compile(pattern).unwrap().plain(text, &mut buffer).map(|plain| String::from_utf8(plain.to_vec()).unwrap())
    }

    #[test]
    fn each_sign_has_its_place() {
        for (pattern, text, expected) in [
            ("#.##0,00", "1.234.567,89", "1234567.89"),
            ("#.##0,00", "-1234,5", "-1234.5"),
            ("#.##0,00", "7", "7"),
            ("#,##0.00", "1,234.5", "1234.5"),
            ("# ##0,00", "12 345,6", "12345.6"),
            ("# ##0,00", "12\u{A0}345", "12345"),
            ("# ##0,00", "12\u{202F}345", "12345"),
            ("#'##0.00", "1'234.50", "1234.50"),
            ("#'##0.00", "1’234.50", "1234.50"),
            ("0,00", "12,5", "12.5"),
            ("#.##0", "1.234", "1234"),
            ("#,##0", "1,234.5", "1234.5"),
            ("0.00", "12.5", "12.5"),
        ] {
            assert_eq!(plain(pattern, text.as_bytes()).as_deref(), Some(expected), "{pattern} {text}");
        }
        assert_eq!(plain("# ##0,00", b"12\xA0345,6").as_deref(), Some("12345.6"));
    }

    #[test]
    fn a_sign_out_of_place_does_not_fit() {
        for (pattern, text) in [
            ("#.##0,00", "1.23"),
            ("#.##0,00", "1234.567"),
            ("#.##0,00", "1.2345,6"),
            ("#.##0,00", "1,2,3"),
            ("#.##0,00", "1,234.5"),
            ("#.##0,00", ".123"),
            ("0,00", "1.234"),
            ("0,00", "1.234,5"),
            ("#,##0.00", "1.234,5"),
            ("#,##0.00", "12,34"),
        ] {
            assert_eq!(plain(pattern, text.as_bytes()), None, "{pattern} {text}");
        }
    }

    #[test]
    fn a_number_longer_than_any_type_holds_does_not_fit() {
        assert_eq!(plain("0,00", "1".repeat(65).as_bytes()), None);
    }

    #[test]
    fn other_patterns_are_refused() {
        for pattern in ["0,0.0,0", "abc", "#,##0;(#,##0)", "0'00"] {
            assert!(NumberPattern::compile(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn grouping_is_undone(value: i64, fraction in "[0-9]{0,6}") {
            let digits = value.unsigned_abs().to_string();
            let mut grouped = String::new();
            for (i, digit) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i) % 3 == 0 {
                    grouped.push('.');
                }
                grouped.push(digit);
            }
            let sign = if value < 0 { "-" } else { "" };
            let comma = if fraction.is_empty() { "" } else { "," };
            let text = format!("{sign}{grouped}{comma}{fraction}");
            let expected = format!("{sign}{digits}{}{fraction}", if fraction.is_empty() { "" } else { "." });
            prop_assert_eq!(plain("#.##0,00", text.as_bytes()), Some(expected));
        }
    }
}
