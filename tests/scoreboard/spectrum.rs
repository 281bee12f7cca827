//! csv-spectrum: each CSV file must give exactly the objects of its JSON file.

use std::path::Path;

use serde_json::{Map, Value};

use crate::Score;
use crate::read;

/// Files that are not the ones their JSON was made from: another phone number, and LF where the JSON has CRLF.
const OTHERS: &[&str] = &["location_coordinates.csv", "newlines_crlf.csv"];

/// One point a file.
pub fn score(folder: &Path) -> Score {
    let files = super::files(&folder.join("csvs")).into_iter().filter(|(name, _)| !OTHERS.contains(&name.as_str()));
    let files = files.map(|(name, bytes)| {
        let json = std::fs::read(folder.join("json").join(name.replace(".csv", ".json"))).unwrap_or_default();
        let truth: Value = serde_json::from_slice(&json).unwrap_or_default();
        let (points, why) = match read::table(&bytes, read::AS_TEXT) {
            Ok(table) => {
                let object = |row: &Vec<String>| {
                    Value::Object(table.columns.iter().cloned().zip(row.iter().cloned().map(Value::String)).collect::<Map<_, _>>())
                };
                let ours = Value::Array(table.rows.iter().map(object).collect());
                (f64::from(ours == truth), format!("{ours}"))
            }
            Err(error) => (0.0, error.to_string()),
        };
        (name, points, why)
    });
    Score::of(1.0, files.collect())
}
