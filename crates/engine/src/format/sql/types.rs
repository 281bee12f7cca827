//! Declared types as ours.

use colonnade_protocol::LogicalType;

use super::Dialect;
use super::create::Column;

/// Digits of our widest decimal.
const MOST_DIGITS: u32 = 38;

/// The type of a column as it is declared, if its values follow from that; else they tell. `in_utc`: MySQL's `timestamp`s
/// are written in UTC.
pub fn declared(column: &Column, dialect: Dialect, in_utc: bool) -> Option<LogicalType> {
    use LogicalType::{Binary, Boolean, Date, Double, Float, Int8, Int16, Int32, Int64, Json, String, Time, Timestamp, TimestampNtz, Uuid};
    if dialect == Dialect::Sqlite {
        return by_affinity(&column.words);
    }
    if column.is_array {
        return Some(String);
    }
    let my = dialect == Dialect::MySql;
    let signed = |signed, unsigned| if column.unsigned { unsigned } else { signed };
    let words = column.words.trim_end_matches(" zerofill").trim_end_matches(" signed");
    Some(match words {
        // `tinyint(1)` may hold any small number, so it stays one.
        "tinyint" => signed(Int8, Int16),
        "smallint" | "int2" | "smallserial" | "serial2" => signed(Int16, Int32),
        "year" => Int16,
        "mediumint" | "int" | "integer" | "int4" | "serial4" => signed(Int32, Int64),
        "serial" if my => LogicalType::Decimal { precision: 20, scale: 0 },
        "serial" => Int32,
        "bigint" | "int8" | "bigserial" | "serial8" | "oid" => signed(Int64, LogicalType::Decimal { precision: 20, scale: 0 }),
        // The standard leaves its width to the database, and only PostgreSQL's is of four bytes.
        "real" if dialect == Dialect::PostgreSql => Float,
        "float4" => Float,
        "float" if my && column.numbers.first().is_none_or(|&bits| bits <= 24) => Float,
        "real" | "double" | "double precision" | "float" | "float8" => Double,
        "decimal" | "numeric" | "dec" | "fixed" | "number" => return decimal(&column.numbers, my),
        "boolean" | "bool" => {
            if my {
                Int8
            } else {
                Boolean
            }
        }
        "bit" if column.numbers.first().is_none_or(|&bits| bits == 1) => Boolean,
        "bit" if my && column.numbers.first().is_some_and(|&bits| bits < 64) => Int64,
        "bit" if my => LogicalType::Decimal { precision: 20, scale: 0 },
        "date" => Date,
        "time" | "time without time zone" => Time,
        "datetime" | "datetime2" | "timestamp without time zone" => TimestampNtz,
        "timestamp" if my && in_utc => Timestamp,
        "timestamp" => TimestampNtz,
        "timestamp with time zone" | "timestamptz" => Timestamp,
        "json" | "jsonb" => Json,
        "uuid" => Uuid,
        "bytea" | "blob" | "tinyblob" | "mediumblob" | "longblob" | "binary" | "varbinary" => Binary,
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon" | "geometrycollection"
            if my =>
        {
            Binary
        }
        "" => return None,
        _ => String,
    })
}

/// Whether a column's values are bits that MySQL writes as the bytes of a number.
pub fn is_bits(column: &Column, dialect: Dialect) -> bool {
    dialect == Dialect::MySql && column.words == "bit"
}

/// A decimal of so many digits; without a word of them, MySQL has 10 and PostgreSQL any.
fn decimal(numbers: &[u32], my: bool) -> Option<LogicalType> {
    let (precision, scale) = match *numbers {
        [precision, scale, ..] => (precision, scale),
        [precision] => (precision, 0),
        [] if my => (10, 0),
        [] => return None,
    };
    // NUMBER(*,0): as many digits as there are.
    if precision == 0 {
        return None;
    }
    if precision > MOST_DIGITS || scale > precision {
        return Some(LogicalType::String);
    }
    Some(LogicalType::Decimal { precision: precision as u8, scale: scale as u8 })
}

/// SQLite has no dates, booleans or decimals, so what is declared as one is whatever its values are
/// (<https://www.sqlite.org/datatype3.html>, section 3.1).
fn by_affinity(words: &str) -> Option<LogicalType> {
    let has = |part: &str| words.contains(part);
    if has("int") {
        Some(LogicalType::Int64)
    } else if has("char") || has("clob") || has("text") {
        Some(LogicalType::String)
    } else if has("blob") {
        Some(LogicalType::Binary)
    } else if has("real") || has("floa") || has("doub") {
        Some(LogicalType::Double)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::sql::{Lexis, create};

    fn types(columns: &str, dialect: Dialect) -> Vec<String> {
        let created = create::read(format!("CREATE TABLE t ({columns});").as_bytes(), Lexis::of(dialect)).unwrap();
        let name = |column: &Column| declared(column, dialect, true).map_or("?".to_owned(), |found| found.to_string());
        created.columns.iter().map(name).collect()
    }

    #[test]
    fn mysql_types_are_ours() {
        let columns = "a tinyint(1), b int unsigned, c bigint(20) unsigned zerofill, d decimal(12,4) unsigned, e datetime(6), f timestamp, g varchar(9), h longblob, i json, j float, k double(8,2), l year(4), m bit(1), n bit(8), p bit(64), o set('a','b')";
        let expected = [
            "tinyint",
            "bigint",
            "decimal(20,0)",
            "decimal(12,4)",
            "timestamp_ntz",
            "timestamp",
            "string",
            "binary",
            "json",
            "float",
            "double",
            "smallint",
            "boolean",
            "bigint",
            "decimal(20,0)",
            "string",
        ];
        assert_eq!(types(columns, Dialect::MySql), expected);
    }

    #[test]
    fn postgresql_types_are_ours() {
        let columns = "a boolean, b numeric, c numeric(9,3), d timestamp with time zone, e time without time zone, f uuid, g jsonb, h bytea, i text[], j real, k interval, l \"char\", m public.mood, n date";
        let expected = [
            "boolean",
            "?",
            "decimal(9,3)",
            "timestamp",
            "time",
            "uuid",
            "json",
            "binary",
            "string",
            "float",
            "string",
            "string",
            "string",
            "date",
        ];
        assert_eq!(types(columns, Dialect::PostgreSql), expected);
    }

    #[test]
    fn real_is_of_eight_bytes_but_in_postgresql() {
        for dialect in [Dialect::MySql, Dialect::Sqlite, Dialect::Standard] {
            assert_eq!(types("a real", dialect), ["double"], "{dialect:?}");
        }
    }

    #[test]
    fn sqlite_types_are_affinities() {
        let columns = "a BIGINT, b VARCHAR(3), c DATETIME, d, e DOUBLE PRECISION, f BLOB, g NUMERIC(4,2)";
        assert_eq!(types(columns, Dialect::Sqlite), ["bigint", "string", "?", "?", "double", "binary", "?"]);
    }
}
