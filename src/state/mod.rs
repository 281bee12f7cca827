//! What the page knows, and everything that changes it. What shows it is in [`view`](crate::view).

pub mod address;
pub mod answers;
pub mod borders;
pub mod edit;
pub mod files;
pub mod history;
pub mod overlay;
pub mod preset;
pub mod rows;
pub mod samples;
pub mod saving;
pub mod table;
pub mod theme;
pub mod union;

use std::rc::Rc;
use std::sync::Arc;

use colonnade_protocol::message::{Overrides, PageMessage, SaveTarget, TableId};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::link::Link;
use address::Addresses;
use files::Waiting;
use overlay::Overlay;
use saving::{Save, Saving};
use table::{Status, Table};
use union::{Arrangements, Batch};

/// The page's state; copied into every component by context.
#[derive(Clone, Copy)]
pub struct App {
    pub tables: RwSignal<Vec<Table>>,
    /// The table on show.
    pub current: RwSignal<Option<TableId>>,
    /// Whether the workers are up.
    pub ready: RwSignal<bool>,
    /// What ended the page's work.
    pub fatal: RwSignal<Option<ErrorInfo>>,
    /// The last thing said in the status line: a refusal, a copy made.
    pub notice: RwSignal<String>,
    pub saving: Saving,
    pub overlay: Overlay,
    pub addresses: Addresses,
    /// What can be said of a file of which nothing is known.
    file_options: RwSignal<Arc<Vec<OptionDecl>>>,
    /// Which tables are of several files, as it was and is.
    pub arrangements: RwSignal<Arrangements>,
    /// Files opened together, until it is known which of them are one table.
    batches: RwSignal<Vec<Batch>>,
    /// A save that waits for that.
    save_waits: StoredValue<Option<(SaveTarget, JsValue)>, LocalStorage>,
    /// Files were chosen and are opened in the next task.
    arriving: RwSignal<bool>,
    /// Files given before the workers were up.
    waiting: StoredValue<Vec<Waiting>, LocalStorage>,
    next_table: StoredValue<u32>,
    link: StoredValue<Option<Rc<Link>>, LocalStorage>,
    /// Under whom a table's signals live: the page, not the event that made them.
    owner: StoredValue<Owner>,
}

/// `body[data-state]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Loading,
    Ready,
    Reading,
    Preview,
    Saving,
    Done,
    Error,
}

impl Phase {
    /// The attribute's value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Reading => "reading",
            Self::Preview => "preview",
            Self::Saving => "saving",
            Self::Done => "done",
            Self::Error => "error",
        }
    }
}

impl App {
    /// The state of a page just opened. To be called under the page's own owner.
    pub fn new() -> Self {
        Self {
            tables: RwSignal::new(Vec::new()),
            current: RwSignal::new(None),
            ready: RwSignal::new(false),
            fatal: RwSignal::new(None),
            notice: RwSignal::new(String::new()),
            saving: Saving::new(),
            overlay: Overlay::new(),
            addresses: Addresses::new(),
            file_options: RwSignal::new(Arc::default()),
            arrangements: RwSignal::new(Arrangements::default()),
            batches: RwSignal::new(Vec::new()),
            save_waits: StoredValue::new_local(None),
            arriving: RwSignal::new(false),
            waiting: StoredValue::new_local(Vec::new()),
            next_table: StoredValue::new(0),
            link: StoredValue::new_local(None),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// The state under the current component.
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    /// Starts the workers; what they say is taken by [`answer`](Self::answer).
    pub fn start(self) {
        let heard = move |heard| self.hear(heard);
        leptos::task::spawn_local(async move {
            match Link::start(heard).await {
                Ok(link) => self.link.set_value(Some(link)),
                Err(error) => self.fatal.set(Some(error)),
            }
        });
    }

    /// Where the page stands.
    pub fn phase(&self) -> Phase {
        if self.fatal.read().is_some() {
            return Phase::Error;
        }
        match &*self.saving.state.read() {
            Save::Running { .. } => return Phase::Saving,
            _ if self.arriving.get() => return Phase::Reading,
            Save::Done(_) => return Phase::Done,
            Save::Failed(_) => return Phase::Error,
            Save::Idle => {}
        }
        if !self.ready.get() {
            return Phase::Loading;
        }
        let tables = self.tables.read();
        let any = |wanted: fn(&Status) -> bool| tables.iter().any(|table| wanted(&table.status.read()));
        if tables.is_empty() {
            Phase::Ready
        } else if !self.batches.read().is_empty() || any(|status| *status == Status::Reading) {
            Phase::Reading
        } else if any(|status| *status == Status::Shown) {
            Phase::Preview
        } else {
            Phase::Error
        }
    }

    /// The error in force, in the sense of [`Phase::Error`].
    pub fn error(&self) -> Option<ErrorInfo> {
        if let Some(error) = self.fatal.get() {
            return Some(error);
        }
        match (&*self.saving.state.read(), self.phase()) {
            (Save::Failed(error), _) => Some(error.clone()),
            (_, Phase::Error) => self.tables.read().iter().find_map(|table| match &*table.status.read() {
                Status::Failed(error) | Status::Stopped(error) => Some(error.clone()),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The table on show.
    pub fn table(&self) -> Option<Table> {
        let current = self.current.get()?;
        self.by_id(current)
    }

    /// A table by its number.
    pub fn by_id(&self, id: TableId) -> Option<Table> {
        self.tables.read().iter().copied().find(|table| table.id == id)
    }

    /// Whether anything may be changed now: not while a save runs.
    pub fn may_edit(&self) -> bool {
        !matches!(*self.saving.state.read(), Save::Running { .. }) && self.fatal.read().is_none()
    }

    /// Says something in the status line.
    pub fn say(&self, words: impl Into<String>) {
        self.notice.set(words.into());
    }

    /// Takes back what the status line says, if it is still that.
    pub fn unsay(&self, words: &str) {
        if *self.notice.read_untracked() == words {
            self.notice.set(String::new());
        }
    }

    /// Asks the coordinator something about a table as it is now.
    pub fn ask(&self, table: Table, message: &PageMessage) {
        self.post(table.generation.get_value(), message, &JsValue::UNDEFINED);
    }

    fn post(&self, generation: u32, message: &PageMessage, extra: &JsValue) {
        let link = self.link.get_value();
        let result = match link {
            Some(link) => link.post(generation, message, extra),
            None => Err(ErrorInfo::new(ErrorKind::Internal, "the workers are not there yet", "Reload the page.")),
        };
        if let Err(error) = result {
            self.fatal.set(Some(error));
        }
    }

    /// What is posted from now on is sent behind the next frame.
    fn hold_posts(&self) {
        if let Some(link) = self.link.get_value() {
            link.hold();
        }
    }

    fn add_table(&self, name: String, size: u64, overrides: Overrides) -> Table {
        let table = self.new_table(name, size, overrides);
        self.tables.update(|tables| tables.push(table));
        table
    }

    fn new_table(&self, name: String, size: u64, overrides: Overrides) -> Table {
        let id = TableId(self.next_table.get_value());
        self.next_table.update_value(|next| *next += 1);
        self.owner.with_value(|owner| owner.with(|| Table::new(id, name, size, overrides, self.file_options)))
    }
}
