//! Records and cells as a cutter leaves them.

use colonnade_protocol::Cause;

use crate::column::Span;
use crate::decisions::By;
use crate::format::lines::line_at;
use crate::format::text::options::KEEP_ELLIPSES;

/// The cells of the records in one piece of text. Reused from piece to piece.
#[derive(Debug, Default)]
pub struct Tokens {
    /// `columns` spans for each row.
    pub spans: Vec<Span>,
    /// Cells whose escapes were resolved.
    pub scratch: Vec<u8>,
    /// Offset of each row's record in the text.
    pub starts: Vec<u32>,
    /// Records that were repaired or rejected, in source order.
    pub odd: Vec<OddRecord>,
    /// Blank lines and comments.
    pub skipped: u64,
    /// The text ended within a line that is longer than the bound and rejected already: the next text begins in it.
    pub within_long_line: bool,
}

impl Tokens {
    /// Makes room for the next text; a line that is given up stays so.
    pub fn clear(&mut self) {
        self.spans.clear();
        self.scratch.clear();
        self.starts.clear();
        self.odd.clear();
        self.skipped = 0;
    }

    /// Lists a record, or a line of one, that is longer than the bound.
    pub fn reject_too_long(&mut self, start: usize, end: usize, bound: usize) {
        self.reject(start, end, Cause::RecordTooLong, format!("longer than maxRecordBytes ({bound}): raise it to read this record"));
    }

    /// Lists a record that is the header again, and takes its cells back.
    #[cold]
    pub fn reject_header(&mut self, start: usize, end: usize, first_span: usize) {
        self.spans.truncate(first_span);
        self.reject(start, end, Cause::NotARow, "the header again".to_owned());
    }

    /// Lists a line below the table.
    pub fn reject_below(&mut self, start: usize, end: usize) {
        self.reject(start, end, Cause::NotARow, "below the table (tableEnd): a footnote or another table".to_owned());
    }

    /// Lists every line that is not blank as below the table; of lines that LF, CRLF or CR end.
    pub fn reject_lines(&mut self, text: &[u8], limit: usize, at_end: bool, longest: usize) -> Reached {
        self.clear();
        let mut at = 0;
        while at < limit && at < text.len() {
            let (end, next) = match line_at(text, at, at_end) {
                Some(line) => line,
                None if text.len() - at > longest => (text.len(), text.len()),
                None => break,
            };
            if text[at..end].trim_ascii().is_empty() {
                self.skipped += 1;
            } else {
                self.reject_below(at, end);
            }
            at = next;
        }
        Reached { consumed: at, done: at >= limit || (at_end && at >= text.len()) }
    }

    /// Lists NUL bytes that stand for nothing, or a record that they end.
    #[cold]
    pub fn reject_padding(&mut self, start: usize, end: usize) {
        self.reject(start, end, Cause::NotARow, "NUL bytes, as a write that was cut short leaves".to_owned());
    }

    /// Lists a record that is nothing but an ellipsis.
    #[cold]
    pub fn reject_ellipsis(&mut self, start: usize, end: usize) {
        self.reject(start, end, Cause::NotARow, "an ellipsis, not a row".to_owned());
        self.odd.last_mut().into_iter().for_each(|odd| odd.by = Some(By::once(KEEP_ELLIPSES)));
    }

    fn reject(&mut self, start: usize, end: usize, cause: Cause, reason: String) {
        self.odd.push(OddRecord { row: None, start: start as u32, end: end as u32, cause, reason, span: None, by: None });
    }
}

/// A record that is not as the table wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddRecord {
    /// The row it became; `None` where it became none.
    pub row: Option<u32>,
    /// The record in the text, without its line end.
    pub start: u32,
    pub end: u32,
    pub cause: Cause,
    pub reason: String,
    /// The part of the record at fault, relative to `start`.
    pub span: Option<(u32, u32)>,
    /// The setting that made it so, where another one would not.
    pub by: Option<By>,
}

/// How far a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The end of the last whole record.
    pub consumed: usize,
    /// A record begins at or after the limit, or the source ends.
    pub done: bool,
}

/// Whether a record is dots only, in brackets or not: what people write for "and so on".
pub fn is_ellipsis(record: &[u8]) -> bool {
    let record = record.trim_ascii();
    let within = match record {
        [b'[', within @ .., b']'] | [b'(', within @ .., b')'] => within.trim_ascii(),
        _ => record,
    };
    within == "\u{2026}".as_bytes() || (within.len() >= 2 && within.iter().all(|&byte| byte == b'.'))
}

/// The same for a record that is one field, so that blanks divide nothing: its dots may stand apart.
pub fn is_spaced_ellipsis(field: &[u8]) -> bool {
    let dots = field.iter().filter(|&&byte| byte == b'.').count();
    let may_be = |byte: &u8| byte.is_ascii_whitespace() || b".[]()".contains(byte);
    is_ellipsis(field)
        || dots >= 3
            && field.iter().all(may_be)
            && is_ellipsis(&field.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<_>>())
}
