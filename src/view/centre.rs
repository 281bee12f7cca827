//! The centre band: the sentence, the raw lines, the grid.

use leptos::prelude::*;

use super::grid::DataGrid;
use super::later::later;
use super::raw::RawLines;
use super::sentence::Sentence;
use crate::state::App;
use crate::state::table::{Status, Table};

/// The table on show.
#[component]
pub fn Centre() -> impl IntoView {
    let app = App::here();
    let current = Memo::new(move |_| app.current.get());
    view! {
        <section class="centre" aria-label="Table">
            {move || {
                let id = current.get()?;
                let table = untrack(|| app.by_id(id))?;
                Some(view! { <Shown table/> })
            }}
        </section>
    }
}

#[component]
fn Shown(table: Table) -> impl IntoView {
    let raw_open = RwSignal::new(super::listen::is_wide());
    let failed = Memo::new(move |_| match &*table.status.read() {
        Status::Failed(error) => Some(error.clone()),
        _ => None,
    });
    let stopped = Memo::new(move |_| match &*table.status.read() {
        Status::Stopped(error) => Some(error.clone()),
        _ => None,
    });
    let raw_shown = later(16, move || raw_open.get() && table.preview.read().is_some());
    let seen = Memo::new(move |_| table.preview.read().is_some());
    view! {
        {move || failed.get().map(|error| view! {
            <div class="unreadable">
                <h2>"This file cannot be read"</h2>
                <p class="unreadable-what">{crate::words::capital(&error.what)}{error.place.map(|place| format!(" ({place})"))}"."</p>
                {(!error.hint.is_empty()).then(|| view! { <p>{error.hint}</p> })}
            </div>
        })}
        <Show when=move || seen.get() && failed.read().is_none() fallback=move || view! {
            <Show when=move || failed.read().is_none()><Waiting table/></Show>
        }>
            <Sentence table raw_open/>
            {move || stopped.get().map(|error| view! {
                <p class="stopped">
                    <b>{crate::words::capital(&error.what)}{error.place.map(|place| format!(" ({place})"))}"."</b>" "{error.hint}
                </p>
            })}
            <div class="beside" class:with-raw=raw_open class:stale=move || *table.status.read() == Status::Reading>
                <Show when=move || raw_shown.get()><RawLines table/></Show>
                <div class="grid-band"><DataGrid table/></div>
            </div>
        </Show>
    }
}

#[component]
fn Waiting(table: Table) -> impl IntoView {
    let rows = (0..14).map(|_| view! { <span class="ghost"></span> }).collect::<Vec<_>>();
    view! {
        <div class="waiting">
            <p>"Looking at "{table.name.get()}"…"</p>
            <div aria-hidden="true">{rows}</div>
        </div>
    }
}
