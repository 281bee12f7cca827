//! Timestamps: seconds from the start of 2015 and nanoseconds, of a wall clock in the writer's zone or of an instant.
//!
//! <https://orc.apache.org/specification/ORCv1/#timestamp-columns>

use std::sync::Arc;

use arrow_array::{ArrayRef, TimestampMicrosecondArray};

use super::column::{Values, Wanted};
use super::faults::{Faults, spread, with_nulls};
use super::integers::Integers;
use super::zone::Zone;
use crate::Result;
use crate::column::arrow::UTC;

/// Midnight of 1 January 2015 in UTC, in seconds of Unix.
const BASE: i64 = 1_420_070_400;

/// What microseconds in 64 bits hold.
const MOST_SECONDS: u64 = i64::MAX as u64 / 1_000_000;

/// A column of wall clocks, or of instants.
pub struct Moments {
    seconds: Integers,
    nanos: Integers,
    /// Of wall clocks.
    zone: Option<Zone>,
    base: i64,
}

impl Moments {
    pub fn new(seconds: Integers, nanos: Integers, zone: Option<Zone>) -> Self {
        let base = zone.as_ref().map_or(BASE, |zone| zone.instant_of(BASE));
        Self { seconds, nanos, zone, base }
    }

    /// A value in microseconds, and whether it was finer.
    fn micros(&self, seconds: i64, nanos: i64) -> Option<(i64, bool)> {
        let nanos = unpacked_nanos(nanos)?;
        let mut instant = self.base.checked_add(seconds)?;
        // Writers round towards zero, but for what is less than a millisecond: https://issues.apache.org/jira/browse/ORC-763
        if instant < 0 && nanos > 999_999 {
            instant = instant.checked_sub(1)?;
        }
        if instant.unsigned_abs() > MOST_SECONDS {
            return None;
        }
        let shown = instant.checked_add(self.zone.as_ref().map_or(0, |zone| zone.ahead_at(instant)))?;
        let micros = shown.checked_mul(1_000_000)?.checked_add(nanos.div_euclid(1000))?;
        Some((micros, nanos % 1000 != 0))
    }
}

/// Nanoseconds are written without the zeros at their end, whose number (less one) is in the lowest three bits. Arrow's writer
/// has negative ones before 1970.
fn unpacked_nanos(packed: i64) -> Option<i64> {
    let (digits, zeros) = (packed >> 3, (packed & 7) as u32);
    let nanos = if zeros == 0 { digits } else { digits.checked_mul(10_i64.pow(zeros + 1))? };
    (nanos.unsigned_abs() < 1_000_000_000).then_some(nanos)
}

impl Values for Moments {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let (mut seconds, mut nanos) = (Vec::new(), Vec::new());
        self.seconds.read(wanted.values(), &mut seconds)?;
        self.nanos.read(wanted.values(), &mut nanos)?;
        let (mut values, mut failed) = (Vec::with_capacity(seconds.len()), Vec::new());
        for ((seconds, nanos), row) in seconds.into_iter().zip(nanos).zip(wanted.row_of_each()) {
            let value = self.micros(seconds, nanos);
            match value {
                Some((_, true)) => faults.cut.push(row as u32),
                Some(_) => {}
                None => {
                    faults.failed.push((row as u32, "a time is beyond the calendar"));
                    failed.push(row);
                }
            }
            values.push(value.map_or(0, |(micros, _)| micros));
        }
        let nulls = with_nulls(wanted.nulls.clone(), wanted.rows, &failed);
        let values = TimestampMicrosecondArray::new(spread(values, wanted.nulls.as_ref()).into(), nulls);
        Ok(Arc::new(values.with_timezone_opt(self.zone.is_none().then_some(UTC))))
    }
}
