//! The control of an option, made from its declaration.

use colonnade_protocol::option::{OptionDecl, OptionKind, Setting};
use leptos::prelude::*;

use super::icon::{Icon, Sign};
use super::input_value;
use crate::state::App;
use crate::state::table::Table;
use crate::words;

/// Stands for "found from the data" among the choices.
const AUTOMATIC: &str = "\u{1}automatic";

/// An option's value as a control shows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown {
    /// In force; `None` where nothing is known yet.
    pub value: Option<String>,
    /// Whether a person chose it.
    pub by_person: bool,
}

/// An option of a table: its setting in force, and how its control shows and sets it.
#[derive(Clone, Copy)]
pub struct TableOption {
    pub setting: Memo<Option<Setting>>,
    pub shown: Memo<Shown>,
    pub set: Callback<Option<String>>,
    pub disabled: Signal<bool>,
}

impl TableOption {
    /// That of a table under this declaration.
    pub fn new(app: App, table: Table, decl: &OptionDecl) -> Self {
        let (id, title) = (decl.id.to_string(), decl.title.to_string());
        let (of_setting, of_person) = (id.clone(), id.clone());
        let setting = Memo::new(move |_| table.setting(&of_setting));
        let shown = Memo::new(move |_| {
            let history = table.history.read();
            let said = history.current().options.iter().find(|(name, _)| name.eq_ignore_ascii_case(&of_person)).map(|(_, value)| value);
            let value = setting.read().as_ref().map(|setting| setting.value.clone());
            Shown { value: value.or_else(|| said.cloned()), by_person: said.is_some() }
        });
        let set = Callback::new(move |value| app.set_option(table, &id, &title, value));
        Self { setting, shown, set, disabled: Signal::derive(move || !app.may_edit()) }
    }
}

/// A field, switch or choice for an option. `set` gets a value that the option takes, or `None` for "not mine to say".
#[component]
pub fn OptionControl(
    decl: OptionDecl,
    #[prop(into)] shown: Signal<Shown>,
    #[prop(into)] set: Callback<Option<String>>,
    /// The id of the control, for its label.
    id: String,
    #[prop(into, optional)] disabled: Signal<bool>,
) -> impl IntoView {
    let refused = RwSignal::new(String::new());
    let checked = StoredValue::new(decl.clone());
    let offer = move |text: String| match checked.with_value(|decl| decl.check(&text)) {
        Ok(value) => {
            refused.set(String::new());
            if shown.with_untracked(|shown| shown.value.as_ref() != Some(&value)) {
                set.run(Some(value));
            }
        }
        Err(invalid) => refused.set(format!("Expected {}.", invalid.expected)),
    };
    let value = move || shown.read().value.clone().unwrap_or_default();
    let help = format!("{id}-said");
    let said_by = help.clone();
    let title = decl.title.to_string();
    let choices = match decl.kind.clone() {
        OptionKind::Flag => Some(vec![("true".to_owned(), "Yes".to_owned()), ("false".to_owned(), "No".to_owned())]),
        OptionKind::Choice(choices) => Some(choices.iter().map(|(id, title)| (id.to_string(), title.to_string())).collect()),
        OptionKind::Integer { .. } | OptionKind::Text { .. } => None,
    };
    let automatic = decl.default.is_none();
    let is_flag = decl.kind == OptionKind::Flag;
    let field = match choices {
        Some(_) if is_flag && !automatic => view! {
            <input
                type="checkbox" class="switch" role="switch" id=id disabled=disabled
                prop:checked=move || value() == "true"
                on:change=move |event| offer(event_target_checked(&event).to_string())
            />
        }
        .into_any(),
        Some(choices) => {
            let found = {
                let choices = choices.clone();
                move || match (shown.read().by_person, &shown.read().value) {
                    (false, Some(value)) => {
                        let title = choices.iter().find(|(id, _)| id == value).map_or(value.clone(), |(_, title)| title.clone());
                        format!("Automatic: {title}")
                    }
                    _ => "Automatic".to_owned(),
                }
            };
            let selected = move || if automatic && !shown.read().by_person { AUTOMATIC.to_owned() } else { value() };
            view! {
                <select
                    id=id disabled=disabled
                    prop:value=selected
                    on:change=move |event| {
                        let chosen = input_value(&event);
                        if chosen == AUTOMATIC { set.run(None) } else { offer(chosen) }
                    }
                >
                    {automatic.then(|| view! { <option value=AUTOMATIC selected=move || selected() == AUTOMATIC>{found}</option> })}
                    {choices.into_iter().map(|(id, title)| {
                        let own = id.clone();
                        view! { <option value=id selected=move || selected() == own>{title}</option> }
                    }).collect::<Vec<_>>()}
                </select>
            }
            .into_any()
        }
        None => {
            let numeric = matches!(decl.kind, OptionKind::Integer { .. });
            let empty = if decl.empty.is_empty() { "none".to_owned() } else { decl.empty.to_string() };
            let placeholder = move || match &shown.read().value {
                Some(value) if value.is_empty() => empty.clone(),
                Some(_) => String::new(),
                None => "automatic".to_owned(),
            };
            view! {
                <input
                    type="text" id=id disabled=disabled
                    inputmode=if numeric { "numeric" } else { "text" }
                    autocomplete="off" spellcheck="false" autocapitalize="off"
                    aria-describedby=said_by
                    aria-invalid=move || (!refused.read().is_empty()).to_string()
                    placeholder=placeholder
                    prop:value=value
                    on:change=move |event| offer(input_value(&event))
                />
            }
            .into_any()
        }
    };
    view! {
        <div class="control">
            {field}
            <Show when=move || shown.read().by_person>
                <button
                    class="quiet reset" disabled=disabled
                    title="Back to automatic"
                    aria-label=format!("{title}: back to automatic")
                    on:click=move |_| { refused.set(String::new()); set.run(None) }
                >
                    <Sign icon=Icon::Reset/>
                </button>
            </Show>
        </div>
        <p class="refused" id=help role="status">{refused}</p>
    }
}

/// Where a setting comes from, in words.
pub fn origin_words(origin: &colonnade_protocol::Origin) -> String {
    use colonnade_protocol::Origin;
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::Person => "set by you".to_owned(),
        Origin::Detected { confidence, evidence } if evidence.is_empty() => format!("{} sure", sure(*confidence)),
        Origin::Detected { confidence, evidence } => format!("{} sure: {evidence}", sure(*confidence)),
    }
}

/// A confidence as per cent.
pub fn sure(confidence: f32) -> String {
    words::percent((confidence.clamp(0.0, 1.0) * 1000.0).round() as u64, 1000)
}
