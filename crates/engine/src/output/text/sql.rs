//! SQL: a `CREATE TABLE` and batched `INSERT`s, in MySQL's or PostgreSQL's dialect.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float32Type, Float64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use colonnade_protocol::LogicalType;
use serde::{Deserialize, Serialize};

use super::sql_names::SqlNames;
use super::value::{write_json, write_plain};
use super::{Changes, RowWriter};
use crate::column::ColumnSpec;
use crate::column::display::{DAY, day_parts, write_hex, write_time};
use crate::column::json::is_finite_float;

/// Bytes of one `INSERT` at most, but for a single long row: well below MySQL's default `max_allowed_packet` of 64 MiB,
/// and what a server parses at once.
const STATEMENT_BYTES: usize = 1 << 20;

/// Whose SQL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    #[default]
    PostgreSql,
    MySql,
}

/// How SQL is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SqlOptions {
    pub dialect: Dialect,
    /// The table's name; `schema.table` is two names.
    pub table: String,
    /// Rows of one `INSERT` at most.
    pub batch_rows: usize,
}

/// The file's first statement: the table with its columns.
pub fn head(columns: &[ColumnSpec], options: &SqlOptions) -> String {
    let dialect = options.dialect;
    let names = SqlNames::new(columns, &options.table, dialect);
    let mut out = String::new();
    if dialect == Dialect::MySql {
        // Backslashes are escapes and the texts below are UTF-8, whatever the session has.
        out.push_str("SET NAMES utf8mb4;\nSET sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '');\n");
    }
    let _ = write!(out, "CREATE TABLE {} (", dialect.table(&names.table));
    for (k, (column, name)) in columns.iter().zip(&names.columns).enumerate() {
        let comma = if k > 0 { "," } else { "" };
        let _ = write!(out, "{comma}\n  {} {}", dialect.name(name), dialect.type_name(&column.data_type));
    }
    out.push_str("\n);\n");
    out
}

/// Writes rows as `INSERT`s.
pub struct SqlRows {
    options: SqlOptions,
    /// `INSERT INTO t (a, b) VALUES`
    insert: String,
    /// Rows of the open statement, and where it began.
    open: usize,
    began: usize,
    changes: Changes,
    /// One value's text, before it is escaped.
    scratch: String,
}

impl SqlRows {
    /// A writer of rows of these columns.
    pub fn new(columns: &[ColumnSpec], options: SqlOptions) -> Self {
        let names = SqlNames::new(columns, &options.table, options.dialect);
        let list: Vec<_> = names.columns.iter().map(|name| options.dialect.name(name)).collect();
        let insert = format!("INSERT INTO {} ({}) VALUES", options.dialect.table(&names.table), list.join(", "));
        Self { options, insert, open: 0, began: 0, changes: Changes::default(), scratch: String::new() }
    }

    fn value(&mut self, array: &dyn Array, row: usize, out: &mut String) {
        if array.is_null(row) {
            return out.push_str("NULL");
        }
        let mysql = self.options.dialect == Dialect::MySql;
        match array.data_type() {
            DataType::Null => out.push_str("NULL"),
            DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "TRUE" } else { "FALSE" }),
            DataType::Float32 | DataType::Float64 if mysql && !is_finite_float(array, row) => {
                self.changes.not_finite += 1;
                out.push_str("NULL");
            }
            // MySQL takes the number for a double first, as which the shortest spelling of the greatest float is beyond floats.
            DataType::Float32 if mysql && array.as_primitive::<Float32Type>().value(row).abs() == f32::MAX => {
                let _ = write!(out, "{:e}", f64::from(array.as_primitive::<Float32Type>().value(row)));
            }
            _ if is_bare(array, row) => write_plain(array, row, out),
            DataType::Binary => {
                out.push_str(if mysql { "X'" } else { "'\\x" });
                write_hex(array.as_binary::<i32>().value(row), &[], out);
                out.push('\'');
            }
            DataType::Utf8 => self.text(array.as_string::<i32>().value(row), out),
            DataType::Date32 => self.moment(array.as_primitive::<Date32Type>().value(row), None, false, out),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                // MySQL's DATETIME has no zone: its values are in UTC. Microseconds of 64 bits have days of 32.
                self.moment(micros.div_euclid(DAY) as i32, Some(micros.rem_euclid(DAY)), zone.is_some() && !mysql, out);
            }
            DataType::List(_) | DataType::Struct(_) | DataType::Map(..) => {
                let mut json = std::mem::take(&mut self.scratch);
                json.clear();
                write_json(array, row, &mut json);
                // PostgreSQL's jsonb has no NUL either.
                if !mysql && let Some(without) = without_nul(&json) {
                    self.changes.without_nul += 1;
                    json = without;
                }
                self.text(&json, out);
                self.scratch = json;
            }
            _ => {
                out.push('\'');
                write_plain(array, row, out);
                out.push('\'');
            }
        }
    }

    /// A day, with a time or without.
    fn moment(&mut self, days: i32, micros: Option<i64>, is_instant: bool, out: &mut String) {
        let (year, month, day) = day_parts(days);
        if self.options.dialect == Dialect::MySql && !(1..=9999).contains(&year) {
            self.changes.beyond_years += 1;
            return out.push_str("NULL");
        }
        let is_before = year < 1;
        let _ = write!(out, "'{:04}-{month:02}-{day:02}", if is_before { 1 - year } else { year });
        if let Some(micros) = micros {
            out.push(' ');
            write_time(micros, out);
            out.push_str(if is_instant { "Z" } else { "" });
        }
        out.push_str(if is_before { " BC'" } else { "'" });
    }

    fn text(&mut self, text: &str, out: &mut String) {
        let mysql = self.options.dialect == Dialect::MySql;
        self.changes.without_nul += u64::from(!mysql && text.contains('\0'));
        out.push('\'');
        let mut rest = text;
        // MySQL's client takes CR LF for a line's end and LF for all it means, and some clients stop at Ctrl-Z.
        while let Some(at) = rest.find(['\'', '\\', '\0', '\r', '\n', '\x1a']) {
            out.push_str(&rest[..at]);
            out.push_str(match (rest.as_bytes()[at], mysql) {
                (b'\'', _) => "''",
                (b'\\', true) => "\\\\",
                (b'\\', false) => "\\",
                (b'\r', true) => "\\r",
                (b'\r', false) => "\r",
                (b'\n', true) => "\\n",
                (b'\n', false) => "\n",
                (0x1a, true) => "\\Z",
                (0x1a, false) => "\x1a",
                (_, true) => "\\0",
                (_, false) => "\u{2400}",
            });
            rest = &rest[at + 1..];
        }
        out.push_str(rest);
        out.push('\'');
    }
}

impl RowWriter for SqlRows {
    fn row(&mut self, columns: &[ArrayRef], row: usize, out: &mut String) {
        if self.open >= self.options.batch_rows.max(1) || self.open > 0 && out.len() - self.began >= STATEMENT_BYTES {
            self.end(out);
        }
        if self.open == 0 {
            self.began = out.len();
            out.push_str(&self.insert);
        }
        out.push_str(if self.open == 0 { "\n(" } else { ",\n(" });
        self.open += 1;
        for (k, column) in columns.iter().enumerate() {
            if k > 0 {
                out.push_str(", ");
            }
            self.value(column, row, out);
        }
        out.push(')');
    }

    fn end(&mut self, out: &mut String) {
        if self.open > 0 {
            out.push_str(";\n");
            self.open = 0;
        }
    }

    fn changes(&self) -> Changes {
        self.changes
    }
}

/// A JSON text whose escapes of NUL are those of its symbol; `None`: there is none.
fn without_nul(json: &str) -> Option<String> {
    const NUL: &str = "\\u0000";
    let is_escape = |at: &usize| json.as_bytes()[..*at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 0;
    let places: Vec<usize> = json.match_indices(NUL).map(|(at, _)| at).filter(is_escape).collect();
    let (mut out, mut from) = (String::with_capacity(json.len()), 0);
    for &at in &places {
        out.push_str(&json[from..at]);
        out.push('\u{2400}');
        from = at + NUL.len();
    }
    out.push_str(&json[from..]);
    (!places.is_empty()).then_some(out)
}

/// Whether a value stands without quotes. Some engines read long numbers as doubles, and a zero written as a number has no
/// sign; but texts are cast to the column's type exactly.
fn is_bare(array: &dyn Array, row: usize) -> bool {
    match array.data_type() {
        DataType::Float32 => {
            is_finite_float(array, row) && array.as_primitive::<Float32Type>().value(row).to_bits() != (-0.0_f32).to_bits()
        }
        DataType::Float64 => {
            is_finite_float(array, row) && array.as_primitive::<Float64Type>().value(row).to_bits() != (-0.0_f64).to_bits()
        }
        DataType::Decimal128(19.., _) => false,
        data_type => data_type.is_numeric(),
    }
}

impl Dialect {
    /// A quoted name.
    fn name(self, name: &str) -> String {
        match self {
            Self::MySql => format!("`{}`", name.replace('`', "``")),
            Self::PostgreSql => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    fn table(self, parts: &[String]) -> String {
        parts.iter().map(|part| self.name(part)).collect::<Vec<_>>().join(".")
    }

    /// The type that holds every value of the logical type.
    fn type_name(self, data_type: &LogicalType) -> String {
        let (postgres, mysql) = match data_type {
            LogicalType::Boolean => ("boolean", "boolean"),
            LogicalType::Int8 => ("smallint", "tinyint"),
            LogicalType::Int16 => ("smallint", "smallint"),
            LogicalType::Int32 => ("integer", "int"),
            LogicalType::Int64 => ("bigint", "bigint"),
            LogicalType::Float => ("real", "float"),
            LogicalType::Double => ("double precision", "double"),
            LogicalType::Decimal { precision, scale } => {
                let name = if self == Self::MySql { "decimal" } else { "numeric" };
                // MySQL has at most 30 digits behind the point.
                return match (self, *scale) {
                    (Self::MySql, 31..) => "longtext".to_owned(),
                    _ => format!("{name}({precision},{scale})"),
                };
            }
            LogicalType::String | LogicalType::Void => ("text", "longtext"),
            LogicalType::Binary => ("bytea", "longblob"),
            LogicalType::Date => ("date", "date"),
            LogicalType::Timestamp => ("timestamp with time zone", "datetime(6)"),
            LogicalType::TimestampNtz => ("timestamp", "datetime(6)"),
            LogicalType::Time => ("time", "time(6)"),
            LogicalType::Uuid => ("uuid", "char(36)"),
            LogicalType::Json => ("json", "json"),
            LogicalType::Struct(_) | LogicalType::List(_) | LogicalType::Map(_) => ("jsonb", "json"),
        };
        if self == Self::MySql { mysql } else { postgres }.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{BinaryArray, Float64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    fn columns() -> (Vec<ColumnSpec>, Vec<ArrayRef>) {
        let named = |name: &str, data_type: &str| ColumnSpec { data_type: data_type.parse().unwrap(), ..ColumnSpec::text(name) };
        let specs = vec![named("a\"`b", "string"), named("x", "double"), named("at", "timestamp"), named("raw", "binary")];
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![Some("it's \\ \0"), None])),
            Arc::new(Float64Array::from(vec![f64::INFINITY, 0.5])),
            Arc::new(TimestampMicrosecondArray::from(vec![0, 1_000_000]).with_timezone("UTC")),
            Arc::new(BinaryArray::from(vec![&b"\x01"[..], b""])),
        ];
        (specs, arrays)
    }

    fn written(dialect: Dialect, batch_rows: usize) -> (String, Changes) {
        let (specs, arrays) = columns();
        let options = SqlOptions { dialect, table: "s.t".into(), batch_rows };
        let mut out = head(&specs, &options);
        let mut rows = SqlRows::new(&specs, options);
        (0..2).for_each(|row| rows.row(&arrays, row, &mut out));
        rows.end(&mut out);
        (out, rows.changes())
    }

    #[test]
    fn postgresql() {
        let (out, changes) = written(Dialect::PostgreSql, 500);
        assert_eq!(
            out,
            "CREATE TABLE \"s\".\"t\" (\n  \"a\"\"`b\" text,\n  \"x\" double precision,\n  \"at\" timestamp with time zone,\n  \"raw\" bytea\n);\n\
             INSERT INTO \"s\".\"t\" (\"a\"\"`b\", \"x\", \"at\", \"raw\") VALUES\n\
             ('it''s \\ \u{2400}', 'Infinity', '1970-01-01 00:00:00Z', '\\x01'),\n\
             (NULL, 0.5, '1970-01-01 00:00:01Z', '\\x');\n"
        );
        assert_eq!(changes, Changes { without_nul: 1, ..Changes::default() });
    }

    #[test]
    fn days_beyond_the_usual_years_are_spelled_or_null() {
        let moments: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![-70_000_000_000_000_000, 300_000_000_000_000_000]));
        let expected = [(Dialect::MySql, ["NULL", "NULL"]), (Dialect::PostgreSql, ["'0250-10-15 19:33:20 BC'", "'11476-08-15 05:20:00'"])];
        for (dialect, expected) in expected {
            let mut rows = SqlRows::new(&[], SqlOptions { dialect, table: "t".into(), batch_rows: 1 });
            for (row, expected) in expected.into_iter().enumerate() {
                let mut out = String::new();
                rows.value(&moments, row, &mut out);
                assert_eq!(out, expected);
            }
            assert_eq!(rows.changes().beyond_years, if dialect == Dialect::MySql { 2 } else { 0 });
        }
    }

    #[test]
    fn json_has_no_nul_in_postgresql() {
        assert_eq!(without_nul(r#"{"a":"\u0000x\\u0000\\\u0000"}"#).as_deref(), Some("{\"a\":\"\u{2400}x\\\\u0000\\\\\u{2400}\"}"));
        assert_eq!(without_nul(r#"["\\u0000"]"#), None);
    }

    /// Its client reads CR LF as LF, also within texts.
    #[test]
    fn line_ends_are_escapes_in_mysql() {
        for (dialect, expected) in [(Dialect::MySql, "'a\\r\\nb\\Z'"), (Dialect::PostgreSql, "'a\r\nb\x1a'")] {
            let mut rows = SqlRows::new(&[], SqlOptions { dialect, table: "t".into(), batch_rows: 1 });
            let mut out = String::new();
            rows.text("a\r\nb\x1a", &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn the_greatest_float_is_one_in_mysql() {
        let specs = [ColumnSpec { data_type: LogicalType::Float, ..ColumnSpec::text("f") }];
        let array: ArrayRef = Arc::new(arrow_array::Float32Array::from(vec![f32::MAX, f32::MIN, 0.1]));
        let mut rows = SqlRows::new(&specs, SqlOptions { dialect: Dialect::MySql, table: "t".into(), batch_rows: 9 });
        let mut out = String::new();
        (0..3).for_each(|row| rows.row(&[Arc::clone(&array)], row, &mut out));
        assert!(out.ends_with("(3.4028234663852886e38),\n(-3.4028234663852886e38),\n(0.1)"), "{out}");
    }

    #[test]
    fn mysql_in_statements_of_one_row() {
        let (out, changes) = written(Dialect::MySql, 1);
        let inserts: Vec<_> = out.split("INSERT").skip(1).collect();
        assert_eq!(inserts.len(), 2);
        assert!(inserts[0].ends_with("('it''s \\\\ \\0', NULL, '1970-01-01 00:00:00', X'01');\n"), "{}", inserts[0]);
        assert_eq!(changes, Changes { not_finite: 1, ..Changes::default() });
    }
}
