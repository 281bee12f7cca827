//! The decoder of text tables.

use colonnade_protocol::{Cause, Place};

use super::rows::{CutText, TableRows};
use super::transcode::Reading;
use super::{Cutter, Tokens};
use crate::Result;
use crate::column::{CellRules, ColumnSpec};
use crate::format::faults::{Fault, Faults};
use crate::format::lines::count_line_ends;
use crate::format::{Decoded, Decoder, Input};
use crate::settings::Settings;

/// Decodes the records of one unit.
pub struct TextDecoder {
    cutter: Box<dyn Cutter>,
    tokens: Tokens,
    rows: TableRows,
    /// Records that begin here or later are no rows.
    table_end: u64,
    reading: Reading,
}

impl TextDecoder {
    /// A decoder of what `cutter` cuts into `columns`; the corrupt-record column, where one is set, is the last of them.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](colonnade_protocol::ErrorKind) where settings or patterns cannot be used.
    pub fn new(cutter: Box<dyn Cutter>, reading: Reading, settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        Ok(Self {
            tokens: Tokens::default(),
            rows: TableRows::new(settings, columns, CellRules::new(settings)?, reading.encoding)?,
            cutter,
            table_end: match settings.integer("tableEnd") {
                0 => u64::MAX,
                end => end as u64,
            },
            reading,
        })
    }

    fn decode_text(&mut self, text: &Text<'_>, place: Place, limit: usize, at_end: bool) -> Result<Decoded> {
        let Text { bytes: text, replaced, below } = *text;
        let reached = if below {
            self.cutter.reject_lines(text, limit, at_end, &mut self.tokens)
        } else {
            self.cutter.run(text, limit, at_end, &mut self.tokens)
        };
        let mut faults = Faults::default();
        if replaced {
            replacements(text, &self.tokens.starts, &mut faults);
        }
        let decoded = &text[..reached.consumed];
        let cut = CutText { text, decoded, place, stride: self.cutter.columns(), tokens: &self.tokens };
        let batch = self.rows.batch(cut, faults, &|text, start| self.cutter.record_end(text, start))?;
        Ok(Decoded { consumed: reached.consumed, lines: count_line_ends(decoded), done: reached.done, batch })
    }
}

/// Lists the rows, which begin at `starts`, in which U+FFFD stands for bytes that were no text.
pub(in crate::format) fn replacements(text: &[u8], starts: &[u32], faults: &mut Faults) {
    let mut rows: Vec<usize> =
        memchr::memmem::find_iter(text, "\u{FFFD}").map(|at| starts.partition_point(|&start| start as usize <= at)).collect();
    rows.dedup();
    for row in rows.into_iter().filter(|&row| row > 0).map(|row| row - 1) {
        let reason = "bytes that are no text in this encoding; U+FFFD stands for them".to_owned();
        faults.add(Fault {
            row: Some(row as u32),
            start: starts[row],
            cause: Cause::InvalidEncoding,
            column: None,
            reason,
            span: None,
            by: None,
        });
    }
}

impl Decoder for TextDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        match &self.reading.transcoder {
            Some(transcoder) => transcoder.find_record(self.cutter.as_ref(), input, from, at_end),
            None => self.cutter.find_record(input, from, at_end),
        }
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        self.cutter.begin_at(input.place.byte);
        let below = input.place.byte >= self.table_end;
        let limit = if below { input.limit } else { input.limit.min(self.table_end) };
        let limit = usize::try_from(limit.saturating_sub(input.place.byte)).unwrap_or(usize::MAX);
        let mut decoded = match &self.reading.transcoder {
            None => self.decode_text(&Text { bytes: input.bytes, replaced: false, below }, input.place, limit, input.at_end)?,
            Some(transcoder) => {
                let transcoded = transcoder.decode(input.bytes, input.at_end);
                let text = Text { bytes: transcoded.text.as_bytes(), replaced: transcoded.replaced, below };
                let place = Place { byte: 0, line: input.place.line };
                let mut decoded = self.decode_text(&text, place, transcoded.text_limit(limit), input.at_end)?;
                transcoded.to_source(&mut decoded, input.place.byte);
                decoded
            }
        };
        let reached = input.place.byte + decoded.consumed as u64;
        // A line that was given up is this unit's to its end: the next one would take the rest for a record.
        let at_limit = reached >= input.limit && !self.tokens.within_long_line;
        decoded.done = at_limit || (input.at_end && decoded.consumed == input.bytes.len());
        Ok(decoded)
    }
}

/// A piece of text to decode.
struct Text<'a> {
    bytes: &'a [u8],
    /// Some U+FFFD in it stand for bytes that were no text.
    replaced: bool,
    /// It lies below the table: its records are no rows.
    below: bool,
}
