//! Spreadsheets: xlsx, xlsb, xls and ods, through calamine.
//!
//! The sheets are the source's tables. A cell's value is what its program last saw: formulas are not computed. Positions are
//! the sheet's rows, so that a person finds them there.
//!
//! Memory: the file (64 MiB at most), and the cells of one sheet (16 million at most).

mod book;
mod container;
mod ending;
mod extent;
mod formulas;
mod rows;
mod sectors;
mod shape;
mod sheet;
#[cfg(test)]
mod tests;
mod value;

use std::ops::Range;
use std::sync::Arc;

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl, Origin, Place};
use encoding_rs::UTF_8;

use super::blocks::{TABLE, pick_table, table_option};
use super::columnar::{self, BatchReader};
use super::text::options::{fixed, found, table_options, value_options};
use super::{BlockFormat, BlockReader, Blocks, Detection, Format, OpenedBlocks};
use crate::Result;
use crate::column::{Cells, ColumnSpec, Span, TextEvidence};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use crate::words::counted;
use book::Book;
use ending::Below;
use rows::SheetRows;
use shape::Shape;
use sheet::Sheet;
use value::Value;

const FILL: &str = "fillMergedCells";
const INFER: &str = "inferSchema";
const END: &str = "tableEnd";
/// Names of sheets that a finding spells out.
const MOST_NAMED: usize = 10;

/// Spreadsheets.
pub struct Workbook;

impl Format for Workbook {
    fn id(&self) -> &'static str {
        "workbook"
    }

    fn title(&self) -> &'static str {
        "Spreadsheet"
    }

    fn options(&self) -> Vec<OptionDecl> {
        let mut options = vec![table_option()];
        options.extend(table_options().into_iter().filter(|option| option.id != END));
        options.push(found(
            END,
            &[],
            "Table ends at row",
            OptionKind::Integer { min: 0, max: i64::from(u32::MAX) },
            Affects::Detect,
            "This row of the sheet and those below are no rows of the table: notes, a total, a second table. 0: the table ends with the sheet.",
        ));
        options.push(fixed(
            FILL,
            &[],
            "Fill merged cells",
            OptionKind::Flag,
            "false",
            Affects::Detect,
            "Every one of several merged cells has the value of the first, in place of none.",
        ));
        options.extend(columnar::options());
        options.extend(value_options().into_iter().filter(|option| option.id == INFER));
        options
    }

    fn confidence(&self, sample: &Sample, _name: &str) -> f32 {
        container::confidence(sample)
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }
}

impl BlockFormat for Workbook {
    fn open(&self, source: &SharedSource, _name: &str, mut settings: Settings) -> Result<OpenedBlocks> {
        let mut book = Book::open(source, true)?;
        let (sheet, shape) = pick(&mut book, &mut settings)?;
        let tables = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        let number = |at: usize| sheet.number(at).map_or(0, u64::from);
        let last = sheet.len().checked_sub(1).map_or(0, |last| number(last) + 1);
        let first = if shape.header.data < sheet.len() { number(shape.header.data) } else { last };
        let mut blocks = Blocks::starting_at(first);
        blocks.push(last - first, source.len());
        let rows = shape.end.saturating_sub(shape.header.data) as u64;
        settle(&mut settings, &shape, number(shape.header.first));
        let (end, why) = if shape.end < sheet.len() {
            (number(shape.end) + 1, "a blank row, and what is no row of the table")
        } else {
            (0, "nothing but the table was seen to the end")
        };
        settings.detect(END, end.to_string(), 0.8, why);
        let detection = Detection {
            confidence: 1.0,
            sentence: sentence(&book, &settings, &shape, number(shape.header.first), rows),
            findings: findings(&book, settings.text(TABLE), &sheet, &shape),
            columns: shape.columns.iter().map(|column| spec(column, &sheet, shape.header.data..shape.end, settings.flag(INFER))).collect(),
            settings,
            data_start: Place::row(first),
            skipped: shape.header.data as u64,
            raw_lines: Vec::new(),
            estimated_rows: rows,
        };
        Ok(OpenedBlocks { detection, tables, blocks })
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let mut book = Book::open(source, false)?;
        let (sheet, shape) = pick(&mut book, &mut settings.clone())?;
        let rows = SheetRows::new(sheet, shape);
        let fields = rows.fields();
        Ok(Box::new(BatchReader::new(rows, &fields, settings, columns)?))
    }
}

/// The sheet that the settings name, or the first, and the table in it.
fn pick(book: &mut Book, settings: &mut Settings) -> Result<(Sheet, Shape)> {
    let names: Vec<String> = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
    let name = names.get(pick_table(&names, settings)?).map_or("", String::as_str);
    let sheet = book.sheet(name, settings.flag(FILL))?;
    let shape = Shape::find(&sheet, settings)?;
    Ok((sheet, shape))
}

fn settle(settings: &mut Settings, shape: &Shape, header_row: u64) {
    let header = &shape.header;
    settings.detect("skipRows", header_row.to_string(), header.confidence, format!("the table begins in row {}", header_row + 1));
    settings.detect("header", (header.rows > 0).to_string(), header.confidence, &header.evidence);
    settings.detect("headerRows", header.rows.to_string(), header.confidence, &header.evidence);
}

fn spec(column: &shape::Column, sheet: &Sheet, data: Range<usize>, infers: bool) -> ColumnSpec {
    let mut spec = ColumnSpec { source_name: column.name.source_name.clone(), ..ColumnSpec::text(column.name.name.clone()) };
    if !infers {
        return spec;
    }
    if column.tally.is_text() {
        // Numbers and dates that were typed, or pasted, as text.
        let evidence = texts(column, sheet, data);
        (spec.data_type, spec.pattern, spec.origin, spec.evidence) = evidence.conclude();
    } else {
        spec.data_type = columnar::natural(&arrow_schema::Field::new("", column.data_type.clone(), true));
        spec.origin = Origin::Detected { confidence: 1.0, evidence: column.tally.evidence() };
    }
    spec
}

/// What the texts of a column say.
fn texts(column: &shape::Column, sheet: &Sheet, data: Range<usize>) -> TextEvidence {
    let (mut spans, mut rows) = (Vec::new(), Vec::new());
    for at in data {
        if let Some(Value::Text { start, end }) = sheet.value(at, column.index) {
            spans.push(Span::quoted(start as usize, end as usize));
            rows.push(sheet.number(at).map_or(0, u64::from));
        }
    }
    let mut evidence = TextEvidence::new(&Arc::default(), UTF_8);
    let cells = Cells { text: sheet.texts.as_bytes(), scratch: &[], spans: &spans, stride: 1, column: 0 };
    evidence.observe(cells, &|at| Place::row(rows.get(at).copied().unwrap_or_default()));
    evidence
}

fn sentence(book: &Book, settings: &Settings, shape: &Shape, header_row: u64, rows: u64) -> Vec<SentencePart> {
    let part = |text: String, option: Option<&str>| SentencePart { text, option: option.map(str::to_owned) };
    let header = match shape.header.rows {
        0 => "without names".to_owned(),
        1 => format!("names in row {}", header_row + 1),
        rows => format!("names in {rows} rows from row {} on", header_row + 1),
    };
    let (columns, rows) = (counted(shape.columns.len() as u64, "column"), counted(rows, "row"));
    vec![
        part(format!("{}, sheet ", book.kind.title()), None),
        part(settings.text(TABLE).to_owned(), Some(TABLE)),
        part(", ".to_owned(), None),
        part(header, Some("headerRows")),
        part(format!(", {rows}, {columns}"), None),
    ]
}

fn findings(book: &Book, name: &str, sheet: &Sheet, shape: &Shape) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tell = |what: String, fix: Option<Fix>| findings.push(Finding { what, fix });
    if !book.empty.is_empty() {
        tell(format!("Sheets without a value are left out: {}", listed(&book.empty)), None);
    }
    let hidden: Vec<String> = book.sheets.iter().filter(|sheet| sheet.hidden).map(|sheet| sheet.name.clone()).collect();
    if !hidden.is_empty() {
        tell(format!("Hidden in the workbook, and listed last: {}", listed(&hidden)), None);
    }
    if shape.header.first > 0 {
        let title = |at: usize| {
            let mut text = String::new();
            sheet.row(at).first().into_iter().for_each(|cell| cell.value.write(&sheet.texts, &mut text));
            text
        };
        let titles: Vec<String> = (0..shape.header.first).map(title).collect();
        let change = Change::Option { id: "skipRows".to_owned(), value: Some("0".to_owned()) };
        let fix = Fix { title: "Read them as rows".to_owned(), change };
        tell(format!("Above the table {} skipped: {}", counted(titles.len() as u64, "row"), listed(&titles)), Some(fix));
    }
    if let Some(below) = shape.below {
        let (row, count) = (sheet.number(shape.end).map_or(0, u64::from) + 1, counted((sheet.len() - shape.end) as u64, "row"));
        let what = match below {
            Below::Notes => format!("From row {row} on there are notes below the table, {count}, which are listed and not read as rows"),
            Below::SecondTable => format!("In row {row} a second table begins, of {count}, which are listed and not read as rows"),
        };
        let change = Change::Option { id: END.to_owned(), value: Some("0".to_owned()) };
        tell(what, Some(Fix { title: "Read them as rows".to_owned(), change }));
    }
    if shape.left_out > 0 {
        tell(format!("Left out, without a name or a value: {}", counted(shape.left_out as u64, "column")), None);
    }
    let errors: u64 = shape.columns.iter().map(|column| column.tally.errors).sum();
    if errors > 0 {
        tell(format!("{} with an error of a formula, such as #DIV/0!, read as null, and listed", counted(errors, "cell")), None);
    }
    let uncomputed: u64 = shape.columns.iter().map(|column| column.tally.uncomputed).sum();
    if let Some((row, column)) = sheet.first(shape.header.data, Value::Uncomputed).filter(|_| uncomputed > 0) {
        let (count, first) = (counted(uncomputed, "formula"), reference(row, column));
        let what = format!(
            "Sheet {name} has {count} with which no value is stored, the first in {first}: read as null, and listed. Formulas are not computed here: open the workbook in its program and save it, to have their values"
        );
        tell(what, None);
    }
    findings
}

/// A cell as people name it: `C7`.
fn reference(row: u32, column: u32) -> String {
    let (mut letters, mut left) = (Vec::new(), column + 1);
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    format!("{}{}", letters.iter().rev().collect::<String>(), u64::from(row) + 1)
}

fn listed(names: &[String]) -> String {
    let named: Vec<String> = names.iter().take(MOST_NAMED).map(|name| super::faults::quoted(name.as_bytes())).collect();
    let more = if names.len() > named.len() { ", ..." } else { "" };
    format!("{}{more}", named.join(", "))
}

fn malformed(what: impl std::fmt::Display) -> ErrorInfo {
    let hint = "The file is damaged or was cut short: get it again, or save it anew in its program.";
    ErrorInfo::new(ErrorKind::Malformed, format!("the workbook cannot be read: {what}"), hint)
}
