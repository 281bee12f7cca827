//! The unit of work: one contiguous range of the source, decoded and encoded in one pass; or several small sources, whole, one
//! after another.
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
use crate::plan::{Piece, UnitTask};
use crate::source::Source;

use gathered::Gathered;
pub use gathered::UnitReport;
use pushed::Pushed;
use stepped::Stepped;

/// Bytes asked of the source at a time: a driver hears of a cancel between two reads.
pub const READ_BYTES: usize = 1 << 20;
/// Rows between two entries of the row index.
pub const INDEX_ROWS: u64 = 1024;

/// A unit being worked on.
pub struct Unit {
    kind: Kind,
    part: u32,
    /// Files to be read behind this one.
    more: std::vec::IntoIter<Piece>,
    /// Bytes of the files before this one.
    bytes_before: u64,
}

enum Kind {
    Pushed(Box<Pushed>),
    Stepped(Box<Stepped>),
}

/// A unit could not be done: in which of the table's files.
#[derive(Debug)]
pub struct PartError {
    pub part: u32,
    pub error: ErrorInfo,
}

/// Runs a unit from its first piece to its last, for drivers that wait for their reads.
///
/// # Errors
/// Those of [`Unit::new`], [`Unit::advance`] and [`Unit::finish`].
pub fn run<'a, S: Source + ?Sized + 'a>(
    task: UnitTask,
    source: impl Fn(u32) -> Option<&'a S>,
) -> std::result::Result<(UnitReport, Option<Segment>), PartError> {
    let at = |part: u32| move |error: ErrorInfo| PartError { part, error };
    let of = |part: u32| source(part).ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "a unit has no such file", "")).map_err(at(part));
    let part = task.first.part;
    let mut unit = Unit::new(task, of(part)?).map_err(at(part))?;
    loop {
        let part = unit.part();
        let source = of(part)?;
        while !unit.is_done() {
            unit.advance(source).map_err(at(part))?;
        }
        let Some(next) = unit.next_part() else { return unit.finish().map_err(at(part)) };
        unit = unit.go_on(of(next)?).map_err(at(next))?;
    }
}

impl Unit {
    /// Begins a unit of the source of its first piece.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where the plan's settings cannot be used; where the source is read by random access, those of
    /// [`BlockFormat::reader`](format::BlockFormat::reader).
    pub fn new(task: UnitTask, source: &(impl Source + ?Sized)) -> Result<Self> {
        let gathered = Gathered::new(&task)?;
        let bytes = if task.more.is_empty() { task.bytes } else { source.len() };
        Self::begin(task.first, task.more.into_iter(), source, bytes, 0, gathered)
    }

    fn begin(
        piece: Piece,
        more: std::vec::IntoIter<Piece>,
        source: &(impl Source + ?Sized),
        bytes: u64,
        bytes_before: u64,
        gathered: Gathered,
    ) -> Result<Self> {
        let format = format::by_id(&piece.read.format)
            .ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, format!("there is no format {:?}", piece.read.format), ""))?;
        let part = piece.part;
        let kind = match format.blocks() {
            Some(blocks) => Kind::Stepped(Box::new(Stepped::new(&piece, blocks, &source.share(), bytes, gathered)?)),
            None => Kind::Pushed(Box::new(Pushed::new(piece, format, source.len(), gathered)?)),
        };
        Ok(Self { kind, part, more, bytes_before })
    }

    /// Which of the table's files it reads now.
    pub fn part(&self) -> u32 {
        self.part
    }

    /// The file that it reads once this one is done; none behind one that has failed.
    pub fn next_part(&self) -> Option<u32> {
        let failed = match &self.kind {
            Kind::Pushed(unit) => unit.has_failed(),
            Kind::Stepped(unit) => unit.has_failed(),
        };
        self.more.as_slice().first().filter(|_| !failed).map(|piece| piece.part)
    }

    /// Goes on with the next file, where there is one.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn go_on(mut self, source: &(impl Source + ?Sized)) -> Result<Self> {
        let Some(piece) = self.more.next() else { return Ok(self) };
        let bytes_before = self.bytes_done();
        Self::begin(piece, self.more, source, source.len(), bytes_before, self.kind.end())
    }

    /// Whether nothing is left to do of this file: what remains is [`go_on`](Self::go_on), or [`finish`](Self::finish).
    pub fn is_done(&self) -> bool {
        match &self.kind {
            Kind::Pushed(unit) => unit.wants().is_none(),
            Kind::Stepped(unit) => unit.is_done(),
        }
    }

    /// The bytes of the source to push next; `None` once the unit is done, and where it reads by itself.
    pub fn wants(&self) -> Option<Range<u64>> {
        match &self.kind {
            Kind::Pushed(unit) => unit.wants(),
            Kind::Stepped(_) => None,
        }
    }

    /// Where the records of the next unit begin: what it wants from there on is the end of a record, and mostly little.
    pub fn limit(&self) -> u64 {
        match &self.kind {
            Kind::Pushed(unit) => unit.limit(),
            Kind::Stepped(_) => 0,
        }
    }

    /// Takes the next bytes, as many as `fill` reads into the buffer it is given, and decodes what is whole in them.
    ///
    /// # Errors
    /// Those of `fill`, and the encoder's. A bad record under FAILFAST is no error here but ends the unit.
    pub fn push(&mut self, fill: impl FnOnce(Range<u64>, &mut [u8]) -> Result<usize>) -> Result<()> {
        match &mut self.kind {
            Kind::Pushed(unit) => unit.push(fill),
            Kind::Stepped(_) => Ok(()),
        }
    }

    /// Reads some rows and decodes them, where the unit reads by itself: a megabyte or so.
    ///
    /// # Errors
    /// Those of the source, the format and the encoder. A bad record under FAILFAST is no error here but ends the unit.
    pub fn step(&mut self) -> Result<()> {
        match &mut self.kind {
            Kind::Pushed(_) => Ok(()),
            Kind::Stepped(unit) => unit.step(),
        }
    }

    /// The next push or step, for drivers that wait for their reads.
    ///
    /// # Errors
    /// As [`push`](Self::push) and [`step`](Self::step).
    pub fn advance(&mut self, source: &(impl Source + ?Sized)) -> Result<()> {
        match &mut self.kind {
            Kind::Pushed(unit) => unit.push(|range, buffer| source.read_at(range.start, buffer)),
            Kind::Stepped(unit) => unit.step(),
        }
    }

    /// The report and the segment of a unit that is done. No segment where there are no rows or a column was widened.
    ///
    /// # Errors
    /// The encoder's.
    pub fn finish(self) -> Result<(UnitReport, Option<Segment>)> {
        self.kind.end().finish()
    }

    /// Bytes of the sources worked through so far; of rows, their share of it.
    pub fn bytes_done(&self) -> u64 {
        self.bytes_before
            + match &self.kind {
                Kind::Pushed(unit) => unit.bytes_done(),
                Kind::Stepped(unit) => unit.bytes_done(),
            }
    }

    /// Rows and rejects so far.
    pub fn counts(&self) -> Counts {
        match &self.kind {
            Kind::Pushed(unit) => unit.counts(),
            Kind::Stepped(unit) => unit.counts(),
        }
    }
}

impl Kind {
    fn end(self) -> Gathered {
        match self {
            Self::Pushed(unit) => unit.end(),
            Self::Stepped(unit) => unit.end(),
        }
    }
}
