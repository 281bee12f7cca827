//! Where an address is given, on the page for data at addresses.

use leptos::prelude::*;

use super::input_value;
use crate::state::App;

/// The field, its button, and what came of the last address.
#[component]
pub fn AddressForm() -> impl IntoView {
    let app = App::here();
    let typed = RwSignal::new(String::new());
    let busy = Memo::new(move |_| app.addresses.under_way.read().is_some());
    let open = move || app.open_address(typed.get_untracked(), move || typed.set(String::new()));
    view! {
        <form
            class="address"
            on:submit=move |event| {
                event.prevent_default();
                open();
            }
        >
            <label for="address">"Address of a file"</label>
            <input
                id="address" type="text" inputmode="url" autocomplete="off" spellcheck="false" placeholder="https://"
                aria-describedby="address-state"
                prop:value=typed on:input=move |event| typed.set(input_value(&event))
            />
            <button id="open-address" class="primary" type="submit" disabled=move || busy.get() || !app.ready.get()>"Open"</button>
            <p id="address-state" class="address-state" role="status">{move || app.addresses.under_way.get().unwrap_or_default()}</p>
            {move || app.addresses.error.get().map(|error| view! {
                <p id="address-error" class="address-error" role="alert">{format!("{}. {}", capital(&error.what), error.hint)}</p>
            })}
        </form>
    }
}

fn capital(words: &str) -> String {
    let mut words = words.to_owned();
    words.get_mut(..1).map(str::make_ascii_uppercase);
    words
}
