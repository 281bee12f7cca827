//! The coordinator: owns tables, plan, sink and row index. Runs no format code, so that nothing a file holds can stop it.

mod command;
mod listing;
mod modules;
mod pace;
mod pool;
mod previewer;
mod remedies;
mod request;
mod save;
mod scan;
mod sink;
mod storage;
mod table;
mod union;
mod unpack;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use colonnade_engine::extent::Extent;
use colonnade_engine::plan::UnitTask;
use colonnade_engine::{format, output};
use colonnade_protocol::message::{CoordinatorMessage, Envelope, PROTOCOL_VERSION, PageMessage, TableId};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessagePort};

use crate::file::Handle;
use crate::message::{FromWorker, ToWorker};
use crate::wire::Port;
use modules::Modules;
use pace::Pace;
use pool::{Pool, Purpose, now};
use previewer::Previewer;
use request::Request;
use save::Save;
use storage::Storage;
use table::TableState;

/// Milliseconds between two looks at progress and at silent workers.
const TICK: i32 = 150;
/// Milliseconds between two looks after which this machine has slept: nobody was silent, all were stopped.
const SLEPT: f64 = 5_000.0;

/// Everything the coordinator knows.
struct Coordinator {
    page: Port,
    preview: Previewer,
    pool: Pool,
    modules: Modules,
    tables: BTreeMap<TableId, TableState>,
    save: Option<Save>,
    /// Asked for while a table was still being opened: it begins once all are.
    asked: Option<Request>,
    /// Until then the page is busy with a preview.
    painted_by: f64,
    /// Saves begun.
    saves: u32,
    /// Resolves once every save that was given up has let go of its files.
    let_go: Promise,
    /// Unpackings begun.
    unpackings: u32,
    storage: Storage,
    pace: Pace,
    /// When silent workers were last looked for.
    watched: f64,
}

/// How handlers reach the coordinator; never held over an await.
type Shared = Rc<RefCell<Coordinator>>;

/// Serves the page, with one port for each decode worker and the last for the preview worker.
pub fn start(mut ports: Vec<MessagePort>) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let page = Port::Page(scope);
    let Some(preview) = ports.pop().map(Port::Worker) else { return };
    let decoders: Vec<Port> = ports.into_iter().map(Port::Worker).collect();
    let coordinator = Coordinator {
        page: page.clone(),
        preview: Previewer::new(preview.clone(), false),
        pool: Pool::new(decoders.clone()),
        modules: Modules::default(),
        tables: BTreeMap::new(),
        save: None,
        asked: None,
        painted_by: 0.0,
        saves: 0,
        let_go: Promise::resolve(&JsValue::UNDEFINED),
        unpackings: 0,
        storage: Storage::default(),
        pace: Pace::default(),
        watched: now(),
    };
    let shared: Shared = Rc::new(RefCell::new(coordinator));
    let hears = Rc::clone(&shared);
    page.listen(move |envelope: Envelope<PageMessage>, extra| hear_page(&hears, envelope, extra));
    hear_from(&shared, None, &preview);
    for (worker, port) in decoders.iter().enumerate() {
        hear_from(&shared, Some(worker), port);
    }
    let tells = Rc::clone(&shared);
    spawn_local(async move {
        if storage::clean().await.is_err() {
            tells.borrow().tell(0, CoordinatorMessage::NoPrivateFiles);
        }
    });
    tick(&shared);
    let workers = decoders.len() as u32;
    let (output_options, file_options) = (output::options(), format::file_options());
    shared.borrow().tell(0, CoordinatorMessage::Ready { output_options, file_options, workers });
}

/// Hears a decode worker, or (`None`) the preview worker.
fn hear_from(shared: &Shared, worker: Option<usize>, port: &Port) {
    let hears = Rc::clone(shared);
    port.listen(move |message, extra| hear_worker(&hears, worker, message, &extra));
}

/// Looks at progress and at silent workers, again and again.
fn tick(shared: &Shared) {
    let shared = Rc::clone(shared);
    let closure = Closure::<dyn FnMut()>::new(move || {
        let mut coordinator = shared.borrow_mut();
        coordinator.watch();
        coordinator.show_progress();
    });
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let _ = scope.set_interval_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref::<Function>(), TICK);
    closure.forget();
}

fn hear_page(shared: &Shared, envelope: Envelope<PageMessage>, extra: JsValue) {
    let mut coordinator = shared.borrow_mut();
    if envelope.version != PROTOCOL_VERSION {
        let what = format!("the page speaks version {} and the workers {PROTOCOL_VERSION}", envelope.version);
        let error = ErrorInfo::new(ErrorKind::Internal, what, "Reload the page.");
        return coordinator.tell(0, CoordinatorMessage::Fatal { error });
    }
    match envelope.body {
        PageMessage::Open { table, name, overrides, .. } => {
            coordinator.open(table, envelope.generation, name, overrides, Handle::new(extra))
        }
        PageMessage::OpenSibling { table, of, overrides } => {
            if let Some(of) = coordinator.tables.get(&of) {
                let (name, file, unpacked, spools) = (of.name.clone(), of.file.clone(), of.unpacked.clone(), of.spools.clone());
                coordinator.open_state(table, TableState::new(name, file, envelope.generation, overrides, unpacked, spools));
            }
        }
        PageMessage::OpenMember { table, of, member, name, overrides } => {
            drop(coordinator);
            unpack::open_member(shared, table, of, member as usize, envelope.generation, name, overrides);
        }
        PageMessage::Shapes { tables } => coordinator.tell_shapes(&tables),
        PageMessage::Unite { table, members, overrides } => coordinator.unite(table, envelope.generation, members, overrides),
        PageMessage::Configure { table, overrides } => coordinator.configure(table, envelope.generation, overrides),
        PageMessage::Close { table } => coordinator.close(table),
        PageMessage::Rows { table, request, first, count, from_column, to_column } => {
            coordinator.rows(table, request, first, count as usize, from_column as usize, to_column as usize);
        }
        PageMessage::Compare { table } => coordinator.compare(table),
        PageMessage::Save { tables, options, target } => {
            coordinator.asked = Some(Request { tables, options, target, handle: extra });
            drop(coordinator);
            request::begin_if_opened(shared);
        }
        PageMessage::Cancel => {
            coordinator.cancel_save();
            coordinator.schedule();
        }
        PageMessage::Rejects { table } => coordinator.list_rejects(table),
        PageMessage::NoEveryFormat { error } => coordinator.no_every_format(&error),
        PageMessage::WorkerReplaced { worker, every_format } => {
            let (worker, port) = (worker as usize, Port::Worker(extra.unchecked_into()));
            let decodes = worker < coordinator.pool.len();
            if decodes {
                coordinator.replaced(worker, port.clone(), every_format);
            } else {
                coordinator.preview_replaced(port.clone(), every_format);
            }
            coordinator.ask_again();
            coordinator.schedule();
            drop(coordinator);
            hear_from(shared, decodes.then_some(worker), &port);
            request::begin_if_opened(shared);
            if !decodes {
                unpack::begin_lost(shared);
            }
        }
    }
}

fn hear_worker(shared: &Shared, worker: Option<usize>, message: FromWorker, extra: &JsValue) {
    let mut coordinator = shared.borrow_mut();
    if worker.is_none() && message.is_answer() {
        coordinator.preview.answered();
    }
    match (message, worker) {
        (FromWorker::Packed { table, generation, packed }, _) => {
            drop(coordinator);
            return unpack::found(shared, table, generation, packed);
        }
        (FromWorker::Unpacking { run, table, done, total, .. }, _) => coordinator.unpacking(table, run, done, total),
        (FromWorker::Head { run, table, opened }, _) => coordinator.head(table, run, *opened),
        (FromWorker::Unpacked { run, table, damage }, _) => {
            coordinator.unpacked(table, run, damage, extra.clone().unchecked_into());
        }
        (FromWorker::UnpackFailed { run, table, error }, _) => coordinator.unpack_failed(table, run, error),
        (FromWorker::Opened { table, generation, opened }, _) => coordinator.opened(table, generation, *opened),
        (FromWorker::OpenFailed { table, generation, error }, _) => coordinator.open_failed(table, generation, error),
        (FromWorker::WantsEveryFormat { table, generation }, _) => coordinator.wants_every_format(table, generation),
        (FromWorker::Compared { table, generation, comparison }, _) => {
            coordinator.tell(generation, CoordinatorMessage::Compared { table, comparison });
        }
        (FromWorker::Window { table, generation, request, window }, _) => coordinator.window(table, generation, request, window),
        (FromWorker::Remedies { table, generation, remedies }, _) => coordinator.remedies_found(table, generation, remedies),
        (FromWorker::Progress { run, bytes, counts, memory }, Some(worker)) => {
            coordinator.pool.progress(worker, run, bytes, counts, memory)
        }
        (FromWorker::Finished { run, report, segment, memory }, Some(worker)) => {
            coordinator.finished(worker, run, *report, segment, extra, memory);
            coordinator.schedule();
        }
        (FromWorker::Stopped { run }, Some(worker)) => {
            coordinator.pool.idle(worker, run);
            coordinator.schedule();
        }
        (FromWorker::Failed { run, part, error }, Some(worker)) => {
            coordinator.failed(worker, run, part, error);
            coordinator.schedule();
        }
        _ => {}
    }
    drop(coordinator);
    request::begin_if_opened(shared);
    save::finish_if_done(shared);
}

impl Coordinator {
    fn tell(&self, generation: u32, body: CoordinatorMessage) {
        self.page.send(&Envelope { version: PROTOCOL_VERSION, generation, body });
    }

    fn tell_with(&self, generation: u32, body: CoordinatorMessage, extra: &JsValue) {
        self.page.post(&Envelope { version: PROTOCOL_VERSION, generation, body }, extra, &[]);
    }

    /// Gives idle workers units: of the save, where one runs, else of rejects files, else of the background scans.
    fn schedule(&mut self) {
        let ahead = self.pool.len() + 2;
        while let Some(worker) = self.pool.free() {
            let Some((purpose, table, task)) = self.next_task(ahead) else { break };
            let sources = self.tables.get(&table).map_or_else(Vec::new, |state| state.sources(table, &task));
            self.pool.run(worker, table, purpose, task, sources);
        }
    }

    fn next_task(&mut self, ahead: usize) -> Option<(Purpose, TableId, UnitTask)> {
        if let Some(save) = &mut self.save {
            let (table, task) = save.next_task(ahead)?;
            return Some((Purpose::Save, table, task));
        }
        let listed = self
            .tables
            .iter_mut()
            .find_map(|(table, state)| Some((Purpose::Rejects, *table, state.listing.as_mut()?.job.next_task(ahead)?)));
        listed.or_else(|| self.tables.iter_mut().find_map(|(table, state)| Some((Purpose::Scan, *table, state.next_scan_task(ahead)?))))
    }

    /// Ends what has been silent for too long.
    fn watch(&mut self) {
        let slept = now() - self.watched > SLEPT;
        self.watched = now();
        if slept {
            self.pool.forgive();
            self.preview.forgive();
        }
        let mut silent = self.pool.silent();
        if self.preview.is_silent() || !slept && self.unpacks_in_silence() && self.preview.give_up() {
            silent.push(self.pool.len());
        }
        for worker in silent {
            self.tell(0, CoordinatorMessage::ReplaceWorker { worker: worker as u32 });
        }
    }

    /// Another preview worker is in the place of one that was lost, and then what that was looking at has failed.
    fn preview_replaced(&mut self, port: Port, every_format: bool) {
        let files = self.tables.iter().map(|(table, state)| (*table, &state.file));
        if let Some((table, generation)) = self.preview.replace(port, every_format, files) {
            let hint = "It may be damaged, or meet a defect of ours. The other files are not concerned.";
            let error = ErrorInfo::new(ErrorKind::Worker, "the worker that looked at this file failed or stopped answering", hint);
            self.open_failed(table, generation, error);
        }
    }

    /// Another worker is in this one's place: its unit runs once more, and fails if it was lost before.
    fn replaced(&mut self, worker: usize, port: Port, every_format: bool) {
        let tables = &self.tables;
        let end = |table: TableId| extent(tables, table).map_or(u64::MAX, |extent| extent.end);
        let lost = self.pool.replace(worker, port, every_format, end);
        for (table, state) in &self.tables {
            self.pool.source(worker, *table, &state.file);
        }
        let Some(lost) = lost else { return };
        if lost.again {
            let unit = if extent(&self.tables, lost.table).is_some_and(Extent::is_in_rows) { "rows" } else { "bytes" };
            let range = format!("{unit} {} to {}", lost.range.start, lost.range.end);
            let what = format!("a worker failed twice on {range} of the file");
            let error = ErrorInfo::new(
                ErrorKind::Worker,
                what,
                "It ran out of memory, stopped answering or met a defect of ours. The other files are not concerned.",
            );
            return self.part_failed(lost.table, lost.purpose, lost.task.version, lost.task.first.part, error);
        }
        self.run_again(lost.purpose, lost.table, &lost.task);
    }

    /// A unit did not come to its end: its job runs it again.
    fn run_again(&mut self, purpose: Purpose, table: TableId, task: &UnitTask) {
        match (purpose, self.tables.get_mut(&table)) {
            (Purpose::Save, _) => self.save.iter_mut().for_each(|save| save.lost(table, task)),
            (Purpose::Scan, Some(state)) => state.scan.iter_mut().for_each(|scan| scan.lost(task)),
            (Purpose::Rejects, Some(state)) => state.listing.iter_mut().for_each(|listing| listing.job.lost(task)),
            (_, None) => {}
        }
    }

    fn failed(&mut self, worker: usize, run: u32, part: u32, error: ErrorInfo) {
        if let Some(done) = self.pool.idle(worker, run) {
            self.part_failed(done.table, done.purpose, done.task.version, part, error);
        }
    }

    /// A unit could not be done for one of its table's files: that costs this file's rows, where there are others.
    fn part_failed(&mut self, table: TableId, purpose: Purpose, version: u32, part: u32, error: ErrorInfo) {
        match purpose {
            Purpose::Save => self.save_lost(table, version, part, error),
            Purpose::Rejects => self.listing_lost(table, version, part, error),
            Purpose::Scan => self.scan_lost(table, version, part, error),
        }
    }
}

fn extent(tables: &BTreeMap<TableId, TableState>, table: TableId) -> Option<&Extent> {
    Some(&tables.get(&table)?.opened.as_ref()?.extent)
}

/// Sends a source to a worker.
fn send_source(port: &Port, table: TableId, file: &Handle) {
    port.post(&ToWorker::Source { table }, file.as_js(), &[]);
}
