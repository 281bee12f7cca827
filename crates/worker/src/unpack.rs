//! The preview worker's part in unpacking: what a packed file holds, and one member after another into private storage.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use colonnade_engine::Result;
use colonnade_engine::source::Source;
use colonnade_engine::unpack::{self, Budget, Codec, Contents, Packing, Step, Unpacking};
use colonnade_protocol::message::{Overrides, TableId};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, FileSystemFileHandle, FileSystemReadWriteOptions, FileSystemSyncAccessHandle, MessageChannel};

use crate::file::{FileSource, no_room};
use crate::gunzip::Gunzip;
use crate::message::{FromWorker, Packed, PackedMember, Unpacked};
use crate::wire::Port;

/// Bytes between two looks at what the coordinator says.
const BUFFER: usize = 1 << 20;
/// Bytes that a first look at the table takes, while the rest is unpacked.
const HEAD: usize = 1 << 20;
/// Milliseconds between two words on how far it is.
const TELL: f64 = 100.0;

/// What is packed in a file; `None`: nothing, or a document that is a format's own matter.
///
/// # Errors
/// As [`unpack::contents`]; [`ErrorKind::Limit`] for an archive too deep within others.
pub fn look(source: &FileSource, name: &str, overrides: &Overrides, outer: &Unpacked) -> Result<Option<Packed>> {
    let budget = budget(overrides)?;
    let Some(contents) = unpack::contents(source, name, budget.max_members())? else { return Ok(None) };
    let archives = outer.archives as usize + usize::from(contents.packing.is_archive());
    if archives > unpack::MOST_ARCHIVES || outer.layers.len() >= unpack::MOST_LAYERS {
        return Err(unpack::too_deep(name));
    }
    packed(contents, name).map(Some)
}

fn packed(contents: Contents, name: &str) -> Result<Packed> {
    let members = contents.members.iter().map(|member| {
        let internal = |error: postcard::Error| ErrorInfo::new(ErrorKind::Internal, error.to_string(), "");
        Ok(PackedMember {
            name: member.name.clone(),
            layer: contents.packing.words(member),
            bytes: member.packed.end - member.packed.start,
            stored: is_range(member).then(|| member.packed.clone()),
            checked: member.crc32.is_some(),
            member: postcard::to_stdvec(member).map_err(internal)?,
        })
    });
    Ok(Packed {
        is_archive: contents.packing.is_archive(),
        members: members.collect::<Result<_>>()?,
        skipped: contents.skipped.into_iter().map(|skipped| (skipped.name, skipped.why)).collect(),
        damage: contents.damage.map(|what| unpack::damaged(name, &what)),
    })
}

/// Whether a member is a range of its archive as it is.
fn is_range(member: &unpack::Member) -> bool {
    member.codec == Codec::Stored && !member.is_cut
}

fn budget(overrides: &Overrides) -> Result<Budget> {
    Budget::new(overrides.options.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Shows a table by its first bytes.
pub type Show = Box<dyn FnOnce(&[u8])>;

/// A member to unpack.
pub struct Task {
    pub run: u32,
    pub table: TableId,
    pub overrides: Overrides,
    pub member: Vec<u8>,
    pub source: FileSource,
    /// The archive that it lies in, at any depth, by the table that it was opened as: all of its members have one budget.
    pub of: TableId,
    /// The file to write to, where there is one.
    pub target: JsValue,
    /// Shows the table by its first bytes.
    pub show: Show,
}

/// Unpacks one member after another, and hears the coordinator between two steps.
pub struct Unpacker {
    port: Port,
    queue: RefCell<VecDeque<Task>>,
    /// The run that is wanted for a table.
    wanted: RefCell<HashMap<TableId, u32>>,
    /// What is left of each archive's budget.
    budgets: RefCell<HashMap<TableId, Budget>>,
    /// The first bytes of what is being unpacked.
    heads: RefCell<HashMap<TableId, Rc<Vec<u8>>>>,
    works: Cell<bool>,
}

impl Unpacker {
    pub fn new(port: Port) -> Rc<Self> {
        Rc::new(Self {
            port,
            queue: RefCell::default(),
            wanted: RefCell::default(),
            budgets: RefCell::default(),
            heads: RefCell::default(),
            works: Cell::new(false),
        })
    }

    /// Begins a task, behind those before it.
    pub fn add(self: &Rc<Self>, task: Task) {
        self.wanted.borrow_mut().insert(task.table, task.run);
        self.queue.borrow_mut().push_back(task);
        if !self.works.replace(true) {
            spawn_local(Rc::clone(self).work());
        }
    }

    /// The table is closed: what runs for it ends at its next step.
    pub fn forget(&self, table: TableId) {
        self.wanted.borrow_mut().remove(&table);
        self.heads.borrow_mut().remove(&table);
    }

    /// The first bytes of a table whose file is not whole yet.
    pub fn head(&self, table: TableId) -> Option<Rc<Vec<u8>>> {
        self.heads.borrow().get(&table).cloned()
    }

    async fn work(self: Rc<Self>) {
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(task) = next else { break };
            let (run, table) = (task.run, task.table);
            if !self.wants(table, run) {
                continue;
            }
            match self.unpack(task).await {
                Ok(Some((blob, damage))) => self.port.post(&FromWorker::Unpacked { run, table, damage }, &blob, &[]),
                Ok(None) => {}
                Err(error) => self.port.send(&FromWorker::UnpackFailed { run, table, error }),
            }
            if self.wants(table, run) {
                self.forget(table);
            }
        }
        self.works.set(false);
    }

    fn wants(&self, table: TableId, run: u32) -> bool {
        self.wanted.borrow().get(&table) == Some(&run)
    }

    /// The member as a Blob, with what was wrong with it. `None`: it is not wanted any more.
    async fn unpack(&self, task: Task) -> Result<Option<(Blob, Option<ErrorInfo>)>> {
        let of = task.of;
        let left = self.budgets.borrow_mut().remove(&of);
        let mut budget = left.map_or_else(|| budget(&task.overrides), Ok)?;
        let unpacked = self.unpack_within(task, &mut budget).await;
        self.budgets.borrow_mut().insert(of, budget);
        unpacked
    }

    async fn unpack_within(&self, task: Task, budget: &mut Budget) -> Result<Option<(Blob, Option<ErrorInfo>)>> {
        let Task { run, table, member, source, target, show, .. } = task;
        let member: unpack::Member =
            postcard::from_bytes(&member).map_err(|error| ErrorInfo::new(ErrorKind::Internal, error.to_string(), ""))?;
        let (mut gunzip, mut unpacking) = (Gunzip::new(&source, &member), Unpacking::new(source.share(), &member)?);
        let before = budget.clone();
        let mut sink = if is_range(&member) { Sink::Nothing } else { Sink::open(target).await };
        let (mut buffer, mut head, mut show) = (vec![0; BUFFER], Vec::new(), Some(show));
        let (mut told, mut out) = (0.0, 0);
        let total = member.packed.end - member.packed.start;
        let damage = loop {
            let step = match &mut gunzip {
                Some(gunzip) => gunzip.step(&mut buffer, budget).await.transpose(),
                None => Some(unpacking.step(&mut buffer, budget)),
            };
            let Some(step) = step else {
                gunzip = None;
                *budget = before.clone();
                (head, out) = (Vec::new(), 0);
                sink.restart()?;
                continue;
            };
            match step.and_then(|step| {
                if let Step::Bytes(n) = step {
                    sink.write(&buffer[..n])?;
                }
                Ok(step)
            }) {
                Ok(Step::Bytes(n)) => {
                    out += n as u64;
                    if show.is_some() {
                        head.extend_from_slice(&buffer[..n]);
                    }
                    if head.len() >= HEAD
                        && let Some(show) = show.take()
                    {
                        self.show(table, std::mem::take(&mut head), show);
                    }
                }
                Ok(Step::End) => break None,
                Ok(Step::Damaged(error)) if out > 0 => break Some(error),
                Ok(Step::Damaged(error)) | Err(error) => {
                    sink.discard();
                    return Err(error);
                }
            }
            let now = js_sys::Date::now();
            if now - told > TELL {
                told = now;
                let done = gunzip.as_ref().map_or_else(|| unpacking.at().saturating_sub(member.packed.start), Gunzip::at);
                self.port.send(&FromWorker::Unpacking { run, table, done, total });
            }
            turn().await;
            if !self.wants(table, run) {
                sink.discard();
                return Ok(None);
            }
        };
        Ok(Some((sink.finish().await?, damage)))
    }

    /// Whole lines from the start, unless they are packed themselves.
    fn show(&self, table: TableId, mut head: Vec<u8>, show: Show) {
        if Packing::of(&head).is_some() {
            return;
        }
        if let Some(end) = head.iter().rposition(|&byte| byte == b'\n') {
            head.truncate(end + 1);
        }
        let head = Rc::new(head);
        self.heads.borrow_mut().insert(table, Rc::clone(&head));
        show(&head);
    }
}

/// Lets every message that waits be heard.
async fn turn() {
    let Ok(channel) = MessageChannel::new() else { return };
    let heard = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        // A port of one's own takes any value.
        let _ = channel.port2().post_message(&JsValue::UNDEFINED);
    });
    let _ = JsFuture::from(heard).await;
    channel.port1().close();
}

/// Where the bytes go: a file of the tab's own, or where the browser has none, Blobs in its keeping; nowhere, where they are
/// a range of the archive and only their checksum is wanted.
enum Sink {
    Nothing,
    File { handle: FileSystemFileHandle, access: FileSystemSyncAccessHandle, len: u64 },
    Parts(Array),
}

impl Sink {
    async fn open(target: JsValue) -> Self {
        let Ok(handle) = target.dyn_into::<FileSystemFileHandle>() else { return Self::Parts(Array::new()) };
        match JsFuture::from(handle.create_sync_access_handle()).await {
            Ok(access) => Self::File { handle, access: access.unchecked_into(), len: 0 },
            Err(_) => Self::Parts(Array::new()),
        }
    }

    /// Gives up what was written.
    fn restart(&mut self) -> Result<()> {
        match self {
            Self::Nothing => {}
            Self::File { access, len, .. } => {
                access.truncate_with_u32(0).map_err(|error| no_room(&error))?;
                *len = 0;
            }
            Self::Parts(parts) => *parts = Array::new(),
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Nothing => {}
            Self::File { access, len, .. } => {
                let options = FileSystemReadWriteOptions::new();
                options.set_at(*len as f64);
                let written = access.write_with_u8_array_and_options(bytes, &options).map_err(|error| no_room(&error))?;
                if written as usize != bytes.len() {
                    return Err(no_room(&JsValue::from_str("the write was cut short")));
                }
                *len += bytes.len() as u64;
            }
            Self::Parts(parts) => {
                let part = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).map_err(|error| no_room(&error))?;
                parts.push(&part);
            }
        }
        Ok(())
    }

    async fn finish(self) -> Result<Blob> {
        match self {
            Self::Nothing => Blob::new().map_err(|error| no_room(&error)),
            Self::File { handle, access, .. } => {
                let flushed = access.flush();
                access.close();
                flushed.map_err(|error| no_room(&error))?;
                let file = JsFuture::from(handle.get_file()).await.map_err(|error| no_room(&error))?;
                Ok(file.unchecked_into())
            }
            Self::Parts(parts) => Blob::new_with_blob_sequence(&parts).map_err(|error| no_room(&error)),
        }
    }

    fn discard(self) {
        if let Self::File { access, .. } = self {
            let _ = access.truncate_with_u32(0);
            access.close();
        }
    }
}
