//! The JSON Lines decoder: finds the lines, and lists those that are no record.

use colonnade_protocol::Cause;
use encoding_rs::UTF_8;

use crate::Result;
use crate::column::ColumnSpec;
use crate::format::faults::Records;
use crate::format::json::layout::Layout;
use crate::format::json::reader::{Reader, SyntaxError};
use crate::format::json::records::{RecordReader, Rows, Taken};
use crate::format::lines::{count_line_ends, line_at, line_start};
use crate::format::{Decoded, Decoder, Input};
use crate::settings::Settings;

/// Decodes the records of one unit.
pub struct JsonLinesDecoder {
    records: RecordReader,
    /// The text ended within a line that is rejected already.
    within_long_line: bool,
}

impl JsonLinesDecoder {
    /// A decoder into `columns`.
    ///
    /// # Errors
    /// Those of [`RecordReader::new`].
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        Ok(Self { records: RecordReader::new(settings, columns, Layout::of(settings, false))?, within_long_line: false })
    }

    /// Reads the records that begin before `limit`; gives the bytes used.
    fn read_lines(&mut self, text: &[u8], limit: usize, at_end: bool, rows: &mut Rows) -> Result<usize> {
        let mut at = 0;
        let most = self.records.max_record_bytes;
        if self.within_long_line {
            let Some((_, next)) = line_at(text, 0, at_end) else { return Ok(text.len()) };
            self.within_long_line = false;
            at = next;
        }
        while at < limit && at < text.len() && !self.records.is_full(rows) {
            match line_at(text, at, at_end) {
                Some((end, _)) if end - at > most => self.records.reject_long(at, rows),
                Some((end, _)) => self.read_line(text, at, end, rows)?,
                None if text.len() - at > most => {
                    self.records.reject_long(at, rows);
                    self.within_long_line = true;
                    return Ok(text.len());
                }
                None => break,
            }
            at = line_at(text, at, at_end).map_or(text.len(), |(_, next)| next);
        }
        Ok(at)
    }

    fn read_line(&mut self, text: &[u8], start: usize, end: usize, rows: &mut Rows) -> Result<()> {
        let line = &text[..end];
        if line[start..].trim_ascii().is_empty() {
            rows.skipped += 1;
            return Ok(());
        }
        let mark = self.records.mark(rows);
        let mut error = match self.records.take(line, start, rows)? {
            Ok(taken) => match (ends(line, taken), taken) {
                (Ok(()), Taken::Row(_)) => return Ok(()),
                (Ok(()), Taken::NotARow(_)) => {
                    let reason = "a value where an object is expected: each line is to be one".to_owned();
                    self.records.reject(start, Cause::NotARow, reason, None, rows);
                    return Ok(());
                }
                (Err(error), _) => error,
            },
            Err(error) => error,
        };
        self.records.undo(mark, rows);
        match self.records.mender.mend(line, start, false, false) {
            Ok(mended) => {
                let taken = self.records.take_mended(&mended, start, rows)?;
                if taken.is_ok_and(|taken| matches!(taken, Taken::Row(_)) && ends(line, taken).is_ok()) {
                    return Ok(());
                }
                self.records.undo(mark, rows);
            }
            Err(mending) => error = self.records.mender.obstacle(error, mending),
        }
        self.records.reject_broken(text, start, error, rows);
        Ok(())
    }
}

/// Whether nothing but blanks is behind a record.
fn ends(line: &[u8], taken: Taken) -> std::result::Result<(), SyntaxError> {
    let (Taken::Row(end) | Taken::NotARow(end)) = taken;
    Reader::new(line, end).end()
}

impl Decoder for JsonLinesDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        line_start(input, from, at_end)
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        let text = input.bytes;
        let limit = usize::try_from(input.limit.saturating_sub(input.place.byte)).unwrap_or(usize::MAX);
        let mut rows = Rows::default();
        let consumed = self.read_lines(text, limit, input.at_end, &mut rows)?;
        let (arrays, widened, rows) = self.records.finish(text, rows)?;
        let end_of = |start: u32| line_at(&text[..consumed], start as usize, true).map_or(consumed, |(end, _)| end);
        let records = Records { text: &text[..consumed], encoding: UTF_8, place: input.place, starts: &rows.starts, end_of: &end_of };
        let mut batch = rows.faults.into_batch(self.records.mode, &records, arrays, self.records.corrupt_at)?;
        if !widened.is_empty() {
            self.records.adopt(&widened)?;
        }
        batch.counts.skipped = rows.skipped;
        batch.widened = records.placed(widened);
        // A line that was given up is this unit's to its end: the next one would take the rest for a record.
        let at_limit = consumed >= limit && !self.within_long_line;
        let done = at_limit || (input.at_end && consumed == text.len());
        Ok(Decoded { consumed, lines: count_line_ends(&text[..consumed]), done, batch })
    }
}
