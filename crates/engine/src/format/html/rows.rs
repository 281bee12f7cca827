//! Rows of a table as typed columns.

use std::sync::Arc;

use colonnade_protocol::{Cause, ErrorInfo, Place};
use encoding_rs::UTF_8;

use super::grid::Grid;
use super::shape::Shape;
use crate::Result;
use crate::column::{CellRules, ColumnSpec, late};
use crate::format::faults::{Fault, Faults, Records};
use crate::format::text::options;
use crate::format::typed::{CellRows, TypedColumns};
use crate::format::{BlockReader, Decoded, ParseMode};
use crate::settings::Settings;

/// Cells read at a time, about.
const STEP_CELLS: usize = 1 << 18;

/// Reads the rows of a table.
pub struct HtmlRows {
    grid: Grid,
    shape: Shape,
    /// The encoding, where some bytes are no text in it.
    odd: Option<&'static str>,
    columns: TypedColumns,
    mode: ParseMode,
    corrupt_column: bool,
}

impl HtmlRows {
    /// Reads `grid` as these columns; the corrupt-record column, where one is set, is the last of them. `odd`: the encoding,
    /// where U+FFFD stands for bytes that are no text in it.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Usage`] for settings or patterns that cannot be used.
    pub fn new(grid: Grid, shape: Shape, odd: Option<&'static str>, settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let corrupt_column = options::has_corrupt_column(settings);
        let read = columns.get(..columns.len() - usize::from(corrupt_column)).unwrap_or_default();
        let columns = TypedColumns::new(read, Arc::new(CellRules::new(settings)?), UTF_8)?;
        Ok(Self { grid, shape, odd, columns, mode: ParseMode::of(settings), corrupt_column })
    }

    /// What is odd about a row; `at`: the row that it becomes.
    fn fault(&self, row: usize, at: u32) -> Option<Fault> {
        let width = self.columns.len();
        let cells = self.grid.cells(row);
        let start = self.grid.rows.get(row)?.start as u32;
        let fault = |row, cause, reason| Some(Fault { row, start, cause, column: None, reason, span: None, by: None });
        if let Some(why) = self.shape.no_row(&self.grid, row) {
            return fault(None, Cause::NotARow, why.to_owned());
        }
        if let Some(encoding) = self.odd.filter(|_| self.grid.row_text(row).contains('\u{fffd}')) {
            return fault(Some(at), Cause::InvalidEncoding, format!("bytes that are no text in {encoding}; U+FFFD stands for them"));
        }
        if cells.len() < width {
            return fault(Some(at), Cause::TooFewFields, format!("{} of {width} cells: the others are null", cells.len()));
        }
        let beyond = cells.get(width..).unwrap_or_default();
        let lost = beyond.iter().filter(|cell| !cell.is_empty()).count();
        let reason = || format!("{} cells where the table has {width}: what is beyond is dropped", cells.len());
        if lost > 0 { fault(Some(at), Cause::TooManyFields, reason()) } else { None }
    }

    /// A place in the table's text as the number of its row.
    fn place(&self, byte: u64) -> Place {
        let row = self.grid.row_at(usize::try_from(byte).unwrap_or(usize::MAX));
        Place::row(self.grid.rows.get(row).map_or(0, |row| u64::from(row.number)))
    }

    fn in_rows(&self, mut error: ErrorInfo) -> ErrorInfo {
        error.place = error.place.map(|place| self.place(place.byte));
        error
    }
}

impl BlockReader for HtmlRows {
    fn read(&mut self, first: u64, most: usize) -> Result<Decoded> {
        let width = self.columns.len();
        let most = most.min(STEP_CELLS / width.max(1)).max(1);
        let from = self.grid.position(first).max(self.shape.data);
        let end = self.grid.position(first.saturating_add(most as u64)).max(from);
        let behind = self.grid.rows.last().map_or(0, |row| u64::from(row.number) + 1);
        let consumed = usize::try_from(behind.saturating_sub(first)).unwrap_or(usize::MAX).min(most);
        let mut faults = Faults::default();
        let mut rows = Vec::with_capacity(end - from);
        let mut rejected = 0;
        for row in from..end {
            let fault = self.fault(row, rows.len() as u32);
            let is_row = fault.as_ref().is_none_or(|fault| fault.row.is_some());
            fault.into_iter().for_each(|fault| faults.add(fault));
            if is_row {
                rows.push(row);
            } else {
                rejected += 1;
            }
        }
        let starts: Vec<u32> = rows.iter().filter_map(|&row| self.grid.rows.get(row)).map(|row| row.start as u32).collect();
        let spans = self.grid.spans(rows.iter().copied(), width);
        let text = self.grid.text.as_bytes();
        let cells = CellRows { text, scratch: &[], spans: &spans, stride: width, starts: &starts };
        let (columns, widened) = self.columns.parse(cells, &[], &mut faults);
        let end_of = |start: u32| self.grid.row_end(self.grid.row_at(start as usize));
        let records = Records { text, encoding: UTF_8, place: Place { byte: 0, line: 1 }, starts: &starts, end_of: &end_of };
        let corrupt_at = self.corrupt_column.then_some(width);
        let mut batch = faults.into_batch(self.mode, &records, columns, corrupt_at).map_err(|error| self.in_rows(error))?;
        batch.starts.iter_mut().for_each(|start| *start = self.place(*start).byte);
        batch.rejects.iter_mut().for_each(|reject| reject.place = self.place(reject.place.byte));
        batch.counts.skipped = (consumed - (rows.len() + rejected).min(consumed)) as u64;
        batch.widened = records.placed(widened);
        late::places(&mut batch.widened).for_each(|place| *place = self.place(place.byte));
        Ok(Decoded { consumed, lines: 0, done: consumed == 0, batch })
    }
}
