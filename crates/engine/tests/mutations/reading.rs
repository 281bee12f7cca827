//! Everything that is done with a file, on little memory: the tests of mutations and the fuzz targets (`fuzz/`) share it, so
//! that what either finds is found again by the other.

use std::rc::Rc;

use colonnade_engine::Result;
use colonnade_engine::job::Job;
use colonnade_engine::output::OutputOptions;
use colonnade_engine::output::segment::Segment;
use colonnade_engine::source::Source;
use colonnade_engine::table::Table;
use colonnade_engine::unit::Unit;
use colonnade_engine::unpack::{self, Budget, Step, Unpacking};
use colonnade_engine::view::{self, Window};
use colonnade_protocol::Counts;
use colonnade_protocol::message::Overrides;

/// Rows that are looked at before all are converted.
const PREVIEWED: usize = 20;
/// So small that most files have several units.
const UNIT_BYTES: u64 = 1000;
/// Bytes that may come out of a packed file, and members that are opened.
const UNPACKED_BYTES: &str = "100000";
const MOST_MEMBERS: usize = 10;

/// Detects what `source` is (or takes `format` for it, where that is not empty), shows its first rows and writes all of them
/// as Parquet; gives back what was counted.
///
/// # Errors
/// Those of the engine: the file is refused.
///
/// # Panics
/// Where the engine breaks its word: counts that do not add up, a job without an end, segments of other rows than were counted.
pub fn read(source: &[u8], name: &str, format: &str) -> Result<Counts> {
    let options = if format.is_empty() { Vec::new() } else { vec![("format".to_owned(), format.to_owned())] };
    let table = Table::open(source, name, &Overrides { options, columns: Vec::new() })?;
    let offset = table.detection.data_start.byte;
    let window = Window { from_row: 0, offset, first: 0, count: PREVIEWED, from_column: 0, to_column: table.detection.columns.len() };
    view::rows(source, &table.read_plan(), window)?;
    let write = table.write_plan(source, OutputOptions::default())?;
    let mut job: Job<Rc<Segment>> = Job::with_unit_bytes(table.read_plan(), Some(write), true, table.extent.clone(), UNIT_BYTES);
    while !job.is_done() {
        let task = job.next_task(3).unwrap_or_else(|| panic!("the job neither goes on nor ends"));
        let mut unit = Unit::new(task, source)?;
        while !unit.is_done() {
            unit.advance(source)?;
        }
        let (report, segment) = unit.finish()?;
        job.report(report, segment.map(Rc::new))?;
    }
    let counts = job.totals().counts;
    assert_eq!(counts.read, counts.written + counts.rejected + counts.filtered, "{counts:?}");
    let written: u64 = job.segments().iter().map(|segment| segment.meta.rows).sum();
    assert_eq!(counts.written, written, "rows of the segments");
    Ok(counts)
}

/// Lists what is packed in `source` and unpacks its first members.
///
/// # Errors
/// Those of the engine: the file is refused, or claims too much.
#[allow(dead_code, reason = "only the fuzz targets have a subject for it")]
pub fn unpack(source: &[u8], name: &str) -> Result<()> {
    let Some(contents) = unpack::contents(source, name, MOST_MEMBERS)? else { return Ok(()) };
    let mut budget = Budget::new([("maxUnpackedBytes", UNPACKED_BYTES)])?;
    let mut buffer = [0; 4096];
    for member in &contents.members {
        let mut unpacking = Unpacking::new(source.share(), member)?;
        while let Step::Bytes(_) = unpacking.step(&mut buffer, &mut budget)? {}
    }
    Ok(())
}
