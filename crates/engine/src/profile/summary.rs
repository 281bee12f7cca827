//! From a sketch to what is shown.

use std::collections::HashMap;

use colonnade_protocol::profile::{ColumnProfile, Distribution};

use super::column::ColumnSketch;
use super::display::display;
use super::distinct::Distinct;
use super::hll::HyperLogLog;
use super::value::{Bounds, Value};

/// Bars of a histogram.
const BINS: usize = 20;
/// Most frequent values that are listed.
const TOP: usize = 10;
/// Numbers of so few distinct values are listed too: a histogram would say less.
const FEW_NUMBERS: usize = 12;

impl ColumnSketch {
    /// The column's profile so far.
    pub fn summary(&self) -> ColumnProfile {
        let values = self.rows - self.nulls;
        let (distinct, distinct_error, bounds) = match &self.distinct {
            Distinct::Few(counter) => (counter.len() as u64, 0.0, counter.bounds()),
            Distinct::Many { sketch, bounds } => (sketch.estimate().min(values), HyperLogLog::ERROR, bounds.clone()),
        };
        let show = |value: &Value| display(value, &self.data_type);
        ColumnProfile {
            rows: self.rows,
            nulls: self.nulls,
            distinct,
            distinct_error,
            min: bounds.as_ref().map(|bounds| show(&bounds.min)),
            max: bounds.as_ref().map(|bounds| show(&bounds.max)),
            distribution: self.distribution(values, bounds.as_ref()),
        }
    }

    fn distribution(&self, values: u64, bounds: Option<&Bounds>) -> Distribution {
        let range = bounds.and_then(|bounds| Some((bounds.min.number()?, bounds.max.number()?)));
        match (&self.distinct, range) {
            (Distinct::Few(counter), _) if counter.len() == 0 => Distribution::Unknown,
            (Distinct::Few(counter), Some(range)) if counter.len() > FEW_NUMBERS => {
                let counted = counter.iter().filter_map(|(_, count, value)| Some((value.number()?, count)));
                histogram(range, counted).map_or(Distribution::Unknown, |bins| Distribution::Histogram { bins, sampled: false })
            }
            (Distinct::Few(counter), _) => {
                let counted = counter.iter().map(|(_, count, value)| (value, count)).collect();
                self.top(counted, values, false)
            }
            (Distinct::Many { .. }, Some(range)) => {
                let sampled = self.sample.values().filter_map(|(_, value)| Some((value.number()?, 1)));
                let bins = histogram(range, sampled).map(|bins| scaled(&bins, values));
                bins.map_or(Distribution::Unknown, |bins| Distribution::Histogram { bins, sampled: true })
            }
            (Distinct::Many { .. }, None) => {
                let mut counts: HashMap<u64, (&Value, u64)> = HashMap::new();
                for (hash, value) in self.sample.values() {
                    counts.entry(*hash).or_insert((value, 0)).1 += 1;
                }
                // A value met once in the sample is not known to be frequent.
                let often = counts.into_values().filter(|(_, count)| *count > 1);
                let all = self.sample.values().len() as u64;
                self.top(often.map(|(value, count)| (value, scale(count, all, values))).collect(), values, true)
            }
        }
    }

    fn top(&self, mut counted: Vec<(&Value, u64)>, values: u64, sampled: bool) -> Distribution {
        counted.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.compare(b)));
        counted.truncate(TOP);
        let other = values.saturating_sub(counted.iter().map(|(_, count)| count).sum());
        let values = counted.into_iter().map(|(value, count)| (display(value, &self.data_type), count)).collect();
        Distribution::Top { values, other, sampled }
    }
}

/// Counts in equal bins from `min` to `max`; `None` where the range has no finite width. NaN is in no bin.
fn histogram((min, max): (f64, f64), counted: impl Iterator<Item = (f64, u64)>) -> Option<Vec<u64>> {
    let width = max - min;
    if !width.is_finite() {
        return None;
    }
    let mut bins = vec![0; BINS];
    for (value, count) in counted.filter(|(value, _)| !value.is_nan()) {
        let bin = if width > 0.0 { (value - min) / width * BINS as f64 } else { 0.0 };
        bins[(bin as usize).min(BINS - 1)] += count;
    }
    Some(bins)
}

/// A sample's bins as those of all values.
fn scaled(bins: &[u64], values: u64) -> Vec<u64> {
    let all = bins.iter().sum();
    bins.iter().map(|&count| scale(count, all, values)).collect()
}

fn scale(count: u64, of: u64, to: u64) -> u64 {
    (u128::from(count) * u128::from(to) / u128::from(of.max(1))) as u64
}
