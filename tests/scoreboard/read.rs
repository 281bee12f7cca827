//! A file read by the engine, the whole way from bytes to columns and back to text.

use colonnade_engine::column::display;
use colonnade_engine::format::Input;
use colonnade_engine::table;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{ErrorInfo, Place};

/// A table as text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The header's names as they stand in the source; `None` where it has no header.
    pub names: Option<Vec<String>>,
    /// Unique names, as they would be written.
    pub columns: Vec<String>,
    /// Empty text for null.
    pub rows: Vec<Vec<String>>,
    /// What was found, in a sentence.
    pub sentence: String,
}

/// Every column as text, told nothing else.
pub const AS_TEXT: &[(&str, &str)] = &[("inferSchema", "false")];
/// Told nothing.
pub const AS_TYPED: &[(&str, &str)] = &[];

/// Reads bytes as CSV with the settings given.
///
/// # Errors
/// Those of the engine.
pub fn table(bytes: &[u8], given: &[(&str, &str)]) -> Result<Table, ErrorInfo> {
    told(bytes, "file.csv", &[given, &[("format", "csv")]].concat())
}

/// Reads bytes as what they are found to be, with the settings given.
///
/// # Errors
/// Those of the engine.
pub fn told(bytes: &[u8], name: &str, given: &[(&str, &str)]) -> Result<Table, ErrorInfo> {
    let options = given.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned()));
    let overrides = Overrides { options: options.collect(), columns: Vec::new() };
    let opened = table::Table::open(bytes, name, &overrides)?;
    let mut plan = opened.read_plan();
    let start = opened.detection.data_start.byte;
    let input = |at: u64| Input { bytes: &bytes[at as usize..], place: Place { byte: at, line: 1 }, limit: u64::MAX, at_end: true };
    let mut rows = Vec::new();
    let mut at = start;
    while at < bytes.len() as u64 {
        let decoded = opened.format.decoder(&plan.settings, &plan.columns)?.decode(input(at))?;
        if !decoded.batch.widened.is_empty() {
            plan.widen(&decoded.batch.widened, &plan.columns.clone());
            (at, rows) = (start, Vec::new());
            continue;
        }
        let cell = |column: usize, row: usize| {
            let mut text = String::new();
            let array = &decoded.batch.columns[column];
            if array.is_valid(row) {
                display::write_cell(array, row, &mut text);
            }
            text
        };
        rows.extend((0..decoded.batch.rows).map(|row| (0..plan.columns.len()).map(|column| cell(column, row)).collect::<Vec<_>>()));
        if decoded.consumed == 0 || decoded.done {
            break;
        }
        at += decoded.consumed as u64;
    }
    let names = opened.detection.settings.flag("header").then(|| plan.columns.iter().map(|column| column.source_name.clone()).collect());
    let columns = plan.columns.iter().map(|column| column.name.clone()).collect();
    let sentence = opened.detection.sentence.iter().map(|part| part.text.as_str()).collect();
    Ok(Table { names, columns, rows, sentence })
}

/// The records of a well-formed CSV text: the ground truth, read by a reader that is not ours.
pub fn truth(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    reader.byte_records().filter_map(Result::ok).map(|record| record.iter().map(text).collect()).collect()
}
