//! A unit of a source that is read by random access: it asks its reader for rows.

use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};

use super::gathered::{Gathered, UnitReport};
use crate::Result;
use crate::format::{BlockFormat, BlockReader};
use crate::output::segment::Segment;
use crate::plan::{UnitStart, UnitTask};
use crate::source::SharedSource;

/// Rows asked for at a time; a reader gives fewer where they are large.
const STEP_ROWS: u64 = 8192;

/// A unit at work.
pub(super) struct Stepped {
    reader: Box<dyn BlockReader>,
    at: u64,
    limit: u64,
    bytes: u64,
    gathered: Gathered,
}

impl Stepped {
    pub fn new(task: &UnitTask, blocks: &dyn BlockFormat, source: &SharedSource) -> Result<Self> {
        let (UnitStart::At(at) | UnitStart::From(at)) = task.start;
        Ok(Self {
            reader: blocks.reader(source, &task.read.settings, &task.read.columns)?,
            at,
            limit: task.limit.max(at),
            bytes: task.bytes,
            gathered: Gathered::new(task, at)?,
        })
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

    pub fn finish(mut self) -> Result<(UnitReport, Option<Segment>)> {
        self.gathered.report.end = self.at;
        self.gathered.finish()
    }

    pub fn bytes_done(&self) -> u64 {
        let first = self.gathered.report.first;
        let share = (self.at - first) as f64 / (self.limit - first).max(1) as f64;
        (self.bytes as f64 * share) as u64
    }

    pub fn counts(&self) -> Counts {
        self.gathered.report.counts
    }
}
