//! Messages as they cross a port: `{kind: "message", bytes, extra}`, the bytes in postcard's form.

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use crate::file::release;

/// The other side: the page, or another worker.
#[derive(Clone)]
pub enum Port {
    Page(DedicatedWorkerGlobalScope),
    Worker(MessagePort),
}

impl Port {
    /// Sends a message; `extra` rides beside it as a structured clone, the objects in `transfer` are handed over.
    pub fn post(&self, message: &impl Serialize, extra: &JsValue, transfer: &[&JsValue]) {
        let bytes = match postcard::to_stdvec(message) {
            Ok(bytes) => Uint8Array::from(bytes.as_slice()),
            // Our own types always have a form; a panic here costs this worker only.
            Err(error) => panic!("a message has no binary form: {error}"),
        };
        let object = Object::new();
        for (key, value) in [("kind", &"message".into()), ("bytes", bytes.as_ref()), ("extra", extra)] {
            let _ = Reflect::set(&object, &key.into(), value);
        }
        let handed_over = Array::of1(&bytes.buffer());
        transfer.iter().for_each(|item| {
            handed_over.push(item);
        });
        let posted = match self {
            Self::Page(scope) => scope.post_message_with_transfer(&object, &handed_over),
            Self::Worker(port) => port.post_message_with_transferable(&object, &handed_over),
        };
        if let Err(error) = posted {
            web_sys::console::error_1(&error);
        }
    }

    /// Sends a message with nothing beside it.
    pub fn send(&self, message: &impl Serialize) {
        self.post(message, &JsValue::UNDEFINED, &[]);
    }

    /// Hears every message from now on. A message that cannot be read is of another version: it is reported and dropped.
    pub fn listen<T: DeserializeOwned>(&self, mut hear: impl FnMut(T, JsValue) + 'static) {
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            let get = |key: &str| Reflect::get(&data, &key.into()).unwrap_or_default();
            // Not `Uint8Array::new`, which would copy it.
            let sent: Uint8Array = get("bytes").dyn_into().unwrap_or_default();
            let bytes = sent.to_vec();
            release(&Array::of1(&sent.buffer()));
            match postcard::from_bytes(&bytes) {
                Ok(message) => hear(message, get("extra")),
                Err(error) => web_sys::console::error_1(&format!("a message cannot be read: {error}").into()),
            }
        });
        let handler = Some(closure.as_ref().unchecked_ref());
        match self {
            Self::Page(scope) => scope.set_onmessage(handler),
            Self::Worker(port) => port.set_onmessage(handler),
        }
        closure.forget();
    }
}
