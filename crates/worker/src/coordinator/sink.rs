//! Where segments go: a file of the tab's own that a download is made of, or files that a person picked.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use colonnade_engine::Result;
use colonnade_engine::output::segment::{Frame, SegmentMeta};
use colonnade_protocol::ErrorInfo;
use colonnade_protocol::message::SaveTarget;
use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions, FileSystemWritableFileStream};

use super::storage::{Storage, StoredFile};
use crate::file::no_room;

#[wasm_bindgen]
extern "C" {
    /// A `FileSystemFileHandle` with the method that web-sys does not know.
    type RemovableFile;
    #[wasm_bindgen(method, catch)]
    fn remove(this: &RemovableFile) -> std::result::Result<Promise, JsValue>;
}

/// Writes under way to picked files, beyond which no more units are begun.
const WRITES_AT_ONCE: u32 = 6;

/// A segment: its meta here, its body wherever the sink has put it.
#[derive(Clone)]
pub struct Segment {
    pub meta: Rc<SegmentMeta>,
    place: Place,
}

#[derive(Clone)]
enum Place {
    /// In the stored file.
    Stored(u64),
    /// In the browser's keeping.
    Blob(Blob),
    /// Here, until the units before it are done and it is written.
    Bytes(Rc<Cell<Option<Uint8Array>>>),
}

/// A file that will be written: its name, for a picked folder, and its first bytes.
pub struct NewFile {
    pub name: String,
    pub head: Vec<u8>,
}

/// A sink, open.
pub enum Sink {
    /// A download, over a file in the origin-private file system.
    Stored(StoredFile),
    /// A download where there is no such file system: the browser keeps Blobs, in memory or on disk as it sees fit.
    Blobs,
    /// One picked file a table.
    Picked(Vec<Picked>),
}

/// A file that a person picked, written in order.
pub struct Picked {
    stream: FileSystemWritableFileStream,
    /// The file, where it was empty or not there before: it goes if the save fails.
    made: Option<RemovableFile>,
    under_way: Rc<Cell<u32>>,
    failed: Rc<RefCell<Option<ErrorInfo>>>,
}

impl Sink {
    /// Opens the target; `files` are those that will be written.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Target`] where a picked file cannot be opened for writing.
    pub async fn open(storage: &Storage, target: SaveTarget, handle: JsValue, files: &[NewFile]) -> Result<Self> {
        match target {
            SaveTarget::Download => Ok(storage.create().await.map_or(Self::Blobs, Self::Stored)),
            SaveTarget::File => {
                let head = files.first().map_or(&[][..], |file| &file.head);
                Ok(Self::Picked(vec![Picked::open(handle, head).await.map_err(|error| no_room(&error))?]))
            }
            SaveTarget::Folder => {
                let folder: FileSystemDirectoryHandle = handle.unchecked_into();
                let mut picked = Vec::new();
                for NewFile { name, head } in files {
                    picked.push(Picked::in_folder(&folder, name, head).await.map_err(|error| no_room(&error))?);
                }
                Ok(Self::Picked(picked))
            }
        }
    }

    /// What a person should know of this sink, beforehand: `room` is what the browser gives, `source` what is read.
    pub fn remark(&self, room: Option<f64>, source: u64) -> String {
        match (self, room) {
            (Self::Blobs, _) => "This window has no private file system: the output is kept in memory until it is downloaded.".to_owned(),
            (Self::Stored(_), Some(room)) if room < source as f64 => {
                format!(
                    "The browser leaves {:.0} MB for this page's files. If that is too little, save into a file that you pick.",
                    room / 1e6
                )
            }
            _ => String::new(),
        }
    }

    /// Takes a segment's body as it comes from a worker. Beside the segment: the buffer, where it is free again.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn store(&mut self, meta: SegmentMeta, body: Uint8Array) -> Result<(Segment, Option<ArrayBuffer>)> {
        let buffer = Some(body.buffer());
        let (place, free) = match self {
            Self::Stored(file) => (Place::Stored(file.append(&body)?), buffer),
            Self::Blobs => (Place::Blob(Blob::new_with_u8_array_sequence(&Array::of1(&body)).map_err(|error| no_room(&error))?), buffer),
            Self::Picked(_) => (Place::Bytes(Rc::new(Cell::new(Some(body)))), None),
        };
        Ok((Segment { meta: Rc::new(meta), place }, free))
    }

    /// The next segment in a table's order is certain.
    pub fn accepted(&mut self, table: usize, segment: &Segment) {
        if let (Self::Picked(files), Place::Bytes(body)) = (self, &segment.place)
            && let Some(body) = body.take()
        {
            files[table].write(&body);
        }
    }

    /// All of a table's segments are void; its file begins with `head` now.
    pub fn restart(&mut self, table: usize, head: &[u8]) {
        if let Self::Picked(files) = self {
            files[table].restart(head);
        }
    }

    /// Whether there is room for more units' output.
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Picked(files) => files.iter().map(|file| file.under_way.get()).sum::<u32>() < WRITES_AT_ONCE,
            Self::Stored(_) | Self::Blobs => true,
        }
    }

    /// The first error of writes under way.
    pub fn failure(&self) -> Option<ErrorInfo> {
        match self {
            Self::Picked(files) => files.iter().find_map(|file| file.failed.borrow_mut().take()),
            Self::Stored(_) | Self::Blobs => None,
        }
    }

    /// Ends the sink and gives back what a download is made of.
    ///
    /// # Errors
    /// Those of the disk.
    pub async fn finish(self, frames: &[Frame]) -> Result<Finished> {
        match self {
            Self::Stored(file) => Ok(Finished { stored: Some(file.into_blob().await?) }),
            Self::Blobs => Ok(Finished { stored: None }),
            Self::Picked(files) => {
                for (file, frame) in files.into_iter().zip(frames) {
                    file.finish(&frame.tail).await?;
                }
                Ok(Finished { stored: None })
            }
        }
    }

    /// Gives everything up; nothing is left under a final name.
    pub async fn abort(self) {
        match self {
            Self::Stored(file) => file.discard(),
            Self::Blobs => {}
            Self::Picked(files) => {
                for file in files {
                    file.abort().await;
                }
            }
        }
    }
}

/// A sink that has ended.
pub struct Finished {
    stored: Option<Blob>,
}

impl Finished {
    /// The parts of one file, for a Blob.
    pub fn parts(&self, segments: &[Segment], frame: &Frame, parts: &Array) {
        parts.push(&Uint8Array::from(frame.head.as_slice()));
        for segment in segments {
            match (&segment.place, &self.stored) {
                (Place::Stored(at), Some(file)) => {
                    let (start, end) = (*at as f64, (*at + segment.meta.body_len) as f64);
                    if let Ok(slice) = file.slice_with_f64_and_f64(start, end) {
                        parts.push(&slice);
                    }
                }
                (Place::Blob(blob), _) => {
                    parts.push(blob);
                }
                _ => {}
            }
        }
        parts.push(&Uint8Array::from(frame.tail.as_slice()));
    }
}

impl Picked {
    async fn in_folder(folder: &FileSystemDirectoryHandle, name: &str, head: &[u8]) -> std::result::Result<Self, JsValue> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        Self::open(JsFuture::from(folder.get_file_handle_with_options(name, &options)).await?, head).await
    }

    async fn open(handle: JsValue, head: &[u8]) -> std::result::Result<Self, JsValue> {
        let file: &FileSystemFileHandle = handle.unchecked_ref();
        let before: Blob = JsFuture::from(file.get_file()).await?.unchecked_into();
        let stream = JsFuture::from(file.create_writable()).await?.unchecked_into();
        let made = (before.size() == 0.0).then(|| handle.unchecked_into());
        let picked = Self { stream, made, under_way: Rc::default(), failed: Rc::default() };
        picked.write(&Uint8Array::from(head));
        Ok(picked)
    }

    /// Gives up what was written: the browser writes beside the file until it is closed.
    async fn abort(self) {
        // Where this does not work an empty file stays, and there is nobody left to tell.
        let _ = JsFuture::from(self.stream.abort()).await;
        if let Some(Ok(removed)) = self.made.as_ref().map(RemovableFile::remove) {
            let _ = JsFuture::from(removed).await;
        }
    }

    fn write(&self, bytes: &Uint8Array) {
        self.follow(self.stream.write_with_js_u8_array(bytes));
    }

    /// Cuts the file back to its start. The stream carries out what it is told in order.
    fn restart(&self, head: &[u8]) {
        self.follow(self.stream.truncate_with_u32(0));
        self.follow(self.stream.seek_with_u32(0));
        self.write(&Uint8Array::from(head));
    }

    fn follow(&self, write: std::result::Result<Promise, JsValue>) {
        let (under_way, failed) = (Rc::clone(&self.under_way), Rc::clone(&self.failed));
        under_way.set(under_way.get() + 1);
        spawn_local(async move {
            let result = match write {
                Ok(promise) => JsFuture::from(promise).await.map(drop),
                Err(error) => Err(error),
            };
            under_way.set(under_way.get() - 1);
            if let Err(error) = result {
                failed.borrow_mut().get_or_insert_with(|| no_room(&error));
            }
        });
    }

    async fn finish(self, tail: &[u8]) -> Result<()> {
        let written = async {
            JsFuture::from(self.stream.write_with_js_u8_array(&Uint8Array::from(tail))?).await?;
            JsFuture::from(self.stream.close()).await
        };
        written.await.map_err(|error| no_room(&error))?;
        self.failed.borrow_mut().take().map_or(Ok(()), Err)
    }
}
