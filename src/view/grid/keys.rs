//! The grid's keys.

use colonnade_protocol::message::Cell;
use leptos::prelude::*;

use super::geometry::ROW;
use super::scene::{Grid, HEAD};
use crate::state::files;

/// Moves the active cell: arrows by one, pages by what shows, Home and End along the row, with Ctrl to the corners.
/// Ctrl+C copies the cell; Enter opens the column.
pub fn pressed(grid: Grid, event: &web_sys::KeyboardEvent) {
    if event.target() != event.current_target() {
        return;
    }
    let (row, column) = grid.active.get_untracked();
    let page = (((grid.size.get_untracked().1 - HEAD) / ROW) as u64).saturating_sub(1).max(1);
    let last_row = grid.rows.get_untracked().0.saturating_sub(1);
    let last_column = grid.columns.with_untracked(|columns| columns.len().saturating_sub(1));
    let control = event.ctrl_key() || event.meta_key();
    let to = match event.key().as_str() {
        "ArrowDown" => (row + 1, column),
        "ArrowUp" => (row.saturating_sub(1), column),
        "ArrowRight" => (row, column + 1),
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "PageDown" => (row + page, column),
        "PageUp" => (row.saturating_sub(page), column),
        "Home" if control => (0, 0),
        "End" if control => (last_row, last_column),
        "Home" => (row, 0),
        "End" => (row, last_column),
        "c" if control && window_has_no_selection() => {
            let text = match grid.value(row, column) {
                Some(Cell::Text(text) | Cell::Misfit(text)) => text,
                Some(Cell::Null) => String::new(),
                None => return,
            };
            files::copy(grid.app, &text, "The cell's value is copied.");
            event.prevent_default();
            return;
        }
        _ => return,
    };
    event.prevent_default();
    grid.go(to.0, to.1);
}

fn window_has_no_selection() -> bool {
    document().get_selection().ok().flatten().is_none_or(|selection| selection.is_collapsed())
}
