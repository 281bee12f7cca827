//! The distinct values of a column: counted while they are few, estimated once they are many.

use arrow_buffer::NullBuffer;
use serde::{Deserialize, Serialize};

use super::counter::{Counter, Seen};
use super::hll::HyperLogLog;
use super::range::fold_rows;
use super::value::{Bounds, Value};

/// The distinct values: counted one by one, or estimated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Distinct {
    Few(Counter),
    Many { sketch: HyperLogLog, bounds: Option<Bounds> },
}

impl Distinct {
    /// Sees an array's values by their hashes; `value` makes one when it is first seen, `range` gives the smallest and the
    /// largest of the array.
    pub fn observe(
        &mut self,
        rows: usize,
        nulls: Option<&NullBuffer>,
        hash: impl Fn(usize) -> u64 + Copy,
        value: impl Fn(usize) -> Value + Copy,
        range: impl FnOnce() -> Option<(Value, Value)>,
    ) {
        let mut first = 0;
        if let Self::Few(counter) = self {
            let stop = fold_rows(rows, nulls, None, |stop, row| match stop {
                None if counter.add(hash(row), 1, || value(row)) == Seen::TooMany => Some(row),
                _ => stop,
            });
            match stop {
                None => return,
                Some(row) => first = row,
            }
            self.stop_counting();
        }
        if let Self::Many { sketch, bounds } = self {
            fold_rows(rows, nulls, (), |(), row| {
                if row >= first {
                    sketch.add(hash(row));
                }
            });
            if let Some((min, max)) = range() {
                Bounds::widen(bounds, min, max);
            }
        }
    }

    /// Counts one value `count` times.
    pub fn add(&mut self, hash: u64, count: u64, value: impl FnOnce() -> Value) {
        if let Self::Few(counter) = self
            && counter.add(hash, count, value) == Seen::TooMany
        {
            self.stop_counting();
        }
        if let Self::Many { sketch, .. } = self {
            sketch.add(hash);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Few(counter) => {
                for (hash, count, value) in counter.iter() {
                    self.add(hash, count, || value.clone());
                }
                if let (Self::Many { bounds, .. }, Some(theirs)) = (self, counter.bounds()) {
                    Bounds::widen(bounds, theirs.min, theirs.max);
                }
            }
            Self::Many { sketch: theirs, bounds: their_bounds } => {
                self.stop_counting();
                if let Self::Many { sketch, bounds } = self {
                    sketch.merge(theirs);
                    if let Some(theirs) = their_bounds {
                        Bounds::widen(bounds, theirs.min.clone(), theirs.max.clone());
                    }
                }
            }
        }
    }

    fn stop_counting(&mut self) {
        if let Self::Few(counter) = self {
            let mut sketch = HyperLogLog::new();
            counter.iter().for_each(|(hash, _, _)| sketch.add(hash));
            *self = Self::Many { sketch, bounds: counter.bounds() };
        }
    }
}
