//! The whole page.

use leptos::prelude::*;

use super::centre::Centre;
use super::dialog::DialogLayer;
use super::foot::Foot;
use super::header::Header;
use super::landing::Landing;
use super::panel::Panel;
use super::receipt::ReceiptSheet;
use super::tables::Tables;
use super::{alert, listen};
use crate::state::App;

/// Header, three bands, foot, and what lies over them.
#[component]
pub fn Root() -> impl IntoView {
    let app = App::new();
    provide_context(app);
    app.start();
    alert::follow(app);
    let over = listen::start(app);
    let panel_open = RwSignal::new(listen::is_wide());
    let empty = Memo::new(move |_| app.tables.read().is_empty());
    view! {
        <div class="page" class:empty=empty class:with-panel=panel_open>
            <Header panel_open/>
            <main class="bands">
                <Show when=move || empty.get() fallback=move || view! {
                    <Tables/>
                    <Centre/>
                    <Panel open=panel_open/>
                }>
                    <Landing/>
                </Show>
                <ReceiptSheet panel_open/>
            </main>
            <Foot/>
        </div>
        <DialogLayer/>
        <div class="drop-over" class:shown=over aria-hidden="true">
            <p>"Drop to open"</p>
        </div>
        <p class="toast" role="status" class:shown=move || !app.notice.read().is_empty()>{app.notice}</p>
    }
}
