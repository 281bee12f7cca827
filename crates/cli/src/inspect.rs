//! `colonnade inspect`

use std::fmt::Write;

use colonnade_engine::Result;
use colonnade_engine::view::{self, Window};
use colonnade_protocol::message::{Cell, RowWindow};
use colonnade_protocol::{ErrorInfo, ErrorKind, Origin};

use crate::arguments::Inspect;
use crate::print;
use crate::tables::Readable;
use crate::together::{self, Into};
use crate::walk;

/// Prints what files are, and which of them are one table.
///
/// # Errors
/// As the engine's.
pub fn run(arguments: &Inspect) -> Result<()> {
    let (_, overrides) = arguments.reading.split(|_| false);
    let files = walk::files(&arguments.inputs)?;
    let found = together::look(&files, &overrides, false)?;
    let lost: Vec<ErrorInfo> = found.lost().cloned().collect();
    for (k, readable) in found.tables(Into::Shapes, &overrides)?.iter().enumerate() {
        if k > 0 && !arguments.json {
            print::print("\n")?;
        }
        inspect(readable, arguments)?;
    }
    match lost.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        [first, ..] => {
            lost.iter().for_each(|error| eprintln!("{error}"));
            Err(ErrorInfo::new(first.kind, format!("{} files could not be looked at", lost.len()), ""))
        }
    }
}

fn inspect(readable: &Readable, arguments: &Inspect) -> Result<()> {
    // Of several files the first's rows, in the columns of all.
    let (Some(part), Some(source)) = (readable.parts.first(), readable.sources.first()) else { return Ok(()) };
    let window = Window {
        from_row: 0,
        offset: part.extent.start.byte,
        first: 0,
        count: arguments.rows,
        from_column: 0,
        to_column: readable.columns.len(),
    };
    let rows = view::rows(source, &part.plan(&readable.columns), window)?;
    if arguments.json { print_json(readable, &rows) } else { print_text(readable, &rows) }
}

fn print_json(readable: &Readable, rows: &RowWindow) -> Result<()> {
    let cell = |cell: &Cell| match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Text(text) | Cell::Misfit(text) => text.as_str().into(),
    };
    let mut json = serde_json::to_value(readable.outlook()).map_err(unprintable)?;
    json["rows"] = rows.rows.iter().map(|row| row.iter().map(cell).collect::<serde_json::Value>()).collect();
    json["estimated_rows"] = readable.estimated_rows.into();
    print::print(&(serde_json::to_string_pretty(&json).map_err(unprintable)? + "\n"))
}

fn unprintable(error: serde_json::Error) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, error.to_string(), "Please report this.")
}

fn print_text(readable: &Readable, rows: &RowWindow) -> Result<()> {
    let report = readable.outlook();
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", report.name, report.sentence);
    let _ = writeln!(out, "{}: {}.", report.structure.kind.title(), report.structure.why);
    if !report.files.is_empty() {
        let _ = writeln!(out, "\nfiles");
        for file in report.files.iter().filter(|file| file.lost.is_none()) {
            let _ = writeln!(out, "  {}", file.name);
        }
    }
    let _ = writeln!(out, "\nsettings");
    for setting in &report.settings {
        let why = match &setting.origin {
            Origin::Default => continue,
            Origin::Person => "as given".to_owned(),
            Origin::Detected { confidence, evidence } => format!("{:.0} %: {evidence}", confidence * 100.0),
        };
        let _ = writeln!(out, "  {} = {:?}  ({why})", setting.id, setting.value);
    }
    let _ = writeln!(out, "\nschema");
    for column in &report.schema {
        let pattern = column.pattern.as_ref().map_or_else(String::new, |pattern| format!(" {pattern}"));
        let why = match &column.origin {
            Origin::Default => String::new(),
            Origin::Person => "  (as given)".to_owned(),
            Origin::Detected { evidence, .. } => format!("  ({evidence})"),
        };
        let _ = writeln!(out, "  {} {}{pattern}{why}", column.name, column.data_type);
    }
    if !report.findings.is_empty() {
        let _ = writeln!(out, "\nfindings");
        for finding in &report.findings {
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
