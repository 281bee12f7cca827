//! Progress on a terminal; silent anywhere else.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use colonnade_engine::job::Totals;

const EVERY: Duration = Duration::from_millis(200);

/// One line that is written over and over.
pub struct Progress {
    shown: bool,
    total: u64,
    start: Instant,
    last: Option<Instant>,
}

impl Progress {
    /// Of reading `total` bytes.
    pub fn new(total: u64) -> Self {
        Self { shown: io::stderr().is_terminal(), total, start: Instant::now(), last: None }
    }

    /// Shows how far the job is, a few times a second at most.
    pub fn show(&mut self, totals: &Totals) {
        if !self.shown || self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        let percent = totals.bytes * 100 / self.total.max(1);
        let rate = totals.bytes as f64 / 1e6 / self.start.elapsed().as_secs_f64().max(0.001);
        eprint!("\r{percent:3} %  {} rows  {} rejected  {rate:.0} MB/s\x1b[K", totals.counts.written, totals.counts.rejected);
        let _ = io::stderr().flush();
    }

    /// A remark between two steps of progress.
    pub fn note(&mut self, text: &str) {
        if self.shown {
            eprintln!("\r{text}\x1b[K");
        }
    }

    /// Clears the line.
    pub fn end(&mut self) {
        if self.shown && self.last.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
