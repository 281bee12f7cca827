//! A tokeniser for candidates: it knows no number of columns, forgives everything and counts what it forgave.
//!
//! The reader's own tokeniser ([`super::super::tokenise`]) is fast and judges every record against a known table; this
//! one reads at most the sample, to find out what the table is. Both give cells the same meaning.

use memchr::{memchr, memchr2, memchr3, memmem};

use crate::format::csv::dialect::{Dialect, LineEnd};

/// A record of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Offset in the text.
    pub start: usize,
    /// Offset of its line end, or of the end of the text.
    pub end: usize,
    /// Lines before it in the text.
    pub line: usize,
    first_cell: usize,
    /// Number of cells.
    pub width: usize,
    /// No cell holds anything but blanks, and none is quoted; or all of it is a line drawn with dashes.
    pub blank: bool,
    /// Blank, but for separators.
    separated: bool,
}

impl Record {
    /// Whether it has all separators of a record of `width` cells and nothing beside: a row of nulls.
    pub fn is_row_of_nulls(&self, width: usize) -> bool {
        self.separated && self.width >= width
    }
}

/// A cell's text, inside its quotes, escapes unresolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    start: usize,
    end: usize,
    pub quoted: bool,
}

/// The records of a text under one dialect, and what was forgiven.
#[derive(Debug, Default)]
pub struct Tokens {
    pub records: Vec<Record>,
    cells: Vec<Cell>,
    /// Cells in quotes that open and close where they should.
    pub quoted: usize,
    /// Quotes inside quoted cells that mean nothing, and quotes never closed.
    pub stray: usize,
    /// Escaped quotes inside quoted cells.
    pub escaped: usize,
    /// Comment lines.
    pub comments: usize,
}

impl Tokens {
    /// Cuts `text` into records; at most `most` of them. The dialect's separator is not empty.
    pub fn cut(text: &str, dialect: &Dialect, most: usize) -> Self {
        let mut cutter = Cutter { text: text.as_bytes(), dialect, tokens: Self::default(), line: 0 };
        let mut at = 0;
        while at < text.len() && cutter.tokens.records.len() < most {
            at = cutter.record(at);
        }
        cutter.tokens
    }

    /// Adds a record that was cut elsewhere: `start..end` in the text, on `line` (from 0); each cell's text, and whether it
    /// stood in quotes.
    pub fn push(&mut self, start: usize, end: usize, line: usize, cells: impl IntoIterator<Item = (usize, usize, bool)>, blank: bool) {
        let first_cell = self.cells.len();
        self.cells.extend(cells.into_iter().map(|(start, end, quoted)| Cell { start, end, quoted }));
        let width = self.cells.len() - first_cell;
        self.records.push(Record { start, end, line, first_cell, width, blank, separated: false });
    }

    /// The cells of a record.
    pub fn cells(&self, record: &Record) -> &[Cell] {
        &self.cells[record.first_cell..][..record.width]
    }

    /// The texts of a record's cells. `text` is what was cut.
    pub fn texts<'a>(&'a self, text: &'a str, record: &Record) -> impl ExactSizeIterator<Item = &'a str> + 'a {
        self.cells(record).iter().map(move |cell| cell.of(text))
    }
}

impl Cell {
    /// The cell's text in what was cut.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// The cell's text with its escapes resolved.
    pub fn value(self, text: &str, dialect: &Dialect) -> String {
        match (dialect.quote, dialect.escape) {
            (Some(quote), Some(escape)) if self.quoted => {
                let quote = char::from(quote).to_string();
                self.of(text).replace(&format!("{}{quote}", char::from(escape)), &quote)
            }
            _ => self.of(text).to_owned(),
        }
    }
}

/// How far ahead an open quote is followed. Longer values exist; a sample does not need them.
const LONGEST_QUOTED: usize = 32 * 1024;

struct Cutter<'a> {
    text: &'a [u8],
    dialect: &'a Dialect,
    tokens: Tokens,
    line: usize,
}

impl Cutter<'_> {
    /// Reads the record at `start`; returns where the next begins.
    fn record(&mut self, start: usize) -> usize {
        let line = self.line;
        if self.dialect.comment.is_some() && self.dialect.comment == self.text.get(start).copied() {
            let (_, next) = self.line_end(start);
            self.tokens.comments += 1;
            self.line += 1;
            return next;
        }
        let first_cell = self.tokens.cells.len();
        let separator = self.dialect.separator.as_slice();
        let mut at = start;
        loop {
            if self.dialect.merge_separators {
                while self.text[at..].starts_with(separator) {
                    at += separator.len();
                }
                if at > start && self.ends_record(at) {
                    break;
                }
            }
            at = self.cell(at);
            if self.text[at..].starts_with(separator) {
                at += separator.len();
            } else {
                break;
            }
        }
        let next = at + self.line_end_width(at);
        self.line += 1;
        let cells = &self.tokens.cells[first_cell..];
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
        let empty = cells.iter().all(|cell| !cell.quoted && self.text[cell.start..cell.end].iter().all(is_blank));
        let blank = empty || is_rule(&self.text[start..at]);
        let separated = empty && cells.len() > 1 && separator != b" ";
        self.tokens.records.push(Record { start, end: at, line, first_cell, width: cells.len(), blank, separated });
        next
    }

    /// Reads the cell at `start`; returns the position of the separator or line end behind it.
    fn cell(&mut self, start: usize) -> usize {
        let blanks = if self.dialect.trim_leading { self.blanks(start) } else { 0 };
        let open = start + blanks;
        if self.dialect.quote.is_some() && self.dialect.quote == self.text.get(open).copied() {
            if let Some(end) = self.quoted(open) {
                return end;
            }
            self.tokens.stray += 1;
        }
        let end = self.unquoted_end(start);
        let mut cell = Cell { start, end, quoted: false };
        if self.dialect.trim_leading {
            cell.start += blanks.min(end - start);
        }
        if self.dialect.trim_trailing {
            cell.end = cell.start + self.text[cell.start..end].trim_ascii_end().len();
        }
        self.tokens.cells.push(cell);
        end
    }

    /// Reads the quoted cell that opens at `open`; `None` where the quote is better taken as text.
    fn quoted(&mut self, open: usize) -> Option<usize> {
        let quote = self.text[open];
        let escape = self.dialect.escape;
        let limit = (open + 1 + LONGEST_QUOTED).min(self.text.len());
        let (mut stray, mut escaped, mut at) = (0, 0, open + 1);
        loop {
            let found = match escape {
                Some(escape) if escape != quote => memchr2(quote, escape, self.text.get(at..limit)?),
                _ => memchr(quote, self.text.get(at..limit)?),
            };
            at += found?;
            let next = self.text.get(at + 1).copied();
            let pair = Some(self.text[at]) == escape && next == Some(quote);
            if pair && !(at == open + 1 && escape == Some(quote) && self.text.get(at + 2) != Some(&quote)) {
                escaped += 1;
                at += 2;
            } else if self.text[at] != quote {
                at += 1 + usize::from(next == escape);
            } else if let Some(end) = self.cell_end(at + 1) {
                self.line += count_lines(&self.text[open..at], &self.dialect.line_end);
                self.tokens.cells.push(Cell { start: open + 1, end: at, quoted: true });
                self.tokens.quoted += 1;
                self.tokens.stray += stray;
                self.tokens.escaped += escaped;
                return Some(end);
            } else if at > open + 1 && self.follows_cell_start(at) && next != Some(quote) {
                return None;
            } else {
                stray += 1;
                at += 1;
            }
        }
    }

    /// Whether a cell begins at `at`: a separator or a line end stands before it.
    fn follows_cell_start(&self, at: usize) -> bool {
        self.text[..at].ends_with(&self.dialect.separator) || matches!(self.text[at - 1], b'\n' | b'\r')
    }

    /// The end of a quoted cell whose quote closes before `at`: there, or behind blanks. `None`: the cell goes on.
    fn cell_end(&self, at: usize) -> Option<usize> {
        let ends = |at: usize| self.ends_record(at) || self.text[at..].starts_with(&self.dialect.separator);
        if ends(at) {
            return Some(at);
        }
        let behind = at + self.blanks(at);
        (behind > at && ends(behind)).then_some(behind)
    }

    fn ends_record(&self, at: usize) -> bool {
        at >= self.text.len() || self.line_end_width(at) > 0
    }

    fn blanks(&self, at: usize) -> usize {
        let separator = &self.dialect.separator;
        self.text[at..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t') && separator.first() != Some(&byte)).count()
    }

    /// The separator or line end behind an unquoted cell.
    fn unquoted_end(&self, start: usize) -> usize {
        let separator = self.dialect.separator.as_slice();
        let (line_end, other) = match &self.dialect.line_end {
            LineEnd::Any => (b'\n', b'\r'),
            LineEnd::Exactly(text) => {
                let first = text.first().copied().unwrap_or(b'\n');
                (first, first)
            }
        };
        let mut at = start;
        while let Some(found) = memchr3(separator[0], line_end, other, &self.text[at..]) {
            at += found;
            if self.text[at..].starts_with(separator) || self.line_end_width(at) > 0 {
                return at;
            }
            at += 1;
        }
        self.text.len()
    }

    /// The end of the line that `from` is in, and the start of the next.
    fn line_end(&self, from: usize) -> (usize, usize) {
        let found = match &self.dialect.line_end {
            LineEnd::Any => memchr2(b'\n', b'\r', &self.text[from..]),
            LineEnd::Exactly(text) => memmem::find(&self.text[from..], text),
        };
        let end = found.map_or(self.text.len(), |at| from + at);
        (end, end + self.line_end_width(end))
    }

    fn line_end_width(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        match &self.dialect.line_end {
            LineEnd::Exactly(text) if rest.starts_with(text) => text.len(),
            LineEnd::Exactly(_) => 0,
            LineEnd::Any if rest.starts_with(b"\r\n") => 2,
            LineEnd::Any => usize::from(matches!(rest.first(), Some(b'\n' | b'\r'))),
        }
    }
}

/// Whether a line is drawn with dashes, as below the header of a query's result: `---+---`, `|:--|--:|`, `=====`, or with the
/// characters for boxes: `├──┼──┤`.
pub fn is_rule(line: &[u8]) -> bool {
    let drawn = |needle: &[u8]| memmem::find(line, needle).is_some();
    (drawn(b"---") || drawn(b"===") || drawn(b"--|")) && line.iter().all(|byte| b"-=+|: \t".contains(byte)) || is_box(line)
}

/// Whether a line holds box-drawing characters only (U+2500 to U+257F), and is no cell's edge by itself.
fn is_box(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len() >= 9 && line.chunks(3).all(|sign| matches!(sign, [0xe2, 0x94 | 0x95, 0x80..=0xbf]))
}

/// Line ends in `text`.
pub fn count_lines(text: &[u8], line_end: &LineEnd) -> usize {
    match line_end {
        LineEnd::Exactly(end) => memmem::find_iter(text, end).count(),
        LineEnd::Any => {
            memchr::memchr2_iter(b'\n', b'\r', text).filter(|&at| !(text[at] == b'\n' && at > 0 && text[at - 1] == b'\r')).count()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: &Dialect) -> Vec<Vec<String>> {
        let tokens = Tokens::cut(text, dialect, 100);
        tokens.records.iter().map(|record| tokens.texts(text, record).map(str::to_owned).collect()).collect()
    }

    #[test]
    fn quoted_cells_hold_separators_and_line_ends() {
        let text = "a,\"b,\r\nc\",d\r\n1,\"say \"\"x\"\"\",3";
        assert_eq!(read(text, &Dialect::default()), [vec!["a", "b,\r\nc", "d"], vec!["1", "say \"\"x\"\"", "3"]]);
        let tokens = Tokens::cut(text, &Dialect::default(), 100);
        assert_eq!((tokens.quoted, tokens.escaped, tokens.stray), (2, 2, 0));
        assert_eq!(tokens.records[1].line, 2);
    }

    #[test]
    fn a_stray_opening_quote_costs_nothing() {
        let text = "1,\"07:15,3,\"Boots, Tall\",x\n2,08:00,4,\"Hats\",y\n";
        assert_eq!(read(text, &Dialect::default())[0], ["1", "\"07:15", "3", "Boots, Tall", "x"]);
        assert_eq!(read("a,\"\"b, c\",d\n", &Dialect::default())[0], ["a", "\"b, c", "d"]);
        assert_eq!(read("a,\"\",d\n", &Dialect::default())[0], ["a", "", "d"]);
    }

    #[test]
    fn a_quote_never_closed_is_text() {
        assert_eq!(read("a,\"b,c\n1,2,3\n", &Dialect::default()), [vec!["a", "\"b", "c"], vec!["1", "2", "3"]]);
    }

    #[test]
    fn runs_of_separators_can_be_one() {
        let dialect = Dialect { separator: b" ".to_vec(), merge_separators: true, ..Dialect::default() };
        assert_eq!(read("  1   2 x \n 3 4\n", &dialect), [vec!["1", "2", "x"], vec!["3", "4"]]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_within_its_bounds(text in "[ab,\"'\\\\ \t\r\n;|-]{0,200}", separator in "[,;| ]|, |\\|\\|", backslash: bool, merge: bool, trim: bool) {
            let escape = if backslash { b'\\' } else { b'"' };
            let dialect = Dialect { separator: separator.into_bytes(), escape: Some(escape), merge_separators: merge, trim_leading: trim, trim_trailing: trim, ..Dialect::default() };
            let tokens = Tokens::cut(&text, &dialect, usize::MAX);
            for record in &tokens.records {
                proptest::prop_assert!(record.start <= record.end && record.end <= text.len());
                proptest::prop_assert!(tokens.texts(&text, record).all(|cell| cell.len() <= text.len()));
            }
        }
    }

    #[test]
    fn drawn_lines_are_blank() {
        let tokens =
            Tokens::cut("a|b\n--+--\n---+---\n|:--|--:|\n-5|-6\n", &Dialect { separator: b"|".to_vec(), ..Dialect::default() }, 100);
        assert_eq!(tokens.records.iter().map(|r| r.blank).collect::<Vec<_>>(), [false, false, true, true, false]);
    }

    #[test]
    fn blank_records_are_known() {
        let tokens = Tokens::cut("a,b\n,\n\n\"\",\n", &Dialect::default(), 100);
        assert_eq!(tokens.records.iter().map(|r| r.blank).collect::<Vec<_>>(), [false, true, true, false]);
    }
}
