//! Colonnade's page.

use leptos::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    document().body().expect("the page has a body").set_attribute("data-state", "ready").expect("the name is one");
}
