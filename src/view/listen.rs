//! What the page hears wherever the pointer is: drops, pastes, chosen files, keys.

use std::time::Duration;

use js_sys::{Array, Reflect};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use crate::browser::{self, Clipping};
use crate::state::App;

/// How long the status line stays.
const NOTICE: Duration = Duration::from_secs(6);

/// Starts listening; the signal tells whether files are held over the page.
pub fn start(app: App) -> RwSignal<bool> {
    let over = RwSignal::new(false);
    keys(app);
    if app.addresses.only {
        refuse_drops(app);
    } else {
        drops(app, over);
        pastes(app);
        chosen(app, "file");
        chosen(app, "folder");
        early(app);
    }
    let clear = leptos::leptos_dom::helpers::debounce(NOTICE, move |()| app.notice.set(String::new()));
    let clear = StoredValue::new_local(clear);
    Effect::new(move |_| {
        if !app.notice.read().is_empty() {
            clear.update_value(|clear| clear(()));
        }
    });
    over
}

/// Whether the window has room for the panel beside the grid.
pub fn is_wide() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width >= 1180.0)
}

fn drops(app: App, over: RwSignal<bool>) {
    let has_files = |event: &web_sys::DragEvent| event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0));
    window_event_listener(ev::dragover, move |event| {
        if has_files(&event) {
            event.prevent_default();
            if let Some(data) = event.data_transfer() {
                data.set_drop_effect("copy");
            }
            if !over.get_untracked() {
                over.set(true);
            }
        }
    });
    window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    window_event_listener(ev::drop, move |event| {
        over.set(false);
        if let Some(data) = event.data_transfer().filter(|_| has_files(&event)) {
            event.prevent_default();
            app.open_dropped(&data);
        }
    });
}

/// What is dropped on the page for addresses stays closed, and the browser does not open it in the page's place.
fn refuse_drops(app: App) {
    window_event_listener(ev::dragover, |event| event.prevent_default());
    window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        app.say("This page opens no files: those of this machine are opened by the other page.");
    });
}

fn pastes(app: App) {
    window_event_listener(ev::paste, move |event| {
        if in_field(&event) {
            return;
        }
        let Some(data) = event.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data) else { return };
        let of_type = |kind: &str| data.get_data(kind).unwrap_or_default();
        app.open_clipping(Clipping { html: of_type("text/html"), text: of_type("text/plain"), files: browser::files_in(data.files()) });
        event.prevent_default();
    });
}

fn keys(app: App) {
    window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            app.overlay.close();
            return;
        }
        if in_field(&event) || !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
            return;
        }
        match (event.key().to_ascii_lowercase().as_str(), event.shift_key()) {
            ("z", false) => app.step(false),
            ("z", true) | ("y", false) => app.step(true),
            ("s", false) => app.save(),
            _ => return,
        }
        event.prevent_default();
    });
}

/// Whether an event is for a text field, which has its own undo and paste.
fn in_field(event: &web_sys::Event) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return false };
    element.matches("input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select").unwrap_or(false)
}

fn chosen(app: App, id: &str) {
    let Some(input) = document().get_element_by_id(id).and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
    let field = input.clone();
    let take = Closure::<dyn Fn()>::new(move || {
        let files = browser::files_in(field.files());
        // The same file chosen again is a change too.
        field.set_value("");
        if !files.is_empty() {
            app.open_chosen(files);
        }
    });
    let _ = input.add_event_listener_with_callback("change", take.as_ref().unchecked_ref());
    take.forget();
}

/// Files given before this program had arrived, kept by the start script.
fn early(app: App) {
    let Ok(start) = Reflect::get(&window(), &"colonnade".into()) else { return };
    let _ = Reflect::set(&start, &"mounted".into(), &JsValue::TRUE);
    let Some(kept) = Reflect::get(&start, &"early".into()).ok().and_then(|early| early.dyn_into::<Array>().ok()) else { return };
    let files: Vec<web_sys::File> = kept.iter().filter_map(|file| file.dyn_into().ok()).collect();
    kept.set_length(0);
    if !files.is_empty() {
        app.open_chosen(files);
    }
}
