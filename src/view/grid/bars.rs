//! Small pictures of a column's values.

use colonnade_protocol::profile::{ColumnProfile, Distribution as Shape};
use leptos::prelude::*;

use crate::words;

/// How much of a column is null.
#[component]
pub fn NullBar(nulls: u64, rows: u64) -> impl IntoView {
    let filled = if rows == 0 { 0.0 } else { (rows - nulls.min(rows)) as f64 / rows as f64 * 100.0 };
    let words = if nulls == 0 { "no nulls".to_owned() } else { format!("{} null", words::percent(nulls, rows)) };
    view! {
        <div class="nulls" title=format!("{} of {} rows are null", words::count(nulls), words::count(rows))>
            <span class="nulls-bar" class:whole=nulls == 0><span class="nulls-fill" style:width=format!("{filled}%")></span></span>
            <span class="nulls-words">{words}</span>
        </div>
    }
}

/// A histogram, or the most frequent values as one bar.
#[component]
pub fn Distribution(profile: ColumnProfile) -> impl IntoView {
    match profile.distribution {
        Shape::Histogram { bins, sampled } => histogram(&bins, sampled).into_any(),
        Shape::Top { values, other, sampled } => top(&values, other, sampled).into_any(),
        Shape::Unknown => view! { <div class="shape"></div> }.into_any(),
    }
}

fn histogram(bins: &[u64], sampled: bool) -> impl IntoView + use<> {
    let most = bins.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = 100.0 / bins.len().max(1) as f64;
    let bars: Vec<_> = bins
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(i, count)| {
            // A bin with anything in it shows.
            let height = (*count as f64 / most * 26.0).max(1.0);
            view! {
                <rect
                    x=format!("{:.2}", i as f64 * step)
                    y=format!("{:.2}", 26.0 - height)
                    width=format!("{:.2}", (step - 0.6).max(0.4))
                    height=format!("{height:.2}")
                />
            }
        })
        .collect();
    let title = if sampled { "Histogram, from a sample" } else { "Histogram" };
    view! {
        <svg class="shape histogram" viewBox="0 0 100 26" preserveAspectRatio="none" role="img" aria-label=title>{bars}</svg>
    }
}

fn top(values: &[(String, u64)], other: u64, sampled: bool) -> impl IntoView + use<> {
    let all = values.iter().map(|(_, count)| count).sum::<u64>() + other;
    let share = |count: u64| if all == 0 { 0.0 } else { count as f64 / all as f64 * 100.0 };
    let parts: Vec<_> = values
        .iter()
        .take(6)
        .filter(|(_, count)| share(*count) >= 1.0)
        .map(|(value, count)| {
            let title = format!("{value}: {}", words::percent(*count, all));
            // A name cut to a letter or two says nothing.
            let name = (share(*count) >= 30.0).then(|| value.clone());
            view! { <span class="top-part" title=title style:width=format!("{}%", share(*count))>{name}</span> }
        })
        .collect();
    let few = parts.is_empty();
    let title = if sampled { "Most frequent values, from a sample" } else { "Most frequent values" };
    view! {
        <div class="shape shares" role="img" aria-label=title>
            {parts}
            {few.then(|| view! { <span class="top-none">"no frequent value"</span> })}
        </div>
    }
}
