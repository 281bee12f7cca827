//! The dialog of one column: name, type and pattern, the evidence for it, its profile.

use colonnade_protocol::LogicalType;
use colonnade_protocol::profile::{ColumnProfile, Distribution};
use colonnade_protocol::schema::{Candidate, ColumnInfo};
use leptos::prelude::*;

use crate::state::App;
use crate::state::table::Table;
use crate::view::grid::bars;
use crate::view::input_value;
use crate::view::option_control::origin_words;
use crate::words;

/// The types offered; a decimal's digits can be typed in.
const TYPES: [&str; 15] = [
    "string",
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "decimal(18,2)",
    "float",
    "double",
    "date",
    "timestamp",
    "timestamp_ntz",
    "time",
    "uuid",
    "json",
];

/// The dialog's content.
#[component]
pub fn ColumnBody(table: Table, index: usize) -> impl IntoView {
    let app = App::here();
    let info = Memo::new(move |_| table.column(index));
    let profile = Memo::new(move |_| table.profile(index));
    let may = Signal::derive(move || app.may_edit());
    let text = move |of: fn(&ColumnInfo) -> String| info.read().as_ref().map_or_else(String::new, of);
    let source = move || {
        info.read().as_ref().filter(|info| info.source_name != info.name && !info.source_name.is_empty()).map(|info| {
            view! { <p class="option-why">"In the source: "<b>{info.source_name.clone()}</b></p> }
        })
    };
    view! {
        <div class="field">
            <label for="column-name">"Name"</label>
            <input
                type="text" id="column-name" autocomplete="off" spellcheck="false"
                disabled=move || !may.get()
                prop:value=move || text(|info| info.name.clone())
                on:change=move |event| app.rename(table, index, &input_value(&event))
            />
        </div>
        {source}
        <TypeFields table index info/>
        <p class="option-why">{move || info.read().as_ref().map(|info| origin_words(&info.origin))}</p>
        {move || info.get().map(|info| view! { <Evidence table info/> })}
        {move || profile.get().map(|profile| view! { <Profile profile/> })}
    }
}

#[component]
fn TypeFields(table: Table, index: usize, info: Memo<Option<ColumnInfo>>) -> impl IntoView {
    let app = App::here();
    let refused = RwSignal::new(String::new());
    let by_person = move || {
        let history = table.history.read();
        history.current().columns.iter().any(|c| c.index as usize == index && c.data_type.is_some())
    };
    let in_force = move || info.read().as_ref().map_or_else(String::new, |info| info.data_type.to_string());
    let pattern = move || info.read().as_ref().and_then(|info| info.pattern.clone()).unwrap_or_default();
    let set = move |data_type: String| match data_type.parse::<LogicalType>() {
        Ok(parsed) => {
            refused.set(String::new());
            app.set_type(table, index, Some(parsed.to_string()), None);
        }
        Err(unknown) => refused.set(unknown.to_string()),
    };
    let choose = move |event: web_sys::Event| match input_value(&event).as_str() {
        "" => app.set_type(table, index, None, None),
        chosen => set(chosen.to_owned()),
    };
    let has_pattern = move || {
        use LogicalType as T;
        let info = info.read();
        let of = info.as_ref().map(|info| &info.data_type);
        matches!(
            of,
            Some(
                T::Date
                    | T::Timestamp
                    | T::TimestampNtz
                    | T::Time
                    | T::Decimal { .. }
                    | T::Double
                    | T::Float
                    | T::Int64
                    | T::Int32
                    | T::Int16
                    | T::Int8
            )
        )
    };
    let is_decimal = move || matches!(info.read().as_ref().map(|info| &info.data_type), Some(LogicalType::Decimal { .. }));
    let disabled = move || !app.may_edit();
    view! {
        <div class="field">
            <label for="column-type">"Type"</label>
            <select id="column-type" disabled=disabled on:change=choose prop:value=move || if by_person() { in_force() } else { String::new() }>
                <option value="" selected=move || !by_person()>{move || if by_person() { "Automatic".to_owned() } else { format!("Automatic: {}", in_force()) }}</option>
                {TYPES.map(|name| view! { <option value=name selected=move || by_person() && in_force() == name>{name}</option> }).collect_view()}
                {move || (by_person() && !TYPES.contains(&in_force().as_str())).then(|| view! { <option value=in_force() selected=true>{in_force()}</option> })}
            </select>
        </div>
        <Show when=is_decimal>
            <div class="field">
                <label for="column-digits">"Digits"</label>
                <input
                    type="text" id="column-digits" autocomplete="off" spellcheck="false" disabled=disabled
                    prop:value=in_force on:change=move |event| set(input_value(&event))
                />
            </div>
        </Show>
        <Show when=has_pattern>
            <div class="field">
                <label for="column-pattern">"Pattern"</label>
                <input
                    type="text" id="column-pattern" autocomplete="off" spellcheck="false" disabled=disabled
                    placeholder="as usual" prop:value=pattern
                    on:change=move |event| {
                        let wanted = input_value(&event);
                        app.set_type(table, index, Some(in_force()), (!wanted.is_empty()).then_some(wanted));
                    }
                />
            </div>
        </Show>
        <p class="refused" role="status">{refused}</p>
    }
}

#[component]
fn Evidence(table: Table, info: ColumnInfo) -> impl IntoView {
    let values = info.evidence.seen.saturating_sub(info.evidence.nulls);
    let has_lines = table.preview.with_untracked(|preview| preview.as_ref().is_some_and(|preview| !preview.raw_lines.is_empty()));
    let row = |candidate: &Candidate| view! { <CandidateRow candidate=candidate.clone() values has_lines/> };
    let candidates = info.evidence.candidates.iter().take(5).map(row);
    let any = !info.evidence.candidates.is_empty();
    any.then(|| {
        view! {
            <section class="evidence">
                <h3>{format!("Of {} looked at", words::counted(values, "value", "values"))}</h3>
                <ul>{candidates.collect::<Vec<_>>()}</ul>
            </section>
        }
    })
}

#[component]
fn CandidateRow(candidate: Candidate, values: u64, has_lines: bool) -> impl IntoView {
    // Where all that were looked at fit, what does not was met beyond them.
    let beyond = if candidate.fits >= values { " beyond those, " } else { " " };
    let misfits = candidate.misfits.iter().take(3).map(|misfit| {
        view! { <li><q>{misfit.text.clone()}</q><span class="faint">{beyond}{words::short_place(&misfit.place, has_lines)}</span></li> }
    });
    let misfits = misfits.collect::<Vec<_>>();
    let pattern = candidate.pattern.clone().map(|pattern| format!(" {pattern}"));
    view! {
        <li>
            <span class="candidate">
                <span>{candidate.data_type.to_string()}<span class="faint">{pattern}</span></span>
                <span class="figure">{words::count(candidate.fits)}" fit · "{words::percent(candidate.fits, values)}</span>
            </span>
            {(!misfits.is_empty()).then(|| view! { <ul class="misfits">{misfits}</ul> })}
        </li>
    }
}

#[component]
fn Profile(profile: ColumnProfile) -> impl IntoView {
    let distinct = profile.known_distinct().map(|distinct| match profile.distinct_error {
        error if error > 0.0 => format!("≈ {} (± {:.1} %)", words::count(distinct), error * 100.0),
        _ => words::count(distinct),
    });
    let top = match &profile.distribution {
        Distribution::Top { values, other, sampled } => {
            let all = values.iter().map(|(_, count)| count).sum::<u64>() + other;
            let row = |(value, count): &(String, u64)| {
                let about = if *sampled { "≈ " } else { "" };
                view! { <li class="candidate"><span class="top-value">{value.clone()}</span><span class="figure">{about}{words::count(*count)}" · "{about}{words::percent(*count, all)}</span></li> }
            };
            Some(
                view! {
                    {sampled.then(|| view! { <p class="faint">"The most frequent, estimated from a sample"</p> })}
                    <ul class="top-list">{values.iter().take(8).map(row).collect::<Vec<_>>()}</ul>
                }
                .into_any(),
            )
        }
        Distribution::Histogram { .. } => Some(view! { <bars::Distribution profile=profile.clone()/> }.into_any()),
        Distribution::Unknown => None,
    };
    view! {
        <section class="evidence">
            <h3>"Values"</h3>
            <dl class="facts">
                <dt>"Rows"</dt><dd>{words::count(profile.rows)}</dd>
                <dt>"Null"</dt><dd>{words::count(profile.nulls)}" · "{words::percent(profile.nulls, profile.rows)}</dd>
                {distinct.map(|distinct| view! { <dt>"Distinct"</dt><dd>{distinct}</dd> })}
                {profile.min.clone().map(|min| view! { <dt>"Least"</dt><dd>{min}</dd> })}
                {profile.max.clone().map(|max| view! { <dt>"Greatest"</dt><dd>{max}</dd> })}
            </dl>
            {top}
        </section>
    }
}
