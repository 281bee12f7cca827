//! A unit of a source that is read by random access: it asks its reader for rows.

use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};

use super::gathered::Gathered;
use crate::Result;
use crate::format::{BlockFormat, BlockReader};
use crate::plan::{Piece, UnitStart};
use crate::source::SharedSource;

/// Rows asked for at a time; a reader gives fewer where they are large.
const STEP_ROWS: u64 = 8192;

/// A unit at work.
pub(super) struct Stepped {
    reader: Box<dyn BlockReader>,
    from: u64,
    at: u64,
    limit: u64,
    bytes: u64,
    gathered: Gathered,
}

impl Stepped {
    /// Of a piece that weighs `bytes` bytes.
    pub fn new(piece: &Piece, blocks: &dyn BlockFormat, source: &SharedSource, bytes: u64, mut gathered: Gathered) -> Result<Self> {
        let (UnitStart::At(at) | UnitStart::From(at)) = piece.start;
        gathered.begin(piece, at)?;
        let reader = blocks.reader(source, &piece.read.settings, &piece.read.columns)?;
        Ok(Self { reader, from: at, at, limit: piece.limit.max(at), bytes, gathered })
    }

    pub fn is_done(&self) -> bool {
        self.at >= self.limit || self.gathered.report.failed.is_some()
    }

    pub fn step(&mut self) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        let most = (self.limit - self.at).min(STEP_ROWS);
        let read = self.reader.read(self.at, most as usize);
        let Some(decoded) = self.gathered.unless_failed(read)? else { return Ok(()) };
        let rows = (decoded.consumed as u64).min(most);
        if rows == 0 {
            let what = format!("the rows end at row {}, {} rows early", self.at, self.limit - self.at);
            return Err(ErrorInfo::new(ErrorKind::Source, what, "The file is damaged, or changed while it was read: open it again."));
        }
        self.at += rows;
        self.gathered.take(decoded.batch)
    }

    /// What was gathered up to the piece's end.
    pub fn end(mut self) -> Gathered {
        self.gathered.end(self.at, 0);
        self.gathered
    }

    pub fn bytes_done(&self) -> u64 {
        let share = (self.at - self.from) as f64 / (self.limit - self.from).max(1) as f64;
        (self.bytes as f64 * share) as u64
    }

    pub fn has_failed(&self) -> bool {
        self.gathered.report.failed.is_some()
    }

    pub fn counts(&self) -> Counts {
        self.gathered.report.counts
    }
}
