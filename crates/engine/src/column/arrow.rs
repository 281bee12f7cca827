//! The Arrow type that holds each logical type, the same in every format and output.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, TimeUnit};
use colonnade_protocol::LogicalType;

use super::ColumnSpec;

/// The zone of every instant.
pub const UTC: &str = "UTC";
/// Bytes of a UUID.
pub const UUID_BYTES: i32 = 16;

/// The Arrow field of a column, which may always be null.
pub fn arrow_field(column: &ColumnSpec) -> Field {
    Field::new(&column.name, arrow_type(&column.data_type), true)
}

/// The Arrow type of the arrays of a column. Members of structs, elements of lists and values of maps may be null; nested
/// names are those of Parquet's own lists and maps (`element`; `key_value`, `key`, `value`).
pub fn arrow_type(logical: &LogicalType) -> DataType {
    match logical {
        LogicalType::Boolean => DataType::Boolean,
        LogicalType::Int8 => DataType::Int8,
        LogicalType::Int16 => DataType::Int16,
        LogicalType::Int32 => DataType::Int32,
        LogicalType::Int64 => DataType::Int64,
        LogicalType::Float => DataType::Float32,
        LogicalType::Double => DataType::Float64,
        LogicalType::Decimal { precision, scale } => DataType::Decimal128(*precision, *scale as i8),
        LogicalType::String | LogicalType::Json | LogicalType::Void => DataType::Utf8,
        LogicalType::Binary => DataType::Binary,
        LogicalType::Date => DataType::Date32,
        LogicalType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        LogicalType::TimestampNtz => DataType::Timestamp(TimeUnit::Microsecond, None),
        LogicalType::Time => DataType::Time64(TimeUnit::Microsecond),
        LogicalType::Uuid => DataType::FixedSizeBinary(UUID_BYTES),
        // Parquet has no group without members: its JSON text is written.
        LogicalType::Struct(members) if members.is_empty() => DataType::Utf8,
        LogicalType::Struct(members) => {
            DataType::Struct(members.iter().map(|member| Field::new(&member.name, arrow_type(&member.data_type), true)).collect::<Fields>())
        }
        LogicalType::List(element) => DataType::List(Arc::new(Field::new("element", arrow_type(element), true))),
        LogicalType::Map(value) => {
            let entry = DataType::Struct(Fields::from(vec![
                Field::new("key", DataType::Utf8, false),
                Field::new("value", arrow_type(value), true),
            ]));
            DataType::Map(Arc::new(Field::new("key_value", entry, false)), false)
        }
    }
}
