//! The first lines of the source as they stand, beside the grid.

use colonnade_protocol::message::RawLineKind;
use leptos::prelude::*;

use super::borders::ColumnBorders;
use crate::state::table::Table;

/// Raw lines with their numbers and what each is to the reader.
#[component]
pub fn RawLines(table: Table) -> impl IntoView {
    let lines = move || {
        let preview = table.preview.read();
        let lines = preview.as_ref().map_or(&[][..], |preview| &preview.raw_lines);
        lines
            .iter()
            .map(|line| {
                let (class, about) = match line.kind {
                    RawLineKind::Preamble => ("raw-line preamble", "before the table"),
                    RawLineKind::Header => ("raw-line header", "header"),
                    RawLineKind::Record => ("raw-line", ""),
                    RawLineKind::Comment => ("raw-line comment", "comment"),
                    RawLineKind::Blank => ("raw-line blank", "blank"),
                    RawLineKind::Rejected => ("raw-line rejected", "rejected"),
                };
                view! {
                    <li class=class title=about>
                        <span class="raw-number">{line.number}</span>
                        <span class="raw-text">{line.text.clone()}</span>
                        {(!about.is_empty()).then(|| view! { <span class="raw-kind">{about}</span> })}
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <section class="raw" aria-label="Raw lines" tabindex="0">
            <ColumnBorders table/>
            <ol>{lines}</ol>
        </section>
    }
}
