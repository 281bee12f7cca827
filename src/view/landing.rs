//! The page before any file: what to do first. The static shell paints the same before this program has arrived.

use leptos::prelude::*;

use super::address::AddressForm;
use super::header::choose;
use super::icon::{Icon, Sign};
use crate::state::samples::SAMPLES;
use crate::state::{App, Phase};

/// Drop target, ways to open, samples.
#[component]
pub fn Landing() -> impl IntoView {
    let app = App::here();
    let starting = Memo::new(move |_| app.phase() == Phase::Loading);
    let samples = SAMPLES.iter().map(|sample| {
        view! {
            <li>
                <button class="sample" on:click=move |_| app.open_sample(sample)>
                    <b>{sample.name}</b>
                    <span>{sample.about}</span>
                </button>
            </li>
        }
    });
    if app.addresses.only {
        return view! { <Elsewhere/> }.into_any();
    }
    view! {
        <section class="landing" aria-labelledby="landing-title">
            <div class="drop">
                <h2 id="landing-title">"Drop files anywhere"</h2>
                <p>"See what they are, put right what was guessed, and save typed Parquet. All of it in this tab."</p>
                <div class="ways">
                    <button id="open-files" class="primary" on:click=|_| choose("file")><Sign icon=Icon::Open/>"Open files"</button>
                    <button id="open-folder" on:click=|_| choose("folder")><Sign icon=Icon::Folder/>"Open folder"</button>
                    <button id="paste" on:click=move |_| app.paste()><Sign icon=Icon::Paste/>"Paste"</button>
                </div>
                <p class="starting" role="status">{move || starting.get().then_some("Getting ready")}</p>
                <p class="elsewhere">"Data at an address? "<a href=move || "remote.html">"The page for that"</a>" may speak to other hosts, so it opens no files."</p>
            </div>
            <div class="samples">
                <h3>"Or try a sample"</h3>
                <ul>{samples.collect::<Vec<_>>()}</ul>
            </div>
        </section>
    }
    .into_any()
}

/// The same on the page for data at addresses.
#[component]
fn Elsewhere() -> impl IntoView {
    view! {
        <section class="landing" aria-labelledby="landing-title">
            <div class="drop">
                <h2 id="landing-title">"Data at an address"</h2>
                <p>"A public file, or a link of S3, Google Cloud Storage or Azure with its signature. What is needed of it is read by this tab, in parts where the server gives parts."</p>
                <AddressForm/>
                <p class="elsewhere">
                    "This page may speak to other hosts, so it opens no file of yours and keeps nothing. "
                    <a href=move || "./">"Files of this machine"</a>" are opened by the page that can speak to none."
                </p>
            </div>
        </section>
    }
}
