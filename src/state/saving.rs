//! Saving: what is chosen, what runs, how it ended.

use std::sync::Arc;

use colonnade_protocol::message::{PageMessage, Receipt, SaveProgress, SaveTarget, TableId};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl, OptionKind};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::table::{Status, Table};
use super::{App, Phase, files};
use crate::browser;

/// The option that says which format tables are saved in, and the value whose options have no prefix.
const OUTPUT_FORMAT: &str = "outputFormat";
const PARQUET: &str = "parquet";

/// The words for an output format's id.
pub fn format_title(options: &[OptionDecl], id: &str) -> String {
    let kind = options.iter().find(|option| option.is_named(OUTPUT_FORMAT)).map(|option| &option.kind);
    let title = match kind {
        Some(OptionKind::Choice(choices)) => choices.iter().find(|(choice, _)| choice == id).map(|(_, title)| title.to_string()),
        _ => None,
    };
    title.unwrap_or_else(|| "Parquet".to_owned())
}

/// How the last save stands.
#[derive(Debug, Clone)]
pub enum Save {
    Idle,
    Running {
        cancelling: bool,
    },
    Done(Arc<Done>),
    /// Failed, and not by a person's cancel.
    Failed(ErrorInfo),
}

/// A finished save.
#[derive(Debug)]
pub struct Done {
    pub receipt: Receipt,
    /// What was to be saved and could not be read, each with why.
    pub left_out: Vec<(String, ErrorInfo)>,
    /// The download's address, where the target was a download.
    pub url: Option<String>,
}

/// Signals of saving.
#[derive(Clone, Copy)]
pub struct Saving {
    pub state: RwSignal<Save>,
    pub progress: RwSignal<Option<SaveProgress>>,
    /// What can be set; declared by the coordinator.
    pub options: RwSignal<Arc<Vec<OptionDecl>>>,
    /// What a person set.
    pub chosen: RwSignal<Vec<(String, String)>>,
    pub target: RwSignal<SaveTarget>,
    /// Only the table on show, where there are several.
    pub only_current: RwSignal<bool>,
    /// Downloads are kept in memory: there is no private file system.
    pub in_memory: RwSignal<bool>,
    url: StoredValue<Option<String>>,
    /// The tables that the save was to be of.
    asked: StoredValue<Vec<TableId>>,
}

impl Saving {
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new(Save::Idle),
            progress: RwSignal::new(None),
            options: RwSignal::new(Arc::default()),
            chosen: RwSignal::new(Vec::new()),
            target: RwSignal::new(SaveTarget::Download),
            only_current: RwSignal::new(false),
            in_memory: RwSignal::new(false),
            url: StoredValue::new(None),
            asked: StoredValue::new(Vec::new()),
        }
    }

    /// The value in force of an output option, and whether a person set it.
    pub fn value(&self, option: &OptionDecl) -> (Option<String>, bool) {
        match self.chosen.read().iter().find(|(id, _)| option.is_named(id)) {
            Some((_, value)) => (Some(value.clone()), true),
            None => (option.default.as_ref().map(ToString::to_string), false),
        }
    }

    /// The id of the format in force, and its title.
    pub fn format(&self) -> (String, String) {
        let options = self.options.read();
        let Some(option) = options.iter().find(|option| option.is_named(OUTPUT_FORMAT)) else { return Default::default() };
        let (id, _) = self.value(option);
        let id = id.unwrap_or_default();
        let title = format_title(&options, &id);
        (id, title)
    }

    /// Whether an option speaks of the format in force: `csv.sep` of CSV, one without a point of Parquet.
    pub fn concerns(&self, option: &OptionDecl) -> bool {
        let (format, _) = self.format();
        option.is_named(OUTPUT_FORMAT) || option.id.split_once('.').map_or(PARQUET, |(of, _)| of) == format
    }

    /// What a person should know of the target before saving.
    pub fn remark(&self) -> Option<&'static str> {
        (self.in_memory.get() && self.target.get() == SaveTarget::Download)
            .then_some("This window has no private file system: a download is kept in memory until it is taken.")
    }

    /// Sets an output option, or gives it back to its default.
    pub fn choose(&self, id: &str, value: Option<String>) {
        self.chosen.update(|chosen| {
            chosen.retain(|(name, _)| name != id);
            chosen.extend(value.map(|value| (id.to_owned(), value)));
        });
    }

    pub(super) fn go_on(&self, progress: SaveProgress) {
        self.progress.set(Some(progress));
    }

    pub(super) fn finish(&self, receipt: Receipt, tables: &[Table], blob: Option<&web_sys::Blob>) {
        let asked = self.asked.get_value();
        let failed = |table: &&Table| match &*table.status.read_untracked() {
            Status::Failed(error) if asked.contains(&table.id) => Some((table.name.get_untracked(), error.clone())),
            _ => None,
        };
        let of_tables = receipt.inputs.iter().flat_map(|input| &input.files);
        let lost = of_tables.filter_map(|file| Some((file.name.clone(), file.lost.clone()?)));
        let left_out = lost.chain(tables.iter().filter_map(|table| failed(&table))).collect();
        let url = blob.and_then(|blob| web_sys::Url::create_object_url_with_blob(blob).ok());
        self.url.set_value(url.clone());
        self.state.set(Save::Done(Arc::new(Done { receipt, left_out, url })));
    }

    /// Puts the end of the last save away; its download goes with it.
    pub fn forget(&self) {
        if !matches!(*self.state.read_untracked(), Save::Running { .. }) {
            self.state.set(Save::Idle);
            if let Some(url) = self.url.try_update_value(Option::take).flatten() {
                let _ = web_sys::Url::revoke_object_url(&url);
            }
        }
    }
}

impl App {
    /// Saves. To be called within the click: a picker is opened before anything is awaited.
    pub fn save(self) {
        if !untrack(|| self.may_save()) {
            return;
        }
        self.saving.forget();
        match self.saving.target.get_untracked() {
            SaveTarget::Download => self.save_to(SaveTarget::Download, &JsValue::UNDEFINED),
            target => {
                let picked = match target {
                    SaveTarget::File => browser::pick_file(&self.suggested_name()),
                    _ => browser::pick_folder(),
                };
                leptos::task::spawn_local(async move {
                    match picked.await {
                        Ok(handle) => self.save_to(target, &handle),
                        Err(reason) => self.say(reason),
                    }
                });
            }
        }
    }

    /// Whether Save would do something: a table is there, nothing is being saved. One that is still being read is saved as
    /// soon as it is.
    pub fn may_save(&self) -> bool {
        match self.phase() {
            Phase::Reading | Phase::Preview | Phase::Done => true,
            // A failed save may be tried again, with other options.
            Phase::Error => self.fatal.read().is_none() && matches!(*self.saving.state.read(), Save::Failed(_)),
            _ => false,
        }
    }

    /// Stops the save in progress.
    pub fn cancel(&self) {
        if matches!(*self.saving.state.read_untracked(), Save::Running { cancelling: false }) {
            if self.save_waits.try_update_value(Option::take).flatten().is_some() {
                return self.save_failed(ErrorInfo::new(ErrorKind::Cancelled, "the save was cancelled", ""));
            }
            self.saving.state.set(Save::Running { cancelling: true });
            self.post(0, &PageMessage::Cancel, &JsValue::UNDEFINED);
        }
    }

    /// Asks what the table's first rows take in each output format.
    pub fn compare(self, table: super::table::Table) {
        table.comparison.set(None);
        self.ask(table, &PageMessage::Compare { table: table.id });
    }

    /// All rejects of the table as a file.
    pub fn download_rejects(&self, table: super::table::Table) {
        self.ask(table, &PageMessage::Rejects { table: table.id });
    }

    pub(super) fn save_failed(&self, error: ErrorInfo) {
        if error.kind == ErrorKind::Cancelled {
            self.saving.state.set(Save::Idle);
            self.say("The save was cancelled. Nothing was left behind.");
        } else {
            self.saving.state.set(Save::Failed(error));
        }
    }

    fn save_to(&self, target: SaveTarget, handle: &JsValue) {
        let only = self.saving.only_current.get_untracked().then(|| self.current.get_untracked()).flatten();
        let tables = self.tables.get_untracked();
        let wanted = || tables.iter().filter(|table| only.is_none_or(|id| id == table.id));
        let whole = wanted().filter(|table| !matches!(*table.status.read_untracked(), Status::Failed(_)));
        let mut tables: Vec<_> = whole.map(|table| table.id).collect();
        self.saving.asked.set_value(wanted().map(|table| table.id).collect());
        if tables.is_empty() {
            // The answer says why none of them can be saved.
            tables = wanted().map(|table| table.id).collect();
        }
        self.saving.progress.set(None);
        self.saving.state.set(Save::Running { cancelling: false });
        self.overlay.close();
        if self.batches.with_untracked(|batches| !batches.is_empty()) {
            return self.save_waits.set_value(Some((target, handle.clone())));
        }
        self.post(0, &PageMessage::Save { tables, options: self.saving.chosen.get_untracked(), target }, handle);
    }

    /// Begins the save that waited until it was known which files are one table.
    pub(super) fn save_that_waited(&self) {
        if let Some((target, handle)) = self.save_waits.try_update_value(Option::take).flatten() {
            self.save_to(target, &handle);
        }
    }

    fn suggested_name(&self) -> String {
        let name = untrack(|| self.table()).map_or_else(|| "table".to_owned(), |table| table.name.get());
        // A format's id is its extension.
        format!("{}.{}", files::stem(&name), untrack(|| self.saving.format()).0)
    }
}
