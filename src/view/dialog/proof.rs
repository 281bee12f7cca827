//! The proof that nothing leaves the tab: the policy in force, the requests made, how to check both.

use leptos::prelude::*;

use crate::browser;
use crate::state::App;
use crate::words;

/// The dialog's content.
#[component]
pub fn ProofBody() -> impl IntoView {
    let made = RwSignal::new(None::<browser::Requests>);
    leptos::task::spawn_local(async move { made.set(Some(browser::sorted_requests().await)) });
    let program = move || made.read().as_ref().map_or("…".to_owned(), |made| words::count(made.program as u64));
    let other = move || made.read().as_ref().map_or("…".to_owned(), |made| words::count(made.other.len() as u64));
    let others =
        move || made.read().as_ref().map(|made| made.other.iter().map(|address| view! { <li>{address.clone()}</li> }).collect::<Vec<_>>());
    let rules: Vec<_> = browser::policy().split(';').map(|rule| view! { <li><code>{rule.trim().to_owned()}</code></li> }).collect();
    if App::here().addresses.only {
        return view! {
            <p>"This page reads from the addresses you give it, so it may speak to any host by https. It opens no file of this machine and keeps nothing; no request carries a cookie of a store, and what is read goes nowhere else."</p>
            <dl class="facts">
                <dt>"Program files fetched"</dt><dd>{program}</dd>
                <dt>"Requests to addresses"</dt><dd id="other-requests">{other}</dd>
            </dl>
            <ul class="addresses">{others}</ul>
            <h3>"The rule the browser enforces"</h3>
            <ul class="rules">{rules}</ul>
        }
        .into_any();
    }
    view! {
        <p>"Your files are read by this tab and by its workers, on this machine. There is no server behind this page."</p>
        <dl class="facts">
            <dt>"Program files fetched"</dt><dd>{program}</dd>
            <dt>"Any other request"</dt><dd id="other-requests">{other}</dd>
        </dl>
        <ul class="addresses">{others}</ul>
        <h3>"The rule the browser enforces"</h3>
        <p>"This page and its workers may connect to nothing but the place the program came from:"</p>
        <ul class="rules">{rules}</ul>
        <h3>"See for yourself"</h3>
        <ul class="checks">
            <li>"Open the developer tools, tab Network, and drop a file: the list stays as it is."</li>
            <li>"Pull the network, or switch to flight mode, and reload: the page still works."</li>
        </ul>
    }
    .into_any()
}
