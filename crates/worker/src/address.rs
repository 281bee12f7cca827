//! A file at an address, read in parts (RFC 9110, 14): only the remote page's workers may, by their policy.
//!
//! What a reader asks for at once is had by a synchronous request, since formats read synchronously; what is read in order
//! comes by `fetch`, a block ahead. Every answer is held against what the first one said of the file, so that one that changes
//! meanwhile is noticed. That is not asked of the server (`If-Range`): few allow other pages such a header.
//!
//! Memory: [`MOST_KEPT`] bytes of what small reads asked for, and two blocks a stream.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use colonnade_engine::Result;
use colonnade_engine::sample::{SLICE_BYTES, slice_starts};
use colonnade_engine::source::{SharedSource, Source};
use colonnade_engine::unit::READ_BYTES;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{Array, ArrayBuffer, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{
    DedicatedWorkerGlobalScope, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, Response, XmlHttpRequest,
    XmlHttpRequestResponseType,
};

/// Bytes asked for where fewer are wanted; twice as many each time that reading goes on where it ended.
const LEAST: u64 = 64 << 10;
/// Bytes at the start that a first look takes: what is detected by, and the first rows.
const HEAD: u64 = 256 << 10;
/// Bytes of one request at most while a worker waits for it, deaf to all else.
const WAITED_FOR: u64 = 1 << 20;
/// Bytes of one request of a stream.
const BLOCK: u64 = 4 << 20;
/// Bytes that are kept of what was asked for.
const MOST_KEPT: usize = 16 << 20;
/// Tries of a request that was not answered.
const TRIES: u32 = 3;
/// Milliseconds before another try.
const PAUSE: i32 = 400;

/// A part of a file at an address.
#[derive(Clone)]
pub struct AddressSource {
    address: String,
    /// The part.
    from: u64,
    to: u64,
    known: Known,
    kept: Arc<Mutex<VecDeque<Kept>>>,
    looked_at: Arc<AtomicBool>,
}

/// What the first answer said of the file; empty where the server does not let pages see it.
#[derive(Clone, Default)]
struct Known {
    size: u64,
    tag: String,
    modified: String,
}

struct Kept {
    start: u64,
    bytes: Vec<u8>,
}

impl AddressSource {
    /// Of a handle that is no Blob: `{ address, from, to, size, tag, modified }`.
    pub fn new(handle: &JsValue) -> Self {
        let member = |name: &str| Reflect::get(handle, &name.into()).unwrap_or_default();
        let number = |name: &str| member(name).as_f64().unwrap_or_default() as u64;
        let text = |name: &str| member(name).as_string().unwrap_or_default();
        let known = Known { size: number("size"), tag: text("tag"), modified: text("modified") };
        Self { address: text("address"), from: number("from"), to: number("to"), known, kept: Arc::default(), looked_at: Arc::default() }
    }

    /// Reads on from an offset, in order.
    pub fn stream(&self, from: u64) -> RangeStream {
        let mut stream = RangeStream { source: self.clone(), asked: from, pending: None, block: Uint8Array::default() };
        stream.ask();
        stream
    }

    /// Whether a first look is still to come; true once.
    pub fn is_new(&self) -> bool {
        !self.looked_at.swap(true, Ordering::Relaxed)
    }

    /// Fetches, all at once, what a first look asks for: one after the other each would cost a way to the server and back. What
    /// does not come is asked for again by who needs it.
    pub async fn look_ahead(&self) {
        let tail = self.len().saturating_sub(LEAST)..self.len();
        let slices = slice_starts(self.len()).map(|start| start..start + SLICE_BYTES as u64);
        let ranges = std::iter::once(0..HEAD).chain(slices).chain([tail]).map(|range| range.start..range.end.min(self.len()));
        let mut asked = Vec::new();
        let mut done = 0;
        for range in ranges {
            let start = range.start.max(done);
            if start < range.end {
                asked.push((start, JsFuture::from(self.promise(start, range.end))));
                done = range.end;
            }
        }
        for (start, coming) in asked {
            if let Ok(bytes) = coming.await {
                self.put(start, bytes.unchecked_into::<Uint8Array>().to_vec());
            }
        }
    }

    /// Bytes `start..end` of the part, on their way.
    fn promise(&self, start: u64, end: u64) -> Promise {
        let source = self.clone();
        future_to_promise(async move {
            let bytes = source.fetch(start, end).await;
            bytes.map(JsValue::from).map_err(|error| Array::of2(&error.what.into(), &error.hint.into()).into())
        })
    }

    fn put(&self, start: u64, bytes: Vec<u8>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Kept { start, bytes });
        while kept.len() > 1 && kept.iter().map(|kept| kept.bytes.len()).sum::<usize>() > MOST_KEPT {
            kept.pop_front();
        }
    }

    /// Bytes `start..end` of the part, asked for while this worker waits.
    fn read(&self, start: u64, end: u64) -> Result<Vec<u8>> {
        let mut error = None;
        for _ in 0..TRIES {
            let request = XmlHttpRequest::new().map_err(|_| unanswered(start))?;
            let sent = request
                .open_with_async("GET", &self.address, false)
                .and_then(|()| request.set_request_header("Range", &self.range(start, end)))
                .map(|()| request.set_response_type(XmlHttpRequestResponseType::Arraybuffer))
                .and_then(|()| request.send());
            if sent.is_err() {
                error = Some(unanswered(start));
                continue;
            }
            let header = |name: &str| request.get_response_header(name).ok().flatten().unwrap_or_default();
            let buffer =
                request.response().ok().and_then(|body| body.dyn_into::<ArrayBuffer>().ok()).unwrap_or_else(|| ArrayBuffer::new(0));
            let bytes = Uint8Array::new(&buffer);
            self.check(request.status().unwrap_or_default(), header, start..end, u64::from(bytes.length()))?;
            return Ok(bytes.to_vec());
        }
        Err(error.unwrap_or_else(|| unanswered(start)))
    }

    /// The same without waiting.
    async fn fetch(&self, start: u64, end: u64) -> Result<Uint8Array> {
        let mut error = None;
        for again in 0..TRIES {
            if again > 0 {
                pause().await;
            }
            match self.fetch_once(start, end).await {
                Ok((response, bytes)) => {
                    let header = |name: &str| response.headers().get(name).ok().flatten().unwrap_or_default();
                    self.check(response.status(), header, start..end, u64::from(bytes.length()))?;
                    return Ok(bytes);
                }
                Err(_) => error = Some(unanswered(start)),
            }
        }
        Err(error.unwrap_or_else(|| unanswered(start)))
    }

    async fn fetch_once(&self, start: u64, end: u64) -> std::result::Result<(Response, Uint8Array), JsValue> {
        let options = RequestInit::new();
        options.set_cache(RequestCache::NoStore);
        options.set_credentials(RequestCredentials::Omit);
        options.set_referrer_policy(ReferrerPolicy::NoReferrer);
        let headers = Headers::new()?;
        headers.set("Range", &self.range(start, end))?;
        options.set_headers(&headers);
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let response: Response = JsFuture::from(scope.fetch_with_str_and_init(&self.address, &options)).await?.unchecked_into();
        // What is no part of the file may be all of it.
        let buffer = if response.status() == 206 { JsFuture::from(response.array_buffer()?).await? } else { ArrayBuffer::new(0).into() };
        Ok((response, Uint8Array::new(&buffer)))
    }

    fn range(&self, start: u64, end: u64) -> String {
        format!("bytes={}-{}", self.from + start, self.from + end - 1)
    }

    /// Whether an answer is this part of the same file.
    fn check(&self, status: u16, header: impl Fn(&str) -> String, range: std::ops::Range<u64>, got: u64) -> Result<()> {
        let refuse = |what: String, hint: &str| Err(ErrorInfo::new(ErrorKind::Source, what, hint));
        match status {
            206 => {}
            200 => {
                let what = "the server gave the whole file in place of a part of it";
                return refuse(what.to_owned(), "It may be another server than before: open the address again.");
            }
            401 | 403 | 404 | 410 => {
                let what = format!("the server refused a part of the file (HTTP status {status})");
                return refuse(what, "The link may have expired meanwhile: make a new one, and open that.");
            }
            412 | 416 => return Err(changed()),
            _ => {
                let what = format!("the server gave no part of the file (HTTP status {status})");
                return refuse(what, "It may be busy: open the address again.");
            }
        }
        let differs = |name: &str, known: &str| {
            let now = header(name);
            !known.is_empty() && !now.is_empty() && now != known
        };
        // Where another page may not see it, there is nothing to compare.
        let (first, size) = content_range(&header("Content-Range"));
        if differs("ETag", &self.known.tag)
            || differs("Last-Modified", &self.known.modified)
            || size.is_some_and(|size| size != self.known.size)
        {
            return Err(changed());
        }
        if first.is_some_and(|first| first != self.from + range.start) {
            let what = format!("the server gave another part of the file than byte {} on", self.from + range.start);
            return refuse(what, "It does not do what it says: download the file, and open it from this machine.");
        }
        let wanted = range.end - range.start;
        if got != wanted {
            let what = format!("the server gave {got} bytes of {wanted} at byte {}", self.from + range.start);
            return refuse(what, "The file may have been cut, or the connection broke off: open the address again.");
        }
        Ok(())
    }

    /// Bytes from `offset` on that are kept.
    fn kept_from(&self, offset: u64, buffer: &mut [u8]) -> Option<usize> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().rev().find(|kept| (kept.start..kept.start + kept.bytes.len() as u64).contains(&offset))?;
        let rest = found.bytes.get((offset - found.start) as usize..)?;
        let n = rest.len().min(buffer.len());
        buffer.get_mut(..n)?.copy_from_slice(rest.get(..n)?);
        Some(n)
    }

    /// Asks for what begins at `offset`, at least `wanted` bytes of it, and keeps that.
    fn keep(&self, offset: u64, wanted: u64) -> Result<()> {
        let before = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|kept| kept.start + kept.bytes.len() as u64 == offset).map(|kept| kept.bytes.len() as u64)
        };
        let ahead = before.map_or(LEAST, |before| (2 * before).clamp(LEAST, WAITED_FOR));
        let end = (offset + wanted.max(ahead)).min(self.len());
        let bytes = self.read(offset, end)?;
        self.put(offset, bytes);
        Ok(())
    }
}

impl Source for AddressSource {
    fn len(&self) -> u64 {
        self.to - self.from
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let wanted = (buffer.len() as u64).min(self.len().saturating_sub(offset)) as usize;
        let mut filled = 0;
        while filled < wanted {
            let at = offset + filled as u64;
            let Some(rest) = buffer.get_mut(filled..wanted) else { break };
            if let Some(n) = self.kept_from(at, rest) {
                filled += n;
            } else if rest.len() as u64 > WAITED_FOR {
                // What is large is read once.
                let bytes = self.read(at, at + WAITED_FOR)?;
                rest.iter_mut().zip(&bytes).for_each(|(to, from)| *to = *from);
                filled += bytes.len();
            } else {
                self.keep(at, rest.len() as u64)?;
            }
        }
        Ok(filled)
    }

    fn share(&self) -> SharedSource {
        Arc::new(self.clone())
    }
}

/// A part of a file being read in order.
pub struct RangeStream {
    source: AddressSource,
    /// Where the next request begins.
    asked: u64,
    pending: Option<Promise>,
    /// What came and is not read yet.
    block: Uint8Array,
}

impl RangeStream {
    /// The next bytes, at most [`READ_BYTES`]; none at the end.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] where the server does not give them, or the file has changed.
    pub async fn next(&mut self) -> Result<Uint8Array> {
        if self.block.length() == 0 {
            let Some(pending) = self.pending.take() else { return Ok(Uint8Array::default()) };
            let block = JsFuture::from(pending).await.map_err(|error| postponed(&error))?;
            self.block = block.unchecked_into();
            self.ask();
        }
        let n = self.block.length().min(READ_BYTES as u32);
        let bytes = self.block.subarray(0, n);
        self.block = self.block.subarray(n, self.block.length());
        Ok(bytes)
    }

    /// Asks for the block behind those asked for.
    fn ask(&mut self) {
        let (from, to) = (self.asked, (self.asked + BLOCK).min(self.source.len()));
        if from >= to {
            return;
        }
        self.asked = to;
        self.pending = Some(self.source.promise(from, to));
    }
}

/// First byte and size of `bytes 0-9/100`, as far as they are said.
fn content_range(header: &str) -> (Option<u64>, Option<u64>) {
    let (range, size) = header.trim_start_matches("bytes").trim().split_once('/').unwrap_or_default();
    (range.split('-').next().and_then(|first| first.parse().ok()), size.parse().ok())
}

/// The error that a request was rejected with.
fn postponed(error: &JsValue) -> ErrorInfo {
    let words = |at: u32| Reflect::get_u32(error, at).ok().and_then(|words| words.as_string());
    match (words(0), words(1)) {
        (Some(what), Some(hint)) => ErrorInfo::new(ErrorKind::Source, what, hint),
        _ => unanswered(0),
    }
}

fn changed() -> ErrorInfo {
    let what = "the file at this address has changed since it was opened";
    ErrorInfo::new(ErrorKind::Source, what, "Nothing of the two versions is mixed: open the address again.")
}

fn unanswered(at: u64) -> ErrorInfo {
    // The browser's own words may name the address, and with it a signature.
    let what = format!("the server did not answer, or not to this page, at byte {at} of the file");
    ErrorInfo::new(ErrorKind::Source, what, "Look whether the network is there and the link still holds, then open the address again.")
}

async fn pause() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let later = Promise::new(&mut |resolve, _| {
        let _ = scope.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PAUSE);
    });
    // It is never rejected.
    let _ = JsFuture::from(later).await;
}
