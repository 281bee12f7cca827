//! Windows of formatted rows for the grid: decoded again from the nearest indexed record, a few kilobytes at a time.

mod feed;

use arrow_array::{Array, ArrayRef};
use colonnade_protocol::message::{Cell, RowWindow};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::display;
use crate::format::ParseMode;
use crate::plan::ReadPlan;
use crate::source::Source;
use feed::Feed;

/// Longest cell shown.
const CELL_CHARS: usize = 500;

/// A window wanted, and from where to decode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Window {
    /// A row whose record begins at `offset`, a position of the source.
    pub from_row: u64,
    pub offset: u64,
    pub first: u64,
    pub count: usize,
    pub from_column: usize,
    pub to_column: usize,
}

/// Reads a window. A value that does not fit its column's type is shown as it stands in the source, marked. Memory: the
/// records between `from_row` and the window's end, decoded twice where values do not fit.
///
/// # Errors
/// Those of the source and of the plan's settings.
pub fn rows(source: &(impl Source + ?Sized), read: &ReadPlan, window: Window) -> Result<RowWindow> {
    let mut shown = RowWindow { first: window.first, from_column: window.from_column as u32, rows: Vec::new(), known_rows: 0 };
    append_rows(source, read, window, &mut shown)?;
    Ok(shown)
}

/// The same behind rows of other files of the table: appends what this file has of the window, and gives back the number of the
/// row behind its last, or of the first behind the window.
///
/// # Errors
/// As [`rows`].
pub fn append_rows(source: &(impl Source + ?Sized), read: &ReadPlan, window: Window, shown: &mut RowWindow) -> Result<u64> {
    let mut feed = feed(source, read, window.offset)?;
    let mut row = window.from_row;
    let last = window.first + window.count as u64;
    while row < last {
        let Some(batch) = feed.next(last - row)? else { break };
        let rows = batch.rows as u64;
        let (from, to) = (window.first.saturating_sub(row).min(rows), (last - row).min(rows));
        if from < to {
            let raw = if batch.counts.nulled_cells > 0 { Some(feed.texts()?) } else { None };
            for k in from as usize..to as usize {
                let own = |column| own_cell(&batch.columns, raw.as_deref(), column, k);
                let cell = |column| match &read.given {
                    None => own(column),
                    Some(given) => given.get(column).map_or(Cell::Null, |given| given.cell(|at| Some(own(at as usize)))),
                };
                let columns = read.given.as_ref().map_or(batch.columns.len(), Vec::len);
                shown.rows.push((window.from_column..window.to_column.min(columns)).map(cell).collect());
            }
        }
        row += rows;
    }
    Ok(row)
}

/// The rows that `bytes` bytes from the record at `offset` hold, as arrays; columns that must be widened are, here only. Of
/// a source that is read by random access: the rows that come in one read.
///
/// # Errors
/// Those of the source and of the plan's settings.
pub fn first_batch(source: &(impl Source + ?Sized), read: &ReadPlan, offset: u64, bytes: usize) -> Result<Vec<ArrayRef>> {
    let mut feed = feed(source, read, offset)?;
    Ok(feed.all_in(bytes)?.columns)
}

fn feed<'a, S: Source + ?Sized>(source: &'a S, read: &ReadPlan, offset: u64) -> Result<Feed<'a, S>> {
    let mut read = read.clone();
    if ParseMode::of(&read.settings) == ParseMode::FailFast {
        read.settings.set("mode", "PERMISSIVE");
    }
    Feed::new(source, read, offset)
}

fn own_cell(columns: &[ArrayRef], raw: Option<&[ArrayRef]>, column: usize, row: usize) -> Cell {
    let mut text = String::new();
    if columns[column].is_null(row) {
        let Some(raw) = raw.map(|raw| &raw[column]).filter(|raw| !raw.is_null(row)) else { return Cell::Null };
        display::write_cell(raw.as_ref(), row, &mut text);
        shorten(&mut text);
        return if text.is_empty() { Cell::Null } else { Cell::Misfit(text) };
    }
    display::write_cell(columns[column].as_ref(), row, &mut text);
    shorten(&mut text);
    Cell::Text(text)
}

fn shorten(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(CELL_CHARS) {
        text.truncate(at);
        text.push('\u{2026}');
    }
}
