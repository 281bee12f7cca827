//! From evidence to a type.

use colonnade_protocol::schema::{Candidate, ColumnEvidence};
use colonnade_protocol::{LogicalType, Origin};

use super::TextEvidence;

/// Candidates that are shown.
const MOST_CANDIDATES: usize = 8;

impl TextEvidence {
    /// The type of the column, the pattern its values are written by, why, and what spoke for other types. A column
    /// without values is text.
    pub fn conclude(&self) -> (LogicalType, Option<String>, Origin, ColumnEvidence) {
        let (data_type, pattern) = self.type_of(self.values).unwrap_or((LogicalType::String, None));
        let candidates = self.candidates(&data_type, pattern.as_deref());
        let confidence = (self.values + 1) as f32 / (self.values + 2) as f32;
        let origin = Origin::Detected { confidence, evidence: self.reason(&data_type, pattern.as_deref(), &candidates) };
        let nulls = if data_type == LogicalType::String { self.nulls } else { self.nulls + self.blanks };
        (data_type, pattern, origin, ColumnEvidence { seen: self.seen, nulls, candidates })
    }

    /// The least type that `count` values, being all there are, fit without loss; none but text if `None`.
    pub(super) fn type_of(&self, count: u64) -> Option<(LogicalType, Option<String>)> {
        if count == 0 {
            return None;
        }
        if self.booleans.fits == count {
            return Some((LogicalType::Boolean, None));
        }
        let number =
            self.numbers.conclude(count, self.rules.prefers_decimal).map(|(data_type, pattern)| (data_type, pattern.map(str::to_owned)));
        number.or_else(|| self.dates.conclude(count, self.rules.prefer_date))
    }

    /// The candidate types, the one chosen first and then those that more values fit; text, which all fit, is last.
    fn candidates(&self, chosen: &LogicalType, pattern: Option<&str>) -> Vec<Candidate> {
        let others = [(LogicalType::Boolean, &self.booleans), (LogicalType::Uuid, &self.uuids)];
        let others = others.into_iter().filter(|(_, tally)| tally.fits > 0).map(|(data_type, tally)| Candidate {
            data_type,
            pattern: None,
            fits: tally.fits,
            misfits: tally.misfits.clone(),
        });
        let mut candidates: Vec<_> = others.chain(self.numbers.candidates()).chain(self.dates.candidates()).collect();
        candidates.sort_by_key(|candidate| {
            let is_chosen = candidate.data_type == *chosen && candidate.pattern.as_deref() == pattern;
            (!is_chosen, std::cmp::Reverse(candidate.fits))
        });
        candidates.truncate(MOST_CANDIDATES);
        candidates.push(Candidate { data_type: LogicalType::String, pattern: None, fits: self.values, misfits: Vec::new() });
        candidates
    }

    /// Why the column has its type, in numbers.
    fn reason(&self, data_type: &LogicalType, pattern: Option<&str>, candidates: &[Candidate]) -> String {
        let n = self.values;
        if n == 0 {
            return if self.seen == 0 { "no values".to_owned() } else { format!("none of {} rows has a value", self.seen) };
        }
        if *data_type != LogicalType::String {
            let pattern = pattern.map(|pattern| format!(" written as {pattern}")).unwrap_or_default();
            return format!("{n} of {n} values are {}{pattern}", plural(data_type));
        }
        if !self.dates.ambiguous(n).is_empty() {
            return format!("{n} of {n} values can be read day first and month first");
        }
        if !self.dates.short_years(n).is_empty() {
            return format!("{n} of {n} values are dates whose years have two digits");
        }
        if let [(_, a), (_, b)] = self.numbers.ambiguous(n)[..] {
            return format!("{n} of {n} values can be read as {a} and as {b}");
        }
        if self.codes > 0 {
            return format!("{} of {n} values begin with 0 or +, which a number would lose", self.codes);
        }
        match candidates.first() {
            Some(Candidate { data_type, fits, misfits, .. }) if *data_type != LogicalType::String && *fits > n / 2 => {
                let example = misfits.first().map(|misfit| format!(", {:?} is not", misfit.text)).unwrap_or_default();
                format!("{fits} of {n} values are {}{example}", plural(data_type))
            }
            _ => format!("{n} of {n} values are text"),
        }
    }
}

/// Values of a type, in words.
pub(super) fn plural(data_type: &LogicalType) -> &'static str {
    match data_type {
        LogicalType::Boolean => "true or false",
        LogicalType::Int8 | LogicalType::Int16 | LogicalType::Int32 | LogicalType::Int64 => "whole numbers",
        LogicalType::Float | LogicalType::Double => "numbers",
        LogicalType::Decimal { .. } => "exact decimals",
        LogicalType::Date => "dates",
        LogicalType::Timestamp => "timestamps with an offset",
        LogicalType::TimestampNtz => "timestamps without an offset",
        LogicalType::Time => "times",
        LogicalType::Uuid => "UUIDs",
        _ => "text",
    }
}
