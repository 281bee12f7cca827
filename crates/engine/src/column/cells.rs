//! The text cells of a batch of records, as a tokeniser leaves them: spans into its input, row after row.

use std::ops::Range;

/// Where one cell's text is. Eight bytes, so that a batch of spans stays in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    /// Length in the low 29 bits, flags above.
    length: u32,
}

const QUOTED: u32 = 1 << 31;
const SCRATCH: u32 = 1 << 30;
const MISSING: u32 = 1 << 29;
const LENGTH: u32 = MISSING - 1;

impl Span {
    /// A cell that the record does not have: always null.
    pub const MISSING: Self = Self { start: 0, length: MISSING };

    /// Bytes `start..end` of the input.
    pub fn plain(start: usize, end: usize) -> Self {
        Self { start: start as u32, length: (end - start) as u32 }
    }

    /// Bytes `start..end` of the input, which stood in quotes.
    pub fn quoted(start: usize, end: usize) -> Self {
        Self { start: start as u32, length: (end - start) as u32 | QUOTED }
    }

    /// Bytes `start..end` of the scratch buffer: a cell whose escapes were resolved.
    pub fn scratch(start: usize, end: usize, quoted: bool) -> Self {
        Self { start: start as u32, length: (end - start) as u32 | SCRATCH | if quoted { QUOTED } else { 0 } }
    }

    /// Whether the cell stood in quotes.
    pub fn is_quoted(self) -> bool {
        self.length & QUOTED != 0
    }

    /// Whether the record has no such cell.
    pub fn is_missing(self) -> bool {
        self.length & MISSING != 0
    }

    /// Where its text is in the input; `None` for text in the scratch buffer.
    pub fn in_input(self) -> Option<Range<usize>> {
        (self.length & SCRATCH == 0).then(|| self.start as usize..self.start as usize + self.len())
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.length & LENGTH) as usize
    }

    /// Whether there is no text.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// The cells of one column over the rows of a batch. Longest cell: 512 MiB.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// The tokeniser's input.
    pub text: &'a [u8],
    /// Cells whose escapes were resolved.
    pub scratch: &'a [u8],
    /// All cells of the batch, row after row.
    pub spans: &'a [Span],
    /// Cells in a row.
    pub stride: usize,
    pub column: usize,
}

impl<'a> Cells<'a> {
    /// Rows in the batch.
    pub fn rows(&self) -> usize {
        self.spans.len() / self.stride
    }

    /// The spans of this column, row after row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Span> + 'a {
        self.spans.get(self.column..).unwrap_or_default().iter().step_by(self.stride).copied()
    }

    /// `N` bytes from where a span starts, of which only the first [`Span::len`] are its own: what a copy of fixed size
    /// needs. `None` near the end of the buffer.
    pub fn chunk<const N: usize>(&self, span: Span) -> Option<&'a [u8; N]> {
        self.buffer(span).get(span.start as usize..)?.first_chunk()
    }

    /// The bytes of a span.
    pub fn bytes(&self, span: Span) -> &'a [u8] {
        &self.buffer(span)[span.start as usize..][..span.len()]
    }

    /// Where a cell stands in the tokeniser's input; `None` for one whose escapes were resolved.
    pub fn place(&self, span: Span) -> Option<std::ops::Range<u32>> {
        (span.length & (SCRATCH | MISSING) == 0).then(|| span.start..span.start + span.len() as u32)
    }

    fn buffer(&self, span: Span) -> &'a [u8] {
        if span.length & SCRATCH != 0 { self.scratch } else { self.text }
    }
}

/// One column of cells, for tests.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct CellText {
    text: Vec<u8>,
    spans: Vec<Span>,
}

#[cfg(test)]
impl CellText {
    /// Cells that do not stand in quotes.
    pub fn plain<T: AsRef<[u8]>>(cells: impl IntoIterator<Item = T>) -> Self {
        cells.into_iter().fold(Self::default(), |mut column, cell| {
            column.push(cell.as_ref(), false);
            column
        })
    }

    pub fn push(&mut self, cell: &[u8], quoted: bool) {
        let start = self.text.len();
        self.text.extend_from_slice(cell);
        let end = self.text.len();
        self.spans.push(if quoted { Span::quoted(start, end) } else { Span::plain(start, end) });
    }

    pub fn push_missing(&mut self) {
        self.spans.push(Span::MISSING);
    }

    pub fn cells(&self) -> Cells<'_> {
        Cells { text: &self.text, scratch: &[], spans: &self.spans, stride: 1, column: 0 }
    }
}
