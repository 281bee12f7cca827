//! Work put off to a task of its own, so that no task keeps the page from answering.

use std::time::Duration;

use leptos::prelude::*;

/// Turns true so many milliseconds after `wanted` has, and false with it.
pub fn later(milliseconds: u64, wanted: impl Fn() -> bool + Send + Sync + 'static) -> RwSignal<bool> {
    let now = RwSignal::new(false);
    let wanted = Memo::new(move |_| wanted());
    Effect::new(move |_| {
        if wanted.get() {
            let turn = move || {
                // The component may be gone by then.
                let _ = now.try_set(wanted.try_get_untracked().unwrap_or(false));
            };
            set_timeout(turn, Duration::from_millis(milliseconds));
        } else {
            now.set(false);
        }
    });
    now
}
