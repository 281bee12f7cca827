//! The big list of naughty strings: as cell values and as column names each must come back byte for byte.

use std::path::Path;

use crate::Score;
use crate::read;

/// One point a string that comes back as a value in a table of two columns, and one that comes back as a name.
pub fn score(folder: &Path) -> Score {
    let json = std::fs::read(folder.join("blns.json")).unwrap_or_default();
    let strings: Vec<String> = serde_json::from_slice(&json).unwrap_or_default();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut files = Vec::new();

    let column: String = strings.iter().enumerate().map(|(k, text)| format!("{k},{}\n", quoted(text))).collect();
    let text = format!("id,value\n{column}");
    match read::table(text.as_bytes(), read::AS_TEXT) {
        Ok(table) => {
            for (k, text) in strings.iter().enumerate() {
                let ours = table.rows.get(k).and_then(|row| row.get(1));
                files.push((format!("value {k}"), f64::from(ours == Some(text)), format!("{text:?} came as {ours:?}")));
            }
        }
        Err(error) => files.push(("values".to_owned(), 0.0, error.to_string())),
    }
    for (k, name) in strings.iter().enumerate().filter(|(_, name)| !name.trim().is_empty()) {
        let text = format!("id,{},n\n1,a,2\n3,b,4\n5,c,6\n", quoted(name));
        let (points, why) = match read::table(text.as_bytes(), read::AS_TEXT) {
            Ok(table) => {
                let ours = table.names.as_ref().and_then(|names| names.get(1));
                let right = ours.is_some_and(|ours| ours.trim() == name.trim()) && table.rows.len() == 3;
                (f64::from(right), format!("{name:?} came as {ours:?}"))
            }
            Err(error) => (0.0, error.to_string()),
        };
        files.push((format!("name {k}"), points, why));
    }
    Score::of(1.0, files)
}
