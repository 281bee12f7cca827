//! What was detected, as one sentence; each part that is a setting is a control.

use colonnade_protocol::Origin;
use leptos::prelude::*;

use super::icon::{Icon, Sign};
use crate::state::App;
use crate::state::overlay::About;
use crate::state::table::Table;

/// Below this a guess is marked as one to look at.
const SURE: f32 = 0.8;

/// The sentence of a table.
#[component]
pub fn Sentence(table: Table, raw_open: RwSignal<bool>, has_lines: Memo<bool>) -> impl IntoView {
    let app = App::here();
    let parts = Memo::new(move |_| table.preview.read().as_ref().map_or_else(Vec::new, |preview| preview.sentence.clone()));
    let part = move |part: colonnade_protocol::message::SentencePart| match part.option {
        None => view! { <span>{part.text}</span> }.into_any(),
        Some(id) => {
            let (about, origin) = (id.clone(), id.clone());
            let set = move || table.setting(&origin).map(|setting| setting.origin);
            let set = Memo::new(move |_| set());
            view! {
                <button
                    class="word"
                    class:unsure=move || matches!(*set.read(), Some(Origin::Detected { confidence, .. }) if confidence < SURE)
                    class:person=move || *set.read() == Some(Origin::Person)
                    aria-haspopup="dialog"
                    data-option=id
                    on:click=move |event| app.overlay.toggle(About::Option { table: table.id, id: about.clone() }, &event)
                >
                    {part.text}
                </button>
            }
            .into_any()
        }
    };
    let structure = move || {
        let preview = table.preview.read();
        let structure = &preview.as_ref()?.structure;
        Some(view! { <b>{structure.kind.title()}</b>": "{structure.why.to_string()}"." })
    };
    view! {
        <div class="sentence-band">
            <div class="found">
                <p class="sentence">{move || parts.get().into_iter().map(part).collect::<Vec<_>>()}</p>
                <p class="structure">{structure}</p>
            </div>
            <button
                class="quiet raw-toggle"
                hidden=move || !has_lines.get()
                title="Lines as they stand in the file"
                aria-pressed=move || raw_open.get().to_string()
                on:click=move |_| raw_open.update(|open| *open = !*open)
            >
                <Sign icon=Icon::Raw/>"Raw"
            </button>
        </div>
    }
}
