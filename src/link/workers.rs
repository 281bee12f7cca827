//! The workers: one coordinator, N that decode, one that previews, each joined to the coordinator by a port.

use std::cell::RefCell;
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
    /// Starts a worker under the page's policy; the program file is fetched and compiled once.
    #[wasm_bindgen(js_namespace = colonnade, js_name = startWorker, catch)]
    async fn start_worker(role: &str, index: u32) -> Result<JsValue, JsValue>;
}

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
    ear: Ear,
}

struct Other {
    role: &'static str,
    worker: Worker,
    /// When earlier ones in this place were lost.
    lost: Vec<f64>,
}

impl Workers {
    /// Starts all and joins them.
    ///
    /// # Errors
    /// The JavaScript error of the worker that could not be started.
    pub async fn start(ear: Ear) -> Result<Rc<Self>, JsValue> {
        let decoders = (window().navigator().hardware_concurrency() as u32).clamp(1, MOST);
        let coordinator: Worker = start_worker("coordinator", 0).await?.unchecked_into();
        let mut others = Vec::new();
        let ports = Array::new();
        for index in 0..=decoders {
            let role = if index < decoders { "decode" } else { "preview" };
            let (worker, port) = start_joined(role, index).await?;
            ports.push(&port);
            others.push(Other { role, worker, lost: Vec::new() });
        }
        let workers = Rc::new_cyclic(|me| Self { me: me.clone(), coordinator, others: RefCell::new(others), ear });
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
                if let CoordinatorMessage::ReplaceWorker { worker } = envelope.body {
                    self.replace(worker);
                } else {
                    (self.ear)(Heard::Message(Box::new(envelope), extra));
                }
            }
            Err(error) => (self.ear)(Heard::Lost(error)),
        }
    }

    /// Ends a worker and puts a fresh one in its place.
    fn replace(&self, index: u32) {
        let role = {
            let mut others = self.others.borrow_mut();
            let Some(other) = others.get_mut(index as usize) else { return };
            other.worker.set_onerror(None);
            other.worker.terminate();
            let now = browser::now();
            other.lost.retain(|lost| now - lost < SHORT);
            other.lost.push(now);
            if other.lost.len() > LOSSES {
                let what = "a worker stopped again and again right after it was started";
                (self.ear)(Heard::Lost(ErrorInfo::new(ErrorKind::Worker, what, "Reload the page; closing other tabs may free memory.")));
                return;
            }
            other.role
        };
        let me = self.me.clone();
        leptos::task::spawn_local(async move {
            let fresh = start_joined(role, index).await;
            let Some(me) = me.upgrade() else { return };
            let told = fresh.and_then(|(worker, port)| {
                if let Some(other) = me.others.borrow_mut().get_mut(index as usize) {
                    other.worker = worker;
                }
                me.listen_to(index);
                let bytes =
                    wire::encode(0, &PageMessage::WorkerReplaced { worker: index }).map_err(|error| JsValue::from_str(&error.what))?;
                me.post(&bytes, &port)
            });
            if let Err(error) = told {
                let what = format!("a worker could not be started again: {}", browser::said(&error));
                (me.ear)(Heard::Lost(ErrorInfo::new(ErrorKind::Worker, what, "Reload the page.")));
            }
        });
    }
}

/// Starts a worker with one end of a channel; returns it and the coordinator's end.
async fn start_joined(role: &str, index: u32) -> Result<(Worker, MessagePort), JsValue> {
    let channel = MessageChannel::new()?;
    let worker: Worker = start_worker(role, index).await?.unchecked_into();
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
