//! Every option of the table's format, grouped by what it changes.

use colonnade_protocol::option::{Affects, OptionDecl, OptionKind};
use leptos::prelude::*;

use crate::state::App;
use crate::state::table::Table;
use crate::view::input_value;
use crate::view::later::later;
use crate::view::option_control::{OptionControl, TableOption, origin_words};

/// The groups, in the order of their importance, and by how many frames each is put off for the grid's sake.
const GROUPS: [(Affects, &str, u8); 3] =
    [(Affects::Detect, "Layout", 2), (Affects::Schema, "Types", 3), (Affects::Decode, "Values and records", 4)];

/// Characters of a value that need more room than the half of a line.
const LONG: usize = 18;

/// The form.
#[component]
pub fn Reading(table: Table) -> impl IntoView {
    let wanted = RwSignal::new(String::new());
    let declared = Memo::new(move |_| if table.preview.read().is_some() { table.options() } else { Vec::new() });
    let title = move || table.preview.read().as_ref().map(|preview| preview.format_title.clone());
    let groups = GROUPS.map(|(affects, name, wait)| {
        let shown = later(wait, move || !declared.read().is_empty());
        let members = Memo::new(move |_| {
            if !shown.get() {
                return Vec::new();
            }
            let wanted = wanted.read().to_lowercase();
            let fits = |option: &&OptionDecl| {
                option.affects == affects
                    && (option.id.to_lowercase().contains(&wanted)
                        || option.title.to_lowercase().contains(&wanted)
                        || option.aliases.iter().any(|alias| alias.to_lowercase().contains(&wanted)))
            };
            declared.read().iter().filter(fits).cloned().collect::<Vec<_>>()
        });
        view! {
            <section class="group" hidden=move || members.read().is_empty()>
                <h3>{name}</h3>
                <For each=move || members.get() key=|option| option.id.clone() let:option>
                    <OptionRow table option/>
                </For>
            </section>
        }
    });
    view! {
        <div class="reading">
            {move || title().map(|title| view! { <p class="reading-format">"Read as "<b>{title}</b></p> })}
            <input
                hidden=move || declared.read().is_empty()
                type="search" class="find" placeholder="Find an option" aria-label="Find an option" autocomplete="off"
                on:input=move |event| wanted.set(input_value(&event))
            />
            {groups.collect_view()}
        </div>
    }
}

/// One option with its origin and help.
#[component]
pub fn OptionRow(table: Table, option: OptionDecl) -> impl IntoView {
    let control = format!("option-{}", option.id);
    let TableOption { setting, shown, set, disabled } = TableOption::new(App::here(), table, &option);
    let origin = move || setting.read().as_ref().map(|setting| origin_words(&setting.origin));
    let is_text = matches!(option.kind, OptionKind::Text { .. });
    // What is long has a line of its own.
    let long = Memo::new(move |_| shown.read().value.as_ref().is_some_and(|value| value.len() > LONG) && is_text);
    view! {
        <div class="option" class:person=move || shown.read().by_person class:long=long>
            <label class="option-title" for=control.clone()>{option.title.to_string()}</label>
            <OptionControl decl=option.clone() shown set id=control disabled/>
            <details class="option-about">
                <summary><code>{option.id.to_string()}</code><span class="option-origin">{origin}</span></summary>
                <p>{option.whole_help()}</p>
            </details>
        </div>
    }
}
