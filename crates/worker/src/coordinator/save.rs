//! A save: one job a table, one sink, one receipt.

mod progress;
mod receipt;

use std::collections::HashSet;

use colonnade_engine::Result;
use colonnade_engine::job::{Event, Job, Totals};
use colonnade_engine::output::segment::{Frame, SegmentMeta, frame, head};
use colonnade_engine::output::{OutputOptions, name};
use colonnade_engine::plan::{UnitTask, WritePlan};
use colonnade_engine::unit::UnitReport;
use colonnade_protocol::message::{CoordinatorMessage, Envelope, Overrides, PROTOCOL_VERSION, SaveTarget, TableId};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::FileSystemHandle;

use super::pool::{Purpose, now};
use super::request::{Request, output_options};
use super::sink::{NewFile, Segment, Sink};
use super::{Coordinator, Shared};

/// A save under way.
pub struct Save {
    /// Tells it from others: while its sink opens or ends it may be cancelled, and another begun.
    number: u32,
    tables: Vec<SavedTable>,
    given: Vec<(String, String)>,
    target: SaveTarget,
    name: String,
    /// `None` until it is open, and again when the save is being finished.
    sink: Option<Sink>,
    finishing: bool,
    started: f64,
    note: String,
}

struct SavedTable {
    id: TableId,
    /// The output file's name.
    name: String,
    /// The table's own.
    source: String,
    /// How a person wants it read.
    overrides: Overrides,
    options: OutputOptions,
    job: Job<Segment>,
}

impl Save {
    /// The next unit to run, of any table.
    pub fn next_task(&mut self, ahead: usize) -> Option<(TableId, UnitTask)> {
        if !self.sink.as_ref()?.is_ready() {
            return None;
        }
        self.tables.iter_mut().find_map(|table| Some((table.id, table.job.next_task(ahead)?)))
    }

    pub fn lost(&mut self, table: TableId, task: &UnitTask) {
        self.tables.iter_mut().filter(|saved| saved.id == table).for_each(|saved| saved.job.lost(task));
    }

    /// What is known of a table that is being saved.
    pub fn totals(&self, table: TableId) -> Option<&Totals> {
        self.tables.iter().find(|saved| saved.id == table).map(|saved| saved.job.totals())
    }

    fn is_done(&self) -> bool {
        self.sink.is_some() && !self.finishing && self.tables.iter().all(|table| table.job.is_done())
    }
}

/// Begins a save of tables that are open.
pub fn begin(shared: &Shared, Request { tables, options, target, handle }: Request) {
    let prepared = shared.borrow_mut().prepare(&tables, options, target, &handle);
    let (number, storage, files) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return shared.borrow().tell(0, CoordinatorMessage::SaveFailed { error }),
    };
    let (shared, opens) = (Shared::clone(shared), Shared::clone(shared));
    let opening = future_to_promise(async move {
        let room = storage.room().await;
        let opened = Sink::open(&storage, target, handle, &files).await;
        let cancelled = shared.borrow_mut().take_sink(number, opened, room);
        if let Some(sink) = cancelled {
            sink.abort().await;
        }
        finish_if_done(&shared);
        Ok(JsValue::UNDEFINED)
    });
    opens.borrow_mut().let_go = opening;
}

/// Ends the save once every unit of every table is accepted.
pub fn finish_if_done(shared: &Shared) {
    let mut coordinator = shared.borrow_mut();
    let Some(save) = coordinator.save.as_mut().filter(|save| save.is_done()) else { return };
    save.finishing = true;
    let number = save.number;
    let frames = match save.tables.iter().map(SavedTable::frame).collect::<Result<Vec<_>>>() {
        Ok(frames) => frames,
        Err(error) => return coordinator.fail_save(error),
    };
    let Some(sink) = save.sink.take() else { return };
    drop(coordinator);
    let shared = Shared::clone(shared);
    spawn_local(async move {
        let finished = sink.finish(&frames).await;
        let mut coordinator = shared.borrow_mut();
        if coordinator.save.as_ref().is_none_or(|save| save.number != number) {
            return;
        }
        match finished {
            Ok(finished) => coordinator.saved(&finished, &frames),
            Err(error) => coordinator.fail_save(error),
        }
        coordinator.schedule();
    });
}

impl SavedTable {
    fn frame(&self) -> Result<Frame> {
        let segments = self.job.segments().iter().map(|segment| &*segment.meta);
        frame(self.job.columns(), &self.options, segments, &[("colonnade.source".to_owned(), self.source.clone())])
    }
}

impl Coordinator {
    /// Everything that can be refused before anything is written.
    fn prepare(
        &mut self,
        tables: &[TableId],
        given: Vec<(String, String)>,
        target: SaveTarget,
        handle: &JsValue,
    ) -> Result<(u32, super::Storage, Vec<NewFile>)> {
        if self.save.is_some() {
            return Err(ErrorInfo::new(ErrorKind::Usage, "a save is running", "Wait for it, or cancel it."));
        }
        let options = output_options(&given)?;
        let stopped = self.pool.stop(|running| running.purpose != Purpose::Save);
        stopped.iter().for_each(|(purpose, table, task)| self.run_again(*purpose, *table, task));
        let mut saved = Vec::new();
        let mut names = HashSet::new();
        for &id in tables {
            let Some(state) = self.tables.get_mut(&id) else { continue };
            let Some(opened) = &state.opened else { continue };
            let (file, table) = opened.report.file();
            let stem = name::stem(file, table);
            let name = name::file(&stem, options.format().extension, |name| names.insert(name.to_lowercase()));
            let options = options.named(&stem);
            let write = WritePlan { options: options.clone(), choices: opened.choices.clone() };
            let Some(job) = state.job(Some(write), !state.scanned) else { continue };
            state.scan = None;
            saved.push(SavedTable { id, name, source: opened.report.name.clone(), overrides: state.overrides.clone(), options, job });
        }
        if saved.is_empty() {
            let why = tables.iter().find_map(|id| self.tables.get(id)?.failed.clone());
            return Err(why.unwrap_or_else(|| ErrorInfo::new(ErrorKind::Usage, "there is no table to save", "Open a file first.")));
        }
        let first = |table: &SavedTable| Ok(NewFile { name: table.name.clone(), head: head(table.job.columns(), &table.options)? });
        let files = saved.iter().map(first).collect::<Result<Vec<_>>>()?;
        let name = match (target, files.as_slice()) {
            (SaveTarget::Download, [file]) => file.name.clone(),
            (SaveTarget::Download, _) => "colonnade.zip".to_owned(),
            (SaveTarget::File | SaveTarget::Folder, _) => handle.unchecked_ref::<FileSystemHandle>().name(),
        };
        self.saves += 1;
        let (number, started, note) = (self.saves, now(), String::new());
        self.save = Some(Save { number, tables: saved, given, target, name, sink: None, finishing: false, started, note });
        Ok((number, self.storage.clone(), files))
    }

    /// A save's sink is open, or is not. Gives it back where the save was cancelled meanwhile.
    fn take_sink(&mut self, number: u32, opened: Result<Sink>, room: Option<f64>) -> Option<Sink> {
        let total = self.source_bytes();
        let Some(save) = self.save.as_mut().filter(|save| save.number == number) else { return opened.ok() };
        match opened {
            Ok(sink) => {
                save.note = sink.remark(room, total);
                save.sink = Some(sink);
            }
            Err(error) => self.fail_save(error),
        }
        self.schedule();
        None
    }

    /// A worker has ended a unit.
    pub fn finished(&mut self, worker: usize, run: u32, report: UnitReport, segment: Option<SegmentMeta>, body: &JsValue, memory: u64) {
        self.pool.memory(worker, memory);
        let Some(running) = self.pool.idle(worker, run) else { return };
        match running.purpose {
            Purpose::Scan => return self.scanned(running.table, report),
            Purpose::Rejects => return self.listed(running.table, report),
            Purpose::Save => {}
        }
        if let Err(error) = self.take(worker, running.table, report, segment, body) {
            self.fail_save(error);
        }
    }

    fn take(&mut self, worker: usize, table: TableId, report: UnitReport, segment: Option<SegmentMeta>, body: &JsValue) -> Result<()> {
        let Some(save) = &mut self.save else { return Ok(()) };
        let (Some(sink), Some(position)) = (&mut save.sink, save.tables.iter().position(|saved| saved.id == table)) else { return Ok(()) };
        let SavedTable { job, options, .. } = &mut save.tables[position];
        let segment = match segment {
            Some(meta) if report.version == job.version() => {
                let (segment, free) = sink.store(meta, body.unchecked_ref::<Uint8Array>().clone())?;
                free.iter().for_each(|buffer| self.pool.give_back(worker, buffer));
                Some(segment)
            }
            _ => None,
        };
        let mut widened = false;
        for event in job.report(report, segment)? {
            match event {
                Event::Accepted { segment: Some(segment), .. } => sink.accepted(position, &segment),
                Event::Accepted { .. } | Event::Discarded(_) | Event::Lost { .. } => {}
                Event::Widened(names) => {
                    sink.restart(position, &head(job.columns(), options)?);
                    save.note = format!("Widened {}: reading again", names.join(", "));
                    self.tables.get_mut(&table).iter_mut().for_each(|state| state.adopt(job));
                    widened = true;
                }
            }
        }
        if widened {
            self.pool.stop(|running| running.table == table && running.purpose == Purpose::Save);
            self.show_saved_scan(table, true);
        }
        Ok(())
    }

    /// A file of a table that is being saved cannot be read.
    pub fn save_lost(&mut self, table: TableId, version: u32, part: u32, error: ErrorInfo) {
        let Some(save) = &mut self.save else { return };
        let (Some(sink), Some(position)) = (&mut save.sink, save.tables.iter().position(|saved| saved.id == table)) else { return };
        let SavedTable { job, options, .. } = &mut save.tables[position];
        let restarted = job.lose(part, version, error).and_then(|events| {
            if !events.is_empty() {
                sink.restart(position, &head(job.columns(), options)?);
                save.note = "A file cannot be read: beginning again without it".to_owned();
                self.tables.get_mut(&table).iter_mut().for_each(|state| state.adopt(job));
            }
            Ok(())
        });
        match restarted {
            Ok(()) => {
                self.pool.stop(|running| running.table == table && running.purpose == Purpose::Save);
                self.show_saved_scan(table, true);
            }
            Err(error) => self.fail_save(error),
        }
    }

    /// Ends the save as a person wishes; one whose files are being closed is beyond that, and ends with its receipt.
    pub fn cancel_save(&mut self) {
        if self.save.as_ref().is_none_or(|save| !save.finishing) {
            self.fail_save(ErrorInfo::new(ErrorKind::Cancelled, "the save was cancelled", ""));
        }
    }

    /// Ends the save without a file. The page hears of it once the files are free: what it saves next may be the same ones.
    pub fn fail_save(&mut self, error: ErrorInfo) {
        let asked = self.asked.take();
        let Some(save) = self.save.take() else {
            if asked.is_some() {
                self.tell(0, CoordinatorMessage::SaveFailed { error });
            }
            return;
        };
        self.pool.stop(|running| running.purpose == Purpose::Save);
        self.pool.rest();
        for saved in &save.tables {
            if let Some(state) = self.tables.get_mut(&saved.id) {
                state.scan_again();
            }
        }
        let (page, opening) = (self.page.clone(), self.let_go.clone());
        self.let_go = future_to_promise(async move {
            if let Some(sink) = save.sink {
                sink.abort().await;
            }
            let _ = JsFuture::from(opening).await;
            page.send(&Envelope { version: PROTOCOL_VERSION, generation: 0, body: CoordinatorMessage::SaveFailed { error } });
            Ok(JsValue::UNDEFINED)
        });
    }

    /// Bytes of all tables that are being saved.
    fn source_bytes(&self) -> u64 {
        let tables = self.save.iter().flat_map(|save| &save.tables);
        tables.filter_map(|table| self.tables.get(&table.id)?.opened.as_ref()).map(|opened| opened.extent.bytes).sum()
    }
}
