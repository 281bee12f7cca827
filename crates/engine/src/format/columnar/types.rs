//! The logical type of each Arrow type.

use arrow_schema::{DataType, Field, TimeUnit};
use colonnade_protocol::{Field as Member, LogicalType};

use crate::column::arrow::UUID_BYTES;
use crate::column::nested::MAX_DEPTH;

/// Where Arrow's extension types have their name.
const EXTENSION: &str = "ARROW:extension:name";

/// The type that a field's values are read as, unless a person says otherwise.
pub fn natural(field: &Field) -> LogicalType {
    at_depth(field, 0)
}

fn at_depth(field: &Field, depth: usize) -> LogicalType {
    use LogicalType::{Binary, Boolean, Date, Double, Float, Int8, Int16, Int32, Int64, Json, String, Time, Uuid, Void};
    if depth > MAX_DEPTH {
        return Json;
    }
    let extension = field.metadata().get(EXTENSION).map(std::string::String::as_str);
    match field.data_type() {
        DataType::Null => Void,
        DataType::Boolean => Boolean,
        DataType::Int8 => Int8,
        DataType::Int16 | DataType::UInt8 => Int16,
        DataType::Int32 | DataType::UInt16 => Int32,
        DataType::Int64 | DataType::UInt32 => Int64,
        DataType::UInt64 => LogicalType::Decimal { precision: 20, scale: 0 },
        DataType::Float16 | DataType::Float32 => Float,
        DataType::Float64 => Double,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => decimal(*precision, *scale),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if extension == Some("arrow.json") => Json,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => String,
        DataType::FixedSizeBinary(UUID_BYTES) if extension == Some("arrow.uuid") => Uuid,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => Binary,
        DataType::Date32 | DataType::Date64 => Date,
        DataType::Timestamp(_, Some(_)) => LogicalType::Timestamp,
        DataType::Timestamp(_, None) => LogicalType::TimestampNtz,
        DataType::Time32(_) | DataType::Time64(_) => Time,
        DataType::Duration(_) | DataType::Interval(_) => String,
        DataType::Dictionary(_, values) => at_depth(&field.clone().with_data_type((**values).clone()), depth),
        DataType::RunEndEncoded(_, values) => at_depth(values, depth),
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => LogicalType::List(Box::new(at_depth(element, depth + 1))),
        DataType::Struct(members) => LogicalType::Struct(named(members.iter().map(|member| (member.name(), at_depth(member, depth + 1))))),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) => match pair.as_ref() {
                [key, value] if at_depth(key, depth) == String => LogicalType::Map(Box::new(at_depth(value, depth + 1))),
                // Keys of another type keep it as members of a list.
                _ => LogicalType::List(Box::new(at_depth(entries, depth + 1))),
            },
            _ => Json,
        },
        DataType::Union(..) => Json,
    }
}

/// Members with names of their own: a struct of Arrow may have two of one name.
fn named<'a>(members: impl Iterator<Item = (&'a String, LogicalType)>) -> Vec<Member> {
    let mut named: Vec<Member> = Vec::new();
    for (name, data_type) in members {
        let name = distinct(name, "member", named.len(), |name| named.iter().any(|member| member.name == name));
        named.push(Member { name, data_type });
    }
    named
}

/// A name that is not taken, `kind_3` where it has none.
pub fn distinct(name: &str, kind: &str, position: usize, is_taken: impl Fn(&str) -> bool) -> String {
    let name = if name.is_empty() { format!("{kind}_{}", position + 1) } else { name.to_owned() };
    if !is_taken(&name) {
        return name;
    }
    (2..).map(|n| format!("{name}_{n}")).find(|name| !is_taken(name)).unwrap_or(name)
}

/// The decimal that holds every value, or text where none of ours does.
fn decimal(precision: u8, scale: i8) -> LogicalType {
    let (precision, scale) = match scale {
        0.. => (i16::from(precision).max(i16::from(scale)), i16::from(scale)),
        _ => (i16::from(precision) - i16::from(scale), 0),
    };
    match precision {
        1..=38 => LogicalType::Decimal { precision: precision as u8, scale: scale as u8 },
        _ => LogicalType::String,
    }
}

/// What a person should know of how a field's values are read, where they are not what the file declares.
pub fn remark(field: &Field) -> Option<&'static str> {
    match field.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, _) | DataType::Time64(TimeUnit::Nanosecond) => {
            Some("has nanoseconds, of which microseconds are kept; values that are finer are listed")
        }
        DataType::Duration(_) => Some("holds durations, written as text"),
        DataType::Interval(_) => Some("holds intervals, written as text"),
        DataType::Union(..) => Some("holds values of several types, written as JSON text"),
        DataType::Decimal256(..) if natural(field) == LogicalType::String => Some("has decimals of more than 38 digits, written as text"),
        DataType::Dictionary(_, values) => remark(&field.clone().with_data_type((**values).clone())),
        DataType::RunEndEncoded(_, values) => remark(values),
        DataType::List(element)
        | DataType::LargeList(element)
        | DataType::ListView(element)
        | DataType::LargeListView(element)
        | DataType::FixedSizeList(element, _) => remark(element),
        DataType::Struct(members) => members.iter().find_map(|member| remark(member)),
        DataType::Map(entries, _) if !matches!(natural(field), LogicalType::Map(_)) => {
            remark(entries).or(Some("is a map whose keys are no texts, read as a list of keys and values"))
        }
        DataType::Map(entries, _) => remark(entries),
        _ => None,
    }
}
