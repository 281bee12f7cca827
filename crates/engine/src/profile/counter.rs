//! Exact counts of the values of a column that has few distinct ones.

use serde::{Deserialize, Serialize};

use super::value::{Bounds, Value};

/// Distinct values that are counted one by one.
pub const FEW: usize = 1000;
const SLOTS: usize = 2048;
const EMPTY: u64 = 0;

/// A count for each distinct value, up to [`FEW`] of them. Values are told apart by their 64-bit hashes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Counted>", into = "Vec<Counted>")]
pub struct Counter {
    /// Open addressing: the hash of each slot's value.
    hashes: Vec<u64>,
    counts: Vec<u64>,
    /// Slot and value, in the order of first sight.
    values: Vec<(u16, Value)>,
}

/// A distinct value with its hash and count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub hash: u64,
    pub count: u64,
    pub value: Value,
}

/// What became of a value that was to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Again,
    First,
    /// It would be one too many: it was not counted.
    TooMany,
}

impl Counter {
    /// Of no values.
    pub fn new() -> Self {
        Self { hashes: vec![EMPTY; SLOTS], counts: vec![0; SLOTS], values: Vec::new() }
    }

    /// Counts a value `count` times; it is made only when first seen.
    #[inline]
    pub fn add(&mut self, hash: u64, count: u64, value: impl FnOnce() -> Value) -> Seen {
        let hash = if hash == EMPTY { 1 } else { hash };
        let mut slot = hash as usize % SLOTS;
        loop {
            match self.hashes[slot] {
                found if found == hash => {
                    self.counts[slot] += count;
                    return Seen::Again;
                }
                EMPTY if self.values.len() == FEW => return Seen::TooMany,
                EMPTY => {
                    self.hashes[slot] = hash;
                    self.counts[slot] = count;
                    self.values.push((slot as u16, value()));
                    return Seen::First;
                }
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }

    /// Distinct values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The values with their counts, in the order of first sight.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, &Value)> {
        self.values.iter().map(|(slot, value)| (self.hashes[usize::from(*slot)], self.counts[usize::from(*slot)], value))
    }

    /// The smallest and the largest of its values; NaN is neither.
    pub fn bounds(&self) -> Option<Bounds> {
        let mut bounds = None;
        for (_, _, value) in self.iter() {
            if !matches!(value, Value::Float(number) if number.is_nan()) {
                Bounds::widen(&mut bounds, value.clone(), value.clone());
            }
        }
        bounds
    }
}

impl From<Vec<Counted>> for Counter {
    fn from(counted: Vec<Counted>) -> Self {
        let mut counter = Self::new();
        for Counted { hash, count, value } in counted {
            counter.add(hash, count, || value);
        }
        counter
    }
}

impl From<Counter> for Vec<Counted> {
    fn from(counter: Counter) -> Self {
        counter.iter().map(|(hash, count, value)| Counted { hash, count, value: value.clone() }).collect()
    }
}

impl PartialEq for Counter {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_up_to_the_bound() {
        let mut counter = Counter::new();
        for round in 0..3 {
            for i in 0..FEW as u64 {
                // The same slot for many: collisions are probed.
                let seen = counter.add(i * SLOTS as u64 / 4, 1, || Value::Int(i as i64));
                assert_eq!(seen, if round == 0 { Seen::First } else { Seen::Again });
            }
        }
        assert_eq!(counter.add(u64::MAX, 1, || Value::Int(-1)), Seen::TooMany);
        assert!(counter.iter().all(|(_, count, _)| count == 3));
        assert_eq!(Counter::from(Vec::from(counter.clone())), counter);
    }
}
