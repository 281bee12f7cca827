//! Timestamps of logs that the inference of types leaves as text: their patterns are known by their form.

use std::sync::Arc;

use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

use super::cutter::LogCutter;
use super::pattern::Pattern;
use super::stamp::{self, Stamp};
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec};
use crate::format::csv::detect::text::Text;
use crate::format::text::{Cutter, Tokens};
use crate::settings::Settings;

/// Patterns of one column that are tried.
const MOST_PATTERNS: usize = 8;

/// Gives the columns of timestamps their type and pattern where both can be told; says why where not.
pub fn timestamps(
    text: &Text,
    cutter: &LogCutter,
    pattern: &Pattern,
    settings: &Settings,
    columns: &mut [ColumnSpec],
    findings: &mut Vec<Finding>,
) {
    let Ok(rules) = CellRules::new(settings).map(Arc::new) else { return };
    for (position, column) in columns.iter_mut().enumerate().take(cutter.columns()) {
        let is_stamp = pattern.fields.iter().position(|field| *field == column.source_name).is_some_and(|field| pattern.is_stamp(field));
        if column.data_type != LogicalType::String || !is_stamp {
            continue;
        }
        let values = values(text, cutter, position);
        let stamps: Vec<Stamp> =
            values.iter().filter_map(|value| stamp::describe(value).filter(|stamp| stamp.len == value.len())).collect();
        let Some(first) = stamps.first().filter(|_| stamps.len() == values.len()) else { continue };
        if stamps.iter().any(|stamp| stamp.pattern.ends_with(":S") || stamp.pattern.ends_with(":SS")) {
            // Milliseconds written without their zeros are no fraction: `:15` is 0.015 seconds.
            let what = format!("{}: {} timestamps have parts without their zeros, and stay text", column.name, values.len());
            findings.push(Finding { what, fix: None });
            continue;
        }
        let data_type = if first.has_zone { LogicalType::Timestamp } else { LogicalType::TimestampNtz };
        let mut patterns: Vec<&str> = stamps.iter().map(|stamp| stamp.pattern.as_str()).collect();
        patterns.sort_unstable_by_key(|pattern| (pattern.len(), *pattern));
        patterns.dedup();
        let fitting = patterns.into_iter().take(MOST_PATTERNS).find(|pattern| {
            let spec = ColumnSpec { data_type: data_type.clone(), pattern: Some((*pattern).to_owned()), ..ColumnSpec::text("c") };
            ColumnParser::new(&spec, &rules, UTF_8).is_ok_and(|parser| values.iter().all(|value| parser.fits(value)))
        });
        match fitting {
            Some(fitting) if stamps.iter().all(|stamp| stamp.is_told) => {
                let evidence = format!("{n} of {n} values are timestamps written as {fitting}", n = values.len());
                column.origin = Origin::Detected { confidence: 0.95, evidence };
                (column.data_type, column.pattern) = (data_type, Some(fitting.to_owned()));
            }
            Some(fitting) if findings.iter().all(|finding| !finding.what.starts_with(&format!("{}:", column.name))) => {
                findings.push(offer(column, data_type, fitting, values.len()));
            }
            None => {
                let why = if first.pattern.contains('y') { "are finer or stranger than a timestamp holds" } else { "tell no year" };
                let what = format!("{}: {} timestamps written as {} {why}, and stay text", column.name, values.len(), first.pattern);
                findings.push(Finding { what, fix: None });
            }
            _ => {}
        }
    }
}

/// Timestamps that could be read in another way too.
fn offer(column: &ColumnSpec, data_type: LogicalType, pattern: &str, count: usize) -> Finding {
    let change =
        Change::ColumnType { column: column.name.clone(), data_type: Some(data_type.to_string()), pattern: Some(pattern.to_owned()) };
    Finding {
        what: format!("{}: {count} timestamps whose day can be read in several ways; they may be written as {pattern}", column.name),
        fix: Some(Fix { title: format!("Read {} as {pattern}", column.name), change }),
    }
}

/// The sample's values of a column.
fn values(text: &Text, cutter: &LogCutter, column: usize) -> Vec<Vec<u8>> {
    let mut tokens = Tokens::default();
    let mut values = Vec::new();
    for (k, piece) in text.pieces.iter().enumerate() {
        let bytes = piece.text.as_bytes();
        let from = if k == 0 { 0 } else { cutter.first_start(bytes) };
        let bytes = &bytes[from..];
        cutter.begin_at(piece.offset + from as u64);
        cutter.run(bytes, usize::MAX, true, &mut tokens);
        let cells = Cells { text: bytes, scratch: &tokens.scratch, spans: &tokens.spans, stride: cutter.columns(), column };
        values.extend(cells.iter().filter(|span| !span.is_missing()).map(|span| cells.bytes(span).to_vec()));
    }
    values
}
