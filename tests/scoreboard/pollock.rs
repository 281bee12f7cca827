//! Pollock's files: 58 of the polluted ones and 44 found in the wild.

use std::path::Path;

use crate::Score;
use crate::measure::{measure, rows};
use crate::read;

/// All ten numbers on the polluted files. A file without header has none in its truth: its first row stands there.
pub fn polluted(folder: &Path) -> Score {
    score(folder, None, true)
}

/// The same with cells compared without regard to notation.
pub fn polluted_cells(folder: &Path) -> Score {
    score(folder, None, false)
}

/// Files found in the wild. The truth calls the columns of a file without header `col_0`, `col_1`, ...
pub fn survey(folder: &Path) -> Score {
    score(folder, Some(|k| format!("col_{k}")), false)
}

fn score(folder: &Path, unnamed: Option<fn(usize) -> String>, raw: bool) -> Score {
    let files = super::files(&folder.join("csv")).into_iter().map(|(name, bytes)| {
        let truth = read::truth(&std::fs::read(folder.join("clean").join(&name)).unwrap_or_default());
        let (points, why) = points(&bytes, &truth, unnamed, raw);
        (name, points, why)
    });
    Score::of(10.0, files.collect())
}

/// The ten numbers of one file. An empty file is loaded rightly by saying that it is empty.
pub fn points(bytes: &[u8], truth: &[Vec<String>], unnamed: Option<fn(usize) -> String>, raw: bool) -> (f64, String) {
    match read::table(bytes, &[]) {
        Ok((table, found)) => {
            let sentence: String = found.sentence.into_iter().map(|part| part.text).collect();
            let measured = measure(truth, &rows(table, unnamed), raw);
            (measured.points(), format!("{}  {sentence}", measured.lost()))
        }
        Err(error) if error.kind == colonnade_protocol::ErrorKind::Empty && truth.is_empty() => (10.0, String::new()),
        Err(error) => (0.0, error.to_string()),
    }
}
