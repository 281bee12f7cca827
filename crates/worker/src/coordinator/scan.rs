//! Background scans: profile, rejects and row index of every table, while nothing is saved.

use colonnade_engine::column::ColumnSpec;
use colonnade_engine::job::{Event, Job, Totals};
use colonnade_engine::unit::UnitReport;
use colonnade_protocol::message::{CoordinatorMessage, ScanProgress, TableId};
use colonnade_protocol::report::Finding;
use colonnade_protocol::{Counts, ErrorInfo};

use super::Coordinator;
use super::pool::Purpose;
use super::remedies::looked_at;
use super::table::TableState;

impl Coordinator {
    /// Takes the report of a scan's unit.
    pub fn scanned(&mut self, table: TableId, report: UnitReport) {
        let Some(state) = self.tables.get_mut(&table) else { return };
        let Some(scan) = &mut state.scan else { return };
        match scan.report(report, None) {
            Ok(events) => {
                let widened = events.iter().any(|event| matches!(event, Event::Widened(_)));
                let (listed, done) = (looked_at(&scan.totals().rejects), scan.is_done());
                if widened {
                    self.scan_restarted(table);
                }
                if widened || done {
                    self.show_scan(table, widened);
                }
                self.seek_remedies(table, listed, done);
                self.end_scan(table);
            }
            Err(error) => self.scan_failed(table, error),
        }
    }

    /// What the scan has found so far is void: types have changed, or a file is left out.
    fn scan_restarted(&mut self, table: TableId) {
        self.pool.stop(|running| running.table == table && running.purpose == Purpose::Scan);
        if let Some(state) = self.tables.get_mut(&table)
            && let Some(scan) = state.scan.take()
        {
            state.adopt(&scan);
            state.scan = Some(scan);
        }
    }

    /// A file of a scan cannot be read.
    pub fn scan_lost(&mut self, table: TableId, version: u32, part: u32, error: ErrorInfo) {
        let Some(scan) = self.tables.get_mut(&table).and_then(|state| state.scan.as_mut()) else { return };
        match scan.lose(part, version, error) {
            Ok(_) => {
                self.scan_restarted(table);
                self.show_scan(table, true);
            }
            Err(error) => self.scan_failed(table, error),
        }
    }

    fn end_scan(&mut self, table: TableId) {
        let Some(state) = self.tables.get_mut(&table) else { return };
        if let Some(scan) = state.scan.take_if(|scan| scan.is_done()) {
            state.totals = scan.totals().clone();
            state.scanned = true;
        }
    }

    /// FAILFAST met a bad record: the save would fail too, and the page says so now.
    pub fn scan_failed(&mut self, table: TableId, error: ErrorInfo) {
        self.pool.stop(|running| running.table == table && running.purpose == Purpose::Scan);
        if let Some(state) = self.tables.get_mut(&table) {
            state.scan = None;
            let generation = state.generation;
            self.tell(generation, CoordinatorMessage::TableFailed { table, error });
        }
    }

    /// Tells the page how far a table's scan is; `schema`: its types changed.
    pub fn show_scan(&self, table: TableId, schema: bool) {
        let Some(state) = self.tables.get(&table) else { return };
        let Some(scan) = &state.scan else { return };
        let (bytes, counts) = self.pool.under_way(|running| running.table == table && running.purpose == Purpose::Scan);
        let columns = schema.then(|| scan.columns());
        let scan = progress(state, scan, bytes, counts, columns);
        self.tell(state.generation, CoordinatorMessage::Scan { table, scan });
    }
}

fn findings(state: &TableState, totals: &Totals) -> Vec<Finding> {
    let report = state.opened.as_ref().map(|opened| &opened.report);
    report.map_or_else(Vec::new, |report| totals.rejects.decisions().findings(&report.findings))
}

/// A scan's progress as the page shows it: what is accepted, and what is on its way.
pub fn progress<S: Clone>(state: &TableState, job: &Job<S>, bytes: u64, counts: Counts, schema: Option<&[ColumnSpec]>) -> ScanProgress {
    let totals: &Totals = job.totals();
    let bytes_total = state.opened.as_ref().map_or(0, |opened| opened.extent.bytes);
    let done = job.is_done();
    let mut sum = totals.counts;
    sum += counts;
    sum.skipped += state.opened.as_ref().map_or(0, |opened| opened.report.counts.skipped);
    ScanProgress {
        bytes_done: if done { bytes_total } else { (totals.bytes + bytes).min(bytes_total) },
        bytes_total,
        done,
        counts: sum,
        known_rows: totals.index.rows(),
        profile: totals.sketches.iter().map(|sketch| sketch.summary()).collect(),
        schema: schema.map(|columns| columns.iter().map(ColumnSpec::info).collect()),
        rejects: totals.rejects.groups().to_vec(),
        findings: findings(state, totals),
        lost: job.parts().iter().filter_map(|part| part.lost.clone()).collect(),
    }
}
