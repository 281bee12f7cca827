//! `colonnade inspect`

use std::fmt::Write;

use colonnade_engine::Result;
use colonnade_engine::table::Table;
use colonnade_engine::view::{self, Window};
use colonnade_protocol::message::{Cell, Overrides, RowWindow};
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind, Origin};

use crate::arguments::Inspect;
use crate::input::Input;
use crate::print;

/// Prints what a file is.
///
/// # Errors
/// As the engine's.
pub fn run(arguments: &Inspect) -> Result<()> {
    let (_, overrides) = arguments.reading.split(|_| false);
    for input in Input::open(&arguments.input, &overrides)? {
        inspect(&input, &overrides, arguments)?;
    }
    Ok(())
}

fn inspect(input: &Input, overrides: &Overrides, arguments: &Inspect) -> Result<()> {
    let table = input.table(overrides)?;
    let columns = table.detection.columns.len();
    let window = Window {
        from_row: 0,
        offset: table.detection.data_start.byte,
        first: 0,
        count: arguments.rows,
        from_column: 0,
        to_column: columns,
    };
    let rows = view::rows(&input.source, &table.read_plan(), window)?;
    if arguments.json { print_json(&table, &rows) } else { print_text(&table, &rows) }
}

fn print_json(table: &Table, rows: &RowWindow) -> Result<()> {
    let cell = |cell: &Cell| match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Text(text) | Cell::Misfit(text) => text.as_str().into(),
    };
    let mut json =
        serde_json::to_value(table.report(&table.detection.columns, Counts::default(), Vec::new(), Vec::new())).map_err(unprintable)?;
    json["rows"] = rows.rows.iter().map(|row| row.iter().map(cell).collect::<serde_json::Value>()).collect();
    json["estimated_rows"] = table.detection.estimated_rows.into();
    print::print(&(serde_json::to_string_pretty(&json).map_err(unprintable)? + "\n"))
}

fn unprintable(error: serde_json::Error) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, error.to_string(), "Please report this.")
}

fn print_text(table: &Table, rows: &RowWindow) -> Result<()> {
    let detection = &table.detection;
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", table.name, detection.sentence.iter().map(|part| part.text.as_str()).collect::<String>());
    let structure = table.format.structure(&detection.settings);
    let _ = writeln!(out, "{}: {}.", structure.kind.title(), structure.why);
    let _ = writeln!(out, "\nsettings");
    for setting in detection.settings.as_slice() {
        let why = match &setting.origin {
            Origin::Default => continue,
            Origin::Person => "as given".to_owned(),
            Origin::Detected { confidence, evidence } => format!("{:.0} %: {evidence}", confidence * 100.0),
        };
        let _ = writeln!(out, "  {} = {:?}  ({why})", setting.id, setting.value);
    }
    let _ = writeln!(out, "\nschema");
    for column in &detection.columns {
        let pattern = column.pattern.as_ref().map_or_else(String::new, |pattern| format!(" {pattern}"));
        let why = match &column.origin {
            Origin::Default => String::new(),
            Origin::Person => "  (as given)".to_owned(),
            Origin::Detected { evidence, .. } => format!("  ({evidence})"),
        };
        let _ = writeln!(out, "  {} {}{pattern}{why}", column.name, column.data_type);
    }
    if !detection.findings.is_empty() {
        let _ = writeln!(out, "\nfindings");
        for finding in &detection.findings {
            let _ = writeln!(out, "  {}", finding.what);
        }
    }
    let _ = writeln!(out, "\nfirst rows");
    for row in &rows.rows {
        let cells: Vec<&str> = row
            .iter()
            .map(|cell| match cell {
                Cell::Null => "\u{2205}",
                Cell::Text(text) | Cell::Misfit(text) => text,
            })
            .collect();
        let _ = writeln!(out, "  {}", cells.join(" | "));
    }
    print::print(&out)
}
