//! A sketch's values as the grid would show them.

use colonnade_protocol::LogicalType;

use super::value::{TEXT_BYTES, Value};
use crate::column::display::{write_date, write_decimal, write_double, write_float, write_hex, write_time, write_timestamp, write_uuid};

/// The value as text.
pub fn display(value: &Value, data_type: &LogicalType) -> String {
    let mut out = String::new();
    match (value, data_type) {
        (Value::Int(value), LogicalType::Boolean) => out.push_str(if *value != 0 { "true" } else { "false" }),
        (Value::Int(days), LogicalType::Date) => write_date(*days as i32, &mut out),
        (Value::Int(micros), LogicalType::Timestamp) => write_timestamp(*micros, true, &mut out),
        (Value::Int(micros), LogicalType::TimestampNtz) => write_timestamp(*micros, false, &mut out),
        (Value::Int(micros), LogicalType::Time) => write_time(*micros, &mut out),
        (Value::Int(value), _) => out = value.to_string(),
        (Value::Float(value), LogicalType::Float) => write_float(*value as f32, &mut out),
        (Value::Float(value), _) => write_double(*value, &mut out),
        (Value::Decimal(value), LogicalType::Decimal { scale, .. }) => write_decimal(**value, *scale, &mut out),
        (Value::Decimal(value), _) => out = value.to_string(),
        (Value::Bytes(bytes), LogicalType::Uuid) => write_uuid(bytes, &mut out),
        (Value::Bytes(bytes), LogicalType::Binary) => write_hex(bytes, &[], &mut out),
        (Value::Bytes(bytes), _) => match bytes.get(..TEXT_BYTES) {
            Some(start) if bytes.len() > TEXT_BYTES => {
                out.push_str(start.utf8_chunks().next().map_or("", |chunk| chunk.valid()));
                out.push('…');
            }
            _ => out.push_str(&String::from_utf8_lossy(bytes)),
        },
    }
    out
}
