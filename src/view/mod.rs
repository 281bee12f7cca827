//! What shows the page's state. Nothing here changes it but through [`App`](crate::state::App).

mod address;
mod alert;
mod borders;
mod centre;
mod dialog;
mod foot;
mod grid;
mod header;
mod icon;
mod landing;
mod later;
mod listen;
mod option_control;
mod panel;
mod raw;
mod receipt;
pub mod recovery;
mod root;
mod sentence;
mod tables;
mod type_chip;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Puts the page in place of the static shell.
pub fn mount() {
    let Some(app) = document().get_element_by_id("app").and_then(|app| app.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    app.set_text_content(None);
    mount_to(app, root::Root).forget();
}

/// The text in the field that an event is for.
fn input_value(event: &web_sys::Event) -> String {
    let target = event.target();
    let field = target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlInputElement>()).map(web_sys::HtmlInputElement::value);
    let choice =
        || target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlSelectElement>()).map(web_sys::HtmlSelectElement::value);
    field.or_else(choice).unwrap_or_default()
}

/// Moves the focus to an element.
fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
