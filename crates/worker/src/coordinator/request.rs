//! A save as it was asked for, which may be while its tables are still being opened.

use colonnade_engine::Result;
use colonnade_engine::output::{self, OutputOptions};
use colonnade_engine::settings::Settings;
use colonnade_protocol::message::{SaveTarget, TableId};
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

use super::pool::now;
use super::table::TableState;
use super::{Shared, save};

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

impl Request {
    /// Whether the save takes what only the module with every format has.
    pub fn wants_every_format(&self) -> bool {
        output_options(&self.options).is_ok_and(|options| options.wants_every_format())
    }
}

/// What a person gave, as the engine takes it.
///
/// # Errors
/// An option or a value that is not known, or values that cannot be brought together.
pub fn output_options(given: &[(String, String)]) -> Result<OutputOptions> {
    let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    OutputOptions::from_settings(&Settings::new(&output::options(), given)?)
}

/// Begins the save that was asked for, once none of its tables is still being opened, the page has shown them and the workers
/// are of a module that has what it takes.
pub fn begin_if_opened(shared: &Shared) {
    let mut coordinator = shared.borrow_mut();
    let is_opening = |id: &TableId| coordinator.tables.get(id).is_some_and(TableState::is_opening);
    if coordinator.asked.as_ref().is_none_or(|request| request.tables.iter().any(is_opening)) || coordinator.save_waits() {
        return;
    }
    let left = coordinator.painted_by - now();
    if left > 0.0 {
        return look_again(shared, left);
    }
    let request = coordinator.asked.take();
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
