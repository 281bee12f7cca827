//! Which of the two worker modules is in use: the first one, until a file is of a format that only the other has.

use colonnade_protocol::ErrorInfo;
use colonnade_protocol::message::{CoordinatorMessage, TableId};

use super::Coordinator;

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
        if !std::mem::replace(&mut self.modules.asked, true) {
            self.tell(0, CoordinatorMessage::UseEveryFormat);
        }
        self.ask_again();
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

    /// The other module cannot be had: the tables that wait for it fail; the next one that needs it tries again.
    pub fn no_every_format(&mut self, error: &ErrorInfo) {
        self.modules.asked = false;
        for (table, generation) in std::mem::take(&mut self.modules.waiting) {
            self.open_failed(table, generation, error.clone());
        }
    }
}
