//! The profile of a column, ready to be shown.

use serde::{Deserialize, Serialize};

/// What is known of a column's values after so many rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    pub rows: u64,
    pub nulls: u64,
    /// Estimate of the number of distinct values, and its relative error (0 where it was counted exactly).
    pub distinct: u64,
    pub distinct_error: f32,
    /// As the grid would show them.
    pub min: Option<String>,
    pub max: Option<String>,
    pub distribution: Distribution,
}

impl ColumnProfile {
    /// The number of distinct values, where they are counted at all: those of nested columns are not.
    pub fn known_distinct(&self) -> Option<u64> {
        (self.distinct > 0 || self.nulls == self.rows).then_some(self.distinct)
    }
}

/// How a column's values spread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Distribution {
    #[default]
    Unknown,
    /// Counts of equal-width bins from `min` to `max`; estimated from a sample once `sampled`.
    Histogram { bins: Vec<u64>, sampled: bool },
    /// The most frequent values with their counts, the most frequent first; `other` counts the rest.
    Top { values: Vec<(String, u64)>, other: u64, sampled: bool },
}
