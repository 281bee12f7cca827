//! Lists, maps and packed arrays: every kind that Arrow has, as the one of ours.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, ListArray, MapArray, RunArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use arrow_select::take::take;
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};

use super::convert::{self, Losses, defect};
use crate::Result;
use crate::column::arrow::arrow_type;

/// A dictionary's or a run's values, one a row.
pub fn expanded(array: &ArrayRef) -> Result<ArrayRef> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        return take(dictionary.values(), dictionary.keys(), None).map_err(defect);
    }
    match array.data_type() {
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => runs::<Int16Type>(array),
            DataType::Int32 => runs::<Int32Type>(array),
            _ => runs::<Int64Type>(array),
        },
        _ => Ok(Arc::clone(array)),
    }
}

fn runs<R: RunEndIndexType>(array: &ArrayRef) -> Result<ArrayRef> {
    let Some(runs) = array.as_any().downcast_ref::<RunArray<R>>() else { return Ok(Arc::clone(array)) };
    let indices: UInt32Array = (0..runs.len()).map(|row| Some(runs.get_physical_index(row) as u32)).collect();
    take(runs.values(), &indices, None).map_err(defect)
}

/// A list's rows: where each one's elements are among the values.
struct Rows {
    values: ArrayRef,
    offsets: Vec<i32>,
    nulls: Option<NullBuffer>,
}

/// A list or map of any kind as a list or map of type `to`.
pub fn convert(array: &ArrayRef, to: &LogicalType, losses: &mut Losses) -> Result<ArrayRef> {
    let rows = rows(array)?;
    let mut of_values = Losses::default();
    let value_type = match to {
        LogicalType::List(element) => (**element).clone(),
        LogicalType::Map(value) => entry(value),
        _ => return Err(defect(arrow_schema::ArrowError::CastError(format!("{} as {to}", array.data_type())))),
    };
    let values = convert::convert(&rows.values, &value_type, &mut of_values)?;
    let starts = rows.offsets.as_slice();
    losses.of_children(of_values, |child| starts.partition_point(|&start| start <= child as i32).checked_sub(1).map(|row| row as u32));
    let offsets = OffsetBuffer::new(rows.offsets.into());
    match arrow_type(to) {
        DataType::List(field) => Ok(Arc::new(ListArray::try_new(field, offsets, values, rows.nulls).map_err(defect)?)),
        DataType::Map(field, sorted) => {
            let (DataType::Struct(fields), Some(entries)) = (field.data_type(), values.as_struct_opt()) else { return Ok(values) };
            if entries.column(0).null_count() > 0 {
                return Err(ErrorInfo::new(ErrorKind::Malformed, "a map has a key that is null", "Keys of maps may not be null."));
            }
            let entries = StructArray::try_new(fields.clone(), entries.columns().to_vec(), None).map_err(defect)?;
            Ok(Arc::new(MapArray::try_new(field, offsets, entries, rows.nulls, sorted).map_err(defect)?))
        }
        _ => Ok(values),
    }
}

fn entry(value: &LogicalType) -> LogicalType {
    let member = |name: &str, data_type: LogicalType| colonnade_protocol::Field { name: name.to_owned(), data_type };
    LogicalType::Struct(vec![member("key", LogicalType::String), member("value", value.clone())])
}

fn rows(array: &ArrayRef) -> Result<Rows> {
    let nulls = array.nulls().cloned();
    match array.data_type() {
        DataType::Map(..) => {
            let map = array.as_map();
            contiguous(&(Arc::new(map.entries().clone()) as ArrayRef), map.offsets().iter().map(|&at| at as usize), nulls)
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            contiguous(list.values(), list.offsets().iter().map(|&at| at as usize), nulls)
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            contiguous(list.values(), list.offsets().iter().map(|&at| at as usize), nulls)
        }
        DataType::FixedSizeList(_, _) => {
            let list = array.as_fixed_size_list();
            let length = usize::try_from(list.value_length()).unwrap_or_default();
            contiguous(list.values(), (0..=list.len()).map(|row| row * length), nulls)
        }
        DataType::ListView(_) => {
            let list = array.as_list_view::<i32>();
            scattered(list.values(), list.offsets().iter().zip(list.sizes().iter()).map(|(&at, &size)| (at as usize, size as usize)), nulls)
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view::<i64>();
            scattered(list.values(), list.offsets().iter().zip(list.sizes().iter()).map(|(&at, &size)| (at as usize, size as usize)), nulls)
        }
        other => Err(defect(arrow_schema::ArrowError::CastError(format!("{other} as a list")))),
    }
}

/// Rows whose elements stand one after another.
fn contiguous(values: &ArrayRef, offsets: impl Iterator<Item = usize>, nulls: Option<NullBuffer>) -> Result<Rows> {
    let offsets: Vec<usize> = offsets.collect();
    let first = offsets.first().copied().unwrap_or_default();
    let last = offsets.last().copied().unwrap_or_default();
    if last - first > i32::MAX as usize {
        return Err(too_many(i32::MAX as usize));
    }
    let values = values.slice(first, last - first);
    Ok(Rows { values, offsets: offsets.into_iter().map(|at| (at - first) as i32).collect(), nulls })
}

/// Rows whose elements stand anywhere, those of two rows perhaps in one place: copied, within a bound.
fn scattered(values: &ArrayRef, places: impl Iterator<Item = (usize, usize)>, nulls: Option<NullBuffer>) -> Result<Rows> {
    const MOST_ELEMENTS: usize = 1 << 26;
    let (mut indices, mut offsets) = (Vec::new(), vec![0]);
    for (row, (at, size)) in places.enumerate() {
        let size = if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) { 0 } else { size };
        if indices.len().saturating_add(size) > MOST_ELEMENTS {
            return Err(too_many(MOST_ELEMENTS));
        }
        indices.extend((at..at.saturating_add(size)).map(|index| index as u32));
        offsets.push(indices.len() as i32);
    }
    let values = take(values, &UInt32Array::from(indices), None).map_err(defect)?;
    Ok(Rows { values, offsets, nulls })
}

fn too_many(bound: usize) -> ErrorInfo {
    let what = format!("the lists of one batch hold more than {bound} elements");
    ErrorInfo::new(ErrorKind::Limit, what, "Write the file in smaller batches.")
}
