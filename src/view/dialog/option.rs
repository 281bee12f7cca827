//! The dialog of one option: its control, why it is as it is, what it does.

use leptos::prelude::*;

use crate::state::App;
use crate::state::table::Table;
use crate::view::option_control::{OptionControl, TableOption, origin_words};
use crate::words;

/// The dialog's content.
#[component]
pub fn OptionBody(table: Table, id: String) -> impl IntoView {
    let option = untrack(|| table.options()).into_iter().find(|option| option.id == id)?;
    let TableOption { setting, shown, set, disabled } = TableOption::new(App::here(), table, &option);
    let empty = Some(option.empty.to_string()).filter(|empty| !empty.is_empty());
    let in_force = move || {
        let setting = setting.read();
        let setting = setting.as_ref()?;
        let value = empty.clone().filter(|_| setting.value.is_empty()).unwrap_or_else(|| words::visible(&setting.value));
        Some(view! { <p class="option-why"><b>{value}</b>", "{origin_words(&setting.origin)}</p> })
    };
    Some(view! {
        <label class="unseen" for="dialog-option">{option.title.to_string()}</label>
        <OptionControl decl=option.clone() shown set id="dialog-option".to_owned() disabled/>
        {in_force}
        <p class="option-help">{option.whole_help()}</p>
        <p class="option-name">"Option "<code>{id}</code></p>
    })
}
