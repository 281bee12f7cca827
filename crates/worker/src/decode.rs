//! A decode worker: runs one unit after another, and hears the coordinator between two reads.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use colonnade_engine::Result;
use colonnade_engine::output::segment::Segment;
use colonnade_engine::plan::UnitTask;
use colonnade_engine::unit::{PartError, Unit, UnitReport};
use colonnade_protocol::message::TableId;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessagePort};

use crate::file::{FileSource, Stream, memory_bytes, release};
use crate::message::{FromWorker, ToWorker};
use crate::wire::Port;

/// Milliseconds that a unit which reads by itself works on before messages are heard.
const HEAR_EVERY: f64 = 100.0;
/// Milliseconds between two words on how far a unit is: each is a message to make, to read and to collect.
const TELL_EVERY: f64 = 100.0;

/// What a unit came to.
type Ended = (UnitReport, Option<Segment>);

struct Worker {
    port: Port,
    sources: RefCell<HashMap<TableId, FileSource>>,
    /// The run that is wanted; any other gives up at its next read.
    wanted: RefCell<Option<u32>>,
    /// What held the last body that was stored.
    spare: RefCell<Option<ArrayBuffer>>,
    /// When the coordinator was last told how far a unit is.
    told: Cell<f64>,
}

/// Memory that a unit takes at most where it is held at once, about.
const MOST_RESERVED: u64 = 40 << 20;

/// Takes the memory that a unit is going to need at once: else it grows by 64 KiB a time, a thousand calls into the kernel.
fn reserve(task: &UnitTask) {
    let wanted = (2 * task.bytes).min(MOST_RESERVED);
    if wanted > memory_bytes() {
        let mut room: Vec<u8> = Vec::new();
        // Where there is not so much, the unit takes what it can get.
        let _ = room.try_reserve_exact(wanted as usize);
        drop(std::hint::black_box(room));
    }
}

/// Serves the coordinator behind `port`.
pub fn start(_index: u32, port: MessagePort) {
    let port = Port::Worker(port);
    let worker = Rc::new(Worker {
        port: port.clone(),
        sources: RefCell::default(),
        wanted: RefCell::default(),
        spare: RefCell::default(),
        told: Cell::new(0.0),
    });
    port.listen(move |message, extra| worker.hear(message, extra));
}

impl Worker {
    fn hear(self: &Rc<Self>, message: ToWorker, extra: JsValue) {
        match message {
            ToWorker::Source { table } => {
                self.sources.borrow_mut().insert(table, FileSource::new(extra));
            }
            ToWorker::Forget { table } => {
                self.sources.borrow_mut().remove(&table);
            }
            ToWorker::Stop => {
                *self.wanted.borrow_mut() = None;
                self.take_spare(u32::MAX);
            }
            ToWorker::Spare => *self.spare.borrow_mut() = Some(extra.unchecked_into()),
            ToWorker::Run { run, sources, task } => {
                *self.wanted.borrow_mut() = Some(run);
                spawn_local(Rc::clone(self).run(run, sources, *task));
            }
            ToWorker::Open { .. }
            | ToWorker::Unpack { .. }
            | ToWorker::Rows { .. }
            | ToWorker::Remedies { .. }
            | ToWorker::Compare { .. } => {}
        }
    }

    async fn run(self: Rc<Self>, run: u32, sources: Vec<TableId>, task: UnitTask) {
        match self.unit(run, &sources, task).await {
            Ok(Some((report, segment))) => {
                let report = Box::new(report);
                match segment {
                    Some(Segment { meta, body }) => {
                        let body = self.body(&body);
                        let message = FromWorker::Finished { run, report, segment: Some(meta), memory: memory_bytes() };
                        self.port.post(&message, &body, &[&body.buffer()]);
                    }
                    None => self.port.send(&FromWorker::Finished { run, report, segment: None, memory: memory_bytes() }),
                }
            }
            Ok(None) => self.port.send(&FromWorker::Stopped { run }),
            Err(PartError { part, error }) => self.port.send(&FromWorker::Failed { run, part, error }),
        }
    }

    /// Runs a unit, reading ahead while it decodes. `None`: it was stopped.
    async fn unit(&self, run: u32, sources: &[TableId], task: UnitTask) -> std::result::Result<Option<Ended>, PartError> {
        let at = |part: u32| move |error: ErrorInfo| PartError { part, error };
        let mut sources = sources.iter();
        let first = task.first.part;
        reserve(&task);
        let mut source = self.source(sources.next()).map_err(at(first))?;
        let mut unit = Unit::new(task, &source).map_err(at(first))?;
        loop {
            let part = unit.part();
            if !self.piece(run, &mut unit, &source).await.map_err(at(part))? {
                return Ok(None);
            }
            let Some(next) = unit.next_part() else { return unit.finish().map(Some).map_err(at(part)) };
            source = self.source(sources.next()).map_err(at(next))?;
            unit = unit.go_on(&source).map_err(at(next))?;
        }
    }

    /// One file's part of a unit; whether it was not stopped.
    async fn piece(&self, run: u32, unit: &mut Unit, source: &FileSource) -> Result<bool> {
        match unit.wants() {
            Some(range) => self.push_all(run, unit, source.stream(range.start..unit.limit())?).await,
            None => self.step_all(run, unit).await,
        }
    }

    fn source(&self, table: Option<&TableId>) -> Result<FileSource> {
        let source = table.and_then(|table| self.sources.borrow().get(table).cloned());
        source.ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "a worker has no such file", "Open the file again."))
    }

    /// Pushes the source's bytes until the unit is done; whether it was not stopped.
    async fn push_all(&self, run: u32, unit: &mut Unit, mut stream: Stream) -> Result<bool> {
        while !unit.is_done() {
            let bytes = stream.next().await?;
            if !self.is_wanted(run) {
                return Ok(false);
            }
            unit.push(|_, buffer| {
                let n = (bytes.length() as usize).min(buffer.len());
                bytes.subarray(0, n as u32).copy_to(&mut buffer[..n]);
                Ok(n)
            })?;
            stream.recycle(&bytes);
            self.tell_progress(run, unit);
        }
        Ok(true)
    }

    /// Lets the unit read by itself until it is done, and the coordinator be heard in between; whether it was not stopped.
    async fn step_all(&self, run: u32, unit: &mut Unit) -> Result<bool> {
        let mut heard = js_sys::Date::now();
        while !unit.is_done() {
            unit.step()?;
            if js_sys::Date::now() - heard > HEAR_EVERY {
                next_turn().await;
                if !self.is_wanted(run) {
                    return Ok(false);
                }
                heard = js_sys::Date::now();
                self.tell_progress(run, unit);
            }
        }
        Ok(true)
    }

    fn is_wanted(&self, run: u32) -> bool {
        *self.wanted.borrow() == Some(run)
    }

    fn tell_progress(&self, run: u32, unit: &Unit) {
        let now = js_sys::Date::now();
        if now - self.told.get() < TELL_EVERY {
            return;
        }
        self.told.set(now);
        self.port.send(&FromWorker::Progress { run, bytes: unit.bytes_done(), counts: unit.counts(), memory: memory_bytes() });
    }

    /// A segment's body to be handed over.
    fn body(&self, bytes: &[u8]) -> Uint8Array {
        let len = bytes.len() as u32;
        // Bodies of a table are about as large as each other.
        let buffer = self.take_spare(len).unwrap_or_else(|| ArrayBuffer::new(len + len / 16));
        let body = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, len);
        body.copy_from(bytes);
        body
    }

    /// The spare buffer, if it holds so many bytes; else its memory is given back.
    fn take_spare(&self, len: u32) -> Option<ArrayBuffer> {
        let spare = self.spare.borrow_mut().take()?;
        if spare.byte_length() >= len {
            return Some(spare);
        }
        release(&Array::of1(&spare));
        None
    }
}

/// Resolves in another turn of the event loop: messages that have come are heard before.
async fn next_turn() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let turn = Promise::new(&mut |resolve, _| {
        let _ = scope.set_timeout_with_callback(&resolve);
    });
    // It is never rejected.
    let _ = JsFuture::from(turn).await;
}
