//! What lies over the page: at most one small dialog, fixed to what opened it.

use colonnade_protocol::message::TableId;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// What a dialog is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// One option of a table's reading.
    Option { table: TableId, id: String },
    /// One column: name, type, evidence, profile.
    Column { table: TableId, index: usize },
    /// The options of saving.
    Save,
    /// What a table's rows take in each output format.
    Formats { table: TableId },
    /// That nothing leaves the tab.
    Proof,
    /// Keys and how things are done.
    Help,
}

/// A dialog that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    pub about: About,
    /// Left, top, right and bottom of what opened it, in the window.
    pub anchor: (f64, f64, f64, f64),
}

/// The dialog that is open, and where the focus returns.
#[derive(Clone, Copy)]
pub struct Overlay {
    pub open: RwSignal<Option<Open>>,
    opener: StoredValue<Option<web_sys::HtmlElement>, LocalStorage>,
}

impl Overlay {
    pub(super) fn new() -> Self {
        Self { open: RwSignal::new(None), opener: StoredValue::new_local(None) }
    }

    /// Opens a dialog beside the element that the event is for; the same one again closes it.
    pub fn toggle(&self, about: About, event: &web_sys::Event) {
        let opener = event.current_target().or_else(|| event.target()).and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
        self.toggle_at(about, opener);
    }

    /// As [`toggle`](Self::toggle), beside this element.
    pub fn toggle_at(&self, about: About, opener: Option<web_sys::HtmlElement>) {
        if self.open.with_untracked(|open| open.as_ref().is_some_and(|open| open.about == about)) {
            self.close();
            return;
        }
        let rect = opener.as_ref().map(|element| element.get_bounding_client_rect());
        let anchor = rect.map_or((0.0, 0.0, 0.0, 0.0), |r| (r.left(), r.top(), r.right(), r.bottom()));
        self.opener.set_value(opener);
        self.open.set(Some(Open { about, anchor }));
    }

    /// Closes the dialog and gives the focus back.
    pub fn close(&self) {
        if self.open.with_untracked(Option::is_none) {
            return;
        }
        self.open.set(None);
        if let Some(opener) = self.opener.try_update_value(Option::take).flatten() {
            let _ = opener.focus();
        }
    }

    /// Whether a click on this node is a click on the opener.
    pub fn is_opener(&self, node: &web_sys::Node) -> bool {
        self.opener.with_value(|opener| opener.as_ref().is_some_and(|opener| opener.contains(Some(node))))
    }
}
