//! Tries an option on the records at fault, and on the first rows of the source.

use std::collections::HashMap;

use colonnade_protocol::report::{Change, Fix, Reject};
use colonnade_protocol::{Cause, LogicalType, Origin, Place};

use super::Tried;
use crate::Result;
use crate::column::{ColumnSpec, display};
use crate::format::{self, Decoded, Format, Input};
use crate::plan::ReadPlan;
use crate::source::Source;

/// Records of a group that are tried.
const TRIED: usize = 100;
/// Bytes from the first record on that must read as they do now.
const HEAD_BYTES: usize = 64 << 10;

/// A row as texts, and whether it is as the format wants it.
type Row = (Vec<Option<String>>, bool);

/// The first of the format's own proposals for records of this cause with which, in every file, all of them are right and
/// the rows at the start are as they were.
pub(super) fn remedy<S: Source + ?Sized>(files: &[Tried<'_, S>], cause: Cause, rejects: &[&Reject]) -> Result<Option<Fix>> {
    let Some(first) = files.first() else { return Ok(None) };
    let Some(format) = format::by_id(&first.read.format) else { return Ok(None) };
    let mut proposed = format.remedies(cause, &first.read.settings, rejects);
    let known = |reject: &&Reject| files.iter().any(|file| file.file == reject.file.as_deref());
    let are_alike = files.iter().all(|file| file.read.format == first.read.format);
    if rejects.is_empty() || !are_alike || !rejects.iter().all(known) {
        return Ok(None);
    }
    for file in files {
        if proposed.is_empty() {
            break;
        }
        let own: Vec<&Reject> = rejects.iter().copied().filter(|reject| reject.file.as_deref() == file.file).take(TRIED).collect();
        let as_text = as_text(file.read);
        let (head, at_end) = head(file)?;
        let before = rows(format, &as_text, &head, at_end);
        proposed.retain(|fix| {
            let Some(changed) = changed(&as_text, fix) else { return false };
            let rights_all = own.iter().all(|reject| reads_right(format, &changed, &reject.raw));
            rights_all && keeps(before.as_ref(), rows(format, &changed, &head, at_end).as_ref())
        });
    }
    Ok(proposed.into_iter().next())
}

/// The bytes from the first record on, and whether the file ends with them.
fn head<S: Source + ?Sized>(file: &Tried<'_, S>) -> Result<(Vec<u8>, bool)> {
    let (len, start) = (file.source.len(), file.data_start);
    let mut head = vec![0; HEAD_BYTES.min(len.saturating_sub(start) as usize)];
    let n = file.source.read_at(start, &mut head)?;
    head.truncate(n);
    Ok((head, start + n as u64 >= len))
}

/// The same reading with every column as text, nothing dropped and no column for what does not fit.
fn as_text(read: &ReadPlan) -> ReadPlan {
    let mut read = read.clone();
    let corrupt = read.settings.text("columnNameOfCorruptRecord").to_owned();
    read.columns.retain(|column| corrupt.is_empty() || column.name != corrupt);
    read.columns = read
        .columns
        .into_iter()
        .map(|column| ColumnSpec { data_type: LogicalType::String, pattern: None, origin: Origin::Person, ..column })
        .collect();
    for (id, value) in [("mode", "PERMISSIVE"), ("columnNameOfCorruptRecord", ""), ("tableEnd", "0")] {
        if read.settings.get(id).is_some() {
            read.settings.set(id, value);
        }
    }
    read
}

fn changed(read: &ReadPlan, fix: &Fix) -> Option<ReadPlan> {
    let Change::Option { id, value: Some(value) } = &fix.change else { return None };
    let mut read = read.clone();
    read.settings.set(id, value.as_str());
    Some(read)
}

/// Whether a record by itself is right: it is a row without fault, or nothing that counts as a record.
fn reads_right(format: &dyn Format, read: &ReadPlan, raw: &str) -> bool {
    let mut read = read.clone();
    if read.settings.get("encoding").is_some() {
        read.settings.set("encoding", "UTF-8");
    }
    let line_end = Some(read.settings.text("lineSep")).filter(|end| !end.is_empty()).unwrap_or("\n");
    let text = format!("{raw}{line_end}");
    let Some(decoded) = decode(format, &read, text.as_bytes(), true) else { return false };
    decoded.batch.rejects.is_empty() && (decoded.batch.rows == 1 || decoded.batch.rows == 0 && decoded.batch.counts.skipped == 1)
}

/// The rows at the start, by their offset.
fn rows(format: &dyn Format, read: &ReadPlan, head: &[u8], at_end: bool) -> Option<HashMap<u64, Row>> {
    let batch = decode(format, read, head, at_end)?.batch;
    let text = |array: &arrow_array::ArrayRef, row: usize| {
        (!arrow_array::Array::is_null(array, row)).then(|| {
            let mut text = String::new();
            display::write_cell(array.as_ref(), row, &mut text);
            text
        })
    };
    let row = |(k, start): (usize, &u64)| {
        let is_right = batch.rejects.iter().all(|reject| reject.place.byte != *start);
        (*start, (batch.columns.iter().map(|column| text(column, k)).collect(), is_right))
    };
    Some(batch.starts.iter().enumerate().map(row).collect())
}

/// Whether every row that was right is there, the same.
fn keeps(before: Option<&HashMap<u64, Row>>, after: Option<&HashMap<u64, Row>>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    before.iter().filter(|(_, (_, right))| *right).all(|(start, row)| after.get(start) == Some(row))
}

fn decode(format: &dyn Format, read: &ReadPlan, bytes: &[u8], at_end: bool) -> Option<Decoded> {
    let input = Input { bytes, place: Place { byte: 0, line: 0 }, limit: u64::MAX, at_end };
    let decoded = format.decoder(&read.settings, &read.columns).ok()?.decode(input).ok()?;
    decoded.batch.widened.is_empty().then_some(decoded)
}
