//! The decoder of dumps: what the cutter cuts, as typed columns.

use encoding_rs::UTF_8;

use super::cutter::DumpCutter;
use crate::Result;
use crate::column::{CellRules, ColumnSpec};
use crate::format::faults::Faults;
use crate::format::lines::count_line_ends;
use crate::format::text::rows::{CutText, TableRows};
use crate::format::{Decoded, Decoder, Input};
use crate::settings::Settings;

/// Decodes the rows of one table.
pub struct DumpDecoder {
    cutter: DumpCutter,
    rows: TableRows,
}

impl DumpDecoder {
    /// A decoder of the table that the settings place, into `columns`.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Usage`] where settings or patterns cannot be used.
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let rows = TableRows::new(settings, columns, CellRules::new(settings)?, UTF_8)?;
        Ok(Self { cutter: DumpCutter::new(settings, columns)?, rows })
    }
}

impl Decoder for DumpDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, _at_end: bool) -> Option<usize> {
        self.cutter.find_record(input, from)
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        let limit = usize::try_from(input.limit.saturating_sub(input.place.byte)).unwrap_or(usize::MAX);
        let reached = self.cutter.run(input.bytes, input.place.byte, limit, input.at_end);
        let decoded = &input.bytes[..reached.consumed];
        let cut = CutText { text: input.bytes, decoded, place: input.place, stride: self.cutter.columns(), tokens: &self.cutter.tokens };
        let batch = self.rows.batch(cut, Faults::default(), &|text, start| self.cutter.record_end(text, start))?;
        Ok(Decoded { consumed: reached.consumed, lines: count_line_ends(decoded), done: reached.done, batch })
    }
}
