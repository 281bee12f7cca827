//! The schema, looked at before Arrow's own reader takes it, which stops the program where a type has impossible parts.

use std::sync::Arc;

use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::{Endianness, Field, Int, Precision, Type, UnionMode, root_as_message};
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
    check_all(&schema)?;
    Ok(Arc::new(fb_to_schema(schema)))
}

/// [`fb_to_schema`] panics at what is refused here.
fn check_all(schema: &arrow_ipc::Schema<'_>) -> Result<()> {
    if schema.endianness() != Endianness::Little {
        return Err(malformed("it was written big-endian"));
    }
    let fields = schema.fields().ok_or_else(|| malformed("its schema has no fields"))?;
    fields.iter().try_for_each(|field| check(&field, 0))
}

/// Whether every type of a schema, as Parquet keeps it (a message in base64), is one that Arrow has. What cannot be read at all
/// is left to the reader, which says so.
pub fn is_sound(encoded: &str) -> bool {
    let Some(message) = unbase64(encoded) else { return true };
    let message = if message.starts_with(&[0xff; 4]) { message.get(8..).unwrap_or_default() } else { &message };
    let schema = root_as_message(message).ok().and_then(|message| message.header_as_schema());
    schema.is_none_or(|schema| check_all(&schema).is_ok())
}

/// The bytes that base64 spells (RFC 4648, section 4).
fn unbase64(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        Some(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        })
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = four.iter().try_fold(0_u32, |bits, &byte| Some(bits << 6 | u32::from(digit(byte)?)))? << (6 * (4 - four.len()));
        bytes.extend_from_slice(bits.to_be_bytes().get(1..four.len())?);
    }
    Some(bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        for (text, bytes) in [("", &b""[..]), ("YQ==", b"a"), ("YWI=", b"ab"), ("YWJj", b"abc"), ("+/8A", &[0xfb, 0xff, 0])] {
            assert_eq!(unbase64(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(unbase64("a?c="), None);
    }

    /// The schema that Polars writes for a column `i` of 128-bit integers, which Arrow's reader stops the program at.
    #[test]
    fn a_type_that_arrow_does_not_have_is_told() {
        let polars = "/////3YAAAAEAAAA8v///xQAAAAEAAEAAAAKAAsACAAKAAQA+P///wwAAAAIAAgAAAAEAAEAAAAEAAAA7P///zgAAAAgAAAAGAAAAAECAAAQABIABAAQABEACAAAAAwAAAAAAPT///+AAAAAAQAAAAgACQAEAAgAAQAAAGkA";
        assert!(!is_sound(polars));
        assert!(is_sound("") && is_sound("?") && is_sound("AAAA"));
    }
}
