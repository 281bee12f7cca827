//! What lies at an address: how large it is, and whether parts of it can be had. What follows the question mark of an address
//! may be a key to it, so no word of ours says it.

use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Blob, File, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    RequestMode, Response, Url,
};

/// Bytes of a file that is kept whole, where the server gives no parts.
const MOST_BYTES: u64 = 1 << 30;
/// Bytes that are gathered before the browser puts them where it keeps files.
const PART_BYTES: u64 = 8 << 20;
const MIB: f64 = 1_048_576.0;

/// A file at an address.
pub struct Found {
    pub name: String,
    pub size: u64,
    /// A `File`, or an object that says where parts of it are to be had; for the workers.
    pub handle: JsValue,
    /// It was fetched whole, since the server gives no parts.
    pub is_whole: bool,
}

/// Asks a server for a file. `told`: hears how far it is, where all of it must be fetched first.
///
/// # Errors
/// [`ErrorKind::Usage`] for what is no address that can be read from, [`ErrorKind::Source`] where the server does not give the
/// file to this page, [`ErrorKind::Limit`] where it gives no parts of a file that is too large to keep.
pub async fn find(address: &str, told: impl Fn(String)) -> Result<Found, ErrorInfo> {
    let Address { url, name } = Address::parse(address)?;
    let whole = |response| async { fetch_whole(response, &name, &told).await };
    let Ok(first) = fetch(&url, Some("bytes=0-0"), None).await else {
        // A server may let other pages read, but not ask for parts.
        return match fetch(&url, None, None).await {
            Ok(response) if response.ok() => whole(response).await,
            Ok(response) => Err(refused(response.status())),
            Err(_) => Err(unanswered(&url).await),
        };
    };
    let header = |name: &str| first.headers().get(name).ok().flatten().unwrap_or_default();
    match first.status() {
        206 => {}
        // There is no first byte in an empty file.
        416 => return whole(fetch(&url, None, None).await.map_err(|_| broken_off(0))?).await,
        200 => return whole(first).await,
        status => return Err(refused(status)),
    }
    // A part of what is compressed on its way cannot be read.
    let byte = async { JsFuture::from(first.array_buffer().ok()?).await.ok().map(|body| Uint8Array::new(&body).length()) };
    let size = match byte.await {
        Some(1) => match header("Content-Range").rsplit_once('/').and_then(|(_, size)| size.parse().ok()) {
            Some(size) => Some(size),
            None => length_of(&url).await,
        },
        _ => None,
    };
    let Some(size) = size else {
        return whole(fetch(&url, None, None).await.map_err(|_| broken_off(0))?).await;
    };
    let handle = Object::new();
    let members: [(&str, JsValue); 6] = [
        ("address", url.into()),
        ("from", 0.into()),
        ("to", (size as f64).into()),
        ("size", (size as f64).into()),
        ("tag", header("ETag").into()),
        ("modified", header("Last-Modified").into()),
    ];
    for (member, value) in &members {
        // Setting a member of a fresh plain object cannot fail.
        let _ = Reflect::set(&handle, &(*member).into(), value);
    }
    Ok(Found { name: name.clone(), size, handle: handle.into(), is_whole: false })
}

struct Address {
    url: String,
    name: String,
}

impl Address {
    fn parse(text: &str) -> Result<Self, ErrorInfo> {
        let usage = |what: &str, hint: &str| ErrorInfo::new(ErrorKind::Usage, what, hint);
        let text = text.trim();
        let Ok(url) = Url::new(text) else {
            return Err(usage("this is not an address", "An address begins with https:// and names a host and a file."));
        };
        let is_local = ["localhost", "127.0.0.1"].contains(&url.hostname().as_str());
        match url.protocol().as_str() {
            "https:" => {}
            "http:" if is_local => {}
            "http:" => return Err(usage("only https addresses can be read from here", "Most hosts answer to https:// too.")),
            "s3:" | "gs:" | "abfs:" | "abfss:" | "wasbs:" | "az:" => {
                let hint = "Have the store make a link for it (a pre-signed link, a signed URL, a link with a SAS token), and open that.";
                return Err(usage("a store's own address needs its keys, which this page does not take", hint));
            }
            _ => return Err(usage("this kind of address cannot be read from", "Give one that begins with https://.")),
        }
        if !url.username().is_empty() || !url.password().is_empty() {
            return Err(usage("the address holds a name and a password, which a browser does not send", "Give a link that needs neither."));
        }
        url.set_hash("");
        let path = url.pathname();
        let last = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
        let decoded = js_sys::decode_uri_component(last).map_or_else(|_| last.to_owned(), String::from);
        let name = if decoded.is_empty() { url.hostname() } else { decoded };
        Ok(Self { url: url.href(), name })
    }
}

async fn fetch(url: &str, range: Option<&str>, abort: Option<&AbortController>) -> Result<Response, JsValue> {
    let options = RequestInit::new();
    options.set_mode(RequestMode::Cors);
    options.set_cache(RequestCache::NoStore);
    options.set_credentials(RequestCredentials::Omit);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    if let Some(range) = range {
        let headers = Headers::new()?;
        headers.set("Range", range)?;
        options.set_headers(&headers);
    }
    options.set_signal(abort.map(AbortController::signal).as_ref());
    JsFuture::from(window().fetch_with_str_and_init(url, &options)).await?.dyn_into()
}

/// The length of a file whose server hides it in answers with a part: that of the part from its first byte on, which is not
/// taken. Without a range it would be that of what is compressed on its way.
async fn length_of(url: &str) -> Option<u64> {
    let abort = AbortController::new().ok()?;
    let response = fetch(url, Some("bytes=0-"), Some(&abort)).await.ok().filter(|response| response.status() == 206)?;
    let length = response.headers().get("Content-Length").ok().flatten();
    abort.abort();
    length?.parse().ok()
}

/// Takes a whole file into the browser's keeping.
async fn fetch_whole(response: Response, name: &str, told: &impl Fn(String)) -> Result<Found, ErrorInfo> {
    if !response.ok() {
        return Err(refused(response.status()));
    }
    let parts = Array::new();
    let (mut gathered, mut waiting, mut size) = (Array::new(), 0, 0_u64);
    let part = |gathered: &Array| Blob::new_with_u8_array_sequence(gathered).map_err(|_| broken_off(0));
    if let Some(body) = response.body() {
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        loop {
            let read = JsFuture::from(reader.read()).await.map_err(|_| broken_off(size))?;
            let Ok(chunk) = Reflect::get(&read, &"value".into()).unwrap_or_default().dyn_into::<Uint8Array>() else { break };
            size += u64::from(chunk.length());
            if size > MOST_BYTES {
                let _ = reader.cancel();
                let what =
                    format!("the server gives no parts of this file, and it has more than {} MiB, which is kept at most", MOST_BYTES >> 20);
                return Err(ErrorInfo::new(ErrorKind::Limit, what, "Download it, and open it from this machine."));
            }
            waiting += u64::from(chunk.length());
            gathered.push(&chunk);
            if waiting >= PART_BYTES {
                parts.push(&part(&gathered)?.into());
                (gathered, waiting) = (Array::new(), 0);
            }
            told(format!("The server gives no parts of {name}: all of it is fetched first, {:.0} MiB so far", size as f64 / MIB));
        }
    }
    parts.push(&part(&gathered)?.into());
    let file = File::new_with_blob_sequence(&parts, name).map_err(|_| broken_off(size))?;
    Ok(Found { name: name.to_owned(), size, handle: file.into(), is_whole: true })
}

fn source(what: String, hint: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Source, what, hint)
}

fn broken_off(at: u64) -> ErrorInfo {
    source(format!("the connection broke off after {at} bytes of the file"), "Open the address again.")
}

fn refused(status: u16) -> ErrorInfo {
    match status {
        401 | 403 => {
            let hint = "A link with a signature expires: make a new one. A file of a store must be public, or have such a link.";
            source(format!("the server does not give out this file (HTTP status {status})"), hint)
        }
        404 | 410 => source(format!("there is no file at this address (HTTP status {status})"), "Look at the address again."),
        400..500 => {
            source(format!("the server refused the request (HTTP status {status})"), "Look at the address again, or make a new link.")
        }
        _ => source(format!("the server could not answer (HTTP status {status})"), "Try again later."),
    }
}

/// Why nothing came: the browser tells a page only by whether it may send at all.
async fn unanswered(url: &str) -> ErrorInfo {
    let options = RequestInit::new();
    options.set_method("HEAD");
    options.set_mode(RequestMode::NoCors);
    options.set_cache(RequestCache::NoStore);
    options.set_credentials(RequestCredentials::Omit);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    if JsFuture::from(window().fetch_with_str_and_init(url, &options)).await.is_ok() {
        let what = "the server answers, but does not let other pages read from it (CORS)".to_owned();
        let hint = "Who runs it can allow GET from this page's origin, in a bucket's CORS settings. Else download the file, and open it from this machine.";
        return source(what, hint);
    }
    source("no server answered at this address".to_owned(), "Look at the address, and whether the network is there.")
}
