//! What a cell looks like: enough to tell tables from prose and names from values, not to give a type.

/// The look of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing but blanks.
    Empty,
    /// A word that stands for "no value": NA, null, -.
    Missing,
    /// A number in any notation: signs, thousands, decimal comma, currency, percent, exponent.
    Number,
    /// A date, a time or both.
    Temporal,
    /// true, false, yes, no.
    Boolean,
    /// One token with digits or marks: an id, an address, a file name.
    Token,
    /// One word or several.
    Text,
}

impl Look {
    /// Of a cell's text.
    pub fn of(cell: &str) -> Self {
        let text = cell.trim();
        if text.is_empty() {
            Self::Empty
        } else if is_missing(text) {
            Self::Missing
        } else if is_number(text) {
            Self::Number
        } else if is_temporal(text) {
            Self::Temporal
        } else if ["true", "false", "yes", "no"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            Self::Boolean
        } else if is_token(text) {
            Self::Token
        } else {
            Self::Text
        }
    }

    /// Whether a value of this look is hardly ever a column's name.
    pub fn is_value(self) -> bool {
        matches!(self, Self::Number | Self::Temporal | Self::Boolean)
    }

    /// Whether it says nothing about its column.
    pub fn is_void(self) -> bool {
        matches!(self, Self::Empty | Self::Missing)
    }
}

fn is_missing(text: &str) -> bool {
    text.len() <= 7
        && ["na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "..", ":", "(null)", "\\n"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
}

/// Digits with at most a sign, a unit of money or percent, grouping, one decimal mark and an exponent.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    let is_unit = |c: char| matches!(c, '$' | '€' | '£' | '¥' | '%' | '‰' | '₹' | '+' | '-' | '−' | ' ' | '\u{a0}' | '\u{202f}');
    let body = text.trim_matches(is_unit);
    let body =
        ["EUR", "USD", "GBP", "CHF"].iter().find_map(|unit| body.strip_suffix(unit).or_else(|| body.strip_prefix(unit))).unwrap_or(body);
    let body = body.trim_matches(is_unit);
    if body.len() > 40 || !body.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') {
        return false;
    }
    let (mantissa, exponent) = body.split_once(['e', 'E', 'd', 'D']).unwrap_or((body, "0"));
    let exponent = exponent.trim_start_matches(['+', '-']);
    if exponent.is_empty() || !exponent.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let mut digits = 0;
    let (mut points, mut commas, mut gap) = (0, 0, false);
    for c in mantissa.chars() {
        match c {
            '0'..='9' => {
                digits += 1;
                gap = false;
            }
            '.' if !gap => {
                points += 1;
                gap = true;
            }
            ',' if !gap => {
                commas += 1;
                gap = true;
            }
            '\'' | ' ' | '\u{a0}' | '\u{202f}' if digits > 0 && !gap => gap = true,
            _ => return false,
        }
    }
    let grouped = |mark: char| {
        let mut parts = mantissa.split(mark);
        parts.next().is_some_and(|first| (1..=3).contains(&first.len()))
            && parts.all(|part| part.split(['.', ',']).next().is_some_and(|part| part.len() == 3))
    };
    digits > 0 && (points <= 1 || (commas <= 1 && grouped('.'))) && (commas <= 1 || (points <= 1 && grouped(',')))
}

/// Fields of digits between date or time marks, with month names, zones and AM/PM.
fn is_temporal(text: &str) -> bool {
    if text.len() < 4 || text.len() > 40 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let (mut numbers, mut marks, mut months) = (0, 0, 0);
    let mut rest = text;
    let mut after_mark = true;
    while let Some(c) = rest.chars().next() {
        let run = rest.len()
            - rest
                .trim_start_matches(|d: char| if c.is_ascii_digit() { d.is_ascii_digit() } else { c.is_alphabetic() && d.is_alphabetic() })
                .len();
        match c {
            '0'..='9' if run <= 9 => {
                numbers += 1;
                after_mark = false;
            }
            '-' | '/' | ':' if !after_mark => {
                marks += 1;
                after_mark = true;
            }
            '.' if !after_mark => {
                marks += 1;
                after_mark = true;
            }
            ' ' | ',' | '+' => after_mark = false,
            _ if run > 0 && is_month_or_day(&rest[..run]) => {
                months += 1;
                after_mark = false;
            }
            _ if run > 0 && ["t", "z", "am", "pm", "utc", "gmt", "h"].iter().any(|word| rest[..run].eq_ignore_ascii_case(word)) => {
                after_mark = false
            }
            _ => return false,
        }
        rest = &rest[run.max(c.len_utf8())..];
    }
    (numbers >= 2 && marks >= 1 && numbers + months <= 9) || (numbers >= 1 && months >= 1)
}

fn is_month_or_day(word: &str) -> bool {
    const NAMES: [&str; 19] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    ];
    const LONG: [&str; 16] = [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "sept",
        "mär",
        "mai",
        "okt",
        "dez",
    ];
    NAMES.iter().chain(&LONG).any(|name| word.eq_ignore_ascii_case(name))
}

fn is_token(text: &str) -> bool {
    let mut has_mark = false;
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"') {
            return false;
        }
        has_mark |= !c.is_alphabetic();
    }
    has_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_look_as_people_see_them() {
        let cases = [
            (
                Look::Number,
                &[
                    "1",
                    "-1.5",
                    "+1e-5",
                    "1,234.50",
                    "1.234,50",
                    "$74.69",
                    "£512.20",
                    "12 %",
                    "(27.5)",
                    "43 395,00",
                    "00123",
                    ".5",
                    "1.7717715e-08",
                    "1'000",
                ] as &[_],
            ),
            (
                Look::Temporal,
                &[
                    "28/01/2018",
                    "2018-01-28",
                    "00:15",
                    "2018-01-28T10:00:00Z",
                    "14-Jan",
                    "Jan 20, 2012",
                    "28.02.2013 10:15",
                    "10:15 PM",
                    "1 March 2013",
                ],
            ),
            (Look::Missing, &["NA", "n/a", "-", "NULL"]),
            (Look::Boolean, &["TRUE", "no"]),
            (Look::Token, &["MG-8769", "https://x.org/a.html", "di4-aN.wav", "time[s]", "col_1"]),
            (Look::Text, &["Price", "Men's Down Vest", "Department of Health", "a;b"]),
            (Look::Empty, &["", "  "]),
        ];
        for (look, cells) in cases {
            for cell in cells {
                assert_eq!(Look::of(cell), look, "{cell:?}");
            }
        }
    }
}
