//! The unit of work: one contiguous range of the source, decoded and encoded in one pass.
//!
//! Of a source that is pushed, a unit does no I/O: its driver asks [`Unit::wants`], reads, and pushes. Of one that is read by
//! random access it reads by itself, some rows a [`step`](Unit::step). Between two of either it may be dropped, which is how
//! a job is cancelled. What it holds is a read buffer, one batch, and encoded pages.

mod gathered;
mod pushed;
mod stepped;

use std::ops::Range;

use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};

use crate::Result;
use crate::format;
use crate::output::segment::Segment;
use crate::plan::UnitTask;
use crate::source::Source;

pub use gathered::UnitReport;
use pushed::Pushed;
use stepped::Stepped;

/// Bytes asked of the source at a time: a driver hears of a cancel between two reads.
pub const READ_BYTES: usize = 1 << 20;
/// Rows between two entries of the row index.
pub const INDEX_ROWS: u64 = 1024;

/// A unit being worked on.
pub struct Unit(Kind);

enum Kind {
    Pushed(Box<Pushed>),
    Stepped(Box<Stepped>),
}

impl Unit {
    /// Begins a unit of a source.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where the plan's settings cannot be used; where the source is read by random access, those of
    /// [`BlockFormat::reader`](format::BlockFormat::reader).
    pub fn new(task: UnitTask, source: &(impl Source + ?Sized)) -> Result<Self> {
        let format = format::by_id(&task.read.format)
            .ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, format!("there is no format {:?}", task.read.format), ""))?;
        Ok(Self(match format.blocks() {
            Some(blocks) => Kind::Stepped(Box::new(Stepped::new(&task, blocks, &source.share())?)),
            None => Kind::Pushed(Box::new(Pushed::new(task, format, source.len())?)),
        }))
    }

    /// Whether nothing is left to do but [`finish`](Self::finish).
    pub fn is_done(&self) -> bool {
        match &self.0 {
            Kind::Pushed(unit) => unit.wants().is_none(),
            Kind::Stepped(unit) => unit.is_done(),
        }
    }

    /// The bytes of the source to push next; `None` once the unit is done, and where it reads by itself.
    pub fn wants(&self) -> Option<Range<u64>> {
        match &self.0 {
            Kind::Pushed(unit) => unit.wants(),
            Kind::Stepped(_) => None,
        }
    }

    /// Takes the next bytes, as many as `fill` reads into the buffer it is given, and decodes what is whole in them.
    ///
    /// # Errors
    /// Those of `fill`, and the encoder's. A bad record under FAILFAST is no error here but ends the unit.
    pub fn push(&mut self, fill: impl FnOnce(Range<u64>, &mut [u8]) -> Result<usize>) -> Result<()> {
        match &mut self.0 {
            Kind::Pushed(unit) => unit.push(fill),
            Kind::Stepped(_) => Ok(()),
        }
    }

    /// Reads some rows and decodes them, where the unit reads by itself: a megabyte or so.
    ///
    /// # Errors
    /// Those of the source, the format and the encoder. A bad record under FAILFAST is no error here but ends the unit.
    pub fn step(&mut self) -> Result<()> {
        match &mut self.0 {
            Kind::Pushed(_) => Ok(()),
            Kind::Stepped(unit) => unit.step(),
        }
    }

    /// The next push or step, for drivers that wait for their reads.
    ///
    /// # Errors
    /// As [`push`](Self::push) and [`step`](Self::step).
    pub fn advance(&mut self, source: &(impl Source + ?Sized)) -> Result<()> {
        match &mut self.0 {
            Kind::Pushed(unit) => unit.push(|range, buffer| source.read_at(range.start, buffer)),
            Kind::Stepped(unit) => unit.step(),
        }
    }

    /// The report and the segment of a unit that is done. No segment where there are no rows or a column was widened.
    ///
    /// # Errors
    /// The encoder's.
    pub fn finish(self) -> Result<(UnitReport, Option<Segment>)> {
        match self.0 {
            Kind::Pushed(unit) => unit.finish(),
            Kind::Stepped(unit) => unit.finish(),
        }
    }

    /// Bytes of the source worked through so far; of rows, their share of it.
    pub fn bytes_done(&self) -> u64 {
        match &self.0 {
            Kind::Pushed(unit) => unit.bytes_done(),
            Kind::Stepped(unit) => unit.bytes_done(),
        }
    }

    /// Rows and rejects so far.
    pub fn counts(&self) -> Counts {
        match &self.0 {
            Kind::Pushed(unit) => unit.counts(),
            Kind::Stepped(unit) => unit.counts(),
        }
    }
}
