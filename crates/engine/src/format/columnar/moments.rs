//! Dates, times and timestamps of any unit, in days and microseconds.

use std::sync::Arc;

use arrow_array::builder::PrimitiveBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};

use super::convert::Losses;
use crate::column::arrow::UTC;

const DAY_MILLIS: i64 = 86_400_000;
const DAY_MICROS: i64 = DAY_MILLIS * 1000;

/// A value in our unit; `Err` holds it cut.
type Fitted = Option<Result<i64, i64>>;

/// The array in days (dates) or microseconds; of any other type, as it is.
pub fn convert(array: &ArrayRef, losses: &mut Losses) -> ArrayRef {
    let of_day = |micros: Option<i64>| micros.filter(|micros| (0..DAY_MICROS).contains(micros)).map(Ok);
    match array.data_type() {
        DataType::Date64 => {
            let days = |millis: i64| Some(Ok(millis.div_euclid(DAY_MILLIS)));
            Arc::new(fit::<Date64Type, Date32Type>(array, days, |days| i32::try_from(days).ok(), losses))
        }
        DataType::Time32(TimeUnit::Second) => {
            times::<Time32SecondType>(array, |value| of_day(i64::from(value).checked_mul(1_000_000)), losses)
        }
        DataType::Time32(_) => times::<Time32MillisecondType>(array, |value| of_day(i64::from(value).checked_mul(1000)), losses),
        DataType::Time64(TimeUnit::Nanosecond) => times::<Time64NanosecondType>(array, of_nanos, losses),
        DataType::Time64(_) => times::<Time64MicrosecondType>(array, |value| of_day(Some(value)), losses),
        DataType::Timestamp(unit, zone) => {
            let exactly = |factor: i64| move |value: i64| value.checked_mul(factor).map(Ok);
            let micros = match unit {
                TimeUnit::Second => fit::<TimestampSecondType, TimestampMicrosecondType>(array, exactly(1_000_000), Some, losses),
                TimeUnit::Millisecond => fit::<TimestampMillisecondType, TimestampMicrosecondType>(array, exactly(1000), Some, losses),
                TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().clone(),
                TimeUnit::Nanosecond => fit::<TimestampNanosecondType, TimestampMicrosecondType>(array, of_nanos, Some, losses),
            };
            Arc::new(micros.with_timezone_opt(zone.as_ref().map(|_| UTC)))
        }
        _ => Arc::clone(array),
    }
}

fn of_nanos(nanos: i64) -> Fitted {
    let micros = nanos.div_euclid(1000);
    Some(if nanos.rem_euclid(1000) == 0 { Ok(micros) } else { Err(micros) })
}

fn times<F: ArrowPrimitiveType>(array: &ArrayRef, micros: impl Fn(F::Native) -> Fitted, losses: &mut Losses) -> ArrayRef {
    Arc::new(fit::<F, Time64MicrosecondType>(array, micros, Some, losses))
}

/// Each value in our unit; null where it is beyond it.
fn fit<F: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    array: &ArrayRef,
    ours: impl Fn(F::Native) -> Fitted,
    narrow: impl Fn(i64) -> Option<T::Native>,
    losses: &mut Losses,
) -> PrimitiveArray<T> {
    let values = array.as_primitive::<F>();
    let mut fitted = PrimitiveBuilder::<T>::with_capacity(values.len());
    for row in 0..values.len() {
        if values.is_null(row) {
            fitted.append_null();
            continue;
        }
        let value = match ours(values.value(row)) {
            Some(Ok(value)) => narrow(value),
            Some(Err(cut)) => {
                losses.cut.push(row as u32);
                narrow(cut)
            }
            None => None,
        };
        if value.is_none() {
            losses.nulled.push(row as u32);
        }
        fitted.append_option(value);
    }
    fitted.finish()
}
