//! The browser's own functions the page uses, in Rust's words: clock, address, storage, clipboard, pickers, drops.

pub mod address;
mod clipboard;

use std::pin::Pin;
use std::time::Duration;

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use leptos::prelude::{document, request_animation_frame, set_timeout, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

pub use clipboard::{Clipping, clipboard};

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Does something once so many frames have been painted; never in a page that paints none.
pub fn painted(frames: u8, then: impl FnOnce() + 'static) {
    behind(frames, Box::new(then));
}

/// A timer that is set within a frame runs behind it.
fn behind(frames: u8, then: Box<dyn FnOnce()>) {
    request_animation_frame(move || {
        let next = move || if frames > 1 { behind(frames - 1, then) } else { then() };
        set_timeout(next, Duration::ZERO);
    });
}

/// The address' fragment, with its `#`.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The page's address with another fragment.
pub fn address_with_fragment(fragment: &str) -> String {
    let address = window().location().href().unwrap_or_default();
    let page = address.split('#').next().unwrap_or_default();
    if fragment.is_empty() { page.to_owned() } else { format!("{page}#{fragment}") }
}

/// Whether this is the page for data at addresses: its policy lets it speak to other hosts, so it opens no local file.
pub fn is_remote() -> bool {
    document().document_element().is_some_and(|root| root.get_attribute("data-page").as_deref() == Some("remote"))
}

/// A value kept from an earlier visit; `None` also where the browser keeps none.
pub fn kept(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a value for the next visit, or drops it.
pub fn keep(name: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

/// The content policy in force, as the page's head states it.
pub fn policy() -> String {
    let meta = document().query_selector("meta[http-equiv='Content-Security-Policy']").ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

/// Addresses of everything the page asked the network for since it was opened.
pub fn requests() -> Vec<String> {
    let Some(performance) = window().performance() else { return Vec::new() };
    performance
        .get_entries_by_type("resource")
        .iter()
        .filter_map(|entry| entry.dyn_into::<web_sys::PerformanceEntry>().ok())
        .map(|entry| entry.name())
        .collect()
}

/// A file of these bytes.
pub fn file(name: &str, bytes: &[u8]) -> Option<File> {
    File::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)), name).ok()
}

/// Puts a text on the clipboard; whether that went well.
pub fn copy(text: &str) -> impl Future<Output = bool> + use<> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok();
    let promise = clipboard.and_then(|c| c.dyn_into::<web_sys::Clipboard>().ok()).map(|clipboard| clipboard.write_text(text));
    async move {
        match promise {
            Some(promise) => JsFuture::from(promise).await.is_ok(),
            None => false,
        }
    }
}

/// Whether the browser can ask for a file or folder to write to.
pub fn has_pickers() -> bool {
    ["showSaveFilePicker", "showDirectoryPicker"].iter().all(|name| Reflect::has(&window(), &(*name).into()).unwrap_or(false))
}

/// A handle that is being picked; the error is what to tell a person.
pub type Picked = Pin<Box<dyn Future<Output = Result<JsValue, String>>>>;

/// Opens the picker for a file to write, at once; the handle comes later.
pub fn pick_file(suggested: &str) -> Picked {
    let options = js_sys::Object::new();
    let _ = Reflect::set(&options, &"suggestedName".into(), &suggested.into());
    Box::pin(picked(call_picker("showSaveFilePicker", &options)))
}

/// Opens the picker for a folder to write into, at once; the handle comes later.
pub fn pick_folder() -> Picked {
    let options = js_sys::Object::new();
    let _ = Reflect::set(&options, &"mode".into(), &"readwrite".into());
    Box::pin(picked(call_picker("showDirectoryPicker", &options)))
}

fn call_picker(name: &str, options: &JsValue) -> Result<Promise, JsValue> {
    let window = window();
    let picker = Reflect::get(&window, &name.into())?.dyn_into::<Function>()?;
    picker.call1(&window, options)?.dyn_into::<Promise>()
}

async fn picked(promise: Result<Promise, JsValue>) -> Result<JsValue, String> {
    let result = match promise {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    result.map_err(|error| match Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string()).as_deref() {
        Some("AbortError") => "Nothing was saved: no target was chosen.".to_owned(),
        _ => format!("The browser did not open that target: {}", said(&error)),
    })
}

/// What a JavaScript error says.
pub fn said(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "no reason given".to_owned())
}

/// What was dropped. Must be read within the drop event; entries may be folders.
pub fn dropped(transfer: &DataTransfer) -> Vec<Dropped> {
    let items = transfer.items();
    let from_items: Vec<Dropped> = (0..items.length())
        .filter_map(|i| items.get(i))
        .filter(|item| item.kind() == "file")
        .filter_map(|item| match item.webkit_get_as_entry() {
            Ok(Some(entry)) if entry.is_directory() => Some(Dropped::Folder(entry.unchecked_into())),
            _ => item.get_as_file().ok().flatten().map(Dropped::File),
        })
        .collect();
    if from_items.is_empty() { files_in(transfer.files()).into_iter().map(Dropped::File).collect() } else { from_items }
}

/// A file or folder that was dropped.
pub enum Dropped {
    File(File),
    Folder(FileSystemDirectoryEntry),
}

/// The files of a list.
pub fn files_in(list: Option<web_sys::FileList>) -> Vec<File> {
    list.map_or_else(Vec::new, |list| (0..list.length()).filter_map(|i| list.item(i)).collect())
}

/// The path of a file within the folder that it was chosen or dropped in, that folder's name before it; else its name.
pub fn path_of(file: &File) -> String {
    let of = |name: &str| Reflect::get(file, &name.into()).ok().and_then(|path| path.as_string()).filter(|path| !path.is_empty());
    of(PATH).or_else(|| of("webkitRelativePath")).unwrap_or_else(|| file.name())
}

/// Whether a file or folder is left out of a folder, as Spark does: what is hidden (`.x`), checksums, and what begins with `_`
/// and is no partition.
pub fn is_skipped(path: &str) -> bool {
    let is_left_out = |name: &str| name.starts_with('.') || name.starts_with('_') && !name.contains('=') || name.ends_with(".crc");
    path.split('/').skip(1).any(is_left_out)
}

/// Where a dropped file's path is kept: the browser tells it of chosen files only.
const PATH: &str = "colonnadePath";

/// All files dropped, those in folders of any depth included, in the order of their paths; and the paths that were skipped.
pub async fn files_of(dropped: Vec<Dropped>) -> (Vec<File>, Vec<String>) {
    let mut files = Vec::new();
    let mut folders = Vec::new();
    let (mut skipped, mut found) = (Vec::new(), Vec::new());
    for item in dropped {
        match item {
            Dropped::File(file) => files.push(file),
            Dropped::Folder(folder) => folders.push(folder),
        }
    }
    while let Some(folder) = folders.pop() {
        for entry in entries_of(&folder).await {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            if is_skipped(&path) {
                skipped.push(path);
            } else if entry.is_directory() {
                folders.push(entry.unchecked_into());
            } else if let Some(file) = file_of(entry.unchecked_into()).await {
                let _ = Reflect::set(&file, &PATH.into(), &path.as_str().into());
                found.push((path, file));
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    files.extend(found.into_iter().map(|(_, file)| file));
    (files, skipped)
}

/// A folder's reader gives its entries in batches, the last one empty.
async fn entries_of(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        let batch = Promise::new(&mut |resolve, reject| {
            let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
        });
        let Ok(batch) = JsFuture::from(batch).await else { break };
        let batch: Array = batch.unchecked_into();
        if batch.length() == 0 {
            break;
        }
        entries.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
    entries
}

async fn file_of(entry: FileSystemFileEntry) -> Option<File> {
    let file = Promise::new(&mut |resolve, reject| entry.file_with_callback_and_callback(&resolve, &reject));
    JsFuture::from(file).await.ok()?.dyn_into().ok()
}

/// Requests since the page was opened, sorted by whether they fetched the program.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Requests {
    pub program: usize,
    pub other: Vec<String>,
}

/// Sorts the page's requests by the program's own list of files. Where the list cannot be had, all but it are "other".
pub async fn sorted_requests() -> Requests {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let base = base.split(['#', '?']).next().unwrap_or_default().rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let list = program_files().await.unwrap_or_default();
    let is_program = |address: &String| match address.split(['#', '?']).next().unwrap_or_default().strip_prefix(&base) {
        Some(path) => path.is_empty() || path == "program.json" || list.iter().any(|file| file == path),
        None => address.starts_with("blob:"),
    };
    let (program, other): (Vec<_>, Vec<_>) = requests().into_iter().partition(is_program);
    // What stands behind the question mark may be a key.
    let shown = |address: String| address.split(['?', '#']).next().unwrap_or_default().to_owned();
    Requests { program: program.len(), other: other.into_iter().map(shown).collect() }
}

async fn program_files() -> Option<Vec<String>> {
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str("program.json")).await.ok()?.dyn_into().ok()?;
    let list = JsFuture::from(response.json().ok()?).await.ok()?;
    let files: Array = Reflect::get(&list, &"files".into()).ok()?.dyn_into().ok()?;
    Some(files.iter().filter_map(|file| Reflect::get(&file, &"path".into()).ok()?.as_string()).collect())
}
