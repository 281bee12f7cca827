//! The one place where errors are told: the static alert of the page's shell.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use crate::state::App;
use crate::state::saving::Save;
use crate::words;

/// Sets the alert's text; nothing is told by an empty one.
pub fn tell(words: &str) {
    if let Some(alert) = document().query_selector("[role=alert]").ok().flatten()
        && alert.text_content().as_deref() != Some(words)
    {
        alert.set_text_content(Some(words));
    }
}

/// Puts the end of the last save away when its banner is dismissed.
fn dismiss_on_click(app: App) {
    let button = document().get_element_by_id("alert-dismiss");
    let dismiss = Closure::<dyn Fn()>::new(move || app.saving.forget());
    if let Some(button) = button {
        let _ = button.add_event_listener_with_callback("click", dismiss.as_ref().unchecked_ref());
        dismiss.forget();
    }
}

/// Keeps the alert and `body[data-state]` what the state says.
pub fn follow(app: App) {
    dismiss_on_click(app);
    let phase = Memo::new(move |_| app.phase());
    Effect::new(move |_| {
        let said = app.error().map_or_else(String::new, |error| words::capital(&error.to_string()));
        tell(&said);
        let Some(body) = document().body() else { return };
        let _ = body.set_attribute("data-state", phase.get().name());
        let _ = body.toggle_attribute_with_force("data-fatal", app.fatal.read().is_some());
        // A table that cannot be read says so in its own place; a failed save has none but the alert.
        let banner = matches!(*app.saving.state.read(), Save::Failed(_));
        let _ = body.toggle_attribute_with_force("data-banner", banner);
    });
}
