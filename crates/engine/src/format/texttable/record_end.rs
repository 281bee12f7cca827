//! Where records end that are not lines: the end that makes every record as wide as the header.

use super::layout::{Layout, RecordEnd};
use crate::column::Span;
use crate::format::csv::detect::cell::Look;
use crate::format::csv::detect::tokens::is_rule;
use crate::format::lines::line_at;
use crate::format::text::is_ellipsis;
use crate::format::text::marks;

/// A record end that explains the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub end: RecordEnd,
    /// Fields of a record.
    pub width: usize,
    /// Records beside the header that are as wide as it, of all of them.
    pub fitting: usize,
    pub records: usize,
    /// Records that stand on several lines.
    pub joined: usize,
}

/// Share of the records that must be as wide as the header.
const FITTING: f64 = 0.9;
/// A mark ends records only if it stands at the end of so many lines, at least.
const FEWEST_MARKS: usize = 2;
/// Fields of a record that are looked for line by line.
const MOST_FIELDS: usize = 64;
/// One record in so many stands on several lines, where the names stand on one.
const SOME: usize = 5;
const MOST_RECORDS: usize = 500;
/// ASCII's separators of records and groups.
const SEPARATORS: &[char] = &['\u{1e}', '\u{1d}'];

/// The record end that explains `text` where its lines do not. `names`: the columns, where comments name them.
pub fn find(text: &str, whole: bool, layout: &Layout, names: Option<&[String]>) -> Option<Found> {
    let marks = marks(text).into_iter().map(|end| RecordEnd::Text { end: end.into_bytes(), joins: true });
    let ends = marks.chain(text.contains("\n\n").then_some(RecordEnd::BlankLine));
    let tried = ends.filter_map(|end| try_end(text, whole, &Layout { record_end: end, ..layout.clone() }, names));
    let best = tried.max_by_key(|found| (found.fitting * 100 / found.records.max(1), found.records));
    best.or_else(|| full(text, whole, layout, names))
}

/// Whether marks stand in the text that are nothing but ends of records: a record separator, an escaped line end, or a word in
/// brackets that the names end with too.
pub fn is_marked(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let ends = lines.next().and_then(marks::at_end);
    let is_marked = |line: &str| marks::at_end(line).is_some_and(|mark| mark.starts_with('\\') || Some(mark) == ends);
    let marked = lines.filter(|line| is_marked(line)).count() + usize::from(ends.is_some());
    text.contains(SEPARATORS) || marked >= FEWEST_MARKS || marks::within(text).is_some()
}

/// Texts that may end records: what stands at the end of some lines and not of all, or a record separator.
fn marks(text: &str) -> Vec<String> {
    let mut marks: Vec<(String, usize)> = Vec::new();
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !is_ellipsis(line.as_bytes())).collect();
    for line in &lines {
        let sign = |c: char| c.is_ascii_punctuation() && !matches!(c, '"' | '\'' | ')' | ']' | '}' | '.' | ',' | '-' | '_' | '%');
        let told = marks::at_end(line).map(str::to_owned);
        let signs: String = line.chars().rev().take_while(|c| sign(*c)).collect::<Vec<_>>().into_iter().rev().collect();
        let Some(mark) = told.or((!signs.is_empty() && signs != "\\").then_some(signs)) else { continue };
        match marks.iter_mut().find(|(known, _)| *known == mark) {
            Some((_, count)) => *count += 1,
            None => marks.push((mark, 1)),
        }
    }
    // A sign at the end of all lines may be a separator; a word or an escape is a mark.
    marks.retain(|(mark, count)| *count >= FEWEST_MARKS && (*count < lines.len() || marks::at_end(mark).is_some()));
    let separators = SEPARATORS.iter().filter(|mark| text.contains(**mark)).map(char::to_string);
    separators.chain(marks::within(text).map(str::to_owned)).chain(marks.into_iter().map(|(mark, _)| mark)).collect()
}

/// The widths of the records, and what is in the first two of them.
struct Records {
    cells: Vec<Vec<String>>,
    joined: usize,
    /// Records whose mark is a word or an escape, and stands on the line that they end on.
    marked: usize,
}

fn records(text: &str, whole: bool, layout: &Layout) -> Records {
    let bytes = text.as_bytes();
    let mut records = Records { cells: Vec::new(), joined: 0, marked: 0 };
    let mark = match &layout.record_end {
        RecordEnd::Text { end, .. } => std::str::from_utf8(end).ok().filter(|mark| marks::at_end(mark).is_some()),
        _ => None,
    };
    let (mut at, mut spans, mut scratch) = (0, Vec::new(), Vec::new());
    while at < bytes.len() && records.cells.len() < MOST_RECORDS {
        if let Some((end, next)) = line_at(bytes, at, true) {
            let line = &bytes[at..end];
            if line.trim_ascii().is_empty() || layout.is_comment(line) || is_rule(line) || is_ellipsis(line) {
                at = next;
                continue;
            }
        }
        let Some((end, next)) = layout.record(bytes, at, whole) else { break };
        spans.clear();
        scratch.clear();
        layout.fields(bytes, at, end, &mut spans, &mut scratch);
        let cells = crate::column::Cells { text: bytes, scratch: &scratch, spans: &spans, stride: 1, column: 0 };
        records.joined += usize::from(bytes[at..end].trim_ascii_end().contains(&b'\n'));
        records.marked += usize::from(mark.is_some_and(|mark| bytes[end..].starts_with(mark.as_bytes())));
        records.cells.push(spans.iter().map(|span: &Span| String::from_utf8_lossy(cells.bytes(*span)).into_owned()).collect());
        at = next;
    }
    records
}

fn try_end(text: &str, whole: bool, layout: &Layout, names: Option<&[String]>) -> Option<Found> {
    let Records { cells, joined, marked } = records(text, whole, layout);
    let (width, rows) = match names {
        Some(names) => (names.len(), &cells[..]),
        None => {
            let (header, rows) = cells.split_first()?;
            are_names(header).then_some((header.len(), rows))?
        }
    };
    let fitting = rows.iter().filter(|row| row.len() == width).count();
    let believed = width > 1 && !rows.is_empty() && (joined > 0 || marked > 1) && fitting as f64 >= FITTING * rows.len() as f64;
    (believed && (rows.len() > 1 || fitting > 0)).then_some(Found {
        end: layout.record_end.clone(),
        width,
        fitting,
        records: rows.len(),
        joined,
    })
}

/// Records of so many fields that explain `text`, whatever marks stand in it.
pub fn of_fields(text: &str, whole: bool, layout: &Layout, names: Option<&[String]>, fields: usize) -> Option<Found> {
    try_end(text, whole, &Layout { record_end: RecordEnd::Full(fields), ..layout.clone() }, names)
}

/// Records that end at the line end behind which they have all their fields: as many as there are names, or the number
/// with which every record's end is a line end and columns hold values alike.
fn full(text: &str, whole: bool, layout: &Layout, names: Option<&[String]>) -> Option<Found> {
    let of = |fields: usize| of_fields(text, whole, layout, names, fields);
    if let Some(names) = names {
        return of(names.len());
    }
    let found: Vec<(usize, Found)> =
        (2..=MOST_FIELDS).filter_map(|fields| of(fields).filter(|found| found.records > 2).map(|found| (fields, found))).collect();
    let is_told = |fields: usize, found: &Found| {
        let read = records(text, whole, &Layout { record_end: RecordEnd::Full(fields), ..layout.clone() });
        let alike = (0..fields).filter(|&column| are_values(read.cells.iter().skip(1).filter_map(|row| row.get(column)))).count();
        found.fitting == found.records && alike * 2 >= fields
    };
    let nearly_all = found.iter().find(|(fields, found)| found.joined * 10 >= found.records * 8 && is_told(*fields, found));
    let first = text.lines().find(|line| !line.trim().is_empty() && !layout.is_comment(line.as_bytes()));
    let names = first.map_or(0, |line| layout.count(line.as_bytes()));
    let some = || found.iter().find(|(fields, found)| *fields == names && found.joined * SOME >= found.records && is_told(*fields, found));
    nearly_all.or_else(some).map(|(_, found)| found.clone())
}

/// Whether cells could be the columns' names: words, none of them a value, none twice.
fn are_names(cells: &[String]) -> bool {
    let is_name = |cell: &String| matches!(Look::of(cell), Look::Text | Look::Token) && cell.chars().any(char::is_alphabetic);
    cells.iter().enumerate().all(|(k, cell)| is_name(cell) && !cells[..k].contains(cell))
}

/// Whether all cells are numbers, or all are dates.
fn are_values<'a>(mut cells: impl Iterator<Item = &'a String>) -> bool {
    let Some(first) = cells.next().map(|cell| Look::of(cell)) else { return false };
    first.is_value() && cells.all(|cell| Look::of(cell) == first)
}

#[cfg(test)]
mod tests {
    use super::super::layout::Separator;
    use super::*;

    fn found(text: &str) -> Option<RecordEnd> {
        let layout = Layout { separator: Separator::Blanks, quote: None, comment: Vec::new(), record_end: RecordEnd::Line };
        find(text, true, &layout, None).map(|found| found.end)
    }

    fn text(end: &str) -> Option<RecordEnd> {
        Some(RecordEnd::Text { end: end.as_bytes().to_vec(), joins: true })
    }

    #[test]
    fn a_mark_that_makes_all_records_as_wide_as_the_header_ends_them() {
        assert_eq!(found("a b\nc\\n\n1 2\n3\\n\n4 5 6\\n\n...\n"), text("\\n"));
        assert_eq!(found("a b\nc;\n1 2\n3;\n4 5 6;\n"), text(";"));
        assert_eq!(found("a b\nc|\n1\n2 3|\n4 5 6|\n"), text("|"));
        assert_eq!(found("a b\nc<EOL>\n1\n2 3<EOL>\n4 5 6<EOL>\n"), text("<EOL>"));
        assert_eq!(found("a b c\\t\n1\n2 3\\t\n4 5 6\\t\n"), text("\\t"));
        assert_eq!(found("a b\nc\u{1e}\n1\n2 3\u{1e}4 5 6\u{1e}"), text("\u{1e}"));
    }

    #[test]
    fn a_blank_line_or_the_last_field_may_end_them_too() {
        assert_eq!(found("a b\nc\n\n1\n2 3\n\n4 5 6\n"), Some(RecordEnd::BlankLine));
        assert_eq!(found("a b\nc\n1\n2 3\n4 5\n6\n7\n8 9\n"), Some(RecordEnd::Full(3)));
    }

    #[test]
    fn records_on_one_line_are_told_apart_by_their_marks() {
        assert_eq!(found("a b c\\n1 2 3\\n4 5 6\\n"), text("\\n"));
        assert_eq!(found("a b c\\n\n1 2 3\\n\n4 5 6\\n\n"), text("\\n"));
    }

    #[test]
    fn some_records_may_go_on_below_a_header_that_does_not() {
        let rows = |from: usize| format!("{from} x {from}0\n{}\ny {from}1\n", from + 1);
        let whole: String = std::iter::once("id name n\n".to_owned()).chain((0..5).map(|k| rows(2 * k))).collect();
        assert_eq!(found(&whole), Some(RecordEnd::Full(3)));
        assert_eq!(found("id name n\n1 x 2\n2 y\n3 z 4\n4 v 5\n5 w\n"), None);
    }

    #[test]
    fn prose_has_no_record_end() {
        assert_eq!(found("It was late;\nand cold, they said\nno one came;\nno one left\nthe end\nof it all\n"), None);
        assert_eq!(found("One morning, when\nall were out, the\n\nlights went off and\nno one knew\n\nwhy it was so\n"), None);
    }
}
