//! A job over one source, or over the files of one table: which unit runs next, which are right, what they add up to.
//!
//! A state machine without I/O and without workers: a driver takes tasks, runs them anywhere in any order and brings
//! their reports back. The same sources and plan come to the same result with one worker or many:
//!
//! * units are cut by bytes alone, within a file or around several small ones;
//! * a unit that guessed its first record is accepted only if the unit before it ends there, else it runs again;
//! * where nobody can guess, a unit runs once the one before it is accepted, from where that one ended;
//! * a value that breaks its column's type widens the column, and all segments are made again from the sources;
//! * a file of several that cannot be read is left out, and all segments are made again without it.

mod accept;
mod cuts;
mod index;

use colonnade_protocol::{Counts, ErrorInfo, ErrorKind, Place, Reject};

use crate::Result;
use crate::column::ColumnSpec;
use crate::extent::Extent;
use crate::format::{ParseMode, Split};
use crate::plan::{Piece, ReadPlan, UnitStart, UnitTask, WritePlan};
use crate::profile::ColumnSketch;
use crate::rejects::Rejects;
use crate::union::Part;
use crate::unit::UnitReport;
use cuts::{Cut, cuts, end_of};
pub use index::RowIndex;

/// The largest unit: its rows become one row group, held encoded until it is handed over.
pub(crate) const UNIT_BYTES: u64 = 20 << 20;
/// A unit of which every reject is listed.
const LISTED_UNIT_BYTES: u64 = 4 << 20;

/// A job. `S` is the driver's handle of a segment: bytes natively, a place in a file in the browser.
pub struct Job<S> {
    /// The files of the table, one or several.
    parts: Vec<Part>,
    columns: Vec<ColumnSpec>,
    /// The columns that the sample showed.
    first_columns: Vec<ColumnSpec>,
    write: Option<WritePlan>,
    profile: bool,
    list_rejects: bool,
    version: u32,
    unit_bytes: u64,
    cuts: Vec<Cut>,
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
    /// The same by file.
    pub parts: Vec<Counts>,
    /// One a column; empty before the first unit and where no profile was asked for.
    pub sketches: Vec<ColumnSketch>,
    pub rejects: Rejects,
    pub index: RowIndex,
    /// Bytes of the source that accepted units cover.
    pub bytes: u64,
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
    /// A file cannot be read and is left out, and everything starts again.
    Lost { part: u32 },
}

impl<S: Clone> Job<S> {
    /// A job over all of a source.
    pub fn new(read: ReadPlan, write: Option<WritePlan>, profile: bool, extent: Extent) -> Self {
        Self::with_unit_bytes(read, write, profile, extent, UNIT_BYTES)
    }

    /// The same with units of at most `unit_bytes`.
    pub fn with_unit_bytes(read: ReadPlan, write: Option<WritePlan>, profile: bool, extent: Extent, unit_bytes: u64) -> Self {
        let columns = read.columns.clone();
        Self::over(vec![Part::whole(read, extent)], columns, write, profile, unit_bytes)
    }

    /// A job over the files of a table of these columns.
    pub fn of_parts(parts: Vec<Part>, columns: Vec<ColumnSpec>, write: Option<WritePlan>, profile: bool) -> Self {
        Self::over(parts, columns, write, profile, UNIT_BYTES)
    }

    /// The same with units of at most `unit_bytes`.
    pub fn over(parts: Vec<Part>, columns: Vec<ColumnSpec>, write: Option<WritePlan>, profile: bool, unit_bytes: u64) -> Self {
        let mut job = Self {
            parts,
            first_columns: columns.clone(),
            columns,
            write,
            profile,
            list_rejects: false,
            version: 0,
            unit_bytes,
            cuts: Vec::new(),
            units: Vec::new(),
            accepted: 0,
            reached: Place::default(),
            totals: Totals::default(),
            segments: Vec::new(),
        };
        job.begin();
        job
    }

    /// A job that only lists every reject of another's sources, in units small enough to hold all of theirs.
    pub fn listing_rejects(parts: Vec<Part>, columns: Vec<ColumnSpec>) -> Self {
        let job = Self::over(parts, columns, None, false, LISTED_UNIT_BYTES);
        Self { list_rejects: true, ..job }
    }

    /// The next unit to run, at most `ahead` units before the first that is not accepted; `None`: nothing to run now.
    pub fn next_task(&mut self, ahead: usize) -> Option<UnitTask> {
        let end = self.units.len().min(self.accepted + ahead);
        let k = (self.accepted..end).find(|&k| matches!(self.units[k], UnitState::Waiting(_)) && self.may_run(k))?;
        let UnitState::Waiting(start) = std::mem::replace(&mut self.units[k], UnitState::Running) else { return None };
        let cut = self.cuts[k];
        let start = if self.follows(k) { UnitStart::At(self.reached.byte) } else { start };
        let first = self.piece(cut.part, start, cut.is_first, self.limit(k));
        let whole = |part: usize| {
            let extent = &self.parts[part].extent;
            self.piece(part, UnitStart::At(extent.start.byte), true, end_of(extent))
        };
        let bytes = match cut.end - cut.part {
            1 => self.parts[cut.part].extent.bytes_between(cut.start, self.limit(k)),
            _ => self.parts[cut.part..cut.end].iter().map(Part::bytes).sum(),
        };
        Some(UnitTask {
            unit: k as u32,
            version: self.version,
            first,
            more: (cut.part + 1..cut.end).filter(|&part| self.parts[part].lost.is_none()).map(whole).collect(),
            columns: self.columns.clone(),
            bytes,
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
            *state = UnitState::Waiting(task.first.start);
        }
    }

    /// A file could not be read by a unit of this version. Of several it costs its own rows only; everything starts again
    /// without it.
    ///
    /// # Errors
    /// The error itself, with the file's name, where it ends the job: under FAILFAST, where it is no fault of the file's, where
    /// no other file is left; and as it is for a single source.
    pub fn lose(&mut self, part: u32, version: u32, error: ErrorInfo) -> Result<Vec<Event<S>>> {
        let mut events = Vec::new();
        let lost = self.parts.iter().filter(|part| part.lost.is_some()).count();
        let (left, error) = (self.parts.len() - lost, self.of_file(part, error));
        let Some(part_of) = self.parts.get_mut(part as usize) else { return Err(error) };
        if version != self.version || part_of.lost.is_some() {
            return Ok(events);
        }
        let ends = ParseMode::of(&part_of.read.settings) == ParseMode::FailFast || error.kind == ErrorKind::Internal || left < 2;
        if ends || part_of.file.is_none() {
            return Err(error);
        }
        part_of.lost = Some(error);
        self.discard(&mut events);
        self.begin();
        events.push(Event::Lost { part });
        Ok(events)
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
        &self.columns
    }

    /// The files, and how they are read as of now.
    pub fn parts(&self) -> &[Part] {
        &self.parts
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

    /// Cuts the files into units, all of them to be run.
    fn begin(&mut self) {
        self.cuts = cuts(&self.parts, self.unit_bytes);
        self.units = self.cuts.iter().map(|cut| UnitState::Waiting(self.first_start(cut))).collect();
        self.accepted = 0;
        self.totals = Totals { parts: vec![Counts::default(); self.parts.len()], ..Totals::default() };
        self.reached = self.cuts.first().map_or_else(Place::default, |cut| self.parts[cut.part].extent.start);
    }

    /// Everything done so far is of no use.
    fn discard(&mut self, events: &mut Vec<Event<S>>) {
        for unit in &mut self.units {
            if let UnitState::Done(_, segment) = std::mem::replace(unit, UnitState::Running) {
                events.extend(segment.map(Event::Discarded));
            }
        }
        events.extend(self.segments.drain(..).map(Event::Discarded));
        self.version += 1;
    }

    /// What is known of a unit's start before any unit ran.
    fn first_start(&self, cut: &Cut) -> UnitStart {
        if cut.is_first || self.parts[cut.part].extent.is_in_rows() { UnitStart::At(cut.start) } else { UnitStart::From(cut.start) }
    }

    /// Whether a unit begins where the one before it ended, and cannot tell by itself.
    fn follows(&self, unit: usize) -> bool {
        let cut = self.cuts[unit];
        !cut.is_first && self.parts[cut.part].read.split == Split::InOrder
    }

    fn may_run(&self, unit: usize) -> bool {
        unit == self.accepted || !self.follows(unit)
    }

    fn limit(&self, unit: usize) -> u64 {
        match self.cuts.get(unit + 1).filter(|next| !next.is_first) {
            Some(next) => next.start,
            None => end_of(&self.parts[self.cuts[unit].part].extent),
        }
    }

    fn piece(&self, part: usize, start: UnitStart, is_first: bool, limit: u64) -> Piece {
        let of = &self.parts[part];
        let line = if is_first { of.extent.start.line } else { 0 };
        Piece { part: part as u32, file: of.file.clone(), start, line, limit, read: of.plan(&self.columns) }
    }

    /// The line that those of a unit's rejects count from, once it is the next to be accepted.
    fn base_line(&self, unit: usize) -> u64 {
        if self.cuts[unit].is_first { 0 } else { self.reached.line }
    }
}
