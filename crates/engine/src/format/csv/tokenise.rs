//! Cuts CSV text into records and cells.
//!
//! One pass over the structural bytes that [`Scan`] finds. Regular records cost a span a cell and nothing else; records
//! that are not as the table wants them go through [`super::irregular`].

use std::ops::Range;

use colonnade_protocol::Cause;

use super::detect::binary::PADDING;
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
    pub(super) keep_ellipses: bool,
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
            keep_ellipses: false,
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

    /// With `keep`, a record that is nothing but an ellipsis is a row like any other.
    #[must_use]
    pub fn keeping_ellipses(mut self, keep: bool) -> Self {
        self.keep_ellipses = keep;
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
            } else if text[record] == 0 && text[record..].starts_with(&[0; PADDING]) {
                self.padding(text, record, at_end, tokens).inspect(|&next| scan.skip_to(next))
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
                        } else if text[..end].last() == Some(&0) && text[record..end].ends_with(&[0; PADDING]) {
                            tokens.spans.truncate(first_span);
                            tokens.scratch.truncate(first_scratch);
                            tokens.reject_padding(record, end);
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
            let line = &text[start..end];
            let is_blank = line.trim_ascii().is_empty();
            // Tabs that separate are as good as commas.
            if is_blank && (self.dialect.separator == b" " || memchr::memmem::find(line, &self.dialect.separator).is_none()) {
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

    /// NUL bytes where a record would begin: they are none, and one may begin behind them.
    #[cold]
    fn padding(&self, text: &[u8], record: usize, at_end: bool, tokens: &mut Tokens) -> Option<usize> {
        let end = record + text[record..].iter().take_while(|byte| **byte == 0).count();
        if end == text.len() && !at_end && end - record <= self.max_record_bytes {
            return None;
        }
        let next = match self.whole_line_end_after(text, end, at_end) {
            Ok((line_end, next)) if line_end == end => next,
            Err(sure) if sure < text.len() && sure == end => return None,
            _ => end,
        };
        tokens.reject_padding(record, end);
        Some(next)
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
                let end = self.last_end(text).max(field);
                if !self.ends_in_separators(record, field, end, quoted) {
                    tokens.spans.push(quoted.unwrap_or_else(|| self.trimmed(text, field, end)));
                }
                return RecordEnd::At { end, next: text.len() };
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

    /// Where a last record ends that nothing ends: before the line end that texts close with, whatever ends their records.
    #[cold]
    fn last_end(&self, text: &[u8]) -> usize {
        match &self.dialect.line_end {
            LineEnd::Exactly(end) if !end.contains(&b'\n') && text.ends_with(b"\n") => {
                text.len() - 1 - usize::from(text.ends_with(b"\r\n"))
            }
            _ => text.len(),
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
mod tests;
