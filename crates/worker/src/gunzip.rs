//! gzip by the browser's own `DecompressionStream`, which is native code (1 GB inflated in 3.5 s). It knows one member only,
//! and not where a stream is broken: what it refuses is read again by ours.

use std::cell::Cell;
use std::rc::Rc;

use colonnade_engine::Result;
use colonnade_engine::source::Source;
use colonnade_engine::unpack::{Budget, Codec, Member, Step};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStream, ReadableStreamDefaultReader, WritableStream, WritableStreamDefaultWriter};

use crate::file::{FileSource, Stream, release};

/// Packed bytes handed over at once. All that comes out of them is held until it is asked for: gzip gives at most 1,032
/// bytes for one, 17 MB for these.
const FED: u32 = 16 << 10;

/// A gzip file being unpacked, a buffer at a time.
pub struct Gunzip {
    reader: ReadableStreamDefaultReader,
    /// A piece that the last buffer had no room for, and how much of it was taken.
    rest: Option<(Uint8Array, u32)>,
    at: Rc<Cell<u64>>,
    packed: u64,
    out: u64,
}

#[wasm_bindgen]
extern "C" {
    /// What web-sys counts among the unstable.
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> std::result::Result<DecompressionStream, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn readable(this: &DecompressionStream) -> ReadableStream;
    #[wasm_bindgen(method, getter)]
    fn writable(this: &DecompressionStream) -> WritableStream;
}

impl Gunzip {
    /// Begins a member of the source; `None` where it is of another codec, or the browser has no such stream.
    pub fn new(source: &FileSource, member: &Member) -> Option<Self> {
        if member.codec != Codec::Gzip || member.packed != (0..source.len()) {
            return None;
        }
        let inflater = DecompressionStream::new("gzip").ok()?;
        let writer = inflater.writable().get_writer().ok()?;
        let input = source.stream(member.packed.clone()).ok()?;
        let at = Rc::new(Cell::new(0));
        spawn_local(feed(input, writer, Rc::clone(&at)));
        let reader = inflater.readable().get_reader().unchecked_into();
        Some(Self { reader, rest: None, at, packed: source.len(), out: 0 })
    }

    /// How far the source is read.
    pub fn at(&self) -> u64 {
        self.at.get()
    }

    /// Fills the buffer with what comes next; `None` where the browser does not read this to its end.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`](colonnade_protocol::ErrorKind) where the budget is spent.
    pub async fn step(&mut self, buffer: &mut [u8], budget: &mut Budget) -> Result<Option<Step>> {
        let (mut filled, emptied) = (0, Array::new());
        while filled < buffer.len() {
            let (piece, taken) = match self.rest.take() {
                Some(rest) => rest,
                None => match self.next_piece().await {
                    Ok(Some(piece)) => (piece, 0),
                    Ok(None) if filled > 0 => break,
                    Ok(None) => return Ok(Some(Step::End)),
                    Err(_) => return Ok(None),
                },
            };
            let count = (piece.length() - taken).min((buffer.len() - filled) as u32);
            piece.subarray(taken, taken + count).copy_to(&mut buffer[filled..filled + count as usize]);
            filled += count as usize;
            if taken + count < piece.length() {
                self.rest = Some((piece, taken + count));
            } else {
                emptied.push(&piece.buffer());
            }
        }
        release(&emptied);
        self.out += filled as u64;
        budget.spend(filled as u64, self.out, self.packed, self.at.get())?;
        Ok(Some(Step::Bytes(filled)))
    }

    async fn next_piece(&self) -> std::result::Result<Option<Uint8Array>, JsValue> {
        let read = JsFuture::from(self.reader.read()).await?;
        let is_done = Reflect::get(&read, &"done".into())?.is_truthy();
        // A piece of another kind is an error: taken for the end, it would cut the file in silence.
        if is_done { Ok(None) } else { Reflect::get(&read, &"value".into())?.dyn_into().map(Some) }
    }
}

impl Drop for Gunzip {
    fn drop(&mut self) {
        // Ends the feeding too: its next write fails. Of a stream that has failed itself this fails, and nobody need hear of it.
        let cancelled = JsFuture::from(self.reader.cancel());
        spawn_local(async move { drop(cancelled.await) });
    }
}

/// Hands the packed bytes over as fast as they are taken. What fails is heard by the reading side.
async fn feed(mut input: Stream, writer: WritableStreamDefaultWriter, at: Rc<Cell<u64>>) {
    let fed = async {
        loop {
            let bytes = input.next().await.map_err(|error| JsValue::from_str(&error.what))?;
            if bytes.length() == 0 {
                return JsFuture::from(writer.close()).await;
            }
            for from in (0..bytes.length()).step_by(FED as usize) {
                let piece = bytes.subarray(from, from.saturating_add(FED).min(bytes.length()));
                JsFuture::from(writer.write_with_chunk(&piece)).await?;
                at.set(at.get() + u64::from(piece.length()));
            }
            input.recycle(&bytes);
        }
    };
    if let Err(error) = fed.await {
        let _ = JsFuture::from(writer.abort_with_reason(&error)).await;
    }
}
