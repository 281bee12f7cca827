//! Part of step 6: a name alone on the first line, above lines that are one value each, names one column.
//!
//! Times, addresses of machines, paths and words hold marks that divide lines alike, as separators do. The first line tells:
//! were those marks separators, it would hold them too, or be a title.

use super::cell::Look;

/// Lines looked at.
const MOST_LINES: usize = 200;
/// What a name has at most.
const LONGEST_NAME: usize = 40;
const MOST_WORDS: usize = 3;
/// A rarer separator is strong evidence by itself from so many columns on.
const STRONG_WIDTH: usize = 3;
/// With blanks, this share of the cells must hold values besides.
const STRONG_VALUES: f64 = 0.5;
/// Share of the lines that must be alike.
const NEARLY_ALL: f64 = 0.9;
/// Separators that stand in words and values too.
const RARE: &[u8] = b" :*#&@!=";

/// What a separator makes of a text.
#[derive(Debug, Clone, Copy)]
pub struct Division<'a> {
    pub separator: &'a [u8],
    /// A run of it is one.
    pub merged: bool,
    /// The usual number of cells.
    pub width: usize,
    /// Records of that width.
    pub fitting: usize,
    /// Records that are not blank.
    pub records: usize,
    /// Share of the cells beside the first that hold a number, a date or the like.
    pub values: f64,
}

/// Whether `text` is a name above values of one column each, and `division` divides these.
pub fn is_divided(text: &str, division: &Division<'_>) -> bool {
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.is_empty());
    let separator = String::from_utf8_lossy(division.separator);
    let Some(name) = lines.next().map(|line| line.trim().trim_matches('"')) else { return false };
    let rows: Vec<&str> = lines.take(MOST_LINES).map(str::trim).filter(|line| !line.is_empty()).collect();
    if rows.is_empty() || !is_name(name) || name.contains(separator.trim()) && !separator.trim().is_empty() || name.contains(&*separator) {
        return false;
    }
    let share = |count: usize| count as f64 / rows.len() as f64;
    let by_blanks = separator.trim().is_empty();
    if share(rows.iter().filter(|row| is_one_value(row, by_blanks)).count()) >= NEARLY_ALL {
        return true;
    }
    let is_rare = matches!(division.separator, [mark] if RARE.contains(mark)) && !division.merged;
    let is_even = division.fitting as f64 >= NEARLY_ALL * division.records.saturating_sub(1) as f64;
    let is_strong = is_even && division.width >= STRONG_WIDTH && (!by_blanks || division.values >= STRONG_VALUES);
    is_rare && !is_strong
}

/// A few words that are no sentence.
fn is_name(line: &str) -> bool {
    let words = line.split_whitespace().count();
    (1..=MOST_WORDS).contains(&words)
        && line.len() <= LONGEST_NAME
        && !line.ends_with(['.', ':', '!', '?'])
        && matches!(Look::of(line), Look::Text | Look::Token)
}

/// Whether a line as a whole is a moment, a number, a machine's address or a path. Blanks between numbers do not make them one.
fn is_one_value(line: &str, by_blanks: bool) -> bool {
    let line = line.trim_matches('"');
    match Look::of(line) {
        Look::Temporal => true,
        Look::Number => !(by_blanks && line.contains(' ')),
        _ => is_machine(line) || is_path(line),
    }
}

/// Groups of hexadecimal digits between colons: MAC and IPv6.
fn is_machine(line: &str) -> bool {
    let is_group = |group: &str| group.len() <= 4 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    line.split(':').count() >= 3 && line.split(':').all(is_group)
}

fn is_path(line: &str) -> bool {
    line.contains("://") && !line.contains([' ', ',', ';', '\t', '|'])
        || matches!(line.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
            && !line.contains([',', ';', '\t', '|'])
}
