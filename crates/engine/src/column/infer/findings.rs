//! What a person may want to change, judged by the evidence.

use std::sync::Arc;

use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{LogicalType, Place};

use super::conclude::plural;
use super::{NULL_WORDS, TextEvidence};
use crate::column::CellRules;
use crate::words::counted;

/// Of a hundred values, those that must fit a type before it is offered against the others.
const OFFERED_FROM_PERCENT: u64 = 90;
/// Columns that a finding about several names.
const NAMED: usize = 3;

/// Findings about the columns, by name, that their evidence left as text: dates that can be read in two orders or lack a
/// century, numbers by two conventions, a few odd values, words that stand for null; and patterns of the settings that no
/// value fits. Each comes with its remedy.
pub fn findings<'a>(columns: impl IntoIterator<Item = (&'a str, &'a TextEvidence)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut nulls = NullWords::default();
    let columns: Vec<_> = columns.into_iter().collect();
    findings.extend(unfitting(&columns));
    for (name, evidence) in columns {
        if evidence.type_of(evidence.values).is_some() {
            continue;
        }
        let open = evidence.open_readings(name);
        if !open.is_empty() {
            findings.extend(open);
        } else if !nulls.add(name, evidence) {
            findings.extend(evidence.odd_values(name));
        }
    }
    findings.extend(nulls.finding());
    findings
}

/// The patterns of the settings that are those of no value of any column.
fn unfitting(columns: &[(&str, &TextEvidence)]) -> Vec<Finding> {
    let Some((_, first)) = columns.first().filter(|_| columns.iter().any(|(_, evidence)| evidence.values > 0)) else { return Vec::new() };
    let fits = |pattern: &str, of: &LogicalType| {
        columns.iter().flat_map(|(_, evidence)| evidence.dates.given()).any(|given| given.0 == of && given.1 == pattern && given.2 > 0)
    };
    let unfitting = first.dates.given().filter(|(data_type, pattern, _)| !fits(pattern, data_type));
    let said = unfitting.map(|(data_type, pattern, _)| {
        let id = match data_type {
            LogicalType::Date => "dateFormat",
            LogicalType::Timestamp => "timestampFormat",
            LogicalType::TimestampNtz => "timestampNTZFormat",
            _ => "timeFormat",
        };
        let what = format!("{id}={pattern} fits no value of the sample: each column is read by the pattern found for it");
        let change = Change::Option { id: id.to_owned(), value: None };
        Finding { what, fix: Some(Fix { title: format!("Leave {id} out"), change }) }
    });
    said.collect()
}

impl TextEvidence {
    /// Readings that all values allow, none of them sure.
    fn open_readings(&self, column: &str) -> Vec<Finding> {
        let n = self.values;
        let example = self.first.misfits.first().map(|value| value.text.as_str()).unwrap_or_default();
        let dates = self.dates.ambiguous(n).into_iter().map(|(data_type, pattern, order)| {
            let what = format!("{column}: {example:?} and the other dates can be read day first and month first");
            finding(what, format!("Read {column} {order} ({pattern})"), column, &data_type, Some(pattern))
        });
        let short = self.dates.short_years(n).into_iter().map(|(data_type, pattern)| {
            let what = format!("{column}: the years of {example:?} and the other dates have two digits");
            finding(what, format!("Read {column} as {pattern}, years from 2000 to 2099"), column, &data_type, Some(pattern))
        });
        let numbers = self.numbers.ambiguous(n).into_iter().map(|(data_type, pattern)| {
            let comma = if pattern == "#.##0,00" { "marks the fraction" } else { "groups the digits" };
            let what = format!("{column}: the comma of {example:?} can mark the fraction or group the digits");
            finding(what, format!("In {column} the comma {comma}"), column, &data_type, Some(pattern.to_owned()))
        });
        dates.chain(short).chain(numbers).collect()
    }

    /// A type that nearly all values fit.
    fn odd_values(&self, column: &str) -> Option<Finding> {
        let (_, _, _, evidence) = self.conclude();
        let best = evidence.candidates.iter().find(|candidate| {
            let is_nearly_all = candidate.fits * 100 >= self.values * OFFERED_FROM_PERCENT;
            candidate.data_type != LogicalType::String && is_nearly_all && candidate.fits < self.values
        })?;
        let odd = self.values - best.fits;
        let verb = if odd == 1 { "is" } else { "are" };
        let first = best.misfits.first().map(|misfit| format!(", first {:?} at {}", misfit.text, at(misfit.place))).unwrap_or_default();
        let fits = format!("{} of {} values are {}", best.fits, self.values, plural(&best.data_type));
        let what = format!("{column}: {fits}; {odd} {verb} not{first}");
        let pattern = best.pattern.as_ref().map(|pattern| format!(" ({pattern})")).unwrap_or_default();
        let title = format!("Read {column} as {}{pattern}", best.data_type);
        Some(finding(what, title, column, &best.data_type, best.pattern.clone()))
    }
}

/// Words for null in columns whose other values all fit a type: one finding, as the setting is one for all columns.
#[derive(Default)]
struct NullWords {
    /// Column, values that are such words, type of the others in words.
    columns: Vec<(String, u64, &'static str)>,
    words: Vec<&'static str>,
    rules: Arc<CellRules>,
}

impl NullWords {
    /// Takes up a column if words for null are all that keep it from having a type.
    fn add(&mut self, column: &str, evidence: &TextEvidence) -> bool {
        let found = NULL_WORDS.iter().zip(evidence.null_words).filter(|(_, count)| *count > 0);
        let count: u64 = found.clone().map(|(_, count)| count).sum();
        let Some((data_type, _)) = evidence.type_of(evidence.values - count).filter(|_| count > 0) else {
            return false;
        };
        for (word, _) in found {
            if !self.words.contains(word) {
                self.words.push(word);
            }
        }
        self.rules = Arc::clone(&evidence.rules);
        self.columns.push((column.to_owned(), count, plural(&data_type)));
        true
    }

    fn finding(self) -> Option<Finding> {
        let fix = self.rules.null_fix(&self.words);
        let words = self.words.join(", ");
        let what = match &self.columns[..] {
            [] => return None,
            [(column, count, others)] => {
                let are = if *count == 1 { "is" } else { "are" };
                format!("{column}: {} {are} {words}; the others are {others}", counted(*count, "value"))
            }
            columns => {
                let named: Vec<_> = columns.iter().take(NAMED).map(|(column, ..)| column.as_str()).collect();
                let more = if columns.len() > NAMED { ", ..." } else { "" };
                let count: u64 = columns.iter().map(|(_, count, _)| count).sum();
                format!("{count} values of {} columns ({}{more}) are {words}; the others fit a type", columns.len(), named.join(", "))
            }
        };
        Some(Finding { what, fix: Some(fix) })
    }
}

/// A place in words; the line of a value from the middle of a file is not known.
fn at(place: Place) -> String {
    if place.line == 0 { format!("byte {}", place.byte) } else { place.to_string() }
}

fn finding(what: String, title: String, column: &str, data_type: &LogicalType, pattern: Option<String>) -> Finding {
    let change = Change::ColumnType { column: column.to_owned(), data_type: Some(data_type.to_string()), pattern };
    Finding { what, fix: Some(Fix { title, change }) }
}
