//! JSON: what the JSON test suite accepts and refuses, and the rows of vega-datasets' documents, told nothing.

use std::path::Path;

use colonnade_engine::Result;
use colonnade_engine::job::Job;
use colonnade_engine::table::Table;
use colonnade_engine::unit::Unit;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{Counts, ErrorKind};
use serde_json::Value;

use crate::Score;

/// The names of the columns, and what became of the records.
fn read(source: &[u8], name: &str, given: &[(&str, &str)]) -> Result<(Vec<String>, Counts)> {
    let options = given.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    let table = Table::open(source, name, &Overrides { options, columns: Vec::new() })?;
    let mut job: Job<()> = Job::new(table.read_plan(), None, false, table.extent.clone());
    while let Some(task) = job.next_task(1) {
        let mut unit = Unit::new(task, source)?;
        while !unit.is_done() {
            unit.advance(source)?;
        }
        job.report(unit.finish()?.0, None)?;
    }
    Ok((job.columns().iter().map(|column| column.name.clone()).collect(), job.totals().counts))
}

/// One point for each `y_` that is read without a fault or has no table in it, each `n_` that FAILFAST refuses with a
/// place, and each `i_` that comes to an end, in PERMISSIVE too.
pub fn suite(folder: &Path) -> Score {
    let files = super::files(folder).into_iter().map(|(name, bytes)| {
        let strict = read(&bytes, "file.json", &[("format", "json"), ("mode", "FAILFAST")]);
        let lenient = read(&bytes, "file.json", &[("format", "json")]);
        let adds_up = lenient.as_ref().map_or(true, |(_, counts)| counts.read == counts.written + counts.rejected);
        let is_right = match (name.as_bytes().first(), &strict) {
            // A key given twice is listed, and so refused at the first fault.
            (Some(b'y'), _) if name.contains("duplicate") => lenient.as_ref().is_ok_and(|(_, counts)| counts.rejected == 0),
            (Some(b'y'), Ok((_, counts))) => counts.rejected == 0,
            (Some(b'y'), Err(error)) => error.kind == ErrorKind::Empty,
            (Some(b'n'), Err(error)) => error.kind == ErrorKind::Malformed && error.place.is_some() || error.kind == ErrorKind::Empty,
            (Some(b'n'), Ok(_)) => false,
            _ => true,
        };
        let why = match strict {
            Ok((columns, counts)) => format!("{columns:?} {counts:?}"),
            Err(error) => error.to_string(),
        };
        (name, f64::from(is_right && adds_up), why)
    });
    Score::of(1.0, files.collect())
}

/// One point for each document whose rows and columns are those that another reader found.
pub fn vega(folder: &Path) -> Score {
    let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap_or_default()).unwrap_or_default();
    let files = super::files(folder).into_iter().filter(|(name, _)| name.ends_with(".json") && truth[name]["columns"].is_array());
    let files = files.map(|(name, bytes)| {
        let columns: Vec<String> = serde_json::from_value(truth[&name]["columns"].clone()).unwrap_or_default();
        let (points, why) = match read(&bytes, &name, &[]) {
            Ok((found, counts)) => {
                let (mut sorted, mut expected) = (found.clone(), columns);
                sorted.sort();
                expected.sort();
                let is_right = sorted == expected && Some(counts.written) == truth[&name]["rows"].as_u64() && counts.rejected == 0;
                (f64::from(is_right), format!("{found:?} {counts:?}"))
            }
            Err(error) => (0.0, error.to_string()),
        };
        (name, points, why)
    });
    Score::of(1.0, files.collect())
}
