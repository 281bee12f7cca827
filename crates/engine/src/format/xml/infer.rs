//! The columns of a sample: every attribute and element of its records, with the least type that all its values fit.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use colonnade_protocol::report::Finding;
use colonnade_protocol::schema::{Candidate, ColumnEvidence};
use colonnade_protocol::{ErrorInfo, ErrorKind, Field, LogicalType, Origin, Place};
use encoding_rs::UTF_8;

use super::options::ROW_TAG;
use super::value::Value;
use crate::Result;
use crate::column::{CellRules, Cells, ColumnSpec, Span, TextEvidence, infer, nested};
use crate::format::wide;

/// A record of the sample, and where it begins.
pub struct Sampled {
    pub value: Value,
    pub place: Place,
}

/// What the values of one name say, over all elements that have it.
#[derive(Default)]
struct Outline {
    /// Elements that have it, and how many of them several times.
    holders: u64,
    repeated: u64,
    texts: Texts,
    names: Vec<String>,
    positions: HashMap<String, usize>,
    members: Vec<Outline>,
}

/// The texts of one name.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    places: Vec<Place>,
}

impl Outline {
    fn observe(&mut self, value: &Value, place: Place) {
        if value.fields.is_empty() {
            if let Some(text) = &value.text {
                let start = self.texts.bytes.len();
                self.texts.bytes.extend_from_slice(text);
                self.texts.spans.push(Span::plain(start, self.texts.bytes.len()));
                self.texts.places.push(place);
            }
            return;
        }
        let mut counts: HashMap<usize, u64> = HashMap::new();
        for (name, value) in &value.fields {
            let member = match self.positions.get(name) {
                Some(&member) => member,
                None => {
                    self.positions.insert(name.clone(), self.members.len());
                    self.names.push(name.clone());
                    self.members.push(Self::default());
                    self.members.len() - 1
                }
            };
            *counts.entry(member).or_default() += 1;
            self.members[member].observe(value, place);
        }
        for (member, count) in counts {
            self.members[member].holders += 1;
            self.members[member].repeated += u64::from(count > 1);
        }
    }

    fn evidence(&self, rules: &Arc<CellRules>) -> TextEvidence {
        let mut evidence = TextEvidence::new(rules, UTF_8);
        let cells = Cells { text: &self.texts.bytes, scratch: &[], spans: &self.texts.spans, stride: 1, column: 0 };
        evidence.observe(cells, &|row| self.texts.places[row]);
        evidence
    }

    /// The type of a part of a column: of scalars only those that need no pattern.
    fn data_type(&self, guess: &Guess<'_>, depth: usize) -> LogicalType {
        let one = if self.members.is_empty() || depth >= nested::MAX_DEPTH {
            match self.evidence_type(guess) {
                _ if !self.members.is_empty() => LogicalType::String,
                (data_type, None) => data_type,
                _ => LogicalType::String,
            }
        } else {
            let mut members: Vec<Field> = Vec::new();
            if !self.texts.spans.is_empty() && !self.positions.contains_key(guess.value_tag) {
                let (data_type, pattern) = self.evidence_type(guess);
                let data_type = if pattern.is_some() { LogicalType::String } else { data_type };
                members.push(Field { name: guess.value_tag.to_owned(), data_type });
            }
            members.extend(
                self.names
                    .iter()
                    .zip(&self.members)
                    .map(|(name, member)| Field { name: name.clone(), data_type: member.data_type(guess, depth + 1) }),
            );
            // A text beside elements in one place, alone in another.
            if let Some(at) = self.positions.get(guess.value_tag).filter(|_| !self.texts.spans.is_empty()) {
                let alone = self.evidence_type(guess).0;
                if let Some(member) = members.get_mut(*at) {
                    member.data_type = nested::union_elements(&member.data_type, &alone, guess.value_tag);
                }
            }
            LogicalType::Struct(members)
        };
        if self.repeated > 0 { LogicalType::List(Box::new(one)) } else { one }
    }

    fn evidence_type(&self, guess: &Guess<'_>) -> (LogicalType, Option<String>) {
        if self.texts.spans.is_empty() {
            return (LogicalType::Void, None);
        }
        if !guess.infer_types {
            return (LogicalType::String, None);
        }
        let (data_type, pattern, ..) = self.evidence(guess.rules).conclude();
        (data_type, pattern)
    }
}

/// How types are guessed.
pub struct Guess<'a> {
    pub rules: &'a Arc<CellRules>,
    pub value_tag: &'a str,
    pub infer_types: bool,
}

/// Columns in the order in which their fields are seen, and what was noticed about their values.
///
/// # Errors
/// [`ErrorKind::Limit`] for names that are data: very many, of which a record has few.
pub fn columns(records: &[Sampled], guess: &Guess<'_>) -> Result<(Vec<ColumnSpec>, Vec<Finding>)> {
    let mut outline = Outline::default();
    for record in records {
        outline.observe(&record.value, record.place);
    }
    let total = records.len() as u64;
    let holders: u64 = outline.members.iter().map(|member| member.holders).sum();
    if wide::are_data(outline.members.len(), total, holders) {
        let what = format!(
            "{total} records have {} different elements and attributes, and {holders} in all: their names are data",
            outline.members.len()
        );
        let hint = format!("Choose another {ROW_TAG}: a table of them would be of columns that are almost empty.");
        return Err(ErrorInfo::new(ErrorKind::Limit, what, hint));
    }
    let (mut columns, mut taken): (Vec<ColumnSpec>, HashSet<String>) = (Vec::new(), HashSet::new());
    let mut scalars = Vec::new();
    for (name, member) in outline.names.iter().zip(&outline.members) {
        let base = new_column(name, |name| taken.contains(name));
        taken.insert(base.name.clone());
        let is_scalar = member.members.is_empty() && member.repeated == 0;
        let column = if is_scalar && guess.infer_types && !member.texts.spans.is_empty() {
            let evidence = member.evidence(guess.rules);
            let (data_type, pattern, origin, of_values) = evidence.conclude();
            scalars.push((base.name.clone(), evidence));
            let missing = total.saturating_sub(of_values.seen);
            let evidence = ColumnEvidence { seen: total, nulls: of_values.nulls + missing, ..of_values };
            ColumnSpec { data_type, pattern, origin, evidence, ..base }
        } else {
            nested_column(base, member, total, guess)
        };
        columns.push(column);
    }
    let findings = infer::findings(scalars.iter().map(|(name, evidence)| (name.as_str(), evidence)));
    Ok((columns, findings))
}

fn nested_column(base: ColumnSpec, member: &Outline, total: u64, guess: &Guess<'_>) -> ColumnSpec {
    let data_type = member.data_type(guess, 0);
    let times = if member.repeated > 0 { format!(", {} of them several times", member.repeated) } else { String::new() };
    let evidence = format!("{} of {total} records have it{times}", member.holders);
    let confidence = (member.holders + 1) as f32 / (member.holders + 2) as f32;
    let written = nested::written(&data_type);
    let candidate = |data_type| Candidate { data_type, pattern: None, fits: member.holders, misfits: Vec::new() };
    let mut candidates = vec![candidate(written)];
    if candidates[0].data_type != LogicalType::String {
        candidates.push(candidate(LogicalType::String));
    }
    let evidence_of = ColumnEvidence { seen: total, nulls: total.saturating_sub(member.holders), candidates };
    ColumnSpec { data_type, origin: Origin::Detected { confidence, evidence }, evidence: evidence_of, ..base }
}

/// A column for a field of which nothing is known, under a name that is not taken.
pub fn new_column(field: &str, taken: impl Fn(&str) -> bool) -> ColumnSpec {
    let mut name = field.to_owned();
    for n in 2.. {
        if !taken(&name) {
            break;
        }
        name = format!("{field}_{n}");
    }
    ColumnSpec { source_name: field.to_owned(), data_type: LogicalType::Void, ..ColumnSpec::text(name) }
}
