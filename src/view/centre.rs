//! The centre band: the sentence, the raw lines, the grid.

use colonnade_protocol::ErrorInfo;
use leptos::prelude::*;

use super::grid::DataGrid;
use super::later::later;
use super::panel::reading::OptionRow;
use super::raw::RawLines;
use super::sentence::Sentence;
use crate::state::App;
use crate::state::table::{Status, Table};
use crate::words;

/// What becomes of records that do not fit: the option, and Spark's names of the mode that ends at the first and of the one
/// that keeps and lists them.
const MODE: &str = "mode";
const STRICT: &str = "FAILFAST";
const LENIENT: &str = "PERMISSIVE";

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
    let has_lines = Memo::new(move |_| table.preview.read().as_ref().is_some_and(|preview| !preview.raw_lines.is_empty()));
    let with_raw = Memo::new(move |_| raw_open.get() && has_lines.get());
    let raw_shown = later(1, move || with_raw.get());
    let seen = Memo::new(move |_| table.preview.read().is_some());
    view! {
        {move || failed.get().map(|error| view! {
            <div class="unreadable">
                <h2>"This file cannot be read"</h2>
                <p class="unreadable-what">{told(&error)}</p>
                {(!error.hint.is_empty()).then(|| view! { <p>{error.hint}</p> })}
                <TakeBack table/>
                <LeaveOut table/>
                <Otherwise table/>
            </div>
        })}
        <Show when=move || seen.get() && failed.read().is_none() fallback=move || view! {
            <Show when=move || failed.read().is_none()><Waiting table/></Show>
        }>
            <Sentence table raw_open has_lines/>
            {move || stopped.get().map(|error| view! {
                <p class="stopped">
                    <b>{told(&error)}</b>" "{error.hint}
                    <GoOn table/>
                </p>
            })}
            <div class="beside" class:with-raw=with_raw class:stale=move || *table.status.read() == Status::Reading>
                <Show when=move || raw_shown.get()><RawLines table/></Show>
                <div class="grid-band"><DataGrid table/></div>
            </div>
        </Show>
    }
}

/// What went wrong and where, as a sentence.
fn told(error: &ErrorInfo) -> String {
    let place = error.place.as_ref().map(|place| format!(" ({})", words::place(place))).unwrap_or_default();
    format!("{}{place}.", words::capital(&error.what))
}

/// What can be said of a file that cannot be read, where nothing else is on show to say it by.
#[component]
fn Otherwise(table: Table) -> impl IntoView {
    let seen = table.preview.with_untracked(Option::is_some);
    (!seen).then(|| untrack(|| table.options()).into_iter().map(|option| view! { <OptionRow table option/> }).collect::<Vec<_>>())
}

/// The way out where a change in the page is what a file is not read with.
#[component]
fn TakeBack(table: Table) -> impl IntoView {
    let app = App::here();
    let is_changed = table.history.with_untracked(|history| history.position() > 0);
    is_changed.then(|| view! { <button disabled=move || !app.may_edit() on:click=move |_| app.step(false)>"Undo the last change"</button> })
}

/// The way out where an option that was set beforehand, by the address, is what a file is not read with: it has no row there.
#[component]
fn LeaveOut(table: Table) -> impl IntoView {
    let app = App::here();
    let shown = untrack(|| table.options());
    let set = table.history.with_untracked(|history| history.current().options.clone());
    let without_row: Vec<_> = set.into_iter().filter(|(name, _)| !shown.iter().any(|option| option.is_named(name))).collect();
    let button = move |(name, value): (String, String)| {
        let words = format!("Leave out {name}={value}");
        let leave_out = move |_| app.set_option(table, &name, &name, None);
        view! { <button disabled=move || !app.may_edit() on:click=leave_out>{words}</button> }
    };
    (!without_row.is_empty()).then(|| view! { <div class="leave-out">{without_row.into_iter().map(button).collect::<Vec<_>>()}</div> })
}

/// The way out where the first record that did not fit has ended the reading.
#[component]
fn GoOn(table: Table) -> impl IntoView {
    let app = App::here();
    let is_strict = move || table.setting(MODE).is_some_and(|mode| mode.value == STRICT);
    view! {
        <Show when=is_strict>
            <button class="go-on" disabled=move || !app.may_edit() on:click=move |_| app.set_option(table, MODE, "Rows that do not fit", Some(LENIENT.to_owned()))>
                "Go on and list such records"
            </button>
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
