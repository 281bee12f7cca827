//! Work put off to a frame of its own, so that no task keeps the page from answering, and no layout is of all at once.

use leptos::prelude::*;

use crate::browser::painted;

/// Turns true so many frames after `wanted` has, and false with it.
pub fn later(frames: u8, wanted: impl Fn() -> bool + Send + Sync + 'static) -> RwSignal<bool> {
    let now = RwSignal::new(false);
    let wanted = Memo::new(move |_| wanted());
    Effect::new(move |_| {
        if wanted.get() {
            let turn = move || {
                // The component may be gone by then.
                let _ = now.try_set(wanted.try_get_untracked().unwrap_or(false));
            };
            painted(frames, turn);
        } else {
            now.set(false);
        }
    });
    now
}
