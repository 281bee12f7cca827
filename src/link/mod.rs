//! The page's side of the line to the coordinator.

mod wire;
mod workers;

use std::rc::Rc;

use colonnade_protocol::message::{CoordinatorMessage, Envelope, PageMessage};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use wasm_bindgen::JsValue;

use workers::Workers;

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
}

impl Link {
    /// Starts the workers and connects them. `heard` is called with everything that comes.
    ///
    /// # Errors
    /// [`ErrorKind::Worker`] where a worker cannot be started.
    pub async fn start(heard: impl Fn(Heard) + 'static) -> Result<Rc<Self>, ErrorInfo> {
        let workers = Workers::start(Rc::new(heard)).await.map_err(|error| {
            let what = format!("the workers could not be started: {}", crate::browser::said(&error));
            ErrorInfo::new(ErrorKind::Worker, what, "Reload the page; the browser must allow WebAssembly and workers.")
        })?;
        Ok(Rc::new(Self { workers }))
    }

    /// Sends a message, with what rides beside it.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where it cannot be sent.
    pub fn post(&self, generation: u32, message: &PageMessage, extra: &JsValue) -> Result<(), ErrorInfo> {
        let bytes = wire::encode(generation, message)?;
        self.workers.post(&bytes, extra).map_err(|error| {
            let what = format!("a message could not be sent: {}", crate::browser::said(&error));
            ErrorInfo::new(ErrorKind::Internal, what, "Reload the page.")
        })
    }
}
