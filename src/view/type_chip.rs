//! A column's type, filled by how many of its values fit.

use colonnade_protocol::schema::ColumnInfo;
use colonnade_protocol::{LogicalType, Origin};
use leptos::prelude::*;

/// The family a type's colour goes by.
pub fn family(data_type: &LogicalType) -> &'static str {
    use LogicalType as T;
    match data_type {
        T::Boolean => "boolean",
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Float | T::Double | T::Decimal { .. } => "number",
        T::Date | T::Timestamp | T::TimestampNtz | T::Time => "time",
        T::Struct(_) | T::List(_) | T::Map(_) | T::Json => "nested",
        T::String | T::Binary | T::Uuid | T::Void => "text",
    }
}

/// The share of values that fit the type in force, as far as is known.
pub fn fit(info: &ColumnInfo) -> f64 {
    let values = info.evidence.seen.saturating_sub(info.evidence.nulls);
    let candidate = info.evidence.candidates.iter().find(|candidate| candidate.data_type == info.data_type);
    match (candidate, values) {
        (Some(candidate), 1..) => (candidate.fits as f64 / values as f64).min(1.0),
        _ => 1.0,
    }
}

/// The chip.
#[component]
pub fn TypeChip(info: ColumnInfo) -> impl IntoView {
    let fit = fit(&info);
    let title = info.pattern.iter().fold(info.data_type.to_string(), |title, pattern| format!("{title} {pattern}"));
    view! {
        <span class=format!("chip {}", family(&info.data_type)) title=title class:person=info.origin == Origin::Person>
            <span class="chip-fill" style:width=format!("{:.0}%", fit * 100.0)></span>
            <span class="chip-words">{info.data_type.to_string()}</span>
            {info.pattern.clone().map(|pattern| view! { <span class="chip-pattern">{pattern}</span> })}
        </span>
    }
}
