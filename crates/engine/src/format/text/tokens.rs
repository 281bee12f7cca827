//! Records and cells as a cutter leaves them.

use colonnade_protocol::Cause;

use crate::column::Span;

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
}

/// How far a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The end of the last whole record.
    pub consumed: usize,
    /// A record begins at or after the limit, or the source ends.
    pub done: bool,
}
