//! loghub's logs of 2,000 lines (Zhu et al., *Loghub*, ISSRE 2023): templates against its structured files, told nothing,
//! and fields with a pattern given.
//!
//! The measure is that of He et al.'s logparser, grouping accuracy: the share of the lines whose group of lines with the
//! same template is exactly the truth's group.

use std::collections::HashMap;
use std::path::Path;

use colonnade_engine::column::display;
use colonnade_engine::format::Input;
use colonnade_engine::table::Table;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{ErrorInfo, Place};

use crate::Score;

/// A system, the least share of its lines that must be grouped right, and its layout as a person would give it.
type System = (&'static str, f64, &'static str);

const SYSTEMS: &[System] = &[
    ("Apache", 0.95, r"\[(?<Time>[^\]]+)\] \[%{WORD:Level}\] %{GREEDYDATA:Content}"),
    (
        "BGL",
        0.95,
        r"%{NOTSPACE:Label} %{NOTSPACE:Timestamp} %{NOTSPACE:Date} %{NOTSPACE:Node} %{NOTSPACE:Time} %{NOTSPACE:NodeRepeat} %{NOTSPACE:Type} %{NOTSPACE:Component} %{NOTSPACE:Level} %{GREEDYDATA:Content}",
    ),
    ("HDFS", 0.95, r"%{NOTSPACE:Date} %{NOTSPACE:Time} %{NOTSPACE:Pid} %{NOTSPACE:Level} %{DATA:Component}: %{GREEDYDATA:Content}"),
    (
        "Linux",
        0.69,
        r"%{NOTSPACE:Month} +%{NOTSPACE:Date} %{NOTSPACE:Time} %{NOTSPACE:Level} %{DATA:Component}(?:\[%{INT:PID}\])?: *%{GREEDYDATA:Content}",
    ),
    ("Proxifier", 0.53, r"\[(?<Time>[^\]]+)\] %{DATA:Program} - %{GREEDYDATA:Content}"),
    (
        "Zookeeper",
        0.95,
        r"%{NOTSPACE:Date} %{NOTSPACE:Time} - %{NOTSPACE:Level} +\[%{DATA:Node}:%{DATA:Component}@%{DATA:Id}\] - %{GREEDYDATA:Content}",
    ),
];

/// One point a system whose grouping accuracy is at least its floor.
pub fn templates(corpora: &Path) -> Score {
    let files = SYSTEMS.iter().map(|&(system, floor, _)| {
        let right = accuracy(&corpora.join(system), system);
        let points = right.as_ref().map_or(0.0, |(share, _)| f64::from(*share >= floor));
        let why = right.map_or_else(|error| error.to_string(), |(share, rest)| format!("{share:.4} (floor {floor}) {rest}"));
        (system.to_owned(), points, why)
    });
    let score = Score::of(1.0, files.collect());
    if std::env::var("COLONNADE_SCOREBOARD").is_ok_and(|value| value == "verbose") {
        for &(system, ..) in SYSTEMS {
            println!("    {system}: {:?}", accuracy(&corpora.join(system), system).map(|(share, _)| share));
        }
    }
    score
}

/// One point a system of which every field is right in every line, with its pattern given.
pub fn fields(corpora: &Path) -> Score {
    let files = SYSTEMS.iter().map(|&(system, _, pattern)| {
        let wrong = misread(&corpora.join(system), system, pattern);
        let points = f64::from(wrong.as_ref().is_ok_and(Vec::is_empty));
        let why = wrong.map_or_else(|error| error.to_string(), |wrong| format!("{} wrong: {:?}", wrong.len(), wrong.first()));
        (system.to_owned(), points, why)
    });
    Score::of(1.0, files.collect())
}

/// Rows by column name, a null as empty text.
fn read(bytes: &[u8], given: &[(&str, &str)]) -> Result<(Vec<String>, Vec<Vec<String>>), ErrorInfo> {
    let options = given.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    let table = Table::open(bytes, "file.log", &Overrides { options, columns: Vec::new() })?;
    let plan = table.read_plan();
    let names: Vec<String> = plan.columns.iter().map(|column| column.name.clone()).collect();
    let input = Input { bytes, place: Place { byte: 0, line: 1 }, limit: u64::MAX, at_end: true };
    let batch = table.format.decoder(&plan.settings, &plan.columns)?.decode(input)?.batch;
    let cell = |column: usize, row: usize| {
        let mut text = String::new();
        if let Some(array) = batch.columns.get(column).filter(|array| array.is_valid(row)) {
            display::write_cell(array.as_ref(), row, &mut text);
        }
        text
    };
    Ok((names, (0..batch.rows).map(|row| (0..batch.columns.len()).map(|column| cell(column, row)).collect()).collect()))
}

/// The truth's columns and rows.
fn truth(folder: &Path, system: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let path = folder.join(format!("{system}_2k.log_structured.csv"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (names, reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect())
}

fn accuracy(folder: &Path, system: &str) -> Result<(f64, String), ErrorInfo> {
    let bytes = std::fs::read(folder.join(format!("{system}_2k.log"))).unwrap_or_default();
    let (names, rows) = read(&bytes, &[])?;
    let (truth_names, truth_rows) = truth(folder, system);
    let column = |names: &[String], name: &str| names.iter().position(|known| known == name);
    let (Some(ours), Some(theirs)) = (column(&names, "template"), column(&truth_names, "EventId")) else {
        return Ok((0.0, format!("no templates; columns: {names:?}")));
    };
    if rows.len() != truth_rows.len() {
        return Ok((0.0, format!("{} rows for {} lines", rows.len(), truth_rows.len())));
    }
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut true_groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (line, (row, truth)) in rows.iter().zip(&truth_rows).enumerate() {
        groups.entry(&row[ours]).or_default().push(line);
        true_groups.entry(&truth[theirs]).or_default().push(line);
    }
    let text = column(&truth_names, "EventTemplate").unwrap_or(theirs);
    let mut wrong = Vec::new();
    let mut right = 0;
    for group in true_groups.values() {
        let ours_of = &rows[group[0]][ours];
        if groups[ours_of.as_str()] == *group {
            right += group.len();
        } else {
            wrong.push((
                group.len(),
                format!("\n      {} of {}: {} | {ours_of}", group.len(), groups[ours_of.as_str()].len(), truth_rows[group[0]][text]),
            ));
        }
    }
    wrong.sort_by(|a, b| b.cmp(a));
    let listed: String = wrong.into_iter().take(12).map(|(_, text)| text).collect();
    Ok((right as f64 / rows.len().max(1) as f64, format!("columns {names:?}{listed}")))
}

fn misread(folder: &Path, system: &str, pattern: &str) -> Result<Vec<String>, ErrorInfo> {
    let bytes = std::fs::read(folder.join(format!("{system}_2k.log"))).unwrap_or_default();
    let (names, rows) = read(&bytes, &[("format", "log"), ("pattern", pattern), ("inferSchema", "false")])?;
    let (truth_names, truth_rows) = truth(folder, system);
    let mut wrong = Vec::new();
    if rows.len() != truth_rows.len() {
        wrong.push(format!("{} rows for {} lines", rows.len(), truth_rows.len()));
    }
    for (k, name) in names.iter().enumerate() {
        let Some(column) = truth_names.iter().position(|known| known == name) else { continue };
        for (line, (row, truth)) in rows.iter().zip(&truth_rows).enumerate() {
            // The truth was written through a table that made whole numbers of what looked like fractions, and cut blanks.
            let (ours, theirs) = (row[k].trim(), truth[column].trim());
            if ours != theirs && ours != theirs.trim_end_matches(".0") {
                wrong.push(format!("line {} {name}: {ours:?} for {theirs:?}", line + 1));
            }
        }
    }
    Ok(wrong)
}
