//! Where rows begin: what a jump to any row starts from.

use crate::unit::{INDEX_ROWS, UnitReport};

/// Where rows begin in the source: the record of every 1,024th row of each unit.
#[derive(Debug, Clone, Default)]
pub struct RowIndex {
    /// Row number, file and position in it, ascending.
    entries: Vec<(u64, u32, u64)>,
    rows: u64,
}

impl RowIndex {
    /// The nearest indexed row at or before `row`, the file it is in, and its position there.
    pub fn before(&self, row: u64) -> Option<(u64, u32, u64)> {
        let next = self.entries.partition_point(|&(first, ..)| first <= row);
        next.checked_sub(1).map(|at| self.entries[at])
    }

    /// Rows that the index covers.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn append(&mut self, report: &UnitReport) {
        let entries = report.index.iter().enumerate().map(|(k, &(part, at))| (self.rows + k as u64 * INDEX_ROWS, part, at));
        self.entries.extend(entries);
        self.rows += report.counts.written;
    }
}
