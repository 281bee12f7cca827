//! A sketch's values as the grid would show them.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use colonnade_protocol::LogicalType;

use super::value::{TEXT_BYTES, Value};

/// The value as text.
pub fn display(value: &Value, data_type: &LogicalType) -> String {
    match (value, data_type) {
        (Value::Int(value), LogicalType::Boolean) => (*value != 0).to_string(),
        (Value::Int(days), LogicalType::Date) => {
            let date = NaiveDate::default().checked_add_signed(TimeDelta::days(*days));
            date.map_or_else(|| days.to_string(), |date| date.to_string())
        }
        (Value::Int(micros), LogicalType::Timestamp | LogicalType::TimestampNtz) => match DateTime::from_timestamp_micros(*micros) {
            Some(time) => {
                let zone = if *data_type == LogicalType::Timestamp { "Z" } else { "" };
                format!("{}{zone}", time.format("%Y-%m-%d %H:%M:%S%.f"))
            }
            None => micros.to_string(),
        },
        (Value::Int(micros), LogicalType::Time) => {
            let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
            let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds as u32, rest as u32 * 1000);
            time.map_or_else(|| micros.to_string(), |time| time.format("%H:%M:%S%.f").to_string())
        }
        (Value::Int(value), _) => value.to_string(),
        (Value::Float(value), LogicalType::Float) => (*value as f32).to_string(),
        (Value::Float(value), _) => value.to_string(),
        (Value::Decimal(value), LogicalType::Decimal { scale, .. }) => decimal(*value, usize::from(*scale)),
        (Value::Decimal(value), _) => value.to_string(),
        (Value::Bytes(bytes), LogicalType::Uuid) => hex(bytes, &[4, 6, 8, 10]),
        (Value::Bytes(bytes), LogicalType::Binary) => hex(bytes, &[]),
        (Value::Bytes(bytes), _) => match bytes.get(..TEXT_BYTES) {
            Some(start) if bytes.len() > TEXT_BYTES => {
                let whole = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
                format!("{whole}…")
            }
            _ => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if value < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn hex(bytes: &[u8], hyphens: &[usize]) -> String {
    bytes.iter().enumerate().map(|(i, byte)| format!("{}{byte:02x}", if hyphens.contains(&i) { "-" } else { "" })).collect()
}
