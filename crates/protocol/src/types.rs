//! Logical column types, under Spark's names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ddl::{self, DdlError};

/// The type of a column or of a nested field, as a person sees it. Printed and read as Spark DDL (`decimal(9,2)`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum LogicalType {
    Boolean,
    /// 8-bit signed (`tinyint`).
    Int8,
    /// 16-bit signed (`smallint`).
    Int16,
    /// 32-bit signed (`int`).
    Int32,
    /// 64-bit signed (`bigint`).
    Int64,
    /// 32-bit float (`float`).
    Float,
    /// 64-bit float (`double`).
    Double,
    /// Exact decimal with `precision` digits (1..=38), `scale` of them after the point.
    Decimal {
        precision: u8,
        scale: u8,
    },
    String,
    Binary,
    /// A calendar day.
    Date,
    /// An instant, in microseconds (`timestamp`).
    Timestamp,
    /// A wall clock without zone, in microseconds (`timestamp_ntz`).
    TimestampNtz,
    /// A time of day, in microseconds.
    Time,
    Uuid,
    /// JSON text kept as text.
    Json,
    /// Of no value that was seen yet: fits none, and becomes what comes. Written as text.
    Void,
    Struct(Vec<Field>),
    List(Box<LogicalType>),
    /// A map from string keys.
    Map(Box<LogicalType>),
}

/// A named member of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub data_type: LogicalType,
}

impl fmt::Display for LogicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::Int8 => f.write_str("tinyint"),
            Self::Int16 => f.write_str("smallint"),
            Self::Int32 => f.write_str("int"),
            Self::Int64 => f.write_str("bigint"),
            Self::Float => f.write_str("float"),
            Self::Double => f.write_str("double"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::String => f.write_str("string"),
            Self::Binary => f.write_str("binary"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::TimestampNtz => f.write_str("timestamp_ntz"),
            Self::Time => f.write_str("time"),
            Self::Uuid => f.write_str("uuid"),
            Self::Json => f.write_str("json"),
            Self::Void => f.write_str("void"),
            Self::List(element) => write!(f, "array<{element}>"),
            Self::Map(value) => write!(f, "map<string,{value}>"),
            Self::Struct(fields) => {
                f.write_str("struct<")?;
                for (i, field) in fields.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{}", quoted_name(&field.name), field.data_type)?;
                }
                f.write_str(">")
            }
        }
    }
}

fn quoted_name(name: &str) -> String {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// Reads Spark DDL, nested types too: what `Display` prints, and Spark's other names.
impl From<LogicalType> for String {
    fn from(data_type: LogicalType) -> Self {
        data_type.to_string()
    }
}

impl TryFrom<String> for LogicalType {
    type Error = DdlError;

    fn try_from(text: String) -> Result<Self, DdlError> {
        text.parse()
    }
}

impl FromStr for LogicalType {
    type Err = DdlError;

    fn from_str(text: &str) -> Result<Self, DdlError> {
        ddl::parse_type(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_back_as_printed() {
        use LogicalType::*;
        for t in [
            Boolean,
            Int8,
            Int16,
            Int32,
            Int64,
            Float,
            Double,
            String,
            Binary,
            Date,
            Timestamp,
            TimestampNtz,
            Time,
            Uuid,
            Json,
            Void,
            Decimal { precision: 38, scale: 4 },
            List(Box::new(Map(Box::new(Int32)))),
            Struct(vec![Field { name: "odd `name`".to_owned(), data_type: Struct(Vec::new()) }]),
        ] {
            assert_eq!(t.to_string().parse::<LogicalType>().unwrap(), t);
        }
    }

    #[test]
    fn a_decimal_outside_its_bounds_is_refused() {
        for text in ["decimal(39,0)", "decimal(0,0)", "decimal(4,5)", "decimal(4", "decimal(a,b)"] {
            assert!(text.parse::<LogicalType>().is_err(), "{text}");
        }
    }
}
