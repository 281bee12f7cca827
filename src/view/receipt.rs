//! The receipt of a save: every record accounted for, every file named, and how to do it again.

use std::sync::Arc;

use colonnade_protocol::ErrorInfo;
use colonnade_protocol::message::Receipt;
use colonnade_protocol::report::{Counts, InputReport, OutputFile};
use leptos::prelude::*;

use super::icon::{Icon, Sign};
use super::type_chip::TypeChip;
use crate::state::saving::{Done, Save, format_title};
use crate::state::{App, files};
use crate::words;

/// Shows the receipt while there is one.
#[component]
pub fn ReceiptSheet(panel_open: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let done = move || match &*app.saving.state.read() {
        Save::Done(done) => Some(done.clone()),
        _ => None,
    };
    move || done().map(|done| view! { <Sheet done panel_open/> })
}

#[component]
fn Sheet(done: Arc<Done>, panel_open: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let receipt = done.receipt.clone();
    let Counts { read, written, rejected, filtered, skipped, repaired, nulled_cells } = receipt.counts;
    // Where there is no room for both, the panel lies over the receipt: at first it is the receipt that is wanted.
    if !super::listen::is_wide() {
        panel_open.set(false);
    }
    let heading = NodeRef::<leptos::html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let command = receipt.command.clone();
    view! {
        <section
            id="receipt" class="receipt" aria-labelledby="receipt-title"
            data-read=read data-written=written data-rejected=rejected data-filtered=filtered
            data-skipped=skipped data-repaired=repaired data-nulled=nulled_cells
        >
            <div class="receipt-top">
                <h2 id="receipt-title" tabindex="-1" node_ref=heading><Sign icon=Icon::Check/>"Saved "{receipt.name.clone()}</h2>
                <span class="faint">{words::bytes(receipt.bytes)}" in "{words::duration(receipt.milliseconds)}</span>
                <span class="gap"></span>
                {done.url.clone().map(|url| view! {
                    <a id="download" class="button primary" href=url download=receipt.name.clone()><Sign icon=Icon::Download/>"Download"</a>
                })}
                <button class="quiet" aria-label="Close the receipt" on:click=move |_| app.saving.forget()><Sign icon=Icon::Close/></button>
            </div>
            <Sum counts=receipt.counts/>
            <LeftOut left_out=done.left_out.clone()/>
            <Sizes receipt=receipt.clone()/>
            {receipt.inputs.iter().map(|input| view! { <Input input=input.clone()/> }).collect::<Vec<_>>()}
            <h3>"The same from a shell"</h3>
            <div class="command">
                <code tabindex="0">{receipt.command.clone()}</code>
                <button aria-label="Copy the command line" on:click=move |_| files::copy(app, &command, "The command line is copied.")><Sign icon=Icon::Copy/>"Copy"</button>
            </div>
        </section>
    }
}

/// `read = written + rejected + filtered`, and what stands beside it.
#[component]
fn Sum(counts: Counts) -> impl IntoView {
    // A sign goes along with what stands behind it when there is no room for all in one line.
    let term = |sign: &'static str, n: u64, words: &'static str, class: &'static str| {
        view! {
            <span class="signed">
                {(!sign.is_empty()).then(|| view! { <i>{sign}</i> })}
                <span class=class class:zero=n == 0><b>{words::count(n)}</b><small>{words}</small></span>
            </span>
        }
    };
    let beside = [
        (counts.repaired, "row repaired", "rows repaired"),
        (counts.nulled_cells, "cell made null", "cells made null"),
        (counts.skipped, "line skipped: no row", "lines skipped: no rows"),
    ];
    let beside = beside.map(|(n, one, many)| view! { <li class:zero=n == 0>{words::counted(n, one, many)}</li> });
    view! {
        <p class="sum">
            {term("", counts.read, if counts.read == 1 { "row read" } else { "rows read" }, "term")}
            {term("=", counts.written, "written", "term")}
            {term("+", counts.rejected, "rejected", "term bad")}
            {term("+", counts.filtered, "filtered", "term")}
        </p>
        <ul class="beside-sum">{beside.collect_view()}</ul>
    }
}

/// What is not in the save, and why.
#[component]
fn LeftOut(left_out: Vec<(String, ErrorInfo)>) -> impl IntoView {
    (!left_out.is_empty()).then(|| {
        let rows = left_out.into_iter().map(|(name, error)| {
            view! { <li><b>{name}</b>": "{words::capital(&error.what)}". "<span class="faint">{error.hint}</span></li> }
        });
        view! {
            <section class="left-out">
                <h3>"Not saved"</h3>
                <ul>{rows.collect::<Vec<_>>()}</ul>
            </section>
        }
    })
}

/// The source's size beside the files'.
#[component]
fn Sizes(receipt: Receipt) -> impl IntoView {
    let app = App::here();
    // The tables of one file stand one after another.
    let files = receipt.inputs.chunk_by(|a, b| a.file().1.is_some() && a.file().0 == b.file().0);
    let source: u64 = files.map(|tables| tables[0].bytes).sum();
    let oriented = if matches!(receipt.format.as_str(), "parquet" | "arrow") { "column-oriented" } else { "row-oriented" };
    let words = format!("{}, {oriented}", format_title(&app.saving.options.read_untracked(), &receipt.format));
    let most = source.max(receipt.bytes).max(1) as f64;
    let bar = |words: &str, bytes: u64, class: &'static str| {
        view! {
            <div class="size">
                <span class="size-words">{words.to_owned()}</span>
                <span class="size-bar"><span class=class style:width=format!("{:.2}%", bytes as f64 / most * 100.0)></span></span>
                <span class="figure">{words::bytes(bytes)}</span>
            </div>
        }
    };
    view! {
        <div class="sizes">
            {bar("Source", source, "size-source")}
            {bar(&words, receipt.bytes, "size-target")}
        </div>
    }
}

#[component]
fn Input(input: InputReport) -> impl IntoView {
    let app = App::here();
    let columns = input.schema.len() as u64;
    let schema: Vec<_> =
        input.schema.iter().map(|column| view! { <li><span>{column.name.clone()}</span><TypeChip info=column.clone()/></li> }).collect();
    let listed: u64 = input.rejects.iter().map(|group| group.count).sum();
    let name = input.name.clone();
    let table = move || app.tables.read_untracked().iter().copied().find(|table| table.name.get_untracked() == name);
    view! {
        <section class="input">
            <h3>{input.name.clone()}</h3>
            <p class="faint">{input.sentence.clone()}</p>
            {(!input.findings.is_empty()).then(|| view! {
                <ul class="found">{input.findings.iter().map(|finding| view! { <li>{finding.what.clone()}</li> }).collect::<Vec<_>>()}</ul>
            })}
            <div class="scrolled" tabindex="0" role="region" aria-label=format!("Files written from {}", input.name)>
                <table class="files">
                    <thead><tr><th scope="col">"File"</th><th scope="col">"Rows"</th><th scope="col">"Size"</th><th scope="col">"Row groups"</th><th scope="col">"CRC-32"</th></tr></thead>
                    <tbody>{input.outputs.iter().map(|file| view! { <FileRow file=file.clone()/> }).collect::<Vec<_>>()}</tbody>
                </table>
            </div>
            <details>
                <summary>{words::counted(columns, "column", "columns")}</summary>
                <ul class="schema">{schema}</ul>
            </details>
            {(listed > 0).then(|| view! {
                <button on:click=move |_| if let Some(table) = table() { app.download_rejects(table) }>
                    <Sign icon=Icon::Download/>{format!("Download {}", words::counted(listed, "record that did not fit", "records that did not fit"))}
                </button>
            })}
        </section>
    }
}

#[component]
fn FileRow(file: OutputFile) -> impl IntoView {
    let changes = file.changes.join("; ");
    view! {
        <tr>
            <th scope="row">{file.name}{(!changes.is_empty()).then(|| view! { <small>{changes}</small> })}</th>
            <td>{words::count(file.rows)}</td>
            <td>{words::bytes(file.bytes)}</td>
            <td>{words::count(u64::from(file.row_groups))}</td>
            <td><code>{file.crc32}</code></td>
        </tr>
    }
}
