//! Data at addresses, on the page for them.

use colonnade_protocol::ErrorInfo;
use leptos::prelude::*;

use super::App;
use super::files::Given;
use crate::browser::address;

/// What is being asked for, and what came of it.
#[derive(Clone, Copy)]
pub struct Addresses {
    /// This is the page for addresses, which opens no files.
    pub only: bool,
    /// How far the one is that is asked for.
    pub under_way: RwSignal<Option<String>>,
    /// Why the last one cannot be read.
    pub error: RwSignal<Option<ErrorInfo>>,
}

impl Addresses {
    pub(super) fn new() -> Self {
        Self { only: crate::browser::is_remote(), under_way: RwSignal::new(None), error: RwSignal::new(None) }
    }
}

impl App {
    /// Opens the file at an address; `done` is called once it is open.
    pub fn open_address(self, address: String, done: impl FnOnce() + 'static) {
        let Addresses { under_way, error, .. } = self.addresses;
        if under_way.get_untracked().is_some() || address.trim().is_empty() {
            return;
        }
        error.set(None);
        under_way.set(Some("Asking the server".to_owned()));
        leptos::task::spawn_local(async move {
            let found = address::find(&address, |words| under_way.set(Some(words))).await;
            under_way.set(None);
            match found {
                Ok(found) => {
                    if found.is_whole {
                        self.say(format!("{} was fetched whole: its server gives no parts.", found.name));
                    }
                    self.open_given(vec![Given { name: found.name, size: found.size, handle: found.handle }]);
                    done();
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    }
}
