//! The unit of work: one contiguous range of the source, decoded and encoded in one pass.
//!
//! A unit does no I/O: its driver asks [`Unit::wants`], reads, and pushes. Between two pushes it may be dropped, which is
//! how a job is cancelled. What it holds is a read buffer, one batch, and encoded pages.

use std::ops::Range;

use arrow_array::ArrayRef;
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind, Place, Reject};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::{ColumnSpec, nested};
use crate::format::{self, Batch, Decoder, Input, Split};
use crate::output::segment::{Segment, SegmentWriter};
use crate::plan::{UnitStart, UnitTask};
use crate::profile::ColumnSketch;
use crate::rejects::Rejects;

/// Bytes asked of the source at a time: a driver hears of a cancel between two reads.
pub const READ_BYTES: usize = 1 << 20;
/// Text decoded into one batch: about what stays in a core's cache as spans and arrays.
const BATCH_BYTES: usize = 1 << 20;
/// Columns that get a profile: a sketch takes tens of kilobytes.
const PROFILED_COLUMNS: usize = 512;
/// Rows between two entries of the row index.
pub const INDEX_ROWS: u64 = 1024;

/// What one unit found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnitReport {
    pub unit: u32,
    pub version: u32,
    /// Where the first record began: assumed, unless the task said it.
    pub first: u64,
    /// Where the record behind the last one begins: true if `first` is.
    pub end: u64,
    /// Lines from `first` to `end`.
    pub lines: u64,
    pub counts: Counts,
    /// By cause, the first of each; lines count from the unit's first, from 0.
    pub rejects: Rejects,
    /// Where every reject was asked for: all of them, in source order.
    pub all_rejects: Vec<Reject>,
    /// Offsets of the records of rows 0, 1024, 2048, ... of the unit.
    pub index: Vec<u64>,
    /// One a column, where asked for.
    pub sketches: Vec<ColumnSketch>,
    /// Columns that need a wider type, and new ones; the segment is none then.
    pub widened: Vec<ColumnSpec>,
    /// Why the unit ended early: FAILFAST met a bad record.
    pub failed: Option<ErrorInfo>,
}

/// A unit being worked on.
pub struct Unit {
    task: UnitTask,
    source_len: u64,
    decoder: Box<dyn Decoder>,
    writer: Option<SegmentWriter>,
    /// Bytes read and not decoded yet begin at `decoded`.
    buffer: Vec<u8>,
    decoded: usize,
    /// The place of `buffer[decoded]`; its line counts from the unit's first record.
    place: Place,
    started: bool,
    done: bool,
    report: UnitReport,
}

impl Unit {
    /// Begins a unit of a source of `source_len` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where the plan's settings cannot be used.
    pub fn new(task: UnitTask, source_len: u64) -> Result<Self> {
        let format = format::by_id(&task.read.format)
            .ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, format!("there is no format {:?}", task.read.format), ""))?;
        let decoder = format.decoder(&task.read.settings, &task.read.columns)?;
        let writer = match &task.write {
            Some(write) => Some(SegmentWriter::new(&task.read.columns, &write.options, &write.choices)?),
            None => None,
        };
        let (from, started) = match task.start {
            UnitStart::At(at) => (at, true),
            UnitStart::From(from) => {
                let align = match format.split(&task.read.settings) {
                    Split::Ranges { align } => align,
                    Split::Not | Split::InOrder => 1,
                };
                (from.saturating_sub(align), false)
            }
        };
        let sketches = if task.profile {
            task.read.columns.iter().take(PROFILED_COLUMNS).map(|column| ColumnSketch::new(&column.data_type)).collect()
        } else {
            Vec::new()
        };
        let report = UnitReport {
            unit: task.unit,
            version: task.version,
            first: from,
            end: from,
            lines: 0,
            counts: Counts::default(),
            rejects: Rejects::default(),
            all_rejects: Vec::new(),
            index: Vec::new(),
            sketches,
            widened: Vec::new(),
            failed: None,
        };
        let done = from >= source_len || (started && from >= task.limit);
        Ok(Self {
            task,
            source_len,
            decoder,
            writer,
            buffer: Vec::new(),
            decoded: 0,
            place: Place { byte: from, line: 0 },
            started,
            done,
            report,
        })
    }

    /// The bytes of the source to push next; `None` once the unit is done.
    pub fn wants(&self) -> Option<Range<u64>> {
        let from = self.place.byte + (self.buffer.len() - self.decoded) as u64;
        (!self.done).then(|| from..self.source_len.min(from + READ_BYTES as u64))
    }

    /// Takes the next bytes, as many as `fill` reads into the buffer it is given, and decodes what is whole in them.
    ///
    /// # Errors
    /// Those of `fill`, and the encoder's. A bad record under FAILFAST is no error here but ends the unit.
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

    /// The report and the segment of a unit that is done. No segment where there are no rows or a column was widened.
    ///
    /// # Errors
    /// The encoder's.
    pub fn finish(mut self) -> Result<(UnitReport, Option<Segment>)> {
        self.report.end = self.place.byte;
        self.report.lines = self.place.line;
        let segment = match self.writer.take() {
            Some(writer) if self.report.counts.written > 0 && self.report.widened.is_empty() && self.report.failed.is_none() => {
                Some(writer.finish()?)
            }
            _ => None,
        };
        Ok((self.report, segment))
    }

    /// Bytes of the source worked through so far.
    pub fn bytes_done(&self) -> u64 {
        self.place.byte - self.report.first
    }

    /// Rows and rejects so far.
    pub fn counts(&self) -> Counts {
        self.report.counts
    }

    fn find_start(&mut self, at_end: bool) {
        let from = match self.task.start {
            UnitStart::From(from) => (from - self.place.byte) as usize,
            UnitStart::At(_) => 0,
        };
        let Some(at) = self.decoder.find_record(&self.buffer, from, at_end) else {
            // One line longer than a read: look on from its last bytes.
            if self.buffer.len() > from.max(16) {
                let skipped = self.buffer.len() - 16;
                self.buffer.drain(..skipped);
                self.place.byte += skipped as u64;
                self.task.start = UnitStart::From(self.place.byte.max(match self.task.start {
                    UnitStart::From(from) | UnitStart::At(from) => from,
                }));
            }
            self.done = at_end;
            if at_end {
                self.place.byte = self.source_len;
                self.report.first = self.source_len;
                self.buffer.clear();
            }
            return;
        };
        self.decoded = at;
        self.place.byte += at as u64;
        self.report.first = self.place.byte;
        self.started = true;
        self.done = self.place.byte >= self.task.limit.min(self.source_len);
    }

    fn decode(&mut self, at_end: bool) -> Result<()> {
        let mut window = BATCH_BYTES;
        while !self.done {
            let rest = &self.buffer[self.decoded..];
            let bytes = &rest[..rest.len().min(window)];
            let whole = bytes.len() == rest.len();
            let input = Input { bytes, place: self.place, limit: self.task.limit, at_end: at_end && whole };
            let decoded = match self.decoder.decode(input) {
                Ok(decoded) => decoded,
                Err(error) if error.kind == ErrorKind::Malformed => {
                    self.report.failed = Some(error);
                    self.done = true;
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            self.decoded += decoded.consumed;
            self.place.byte += decoded.consumed as u64;
            self.place.line += decoded.lines;
            self.done = decoded.done;
            if decoded.consumed == 0 && !decoded.done {
                if whole {
                    return Ok(());
                }
                window *= 2;
            } else {
                window = BATCH_BYTES;
            }
            self.take(decoded.batch)?;
        }
        Ok(())
    }

    fn take(&mut self, batch: Batch) -> Result<()> {
        for column in &batch.widened {
            self.writer = None;
            nested::add(&mut self.report.widened, column);
        }
        let first_row = self.report.counts.written;
        let to_next = (INDEX_ROWS - first_row % INDEX_ROWS) % INDEX_ROWS;
        self.report.index.extend(batch.starts.iter().skip(to_next as usize).step_by(INDEX_ROWS as usize));
        self.report.counts += batch.counts;
        batch.rejects.iter().for_each(|reject| self.report.rejects.add(reject));
        if self.task.list_rejects {
            self.report.all_rejects.extend(batch.rejects);
        }
        if batch.rows > 0 && self.report.widened.is_empty() {
            self.observe(&batch.columns, first_row);
            if let Some(writer) = &mut self.writer {
                writer.write(&batch.columns, batch.rows)?;
            }
        }
        Ok(())
    }

    fn observe(&mut self, columns: &[ArrayRef], first_row: u64) {
        for (sketch, column) in self.report.sketches.iter_mut().zip(columns) {
            sketch.observe(column, first_row);
        }
    }
}
