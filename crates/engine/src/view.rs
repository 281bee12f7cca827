//! Windows of formatted rows for the grid: decoded again from the nearest indexed record, a few kilobytes at a time.

use arrow_array::{Array, ArrayRef};
use colonnade_protocol::message::{Cell, RowWindow};
use colonnade_protocol::{LogicalType, Origin, Place};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::{ColumnSpec, display};
use crate::format::{self, Decoded, Input, ParseMode};
use crate::plan::ReadPlan;
use crate::source::Source;

/// First read; doubled while it holds too few rows.
const READ_BYTES: usize = 64 << 10;
/// Longest cell shown.
const CELL_CHARS: usize = 500;

/// A window wanted, and from where to decode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Window {
    /// A row whose record begins at `offset`.
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
    let mut read = read.clone();
    if ParseMode::of(&read.settings) == ParseMode::FailFast {
        read.settings.set("mode", "PERMISSIVE");
    }
    let mut shown = RowWindow { first: window.first, from_column: window.from_column as u32, rows: Vec::new(), known_rows: 0 };
    let mut offset = window.offset;
    let mut row = window.from_row;
    let last = window.first + window.count as u64;
    let mut size = READ_BYTES;
    while row < last && offset < source.len() {
        let mut bytes = vec![0; size.min((source.len() - offset) as usize)];
        let n = source.read_at(offset, &mut bytes)?;
        bytes.truncate(n);
        let at_end = offset + n as u64 >= source.len();
        let input = Input { bytes: &bytes, place: Place { byte: offset, line: 0 }, limit: u64::MAX, at_end };
        let decoded = decode_widening(&mut read, input)?;
        if decoded.consumed == 0 && decoded.batch.rows == 0 {
            if at_end {
                break;
            }
            size *= 2;
            continue;
        }
        let rows = decoded.batch.rows as u64;
        let (from, to) = (window.first.saturating_sub(row).min(rows), (last - row).min(rows));
        if from < to {
            let raw = if decoded.batch.counts.nulled_cells > 0 { Some(texts(&read, input)?) } else { None };
            for k in from as usize..to as usize {
                shown.rows.push(
                    (window.from_column..window.to_column.min(read.columns.len()))
                        .map(|column| cell(&decoded.batch.columns, raw.as_deref(), column, k))
                        .collect(),
                );
            }
        }
        row += rows;
        offset += decoded.consumed as u64;
        if decoded.done && at_end {
            break;
        }
    }
    Ok(shown)
}

/// The rows that `bytes` bytes from the record at `offset` hold, as arrays; columns that must be widened are, here only.
///
/// # Errors
/// Those of the source and of the plan's settings.
pub fn first_batch(source: &(impl Source + ?Sized), read: &ReadPlan, offset: u64, bytes: usize) -> Result<Vec<ArrayRef>> {
    let mut read = read.clone();
    if ParseMode::of(&read.settings) == ParseMode::FailFast {
        read.settings.set("mode", "PERMISSIVE");
    }
    let mut buffer = vec![0; bytes.min(source.len().saturating_sub(offset) as usize)];
    let n = source.read_at(offset, &mut buffer)?;
    buffer.truncate(n);
    let input =
        Input { bytes: &buffer, place: Place { byte: offset, line: 0 }, limit: u64::MAX, at_end: offset + n as u64 >= source.len() };
    Ok(decode_widening(&mut read, input)?.batch.columns)
}

/// Decodes, widening columns in `read` until every value fits. The scan comes to the same; until then a window shows
/// what it holds.
fn decode_widening(read: &mut ReadPlan, input: Input<'_>) -> Result<Decoded> {
    let format = format::by_id(&read.format).unwrap_or(format::FORMATS[0]);
    loop {
        let decoded = format.decoder(&read.settings, &read.columns)?.decode(input)?;
        if decoded.batch.widened.is_empty() {
            return Ok(decoded);
        }
        read.widen(&decoded.batch.widened, &read.columns.clone());
    }
}

/// The same records with every column as text.
fn texts(read: &ReadPlan, input: Input<'_>) -> Result<Vec<ArrayRef>> {
    let columns: Vec<ColumnSpec> = read
        .columns
        .iter()
        .map(|column| ColumnSpec { data_type: LogicalType::String, pattern: None, origin: Origin::Person, ..column.clone() })
        .collect();
    let format = format::by_id(&read.format).unwrap_or(format::FORMATS[0]);
    Ok(format.decoder(&read.settings, &columns)?.decode(input)?.batch.columns)
}

fn cell(columns: &[ArrayRef], raw: Option<&[ArrayRef]>, column: usize, row: usize) -> Cell {
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
