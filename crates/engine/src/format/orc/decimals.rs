//! Decimals: digits of any length, and beside each where its point stands.

use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array};

use super::column::{Values, Wanted};
use super::faults::{Faults, spread, with_nulls};
use super::integers::Integers;
use super::malformed;
use super::stream::Stream;
use crate::Result;
use crate::format::columnar::defect;

/// Digits of 128 bits.
const MOST_DIGITS: u32 = 38;

/// A decimal column.
pub struct Decimals {
    digits: Stream,
    scales: Integers,
    precision: u8,
    scale: i8,
}

impl Decimals {
    pub fn new(digits: Stream, scales: Integers, precision: u8, scale: i8) -> Self {
        Self { digits, scales, precision, scale }
    }

    /// Digits of at most 128 bits.
    fn number(&mut self) -> Result<i128> {
        let mut value: u128 = 0;
        for shift in (0..133).step_by(7) {
            let byte = self.digits.byte()?;
            value |= u128::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok((value >> 1) as i128 ^ -((value & 1) as i128));
            }
        }
        Err(malformed("a decimal has more than 128 bits"))
    }
}

impl Values for Decimals {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let mut scales = Vec::new();
        self.scales.read(wanted.values(), &mut scales)?;
        let (rows, mut failed, mut values) = (wanted.row_of_each(), Vec::new(), Vec::with_capacity(scales.len()));
        for (scale, row) in scales.into_iter().zip(rows) {
            let value = rescaled(self.number()?, scale, i64::from(self.scale));
            if value.is_none() {
                faults.failed.push((row as u32, "a decimal has more digits than its column declares"));
                failed.push(row);
            }
            values.push(value.unwrap_or_default());
        }
        let nulls = with_nulls(wanted.nulls.clone(), wanted.rows, &failed);
        let values = Decimal128Array::new(spread(values, wanted.nulls.as_ref()).into(), nulls);
        Ok(Arc::new(values.with_precision_and_scale(self.precision, self.scale).map_err(defect)?))
    }
}

/// Digits with the point at another place; none where that would lose any, or they are too many.
fn rescaled(value: i128, from: i64, to: i64) -> Option<i128> {
    let factor = u32::try_from(to.abs_diff(from)).ok().filter(|&by| by <= MOST_DIGITS).map(|by| 10_i128.pow(by));
    match factor {
        _ if value == 0 => Some(0),
        Some(factor) if to >= from => value.checked_mul(factor),
        Some(factor) => (value % factor == 0).then_some(value / factor),
        None => None,
    }
}
