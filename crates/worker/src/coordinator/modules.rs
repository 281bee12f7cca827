//! Which of the two worker modules is in use: the first one, until a file or a save wants what only the other has.

use colonnade_protocol::ErrorInfo;
use colonnade_protocol::message::{CoordinatorMessage, TableId};

use super::Coordinator;
use super::request::Request;

/// The change from one module to the other.
#[derive(Default)]
pub struct Modules {
    /// The page was asked for workers of the other module.
    asked: bool,
    /// Tables, each with its generation, that wait for them.
    waiting: Vec<(TableId, u32)>,
}

impl Coordinator {
    /// The preview worker cannot tell what a file is, but the other module may.
    pub fn wants_every_format(&mut self, table: TableId, generation: u32) {
        self.modules.waiting.push((table, generation));
        self.use_every_format();
        self.ask_again();
    }

    /// Whether the save that was asked for must wait for the other module, which is then asked for.
    pub fn save_waits(&mut self) -> bool {
        let waits = !self.pool.has_every_format() && self.asked.as_ref().is_some_and(Request::wants_every_format);
        if waits {
            self.use_every_format();
        }
        waits
    }

    fn use_every_format(&mut self) {
        if !std::mem::replace(&mut self.modules.asked, true) {
            self.tell(0, CoordinatorMessage::UseEveryFormat);
        }
    }

    /// Once all workers are of the other module, tables that waited for it are looked at again.
    pub fn ask_again(&mut self) {
        if !(self.pool.has_every_format() && self.preview.has_every_format()) {
            return;
        }
        for (table, generation) in std::mem::take(&mut self.modules.waiting) {
            let Some(state) = self.tables.get(&table).filter(|state| state.generation == generation) else { continue };
            self.preview.ask(table, generation, state.question(table));
        }
    }

    /// The other module cannot be had: what waits for it fails; the next that needs it tries again.
    pub fn no_every_format(&mut self, error: &ErrorInfo) {
        self.modules.asked = false;
        for (table, generation) in std::mem::take(&mut self.modules.waiting) {
            self.open_failed(table, generation, error.clone());
        }
        if self.asked.as_ref().is_some_and(Request::wants_every_format) {
            self.fail_save(error.clone());
        }
    }
}
