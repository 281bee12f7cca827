//! The dialect of a CSV file: everything the tokeniser must know.

/// How cells and records are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// One byte or a short string.
    pub separator: Vec<u8>,
    pub quote: Option<u8>,
    /// `Some(quote)` where a quote inside quotes is doubled.
    pub escape: Option<u8>,
    /// Lines that begin with it are skipped.
    pub comment: Option<u8>,
    pub line_end: LineEnd,
    /// A run of separators is one, and those a record begins with are none (tables aligned by blanks).
    pub merge_separators: bool,
    /// Blanks around a cell do not belong to it.
    pub trim_leading: bool,
    pub trim_trailing: bool,
    /// Every record ends with a separator that opens no cell.
    pub trailing_separator: bool,
}

/// What ends a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineEnd {
    /// LF, CRLF or CR, also mixed.
    Any,
    /// This text only.
    Exactly(Vec<u8>),
}

impl Default for Dialect {
    /// RFC 4180.
    fn default() -> Self {
        Self {
            separator: b",".to_vec(),
            quote: Some(b'"'),
            escape: Some(b'"'),
            comment: None,
            line_end: LineEnd::Any,
            merge_separators: false,
            trim_leading: false,
            trim_trailing: false,
            trailing_separator: false,
        }
    }
}
