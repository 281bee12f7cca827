//! Whether lines that could be a log's are a table's rather.

use std::ops::Range;

use super::header;
use super::level;
use super::stamp;

/// Cells between blanks from which on lines that have as many are a table's rather than sentences.
const LEAST_CELLS: usize = 9;

/// Whether lines have the separators of a table, all of them as many, and something else than a log's line above or behind
/// the timestamp.
pub fn is_tabular(lines: &[&str], has_level: bool) -> bool {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let Some(first) = lines.first() else { return false };
    [',', ';', '\t', '|'].iter().any(|&separator| {
        // What stands within the timestamp is none.
        let count = |line: &str| {
            let stamp = header::first_stamp(line.as_bytes()).and_then(|range| line.get(range));
            line.matches(separator).count() - stamp.map_or(0, |stamp| stamp.matches(separator).count())
        };
        let is_same = |count: &dyn Fn(&str) -> usize| {
            let wanted = count(first);
            wanted > 0 && lines.iter().filter(|line| count(line) == wanted).count() * 20 >= lines.len() * 19
        };
        let is_behind = |line: &str| moment(line).is_some_and(|end| line[end..].starts_with(separator));
        let by_level = || level::scan(first.as_bytes()).filter(|&end| first[end..].starts_with(' '));
        let begins = moment(first).or_else(by_level).is_some() || is_named(first);
        let is_headed = lines.len() > 1 && !begins && !first.starts_with(['[', '<', '(', '{']);
        is_headed && (is_same(&count) || is_same(&|line| line.matches(separator).count()))
            || (separator != '|' || stamp::scan(first.as_bytes()).is_none())
                && is_same(&count)
                && is_behind(first)
                && (count(first) > 1 || !has_level)
    })
}

/// Whether lines are cells between single blanks, as many in each: what stands in quotes is one, and must be there where a
/// timestamp makes them more like a log's.
pub fn are_cells(lines: &[&str], has_stamp: bool) -> bool {
    let cells = |line: &str| line.split('"').step_by(2).map(|outside| outside.matches(' ').count()).sum::<usize>();
    let filled: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let Some(wanted) = filled.first().map(|line| cells(line)).filter(|&wanted| wanted >= LEAST_CELLS) else { return false };
    let is_closed = |line: &str| line.matches('"').count().is_multiple_of(2) && (!has_stamp || line.contains('"'));
    filled.len() > 2 && filled.iter().all(|line| cells(line) == wanted && is_closed(line))
}

/// Whether most lines have many words.
pub fn has_long_lines(lines: &[&str]) -> bool {
    let filled: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let is_word = |word: &&str| word.chars().filter(|char| char.is_alphabetic()).count() * 2 > word.chars().count();
    let long = filled.iter().filter(|line| line.split_whitespace().filter(is_word).count() >= 5).count();
    long * 10 >= filled.len() * 6
}

/// Where the moment or the time of day ends that a line begins with.
fn moment(line: &str) -> Option<usize> {
    stamp::scan(line.as_bytes()).or_else(|| stamp::time_of_day(line.as_bytes()))
}

/// Whether a line is a name, a bar, a moment and a text: what several programs print through one that names them.
fn is_named(line: &str) -> bool {
    let is_before = |stamp: &Range<usize>| line[..stamp.start].trim_end().ends_with('|') && line[..stamp.start].matches('|').count() == 1;
    header::first_stamp(line.as_bytes())
        .filter(is_before)
        .is_some_and(|stamp| line[stamp.end..].trim().contains(' ') && !line[stamp.end..].contains('|'))
}

/// Whether what stands behind a moment are columns: as many words in every line, and none of them the same in all, as the
/// words of a message are.
pub fn are_columns(lines: &[&str]) -> bool {
    const FEWEST: usize = 3;
    let filled: Vec<Vec<&str>> =
        lines.iter().filter(|line| !line.trim().is_empty()).map(|line| line.split_whitespace().collect()).collect();
    // The first may name them.
    let (Some(first), Some(rows)) = (filled.last(), filled.get(1..).filter(|rows| rows.len() >= FEWEST)) else { return false };
    let is_word = |word: &str| word.chars().any(char::is_alphabetic);
    let is_same = |column: usize| rows.iter().all(|row| row.get(column) == first.get(column));
    rows.iter().all(|row| row.len() == first.len()) && first.iter().enumerate().all(|(column, word)| !is_word(word) || !is_same(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_as_many_words_and_no_word_in_all_lines() {
        assert!(are_columns(&["10:00 20.5 3", "10:01 20.6 3", "10:02 20.7 4", "10:03 20.7 4"]));
        assert!(are_columns(&["time t", "10:01 20.6", "10:02 20.7", "10:03 20.7"]));
        assert!(!are_columns(&["10:00 job 3", "10:01 job 4", "10:02 job 5", "10:03 job 6"]));
        assert!(!are_columns(&["10:00 it rains", "10:01 it stopped at last", "10:02 who knows", "10:03 so it is"]));
    }

    #[test]
    fn a_name_before_a_moment_and_a_text_is_no_cell() {
        let lines = ["web | 2024-03-01 10:00:00 it began", "db  | 2024-03-01 10:00:01 so did this"];
        assert!(!is_tabular(&lines, false));
        assert!(is_tabular(&["web | 2024-03-01 10:00:00", "db  | 2024-03-01 10:00:01"], false));
    }
}
