//! What the coordinator knows of each table, and how the page's words about tables are carried out.

use std::rc::Rc;

use colonnade_engine::job::{Job, Totals};
use colonnade_engine::plan::{UnitTask, WritePlan};
use colonnade_engine::view::Window;
use colonnade_protocol::message::{CoordinatorMessage, Overrides, RowWindow, TableId};
use colonnade_protocol::report::FileReport;
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};

use super::listing::Listing;
use super::pool::Purpose;
use super::request::PAINTING;
use super::storage::Spool;
use super::union::Union;
use super::unpack::UnderWay;
use super::{Coordinator, now};
use crate::file::Handle;
use crate::message::{Opened, Packed, ToWorker, Unpacked};

/// Rows near the start that can be shown before the scan has come to them.
const ROWS_AT_ONCE: u64 = 20_000;

/// Milliseconds between a preview and its background scan: the page paints meanwhile, and needs the cores for it.
const SCAN_DELAY: f64 = 400.0;

/// Bytes of a file elsewhere that are fetched without being asked for.
const MOST_FETCHED_FOR_A_SCAN: u64 = 8 << 20;

/// A table.
pub struct TableState {
    pub name: String,
    pub file: Handle,
    pub generation: u32,
    pub overrides: Overrides,
    /// What the preview worker found; `None` until it has answered.
    pub opened: Option<Opened>,
    /// Why it cannot be read.
    pub failed: Option<ErrorInfo>,
    /// The background scan, while it runs.
    pub scan: Option<Job<()>>,
    /// When it may begin: what a person looks at comes first.
    scan_from: f64,
    /// What the scan or the last save found.
    pub totals: Totals,
    /// The whole source is in `totals`.
    pub scanned: bool,
    /// Records that remedies were sought for.
    pub remedied: usize,
    /// The file of all rejects, while it is made.
    pub listing: Option<Listing>,
    /// What `file` came out of.
    pub unpacked: Unpacked,
    /// The files that `file` lies in, or came out of.
    pub spools: Vec<Rc<Spool>>,
    /// What comes in the place of `file`, while it is unpacked.
    pub unpacking: Option<UnderWay>,
    /// What an archive holds, until the page has made tables of it.
    pub packed: Option<Packed>,
    /// The files that it is made of, where it is of several.
    pub union: Option<Union>,
    /// The table that it is a file of.
    pub within: Option<TableId>,
}

impl TableState {
    /// A table that nobody has looked at.
    pub fn new(name: String, file: Handle, generation: u32, overrides: Overrides, unpacked: Unpacked, spools: Vec<Rc<Spool>>) -> Self {
        Self {
            name,
            file,
            generation,
            overrides,
            opened: None,
            failed: None,
            scan: None,
            scan_from: 0.0,
            totals: Totals::default(),
            scanned: false,
            remedied: 0,
            listing: None,
            unpacked,
            spools,
            unpacking: None,
            packed: None,
            union: None,
            within: None,
        }
    }

    /// Whether its file has no content at all.
    pub fn is_empty(&self) -> bool {
        self.failed.as_ref().is_some_and(|error| error.kind == ErrorKind::Empty)
    }

    /// As a file of a table that has none of its rows: it is empty, or cannot be read.
    pub fn without_rows(&self) -> Option<FileReport> {
        let error = self.failed.as_ref()?;
        let lost = (!self.is_empty()).then(|| ErrorInfo { what: format!("{}: {}", self.name, error.what), ..error.clone() });
        Some(FileReport { name: self.name.clone(), bytes: 0, counts: Counts::default(), lost })
    }

    /// What the preview worker is asked first.
    pub fn question(&self, table: TableId) -> ToWorker {
        let (name, overrides, unpacked) = (self.name.clone(), self.overrides.clone(), self.unpacked.clone());
        ToWorker::Open { table, generation: self.generation, name, overrides, unpacked }
    }

    fn begin_scan(&mut self) {
        self.scanned = false;
        self.scan_from = now() + SCAN_DELAY;
        self.totals = Totals::default();
        // What a look at all of it would fetch is fetched by a save alone.
        let is_far = self.file.is_remote() && self.opened.as_ref().is_some_and(|opened| opened.extent.bytes > MOST_FETCHED_FOR_A_SCAN);
        self.scan = if is_far { None } else { self.job(None, true) };
    }

    /// A job over its files.
    pub fn job<S: Clone>(&self, write: Option<WritePlan>, profile: bool) -> Option<Job<S>> {
        let opened = self.opened.as_ref()?;
        Some(match self.union.as_ref().and_then(|union| union.united.as_ref()) {
            Some(united) => Job::of_parts(united.parts.clone(), united.columns.clone(), write, profile),
            None => Job::new(opened.read.clone(), write, profile, opened.extent.clone()),
        })
    }

    /// Takes over what a job has found of types and of files that cannot be read.
    pub fn adopt<S: Clone>(&mut self, job: &Job<S>) {
        let Some(opened) = &mut self.opened else { return };
        match self.union.as_mut().and_then(|union| union.united.as_mut()) {
            Some(united) => {
                united.parts = job.parts().to_vec();
                united.columns = job.columns().to_vec();
            }
            None => opened.read.columns = job.columns().to_vec(),
        }
    }

    /// The files of a unit's pieces.
    pub fn sources(&self, table: TableId, task: &UnitTask) -> Vec<TableId> {
        let parts = std::iter::once(&task.first).chain(&task.more).map(|piece| piece.part as usize);
        match &self.union {
            Some(union) => parts.filter_map(|part| union.read.get(part).copied()).collect(),
            None => vec![table],
        }
    }

    /// The next unit of the background scan, once it may begin.
    pub fn next_scan_task(&mut self, ahead: usize) -> Option<UnitTask> {
        self.scan.as_mut().filter(|_| now() >= self.scan_from)?.next_task(ahead)
    }

    /// What is known of the source: all of it, once it was scanned, or as much as the save or scan under way has found.
    fn best<'a>(&'a self, saving: Option<&'a Totals>) -> &'a Totals {
        let under_way = saving.or(self.scan.as_ref().map(Job::totals));
        under_way.filter(|_| !self.scanned).unwrap_or(&self.totals)
    }

    /// Whether the preview worker is still at it.
    pub fn is_opening(&self) -> bool {
        self.opened.is_none() && self.failed.is_none()
    }

    /// Starts the scan again where a save took its place and did not end.
    pub fn scan_again(&mut self) {
        if !self.scanned {
            self.begin_scan();
        }
    }
}

impl Coordinator {
    pub fn open(&mut self, table: TableId, generation: u32, name: String, overrides: Overrides, file: Handle) {
        let state = TableState::new(name, file, generation, overrides, Unpacked::default(), Vec::new());
        self.open_state(table, state);
    }

    /// Opens a table of a file that is there.
    pub fn open_state(&mut self, table: TableId, state: TableState) {
        self.pool.sources(table, &state.file);
        self.preview.source(table, &state.file);
        self.preview.ask(table, state.generation, state.question(table));
        self.tables.insert(table, state);
    }

    pub fn configure(&mut self, table: TableId, generation: u32, overrides: Overrides) {
        let Some(state) = self.tables.get_mut(&table) else { return };
        state.generation = generation;
        let before = std::mem::replace(&mut state.overrides, overrides);
        state.opened = None;
        state.failed = None;
        state.scan = None;
        state.remedied = 0;
        state.listing = None;
        self.pool.stop(|running| running.table == table && running.purpose != Purpose::Save);
        if self.tables.get(&table).is_some_and(|state| state.union.is_some()) {
            return self.configure_union(table, &before);
        }
        let Some(state) = self.tables.get(&table) else { return };
        // What is on its way is looked at when it is there, or by its head.
        if state.unpacking.as_ref().is_none_or(|under_way| under_way.has_head) {
            self.preview.ask(table, generation, state.question(table));
        }
    }

    pub fn close(&mut self, table: TableId) {
        if let Some(closed) = self.tables.remove(&table) {
            self.pool.stop(|running| running.table == table && running.purpose != Purpose::Save);
            self.pool.forget(table);
            self.preview.forget(table);
            closed.union.iter().for_each(|union| self.disunite(&union.members));
        }
    }

    pub fn opened(&mut self, table: TableId, generation: u32, opened: Opened) {
        let Some(state) = self.tables.get_mut(&table).filter(|state| state.generation == generation) else { return };
        if let Some(whole) = state.within {
            state.opened = Some(opened);
            return self.unite_if_opened(whole);
        }
        let preview = Box::new(opened.preview.clone());
        if state.unpacking.is_none() {
            state.opened = Some(opened);
            state.begin_scan();
        }
        self.painted_by = now() + PAINTING;
        self.tell(generation, CoordinatorMessage::Preview { table, preview });
        self.schedule();
    }

    pub fn open_failed(&mut self, table: TableId, generation: u32, error: ErrorInfo) {
        if let Some(state) = self.tables.get_mut(&table).filter(|state| state.generation == generation) {
            state.failed = Some(error.clone());
            if let Some(whole) = state.within {
                return self.unite_if_opened(whole);
            }
            self.tell(generation, CoordinatorMessage::TableFailed { table, error });
        }
    }

    /// Asks the preview worker for a window, from the nearest row whose place is known.
    pub fn rows(&mut self, table: TableId, request: u32, first: u64, count: usize, from_column: usize, to_column: usize) {
        let saving = self.save.as_ref().and_then(|save| save.totals(table));
        let Some(state) = self.tables.get(&table) else { return };
        let Some(opened) = &state.opened else { return };
        let index = &state.best(saving).index;
        let known = index.rows();
        if first >= known.max(ROWS_AT_ONCE) {
            let window = RowWindow { first, from_column: from_column as u32, rows: Vec::new(), known_rows: known };
            return self.tell(state.generation, CoordinatorMessage::Rows { table, request, window });
        }
        let indexed = index.before(first);
        let (from_row, files) = match &state.union {
            Some(union) => union.files_of(indexed, first, first + count as u64, state.best(saving)),
            None => {
                let (from_row, _, offset) = indexed.unwrap_or((0, 0, opened.extent.start.byte));
                (from_row, vec![(table, opened.read.clone(), offset)])
            }
        };
        let window = Window { from_row, offset: 0, first, count, from_column, to_column };
        let generation = state.generation;
        self.preview.ask(table, generation, ToWorker::Rows { table, generation, request, files, window });
    }

    /// Asks the preview worker what the first rows take in each output format.
    pub fn compare(&mut self, table: TableId) {
        let Some(state) = self.tables.get(&table) else { return };
        let Some(opened) = &state.opened else { return };
        let generation = state.generation;
        // Of several files, the first one's rows.
        let first = state.union.as_ref().and_then(|union| self.tables.get(union.read.first()?)?.opened.as_ref()).unwrap_or(opened);
        let (read, choices, extent) = (Box::new(first.read.clone()), first.choices.clone(), Box::new(first.extent.clone()));
        self.preview.ask(table, generation, ToWorker::Compare { table, generation, read, choices, extent });
    }

    pub fn window(&mut self, table: TableId, generation: u32, request: u32, mut window: RowWindow) {
        let saving = self.save.as_ref().and_then(|save| save.totals(table));
        let Some(state) = self.tables.get(&table).filter(|state| state.generation == generation) else { return };
        window.known_rows = state.best(saving).index.rows().max(window.first + window.rows.len() as u64);
        self.tell(generation, CoordinatorMessage::Rows { table, request, window });
    }
}
