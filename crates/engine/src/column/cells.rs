//! The text cells of a batch of records, as a tokeniser leaves them: spans into its input, row after row.

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
        self.spans[self.column..].iter().step_by(self.stride).copied()
    }

    /// The bytes of a span.
    pub fn bytes(&self, span: Span) -> &'a [u8] {
        let buffer = if span.length & SCRATCH != 0 { self.scratch } else { self.text };
        &buffer[span.start as usize..][..span.len()]
    }
}
