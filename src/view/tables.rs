//! The left band: one entry a table.

use leptos::prelude::*;

use super::address::AddressForm;
use super::icon::{Icon, Sign};
use crate::state::App;
use crate::state::table::{Status, Table};
use crate::words;

/// Tables with size, rows and state.
#[component]
pub fn Tables() -> impl IntoView {
    let app = App::here();
    view! {
        <nav class="tables" aria-label="Tables">
            <h2 class="band-title">{move || words::counted(app.tables.read().len() as u64, "table", "tables")}</h2>
            <ul>
                <For each=move || app.tables.get() key=|table| table.id let:table>
                    <Entry table/>
                </For>
            </ul>
            <Show when=move || app.addresses.only>
                <AddressForm/>
            </Show>
        </nav>
    }
}

#[component]
fn Entry(table: Table) -> impl IntoView {
    let app = App::here();
    let close = move || format!("Close {}", table.name.read());
    let current = move || app.current.get() == Some(table.id);
    let state = move || match &*table.status.read() {
        Status::Reading | Status::Shown if table.unpacking.get().is_some() => {
            ("reading", format!("unpacking, {:.0} %", table.unpacking.get().unwrap_or_default() * 100.0))
        }
        Status::Reading => ("reading", "reading…".to_owned()),
        Status::Failed(_) => ("failed", "cannot be read".to_owned()),
        Status::Stopped(_) => ("failed", "stopped".to_owned()),
        Status::Shown => {
            let (rows, sure) = table.row_count();
            ("shown", format!("{}{}", if sure { "" } else { "≈ " }, words::counted(rows, "row", "rows")))
        }
    };
    let share = move || {
        if let Some(share) = table.unpacking.get() {
            return Some(share * 100.0);
        }
        let scan = table.scan.read();
        scan.as_ref().filter(|scan| !scan.done && scan.bytes_total > 0).map(|scan| scan.bytes_done as f64 / scan.bytes_total as f64 * 100.0)
    };
    let problems = Memo::new(move |_| table.problem_count());
    view! {
        <li class="entry" class:current=current class:warned=move || { problems.get() > 0 }>
            <button class="entry-main" aria-current=move || current().to_string() on:click=move |_| app.current.set(Some(table.id))>
                <span class="entry-name" title=move || table.name.get()>{move || table.name.get()}</span>
                <span class="entry-facts">
                    {words::bytes(table.size)}" · "<span class=move || state().0>{move || state().1}</span>
                </span>
                {move || share().map(|share| view! { <span class="entry-scan"><span style:width=format!("{share:.1}%")></span></span> })}
            </button>
            {move || (problems.get() > 0).then(|| view! {
                <span class="entry-problems" title="Records and findings to look at">{words::short(problems.get() as f64)}</span>
            })}
            <button class="entry-close quiet" aria-label=close on:click=move |_| app.close(table.id)><Sign icon=Icon::Close/></button>
        </li>
    }
}
