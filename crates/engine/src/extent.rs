//! How far a source reaches and where it may be cut, in its own positions: bytes, or rows where it is read by random
//! access.

use colonnade_protocol::Place;
use serde::{Deserialize, Serialize};

/// Blocks lighter than this count as one with those behind them: a cut is only wanted every few megabytes.
const LEAST_BLOCK_BYTES: u64 = 256 << 10;

/// A source's positions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    /// Where the first record begins.
    pub start: Place,
    /// The position behind the last.
    pub end: u64,
    /// Bytes of the whole source.
    pub bytes: u64,
    /// Where positions are rows.
    blocks: Option<Blocks>,
}

/// Where the blocks of a source begin that is read by random access, in rows, and what they weigh in bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Blocks {
    /// The first row of each, and the bytes of all before it; ascending.
    starts: Vec<(u64, u64)>,
    /// The first row of all.
    first: u64,
    rows: u64,
    bytes: u64,
}

impl Blocks {
    /// No blocks yet, of a source whose first row has this number.
    pub fn starting_at(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// Adds a block behind the others: so many rows in so many bytes. A unit may begin at its first row.
    pub fn push(&mut self, rows: u64, bytes: u64) {
        if self.starts.last().is_none_or(|&(_, before)| self.bytes - before >= LEAST_BLOCK_BYTES) {
            self.starts.push((self.end(), self.bytes));
        }
        self.rows = self.rows.saturating_add(rows);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Rows of all blocks.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn end(&self) -> u64 {
        self.first.saturating_add(self.rows)
    }

    /// Bytes before a row, those of its block in proportion.
    fn bytes_before(&self, row: u64) -> u64 {
        let next = self.starts.partition_point(|&(first, _)| first <= row);
        let Some(&(first, before)) = next.checked_sub(1).and_then(|at| self.starts.get(at)) else { return 0 };
        let (end, after) = self.starts.get(next).copied().unwrap_or((self.end(), self.bytes));
        let share = (row.min(end) - first) as f64 / (end - first).max(1) as f64;
        before + ((after - before) as f64 * share) as u64
    }
}

impl Extent {
    /// Of a source of `bytes` bytes whose first record begins at `start`.
    pub fn of_bytes(start: Place, bytes: u64) -> Self {
        Self { start, end: bytes, bytes, blocks: None }
    }

    /// Of the part of a source that one of its tables has, from the first record to `end`.
    pub fn of_part(start: Place, end: u64) -> Self {
        Self { start, end, bytes: end.saturating_sub(start.byte), blocks: None }
    }

    /// Of a source of `bytes` bytes that is read by random access.
    pub fn of_blocks(blocks: Blocks, bytes: u64) -> Self {
        Self { start: Place::row(blocks.first), end: blocks.end(), bytes, blocks: Some(blocks) }
    }

    /// Whether positions are rows, which every unit knows for certain.
    pub fn is_in_rows(&self) -> bool {
        self.blocks.is_some()
    }

    /// Bytes of the source between two positions; of rows, their share of it.
    pub fn bytes_between(&self, from: u64, to: u64) -> u64 {
        match &self.blocks {
            None => to.min(self.end).saturating_sub(from),
            Some(blocks) => {
                let weight = blocks.bytes_before(to).saturating_sub(blocks.bytes_before(from));
                (self.bytes as f64 * (weight as f64 / blocks.bytes.max(1) as f64)) as u64
            }
        }
    }

    /// Where units of at most `unit_bytes` begin; `align`: how its bytes may be cut, `None` not at all. A block is never cut.
    pub(crate) fn unit_starts(&self, align: Option<u64>, unit_bytes: u64) -> Vec<u64> {
        match (&self.blocks, align) {
            (Some(blocks), _) => block_starts(blocks, unit_bytes),
            (None, Some(align)) => byte_starts(self.start.byte, self.end, align, unit_bytes),
            (None, None) => vec![self.start.byte],
        }
    }
}

/// An even number of units of equal length, so that two or four workers end together.
fn byte_starts(start: u64, end: u64, align: u64, unit_bytes: u64) -> Vec<u64> {
    let length = end.saturating_sub(start);
    if length <= unit_bytes / 2 {
        return vec![start];
    }
    let count = length.div_ceil(unit_bytes).next_multiple_of(2);
    let step = length.div_ceil(count).next_multiple_of(align);
    (0..count).map(|k| start + k * step).filter(|&start| start < end).collect()
}

fn block_starts(blocks: &Blocks, unit_bytes: u64) -> Vec<u64> {
    let mut starts = vec![blocks.first];
    let mut from = 0;
    for (k, &(first, before)) in blocks.starts.iter().enumerate().skip(1) {
        let after = blocks.starts.get(k + 1).map_or(blocks.bytes, |next| next.1);
        if after - from > unit_bytes {
            starts.push(first);
            from = before;
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_begin_at_blocks_and_hold_as_many_as_fit() {
        let mut blocks = Blocks::starting_at(3);
        for _ in 0..10 {
            blocks.push(100, 1 << 20);
        }
        let extent = Extent::of_blocks(blocks, 11 << 20);
        assert_eq!(extent.unit_starts(None, 4 << 20), [3, 403, 803]);
        assert_eq!(extent.unit_starts(None, 1).len(), 10);
        assert_eq!((extent.start, extent.end), (Place::row(3), 1003));
        assert_eq!(extent.bytes_between(3, 1003), 11 << 20);
        assert_eq!(extent.bytes_between(53, 103), (11 << 20) / 20);
    }

    #[test]
    fn blocks_of_a_few_bytes_make_no_long_list() {
        let mut blocks = Blocks::starting_at(0);
        for _ in 0..100_000 {
            blocks.push(7, 100);
        }
        assert_eq!(blocks.rows(), 700_000);
        assert!(blocks.starts.len() < 50, "{}", blocks.starts.len());
        let extent = Extent::of_blocks(blocks, 10_000_000);
        assert_eq!(extent.bytes_between(0, 350_000), 5_000_000);
    }

    #[test]
    fn a_source_without_rows_has_one_unit() {
        let extent = Extent::of_blocks(Blocks::default(), 100);
        assert_eq!((extent.unit_starts(None, 1), extent.end, extent.bytes_between(0, 0)), (vec![0], 0, 0));
    }
}
