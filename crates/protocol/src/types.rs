//! Logical column types, under Spark's names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The type of a column or of a nested field, as a person sees it. Printed and read as Spark DDL (`decimal(9,2)`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// A type name that is none of ours; holds the text as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownType(pub String);

impl fmt::Display for UnknownType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a type; known are boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s), string, date, timestamp, timestamp_ntz, time, uuid",
            self.0
        )
    }
}

impl std::error::Error for UnknownType {}

/// Reads the scalar types only; nested types are found, never typed in by hand.
impl FromStr for LogicalType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let lower: String = text.to_ascii_lowercase().split_whitespace().collect();
        let unknown = || UnknownType(text.to_owned());
        if let Some(arguments) = lower.strip_prefix("decimal").or_else(|| lower.strip_prefix("numeric")) {
            let arguments = match arguments {
                "" => "10,0",
                inside => inside.strip_prefix('(').and_then(|a| a.strip_suffix(')')).ok_or_else(unknown)?,
            };
            let (precision, scale) = arguments.split_once(',').unwrap_or((arguments, "0"));
            let precision: u8 = precision.parse().map_err(|_| unknown())?;
            let scale: u8 = scale.parse().map_err(|_| unknown())?;
            if !(1..=38).contains(&precision) || scale > precision {
                return Err(unknown());
            }
            return Ok(Self::Decimal { precision, scale });
        }
        Ok(match lower.as_str() {
            "boolean" | "bool" => Self::Boolean,
            "tinyint" | "byte" | "int8" => Self::Int8,
            "smallint" | "short" | "int16" => Self::Int16,
            "int" | "integer" | "int32" => Self::Int32,
            "bigint" | "long" | "int64" => Self::Int64,
            "float" | "real" | "float32" => Self::Float,
            "double" | "float64" | "doubleprecision" => Self::Double,
            "string" | "text" | "varchar" => Self::String,
            "binary" => Self::Binary,
            "date" => Self::Date,
            "timestamp" | "timestamptz" | "timestamp_ltz" => Self::Timestamp,
            "timestamp_ntz" => Self::TimestampNtz,
            "time" => Self::Time,
            "uuid" => Self::Uuid,
            "json" => Self::Json,
            _ => return Err(unknown()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalar_types_read_back_as_printed() {
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
            Decimal { precision: 38, scale: 4 },
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
