//! Values that do not fit the type that a person chose for their column: the types and patterns that all of them fit.

use std::sync::Arc;

use colonnade_protocol::report::{Change, Fix, Reject, Remedy};
use colonnade_protocol::schema::Candidate;
use colonnade_protocol::{Cause, LogicalType, Place};
use encoding_rs::UTF_8;

use crate::column::infer::TextEvidence;
use crate::column::{CellRules, Cells, ColumnSpec, Span, lattice};

/// The value at fault, where the reject marks it.
pub(super) fn value(reject: &Reject) -> Option<&str> {
    let (from, to) = reject.span?;
    reject.raw.get(from as usize..to as usize).filter(|value| !value.is_empty())
}

/// For a column and values that do not fit it: other patterns of its kind of type, a wider type, at last text.
pub(super) fn remedies(column: &ColumnSpec, values: &[&str], rules: &Arc<CellRules>) -> Vec<Remedy> {
    if values.is_empty() {
        return Vec::new();
    }
    let (wide, _) = lattice::widen_all(column, values.iter().map(|value| value.as_bytes()), rules);
    let mut found: Vec<_> = patterns(column, values, rules).collect();
    if wide.data_type != LogicalType::String && !found.iter().any(|(data_type, ..)| *data_type == wide.data_type) {
        let title = match &wide.pattern {
            Some(pattern) if wide.data_type == column.data_type => format!("Read {} as {pattern}", column.name),
            _ => format!("Widen {} to {}", column.name, wide.data_type),
        };
        found.push((wide.data_type, wide.pattern, title));
    }
    if found.is_empty() {
        found.push((LogicalType::String, None, format!("Read {} as text", column.name)));
    }
    let example = values.first().copied().unwrap_or_default();
    let what = match values.len() {
        1 => format!("{}: {example:?} fits then.", column.name),
        n => format!("{}: {example:?} and the other values listed fit then, {n} in all.", column.name),
    };
    let remedy = |(data_type, pattern, title): (LogicalType, Option<String>, String)| {
        let change = Change::ColumnType { column: column.name.clone(), data_type: Some(data_type.to_string()), pattern };
        Remedy { cause: Cause::TypeMismatch, what: what.clone(), fix: Fix { title, change } }
    };
    found.into_iter().map(remedy).collect()
}

/// Types akin to the column's, each with the pattern that all values are written by. Not those of which the sample shows
/// that they fit fewer of the column's values than what is in force.
fn patterns<'a>(
    column: &'a ColumnSpec,
    values: &[&str],
    rules: &Arc<CellRules>,
) -> impl Iterator<Item = (LogicalType, Option<String>, String)> + 'a {
    let known = |data_type: &LogicalType, pattern: Option<&str>| {
        let candidates = &column.evidence.candidates;
        candidates.iter().find(|known| known.data_type == *data_type && known.pattern.as_deref() == pattern).map_or(0, |known| known.fits)
    };
    let in_force = known(&column.data_type, column.pattern.as_deref());
    let (count, evidence) = (values.len() as u64, evidence(values, rules));
    let mut orders = Vec::new();
    evidence
        .into_iter()
        .filter(move |found| {
            let is_other = (&found.data_type, &found.pattern) != (&column.data_type, &column.pattern);
            found.fits == count && is_other && lattice::are_kin(&found.data_type, &column.data_type)
        })
        .filter(move |found| known(&found.data_type, found.pattern.as_deref()) >= in_force)
        .filter_map(move |found| {
            let (data_type, pattern) = (found.data_type, found.pattern?);
            let order = order(&pattern);
            // Of `dd/MM/yyyy` and `d/M/yyyy`, which differ in nothing that matters, one.
            if orders.contains(&order) {
                return None;
            }
            orders.push(order);
            let words = order.map(|order| format!(", {order}")).unwrap_or_default();
            let title = format!("Read {} as {data_type} ({pattern}{words})", column.name);
            Some((data_type, Some(pattern), title))
        })
}

/// What the values say of types and patterns.
fn evidence(values: &[&str], rules: &Arc<CellRules>) -> Vec<Candidate> {
    let (mut text, mut spans) = (Vec::new(), Vec::new());
    for value in values {
        spans.push(Span::plain(text.len(), text.len() + value.len()));
        text.extend_from_slice(value.as_bytes());
    }
    let mut evidence = TextEvidence::new(rules, UTF_8);
    evidence.observe(Cells { text: &text, scratch: &[], spans: &spans, stride: 1, column: 0 }, &|_| Place::default());
    evidence.conclude().3.candidates
}

/// Whether a pattern has days or months first, where it has both as numbers.
fn order(pattern: &str) -> Option<&'static str> {
    let (day, month) = (pattern.find('d')?, pattern.find('M')?);
    let year = pattern.find('y')?;
    (year > day.min(month) && !pattern.contains("MMM")).then_some(if day < month { "day first" } else { "month first" })
}
