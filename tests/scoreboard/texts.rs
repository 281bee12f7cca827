//! Tables in plain text: between blanks or bars, of fixed width, described in comments. Told nothing, but where said.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Score;
use crate::read::{self, Table};

/// What a crash or a hang costs: more than any floor allows.
const FATAL: f64 = -1000.0;
const TOO_LONG: Duration = Duration::from_secs(20);

/// Told nothing, by name and content.
fn read(bytes: &[u8], name: &str, given: &[(&str, &str)]) -> Result<Table, (f64, String)> {
    let started = Instant::now();
    let result = std::panic::catch_unwind(|| read::told(bytes, name, given));
    if started.elapsed() > TOO_LONG {
        return Err((FATAL, "hung".to_owned()));
    }
    match result {
        Ok(result) => result.map_err(|error| (0.0, format!("refused: {error}"))),
        Err(_) => Err((FATAL, "crashed".to_owned())),
    }
}

/// astropy's tables: half a point for rows and columns, a quarter for the names, a quarter for the first row. Its own
/// guess is the truth, so that what it refuses has none and only must not crash.
pub fn astropy(folder: &Path) -> Score {
    let expected = std::fs::read(folder.join("expected.json")).unwrap_or_default();
    let expected: serde_json::Map<String, Value> = serde_json::from_slice(&expected).unwrap_or_default();
    let files = expected.iter().filter_map(|(name, truth)| {
        let bytes = std::fs::read(folder.join(name)).ok()?;
        let table = read(&bytes, name, &[]);
        let Some(columns) = truth["columns"].as_array() else {
            return table.err().filter(|(points, _)| *points < 0.0).map(|(points, why)| (name.clone(), points, why));
        };
        // What is compressed is unpacked before a reader sees it.
        if [".gz", ".bz2", ".xz", ".Z"].iter().any(|end| name.ends_with(end)) {
            return None;
        }
        let names: Vec<&str> = columns.iter().filter_map(Value::as_str).collect();
        let (points, why) = match table {
            Ok(table) => {
                let rows = truth["rows"].as_u64().unwrap_or_default();
                let shape = table.rows.len() as u64 == rows && table.columns.len() == names.len();
                let unnamed = |(k, name): (usize, &&str)| *name == format!("col{}", k + 1) && table.columns[k].starts_with("_c");
                let named = shape && names.iter().enumerate().all(|(k, name)| table.columns[k] == **name || unnamed((k, name)));
                let first: Vec<&str> = truth["first"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let same = shape && table.rows.first().is_none_or(|row| row.iter().zip(&first).all(|(ours, theirs)| alike(ours, theirs)));
                let points = 0.5 * f64::from(shape) + 0.25 * f64::from(named) + 0.25 * f64::from(same);
                (
                    points,
                    format!("{} x {} where there are {rows} x {}; {}", table.rows.len(), table.columns.len(), names.len(), table.sentence),
                )
            }
            Err(lost) => lost,
        };
        Some((name.clone(), points, why))
    });
    Score::of(1.0, files.collect())
}

/// Numbers by value, what is masked as null.
fn alike(ours: &str, theirs: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let theirs = if theirs == "--" { "" } else { theirs };
    ours == theirs || number(ours).is_some_and(|value| number(theirs) == Some(value))
}

/// readr's text tables: rows and columns as its documentation states them, and whether there are names.
pub fn readr(folder: &Path) -> Score {
    let truth = [("fwf-sample.txt", 3, 4, false), ("whitespace-sample.txt", 3, 4, true), ("massey-rating.txt", 10, 13, true)];
    let files = truth.into_iter().map(|(name, rows, columns, named)| {
        let bytes = std::fs::read(folder.join(name)).unwrap_or_default();
        let (points, why) = match read(&bytes, name, &[]) {
            Ok(table) => {
                let right = (table.rows.len(), table.columns.len(), table.names.is_some()) == (rows, columns, named);
                (f64::from(right), table.sentence)
            }
            Err(lost) => lost,
        };
        (name.to_owned(), points, why)
    });
    Score::of(1.0, files.collect())
}

/// csvkit's fixed width file with the columns that its schema says, against what csvkit makes of it.
pub fn csvkit(folder: &Path) -> Score {
    let read_file = |name: &str| std::fs::read(folder.join(name)).unwrap_or_default();
    let schema = read::truth(&read_file("testfixed_schema.csv"));
    let number = |row: &Vec<String>, at: usize| row.get(at).and_then(|text| text.parse::<usize>().ok());
    let columns: Vec<String> = schema
        .iter()
        .filter_map(|row| number(row, 1).zip(number(row, 2)))
        .map(|(start, length)| format!("{start}-{}", start + length))
        .collect();
    let columns = columns.join(",");
    let given = [("format", "fixed"), ("colspecs", columns.as_str()), ("header", "false"), ("inferSchema", "false")];
    let files = ["testfixed", "testfixed_skip_lines"].into_iter().map(|name| {
        let (points, why) = match read(&read_file(name), name, &given) {
            Ok(table) => {
                let truth: Vec<Vec<String>> = read::truth(&read_file("testfixed_converted.csv")).into_iter().skip(1).collect();
                (f64::from(table.rows == truth), format!("{:?}", table.rows))
            }
            Err(lost) => lost,
        };
        (name.to_owned(), points, why)
    });
    Score::of(1.0, files.collect())
}
