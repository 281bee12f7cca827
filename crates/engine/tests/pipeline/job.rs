use colonnade_engine::job::{Event, Job};
use colonnade_engine::plan::UnitTask;
use colonnade_engine::table::Table;
use colonnade_engine::unit::{Unit, UnitReport};
use colonnade_protocol::LogicalType;
use colonnade_protocol::message::Overrides;

fn run(task: UnitTask, source: &[u8]) -> UnitReport {
    let mut unit = Unit::new(task, source).unwrap();
    while !unit.is_done() {
        unit.advance(source).unwrap();
    }
    unit.finish().unwrap().0
}

#[test]
fn a_unit_that_began_within_a_record_widens_nothing() {
    // The odd value stands between two slices of the sample.
    let text = "n,s\n".to_owned() + &"1,x\n".repeat(25_000) + "0.5,x\n" + &"1,x\n".repeat(375_000);
    let source = text.as_bytes();
    let table = Table::open(source, "t.csv", &Overrides::default()).unwrap();
    let mut job: Job<()> = Job::with_unit_bytes(table.read_plan(), None, false, table.extent.clone(), source.len() as u64 / 4);
    let tasks: Vec<_> = std::iter::from_fn(|| job.next_task(9)).collect();
    let mut reports: Vec<_> = tasks.into_iter().map(|task| run(task, source)).collect();
    // The last unit guesses wrong, and takes what is text for a number.
    let mut strange = table.detection.columns[0].clone();
    strange.data_type = LogicalType::String;
    let last = reports.last_mut().unwrap();
    last.first += 2;
    last.widened.push((0, strange));
    let events: Vec<_> = reports.into_iter().rev().flat_map(|report| job.report(report, None).unwrap()).collect();
    assert!(events.iter().any(|event| matches!(event, Event::Widened(_))));
    assert_eq!(job.columns()[0].data_type, LogicalType::Double);
}
