//! The same rows in every output format: what each really takes.

use colonnade_protocol::message::{Comparison, FormatSize};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::options::{OUTPUTS, OutputFormat, OutputOptions};
use super::parquet::ColumnChoice;
use super::segment::frame;
use crate::Result;
use crate::extent::Extent;
use crate::format::ParseMode;
use crate::job::Job;
use crate::plan::{ReadPlan, WritePlan};
use crate::settings::Settings;
use crate::source::Source;
use crate::unit::Unit;

/// Of a source that can be cut, so much is written for the comparison.
const COMPARED: u64 = 4 << 20;

/// Writes the first rows in every format with its defaults. `choices` are Parquet's, one a column. Memory: the encoded rows
/// of one format at a time.
///
/// # Errors
/// Those of the source and of the encoders.
pub fn compare(source: &(impl Source + ?Sized), read: &ReadPlan, choices: &[ColumnChoice], extent: &Extent) -> Result<Comparison> {
    let mut read = read.clone();
    if ParseMode::of(&read.settings) == ParseMode::FailFast {
        read.settings.set("mode", "PERMISSIVE");
    }
    let mut comparison = Comparison { rows: 0, source_bytes: 0, formats: Vec::new() };
    for format in OUTPUTS {
        let settings = Settings::new(&super::options(), [(super::OUTPUT_FORMAT, format.id)])?;
        let options = OutputOptions::from_settings(&settings)?.named("table");
        let (rows, source_bytes, bytes) = written(source, &mut read, &options, choices, extent)?;
        (comparison.rows, comparison.source_bytes) = (rows, source_bytes);
        comparison.formats.push(size(format, bytes));
    }
    Ok(comparison)
}

/// Rows, their bytes in the source, and the bytes of a file of them. Columns that must be widened are.
fn written(
    source: &(impl Source + ?Sized),
    read: &mut ReadPlan,
    options: &OutputOptions,
    choices: &[ColumnChoice],
    extent: &Extent,
) -> Result<(u64, u64, u64)> {
    loop {
        let write = Some(WritePlan { options: options.clone(), choices: choices.to_vec() });
        let mut job: Job<()> = Job::with_unit_bytes(read.clone(), write, false, extent.clone(), COMPARED);
        let Some(task) = job.next_task(1) else { return Ok((0, 0, frame(&read.columns, options, std::iter::empty(), &[])?.bytes)) };
        let covered = task.bytes;
        let mut unit = Unit::new(task, source)?;
        while !unit.is_done() {
            unit.advance(source)?;
        }
        let (report, segment) = unit.finish()?;
        if report.widened.is_empty() {
            let metas = segment.iter().map(|segment| &segment.meta);
            return Ok((report.counts.written, covered, frame(&read.columns, options, metas, &[])?.bytes));
        }
        let before = read.columns.clone();
        let widened: Vec<_> = report.widened.into_iter().map(|(_, column)| column).collect();
        read.widen(&widened, &before);
        if read.columns == before {
            return Err(ErrorInfo::new(ErrorKind::Internal, "a column was widened to what it is", "Please report this."));
        }
    }
}

fn size(format: &OutputFormat, bytes: u64) -> FormatSize {
    FormatSize {
        id: format.id.to_owned(),
        title: format.title.to_owned(),
        bytes,
        is_text: format.traits.is_text,
        is_typed: format.traits.is_typed,
        is_splittable: format.traits.is_splittable,
        is_columnar: format.traits.is_columnar,
    }
}

#[cfg(test)]
mod tests {
    use colonnade_protocol::message::Overrides;

    use super::*;
    use crate::table::Table;

    #[test]
    fn every_format_is_measured_and_repeated_values_are_smallest_in_parquet() {
        let source: String = (0..10_000).fold("n,s\n".to_owned(), |mut text, k| {
            text.push_str(&format!("{k},{}\n", ["north", "south"][k % 2]));
            text
        });
        let table = Table::open(source.as_bytes(), "t.csv", &Overrides::default()).unwrap();
        let plan = table.write_plan(source.as_bytes(), OutputOptions::default()).unwrap();
        let compared = compare(source.as_bytes(), &table.read_plan(), &plan.choices, &table.extent).unwrap();
        assert_eq!((compared.rows, compared.source_bytes), (10_000, source.len() as u64 - 4));
        let sizes = compared.formats;
        assert_eq!(sizes.iter().map(|size| size.id.as_str()).collect::<Vec<_>>(), ["parquet", "arrow", "csv", "jsonl", "sql"]);
        assert!(sizes[1..].iter().all(|size| size.bytes > sizes[0].bytes), "{sizes:?}");
        assert_eq!(sizes[2].bytes, source.len() as u64);
    }
}
