//! Tables of HTML documents: saved pages, exports that are HTML under another name, what a clipboard holds.
//!
//! Each `<table>` with a value is a table of the source. Nothing of a document is run or fetched: it is cut into tags and text
//! by html5gum, as HTML's standard says, so that no document is refused for its markup. Cells are text, read as CSV's are.
//! Positions are the table's rows.
//!
//! Memory: the document (64 MiB at most) and the texts of its cells; 8 million cells at most, merged ones counted as often as
//! they fill a place.

mod cells;
mod document;
mod grid;
mod rows;
mod shape;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::report::{Change, Finding, Fix, Structure, StructureKind};
use colonnade_protocol::{LogicalType, OptionDecl, Origin, Place};
use encoding_rs::UTF_8;

use super::blocks::{TABLE, pick_table, table_option};
use super::text::options::{self, encoding_option, fixed, record_options, table_options, value_options};
use super::{BlockFormat, BlockReader, Blocks, Detection, Format, OpenedBlocks};
use crate::Result;
use crate::column::{CellRules, Cells, ColumnSpec, TextEvidence, infer};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use crate::words::counted;
use document::Document;
use grid::Grid;
use rows::HtmlRows;
use shape::Shape;

const FILL: &str = "fillMergedCells";
/// Rows above a table that a finding spells out.
const MOST_NAMED: usize = 5;

/// Tables of HTML documents.
pub struct Html;

impl Format for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn title(&self) -> &'static str {
        "HTML table"
    }

    fn options(&self) -> Vec<OptionDecl> {
        let mut all = vec![table_option(), encoding_option()];
        all.extend(table_options().into_iter().filter(|option| option.id != "tableEnd"));
        all.push(fixed(
            FILL,
            &[],
            "Fill merged cells",
            OptionKind::Flag,
            "true",
            Affects::Detect,
            "Every place of a cell that spans several columns or rows has its value, in place of the first alone.",
        ));
        all.extend(record_options().into_iter().filter(|option| option.id != "maxRecordBytes"));
        all.extend(value_options());
        all
    }

    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        text::likeness(sample, name)
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }

    fn structure(&self, _settings: &Settings) -> Structure {
        Structure::new(StructureKind::SemiStructured, "tags mark tables, rows and cells in a page that may hold anything else")
    }
}

impl BlockFormat for Html {
    fn open(&self, source: &SharedSource, _name: &str, mut settings: Settings) -> Result<OpenedBlocks> {
        let (mut document, encoding) = read(source, &settings)?;
        settings.detect("encoding", encoding.encoding.name(), encoding.confidence, encoding.evidence);
        let tables = document.names();
        let grid = pick(&mut document, &mut settings)?;
        let shape = Shape::find(&grid, &settings)?;
        let (columns, noticed) = columns(&grid, &shape, &settings)?;
        let last = grid.rows.last().map_or(0, |row| u64::from(row.number) + 1);
        let first = grid.rows.get(shape.data).map_or(last, |row| u64::from(row.number));
        let top = grid.rows.get(shape.first).map_or(last, |row| u64::from(row.number));
        let mut blocks = Blocks::starting_at(first);
        blocks.push(last - first, source.len());
        settings.detect("skipRows", top.to_string(), shape.confidence, format!("the table begins in row {}", top + 1));
        settings.detect("header", (shape.header > 0).to_string(), shape.confidence, &shape.evidence);
        settings.detect("headerRows", shape.header.to_string(), shape.confidence, &shape.evidence);
        let rows = grid.rows.len().saturating_sub(shape.data) as u64;
        let mut findings = findings(&document, &grid, &shape);
        findings.extend(noticed);
        let detection = Detection {
            confidence: shape.confidence,
            sentence: sentence(&settings, &shape, rows),
            findings,
            columns,
            settings,
            data_start: Place::row(first),
            skipped: shape.data as u64,
            raw_lines: Vec::new(),
            estimated_rows: rows,
        };
        Ok(OpenedBlocks { detection, tables, blocks })
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let (mut document, encoding) = read(source, settings)?;
        let grid = pick(&mut document, &mut settings.clone())?;
        let shape = Shape::find(&grid, settings)?;
        let odd = encoding.replaced.then_some(encoding.encoding.name());
        Ok(Box::new(HtmlRows::new(grid, shape, odd, settings, columns)?))
    }
}

fn read(source: &SharedSource, settings: &Settings) -> Result<(Document, text::Found)> {
    let (text, encoding) = text::read(source, settings)?;
    Ok((Document::read(&text, settings.flag(FILL))?, encoding))
}

/// The table that the settings name, or the first.
fn pick(document: &mut Document, settings: &mut Settings) -> Result<Grid> {
    let at = pick_table(&document.names(), settings)?;
    Ok(document.take(at))
}

/// The columns with their types, from all cells, and what was noticed about them.
fn columns(grid: &Grid, shape: &Shape, settings: &Settings) -> Result<(Vec<ColumnSpec>, Vec<Finding>)> {
    let named = shape.names.iter().map(|column| ColumnSpec { source_name: column.source_name.clone(), ..ColumnSpec::text(&*column.name) });
    let mut columns: Vec<ColumnSpec> = named.collect();
    let mut noticed = Vec::new();
    if settings.flag("inferSchema") {
        let rules = Arc::new(CellRules::new(settings)?);
        let mut evidence: Vec<TextEvidence> = columns.iter().map(|_| TextEvidence::new(&rules, UTF_8)).collect();
        let data: Vec<usize> = shape.data_rows(grid).collect();
        let spans = grid.spans(data.iter().copied(), shape.width());
        let place = |at: usize| Place::row(data.get(at).and_then(|&row| grid.rows.get(row)).map_or(0, |row| u64::from(row.number)));
        for (column, evidence) in evidence.iter_mut().enumerate() {
            let cells = Cells { text: grid.text.as_bytes(), scratch: &[], spans: &spans, stride: shape.width(), column };
            evidence.observe(cells, &place);
        }
        for (column, evidence) in columns.iter_mut().zip(&evidence) {
            (column.data_type, column.pattern, column.origin, column.evidence) = evidence.conclude();
        }
        noticed = infer::findings(columns.iter().map(|column| column.name.as_str()).zip(&evidence));
    }
    if options::has_corrupt_column(settings) {
        columns.push(ColumnSpec {
            source_name: String::new(),
            data_type: LogicalType::String,
            origin: Origin::Person,
            ..ColumnSpec::text(settings.text(options::CORRUPT_COLUMN))
        });
    }
    Ok((columns, noticed))
}

fn sentence(settings: &Settings, shape: &Shape, rows: u64) -> Vec<SentencePart> {
    let part = |text: String, option: Option<&str>| SentencePart { text, option: option.map(str::to_owned) };
    let header = match shape.header {
        0 => "without names".to_owned(),
        1 => "names in its first row".to_owned(),
        rows => format!("names in its first {rows} rows"),
    };
    let (rows, columns) = (counted(rows, "row"), counted(shape.width() as u64, "column"));
    vec![
        part("HTML, table ".to_owned(), None),
        part(settings.text(TABLE).to_owned(), Some(TABLE)),
        part(", ".to_owned(), None),
        part(header, Some("headerRows")),
        part(format!(", {rows}, {columns}"), None),
    ]
}

fn findings(document: &Document, grid: &Grid, shape: &Shape) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tell = |what: String, fix: Option<Fix>| findings.push(Finding { what, fix });
    let set = |title: &str, id: &str, value: &str| {
        Some(Fix { title: title.to_owned(), change: Change::Option { id: id.to_owned(), value: Some(value.to_owned()) } })
    };
    if document.empty > 0 {
        tell(format!("Left out, without a value: {}", counted(document.empty, "table")), None);
    }
    if shape.first > 0 {
        let title = |row: usize| super::faults::quoted(grid.row_text(row).trim().as_bytes());
        let titles: Vec<String> = (0..shape.first.min(MOST_NAMED)).map(title).collect();
        let more = if shape.first > MOST_NAMED { ", ..." } else { "" };
        let words = format!("Above the table {} skipped: {}{more}", counted(shape.first as u64, "row"), titles.join(", "));
        tell(words, set("Read them as rows", "skipRows", "0"));
    }
    if grid.filled > 0 {
        let words = format!("Merged cells gave their value to {}", counted(grid.filled, "place"));
        tell(words, set("Leave those empty", FILL, "false"));
    }
    if grid.nested > 0 {
        tell(format!("{} within cells read as tables of their own", counted(grid.nested, "table")), None);
    }
    if grid.astray > 0 {
        tell(format!("Text between the rows, which is in no cell, is not read: {} of it", counted(grid.astray, "piece")), None);
    }
    findings
}
