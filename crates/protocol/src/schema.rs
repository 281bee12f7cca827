//! The schema of a table with the evidence behind each column.

use serde::{Deserialize, Serialize};

use crate::option::Origin;
use crate::report::Place;
use crate::types::LogicalType;

/// One column: its type, why it has it, and what spoke against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnInfo {
    /// The name in the output: unique, not empty.
    pub name: String,
    /// The name in the source; empty where the source has none.
    pub source_name: String,
    pub data_type: LogicalType,
    /// How its text is read: a date pattern in Spark's letters (`dd.MM.yyyy`), or `#.##0,00` for decimal commas.
    pub pattern: Option<String>,
    pub origin: Origin,
    pub evidence: ColumnEvidence,
}

/// What the values seen so far say about a column's type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnEvidence {
    /// Values looked at, nulls included.
    pub seen: u64,
    pub nulls: u64,
    /// Candidate types, the best first.
    pub candidates: Vec<Candidate>,
}

/// A type that some of a column's values fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub data_type: LogicalType,
    pub pattern: Option<String>,
    /// How many of the non-null values fit.
    pub fits: u64,
    /// The first few that do not.
    pub misfits: Vec<Misfit>,
}

/// A value that does not fit a candidate type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Misfit {
    /// The value, cut to some hundred bytes.
    pub text: String,
    pub place: Place,
}
