//! Values as the grid shows them: `2024-01-01 10:00:00`, `1.50`, `{"a":[1,2]}`.

use std::fmt::Write;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_schema::{DataType, TimeUnit};

use super::arrow::UUID_BYTES;
pub use super::time::DAY;
use super::time::SECOND;
use super::{date, json};

/// Appends the value at `row` to `out`, nothing where it is null. Reads every type that
/// [`arrow_type`](super::arrow_type) gives; of any other it shows the type's name.
///
/// # Panics
/// If there is no such row.
pub fn write_cell(array: &dyn Array, row: usize, out: &mut String) {
    if array.is_null(row) {
        return;
    }
    match array.data_type() {
        DataType::Null => {}
        DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Int8 => write_integer::<Int8Type>(array, row, out),
        DataType::Int16 => write_integer::<Int16Type>(array, row, out),
        DataType::Int32 => write_integer::<Int32Type>(array, row, out),
        DataType::Int64 => write_integer::<Int64Type>(array, row, out),
        DataType::Float32 => write_float(array.as_primitive::<Float32Type>().value(row), out),
        DataType::Float64 => write_double(array.as_primitive::<Float64Type>().value(row), out),
        DataType::Decimal128(_, scale) => write_decimal(array.as_primitive::<Decimal128Type>().value(row), *scale as u8, out),
        DataType::Utf8 => out.push_str(array.as_string::<i32>().value(row)),
        DataType::Binary => write_hex(array.as_binary::<i32>().value(row), &[], out),
        DataType::FixedSizeBinary(UUID_BYTES) => write_uuid(array.as_fixed_size_binary().value(row), out),
        DataType::Date32 => write_date(array.as_primitive::<Date32Type>().value(row), out),
        DataType::Time64(TimeUnit::Microsecond) => write_time(array.as_primitive::<Time64MicrosecondType>().value(row), out),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            write_timestamp(array.as_primitive::<TimestampMicrosecondType>().value(row), zone.is_some(), out);
        }
        DataType::List(_) | DataType::Struct(_) | DataType::Map(..) => write_json(array, row, out),
        other => write_to(out, format_args!("{other}")),
    }
}

/// `2024-01-01`, from days since 1970-01-01; before the first year as ISO 8601 has it, `-0221-09-04`.
pub fn write_date(days: i32, out: &mut String) {
    let (year, month, day) = date::to_parts(days);
    let sign = if year < 0 { "-" } else { "" };
    write_to(out, format_args!("{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs()));
}

/// Year, month and day, from days since 1970. The year before the first is 0.
pub fn day_parts(days: i32) -> (i64, i64, i64) {
    date::to_parts(days)
}

/// `10:00:00`, from microseconds since midnight; a fraction has 3 digits or 6.
pub fn write_time(micros: i64, out: &mut String) {
    let (seconds, fraction) = (micros.div_euclid(SECOND), micros.rem_euclid(SECOND));
    write_to(out, format_args!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    match fraction {
        0 => {}
        _ if fraction % 1000 == 0 => write_to(out, format_args!(".{:03}", fraction / 1000)),
        _ => write_to(out, format_args!(".{fraction:06}")),
    }
}

/// `2024-01-01 10:00:00`, with `Z` behind an instant, from microseconds since 1970.
pub fn write_timestamp(micros: i64, is_instant: bool, out: &mut String) {
    write_timestamp_with(' ', micros, is_instant, out);
}

/// The same as ISO 8601 has it: `2024-01-01T10:00:00Z`.
pub fn write_iso_timestamp(micros: i64, is_instant: bool, out: &mut String) {
    write_timestamp_with('T', micros, is_instant, out);
}

fn write_timestamp_with(separator: char, micros: i64, is_instant: bool, out: &mut String) {
    // An i64 of microseconds spans less than 300,000 years: its days are within an i32.
    write_date(micros.div_euclid(DAY) as i32, out);
    out.push(separator);
    write_time(micros.rem_euclid(DAY), out);
    if is_instant {
        out.push('Z');
    }
}

/// `1.50`, from the unscaled value.
pub fn write_decimal(value: i128, scale: u8, out: &mut String) {
    if value < 0 {
        out.push('-');
    }
    write_to(out, format_args!("{:0>width$}", value.unsigned_abs(), width = usize::from(scale) + 1));
    if scale > 0 {
        out.insert(out.len() - usize::from(scale), '.');
    }
}

/// Hexadecimal digits in groups of 8-4-4-4-12.
pub fn write_uuid(bytes: &[u8], out: &mut String) {
    write_hex(bytes, &[4, 6, 8, 10], out);
}

/// Hexadecimal digits, a hyphen before these bytes.
pub fn write_hex(bytes: &[u8], hyphens: &[usize], out: &mut String) {
    for (i, byte) in bytes.iter().enumerate() {
        let hyphen = if hyphens.contains(&i) { "-" } else { "" };
        write_to(out, format_args!("{hyphen}{byte:02x}"));
    }
}

fn write_integer<T: ArrowPrimitiveType>(array: &dyn Array, row: usize, out: &mut String)
where
    T::Native: std::fmt::Display,
{
    write_to(out, format_args!("{}", array.as_primitive::<T>().value(row)));
}

/// The shortest text that reads back as the same float, with an exponent for the very large and very small.
pub fn write_float(value: f32, out: &mut String) {
    write_floating(value, value.into(), 1e9, out);
}

/// The same for a double.
pub fn write_double(value: f64, out: &mut String) {
    write_floating(value, value, 1e17, out);
}

fn write_floating(value: impl std::fmt::Display + std::fmt::LowerExp, wide: f64, large: f64, out: &mut String) {
    let size = wide.abs();
    if wide.is_infinite() {
        out.push_str(if wide > 0.0 { "Infinity" } else { "-Infinity" });
    } else if size >= large || size > 0.0 && size < 1e-5 {
        write_to(out, format_args!("{value:e}"));
    } else {
        write_to(out, format_args!("{value}"));
    }
}

/// Appends a value as JSON: numbers and truth values bare, nested values in brackets, all else in quotes.
pub fn write_json(array: &dyn Array, row: usize, out: &mut String) {
    json::write(array, row, write_json_scalar, out);
}

fn write_json_scalar(array: &dyn Array, row: usize, out: &mut String) {
    let data_type = array.data_type();
    if data_type.is_integer() || matches!(data_type, DataType::Boolean | DataType::Decimal128(..)) || json::is_finite_float(array, row) {
        return write_cell(array, row, out);
    }
    let mut text = String::new();
    write_cell(array, row, &mut text);
    json::write_string(&text, out);
}

/// Writing to a `String` cannot fail.
fn write_to(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use arrow_array::StructArray;

    use super::*;
    use std::sync::Arc;

    use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
    use arrow_array::{ArrayRef, BinaryArray, Date32Array, Float32Array, Float64Array, StringArray};
    use colonnade_protocol::{LogicalType, Origin};
    use encoding_rs::UTF_8;
    use proptest::prelude::*;

    use crate::column::cells::CellText;
    use crate::column::{CellRules, ColumnParser, ColumnSpec};

    fn shown(array: &dyn Array) -> Vec<String> {
        (0..array.len())
            .map(|row| {
                let mut out = String::new();
                write_cell(array, row, &mut out);
                out
            })
            .collect()
    }

    #[test]
    fn years_have_four_digits_before_the_first_one_too() {
        let array = Date32Array::from(vec![-719_528, -800_000, 0]);
        assert_eq!(shown(&array), ["0000-01-01", "-0221-09-04", "1970-01-01"]);
    }

    fn read(data_type: &str, cells: &[&str]) -> ArrayRef {
        let column = ColumnSpec { data_type: data_type.parse().unwrap(), origin: Origin::Person, ..ColumnSpec::text("c") };
        let parser = ColumnParser::new(&column, &Arc::new(CellRules::default()), UTF_8).unwrap();
        let parsed = parser.parse(CellText::plain(cells).cells());
        assert!(parsed.misfits.is_empty());
        parsed.array
    }

    #[test]
    fn what_was_read_is_shown_in_its_plain_form() {
        for (data_type, cells, expected) in [
            ("boolean", &["TRUE", ""][..], &["true", ""][..]),
            ("tinyint", &["-07"], &["-7"]),
            ("bigint", &["9223372036854775807"], &["9223372036854775807"]),
            ("double", &["1.50", "3", "1e300", "1e-7", "NaN", "-Inf", "-0"], &["1.5", "3", "1e300", "1e-7", "NaN", "-Infinity", "-0"]),
            ("float", &["0.1", "1e30"], &["0.1", "1e30"]),
            ("decimal(9,2)", &["-1.5", "0.05", "-0.05", "7"], &["-1.50", "0.05", "-0.05", "7.00"]),
            ("decimal(5,0)", &["7", "-7"], &["7", "-7"]),
            ("decimal(3,3)", &["0.005"], &["0.005"]),
            ("string", &["a \"b\""], &["a \"b\""]),
            ("date", &["0001-01-01", "9999-12-31", "2024-02-29"], &["0001-01-01", "9999-12-31", "2024-02-29"]),
            ("time", &["9:30:00"; 0], &[]),
            ("time", &["09:30", "09:30:00.5", "09:30:00.000001"], &["09:30:00", "09:30:00.500", "09:30:00.000001"]),
            ("timestamp", &["2024-01-01T12:00:00+02:00"], &["2024-01-01 10:00:00Z"]),
            ("timestamp_ntz", &["1969-12-31 23:59:59.5"], &["1969-12-31 23:59:59.500"]),
            ("uuid", &["{123E4567-E89B-12D3-A456-426614174000}"], &["123e4567-e89b-12d3-a456-426614174000"]),
        ] {
            assert_eq!(shown(&read(data_type, cells)), expected, "{data_type}");
        }
        assert_eq!(shown(&BinaryArray::from(vec![&b"\x00\xff"[..]])), ["00ff"]);
    }

    #[test]
    fn nested_values_are_json() {
        let mut lists = ListBuilder::new(Int32Builder::new());
        lists.append_value([Some(1), None]);
        lists.append_null();
        assert_eq!(shown(&lists.finish()), ["[1,null]", ""]);

        let mut maps = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
        maps.keys().append_value("a\"b");
        maps.values().append_value(1);
        maps.append(true).unwrap();
        assert_eq!(shown(&maps.finish()), [r#"{"a\"b":1}"#]);

        let members = StructArray::from(vec![
            (Arc::new(arrow_schema::Field::new("day", DataType::Date32, true)), Arc::new(Date32Array::from(vec![0])) as ArrayRef),
            (Arc::new(arrow_schema::Field::new("x", DataType::Float64, true)), Arc::new(Float64Array::from(vec![f64::NAN]))),
            (Arc::new(arrow_schema::Field::new("s", DataType::Utf8, true)), Arc::new(StringArray::from(vec!["é\n"]))),
        ]);
        assert_eq!(shown(&members), [r#"{"day":"1970-01-01","x":"NaN","s":"é\n"}"#]);
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(double: f64, float: f32, days in -719_162..=2_932_896_i32, micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
            let arrays: [(LogicalType, ArrayRef); 4] = [
                (LogicalType::Double, Arc::new(Float64Array::from(vec![double]))),
                (LogicalType::Float, Arc::new(Float32Array::from(vec![float]))),
                (LogicalType::Date, Arc::new(Date32Array::from(vec![days]))),
                (LogicalType::TimestampNtz, Arc::new(arrow_array::TimestampMicrosecondArray::from(vec![micros]))),
            ];
            for (data_type, array) in arrays {
                let texts = shown(&array);
                let texts: Vec<_> = texts.iter().map(String::as_str).collect();
                prop_assert_eq!(&read(&data_type.to_string(), &texts), &array, "{:?}", texts);
            }
        }
    }
}
