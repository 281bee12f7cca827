//! What was noticed and what did not fit: by cause, with places, and the button that puts it right.

use colonnade_protocol::report::{Decision, Finding, Fix, Outcome, Reject, RejectGroup};
use leptos::prelude::*;

use crate::state::App;
use crate::state::table::Table;
use crate::view::icon::{Icon, Sign};
use crate::words;

/// Records listed of a cause before one asks for more.
const SHOWN: usize = 20;

/// The report.
#[component]
pub fn Problems(table: Table) -> impl IntoView {
    let app = App::here();
    let findings = Memo::new(move |_| table.findings());
    let groups = Memo::new(move |_| {
        let key = |group: &RejectGroup| (group.outcome == Outcome::Repaired, group.cause);
        let mut keys: Vec<_> = table.with_rejects(|groups| groups.iter().map(key).collect());
        keys.sort();
        keys
    });
    let counts = move || table.scan.read().as_ref().map(|scan| scan.counts).unwrap_or_default();
    let none = move || findings.read().is_empty() && groups.read().is_empty();
    let done = move || table.scan.read().as_ref().is_some_and(|scan| scan.done);
    view! {
        <div class="problems">
            <p class="problems-sum" role="status">
                <b class:bad=move || { counts().rejected > 0 }>{move || words::count(counts().rejected)}</b>" rejected, "
                <b class:fair=move || { counts().repaired > 0 }>{move || words::count(counts().repaired)}</b>" repaired, "
                {move || words::counted(counts().nulled_cells, "cell", "cells")}" made null"
                {move || (!done()).then_some(", so far")}
            </p>
            <For each=move || told(findings.get()) key=shown let:told>
                <FindingCard table what=told.0 fixes=told.1/>
            </For>
            <For each=move || groups.get() key=|key| *key let:key>
                <Group table repaired=key.0 cause=key.1/>
            </For>
            <Show when=none>
                <p class="quiet-words">{move || if done() { "Everything fits. Nothing was dropped or changed." } else { "Nothing so far. The scan goes on." }}</p>
            </Show>
            <Show when=move || !groups.read().is_empty()>
                <button class="wide" on:click=move |_| app.download_rejects(table)>
                    <Sign icon=Icon::Download/>"Download all, with place and reason"
                </button>
            </Show>
        </div>
    }
}

#[component]
fn FindingCard(table: Table, what: String, fixes: Vec<Fix>) -> impl IntoView {
    view! {
        <div class="finding">
            <Sign icon=Icon::Warning/>
            <p>{what}</p>
            {(!fixes.is_empty()).then(|| view! {
                <div class="finding-fixes">{fixes.into_iter().map(|fix| view! { <FixButton table fix/> }).collect_view()}</div>
            })}
        </div>
    }
}

/// What tells a card from another.
fn shown((what, fixes): &(String, Vec<Fix>)) -> (String, Vec<String>) {
    (what.clone(), fixes.iter().map(|fix| fix.title.clone()).collect())
}

/// Each finding once, with all that can be done about it.
fn told(findings: Vec<Finding>) -> Vec<(String, Vec<Fix>)> {
    let mut told: Vec<(String, Vec<Fix>)> = Vec::new();
    for Finding { what, fix } in findings {
        match told.iter_mut().find(|(known, _)| *known == what) {
            Some((_, fixes)) => fixes.extend(fix),
            None => told.push((what, fix.into_iter().collect())),
        }
    }
    told
}

/// The button of a change: it puts it into force, and says when it is.
#[component]
fn FixButton(table: Table, fix: Fix) -> impl IntoView {
    let app = App::here();
    let change = fix.change.clone();
    let applied = Memo::new(move |_| app.is_applied(table, &change));
    view! {
        <button class="fix" disabled=move || applied.get() || !app.may_edit() on:click=move |_| app.apply(table, &fix.change)>
            {move || applied.get().then_some("Done: ")}{fix.title}
        </button>
    }
}

#[component]
fn Group(table: Table, repaired: bool, cause: colonnade_protocol::Cause) -> impl IntoView {
    let outcome = if repaired { Outcome::Repaired } else { Outcome::Rejected };
    let shown = RwSignal::new(SHOWN);
    let is_this = move |group: &&RejectGroup| group.cause == cause && group.outcome == outcome;
    let count = Memo::new(move |_| table.with_rejects(|groups| groups.iter().find(is_this).map_or(0, |group| group.count)));
    let remedies = table.remedies;
    let offered = move || remedies.get().into_iter().filter(|remedy| remedy.cause == cause).collect::<Vec<_>>();
    let listed = Memo::new(move |_| {
        table.with_rejects(|groups| {
            let first = groups.iter().find(is_this).map_or(&[][..], |group| &group.first);
            (first.iter().take(shown.get()).cloned().collect::<Vec<_>>(), first.len())
        })
    });
    view! {
        <details class="cause" class:repaired=repaired open=move || !repaired || remedies.read().iter().any(|remedy| remedy.cause == cause)>
            <summary>
                <span class="cause-count">{move || words::count(count.get())}</span>
                <span class="cause-title">{cause.title()}</span>
                <span class="cause-outcome">{if repaired { "repaired" } else { "rejected" }}</span>
            </summary>
            <For each=offered key=|remedy| (remedy.what.clone(), remedy.fix.title.clone()) let:remedy>
                <div class="finding remedy">
                    <p>{remedy.what}</p>
                    <FixButton table fix=remedy.fix/>
                </div>
            </For>
            <ol class="records">
                <For each=move || listed.get().0 key=|reject| (reject.file.clone(), reject.place.byte, reject.column) let:reject>
                    <Record table reject/>
                </For>
            </ol>
            <Show when=move || shown.get() < listed.read().1>
                <button class="quiet" on:click=move |_| shown.update(|shown| *shown += 50)>"Show more"</button>
            </Show>
        </details>
    }
}

#[component]
fn Record(table: Table, reject: Reject) -> impl IntoView {
    let column = reject.column.and_then(|column| untrack(|| table.column(column as usize))).map(|info| info.name);
    let (before, marked, after) = marked(&reject);
    view! {
        <li class="record">
            <p class="record-place">
                {reject.file.as_ref().map(|file| format!("{file}, "))}{words::place(&reject.place)}
                {column.map(|name| format!(" · {name}"))}
            </p>
            {if reject.decisions.iter().all(|decision| decision.place == reject.place) {
                view! { <p class="record-reason">{reject.reason.clone()}</p> }.into_any()
            } else {
                let others = reject.undecided().collect::<Vec<_>>().join("; ");
                view! { <p class="record-reason">{others}</p><ul class="record-decisions">{reject.decisions.iter().map(decision).collect_view()}</ul> }.into_any()
            }}
            <code class="record-raw">{before}<mark>{marked}</mark>{after}</code>
        </li>
    }
}

/// What was decided about a part of a record, where it stands.
fn decision(decision: &Decision) -> impl IntoView + use<> {
    view! { <li><span class="record-place">{words::place(&decision.place)}</span>" "{decision.what.clone()}</li> }
}

/// The raw record in three: before the span at fault, the span, after it.
fn marked(reject: &Reject) -> (String, String, String) {
    let raw = reject.raw.as_str();
    let split = reject.span.and_then(|(from, to)| {
        let (from, to) = (from as usize, to as usize);
        Some((raw.get(..from)?, raw.get(from..to)?, raw.get(to..)?))
    });
    let (before, span, after) = split.unwrap_or((raw, "", ""));
    (before.to_owned(), span.to_owned(), after.to_owned())
}

#[cfg(test)]
mod tests {
    use colonnade_protocol::{Cause, Place};

    use super::*;

    fn reject(raw: &str, span: Option<(u32, u32)>) -> Reject {
        let (outcome, cause) = (Outcome::Rejected, Cause::TypeMismatch);
        Reject {
            outcome,
            cause,
            file: None,
            place: Place::default(),
            column: None,
            reason: String::new(),
            raw: raw.to_owned(),
            span,
            decisions: Vec::new(),
        }
    }

    #[test]
    fn the_span_at_fault_is_cut_out_of_the_record() {
        assert_eq!(marked(&reject("a,b,c", Some((2, 3)))), ("a,".to_owned(), "b".to_owned(), ",c".to_owned()));
    }

    #[test]
    fn a_span_that_cuts_a_character_marks_nothing() {
        assert_eq!(marked(&reject("äb", Some((1, 2)))), ("äb".to_owned(), String::new(), String::new()));
        assert_eq!(marked(&reject("ab", Some((1, 9)))).1, "");
    }
}
