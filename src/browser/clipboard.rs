//! What a clipboard holds: a table of a spreadsheet or a page, a text, or files.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Clipboard, File};

const HTML: &str = "text/html";
const TEXT: &str = "text/plain";

/// What was pasted, in every form that it came in.
#[derive(Debug, Default)]
pub struct Clipping {
    pub html: String,
    pub text: String,
    pub files: Vec<File>,
}

impl Clipping {
    /// The files to open: those that were copied, or one of the table or text. A spreadsheet puts a picture of its cells there
    /// too, which is not wanted.
    pub fn into_files(self) -> Vec<File> {
        let files: Vec<File> = self.files.into_iter().filter(|file| !file.type_().starts_with("image/")).collect();
        if !files.is_empty() {
            return files;
        }
        let is_table = holds_table(&self.html);
        // The text is Unicode already, whatever encoding it may declare: the mark says so.
        let (name, content) = if is_table { ("pasted table", format!("\u{feff}{}", self.html)) } else { ("pasted text", self.text) };
        super::file(name, content.as_bytes()).filter(|_| is_table || !content.is_empty()).into_iter().collect()
    }
}

/// Whether markup holds a table with more cells than rows: what is copied from a listing of lines is a text.
fn holds_table(html: &str) -> bool {
    let html = html.to_ascii_lowercase();
    let count = |tag: &str| html.matches(tag).count();
    let cells = count("<td") + count("<th") - count("<thead");
    html.contains("<table") && cells > count("<tr")
}

/// What the clipboard holds, where the browser gives it.
pub async fn clipboard() -> Option<Clipping> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?.dyn_into::<Clipboard>().ok()?;
    match items(&clipboard).await {
        Some(clipping) => Some(clipping),
        // Older browsers give the text alone.
        None => JsFuture::from(clipboard.read_text()).await.ok()?.as_string().map(|text| Clipping { text, ..Clipping::default() }),
    }
}

async fn items(clipboard: &Clipboard) -> Option<Clipping> {
    let items: Array = called(clipboard, "read", &JsValue::UNDEFINED).await?.dyn_into().ok()?;
    let mut clipping = Clipping::default();
    for item in items.iter() {
        clipping.html.push_str(&text_of(&item, HTML).await.unwrap_or_default());
        clipping.text.push_str(&text_of(&item, TEXT).await.unwrap_or_default());
    }
    Some(clipping)
}

async fn text_of(item: &JsValue, kind: &str) -> Option<String> {
    let types: Array = Reflect::get(item, &"types".into()).ok()?.dyn_into().ok()?;
    if !types.includes(&kind.into(), 0) {
        return None;
    }
    let blob: Blob = called(item, "getType", &kind.into()).await?.dyn_into().ok()?;
    JsFuture::from(blob.text()).await.ok()?.as_string()
}

/// Calls a method that gives a promise, where there is one.
async fn called(object: &JsValue, method: &str, argument: &JsValue) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let promise: Promise = method.call1(object, argument).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}
