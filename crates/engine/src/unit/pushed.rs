//! A unit of a source whose bytes are pushed.

use std::ops::Range;

use colonnade_protocol::{Counts, ErrorInfo, ErrorKind, Place};

use super::READ_BYTES;
use super::gathered::Gathered;
use crate::Result;
use crate::format::{Decoder, Format, Input, Split};
use crate::plan::{Piece, UnitStart};

/// Text decoded into one batch: with its spans and arrays it stays in a core's own cache. And a browser exchanges a slow first
/// version of a function for a fast one only between two calls.
const BATCH_BYTES: usize = 256 << 10;

/// How much of what was read is looked at in one go: so much that a record of n bytes is looked over in about 3 n.
#[derive(Debug, Default)]
struct Window {
    /// Bytes that were seen not to hold a whole record: looked at again when there are twice as many.
    futile: usize,
}

impl Window {
    /// Whether `held` bytes are worth a look.
    fn opens(&self, held: usize, at_end: bool) -> bool {
        at_end || held >= 2 * self.futile
    }

    fn bytes(&self) -> usize {
        BATCH_BYTES.max(2 * self.futile)
    }
}

/// A unit at work.
pub(super) struct Pushed {
    piece: Piece,
    source_len: u64,
    decoder: Box<dyn Decoder>,
    /// Bytes read and not decoded yet begin at `decoded`.
    buffer: Vec<u8>,
    decoded: usize,
    window: Window,
    /// The place of `buffer[decoded]`; its line counts as [`Piece::line`] says.
    place: Place,
    /// Where the first record begins.
    from: u64,
    started: bool,
    done: bool,
    gathered: Gathered,
}

impl Pushed {
    pub fn new(piece: Piece, format: &dyn Format, source_len: u64, mut gathered: Gathered) -> Result<Self> {
        let decoder = format.decoder(&piece.read.settings, &piece.read.columns)?;
        let (from, started) = match piece.start {
            UnitStart::At(at) => (at, true),
            UnitStart::From(from) => {
                let align = match format.split(&piece.read.settings) {
                    Split::Ranges { align } => align,
                    Split::Not | Split::InOrder => 1,
                };
                (from.saturating_sub(align), false)
            }
        };
        gathered.begin(&piece, from)?;
        let done = from >= source_len || (started && from >= piece.limit);
        let place = Place { byte: from, line: piece.line };
        Ok(Self {
            piece,
            source_len,
            decoder,
            buffer: Vec::new(),
            decoded: 0,
            window: Window::default(),
            place,
            from,
            started,
            done,
            gathered,
        })
    }

    pub fn limit(&self) -> u64 {
        self.piece.limit
    }

    pub fn wants(&self) -> Option<Range<u64>> {
        let from = self.place.byte + (self.buffer.len() - self.decoded) as u64;
        (!self.done).then(|| from..self.source_len.min(from + READ_BYTES as u64))
    }

    pub fn push(&mut self, fill: impl FnOnce(Range<u64>, &mut [u8]) -> Result<usize>) -> Result<()> {
        let Some(range) = self.wants() else { return Ok(()) };
        self.buffer.drain(..self.decoded);
        self.decoded = 0;
        let kept = self.buffer.len();
        let count = (range.end - range.start) as usize;
        self.buffer.resize(kept + count, 0);
        let n = fill(range.clone(), &mut self.buffer[kept..])?;
        self.buffer.truncate(kept + n);
        if n == 0 {
            let what = format!("the source ended at byte {}, {} bytes before its length", range.start, self.source_len - range.start);
            return Err(ErrorInfo::new(ErrorKind::Source, what, "The file changed while it was read: open it again."));
        }
        let at_end = range.start + n as u64 >= self.source_len;
        if !self.started {
            self.find_start(at_end);
        }
        if self.started && !self.done {
            self.decode(at_end)?;
        }
        Ok(())
    }

    /// What was gathered up to the piece's end.
    pub fn end(mut self) -> Gathered {
        self.gathered.end(self.place.byte, self.place.line - self.piece.line);
        self.gathered
    }

    pub fn bytes_done(&self) -> u64 {
        self.place.byte - self.from
    }

    pub fn has_failed(&self) -> bool {
        self.gathered.report.failed.is_some()
    }

    pub fn counts(&self) -> Counts {
        self.gathered.report.counts
    }

    fn find_start(&mut self, at_end: bool) {
        let from = match self.piece.start {
            UnitStart::From(from) => (from - self.place.byte) as usize,
            UnitStart::At(_) => 0,
        };
        let Some(at) = self.decoder.find_record(&self.buffer, from, at_end) else {
            // One line longer than a read: look on from its last bytes.
            if self.buffer.len() > from.max(16) {
                let skipped = self.buffer.len() - 16;
                self.buffer.drain(..skipped);
                self.place.byte += skipped as u64;
                self.piece.start = UnitStart::From(self.place.byte.max(match self.piece.start {
                    UnitStart::From(from) | UnitStart::At(from) => from,
                }));
            }
            self.done = at_end;
            if at_end {
                self.place.byte = self.source_len;
                (self.from, self.gathered.report.first) = (self.source_len, self.source_len);
                self.buffer.clear();
            }
            return;
        };
        self.decoded = at;
        self.place.byte += at as u64;
        (self.from, self.gathered.report.first) = (self.place.byte, self.place.byte);
        self.started = true;
        self.done = self.place.byte >= self.piece.limit.min(self.source_len);
    }

    fn decode(&mut self, at_end: bool) -> Result<()> {
        if !self.window.opens(self.buffer.len() - self.decoded, at_end) {
            return Ok(());
        }
        while !self.done {
            let rest = &self.buffer[self.decoded..];
            let bytes = &rest[..rest.len().min(self.window.bytes())];
            let (looked_at, whole) = (bytes.len(), bytes.len() == rest.len());
            let input = Input { bytes, place: self.place, limit: self.piece.limit, at_end: at_end && whole };
            let decoded = self.decoder.decode(input);
            let Some(decoded) = self.gathered.unless_failed(decoded)? else {
                self.done = true;
                return Ok(());
            };
            self.decoded += decoded.consumed;
            self.place.byte += decoded.consumed as u64;
            self.place.line += decoded.lines;
            self.done = decoded.done;
            if decoded.consumed == 0 && !decoded.done {
                self.window.futile = looked_at;
                if whole {
                    return Ok(());
                }
            } else {
                self.window.futile = 0;
            }
            self.gathered.take(decoded.batch)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_any_length_is_looked_over_in_three_times_its_bytes() {
        let record = 100 << 20;
        let (mut window, mut looked_at) = (Window::default(), 0);
        for held in (READ_BYTES..=record).step_by(READ_BYTES) {
            while window.opens(held, held == record) {
                let bytes = held.min(window.bytes());
                looked_at += bytes;
                window.futile = bytes;
                if bytes == held {
                    break;
                }
            }
        }
        assert!(looked_at <= 3 * record, "{looked_at}");
    }
}
