//! A decode worker: runs one unit after another, and hears the coordinator between two reads.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use colonnade_engine::Result;
use colonnade_engine::output::segment::Segment;
use colonnade_engine::plan::UnitTask;
use colonnade_engine::source::Source;
use colonnade_engine::unit::{Unit, UnitReport};
use colonnade_protocol::message::TableId;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;

use crate::file::{BlobSource, memory_bytes};
use crate::message::{FromWorker, ToWorker};
use crate::wire::Port;

struct Worker {
    port: Port,
    sources: RefCell<HashMap<TableId, BlobSource>>,
    /// The run that is wanted; any other gives up at its next read.
    wanted: RefCell<Option<u32>>,
}

/// Serves the coordinator behind `port`.
pub fn start(_index: u32, port: MessagePort) {
    let port = Port::Worker(port);
    let worker = Rc::new(Worker { port: port.clone(), sources: RefCell::default(), wanted: RefCell::default() });
    port.listen(move |message, extra| worker.hear(message, extra));
}

impl Worker {
    fn hear(self: &Rc<Self>, message: ToWorker, extra: JsValue) {
        match message {
            ToWorker::Source { table } => {
                self.sources.borrow_mut().insert(table, BlobSource::new(extra.unchecked_into()));
            }
            ToWorker::Forget { table } => {
                self.sources.borrow_mut().remove(&table);
            }
            ToWorker::Stop => *self.wanted.borrow_mut() = None,
            ToWorker::Run { run, table, task } => {
                *self.wanted.borrow_mut() = Some(run);
                spawn_local(Rc::clone(self).run(run, table, *task));
            }
            ToWorker::Open { .. } | ToWorker::Rows { .. } | ToWorker::Remedies { .. } => {}
        }
    }

    async fn run(self: Rc<Self>, run: u32, table: TableId, task: UnitTask) {
        match self.unit(run, table, task).await {
            Ok(Some((report, segment))) => {
                let report = Box::new(report);
                match segment {
                    Some(Segment { meta, body }) => {
                        let body = Uint8Array::from(body.as_slice());
                        let message = FromWorker::Finished { run, report, segment: Some(meta), memory: memory_bytes() };
                        self.port.post(&message, &body, &[&body.buffer()]);
                    }
                    None => self.port.send(&FromWorker::Finished { run, report, segment: None, memory: memory_bytes() }),
                }
            }
            Ok(None) => self.port.send(&FromWorker::Stopped { run }),
            Err(error) => self.port.send(&FromWorker::Failed { run, error }),
        }
    }

    /// Runs a unit, reading ahead while it decodes. `None`: it was stopped.
    async fn unit(&self, run: u32, table: TableId, task: UnitTask) -> Result<Option<(UnitReport, Option<Segment>)>> {
        let source = self.sources.borrow().get(&table).cloned();
        let source = source.ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "a worker has no such file", "Open the file again."))?;
        let len = source.len();
        let mut unit = Unit::new(task, len)?;
        let mut stream = source.stream(unit.wants().map_or(len, |range| range.start))?;
        while unit.wants().is_some() {
            let bytes = stream.next().await?;
            if *self.wanted.borrow() != Some(run) {
                return Ok(None);
            }
            unit.push(|_, buffer| {
                let n = (bytes.length() as usize).min(buffer.len());
                bytes.subarray(0, n as u32).copy_to(&mut buffer[..n]);
                Ok(n)
            })?;
            stream.recycle(&bytes);
            self.port.send(&FromWorker::Progress { run, bytes: unit.bytes_done(), counts: unit.counts(), memory: memory_bytes() });
        }
        unit.finish().map(Some)
    }
}
