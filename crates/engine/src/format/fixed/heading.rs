//! What a line of names above them says of columns that blanks set apart: blanks that all values have at one place by chance
//! divide a column that has one name.

use super::columns::Positions;
use crate::format::csv::detect::cell::Look;

/// Rows looked at.
const MOST_ROWS: usize = 200;
/// Letters from which on a word behind a number is part of its value: `3 days ago`, and no mark.
const LEAST_LETTERS: usize = 3;

/// A run of positions, its end behind it.
pub type Run = (usize, usize);

/// A line of names, and rows below it, by their positions.
pub struct Heading<'a> {
    names: Vec<Option<&'a str>>,
    rows: Vec<Vec<Option<&'a str>>>,
}

/// The text of each position of a line that begins a character.
fn places(line: &str, positions: Positions) -> Vec<Option<&str>> {
    let mut places = Vec::with_capacity(line.len());
    for (at, sign) in line.char_indices() {
        places.push(line.get(at..));
        places.extend(std::iter::repeat_n(None, positions.of(sign).saturating_sub(1)));
    }
    places
}

/// What stands in a run of positions.
fn cell<'a>(places: &[Option<&'a str>], (from, to): Run) -> &'a str {
    let Some(text) = places.iter().skip(from).take(to.saturating_sub(from)).find_map(|place| *place) else { return "" };
    let behind = places.iter().skip(to).find_map(|place| *place).map_or(0, str::len);
    text.get(..text.len().saturating_sub(behind)).unwrap_or_default().trim()
}

impl<'a> Heading<'a> {
    /// The first of the lines as names, where it could be one: no value is among its words, and there are some below it.
    pub fn find(lines: &[&'a str], positions: Positions) -> Option<Self> {
        let (first, rows) = lines.split_first()?;
        let has_value = |line: &str| line.split_whitespace().any(|word| Look::of(word).is_value());
        let rows = &rows[..rows.len().min(MOST_ROWS)];
        let is_any = !has_value(first) && rows.iter().any(|row| row.bytes().any(|byte| byte.is_ascii_digit()));
        is_any.then(|| Self { names: places(first, positions), rows: rows.iter().map(|row| places(row, positions)).collect() })
    }

    /// Whether each run, the first aside, has a name, no two the same, and none of them drawn.
    pub fn names_all(&self, runs: &[Run]) -> bool {
        let names: Vec<&str> = runs.iter().map(|&run| self.name(run)).collect();
        let is_name = |name: &str| name.chars().any(char::is_alphabetic) && !name.ends_with([':', ',', ';', '.']) && !name.contains("----");
        names.iter().enumerate().all(|(k, name)| (k == 0 && name.is_empty() || is_name(name)) && !names[..k].contains(name))
    }

    /// The runs, those without a name joined to the column of their values.
    pub fn join(&self, runs: Vec<Run>) -> Vec<Run> {
        let is_named: Vec<bool> = runs.iter().map(|&run| !self.name(run).is_empty()).collect();
        let named = is_named.iter().filter(|is_named| **is_named).count();
        // Words over a few of them are no names.
        if named < 2 || named * 2 < is_named.iter().rposition(|is_named| *is_named).unwrap_or(0) {
            return runs;
        }
        let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
        // A date stands before the time whose name it shares.
        let mut waits = false;
        for run in runs {
            let is_named = !self.name(run).is_empty();
            match joined.last_mut() {
                Some(before)
                    if before.1 + 1 == run.0
                        && (!is_named && self.goes_on(*before, run) || is_named && waits && self.is_moment(*before, run)) =>
                {
                    before.1 = run.1;
                    waits = false;
                }
                _ => {
                    joined.push(run);
                    waits = !is_named;
                }
            }
        }
        joined
    }

    /// Whether single blanks stand between names whose columns both have values.
    pub fn is_narrow(&self, runs: &[Run], has_values: impl Fn(Run) -> bool) -> bool {
        let is_blank = |at: usize| self.names.get(at).copied().flatten().is_none_or(|text| text.starts_with(' '));
        let is_close = |pair: &[Run]| match pair {
            &[left, right] => {
                let (end, start) = (left.1, right.0);
                start == end + 1 && !is_blank(end - 1) && is_blank(end) && !is_blank(start) && has_values(left) && has_values(right)
            }
            _ => false,
        };
        runs.windows(2).any(is_close)
    }

    fn name(&self, run: Run) -> &'a str {
        cell(&self.names, run)
    }

    /// Whether the values of a run without a name go on those of the one before it.
    fn goes_on(&self, before: Run, run: Run) -> bool {
        let is_number = |row: &Vec<Option<&str>>| matches!(Look::of(cell(row, before)), Look::Number | Look::Empty | Look::Missing);
        let is_words = |row: &&Vec<Option<&str>>| {
            let is_word = |word: &str| word.len() >= LEAST_LETTERS && word.chars().all(char::is_lowercase);
            cell(row, run).split_whitespace().any(is_word)
        };
        self.is_moment(before, run) || !self.rows.iter().all(is_number) || self.rows.iter().filter(is_words).count() * 2 > self.rows.len()
    }

    /// Whether the two are a date and a time.
    fn is_moment(&self, date: Run, time: Run) -> bool {
        let is_part = |text: &str, sign: char| text.contains(sign) && Look::of(text) == Look::Temporal;
        let filled = || self.rows.iter().filter(|row| !cell(row, time).is_empty());
        filled().next().is_some()
            && filled()
                .all(|row| is_part(cell(row, time), ':') && !cell(row, date).contains(':') && Look::of(cell(row, date)) == Look::Temporal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str, runs: &[Run]) -> Vec<Run> {
        let lines: Vec<&str> = text.lines().collect();
        Heading::find(&lines, Positions::Characters).map_or_else(|| runs.to_vec(), |heading| heading.join(runs.to_vec()))
    }

    #[test]
    fn a_place_that_is_blank_by_chance_divides_no_name() {
        let text = "Station Name        Elev\nSao Paulo do Sul     649\nSt. Louis             8\n";
        assert_eq!(joined(text, &[(0, 12), (13, 16), (20, 24)]), [(0, 16), (20, 24)]);
    }

    #[test]
    fn a_date_and_a_time_with_one_name_are_one() {
        let text = "day        time   n\n2024-01-01 10:00  1\n2024-01-02 10:01  2\n";
        assert_eq!(joined(text, &[(0, 10), (11, 16), (18, 19)]), [(0, 10), (11, 16), (18, 19)]);
        let text = "at                n\n2024-01-01 10:00  1\n2024-01-02 10:01  2\n";
        assert_eq!(joined(text, &[(0, 10), (11, 16), (18, 19)]), [(0, 16), (18, 19)]);
        let text = "              at  n\n2024-01-01 10:00  1\n2024-01-02 10:01  2\n";
        assert_eq!(joined(text, &[(0, 10), (11, 16), (18, 19)]), [(0, 16), (18, 19)]);
    }

    #[test]
    fn numbers_beside_numbers_stay_columns_without_a_name() {
        assert_eq!(joined("temp     wind\n50.0 24  10.1\n51.0 23   9.1\n", &[(0, 4), (5, 7), (9, 13)]), [(0, 4), (5, 7), (9, 13)]);
        assert_eq!(joined("temp     wind\n50.0 A   10.1\n51.0 B    9.1\n", &[(0, 4), (5, 6), (9, 13)]), [(0, 4), (5, 6), (9, 13)]);
        assert_eq!(joined("age      size\n 3 days   10.1\n 4 hours   9.1\n", &[(0, 2), (3, 8), (10, 13)]), [(0, 8), (10, 13)]);
    }

    #[test]
    fn names_stand_over_each_column_once() {
        let named = |text: &str, runs: &[Run]| {
            let lines: Vec<&str> = text.lines().collect();
            Heading::find(&lines, Positions::Characters).is_some_and(|heading| heading.names_all(runs))
        };
        assert!(named("   a  b c\n1  2  3\n", &[(0, 1), (3, 4), (6, 9)]));
        assert!(!named("a     b\n1  2  3\n", &[(0, 1), (3, 4), (6, 7)]));
        assert!(!named("a     a\n1     3\n", &[(0, 1), (6, 7)]));
        assert!(!named("a  ---- b ----\n1  2.5  3.5\n", &[(0, 1), (3, 14)]));
        assert!(!named("a     2024\n1     3\n", &[(0, 1), (6, 10)]));
    }

    #[test]
    fn rows_without_names_above_them_are_left() {
        assert_eq!(joined("Rome Ann   1\nOslo       2\n", &[(0, 4), (5, 8), (11, 12)]), [(0, 4), (5, 8), (11, 12)]);
    }
}
