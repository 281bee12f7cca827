//! Whether lines that could be a log's are a table's rather.

use std::ops::Range;

use super::header;
use super::level;
use super::pattern::Pattern;
use super::stamp;
use crate::format::csv::detect::cell::Look;
use crate::format::text::row_count::is_row_count;
use crate::format::{fixed, texttable};

/// Cells between blanks from which on lines that have as many are a table's rather than sentences.
const LEAST_CELLS: usize = 9;
/// Lines above the rows of a table at most, the names among them.
const MOST_ABOVE: usize = 3;

/// Whether a table explains the lines better than records that begin as `start` says: rows between drawn bars, or below names,
/// each of which holds to the columns, with a moment in it or not. A log leaves its first line without a record, and takes
/// rows that do not begin so for what goes on the message before them.
pub fn are_rows(lines: &[&str], start: &str) -> bool {
    if texttable::is_drawn(lines) {
        return true;
    }
    let compiled = Pattern::compile("recordStart", start).ok().filter(|_| !start.is_empty());
    let is_record = |line: &str| compiled.as_ref().is_some_and(|start| start.begins(line.as_bytes(), &mut start.captures()));
    let is_comment = |line: &&str| line.starts_with('#');
    let filled: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let (comments, rows) = filled.split_at(filled.iter().take_while(|line| is_comment(line)).count());
    match comments.last() {
        Some(names) => are_named(names.trim_start_matches('#'), rows),
        None => {
            fixed::is_named(lines, is_record) || {
                let above = rows.iter().take(MOST_ABOVE + 1).position(|line| is_record(line)).unwrap_or(0);
                above > 0 && are_named(rows[above - 1], &rows[above..])
            }
        }
    }
}

/// Whether a line names the columns that rows have: a word for each, a moment of two words having one name or two.
fn are_named(header: &str, rows: &[&str]) -> bool {
    let names: Vec<&str> = header.split_whitespace().collect();
    let is_name =
        |name: &&str| name.starts_with(char::is_alphabetic) && !Look::of(name).is_value() && !name.ends_with([':', ',', ';', '.']);
    let width = rows.first().map_or(0, |row| row.split_whitespace().count());
    let has_one_name = names.len() + 1 == width && rows.first().is_some_and(|row| header::first_stamp(row.as_bytes()).is_some());
    width > 1 && (names.len() == width || has_one_name) && names.iter().all(is_name) && are_columns(rows)
}

/// Whether lines have the separators of a table, all of them as many, and something else than a log's line above or behind
/// the timestamp.
pub fn is_tabular(lines: &[&str], has_level: bool) -> bool {
    let is_row = |line: &&str| !line.trim().is_empty() && !is_row_count(line.as_bytes());
    let lines: Vec<&str> = lines.iter().copied().filter(is_row).collect();
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

    const MOMENT: &str = "%{TIMESTAMP}";

    fn rows(text: &str, start: &str) -> bool {
        are_rows(&text.lines().collect::<Vec<_>>(), start)
    }

    #[test]
    fn rows_below_names_are_no_records_with_a_moment_in_them_or_not() {
        assert!(rows("Host   Status  Load\nweb00  OK      0.00\nweb01  WARN    0.10\nweb02  ERROR   0.20\n", "%{NOTSPACE} +%{LOGLEVEL}"));
        assert!(rows(
            "                    ts  level  amt\n0  2024-05-01 10:00:00   INFO  0.5\n1  2024-05-01 10:00:01   WARN  1.5\n2  2024-05-01 10:00:02   INFO  2.5\n",
            "%{INT} +%{TIMESTAMP}"
        ));
        assert!(rows(
            "at                   what\n2024-05-01 10:00:00  it is up\n                     so it is\n2024-05-01 10:00:09  never again\n",
            MOMENT
        ));
        assert!(rows("ts | level\n---+------\n10:00:01 | INFO\n   | WARN\n", MOMENT));
        assert!(rows(
            "# Time Temp\n2024-05-01T10:00:00Z 20.0\n2024-05-01T10:01:00Z 9.5\n2024-05-01T10:02:00Z 20.2\n2024-05-01T10:03:00Z 8.2\n",
            MOMENT
        ));
        assert!(rows(
            "when load users\n2024-05-01T10:00:00 0.5 1\n2024-05-01T10:01:00 10.5 12\n2024-05-01T10:02:00 3.5 4\n2024-05-01T10:03:00 3.5 5\n",
            MOMENT
        ));
    }

    #[test]
    fn records_below_a_banner_or_a_trace_cut_short_are_no_rows() {
        let records = "2024-05-01 10:00:00 INFO  [main] it is up\n2024-05-01 10:00:01 WARN  [main] what now\n2024-05-01 10:00:02 INFO  [main] no\n2024-05-01 10:00:03 ERROR [main] who knows\n";
        for above in [
            "",
            "Starting up\n",
            "My service 1.0 starting\n",
            "Caused by: a.b.Error: it\n",
            "\tat a.b.c(D.java:1)\n",
            "# a log\n",
            "# Time Level Message\n",
            "+------+\n| it |\n+------+\n",
        ] {
            assert!(!rows(&format!("{above}{records}"), MOMENT), "{above}");
            assert!(!rows(&format!("{above}{records}a.b.Error: no\n\tat a.b.c(D.java:1)\n{records}"), MOMENT), "{above}");
        }
    }

    #[test]
    fn a_name_before_a_moment_and_a_text_is_no_cell() {
        let lines = ["web | 2024-03-01 10:00:00 it began", "db  | 2024-03-01 10:00:01 so did this"];
        assert!(!is_tabular(&lines, false));
        assert!(is_tabular(&["web | 2024-03-01 10:00:00", "db  | 2024-03-01 10:00:01"], false));
        assert!(is_tabular(&["ts|level|what", "2024-05-01 10:01:00|ERROR|a", "|INFO|b", "(2 rows)"], true));
    }
}
