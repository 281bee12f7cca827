//! Values as JSON (RFC 8259): what nests here, and what does not by whoever writes.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_schema::DataType;

/// Appends the value at `row`. `scalar` appends one that is not null and does not nest.
pub fn write(array: &dyn Array, row: usize, scalar: fn(&dyn Array, usize, &mut String), out: &mut String) {
    if array.is_null(row) {
        return out.push_str("null");
    }
    match array.data_type() {
        DataType::Null => out.push_str("null"),
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let (from, to) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
            out.push('[');
            for element in from..to {
                write_comma(element > from, out);
                write(list.values(), element, scalar, out);
            }
            out.push(']');
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let (from, to) = (map.value_offsets()[row] as usize, map.value_offsets()[row + 1] as usize);
            out.push('{');
            for entry in from..to {
                write_comma(entry > from, out);
                write(map.keys(), entry, scalar, out);
                out.push(':');
                write(map.values(), entry, scalar, out);
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
                write(member, row, scalar, out);
            }
            out.push('}');
        }
        _ => scalar(array, row, out),
    }
}

/// Appends a JSON string, with its quotes (section 7).
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
            other => out.push_str(&format!("\\u{other:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Whether it is a float that JSON has a number for: not infinite, and a number at all.
pub fn is_finite_float(array: &dyn Array, row: usize) -> bool {
    match array.data_type() {
        DataType::Float32 => array.as_primitive::<Float32Type>().value(row).is_finite(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).is_finite(),
        _ => false,
    }
}

fn write_comma(wanted: bool, out: &mut String) {
    if wanted {
        out.push(',');
    }
}
