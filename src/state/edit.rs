//! Changes a person makes to how a table is read, and their undoing.

use colonnade_protocol::message::{Overrides, PageMessage};
use colonnade_protocol::report::Change;
use leptos::prelude::*;

use super::history;
use super::table::{Status, Table};
use super::{App, files};

impl App {
    /// Sets an option of the table, or gives it back to detection.
    pub fn set_option(&self, table: Table, id: &str, title: &str, value: Option<String>) {
        let shown = value.as_deref().map_or_else(|| "automatic".to_owned(), crate::words::visible);
        self.edit(table, format!("{title}: {shown}"), |overrides| history::set_option(overrides, id, value));
    }

    /// Sets a column's type by hand, or gives it back to inference.
    pub fn set_type(&self, table: Table, column: usize, data_type: Option<String>, pattern: Option<String>) {
        let Some(info) = table.schema.with_untracked(|schema| schema.get(column).cloned()) else { return };
        let label = format!("{}: {}", info.name, data_type.as_deref().unwrap_or("automatic type"));
        self.edit(table, label, |overrides| {
            history::edit_column(overrides, column as u32, &info.source_name, |c| (c.data_type, c.pattern) = (data_type, pattern));
        });
    }

    /// Names a column in the output; an empty name gives it back to the source.
    pub fn rename(&self, table: Table, column: usize, name: &str) {
        let Some(info) = table.schema.with_untracked(|schema| schema.get(column).cloned()) else { return };
        let name = name.trim();
        if name == info.name {
            return;
        }
        let taken = table.schema.with_untracked(|schema| schema.iter().any(|c| c.name.eq_ignore_ascii_case(name) && c.name != info.name));
        if taken {
            self.say(format!("There is another column named {name}: names must differ by more than case."));
            return;
        }
        let given = (!name.is_empty() && name != info.source_name).then(|| name.to_owned());
        let label = format!("{} named {}", info.name, given.as_deref().unwrap_or("as in the source"));
        self.edit(table, label, |overrides| history::edit_column(overrides, column as u32, &info.source_name, |c| c.name = given));
    }

    /// Makes a change that was proposed.
    pub fn apply(&self, table: Table, change: &Change) {
        let schema = table.schema.get_untracked();
        let mut overrides = table.history.with_untracked(|history| history.current().clone());
        if let Some(label) = history::apply(&mut overrides, change, &schema) {
            self.edit(table, label, |current| *current = overrides);
        }
    }

    /// Whether a proposed change is in force already.
    pub fn is_applied(&self, table: Table, change: &Change) -> bool {
        let history = table.history.read();
        let mut overrides = history.current().clone();
        history::apply(&mut overrides, change, &table.schema.read());
        overrides == *history.current()
    }

    /// What [`step`](Self::step) would undo, or (`forth`) make again; `None`: nothing.
    pub fn step_label(&self, forth: bool) -> Option<String> {
        let table = self.table().filter(|_| self.may_edit())?;
        let own = table.history.with(|history| history.next(forth).map(str::to_owned));
        own.or_else(|| self.arrangements.with(|steps| steps.next(forth).map(str::to_owned)))
    }

    /// Goes one change back or forth on the table on show, and where it has none, one in which files are one table.
    pub fn step(&self, forth: bool) {
        let Some(table) = untrack(|| self.table()) else { return };
        let (at, last) = table.history.with_untracked(|history| (history.position(), history.steps().len() - 1));
        match forth {
            true if at < last => self.go(table, at + 1),
            false if at > 0 => self.go(table, at - 1),
            _ => self.step_arrangement(forth),
        }
    }

    /// Goes to a state of the table's history.
    pub fn go(&self, table: Table, index: usize) {
        if !self.may_edit_now() {
            return;
        }
        if table.history.try_update(|history| history.go(index)) == Some(true) {
            let label = table.history.with_untracked(|h| h.steps()[h.position()].label.clone());
            self.say(format!("Back to: {label}"));
            self.configure(table);
        }
    }

    /// Puts a table's set-up into the address, to be shared or kept.
    pub fn share(&self, table: Table) {
        let overrides = table.history.with_untracked(|history| history.current().clone());
        let output = self.saving.chosen.get_untracked();
        let pairs = overrides.options.iter().chain(&output).map(|(name, value)| (name.as_str(), value.as_str()));
        files::copy(*self, &crate::browser::address_with_fragment(&super::preset::write(pairs)), "The link to this set-up is copied.");
    }

    fn edit(&self, table: Table, label: String, change: impl FnOnce(&mut Overrides)) {
        if !self.may_edit_now() {
            return;
        }
        let mut overrides = table.history.with_untracked(|history| history.current().clone());
        change(&mut overrides);
        if table.history.try_update(|history| history.push(label, overrides)) == Some(true) {
            self.configure(table);
        }
    }

    pub(super) fn may_edit_now(&self) -> bool {
        let may = untrack(|| self.may_edit());
        if !may {
            self.say("A save is running: cancel it to change how the file is read.");
        }
        may
    }

    pub(super) fn configure(&self, table: Table) {
        self.saving.forget();
        table.generation.update_value(|generation| *generation += 1);
        table.status.set(Status::Reading);
        let overrides = table.history.with_untracked(|history| history.current().clone());
        self.ask(table, &PageMessage::Configure { table: table.id, overrides });
    }
}
