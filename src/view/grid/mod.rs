//! The grid: any row and any column of a table, with only what shows in the page.

pub mod bars;
mod geometry;
mod head;
mod jump;
mod keys;
mod painter;
mod scene;
mod value;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use crate::state::App;
use crate::state::table::Table;
use geometry::ROW;
use head::ColumnHead;
use jump::Jump;
use painter::{Painter, Scene};
pub use scene::{Grid, is_numeric};
use value::ValueLine;

/// After a scroll has ended for so long, the bar is put where the rows are.
const SETTLE: Duration = Duration::from_millis(180);

/// The grid of a table with its bars above and below.
#[component]
pub fn DataGrid(table: Table) -> impl IntoView {
    let grid = Grid::new(App::here(), table);
    let extent_height = move || format!("{}px", grid.scroll().height() + scene::HEAD);
    let extent_width = move || format!("{}px", grid.columns.read().width() + grid.gutter.get());
    let window_size = move |side: fn((f64, f64)) -> f64| format!("{}px", side(grid.size.get()));
    let id = format!("cell-{}", table.id.0);
    let active_id = id.clone();
    let name = table.name.get_untracked();
    let settle = leptos::leptos_dom::helpers::debounce(SETTLE, move |()| grid.settle());
    let settle = StoredValue::new_local(settle);
    watch_size(grid);
    let body = NodeRef::<leptos::html::Div>::new();
    paint_when_changed(grid, body, id);
    view! {
        <Jump grid/>
        <div
            class="grid"
            role="grid"
            tabindex="0"
            node_ref=grid.scroller
            aria-label=format!("Rows of {name}")
            aria-rowcount=move || (grid.rows.get().0 + 1).to_string()
            aria-colcount=move || (grid.columns.read().len() + 1).to_string()
            aria-activedescendant=active_id
            on:scroll=move |_| {
                grid.scrolled();
                settle.update_value(|settle| settle(()));
            }
            on:keydown=move |event| keys::pressed(grid, &event)
            on:mousedown=move |event| pointed(grid, &event)
        >
            <div class="grid-extent" role="presentation" style:height=extent_height style:width=extent_width>
                <div class="grid-window" role="presentation" style:width=move || window_size(|s| s.0) style:height=move || window_size(|s| s.1)>
                    <div class="grid-head" role="row" aria-rowindex="1">
                        <div class="corner" role="columnheader" aria-colindex="1" style:width=move || format!("{}px", grid.gutter.get())>
                            "Row"
                        </div>
                        <div class="heads" role="presentation">
                            <div class="heads-strip" role="presentation" style:transform=move || format!("translateX({}px)", -grid.left.get())>
                                <For each=move || grid.visible_columns() key=|column| *column let:column>
                                    <ColumnHead grid column/>
                                </For>
                            </div>
                        </div>
                    </div>
                    <div class="grid-body" role="rowgroup" node_ref=body></div>
                </div>
            </div>
        </div>
        <ValueLine grid/>
    }
}

/// Keeps [`Grid::size`] what the scroller measures.
fn watch_size(grid: Grid) {
    Effect::new(move |_| {
        let Some(scroller) = grid.scroller.get() else { return };
        let measured = scroller.clone();
        let measure = move || {
            let size = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            let before = grid.size.get_untracked();
            if size != before {
                grid.size.set(size);
            }
            // Once what the bars measure is laid out.
            if before == (0.0, 0.0) {
                request_animation_frame(move || grid.restore());
            }
        };
        // It calls once right after the first layout: measuring before would force one.
        let on_resize = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
            observer.observe(&scroller);
            let held = StoredValue::new_local((observer, on_resize));
            on_cleanup(move || {
                held.with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}

/// Paints whenever the place, the size or the rows at hand have changed.
fn paint_when_changed(grid: Grid, body: NodeRef<leptos::html::Div>, active_id: String) {
    let painter: Rc<RefCell<Option<Painter>>> = Rc::default();
    let numeric = Memo::new(move |_| grid.table.schema.read().iter().map(|column| is_numeric(&column.data_type)).collect::<Vec<_>>());
    Effect::new(move |_| {
        let Some(element) = body.get() else { return };
        grid.table.rows_came.track();
        let rows = grid.visible_rows();
        let columns = grid.visible_columns();
        let places = grid.columns.get();
        let numeric = numeric.read();
        let scene = Scene {
            rows: rows.clone(),
            columns: columns.clone(),
            places: &places,
            shift: grid.top.get().min(grid.scroll().end()) - rows.start as f64 * ROW,
            left: grid.left.get(),
            active: grid.active.get(),
            active_id: &active_id,
        };
        let _ = web_sys::HtmlElement::style(&element).set_property("--gutter", &format!("{}px", grid.gutter.get()));
        grid.ask(rows, columns);
        let mut painter = painter.borrow_mut();
        let painter = painter.get_or_insert_with(|| Painter::new(element.unchecked_into()));
        painter.paint(&scene, |row, column| grid.painted(row, column, numeric.get(column).copied().unwrap_or(false)));
    });
}

/// A press on a cell stands on it.
fn pointed(grid: Grid, event: &web_sys::MouseEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let Ok(Some(cell)) = target.closest("[role=gridcell]") else { return };
    let index = |element: &web_sys::Element, name| element.get_attribute(name)?.parse::<u64>().ok();
    let row = cell.closest("[role=row]").ok().flatten().and_then(|row| index(&row, "aria-rowindex"));
    if let (Some(row), Some(column)) = (row, index(&cell, "aria-colindex")) {
        grid.active.set((row.saturating_sub(2), column.saturating_sub(2) as usize));
    }
}
