//! Detection: what a CSV file's shape is, told nothing or a little. In order, one file a step:
//!
//! 1. [`binary`]: refuse what is no text.
//! 2. [`encoding`] (and [`legacy`]): how bytes are read as text.
//! 3. [`text`]: the sample as pieces of whole lines.
//! 4. [`separators`]: separators worth trying.
//! 5. [`score`]: how well a dialect explains the sample.
//! 6. [`dialect`]: separator, quote and escape; [`one_name`] and [`prose`]: what looks like one, and divides the values of one
//!    column, or sentences.
//! 7. [`line_end`] and [`comment`]: what ends a record, and what is none.
//! 8. [`table`]: the block of records that is the table.
//! 9. [`header`]: titles, names or neither above the data; [`list`]: whether one column has a name.
//! 10. [`names`]: the columns' names, each one once.
//! 11. [`ending`]: footnotes, blank rows or a second table below the data.
//! 12. [`sentence`]: all of it in words.
//!
//! What a person has set is taken as it is, and the rest is found around it.

pub mod binary;
pub mod cell;
pub mod comment;
pub mod dialect;
pub mod encoding;
pub mod ending;
pub mod header;
pub mod legacy;
pub mod line_end;
mod list;
pub mod names;
pub mod one_name;
pub mod prose;
pub mod score;
pub mod sentence;
pub mod separators;
mod shape;
pub mod table;
pub mod text;
pub mod tokens;

use colonnade_protocol::message::{RawLine, SentencePart};
use colonnade_protocol::report::Finding;
use colonnade_protocol::{ErrorInfo, ErrorKind, Place};
use encoding_rs::Encoding;

use self::names::ColumnName;
use crate::Result;
use crate::format::csv::dialect::Dialect;
use crate::sample::Sample;
use crate::settings::Settings;

/// A value found from the data, how sure it is and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess<T> {
    pub value: T,
    /// 0 to 1.
    pub confidence: f32,
    /// In numbers: "200 of 206 lines have 14 fields".
    pub evidence: String,
}

impl<T> Guess<T> {
    /// A guess with its evidence.
    pub fn new(value: T, confidence: f32, evidence: impl Into<String>) -> Self {
        Self { value, confidence, evidence: evidence.into() }
    }

    /// Not a guess.
    pub fn sure(value: T, evidence: impl Into<String>) -> Self {
        Self::new(value, 1.0, evidence)
    }
}

/// How a source is to be read as CSV, and why.
#[derive(Debug, Clone)]
pub struct CsvDetection {
    /// 0 to 1, that the table is read as meant.
    pub confidence: f32,
    pub encoding: &'static Encoding,
    /// Length of the byte order mark.
    pub bom_bytes: u64,
    pub dialect: Dialect,
    /// Every setting, those found from the data with confidence and evidence.
    pub settings: Settings,
    pub columns: Vec<ColumnName>,
    /// Header records.
    pub header_rows: usize,
    /// Where the first record of the data begins.
    pub data_start: Place,
    /// Where what is below the table begins; `None`: the table ends with the source.
    pub table_end: Option<u64>,
    /// Lines before the data that are no rows.
    pub skipped: u64,
    pub findings: Vec<Finding>,
    pub sentence: Vec<SentencePart>,
    pub raw_lines: Vec<RawLine>,
    /// From the sample's mean record length.
    pub estimated_rows: u64,
}

/// Finds how a source is to be read from its sample. What `settings` says by a person's word is taken as it is.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no record; [`ErrorKind::UnknownFormat`] for what is no text;
/// [`ErrorKind::Usage`] for settings that cannot be used; [`ErrorKind::Limit`] for more than `maxColumns` columns.
pub fn detect(sample: &Sample, settings: &Settings) -> Result<CsvDetection> {
    let (found, text) = open(sample, settings)?;
    let dialect = dialect::find(&text, settings)?;
    shape::describe(sample, &text, &found, dialect, settings.clone())
}

/// Steps 1 to 3: the sample as text, and how it was read.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is nothing in it; [`ErrorKind::UnknownFormat`] for what is no text.
pub fn open(sample: &Sample, settings: &Settings) -> Result<(encoding::Found, text::Text)> {
    if sample.len == 0 {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file is empty", "There is nothing to read in it."));
    }
    binary::refuse_known(sample)?;
    let named = settings.is_by_person("encoding").then(|| settings.text("encoding"));
    let found = encoding::find(sample, named)?;
    if found.encoding.value.is_ascii_compatible() && named.is_none() {
        binary::refuse_unprintable(sample)?;
    }
    let text = text::Text::read(sample, found.encoding.value, found.bom);
    if text.head().text.trim().is_empty() && text.is_whole {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file holds only blanks", "There is nothing to read in it."));
    }
    Ok((found, text))
}

/// How likely it is that a sample is CSV, 0 to 1; for choosing among formats.
pub fn likeness(sample: &Sample, name: &str) -> f32 {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let base = if matches!(extension.as_str(), "csv" | "tsv" | "tab" | "psv" | "ssv" | "dsv") { 0.6 } else { 0.3 };
    match detect(sample, &Settings::default()) {
        Ok(found) => base + (0.95 - base) * found.confidence * if found.columns.len() > 1 { 0.8 } else { 0.1 },
        Err(_) => 0.0,
    }
}

#[cfg(test)]
mod tests;
