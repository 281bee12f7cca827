//! The workers: one coordinator, N that decode, one that previews, each joined to the coordinator by a port.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use colonnade_protocol::message::{CoordinatorMessage, PageMessage};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageChannel, MessageEvent, MessagePort, Worker};

use super::{Heard, wire};
use crate::browser;

#[wasm_bindgen]
extern "C" {
    /// Starts a worker of one of the two modules under the page's policy; each is fetched and compiled once.
    #[wasm_bindgen(js_namespace = colonnade, js_name = startWorker, catch)]
    async fn start_worker(role: &str, index: u32, module: &str) -> Result<JsValue, JsValue>;
    /// Fetches and compiles a module; what failed is tried anew when asked again.
    #[wasm_bindgen(js_namespace = colonnade, js_name = loadModule, catch)]
    async fn load_module(module: &str) -> Result<JsValue, JsValue>;
}

/// The module that every tab starts with, and the one that has every format.
const FIRST: &str = "first";
const EVERY: &str = "every";
/// More decode workers than this gain nothing: the disk is the bound by then.
const MOST: u32 = 8;
/// A worker lost so often within [`SHORT`] cannot be kept alive.
const LOSSES: usize = 6;
/// Milliseconds.
const SHORT: f64 = 10_000.0;

type Ear = Rc<dyn Fn(Heard)>;

/// All workers of the page.
pub struct Workers {
    me: Weak<Self>,
    coordinator: Worker,
    /// Decode workers, then the preview worker; numbered as the coordinator knows them.
    others: RefCell<Vec<Other>>,
    /// The module that the next worker is of.
    module: Cell<&'static str>,
    ear: Ear,
}

struct Other {
    role: &'static str,
    worker: Worker,
    /// Workers that were in this place before.
    before: u32,
    /// When earlier ones in this place were lost.
    lost: Vec<f64>,
}

impl Workers {
    /// Starts all and joins them.
    ///
    /// # Errors
    /// The JavaScript error of the worker that could not be started.
    pub async fn start(ear: Ear) -> Result<Rc<Self>, JsValue> {
        // What lies at an address is read by the module with every format alone.
        let module = if browser::is_remote() { EVERY } else { FIRST };
        let decoders = (window().navigator().hardware_concurrency() as u32).clamp(1, MOST);
        let coordinator: Worker = start_worker("coordinator", 0, module).await?.unchecked_into();
        let mut others = Vec::new();
        let ports = Array::new();
        for index in 0..=decoders {
            let role = if index < decoders { "decode" } else { "preview" };
            let (worker, port) = start_joined(role, index, module).await?;
            ports.push(&port);
            others.push(Other { role, worker, before: 0, lost: Vec::new() });
        }
        let workers =
            Rc::new_cyclic(|me| Self { me: me.clone(), coordinator, others: RefCell::new(others), module: Cell::new(module), ear });
        workers.listen_to_coordinator();
        for index in 0..=decoders {
            workers.listen_to(index);
        }
        workers.coordinator.post_message_with_transfer(&start_message("coordinator", 0, &ports), &ports)?;
        Ok(workers)
    }

    /// Sends bytes to the coordinator. A port beside them is transferred, anything else is cloned.
    ///
    /// # Errors
    /// The JavaScript error where it cannot be cloned.
    pub fn post(&self, bytes: &[u8], extra: &JsValue) -> Result<(), JsValue> {
        let bytes = Uint8Array::from(bytes);
        let transfer = Array::of1(&bytes.buffer());
        if extra.is_instance_of::<MessagePort>() {
            transfer.push(extra);
        }
        let message = object(&[("kind", &"message".into()), ("bytes", &bytes), ("extra", extra)]);
        self.coordinator.post_message_with_transfer(&message, &transfer)
    }

    fn listen_to_coordinator(&self) {
        let me = self.me.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(me) = me.upgrade() {
                me.take(&event.data());
            }
        });
        self.coordinator.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        let me = self.me.clone();
        let on_error = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
            if let Some(me) = me.upgrade() {
                let what = format!("the worker that coordinates the others stopped: {}", event.message());
                (me.ear)(Heard::Lost(ErrorInfo::new(ErrorKind::Worker, what, "Reload the page; your files are untouched.")));
            }
        });
        self.coordinator.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();
    }

    fn listen_to(&self, index: u32) {
        let me = self.me.clone();
        let on_error = Closure::<dyn Fn(ErrorEvent)>::new(move |_: ErrorEvent| {
            if let Some(me) = me.upgrade() {
                me.replace(index);
            }
        });
        if let Some(other) = self.others.borrow().get(index as usize) {
            other.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        }
        on_error.forget();
    }

    fn take(&self, data: &JsValue) {
        let bytes = Reflect::get(data, &"bytes".into()).ok().and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
        let Some(bytes) = bytes else { return };
        let extra = Reflect::get(data, &"extra".into()).unwrap_or(JsValue::UNDEFINED);
        match wire::decode(&bytes.to_vec()) {
            Ok(envelope) => {
                match envelope.body {
                    CoordinatorMessage::ReplaceWorker { worker } => return self.replace(worker),
                    CoordinatorMessage::UseEveryFormat => self.use_every_format(),
                    _ => {}
                }
                (self.ear)(Heard::Message(Box::new(envelope), extra));
            }
            Err(error) => (self.ear)(Heard::Lost(error)),
        }
    }

    /// A worker was lost: puts a fresh one in its place, unless that was done too often.
    fn replace(&self, index: u32) {
        {
            let mut others = self.others.borrow_mut();
            let Some(other) = others.get_mut(index as usize) else { return };
            let now = browser::now();
            other.lost.retain(|lost| now - lost < SHORT);
            other.lost.push(now);
            if other.lost.len() > LOSSES {
                other.worker.terminate();
                let what = "a worker stopped again and again right after it was started";
                (self.ear)(Heard::Lost(ErrorInfo::new(ErrorKind::Worker, what, "Reload the page; closing other tabs may free memory.")));
                return;
            }
        }
        self.renew(index);
    }

    /// Puts workers of the module that has every format in the places of all, once it is there.
    fn use_every_format(&self) {
        let me = self.me.clone();
        leptos::task::spawn_local(async move {
            let loaded = load_module(EVERY).await;
            let Some(me) = me.upgrade() else { return };
            match loaded {
                Ok(_) => {
                    me.module.set(EVERY);
                    let count = me.others.borrow().len() as u32;
                    (0..count).for_each(|index| me.renew(index));
                }
                Err(error) => {
                    let what = format!("the part of Colonnade that this takes cannot be fetched: {}", browser::said(&error));
                    let hint = "Connect to the network once, then try again. CSV and JSON Lines are read, and saved in all but brotli, without it.";
                    me.tell(&PageMessage::NoEveryFormat { error: ErrorInfo::new(ErrorKind::Source, what, hint) }, &JsValue::UNDEFINED);
                }
            }
        });
    }

    /// Ends a worker and puts a fresh one in its place.
    fn renew(&self, index: u32) {
        let (role, before) = {
            let mut others = self.others.borrow_mut();
            let Some(other) = others.get_mut(index as usize) else { return };
            other.worker.set_onerror(None);
            other.worker.terminate();
            other.before += 1;
            (other.role, other.before)
        };
        let (me, module) = (self.me.clone(), self.module.get());
        leptos::task::spawn_local(async move {
            let fresh = start_joined(role, index, module).await;
            let Some(me) = me.upgrade() else { return };
            let (worker, port) = match fresh {
                Ok(fresh) => fresh,
                Err(error) => {
                    let what = format!("a worker could not be started again: {}", browser::said(&error));
                    return (me.ear)(Heard::Lost(ErrorInfo::new(ErrorKind::Worker, what, "Reload the page.")));
                }
            };
            match me.others.borrow_mut().get_mut(index as usize).filter(|other| other.before == before) {
                Some(other) => other.worker = worker,
                // Another was wanted in this place while this one started.
                None => return worker.terminate(),
            }
            me.listen_to(index);
            me.tell(&PageMessage::WorkerReplaced { worker: index, every_format: module == EVERY }, &port);
        });
    }

    /// Tells the coordinator of the workers.
    fn tell(&self, message: &PageMessage, extra: &JsValue) {
        let sent = wire::encode(0, message).and_then(|bytes| {
            let failed = |error| ErrorInfo::new(ErrorKind::Internal, browser::said(&error), "Reload the page.");
            self.post(&bytes, extra).map_err(failed)
        });
        if let Err(error) = sent {
            (self.ear)(Heard::Lost(error));
        }
    }
}

/// Starts a worker with one end of a channel; returns it and the coordinator's end.
async fn start_joined(role: &str, index: u32, module: &str) -> Result<(Worker, MessagePort), JsValue> {
    let channel = MessageChannel::new()?;
    let worker: Worker = start_worker(role, index, module).await?.unchecked_into();
    let ports = Array::of1(&channel.port2());
    worker.post_message_with_transfer(&start_message(role, index, &ports), &ports)?;
    Ok((worker, channel.port1()))
}

fn start_message(role: &str, index: u32, ports: &Array) -> Object {
    object(&[("kind", &"start".into()), ("role", &role.into()), ("index", &index.into()), ("ports", ports)])
}

fn object(members: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}
