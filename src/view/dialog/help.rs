//! The keys.

use leptos::prelude::*;

const KEYS: [(&str, &str); 10] = [
    ("Arrows", "move over the cells"),
    ("Page Up, Page Down", "a page of rows"),
    ("Home, End", "first, last column"),
    ("Ctrl Home, Ctrl End", "first, last cell of the file"),
    ("Ctrl C", "copy the cell's whole value"),
    ("Ctrl Z", "undo a change"),
    ("Ctrl Shift Z", "redo it"),
    ("Ctrl S", "save"),
    ("Ctrl V", "open what is on the clipboard"),
    ("Esc", "close a dialog"),
];

/// The dialog's content.
#[component]
pub fn HelpBody() -> impl IntoView {
    let keys = KEYS.map(|(key, what)| view! { <dt><kbd>{key}</kbd></dt><dd>{what}</dd> });
    view! {
        <dl class="facts keys" tabindex="0">{keys.collect_view()}</dl>
        <p>"Every underlined word above the grid is a control. A column's name and type open what is known of it."</p>
    }
}
