//! The file of all rejects of a table: made when it is asked for, in a pass of its own over small units, since a file may
//! be nothing but rejects.

use colonnade_engine::job::{Event, Job};
use colonnade_engine::output::rejects;
use colonnade_engine::unit::UnitReport;
use colonnade_protocol::ErrorInfo;
use colonnade_protocol::message::{CoordinatorMessage, TableId};
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag};

use super::Coordinator;

/// A rejects file being made.
pub struct Listing {
    pub job: Job<()>,
    /// Finished parts, in the browser's keeping.
    parts: Array,
}

impl Coordinator {
    /// Begins to list a table's rejects.
    pub fn list_rejects(&mut self, table: TableId) {
        let Some(state) = self.tables.get_mut(&table).filter(|state| state.listing.is_none()) else { return };
        let Some(of): Option<Job<()>> = state.job(None, false) else { return };
        let job = Job::listing_rejects(of.parts().to_vec(), of.columns().to_vec());
        state.listing = Some(Listing { job, parts: Array::of1(&JsValue::from_str(rejects::HEADER)) });
        self.schedule();
    }

    /// Takes the report of a unit of a rejects file.
    pub fn listed(&mut self, table: TableId, report: UnitReport) {
        let Some(state) = self.tables.get_mut(&table) else { return };
        let Some(listing) = &mut state.listing else { return };
        match listing.job.report(report, None) {
            Ok(events) => {
                for event in events {
                    match event {
                        Event::Accepted { rejects, .. } => listing.add(&rejects, &state.name),
                        Event::Widened(_) | Event::Lost { .. } => listing.parts = Array::of1(&JsValue::from_str(rejects::HEADER)),
                        Event::Discarded(()) => {}
                    }
                }
                if let Some(listing) = state.listing.take_if(|listing| listing.job.is_done()) {
                    let (name, generation) = (format!("{}.rejects.csv", state.name), state.generation);
                    if let Some(blob) = csv_blob(&listing.parts) {
                        self.tell_with(generation, CoordinatorMessage::Rejects { table, name }, &blob);
                    }
                }
            }
            Err(error) => self.listing_failed(table, error),
        }
    }

    /// A file of a rejects file's table cannot be read.
    pub fn listing_lost(&mut self, table: TableId, version: u32, part: u32, error: ErrorInfo) {
        let Some(listing) = self.tables.get_mut(&table).and_then(|state| state.listing.as_mut()) else { return };
        match listing.job.lose(part, version, error) {
            Ok(_) => listing.parts = Array::of1(&JsValue::from_str(rejects::HEADER)),
            Err(error) => self.listing_failed(table, error),
        }
    }

    /// A rejects file cannot be made.
    pub fn listing_failed(&mut self, table: TableId, error: ErrorInfo) {
        if let Some(state) = self.tables.get_mut(&table) {
            state.listing = None;
            let generation = state.generation;
            self.tell(generation, CoordinatorMessage::TableFailed { table, error });
        }
    }
}

impl Listing {
    fn add(&mut self, listed: &[colonnade_protocol::Reject], file: &str) {
        let mut lines = String::new();
        listed.iter().for_each(|reject| rejects::write(reject, file, self.job.columns(), &mut lines));
        if let Some(part) = csv_blob(&Array::of1(&JsValue::from_str(&lines))).filter(|_| !lines.is_empty()) {
            self.parts.push(&part);
        }
    }
}

fn csv_blob(parts: &Array) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type("text/csv");
    Blob::new_with_str_sequence_and_options(parts, &options).ok()
}
