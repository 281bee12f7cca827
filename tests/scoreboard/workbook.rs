//! Workbooks: every sheet of calamine's own test files is read to its last row or refused in words; csvkit's have the rows
//! that csvkit gives them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use colonnade_engine::column::display;
use colonnade_engine::source::Source;
use colonnade_engine::table::Table;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::{Score, files, read};

const EXTENSIONS: [&str; 4] = [".xlsx", ".xls", ".xlsb", ".ods"];

/// One point for a file of which all sheets were read, or that was refused in words.
pub fn calamine(folder: &Path) -> Score {
    let books = files(folder).into_iter().filter(|(name, _)| EXTENSIONS.iter().any(|end| name.ends_with(end)));
    let points = books.map(|(name, bytes)| match catch_unwind(AssertUnwindSafe(|| sheets(&bytes, &name))) {
        Ok(Ok(_)) => (name, 1.0, String::new()),
        Ok(Err(error)) if error.kind != ErrorKind::Internal && error.what.len() > 10 => (name, 1.0, String::new()),
        Ok(Err(error)) => (name, 0.0, error.to_string()),
        Err(_) => (name, 0.0, "it crashed".to_owned()),
    });
    Score::of(1.0, points.collect())
}

/// One point for a workbook with the cells of its CSV.
pub fn csvkit(folder: &Path) -> Score {
    let pairs = [
        ("test.xls", "", "testxls_converted.csv"),
        ("test.xlsx", "", "testxlsx_converted.csv"),
        ("sheets.xls", "data", "testxls_converted.csv"),
        ("sheets.xlsx", "data", "testxlsx_converted.csv"),
        ("test_skip_lines.xls", "", "testxls_converted.csv"),
        ("test_skip_lines.xlsx", "", "testxlsx_converted.csv"),
        ("dummy.xls", "", "dummy.csv"),
        ("dummy.xlsx", "", "dummy.csv"),
    ];
    let bytes = |name: &str| std::fs::read(folder.join(name)).unwrap_or_default();
    let points = pairs.map(|(book, sheet, truth)| {
        let wrong = match one(&bytes(book), book, sheet) {
            Ok(rows) => differs(&rows, &read::truth(&bytes(truth))),
            Err(error) => Some(error.to_string()),
        };
        (book.to_owned(), f64::from(wrong.is_none()), wrong.unwrap_or_default())
    });
    Score::of(1.0, points.into())
}

/// Names, then rows; a null is empty.
type Rows = Vec<Vec<String>>;

fn sheets(bytes: &[u8], name: &str) -> Result<usize, ErrorInfo> {
    let first = Table::open(bytes, name, &Overrides::default())?;
    if first.format.id() != "workbook" {
        return Err(ErrorInfo::new(ErrorKind::Internal, format!("read as {}", first.format.id()), ""));
    }
    first.tables.iter().map(|sheet| Ok(one(bytes, name, sheet)?.len())).sum()
}

fn one(bytes: &[u8], name: &str, sheet: &str) -> Result<Rows, ErrorInfo> {
    let options = if sheet.is_empty() { Vec::new() } else { vec![("sheetName".to_owned(), sheet.to_owned())] };
    let table = Table::open(bytes, name, &Overrides { options, columns: Vec::new() })?;
    let plan = table.read_plan();
    let Some(format) = table.format.blocks() else { return Ok(Vec::new()) };
    let mut reader = format.reader(&bytes.share(), &plan.settings, &plan.columns)?;
    let mut rows = vec![plan.columns.iter().map(|column| column.source_name.clone()).collect()];
    let mut at = table.extent.start.byte;
    while at < table.extent.end {
        let decoded = reader.read(at, 8192)?;
        rows.extend((0..decoded.batch.rows).map(|row| {
            let cell = |array: &arrow_array::ArrayRef| {
                let mut text = String::new();
                display::write_cell(array.as_ref(), row, &mut text);
                text
            };
            decoded.batch.columns.iter().map(cell).collect::<Vec<_>>()
        }));
        if decoded.consumed == 0 {
            return Err(ErrorInfo::new(ErrorKind::Internal, format!("the rows end at {at}"), ""));
        }
        at += decoded.consumed as u64;
    }
    if std::env::var("COLONNADE_SCOREBOARD").is_ok_and(|value| value == "rows") {
        let sentence: String = table.detection.sentence.iter().map(|part| part.text.as_str()).collect();
        println!("{name}: {sentence}");
        table.detection.findings.iter().for_each(|finding| println!("  ! {}", finding.what));
        let types: Vec<String> = plan.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
        println!("  {}", types.join(", "));
        rows.iter().take(8).for_each(|row: &Vec<String>| println!("  {row:?}"));
    }
    Ok(rows)
}

/// The first cell that has another value: numbers by their value, a date with or without its midnight.
fn differs(ours: &Rows, truth: &Rows) -> Option<String> {
    if ours.len() != truth.len() {
        return Some(format!("{} rows, and {} in truth", ours.len(), truth.len()));
    }
    let cell = |row: &Vec<String>, k: usize| row.get(k).cloned().unwrap_or_default();
    ours.iter().zip(truth).enumerate().find_map(|(at, (ours, truth))| {
        let width = ours.len().max(truth.len());
        let wrong = (0..width).find(|&k| !is_same(&cell(ours, k), &cell(truth, k)))?;
        Some(format!("row {at}, column {wrong}: {:?} and {:?} in truth", cell(ours, wrong), cell(truth, wrong)))
    })
}

fn is_same(ours: &str, truth: &str) -> bool {
    let tidy = |text: &str| {
        let text = text.to_lowercase().replacen('t', " ", usize::from(text.contains(':')));
        text.strip_suffix(" 00:00:00").unwrap_or(&text).trim().to_owned()
    };
    let number = |text: &str| text.parse::<f64>().ok();
    // csvkit's name of a column without one.
    ["h", "_unnamed"].contains(&truth) && ours.is_empty()
        || tidy(ours) == tidy(truth)
        || number(ours).is_some() && number(ours) == number(truth)
}
