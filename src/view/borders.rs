//! Borders of columns of fixed width, drawn over the raw lines: dragged, or moved with the arrow keys.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use crate::state::App;
use crate::state::borders::Borders;
use crate::state::table::Table;

/// The option that the borders are.
const OPTION: &str = "colspecs";

/// A row of handles above the lines, each with its border drawn down through them.
#[component]
pub fn ColumnBorders(table: Table) -> impl IntoView {
    let app = App::here();
    let said = Memo::new(move |_| table.setting(OPTION).map(|setting| Borders::read(&setting.value)));
    let shown = RwSignal::new(Borders::default());
    Effect::new(move || shown.set(said.get().unwrap_or_default()));
    let longest = Memo::new(move |_| {
        let preview = table.preview.read();
        preview.as_ref().map_or(0, |preview| preview.raw_lines.iter().map(|line| line.text.chars().count()).max().unwrap_or(0))
    });
    let row = NodeRef::<leptos::html::Div>::new();
    // The position that a pointer is over: all characters are as wide.
    let position = move |event: &web_sys::MouseEvent| {
        let bounds = row.get_untracked().map(|row| row.get_bounding_client_rect());
        bounds.filter(|bounds| bounds.width() > 0.0).map_or(0, |bounds| {
            let share = (f64::from(event.client_x()) - bounds.left()) / bounds.width();
            (share * longest.get_untracked() as f64).round().max(0.0) as usize
        })
    };
    let keep = move || {
        let changed = shown.get_untracked();
        if said.get_untracked().is_some_and(|said| said != changed) {
            app.set_option(table, OPTION, "Columns", Some(changed.write()));
        }
    };
    let split = move |event: web_sys::MouseEvent| {
        if event.target() == event.current_target() {
            let at = position(&event);
            shown.update(|borders| borders.split(at));
            keep();
        }
    };
    let name = move |column: usize| table.column(column).map_or_else(String::new, |column| column.name);
    let border = move |k: usize| {
        let dragged = RwSignal::new(false);
        let pressed = move |event: KeyboardEvent| {
            let step = if event.shift_key() { 5 } else { 1 };
            let at = shown.with_untracked(|borders| borders.at(k));
            match event.key().as_str() {
                "ArrowLeft" => shown.update(|borders| borders.set(k, at.saturating_sub(step), longest.get_untracked())),
                "ArrowRight" => shown.update(|borders| borders.set(k, at + step, longest.get_untracked())),
                "Delete" | "Backspace" => {
                    shown.update(|borders| borders.remove(k));
                    keep();
                }
                "Insert" | "+" => {
                    let (_, last) = shown.with_untracked(|borders| borders.bounds(k, longest.get_untracked()));
                    shown.update(|borders| borders.split(at + (last + 1).saturating_sub(at).div_ceil(2)));
                    keep();
                }
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        };
        let grab = move |event: PointerEvent| {
            event.prevent_default();
            if let Some(handle) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
                let _ = handle.set_pointer_capture(event.pointer_id());
            }
            dragged.set(true);
        };
        let follow = move |event: PointerEvent| {
            if dragged.get_untracked() {
                let at = position(&event);
                shown.update(|borders| borders.set(k, at, longest.get_untracked()));
            }
        };
        let let_go = move |_: PointerEvent| {
            if dragged.get_untracked() {
                dragged.set(false);
                keep();
            }
        };
        view! {
            <button
                class="border" role="slider" aria-orientation="horizontal"
                title="Drag, or move with the arrow keys; + adds a border behind it, Delete removes it"
                style:left=move || format!("{}ch", shown.read().at(k))
                aria-label=move || format!("Border between {} and {}", name(k), name(k + 1))
                aria-valuenow=move || shown.read().at(k).to_string()
                aria-valuemin=move || shown.read().bounds(k, longest.get()).0.to_string()
                aria-valuemax=move || shown.read().bounds(k, longest.get()).1.to_string()
                on:keydown=pressed
                on:keyup=move |event| if event.key().starts_with("Arrow") { keep() }
                on:pointerdown=grab
                on:pointermove=follow
                on:pointerup=let_go
                on:pointercancel=let_go
            ></button>
        }
    };
    view! {
        <Show when=move || said.read().is_some()>
            <div class="borders">
                <span class="raw-number"></span>
                <div
                    class="borders-row" node_ref=row title="Click to add a border"
                    style:width=move || format!("{}ch", longest.get())
                    on:click=split
                >
                    <For each=move || 0..shown.read().len() key=|k| *k children=border/>
                </div>
            </div>
        </Show>
    }
}
