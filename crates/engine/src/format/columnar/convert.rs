//! Arrays of the file's types to arrays of ours.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType,
    DurationSecondType, Float16Type, Float32Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType,
    IntervalYearMonthType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, Decimal128Array, PrimitiveArray, StringArray, StructArray, new_null_array};
use arrow_buffer::i256;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};

use super::types::natural;
use super::{lists, moments};
use crate::Result;
use crate::column::arrow::arrow_type;
use crate::column::display;

/// Bytes of text in one array: our offsets are of 32 bits.
const MOST_BYTES: usize = i32::MAX as usize;

/// Values that ours cannot hold, by row, in any order.
#[derive(Debug, Default)]
pub struct Losses {
    /// Cut: a part finer than ours is gone.
    pub cut: Vec<u32>,
    /// Null now: beyond the bounds of our type.
    pub nulled: Vec<u32>,
}

impl Losses {
    /// Takes in those of an array's children, of which `parent` tells the row.
    pub fn of_children(&mut self, children: Self, parent: impl Fn(u32) -> Option<u32>) {
        self.cut.extend(children.cut.into_iter().filter_map(&parent));
        self.nulled.extend(children.nulled.into_iter().filter_map(&parent));
    }
}

/// The array as its [`natural`] type `to` holds it: of [`arrow_type`].
///
/// # Errors
/// [`ErrorKind::Limit`] for more text in one batch than an array holds, [`ErrorKind::Malformed`] for what contradicts itself.
pub fn convert(array: &ArrayRef, to: &LogicalType, losses: &mut Losses) -> Result<ArrayRef> {
    if let (LogicalType::Json, DataType::Struct(_) | DataType::List(_) | DataType::Map(..) | DataType::Union(..)) = (to, array.data_type())
    {
        return json(array);
    }
    Ok(match array.data_type() {
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) => return convert(&lists::expanded(array)?, to, losses),
        DataType::Null => new_null_array(&DataType::Utf8, array.len()),
        DataType::UInt8 => widened::<UInt8Type, Int16Type>(array, i16::from),
        DataType::UInt16 => widened::<UInt16Type, Int32Type>(array, i32::from),
        DataType::UInt32 => widened::<UInt32Type, Int64Type>(array, i64::from),
        DataType::Float16 => widened::<Float16Type, Float32Type>(array, |value| value.to_f32()),
        DataType::UInt64 => decimals::<UInt64Type>(array, to, 0, |value| Some(i128::from(value)), losses)?,
        DataType::Decimal32(_, scale) => decimals::<Decimal32Type>(array, to, *scale, |value| Some(i128::from(value)), losses)?,
        DataType::Decimal64(_, scale) => decimals::<Decimal64Type>(array, to, *scale, |value| Some(i128::from(value)), losses)?,
        DataType::Decimal128(_, scale) => decimals::<Decimal128Type>(array, to, *scale, Some, losses)?,
        DataType::Decimal256(_, scale) if *to == LogicalType::String => big_decimals(array, *scale)?,
        DataType::Decimal256(_, scale) => decimals::<Decimal256Type>(array, to, *scale, i256::to_i128, losses)?,
        DataType::LargeUtf8 => texts(array.as_string::<i64>().iter(), array.len())?,
        DataType::Utf8View => texts(array.as_string_view().iter(), array.len())?,
        DataType::FixedSizeBinary(_) if *to == LogicalType::Uuid => Arc::clone(array),
        DataType::LargeBinary => bytes(array.as_binary::<i64>().iter(), array.len())?,
        DataType::BinaryView => bytes(array.as_binary_view().iter(), array.len())?,
        DataType::FixedSizeBinary(_) => bytes(array.as_fixed_size_binary().iter(), array.len())?,
        DataType::Date64 | DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_) => moments::convert(array, losses),
        DataType::Duration(_) | DataType::Interval(_) => spans(array)?,
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(..)
        | DataType::Map(..) => lists::convert(array, to, losses)?,
        DataType::Struct(_) => members(array.as_struct(), to, losses)?,
        DataType::Union(..) => json(array)?,
        _ => Arc::clone(array),
    })
}

fn widened<F: ArrowPrimitiveType, T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(F::Native) -> T::Native) -> ArrayRef {
    Arc::new(array.as_primitive::<F>().unary::<_, T>(widen))
}

/// Decimals as those of the target, whatever their width; one with more digits than it declares is null.
fn decimals<F: ArrowPrimitiveType>(
    array: &ArrayRef,
    to: &LogicalType,
    scale: i8,
    wide: impl Fn(F::Native) -> Option<i128>,
    losses: &mut Losses,
) -> Result<ArrayRef> {
    let LogicalType::Decimal { precision, scale: target } = *to else { return big_decimals(array, scale) };
    let factor = 10_i128.pow((i32::from(target) - i32::from(scale)).clamp(0, 38) as u32);
    let bound = 10_i128.pow(u32::from(precision.min(38)));
    let values = array.as_primitive::<F>();
    let fitted: Decimal128Array = (0..values.len())
        .map(|row| {
            let value = values.is_valid(row).then(|| values.value(row))?;
            let fits = wide(value).and_then(|value| value.checked_mul(factor)).filter(|value| value.unsigned_abs() < bound.unsigned_abs());
            if fits.is_none() {
                losses.nulled.push(row as u32);
            }
            fits
        })
        .collect();
    let typed = fitted.with_precision_and_scale(precision, target as i8).map_err(defect)?;
    Ok(Arc::new(typed))
}

/// Decimals that no type of ours holds, as text.
fn big_decimals(array: &ArrayRef, scale: i8) -> Result<ArrayRef> {
    let digits = |row: usize| -> Option<String> {
        let digits = match array.data_type() {
            DataType::Decimal32(..) => array.as_primitive::<Decimal32Type>().value(row).to_string(),
            DataType::Decimal64(..) => array.as_primitive::<Decimal64Type>().value(row).to_string(),
            DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value(row).to_string(),
            DataType::Decimal256(..) => array.as_primitive::<Decimal256Type>().value(row).to_string(),
            _ => return None,
        };
        Some(pointed(&digits, scale))
    };
    let values: Vec<Option<String>> = (0..array.len()).map(|row| if array.is_valid(row) { digits(row) } else { None }).collect();
    texts(values.iter().map(Option::as_deref), array.len())
}

/// `-12345` with scale 2 is `-123.45`.
fn pointed(digits: &str, scale: i8) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    match usize::try_from(scale) {
        Ok(0) => format!("{sign}{digits}"),
        Ok(scale) => {
            let digits = format!("{digits:0>width$}", width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            format!("{sign}{whole}.{fraction}")
        }
        Err(_) => format!("{sign}{digits}{}", "0".repeat(usize::from(scale.unsigned_abs()))),
    }
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>, rows: usize) -> Result<ArrayRef> {
    let mut builder = StringBuilder::with_capacity(rows, 0);
    for value in values {
        check_room(builder.values_slice().len(), value.map_or(0, str::len))?;
        builder.append_option(value);
    }
    Ok(Arc::new(builder.finish()))
}

fn bytes<'a>(values: impl Iterator<Item = Option<&'a [u8]>>, rows: usize) -> Result<ArrayRef> {
    let mut builder = BinaryBuilder::with_capacity(rows, 0);
    for value in values {
        check_room(builder.values_slice().len(), value.map_or(0, <[u8]>::len))?;
        builder.append_option(value);
    }
    Ok(Arc::new(builder.finish()))
}

fn check_room(held: usize, more: usize) -> Result<()> {
    if held.saturating_add(more) <= MOST_BYTES {
        return Ok(());
    }
    Err(ErrorInfo::new(ErrorKind::Limit, "a batch holds more than 2 GB of text in one column", "Write the file in smaller batches."))
}

/// Durations as `1.500000s`, intervals by their parts.
fn spans(array: &ArrayRef) -> Result<ArrayRef> {
    fn write<T: ArrowPrimitiveType>(array: &ArrayRef, text: impl Fn(T::Native) -> String) -> Result<ArrayRef> {
        let array: &PrimitiveArray<T> = array.as_primitive();
        let values: Vec<Option<String>> = array.iter().map(|value| value.map(&text)).collect();
        texts(values.iter().map(Option::as_deref), values.len())
    }
    let seconds = |scale: i8| move |value: i64| format!("{}s", pointed(&value.to_string(), scale));
    match array.data_type() {
        DataType::Duration(TimeUnit::Second) => write::<DurationSecondType>(array, seconds(0)),
        DataType::Duration(TimeUnit::Millisecond) => write::<DurationMillisecondType>(array, seconds(3)),
        DataType::Duration(TimeUnit::Microsecond) => write::<DurationMicrosecondType>(array, seconds(6)),
        DataType::Duration(TimeUnit::Nanosecond) => write::<DurationNanosecondType>(array, seconds(9)),
        DataType::Interval(IntervalUnit::YearMonth) => write::<IntervalYearMonthType>(array, |months| format!("{months} months")),
        DataType::Interval(IntervalUnit::DayTime) => {
            write::<IntervalDayTimeType>(array, |value| format!("{} days {} ms", value.days, value.milliseconds))
        }
        _ => write::<IntervalMonthDayNanoType>(array, |value| {
            format!("{} months {} days {}s", value.months, value.days, pointed(&value.nanoseconds.to_string(), 9))
        }),
    }
}

fn members(array: &StructArray, to: &LogicalType, losses: &mut Losses) -> Result<ArrayRef> {
    let DataType::Struct(fields) = arrow_type(to) else {
        let values = (0..array.len()).map(|row| array.is_valid(row).then_some("{}"));
        return Ok(Arc::new(values.collect::<StringArray>()));
    };
    let LogicalType::Struct(members) = to else { return Ok(Arc::new(array.clone())) };
    let children = array.columns().iter().zip(members).map(|(child, member)| convert(child, &member.data_type, losses));
    let children = children.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StructArray::try_new(fields, children, array.nulls().cloned()).map_err(defect)?))
}

/// Any values as JSON text.
fn json(array: &ArrayRef) -> Result<ArrayRef> {
    let mut values: Vec<Option<String>> = Vec::with_capacity(array.len());
    for row in 0..array.len() {
        values.push(if array.is_null(row) { None } else { Some(json_value(array, row)?).filter(|text| text != "null") });
    }
    texts(values.iter().map(Option::as_deref), values.len())
}

fn json_value(array: &ArrayRef, row: usize) -> Result<String> {
    let mut value = array.slice(row, 1);
    if let Some(union) = value.as_union_opt() {
        value = union.value(0);
    }
    let field = arrow_schema::Field::new("", value.data_type().clone(), true);
    let mut text = String::new();
    match natural(&field) {
        LogicalType::Json if !matches!(value.data_type(), DataType::Utf8) => text = json_value(&value, 0)?,
        data_type => display::write_json(&convert(&value, &data_type, &mut Losses::default())?, 0, &mut text),
    }
    Ok(text)
}

/// An error of Arrow's own about what a file claims.
pub fn defect(error: arrow_schema::ArrowError) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Malformed, format!("the file's values do not fit together: {error}"), "")
}
