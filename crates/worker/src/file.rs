//! A file as a source, read where it lies: a Blob of the browser, or what an address names.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use colonnade_engine::Result;
use colonnade_engine::source::{SharedSource, Source};
use colonnade_engine::unit::READ_BYTES;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DomException, FileReaderSync, MessageChannel, MessagePort, ReadableStream, ReadableStreamDefaultReader,
    ReadableStreamGetReaderOptions, ReadableStreamReaderMode,
};

/// A file as it goes from page to workers: a Blob, or an object that says where parts of it are to be had.
#[derive(Clone)]
pub struct Handle(JsValue);

impl Handle {
    /// What rode beside a message.
    pub fn new(value: JsValue) -> Self {
        Self(value)
    }

    /// For the message to a worker.
    pub fn as_js(&self) -> &JsValue {
        &self.0
    }

    /// Whether it lies elsewhere, and what is read of it goes over the network.
    pub fn is_remote(&self) -> bool {
        !self.0.is_instance_of::<Blob>()
    }

    /// A range of it as a file of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where the browser refuses.
    pub fn slice(&self, range: &Range<u64>) -> Result<Self> {
        if let Some(blob) = self.0.dyn_ref::<Blob>() {
            return BlobSource { blob: blob.clone() }.slice(range).map(Self::from);
        }
        let from = Reflect::get(&self.0, &"from".into()).ok().and_then(|from| from.as_f64()).unwrap_or_default();
        let part = Object::assign(&Object::new(), self.0.unchecked_ref());
        for (name, at) in [("from", range.start), ("to", range.end)] {
            // Setting a member of a plain object cannot fail.
            let _ = Reflect::set(&part, &name.into(), &(from + at as f64).into());
        }
        Ok(Self(part.into()))
    }
}

impl From<Blob> for Handle {
    fn from(blob: Blob) -> Self {
        Self(blob.into())
    }
}

/// A file that a person gave to the page, or named by its address.
#[derive(Clone)]
pub enum FileSource {
    Blob(BlobSource),
    /// Only the module that the remote page starts with reads these.
    #[cfg(feature = "every-format")]
    Address(crate::address::AddressSource),
}

impl FileSource {
    /// A source of a [`Handle`].
    pub fn new(handle: JsValue) -> Self {
        #[cfg(feature = "every-format")]
        if !handle.is_instance_of::<Blob>() {
            return Self::Address(crate::address::AddressSource::new(&handle));
        }
        Self::Blob(BlobSource { blob: handle.unchecked_into() })
    }

    /// Reads on from the range's start, in order. What comes next is read ahead while the caller works, up to the range's
    /// end: what is read behind that is waited for, and so nothing is read in vain.
    ///
    /// # Errors
    /// As [`Stream::next`].
    pub fn stream(&self, range: Range<u64>) -> Result<Stream> {
        match self {
            Self::Blob(source) => source.stream(range),
            #[cfg(feature = "every-format")]
            Self::Address(source) => {
                Ok(Stream { reader: Reader::Ranges(source.stream(range.start)), at: range.start, ahead_to: range.end })
            }
        }
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        match self {
            Self::Blob(source) => source.len(),
            #[cfg(feature = "every-format")]
            Self::Address(source) => source.len(),
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        match self {
            Self::Blob(source) => source.read_at(offset, buffer),
            #[cfg(feature = "every-format")]
            Self::Address(source) => source.read_at(offset, buffer),
        }
    }

    fn share(&self) -> SharedSource {
        match self {
            Self::Blob(source) => source.share(),
            #[cfg(feature = "every-format")]
            Self::Address(source) => source.share(),
        }
    }
}

/// A Blob or `File`.
#[derive(Clone)]
pub struct BlobSource {
    blob: Blob,
}

impl BlobSource {
    /// Not by `arrayBuffer()`, a range at a time: it is as fast, but what the browser holds of it waits for a collector that
    /// sees no need (1.6 bytes a byte read were measured). A reader that brings its own buffers leaves nothing behind.
    fn stream(&self, range: Range<u64>) -> Result<Stream> {
        let stream = self.slice(&(range.start..self.len()))?.stream();
        let options = ReadableStreamGetReaderOptions::new();
        options.set_mode(ReadableStreamReaderMode::Byob);
        let reader = match get_reader(&stream, &options) {
            Ok(reader) => Reader::OwnBuffers { pending: Some(reader.read_into(&buffer())), reader },
            Err(_) => Reader::Chunks(stream.get_reader().unchecked_into()),
        };
        Ok(Stream { reader, at: range.start, ahead_to: range.end })
    }

    fn slice(&self, range: &Range<u64>) -> Result<Blob> {
        self.blob.slice_with_f64_and_f64(range.start as f64, range.end as f64).map_err(|error| unreadable(range.start, &error))
    }
}

/// A file being read in order.
pub struct Stream {
    reader: Reader,
    at: u64,
    ahead_to: u64,
}

enum Reader {
    /// Two buffers in turn: one is filled while the other is read.
    OwnBuffers { reader: ByobReader, pending: Option<Promise> },
    /// Where the browser has no such reader: small chunks of its own.
    Chunks(ReadableStreamDefaultReader),
    #[cfg(feature = "every-format")]
    Ranges(crate::address::RangeStream),
}

#[wasm_bindgen]
extern "C" {
    /// A `ReadableStreamBYOBReader`, whose `read` web-sys gives a view of this wasm's memory only.
    type ByobReader;
    #[wasm_bindgen(method, js_name = read)]
    fn read_into(this: &ByobReader, buffer: &Uint8Array) -> Promise;
    #[wasm_bindgen(method)]
    fn cancel(this: &ByobReader) -> Promise;

    #[wasm_bindgen(extends = ReadableStream)]
    type ByteStream;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_byob_reader(this: &ByteStream, options: &ReadableStreamGetReaderOptions) -> std::result::Result<ByobReader, JsValue>;
}

fn get_reader(stream: &ReadableStream, options: &ReadableStreamGetReaderOptions) -> std::result::Result<ByobReader, JsValue> {
    stream.unchecked_ref::<ByteStream>().get_byob_reader(options)
}

thread_local! {
    /// Buffers of reads that are over, for those to come, of this stream or the next: else they would wait for a collector.
    static SPARE: RefCell<Vec<Uint8Array>> = const { RefCell::new(Vec::new()) };
}

fn buffer() -> Uint8Array {
    SPARE.with_borrow_mut(Vec::pop).unwrap_or_else(|| Uint8Array::new_with_length(READ_BYTES as u32))
}

impl Stream {
    /// The next bytes, at most [`READ_BYTES`]; none at the end of the file. To be given back to [`recycle`](Self::recycle).
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where the browser refuses: the file changed, vanished, or may not be read any more.
    pub async fn next(&mut self) -> Result<Uint8Array> {
        let at = self.at;
        let read = match &mut self.reader {
            Reader::OwnBuffers { reader, pending } => JsFuture::from(pending.take().unwrap_or_else(|| reader.read_into(&buffer()))),
            Reader::Chunks(reader) => JsFuture::from(reader.read()),
            #[cfg(feature = "every-format")]
            Reader::Ranges(stream) => return stream.next().await,
        };
        let read = read.await.map_err(|error| unreadable(at, &error))?;
        let bytes: Uint8Array = Reflect::get(&read, &"value".into()).unwrap_or_default().dyn_into().unwrap_or_default();
        self.at += u64::from(bytes.length());
        if let Reader::OwnBuffers { reader, pending } = &mut self.reader
            && self.at < self.ahead_to
        {
            *pending = Some(reader.read_into(&buffer()));
        }
        Ok(bytes)
    }

    /// Takes back bytes that were read, for their buffer.
    pub fn recycle(&self, bytes: &Uint8Array) {
        let buffer = Uint8Array::new(&bytes.buffer());
        if matches!(self.reader, Reader::OwnBuffers { .. }) && buffer.length() == READ_BYTES as u32 {
            SPARE.with_borrow_mut(|spare| spare.push(buffer));
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Resolves when the browser has let go of the file; nobody waits for it.
        let _ = match &self.reader {
            Reader::OwnBuffers { reader, .. } => reader.cancel(),
            Reader::Chunks(reader) => reader.cancel(),
            #[cfg(feature = "every-format")]
            Reader::Ranges(_) => return,
        };
    }
}

impl Source for BlobSource {
    fn len(&self) -> u64 {
        self.blob.size() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let range = offset..offset + buffer.len() as u64;
        let reader = FileReaderSync::new().map_err(|error| unreadable(offset, &error))?;
        let bytes = reader.read_as_array_buffer(&self.slice(&range)?).map_err(|error| unreadable(offset, &error))?;
        let bytes = Uint8Array::new(&bytes);
        let n = (bytes.length() as usize).min(buffer.len());
        bytes.subarray(0, n as u32).copy_to(&mut buffer[..n]);
        release(&Array::of1(&bytes.buffer()));
        Ok(n)
    }

    fn share(&self) -> SharedSource {
        Arc::new(self.clone())
    }
}

/// What an error of the browser's says: a DOM exception's, another error's, or a plain text.
fn said(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).filter(|said| !said.is_empty()).unwrap_or_else(|| "no reason given".to_owned())
}

fn unreadable(at: u64, error: &JsValue) -> ErrorInfo {
    let what = format!("the file cannot be read at byte {at}: {}", said(error));
    ErrorInfo::new(ErrorKind::Source, what, "It may have changed, moved or been deleted since it was opened: open it again.")
}

/// The error of a target that takes no more.
pub fn no_room(error: &JsValue) -> ErrorInfo {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    if name == "QuotaExceededError" {
        let hint = "Free some disk space, close other tabs, or save into a file or folder that you pick.";
        return ErrorInfo::new(ErrorKind::Target, "there is no more room: the disk or the browser's quota is full", hint);
    }
    ErrorInfo::new(ErrorKind::Target, format!("the output cannot be written: {}", said(error)), "Save again, or choose another place.")
}

thread_local! {
    /// One end of a channel whose other end is closed: what is handed over to it is gone.
    static DRAIN: Option<MessagePort> = MessageChannel::new().ok().map(|channel| {
        channel.port2().close();
        channel.port1()
    });
}

/// Gives back the memory of buffers that nobody else holds: the collector, which sees small handles, lets them wait. Not by
/// `transfer(0)`: of a buffer that the browser made (a message's, a file's) it frees nothing, and hides it from the collector.
pub fn release(buffers: &Array) {
    // What cannot be handed over is left to the collector.
    DRAIN.with(|drain| drain.as_ref().map(|drain| drain.post_message_with_transferable(&JsValue::UNDEFINED, buffers)));
}

/// Bytes of this worker's wasm memory.
pub fn memory_bytes() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    u64::from(memory.buffer().unchecked_into::<ArrayBuffer>().byte_length())
}
