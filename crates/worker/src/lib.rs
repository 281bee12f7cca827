//! The engine in a Web Worker, and the browser's I/O.
//!
//! One program, three roles: the [`coordinator`] owns tables, plan, sink and row index and runs no format code; [`decode`]
//! workers run units; the [`preview`] worker answers what a person waits for. The page makes them all and connects their
//! ports.

#[cfg(feature = "every-format")]
mod address;
mod coordinator;
mod decode;
mod file;
#[cfg(feature = "every-format")]
mod gunzip;
mod message;
mod preview;
#[cfg(feature = "every-format")]
mod unpack;
mod wire;

use js_sys::{Array, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

/// Called once by the page's bootstrap, before any other message is heard. The page's next message is
/// `{kind: "start", ports}`: for the coordinator one port a worker, for the others their port to the coordinator.
#[wasm_bindgen]
pub fn start(role: &str, index: u32) {
    console_error_panic_hook::set_once();
    let role = role.to_owned();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let on_start = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let ports = Reflect::get(&event.data(), &"ports".into()).unwrap_or_default();
        let mut ports: Vec<MessagePort> = Array::from(&ports).iter().map(JsCast::unchecked_into).collect();
        match role.as_str() {
            "coordinator" => coordinator::start(ports),
            "preview" => preview::start(ports.remove(0)),
            _ => decode::start(index, ports.remove(0)),
        }
    });
    scope.set_onmessage(Some(on_start.as_ref().unchecked_ref()));
    on_start.forget();
}
