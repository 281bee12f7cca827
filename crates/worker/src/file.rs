//! A Blob of the browser as a source, read where it lies.

use std::ops::Range;

use colonnade_engine::Result;
use colonnade_engine::source::Source;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReaderSync, ReadableStreamDefaultReader};

/// A file that a person gave to the page.
#[derive(Clone)]
pub struct BlobSource {
    blob: Blob,
}

impl BlobSource {
    /// A source over a `Blob` or `File`.
    pub fn new(blob: Blob) -> Self {
        Self { blob }
    }

    /// Reads on from an offset, in order; the browser reads ahead while the caller works. (A range at a time, by
    /// `arrayBuffer()`, is as fast, but what the browser holds of it waits for a collector that sees no need: 1.6 bytes a
    /// byte read were measured.)
    ///
    /// # Errors
    /// As [`Stream::next`].
    pub fn stream(&self, from: u64) -> Result<Stream> {
        let rest = self.slice(&(from..self.len()))?;
        Ok(Stream { reader: rest.stream().get_reader().unchecked_into(), at: from, chunk: None })
    }

    fn slice(&self, range: &Range<u64>) -> Result<Blob> {
        self.blob.slice_with_f64_and_f64(range.start as f64, range.end as f64).map_err(|error| unreadable(range.start, &error))
    }
}

/// A file being read in order.
pub struct Stream {
    reader: ReadableStreamDefaultReader,
    at: u64,
    /// What the last read has left over.
    chunk: Option<Uint8Array>,
}

impl Stream {
    /// The next `count` bytes, in pieces.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where the browser refuses: the file changed, vanished, or may not be read any more.
    pub async fn next(&mut self, count: u32) -> Result<Vec<Uint8Array>> {
        let mut pieces = Vec::new();
        let mut missing = count;
        while missing > 0 {
            let chunk = match self.chunk.take() {
                Some(chunk) => chunk,
                None => match self.read().await? {
                    Some(chunk) => chunk,
                    None => break,
                },
            };
            let taken = chunk.length().min(missing);
            if taken < chunk.length() {
                self.chunk = Some(chunk.subarray(taken, chunk.length()));
            }
            pieces.push(chunk.subarray(0, taken));
            missing -= taken;
            self.at += u64::from(taken);
        }
        Ok(pieces)
    }

    async fn read(&self) -> Result<Option<Uint8Array>> {
        let read = JsFuture::from(self.reader.read()).await.map_err(|error| unreadable(self.at, &error))?;
        let value = Reflect::get(&read, &"value".into()).unwrap_or_default();
        Ok(value.dyn_into().ok())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Resolves when the browser has let go of the file; nobody waits for it.
        let _ = self.reader.cancel();
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
        bytes.copy_to(&mut buffer[..n]);
        Ok(n)
    }
}

fn unreadable(at: u64, error: &JsValue) -> ErrorInfo {
    let reason = error.dyn_ref::<web_sys::DomException>().map_or_else(|| format!("{error:?}"), web_sys::DomException::message);
    let what = format!("the file cannot be read at byte {at}: {reason}");
    ErrorInfo::new(ErrorKind::Source, what, "It may have changed, moved or been deleted since it was opened: open it again.")
}

/// Bytes of this worker's wasm memory.
pub fn memory_bytes() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    u64::from(memory.buffer().unchecked_into::<ArrayBuffer>().byte_length())
}
