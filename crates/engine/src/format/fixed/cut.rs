//! Cuts lines into columns at their positions.

use colonnade_protocol::Cause;

use super::columns::{Column, Positions};
use crate::column::{Cells, Span};
use crate::format::csv::detect::tokens::is_rule;
use crate::format::lines::{line_at, line_start};
use crate::format::text::{Cutter, OddRecord, Reached, Tokens, is_ellipsis};

/// Cuts lines of known columns.
pub struct FixedCutter {
    /// At least one.
    pub columns: Vec<Column>,
    pub positions: Positions,
    /// The text is UTF-8; else every byte is a character.
    pub utf8: bool,
    /// What comment lines begin with. Empty: no line is one.
    pub comment: Vec<u8>,
    pub max_record_bytes: usize,
    /// What is no row is kept as one all the same, for the corrupt-record column.
    pub keep_all: bool,
    /// A line that is nothing but an ellipsis is a record like any other.
    pub keep_ellipses: bool,
    /// The header's names, where a line that repeats them is no row.
    pub header: Vec<Vec<u8>>,
}

impl FixedCutter {
    /// A cutter of a text in UTF-8 without comments, for a look at it.
    pub fn of(columns: Vec<Column>, positions: Positions) -> Self {
        Self {
            columns,
            positions,
            utf8: true,
            comment: Vec::new(),
            max_record_bytes: usize::MAX,
            keep_all: false,
            keep_ellipses: false,
            header: Vec::new(),
        }
    }

    /// The line's cells, and the first place with text that is in no column.
    pub fn cells(&self, text: &[u8], start: usize, end: usize, spans: &mut Vec<Span>) -> Option<(usize, usize)> {
        let line = &text[start..end];
        let plain = !self.utf8 || line.is_ascii();
        let mut walk = Walk { line, positions: self.positions, plain, byte: 0, position: 0 };
        let mut outside = None;
        let mut at = 0;
        let trimmed = |from: usize, to: usize| {
            let lead = line[from..to].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            (from + lead, from + lead + line[from + lead..to].trim_ascii_end().len())
        };
        for column in &self.columns {
            let from = walk.to(column.start);
            let to = column.end.map_or(line.len(), |end| walk.to(end));
            let (left, right) = trimmed(at, from);
            if left < right {
                outside.get_or_insert((left, right));
            }
            let (left, right) = trimmed(from, to);
            spans.push(Span::plain(start + left, start + right));
            at = to;
        }
        let (left, right) = trimmed(at, line.len());
        if left < right {
            outside.get_or_insert((left, right));
        }
        outside
    }

    fn is_header(&self, text: &[u8], first_span: usize, tokens: &Tokens) -> bool {
        let cells = Cells { text, scratch: &[], spans: &tokens.spans[first_span..], stride: self.columns.len(), column: 0 };
        self.header.len() == self.columns.len()
            && cells.spans.iter().zip(&self.header).all(|(span, name)| cells.bytes(*span) == name.as_slice())
    }

    fn row(&self, text: &[u8], start: usize, end: usize, tokens: &mut Tokens) {
        let first_span = tokens.spans.len();
        let outside = self.cells(text, start, end, &mut tokens.spans);
        if self.is_header(text, first_span, tokens) {
            tokens.reject_header(start, end, first_span);
            return;
        }
        let row = tokens.starts.len() as u32;
        tokens.starts.push(start as u32);
        if let Some((from, to)) = outside {
            let reason = "text between the columns, which is in none of them; colspecs says where they are".to_owned();
            let span = Some((from as u32, to as u32));
            tokens.odd.push(OddRecord {
                row: Some(row),
                start: start as u32,
                end: end as u32,
                cause: Cause::TooManyFields,
                reason,
                span,
                by: None,
            });
        }
    }
}

impl Cutter for FixedCutter {
    fn columns(&self) -> usize {
        self.columns.len()
    }

    fn run(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        tokens.clear();
        let mut at = 0;
        while at < limit && at < text.len() {
            let line = line_at(text, at, at_end);
            let (end, next) = match line {
                Some(line) => line,
                None if text.len() - at > self.max_record_bytes => (text.len(), text.len()),
                None => return Reached { consumed: at, done: false },
            };
            let content = &text[at..end];
            if tokens.within_long_line {
                tokens.within_long_line = line.is_none();
            } else if content.len() > self.max_record_bytes {
                tokens.reject_too_long(at, end, self.max_record_bytes);
                tokens.within_long_line = line.is_none();
            } else if content.trim_ascii().is_empty() || content.starts_with(&self.comment) && !self.comment.is_empty() || is_rule(content)
            {
                tokens.skipped += 1;
            } else if is_ellipsis(content) && !(self.keep_all || self.keep_ellipses) {
                tokens.reject_ellipsis(at, end);
            } else {
                self.row(text, at, end, tokens);
            }
            at = next;
        }
        Reached { consumed: at, done: at >= limit || at_end }
    }

    fn reject_lines(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        tokens.reject_lines(text, limit, at_end, self.max_record_bytes)
    }

    fn find_record(&self, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
        line_start(text, from, at_end)
    }
}

/// Goes along a line by positions, each character once.
struct Walk<'a> {
    line: &'a [u8],
    positions: Positions,
    /// Every byte is one position.
    plain: bool,
    byte: usize,
    position: usize,
}

impl Walk<'_> {
    /// The byte at this position, which is not before that of the last call; the line's end, where it is shorter. A
    /// character that stands across the position is before it.
    fn to(&mut self, position: usize) -> usize {
        if self.plain {
            return position.min(self.line.len());
        }
        // Marks belong to the character before them.
        while let Some((bytes, positions)) = self.character() {
            if self.position >= position && (positions > 0 || self.position == 0) {
                break;
            }
            self.byte += bytes;
            self.position += positions;
        }
        self.byte
    }

    /// The length of the next character, and how many positions it takes. A byte that is none is one.
    fn character(&self) -> Option<(usize, usize)> {
        let rest = &self.line[self.byte..];
        let length = match rest.first()? {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        let c = std::str::from_utf8(&rest[..length.min(rest.len())]).ok().and_then(|text| text.chars().next());
        Some(c.map_or((1, 1), |c| (c.len_utf8(), self.positions.of(c))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::parse;
    use super::*;

    fn cutter(columns: &str) -> FixedCutter {
        FixedCutter {
            columns: parse(columns).unwrap(),
            positions: Positions::Display,
            utf8: true,
            comment: b"#".to_vec(),
            max_record_bytes: 200,
            keep_all: false,
            keep_ellipses: false,
            header: vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()],
        }
    }

    fn rows(text: &[u8], tokens: &Tokens) -> Vec<Vec<String>> {
        let cells = Cells { text, scratch: &[], spans: &tokens.spans, stride: 3, column: 0 };
        tokens
            .spans
            .chunks(3)
            .map(|row| row.iter().map(|span| String::from_utf8_lossy(cells.bytes(*span)).into_owned()).collect())
            .collect()
    }

    fn read(columns: &str, text: &str) -> (Vec<Vec<String>>, Vec<String>, u64) {
        let mut tokens = Tokens::default();
        let reached = cutter(columns).run(text.as_bytes(), usize::MAX, true, &mut tokens);
        assert_eq!((reached.consumed, reached.done), (text.len(), true));
        (rows(text.as_bytes(), &tokens), tokens.odd.iter().map(|odd| odd.reason.clone()).collect(), tokens.skipped)
    }

    #[test]
    fn cells_are_cut_by_position_and_trimmed() {
        let (rows, odd, skipped) = read("0-4,5-8,9-", "ab   12  x y \n---- --- ---\nlongtext12\n\nq\n");
        assert_eq!(rows, [["ab", "12", "x y"], ["long", "ext", "2"], ["q", "", ""]]);
        assert_eq!(odd, ["text between the columns, which is in none of them; colspecs says where they are"]);
        assert_eq!(skipped, 2);
    }

    #[test]
    fn wide_characters_are_counted_as_they_were_aligned() {
        let (rows, ..) = read("0-4,5-8,9-", "山田 31  東京\nab   4   é\n");
        assert_eq!(rows, [["山田", "31", "東京"], ["ab", "4", "é"]]);
    }

    #[test]
    fn the_header_again_an_ellipsis_and_comments_are_no_rows() {
        let (rows, odd, skipped) = read("0-4,5-8,9-", "a    b   c\n...\n# x\n1    2   3\n");
        assert_eq!(rows, [["1", "2", "3"]]);
        assert_eq!(odd, ["the header again", "an ellipsis, not a row"]);
        assert_eq!(skipped, 1);
    }

    proptest::proptest! {
        #[test]
        fn a_text_cut_anywhere_reads_as_whole(text in "([ab1]{0,5}| |\t|\n|\r\n|\r|#|\\.\\.\\.|---|é|山|e\u{301}|[x]{90}){0,50}", cut in 0..300_usize) {
            let cutter = cutter("0-4,5-8,9-");
            let (whole, odd, skipped) = read("0-4,5-8,9-", &text);
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            let mut tokens = Tokens::default();
            let reached = cutter.run(&bytes[..cut], usize::MAX, false, &mut tokens);
            let mut read = rows(&bytes[..cut], &tokens);
            let (mut listed, mut passed) = (tokens.odd.len(), tokens.skipped);
            cutter.run(&bytes[reached.consumed..], usize::MAX, true, &mut tokens);
            read.extend(rows(&bytes[reached.consumed..], &tokens));
            (listed, passed) = (listed + tokens.odd.len(), passed + tokens.skipped);
            proptest::prop_assert_eq!(&read, &whole, "cut at {}", cut);
            proptest::prop_assert_eq!((listed, passed), (odd.len(), skipped));
        }
    }
}
