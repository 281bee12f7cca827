//! A job over one source: which unit runs next, which are right, what they add up to.
//!
//! A state machine without I/O and without workers: a driver takes tasks, runs them anywhere in any order and brings
//! their reports back. The same source and plan come to the same result with one worker or many:
//!
//! * units are cut by bytes alone;
//! * a unit that guessed its first record is accepted only if the unit before it ends there, else it runs again;
//! * where nobody can guess, a unit runs once the one before it is accepted, from where that one ended;
//! * a value that breaks its column's type widens the column, and all segments are made again from the source.

use colonnade_protocol::{Counts, ErrorInfo, Place, Reject};

use crate::Result;
use crate::column::{ColumnSpec, nested};
use crate::extent::Extent;
use crate::format::Split;
use crate::plan::{ReadPlan, UnitStart, UnitTask, WritePlan};
use crate::profile::ColumnSketch;
use crate::rejects::Rejects;
use crate::unit::UnitReport;

/// The largest unit: its rows become one row group, held encoded until it is handed over.
pub(crate) const UNIT_BYTES: u64 = 20 << 20;
/// A unit of which every reject is listed.
const LISTED_UNIT_BYTES: u64 = 4 << 20;

/// A job. `S` is the driver's handle of a segment: bytes natively, a place in a file in the browser.
pub struct Job<S> {
    read: ReadPlan,
    /// The columns that the sample showed.
    first_columns: Vec<ColumnSpec>,
    write: Option<WritePlan>,
    profile: bool,
    list_rejects: bool,
    version: u32,
    extent: Extent,
    /// Units run one after another, each from where the one before it ended.
    in_order: bool,
    /// Where each unit's range begins.
    starts: Vec<u64>,
    units: Vec<UnitState<S>>,
    /// Units before this one are accepted.
    accepted: usize,
    /// Where the next unit to be accepted must begin.
    reached: Place,
    totals: Totals,
    segments: Vec<S>,
}

/// What the accepted units add up to.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    pub counts: Counts,
    /// One a column; empty before the first unit and where no profile was asked for.
    pub sketches: Vec<ColumnSketch>,
    pub rejects: Rejects,
    pub index: RowIndex,
    /// Bytes of the source that accepted units cover.
    pub bytes: u64,
}

/// Where rows begin in the source: the record of every 1,024th row of each unit.
#[derive(Debug, Clone, Default)]
pub struct RowIndex {
    /// Row number and byte offset, ascending.
    entries: Vec<(u64, u64)>,
    rows: u64,
}

impl RowIndex {
    /// The nearest indexed row at or before `row`, and its offset.
    pub fn before(&self, row: u64) -> Option<(u64, u64)> {
        let next = self.entries.partition_point(|&(first, _)| first <= row);
        next.checked_sub(1).map(|at| self.entries[at])
    }

    /// Rows that the index covers.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn append(&mut self, report: &UnitReport) {
        let entries = report.index.iter().enumerate().map(|(k, &offset)| (self.rows + k as u64 * crate::unit::INDEX_ROWS, offset));
        self.entries.extend(entries);
        self.rows += report.counts.written;
    }
}

enum UnitState<S> {
    /// To be run.
    Waiting(UnitStart),
    Running,
    /// Done, and not yet met by the unit before it.
    Done(Box<UnitReport>, Option<S>),
    Accepted,
}

/// What a report led to, in order.
#[derive(Debug)]
pub enum Event<S> {
    /// The next unit in source order is right: its segment is the table's next. All its rejects, with their final places,
    /// where they are to be listed.
    Accepted { unit: u32, segment: Option<S>, rejects: Vec<Reject> },
    /// This segment is of no use.
    Discarded(S),
    /// Columns were widened (`v to string`) or the schema was (`by v string`), and everything starts again: what was
    /// accepted is void, what is running is stale.
    Widened(Vec<String>),
}

impl<S: Clone> Job<S> {
    /// A job over all of a source.
    pub fn new(read: ReadPlan, write: Option<WritePlan>, profile: bool, extent: Extent) -> Self {
        Self::with_unit_bytes(read, write, profile, extent, UNIT_BYTES)
    }

    /// The same with units of at most `unit_bytes`.
    pub fn with_unit_bytes(read: ReadPlan, write: Option<WritePlan>, profile: bool, extent: Extent, unit_bytes: u64) -> Self {
        let split = read.split;
        let align = match split {
            Split::Ranges { align } => Some(align),
            Split::InOrder => Some(1),
            Split::Not => None,
        };
        let starts = extent.unit_starts(align, unit_bytes);
        let units = (0..starts.len()).map(|unit| UnitState::Waiting(first_start(&starts, &extent, unit))).collect();
        Self {
            write,
            first_columns: read.columns.clone(),
            read,
            profile,
            list_rejects: false,
            version: 0,
            reached: extent.start,
            extent,
            in_order: split == Split::InOrder,
            starts,
            units,
            accepted: 0,
            totals: Totals::default(),
            segments: Vec::new(),
        }
    }

    /// A job that only lists every reject of a source, in units small enough to hold all of theirs.
    pub fn listing_rejects(read: ReadPlan, extent: Extent) -> Self {
        let job = Self::with_unit_bytes(read, None, false, extent, LISTED_UNIT_BYTES);
        Self { list_rejects: true, ..job }
    }

    /// The next unit to run, at most `ahead` units before the first that is not accepted; `None`: nothing to run now.
    pub fn next_task(&mut self, ahead: usize) -> Option<UnitTask> {
        let end = self.units.len().min(self.accepted + if self.in_order { 1 } else { ahead });
        let k = (self.accepted..end).find(|&k| matches!(self.units[k], UnitState::Waiting(_)))?;
        let UnitState::Waiting(start) = std::mem::replace(&mut self.units[k], UnitState::Running) else { return None };
        let start = if self.in_order { UnitStart::At(self.reached.byte) } else { start };
        Some(UnitTask {
            unit: k as u32,
            version: self.version,
            start,
            limit: self.limit(k),
            bytes: self.extent.bytes_between(self.starts[k], self.limit(k)),
            read: self.read.clone(),
            write: self.write.clone(),
            profile: self.profile,
            list_rejects: self.list_rejects,
        })
    }

    /// Takes a unit's report; stale ones (of an older version) are discarded.
    ///
    /// # Errors
    /// The first bad record of the source under FAILFAST, with its place, once all units before it are accepted.
    pub fn report(&mut self, report: UnitReport, segment: Option<S>) -> Result<Vec<Event<S>>> {
        let mut events = Vec::new();
        if report.version != self.version || !matches!(self.units.get(report.unit as usize), Some(UnitState::Running)) {
            events.extend(segment.map(Event::Discarded));
            return Ok(events);
        }
        let unit = report.unit as usize;
        self.units[unit] = UnitState::Done(Box::new(report), segment);
        while self.accept_next(&mut events)? {}
        Ok(events)
    }

    /// A unit was lost with its worker: it runs again.
    pub fn lost(&mut self, task: &UnitTask) {
        if let (true, Some(state @ UnitState::Running)) = (task.version == self.version, self.units.get_mut(task.unit as usize)) {
            *state = UnitState::Waiting(task.start);
        }
    }

    /// Whether every unit is accepted.
    pub fn is_done(&self) -> bool {
        self.accepted == self.units.len()
    }

    /// What the accepted units add up to.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The schema as it is now.
    pub fn columns(&self) -> &[ColumnSpec] {
        &self.read.columns
    }

    /// How rows are read as of now.
    pub fn read_plan(&self) -> &ReadPlan {
        &self.read
    }

    /// The accepted segments, in source order.
    pub fn segments(&self) -> &[S] {
        &self.segments
    }

    /// The schema's version: tasks of an older one are stale.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Units in all, and accepted ones.
    pub fn progress(&self) -> (usize, usize) {
        (self.units.len(), self.accepted)
    }

    fn limit(&self, unit: usize) -> u64 {
        let last = if self.extent.is_in_rows() { self.extent.end } else { u64::MAX };
        self.starts.get(unit + 1).copied().unwrap_or(last)
    }

    /// Settles the first unit that is not accepted, if it is done. Whether there may be more to settle.
    fn accept_next(&mut self, events: &mut Vec<Event<S>>) -> Result<bool> {
        let next = self.accepted;
        if !matches!(self.units.get(next), Some(UnitState::Done(..))) {
            return Ok(false);
        }
        let UnitState::Done(report, segment) = std::mem::replace(&mut self.units[next], UnitState::Accepted) else { return Ok(false) };
        if report.first != self.reached.byte {
            events.extend(segment.map(Event::Discarded));
            self.units[next] = UnitState::Waiting(UnitStart::At(self.reached.byte));
            return Ok(false);
        }
        if let Some(error) = report.failed {
            return Err(self.placed_error(error));
        }
        if !report.widened.is_empty() {
            events.extend(segment.map(Event::Discarded));
            self.widen(*report, events);
            return Ok(false);
        }
        self.accept(*report, segment, events)?;
        Ok(true)
    }

    fn accept(&mut self, report: UnitReport, segment: Option<S>, events: &mut Vec<Event<S>>) -> Result<()> {
        self.totals.index.append(&report);
        self.totals.counts += report.counts;
        if self.totals.sketches.is_empty() {
            self.totals.sketches = report.sketches;
        } else {
            for (total, sketch) in self.totals.sketches.iter_mut().zip(&report.sketches) {
                total.merge(sketch)?;
            }
        }
        self.totals.rejects.append(report.rejects, self.reached.line);
        let mut rejects = report.all_rejects;
        for reject in &mut rejects {
            reject.place.line += self.reached.line;
        }
        self.reached = Place { byte: report.end, line: self.reached.line + report.lines };
        self.totals.bytes = self.extent.bytes_between(self.extent.start.byte, report.end);
        self.segments.extend(segment.clone());
        events.push(Event::Accepted { unit: report.unit, segment, rejects });
        self.accepted += 1;
        Ok(())
    }

    /// Widens by what this unit has found, and those behind it that are done and right, and starts over. A unit that began
    /// within a record has found what no record holds.
    fn widen(&mut self, right: UnitReport, events: &mut Vec<Event<S>>) {
        let (mut next, mut end) = (right.unit as usize + 1, right.end);
        let mut wide = right.widened;
        for (k, unit) in self.units.iter_mut().enumerate() {
            let again = UnitState::Waiting(first_start(&self.starts, &self.extent, k));
            if let UnitState::Done(report, segment) = std::mem::replace(unit, again) {
                if k == next && report.first == end {
                    report.widened.iter().for_each(|column| nested::add(&mut wide, column, self.read.text_member.as_deref()));
                    (next, end) = (k + 1, report.end);
                }
                events.extend(segment.map(Event::Discarded));
            }
        }
        let change = |column: &ColumnSpec| match self.read.columns.iter().any(|known| known.name == column.name) {
            true => format!("{} to {}", column.name, nested::written(&column.data_type)),
            false => format!("by {} {}", column.name, nested::written(&column.data_type)),
        };
        let changes = wide.iter().map(change).collect();
        self.read.widen(&wide, &self.first_columns);
        events.extend(self.segments.drain(..).map(Event::Discarded));
        self.version += 1;
        self.accepted = 0;
        self.reached = self.extent.start;
        self.totals = Totals::default();
        events.push(Event::Widened(changes));
    }

    fn placed_error(&self, mut error: ErrorInfo) -> ErrorInfo {
        if let Some(place) = &mut error.place {
            place.line += self.reached.line;
        }
        error
    }
}

/// What is known of a unit's start before any unit ran.
fn first_start(starts: &[u64], extent: &Extent, unit: usize) -> UnitStart {
    if unit == 0 || extent.is_in_rows() { UnitStart::At(starts[unit]) } else { UnitStart::From(starts[unit]) }
}
