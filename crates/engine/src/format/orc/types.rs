//! The types of a file: a list in which each names its children by their numbers.
//!
//! <https://orc.apache.org/specification/ORCv1/#type-information>

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Fields, TimeUnit, UnionFields, UnionMode};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::{malformed, message};
use crate::Result;
use crate::column::arrow::UTC;

/// Types within types at most.
const MOST_DEPTH: usize = 64;
/// Types of a file at most.
pub const MOST_TYPES: usize = 1 << 17;
/// Types of a union at most: Arrow numbers them by seven bits, and one is for null.
const MOST_VARIANTS: usize = 126;
/// A decimal of Hive's first, which does not say its digits.
const UNSAID_DECIMAL: (u8, i8) = (38, 18);

/// A type, with those within it.
#[derive(Debug, Clone)]
pub struct Type {
    /// The number of its column, in streams and encodings.
    pub column: usize,
    pub kind: Kind,
    pub children: Vec<Type>,
    /// Of a struct's members.
    names: Vec<String>,
}

/// What values of a type are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    /// Texts of any kind: `string`, `varchar`, `char`.
    Text,
    Binary,
    /// A wall clock, written as seconds of the writer's zone.
    Timestamp,
    Instant,
    Date,
    Decimal(u8, i8),
    List,
    Map,
    Struct,
    Union,
}

/// A type as it stands in the footer.
#[derive(Default)]
pub struct Declared {
    kind: u64,
    children: Vec<u64>,
    names: Vec<String>,
    precision: u64,
    scale: u64,
}

impl Declared {
    pub fn parse(message: &[u8]) -> Result<Self> {
        let mut declared = Self::default();
        for field in message::Fields::of(message) {
            match field? {
                (1, kind) => declared.kind = kind.number(),
                (2, children) => children.numbers(&mut declared.children)?,
                (3, name) => declared.names.push(name.text()),
                (5, precision) => declared.precision = precision.number(),
                (6, scale) => declared.scale = scale.number(),
                _ => {}
            }
        }
        Ok(declared)
    }

    fn kind(&self) -> Result<Kind> {
        Ok(match self.kind {
            0 => Kind::Boolean,
            1 => Kind::Byte,
            2 => Kind::Short,
            3 => Kind::Int,
            4 => Kind::Long,
            5 => Kind::Float,
            6 => Kind::Double,
            7 | 16 | 17 => Kind::Text,
            // Geometry and geography are bytes too.
            8 | 19 | 20 => Kind::Binary,
            9 => Kind::Timestamp,
            10 => Kind::List,
            11 => Kind::Map,
            12 => Kind::Struct,
            13 => Kind::Union,
            14 if self.precision == 0 => Kind::Decimal(UNSAID_DECIMAL.0, UNSAID_DECIMAL.1),
            14 if self.precision <= 38 && self.scale <= self.precision => Kind::Decimal(self.precision as u8, self.scale as i8),
            14 => return Err(malformed(format!("it declares a decimal of {} digits, {} behind the point", self.precision, self.scale))),
            15 => Kind::Date,
            18 => Kind::Instant,
            other => return Err(malformed(format!("it has a type of the unknown kind {other}"))),
        })
    }
}

impl Type {
    /// The tree of a footer's types, of which the first is the root.
    ///
    /// # Errors
    /// A list that is no tree, [`ErrorKind::Limit`] for one that is too deep or too large.
    pub fn tree(declared: Vec<Declared>) -> Result<Self> {
        if declared.len() > MOST_TYPES {
            return Err(limit(format!("the ORC file has more than {MOST_TYPES} columns"), format!("At most {MOST_TYPES} are read.")));
        }
        let mut next = 0;
        let root = Self::from(&declared, &mut next, 0)?;
        if next < declared.len() { Err(malformed("a type of its footer belongs to no column")) } else { Ok(root) }
    }

    /// The type with the number `next`; numbers go from each to its children, one after another, so that none comes twice.
    fn from(declared: &[Declared], next: &mut usize, depth: usize) -> Result<Self> {
        let column = *next;
        let own = declared.get(column).ok_or_else(|| malformed("its footer has no types"))?;
        if depth > MOST_DEPTH {
            return Err(limit("the ORC file's types nest too deep".to_owned(), format!("At most {MOST_DEPTH} levels are read.")));
        }
        *next += 1;
        let kind = own.kind()?;
        let mut children = Vec::new();
        for &child in &own.children {
            if child != *next as u64 {
                return Err(malformed(format!("type {column} of its footer names type {child} out of order")));
            }
            children.push(Self::from(declared, next, depth + 1)?);
        }
        let fits = match kind {
            Kind::List => children.len() == 1,
            Kind::Map => children.len() == 2,
            Kind::Struct => children.len() == own.names.len(),
            Kind::Union => (1..=MOST_VARIANTS).contains(&children.len()),
            _ => children.is_empty(),
        };
        if !fits {
            return Err(malformed(format!("type {column} of its footer has {} types within it", children.len())));
        }
        Ok(Self { column, kind, children, names: own.names.clone() })
    }

    /// The columns of a file whose root this is.
    pub fn columns(&self) -> Fields {
        match self.kind {
            Kind::Struct => self.members().into_iter().map(|(name, member)| field(name, member.arrow())).collect(),
            _ => vec![field("value", self.arrow())].into(),
        }
    }

    /// A struct's members with their names.
    pub fn members(&self) -> Vec<(&str, &Self)> {
        self.names.iter().map(String::as_str).zip(&self.children).collect()
    }

    /// Whether a value takes no bytes: nothing but structs.
    pub fn is_free(&self) -> bool {
        self.kind == Kind::Struct && self.children.iter().all(Self::is_free)
    }

    /// The type that its values have in Arrow, as [`Column`](super::column::Column) makes them.
    pub fn arrow(&self) -> DataType {
        let child = |at: usize| self.children.get(at).map_or(DataType::Null, Self::arrow);
        match self.kind {
            Kind::Boolean => DataType::Boolean,
            Kind::Byte => DataType::Int8,
            Kind::Short => DataType::Int16,
            Kind::Int => DataType::Int32,
            Kind::Long => DataType::Int64,
            Kind::Float => DataType::Float32,
            Kind::Double => DataType::Float64,
            Kind::Text => DataType::Utf8,
            Kind::Binary => DataType::Binary,
            Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Kind::Date => DataType::Date32,
            Kind::Decimal(precision, scale) => DataType::Decimal128(precision, scale),
            Kind::List => DataType::List(field("element", child(0))),
            Kind::Map => {
                let entries = vec![Arc::new(Field::new("key", child(0), false)), field("value", child(1))];
                DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(entries.into()), false)), false)
            }
            Kind::Struct => DataType::Struct(self.members().into_iter().map(|(name, member)| field(name, member.arrow())).collect()),
            Kind::Union => DataType::Union(self.variants(), UnionMode::Dense),
        }
    }

    /// A union's types, and one more for null.
    pub fn variants(&self) -> UnionFields {
        let own = self.children.iter().map(Self::arrow).chain([DataType::Null]);
        own.enumerate().map(|(tag, variant)| (tag as i8, field(&tag.to_string(), variant))).collect()
    }
}

fn field(name: &str, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type, true))
}

fn limit(what: String, hint: String) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Limit, what, hint)
}
