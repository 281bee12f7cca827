//! Step 7: what ends a record. Any of LF, CRLF and CR, unless the text mixes them and one alone makes better records.

use super::Guess;
use super::score::score;
use super::text::Text;
use crate::format::csv::dialect::{Dialect, LineEnd};
use crate::format::text::marks;

/// ASCII's own end of a record.
pub const RECORD_SEPARATOR: u8 = 0x1e;
const UNIT_SEPARATOR: u8 = 0x1f;
/// How much better the records must be.
const BETTER: f64 = 1.02;
/// Lines that may end alike by chance.
const FEW: usize = 2;
const BYTES: usize = 48 * 1024;

/// The end of records that is marked: by ASCII's record separator, alone or before every line end, by another control character
/// or a mark in letters that stands before every line end and nowhere else, or by an escaped line end where there is but one
/// line.
pub fn marked(text: &Text) -> Option<LineEnd> {
    let head = text.head().text.as_bytes();
    let count = |byte: u8| memchr::memchr_iter(byte, head).count();
    let by_line = memchr::memchr2(b'\n', b'\r', head).and_then(|first| before_lines(head, first));
    // Values between ASCII's separators may hold line ends, but not many.
    let alone = || {
        let (records, lines) = (count(RECORD_SEPARATOR), memchr::memchr2_iter(b'\n', b'\r', head).count());
        records > lines && (lines == 0 || count(UNIT_SEPARATOR) >= records)
    };
    by_line
        .or_else(|| alone().then(|| LineEnd::Exactly(vec![RECORD_SEPARATOR])))
        .or_else(|| written_out(&text.head().text))
        .or_else(|| on_one_line(&text.head().text))
}

/// The mark in letters that ends records, without the line end behind it.
pub fn mark(text: &Text) -> Option<String> {
    let Some(LineEnd::Exactly(end)) = marked(text) else { return None };
    let mark = String::from_utf8(end).ok()?;
    let mark = mark.trim_end_matches(['\r', '\n']);
    (!mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_graphic())).then(|| mark.to_owned())
}

/// The line end with the mark in letters that stands before each: `\n` or `<EOL>`.
fn written_out(head: &str) -> Option<LineEnd> {
    let mark = marks::at_end(head.lines().next()?)?;
    let lines = head.lines().filter(|line| !line.trim().is_empty());
    let line_end = if head.contains("\r\n") { "\r\n" } else { "\n" };
    let end = format!("{mark}{line_end}");
    // The last line of a head may not be whole.
    let (lines, ends) = (lines.count(), head.matches(&end).count());
    (lines > FEW && head.matches(mark).count() <= ends + 1 && ends + 1 >= lines).then(|| LineEnd::Exactly(end.into_bytes()))
}

/// The escaped line end that divides the only line into records of as many cells.
fn on_one_line(head: &str) -> Option<LineEnd> {
    let mark = marks::within(head)?;
    let records: Vec<&str> = head.split(mark).filter(|record| !record.trim().is_empty()).collect();
    let whole = if head.trim_end().ends_with(mark) { &records[..] } else { records.split_last()?.1 };
    let is_even = |separator: &&str| {
        let cells = |record: &str| record.matches(*separator).count();
        let wanted = whole.first().map_or(0, |first| cells(first));
        wanted > 0 && whole.len() > 1 && whole.iter().filter(|record| cells(record) == wanted).count() * 10 >= whole.len() * 9
    };
    [",", ";", "\t", "|", "\\t"].iter().any(is_even).then(|| LineEnd::Exactly(mark.into()))
}

/// The line end with the control character that stands before each, from the first on.
fn before_lines(head: &[u8], first: usize) -> Option<LineEnd> {
    let control = *head[..first].last().filter(|byte| byte.is_ascii_control() && **byte != b'\t')?;
    let line_end: &[u8] = if head[first..].starts_with(b"\r\n") { b"\r\n" } else { &head[first..=first] };
    let end = [&[control], line_end].concat();
    let lines = memchr::memchr2_iter(b'\n', b'\r', head).count() / line_end.len();
    let ends = memchr::memmem::find_iter(head, &end).count();
    let controls = memchr::memchr_iter(control, head).count();
    let is_end = ends == lines && (control == RECORD_SEPARATOR || lines > 2 && controls == ends);
    is_end.then_some(LineEnd::Exactly(end))
}

/// Finds the line end.
pub fn find(text: &Text, dialect: &Dialect) -> Guess<LineEnd> {
    if let Some(end) = marked(text) {
        let what = mark(text).map_or("a control character".to_owned(), |mark| mark);
        return Guess::new(end, 0.9, format!("{what} ends every record"));
    }
    let head = &text.head().text;
    let (mut lf, mut crlf, mut cr) = (0_usize, 0_usize, 0_usize);
    for at in memchr::memchr2_iter(b'\n', b'\r', head.as_bytes()) {
        match (head.as_bytes()[at], head.as_bytes().get(at + 1)) {
            (b'\r', Some(b'\n')) => crlf += 1,
            (b'\r', _) => cr += 1,
            _ => lf += 1,
        }
    }
    lf -= crlf;
    let evidence = format!("{lf} LF, {crlf} CRLF, {cr} CR");
    let usual = [(lf, "\n"), (crlf, "\r\n"), (cr, "\r")].into_iter().max_by_key(|(count, _)| *count);
    let all = lf + crlf + cr;
    if let Some((count, usual)) = usual
        && count < all
        && count * 2 > all
    {
        let mut end = BYTES.min(head.len());
        while !head.is_char_boundary(end) {
            end -= 1;
        }
        let exact = Dialect { line_end: LineEnd::Exactly(usual.into()), ..dialect.clone() };
        let any = score(&[&head[..end]], dialect);
        let one = score(&[&head[..end]], &exact);
        let share = |score: super::score::Score| score.fitting as f64 / score.records.max(1) as f64;
        if one.width >= any.width && one.value > any.value * BETTER && share(one) > share(any) {
            return Guess::new(exact.line_end, 0.8, format!("{evidence}; only {} of them end whole records", count));
        }
    }
    Guess::new(LineEnd::Any, 0.99, evidence)
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;
    use crate::sample::Sample;

    fn line_end(text: &str) -> LineEnd {
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        find(&Text::read(&sample, UTF_8, 0), &Dialect::default()).value
    }

    #[test]
    fn mixed_line_ends_all_end_records() {
        assert_eq!(line_end("a,b\r\n1,2\n3,4\r5,6\r\n"), LineEnd::Any);
    }

    #[test]
    fn control_characters_end_records() {
        assert_eq!(line_end("a\u{1f}b\u{1e}1\u{1f}2\u{1e}"), LineEnd::Exactly(b"\x1e".to_vec()));
        assert_eq!(line_end("a\u{1f}b\u{1e}\r\n1\u{1f}2\u{1e}\r\n"), LineEnd::Exactly(b"\x1e\r\n".to_vec()));
        assert_eq!(line_end("a\u{1}b\u{2}\n1\u{1}2\u{2}\n3\u{1}4\u{2}\n"), LineEnd::Exactly(b"\x02\n".to_vec()));
        assert_eq!(line_end("a\u{1f}b\u{1e}1\u{1f}two\nlines\u{1e}"), LineEnd::Exactly(b"\x1e".to_vec()));
        assert_eq!(line_end("a,b\n1,\u{1e}\u{1f}\n3,4\n"), LineEnd::Any);
        // A separator at the end of every record is none.
        assert_eq!(line_end("a\u{1}b\u{1}\n1\u{1}2\u{1}\n3\u{1}4\u{1}\n"), LineEnd::Any);
    }

    #[test]
    fn marks_in_letters_end_records() {
        assert_eq!(line_end("a,b\\n\n1,2\\n\n3,4\\n\n"), LineEnd::Exactly(b"\\n\n".to_vec()));
        assert_eq!(line_end("a,b<EOL>\r\n1,2<EOL>\r\n3,4<EOL>\r\n"), LineEnd::Exactly(b"<EOL>\r\n".to_vec()));
        assert_eq!(line_end("a,b\\n1,2\\n3,4\\n\n"), LineEnd::Exactly(b"\\n".to_vec()));
        assert_eq!(line_end("a,b\n1,two\\nlines\n3,four\\nlines\\n\n"), LineEnd::Any);
        assert_eq!(line_end("a\\tb\\t\n1\\t2\\t\n3\\t4\\t\n"), LineEnd::Any);
    }

    #[test]
    fn a_line_feed_within_values_ends_nothing() {
        let text = "id,note,n\r\n".to_owned() + &"1,two\nlines,2\r\n3,one,4\r\n5,other,5\r\n".repeat(9);
        assert_eq!(line_end(&text), LineEnd::Exactly(b"\r\n".to_vec()));
    }
}
