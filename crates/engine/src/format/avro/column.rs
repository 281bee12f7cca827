//! One column in the making: the values of one type, row after row.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Decimal256Builder, StringBuilder};
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int32Type, Int64Type, Time32MillisecondType, Time64MicrosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType,
};
use arrow_array::{ArrayRef, ArrowPrimitiveType, ListArray, MapArray, NullArray, PrimitiveArray, StringArray, StructArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer, i256};
use arrow_schema::{DataType, Field, FieldRef, Fields};

use super::schema::{Logical, Schema, Type};
use super::value::Bytes;
use super::{json, malformed};
use crate::Result;
use crate::column::arrow::UTC;
use crate::format::columnar::defect;

/// Types that nest deeper are kept as JSON text.
const MOST_DEPTH: usize = crate::column::nested::MAX_DEPTH;

/// A column that is being filled.
pub struct Column {
    kind: Kind,
    /// The number of null's branch, where the type is a union of null and another.
    null_branch: Option<usize>,
    valid: BooleanBufferBuilder,
}

enum Kind {
    Null,
    Boolean(BooleanBuilder),
    Int(Vec<i32>, Logical),
    Long(Vec<i64>, Logical),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(BinaryBuilder),
    Fixed(BinaryBuilder, usize),
    /// Of a fixed length, or (`None`) behind a length.
    Decimal(Decimal256Builder, Option<usize>, u8, i8),
    Duration(StringBuilder),
    Text(StringBuilder),
    Enum(StringBuilder, Vec<String>),
    Array(Vec<i32>, Box<Column>),
    Map(Vec<i32>, StringBuilder, Box<Column>),
    Record(Vec<(String, Column)>),
    /// What has no column of its own.
    Json(StringBuilder, Type),
}

impl Column {
    /// A column of values of this type, within types of these numbers.
    pub fn new(schema: &Schema, of: &Type, within: &[usize]) -> Self {
        let (of, null_branch) = match of {
            Type::Union(branches) => match branches.as_slice() {
                [only] => (only, Some(usize::MAX)),
                [Type::Null, other] => (other, Some(0)),
                [other, Type::Null] => (other, Some(1)),
                _ => (of, None),
            },
            other => (other, None),
        };
        Self { kind: Kind::new(schema, of, within), null_branch, valid: BooleanBufferBuilder::new(0) }
    }

    /// Reads the next value.
    pub fn read(&mut self, schema: &Schema, bytes: &mut Bytes<'_>) -> Result<()> {
        bytes.spend()?;
        if let Some(null) = self.null_branch {
            let branch = usize::try_from(bytes.long()?).unwrap_or(usize::MAX);
            let last = usize::from(null != usize::MAX);
            if branch > last {
                return Err(malformed(format!("a union of {} types has no type {branch}", last + 1)));
            }
            if branch == null {
                self.skip();
                return Ok(());
            }
        }
        let is_valid = self.kind.read(schema, bytes)?;
        self.valid.append(is_valid);
        Ok(())
    }

    /// Adds a null.
    fn skip(&mut self) {
        self.valid.append(false);
        self.kind.skip();
    }

    /// What a person should know of how its values are read, where the schema declares another type.
    pub fn remark(&self) -> Option<&'static str> {
        match &self.kind {
            Kind::Json(_, Type::Union(_)) => Some("holds values of several types, written as JSON text"),
            Kind::Json(..) => Some("holds values that nest within their own type, or deeply, written as JSON text"),
            Kind::Array(_, inner) | Kind::Map(_, _, inner) => inner.remark(),
            Kind::Record(fields) => fields.iter().find_map(|(_, field)| field.remark()),
            _ => None,
        }
    }

    /// What it holds.
    pub fn finish(mut self) -> Result<(ArrayRef, FieldRef)> {
        let rows = self.valid.len();
        let nulls = Some(NullBuffer::new(self.valid.finish())).filter(|nulls| nulls.null_count() > 0);
        let (array, extension) = self.kind.finish(rows, nulls)?;
        let mut field = Field::new("", array.data_type().clone(), true);
        if let Some(extension) = extension {
            field = field.with_metadata([("ARROW:extension:name".to_owned(), extension.to_owned())].into());
        }
        Ok((array, Arc::new(field)))
    }
}

impl Kind {
    fn new(schema: &Schema, of: &Type, within: &[usize]) -> Self {
        let mut within = within.to_vec();
        if let Type::Named(number) = of {
            if within.contains(number) {
                return Self::Json(StringBuilder::new(), of.clone());
            }
            within.push(*number);
        }
        if within.len() > MOST_DEPTH {
            return Self::Json(StringBuilder::new(), of.clone());
        }
        match schema.resolved(of) {
            Type::Null | Type::Named(_) => Self::Null,
            Type::Boolean => Self::Boolean(BooleanBuilder::new()),
            Type::Int(logical) => Self::Int(Vec::new(), *logical),
            Type::Long(logical) => Self::Long(Vec::new(), *logical),
            Type::Float => Self::Float(Vec::new()),
            Type::Double => Self::Double(Vec::new()),
            Type::Bytes(Logical::Decimal(precision, scale)) => Self::Decimal(Decimal256Builder::new(), None, *precision, *scale),
            Type::Fixed(size, Logical::Decimal(precision, scale)) => {
                Self::Decimal(Decimal256Builder::new(), Some(*size), *precision, *scale)
            }
            Type::Fixed(12, Logical::Duration) => Self::Duration(StringBuilder::new()),
            Type::Bytes(_) => Self::Bytes(BinaryBuilder::new()),
            Type::Fixed(size, _) => Self::Fixed(BinaryBuilder::new(), *size),
            Type::String(_) => Self::Text(StringBuilder::new()),
            Type::Enum(symbols) => Self::Enum(StringBuilder::new(), symbols.clone()),
            Type::Array(element) => Self::Array(vec![0], Box::new(Column::new(schema, element, &deeper(within)))),
            Type::Map(value) => Self::Map(vec![0], StringBuilder::new(), Box::new(Column::new(schema, value, &deeper(within)))),
            Type::Record(fields) => {
                Self::Record(fields.iter().map(|(name, field)| (name.clone(), Column::new(schema, field, &within))).collect())
            }
            Type::Union(_) => Self::Json(StringBuilder::new(), of.clone()),
        }
    }

    /// Reads a value; whether it is one and not null.
    fn read(&mut self, schema: &Schema, bytes: &mut Bytes<'_>) -> Result<bool> {
        match self {
            Self::Null => {}
            Self::Boolean(values) => values.append_value(bytes.boolean()?),
            Self::Int(values, _) => values.push(bytes.int()?),
            Self::Long(values, _) => values.push(bytes.long()?),
            Self::Float(values) => values.push(f32::from_le_bytes(bytes.array()?)),
            Self::Double(values) => values.push(f64::from_le_bytes(bytes.array()?)),
            Self::Bytes(values) => values.append_value(bytes.bytes()?),
            Self::Fixed(values, size) => values.append_value(bytes.take(*size)?),
            Self::Decimal(values, size, ..) => {
                let digits = match size {
                    Some(size) => bytes.take(*size)?,
                    None => bytes.bytes()?,
                };
                values.append_value(big_endian(digits).ok_or_else(|| malformed("a decimal has more than 256 bits"))?);
            }
            Self::Duration(values) => {
                let [months, days, millis] = [bytes.array()?, bytes.array()?, bytes.array()?].map(u32::from_le_bytes);
                values.append_value(format!("{months} months {days} days {millis} ms"));
            }
            Self::Text(values) => values.append_value(bytes.text()?),
            Self::Enum(values, symbols) => values.append_value(json::symbol(symbols, bytes)?),
            Self::Array(ends, element) => {
                let count = items(bytes, |bytes| element.read(schema, bytes))?;
                ends.push(end(ends, count)?);
            }
            Self::Map(ends, keys, value) => {
                let count = items(bytes, |bytes| {
                    keys.append_value(bytes.text()?);
                    value.read(schema, bytes)
                })?;
                ends.push(end(ends, count)?);
            }
            Self::Record(fields) => fields.iter_mut().try_for_each(|(_, field)| field.read(schema, bytes))?,
            Self::Json(values, of) => {
                let mut text = String::new();
                json::write(schema, of, bytes, 0, &mut text)?;
                let is_null = text == "null";
                values.append_value(text);
                return Ok(!is_null);
            }
        }
        Ok(true)
    }

    /// Something in the place of a null.
    fn skip(&mut self) {
        match self {
            Self::Null => {}
            Self::Boolean(values) => values.append_value(false),
            Self::Int(values, _) => values.push(0),
            Self::Long(values, _) => values.push(0),
            Self::Float(values) => values.push(0.0),
            Self::Double(values) => values.push(0.0),
            Self::Bytes(values) | Self::Fixed(values, _) => values.append_value([]),
            Self::Decimal(values, ..) => values.append_value(i256::ZERO),
            Self::Duration(values) | Self::Text(values) | Self::Enum(values, _) | Self::Json(values, _) => {
                values.append_value("");
            }
            Self::Array(ends, _) | Self::Map(ends, ..) => ends.push(ends.last().copied().unwrap_or_default()),
            Self::Record(fields) => fields.iter_mut().for_each(|(_, field)| field.skip()),
        }
    }

    /// The array, and the name of the extension that its type is.
    fn finish(self, rows: usize, nulls: Option<NullBuffer>) -> Result<(ArrayRef, Option<&'static str>)> {
        let array: ArrayRef = match self {
            Self::Null => Arc::new(NullArray::new(rows)),
            Self::Boolean(mut values) => Arc::new(arrow_array::BooleanArray::new(values.finish().values().clone(), nulls)),
            Self::Int(values, Logical::Date) => primitive::<Date32Type>(values, nulls),
            Self::Int(values, Logical::TimeMillis) => primitive::<Time32MillisecondType>(values, nulls),
            Self::Int(values, _) => primitive::<Int32Type>(values, nulls),
            Self::Long(values, Logical::TimeMicros) => primitive::<Time64MicrosecondType>(values, nulls),
            Self::Long(values, Logical::Timestamp(unit, is_instant)) => {
                let zone = is_instant.then_some(UTC);
                match unit {
                    1_000 => Arc::new(PrimitiveArray::<TimestampMillisecondType>::new(values.into(), nulls).with_timezone_opt(zone)),
                    1_000_000 => Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(values.into(), nulls).with_timezone_opt(zone)),
                    _ => Arc::new(PrimitiveArray::<TimestampNanosecondType>::new(values.into(), nulls).with_timezone_opt(zone)),
                }
            }
            Self::Long(values, _) => primitive::<Int64Type>(values, nulls),
            Self::Float(values) => primitive::<Float32Type>(values, nulls),
            Self::Double(values) => primitive::<Float64Type>(values, nulls),
            Self::Bytes(mut values) | Self::Fixed(mut values, _) => {
                let (offsets, bytes, _) = values.finish().into_parts();
                Arc::new(arrow_array::BinaryArray::new(offsets, bytes, nulls))
            }
            Self::Decimal(mut values, _, precision, scale) => {
                let (_, values, _) = values.finish().into_parts();
                let decimals = arrow_array::Decimal256Array::new(values, nulls).with_precision_and_scale(precision, scale);
                Arc::new(decimals.map_err(defect)?)
            }
            Self::Duration(mut values) | Self::Text(mut values) | Self::Enum(mut values, _) => Arc::new(texts(&mut values, nulls)),
            Self::Json(mut values, _) => return Ok((Arc::new(texts(&mut values, nulls)), Some("arrow.json"))),
            Self::Array(ends, element) => {
                let (values, field) = element.finish()?;
                Arc::new(ListArray::try_new(named("element", &field), OffsetBuffer::new(ends.into()), values, nulls).map_err(defect)?)
            }
            Self::Map(ends, mut keys, value) => {
                let (values, field) = value.finish()?;
                let fields = Fields::from(vec![Arc::new(Field::new("key", DataType::Utf8, false)), named("value", &field)]);
                let entries = StructArray::try_new(fields.clone(), vec![Arc::new(keys.finish()), values], None).map_err(defect)?;
                let field = Arc::new(Field::new("key_value", DataType::Struct(fields), false));
                Arc::new(MapArray::try_new(field, OffsetBuffer::new(ends.into()), entries, nulls, false).map_err(defect)?)
            }
            Self::Record(fields) => {
                let (mut of, mut arrays) = (Vec::new(), Vec::new());
                for (name, field) in fields {
                    let (array, field) = field.finish()?;
                    of.push(named(&name, &field));
                    arrays.push(array);
                }
                if arrays.is_empty() {
                    Arc::new(StructArray::new_empty_fields(rows, nulls))
                } else {
                    Arc::new(StructArray::try_new(of.into(), arrays, nulls).map_err(defect)?)
                }
            }
        };
        Ok((array, None))
    }
}

fn deeper(mut within: Vec<usize>) -> Vec<usize> {
    within.push(usize::MAX);
    within
}

fn named(name: &str, field: &FieldRef) -> FieldRef {
    Arc::new(Field::clone(field).with_name(name))
}

fn primitive<T: ArrowPrimitiveType>(values: Vec<T::Native>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}

fn texts(values: &mut StringBuilder, nulls: Option<NullBuffer>) -> StringArray {
    let (offsets, bytes, _) = values.finish().into_parts();
    StringArray::new(offsets, bytes, nulls)
}

/// The items of an array or a map; how many.
fn items(bytes: &mut Bytes<'_>, mut item: impl FnMut(&mut Bytes<'_>) -> Result<()>) -> Result<u64> {
    let mut all: u64 = 0;
    loop {
        let count = bytes.items()?;
        if count == 0 {
            return Ok(all);
        }
        for _ in 0..count {
            item(bytes)?;
        }
        all = all.saturating_add(count);
    }
}

/// Where a list ends that begins at the last end.
fn end(ends: &[i32], count: u64) -> Result<i32> {
    let last = ends.last().copied().unwrap_or_default();
    let end = i32::try_from(count).ok().and_then(|count| last.checked_add(count));
    end.ok_or_else(|| malformed("the lists of a block have more than 2^31 items"))
}

/// A number in two's complement, the highest byte first.
fn big_endian(digits: &[u8]) -> Option<i256> {
    let negative = digits.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut bytes = [if negative { 0xFF } else { 0 }; 32];
    bytes.get_mut(32_usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some(i256::from_be_bytes(bytes))
}
