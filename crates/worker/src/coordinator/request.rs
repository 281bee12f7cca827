//! A save as it was asked for, which may be while its tables are still being opened.

use colonnade_protocol::message::{SaveTarget, TableId};
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

use super::pool::now;
use super::table::TableState;
use super::{Coordinator, Shared, save};

/// Milliseconds after a preview before a save that waited for it begins: the page paints, and would wait for a processor.
pub const PAINTING: f64 = 100.0;

/// What a person asked to have saved.
pub struct Request {
    pub tables: Vec<TableId>,
    pub options: Vec<(String, String)>,
    pub target: SaveTarget,
    /// The file or folder that was picked.
    pub handle: JsValue,
}

/// Begins the save that was asked for, once none of its tables is still being opened and the page has shown them.
pub fn begin_if_opened(shared: &Shared) {
    let mut coordinator = shared.borrow_mut();
    let Coordinator { asked, tables, painted_by, .. } = &mut *coordinator;
    let is_opening = |id: &TableId| tables.get(id).is_some_and(TableState::is_opening);
    if asked.as_ref().is_none_or(|request| request.tables.iter().any(is_opening)) {
        return;
    }
    let left = *painted_by - now();
    if left > 0.0 {
        return look_again(shared, left);
    }
    let request = asked.take();
    drop(coordinator);
    if let Some(request) = request {
        save::begin(shared, request);
    }
}

fn look_again(shared: &Shared, milliseconds: f64) {
    let shared = Shared::clone(shared);
    let look = Closure::once_into_js(move || begin_if_opened(&shared));
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    // Without the timer the next message from a worker does it.
    let _ = scope.set_timeout_with_callback_and_timeout_and_arguments_0(look.unchecked_ref::<Function>(), milliseconds.ceil() as i32);
}
