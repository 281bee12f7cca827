//! Which files are one table: found when they are opened together, and changed by a person.

use std::time::Duration;

use colonnade_protocol::ErrorKind;
use colonnade_protocol::message::{Overrides, PageMessage, TableId};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::App;
use super::table::{Status, Table};
use crate::browser;

/// Names of what was skipped that are told.
const NAMED: usize = 3;

/// Files that were opened together.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    tables: Vec<TableId>,
    /// Those before this one were looked at.
    looked_at: usize,
    /// It was asked which of them are of one shape.
    asked: bool,
}

/// The tables as they were and are, whole: undo brings an earlier list back.
#[derive(Debug, Clone, Default)]
pub struct Arrangements {
    steps: Vec<(String, Vec<Table>)>,
    at: usize,
}

impl Arrangements {
    /// The one that would be undone, or (`forth`) made again.
    pub fn next(&self, forth: bool) -> Option<&str> {
        let at = if forth { self.at + 1 } else { self.at };
        self.steps.get(at).filter(|_| at > 0).map(|(label, _)| label.as_str())
    }

    fn push(&mut self, before: Vec<Table>, label: String, tables: Vec<Table>) {
        if self.steps.is_empty() {
            self.steps.push(("Each file a table".to_owned(), before));
        }
        self.steps.truncate(self.at + 1);
        self.steps.push((label, tables));
        self.at = self.steps.len() - 1;
    }
}

impl App {
    /// Files chosen; those that a folder has beside its data are left out.
    pub fn open_chosen(self, files: Vec<web_sys::File>) {
        let (skipped, mut files): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| browser::is_skipped(&browser::path_of(file)));
        self.say_skipped(&skipped.iter().map(browser::path_of).collect::<Vec<_>>());
        files.sort_by_cached_key(browser::path_of);
        // In a task of its own: what an input changes is laid out right behind it, and the page answers to nothing in between.
        self.arriving.set(true);
        let open = move || {
            self.open(files);
            self.arriving.set(false);
        };
        set_timeout(open, Duration::ZERO);
    }

    /// Says which files of a folder were not opened.
    pub(super) fn say_skipped(self, paths: &[String]) {
        if !paths.is_empty() {
            let named = paths.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            let more = if paths.len() > NAMED { format!(" and {} more", paths.len() - NAMED) } else { String::new() };
            self.say(format!("Not opened, since hidden or no data: {named}{more}."));
        }
    }

    /// Files were opened together: once all were looked at, those of one shape become one table.
    pub(super) fn begin_batch(self, tables: Vec<TableId>) {
        self.forget_arrangements();
        self.batches.update(|batches| batches.push(Batch { tables, looked_at: 0, asked: false }));
    }

    /// An archive's members take its place.
    pub(super) fn batch_members(self, archive: TableId, members: Vec<TableId>) {
        self.batches.update(|batches| {
            if let Some(batch) = batches.iter_mut().find(|batch| batch.tables.contains(&archive)) {
                batch.tables.extend(members);
            }
        });
    }

    /// Asks which tables are of one shape, of files opened together of which all were looked at.
    pub(super) fn settle(self) {
        let status =
            |id: &TableId| untrack(|| self.by_id(*id)).map(|table| (table.status.get_untracked(), table.unpacking.get_untracked()));
        let is_open = |id: &TableId| status(id).is_some_and(|(status, unpacking)| status == Status::Reading || unpacking.is_some());
        let settled = self.batches.try_update_untracked(|batches| {
            let batch = batches.iter_mut().find(|batch| !batch.asked)?;
            batch.looked_at += batch.tables[batch.looked_at..].iter().take_while(|id| !is_open(id)).count();
            batch.asked = batch.looked_at == batch.tables.len();
            batch.asked.then(|| batch.tables.clone())
        });
        let Some(batch) = settled.flatten() else { return };
        // A file without any content may be one among others.
        let has_a_place = |status: &Status| match status {
            Status::Failed(error) => error.kind == ErrorKind::Empty,
            status => *status == Status::Shown,
        };
        let tables: Vec<TableId> = batch.into_iter().filter(|id| status(id).is_some_and(|(status, _)| has_a_place(&status))).collect();
        if tables.len() < 2 {
            return self.unite_shapes(&[]);
        }
        self.post(0, &PageMessage::Shapes { tables }, &JsValue::UNDEFINED);
    }

    /// The coordinator has told which tables are of one shape.
    pub(super) fn unite_shapes(self, shapes: &[(Vec<TableId>, String)]) {
        let mut tables = self.tables.get_untracked();
        let before = tables.clone();
        let mut united = 0;
        for (ids, _) in shapes.iter().filter(|(ids, _)| ids.len() > 1) {
            united += usize::from(self.unite_among(&mut tables, ids, None));
        }
        self.batches.update(|batches| {
            if let Some(at) = batches.iter().position(|batch| batch.asked) {
                batches.remove(at);
            }
        });
        if united > 0 {
            self.arrange(before, "Files of one shape as one table".to_owned(), tables);
        }
        self.save_that_waited();
        self.settle();
    }

    /// Makes one table of several, as a person asks.
    pub fn unite(self, ids: &[TableId]) {
        let (before, mut tables) = (self.tables.get_untracked(), self.tables.get_untracked());
        if self.may_edit_now() && self.unite_among(&mut tables, ids, None) {
            self.arrange(before, format!("{} tables as one", ids.len()), tables);
        }
    }

    /// Makes single tables of one of several files.
    pub fn split(self, whole: Table) {
        if !self.may_edit_now() {
            return;
        }
        let (before, members) = (self.tables.get_untracked(), whole.members.get_value());
        let tables = before.iter().flat_map(|table| if table.id == whole.id { members.clone() } else { vec![*table] }).collect();
        self.arrange(before, format!("{} split into its files", whole.name.get_untracked()), tables);
    }

    /// Makes a table by itself of one of the files of a table.
    pub fn take_out(self, whole: Table, file: Table) {
        if !self.may_edit_now() {
            return;
        }
        let before = self.tables.get_untracked();
        let (members, overrides) = (whole.members.get_value(), whole.history.with_untracked(|history| history.current().clone()));
        let rest: Vec<TableId> = members.iter().map(|member| member.id).filter(|id| *id != file.id).collect();
        let others = || members.iter().copied().filter(|member| member.id != file.id);
        let in_place = |table: &Table| if table.id == whole.id { others().chain([file]).collect() } else { vec![*table] };
        let mut tables: Vec<Table> = before.iter().flat_map(in_place).collect();
        self.unite_among(&mut tables, &rest, Some(overrides));
        self.arrange(before, format!("{} by itself", file.name.get_untracked()), tables);
    }

    /// Goes one arrangement back or forth.
    pub(super) fn step_arrangement(self, forth: bool) {
        let may = self.arrangements.with_untracked(|steps| steps.next(forth).is_some());
        if !may || !self.may_edit_now() {
            return;
        }
        self.arrangements.update(|steps| steps.at = if forth { steps.at + 1 } else { steps.at - 1 });
        let Some((label, tables)) = self.arrangements.with_untracked(|steps| steps.steps.get(steps.at).cloned()) else { return };
        self.put(tables);
        self.say(format!("Back to: {label}"));
    }

    /// Tables have come or gone: what was is no arrangement of these.
    pub(super) fn forget_arrangements(self) {
        self.arrangements.set(Arrangements::default());
    }

    /// Puts a table of these in the place of the first; whether there are several. It is read as `said`, else as the first is.
    fn unite_among(self, tables: &mut Vec<Table>, ids: &[TableId], said: Option<Overrides>) -> bool {
        let Some(at) = tables.iter().position(|table| ids.contains(&table.id)) else { return false };
        let (of, rest): (Vec<Table>, Vec<Table>) = tables.iter().partition(|table| ids.contains(&table.id));
        if of.len() < 2 {
            return false;
        }
        let members: Vec<Table> = of.iter().flat_map(Table::files).collect();
        let of_first =
            || Overrides { options: of[0].history.with_untracked(|history| history.current().options.clone()), columns: Vec::new() };
        let overrides = said.unwrap_or_else(of_first);
        let size = members.iter().map(|member| member.size).sum();
        let whole = self.new_table(of[0].name.get_untracked(), size, overrides);
        whole.members.set_value(members);
        *tables = rest;
        tables.insert(at.min(tables.len()), whole);
        true
    }

    fn arrange(self, before: Vec<Table>, label: String, tables: Vec<Table>) {
        self.arrangements.update(|steps| steps.push(before, label, tables.clone()));
        self.put(tables);
    }

    /// Puts other tables in the place of those there are: what is not among them any more is taken apart, what was not is made.
    fn put(self, tables: Vec<Table>) {
        self.saving.forget();
        self.overlay.close();
        let before = self.tables.get_untracked();
        let is_among = |table: &Table, others: &[Table]| others.iter().any(|other| other.id == table.id);
        let gone: Vec<Table> = before.iter().filter(|table| !is_among(table, &tables)).copied().collect();
        let come: Vec<Table> = tables.iter().filter(|table| !is_among(table, &before)).copied().collect();
        let current = self.current.get_untracked();
        self.tables.set(tables);
        for whole in gone.iter().filter(|table| table.is_of_several()) {
            self.post(0, &PageMessage::Close { table: whole.id }, &JsValue::UNDEFINED);
        }
        for table in &come {
            match table.is_of_several() {
                true => self.ask_to_unite(*table),
                false => self.configure(*table),
            }
        }
        let shown = gone.iter().find(|table| Some(table.id) == current).and_then(|shown| {
            let files = shown.files();
            come.iter().find(|table| table.files().iter().any(|file| is_among(file, &files)))
        });
        if let Some(shown) = shown {
            self.current.set(Some(shown.id));
        }
    }

    fn ask_to_unite(self, whole: Table) {
        whole.generation.update_value(|generation| *generation += 1);
        whole.status.set(Status::Reading);
        let overrides = whole.history.with_untracked(|history| history.current().clone());
        let members = whole.members.with_value(|members| members.iter().map(|member| member.id).collect());
        self.ask(whole, &PageMessage::Unite { table: whole.id, members, overrides });
    }
}

impl Table {
    /// Whether it is of several files.
    pub fn is_of_several(&self) -> bool {
        self.members.with_value(|members| !members.is_empty())
    }

    /// The tables of its files: itself, where it is one.
    pub fn files(&self) -> Vec<Table> {
        if self.is_of_several() { self.members.get_value() } else { vec![*self] }
    }
}
