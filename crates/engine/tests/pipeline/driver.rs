//! Runs a job in this thread, taking units in an order of the test's choosing.

use std::fmt;
use std::rc::Rc;

use arrow_array::{Array, RecordBatch};
use colonnade_engine::Result;
use colonnade_engine::column::{ColumnSpec, display};
use colonnade_engine::job::{Event, Job, Totals};
use colonnade_engine::output::OutputOptions;
use colonnade_engine::output::segment::{Segment, frame};
use colonnade_engine::source::Source;
use colonnade_engine::table::Table;
use colonnade_engine::unit::{self, PartError};
use colonnade_protocol::Reject;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::schema::ColumnInfo;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// What a conversion gave.
pub struct Converted {
    pub file: Vec<u8>,
    pub segments: usize,
    pub totals: Totals,
    pub rejects: Vec<Reject>,
    pub widened: Vec<String>,
    /// `name type` of each column.
    pub schema: Vec<String>,
    pub columns: Vec<ColumnInfo>,
    /// Files that could not be read.
    pub lost: Vec<String>,
}

/// How the job is run.
#[derive(Clone, Copy)]
pub struct Run {
    pub unit_bytes: u64,
    /// Units taken before one is run, the last first.
    pub workers: usize,
}

/// Converts `source` with these options; the last of the waiting units always runs first.
pub fn convert(source: &[u8], options: &[(&str, &str)], run: Run) -> Result<Converted> {
    let overrides = Overrides { options: options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), columns: Vec::new() };
    let table = Table::open(source, "test.csv", &overrides)?;
    let write = table.write_plan(source, OutputOptions::default())?;
    let job = Job::with_unit_bytes(table.read_plan(), Some(write), true, table.extent.clone(), run.unit_bytes);
    finish(job, run, |_| Some(source))
}

/// Runs a job to its end.
pub fn finish<'a, S: Source + ?Sized + 'a>(
    mut job: Job<Rc<Segment>>,
    run: Run,
    source: impl Fn(u32) -> Option<&'a S>,
) -> Result<Converted> {
    let mut widened = Vec::new();
    while !job.is_done() {
        let tasks: Vec<_> = std::iter::from_fn(|| job.next_task(run.workers + 2)).take(run.workers).collect();
        assert!(!tasks.is_empty(), "the job neither goes on nor ends");
        for task in tasks.into_iter().rev() {
            let version = task.version;
            let events = match unit::run(task, &source) {
                Ok((report, segment)) => job.report(report, segment.map(Rc::new))?,
                Err(PartError { part, error }) => job.lose(part, version, error)?,
            };
            for event in events {
                if let Event::Widened(names) = event {
                    widened.extend(names);
                }
            }
        }
    }
    let frame = frame(job.columns(), &OutputOptions::default(), job.segments().iter().map(|segment| &segment.meta), &[])?;
    let bodies = job.segments().iter().flat_map(|segment| segment.body.iter());
    let file: Vec<u8> = frame.head.iter().chain(bodies).chain(&frame.tail).copied().collect();
    assert_eq!((frame.bytes, frame.crc32), (file.len() as u64, crc32fast::hash(&file)));
    let schema = job.columns().iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
    let columns = job.columns().iter().map(ColumnSpec::info).collect();
    let rejects = job.totals().rejects.groups().iter().flat_map(|group| group.first.clone()).collect::<Vec<_>>();
    let lost = job.parts().iter().filter_map(|part| part.lost.as_ref().map(ToString::to_string)).collect();
    Ok(Converted { file, segments: job.segments().len(), totals: job.totals().clone(), rejects, widened, schema, columns, lost })
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "units of {} bytes, {} workers", self.unit_bytes, self.workers)
    }
}

/// Two conversions came to the same; `what` tells the first of them.
pub fn assert_same(converted: &Converted, expected: &Converted, what: impl fmt::Display) {
    assert_eq!(converted.totals.counts, expected.totals.counts, "{what}");
    assert_eq!(converted.schema, expected.schema, "{what}");
    assert_eq!(rows(&converted.file), rows(&expected.file), "{what}");
    let listed = |converted: &Converted| {
        converted.rejects.iter().map(|r| (r.place, r.cause, r.outcome, r.reason.clone(), r.raw.clone())).collect::<Vec<_>>()
    };
    assert_eq!(listed(converted), listed(expected), "{what}");
}

/// The rows of a Parquet file as the page would show them; `None` is null.
pub fn rows(file: &[u8]) -> Vec<Vec<Option<String>>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::copy_from_slice(file)).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(|batch| batch.unwrap()).collect();
    let cell = |array: &dyn Array, row: usize| {
        array.is_valid(row).then(|| {
            let mut text = String::new();
            display::write_cell(array, row, &mut text);
            text
        })
    };
    let rows = |batch: &RecordBatch| {
        (0..batch.num_rows()).map(|row| batch.columns().iter().map(|column| cell(column.as_ref(), row)).collect()).collect::<Vec<_>>()
    };
    batches.iter().flat_map(rows).collect()
}
