//! Runs a job's units on threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

use colonnade_engine::Result;
use colonnade_engine::job::{Event, Job};
use colonnade_engine::output::segment;
use colonnade_engine::plan::UnitTask;
use colonnade_engine::unit::{Unit, UnitReport};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::file::FileSource;

/// A segment as the encoder left it.
pub type Segment = Arc<segment::Segment>;

/// Runs all units of `job` on `threads` threads and hands each event on, in order.
///
/// # Errors
/// Those of the job, of the source, and of `take`.
pub fn run(
    job: &mut Job<Segment>,
    source: &FileSource,
    threads: usize,
    mut take: impl FnMut(&Job<Segment>, Event<Segment>) -> Result<()>,
) -> Result<()> {
    let (to_workers, tasks) = mpsc::channel::<UnitTask>();
    let tasks = Mutex::new(tasks);
    let (to_driver, reports) = mpsc::channel::<Result<(UnitReport, Option<segment::Segment>)>>();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (tasks, to_driver) = (&tasks, to_driver.clone());
            scope.spawn(move || {
                // Ends when the driver drops its side.
                while let Ok(task) = tasks.lock().map_or(Err(mpsc::RecvError), |tasks| tasks.recv()) {
                    let unit = task.unit;
                    let ran = catch_unwind(AssertUnwindSafe(|| run_unit(task, source)));
                    let ran = ran.unwrap_or_else(|_| Err(defect(&format!("part {unit} of the file met a defect of ours"))));
                    if to_driver.send(ran).is_err() {
                        return;
                    }
                }
            });
        }
        // Moved here, so that every way out of this scope ends the workers.
        let to_workers = to_workers;
        let mut running = 0;
        while !job.is_done() {
            while running < threads {
                let Some(task) = job.next_task(threads + 2) else { break };
                to_workers.send(task).map_err(|_| defect("the workers are gone"))?;
                running += 1;
            }
            let (report, segment) = reports.recv().map_err(|_| defect("the workers are gone"))??;
            running -= 1;
            for event in job.report(report, segment.map(Arc::new))? {
                take(job, event)?;
            }
        }
        Ok(())
    })
}

fn run_unit(task: UnitTask, source: &FileSource) -> Result<(UnitReport, Option<segment::Segment>)> {
    let mut unit = Unit::new(task, source)?;
    while !unit.is_done() {
        unit.advance(source)?;
    }
    unit.finish()
}

fn defect(what: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, what, "Please report this.")
}
