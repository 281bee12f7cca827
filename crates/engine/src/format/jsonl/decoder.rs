//! The JSON Lines decoder: lines to typed columns, and what became of each record.

use std::sync::Arc;

use arrow_array::ArrayRef;
use colonnade_protocol::{Cause, ErrorInfo, ErrorKind, LogicalType, Origin};
use encoding_rs::UTF_8;

use super::options;
use super::reader::{Kind, Reader, SyntaxError};
use super::tree::{self, Members, Notes};
use super::widen::{Widening, key_text};
use crate::Result;
use crate::column::{CellRules, ColumnSpec};
use crate::format::faults::{Fault, Faults, Records, quoted};
use crate::format::lines::{count_line_ends, line_at, line_start};
use crate::format::tree::Parsed;
use crate::format::{Decoded, Decoder, Input, ParseMode};
use crate::settings::Settings;

/// More columns are refused: such keys are data and no names.
const MOST_COLUMNS: usize = 20_480;

/// Decodes the records of one unit.
pub struct JsonLinesDecoder {
    /// Without the corrupt-record column.
    columns: Vec<ColumnSpec>,
    /// Where the corrupt-record column stands.
    corrupt_at: Option<usize>,
    members: Members,
    widening: Widening,
    mode: ParseMode,
    adds_columns: bool,
    max_record_bytes: usize,
    notes: Notes,
    /// The text ended within a line that is rejected already.
    within_long_line: bool,
}

/// The records of one piece of text.
#[derive(Default)]
struct Rows {
    starts: Vec<u32>,
    faults: Faults,
    /// Rows and columns whose value does not fit an inferred type.
    misfits: Vec<(u32, usize)>,
    /// Columns that the schema does not have.
    new: Vec<ColumnSpec>,
    skipped: u64,
}

impl JsonLinesDecoder {
    /// A decoder into `columns`; the corrupt-record column, where one is set, is the one of its name.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where settings or patterns cannot be used.
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let corrupt = settings.text("columnNameOfCorruptRecord");
        let corrupt_at = columns.iter().position(|column| !corrupt.is_empty() && column.source_name.is_empty() && column.name == corrupt);
        let mut columns = columns.to_vec();
        corrupt_at.map(|at| columns.remove(at));
        let widening = Widening::new(settings)?;
        Ok(Self {
            members: members(&columns, &widening.rules)?,
            columns,
            corrupt_at,
            widening,
            mode: ParseMode::of(settings),
            adds_columns: options::adds_columns(settings),
            max_record_bytes: settings.integer("maxRecordBytes") as usize,
            notes: Notes::default(),
            within_long_line: false,
        })
    }

    /// Reads the records that begin before `limit`; gives the bytes used.
    fn read_lines(&mut self, text: &[u8], limit: usize, at_end: bool, rows: &mut Rows) -> Result<usize> {
        let mut at = 0;
        if self.within_long_line {
            let Some((_, next)) = line_at(text, 0, at_end) else { return Ok(text.len()) };
            self.within_long_line = false;
            at = next;
        }
        while at < limit && at < text.len() {
            match line_at(text, at, at_end) {
                Some((end, _)) if end - at > self.max_record_bytes => self.reject_long(at, rows),
                Some((end, _)) => self.read_line(text, at, end, rows)?,
                None if text.len() - at > self.max_record_bytes => {
                    self.reject_long(at, rows);
                    self.within_long_line = true;
                    return Ok(text.len());
                }
                None => break,
            }
            at = line_at(text, at, at_end).map_or(text.len(), |(_, next)| next);
        }
        Ok(at)
    }

    fn reject_long(&self, start: usize, rows: &mut Rows) {
        let reason = format!("longer than maxRecordBytes ({}): raise it to read this record", self.max_record_bytes);
        self.reject(start, Cause::RecordTooLong, reason, None, rows);
    }

    /// A record that becomes no row, or one of nulls beside the corrupt-record column.
    fn reject(&self, start: usize, cause: Cause, reason: String, span: Option<(u32, u32)>, rows: &mut Rows) {
        let keep = self.corrupt_at.is_some() && self.mode == ParseMode::Permissive && cause != Cause::RecordTooLong;
        let row = keep.then_some(rows.starts.len() as u32);
        if keep {
            rows.starts.push(start as u32);
        }
        rows.faults.add(Fault { row, start: start as u32, cause, column: None, reason, span });
    }

    fn read_line(&mut self, text: &[u8], start: usize, end: usize, rows: &mut Rows) -> Result<()> {
        if text[start..end].trim_ascii().is_empty() {
            rows.skipped += 1;
            return Ok(());
        }
        let (misfits, scratch) = (rows.misfits.len(), self.notes.scratch.len());
        let mut unknown = Vec::new();
        match self.read_record(&text[..end], start, rows, &mut unknown) {
            Ok(true) => {
                self.note_row(start, rows);
                rows.starts.push(start as u32);
                return self.note_unknown(&text[..end], unknown, rows);
            }
            Ok(false) => {
                let reason = "a value where an object is expected: each line is to be one".to_owned();
                self.reject(start, Cause::NotARow, reason, None, rows);
            }
            Err(error) => {
                let at = (error.at - start) as u32;
                let reason =
                    format!("no JSON: {error}, at character {}", String::from_utf8_lossy(&text[start..error.at]).chars().count() + 1);
                self.reject(start, Cause::Syntax, reason, Some((at, at + 1)), rows);
            }
        }
        rows.misfits.truncate(misfits);
        self.notes = Notes { scratch: std::mem::take(&mut self.notes.scratch), ..Notes::default() };
        self.notes.scratch.truncate(scratch);
        self.members.truncate(rows.starts.len() - usize::from(rows.starts.last() == Some(&(start as u32))));
        Ok(())
    }

    /// Reads one record into the columns. `false`: it is no object. `unknown` gets the fields that the schema does not
    /// have: where key and value stand.
    fn read_record(
        &mut self,
        line: &[u8],
        start: usize,
        rows: &mut Rows,
        unknown: &mut Vec<(String, usize)>,
    ) -> std::result::Result<bool, SyntaxError> {
        let row = rows.starts.len();
        let mut reader = Reader::new(line, start);
        if reader.peek()? != Kind::Object {
            reader.skip()?;
            reader.end()?;
            return Ok(false);
        }
        reader.open();
        let mut first = true;
        while let Some(key) = reader.next_key(first)? {
            first = false;
            let Some(column) = self.members.find_key(line, &key) else {
                let value = reader.skip()?;
                if self.adds_columns {
                    unknown.push((key_text(line, &key), value.start));
                }
                continue;
            };
            self.members.read(column, &mut reader, row, &mut self.notes)?;
            if self.notes.misfit || self.notes.new_member {
                let misfit = self.notes.misfit || self.adds_columns && self.columns[column].origin != Origin::Person;
                if misfit {
                    rows.misfits.push((row as u32, column));
                }
                (self.notes.misfit, self.notes.new_member) = (false, false);
            }
        }
        reader.end()?;
        Ok(true)
    }

    /// Lists what is odd about the record that was read last, which is about to be a row.
    #[inline]
    fn note_row(&mut self, start: usize, rows: &mut Rows) {
        let mut add = |cause, reason| {
            let row = Some(rows.starts.len() as u32);
            rows.faults.add(Fault { row, start: start as u32, cause, column: None, reason, span: None });
        };
        if let Some(key) = self.notes.doubled.take() {
            add(Cause::DuplicateKey, format!("the key {} is given twice; its last value was taken", quoted(key.as_bytes())));
        }
        if std::mem::take(&mut self.notes.half_character) {
            add(Cause::InvalidEncoding, "an escape that is half of a character; U+FFFD stands for it".to_owned());
        }
    }

    /// Takes up fields that the schema does not have, as columns to come.
    fn note_unknown(&self, line: &[u8], unknown: Vec<(String, usize)>, rows: &mut Rows) -> Result<()> {
        for (key, value) in unknown {
            let known = rows.new.iter().position(|column| column.source_name == key);
            let position = match known {
                Some(position) => position,
                None => {
                    let taken = |name: &str| self.columns.iter().chain(&rows.new).any(|column| column.name == name);
                    rows.new.push(new_column(&key, taken));
                    rows.new.len() - 1
                }
            };
            if self.columns.len() + rows.new.len() > MOST_COLUMNS {
                return Err(ErrorInfo::new(
                    ErrorKind::Limit,
                    format!("the records have more than {MOST_COLUMNS} different fields"),
                    "Set schemaEvolutionMode to none to read only those of the sample.",
                ));
            }
            // The value was read before: it is well formed.
            if let Ok(wide) = self.widening.widen(&rows.new[position], &mut Reader::new(line, value)) {
                rows.new[position] = wide;
            }
        }
        Ok(())
    }

    /// The columns' arrays, or the columns that must be widened or added.
    fn finish(&mut self, text: &[u8], mut rows: Rows) -> (Vec<ArrayRef>, Vec<ColumnSpec>, Rows) {
        let count = rows.starts.len();
        let mut members = std::mem::take(&mut self.members);
        let (mut arrays, mut widened) = (Vec::with_capacity(self.columns.len()), Vec::new());
        for (position, (column, node)) in self.columns.iter().zip(&mut members.nodes).enumerate() {
            let Parsed { array, mut misfits, invalid } = node.finish(count, text, &self.notes.scratch);
            misfits.extend(rows.misfits.iter().filter(|(_, at)| *at == position).map(|(row, _)| *row));
            misfits.sort_unstable();
            misfits.dedup();
            let in_schema = position + usize::from(self.corrupt_at.is_some_and(|at| at <= position));
            let mut add = |row: u32, cause, reason| {
                let start = rows.starts[row as usize];
                rows.faults.add(Fault { row: Some(row), start, cause, column: Some(in_schema as u32), reason, span: None });
            };
            if column.origin != Origin::Person {
                let wide = misfits.iter().fold(column.clone(), |wide, &row| self.widen(&wide, text, rows.starts[row as usize]));
                if wide.data_type != column.data_type {
                    widened.push(wide);
                    misfits.clear();
                }
            }
            for &row in &misfits {
                add(row, Cause::TypeMismatch, format!("the value of {} is no {}", column.name, column.data_type));
            }
            for &row in &invalid {
                let reason = format!("bytes in column {} that are not UTF-8; read as windows-1252", column.name);
                add(row, Cause::InvalidEncoding, reason);
            }
            arrays.push(array);
        }
        self.members = members;
        self.notes.scratch.clear();
        widened.append(&mut rows.new);
        if !widened.is_empty() {
            arrays.clear();
        }
        (arrays, widened, rows)
    }

    /// The column widened by all the values that the record at `start` gives for it.
    fn widen(&self, column: &ColumnSpec, text: &[u8], start: u32) -> ColumnSpec {
        let start = start as usize;
        let end = line_at(text, start, true).map_or(text.len(), |(end, _)| end);
        let line = &text[..end];
        let mut reader = Reader::new(line, start);
        let mut wide = column.clone();
        let mut walk = || -> std::result::Result<(), SyntaxError> {
            reader.peek()?;
            reader.open();
            let mut first = true;
            while let Some(key) = reader.next_key(first)? {
                first = false;
                let value = reader.skip()?;
                if key_text(line, &key) == column.source_name {
                    wide = self.widening.widen(&wide, &mut Reader::new(line, value.start))?;
                }
            }
            Ok(())
        };
        // The record was read before: it is well formed.
        let _ = walk();
        wide
    }

    /// Goes on with wider columns: what follows in this unit is read only to see what else it needs.
    fn adopt(&mut self, widened: &[ColumnSpec]) -> Result<()> {
        for wide in widened {
            match self.columns.iter_mut().find(|column| column.name == wide.name) {
                Some(column) => *column = wide.clone(),
                None => self.columns.push(wide.clone()),
            }
        }
        self.members = members(&self.columns, &self.widening.rules)?;
        Ok(())
    }
}

fn members(columns: &[ColumnSpec], rules: &Arc<CellRules>) -> Result<Members> {
    let nodes = columns.iter().map(|column| tree::node(column, rules)).collect::<Result<_>>()?;
    Ok(Members::new(columns.iter().map(|column| column.source_name.clone()), nodes))
}

/// A column for a field of which nothing is known, under a name that is not taken.
pub(super) fn new_column(key: &str, taken: impl Fn(&str) -> bool) -> ColumnSpec {
    let stem = if key.trim().is_empty() { "_empty" } else { key };
    let mut name = stem.to_owned();
    for n in 2.. {
        if !taken(&name) {
            break;
        }
        name = format!("{stem}_{n}");
    }
    ColumnSpec { source_name: key.to_owned(), data_type: LogicalType::Void, ..ColumnSpec::text(name) }
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
        let (arrays, widened, rows) = self.finish(text, rows);
        let end_of = |start: u32| line_at(&text[..consumed], start as usize, true).map_or(consumed, |(end, _)| end);
        let records = Records { text: &text[..consumed], encoding: UTF_8, place: input.place, starts: &rows.starts, end_of: &end_of };
        let mut batch = rows.faults.into_batch(self.mode, &records, arrays, self.corrupt_at)?;
        if !widened.is_empty() {
            self.adopt(&widened)?;
        }
        batch.counts.skipped = rows.skipped;
        batch.widened = widened;
        // A line that was given up is this unit's to its end: the next one would take the rest for a record.
        let at_limit = consumed >= limit && !self.within_long_line;
        let done = at_limit || (input.at_end && consumed == text.len());
        Ok(Decoded { consumed, lines: count_line_ends(&text[..consumed]), done, batch })
    }
}
