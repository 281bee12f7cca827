//! The engine in a Web Worker.

use wasm_bindgen::prelude::*;

/// Called once by the page's bootstrap, before any other message is heard.
#[wasm_bindgen]
pub fn start(_role: &str, _index: u32) {}

fn main() {}
