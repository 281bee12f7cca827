//! Part of step 6: a name alone on the first line, above lines that are one value each, names one column.
//!
//! Times, addresses of machines, paths and words hold marks that divide lines alike, as separators do. The first line tells:
//! were those marks separators, it would hold them too, or be a title.

use super::cell::Look;
use super::score::Score;
use crate::format::csv::dialect::Dialect;

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

/// Whether `text` is a name above values of one column each, and `dialect`, which explains it with `score`, divides these.
pub fn is_divided(text: &str, dialect: &Dialect, score: &Score) -> bool {
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.is_empty());
    let separator = String::from_utf8_lossy(&dialect.separator);
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
    let is_rare = matches!(dialect.separator.as_slice(), [mark] if RARE.contains(mark)) && !dialect.merge_separators;
    let is_even = score.fitting as f64 >= NEARLY_ALL * score.records.saturating_sub(1) as f64;
    let is_strong = is_even && score.width >= STRONG_WIDTH && (!by_blanks || score.values >= STRONG_VALUES);
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
