//! The line at the foot: how fast it goes, what did not fit, and Save.

use leptos::prelude::*;

use super::icon::{Icon, Sign};
use crate::browser;
use crate::state::overlay::About;
use crate::state::saving::Save;
use crate::state::{App, Phase};
use crate::words;

/// The foot.
#[component]
pub fn Foot() -> impl IntoView {
    let app = App::here();
    let saving = Memo::new(move |_| app.phase() == Phase::Saving);
    let may_save = Memo::new(move |_| app.may_save());
    view! {
        <footer class="foot">
            <Show when=move || saving.get() fallback=|| view! { <ScanFacts/> }>
                <SaveFacts/>
            </Show>
            <div class="save">
                <Show when=move || saving.get()>
                    <button
                        id="cancel"
                        disabled=move || matches!(*app.saving.state.read(), Save::Running { cancelling: true })
                        on:click=move |_| app.cancel()
                    >
                        {move || if matches!(*app.saving.state.read(), Save::Running { cancelling: true }) { "Stopping…" } else { "Cancel" }}
                    </button>
                </Show>
                <div class="split" class:unseen=saving>
                    <button id="save" class="primary" disabled=move || !may_save.get() on:click=move |_| app.save()>"Save as "{move || app.saving.format().1}</button>
                    <button
                        id="save-options" class="primary" aria-label="Save options" title="Save options" aria-haspopup="dialog"
                        on:click=move |event| app.overlay.toggle(About::Save, &event)
                    >
                        <Sign icon=Icon::More/>
                    </button>
                </div>
            </div>
        </footer>
    }
}

#[component]
fn ScanFacts() -> impl IntoView {
    let app = App::here();
    let scan = move || app.table().and_then(|table| Some((table.scan.get()?, table.scan_started.get_value())));
    let speed = move || {
        let (scan, started) = scan()?;
        let seconds = (browser::now() - started) / 1000.0;
        (!scan.done && seconds > 0.3 && app.phase() == Phase::Preview).then(|| {
            let rate = |n: u64| n as f64 / seconds;
            format!("{} rows/s · {}/s", words::short(rate(scan.counts.read)), words::bytes(rate(scan.bytes_done) as u64))
        })
    };
    let words = move || match app.phase() {
        Phase::Loading => "Starting".to_owned(),
        Phase::Reading => "Reading".to_owned(),
        Phase::Error => "Stopped".to_owned(),
        Phase::Done => "Saved".to_owned(),
        _ => match scan() {
            Some((scan, _)) if scan.done => format!("{} scanned", words::counted(scan.counts.read, "row", "rows")),
            Some((scan, _)) => format!("Scanning {}", words::percent(scan.bytes_done, scan.bytes_total)),
            None if app.addresses.only && app.table().is_some() => "All of it is read when it is saved".to_owned(),
            None => String::new(),
        },
    };
    let rejected = Memo::new(move |_| scan().map_or(0, |(scan, _)| scan.counts.rejected));
    let repaired = Memo::new(move |_| scan().map_or(0, |(scan, _)| scan.counts.repaired));
    view! {
        <div class="facts-line">
            <span>{words}</span>
            <span class="figure">{speed}</span>
            <span class="fact" class:bad=move || { rejected.get() > 0 }><b>{move || words::count(rejected.get())}</b>" rejected"</span>
            <span class="fact" class:fair=move || { repaired.get() > 0 }><b>{move || words::count(repaired.get())}</b>" repaired"</span>
            {move || app.saving.remark().map(|remark| view! { <span class="quiet-words">{remark}</span> })}
        </div>
    }
}

#[component]
fn SaveFacts() -> impl IntoView {
    let app = App::here();
    let progress = app.saving.progress;
    let share = move || progress.read().as_ref().filter(|p| p.bytes_total > 0).map_or(0.0, |p| p.bytes_done as f64 / p.bytes_total as f64);
    let left = move || {
        let progress = progress.read();
        let progress = progress.as_ref()?;
        let share = share();
        // Too early to say anything before this.
        (share > 0.02 && progress.milliseconds > 700)
            .then(|| format!("{} left", words::duration((progress.milliseconds as f64 * (1.0 - share) / share) as u64)))
    };
    let facts = move || {
        let progress = progress.read();
        let p = progress.as_ref()?;
        let rate = |n: u64| n as f64 * 1000.0 / p.milliseconds.max(1) as f64;
        Some(view! {
            <span class="figure">{words::bytes(p.bytes_done)}" of "{words::bytes(p.bytes_total)}</span>
            <span class="figure">{words::short(rate(p.rows))}" rows/s · "{words::bytes(rate(p.bytes_done) as u64)}"/s"</span>
            <span class="figure">{words::bytes(p.bytes_written)}" written"</span>
            <span class="figure">{words::bytes(p.memory_bytes)}" memory"</span>
            <span class="fact" class:bad=p.rejected != 0><b>{words::count(p.rejected)}</b>" rejected"</span>
        })
    };
    let note = move || progress.read().as_ref().map(|p| p.note.clone());
    view! {
        <div class="facts-line saving">
            <div
                class="bar" role="progressbar" aria-label="Saving" aria-valuemin="0" aria-valuemax="100"
                aria-valuenow=move || format!("{:.0}", share() * 100.0)
            >
                <span style:transform=move || format!("scaleX({:.4})", share())></span>
            </div>
            <b class="figure">{move || format!("{:.0} %", share() * 100.0)}</b>
            <span class="figure">{left}</span>
            {facts}
            <span class="note" role="status">{note}</span>
        </div>
    }
}
