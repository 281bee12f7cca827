//! The records of a batch that did not fit, and what the parse mode makes of them.

use colonnade_protocol::{Cause, ErrorInfo, ErrorKind, Outcome, Place, Reject};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::tokenise::OddRecord;
use crate::Result;
use crate::format::ParseMode;

/// Raw text kept with a reject: enough to see and repair it, bounded so that a list of rejects stays small.
const RAW_BYTES: usize = 64 * 1024;

/// One thing wrong with one record.
pub(super) struct Fault {
    /// The row of the record, before any row is dropped; `None` where it became none.
    pub row: Option<u32>,
    /// The record's offset in the text.
    pub start: u32,
    pub cause: Cause,
    pub column: Option<u32>,
    pub reason: String,
    /// The part at fault, relative to `start`.
    pub span: Option<(u32, u32)>,
}

/// All that is wrong with a batch's records.
#[derive(Default)]
pub(super) struct Faults {
    pub found: Vec<Fault>,
}

/// The records of a batch in their text.
pub(super) struct Records<'a> {
    /// As far as it is decoded.
    pub text: &'a [u8],
    pub encoding: &'static Encoding,
    /// The place of `text[0]`.
    pub place: Place,
    pub starts: &'a [u32],
    pub odd: &'a [OddRecord],
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.found.push(fault);
    }

    /// Rows with a fault, ascending, each once.
    pub fn rows(&self) -> impl Iterator<Item = u32> {
        let mut rows: Vec<u32> = self.found.iter().filter_map(|fault| fault.row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.into_iter()
    }

    /// Cells whose value did not fit and is null now.
    pub fn nulled_cells(&self) -> u64 {
        self.found.iter().filter(|fault| fault.cause == Cause::TypeMismatch).count() as u64
    }

    /// One reject a record, in source order; sorts the faults by record.
    ///
    /// # Errors
    /// The first record with a fault, under FAILFAST.
    pub fn settle(&mut self, mode: ParseMode, records: &Records<'_>) -> Result<Vec<Reject>> {
        self.found.sort_by_key(|fault| fault.start);
        if mode == ParseMode::FailFast {
            return match self.found.first() {
                Some(fault) => Err(records.error(fault)),
                None => Ok(Vec::new()),
            };
        }
        let mut lines = LineCounter::default();
        Ok(self
            .found
            .chunk_by(|a, b| a.start == b.start)
            .map(|faults| {
                let first = &faults[0];
                let (raw, offset) = records.raw(first.start, RAW_BYTES);
                Reject {
                    outcome: if first.row.is_none() || mode == ParseMode::DropMalformed { Outcome::Rejected } else { Outcome::Repaired },
                    cause: first.cause,
                    place: Place {
                        byte: records.place.byte + u64::from(first.start),
                        line: records.place.line + lines.up_to(records.text, first.start as usize),
                    },
                    column: first.column,
                    reason: faults.iter().map(|fault| fault.reason.as_str()).collect::<Vec<_>>().join("; "),
                    span: first
                        .span
                        .map(|(from, to)| (offset(from), offset(to)))
                        .filter(|&(from, to)| from < to && to as usize <= raw.len()),
                    raw,
                }
            })
            .collect())
    }
}

impl Records<'_> {
    /// The text of the record at `start` without its line end, at most `most` bytes of it, and where a byte of the
    /// record stands in that text.
    pub fn raw(&self, start: u32, most: usize) -> (String, impl Fn(u32) -> u32) {
        let next_row = self.starts.partition_point(|&at| at <= start);
        let next_odd = self.odd.partition_point(|odd| odd.start <= start);
        let own = next_odd.checked_sub(1).map(|at| &self.odd[at]).filter(|odd| odd.start == start);
        let own_end = own.map(|odd| odd.end as usize);
        let next = [self.starts.get(next_row).copied(), self.odd.get(next_odd).map(|odd| odd.start)].into_iter().flatten().min();
        let end = own_end.unwrap_or_else(|| next.map_or(self.text.len(), |at| at as usize));
        let bytes = &self.text[start as usize..end];
        // Its own line end, and those of blank lines behind it.
        let bytes = &bytes[..bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1)];
        let bytes = &bytes[..bytes.len().min(most)];
        // A record with bytes that are no text is shown whole in the encoding that every byte is text in.
        let encoding = if self.encoding.decode_without_bom_handling(bytes).1 { WINDOWS_1252 } else { self.encoding };
        let text = encoding.decode_without_bom_handling(bytes).0.into_owned();
        let bytes = bytes.to_vec();
        (text, move |at: u32| encoding.decode_without_bom_handling(&bytes[..bytes.len().min(at as usize)]).0.len() as u32)
    }

    fn error(&self, fault: &Fault) -> ErrorInfo {
        let line = self.place.line + LineCounter::default().up_to(self.text, fault.start as usize);
        let mut what = fault.reason.clone();
        what.get_mut(..1).map(str::make_ascii_uppercase);
        ErrorInfo::new(
            ErrorKind::Malformed,
            what,
            "The mode is FAILFAST: choose PERMISSIVE or DROPMALFORMED to go on and list such records, or correct the file.",
        )
        .at(Place { byte: self.place.byte + u64::from(fault.start), line })
    }
}

/// Line ends in a text: LF, CRLF or CR, each as one.
pub(super) fn count_line_ends(text: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', text).count();
    let lone_returns = memchr::memchr_iter(b'\r', text).filter(|&at| text.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// Counts line ends up to ascending positions, each byte once.
#[derive(Default)]
struct LineCounter {
    done: usize,
    lines: u64,
}

impl LineCounter {
    fn up_to(&mut self, text: &[u8], at: usize) -> u64 {
        if at > self.done {
            self.lines += count_line_ends(&text[self.done..at]);
            self.done = at;
        }
        self.lines
    }
}
