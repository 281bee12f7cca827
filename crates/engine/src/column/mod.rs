//! Columns: from text cells to typed Arrow arrays, and which type fits.

pub mod arrow;
mod boolean;
mod by_pattern;
pub mod cells;
mod date;
pub mod ddl;
mod decimal;
mod digits;
pub mod display;
mod float;
pub mod infer;
mod integer;
pub mod json;
pub mod late;
pub mod lattice;
pub mod nested;
mod number;
mod number_pattern;
pub mod parse;
mod pattern;
pub mod rules;
mod text;
mod time;
mod timestamp;
mod uuid;

pub use arrow::{arrow_field, arrow_type};
pub use cells::{Cells, Span};
pub use infer::TextEvidence;
pub use late::Late;
pub use parse::{ColumnParser, ParsedColumn};
pub use rules::CellRules;
pub use text::decode_cell;

use colonnade_protocol::schema::{ColumnEvidence, ColumnInfo};
use colonnade_protocol::{LogicalType, Origin};
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01 00:00 of an ISO 8601 date or timestamp, on its own clock.
#[cfg(feature = "every-format")]
pub(crate) fn read_moment(text: &[u8]) -> Option<i64> {
    timestamp::read(text, number::Reading::Lenient).map(|moment| moment.local)
}

/// Microseconds since midnight of `HH:mm[:ss[.ffffff]]`.
#[cfg(feature = "every-format")]
pub(crate) fn read_time(text: &[u8]) -> Option<i64> {
    time::read(text, number::Reading::Lenient)
}

/// One column of the schema that a decoder decodes into.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSpec {
    /// The name in the output: unique, not empty.
    pub name: String,
    /// The name in the source; empty where the source has none.
    pub source_name: String,
    pub data_type: LogicalType,
    /// How its text is read: a date pattern in Spark's letters (`dd.MM.yyyy`), or `#.##0,00` for decimal commas.
    pub pattern: Option<String>,
    /// [`Origin::Person`]: a value that does not fit is nulled or rejected; else it widens the column.
    pub origin: Origin,
    pub evidence: ColumnEvidence,
    /// What made it wider than its sample showed.
    pub late: Option<Box<Late>>,
}

impl ColumnSpec {
    /// A column of text, as every column is before inference.
    pub fn text(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            source_name: name.clone(),
            name,
            data_type: LogicalType::String,
            pattern: None,
            origin: Origin::Default,
            evidence: ColumnEvidence::default(),
            late: None,
        }
    }

    /// Makes the type a person's choice. Without a pattern its values are read by the one that the evidence found for this
    /// type or one of its kin.
    pub fn choose(&mut self, data_type: LogicalType, pattern: Option<String>) {
        let candidates = &self.evidence.candidates;
        let found = candidates
            .iter()
            .find(|candidate| candidate.data_type == data_type)
            .or_else(|| candidates.iter().find(|candidate| lattice::are_kin(&candidate.data_type, &data_type)));
        self.pattern = pattern.or_else(|| found?.pattern.clone());
        self.data_type = data_type;
        self.origin = Origin::Person;
        self.late = None;
    }

    /// As the page shows it.
    pub fn info(&self) -> ColumnInfo {
        let mut info = ColumnInfo {
            name: self.name.clone(),
            source_name: self.source_name.clone(),
            data_type: nested::written(&self.data_type),
            pattern: self.pattern.clone(),
            origin: self.origin.clone(),
            evidence: self.evidence.clone(),
        };
        if let Some(late) = &self.late {
            late.explain(&mut info);
        }
        info
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use colonnade_protocol::schema::Candidate;

    #[test]
    fn a_chosen_type_is_read_by_the_pattern_that_was_found() {
        let candidate =
            |data_type, pattern: Option<&str>| Candidate { data_type, pattern: pattern.map(str::to_owned), fits: 1, misfits: Vec::new() };
        let mut column = ColumnSpec::text("c");
        column.evidence.candidates =
            vec![candidate(LogicalType::Double, Some("#.##0,00")), candidate(LogicalType::Date, Some("dd.MM.yyyy"))];
        for (chosen, pattern) in [
            (LogicalType::Int32, Some("#.##0,00")),
            (LogicalType::Double, Some("#.##0,00")),
            (LogicalType::TimestampNtz, Some("dd.MM.yyyy")),
            (LogicalType::String, None),
        ] {
            column.choose(chosen, None);
            assert_eq!(column.pattern.as_deref(), pattern, "{}", column.data_type);
        }
        column.choose(LogicalType::Date, Some("MM.dd.yyyy".to_owned()));
        assert_eq!((column.pattern.as_deref(), &column.origin), (Some("MM.dd.yyyy"), &Origin::Person));
    }
}
