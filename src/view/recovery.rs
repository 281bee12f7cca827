//! When the page itself traps: the static panel says so, since nothing of ours can run any more.

use leptos::prelude::document;

/// Makes a panic show its words in the static panel, and in the console.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show(&info.to_string());
    }));
}

/// Shows the panel over the page.
pub fn show(words: &str) {
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-state", "error");
        let _ = body.set_attribute("data-fatal", "");
    }
    super::alert::tell(words);
}
