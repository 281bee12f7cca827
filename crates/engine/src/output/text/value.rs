//! One value as text, as the text outputs share it: ISO 8601 times, JSON for what is nested.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_schema::{DataType, TimeUnit};

use crate::column::{display, json};

/// Appends a value that is not null, without quotes: `2024-01-01T10:00:00Z`, `1.50`, `3.0`, `{"a":[1,2]}`.
pub fn write_plain(array: &dyn Array, row: usize, out: &mut String) {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            display::write_iso_timestamp(array.as_primitive::<TimestampMicrosecondType>().value(row), zone.is_some(), out);
        }
        DataType::List(_) | DataType::Struct(_) | DataType::Map(..) => write_json(array, row, out),
        // `3` would be read as an integer, and `-0` as 0.
        DataType::Float32 | DataType::Float64 => {
            let start = out.len();
            display::write_cell(array, row, out);
            if out[start..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
                out.push_str(".0");
            }
        }
        _ => display::write_cell(array, row, out),
    }
}

/// Appends a value as JSON. Not-a-number and infinities are texts, as Spark writes them; bytes are Base64.
pub fn write_json(array: &dyn Array, row: usize, out: &mut String) {
    json::write(array, row, write_json_scalar, out);
}

fn write_json_scalar(array: &dyn Array, row: usize, out: &mut String) {
    match array.data_type() {
        DataType::Boolean | DataType::Decimal128(..) => display::write_cell(array, row, out),
        data_type if data_type.is_integer() => display::write_cell(array, row, out),
        DataType::Float32 | DataType::Float64 if json::is_finite_float(array, row) => write_plain(array, row, out),
        DataType::Utf8 => json::write_string(array.as_string::<i32>().value(row), out),
        DataType::Binary => {
            out.push('"');
            write_base64(array.as_binary::<i32>().value(row), out);
            out.push('"');
        }
        // A date, a time, a UUID, an infinity: nothing in them wants an escape.
        _ => {
            out.push('"');
            write_plain(array, row, out);
            out.push('"');
        }
    }
}

/// Base64 with padding (RFC 4648, section 4).
fn write_base64(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            if digit <= group.len() {
                out.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
}
