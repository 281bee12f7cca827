//! The left band: one entry a table.

use colonnade_protocol::message::TableId;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::address::AddressForm;
use super::icon::{Icon, Sign};
use crate::state::App;
use crate::state::table::{Status, Table};
use crate::words;

/// Tables listed unless a person wants all: a thousand at once would hold the tab up.
const MOST_ENTRIES: usize = 100;
/// Files of a table that are listed.
const MOST_LISTED: usize = 200;

/// Tables with size, rows and state.
#[component]
pub fn Tables() -> impl IntoView {
    let app = App::here();
    let all = RwSignal::new(false);
    let count = move || app.tables.read().len();
    let listed = move || {
        let most = if all.get() { usize::MAX } else { MOST_ENTRIES };
        app.tables.read().iter().take(most).copied().collect::<Vec<_>>()
    };
    view! {
        <nav class="tables" aria-label="Tables">
            <h2 class="band-title">{move || words::counted(count() as u64, "table", "tables")}</h2>
            <Unite/>
            <ul>
                <For each=listed key=|table| table.id let:table>
                    <Entry table/>
                </For>
            </ul>
            <Show when=move || !all.get() && (count() > MOST_ENTRIES)>
                <button on:click=move |_| all.set(true)>{move || format!("List all {} tables", count())}</button>
            </Show>
            <Show when=move || app.addresses.only>
                <AddressForm/>
            </Show>
        </nav>
    }
}

/// Makes one table of those that are picked.
#[component]
fn Unite() -> impl IntoView {
    let app = App::here();
    let picked = RwSignal::new(Vec::<TableId>::new());
    let open = RwSignal::new(false);
    let among = move || {
        let tables = app.tables.read();
        picked.read().iter().copied().filter(|id| tables.iter().any(|table| table.id == *id)).collect::<Vec<_>>()
    };
    let pick = move |id: TableId, on: bool| {
        picked.update(|picked| {
            picked.retain(|other| *other != id);
            picked.extend(on.then_some(id));
        });
    };
    let readable = move || {
        let is_read = |table: &Table| !matches!(*table.status.read(), Status::Failed(_));
        app.tables.read().iter().copied().filter(is_read).collect::<Vec<_>>()
    };
    let choice = move |table: Table| {
        view! {
            <li>
                <label>
                    <input type="checkbox" prop:checked=move || picked.read().contains(&table.id) on:change=move |event| pick(table.id, event_target_checked(&event))/>
                    <span>{move || table.name.get()}</span>
                </label>
            </li>
        }
    };
    view! {
        <Show when=move || { readable().len() > 1 }>
            <details class="unite" prop:open=move || open.get() on:toggle=move |event| open.set(is_open(&event))>
                <summary>"Unite tables"</summary>
                <Show when=move || open.get()>
                    <p class="quiet-words">"Columns meet by name; what a table lacks is null."</p>
                    <ul class="unite-choices">
                        <For each=readable key=|table| table.id children=choice/>
                    </ul>
                    <button
                        disabled=move || among().len() < 2 || !app.may_edit()
                        on:click=move |_| {
                            let tables = untrack(among);
                            picked.set(Vec::new());
                            open.set(false);
                            app.unite(&tables);
                        }
                    >
                        "Unite"
                    </button>
                </Show>
            </details>
        </Show>
    }
}

/// The files of a table of several, and the way to make single tables of them.
#[component]
fn Files(table: Table) -> impl IntoView {
    let app = App::here();
    let open = RwSignal::new(false);
    let files = table.files();
    let count = files.len();
    let listed = StoredValue::new(files);
    let line = move |file: Table| {
        let name = file.name.get_untracked();
        let label = format!("Take {name} out of this table");
        view! {
            <li>
                <span>{name}</span>
                <button class="quiet" title="Take out" aria-label=label disabled=move || !app.may_edit() on:click=move |_| app.take_out(table, file)>
                    <Sign icon=Icon::Close/>
                </button>
            </li>
        }
    };
    let split = move || format!("Split {} into its files", table.name.read());
    view! {
        <details class="entry-files" on:toggle=move |event| open.set(is_open(&event))>
            <summary>{words::counted(count as u64, "file", "files")}</summary>
            <Show when=move || open.get()>
                <ul>
                    {listed.with_value(|files| files.iter().take(MOST_LISTED).map(|file| line(*file)).collect::<Vec<_>>())}
                    {(count > MOST_LISTED).then(|| view! { <li>{format!("and {} more", count - MOST_LISTED)}</li> })}
                </ul>
                <button class="into-files" aria-label=split disabled=move || !app.may_edit() on:click=move |_| app.split(table)>
                    "Split into single tables"
                </button>
            </Show>
        </details>
    }
}

fn is_open(event: &web_sys::Event) -> bool {
    event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).is_some_and(|details| details.has_attribute("open"))
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
        scan.as_ref()
            .filter(|scan| !scan.done && scan.bytes_total > 0 && *table.status.read() == Status::Shown)
            .map(|scan| scan.bytes_done as f64 / scan.bytes_total as f64 * 100.0)
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
            {table.is_of_several().then(|| view! { <Files table/> })}
            <button class="entry-close quiet" aria-label=close on:click=move |_| app.close(table.id)><Sign icon=Icon::Close/></button>
        </li>
    }
}
