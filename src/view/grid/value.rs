//! The line below the grid: the whole value of the active cell.

use colonnade_protocol::message::Cell;
use leptos::prelude::*;

use super::scene::Grid;
use crate::words;

/// The active cell's place and value.
#[component]
pub fn ValueLine(grid: Grid) -> impl IntoView {
    let cell = move || {
        grid.table.rows_came.track();
        let (row, column) = grid.active.get();
        grid.value(row, column)
    };
    let place = move || {
        let (row, column) = grid.active.get();
        let name = grid.table.column(column).map_or_else(String::new, |info| info.name);
        format!("Row {} · {name}", words::count(row + 1))
    };
    let value = move || match cell() {
        Some(Cell::Text(text)) if text.is_empty() => view! { <span class="faint">"empty text"</span> }.into_any(),
        Some(Cell::Text(text)) => view! { <span class="value-text">{text}</span> }.into_any(),
        Some(Cell::Null) => view! { <span class="faint">"null"</span> }.into_any(),
        Some(Cell::Misfit(text)) => {
            view! { <span class="value-text misfit">{text}</span><span class="faint">" does not fit the type"</span> }.into_any()
        }
        None => view! { <span class="faint">"…"</span> }.into_any(),
    };
    view! {
        <div class="value">
            <span class="value-place">{place}</span>
            <span class="value-cell">{value}</span>
        </div>
    }
}
