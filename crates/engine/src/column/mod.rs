//! Columns: from text cells to typed Arrow arrays, and which type fits.

pub mod arrow;
mod boolean;
pub mod cells;
mod date;
pub mod ddl;
mod decimal;
mod digits;
pub mod display;
mod float;
pub mod infer;
mod integer;
pub mod lattice;
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
pub use parse::{ColumnParser, ParsedColumn};
pub use rules::CellRules;
pub use text::decode_cell;

use colonnade_protocol::schema::{ColumnEvidence, ColumnInfo};
use colonnade_protocol::{LogicalType, Origin};
use serde::{Deserialize, Serialize};

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
        }
    }

    /// As the page shows it.
    pub fn info(&self) -> ColumnInfo {
        ColumnInfo {
            name: self.name.clone(),
            source_name: self.source_name.clone(),
            data_type: self.data_type.clone(),
            pattern: self.pattern.clone(),
            origin: self.origin.clone(),
            evidence: self.evidence.clone(),
        }
    }
}
