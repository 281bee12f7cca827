//! The preview worker: what it was asked and has not answered yet, in order, so that its loss costs one question.

use std::collections::VecDeque;

use colonnade_protocol::message::TableId;
use wasm_bindgen::JsValue;

use super::pool::{SILENCE, now};
use super::send_source;
use crate::file::Handle;
use crate::message::ToWorker;
use crate::wire::Port;

/// The preview worker's place.
pub struct Previewer {
    port: Port,
    /// It is of the module that has every format.
    every_format: bool,
    waiting: VecDeque<Waiting>,
    /// When it began to work on the first of `waiting`.
    since: f64,
    /// Asked to be replaced.
    ending: bool,
}

struct Waiting {
    table: TableId,
    generation: u32,
    question: ToWorker,
}

impl Previewer {
    /// A preview worker behind this port.
    pub fn new(port: Port, every_format: bool) -> Self {
        Self { port, every_format, waiting: VecDeque::new(), since: 0.0, ending: false }
    }

    pub fn has_every_format(&self) -> bool {
        self.every_format
    }

    /// Sends it a file.
    pub fn source(&self, table: TableId, file: &Handle) {
        send_source(&self.port, table, file);
    }

    pub fn forget(&self, table: TableId) {
        self.port.send(&ToWorker::Forget { table });
    }

    /// Gives it something to do that is no question, with what rides beside it.
    pub fn post(&self, message: &ToWorker, extra: &JsValue) {
        self.port.post(message, extra, &[]);
    }

    /// Asks a question, which gets one answer, after those before it.
    pub fn ask(&mut self, table: TableId, generation: u32, question: ToWorker) {
        if self.waiting.is_empty() {
            self.since = now();
        }
        self.port.send(&question);
        self.waiting.push_back(Waiting { table, generation, question });
    }

    /// The first question has its answer.
    pub fn answered(&mut self) {
        self.waiting.pop_front();
        self.since = now();
    }

    /// Whether an answer is overdue; true once.
    pub fn is_silent(&mut self) -> bool {
        let silent = !self.ending && !self.waiting.is_empty() && now() - self.since > SILENCE;
        self.ending |= silent;
        silent
    }

    /// It is to be replaced; true once.
    pub fn give_up(&mut self) -> bool {
        !std::mem::replace(&mut self.ending, true)
    }

    /// Begins to wait anew: this machine slept.
    pub fn forgive(&mut self) {
        self.since = now();
    }

    /// Another worker is in this one's place and has every file of `files`: what was lost at is given back, the rest is
    /// asked again. Nothing is lost where the other is of the other module: this one was ended for it.
    pub fn replace<'a>(
        &mut self,
        port: Port,
        every_format: bool,
        files: impl Iterator<Item = (TableId, &'a Handle)>,
    ) -> Option<(TableId, u32)> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let ended_for_it = every_format && !self.every_format;
        *self = Self::new(port, every_format);
        files.for_each(|(table, file)| self.source(table, file));
        let lost = if ended_for_it { None } else { waiting.pop_front() };
        waiting.into_iter().for_each(|waiting| self.ask(waiting.table, waiting.generation, waiting.question));
        lost.map(|lost| (lost.table, lost.generation))
    }
}
