//! Files coming in (chosen, dropped, pasted, samples) and going out.

use std::sync::Arc;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::message::{Overrides, PageMessage, Preview, TableId};
use colonnade_protocol::report::table_name;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::App;
use super::preset::Presets;
use super::samples::Sample;
use super::table::{TABLE, Table};
use crate::browser::{self, Clipping};

/// Tables of one file that are opened by themselves.
const MOST_TABLES: usize = 100;

/// A file given before the workers were up.
pub(super) type Waiting = web_sys::File;

/// A file to open: its `File`, or where it lies.
pub(super) struct Given {
    pub name: String,
    pub size: u64,
    pub handle: JsValue,
}

impl App {
    /// The workers are up: presets are put in force, what waited is opened.
    pub(super) fn begin(self, output: Vec<OptionDecl>) {
        let presets = Presets::read(&browser::fragment(), &output);
        self.saving.options.set(Arc::new(output));
        self.saving.chosen.set(presets.output);
        if let Some(target) = presets.target {
            self.saving.target.set(target);
        }
        self.ready.set(true);
        let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        self.open(waiting);
    }

    /// Opens files, each as a table of its own; the first of them is shown.
    pub fn open(self, files: Vec<web_sys::File>) {
        if !self.ready.get_untracked() {
            self.waiting.update_value(|waiting| waiting.extend(files));
            return;
        }
        let given = |file: web_sys::File| Given { name: browser::path_of(&file), size: file.size() as u64, handle: file.into() };
        self.open_given(files.into_iter().map(given).collect());
    }

    /// Opens files, wherever they lie.
    pub(super) fn open_given(self, files: Vec<Given>) {
        if !untrack(|| self.may_edit()) {
            self.say("A save is running: cancel it, or open the files when it is done.");
            return;
        }
        self.saving.forget();
        let options = Presets::read(&browser::fragment(), &self.saving.options.read_untracked()).reading;
        let mut opened = Vec::new();
        self.hold_posts();
        for Given { name, size, handle } in files {
            let overrides = Overrides { options: options.clone(), columns: Vec::new() };
            let table = self.add_table(name.clone(), size, overrides.clone());
            opened.push(table.id);
            self.post(0, &PageMessage::Open { table: table.id, name, size, overrides }, &handle);
        }
        if let Some(first) = opened.first() {
            self.current.set(Some(*first));
            self.begin_batch(opened);
        }
    }

    /// A file holds several tables, of which `table` is the first: the others are opened too. A table that a person picked
    /// stays alone.
    pub(super) fn open_siblings(self, table: Table, preview: &Preview) {
        let shown = preview.settings.iter().find(|setting| setting.id == TABLE).map(|setting| setting.value.clone());
        let (false, Some(shown)) = (preview.tables.len() < 2, shown) else { return };
        let overrides = table.history.with_untracked(|history| history.current().clone());
        let file = table.file.get_value();
        table.name.set(table_name(&file, &shown));
        let picked = overrides.options.iter().any(|(name, _)| name.eq_ignore_ascii_case(TABLE));
        if picked || table.spread.get_value() {
            return;
        }
        table.spread.set_value(true);
        for name in preview.tables.iter().filter(|name| **name != shown).take(MOST_TABLES - 1) {
            let mut overrides = overrides.clone();
            overrides.options.push((TABLE.to_owned(), name.clone()));
            let sibling = self.add_table(file.clone(), table.size, overrides.clone());
            sibling.name.set(table_name(&file, name));
            self.post(0, &PageMessage::OpenSibling { table: sibling.id, of: table.id, overrides }, &JsValue::UNDEFINED);
        }
        if preview.tables.len() > MOST_TABLES {
            let words = format!("{file} holds {} tables: the first {MOST_TABLES} are open.", preview.tables.len());
            self.say(format!("{words} Any other is shown when the option table names it."));
        }
    }

    /// Opens every member of an archive as a table of its own, in the archive's place.
    pub(super) fn open_members(self, archive: Table, members: &[(String, u64)]) {
        let overrides = archive.history.with_untracked(|history| history.current().clone());
        let file = archive.name.get_untracked();
        let mut opened = Vec::new();
        for (number, (member, size)) in members.iter().enumerate() {
            let name = format!("{file} / {member}");
            let table = self.add_table(name.clone(), *size, overrides.clone());
            opened.push(table.id);
            let message =
                PageMessage::OpenMember { table: table.id, of: archive.id, member: number as u32, name, overrides: overrides.clone() };
            self.post(0, &message, &JsValue::UNDEFINED);
        }
        let first = opened.first().copied();
        self.batch_members(archive.id, opened);
        self.post(0, &PageMessage::Close { table: archive.id }, &JsValue::UNDEFINED);
        self.tables.update(|tables| tables.retain(|table| table.id != archive.id));
        if self.current.get_untracked() == Some(archive.id) {
            self.current.set(first);
        }
        self.settle();
    }

    /// Opens what was on the clipboard as if it were a file.
    pub fn open_clipping(self, clipping: Clipping) {
        let files = clipping.into_files();
        if files.is_empty() {
            self.say("There is no text and no table on the clipboard.");
        } else {
            self.open(files);
        }
    }

    /// Opens a sample.
    pub fn open_sample(self, sample: &Sample) {
        self.open(browser::file(sample.name, sample.content).into_iter().collect());
    }

    /// Opens what the clipboard holds; the browser may ask for leave.
    pub fn paste(self) {
        leptos::task::spawn_local(async move {
            match browser::clipboard().await {
                Some(clipping) => self.open_clipping(clipping),
                None => self.say("The browser does not let the page read the clipboard: press Ctrl+V instead."),
            }
        });
    }

    /// Opens what was dropped: files, and the files of folders.
    pub fn open_dropped(self, transfer: &web_sys::DataTransfer) {
        let entries = browser::dropped(transfer);
        leptos::task::spawn_local(async move {
            let (files, skipped) = browser::files_of(entries).await;
            self.say_skipped(&skipped);
            if files.is_empty() {
                self.say("What was dropped holds no file.");
            }
            self.open(files);
        });
    }

    /// Forgets a table.
    pub fn close(self, id: TableId) {
        if !untrack(|| self.may_edit()) {
            return;
        }
        self.saving.forget();
        self.overlay.close();
        self.post(0, &PageMessage::Close { table: id }, &JsValue::UNDEFINED);
        let members = untrack(|| self.by_id(id)).map(|table| table.members.get_value()).unwrap_or_default();
        for member in members {
            self.post(0, &PageMessage::Close { table: member.id }, &JsValue::UNDEFINED);
        }
        self.tables.update(|tables| tables.retain(|table| table.id != id));
        self.forget_arrangements();
        self.settle();
        if self.current.get_untracked() == Some(id) {
            self.current.set(self.tables.read_untracked().last().map(|table| table.id));
        }
    }
}

/// Hands a Blob to the person as a download.
pub(super) fn hand_over(blob: &web_sys::Blob, name: &str) {
    let Ok(url) = web_sys::Url::create_object_url_with_blob(blob) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|a| a.dyn_into::<web_sys::HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // The download reads the Blob after this turn; a minute is ample, and the address costs nothing.
    set_timeout(
        move || {
            let _ = web_sys::Url::revoke_object_url(&url);
        },
        std::time::Duration::from_secs(60),
    );
}

/// Puts a text on the clipboard and says so.
pub fn copy(app: App, text: &str, done: &'static str) {
    let copied = browser::copy(text);
    leptos::task::spawn_local(async move {
        app.say(if copied.await { done } else { "The browser does not let the page write to the clipboard." });
    });
}

/// A file's name without its last extension.
pub fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
