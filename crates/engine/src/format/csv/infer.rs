//! Column types from the sample: every column is read as text, and the values say what they are.

use std::sync::Arc;

use colonnade_protocol::report::Finding;
use colonnade_protocol::{LogicalType, Origin, Place};
use encoding_rs::UTF_8;

use super::detect::CsvDetection;
use super::tokenise::{Tokeniser, Tokens};
use super::transcode::Transcoder;
use super::{boundary, options};
use crate::Result;
use crate::column::{CellRules, Cells, ColumnSpec, TextEvidence, infer};
use crate::format::lines::count_line_ends;
use crate::sample::Sample;
use crate::settings::Settings;

/// The columns with their types, and what was noticed about them.
///
/// # Errors
/// [`colonnade_protocol::ErrorKind::Usage`] for settings that cannot be used.
pub fn columns(sample: &Sample, found: &CsvDetection, settings: &Settings) -> Result<(Vec<ColumnSpec>, Vec<Finding>)> {
    let mut columns: Vec<ColumnSpec> = found
        .columns
        .iter()
        .map(|column| ColumnSpec { source_name: column.source_name.clone(), ..ColumnSpec::text(column.name.clone()) })
        .collect();
    let mut findings = Vec::new();
    if settings.flag("inferSchema") {
        let evidence = evidence(sample, found, settings)?;
        for (column, evidence) in columns.iter_mut().zip(&evidence) {
            (column.data_type, column.pattern, column.origin, column.evidence) = evidence.conclude();
        }
        findings = infer::findings(columns.iter().map(|column| column.name.as_str()).zip(&evidence));
    }
    let corrupt = settings.text("columnNameOfCorruptRecord");
    if !corrupt.is_empty() {
        columns.push(ColumnSpec {
            source_name: String::new(),
            data_type: LogicalType::String,
            origin: Origin::Person,
            ..ColumnSpec::text(corrupt)
        });
    }
    Ok((columns, findings))
}

fn evidence(sample: &Sample, found: &CsvDetection, settings: &Settings) -> Result<Vec<TextEvidence>> {
    let dialect = options::dialect(settings)?;
    let encoding = options::encoding(settings)?;
    let transcoder = Transcoder::needed(encoding, &dialect);
    let cell_encoding = if transcoder.is_some() { UTF_8 } else { encoding };
    let rules = Arc::new(CellRules::new(settings)?);
    let width = found.columns.len();
    let names = found.columns.iter().map(|column| column.source_name.as_str());
    let tokeniser = Tokeniser::new(dialect, width, usize::MAX).knowing_header(options::header_names(settings, names, cell_encoding));
    let mut evidence: Vec<TextEvidence> = (0..width).map(|_| TextEvidence::new(&rules, cell_encoding)).collect();
    let table_end = found.table_end.unwrap_or(u64::MAX);
    let head = (0, sample.head.as_slice());
    let slices = sample.slices.iter().map(|slice| (slice.offset, slice.bytes.as_slice()));
    for (offset, bytes) in std::iter::once(head).chain(slices) {
        let end = offset + bytes.len() as u64;
        if end <= found.data_start.byte || offset >= table_end || table_end <= found.data_start.byte {
            continue;
        }
        let bytes = &bytes[..bytes.len().min((table_end - offset) as usize)];
        let at_end = end >= sample.len;
        let from = match (found.data_start.byte.checked_sub(offset), &transcoder) {
            (Some(start), _) => start as usize,
            (None, Some(transcoder)) if transcoder.splits() => transcoder.line_start(bytes, 0).unwrap_or(bytes.len()),
            (None, Some(_)) => bytes.len(),
            (None, None) => boundary::find(&tokeniser, bytes, 1, at_end).unwrap_or(bytes.len()),
        };
        let first = Place { byte: offset + from as u64, line: if offset == 0 { found.data_start.line } else { 0 } };
        let transcoded = transcoder.as_ref().map(|transcoder| transcoder.decode(&bytes[from..], at_end));
        let text = transcoded.as_ref().map_or(&bytes[from..], |transcoded| transcoded.text.as_bytes());
        observe(&tokeniser, text, at_end || end > table_end, first, &mut evidence);
    }
    Ok(evidence)
}

fn observe(tokeniser: &Tokeniser, text: &[u8], at_end: bool, first: Place, evidence: &mut [TextEvidence]) {
    let mut tokens = Tokens::default();
    tokeniser.run(text, usize::MAX, at_end, &mut tokens);
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
