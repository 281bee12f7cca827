//! A file read by the engine, told nothing.

use colonnade_engine::column::{Cells, Span};
use colonnade_engine::format::csv::detect::{CsvDetection, detect};
use colonnade_engine::format::csv::options;
use colonnade_engine::format::csv::tokenise::{Tokeniser, Tokens};
use colonnade_engine::sample::Sample;
use colonnade_engine::settings::Settings;
use colonnade_protocol::ErrorInfo;

/// A table as text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The header's names as they stand in the source; `None` where it has no header.
    pub names: Option<Vec<String>>,
    /// Unique names, as they would be written.
    pub columns: Vec<String>,
    /// Empty text for null.
    pub rows: Vec<Vec<String>>,
}

/// Reads bytes as CSV with the settings given.
pub fn table(bytes: &[u8], given: &[(&str, &str)]) -> Result<(Table, CsvDetection), ErrorInfo> {
    let settings = Settings::new(&options::declared(), given.iter().copied())?;
    let found = detect(&Sample::read(bytes)?, &settings)?;
    let end = found.table_end.map_or(bytes.len(), |end| end as usize);
    let (text, _) =
        found.encoding.decode_without_bom_handling(&bytes[found.data_start.byte as usize..end.max(found.data_start.byte as usize)]);
    let tokeniser = Tokeniser::new(found.dialect.clone(), found.columns.len(), 16 << 20);
    let mut tokens = Tokens::default();
    tokeniser.run(text.as_bytes(), text.len(), true, &mut tokens);
    let width = found.columns.len();
    let cells = Cells { text: text.as_bytes(), scratch: &tokens.scratch, spans: &tokens.spans, stride: width, column: 0 };
    let cell = |span: &Span| String::from_utf8_lossy(cells.bytes(*span)).into_owned();
    let rows = tokens.spans.chunks(width).map(|row| row.iter().map(cell).collect()).collect();
    let names = (found.header_rows > 0).then(|| found.columns.iter().map(|column| column.source_name.clone()).collect());
    let columns = found.columns.iter().map(|column| column.name.clone()).collect();
    Ok((Table { names, columns, rows }, found))
}

/// The records of a well-formed CSV text: the ground truth, read by a reader that is not ours.
pub fn truth(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    reader.byte_records().filter_map(Result::ok).map(|record| record.iter().map(text).collect()).collect()
}
