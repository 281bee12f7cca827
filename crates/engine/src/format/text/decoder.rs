//! The decoder of text tables: cells to typed columns, and what became of each record.

use std::sync::Arc;

use arrow_array::ArrayRef;
use colonnade_protocol::{Cause, Place};

use super::transcode::Reading;
use super::{Cutter, Tokens, options};
use crate::Result;
use crate::column::{CellRules, ColumnSpec};
use crate::format::faults::{Fault, Faults, Records};
use crate::format::lines::count_line_ends;
use crate::format::typed::{CellRows, TypedColumns};
use crate::format::{Decoded, Decoder, Input, ParseMode};
use crate::settings::Settings;

/// Decodes the records of one unit.
pub struct TextDecoder {
    cutter: Box<dyn Cutter>,
    tokens: Tokens,
    columns: TypedColumns,
    mode: ParseMode,
    corrupt_column: bool,
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
        let corrupt_column = options::has_corrupt_column(settings);
        let read = columns.len() - usize::from(corrupt_column);
        Ok(Self {
            tokens: Tokens::default(),
            columns: TypedColumns::new(&columns[..read], Arc::new(CellRules::new(settings)?), reading.encoding)?,
            cutter,
            mode: ParseMode::of(settings),
            corrupt_column,
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
        for odd in &self.tokens.odd {
            faults.add(Fault {
                row: odd.row,
                start: odd.start,
                cause: odd.cause,
                column: None,
                reason: odd.reason.clone(),
                span: odd.span,
            });
        }
        if replaced {
            self.replacements(text, &mut faults);
        }
        let (columns, widened) = self.parse_columns(text, &mut faults);
        let (decoded, starts, odd) = (&text[..reached.consumed], &self.tokens.starts, &self.tokens.odd);
        let end_of = |start: u32| {
            let next_odd = odd.partition_point(|odd| odd.start <= start);
            let own = next_odd.checked_sub(1).map(|at| &odd[at]).filter(|odd| odd.start == start).map(|odd| odd.end);
            if let Some(end) = own {
                return end as usize;
            }
            let next_row = starts.get(starts.partition_point(|&at| at <= start)).copied();
            let next = next_row.into_iter().chain(odd.get(next_odd).map(|odd| odd.start)).min();
            // What is between two records is a record's line end, and comments.
            self.cutter.record_end(&decoded[..next.map_or(decoded.len(), |end| end as usize)], start as usize)
        };
        let records = Records { text: decoded, encoding: self.reading.encoding, place, starts, end_of: &end_of };
        let corrupt_at = self.corrupt_column.then_some(self.columns.len());
        let mut batch = faults.into_batch(self.mode, &records, columns, corrupt_at)?;
        batch.counts.skipped = self.tokens.skipped;
        batch.widened = widened;
        Ok(Decoded { consumed: reached.consumed, lines: count_line_ends(decoded), done: reached.done, batch })
    }

    /// Lists the rows in which U+FFFD stands for bytes that were no text.
    fn replacements(&self, text: &[u8], faults: &mut Faults) {
        let starts = &self.tokens.starts;
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
            });
        }
    }

    /// The columns, or those that must be widened.
    fn parse_columns(&self, text: &[u8], faults: &mut Faults) -> (Vec<ArrayRef>, Vec<ColumnSpec>) {
        let Tokens { scratch, spans, starts, odd, .. } = &self.tokens;
        let rows = CellRows { text, scratch, spans, stride: self.cutter.columns(), starts };
        // What is dropped for its number of fields says nothing about types.
        let dropped: Vec<u32> =
            if self.mode == ParseMode::DropMalformed { odd.iter().filter_map(|odd| odd.row).collect() } else { Vec::new() };
        self.columns.parse(rows, &dropped, faults)
    }
}

impl Decoder for TextDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        match &self.reading.transcoder {
            Some(transcoder) => transcoder.line_start(input, from),
            None => self.cutter.find_record(input, from, at_end),
        }
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
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
