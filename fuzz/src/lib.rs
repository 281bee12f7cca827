//! What every fuzz target does with its input; the doing itself is shared with the tests of mutations.

#[path = "../../crates/engine/tests/mutations/reading.rs"]
mod reading;

use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// Readers of other makers that are known to panic on some damaged files: natively caught, in a tab the trap of one worker.
const KNOWN_TO_PANIC: [&str; 3] = ["/parquet-", "/arrow-buffer-", "/calamine-"];

/// Detects, shows and converts `data` as `format` (empty: what it is found to be).
pub fn read(data: &[u8], format: &str) {
    survive(|| drop(reading::read(data, "input", format)));
}

/// Lists and unpacks `data`.
pub fn unpack(data: &[u8]) {
    survive(|| drop(reading::unpack(data, "input")));
}

/// A panic is a finding, unless it is one that is known.
fn survive(run: impl FnOnce()) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let is_known = panic.location().is_some_and(|place| KNOWN_TO_PANIC.iter().any(|known| place.file().contains(known)));
            if !is_known {
                report(panic);
            }
        }));
    });
    let _ = panic::catch_unwind(AssertUnwindSafe(run));
}
