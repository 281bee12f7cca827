//! How fields and records of a text table are told apart.

use memchr::memmem;

use crate::column::Span;
use crate::format::lines::line_at;
use crate::format::text::options::escape;

/// How a table is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub separator: Separator,
    pub quote: Option<u8>,
    /// What a comment line begins with, blanks before it aside. Empty: no line is one.
    pub comment: Vec<u8>,
    pub record_end: RecordEnd,
}

/// What stands between two fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Separator {
    /// Any run of blanks and tabs.
    Blanks,
    /// This text, with or without blanks around it; also at both ends of a record, where it opens no field.
    Text(Vec<u8>),
}

/// What ends a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordEnd {
    /// Every line end.
    Line,
    /// This text; a line end too, unless records go on over lines.
    Text { end: Vec<u8>, joins: bool },
    /// A blank line.
    BlankLine,
    /// The line end behind which a record has so many fields.
    Full(usize),
}

impl RecordEnd {
    /// Whether a record may go on over line ends.
    pub fn joins(&self) -> bool {
        match self {
            Self::Line => false,
            Self::Text { joins, .. } => *joins,
            Self::BlankLine | Self::Full(_) => true,
        }
    }
}

/// A mark as a person can read it: as it stands, or as options write it where it holds what cannot be seen.
pub fn visible(mark: &[u8]) -> String {
    let mark = String::from_utf8_lossy(mark);
    if mark.contains(char::is_control) { escape(&mark) } else { mark.into_owned() }
}

/// Whether a byte is a blank within a line.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

impl Layout {
    /// Rows of TeX's tables: `a & b \\`, commands between them.
    pub fn tex() -> Self {
        let record_end = RecordEnd::Text { end: br"\\".to_vec(), joins: false };
        Self { separator: Separator::Text(b"&".to_vec()), quote: None, comment: br"\".to_vec(), record_end }
    }

    /// Whether fields stand as TeX has them.
    pub fn is_tex(&self) -> bool {
        matches!(&self.separator, Separator::Text(text) if text == b"&")
    }

    /// Whether a line is a comment.
    pub fn is_comment(&self, line: &[u8]) -> bool {
        let line = line.trim_ascii_start();
        !self.comment.is_empty() && (line.starts_with(&self.comment) || self.is_tex() && line.starts_with(b"%"))
    }

    /// Where the record at `start`, which is not blank, ends, and where the next may begin. `None`: more text is needed.
    pub fn record(&self, text: &[u8], start: usize, at_end: bool) -> Option<(usize, usize)> {
        match &self.record_end {
            RecordEnd::Line => line_at(text, start, at_end),
            RecordEnd::Text { end, joins } => {
                let found = memmem::find(&text[start..], end).map(|at| start + at);
                let line = if *joins { None } else { line_at(text, start, at_end) };
                match (found, line) {
                    (Some(at), Some((line_end, next))) if line_end < at => Some((line_end, next)),
                    (Some(at), _) => Some((at, self.behind(text, at + end.len(), at_end)?)),
                    (None, Some(line)) => Some(line),
                    (None, None) => at_end.then_some((text.len(), text.len())),
                }
            }
            RecordEnd::BlankLine => {
                let (mut end, mut next) = line_at(text, start, at_end)?;
                while next < text.len() || !at_end {
                    let (line_end, line_next) = line_at(text, next, at_end)?;
                    if text[next..line_end].trim_ascii().is_empty() {
                        break;
                    }
                    (end, next) = (line_end, line_next);
                }
                Some((end, next))
            }
            RecordEnd::Full(fields) => {
                let (mut end, mut next) = line_at(text, start, at_end)?;
                let mut found = self.count(&text[start..end]);
                while found < *fields && (next < text.len() || !at_end) {
                    let (line_end, line_next) = line_at(text, next, at_end)?;
                    let more = self.count(&text[next..line_end]);
                    if more == 0 || found + more > *fields {
                        break;
                    }
                    found += more;
                    (end, next) = (line_end, line_next);
                }
                Some((end, next))
            }
        }
    }

    /// Where the next record begins behind a record's end: the rest of the line, where it is blank, belongs to the end.
    fn behind(&self, text: &[u8], at: usize, at_end: bool) -> Option<usize> {
        let blanks = text[at..].iter().take_while(|byte| is_blank(**byte)).count();
        match text.get(at + blanks) {
            Some(b'\n') => Some(at + blanks + 1),
            Some(b'\r') => line_at(text, at + blanks, at_end).map(|(_, next)| next),
            Some(_) => Some(at),
            None => at_end.then_some(text.len()),
        }
    }

    /// The first record that begins at or after `from`, as well as can be told.
    pub fn find_record(&self, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
        let RecordEnd::Text { end, joins: true } = &self.record_end else {
            return crate::format::lines::line_start(text, from, at_end);
        };
        let mut at = from.saturating_sub(end.len() + 2);
        loop {
            let Some(found) = memmem::find(&text[at..], end) else { return at_end.then_some(text.len()) };
            at += found + end.len();
            let next = self.behind(text, at, at_end)?;
            if next >= from {
                return Some(next);
            }
        }
    }

    /// How many fields a line has.
    pub fn count(&self, line: &[u8]) -> usize {
        let mut spans = Vec::new();
        self.fields(line, 0, line.len(), &mut spans, &mut Vec::new());
        spans.len()
    }

    /// The fields of the record `start..end`, line ends within it being blanks.
    pub fn fields(&self, text: &[u8], start: usize, end: usize, spans: &mut Vec<Span>, scratch: &mut Vec<u8>) {
        match &self.separator {
            Separator::Blanks => self.between_blanks(text, start, end, spans, scratch),
            Separator::Text(separator) => self.between(separator, text, start, end, spans, scratch),
        }
    }

    fn between_blanks(&self, text: &[u8], start: usize, end: usize, spans: &mut Vec<Span>, scratch: &mut Vec<u8>) {
        let is_end = |byte: u8| is_blank(byte) || matches!(byte, b'\n' | b'\r');
        let goes_on = matches!(self.record_end, RecordEnd::Full(_));
        let mut at = start;
        while at < end {
            if is_end(text[at]) {
                at += 1;
                continue;
            }
            let ends = |rest: &[u8]| rest.first().is_none_or(|byte| is_end(*byte));
            let quoted = if Some(text[at]) == self.quote { self.quoted(text, at, end, scratch, ends) } else { None };
            if let Some((span, next)) = quoted {
                spans.push(span);
                at = next;
                continue;
            }
            let length = text[at..end].iter().position(|byte| is_end(*byte)).unwrap_or(end - at);
            // A backslash by itself before a line end says that the record goes on.
            let says_on = goes_on && &text[at..at + length] == b"\\" && text[at + length..end].trim_ascii_start().len() < end - at;
            let at_line_end = text[at + length..end].iter().find(|byte| !is_blank(**byte)).is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
            if !(says_on && at_line_end) {
                spans.push(Span::plain(at, at + length));
            }
            at += length;
        }
    }

    fn between(&self, separator: &[u8], text: &[u8], start: usize, end: usize, spans: &mut Vec<Span>, scratch: &mut Vec<u8>) {
        let blanks = |at: usize| at + text[at..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let mut at = blanks(start);
        // A bar at the edge opens no field; TeX has none there.
        if text[at..end].starts_with(separator) && !self.is_tex() {
            at = blanks(at + separator.len());
        }
        while at < end {
            let ends = |rest: &[u8]| {
                let rest = rest.trim_ascii_start();
                rest.is_empty() || rest.starts_with(separator)
            };
            let quoted = if Some(text[at]) == self.quote { self.quoted(text, at, end, scratch, ends) } else { None };
            let field_end = match quoted {
                Some((span, next)) => {
                    spans.push(span);
                    next
                }
                None => {
                    let rest = &text[at..end];
                    let (length, has_escapes) = until(separator, rest);
                    let field = rest[..length].trim_ascii_end();
                    spans.push(if has_escapes { unescaped(field, scratch) } else { Span::plain(at, at + field.len()) });
                    at + length
                }
            };
            // A separator, a line end, or both are one.
            at = blanks(field_end);
            let separated = text[at..end].starts_with(separator);
            if separated {
                at = blanks(at + separator.len());
            }
        }
    }

    /// The quoted field that opens at `open`, and what is behind it; `None` where the quote is better taken as text.
    fn quoted(&self, text: &[u8], open: usize, end: usize, scratch: &mut Vec<u8>, ends: impl Fn(&[u8]) -> bool) -> Option<(Span, usize)> {
        let quote = text[open];
        let (mut at, mut doubled) = (open + 1, false);
        loop {
            at += memchr::memchr(quote, text.get(at..end)?)?;
            if ends(&text[at + 1..end]) {
                break;
            }
            if text.get(at + 1) != Some(&quote) {
                return None;
            }
            doubled = true;
            at += 2;
        }
        if !doubled {
            return Some((Span::quoted(open + 1, at), at + 1));
        }
        let first = scratch.len();
        let mut inner = text[open + 1..at].iter().copied();
        while let Some(byte) = inner.next() {
            scratch.push(byte);
            if byte == quote {
                inner.next();
            }
        }
        Some((Span::scratch(first, scratch.len(), true), at + 1))
    }
}

/// How far a field reaches that is not quoted, and whether it holds a bar behind a backslash, which is none: Markdown has them.
fn until(separator: &[u8], rest: &[u8]) -> (usize, bool) {
    let line = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let (mut from, mut has_escapes) = (0, false);
    while let Some(found) = memmem::find(&rest[from..line], separator) {
        let at = from + found;
        if separator != b"|" || !is_escaped(&rest[..at]) {
            return (at, has_escapes);
        }
        (from, has_escapes) = (at + 1, true);
    }
    (line, has_escapes)
}

/// Whether the next sign stands behind a backslash that is none itself.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// A field with its escaped bars as bars.
fn unescaped(field: &[u8], scratch: &mut Vec<u8>) -> Span {
    let first = scratch.len();
    for (at, &byte) in field.iter().enumerate() {
        if byte != b'\\' || field.get(at + 1) != Some(&b'|') || is_escaped(&field[..at]) {
            scratch.push(byte);
        }
    }
    Span::scratch(first, scratch.len(), false)
}
