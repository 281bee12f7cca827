//! Column types from the sample: every column is read as text, and the values say what they are.

use std::sync::Arc;

use colonnade_protocol::report::Finding;
use colonnade_protocol::{LogicalType, Origin, Place};

use super::transcode::Reading;
use super::{Cutter, Tokens, options};
use crate::Result;
use crate::column::{CellRules, Cells, ColumnSpec, TextEvidence, infer};
use crate::format::ParseMode;
use crate::format::csv::detect::names::ColumnName;
use crate::format::lines::count_line_ends;
use crate::sample::Sample;
use crate::settings::Settings;

/// Where a table is in its source, and its columns' names.
pub struct Table<'a> {
    pub names: &'a [ColumnName],
    pub start: Place,
    pub end: Option<u64>,
}

/// The columns with their types, and what was noticed about them.
///
/// # Errors
/// [`colonnade_protocol::ErrorKind::Usage`] for settings that cannot be used.
pub fn columns(
    sample: &Sample,
    table: &Table<'_>,
    cutter: &dyn Cutter,
    reading: &Reading,
    settings: &Settings,
) -> Result<(Vec<ColumnSpec>, Vec<Finding>)> {
    let mut columns: Vec<ColumnSpec> = table
        .names
        .iter()
        .map(|column| ColumnSpec { source_name: column.source_name.clone(), ..ColumnSpec::text(column.name.clone()) })
        .collect();
    let mut findings = Vec::new();
    if settings.flag("inferSchema") {
        let evidence = evidence(sample, table, cutter, reading, settings)?;
        for (column, evidence) in columns.iter_mut().zip(&evidence) {
            (column.data_type, column.pattern, column.origin, column.evidence) = evidence.conclude();
        }
        findings = infer::findings(columns.iter().map(|column| column.name.as_str()).zip(&evidence));
    }
    if options::has_corrupt_column(settings) {
        let corrupt = settings.text(options::CORRUPT_COLUMN);
        columns.push(ColumnSpec {
            source_name: String::new(),
            data_type: LogicalType::String,
            origin: Origin::Person,
            ..ColumnSpec::text(corrupt)
        });
    }
    Ok((columns, findings))
}

fn evidence(sample: &Sample, table: &Table<'_>, cutter: &dyn Cutter, reading: &Reading, settings: &Settings) -> Result<Vec<TextEvidence>> {
    let rules = Arc::new(CellRules::new(settings)?);
    let mut evidence: Vec<TextEvidence> = (0..table.names.len()).map(|_| TextEvidence::new(&rules, reading.encoding)).collect();
    let (table_start, table_end) = (table.start.byte, table.end.unwrap_or(u64::MAX));
    let head = (0, sample.head.as_slice());
    let slices = sample.slices.iter().map(|slice| (slice.offset, slice.bytes.as_slice()));
    for (offset, bytes) in std::iter::once(head).chain(slices) {
        let end = offset + bytes.len() as u64;
        if end <= table_start || offset >= table_end || table_end <= table_start {
            continue;
        }
        let bytes = &bytes[..bytes.len().min((table_end - offset) as usize)];
        let at_end = end >= sample.len;
        let from = match (table_start.checked_sub(offset), &reading.transcoder) {
            (Some(start), _) => start as usize,
            (None, Some(transcoder)) if transcoder.splits() => transcoder.find_record(cutter, bytes, 2, at_end).unwrap_or(bytes.len()),
            (None, Some(_)) => bytes.len(),
            (None, None) => cutter.find_record(bytes, 1, at_end).unwrap_or(bytes.len()),
        };
        let first = Place { byte: offset + from as u64, line: if offset == 0 { table.start.line } else { 0 } };
        let transcoded = reading.transcoder.as_ref().map(|transcoder| transcoder.decode(&bytes[from..], at_end));
        let text = transcoded.as_ref().map_or(&bytes[from..], |transcoded| transcoded.text.as_bytes());
        let at_end = at_end || end > table_end;
        let mut tokens = Tokens::default();
        cutter.begin_at(first.byte);
        cutter.run(text, usize::MAX, at_end, &mut tokens);
        if ParseMode::of(settings) == ParseMode::DropMalformed {
            drop_odd_rows(&mut tokens, evidence.len());
        }
        observe(&tokens, text, first, &mut evidence);
    }
    Ok(evidence)
}

/// Takes out the rows of records that do not fit the table: their values say nothing about types where they are dropped.
fn drop_odd_rows(tokens: &mut Tokens, stride: usize) {
    let odd: Vec<u32> = tokens.odd.iter().filter_map(|odd| odd.row).collect();
    if odd.is_empty() {
        return;
    }
    let is_kept = |row: usize| odd.binary_search(&(row as u32)).is_err();
    let rows = tokens.spans.chunks(stride).enumerate().filter(|(row, _)| is_kept(*row));
    tokens.spans = rows.flat_map(|(_, cells)| cells.iter().copied()).collect();
    tokens.starts = tokens.starts.iter().enumerate().filter(|(row, _)| is_kept(*row)).map(|(_, start)| *start).collect();
}

fn observe(tokens: &Tokens, text: &[u8], first: Place, evidence: &mut [TextEvidence]) {
    let stride = evidence.len();
    // Counted once: a wide table asks for places thousands of times.
    let mut lines = Vec::with_capacity(tokens.starts.len());
    let (mut line, mut counted) = (first.line, 0);
    for &start in &tokens.starts {
        line += count_line_ends(&text[counted..start as usize]);
        counted = start as usize;
        lines.push(line);
    }
    let place = |row: usize| {
        let line = if first.line == 0 { 0 } else { lines[row] };
        Place { byte: first.byte + u64::from(tokens.starts[row]), line }
    };
    if tokens.starts.is_empty() {
        return;
    }
    for (column, evidence) in evidence.iter_mut().enumerate() {
        evidence.observe(Cells { text, scratch: &tokens.scratch, spans: &tokens.spans, stride, column }, &place);
    }
}
