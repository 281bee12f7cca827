//! The writer's schema.

use colonnade_protocol::{ErrorInfo, ErrorKind};
use serde_json::Value;

use super::malformed;
use crate::Result;

/// Fields of a schema, those of nested records counted wherever they are used.
const MOST_TYPES: usize = 100_000;
/// Types nest at most so deep.
const MOST_DEPTH: usize = 64;

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    Null,
    Boolean,
    Int(Logical),
    Long(Logical),
    Float,
    Double,
    Bytes(Logical),
    String(Logical),
    Fixed(usize, Logical),
    Enum(Vec<String>),
    Array(Box<Type>),
    Map(Box<Type>),
    Record(Vec<(String, Type)>),
    Union(Vec<Type>),
    /// A type by its number in [`Schema::named`].
    Named(usize),
}

/// What a type stands for beyond its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logical {
    None,
    Date,
    TimeMillis,
    TimeMicros,
    /// Units in a second, and whether they count from UTC's 1970.
    Timestamp(i64, bool),
    Decimal(u8, i8),
    Duration,
}

/// A file's schema: the type of its records, and the types with names.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    pub root: Type,
    /// Name and type; a type may hold itself by its number.
    named: Vec<(String, Type)>,
}

impl Schema {
    /// Reads a schema's JSON.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let json: Value = serde_json::from_slice(text).map_err(|error| malformed(format!("its schema is no JSON: {error}")))?;
        let mut schema = Self { root: Type::Null, named: Vec::new() };
        schema.root = schema.read(&json, "", 0)?;
        let mut left = MOST_TYPES;
        schema.count(&schema.root, &mut Vec::new(), &mut left)?;
        Ok(schema)
    }

    /// The type itself where it is there by name.
    pub fn resolved<'a>(&'a self, of: &'a Type) -> &'a Type {
        match of {
            Type::Named(number) => self.named.get(*number).map_or(&Type::Null, |(_, named)| named),
            other => other,
        }
    }

    /// Types with names may be used again and again within each other: a short schema may stand for columns without end.
    fn count(&self, of: &Type, within: &mut Vec<usize>, left: &mut usize) -> Result<()> {
        *left = left
            .checked_sub(1)
            .ok_or_else(|| ErrorInfo::new(ErrorKind::Limit, format!("the Avro file's schema has more than {MOST_TYPES} fields"), ""))?;
        match of {
            Type::Named(number) if within.contains(number) => Ok(()),
            Type::Named(number) => {
                within.push(*number);
                let counted = self.count(self.resolved(of), within, left);
                within.pop();
                counted
            }
            Type::Array(inner) | Type::Map(inner) => self.count(inner, within, left),
            Type::Record(fields) => fields.iter().try_for_each(|(_, field)| self.count(field, within, left)),
            Type::Union(branches) => branches.iter().try_for_each(|branch| self.count(branch, within, left)),
            _ => Ok(()),
        }
    }

    fn read(&mut self, json: &Value, space: &str, depth: usize) -> Result<Type> {
        if depth > MOST_DEPTH {
            return Err(malformed(format!("its schema nests deeper than {MOST_DEPTH}")));
        }
        match json {
            Value::String(name) => self.by_name(name, space, Logical::None),
            Value::Array(branches) => {
                Ok(Type::Union(branches.iter().map(|branch| self.read(branch, space, depth + 1)).collect::<Result<_>>()?))
            }
            Value::Object(_) => self.complex(json, space, depth),
            _ => Err(malformed(format!("its schema has {json} for a type"))),
        }
    }

    fn by_name(&self, name: &str, space: &str, logical: Logical) -> Result<Type> {
        Ok(match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "int" => Type::Int(logical),
            "long" => Type::Long(logical),
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" => Type::Bytes(logical),
            "string" => Type::String(logical),
            _ => {
                let full = full_name(name, space);
                let known = self.named.iter().position(|(known, _)| *known == full || known == name);
                Type::Named(known.ok_or_else(|| malformed(format!("its schema has no type {name:?}")))?)
            }
        })
    }

    fn complex(&mut self, json: &Value, space: &str, depth: usize) -> Result<Type> {
        let kind = match &json["type"] {
            Value::String(kind) => kind.as_str(),
            inner => return self.read(inner, space, depth + 1),
        };
        let logical = logical(json);
        let name = json["name"].as_str().unwrap_or_default();
        let space = json["namespace"].as_str().or(name.rsplit_once('.').map(|(space, _)| space)).unwrap_or(space).to_owned();
        match kind {
            "array" => Ok(Type::Array(Box::new(self.read(&json["items"], &space, depth + 1)?))),
            "map" => Ok(Type::Map(Box::new(self.read(&json["values"], &space, depth + 1)?))),
            "record" | "error" => {
                let number = self.named.len();
                // Known before its fields are, which may be of it.
                self.named.push((full_name(name, &space), Type::Null));
                let fields =
                    json["fields"].as_array().ok_or_else(|| malformed(format!("the record {name:?} of its schema has no fields")))?;
                let field = |field: &Value| -> Result<(String, Type)> {
                    Ok((field["name"].as_str().unwrap_or_default().to_owned(), self.read(&field["type"], &space, depth + 1)?))
                };
                let fields = fields.iter().map(field).collect::<Result<_>>()?;
                if let Some(place) = self.named.get_mut(number) {
                    place.1 = Type::Record(fields);
                }
                Ok(Type::Named(number))
            }
            "enum" => {
                let symbols = json["symbols"].as_array().into_iter().flatten();
                let symbols = symbols.map(|symbol| symbol.as_str().unwrap_or_default().to_owned()).collect();
                Ok(self.add(full_name(name, &space), Type::Enum(symbols)))
            }
            "fixed" => {
                let size = json["size"].as_u64().and_then(|size| usize::try_from(size).ok()).filter(|&size| size <= 1 << 20);
                let size = size.ok_or_else(|| malformed(format!("the type {name:?} of its schema has no size")))?;
                Ok(self.add(full_name(name, &space), Type::Fixed(size, logical)))
            }
            other => self.by_name(other, &space, logical),
        }
    }

    fn add(&mut self, name: String, named: Type) -> Type {
        self.named.push((name, named));
        Type::Named(self.named.len() - 1)
    }
}

fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

/// A logical type that is not known, or does not fit, is passed over, as the specification has it.
fn logical(json: &Value) -> Logical {
    match json["logicalType"].as_str().unwrap_or_default() {
        "date" => Logical::Date,
        "time-millis" => Logical::TimeMillis,
        "time-micros" => Logical::TimeMicros,
        "timestamp-millis" => Logical::Timestamp(1_000, true),
        "timestamp-micros" => Logical::Timestamp(1_000_000, true),
        "timestamp-nanos" => Logical::Timestamp(1_000_000_000, true),
        "local-timestamp-millis" => Logical::Timestamp(1_000, false),
        "local-timestamp-micros" => Logical::Timestamp(1_000_000, false),
        "local-timestamp-nanos" => Logical::Timestamp(1_000_000_000, false),
        "duration" => Logical::Duration,
        "decimal" => {
            let precision = json["precision"].as_u64().and_then(|precision| u8::try_from(precision).ok());
            let scale = json["scale"].as_u64().map_or(Some(0), |scale| i8::try_from(scale).ok());
            match precision.zip(scale) {
                Some((precision @ 1..=76, scale)) if scale <= precision as i8 => Logical::Decimal(precision, scale),
                _ => Logical::None,
            }
        }
        _ => Logical::None,
    }
}
