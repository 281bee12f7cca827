//! What a column's type did not hold beyond the sample: which value it was, and where it stands.

use colonnade_protocol::schema::{Candidate, ColumnInfo, Misfit};
use colonnade_protocol::{LogicalType, Origin, Place};
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use super::{ColumnSpec, decode_cell};

/// Characters of a value that are kept.
const KEPT_CHARS: usize = 200;
/// Characters of a value that the evidence quotes.
const QUOTED_CHARS: usize = 60;

/// The value that made a column wider than its sample showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Late {
    /// The type that it did not fit.
    was: LogicalType,
    pattern: Option<String>,
    misfit: Misfit,
    /// Which file, where the table is of several.
    file: Option<String>,
}

impl Late {
    /// A value that does not fit `column`, of the record that begins at `offset` in its piece of text.
    pub fn new(column: &ColumnSpec, value: &[u8], encoding: &'static Encoding, offset: u32) -> Box<Self> {
        let text = decode_cell(value, encoding).0.chars().take(KEPT_CHARS).collect();
        let place = Place { byte: offset.into(), line: 0 };
        let (was, pattern) = (column.data_type.clone(), column.pattern.clone());
        Box::new(Self { was, pattern, misfit: Misfit { text, place }, file: None })
    }

    /// Where its record begins, which those know better who come later.
    pub fn place_mut(&mut self) -> &mut Place {
        &mut self.misfit.place
    }

    /// Says which file it is of.
    pub fn of_file(&mut self, file: Option<&String>) {
        self.file = file.cloned();
    }

    /// Tells of it where a column's type is explained, and lists it with what does not fit the type before.
    pub fn explain(&self, info: &mut ColumnInfo) {
        if let Origin::Detected { evidence, .. } = &mut info.origin {
            evidence.push_str(": ");
            evidence.push_str(&self.words());
        }
        let is_before = |candidate: &&mut Candidate| candidate.data_type == self.was && candidate.pattern == self.pattern;
        if let Some(candidate) = info.evidence.candidates.iter_mut().find(is_before) {
            candidate.misfits.push(self.misfit.clone());
        }
    }

    fn words(&self) -> String {
        let mut value: String = self.misfit.text.chars().take(QUOTED_CHARS).collect();
        if value.len() < self.misfit.text.len() {
            value.push('\u{2026}');
        }
        let place = match self.misfit.place.row_number() {
            Some(row) => format!("row {row}"),
            None => format!("line {}", self.misfit.place.line),
        };
        match &self.file {
            // Files are read in any order: it is one of those that do not fit, and may not be the first.
            Some(file) => format!("{value:?} at {place} of {file} is no {}", self.was),
            None => format!("{value:?} at {place} is the first"),
        }
    }
}

/// The places of what made these columns wider.
pub fn places(columns: &mut [ColumnSpec]) -> impl Iterator<Item = &mut Place> {
    columns.iter_mut().filter_map(|column| column.late.as_mut()).map(|late| late.place_mut())
}
