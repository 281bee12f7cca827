//! What a job does, in a form that crosses to workers: how to read, and what to make of the rows.

use colonnade_protocol::message::Cell;
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
    /// Of one file of several: where each column of the table comes from. `None`: the columns are the table's.
    pub given: Option<Vec<Given>>,
}

/// Where a column of a table comes from in one of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Given {
    /// The file's column at this position.
    Column(u32),
    /// One value for all of the file's rows.
    Value(String),
    /// The file has no such column: null.
    Nothing,
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

impl Given {
    /// A cell of the table's column; `own` gives that of the file's.
    pub fn cell(&self, own: impl FnOnce(u32) -> Option<Cell>) -> Cell {
        match self {
            Self::Column(at) => own(*at).unwrap_or(Cell::Null),
            Self::Value(text) => Cell::Text(text.clone()),
            Self::Nothing => Cell::Null,
        }
    }
}

/// How rows are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WritePlan {
    pub options: OutputOptions,
    /// Parquet's, one a column.
    pub choices: Vec<ColumnChoice>,
}

/// One pass over a range of a source, or over several small sources whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitTask {
    /// The unit's number, from 0 in source order.
    pub unit: u32,
    /// The version of the schema; raised whenever a column is widened.
    pub version: u32,
    pub first: Piece,
    /// Whole files behind the first piece, which is one itself then.
    pub more: Vec<Piece>,
    /// The table's columns.
    pub columns: Vec<ColumnSpec>,
    /// Bytes of the sources that it covers, about: what its progress is measured by.
    pub bytes: u64,
    /// `None`: only scan.
    pub write: Option<WritePlan>,
    /// Whether to take the columns' profile.
    pub profile: bool,
    /// Whether to give back every reject, and not only the first of each cause.
    pub list_rejects: bool,
}

/// A range of one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Which of the table's files it is of, from 0.
    pub part: u32,
    /// That file's name, where there are several.
    pub file: Option<String>,
    pub start: UnitStart,
    /// Lines before the first record, where it is the file's first; else lines count from the piece's own first.
    pub line: u64,
    /// Records that begin at or after this position belong to the next unit.
    pub limit: u64,
    pub read: ReadPlan,
}

/// Where a unit's first record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnitStart {
    /// Here, for certain.
    At(u64),
    /// At the first record boundary at or after this offset: the decoder guesses.
    From(u64),
}
