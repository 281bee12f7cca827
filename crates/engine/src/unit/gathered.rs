//! What a unit finds and encodes, however its rows come.

use arrow_array::ArrayRef;
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind, Reject};
use serde::{Deserialize, Serialize};

use super::INDEX_ROWS;
use crate::Result;
use crate::column::{ColumnSpec, nested};
use crate::format::{Batch, Decoded};
use crate::output::segment::{Segment, SegmentWriter};
use crate::plan::UnitTask;
use crate::profile::ColumnSketch;
use crate::rejects::Rejects;

/// Columns that get a profile: a sketch takes tens of kilobytes.
const PROFILED_COLUMNS: usize = 512;

/// What one unit found. Positions are bytes of the source, or rows where it is read by random access.
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
    /// Positions of the records of rows 0, 1024, 2048, ... of the unit.
    pub index: Vec<u64>,
    /// One a column, where asked for.
    pub sketches: Vec<ColumnSketch>,
    /// Columns that need a wider type, and new ones; the segment is none then.
    pub widened: Vec<ColumnSpec>,
    /// Why the unit ended early: FAILFAST met a bad record.
    pub failed: Option<ErrorInfo>,
}

/// A unit's report and segment in the making.
pub(super) struct Gathered {
    pub report: UnitReport,
    writer: Option<SegmentWriter>,
    list_rejects: bool,
    text_member: Option<String>,
}

impl Gathered {
    /// Of no rows yet of a unit that begins at `from`.
    pub fn new(task: &UnitTask, from: u64) -> Result<Self> {
        let writer = match &task.write {
            Some(write) => Some(SegmentWriter::new(&task.read.columns, &write.options, &write.choices)?),
            None => None,
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
        Ok(Self { report, writer, list_rejects: task.list_rejects, text_member: task.read.text_member.clone() })
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
    pub fn take(&mut self, batch: Batch) -> Result<()> {
        for column in &batch.widened {
            self.writer = None;
            nested::add(&mut self.report.widened, column, self.text_member.as_deref());
        }
        let first_row = self.report.counts.written;
        let to_next = (INDEX_ROWS - first_row % INDEX_ROWS) % INDEX_ROWS;
        self.report.index.extend(batch.starts.iter().skip(to_next as usize).step_by(INDEX_ROWS as usize));
        self.report.counts += batch.counts;
        batch.rejects.iter().for_each(|reject| self.report.rejects.add(reject));
        if self.list_rejects {
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
