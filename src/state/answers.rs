//! What the coordinator says, taken into the state.

use std::sync::Arc;

use colonnade_protocol::message::{CoordinatorMessage, Envelope, Preview, ScanProgress, TableId};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::table::{Status, Table};
use super::{App, files};
use crate::link::Heard;

/// Rows at the start that the workers find without the scan's help.
const AT_ONCE: u64 = 20_000;
const GETTING_MODULE: &str = "Getting the part for other formats.";

impl App {
    /// Takes what came from the workers.
    pub(super) fn hear(self, heard: Heard) {
        match heard {
            Heard::Message(envelope, extra) => self.answer(*envelope, &extra),
            Heard::Lost(error) => self.fatal.set(Some(error)),
        }
    }

    fn answer(self, envelope: Envelope<CoordinatorMessage>, extra: &JsValue) {
        let generation = envelope.generation;
        let of_now = |id: TableId| self.of_generation(id, generation);
        match envelope.body {
            CoordinatorMessage::Ready { output_options, file_options, .. } => {
                self.file_options.set(Arc::new(file_options));
                self.begin(output_options);
            }
            CoordinatorMessage::NoPrivateFiles => self.saving.in_memory.set(true),
            CoordinatorMessage::Preview { table, preview } => {
                if let Some(table) = of_now(table) {
                    self.unsay(GETTING_MODULE);
                    self.open_siblings(table, &preview);
                    show(table, *preview);
                    self.settle();
                }
            }
            CoordinatorMessage::Archive { table, members } => {
                if let Some(table) = of_now(table) {
                    self.open_members(table, &members);
                }
            }
            CoordinatorMessage::Shapes { shapes } => self.unite_shapes(&shapes),
            CoordinatorMessage::United { table, name } => {
                if let Some(table) = of_now(table) {
                    table.name.set(name);
                }
            }
            CoordinatorMessage::Unpacking { table, done, total } => {
                if let Some(table) = of_now(table) {
                    table.unpacking.set((done < total).then(|| done as f64 / total as f64));
                }
            }
            CoordinatorMessage::Scan { table, scan } => {
                if let Some(table) = of_now(table) {
                    scanned(table, scan);
                }
            }
            CoordinatorMessage::Remedies { table, remedies } => {
                if let Some(table) = of_now(table) {
                    table.remedies.set(remedies);
                }
            }
            CoordinatorMessage::Rows { table, request, window } => {
                if let Some(table) = of_now(table) {
                    table.known_rows.update(|known| *known = (*known).max(window.known_rows));
                    let waited = table.rows.try_update_value(|rows| rows.answer(request, window));
                    if waited == Some(true) {
                        table.rows_came.update(|n| *n += 1);
                    }
                }
            }
            CoordinatorMessage::Compared { table, comparison } => {
                if let Some(table) = of_now(table) {
                    table.comparison.set(Some(comparison));
                }
            }
            CoordinatorMessage::TableFailed { table, error } => {
                if let Some(table) = of_now(table) {
                    self.unsay(GETTING_MODULE);
                    // What is shown of this reading stays: the error is of what lies behind it.
                    let shown = matches!(*table.status.read_untracked(), Status::Shown | Status::Stopped(_));
                    table.status.set(if shown { Status::Stopped(error) } else { Status::Failed(error) });
                    self.settle();
                }
            }
            CoordinatorMessage::Rejects { name, .. } => {
                if let Some(blob) = extra.dyn_ref::<web_sys::Blob>() {
                    files::hand_over(blob, &name);
                }
            }
            CoordinatorMessage::Progress { progress } => self.saving.go_on(progress),
            CoordinatorMessage::Saved { receipt } => {
                self.unsay(GETTING_MODULE);
                self.saving.finish(*receipt, &self.tables.get_untracked(), extra.dyn_ref::<web_sys::Blob>());
            }
            CoordinatorMessage::SaveFailed { error } => {
                self.unsay(GETTING_MODULE);
                self.save_failed(error);
            }
            CoordinatorMessage::Fatal { error } => self.fatal.set(Some(error)),
            CoordinatorMessage::UseEveryFormat => self.say(GETTING_MODULE),
            // The link answers this itself: it owns the workers.
            CoordinatorMessage::ReplaceWorker { .. } => {}
        }
    }

    fn of_generation(&self, id: TableId, generation: u32) -> Option<Table> {
        let tables = self.tables.read_untracked();
        tables.iter().copied().find(|table| table.id == id && table.generation.get_value() == generation)
    }
}

fn show(table: Table, preview: Preview) {
    table.rows.update_value(|rows| {
        rows.clear();
        rows.seed(&preview.rows);
    });
    table.known_rows.set(preview.rows.known_rows.max(preview.rows.rows.len() as u64));
    table.schema.set(Arc::new(preview.schema.clone()));
    table.scan.set(None);
    table.remedies.set(Vec::new());
    table.scan_started.set_value(crate::browser::now());
    table.preview.set(Some(Arc::new(preview)));
    table.rows_came.update(|n| *n += 1);
    table.status.set(Status::Shown);
}

fn scanned(table: Table, mut scan: ScanProgress) {
    let schema = scan.schema.take();
    let reached = if scan.done { scan.counts.written } else { scan.known_rows };
    table.known_rows.update(|known| *known = if schema.is_some() { (*known).min(AT_ONCE).max(reached) } else { (*known).max(reached) });
    table.scan.set(Some(Arc::new(scan)));
    if let Some(schema) = schema {
        table.rows.update_value(super::rows::Rows::clear);
        table.schema.set(Arc::new(schema));
    }
    // The index reaches further now: what was out of reach may be asked for.
    table.rows_came.update(|n| *n += 1);
}
