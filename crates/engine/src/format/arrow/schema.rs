//! The schema, looked at before Arrow's own reader takes it, which stops the program where a type has impossible parts.

use std::sync::Arc;

use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::{Endianness, Field, Int, Precision, Type, UnionMode};
use arrow_schema::SchemaRef;

use super::malformed;
use crate::Result;

/// Fields may nest so deep.
const MOST_DEPTH: usize = 64;

/// The schema of a message.
///
/// # Errors
/// [`ErrorKind::Malformed`](colonnade_protocol::ErrorKind::Malformed) for a type that there is not.
pub fn read(schema: arrow_ipc::Schema<'_>) -> Result<SchemaRef> {
    if schema.endianness() != Endianness::Little {
        return Err(malformed("it was written big-endian"));
    }
    let fields = schema.fields().ok_or_else(|| malformed("its schema has no fields"))?;
    for field in fields {
        check(&field, 0)?;
    }
    Ok(Arc::new(fb_to_schema(schema)))
}

fn check(field: &Field<'_>, depth: usize) -> Result<()> {
    let name = field.name().unwrap_or_default();
    let children = field.children().map_or(0, |children| children.len());
    let is_known = match field.type_type() {
        Type::Null | Type::Bool | Type::Binary | Type::LargeBinary | Type::BinaryView | Type::Utf8 | Type::LargeUtf8 | Type::Utf8View => {
            true
        }
        Type::Int => field.type_as_int().is_some_and(|int| is_integer(&int)),
        Type::FixedSizeBinary => field.type_as_fixed_size_binary().is_some_and(|binary| binary.byteWidth() >= 0),
        Type::FloatingPoint => field
            .type_as_floating_point()
            .is_some_and(|float| [Precision::HALF, Precision::SINGLE, Precision::DOUBLE].contains(&float.precision())),
        Type::Date => field.type_as_date().is_some_and(|date| (0..=1).contains(&date.unit().0)),
        Type::Time => field.type_as_time().is_some_and(|time| matches!((time.bitWidth(), time.unit().0), (32, 0 | 1) | (64, 2 | 3))),
        Type::Timestamp => field.type_as_timestamp().is_some_and(|timestamp| (0..=3).contains(&timestamp.unit().0)),
        Type::Interval => field.type_as_interval().is_some_and(|interval| (0..=2).contains(&interval.unit().0)),
        Type::Duration => field.type_as_duration().is_some_and(|duration| (0..=3).contains(&duration.unit().0)),
        Type::Decimal => field.type_as_decimal().is_some_and(|decimal| {
            let most = match decimal.bitWidth() {
                32 => 9,
                64 => 18,
                128 => 38,
                256 => 76,
                _ => 0,
            };
            (1..=most).contains(&decimal.precision()) && (-most..=most).contains(&decimal.scale())
        }),
        Type::List | Type::LargeList | Type::ListView | Type::LargeListView => children == 1,
        Type::FixedSizeList => children == 1 && field.type_as_fixed_size_list().is_some_and(|list| list.listSize() >= 0),
        Type::Map => children == 1 && field.children().is_some_and(|children| is_pair(&children.get(0))),
        Type::RunEndEncoded => children == 2 && field.children().is_some_and(|children| is_run_end(&children.get(0))),
        Type::Struct_ => true,
        Type::Union => field.type_as_union().is_some_and(|union| {
            let ids = union.typeIds().map(|ids| ids.iter().collect::<Vec<_>>());
            let known = [UnionMode::Dense, UnionMode::Sparse].contains(&union.mode()) && children <= 127;
            known && ids.is_none_or(|ids| ids.len() == children && is_distinct(&ids))
        }),
        _ => false,
    };
    let dictionary = field.dictionary().is_none_or(|dictionary| dictionary.indexType().is_some_and(|index| is_integer(&index)));
    if !is_known || !dictionary || depth > MOST_DEPTH {
        return Err(malformed(format!("its schema gives the field {name:?} a type that there is not")));
    }
    field.children().into_iter().flatten().try_for_each(|child| check(&child, depth + 1))
}

fn is_integer(int: &Int<'_>) -> bool {
    [8, 16, 32, 64].contains(&int.bitWidth())
}

fn is_pair(entries: &Field<'_>) -> bool {
    entries.type_type() == Type::Struct_ && entries.children().is_some_and(|children| children.len() == 2)
}

fn is_run_end(ends: &Field<'_>) -> bool {
    ends.type_as_int().is_some_and(|int| int.is_signed() && [16, 32, 64].contains(&int.bitWidth()))
}

fn is_distinct(ids: &[i32]) -> bool {
    ids.iter().enumerate().all(|(k, id)| (0..=127).contains(id) && !ids.iter().skip(k + 1).any(|other| other == id))
}
