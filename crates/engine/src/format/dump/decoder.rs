//! The decoder of dumps: what the cutter cuts, as typed columns.

use colonnade_protocol::Place;

use super::cutter::DumpCutter;
use super::text::{self, Piece};
use crate::Result;
use crate::column::{CellRules, ColumnSpec};
use crate::format::faults::Faults;
use crate::format::lines::count_line_ends;
use crate::format::text::decoder::replacements;
use crate::format::text::rows::{CutText, TableRows};
use crate::format::text::transcode::{Reading, Transcoder};
use crate::format::{Decoded, Decoder, Input};
use crate::settings::Settings;

/// Decodes the rows of one table.
pub struct DumpDecoder {
    cutter: DumpCutter,
    rows: TableRows,
    transcoder: Option<Transcoder>,
}

impl DumpDecoder {
    /// A decoder of the table that the settings place, into `columns`.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Usage`] where settings or patterns cannot be used.
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let Reading { encoding, transcoder } = text::reading(settings)?;
        let rows = TableRows::new(settings, columns, CellRules::new(settings)?, encoding)?;
        Ok(Self { cutter: DumpCutter::new(settings, columns)?, rows, transcoder })
    }
}

impl Decoder for DumpDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        let piece = Piece::new(self.transcoder.as_ref(), input, 0, at_end);
        let found = self.cutter.find_record(piece.text(), piece.offset(from as u64).min(piece.text().len()))?;
        Some(piece.bytes_to(found))
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        let piece = Piece::new(self.transcoder.as_ref(), input.bytes, input.place.byte, input.at_end);
        let reached = self.cutter.run(&piece, piece.offset(input.limit), input.at_end);
        let text = piece.text();
        let decoded = &text[..reached.consumed];
        let mut faults = Faults::default();
        if piece.is_replaced() {
            replacements(text, &self.cutter.tokens.starts, &mut faults);
        }
        let place = Place { byte: piece.text_base(), line: input.place.line };
        let cut = CutText { text, decoded, place, stride: self.cutter.columns(), tokens: &self.cutter.tokens };
        let batch = self.rows.batch(cut, faults, &|text, start| self.cutter.record_end(text, start))?;
        let mut decoded = Decoded { consumed: reached.consumed, lines: count_line_ends(decoded), done: reached.done, batch };
        piece.to_source(&mut decoded);
        Ok(decoded)
    }
}
