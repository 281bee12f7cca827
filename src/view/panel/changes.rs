//! What a person changed, in order; any state can be gone back to.

use leptos::prelude::*;

use crate::state::App;
use crate::state::table::Table;
use crate::view::icon::{Icon, Sign};

/// The list of changes.
#[component]
pub fn Changes(table: Table) -> impl IntoView {
    let app = App::here();
    let steps = move || {
        let history = table.history.read();
        let at = history.position();
        history
            .steps()
            .iter()
            .enumerate()
            .map(|(i, step)| {
                view! {
                    <li class="step" class:undone={i > at} class:now={i == at}>
                        <button aria-current=(i == at).then_some("step") disabled=move || !app.may_edit() on:click=move |_| app.go(table, i)>
                            {step.label.clone()}
                        </button>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <div class="changes">
            <ol class="steps">{steps}</ol>
            <p class="quiet-words">"Ctrl+Z goes a step back, Ctrl+Shift+Z forth."</p>
            <button class="wide" on:click=move |_| app.share(table)><Sign icon=Icon::Copy/>"Copy a link to this set-up"</button>
        </div>
    }
}
