//! What all readers of text tables share: from bytes in any encoding to typed columns, whatever cuts records and cells.
//!
//! A format says how text is cut ([`Cutter`]); decoding, parse modes, encodings and types are the same for all of them.

pub mod comments;
pub mod decoder;
pub mod describe;
pub mod infer;
pub mod marks;
pub mod options;
pub mod packed;
pub mod row_count;
pub mod rows;
pub mod tokens;
pub mod transcode;

pub use tokens::{OddRecord, Reached, Tokens, is_ellipsis, is_spaced_ellipsis};

/// Cuts text into the cells of a table with a fixed number of columns.
pub trait Cutter {
    /// Cells in a row, at least 1.
    fn columns(&self) -> usize;
    /// Cuts the whole records at the start of `text` that begin before `limit`. `at_end`: the source ends with `text`.
    fn run(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached;
    /// What is cut next begins at this byte of the source: for texts in which a line says how those below it are cut.
    fn begin_at(&self, _byte: u64) {}
    /// Below a table: every line that is not blank is rejected as no row.
    fn reject_lines(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached;
    /// Where the record at `start` ends, with or without its line end; `text` holds the whole record.
    fn record_end(&self, text: &[u8], _start: usize) -> usize {
        text.len()
    }
    /// The first record that begins at or after `from`, as well as can be told from the middle of the source.
    fn find_record(&self, text: &[u8], from: usize, at_end: bool) -> Option<usize>;
}
