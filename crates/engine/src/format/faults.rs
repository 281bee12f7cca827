//! The records of a batch that did not fit, and what the parse mode makes of them.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, StringArray};
use colonnade_protocol::report::Decision;
use colonnade_protocol::{Cause, Counts, ErrorInfo, ErrorKind, Outcome, Place, Reject};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::lines::LineCounter;
use super::{Batch, ParseMode};
use crate::Result;
use crate::column::{ColumnSpec, late};
use crate::decisions::By;

/// Raw text of a record that is kept with its reject: all of it, unless the bound on records was raised. Lists that many
/// rejects stay in keep the beginning (`rejects.rs`).
const RAW_BYTES: usize = 16 << 20;
/// Raw text of a record that is beyond the bound, and is not read to its end.
const BEGUN_BYTES: usize = 64 << 10;

/// The longest value quoted in a reason.
const QUOTED_CHARS: usize = 60;

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
    /// The setting that made it so, where another one would not.
    pub by: Option<By>,
}

/// All that is wrong with a batch's records.
#[derive(Default)]
pub(super) struct Faults {
    found: Vec<Fault>,
    beside: Vec<Fault>,
}

/// The records of a batch in their text.
pub(super) struct Records<'a> {
    /// As far as it is decoded.
    pub text: &'a [u8],
    pub encoding: &'static Encoding,
    /// The place of `text[0]`.
    pub place: Place,
    /// The offset of each row's record.
    pub starts: &'a [u32],
    /// Where the record that begins at an offset ends, with or without its line end.
    pub end_of: &'a dyn Fn(u32) -> usize,
}

/// A record as it stands in the source.
struct Raw<'a> {
    text: String,
    /// What `text` is decoded from.
    kept: &'a [u8],
    /// The record's length.
    bytes: usize,
    encoding: &'static Encoding,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.found.push(fault);
    }

    /// The last one that was added is by this setting.
    #[cfg(feature = "every-format")]
    pub fn decided(&mut self, by: By) {
        self.found.last_mut().into_iter().for_each(|fault| fault.by = Some(by));
    }

    /// Something that was mended outside of the records: listed, but no row has it.
    #[cfg(feature = "every-format")]
    pub fn add_beside(&mut self, fault: Fault) {
        self.beside.push(fault);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Takes back those behind the first `length`.
    pub fn truncate(&mut self, length: usize) {
        self.found.truncate(length);
    }

    /// Rows with a fault, ascending, each once.
    fn rows(&self) -> impl Iterator<Item = u32> {
        let mut rows: Vec<u32> = self.found.iter().filter_map(|fault| fault.row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.into_iter()
    }

    /// Cells whose value did not fit and is null now.
    fn nulled_cells(&self) -> u64 {
        self.found.iter().filter(|fault| fault.cause == Cause::TypeMismatch).count() as u64
    }

    /// The batch of the rows in `records`: rejects and counts, and `columns` (empty where one must be widened) without the
    /// rows that the mode drops. `corrupt_at`: where the column goes that holds the raw text of what did not fit.
    ///
    /// # Errors
    /// The first record with a fault, under FAILFAST.
    pub fn into_batch(
        mut self,
        mode: ParseMode,
        records: &Records<'_>,
        mut columns: Vec<ArrayRef>,
        corrupt_at: Option<usize>,
    ) -> Result<Batch> {
        let mut rejects = self.settle(mode, records)?;
        let dropped: Vec<u32> = if mode == ParseMode::DropMalformed { self.rows().collect() } else { Vec::new() };
        let is_dropped = |row: usize| dropped.binary_search(&(row as u32)).is_ok();
        let starts: Vec<u64> = (0..records.starts.len())
            .filter(|&row| !is_dropped(row))
            .map(|row| records.place.byte + u64::from(records.starts[row]))
            .collect();
        if let (false, Some(at)) = (columns.is_empty(), corrupt_at) {
            columns.insert(at, self.corrupt_column(records));
        }
        if !dropped.is_empty() {
            let keep: BooleanArray = (0..records.starts.len()).map(|row| Some(!is_dropped(row))).collect();
            for column in &mut columns {
                *column = arrow_select::filter::filter(column, &keep)
                    .map_err(|error| ErrorInfo::new(ErrorKind::Internal, error.to_string(), ""))?;
            }
        }
        let beside = records.list(&self.beside, |_| Outcome::Repaired);
        let listed = |outcome| rejects.iter().filter(|reject| reject.outcome == outcome).count() as u64;
        let counts = Counts {
            read: starts.len() as u64 + listed(Outcome::Rejected),
            written: starts.len() as u64,
            rejected: listed(Outcome::Rejected),
            repaired: listed(Outcome::Repaired) + beside.len() as u64,
            nulled_cells: if mode == ParseMode::Permissive { self.nulled_cells() } else { 0 },
            ..Counts::default()
        };
        if !beside.is_empty() {
            rejects.extend(beside);
            rejects.sort_by_key(|reject| reject.place.byte);
        }
        Ok(Batch { columns, rows: starts.len(), starts, counts, rejects, widened: Vec::new() })
    }

    fn corrupt_column(&self, records: &Records<'_>) -> ArrayRef {
        let mut raw = vec![None; records.starts.len()];
        for fault in &self.found {
            if let Some(row) = fault.row {
                raw[row as usize].get_or_insert_with(|| records.raw(fault.start, usize::MAX).text);
            }
        }
        Arc::new(StringArray::from(raw))
    }

    /// One reject a record, in source order; sorts the faults by record.
    ///
    /// # Errors
    /// The first record with a fault, under FAILFAST.
    fn settle(&mut self, mode: ParseMode, records: &Records<'_>) -> Result<Vec<Reject>> {
        self.found.sort_by_key(|fault| fault.start);
        self.beside.sort_by_key(|fault| fault.start);
        if mode == ParseMode::FailFast {
            let first = self.found.first().into_iter().chain(self.beside.first()).min_by_key(|fault| fault.start);
            return first.map_or(Ok(Vec::new()), |fault| Err(records.error(fault)));
        }
        let is_rejected = |fault: &Fault| fault.row.is_none() || mode == ParseMode::DropMalformed;
        Ok(records.list(&self.found, |fault| if is_rejected(fault) { Outcome::Rejected } else { Outcome::Repaired }))
    }
}

impl Records<'_> {
    /// Widened columns, with what they did not hold at its place in the source. It was at its record's offset.
    pub fn placed(&self, mut widened: Vec<ColumnSpec>) -> Vec<ColumnSpec> {
        let mut places: Vec<_> = late::places(&mut widened).collect();
        places.sort_unstable_by_key(|place| place.byte);
        let mut lines = LineCounter::default();
        for place in places {
            place.line = self.place.line + lines.up_to(self.text, place.byte as usize);
            place.byte += self.place.byte;
        }
        widened
    }

    /// One reject a record; the faults are sorted by record.
    fn list(&self, faults: &[Fault], outcome: impl Fn(&Fault) -> Outcome) -> Vec<Reject> {
        let mut lines = LineCounter::default();
        faults
            .chunk_by(|a, b| a.start == b.start)
            .map(|faults| {
                let first = &faults[0];
                let place = self.place_of(&mut lines, first.start as usize);
                let is_begun = first.cause == Cause::RecordTooLong;
                let Raw { text: raw, kept, bytes, encoding } = self.raw(first.start, if is_begun { BEGUN_BYTES } else { RAW_BYTES });
                let offset = |at: u32| encoding.decode_without_bom_handling(&kept[..kept.len().min(at as usize)]).0.len() as u32;
                let mut reasons: Vec<&str> = Vec::new();
                for fault in faults.iter().filter(|fault| !fault.reason.is_empty()) {
                    if !reasons.contains(&fault.reason.as_str()) {
                        reasons.push(&fault.reason);
                    }
                }
                let mut reason = reasons.join("; ");
                if kept.len() < bytes {
                    let of = if is_begun { String::new() } else { format!(" of {bytes}") };
                    reason.push_str(&format!("; the first {}{of} bytes are kept", kept.len()));
                }
                Reject {
                    outcome: outcome(first),
                    cause: first.cause,
                    file: None,
                    place,
                    decisions: self.decisions(faults, &lines),
                    column: first.column,
                    reason,
                    span: first
                        .span
                        .map(|(from, to)| (offset(from), offset(to)))
                        .filter(|&(from, to)| from < to && to as usize <= raw.len()),
                    raw,
                }
            })
            .collect()
    }

    fn place_of(&self, lines: &mut LineCounter, at: usize) -> Place {
        Place { byte: self.place.byte + at as u64, line: self.place.line + lines.up_to(self.text, at.min(self.text.len())) }
    }

    /// What settings decided about the record of these faults; `lines` are counted up to where it begins.
    fn decisions(&self, faults: &[Fault], lines: &LineCounter) -> Vec<Decision> {
        let mut decided: Vec<_> =
            faults.iter().filter_map(|fault| Some((fault.start + fault.span.map_or(0, |(from, _)| from), fault.by?, fault))).collect();
        decided.sort_by_key(|&(at, ..)| at);
        let mut lines = lines.clone();
        let decision = |(at, by, fault): (u32, By, &Fault)| Decision {
            option: by.option.into(),
            place: self.place_of(&mut lines, at as usize),
            times: by.times,
            what: fault.reason.clone(),
        };
        decided.into_iter().map(decision).collect()
    }

    /// The record at `start` without its line end, at most `most` bytes of it.
    fn raw(&self, start: u32, most: usize) -> Raw<'_> {
        let bytes = &self.text[start as usize..(self.end_of)(start)];
        // Its own line end, and those of blank lines behind it.
        let bytes = &bytes[..bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1)];
        let kept = &bytes[..bytes.len().min(most)];
        // A record with bytes that are no text is shown whole in the encoding that every byte is text in.
        let (text, encoding) = match self.encoding.decode_without_bom_handling(kept) {
            (text, false) => (text, self.encoding),
            (_, true) => (WINDOWS_1252.decode_without_bom_handling(kept).0, WINDOWS_1252),
        };
        Raw { text: text.into_owned(), kept, bytes: bytes.len(), encoding }
    }

    fn error(&self, fault: &Fault) -> ErrorInfo {
        // What breaks a grammar has a place within its record.
        let within = fault.span.filter(|_| fault.cause == Cause::Syntax).map_or(0, |(from, _)| from as usize);
        let at = fault.start as usize + within;
        let line = self.place.line + LineCounter::default().up_to(self.text, at.min(self.text.len()));
        let mut what = fault.reason.clone();
        what.get_mut(..1).map(str::make_ascii_uppercase);
        ErrorInfo::new(
            ErrorKind::Malformed,
            what,
            "The mode is FAILFAST: choose PERMISSIVE or DROPMALFORMED to go on and list such records, or correct the file.",
        )
        .at(Place { byte: self.place.byte + at as u64, line })
    }
}

/// A value as a reason quotes it.
pub(super) fn quoted(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let mut short: String = text.chars().take(QUOTED_CHARS).collect();
    if short.len() < text.len() {
        short.push('\u{2026}');
    }
    format!("{short:?}")
}
