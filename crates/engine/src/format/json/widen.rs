//! From values to types: the least type at or above a given one that a value fits.
//!
//! | meets | null | boolean | number | text | object | array |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | void | void | boolean | the least number | string | struct | list |
//! | boolean | same | same | string | string | json | json |
//! | number | same | string | the least number | string | json | json |
//! | string | same | same | same | same | json | json |
//! | struct | same | json | json | json | struct | json |
//! | list | same | json | json | json | json | list |
//! | map | same | json | json | json | map | json |
//!
//! Numbers follow the [lattice](crate::column::lattice) of text columns: bigint, double where it is exact, decimal, text.

use std::borrow::Cow;
use std::sync::Arc;

use colonnade_protocol::{Field, LogicalType};
use encoding_rs::UTF_8;

use super::keyed;
use super::reader::{Kind, RawString, Reader, SyntaxError};
use super::unescape::unescape;
use crate::Result;
use crate::column::{CellRules, ColumnParser, ColumnSpec, decode_cell, lattice, nested};
use crate::format::wide::MOST_NAMES;
use crate::settings::Settings;

/// How types are found from values.
#[derive(Debug, Clone)]
pub struct Widening {
    pub rules: Arc<CellRules>,
    primitives_as_string: bool,
    infer_timestamp: bool,
}

impl Widening {
    /// As the settings say.
    ///
    /// # Errors
    /// Those of [`CellRules::new`].
    pub fn new(settings: &Settings) -> Result<Self> {
        Ok(Self {
            rules: Arc::new(CellRules::new(settings)?),
            primitives_as_string: settings.flag("primitivesAsString"),
            infer_timestamp: settings.flag("inferTimestamp"),
        })
    }

    /// The column with the least type, at or above its own, that fits the value that is next.
    ///
    /// # Errors
    /// Where the value breaks the grammar.
    pub fn widen(&self, column: &ColumnSpec, reader: &mut Reader<'_>) -> std::result::Result<ColumnSpec, SyntaxError> {
        let kind = reader.peek()?;
        let is_number = matches!(kind, Kind::Number) && !nested::is_beyond_scalars(&column.data_type);
        if is_number && column.data_type != LogicalType::String {
            let range = reader.number()?;
            return Ok(self.number(column, &reader.text()[range]));
        }
        if kind == Kind::String && column.pattern.is_some() {
            let string = reader.string()?;
            return Ok(lattice::widen(column, &plain(reader.text(), &string), &self.rules));
        }
        let data_type = self.wider(&column.data_type, reader, 0)?;
        Ok(if data_type == column.data_type { column.clone() } else { lattice::widened(column, data_type, None) })
    }

    fn wider(&self, data_type: &LogicalType, reader: &mut Reader<'_>, depth: usize) -> std::result::Result<LogicalType, SyntaxError> {
        use LogicalType::{Boolean, Json, List, Map, String, Struct, Void};
        let kind = reader.peek()?;
        let of_value = match (data_type, kind) {
            (Json, _) => None,
            (Void | Struct(_), Kind::Object) if depth < nested::MAX_DEPTH => return self.object(data_type, reader, depth),
            (Map(value), Kind::Object) if depth < nested::MAX_DEPTH => return self.map(value, reader, depth),
            (Void | List(_), Kind::Array) if depth < nested::MAX_DEPTH => return self.array(data_type, reader, depth),
            (_, Kind::Object | Kind::Array) => Some(Json),
            (_, Kind::Null) => None,
            (_, Kind::Number) if !self.primitives_as_string => {
                let range = reader.number()?;
                let column = ColumnSpec { data_type: data_type.clone(), ..ColumnSpec::text("") };
                return Ok(self.number(&column, &reader.text()[range]).data_type);
            }
            (_, Kind::Boolean) if !self.primitives_as_string => Some(Boolean),
            (_, Kind::Boolean | Kind::Number) => Some(String),
            (_, Kind::String) => {
                let string = reader.string()?;
                return Ok(self.text(data_type, reader.text(), &string));
            }
        };
        reader.skip()?;
        Ok(of_value.map_or_else(|| data_type.clone(), |of_value| nested::union(data_type, &of_value)))
    }

    fn object(&self, data_type: &LogicalType, reader: &mut Reader<'_>, depth: usize) -> std::result::Result<LogicalType, SyntaxError> {
        let mut members = if let LogicalType::Struct(members) = data_type { members.clone() } else { Vec::new() };
        reader.open();
        let mut first = true;
        // A key without a name is data.
        let mut is_table = true;
        while let Some(key) = reader.next_key(first)? {
            first = false;
            let name = key_text(reader.text(), &key);
            is_table &= !name.is_empty();
            match members.iter_mut().find(|member| member.name == name) {
                Some(member) => member.data_type = self.wider(&member.data_type, reader, depth + 1)?,
                None => members.push(Field { name, data_type: self.wider(&LogicalType::Void, reader, depth + 1)? }),
            }
        }
        Ok(match members.len() {
            ..=MOST_NAMES if is_table => LogicalType::Struct(members),
            _ => keyed::map_of(&members).unwrap_or(LogicalType::Json),
        })
    }

    fn map(&self, value: &LogicalType, reader: &mut Reader<'_>, depth: usize) -> std::result::Result<LogicalType, SyntaxError> {
        let mut value = value.clone();
        reader.open();
        let mut first = true;
        while reader.next_key(first)?.is_some() {
            first = false;
            value = self.wider(&value, reader, depth + 1)?;
        }
        Ok(LogicalType::Map(Box::new(value)))
    }

    fn array(&self, data_type: &LogicalType, reader: &mut Reader<'_>, depth: usize) -> std::result::Result<LogicalType, SyntaxError> {
        let mut element = if let LogicalType::List(element) = data_type { (**element).clone() } else { LogicalType::Void };
        reader.open();
        let mut first = true;
        while reader.next_element(first)? {
            first = false;
            element = self.wider(&element, reader, depth + 1)?;
        }
        Ok(LogicalType::List(Box::new(element)))
    }

    fn number(&self, column: &ColumnSpec, text: &[u8]) -> ColumnSpec {
        use LogicalType::{Int64, Void};
        let with = |data_type| ColumnSpec { data_type, ..column.clone() };
        match &column.data_type {
            Void => lattice::widen(&with(Int64), text, &self.rules),
            other if is_number(other) => lattice::widen(column, text, &self.rules),
            other => with(nested::union(other, &Int64)),
        }
    }

    fn text(&self, data_type: &LogicalType, text: &[u8], string: &RawString) -> LogicalType {
        use LogicalType::{Date, String, Timestamp, TimestampNtz, Void};
        let content = &*plain(text, string);
        let column = |data_type: &LogicalType| ColumnSpec { data_type: data_type.clone(), ..ColumnSpec::text("") };
        match data_type {
            Void if self.infer_timestamp && content.first().is_some_and(u8::is_ascii_digit) => {
                let fits = |data_type: &&LogicalType| {
                    ColumnParser::new(&column(data_type), &self.rules, UTF_8).is_ok_and(|parser| parser.fits(content))
                };
                [Date, TimestampNtz, Timestamp].iter().find(fits).cloned().unwrap_or(String)
            }
            // Null is written as null: an empty text is none, and no date.
            Date | TimestampNtz | Timestamp if content.is_empty() => String,
            Date | TimestampNtz | Timestamp => lattice::widen(&column(data_type), content, &self.rules).data_type,
            other => nested::union(other, &String),
        }
    }
}

fn is_number(data_type: &LogicalType) -> bool {
    use LogicalType::{Decimal, Double, Float, Int8, Int16, Int32, Int64};
    matches!(data_type, Int8 | Int16 | Int32 | Int64 | Float | Double | Decimal { .. })
}

/// A string's text, its escapes resolved.
pub fn plain<'a>(text: &'a [u8], string: &RawString) -> Cow<'a, [u8]> {
    let raw = &text[string.range.clone()];
    if !string.escaped {
        return Cow::Borrowed(raw);
    }
    let mut plain = Vec::with_capacity(raw.len());
    unescape(raw, &mut plain);
    Cow::Owned(plain)
}

/// A key as a name. Bytes that are no UTF-8 are read as Windows-1252, as in values.
pub fn key_text(text: &[u8], key: &RawString) -> String {
    decode_cell(&plain(text, key), UTF_8).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::json::options;

    fn found(values: &[&str], given: &[(&str, &str)]) -> String {
        let widening = Widening::new(&Settings::new(&options::of_lines(), given.iter().copied()).unwrap()).unwrap();
        let mut column = ColumnSpec { data_type: LogicalType::Void, ..ColumnSpec::text("c") };
        loop {
            let before = column.clone();
            for value in values {
                column = widening.widen(&column, &mut Reader::new(value.as_bytes(), 0)).unwrap();
            }
            if column.data_type == before.data_type {
                return column.data_type.to_string();
            }
        }
    }

    #[test]
    fn the_least_type_that_all_values_fit_is_found() {
        for (values, expected) in [
            (&["null", "null"][..], "void"),
            (&["1", "null", "-5"], "bigint"),
            (&["1", "1.5"], "double"),
            (&["9007199254740993", "0.5"], "decimal(17,1)"),
            (&["12345678901234567890"], "decimal(20,0)"),
            (&["1e400"], "string"),
            (&["1", "true"], "string"),
            (&["1", "\"x\""], "string"),
            (&["\"2024-01-01\""], "date"),
            (&["\"2024-01-01\"", "\"\""], "string"),
            (&["[]"], "array<void>"),
            (&["[]", "[1,2.5]"], "array<double>"),
            (&["{}"], "struct<>"),
            (&[r#"{"b":1}"#, r#"{"a":[{"x":null}],"b":2.5}"#], "struct<b:double,a:array<struct<x:void>>>"),
            (&[r#"{"a":1}"#, "5"], "json"),
            (&["5", r#"{"a":1}"#], "json"),
            (&["[1]", "\"x\""], "json"),
            (&[r#"[{"a":1},2]"#], "array<json>"),
            (&[r#"{"":1}"#], "map<string,bigint>"),
            (&[r#"{"":1,"a":"x"}"#], "json"),
            (&[r#"{"":{"v":1},"a/b":{"v":2,"w":true}}"#], "map<string,struct<v:bigint,w:boolean>>"),
        ] {
            assert_eq!(found(values, &[]), expected, "{values:?}");
            let reversed: Vec<_> = values.iter().rev().copied().collect();
            let same = found(&reversed, &[]);
            assert!(same == expected || expected.contains("struct<b"), "{reversed:?}: {same}");
        }
    }

    #[test]
    fn options_choose_other_types() {
        assert_eq!(found(&["1", "true", "[2.5]"], &[("primitivesAsString", "true")]), "json");
        assert_eq!(found(&["[1, true]"], &[("primitivesAsString", "true")]), "array<string>");
        assert_eq!(found(&["1", "2.25", "1000.5"], &[("prefersDecimal", "true")]), "decimal(6,2)");
        assert_eq!(found(&["\"2024-01-01\""], &[("inferTimestamp", "false")]), "string");
        let infer = [];
        assert_eq!(found(&["\"2024-01-01\"", "\"2024-01-01 10:00:00\""], &infer), "timestamp_ntz");
        assert_eq!(found(&["\"2024-01-01T10:00:00Z\""], &infer), "timestamp");
        assert_eq!(found(&["\"2024-01-01\"", "\"soon\""], &infer), "string");
    }

    #[test]
    fn what_nests_deeper_than_types_may_is_json() {
        let deep = format!("{}{}", "[".repeat(60), "]".repeat(60));
        let found = found(&[&deep], &[]);
        assert!(found.contains("json") && found.parse::<LogicalType>().is_ok(), "{found}");
    }
}
