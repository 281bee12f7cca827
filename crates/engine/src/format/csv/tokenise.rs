//! Cuts CSV text into records and cells.
//!
//! One pass over the structural bytes that [`Scan`] finds. Regular records cost a span a cell and nothing else; records
//! that are not as the table wants them go through [`super::irregular`].

use std::ops::Range;

use colonnade_protocol::Cause;

use super::dialect::{Dialect, LineEnd};
use super::scan::{Needles, Scan};
use super::{boundary, irregular};
use crate::column::{Cells, Span};
use crate::format::text::{Cutter, Reached, Tokens};

/// Cuts text into the cells of a table with a fixed number of columns.
pub struct Tokeniser {
    pub(super) dialect: Dialect,
    pub(super) columns: usize,
    /// No record becomes no row: what is not one is a row of nulls, for the corrupt-record column.
    pub(super) keep_all: bool,
    /// The names in the header, where a record that repeats them is no row. Empty: none is looked for.
    header: Vec<Vec<u8>>,
    pub(super) max_record_bytes: usize,
    needles: Needles,
}

/// What ended a record.
enum RecordEnd {
    /// At `end`; the next record begins at `next`.
    At { end: usize, next: usize },
    /// A quote that is not closed where a cell may end.
    Fault(Cause),
    /// The text ends within the record, and the source goes on.
    NeedMore,
}

/// What a quoted cell ends with.
enum QuoteEnd {
    /// Closed at this position.
    Closed { at: usize, escaped: bool },
    /// The text ends first.
    Open,
}

impl Tokeniser {
    /// A tokeniser for a table of `columns` columns (at least 1).
    pub fn new(dialect: Dialect, columns: usize, max_record_bytes: usize) -> Self {
        let separator = dialect.separator.first().copied().unwrap_or(b',');
        let quote = dialect.quote.unwrap_or(separator);
        let escape = dialect.escape.unwrap_or(quote);
        let (line_end, carriage_return) = match &dialect.line_end {
            LineEnd::Any => (b'\n', b'\r'),
            LineEnd::Exactly(text) => (text.first().copied().unwrap_or(b'\n'), separator),
        };
        Self {
            needles: [separator, quote, escape, line_end, carriage_return],
            dialect,
            columns: columns.max(1),
            keep_all: false,
            header: Vec::new(),
            max_record_bytes,
        }
    }

    /// With `keep_all`, what is not a row is kept as a row all the same, with its first cells or nulls.
    #[must_use]
    pub fn keeping_all(mut self, keep_all: bool) -> Self {
        self.keep_all = keep_all;
        self
    }

    /// A record whose cells are all of these names is the header again, as in files put together end to end, and no row.
    #[must_use]
    pub fn knowing_header(mut self, names: Vec<Vec<u8>>) -> Self {
        self.header = if names.len() == self.columns && names.iter().any(|name| !name.is_empty()) { names } else { Vec::new() };
        self
    }

    /// Whether the cells from `first_span` on are the header's names.
    #[inline]
    fn repeats_header(&self, text: &[u8], first_span: usize, tokens: &Tokens) -> bool {
        let Some(name) = self.header.first() else { return false };
        let cells = Cells { text, scratch: &tokens.scratch, spans: &tokens.spans[first_span..], stride: self.columns, column: 0 };
        let is = |span: Span, name: &[u8]| cells.bytes(span).trim_ascii() == name;
        is(tokens.spans[first_span], name) && cells.spans.iter().zip(&self.header).all(|(span, name)| is(*span, name))
    }

    /// Cuts the whole records at the start of `text` that begin before `limit`. `at_end`: the source ends with `text`.
    pub fn run(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        tokens.clear();
        let mut record = 0;
        if tokens.within_long_line {
            match self.whole_line_end_after(text, 0, at_end) {
                Ok((_, next)) => record = next,
                Err(reached) => return Reached { consumed: reached, done: at_end },
            }
            tokens.within_long_line = false;
        }
        let mut scan = Scan::new(text, self.needles);
        scan.skip_to(record);
        while record < limit && record < text.len() {
            let (first_span, first_scratch) = (tokens.spans.len(), tokens.scratch.len());
            let next = if self.dialect.comment == Some(text[record]) {
                self.comment(text, record, at_end, tokens).inspect(|&next| scan.skip_to(next))
            } else {
                match self.record(text, &mut scan, record, at_end, tokens) {
                    RecordEnd::At { end, next } => {
                        let fields = tokens.spans.len() - first_span;
                        if end - record > self.max_record_bytes {
                            tokens.spans.truncate(first_span);
                            tokens.scratch.truncate(first_scratch);
                            let next = self.too_long(text, record, at_end, tokens);
                            scan = Scan::new(text, self.needles);
                            scan.skip_to(next);
                            Some(next)
                        } else if fields == self.columns && end > record {
                            if self.repeats_header(text, first_span, tokens) {
                                tokens.reject_header(record, end, first_span);
                            } else {
                                tokens.starts.push(record as u32);
                            }
                            Some(next)
                        } else if let Some(earlier) = self.irregular(text, record..end, first_span, tokens) {
                            scan = Scan::new(text, self.needles);
                            scan.skip_to(earlier);
                            Some(earlier)
                        } else {
                            Some(next)
                        }
                    }
                    other => {
                        tokens.spans.truncate(first_span);
                        tokens.scratch.truncate(first_scratch);
                        let too_long = text.len() - record > self.max_record_bytes;
                        let next = match other {
                            RecordEnd::Fault(cause) => irregular::reread(self, text, record, cause, at_end || too_long, tokens),
                            _ if too_long => Some(self.too_long(text, record, at_end, tokens)),
                            _ => None,
                        };
                        if next.is_some_and(|next| next <= text.len()) {
                            scan = Scan::new(text, self.needles);
                        }
                        next.inspect(|&next| scan.skip_to(next))
                    }
                }
            };
            match next {
                Some(next) => record = next,
                None => return Reached { consumed: record, done: false },
            }
        }
        Reached { consumed: record, done: record >= limit || at_end }
    }

    /// Below a table: every line that is not blank is rejected as no row.
    pub fn reject_lines(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        tokens.clear();
        let mut start = 0;
        while start < limit && start < text.len() {
            let (end, next) = match self.line_end_after(text, start) {
                Some((_, next)) if next == text.len() && !at_end && text.ends_with(b"\r") => break,
                Some(line) => line,
                None if at_end || text.len() - start > self.max_record_bytes => (text.len(), text.len()),
                None => break,
            };
            if text[start..end].trim_ascii().is_empty() {
                tokens.skipped += 1;
            } else {
                tokens.reject_below(start, end);
            }
            start = next;
        }
        Reached { consumed: start, done: start >= limit || (at_end && start >= text.len()) }
    }

    /// A record whose quotes are right, with more or fewer fields than columns. Returns where the next record begins,
    /// where that is within this one.
    #[cold]
    fn irregular(&self, text: &[u8], record: Range<usize>, first_span: usize, tokens: &mut Tokens) -> Option<usize> {
        let fields = tokens.spans.len() - first_span;
        let empty = |span: &Span| span.is_empty() && !span.is_quoted();
        if fields == 0 || fields == 1 && empty(&tokens.spans[first_span]) || record.is_empty() {
            tokens.spans.truncate(first_span);
            tokens.skipped += 1;
        } else if self.dialect.trailing_separator && fields == self.columns + 1 && tokens.spans.last().is_some_and(empty) {
            tokens.spans.pop();
            tokens.starts.push(record.start as u32);
        } else {
            return irregular::wrong_count(self, text, record, first_span, tokens);
        }
        None
    }

    /// A record longer than the bound: where a quote keeps it open, the quote is taken as text; else it is rejected.
    /// Returns where the next record begins.
    #[cold]
    fn too_long(&self, text: &[u8], record: usize, at_end: bool, tokens: &mut Tokens) -> usize {
        let line = self.line_end_after(text, record);
        let short_line = line.is_some_and(|(end, _)| end - record <= self.max_record_bytes);
        if let Some(next) = short_line.then(|| irregular::reread(self, text, record, Cause::UnclosedQuote, true, tokens)).flatten() {
            return next;
        }
        let line = self.whole_line_end_after(text, record, at_end);
        let (end, next) = line.unwrap_or_else(|reached| (reached, reached));
        tokens.within_long_line = line.is_err() && !at_end;
        tokens.reject_too_long(record, end, self.max_record_bytes);
        next
    }

    fn comment(&self, text: &[u8], record: usize, at_end: bool, tokens: &mut Tokens) -> Option<usize> {
        let next = match self.line_end_after(text, record) {
            Some((_, next)) if next < text.len() || at_end => next,
            None if at_end => text.len(),
            _ => return None,
        };
        tokens.skipped += 1;
        Some(next)
    }

    /// The cells of one record, pushed as spans.
    fn record(&self, text: &[u8], scan: &mut Scan<'_>, record: usize, at_end: bool, tokens: &mut Tokens) -> RecordEnd {
        let separator = self.dialect.separator.as_slice();
        let mut field = self.field_start(text, record, scan);
        let mut quoted = None;
        loop {
            let Some(at) = scan.next() else {
                if !at_end {
                    return RecordEnd::NeedMore;
                }
                if !self.ends_in_separators(record, field, text.len(), quoted) {
                    tokens.spans.push(quoted.unwrap_or_else(|| self.trimmed(text, field, text.len())));
                }
                return RecordEnd::At { end: text.len(), next: text.len() };
            };
            let byte = text[at];
            if byte == self.needles[0] && (separator.len() == 1 || text[at..].starts_with(separator)) {
                tokens.spans.push(quoted.take().unwrap_or_else(|| self.trimmed(text, field, at)));
                field = at + separator.len();
                if separator.len() > 1 {
                    scan.skip_to(field);
                }
                field = self.field_start(text, field, scan);
            } else if byte == self.needles[3] || (byte == b'\r' && self.dialect.line_end == LineEnd::Any) {
                let next = match &self.dialect.line_end {
                    LineEnd::Any if byte == b'\n' => at + 1,
                    LineEnd::Any => match text.get(at + 1) {
                        Some(b'\n') => {
                            scan.next();
                            at + 2
                        }
                        None if !at_end => return RecordEnd::NeedMore,
                        _ => at + 1,
                    },
                    LineEnd::Exactly(line_end) if text[at..].starts_with(line_end) => {
                        scan.skip_to(at + line_end.len());
                        at + line_end.len()
                    }
                    LineEnd::Exactly(line_end) if !at_end && line_end.starts_with(&text[at..]) => return RecordEnd::NeedMore,
                    LineEnd::Exactly(_) => continue,
                };
                if !self.ends_in_separators(record, field, at, quoted) {
                    tokens.spans.push(quoted.unwrap_or_else(|| self.trimmed(text, field, at)));
                }
                return RecordEnd::At { end: at, next };
            } else if Some(byte) == self.dialect.quote && quoted.is_none() && self.opens_cell(text, field, at) {
                match self.close_quote(text, scan, at) {
                    QuoteEnd::Open if at_end => return RecordEnd::Fault(Cause::UnclosedQuote),
                    QuoteEnd::Open => return RecordEnd::NeedMore,
                    QuoteEnd::Closed { at: close, .. } if close + 1 == text.len() && !at_end => return RecordEnd::NeedMore,
                    QuoteEnd::Closed { at: close, .. } if !self.ends_cell(text, close + 1) => return RecordEnd::Fault(Cause::StrayQuote),
                    QuoteEnd::Closed { at: close, escaped: false } => quoted = Some(Span::quoted(at + 1, close)),
                    QuoteEnd::Closed { at: close, escaped: true } => {
                        quoted = Some(self.unescape(&text[at + 1..close], &mut tokens.scratch))
                    }
                }
            }
        }
    }

    /// Whether what is before the record's end is merged separators, which open no cell.
    #[inline]
    fn ends_in_separators(&self, record: usize, field: usize, end: usize, quoted: Option<Span>) -> bool {
        self.dialect.merge_separators && field == end && quoted.is_none() && end > record
    }

    /// Where the cell begins that may begin at `at`.
    #[inline]
    fn field_start(&self, text: &[u8], mut at: usize, scan: &mut Scan<'_>) -> usize {
        if self.dialect.merge_separators {
            while text[at..].starts_with(&self.dialect.separator) {
                at += self.dialect.separator.len();
            }
            scan.skip_to(at);
        }
        at
    }

    #[inline]
    pub(super) fn opens_cell(&self, text: &[u8], field: usize, quote: usize) -> bool {
        quote == field || (self.dialect.trim_leading && text[field..quote].iter().all(|b| matches!(b, b' ' | b'\t')))
    }

    #[inline]
    fn trimmed(&self, text: &[u8], mut start: usize, mut end: usize) -> Span {
        if self.dialect.trim_leading {
            while start < end && matches!(text[start], b' ' | b'\t') {
                start += 1;
            }
        }
        if self.dialect.trim_trailing {
            while start < end && matches!(text[end - 1], b' ' | b'\t') {
                end -= 1;
            }
        }
        Span::plain(start, end)
    }

    /// From an opening quote to the one that closes it.
    #[inline]
    fn close_quote(&self, text: &[u8], scan: &mut Scan<'_>, open: usize) -> QuoteEnd {
        let quote = text[open];
        let escape = self.dialect.escape;
        let doubled = escape == Some(quote);
        let mut escaped = false;
        while let Some(at) = scan.next() {
            let byte = text[at];
            if byte == quote {
                if !(doubled && text.get(at + 1) == Some(&quote)) {
                    return QuoteEnd::Closed { at, escaped };
                }
                escaped = true;
                scan.next();
            } else if Some(byte) == escape && text.get(at + 1).is_some_and(|&next| next == quote || next == byte) {
                escaped = true;
                scan.skip_to(at + 2);
            }
        }
        QuoteEnd::Open
    }

    /// Whether a cell may end at `at`: a separator, a line end, the end of the text, or blanks before one of these.
    pub(super) fn ends_cell(&self, text: &[u8], at: usize) -> bool {
        let rest = &text[at.min(text.len())..];
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        [rest, &rest[blanks..]].iter().any(|rest| {
            rest.is_empty()
                || rest.starts_with(&self.dialect.separator)
                || match &self.dialect.line_end {
                    LineEnd::Any => matches!(rest[0], b'\n' | b'\r'),
                    LineEnd::Exactly(line_end) => rest.starts_with(line_end),
                }
        })
    }

    /// A quoted cell with its escapes resolved, in the scratch buffer.
    pub(super) fn unescape(&self, cell: &[u8], scratch: &mut Vec<u8>) -> Span {
        let first = scratch.len();
        let (quote, escape) = (self.dialect.quote, self.dialect.escape);
        let mut rest = cell;
        while let Some(at) = escape.and_then(|escape| memchr::memchr(escape, rest)) {
            match rest.get(at + 1).copied() {
                Some(next) if Some(next) == quote || Some(next) == escape => {
                    scratch.extend_from_slice(&rest[..at]);
                    scratch.push(next);
                    rest = &rest[at + 2..];
                }
                _ => {
                    scratch.extend_from_slice(&rest[..=at]);
                    rest = &rest[at + 1..];
                }
            }
        }
        scratch.extend_from_slice(rest);
        Span::scratch(first, scratch.len(), true)
    }

    /// The end of the line that `from` is in, quotes or not, and the start of the next.
    pub(super) fn line_end_after(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        match &self.dialect.line_end {
            LineEnd::Any => {
                let at = from + memchr::memchr2(b'\n', b'\r', &text[from..])?;
                let width = if text[at..].starts_with(b"\r\n") { 2 } else { 1 };
                Some((at, at + width))
            }
            LineEnd::Exactly(line_end) => {
                let at = from + memchr::memmem::find(&text[from..], line_end)?;
                Some((at, at + line_end.len()))
            }
        }
    }

    /// The same, where the line end is whole: `text` may go on with the rest of it. Else how far the line goes for certain.
    fn whole_line_end_after(&self, text: &[u8], from: usize, at_end: bool) -> Result<(usize, usize), usize> {
        let begun = match &self.dialect.line_end {
            _ if at_end => 0,
            LineEnd::Any => usize::from(text.ends_with(b"\r")),
            LineEnd::Exactly(line_end) => (1..line_end.len()).rev().find(|&n| text.ends_with(&line_end[..n])).unwrap_or(0),
        };
        let sure = (text.len() - begun).max(from);
        match self.line_end_after(text, from) {
            Some((end, next)) if end < sure || begun == 0 => Ok((end, next)),
            _ => Err(sure),
        }
    }
}

impl Cutter for Tokeniser {
    fn columns(&self) -> usize {
        self.columns
    }

    fn run(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        Self::run(self, text, limit, at_end, tokens)
    }

    fn reject_lines(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        Self::reject_lines(self, text, limit, at_end, tokens)
    }

    fn record_end(&self, text: &[u8], start: usize) -> usize {
        let mut tokens = Tokens::default();
        let end = start + Self::run(self, &text[start..], 1, true, &mut tokens).consumed;
        match &self.dialect.line_end {
            LineEnd::Exactly(line_end) if text[start..end].ends_with(line_end) => end - line_end.len(),
            _ => end,
        }
    }

    fn find_record(&self, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
        boundary::find(self, text, from, at_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::text::OddRecord;

    fn rows_of(tokeniser: &Tokeniser, text: &[u8], tokens: &Tokens) -> Vec<Vec<Option<String>>> {
        let cells = Cells { text, scratch: &tokens.scratch, spans: &tokens.spans, stride: tokeniser.columns, column: 0 };
        let show = |span: &Span| (!span.is_missing()).then(|| String::from_utf8_lossy(cells.bytes(*span)).into_owned());
        tokens.spans.chunks(tokeniser.columns).map(|row| row.iter().map(show).collect()).collect()
    }

    fn read(dialect: Dialect, columns: usize, text: &str) -> (Vec<Vec<Option<String>>>, Vec<OddRecord>) {
        let tokeniser = Tokeniser::new(dialect, columns, 1 << 20);
        let mut tokens = Tokens::default();
        let reached = tokeniser.run(text.as_bytes(), usize::MAX, true, &mut tokens);
        assert_eq!(reached, Reached { consumed: text.len(), done: true });
        (rows_of(&tokeniser, text.as_bytes(), &tokens), tokens.odd)
    }

    fn row(cells: &[&str]) -> Vec<Option<String>> {
        cells.iter().map(|cell| Some((*cell).to_owned())).collect()
    }

    #[test]
    fn rfc_4180() {
        let (rows, odd) = read(Dialect::default(), 3, "1,\"a \"\"b\"\", c\",\r\n2,\"x\ny\",z\r\n3,,\"\"");
        assert_eq!(rows, [row(&["1", "a \"b\", c", ""]), row(&["2", "x\ny", "z"]), row(&["3", "", ""])]);
        assert_eq!(odd, []);
    }

    #[test]
    fn every_line_end_ends_a_record_and_blank_lines_are_none() {
        let (rows, _) = read(Dialect::default(), 2, "1,2\n3,4\r5,6\r\n\n\r\n7,8\r");
        assert_eq!(rows, [row(&["1", "2"]), row(&["3", "4"]), row(&["5", "6"]), row(&["7", "8"])]);
    }

    #[test]
    fn a_backslash_escapes_a_quote() {
        let dialect = Dialect { escape: Some(b'\\'), ..Dialect::default() };
        let (rows, odd) = read(dialect, 2, "\"a\\\"b\",\"c\\\\\"\n\"8\\'9\",x\n");
        assert_eq!(rows, [row(&["a\"b", "c\\"]), row(&["8\\'9", "x"])]);
        assert_eq!(odd, []);
    }

    #[test]
    fn separators_may_be_long_and_line_ends_given() {
        let dialect = Dialect { separator: b"||".to_vec(), line_end: LineEnd::Exactly(b"\\n".to_vec()), ..Dialect::default() };
        let (rows, _) = read(dialect, 3, "a|b||c\nd||\\ne||\"||\"||f\\n");
        assert_eq!(rows, [row(&["a|b", "c\nd", ""]), row(&["e", "||", "f"])]);
    }

    #[test]
    fn merged_separators_align_tables() {
        let dialect = Dialect { separator: b" ".to_vec(), merge_separators: true, ..Dialect::default() };
        let (rows, odd) = read(dialect, 3, "  a  b   c\nd e f   \n");
        assert_eq!(rows, [row(&["a", "b", "c"]), row(&["d", "e", "f"])]);
        assert_eq!(odd, []);
    }

    #[test]
    fn blanks_at_the_end_of_the_text_and_lines_of_blanks_are_no_cells() {
        let dialect = Dialect { separator: b" ".to_vec(), merge_separators: true, ..Dialect::default() };
        for text in ["a b c\n   \nd e f  ", "a b c  \n  \n\nd e f\n    "] {
            let (rows, odd) = read(dialect.clone(), 3, text);
            assert_eq!((rows, odd), (vec![row(&["a", "b", "c"]), row(&["d", "e", "f"])], vec![]), "{text:?}");
        }
    }

    #[test]
    fn short_and_long_records_become_listed_rows() {
        let (rows, odd) = read(Dialect::default(), 3, "1,2\n1,2,3,4\n1,2,3\n");
        assert_eq!(rows[0], [Some("1".into()), Some("2".into()), None]);
        assert_eq!(rows[1..], [row(&["1", "2", "3"]), row(&["1", "2", "3"])]);
        let causes: Vec<_> = odd.iter().map(|odd| (odd.row, odd.cause)).collect();
        assert_eq!(causes, [(Some(0), Cause::TooFewFields), (Some(1), Cause::TooManyFields)]);
    }

    #[test]
    fn the_header_again_is_no_row() {
        let text = b"1,2\nid,\"name\"\nid,x\n3,4\n";
        let tokeniser = Tokeniser::new(Dialect::default(), 2, 1 << 20).knowing_header(vec![b"id".to_vec(), b"name".to_vec()]);
        let mut tokens = Tokens::default();
        tokeniser.run(text, usize::MAX, true, &mut tokens);
        assert_eq!(rows_of(&tokeniser, text, &tokens), [row(&["1", "2"]), row(&["id", "x"]), row(&["3", "4"])]);
        assert_eq!(tokens.odd.iter().map(|odd| (odd.cause, odd.row)).collect::<Vec<_>>(), [(Cause::NotARow, None)]);
    }

    #[test]
    fn an_ellipsis_is_no_row() {
        let (rows, odd) = read(Dialect::default(), 3, "1,2,3\n...\n...\n");
        assert_eq!(rows, [row(&["1", "2", "3"])]);
        assert_eq!(odd.iter().map(|odd| (odd.row, odd.cause)).collect::<Vec<_>>(), [(None, Cause::NotARow); 2]);
    }

    #[test]
    fn an_unclosed_quote_costs_its_line_only() {
        let (rows, odd) = read(Dialect::default(), 2, "1,x\n5,\"oops\n6,x\n7,x\n");
        assert_eq!(rows, [row(&["1", "x"]), row(&["5", "\"oops"]), row(&["6", "x"]), row(&["7", "x"])]);
        assert_eq!(odd.iter().map(|odd| (odd.row, odd.cause)).collect::<Vec<_>>(), [(Some(1), Cause::UnclosedQuote)]);
        let (rows, odd) = read(Dialect::default(), 2, "5,\"oops\n6,\"x\"\n7,\"y\nz\"\n");
        assert_eq!(rows, [row(&["5", "\"oops"]), row(&["6", "x"]), row(&["7", "y\nz"])]);
        assert_eq!(odd.len(), 1);
    }

    #[test]
    fn a_stray_quote_is_text() {
        let (rows, _) = read(Dialect::default(), 3, "a,\"\"https://x\",c\n1,\"07:15,\"An, b\"\n1,2,8 Wt.\"x\n\"a\"b\",2,3\n");
        assert_eq!(
            rows,
            [row(&["a", "\"https://x", "c"]), row(&["1", "\"07:15", "An, b"]), row(&["1", "2", "8 Wt.\"x"]), row(&["a\"b", "2", "3"])]
        );
    }

    #[test]
    fn a_text_cut_anywhere_reads_as_whole() {
        let texts = [
            "1,\"a \"\"b\"\", c\"\r\n2,\"x\ny\"\r\n3,\r\n\r\n4,z\r5,\"\"\n6,\"oops\n7,\"y\"\n8,\"a\"b\",\n9\n",
            "1,x\n2,\"never closed\n3,y\n4,z",
        ];
        for text in texts {
            let text = text.as_bytes();
            let tokeniser = Tokeniser::new(Dialect::default(), 2, 1 << 20);
            let mut whole = Tokens::default();
            tokeniser.run(text, usize::MAX, true, &mut whole);
            let expected = rows_of(&tokeniser, text, &whole);
            for cut in 0..=text.len() {
                let mut tokens = Tokens::default();
                let reached = tokeniser.run(&text[..cut], usize::MAX, false, &mut tokens);
                let mut rows = rows_of(&tokeniser, &text[..cut], &tokens);
                let mut odd = tokens.odd.len();
                assert!(!reached.done);
                tokeniser.run(&text[reached.consumed..], usize::MAX, true, &mut tokens);
                rows.extend(rows_of(&tokeniser, &text[reached.consumed..], &tokens));
                odd += tokens.odd.len();
                assert_eq!(rows, expected, "cut at {cut}");
                assert_eq!(odd, whole.odd.len(), "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_record_beyond_the_bound_is_rejected_alone() {
        let long = "x".repeat(5000);
        let text = format!("1,2\n{long},3\n4,5\n6,\"open {long}\n");
        let tokeniser = Tokeniser::new(Dialect::default(), 2, 1000);
        let mut tokens = Tokens::default();
        let mut rows = Vec::new();
        let mut causes = Vec::new();
        let mut from = 0;
        for end in (500..text.len() + 500).step_by(500) {
            let end = end.min(text.len());
            let part = &text.as_bytes()[from..end];
            let reached = tokeniser.run(part, usize::MAX, end == text.len(), &mut tokens);
            rows.extend(rows_of(&tokeniser, part, &tokens));
            causes.extend(tokens.odd.iter().map(|odd| odd.cause));
            from += reached.consumed;
        }
        assert_eq!(rows, [row(&["1", "2"]), row(&["4", "5"])]);
        assert_eq!(causes, [Cause::RecordTooLong; 2]);
    }

    /// Rows, skipped lines and causes of a text that comes in two pieces.
    fn in_pieces(tokeniser: &Tokeniser, text: &[u8], cut: usize) -> (Vec<Vec<Option<String>>>, u64, Vec<Cause>) {
        let (mut tokens, mut rows, mut skipped, mut causes) = (Tokens::default(), Vec::new(), 0, Vec::new());
        let mut from = 0;
        for (end, at_end) in [(cut, false), (text.len(), true)] {
            let reached = tokeniser.run(&text[from..end], usize::MAX, at_end, &mut tokens);
            rows.extend(rows_of(tokeniser, &text[from..end], &tokens));
            skipped += tokens.skipped;
            causes.extend(tokens.odd.iter().map(|odd| odd.cause));
            from += reached.consumed;
        }
        (rows, skipped, causes)
    }

    #[test]
    fn a_line_end_that_is_cut_ends_a_line_beyond_the_bound_once() {
        let long = "x".repeat(300);
        for (line_end, text) in
            [(LineEnd::Any, format!("1,2\r\n{long}\r\n3,4\r\n")), (LineEnd::Exactly(b"||".to_vec()), format!("1,2||{long}||3,4||"))]
        {
            let tokeniser = Tokeniser::new(Dialect { line_end, ..Dialect::default() }, 2, 100);
            let expected = (vec![row(&["1", "2"]), row(&["3", "4"])], 0, vec![Cause::RecordTooLong]);
            for cut in 0..=text.len() {
                assert_eq!(in_pieces(&tokeniser, text.as_bytes(), cut), expected, "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_stray_quote_over_lines_is_read_the_same_wherever_a_piece_ends() {
        let text = format!("1,\"a\"b\n{}\nc\"\n2,x\n", "y\n".repeat(80));
        for bound in [20, 64, 1000] {
            let tokeniser = Tokeniser::new(Dialect::default(), 2, bound);
            let expected = in_pieces(&tokeniser, text.as_bytes(), 0);
            for cut in 0..=text.len() {
                assert_eq!(in_pieces(&tokeniser, text.as_bytes(), cut), expected, "bound {bound}, cut at {cut}");
            }
        }
    }
}
