//! Runs a job's units on threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

use colonnade_engine::Result;
use colonnade_engine::job::{Event, Job};
use colonnade_engine::output::segment;
use colonnade_engine::plan::UnitTask;
use colonnade_engine::unit::{self, PartError, UnitReport};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::file::FileSource;

/// A segment as the encoder left it.
pub type Segment = Arc<segment::Segment>;

/// What came of a unit.
type Ran = std::result::Result<(UnitReport, Option<segment::Segment>), PartError>;

/// Runs all units of `job` on `threads` threads and hands each event on, in order.
///
/// # Errors
/// Those of the job, of the sources, and of `take`.
pub fn run(
    job: &mut Job<Segment>,
    sources: &[FileSource],
    threads: usize,
    mut take: impl FnMut(&Job<Segment>, Event<Segment>) -> Result<()>,
) -> Result<()> {
    let (to_workers, tasks) = mpsc::channel::<UnitTask>();
    let tasks = Mutex::new(tasks);
    let (to_driver, reports) = mpsc::channel::<(u32, Ran)>();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (tasks, to_driver) = (&tasks, to_driver.clone());
            scope.spawn(move || {
                // Ends when the driver drops its side.
                while let Ok(task) = tasks.lock().map_or(Err(mpsc::RecvError), |tasks| tasks.recv()) {
                    let (unit, version, part) = (task.unit, task.version, task.first.part);
                    let ran = catch_unwind(AssertUnwindSafe(|| unit::run(task, |part| sources.get(part as usize))));
                    let defect = || PartError { part, error: defect(&format!("part {unit} of the file met a defect of ours")) };
                    if to_driver.send((version, ran.unwrap_or_else(|_| Err(defect())))).is_err() {
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
            let (version, ran) = reports.recv().map_err(|_| defect("the workers are gone"))?;
            running -= 1;
            let events = match ran {
                Ok((report, segment)) => job.report(report, segment.map(Arc::new))?,
                Err(PartError { part, error }) => job.lose(part, version, error)?,
            };
            for event in events {
                take(job, event)?;
            }
        }
        Ok(())
    })
}

fn defect(what: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, what, "Please report this.")
}
