//! Pollock's files: 58 of the polluted ones and 44 found in the wild.

use std::path::Path;

use colonnade_protocol::ErrorKind;

use crate::Score;
use crate::measure::{measure, rows};
use crate::read::{self, AS_TEXT, AS_TYPED};

/// What the truth calls the columns of a file without header; `None`: its first row stands there.
type Unnamed = Option<fn(usize) -> String>;

/// How values are read: settings, and whether cells must be equal to the byte.
pub struct Reading {
    given: &'static [(&'static str, &'static str)],
    raw: bool,
}

/// As text, cells equal to the byte.
pub const TEXT: Reading = Reading { given: AS_TEXT, raw: true };
/// With the types found, cells equal but for notation.
pub const TYPED: Reading = Reading { given: AS_TYPED, raw: false };

/// The polluted files as text.
pub fn polluted(folder: &Path) -> Score {
    score(folder, None, &TEXT)
}

/// The polluted files as typed.
pub fn polluted_typed(folder: &Path) -> Score {
    score(folder, None, &TYPED)
}

/// Files found in the wild, as text.
pub fn survey(folder: &Path) -> Score {
    score(folder, Some(|k| format!("col_{k}")), &TEXT)
}

/// Files found in the wild, as typed.
pub fn survey_typed(folder: &Path) -> Score {
    score(folder, Some(|k| format!("col_{k}")), &TYPED)
}

fn score(folder: &Path, unnamed: Unnamed, reading: &Reading) -> Score {
    let files = super::files(&folder.join("csv")).into_iter().map(|(name, bytes)| {
        let truth = read::truth(&std::fs::read(folder.join("clean").join(&name)).unwrap_or_default());
        let (points, why) = points(&bytes, &truth, unnamed, reading);
        (name, points, why)
    });
    Score::of(10.0, files.collect())
}

/// The ten numbers of one file. An empty file is loaded rightly by saying that it is empty.
pub fn points(bytes: &[u8], truth: &[Vec<String>], unnamed: Unnamed, reading: &Reading) -> (f64, String) {
    match read::table(bytes, reading.given) {
        Ok(table) => {
            let sentence = table.sentence.clone();
            let measured = measure(truth, &rows(table, unnamed), reading.raw);
            (measured.points(), format!("{}  {sentence}", measured.lost()))
        }
        Err(error) if error.kind == ErrorKind::Empty && truth.is_empty() => (10.0, String::new()),
        Err(error) => (0.0, error.to_string()),
    }
}
