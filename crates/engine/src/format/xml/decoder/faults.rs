//! What is wrong with the records, as it is listed: where, and in which words.

use colonnade_protocol::{Cause, ErrorInfo, Place};

use super::super::entities;
use super::super::reader::SyntaxError;
use super::{Rows, Text, XmlDecoder};
use crate::format::ParseMode;
use crate::format::faults::Fault;
use crate::format::lines::count_line_ends;

impl XmlDecoder {
    /// The fault that FAILFAST stops at, in its very place.
    pub(super) fn fail(&self, error: SyntaxError, text: Text<'_>, rows: &mut Rows) {
        let at = error.at.min(text.bytes.len());
        let reason = format!("not well-formed at column {}: {error}", rows.column.of(text.bytes, at));
        self.reject(at, at, Cause::Syntax, reason, None, rows);
    }

    pub(super) fn reject_broken(&self, error: SyntaxError, start: usize, end: usize, text: Text<'_>, rows: &mut Rows) {
        let at = error.at.clamp(start, end);
        let reason = format!("not well-formed at column {}: {error}", rows.column.of(text.bytes, at));
        self.reject(start, end, Cause::Syntax, reason, Some(((at - start) as u32, (at - start + 1) as u32)), rows);
    }

    pub(super) fn reject_long(&self, start: usize, end: usize, rows: &mut Rows) {
        let reason = format!("longer than maxRecordBytes ({}): raise it to read this record", self.max_record_bytes);
        self.reject(start, end, Cause::RecordTooLong, reason, None, rows);
    }

    /// A record that becomes no row, or one of nulls beside the corrupt-record column.
    pub(super) fn reject(&self, start: usize, end: usize, cause: Cause, reason: String, span: Option<(u32, u32)>, rows: &mut Rows) {
        let keep = self.corrupt_at.is_some() && self.mode == ParseMode::Permissive && cause != Cause::RecordTooLong;
        let row = keep.then_some(rows.starts.len() as u32);
        rows.ends.push((start as u32, end as u32));
        if keep {
            rows.starts.push(start as u32);
        }
        rows.faults.add(Fault { row, start: start as u32, cause, column: None, reason, span, by: None });
    }
}

/// A position whose column is known: most often the next that is asked for is behind it.
#[derive(Debug, Default)]
pub(super) struct Column {
    at: usize,
    /// Characters before it on its line.
    before: usize,
}

impl Column {
    /// The column of a position, in characters from 1.
    pub fn of(&mut self, text: &[u8], at: usize) -> usize {
        if at < self.at {
            *self = Self::default();
        }
        let passed = &text[self.at..at];
        let characters = |part: &[u8]| part.iter().filter(|&&byte| (byte as i8) >= -0x40).count();
        self.before = match memchr::memrchr2(b'\n', b'\r', passed) {
            Some(line) => characters(&passed[line + 1..]),
            None => self.before + characters(passed),
        };
        self.at = at;
        self.before + 1
    }
}

pub(super) fn place_of(place: Place, text: &[u8], at: usize) -> Place {
    Place { byte: place.byte + at as u64, line: place.line + count_line_ends(&text[..at]) }
}

pub(super) fn bomb(place: Place, text: Text<'_>, at: usize) -> ErrorInfo {
    entities::bomb(place_of(place, text.bytes, at.min(text.bytes.len())))
}
