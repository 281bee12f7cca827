//! Step 4: separators worth trying. Counted over lines, quotes passed over; the next step tokenises with each.

use super::cell::Look;
use super::line_end::{self, RECORD_SEPARATOR};
use super::text::Text;
use crate::format::csv::dialect::LineEnd;

/// A separator worth trying.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub separator: Vec<u8>,
    /// Runs of it are one.
    pub merge: bool,
    /// How common it is, 0 to 1: what text it may also be part of counts against it.
    pub prior: f64,
}

/// Single characters, the common ones first. Those that stand in dates, numbers and words only (`-` `/` `.` `_`) are not
/// here: a person may still set them.
const SINGLE: &[(&str, f64)] = &[
    (",", 1.0),
    (";", 1.0),
    ("\t", 1.0),
    ("|", 0.98),
    ("\u{1}", 0.98),
    ("\u{1f}", 0.98),
    ("\u{1e}", 0.9),
    ("\u{2}", 0.9),
    ("^", 0.85),
    ("~", 0.85),
    ("¦", 0.85),
    ("§", 0.8),
    ("¬", 0.8),
    (" ", 0.65),
    (":", 0.6),
    ("*", 0.4),
    ("#", 0.4),
    ("&", 0.4),
    ("@", 0.4),
    ("!", 0.4),
    ("=", 0.3),
];

/// Strings of several characters; runs of one character (`||`, `::`) are found by themselves.
const STRINGS: &[&str] = &["|~|", "~|~", "^|^", "|^|", "|#|", "#|#", "@|@", "<>", "\\t", "->", "=>"];

/// Separators of which a line may hold some without being a row.
const COMMON: &[&str] = &[",", ";", "\t", "|"];

const MOST_LINES: usize = 300;

/// Whether this is one of the separators that most files have.
pub fn is_common(separator: &[u8]) -> bool {
    COMMON.iter().any(|common| common.as_bytes() == separator)
}

/// The separators that occur in enough lines, the common ones first.
pub fn worth_trying(text: &Text) -> Vec<Candidate> {
    let lines: Vec<Line> = sample_lines(text).map(Line::new).filter(|line| !line.text.trim().is_empty()).collect();
    let moments = lines.iter().filter(|line| Look::of(&line.text) == Look::Temporal).count();
    let one_column_of_moments = moments * 10 >= lines.len() * 8;
    let mut found = Vec::new();
    for &(separator, prior) in SINGLE {
        if one_column_of_moments && !COMMON.contains(&separator) {
            continue;
        }
        let holding = lines.iter().filter(|line| line.holds(separator)).count();
        let enough = if COMMON.contains(&separator) { holding > 0 } else { holding * 10 >= lines.len() * 6 && lines.len() > 1 };
        if !enough {
            continue;
        }
        if separator == " " {
            found.extend(blanks(&lines, prior));
            continue;
        }
        if let Some(run) = usual_run(&lines, separator) {
            found.push(Candidate { separator: separator.repeat(run).into_bytes(), merge: false, prior });
            continue;
        }
        // Beside a mark that stands by itself in the cells, as `:` in times.
        let twice = separator.repeat(2);
        if separator != " " && alike(&lines, &twice) {
            found.push(Candidate { separator: twice.clone().into_bytes(), merge: false, prior: 0.95 });
            if lines.first().is_some_and(|names| is_only_twice(&names.text, separator, &twice)) {
                continue;
            }
        }
        found.push(Candidate { separator: separator.as_bytes().to_vec(), merge: false, prior });
    }
    for (separator, mark) in [(", ", ","), ("; ", ";")] {
        // A mark that stands in numbers too, where none has a blank behind it.
        if alike(&lines, separator) && !alike(&lines, mark) {
            found.push(Candidate { separator: separator.as_bytes().to_vec(), merge: false, prior: 1.0 });
        }
    }
    for separator in STRINGS {
        if lines.iter().filter(|line| line.holds(separator)).count() * 10 >= lines.len() * 8 && lines.len() > 1 {
            found.push(Candidate { separator: separator.as_bytes().to_vec(), merge: false, prior: 0.95 });
        }
    }
    found
}

/// Blanks, each by itself and in runs. Two columns of words are hardly told from a column of two words.
fn blanks(lines: &[Line], prior: f64) -> Vec<Candidate> {
    if lines.len() < 3 {
        return Vec::new();
    }
    let runs = lines.iter().filter(|line| line.text.trim().contains("  ") || line.text.starts_with(' ')).count();
    [(false, prior), (true, prior * 0.98)]
        .into_iter()
        .filter(|&(merge, _)| !merge || runs > 0)
        .map(|(merge, prior)| Candidate { separator: b" ".to_vec(), merge, prior })
        .collect()
}

/// Whether a mark stands in a line twice wherever it stands: were it the separator by itself, every other name were empty.
fn is_only_twice(line: &str, separator: &str, twice: &str) -> bool {
    line.contains(twice) && line.split(twice).all(|cell| !cell.is_empty() && !cell.contains(separator))
}

/// The length of the runs in which `separator` nearly always stands, if longer than one. Where it divides more of the lines
/// alike by itself, what is between two of them is an empty cell.
fn usual_run(lines: &[Line], separator: &str) -> Option<usize> {
    let mut runs = [0_usize; 5];
    for line in lines {
        let mut run = 0;
        let mut rest = line.text.as_str();
        while let Some(at) = rest.find(separator) {
            if at > 0 && run > 0 {
                runs[run.min(4)] += 1;
                run = 0;
            }
            run += 1;
            rest = &rest[at + separator.len()..];
        }
        runs[run.min(4)] += usize::from(run > 0);
    }
    let all: usize = runs.iter().sum();
    (2..4)
        .find(|&run| runs[run] * 10 >= all * 9)
        .filter(|&run| most_alike(lines, separator).0 <= most_alike(lines, &separator.repeat(run)).0)
}

/// Whether a text stands in nearly every line several times, in each as often.
fn alike(lines: &[Line], separator: &str) -> bool {
    let (alike, count) = most_alike(lines, separator);
    count > 1 && lines.len() > 2 && alike * 10 >= lines.len() * 9
}

/// The most lines in which a text stands equally often, and how often.
fn most_alike(lines: &[Line], separator: &str) -> (usize, usize) {
    let mut counts: Vec<usize> = lines.iter().map(|line| line.text.matches(separator).count()).collect();
    counts.sort_unstable();
    counts.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).max().unwrap_or_default()
}

fn sample_lines(text: &Text) -> impl Iterator<Item = &str> {
    let others = MOST_LINES / 10;
    let by_separator = matches!(line_end::marked(text), Some(LineEnd::Exactly(end)) if end == [RECORD_SEPARATOR]);
    let mark = line_end::mark(text);
    let ends = move |c: char| matches!(c, '\n' | '\r') || by_separator && c == char::from(RECORD_SEPARATOR);
    text.pieces.iter().enumerate().flat_map(move |(k, piece)| {
        let most = if k == 0 { MOST_LINES } else { others };
        let lines = piece.text.split(ends);
        let mark = mark.clone();
        lines.flat_map(move |line| without(line, mark.as_deref())).filter(|line| !line.is_empty()).take(most)
    })
}

/// What a mark between or behind records leaves of a line.
fn without<'a>(line: &'a str, mark: Option<&str>) -> Vec<&'a str> {
    mark.map_or_else(|| vec![line], |mark| line.split(mark).collect())
}

/// A line of the sample.
struct Line {
    /// With a letter for each thing that stands in double quotes.
    text: String,
    /// The bytes that are in it: most separators need no further look.
    bytes: [bool; 256],
}

impl Line {
    fn new(line: &str) -> Self {
        let text = line.split('"').step_by(2).collect::<Vec<_>>().join("q");
        let mut bytes = [false; 256];
        text.bytes().for_each(|byte| bytes[usize::from(byte)] = true);
        Self { text, bytes }
    }

    fn holds(&self, separator: &str) -> bool {
        separator.bytes().all(|byte| self.bytes[usize::from(byte)]) && (separator.len() == 1 || self.text.contains(separator))
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;
    use crate::sample::Sample;

    fn tried(text: &str) -> Vec<String> {
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        worth_trying(&Text::read(&sample, UTF_8, 0)).into_iter().map(|c| String::from_utf8(c.separator).unwrap()).collect()
    }

    #[test]
    fn what_stands_in_quotes_does_not_count() {
        assert_eq!(tried("a;\"b,c\"\n1;\"2,3\"\n"), [";"]);
    }

    #[test]
    fn runs_and_strings_are_found() {
        assert_eq!(tried("a||b||c\n1||\"2\"||3\n"), ["||"]);
        assert_eq!(tried("a||b||c\n1||x,y||3\n2||p||4\n3||q|r||5\n"), [",", "||"]);
        assert!(tried("a||b||c\n1||x|y|z||3\n2|p|4\n3|q|5\n").contains(&"|".to_owned()));
        assert!(tried("a|~|b\n1|~|2\n").contains(&"|~|".to_owned()));
        assert_eq!(tried("a\u{1}b\n1\u{1}2\n"), ["\u{1}"]);
    }

    #[test]
    fn empty_cells_beside_each_other_are_no_separator_of_two() {
        assert_eq!(tried(&format!("id,day,sum\n{}", "8,,\n".repeat(40))), [","]);
        assert_eq!(tried(&format!("id;a;b;c\n{}", "8;;;\n".repeat(40))), [";"]);
        assert_eq!(tried(&format!("A title | of 2\n{}", "a||b||c\n".repeat(40))), ["||"]);
    }
}
