//! One value as text, as the text outputs share it: ISO 8601 times, JSON for what is nested.

use std::fmt::Write;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_schema::{DataType, TimeUnit};

use crate::column::display;

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
    if array.is_null(row) {
        return out.push_str("null");
    }
    match array.data_type() {
        DataType::Null => out.push_str("null"),
        DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Int8 => write_to(out, array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => write_to(out, array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => write_to(out, array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => write_to(out, array.as_primitive::<Int64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            display::write_decimal(array.as_primitive::<Decimal128Type>().value(row), *scale as u8, out);
        }
        DataType::Float32 | DataType::Float64 if is_finite(array, row) => write_plain(array, row, out),
        DataType::Utf8 => write_string(array.as_string::<i32>().value(row), out),
        DataType::Binary => {
            out.push('"');
            write_base64(array.as_binary::<i32>().value(row), out);
            out.push('"');
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let (from, to) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
            out.push('[');
            for element in from..to {
                write_comma(element > from, out);
                write_json(list.values(), element, out);
            }
            out.push(']');
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let (from, to) = (map.value_offsets()[row] as usize, map.value_offsets()[row + 1] as usize);
            out.push('{');
            for entry in from..to {
                write_comma(entry > from, out);
                write_json(map.keys(), entry, out);
                out.push(':');
                write_json(map.values(), entry, out);
            }
            out.push('}');
        }
        DataType::Struct(_) => {
            let members = array.as_struct();
            out.push('{');
            for (k, (field, member)) in members.fields().iter().zip(members.columns()).enumerate() {
                write_comma(k > 0, out);
                write_string(field.name(), out);
                out.push(':');
                write_json(member, row, out);
            }
            out.push('}');
        }
        // A date, a time, a UUID, an infinity: nothing in them wants an escape.
        _ => {
            out.push('"');
            write_plain(array, row, out);
            out.push('"');
        }
    }
}

/// Appends a JSON string, with its quotes (RFC 8259, section 7).
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            other => write_to(out, format_args!("\\u{other:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Whether a number is neither infinite nor not-a-number; true for all that is no float.
pub fn is_finite(array: &dyn Array, row: usize) -> bool {
    match array.data_type() {
        DataType::Float32 => array.as_primitive::<Float32Type>().value(row).is_finite(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).is_finite(),
        _ => true,
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

fn write_comma(wanted: bool, out: &mut String) {
    if wanted {
        out.push(',');
    }
}

/// Writing to a `String` cannot fail.
fn write_to(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}
