//! A Blob of the browser as a source, read where it lies.

use std::ops::Range;

use colonnade_engine::Result;
use colonnade_engine::source::Source;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReaderSync};

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

    /// Begins to read a range; the browser reads on while the caller works.
    pub fn read_ahead(&self, range: Range<u64>) -> Reading {
        let promise = self.slice(&range).map(|blob| blob.array_buffer());
        Reading { range, promise }
    }

    fn slice(&self, range: &Range<u64>) -> Result<Blob> {
        self.blob.slice_with_f64_and_f64(range.start as f64, range.end as f64).map_err(|error| unreadable(range.start, &error))
    }
}

/// Bytes on their way.
pub struct Reading {
    pub range: Range<u64>,
    promise: Result<js_sys::Promise>,
}

impl Reading {
    /// Waits for the bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where the browser refuses: the file changed, vanished, or may not be read any more.
    pub async fn bytes(self) -> Result<Uint8Array> {
        let buffer = JsFuture::from(self.promise?).await.map_err(|error| unreadable(self.range.start, &error))?;
        Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()))
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
        release(&bytes);
        Ok(n)
    }
}

fn unreadable(at: u64, error: &JsValue) -> ErrorInfo {
    let reason = error.dyn_ref::<web_sys::DomException>().map_or_else(|| format!("{error:?}"), web_sys::DomException::message);
    let what = format!("the file cannot be read at byte {at}: {reason}");
    ErrorInfo::new(ErrorKind::Source, what, "It may have changed, moved or been deleted since it was opened: open it again.")
}

/// Gives back a buffer's memory now. The collector, which sees a few small handles, would let hundreds of megabytes wait.
pub fn release(bytes: &Uint8Array) {
    let buffer = bytes.buffer();
    if let Ok(transfer) = js_sys::Reflect::get(&buffer, &"transfer".into()).and_then(JsCast::dyn_into::<js_sys::Function>) {
        // Where the browser has no such method, or will not, the collector does it.
        let _ = transfer.call1(&buffer, &JsValue::from(0));
    }
}

/// Bytes of this worker's wasm memory.
pub fn memory_bytes() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    u64::from(memory.buffer().unchecked_into::<ArrayBuffer>().byte_length())
}
