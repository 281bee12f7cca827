//! The dialog of saving: where to, and the writer's options.

use colonnade_protocol::OptionDecl;
use colonnade_protocol::message::SaveTarget;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::browser;
use crate::state::App;
use crate::state::overlay::About;
use crate::view::option_control::{OptionControl, Shown};
use crate::words;

/// The dialog's content.
#[component]
pub fn SaveBody() -> impl IntoView {
    let app = App::here();
    let saving = app.saving;
    let pickers = browser::has_pickers();
    let compare = move |_| {
        // This dialog goes, and its button with it: the focus returns to what opened both.
        let opener = document().get_element_by_id("save-options").and_then(|element| element.dyn_into().ok());
        if let Some(table) = untrack(|| app.table()) {
            app.overlay.toggle_at(About::Formats { table: table.id }, opener);
        }
    };
    let offered = move || saving.options.read().iter().filter(|option| saving.concerns(option)).cloned().collect::<Vec<_>>();
    let several = move || app.tables.read().len() > 1;
    let targets = [
        (SaveTarget::Download, "Download", "Into the browser's downloads. Several tables come as one zip.", true),
        (SaveTarget::File, "A file", "Chosen at Save; written straight to disk.", pickers),
        (SaveTarget::Folder, "A folder", "Chosen at Save; one file a table.", pickers),
    ];
    let targets = targets.into_iter().filter(|(.., here)| *here).map(|(target, title, about, _)| {
        view! {
            <label class="radio">
                <input
                    type="radio" name="target" prop:checked=move || saving.target.get() == target
                    on:change=move |_| saving.target.set(target)
                />
                <span><b>{title}</b><small>{about}</small></span>
            </label>
        }
    });
    view! {
        <fieldset class="targets">
            <legend>"Where to"</legend>
            {targets.collect::<Vec<_>>()}
            {(!pickers).then(|| view! { <p class="quiet-words">"This browser cannot write to a file or folder of your choice: Save makes a download."</p> })}
        </fieldset>
        {move || saving.remark().map(|remark| view! { <p class="quiet-words">{remark}</p> })}
        <Show when=several>
            <fieldset class="targets">
                <legend>"What"</legend>
                <label class="radio">
                    <input type="radio" name="what" prop:checked=move || !saving.only_current.get() on:change=move |_| saving.only_current.set(false)/>
                    <span><b>{move || format!("All {}", words::counted(app.tables.read().len() as u64, "table", "tables"))}</b></span>
                </label>
                <label class="radio">
                    <input type="radio" name="what" prop:checked=move || saving.only_current.get() on:change=move |_| saving.only_current.set(true)/>
                    <span><b>"Only the table on show"</b></span>
                </label>
            </fieldset>
        </Show>
        <h3>"As what"</h3>
        <button id="compare-formats" on:click=compare>"Compare the formats"</button>
        <For each=offered key=|option| option.id.clone() let:option>
            <OutputOption option/>
        </For>
    }
}

#[component]
fn OutputOption(option: OptionDecl) -> impl IntoView {
    let saving = App::here().saving;
    let id = option.id.to_string();
    let control = format!("output-{id}");
    let declared = option.clone();
    let shown = Memo::new(move |_| {
        let (value, by_person) = saving.value(&declared);
        Shown { value, by_person }
    });
    view! {
        <div class="option" class:person=move || shown.read().by_person>
            <label class="option-title" for=control.clone()>{option.title.to_string()}</label>
            <OptionControl decl=option.clone() shown set=Callback::new(move |value| saving.choose(&id, value)) id=control/>
            <details class="option-about">
                <summary><code>{option.id.to_string()}</code></summary>
                <p>{option.whole_help()}</p>
            </details>
        </div>
    }
}
