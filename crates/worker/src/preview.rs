//! The preview worker: what a file is, and windows of its rows, while the decode workers are busy.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use colonnade_engine::Result;
use colonnade_engine::column::ColumnSpec;
use colonnade_engine::format::{self, foreign};
use colonnade_engine::output::{OutputOptions, compare};
use colonnade_engine::plan::ReadPlan;
use colonnade_engine::rejects::Rejects;
use colonnade_engine::remedies;
use colonnade_engine::source::Source;
use colonnade_engine::table::Table;
use colonnade_engine::view::{self, Window};
use colonnade_protocol::message::{Overrides, RowWindow, TableId};
use colonnade_protocol::report::{Finding, RejectGroup, Remedy};
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};
use wasm_bindgen::JsValue;
#[cfg(feature = "every-format")]
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;

#[cfg(feature = "every-format")]
use crate::address::AddressSource;
use crate::file::FileSource;
use crate::message::{FIRST_COLUMNS, FIRST_ROWS, FromWorker, Opened, Packed, ToWorker, Tried, Unpacked};
#[cfg(feature = "every-format")]
use crate::unpack::{self, Task, Unpacker};
use crate::wire::Port;

/// Serves the coordinator behind `port`.
pub fn start(port: MessagePort) {
    let port = Port::Worker(port);
    let preview = Rc::new(Preview {
        answers: port.clone(),
        sources: RefCell::default(),
        #[cfg(feature = "every-format")]
        unpacker: Unpacker::new(port.clone()),
        queue: RefCell::default(),
        fetches: Cell::new(false),
    });
    port.listen(move |message, extra| {
        preview.queue.borrow_mut().push_back((message, extra));
        preview.go_on();
    });
}

struct Preview {
    answers: Port,
    sources: RefCell<HashMap<TableId, FileSource>>,
    #[cfg(feature = "every-format")]
    unpacker: Rc<Unpacker>,
    /// What is still to be answered, in order.
    queue: RefCell<VecDeque<(ToWorker, JsValue)>>,
    /// What the next answer needs is being fetched.
    fetches: Cell<bool>,
}

impl Preview {
    fn go_on(self: &Rc<Self>) {
        while !self.fetches.get() {
            let next = self.queue.borrow_mut().pop_front();
            let Some((message, extra)) = next else { return };
            #[cfg(feature = "every-format")]
            if let Some(address) = self.new_address(&message) {
                self.fetches.set(true);
                let preview = Rc::clone(self);
                return spawn_local(async move {
                    address.look_ahead().await;
                    preview.answer(message, extra);
                    preview.fetches.set(false);
                    preview.go_on();
                });
            }
            self.answer(message, extra);
        }
    }

    /// The address of a table that nobody has looked at, where this asks for a look.
    #[cfg(feature = "every-format")]
    fn new_address(&self, message: &ToWorker) -> Option<AddressSource> {
        let ToWorker::Open { table, .. } = message else { return None };
        match self.sources.borrow().get(table) {
            Some(FileSource::Address(source)) if source.is_new() => Some(source.clone()),
            _ => None,
        }
    }

    fn answer(&self, message: ToWorker, extra: JsValue) {
        let Self { answers, sources, .. } = self;
        match message {
            ToWorker::Source { table } => {
                sources.borrow_mut().insert(table, FileSource::new(extra));
            }
            ToWorker::Forget { table } => {
                sources.borrow_mut().remove(&table);
                #[cfg(feature = "every-format")]
                self.unpacker.forget(table);
            }
            ToWorker::Open { table, generation, name, overrides, unpacked } => {
                #[cfg(feature = "every-format")]
                let head = self.unpacker.head(table);
                #[cfg(not(feature = "every-format"))]
                let head: Option<Vec<u8>> = None;
                let looked = match head {
                    Some(head) => open(head.as_slice(), &name, &overrides, &unpacked).map(|opened| Looked::Opened(Box::new(opened))),
                    None => source(&sources.borrow(), table).and_then(|source| look(source, &name, &overrides, &unpacked)),
                };
                answers.send(&match looked {
                    Ok(Looked::Opened(opened)) => FromWorker::Opened { table, generation, opened },
                    Ok(Looked::Packed(packed)) => FromWorker::Packed { table, generation, packed },
                    Ok(Looked::WantsEveryFormat) => FromWorker::WantsEveryFormat { table, generation },
                    Err(error) => FromWorker::OpenFailed { table, generation, error },
                });
            }
            ToWorker::Rows { table, generation, request, files, window } => {
                let rows = rows(&sources.borrow(), &files, window);
                answers.send(&match rows {
                    Ok(window) => FromWorker::Window { table, generation, request, window },
                    Err(error) => FromWorker::OpenFailed { table, generation, error },
                });
            }
            ToWorker::Remedies { table, generation, files, columns, groups } => {
                let found = remedies(&sources.borrow(), &files, &columns, &groups);
                // A file that cannot be read any more is told of by what reads it for its rows.
                answers.send(&FromWorker::Remedies { table, generation, remedies: found.unwrap_or_default() });
            }
            ToWorker::Compare { table, generation, read, choices, extent } => {
                let comparison = source(&sources.borrow(), table).and_then(|source| compare(source, &read, &choices, &extent));
                answers.send(&FromWorker::Compared { table, generation, comparison });
            }
            #[cfg(feature = "every-format")]
            ToWorker::Unpack { run, table, name, overrides, unpacked, member } => match source(&sources.borrow(), table) {
                Ok(source) => {
                    let (answers, reading, of) = (answers.clone(), overrides.clone(), unpacked.of.unwrap_or(table));
                    let show = Box::new(move |head: &[u8]| {
                        // A head that is not a table yet is no fault: the whole will be looked at.
                        if let Ok(opened) = open(head, &name, &reading, &unpacked) {
                            answers.send(&FromWorker::Head { run, table, opened: Box::new(opened) });
                        }
                    });
                    self.unpacker.add(Task { run, table, overrides, member, source: source.clone(), of, target: extra, show });
                }
                Err(error) => answers.send(&FromWorker::UnpackFailed { run, table, error }),
            },
            #[cfg(not(feature = "every-format"))]
            ToWorker::Unpack { .. } => {}
            ToWorker::Run { .. } | ToWorker::Stop | ToWorker::Spare => {}
        }
    }
}

fn source(sources: &HashMap<TableId, FileSource>, table: TableId) -> Result<&FileSource> {
    sources.get(&table).ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "the preview worker has no such file", "Open the file again."))
}

/// A window of rows, which may go over the ends of files.
fn rows(sources: &HashMap<TableId, FileSource>, files: &[(TableId, ReadPlan, u64)], mut window: Window) -> Result<RowWindow> {
    let mut shown = RowWindow { first: window.first, from_column: window.from_column as u32, rows: Vec::new(), known_rows: 0 };
    for (table, read, offset) in files {
        window.offset = *offset;
        window.from_row = view::append_rows(source(sources, *table)?, read, window, &mut shown)?;
        if window.from_row >= window.first + window.count as u64 {
            break;
        }
    }
    Ok(shown)
}

/// What would set right these records of a table of these files.
fn remedies(
    sources: &HashMap<TableId, FileSource>,
    files: &[Tried],
    columns: &[ColumnSpec],
    groups: &[RejectGroup],
) -> Result<Vec<Remedy>> {
    let mut tried = Vec::new();
    for Tried { table, name, read, data_start } in files {
        tried.push(remedies::Tried { source: source(sources, *table)?, file: name.as_deref(), read, data_start: *data_start });
    }
    remedies::remedies(&tried, columns, groups)
}

/// What a look at a file came to.
enum Looked {
    Opened(Box<Opened>),
    #[cfg_attr(not(feature = "every-format"), expect(dead_code, reason = "the first module leaves what is packed to the other"))]
    Packed(Packed),
    /// The module with every format is to be asked.
    WantsEveryFormat,
}

fn look(source: &FileSource, name: &str, overrides: &Overrides, unpacked: &Unpacked) -> Result<Looked> {
    #[cfg(feature = "every-format")]
    if let Some(packed) = unpack::look(source, name, overrides, unpacked)? {
        return Ok(Looked::Packed(packed));
    }
    let table = Table::open(source, name, overrides);
    if !format::HAS_EVERY && foreign::is_likely(source, overrides, &table)? {
        return Ok(Looked::WantsEveryFormat);
    }
    Ok(Looked::Opened(Box::new(opened(source, table?, unpacked)?)))
}

fn open(source: &(impl Source + ?Sized), name: &str, overrides: &Overrides, unpacked: &Unpacked) -> Result<Opened> {
    opened(source, Table::open(source, name, overrides)?, unpacked)
}

/// A table with its first rows.
fn opened(source: &(impl Source + ?Sized), mut table: Table, unpacked: &Unpacked) -> Result<Opened> {
    if !unpacked.layers.is_empty() {
        table.unpacked_from(&unpacked.layers.join(", "), unpacked.damage.as_ref())?;
        table.detection.findings.extend(unpacked.notes.iter().map(|what| Finding { what: what.clone(), fix: None }));
    }
    let read = table.read_plan();
    let window =
        Window { from_row: 0, offset: table.extent.start.byte, first: 0, count: FIRST_ROWS, from_column: 0, to_column: FIRST_COLUMNS };
    let rows = view::rows(source, &read, window)?;
    Ok(Opened {
        extent: table.extent.clone(),
        preview: table.preview(rows),
        choices: table.write_plan(source, OutputOptions::default())?.choices,
        report: table.report(&read.columns, Counts::default(), &Rejects::default(), Vec::new()),
        read,
    })
}
