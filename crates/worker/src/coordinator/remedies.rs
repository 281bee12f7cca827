//! What would set right the records that a scan or a save lists: asked of the preview worker, as it takes a look at them.

use colonnade_engine::rejects::Rejects;
use colonnade_protocol::message::{CoordinatorMessage, TableId};
use colonnade_protocol::report::{RejectGroup, Remedy};

use super::Coordinator;
use crate::message::{ToWorker, Tried};

/// Records of a group that are looked at.
const LOOKED_AT: usize = 200;

impl Coordinator {
    /// Asks for remedies where `groups` has records that were not looked at yet. While a pass goes on, only when there are
    /// twice as many as at the last time.
    pub fn seek_remedies(&mut self, table: TableId, groups: Vec<RejectGroup>, done: bool) {
        let Some(state) = self.tables.get_mut(&table) else { return };
        let Some(opened) = state.opened.as_ref() else { return };
        let records: usize = groups.iter().map(|group| group.first.len()).sum();
        if records <= if done { state.remedied } else { 2 * state.remedied } {
            return;
        }
        state.remedied = records;
        let (files, columns) = match &state.union {
            Some(union) => union.tried(&groups),
            None => {
                let file = Tried { table, name: None, read: opened.read.clone(), data_start: opened.extent.start.byte };
                (vec![file], opened.read.columns.clone())
            }
        };
        let generation = state.generation;
        self.preview.ask(table, generation, ToWorker::Remedies { table, generation, files, columns, groups });
    }

    /// The preview worker has found them.
    pub fn remedies_found(&mut self, table: TableId, generation: u32, remedies: Vec<Remedy>) {
        if self.tables.get(&table).is_some_and(|state| state.generation == generation) {
            self.tell(generation, CoordinatorMessage::Remedies { table, remedies });
        }
    }
}

/// The part of the rejects that is looked at.
pub fn looked_at(rejects: &Rejects) -> Vec<RejectGroup> {
    let first = |group: &RejectGroup| RejectGroup { first: group.first.iter().take(LOOKED_AT).cloned().collect(), ..*group };
    rejects.groups().iter().map(first).collect()
}
