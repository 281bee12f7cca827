//! uchardet's texts: the file's name is its encoding. Plain prose, shorter than most tables.
//!
//! A text counts as right if it reads as its true encoding reads it; one whose encoding cannot be read here, if it is
//! refused by name. Encodings that no browser knows (ibm855, viscii, euc-tw) count as files and cannot be had.

use std::path::Path;

use colonnade_engine::format::csv::detect::encoding;
use colonnade_engine::sample::Sample;
use encoding_rs::Encoding;

use crate::Score;

/// One point a file.
pub fn score(folder: &Path) -> Score {
    let mut files = Vec::new();
    for language in std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        for (name, bytes) in super::files(&language.path()) {
            let (points, why) = judge(&name, &bytes);
            files.push((format!("{}/{name}", language.file_name().to_string_lossy()), points, why));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Score::of(1.0, files)
}

fn judge(name: &str, bytes: &[u8]) -> (f64, String) {
    let label = match name.rsplit_once('.') {
        Some((stem, order @ ("le" | "be"))) => format!("{stem}{order}"),
        Some((stem, _)) => stem.to_owned(),
        None => name.to_owned(),
    };
    let label = label.replace("mac-cyrillic", "x-mac-cyrillic");
    let truth = Encoding::for_label_no_replacement(label.as_bytes());
    let found = Sample::read(bytes).and_then(|sample| encoding::find(&sample, None));
    match (truth, found) {
        (Some(truth), Ok(found)) => {
            let ours = found.encoding.value;
            let reads_alike = ours.decode_with_bom_removal(bytes).0 == truth.decode_with_bom_removal(bytes).0;
            (f64::from(reads_alike), format!("read as {}", ours.name()))
        }
        (None, Err(error)) => (1.0, error.what),
        (Some(_), Err(error)) => (0.0, error.what),
        (None, Ok(found)) => (0.0, format!("cannot be read, was taken for {}", found.encoding.value.name())),
    }
}
