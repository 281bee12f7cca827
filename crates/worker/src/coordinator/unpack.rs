//! Packed files: the preview worker says what is in them and unpacks it, into files of the tab's own folder.

use std::rc::Rc;

use colonnade_protocol::message::{CoordinatorMessage, Overrides, TableId};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::pool::{SILENCE, now};
use super::storage::Spool;
use super::table::TableState;
use super::{Coordinator, Shared};
use crate::message::{Packed, PackedMember, ToWorker};

/// Members named in a note on what is skipped.
const NAMED: usize = 10;

/// A table's file on its way out of what it is packed in.
pub struct UnderWay {
    run: u32,
    member: PackedMember,
    heard: f64,
    /// Bytes have come out of it.
    started: bool,
    /// It was lost with its worker before.
    again: bool,
    /// The table is on show by its first bytes.
    pub has_head: bool,
    spool: Option<Rc<Spool>>,
}

/// A file was found to be packed.
pub fn found(shared: &Shared, table: TableId, generation: u32, packed: Packed) {
    let mut coordinator = shared.borrow_mut();
    let Some(state) = coordinator.tables.get_mut(&table).filter(|state| state.generation == generation) else { return };
    if state.unpacking.is_some() {
        return;
    }
    if !packed.is_archive {
        let Some(member) = packed.members.into_iter().next() else { return };
        drop(coordinator);
        return begin(shared, table, member, false);
    }
    let members = packed.members.iter().map(|member| (member.name.clone(), member.bytes)).collect();
    state.packed = Some(packed);
    coordinator.tell(generation, CoordinatorMessage::Archive { table, members });
}

/// The page made a table of an archive's member.
pub fn open_member(shared: &Shared, table: TableId, of: TableId, member: usize, generation: u32, name: String, overrides: Overrides) {
    let mut coordinator = shared.borrow_mut();
    let Some(state) = coordinator.tables.get(&of) else { return };
    let Some((packed, wanted)) = state.packed.as_ref().and_then(|packed| Some((packed, packed.members.get(member)?.clone()))) else {
        return;
    };
    let mut unpacked = state.unpacked.clone();
    unpacked.of.get_or_insert(of);
    unpacked.archives += 1;
    unpacked.damage = unpacked.damage.or(packed.damage.clone());
    if member == 0 {
        unpacked.notes.extend(note(&state.name, packed));
    }
    let (archive, spools) = (state.file.clone(), state.spools.clone());
    match &wanted.stored {
        // Of an archive at an address only what is looked at is fetched.
        Some(range) if !wanted.checked || archive.is_remote() => {
            let Ok(file) = archive.slice(range) else { return };
            unpacked.layers.push(wanted.layer);
            coordinator.open_state(table, TableState::new(name, file, generation, overrides, unpacked, spools));
        }
        _ => {
            let state = TableState::new(name, archive, generation, overrides, unpacked, spools);
            coordinator.tables.insert(table, state);
            drop(coordinator);
            begin(shared, table, wanted, false);
        }
    }
}

/// What is skipped of an archive, in words.
fn note(name: &str, packed: &Packed) -> Option<String> {
    let named: Vec<String> = packed.skipped.iter().take(NAMED).map(|(name, why)| format!("{name} ({why})")).collect();
    let rest = packed.skipped.len() - named.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("Of {name} not opened: {}{more}", named.join(", ")))
}

/// Has the preview worker unpack a member into a new file.
fn begin(shared: &Shared, table: TableId, member: PackedMember, again: bool) {
    let needs_room = member.stored.is_none();
    let (storage, run) = {
        let mut coordinator = shared.borrow_mut();
        coordinator.unpackings += 1;
        let run = coordinator.unpackings;
        let Some(state) = coordinator.tables.get_mut(&table) else { return };
        state.unpacking = Some(UnderWay { run, member, heard: now(), started: false, again, has_head: false, spool: None });
        (coordinator.storage.clone(), run)
    };
    let shared = Rc::clone(shared);
    spawn_local(async move {
        // Where there is no such file system, the browser keeps what comes out.
        let made = if needs_room { storage.spool().await.ok() } else { None };
        let mut coordinator = shared.borrow_mut();
        let coordinator = &mut *coordinator;
        let Some(state) = coordinator.tables.get_mut(&table) else { return };
        let Some(under_way) = state.unpacking.as_mut().filter(|under_way| under_way.run == run) else { return };
        let (spool, handle) = made.map_or((None, JsValue::UNDEFINED), |(spool, handle)| (Some(Rc::new(spool)), handle.into()));
        under_way.spool = spool;
        let mut unpacked = state.unpacked.clone();
        unpacked.layers.push(under_way.member.layer.clone());
        let (name, overrides) = (state.name.clone(), state.overrides.clone());
        let question = ToWorker::Unpack { run, table, name, overrides, unpacked, member: under_way.member.member.clone() };
        coordinator.preview.source(table, &state.file);
        coordinator.preview.post(&question, &handle);
    });
}

/// A preview worker was lost: what it was unpacking begins once more, or fails if that was so before.
pub fn begin_lost(shared: &Shared) {
    let mut again = Vec::new();
    {
        let mut coordinator = shared.borrow_mut();
        let mut failed = Vec::new();
        for (table, state) in &mut coordinator.tables {
            match state.unpacking.take() {
                Some(lost) if lost.again && lost.started => failed.push(*table),
                Some(lost) => again.push((*table, lost.member, lost.again || lost.started)),
                None => {}
            }
        }
        for table in failed {
            let what = "a worker failed twice while it unpacked this file";
            coordinator
                .unpack_ended(table, ErrorInfo::new(ErrorKind::Worker, what, "It may be damaged. The other files are not concerned."));
        }
    }
    for (table, member, was_lost) in again {
        begin(shared, table, member, was_lost);
    }
}

impl Coordinator {
    /// The unpacking of a table, where it is this run.
    fn under_way(&mut self, table: TableId, run: u32) -> Option<&mut TableState> {
        self.tables.get_mut(&table).filter(|state| state.unpacking.as_ref().is_some_and(|under_way| under_way.run == run))
    }

    /// A member is so far.
    pub fn unpacking(&mut self, table: TableId, run: u32, done: u64, total: u64) {
        let Some(state) = self.under_way(table, run) else { return };
        if let Some(under_way) = &mut state.unpacking {
            (under_way.heard, under_way.started) = (now(), true);
        }
        let generation = state.generation;
        self.tell(generation, CoordinatorMessage::Unpacking { table, done, total });
    }

    /// The table by the first bytes that came out.
    pub fn head(&mut self, table: TableId, run: u32, opened: crate::message::Opened) {
        let Some(state) = self.under_way(table, run) else { return };
        if let Some(under_way) = &mut state.unpacking {
            under_way.has_head = true;
        }
        let generation = state.generation;
        self.tell(generation, CoordinatorMessage::Preview { table, preview: Box::new(opened.preview) });
    }

    /// A member is out: the table is looked at again, whole.
    pub fn unpacked(&mut self, table: TableId, run: u32, damage: Option<ErrorInfo>, file: Blob) {
        let Some(state) = self.under_way(table, run) else { return };
        let Some(under_way) = state.unpacking.take() else { return };
        state.unpacked.layers.push(under_way.member.layer);
        state.unpacked.damage = state.unpacked.damage.take().or(damage);
        state.spools.extend(under_way.spool);
        state.file = match &under_way.member.stored {
            Some(range) => state.file.slice(range).unwrap_or_else(|_| file.into()),
            None => file.into(),
        };
        let generation = state.generation;
        self.tell(generation, CoordinatorMessage::Unpacking { table, done: 1, total: 1 });
        if let Some(state) = self.tables.remove(&table) {
            self.open_state(table, state);
        }
    }

    /// A member cannot be had.
    pub fn unpack_failed(&mut self, table: TableId, run: u32, error: ErrorInfo) {
        if let Some(state) = self.under_way(table, run) {
            state.unpacking = None;
            self.unpack_ended(table, error);
        }
    }

    fn unpack_ended(&mut self, table: TableId, error: ErrorInfo) {
        if let Some(generation) = self.tables.get(&table).map(|state| state.generation) {
            self.tell(generation, CoordinatorMessage::Unpacking { table, done: 1, total: 1 });
            self.open_failed(table, generation, error);
        }
    }

    /// Whether the worker has said nothing of what it unpacks for too long.
    pub fn unpacks_in_silence(&self) -> bool {
        let heard = self.tables.values().filter_map(|state| state.unpacking.as_ref()).map(|under_way| under_way.heard);
        heard.reduce(f64::max).is_some_and(|heard| now() - heard > SILENCE)
    }
}
