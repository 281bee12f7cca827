//! How far a save is.

use colonnade_protocol::Counts;
use colonnade_protocol::message::{CoordinatorMessage, SaveProgress, TableId};

use super::super::pool::{Purpose, now};
use super::super::sink::Sink;
use super::super::{Coordinator, scan};

impl Coordinator {
    /// Tells the page how far things are.
    pub fn show_progress(&mut self) {
        let failure = self.save.as_ref().and_then(|save| save.sink.as_ref()).and_then(Sink::failure);
        if let Some(error) = failure {
            self.fail_save(error);
        }
        self.schedule();
        let scanning: Vec<TableId> = self.tables.iter().filter(|(_, state)| state.scan.is_some()).map(|(id, _)| *id).collect();
        let profiles = self.pace.is_due(self.save.is_some() || !scanning.is_empty());
        let total = self.source_bytes();
        let Some(save) = &self.save else {
            let shown = if profiles { self.pool.len() } else { 0 };
            return scanning.into_iter().take(shown).for_each(|id| self.show_scan(id, false));
        };
        let (bytes, counts) = self.pool.under_way(|running| running.purpose == Purpose::Save);
        let mut sum = counts;
        save.tables.iter().for_each(|table| sum += table.job.totals().counts);
        let done: u64 = save.tables.iter().map(|table| table.job.totals().bytes).sum();
        let segments = save.tables.iter().flat_map(|table| table.job.segments());
        let progress = SaveProgress {
            bytes_done: (done + bytes).min(total),
            bytes_total: total,
            rows: sum.written,
            bytes_written: segments.map(|segment| segment.meta.body_len).sum(),
            memory_bytes: self.pool.memory_bytes(),
            milliseconds: (now() - save.started) as u64,
            rejected: sum.rejected,
            note: save.note.clone(),
        };
        let profiled: Vec<TableId> = if profiles { save.tables.iter().map(|table| table.id).collect() } else { Vec::new() };
        self.tell(0, CoordinatorMessage::Progress { progress });
        profiled.into_iter().for_each(|id| self.show_saved_scan(id, false));
    }

    /// A save is a scan too: what it has found so far.
    pub(super) fn show_saved_scan(&self, id: TableId, schema: bool) {
        let Some(saved) = self.save.as_ref().and_then(|save| save.tables.iter().find(|saved| saved.id == id)) else { return };
        let Some(state) = self.tables.get(&id).filter(|state| !state.scanned) else { return };
        let columns = schema.then(|| saved.job.columns());
        let scan = scan::progress(state, &saved.job, 0, Counts::default(), columns);
        self.tell(state.generation, CoordinatorMessage::Scan { table: id, scan });
    }
}
