//! A bounded sample of a column's rows, the same however the rows come in batches, and mergeable.

use serde::{Deserialize, Serialize};

use crate::hash;

/// A stratified sample: of each block of `2^level` rows of a unit one is picked, by hash. When the sample is full, blocks
/// are joined two by two and one pick of each pair stays: so every row is as likely as any other, and the picks depend on
/// nothing but row numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample<T> {
    /// Picks kept at most.
    capacity: usize,
    level: u32,
    /// With their row numbers within their unit.
    picks: Vec<(u64, T)>,
}

impl<T> Sample<T> {
    /// Of no rows, of `capacity` values at most.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, level: 0, picks: Vec::new() }
    }

    /// Looks at rows `first..first + rows` of a unit; `value` gives that of a row counted from `first`, `None` for null.
    pub fn observe(&mut self, first: u64, rows: usize, mut value: impl FnMut(usize) -> Option<T>) {
        let end = first + rows as u64;
        let mut next = first;
        while next < end {
            let block = next >> self.level;
            let row = pick(self.level, block);
            let unseen = next..end;
            next = (block + 1) << self.level;
            if unseen.contains(&row)
                && let Some(value) = value((row - first) as usize)
            {
                if self.picks.len() == self.capacity {
                    // One more for a moment, not twice as many.
                    self.picks.reserve_exact(1);
                }
                self.picks.push((row, value));
                self.thin();
            }
        }
    }

    /// Takes in the sample of the unit behind.
    pub fn merge(&mut self, other: &Self)
    where
        T: Clone,
    {
        while self.level < other.level {
            self.rise();
        }
        let level = self.level;
        self.picks.extend(other.picks.iter().filter(|(row, _)| pick(level, row >> level) == *row).cloned());
        self.thin();
    }

    /// The values picked.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.picks.iter().map(|(_, value)| value)
    }

    fn thin(&mut self) {
        while self.picks.len() > self.capacity {
            self.rise();
        }
    }

    fn rise(&mut self) {
        self.level += 1;
        let level = self.level;
        self.picks.retain(|(row, _)| half(level, row >> level) == row >> (level - 1));
    }
}

/// The row picked of a block: of its two halves' picks, one by hash.
fn pick(level: u32, block: u64) -> u64 {
    (1..=level).rev().fold(block, |block, level| half(level, block))
}

/// The half of a block, itself a block of the level below, whose pick is the block's.
fn half(level: u32, block: u64) -> u64 {
    block << 1 | hash::integer(block ^ u64::from(level) << 56) & 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: usize = 1024;

    fn sample(rows: u64, batch: usize) -> Sample<u64> {
        let mut sample = Sample::new(CAPACITY);
        for first in (0..rows).step_by(batch) {
            let n = batch.min((rows - first) as usize);
            sample.observe(first, n, |row| Some(first + row as u64));
        }
        sample
    }

    #[test]
    fn batches_do_not_show() {
        for batch in [1, 7, 1000, 100_000] {
            assert_eq!(sample(100_000, batch), sample(100_000, 4096), "{batch}");
        }
    }

    #[test]
    fn a_sample_is_spread_evenly_and_bounded() {
        let sample = sample(1_000_000, 10_000);
        let n = sample.values().len();
        assert!((CAPACITY / 2 - 64..=CAPACITY).contains(&n), "{n}");
        for tenth in 0..10 {
            let within = sample.values().filter(|&&row| row / 100_000 == tenth).count();
            assert!((n / 10).abs_diff(within) <= 3, "{tenth}: {within} of {n}");
        }
        let even = sample.values().filter(|&&row| row % 2 == 0).count();
        assert!((n / 3..n * 2 / 3).contains(&even), "{even} of {n}");
    }

    #[test]
    fn merged_samples_weigh_rows_alike() {
        let (mut large, small) = (sample(900_000, 4096), sample(100_000, 4096));
        large.merge(&small);
        let n = large.values().len();
        assert!(n <= CAPACITY);
        let mut other_way = sample(100_000, 4096);
        other_way.merge(&sample(900_000, 4096));
        assert_eq!(other_way.values().len(), n);
        assert_eq!(large.level, other_way.level);
    }
}
