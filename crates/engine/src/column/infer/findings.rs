//! What a person may want to change, judged by the evidence.

use colonnade_protocol::LogicalType;
use colonnade_protocol::report::{Change, Finding, Fix};

use super::conclude::plural;
use super::{NULL_WORDS, TextEvidence};

/// Of a hundred values, those that must fit a type before it is offered against the others.
const OFFERED_FROM_PERCENT: u64 = 90;

impl TextEvidence {
    /// Findings about a column of this name that its evidence left as text: dates that can be read in two orders, numbers
    /// by two conventions, words that stand for null, a few odd values. Each comes with its remedy.
    pub fn findings(&self, column: &str) -> Vec<Finding> {
        let n = self.values;
        if n == 0 || self.type_of(n).is_some() {
            return Vec::new();
        }
        let ambiguous = self.ambiguous(column);
        if !ambiguous.is_empty() {
            return ambiguous;
        }
        self.null_words(column).or_else(|| self.odd_values(column)).into_iter().collect()
    }

    fn ambiguous(&self, column: &str) -> Vec<Finding> {
        let n = self.values;
        let example = self.first.misfits.first().map(|value| value.text.as_str()).unwrap_or_default();
        let dates = self.dates.ambiguous(n).into_iter().map(|(data_type, pattern, order)| {
            let what = format!("{column}: {example:?} and the other dates can be read day first and month first");
            finding(what, format!("Read {column} {order}"), column, &data_type, Some(pattern))
        });
        let numbers = self.numbers.ambiguous(n).into_iter().map(|(data_type, pattern)| {
            let comma = if pattern == "#.##0,00" { "marks the fraction" } else { "groups the digits" };
            let what = format!("{column}: the comma of {example:?} can mark the fraction or group the digits");
            finding(what, format!("The comma {comma}"), column, &data_type, Some(pattern.to_owned()))
        });
        dates.chain(numbers).collect()
    }

    /// Words for null, where all other values fit a type.
    fn null_words(&self, column: &str) -> Option<Finding> {
        let found: Vec<_> = NULL_WORDS.iter().zip(self.null_words).filter(|(_, count)| *count > 0).collect();
        let count: u64 = found.iter().map(|(_, count)| count).sum();
        let (data_type, _) = if count > 0 { self.type_of(self.values - count)? } else { return None };
        let words: Vec<_> = found.iter().map(|(word, _)| **word).collect();
        let in_force = self.rules.null_values().iter().filter(|text| !text.is_empty());
        let mut null_values: Vec<_> = in_force.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        null_values.extend(words.iter().map(|word| (*word).to_owned()));
        let value = match &null_values[..] {
            [word] => word.clone(),
            _ => serde_json::to_string(&null_values).ok()?,
        };
        let words = words.join(", ");
        Some(Finding {
            what: format!("{column}: {count} of {} values are {words}; the others are {}", self.values, plural(&data_type)),
            fix: Some(Fix {
                title: format!("Read {words} as null"),
                change: Change::Option { id: "nullValue".to_owned(), value: Some(value) },
            }),
        })
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
        let first = best.misfits.first().map(|misfit| format!(", first {:?} at {}", misfit.text, misfit.place)).unwrap_or_default();
        let fits = format!("{} of {} values are {}", best.fits, self.values, plural(&best.data_type));
        let what = format!("{column}: {fits}; {odd} {verb} not{first}");
        let title = format!("Read {column} as {}", best.data_type);
        Some(finding(what, title, column, &best.data_type, best.pattern.clone()))
    }
}

fn finding(what: String, title: String, column: &str, data_type: &LogicalType, pattern: Option<String>) -> Finding {
    let change = Change::ColumnType { column: column.to_owned(), data_type: Some(data_type.to_string()), pattern };
    Finding { what, fix: Some(Fix { title, change }) }
}
