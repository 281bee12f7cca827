//! A column of a stripe: which rows have a value, and the values.

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

use super::decimals::Decimals;
use super::faults::{Faults, spread};
use super::integers::Integers;
use super::moments::Moments;
use super::runs::{Bits, Bytes};
use super::stream::Stream;
use super::stripe::{Layout, Role};
use super::texts::{Dictionary, Texts};
use super::types::{Kind, Type};
use super::{malformed, nested};
use crate::Result;

/// The rows that are wanted next of a column.
pub struct Wanted {
    pub rows: usize,
    /// Which of them are null, where any is.
    pub nulls: Option<NullBuffer>,
}

impl Wanted {
    /// How many of the rows have a value: only they stand in the streams.
    pub fn values(&self) -> usize {
        self.rows - self.nulls.as_ref().map_or(0, NullBuffer::null_count)
    }

    /// The row of each value.
    pub fn row_of_each(&self) -> Vec<usize> {
        match &self.nulls {
            Some(nulls) => nulls.valid_indices().collect(),
            None => (0..self.rows).collect(),
        }
    }
}

/// Reads the values of a column, row after row.
pub trait Values {
    /// The next rows, as an array of the column's [`Type::arrow`].
    ///
    /// # Errors
    /// Those of the streams, and of what they claim.
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef>;
}

/// A column from the first row of its stripe on.
pub struct Column {
    present: Option<Bits>,
    values: Box<dyn Values>,
}

impl Column {
    /// The column of a type, with those within it.
    ///
    /// # Errors
    /// Those of dictionaries, which are read at once.
    pub fn new(layout: &Layout, of: &Type) -> Result<Self> {
        let encoding = layout.encoding(of.column);
        let stream = |role: Role| layout.stream(of.column, role);
        let integers = |role: Role, is_signed: bool| Integers::new(stream(role), is_signed, encoding.is_second);
        let child = |at: usize| match of.children.get(at) {
            Some(child) => Self::new(layout, child),
            None => Err(malformed("a type lacks one within it")),
        };
        let values: Box<dyn Values> = match of.kind {
            Kind::Boolean => Box::new(Booleans(Bits::new(stream(Role::Data)))),
            Kind::Byte => Box::new(Octets(Bytes::new(stream(Role::Data)))),
            Kind::Short => Box::new(Whole::<Int16Type>::new(integers(Role::Data, true))),
            Kind::Int => Box::new(Whole::<Int32Type>::new(integers(Role::Data, true))),
            Kind::Long => Box::new(Whole::<Int64Type>::new(integers(Role::Data, true))),
            Kind::Date => Box::new(Whole::<Date32Type>::new(integers(Role::Data, true))),
            Kind::Float => Box::new(Floats::<4, Float32Type>(stream(Role::Data), f32::from_le_bytes)),
            Kind::Double => Box::new(Floats::<8, Float64Type>(stream(Role::Data), f64::from_le_bytes)),
            Kind::Timestamp | Kind::Instant => {
                let zone = (of.kind == Kind::Timestamp).then(|| layout.zone.clone());
                Box::new(Moments::new(integers(Role::Data, true), integers(Role::Secondary, false), zone))
            }
            Kind::Decimal(precision, scale) => {
                Box::new(Decimals::new(stream(Role::Data), integers(Role::Secondary, true), precision, scale))
            }
            Kind::Text if encoding.has_dictionary => {
                let lengths = integers(Role::Length, false);
                let indices = integers(Role::Data, false);
                Box::new(Dictionary::new(stream(Role::Dictionary), lengths, encoding.dictionary, indices)?)
            }
            Kind::Text | Kind::Binary => Box::new(Texts::new(stream(Role::Data), integers(Role::Length, false), of.kind == Kind::Text)),
            Kind::List => Box::new(nested::Lists::new(integers(Role::Length, false), child(0)?)),
            Kind::Map => Box::new(nested::Maps::new(integers(Role::Length, false), child(0)?, child(1)?)),
            Kind::Struct => {
                let members = of.members().into_iter().map(|(name, member)| Ok((name.to_owned(), Self::new(layout, member)?)));
                Box::new(nested::Structs::new(members.collect::<Result<_>>()?))
            }
            Kind::Union => {
                let variants = of.children.iter().map(|variant| Self::new(layout, variant)).collect::<Result<_>>()?;
                Box::new(nested::Unions::new(Bytes::new(stream(Role::Data)), of.variants(), variants))
            }
        };
        Ok(Self { present: layout.optional(of.column, Role::Present).map(Bits::new), values })
    }

    /// The next `rows`, within a struct that has these nulls: where it is null, its members have nothing.
    ///
    /// # Errors
    /// Those of the streams, and of what they claim.
    pub fn read(&mut self, rows: usize, outer: Option<&NullBuffer>, faults: &mut Faults) -> Result<ArrayRef> {
        let Some(present) = &mut self.present else {
            return self.values.read(Wanted { rows, nulls: outer.cloned() }, faults);
        };
        let own = present.read(rows - outer.map_or(0, NullBuffer::null_count))?;
        let nulls = match outer {
            None => NullBuffer::new(own),
            Some(outer) => {
                let (mut valid, mut own) = (BooleanBufferBuilder::new(rows), own.iter());
                outer.iter().for_each(|is_valid| valid.append(is_valid && own.next().unwrap_or_default()));
                NullBuffer::new(valid.finish())
            }
        };
        self.values.read(Wanted { rows, nulls: Some(nulls).filter(|nulls| nulls.null_count() > 0) }, faults)
    }
}

struct Booleans(Bits);

impl Values for Booleans {
    fn read(&mut self, wanted: Wanted, _faults: &mut Faults) -> Result<ArrayRef> {
        let values = self.0.read(wanted.values())?;
        let Some(nulls) = &wanted.nulls else { return Ok(Arc::new(BooleanArray::new(values, None))) };
        let spread: Vec<bool> = spread(values.iter().collect(), Some(nulls));
        Ok(Arc::new(BooleanArray::new(spread.into(), wanted.nulls)))
    }
}

struct Octets(Bytes);

impl Values for Octets {
    fn read(&mut self, wanted: Wanted, _faults: &mut Faults) -> Result<ArrayRef> {
        let values = (0..wanted.values()).map(|_| Ok(self.0.byte()? as i8)).collect::<Result<_>>()?;
        Ok(primitive::<Int8Type>(values, wanted))
    }
}

/// Whole numbers, and days.
struct Whole<T> {
    integers: Integers,
    values: Vec<i64>,
    of: std::marker::PhantomData<T>,
}

impl<T> Whole<T> {
    fn new(integers: Integers) -> Self {
        Self { integers, values: Vec::new(), of: std::marker::PhantomData }
    }
}

impl<T: ArrowPrimitiveType<Native: TryFrom<i64>>> Values for Whole<T> {
    fn read(&mut self, wanted: Wanted, _faults: &mut Faults) -> Result<ArrayRef> {
        self.values.clear();
        self.integers.read(wanted.values(), &mut self.values)?;
        let narrow = |&value: &i64| {
            T::Native::try_from(value).map_err(|_| malformed(format!("{value} is no {}, which its column declares", T::DATA_TYPE)))
        };
        Ok(primitive::<T>(self.values.iter().map(narrow).collect::<Result<_>>()?, wanted))
    }
}

/// Numbers of a fixed length, the lowest byte first.
struct Floats<const N: usize, T: ArrowPrimitiveType>(Stream, fn([u8; N]) -> T::Native);

impl<const N: usize, T: ArrowPrimitiveType> Values for Floats<N, T> {
    fn read(&mut self, wanted: Wanted, _faults: &mut Faults) -> Result<ArrayRef> {
        let mut bytes = Vec::new();
        self.0.take(wanted.values().saturating_mul(N), &mut bytes)?;
        Ok(primitive::<T>(bytes.as_chunks().0.iter().map(|bytes| self.1(*bytes)).collect(), wanted))
    }
}

fn primitive<T: ArrowPrimitiveType>(values: Vec<T::Native>, wanted: Wanted) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(spread(values, wanted.nulls.as_ref()).into(), wanted.nulls))
}
