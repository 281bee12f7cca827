//! The scoreboard: files nobody here wrote, read told nothing, against their ground truth.
//!
//! The corpora lie beside the checkout (`COLONNADE_SHARED`, default `../shared`); one that is not there is skipped, and
//! said to be. A score below its floor fails. `COLONNADE_SCOREBOARD=verbose` names every file that lost points.

mod columnar;
mod csvkit;
mod encodings;
mod json;
mod loghub;
mod measure;
mod naughty;
mod pollock;
mod pollutions;
mod read;
mod readr;
mod spectrum;
mod texts;
mod workbook;
mod xml;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a corpus came to.
pub struct Score {
    /// Mean over its files.
    pub value: f64,
    /// The best that can be had.
    pub best: f64,
    pub files: usize,
    /// Files with the best score.
    pub right: usize,
    /// One line for each file that lost points.
    pub lost: Vec<String>,
}

impl Score {
    /// A score from each file's name and points.
    pub fn of(best: f64, files: Vec<(String, f64, String)>) -> Self {
        let value = files.iter().map(|(_, points, _)| points).sum::<f64>() / files.len().max(1) as f64;
        let right = files.iter().filter(|(_, points, _)| *points > best - 1e-9).count();
        let mut lost: Vec<_> = files.iter().filter(|(_, points, _)| *points <= best - 1e-9).collect();
        lost.sort_by(|a, b| a.1.total_cmp(&b.1));
        let lost = lost.into_iter().map(|(name, points, why)| format!("{points:6.3}  {name}  {why}")).collect();
        Self { value, best, files: files.len(), right, lost }
    }
}

/// Every file of a folder with its bytes, by name.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, std::fs::read(entry.path()).ok()?))).collect();
    files.sort();
    files
}

struct Board {
    name: &'static str,
    /// The folder under `corpora` that it needs.
    corpus: &'static str,
    /// The score may not fall below this.
    floor: f64,
    run: fn(&Path) -> Score,
}

const BOARDS: &[Board] = &[
    Board { name: "Pollock, polluted", corpus: "pollock/polluted", floor: 9.96, run: pollock::polluted },
    Board { name: "Pollock, polluted, typed", corpus: "pollock/polluted", floor: 9.96, run: pollock::polluted_typed },
    Board { name: "Pollock, survey", corpus: "pollock/survey", floor: 9.7, run: pollock::survey },
    Board { name: "Pollock, survey, typed", corpus: "pollock/survey", floor: 9.7, run: pollock::survey_typed },
    Board { name: "Pollock's pollutions, made here", corpus: "pollock/polluted", floor: 9.95, run: pollutions::score },
    Board { name: "csv-spectrum", corpus: "csv-spectrum", floor: 1.0, run: spectrum::score },
    Board { name: "csvkit", corpus: "csvkit", floor: 1.0, run: csvkit::score },
    Board { name: "readr", corpus: "readr", floor: 1.0, run: readr::score },
    Board { name: "naughty strings", corpus: "naughty-strings", floor: 1.0, run: naughty::score },
    Board { name: "uchardet", corpus: "uchardet", floor: 0.9, run: encodings::score },
    Board { name: "astropy, text tables", corpus: "astropy-ascii", floor: 0.85, run: texts::astropy },
    Board { name: "readr, text tables", corpus: "readr", floor: 1.0, run: texts::readr },
    Board { name: "csvkit, fixed width", corpus: "csvkit", floor: 1.0, run: texts::csvkit },
    Board { name: "Parquet, rows by hyparquet", corpus: "hyparquet", floor: 0.95, run: columnar::hyparquet },
    Board { name: "Parquet, whole files", corpus: "parquet-testing/data", floor: 0.93, run: columnar::parquet },
    Board { name: "Parquet, damaged files", corpus: "parquet-testing", floor: 1.0, run: columnar::damaged_parquet },
    Board { name: "Arrow, files and streams", corpus: "arrow-testing", floor: 1.0, run: columnar::arrow },
    Board { name: "Arrow, damaged files", corpus: "arrow-testing", floor: 1.0, run: columnar::damaged_arrow },
    Board { name: "Avro", corpus: "avro", floor: 1.0, run: columnar::avro },
    Board { name: "loghub, templates", corpus: "loghub", floor: 1.0, run: loghub::templates },
    Board { name: "loghub, fields", corpus: "loghub", floor: 1.0, run: loghub::fields },
    Board { name: "JSON: test suite", corpus: "jsontestsuite/test_parsing", floor: 1.0, run: json::suite },
    Board { name: "JSON: vega-datasets", corpus: "vega-datasets", floor: 0.9, run: json::vega },
    Board { name: "XML: spark-xml", corpus: "spark-xml", floor: 0.96, run: xml::spark },
    Board { name: "XML: conformance", corpus: "xmlconf/xmltest", floor: 1.0, run: xml::conformance },
    Board { name: "XML: roxmltree", corpus: "roxmltree", floor: 1.0, run: xml::traps },
    Board { name: "Workbooks: calamine", corpus: "calamine", floor: 1.0, run: workbook::calamine },
    Board { name: "Workbooks: csvkit", corpus: "csvkit", floor: 1.0, run: workbook::csvkit },
];

fn main() -> ExitCode {
    let filters: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |board: &&Board| filters.is_empty() || filters.iter().any(|filter| board.name.contains(filter.as_str()));
    let shared = std::env::var_os("COLONNADE_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let verbose = std::env::var("COLONNADE_SCOREBOARD").is_ok_and(|value| value == "verbose");
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    println!("\n{:<34} {:>7} {:>5} {:>6} {:>6}  of files", "corpus", "score", "best", "floor", "right");
    for board in BOARDS.iter().filter(wanted) {
        let corpus = shared.join("corpora").join(board.corpus);
        if !corpus.is_dir() {
            println!("{:<34} skipped: {} is not there", board.name, corpus.display());
            skipped += 1;
            continue;
        }
        let score = (board.run)(&corpus);
        let fell = score.value < board.floor;
        let mark = if fell { "FELL" } else { "" };
        println!(
            "{:<34} {:>7.3} {:>5} {:>6} {:>6}  of {} {mark}",
            board.name, score.value, score.best, board.floor, score.right, score.files
        );
        if verbose || fell {
            let most = if verbose { usize::MAX } else { 12 };
            score.lost.iter().take(most).for_each(|line| println!("    {line}"));
        }
        *(if fell { &mut failed } else { &mut passed }) += 1;
    }
    let outcome = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {outcome}. {passed} passed; {failed} failed; {skipped} ignored; 0 measured; 0 filtered out; finished in 0.00s\n"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
