//! The page's side of the line to the coordinator.

mod wire;
mod workers;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use colonnade_protocol::message::{CoordinatorMessage, Envelope, PageMessage};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use leptos::prelude::set_timeout;
use wasm_bindgen::JsValue;

use crate::browser;
use workers::Workers;

/// A page that paints nothing, one in the background, sends after this time all the same.
const LONGEST_HOLD: Duration = Duration::from_millis(100);

/// What comes from the workers' side.
pub enum Heard {
    /// A message and what rides beside it.
    Message(Box<Envelope<CoordinatorMessage>>, JsValue),
    /// The coordinator is lost, and the page's work with it.
    Lost(ErrorInfo),
}

/// The line to the coordinator.
pub struct Link {
    workers: Rc<Workers>,
    heard: Rc<dyn Fn(Heard)>,
    /// What waits until the page has painted.
    held: RefCell<Option<Vec<Held>>>,
}

/// A message's bytes and what rides beside them.
type Held = (Vec<u8>, JsValue);

impl Link {
    /// Starts the workers and connects them. `heard` is called with everything that comes.
    ///
    /// # Errors
    /// [`ErrorKind::Worker`] where a worker cannot be started.
    pub async fn start(heard: impl Fn(Heard) + 'static) -> Result<Rc<Self>, ErrorInfo> {
        let heard: Rc<dyn Fn(Heard)> = Rc::new(heard);
        let workers = Workers::start(Rc::clone(&heard)).await.map_err(|error| {
            let what = format!("the workers could not be started: {}", browser::said(&error));
            ErrorInfo::new(ErrorKind::Worker, what, "Reload the page; the browser must allow WebAssembly and workers.")
        })?;
        Ok(Rc::new(Self { workers, heard, held: RefCell::default() }))
    }

    /// Sends a message, with what rides beside it.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where it cannot be sent.
    pub fn post(&self, generation: u32, message: &PageMessage, extra: &JsValue) -> Result<(), ErrorInfo> {
        let bytes = wire::encode(generation, message)?;
        match self.held.borrow_mut().as_mut() {
            Some(held) => held.push((bytes, extra.clone())),
            None => return self.send(&bytes, extra),
        }
        Ok(())
    }

    /// Keeps what is sent from now on until the page has painted what a person just did: the workers it sets to work would
    /// take the processors from that very frame.
    pub fn hold(self: &Rc<Self>) {
        if self.held.borrow().is_some() {
            return;
        }
        self.held.replace(Some(Vec::new()));
        let (me, late) = (Rc::clone(self), Rc::clone(self));
        browser::painted(1, move || me.release());
        set_timeout(move || late.release(), LONGEST_HOLD);
    }

    fn release(&self) {
        for (bytes, extra) in self.held.take().into_iter().flatten() {
            if let Err(error) = self.send(&bytes, &extra) {
                (self.heard)(Heard::Lost(error));
            }
        }
    }

    fn send(&self, bytes: &[u8], extra: &JsValue) -> Result<(), ErrorInfo> {
        self.workers.post(bytes, extra).map_err(|error| {
            let what = format!("a message could not be sent: {}", browser::said(&error));
            ErrorInfo::new(ErrorKind::Internal, what, "Reload the page.")
        })
    }
}
