//! The right band: how the table is read, what did not fit, what was changed.

mod changes;
mod problems;
pub mod reading;

use leptos::prelude::*;

use super::icon::{Icon, Sign};
use crate::state::App;
use crate::words;
use changes::Changes;
use problems::Problems;
use reading::Reading;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Reading,
    Problems,
    Changes,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Reading, Self::Problems, Self::Changes];

    fn title(self) -> &'static str {
        match self {
            Self::Reading => "Reading",
            Self::Problems => "Problems",
            Self::Changes => "Changes",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Reading => "tab-reading",
            Self::Problems => "tab-problems",
            Self::Changes => "tab-changes",
        }
    }
}

/// The panel of the table on show.
#[component]
pub fn Panel(open: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let tab = RwSignal::new(Tab::Reading);
    let count = move |of: Tab| match (of, app.table()) {
        (Tab::Problems, Some(table)) => table.problem_count(),
        (Tab::Changes, Some(table)) => table.history.read().position() as u64,
        _ => 0,
    };
    let tabs = Tab::ALL.map(|this| {
        let counted = Memo::new(move |_| count(this));
        view! {
            <button
                role="tab"
                class="tab"
                id=this.id()
                aria-controls="panel-body"
                aria-selected=move || (tab.get() == this).to_string()
                tabindex=move || if tab.get() == this { "0" } else { "-1" }
                on:click=move |_| tab.set(this)
            >
                {this.title()}
                {move || (counted.get() > 0).then(|| view! {
                    <span class="tab-count" class:warn=this == Tab::Problems>{words::short(counted.get() as f64)}</span>
                })}
            </button>
        }
    });
    let walk = move |event: web_sys::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => Tab::ALL.len() - 1,
            _ => return,
        };
        let at = Tab::ALL.iter().position(|this| *this == tab.get_untracked()).unwrap_or_default();
        let next = Tab::ALL[(at + step) % Tab::ALL.len()];
        tab.set(next);
        super::focus(next.id());
    };
    let current = Memo::new(move |_| app.current.get());
    view! {
        <aside class="panel" aria-label="How the table is read">
            <h2 class="unseen">"How the table is read"</h2>
            <div class="tabs">
                <div class="tab-list" role="tablist" aria-label="Panel" on:keydown=walk>{tabs.collect_view()}</div>
                <button class="quiet panel-close" aria-label="Close the panel" on:click=move |_| open.set(false)><Sign icon=Icon::Close/></button>
            </div>
            <div class="panel-body" id="panel-body" role="tabpanel" tabindex="0" aria-labelledby=move || tab.get().id()>
                {move || {
                    let table = current.get().and_then(|id| untrack(|| app.by_id(id)))?;
                    Some(match tab.get() {
                        Tab::Reading => view! { <Reading table/> }.into_any(),
                        Tab::Problems => view! { <Problems table/> }.into_any(),
                        Tab::Changes => view! { <Changes table/> }.into_any(),
                    })
                }}
            </div>
        </aside>
    }
}
