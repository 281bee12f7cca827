//! The line on top: name, ways to open, undo and redo, the proof.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::{Icon, Sign};
use crate::state::App;
use crate::state::overlay::About;
use crate::state::theme::Theme;

/// The page's header.
#[component]
pub fn Header(panel_open: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let theme = RwSignal::new(Theme::kept());
    let steps = [false, true].map(|forth| Memo::new(move |_| app.step_label(forth)));
    let badge = if app.addresses.only { "Reads from addresses" } else { "Nothing leaves this tab" };
    let any = move || !app.tables.read().is_empty();
    view! {
        <header class="top">
            <h1 class="name"><Sign icon=Icon::Logo/>"Colonnade"</h1>
            <Show when=any>
                <Show when=move || !app.addresses.only>
                    <div class="tools" role="group" aria-label="Open">
                        <button class="quiet" aria-label="Open files" on:click=|_| choose("file")><Sign icon=Icon::Open/><span class="words">"Open"</span></button>
                        <button class="quiet" on:click=move |_| app.paste() aria-label="Paste from the clipboard"><Sign icon=Icon::Paste/><span class="words">"Paste"</span></button>
                    </div>
                </Show>
                <div class="tools" role="group" aria-label="Changes">
                    <Step label=steps[0] words="Undo" keys="Ctrl+Z" forth=false/>
                    <Step label=steps[1] words="Redo" keys="Ctrl+Shift+Z" forth=true/>
                </div>
            </Show>
            <span class="gap"></span>
            <button id="badge" class="badge" class:far=app.addresses.only aria-label=badge aria-haspopup="dialog" on:click=move |event| app.overlay.toggle(About::Proof, &event)>
                <Sign icon=Icon::Shield/><span>{badge}</span>
            </button>
            <div class="tools">
                <button class="quiet" aria-haspopup="dialog" aria-label="Keys and help" title="Keys and help" on:click=move |event| app.overlay.toggle(About::Help, &event)>
                    <Sign icon=Icon::Help/>
                </button>
                <button
                    class="quiet"
                    title=move || theme.get().title()
                    aria-label=move || theme.get().title()
                    on:click=move |_| {
                        theme.update(|theme| *theme = theme.next());
                        theme.get_untracked().set();
                    }
                >
                    <Sign icon=Icon::Theme/>
                </button>
                <Show when=any>
                    <button
                        class="quiet"
                        id="panel-toggle"
                        title="How it is read, problems, changes"
                        aria-label="Panel: how it is read, problems, changes"
                        aria-expanded=move || panel_open.get().to_string()
                        on:click=move |_| panel_open.update(|open| *open = !*open)
                    >
                        <Sign icon=Icon::Panel/>
                    </button>
                </Show>
            </div>
        </header>
    }
}

/// The button that goes a step back or forth, and says which.
#[component]
fn Step(label: Memo<Option<String>>, words: &'static str, keys: &'static str, forth: bool) -> impl IntoView {
    let app = App::here();
    let title = move || match &*label.read() {
        Some(label) => format!("{words}: {label} ({keys})"),
        None => format!("{words} ({keys})"),
    };
    view! {
        <button class="quiet" title=title aria-label=words disabled=move || label.read().is_none() on:click=move |_| app.step(forth)>
            <Sign icon=if forth { Icon::Redo } else { Icon::Undo }/>
        </button>
    }
}

/// Opens the browser's file dialog of a static input.
pub fn choose(input: &str) {
    if let Some(input) = document().get_element_by_id(input).and_then(|input| input.dyn_into::<web_sys::HtmlElement>().ok()) {
        input.click();
    }
}
