//! The one place where errors are told: the static alert of the page's shell.

use leptos::prelude::*;

use crate::state::App;
use crate::state::saving::Save;

/// Sets the alert's text; nothing is told by an empty one.
pub fn tell(words: &str) {
    if let Some(alert) = document().query_selector("[role=alert]").ok().flatten()
        && alert.text_content().as_deref() != Some(words)
    {
        alert.set_text_content(Some(words));
    }
}

/// Keeps the alert and `body[data-state]` what the state says.
pub fn follow(app: App) {
    let phase = Memo::new(move |_| app.phase());
    Effect::new(move |_| {
        let words = app.error().map_or_else(String::new, |error| sentence(&error.to_string()));
        tell(&words);
        let Some(body) = document().body() else { return };
        let _ = body.set_attribute("data-state", phase.get().name());
        let _ = body.toggle_attribute_with_force("data-fatal", app.fatal.read().is_some());
        // A table that cannot be read says so in its own place; a failed save has none but the alert.
        let banner = matches!(*app.saving.state.read(), Save::Failed(_));
        let _ = body.toggle_attribute_with_force("data-banner", banner);
    });
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
