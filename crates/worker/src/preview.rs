//! The preview worker: what a file is, and windows of its rows, while the decode workers are busy.

use std::cell::RefCell;
use std::collections::HashMap;

use colonnade_engine::Result;
use colonnade_engine::format::{self, foreign};
use colonnade_engine::output::{OutputOptions, compare};
use colonnade_engine::remedies;
use colonnade_engine::table::Table;
use colonnade_engine::view::{self, Window};
use colonnade_protocol::message::{Overrides, TableId};
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};
use wasm_bindgen::JsCast;
use web_sys::MessagePort;

use crate::file::BlobSource;
use crate::message::{FromWorker, Opened, ToWorker};
use crate::wire::Port;

/// Rows and columns that come with a preview: what the widest screen shows at first.
const FIRST_ROWS: usize = 50;
const FIRST_COLUMNS: usize = 96;

/// Serves the coordinator behind `port`.
pub fn start(port: MessagePort) {
    let port = Port::Worker(port);
    let answers = port.clone();
    let sources = RefCell::new(HashMap::<TableId, BlobSource>::new());
    port.listen(move |message, extra| match message {
        ToWorker::Source { table } => {
            sources.borrow_mut().insert(table, BlobSource::new(extra.unchecked_into()));
        }
        ToWorker::Forget { table } => {
            sources.borrow_mut().remove(&table);
        }
        ToWorker::Open { table, generation, name, overrides } => {
            let opened = source(&sources.borrow(), table).and_then(|source| open(source, &name, &overrides));
            answers.send(&match opened {
                Ok(Some(opened)) => FromWorker::Opened { table, generation, opened: Box::new(opened) },
                Ok(None) => FromWorker::WantsEveryFormat { table, generation },
                Err(error) => FromWorker::OpenFailed { table, generation, error },
            });
        }
        ToWorker::Rows { table, generation, request, read, window } => {
            let rows = source(&sources.borrow(), table).and_then(|source| view::rows(source, &read, window));
            answers.send(&match rows {
                Ok(window) => FromWorker::Window { table, generation, request, window },
                Err(error) => FromWorker::OpenFailed { table, generation, error },
            });
        }
        ToWorker::Remedies { table, generation, read, data_start, groups } => {
            let found = source(&sources.borrow(), table).and_then(|source| remedies::remedies(source, &read, data_start, &groups));
            // A file that cannot be read any more is told of by what reads it for its rows.
            answers.send(&FromWorker::Remedies { table, generation, remedies: found.unwrap_or_default() });
        }
        ToWorker::Compare { table, generation, read, choices, extent } => {
            let comparison = source(&sources.borrow(), table).and_then(|source| compare(source, &read, &choices, &extent));
            answers.send(&FromWorker::Compared { table, generation, comparison });
        }
        ToWorker::Run { .. } | ToWorker::Stop | ToWorker::Spare => {}
    });
}

fn source(sources: &HashMap<TableId, BlobSource>, table: TableId) -> Result<&BlobSource> {
    sources.get(&table).ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "the preview worker has no such file", "Open the file again."))
}

/// A table with its first rows. `None`: the module with every format is to be asked.
fn open(source: &BlobSource, name: &str, overrides: &Overrides) -> Result<Option<Opened>> {
    let table = Table::open(source, name, overrides);
    if !format::HAS_EVERY && foreign::is_likely(source, overrides, &table)? {
        return Ok(None);
    }
    let table = table?;
    let read = table.read_plan();
    let window =
        Window { from_row: 0, offset: table.extent.start.byte, first: 0, count: FIRST_ROWS, from_column: 0, to_column: FIRST_COLUMNS };
    let rows = view::rows(source, &read, window)?;
    Ok(Some(Opened {
        extent: table.extent.clone(),
        preview: table.preview(rows),
        choices: table.write_plan(source, OutputOptions::default())?.choices,
        report: table.report(&read.columns, Counts::default(), Vec::new(), Vec::new()),
        read,
    }))
}
