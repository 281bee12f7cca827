//! The dialog that answers which format is friendlier to people and which stores better: the same rows in each.

use colonnade_protocol::ErrorInfo;
use colonnade_protocol::message::{Comparison, FormatSize};
use leptos::prelude::*;

use crate::state::App;
use crate::state::table::Table;
use crate::words;

/// The dialog's content: asks for the comparison and shows it.
#[component]
pub fn FormatsBody(table: Table) -> impl IntoView {
    App::here().compare(table);
    move || match table.comparison.get() {
        None => view! { <p role="status">"Writing the first rows in every format…"</p> }.into_any(),
        Some(Err(ErrorInfo { what, hint, .. })) => view! { <p role="status">{what}". "{hint}</p> }.into_any(),
        Some(Ok(comparison)) => view! { <Compared comparison/> }.into_any(),
    }
}

#[component]
fn Compared(comparison: Comparison) -> impl IntoView {
    let Comparison { rows, source_bytes, formats } = comparison;
    let smallest = |of: &dyn Fn(&&FormatSize) -> bool| formats.iter().filter(of).min_by_key(|format| format.bytes).cloned();
    let friendliest = smallest(&|format| format.is_text);
    let tightest = smallest(&|_| true);
    let most = formats.iter().map(|format| format.bytes).chain([source_bytes]).max().unwrap_or(1).max(1) as f64;
    let bar = move |bytes: u64| format!("{:.2}%", bytes as f64 / most * 100.0);
    let mark = |has: bool| {
        if has {
            view! { <td>"✓"</td> }.into_any()
        } else {
            view! { <td class="faint"><span aria-label="no">"–"</span></td> }.into_any()
        }
    };
    let row = move |format: FormatSize| {
        view! {
            <tr>
                <th scope="row">
                    {format.title.clone()}
                    <span class="size-bar"><span class="size-target" style:width=bar(format.bytes)></span></span>
                </th>
                <td class="figure">{words::bytes(format.bytes)}</td>
                {mark(format.is_text)}{mark(format.is_typed)}{mark(format.is_splittable)}{mark(format.is_columnar)}
            </tr>
        }
    };
    let times = tightest.as_ref().map(|format| source_bytes as f64 / format.bytes.max(1) as f64).filter(|times| *times > 1.0);
    view! {
        <p>
            {friendliest.map(|format| view! { "Friendliest to people: "<b>{format.title}</b>", which any editor opens. " })}
            {tightest.map(|format| view! { "Stores best: "<b>{format.title}</b> })}
            {times.map_or_else(|| ".".to_owned(), |times| format!(", {times:.1} times smaller than the source."))}
        </p>
        <table class="formats">
            <caption class="quiet-words">{format!("The first {}, written in each format", words::counted(rows, "row", "rows"))}</caption>
            <thead>
                <tr>
                    <th scope="col">"Format"</th><th scope="col">"Size"</th><th scope="col">"Read in an editor"</th>
                    <th scope="col">"Typed"</th><th scope="col">"Split"</th><th scope="col">"By column"</th>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <th scope="row">"Source"<span class="size-bar"><span class="size-source" style:width=bar(source_bytes)></span></span></th>
                    <td class="figure">{words::bytes(source_bytes)}</td><td colspan="4"></td>
                </tr>
                {formats.into_iter().map(row).collect_view()}
            </tbody>
        </table>
        <p class="quiet-words">
            "Typed: the columns' types are in the file. Split: several machines can each read a part of one file. By column: one column is read without the others."
        </p>
    }
}
