//! The CSV decoder: tokens to typed columns, and what became of each record.

use std::sync::Arc;

use arrow_array::ArrayRef;
use colonnade_protocol::{Cause, Place};
use encoding_rs::{Encoding, UTF_8};

use super::options;
use super::tokenise::{Tokeniser, Tokens};
use super::transcode::Transcoder;
use crate::Result;
use crate::column::{CellRules, ColumnSpec};
use crate::format::faults::{Fault, Faults, Records};
use crate::format::lines::count_line_ends;
use crate::format::typed::{CellRows, TypedColumns};
use crate::format::{Decoded, Decoder, Input, ParseMode};
use crate::settings::Settings;

/// Decodes the records of one unit.
pub struct CsvDecoder {
    tokeniser: Tokeniser,
    tokens: Tokens,
    columns: TypedColumns,
    mode: ParseMode,
    corrupt_column: bool,
    /// Records that begin here or later are no rows.
    table_end: u64,
    encoding: &'static Encoding,
    transcoder: Option<Transcoder>,
}

impl CsvDecoder {
    /// A decoder into `columns`; the corrupt-record column, where one is set, is the last of them.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](colonnade_protocol::ErrorKind) where the settings give no usable dialect or encoding.
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let dialect = options::dialect(settings)?;
        let encoding = options::encoding(settings)?;
        let corrupt_column = !settings.text("columnNameOfCorruptRecord").is_empty();
        let read = columns.len() - usize::from(corrupt_column);
        let transcoder = Transcoder::needed(encoding, &dialect);
        let cell_encoding = if transcoder.is_some() { UTF_8 } else { encoding };
        let mode = ParseMode::of(settings);
        Ok(Self {
            tokeniser: Tokeniser::new(dialect, read, settings.integer("maxRecordBytes") as usize)
                .keeping_all(corrupt_column && mode == ParseMode::Permissive)
                .knowing_header(options::header_names(
                    settings,
                    columns[..read].iter().map(|column| column.source_name.as_str()),
                    cell_encoding,
                )),
            tokens: Tokens::default(),
            columns: TypedColumns::new(&columns[..read], Arc::new(CellRules::new(settings)?), cell_encoding)?,
            mode,
            corrupt_column,
            table_end: match settings.integer("tableEnd") {
                0 => u64::MAX,
                end => end as u64,
            },
            encoding: cell_encoding,
            transcoder,
        })
    }

    fn decode_text(&mut self, text: &Text<'_>, place: Place, limit: usize, at_end: bool) -> Result<Decoded> {
        let Text { bytes: text, replaced, below } = *text;
        let reached = if below {
            self.tokeniser.reject_lines(text, limit, at_end, &mut self.tokens)
        } else {
            self.tokeniser.run(text, limit, at_end, &mut self.tokens)
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
            let next_row = starts.get(starts.partition_point(|&at| at <= start)).copied();
            let next = next_row.into_iter().chain(odd.get(next_odd).map(|odd| odd.start)).min();
            own.or(next).map_or(decoded.len(), |end| end as usize)
        };
        let records = Records { text: decoded, encoding: self.encoding, place, starts, end_of: &end_of };
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
        let rows = CellRows { text, scratch, spans, stride: self.tokeniser.columns, starts };
        // What is dropped for its number of fields says nothing about types.
        let dropped: Vec<u32> =
            if self.mode == ParseMode::DropMalformed { odd.iter().filter_map(|odd| odd.row).collect() } else { Vec::new() };
        self.columns.parse(rows, &dropped, faults)
    }
}

impl Decoder for CsvDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        match &self.transcoder {
            Some(transcoder) => transcoder.line_start(input, from),
            None => super::boundary::find(&self.tokeniser, input, from, at_end),
        }
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        let below = input.place.byte >= self.table_end;
        let limit = if below { input.limit } else { input.limit.min(self.table_end) };
        let limit = usize::try_from(limit.saturating_sub(input.place.byte)).unwrap_or(usize::MAX);
        let mut decoded = match &self.transcoder {
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

#[cfg(test)]
mod tests {
    use colonnade_protocol::LogicalType;

    use super::*;

    #[test]
    fn a_date_in_another_encoding_makes_the_column_text() {
        let given = [("encoding", "windows-1252"), ("locale", "de")];
        let settings = Settings::new(&options::declared(), given).unwrap();
        let column = ColumnSpec { data_type: LogicalType::Date, pattern: Some("d. MMMM yyyy".to_owned()), ..ColumnSpec::text("d") };
        let mut decoder = CsvDecoder::new(&settings, std::slice::from_ref(&column)).unwrap();
        let mut decode = |bytes: &[u8]| {
            let input = Input { bytes, place: Place { byte: 0, line: 0 }, limit: u64::MAX, at_end: true };
            decoder.decode(input).unwrap().batch.widened
        };
        assert_eq!(decode(b"5. M\xE4rz 2024\n"), []);
        let widened = decode("5. März 2024\n".as_bytes());
        assert_eq!((&widened[0].data_type, &widened[0].pattern), (&LogicalType::String, &None));
    }
}
