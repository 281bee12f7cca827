//! Structs, lists and maps as wider ones: their parts one by one.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, StringArray, StructArray, new_null_array};
use arrow_schema::DataType;
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};

use super::Retype;
use crate::Result;
use crate::column::arrow::arrow_type;
use crate::format::columnar::convert::defect;

/// Structs as `to`, whose members come from those of the array as `retypes` says. A row of which a member does not fit is a misfit.
pub fn members(array: &ArrayRef, to: &LogicalType, retypes: &mut [Option<(usize, Retype)>], misfits: &mut Vec<u32>) -> Result<ArrayRef> {
    let DataType::Struct(fields) = arrow_type(to) else {
        let values = (0..array.len()).map(|row| array.is_valid(row).then_some("{}"));
        return Ok(Arc::new(values.collect::<StringArray>()));
    };
    let own = array.as_struct_opt();
    let mut children = Vec::with_capacity(fields.len());
    for (field, retype) in fields.iter().zip(retypes) {
        let child = retype.as_mut().and_then(|(at, retype)| Some((own?.columns().get(*at)?, retype)));
        children.push(match child {
            Some((child, retype)) => retype.apply(Arc::clone(child), misfits)?,
            None => new_null_array(field.data_type(), array.len()),
        });
    }
    misfits.sort_unstable();
    misfits.dedup();
    misfits.retain(|&row| array.is_valid(row as usize));
    // Structs without members are texts.
    let nulls = array.nulls().cloned();
    Ok(Arc::new(StructArray::try_new_with_length(fields, children, nulls, array.len()).map_err(defect)?))
}

/// Lists or maps as `to`, their elements or values by `retype`.
pub fn elements(array: &ArrayRef, to: &LogicalType, retype: &mut Retype, misfits: &mut Vec<u32>) -> Result<ArrayRef> {
    let mut of_values = Vec::new();
    let (made, offsets): (ArrayRef, _) = match (arrow_type(to), array.as_list_opt::<i32>(), array.as_map_opt()) {
        (DataType::List(field), Some(list), _) => {
            let values = retype.apply(Arc::clone(list.values()), &mut of_values)?;
            let made = ListArray::try_new(field, list.offsets().clone(), values, list.nulls().cloned()).map_err(defect)?;
            (Arc::new(made), list.offsets())
        }
        (DataType::Map(field, sorted), _, Some(map)) => {
            let values = retype.apply(Arc::clone(map.values()), &mut of_values)?;
            let DataType::Struct(fields) = field.data_type() else { return Err(unlike(array, to)) };
            let entries = StructArray::try_new(fields.clone(), vec![Arc::clone(map.keys()), values], None).map_err(defect)?;
            let made = MapArray::try_new(field, map.offsets().clone(), entries, map.nulls().cloned(), sorted).map_err(defect)?;
            (Arc::new(made), map.offsets())
        }
        _ => return Err(unlike(array, to)),
    };
    let row_of = |child: u32| offsets.partition_point(|&start| start <= child as i32).checked_sub(1);
    misfits.extend(of_values.into_iter().filter_map(row_of).filter(|&row| row < array.len()).map(|row| row as u32));
    misfits.dedup();
    Ok(made)
}

fn unlike(array: &ArrayRef, to: &LogicalType) -> ErrorInfo {
    let what = format!("{} was declared, and its values cannot be read as {to}", array.data_type());
    ErrorInfo::new(ErrorKind::Malformed, what, "")
}
