//! The decode workers: who runs what, and who has gone silent.

use std::ops::Range;

use colonnade_engine::plan::{UnitStart, UnitTask};
use colonnade_protocol::Counts;
use colonnade_protocol::message::TableId;
use js_sys::ArrayBuffer;

use super::send_source;
use crate::file::Handle;
use crate::message::ToWorker;
use crate::wire::Port;

/// Milliseconds of silence after which a worker is taken for lost.
pub const SILENCE: f64 = 30_000.0;
/// Milliseconds after which one that was asked to stop is ended. It hears between two reads of a megabyte.
const STOPPING: f64 = 2_000.0;

/// All decode workers.
pub struct Pool {
    workers: Vec<Worker>,
    runs: u32,
    /// Units that were lost with their worker and have not ended since: a second time is a failure.
    lost_once: Vec<UnitKey>,
}

/// What a unit is run for, its table, version and number.
type UnitKey = (Purpose, TableId, u32, u32);

struct Worker {
    port: Port,
    /// It is of the module that has every format.
    every_format: bool,
    running: Option<Running>,
    /// Asked to be replaced.
    ending: bool,
    memory: u64,
}

/// What a unit is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Save,
    /// A background scan.
    Scan,
    /// The file of all rejects.
    Rejects,
}

/// A unit on a worker.
pub struct Running {
    run: u32,
    pub table: TableId,
    pub purpose: Purpose,
    pub task: UnitTask,
    heard: f64,
    bytes: u64,
    counts: Counts,
    /// When it was asked to stop.
    stopping: Option<f64>,
}

/// A unit whose worker was lost.
pub struct Lost {
    pub table: TableId,
    pub purpose: Purpose,
    pub task: UnitTask,
    pub range: Range<u64>,
    /// It was lost before.
    pub again: bool,
}

impl Pool {
    /// Of workers behind these ports.
    pub fn new(ports: Vec<Port>) -> Self {
        let workers = ports.into_iter().map(|port| Worker::new(port, false)).collect();
        Self { workers, runs: 0, lost_once: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.workers.len()
    }

    /// Whether all are of the module that has every format.
    pub fn has_every_format(&self) -> bool {
        self.workers.iter().all(|worker| worker.every_format)
    }

    /// Sends every worker a file.
    pub fn sources(&self, table: TableId, file: &Handle) {
        self.workers.iter().for_each(|worker| send_source(&worker.port, table, file));
    }

    /// Sends one worker a file.
    pub fn source(&self, worker: usize, table: TableId, file: &Handle) {
        send_source(&self.workers[worker].port, table, file);
    }

    pub fn forget(&self, table: TableId) {
        self.workers.iter().for_each(|worker| worker.port.send(&ToWorker::Forget { table }));
    }

    /// A worker with nothing to do.
    pub fn free(&self) -> Option<usize> {
        self.workers.iter().position(|worker| worker.running.is_none() && !worker.ending)
    }

    /// Runs a unit; `sources` are the files of its pieces.
    pub fn run(&mut self, worker: usize, table: TableId, purpose: Purpose, task: UnitTask, sources: Vec<TableId>) {
        self.runs += 1;
        let message = ToWorker::Run { run: self.runs, sources, task: Box::new(task.clone()) };
        let worker = &mut self.workers[worker];
        worker.port.send(&message);
        worker.running =
            Some(Running { run: self.runs, table, purpose, task, heard: now(), bytes: 0, counts: Counts::default(), stopping: None });
    }

    /// Stops the units that `which` picks and gives them back; their workers are free when they say so.
    pub fn stop(&mut self, which: impl Fn(&Running) -> bool) -> Vec<(Purpose, TableId, UnitTask)> {
        let mut stopped = Vec::new();
        for worker in &mut self.workers {
            if let Some(running) = worker.running.as_mut().filter(|running| running.stopping.is_none() && which(running)) {
                running.stopping = Some(now());
                worker.port.send(&ToWorker::Stop);
                stopped.push((running.purpose, running.table, running.task.clone()));
            }
        }
        stopped
    }

    /// Gives a worker back the buffer that its last segment's body came in, for the next one. The browser would keep it
    /// until a collector comes by, and take another from the kernel.
    pub fn give_back(&self, worker: usize, buffer: &ArrayBuffer) {
        self.workers[worker].port.post(&ToWorker::Spare, buffer, &[buffer]);
    }

    /// Nothing is to come: workers let go of what they keep for the next unit.
    pub fn rest(&self) {
        self.workers.iter().for_each(|worker| worker.port.send(&ToWorker::Stop));
    }

    pub fn progress(&mut self, worker: usize, run: u32, bytes: u64, counts: Counts, memory: u64) {
        let worker = &mut self.workers[worker];
        worker.memory = memory;
        if let Some(running) = worker.running.as_mut().filter(|running| running.run == run) {
            (running.heard, running.bytes, running.counts) = (now(), bytes, counts);
        }
    }

    pub fn memory(&mut self, worker: usize, memory: u64) {
        self.workers[worker].memory = memory;
    }

    /// The worker has ended this run; gives back what it was, unless it was stopped.
    pub fn idle(&mut self, worker: usize, run: u32) -> Option<Running> {
        let running = self.workers[worker].running.take_if(|running| running.run == run)?;
        self.lost_once.retain(|lost| *lost != running.key());
        running.stopping.is_none().then_some(running)
    }

    /// Bytes, rows and rejects of units on their way, of these tables.
    pub fn under_way(&self, wanted: impl Fn(&Running) -> bool) -> (u64, Counts) {
        let mut sum = (0, Counts::default());
        for running in self.workers.iter().filter_map(|worker| worker.running.as_ref()).filter(|running| wanted(running)) {
            sum.0 += running.bytes;
            sum.1 += running.counts;
        }
        sum
    }

    /// Bytes of all workers' memories.
    pub fn memory_bytes(&self) -> u64 {
        self.workers.iter().map(|worker| worker.memory).sum()
    }

    /// Workers that have said nothing for too long, each named once.
    pub fn silent(&mut self) -> Vec<usize> {
        let now = now();
        let mut silent = Vec::new();
        for (index, worker) in self.workers.iter_mut().enumerate() {
            if !worker.ending && worker.running.as_ref().is_some_and(|running| running.is_overdue(now)) {
                worker.ending = true;
                silent.push(index);
            }
        }
        silent
    }

    /// Begins to wait anew for all: this machine slept.
    pub fn forgive(&mut self) {
        self.workers.iter_mut().filter_map(|worker| worker.running.as_mut()).for_each(|running| running.heard = now());
    }

    /// Another worker is in this one's place; gives back the unit that was lost with it. `end` tells where a table ends.
    pub fn replace(&mut self, worker: usize, port: Port, every_format: bool, end: impl Fn(TableId) -> u64) -> Option<Lost> {
        let place = self.workers.get_mut(worker)?;
        let ended_for_it = every_format && !place.every_format;
        let running = std::mem::replace(place, Worker::new(port, every_format)).running?;
        if running.stopping.is_some() {
            return None;
        }
        let known = self.lost_once.iter().position(|lost| *lost == running.key());
        match known {
            Some(at) => drop(self.lost_once.swap_remove(at)),
            None if ended_for_it => {}
            None => self.lost_once.push(running.key()),
        }
        let (UnitStart::At(start) | UnitStart::From(start)) = running.task.first.start;
        let range = start..running.task.first.limit.min(end(running.table));
        Some(Lost { table: running.table, purpose: running.purpose, task: running.task, range, again: known.is_some() && !ended_for_it })
    }
}

impl Worker {
    fn new(port: Port, every_format: bool) -> Self {
        Self { port, every_format, running: None, ending: false, memory: 0 }
    }
}

impl Running {
    fn is_overdue(&self, now: f64) -> bool {
        now - self.heard > SILENCE || self.stopping.is_some_and(|asked| now - asked > STOPPING)
    }

    fn key(&self) -> UnitKey {
        (self.purpose, self.table, self.task.version, self.task.unit)
    }
}

/// Milliseconds since some moment.
pub fn now() -> f64 {
    js_sys::Date::now()
}
