//! Records to typed columns, and what became of each.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::ArrayRef;
use colonnade_protocol::{Cause, ErrorInfo, ErrorKind, LogicalType, Origin};
use encoding_rs::UTF_8;

use super::infer;
use super::layout::{Layout, Name, ORIENT, Orient, ROW_KEY};
use super::mend::{Made, Mended, Mender};
use super::options;
use super::reader::{Reader, SyntaxError};
use super::tree::{self, Members, Notes};
use super::widen::Widening;
use crate::Result;
use crate::column::{CellRules, ColumnSpec, Late};
use crate::decisions::By;
use crate::format::ParseMode;
use crate::format::faults::{Fault, Faults, quoted};
use crate::format::tree::Parsed;
use crate::format::wide::{Filling, MOST_COLUMNS, are_data};
use crate::settings::Settings;

/// Reads records into columns, batch by batch.
pub struct RecordReader {
    pub layout: Layout,
    /// Without the corrupt-record column.
    columns: Vec<ColumnSpec>,
    /// Their names.
    names: HashSet<String>,
    filling: Filling,
    /// Where the corrupt-record column stands.
    pub corrupt_at: Option<usize>,
    members: Members,
    widening: Widening,
    pub mender: Mender,
    pub mode: ParseMode,
    adds_columns: bool,
    drops_empty: bool,
    pub max_record_bytes: usize,
    notes: Notes,
}

/// The records of one piece of text.
#[derive(Default)]
pub struct Rows {
    pub starts: Vec<u32>,
    pub faults: Faults,
    pub skipped: u64,
    /// Rows and columns whose value does not fit an inferred type.
    misfits: Vec<(u32, usize)>,
    /// Records that were mended: where they start, and where their text stands in the scratch buffer.
    mended: Vec<(u32, usize, usize)>,
    new: New,
    /// Values of the fields of all rows.
    values: u64,
}

/// Columns that the schema does not have.
#[derive(Default)]
struct New {
    columns: Vec<ColumnSpec>,
    /// By their names in the source.
    positions: HashMap<String, usize>,
    names: HashSet<String>,
    /// Rows that have any of them, and how many values.
    rows: u64,
    values: u64,
}

/// How far a batch was, to take back what came behind.
#[derive(Clone, Copy)]
pub struct Mark {
    starts: usize,
    faults: usize,
    misfits: usize,
    mended: usize,
    scratch: usize,
    skipped: u64,
}

impl Mark {
    /// Rows before it.
    pub fn rows(&self) -> usize {
        self.starts
    }
}

/// What a record was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// A row, which ends here.
    Row(usize),
    /// Not of the kind of the table's records; it ends here.
    NotARow(usize),
}

impl RecordReader {
    /// A reader into `columns`; the corrupt-record column, where one is set, is the one of its name.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where settings or patterns cannot be used.
    pub fn new(settings: &Settings, columns: &[ColumnSpec], layout: Layout) -> Result<Self> {
        let corrupt = settings.text("columnNameOfCorruptRecord");
        let corrupt_at = columns.iter().position(|column| !corrupt.is_empty() && column.source_name.is_empty() && column.name == corrupt);
        let mut columns = columns.to_vec();
        corrupt_at.map(|at| columns.remove(at));
        let widening = Widening::new(settings)?;
        let mode = ParseMode::of(settings);
        Ok(Self {
            layout,
            members: members(&columns, &widening.rules)?,
            names: columns.iter().map(|column| column.name.clone()).collect(),
            filling: Filling::default(),
            columns,
            corrupt_at,
            widening,
            mender: Mender::new(settings, mode == ParseMode::FailFast),
            mode,
            adds_columns: options::adds_columns(settings),
            drops_empty: settings.flag(options::DROP_NULL_FIELDS),
            max_record_bytes: settings.integer("maxRecordBytes") as usize,
            notes: Notes::default(),
        })
    }

    /// Whether the schema has a field of this name.
    pub fn knows(&self, source_name: &str) -> bool {
        self.columns.iter().any(|column| column.source_name == source_name)
    }

    /// Whether a batch has as many rows as it should, the columns being so many.
    pub fn is_full(&self, rows: &Rows) -> bool {
        Filling::is_full(rows.starts.len(), self.columns.len())
    }

    /// How far the batch is.
    pub fn mark(&self, rows: &Rows) -> Mark {
        Mark {
            starts: rows.starts.len(),
            faults: rows.faults.len(),
            misfits: rows.misfits.len(),
            mended: rows.mended.len(),
            scratch: self.notes.scratch.len(),
            skipped: rows.skipped,
        }
    }

    /// Takes back what came behind a mark.
    pub fn undo(&mut self, mark: Mark, rows: &mut Rows) {
        rows.skipped = mark.skipped;
        rows.starts.truncate(mark.starts);
        rows.faults.truncate(mark.faults);
        rows.misfits.truncate(mark.misfits);
        rows.mended.truncate(mark.mended);
        self.notes = Notes { scratch: std::mem::take(&mut self.notes.scratch), ..Notes::default() };
        self.notes.scratch.truncate(mark.scratch);
        self.members.truncate(mark.starts);
    }

    /// Reads the record that starts at `start` of `text` as the next row. What breaks the grammar or is not of the kind is
    /// taken back.
    ///
    /// # Errors
    /// `Ok(Err)` for what breaks the grammar; `Err` for too many columns.
    pub fn take(&mut self, text: &[u8], start: usize, rows: &mut Rows) -> Result<std::result::Result<Taken, SyntaxError>> {
        self.take_from(Reader::new(text, start), start, rows)
    }

    /// The same for a record that was mended.
    ///
    /// # Errors
    /// Those of [`take`](Self::take).
    pub fn take_mended(&mut self, mended: &Mended, start: usize, rows: &mut Rows) -> Result<std::result::Result<Taken, SyntaxError>> {
        let mark = self.mark(rows);
        let base = self.notes.scratch.len();
        self.notes.scratch.extend_from_slice(&mended.text);
        self.notes.mended_at = Some(base);
        let taken = self.take_from(Reader::of_mended(&mended.text), start, rows);
        self.notes.mended_at = None;
        if let Ok(Ok(Taken::Row(_))) = taken {
            rows.mended.push((start as u32, base, base + mended.text.len()));
            for &Made { repair, at, times } in mended.repairs.iter().filter(|made| self.mender.lists(made.repair)) {
                let at = at.saturating_sub(start) as u32;
                let row = Some(rows.starts.len() as u32 - 1);
                let (reason, span) = (self.mender.reason(repair).to_owned(), Some((at, at + 1)));
                rows.faults.add(Fault {
                    row,
                    start: start as u32,
                    cause: Cause::Syntax,
                    column: None,
                    reason,
                    span,
                    by: Some(By { option: self.mender.decided_by(repair), times }),
                });
            }
            return Ok(Ok(Taken::Row(mended.end)));
        }
        self.undo(mark, rows);
        Ok(taken?.map(|_| Taken::NotARow(mended.end)))
    }

    fn take_from(&mut self, mut reader: Reader<'_>, start: usize, rows: &mut Rows) -> Result<std::result::Result<Taken, SyntaxError>> {
        let mark = self.mark(rows);
        let mut unknown = Vec::new();
        let text = reader.text();
        match self.read_fields(&mut reader, rows, &mut unknown) {
            Ok(true) => {
                self.note_row(start, rows);
                rows.starts.push(start as u32);
                self.note_unknown(text, unknown, rows)?;
                Ok(Ok(Taken::Row(reader.at())))
            }
            Ok(false) => {
                self.undo(mark, rows);
                Ok(Ok(Taken::NotARow(reader.at())))
            }
            Err(error) => {
                self.undo(mark, rows);
                Ok(Err(error))
            }
        }
    }

    /// A record that becomes no row, or one of nulls beside the corrupt-record column.
    pub fn reject(&self, start: usize, cause: Cause, reason: String, span: Option<(u32, u32)>, rows: &mut Rows) {
        let keep = self.corrupt_at.is_some() && self.mode == ParseMode::Permissive && cause != Cause::RecordTooLong;
        let row = keep.then_some(rows.starts.len() as u32);
        if keep {
            rows.starts.push(start as u32);
        }
        rows.faults.add(Fault { row, start: start as u32, cause, column: None, reason, span, by: None });
    }

    /// The same for one that is longer than is allowed.
    pub fn reject_long(&self, start: usize, rows: &mut Rows) {
        let reason = format!("longer than maxRecordBytes ({}): raise it to read this record", self.max_record_bytes);
        self.reject(start, Cause::RecordTooLong, reason, None, rows);
    }

    /// The same for one that breaks the grammar.
    pub fn reject_broken(&self, text: &[u8], start: usize, error: SyntaxError, rows: &mut Rows) {
        let at = error.at.saturating_sub(start);
        let before = text.get(start..start + at).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count();
        let column = String::from_utf8_lossy(before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default()).chars().count() + 1;
        let place = if line == 0 { format!("at character {column}") } else { format!("in its line {}, at character {column}", line + 1) };
        self.reject(start, Cause::Syntax, format!("no JSON: {error}, {place}"), Some((at as u32, at as u32 + 1)), rows);
    }

    /// Reads the fields into the columns. `false`: it is no record. `unknown` gets the fields that the schema does not
    /// have, and where their values stand.
    fn read_fields(
        &mut self,
        reader: &mut Reader<'_>,
        rows: &mut Rows,
        unknown: &mut Vec<(String, usize)>,
    ) -> std::result::Result<bool, SyntaxError> {
        let row = rows.starts.len();
        let text = reader.text();
        self.layout.fields(reader, |reader, name| {
            rows.values += 1;
            let column = match &name {
                Name::Member(key) => self.members.find_key(text, key),
                Name::Element(_) | Name::Value | Name::RowKey => self.members.find(&name.source_name(text)),
            };
            let Some(column) = column else {
                let value = reader.skip()?;
                if self.adds_columns {
                    unknown.push((name.source_name(text), value.start));
                }
                return Ok(());
            };
            self.members.read(column, reader, row, &mut self.notes)?;
            if self.notes.misfit || self.notes.new_member {
                let misfit = self.notes.misfit || self.adds_columns && self.columns[column].origin != Origin::Person;
                if misfit {
                    rows.misfits.push((row as u32, column));
                }
                (self.notes.misfit, self.notes.new_member) = (false, false);
            }
            Ok(())
        })
    }

    /// Lists what is odd about the record that was read last, which is about to be a row.
    #[inline]
    fn note_row(&mut self, start: usize, rows: &mut Rows) {
        let mut add = |cause, reason| {
            let row = Some(rows.starts.len() as u32);
            rows.faults.add(Fault { row, start: start as u32, cause, column: None, reason, span: None, by: None });
        };
        if let Some((key, which)) = self.notes.doubled.take() {
            add(Cause::DuplicateKey, format!("the key {} is given twice; its {which} value was taken", quoted(key.as_bytes())));
        }
        if std::mem::take(&mut self.notes.half_character) {
            add(Cause::InvalidEncoding, "an escape that is half of a character; U+FFFD stands for it".to_owned());
        }
    }

    /// Takes up fields that the schema does not have, as columns to come.
    fn note_unknown(&self, text: &[u8], unknown: Vec<(String, usize)>, rows: &mut Rows) -> Result<()> {
        let new = &mut rows.new;
        new.rows += u64::from(!unknown.is_empty());
        new.values += unknown.len() as u64;
        for (key, value) in unknown {
            let position = match new.positions.get(&key) {
                Some(&position) => position,
                None => {
                    let column = new_column(&key, |name| self.names.contains(name) || new.names.contains(name));
                    new.names.insert(column.name.clone());
                    new.positions.insert(key, new.columns.len());
                    new.columns.push(column);
                    new.columns.len() - 1
                }
            };
            // The value was read before: it is well formed.
            if let Ok(wide) = self.widening.widen(&new.columns[position], &mut Reader::loosely(text, value)) {
                new.columns[position] = wide;
            }
        }
        let count = new.columns.len();
        if are_data(count, new.rows, new.values) || self.columns.len() + count > MOST_COLUMNS {
            let what = format!("the records have {count} different fields beside the {} of the sample", self.columns.len());
            return Err(ErrorInfo::new(ErrorKind::Limit, what, self.hint()));
        }
        Ok(())
    }

    /// What a person may do about too many columns.
    fn hint(&self) -> String {
        let none = format!("Set {} to none to read only those of the sample.", options::EVOLUTION);
        if self.layout.orient == Orient::Records {
            return format!("If the keys are data, set {ORIENT} to value: each record is then one value. {none}");
        }
        none
    }

    /// The columns' arrays, or the columns that must be widened or added.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] for very many columns of which hardly any has a value in a row.
    pub fn finish(&mut self, text: &[u8], mut rows: Rows) -> Result<(Vec<ArrayRef>, Vec<ColumnSpec>, Rows)> {
        let count = rows.starts.len();
        self.filling.add(count, self.columns.len(), rows.values).map_err(|what| ErrorInfo::new(ErrorKind::Limit, what, self.hint()))?;
        rows.misfits.sort_unstable_by_key(|&(row, at)| (at, row));
        let mut misfits_left = rows.misfits.as_slice();
        let mut members = std::mem::take(&mut self.members);
        let (mut arrays, mut widened) = (Vec::with_capacity(self.columns.len()), Vec::new());
        for (position, (column, node)) in self.columns.iter().zip(&mut members.nodes).enumerate() {
            let Parsed { array, mut misfits, invalid } = node.finish(count, text, &self.notes.scratch);
            let (own, left) = misfits_left.split_at(misfits_left.partition_point(|(_, at)| *at <= position));
            misfits_left = left;
            misfits.extend(own.iter().map(|(row, _)| *row));
            misfits.sort_unstable();
            misfits.dedup();
            let in_schema = position + usize::from(self.corrupt_at.is_some_and(|at| at <= position));
            if column.origin != Origin::Person {
                let (mut wide, mut needed_by) = (column.clone(), 0);
                for start in misfits.iter().map(|&row| rows.starts[row as usize]) {
                    let wider = self.widen(&wide, text, start, &rows.mended);
                    if (&wider.data_type, &wider.pattern) != (&wide.data_type, &wide.pattern) {
                        (wide, needed_by) = (wider, start);
                    }
                }
                if (&wide.data_type, &wide.pattern) != (&column.data_type, &column.pattern) {
                    let (value, _) = self.value_of(column, text, needed_by, &rows.mended);
                    wide.late = Some(Late::new(column, value, UTF_8, needed_by));
                    widened.push(wide);
                    misfits.clear();
                }
            }
            let mut add = |row: u32, cause, reason: &dyn Fn(&[u8]) -> String| {
                let start = rows.starts[row as usize];
                let (value, span) = self.value_of(column, text, start, &rows.mended);
                let reason = reason(value);
                rows.faults.add(Fault { row: Some(row), start, cause, column: Some(in_schema as u32), reason, span, by: None });
            };
            for &row in &misfits {
                let is_no = |value: &[u8]| format!("{} in column {} is no {}", quoted(value), column.name, column.data_type);
                add(row, Cause::TypeMismatch, &is_no);
            }
            for &row in &invalid {
                let reason = |_: &[u8]| format!("bytes in column {} that are not UTF-8; read as windows-1252", column.name);
                add(row, Cause::InvalidEncoding, &reason);
            }
            arrays.push(array);
        }
        self.members = members;
        self.notes.scratch.clear();
        rows.new.columns.retain(|column| !(self.drops_empty && infer::is_empty(&column.data_type)));
        widened.append(&mut rows.new.columns);
        if !widened.is_empty() {
            arrays.clear();
        }
        Ok((arrays, widened, rows))
    }

    /// The column widened by all the values that the record at `start` gives for it.
    fn widen(&self, column: &ColumnSpec, text: &[u8], start: u32, mended: &[(u32, usize, usize)]) -> ColumnSpec {
        let mut wide = column.clone();
        self.values_of(column, &mut self.reader_at(text, start, mended), |mut value| {
            wide = self.widening.widen(&wide, &mut value)?;
            Ok(())
        });
        wide
    }

    /// The last value that the record at `start` gives for the column, a string without its quotes; and where it stands in
    /// the record, unless that was mended.
    fn value_of<'a>(
        &'a self,
        column: &ColumnSpec,
        text: &'a [u8],
        start: u32,
        mended: &[(u32, usize, usize)],
    ) -> (&'a [u8], Option<(u32, u32)>) {
        let mut reader = self.reader_at(text, start, mended);
        let (read, mut range) = (reader.text(), 0..0);
        self.values_of(column, &mut reader, |mut value| {
            range = value.skip()?;
            Ok(())
        });
        let value = &read[range.clone()];
        let quote = usize::from(value.len() > 1 && value[0] == b'"');
        let (from, to) = (range.start + quote, range.end - quote);
        let is_raw = std::ptr::eq(read, text) && from < to;
        (&read[from..to], is_raw.then(|| (from as u32 - start, to as u32 - start)))
    }

    /// A reader at the record that begins at `start`, as it was read.
    fn reader_at<'a>(&'a self, text: &'a [u8], start: u32, mended: &[(u32, usize, usize)]) -> Reader<'a> {
        match mended.binary_search_by_key(&start, |&(start, ..)| start) {
            Ok(at) => Reader::of_mended(&self.notes.scratch[mended[at].1..mended[at].2]),
            Err(_) => Reader::new(text, start as usize),
        }
    }

    /// Each value that a record gives for a column.
    fn values_of<'a>(
        &self,
        column: &ColumnSpec,
        reader: &mut Reader<'a>,
        mut take: impl FnMut(Reader<'a>) -> std::result::Result<(), SyntaxError>,
    ) {
        let text = reader.text();
        // The record was read before: it is well formed.
        let _ = self.layout.fields(reader, |reader, name| {
            let value = reader.clone();
            reader.skip()?;
            if name.source_name(text) == column.source_name { take(value) } else { Ok(()) }
        });
    }

    /// Goes on with wider columns: what follows in this unit is read only to see what else it needs.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where a pattern cannot be used.
    pub fn adopt(&mut self, widened: &[ColumnSpec]) -> Result<()> {
        for wide in widened {
            let known =
                if self.names.contains(&wide.name) { self.columns.iter_mut().find(|column| column.name == wide.name) } else { None };
            match known {
                Some(column) => *column = wide.clone(),
                None => {
                    self.names.insert(wide.name.clone());
                    self.columns.push(wide.clone());
                }
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
pub fn new_column(key: &str, taken: impl Fn(&str) -> bool) -> ColumnSpec {
    let stem = match key {
        ROW_KEY => "key",
        _ if key.trim().is_empty() => "_empty",
        _ => key,
    };
    let mut name = stem.to_owned();
    for n in 2.. {
        if !taken(&name) {
            break;
        }
        name = format!("{stem}_{n}");
    }
    ColumnSpec { source_name: key.to_owned(), data_type: LogicalType::Void, ..ColumnSpec::text(name) }
}
