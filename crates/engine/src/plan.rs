//! What a job does, in a form that crosses to workers: how to read, and what to make of the rows.

use serde::{Deserialize, Serialize};

use crate::column::{ColumnSpec, nested};
use crate::format::Split;
use crate::output::OutputOptions;
use crate::output::parquet::ColumnChoice;
use crate::settings::Settings;

/// How a source is read into rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadPlan {
    /// The format's id.
    pub format: String,
    /// How the format may be cut: who plans units need not have the format itself.
    pub split: Split,
    /// How types meet that are beyond scalars: [`Format::text_member`](crate::format::Format::text_member).
    pub text_member: Option<String>,
    pub settings: Settings,
    pub columns: Vec<ColumnSpec>,
}

impl ReadPlan {
    /// Takes in widened columns and new ones. Whatever the order in which they were found, what `first` has stands first,
    /// in its order, and the rest behind it by name.
    pub fn widen(&mut self, widened: &[ColumnSpec], first: &[ColumnSpec]) {
        for wide in widened {
            match self.columns.iter_mut().find(|column| column.name == wide.name) {
                Some(column) => *column = wide.clone(),
                None => self.columns.push(wide.clone()),
            }
        }
        nested::arrange(&mut self.columns, first);
    }
}

/// How rows are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WritePlan {
    pub options: OutputOptions,
    /// Parquet's, one a column.
    pub choices: Vec<ColumnChoice>,
}

/// One pass over a range of the source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitTask {
    /// The unit's number, from 0 in source order.
    pub unit: u32,
    /// The version of the schema in `read`; raised whenever a column is widened.
    pub version: u32,
    pub start: UnitStart,
    /// Records that begin at or after this position belong to the next unit.
    pub limit: u64,
    /// Bytes of the source that it covers, about: what its progress is measured by.
    pub bytes: u64,
    pub read: ReadPlan,
    /// `None`: only scan.
    pub write: Option<WritePlan>,
    /// Whether to take the columns' profile.
    pub profile: bool,
    /// Whether to give back every reject, and not only the first of each cause.
    pub list_rejects: bool,
}

/// Where a unit's first record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnitStart {
    /// Here, for certain.
    At(u64),
    /// At the first record boundary at or after this offset: the decoder guesses.
    From(u64),
}
