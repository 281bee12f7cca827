//! The number of distinct values of a column that has too many to count.

use serde::{Deserialize, Serialize};

const PRECISION: u32 = 12;
const REGISTERS: usize = 1 << PRECISION;
/// The bits of a hash that a register does not take for its address.
const REMAINING: u32 = 64 - PRECISION;

/// HyperLogLog (Flajolet et al. 2007) of 4,096 registers, estimated as in Ertl, "New cardinality estimation algorithms for
/// HyperLogLog sketches" (2017), section 4: without bias over the whole range, and without tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HyperLogLog {
    // As one run of bytes: byte by byte it is the most of what crosses to the coordinator.
    #[serde(with = "serde_bytes")]
    registers: Vec<u8>,
}

impl HyperLogLog {
    /// Standard error of an estimate, relative.
    pub const ERROR: f32 = 1.04 / 64.0;

    /// Of no values.
    pub fn new() -> Self {
        Self { registers: vec![0; REGISTERS] }
    }

    /// Sees a value by its hash.
    #[inline]
    pub fn add(&mut self, hash: u64) {
        let rank = (hash << PRECISION | 1 << (PRECISION - 1)).leading_zeros() as u8 + 1;
        if let Some(register) = self.registers.get_mut((hash >> REMAINING) as usize) {
            *register = rank.max(*register);
        }
    }

    /// Sees what another has seen.
    pub fn merge(&mut self, other: &Self) {
        self.registers.iter_mut().zip(&other.registers).for_each(|(mine, theirs)| *mine = (*mine).max(*theirs));
    }

    /// How many distinct values were seen.
    pub fn estimate(&self) -> u64 {
        const M: f64 = REGISTERS as f64;
        let mut counts = [0u32; REMAINING as usize + 2];
        for &register in &self.registers {
            counts[usize::from(register).min(REMAINING as usize + 1)] += 1;
        }
        let mut z = M * tau(1.0 - f64::from(counts[REMAINING as usize + 1]) / M);
        for &count in counts[1..=REMAINING as usize].iter().rev() {
            z = 0.5 * (z + f64::from(count));
        }
        z += M * sigma(f64::from(counts[0]) / M);
        (M * M / (2.0 * std::f64::consts::LN_2 * z)).round() as u64
    }
}

/// Ertl's correction for registers never touched.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

/// Ertl's correction for registers that cannot rise further.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;

    #[test]
    fn estimates_are_within_four_standard_errors_from_none_to_millions() {
        for n in [0u64, 1, 100, 1_000, 5_000, 20_000, 100_000, 3_000_000] {
            let mut sketch = HyperLogLog::new();
            (0..n).for_each(|i| sketch.add(hash::integer(i)));
            let error = (sketch.estimate() as f64 - n as f64).abs() / (n as f64).max(1.0);
            assert!(error <= 4.0 * f64::from(HyperLogLog::ERROR), "{n}: {}", sketch.estimate());
        }
    }

    #[test]
    fn merged_is_as_if_all_were_seen_by_one() {
        let (mut a, mut b, mut all) = (HyperLogLog::new(), HyperLogLog::new(), HyperLogLog::new());
        for i in 0..50_000u32 {
            let text = format!("user-{i}");
            if i < 30_000 { &mut a } else { &mut b }.add(hash::part(text.as_bytes(), 0, text.len()));
            all.add(hash::part(text.as_bytes(), 0, text.len()));
        }
        a.merge(&b);
        assert_eq!(a, all);
        assert!((a.estimate() as f64 / 50_000.0 - 1.0).abs() < 0.06, "{}", a.estimate());
    }
}
