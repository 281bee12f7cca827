//! Rows across the columns, each written as an object and read as any record of JSON is.

use colonnade_protocol::{Cause, ErrorInfo, ErrorKind, Outcome, Place, Reject};

use super::directory::{Directory, unquoted};
use super::form::Form;
use super::scan::Scan;
use crate::Result;
use crate::column::{ColumnSpec, late};
use crate::format::json::document::Json;
use crate::format::json::layout::ROW_KEY;
use crate::format::{BlockReader, Decoded, Format, Input, ParseMode};
use crate::settings::Settings;
use crate::source::SharedSource;

/// Bytes of rows that are written at a time, about.
const STEP_BYTES: usize = 1 << 20;
/// Rows that are written at a time.
const STEP_ROWS: usize = 1 << 14;
/// Bytes that all columns together read ahead, and each at least and at most.
const AHEAD: usize = 16 << 20;
const LEAST_AHEAD: usize = 4 << 10;
const MOST_AHEAD: usize = 256 << 10;

/// A document's columns, side by side.
pub struct Rows {
    source: SharedSource,
    directory: Directory,
    form: Form,
    /// Bytes of a value at most.
    longest: usize,
    /// The next row, and where each column has it.
    open: Option<(u64, Vec<Scan>)>,
    key: Vec<u8>,
}

/// Rows as text.
#[derive(Default)]
pub struct Written {
    pub text: Vec<u8>,
    /// Where each row begins in the text, and its number.
    pub starts: Vec<(usize, u64)>,
    /// Rows that were gone over.
    pub rows: usize,
}

impl Rows {
    pub fn new(source: SharedSource, directory: Directory, form: Form, settings: &Settings) -> Self {
        let longest = usize::try_from(settings.integer("maxRecordBytes")).unwrap_or(usize::MAX);
        Self { source, directory, form, longest, open: None, key: Vec::new() }
    }

    /// Writes at most `most` rows from row `first` on, those that a column lacks only where `keeps_short`.
    ///
    /// # Errors
    /// Those of the scan, with the row.
    pub fn write(&mut self, first: u64, most: usize, keeps_short: bool) -> Result<Written> {
        let mut written = Written::default();
        let mut scans = match self.open.take() {
            Some((row, scans)) if row == first => scans,
            _ => self.seek(first)?,
        };
        let all = self.directory.rows();
        let mut row = first;
        while row < all && written.rows < most.min(STEP_ROWS) && written.text.len() < STEP_BYTES {
            let start = written.text.len();
            self.row(row, &mut scans, &mut written.text).map_err(|error| error.at(Place::row(row)))?;
            if keeps_short || self.short(row).is_none() {
                written.starts.push((start, row));
            } else {
                written.text.truncate(start);
            }
            written.rows += 1;
            row += 1;
        }
        self.open = Some((row, scans));
        Ok(written)
    }

    /// The first column that ends before this row, and how many do.
    pub fn short(&self, row: u64) -> Option<(usize, usize)> {
        let mut short = self.directory.columns.iter().enumerate().filter(|(_, column)| column.rows <= row).map(|(k, _)| k);
        short.next().map(|first| (first, 1 + short.count()))
    }

    fn row(&mut self, row: u64, scans: &mut [Scan], text: &mut Vec<u8>) -> Result<()> {
        text.push(b'{');
        let mut is_first = true;
        let has_key = self.form == Form::Objects;
        for (column, scan) in self.directory.columns.iter().zip(scans).filter(|(column, _)| row < column.rows) {
            if has_key {
                let start = text.len();
                scan.next()?;
                scan.value(text, self.longest)?;
                let key = text.split_off(start);
                if is_first {
                    self.key = key;
                    if !self.directory.is_counted {
                        text.extend_from_slice(format!("\"{ROW_KEY}\":").as_bytes());
                        text.extend_from_slice(&self.key);
                        text.push(b',');
                    }
                } else if key != self.key {
                    let what = format!("column {} has {} where those before it have {}", column.key, lossy(&key), lossy(&self.key));
                    return Err(scan.broken(&what));
                }
                scan.expect(b':')?;
                scan.next()?;
            }
            if !is_first {
                text.push(b',');
            }
            is_first = false;
            text.extend_from_slice(column.key.as_bytes());
            text.push(b':');
            scan.next()?;
            scan.value(text, self.longest)?;
            if scan.goes_on(self.form.closes())? {
                scan.next()?;
            }
        }
        text.extend_from_slice(b"}\n");
        Ok(())
    }

    /// Every column at a row: from the mark before it on.
    fn seek(&self, row: u64) -> Result<Vec<Scan>> {
        let ahead = (AHEAD / self.directory.columns.len().max(1)).clamp(LEAST_AHEAD, MOST_AHEAD);
        let mut passed = Vec::new();
        let mut at_row = |column: &super::directory::Column| {
            let mark = (row / self.directory.step) as usize;
            let at = column.marks.get(mark).or(column.marks.last()).copied().unwrap_or_default();
            let mut scan = Scan::new(self.source.clone(), at, ahead);
            for _ in mark as u64 * self.directory.step..row.min(column.rows) {
                passed.clear();
                scan.value(&mut passed, self.longest)?;
                if self.form == Form::Objects {
                    scan.expect(b':')?;
                    scan.value(&mut passed, self.longest)?;
                }
                if !scan.goes_on(self.form.closes())? {
                    break;
                }
            }
            Ok(scan)
        };
        self.directory.columns.iter().map(&mut at_row).collect()
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(100).collect()
}

/// Reads them as columns of a table.
pub struct Reader {
    rows: Rows,
    settings: Settings,
    columns: Vec<ColumnSpec>,
    mode: ParseMode,
}

impl Reader {
    pub fn new(rows: Rows, settings: Settings, columns: &[ColumnSpec]) -> Self {
        Self { rows, mode: ParseMode::of(&settings), settings, columns: columns.to_vec() }
    }

    /// What is wrong with a row that a column lacks.
    fn short(&self, row: u64, outcome: Outcome, raw: String) -> Option<Reject> {
        let (first, count) = self.rows.short(row)?;
        let column = self.rows.directory.columns.get(first)?;
        let more = if count > 1 { format!("; {count} columns have no value here") } else { String::new() };
        let reason = format!("column {} ends after {} of {} rows{more}", column.key, column.rows, self.rows.directory.rows());
        let named = unquoted(column.key.as_bytes());
        let column = self.columns.iter().position(|column| column.source_name == named).map(|at| at as u32);
        Some(Reject {
            outcome,
            cause: Cause::TooFewFields,
            file: None,
            place: Place::row(row),
            column,
            reason,
            raw,
            span: None,
            decisions: Vec::new(),
        })
    }
}

impl BlockReader for Reader {
    fn read(&mut self, first: u64, most: usize) -> Result<Decoded> {
        let written = self.rows.write(first, most, self.mode != ParseMode::DropMalformed)?;
        let short = (first..first + written.rows as u64).find(|&row| self.rows.short(row).is_some());
        if let (Some(row), ParseMode::FailFast) = (short, self.mode) {
            let reason = self.short(row, Outcome::Rejected, String::new()).map(|reject| reject.reason).unwrap_or_default();
            let hint = "The mode is FAILFAST: choose PERMISSIVE or DROPMALFORMED to go on and list such rows.";
            return Err(ErrorInfo::new(ErrorKind::Malformed, reason, hint).at(Place::row(row)));
        }
        let place = |at: u64| {
            let before = written.starts.partition_point(|&(start, _)| start as u64 <= at).saturating_sub(1);
            Place::row(written.starts.get(before).map_or(first, |&(_, row)| row))
        };
        let input = Input { bytes: &written.text, place: Place { byte: 0, line: 1 }, limit: u64::MAX, at_end: true };
        let mut decoder = Json.decoder(&self.settings, &self.columns)?;
        let mut batch = decoder
            .decode(input)
            .map_err(|mut error| {
                error.place = Some(place(error.place.map_or(0, |place| place.byte)));
                error
            })?
            .batch;
        batch.starts.iter_mut().for_each(|start| *start = place(*start).byte);
        batch.rejects.iter_mut().for_each(|reject| reject.place = place(reject.place.byte));
        late::places(&mut batch.widened).for_each(|late| *late = place(late.byte));
        if let Some(short) = short {
            self.list_short(short..first + written.rows as u64, &written, &mut batch);
        }
        Ok(Decoded { consumed: written.rows, lines: 0, done: written.rows == 0, batch })
    }
}

impl Reader {
    /// Lists the rows of a range that some column lacks: they are kept with nulls, or left out.
    fn list_short(&self, rows: std::ops::Range<u64>, written: &Written, batch: &mut crate::format::Batch) {
        let listed: Vec<u64> = batch.rejects.iter().map(|reject| reject.place.byte).collect();
        for row in rows {
            let at = written.starts.binary_search_by_key(&row, |&(_, row)| row).ok();
            let text = at.and_then(|at| {
                let end = written.starts.get(at + 1).map_or(written.text.len(), |&(end, _)| end);
                written.text.get(written.starts.get(at)?.0..end)
            });
            let outcome = if at.is_some() { Outcome::Repaired } else { Outcome::Rejected };
            let raw = text.map(|text| String::from_utf8_lossy(text.trim_ascii_end()).into_owned()).unwrap_or_default();
            if at.is_none() {
                batch.counts.read += 1;
                batch.counts.rejected += 1;
            } else if listed.binary_search(&row).is_err() {
                batch.counts.repaired += 1;
            } else {
                continue;
            }
            batch.rejects.extend(self.short(row, outcome, raw));
        }
        batch.rejects.sort_by_key(|reject| reject.place.byte);
    }
}
