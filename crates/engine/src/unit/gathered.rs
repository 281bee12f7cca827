//! What a unit finds and encodes, however its rows come.

use arrow_array::ArrayRef;
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind, Reject};
use serde::{Deserialize, Serialize};

use super::INDEX_ROWS;
use crate::Result;
use crate::column::{ColumnSpec, nested};
use crate::format::{self, Batch, Decoded, Format};
use crate::output::segment::{Segment, SegmentWriter};
use crate::plan::{Piece, UnitTask};
use crate::profile::ColumnSketch;
use crate::rejects::Rejects;
use crate::union::Placer;

/// Columns that get a profile: a sketch takes tens of kilobytes.
const PROFILED_COLUMNS: usize = 512;

/// What one unit found. Positions are bytes of the source, or rows where it is read by random access; of a unit of several
/// files, those of the first.
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
    /// The same by file: which, and its records.
    pub parts: Vec<(u32, Counts)>,
    /// By cause, the first of each; lines count as [`Piece::line`] says.
    pub rejects: Rejects,
    /// Where every reject was asked for: all of them, in source order.
    pub all_rejects: Vec<Reject>,
    /// The records of rows 0, 1024, 2048, ... of the unit: in which file, and their positions.
    pub index: Vec<(u32, u64)>,
    /// One a column, where asked for.
    pub sketches: Vec<ColumnSketch>,
    /// Columns that need a wider type, and new ones, each with the file that it was found in; the segment is none then.
    pub widened: Vec<(u32, ColumnSpec)>,
    /// Why the unit ended early: FAILFAST met a bad record.
    pub failed: Option<ErrorInfo>,
}

/// A unit's report and segment in the making.
pub(super) struct Gathered {
    pub report: UnitReport,
    writer: Option<SegmentWriter>,
    list_rejects: bool,
    columns: Vec<ColumnSpec>,
    /// The file that rows come from now.
    part: u32,
    file: Option<String>,
    text_member: Option<String>,
    format: Option<&'static dyn Format>,
    /// `None`: its columns are the table's.
    placer: Option<Placer>,
}

impl Gathered {
    /// Of no rows yet.
    pub fn new(task: &UnitTask) -> Result<Self> {
        let writer = match &task.write {
            Some(write) => Some(SegmentWriter::new(&task.columns, &write.options, &write.choices)?),
            None => None,
        };
        let sketches = if task.profile {
            task.columns.iter().take(PROFILED_COLUMNS).map(|column| ColumnSketch::new(&column.data_type)).collect()
        } else {
            Vec::new()
        };
        let report = UnitReport {
            unit: task.unit,
            version: task.version,
            first: 0,
            end: 0,
            lines: 0,
            counts: Counts::default(),
            parts: Vec::new(),
            rejects: Rejects::default(),
            all_rejects: Vec::new(),
            index: Vec::new(),
            sketches,
            widened: Vec::new(),
            failed: None,
        };
        let columns = task.columns.clone();
        Ok(Self {
            report,
            writer,
            list_rejects: task.list_rejects,
            columns,
            part: 0,
            file: None,
            text_member: None,
            format: None,
            placer: None,
        })
    }

    /// Rows come from this piece now, which begins at `from`.
    pub fn begin(&mut self, piece: &Piece, from: u64) -> Result<()> {
        if self.report.parts.is_empty() {
            (self.report.first, self.report.end) = (from, from);
        }
        self.report.parts.push((piece.part, Counts::default()));
        self.part = piece.part;
        self.file.clone_from(&piece.file);
        self.text_member.clone_from(&piece.read.text_member);
        self.format = format::by_id(&piece.read.format);
        self.placer = match &piece.read.given {
            Some(given) => Some(Placer::new(given, &self.columns)?),
            None => None,
        };
        Ok(())
    }

    /// The piece has ended at this position, so many lines on.
    pub fn end(&mut self, end: u64, lines: u64) {
        if self.report.parts.len() == 1 {
            (self.report.end, self.report.lines) = (end, lines);
        }
    }

    /// What a decoder gave, or `None` where it met a bad record under FAILFAST: that is no error of the unit's but ends it.
    pub fn unless_failed(&mut self, decoded: Result<Decoded>) -> Result<Option<Decoded>> {
        match decoded {
            Ok(decoded) => Ok(Some(decoded)),
            Err(error) if error.kind == ErrorKind::Malformed => {
                self.report.failed = Some(error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes in the next rows.
    pub fn take(&mut self, mut batch: Batch) -> Result<()> {
        for mut column in std::mem::take(&mut batch.widened) {
            self.writer = None;
            if let Some(late) = &mut column.late {
                late.of_file(self.file.as_ref());
            }
            self.widen(&column);
        }
        let first_row = self.report.counts.written;
        let to_next = (INDEX_ROWS - first_row % INDEX_ROWS) % INDEX_ROWS;
        let starts = batch.starts.iter().skip(to_next as usize).step_by(INDEX_ROWS as usize);
        self.report.index.extend(starts.map(|&start| (self.part, start)));
        self.report.counts += batch.counts;
        if let Some((_, counts)) = self.report.parts.last_mut() {
            *counts += batch.counts;
        }
        for reject in &mut batch.rejects {
            reject.file.clone_from(&self.file);
            if let Some(placer) = &self.placer {
                reject.column = reject.column.and_then(|column| placer.place_of(column));
            }
            self.report.rejects.add(reject, |option| self.format?.told(option));
        }
        if self.list_rejects {
            self.report.all_rejects.append(&mut batch.rejects);
        }
        if batch.rows > 0 && self.report.widened.is_empty() {
            if let Some(placer) = &mut self.placer {
                batch.columns = placer.place(&batch.columns, batch.rows)?;
            }
            self.observe(&batch.columns, first_row);
            if let Some(writer) = &mut self.writer {
                writer.write(&batch.columns, batch.rows)?;
            }
        }
        Ok(())
    }

    fn widen(&mut self, column: &ColumnSpec) {
        let mut of_part: Vec<_> = self.report.widened.extract_if(.., |(part, _)| *part == self.part).map(|(_, column)| column).collect();
        nested::add(&mut of_part, column, self.text_member.as_deref());
        self.report.widened.extend(of_part.into_iter().map(|column| (self.part, column)));
    }

    /// The report and the segment. No segment where there are no rows or a column was widened.
    pub fn finish(mut self) -> Result<(UnitReport, Option<Segment>)> {
        let segment = match self.writer.take() {
            Some(writer) if self.report.counts.written > 0 && self.report.widened.is_empty() && self.report.failed.is_none() => {
                Some(writer.finish()?)
            }
            _ => None,
        };
        Ok((self.report, segment))
    }

    fn observe(&mut self, columns: &[ArrayRef], first_row: u64) {
        for (sketch, column) in self.report.sketches.iter_mut().zip(columns) {
            sketch.observe(column, first_row);
        }
    }
}
