//! The dialog of one option: its control, why it is as it is, what it does.

use leptos::prelude::*;

use crate::state::App;
use crate::state::table::Table;
use crate::view::option_control::{OptionControl, Shown, origin_words};
use crate::words;

/// The dialog's content.
#[component]
pub fn OptionBody(table: Table, id: String) -> impl IntoView {
    let app = App::here();
    let (option, _) = untrack(|| table.option(&id))?;
    let id = option.id.to_string();
    let setting = {
        let id = id.clone();
        Memo::new(move |_| table.option(&id).and_then(|(_, setting)| setting))
    };
    let by_person = {
        let id = id.clone();
        move || table.history.read().current().options.iter().any(|(name, _)| name.eq_ignore_ascii_case(&id))
    };
    let shown = Memo::new(move |_| Shown { value: setting.read().as_ref().map(|s| s.value.clone()), by_person: by_person() });
    let title = option.title.to_string();
    let set = {
        let id = id.clone();
        move |value: Option<String>| app.set_option(table, &id, &title, value)
    };
    let in_force = move || {
        let setting = setting.read();
        let setting = setting.as_ref()?;
        Some(view! { <p class="option-why"><b>{words::visible(&setting.value)}</b>", "{origin_words(&setting.origin)}</p> })
    };
    Some(view! {
        <label class="unseen" for="dialog-option">{option.title.to_string()}</label>
        <OptionControl decl=option.clone() shown set=Callback::new(set) id="dialog-option".to_owned() disabled=Signal::derive(move || !app.may_edit())/>
        {in_force}
        <p class="option-help">{option.help.to_string()}</p>
        <p class="option-name">"Option "<code>{id}</code></p>
    })
}
