//! The head of a column: its name, its type and how sure it is, and its profile as far as the scan is.

use colonnade_protocol::profile::ColumnProfile;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::bars::{Distribution, NullBar};
use super::scene::Grid;
use crate::state::overlay::About;
use crate::view::type_chip::TypeChip;
use crate::words;

/// Narrowest a person may make a column.
const NARROWEST: f64 = 64.0;

/// One column's head.
#[component]
pub fn ColumnHead(grid: Grid, column: usize) -> impl IntoView {
    let table = grid.table;
    let info = Memo::new(move |_| table.column(column));
    let profile = Memo::new(move |_| table.profile(column));
    let place = move || grid.columns.read().place(column);
    let name = move || info.read().as_ref().map_or_else(String::new, |info| info.name.clone());
    let about = move || About::Column { table: table.id, index: column };
    view! {
        <div
            class="head"
            role="columnheader"
            aria-colindex=(column + 2).to_string()
            style:left=move || format!("{}px", place().0)
            style:width=move || format!("{}px", place().1)
        >
            <button
                class="head-name"
                title=name
                aria-haspopup="dialog"
                aria-label=move || format!("Column {}: name, type and values", name())
                on:click=move |event| grid.app.overlay.toggle(about(), &event)
            >
                {name}
            </button>
            {move || info.get().map(|info| view! {
                <button
                    class="head-type"
                    aria-haspopup="dialog"
                    aria-label=format!("Type of {}: {}. Change", info.name, info.data_type)
                    on:click=move |event| grid.app.overlay.toggle(about(), &event)
                >
                    <TypeChip info=info.clone()/>
                </button>
            })}
            {move || profile.get().map(|profile| view! { <Summary profile/> })}
            <div class="resize" on:pointerdown=move |event| resize(grid, column, &event)></div>
        </div>
    }
}

#[component]
fn Summary(profile: ColumnProfile) -> impl IntoView {
    let range = match (&profile.min, &profile.max) {
        (Some(min), Some(max)) if min == max => min.clone(),
        (Some(min), Some(max)) => format!("{min} – {max}"),
        _ => String::new(),
    };
    let about = if profile.distinct_error > 0.0 { "≈" } else { "" };
    let distinct = profile.known_distinct().map(|distinct| format!("{about}{} distinct", words::short(distinct as f64)));
    view! {
        <NullBar nulls=profile.nulls rows=profile.rows/>
        <Distribution profile=profile.clone()/>
        <div class="head-range" title=range.clone()>{range.clone()}</div>
        <div class="head-distinct">{distinct}</div>
    }
}

/// Follows the pointer until it is let go.
fn resize(grid: Grid, column: usize, event: &web_sys::PointerEvent) {
    event.prevent_default();
    let Some(handle) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let _ = handle.set_pointer_capture(event.pointer_id());
    let from = f64::from(event.client_x());
    let (_, width) = grid.columns.with_untracked(|columns| columns.place(column));
    let moved = window_event_listener(leptos::ev::pointermove, move |event| {
        let wanted = (width + f64::from(event.client_x()) - from).max(NARROWEST);
        grid.widths.update(|widths| {
            widths.retain(|(other, _)| *other != column);
            widths.push((column, wanted));
        });
    });
    let moved = StoredValue::new_local(Some(moved));
    let ended = StoredValue::new_local(None::<WindowListenerHandle>);
    ended.set_value(Some(window_event_listener(leptos::ev::pointerup, move |_| {
        for listener in [moved, ended] {
            if let Some(handle) = listener.try_update_value(Option::take).flatten() {
                handle.remove();
            }
        }
    })));
}
