//! The layer of small dialogs: one at a time, beside what opened it; a sheet at the foot on narrow screens.

mod column;
mod formats;
mod help;
mod option;
mod proof;
mod save;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::{Icon, Sign};
use crate::state::App;
use crate::state::overlay::{About, Open};

/// Width of a dialog; the style sheet says the same.
const WIDTH: f64 = 380.0;
/// Kept free at the window's edges.
const EDGE: f64 = 10.0;

/// Shows the dialog that is open.
#[component]
pub fn DialogLayer() -> impl IntoView {
    let app = App::here();
    let frame = NodeRef::<Div>::new();
    window_event_listener(leptos::ev::pointerdown, move |event| {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok()) else { return };
        let inside = frame.get_untracked().is_some_and(|frame| frame.contains(Some(&target)));
        if !inside && !app.overlay.is_opener(&target) && app.overlay.open.read_untracked().is_some() {
            app.overlay.close();
        }
    });
    move || app.overlay.open.get().map(|open| view! { <Dialog open frame/> })
}

#[component]
fn Dialog(open: Open, frame: NodeRef<Div>) -> impl IntoView {
    let app = App::here();
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            focus_first(&frame);
        }
    });
    let (x, y, above) = place(open.anchor);
    let title = title(app, &open.about);
    let body = match open.about {
        About::Option { table, id } => app.by_id(table).map(|table| view! { <option::OptionBody table id/> }.into_any()),
        About::Column { table, index } => app.by_id(table).map(|table| view! { <column::ColumnBody table index/> }.into_any()),
        About::Save => Some(view! { <save::SaveBody/> }.into_any()),
        About::Formats { table } => app.by_id(table).map(|table| view! { <formats::FormatsBody table/> }.into_any()),
        About::Proof => Some(view! { <proof::ProofBody/> }.into_any()),
        About::Help => Some(view! { <help::HelpBody/> }.into_any()),
    };
    view! {
        <div
            class="dialog"
            class:above=above
            role="dialog"
            aria-labelledby="dialog-title"
            node_ref=frame
            style:--x=format!("{x}px")
            style:--y=format!("{y}px")
        >
            <div class="dialog-top">
                <h2 id="dialog-title">{title}</h2>
                <button class="quiet" aria-label="Close" on:click=move |_| app.overlay.close()><Sign icon=Icon::Close/></button>
            </div>
            <div class="dialog-body" tabindex="0">{body}</div>
        </div>
    }
}

fn title(app: App, about: &About) -> String {
    match about {
        About::Option { table, id } => {
            let options = app.by_id(*table).map_or_else(Vec::new, |table| table.options());
            options.iter().find(|option| option.id == *id).map_or_else(|| id.clone(), |option| option.title.to_string())
        }
        About::Column { table, index } => {
            app.by_id(*table).and_then(|table| table.column(*index)).map_or_else(String::new, |column| column.name)
        }
        About::Save => "Save".to_owned(),
        About::Formats { .. } => "Which format?".to_owned(),
        About::Proof => "Nothing leaves this tab".to_owned(),
        About::Help => "Keys and help".to_owned(),
    }
}

/// Left edge, and the distance from the window's top, or from its foot where there is more room above the anchor.
fn place((left, top, _, bottom): (f64, f64, f64, f64)) -> (f64, f64, bool) {
    let side = |measure: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| measure.ok().and_then(|v| v.as_f64()).unwrap_or(800.0);
    let (width, height) = (side(window().inner_width()), side(window().inner_height()));
    let x = left.min(width - WIDTH - EDGE).max(EDGE);
    if bottom > height * 0.6 { (x, height - top + 6.0, true) } else { (x, bottom + 6.0, false) }
}

fn focus_first(frame: &web_sys::HtmlElement) {
    let wanted = frame.query_selector(".dialog-body :is(input, select, button, a[href], [tabindex])").ok().flatten();
    let wanted = wanted.or_else(|| frame.query_selector("button").ok().flatten());
    if let Some(element) = wanted.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
