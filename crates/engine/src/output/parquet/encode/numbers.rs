//! Numbers of 32 and 64 bits: integers, floats, dates, times, short decimals.

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrowPrimitiveType};

use super::super::choice::{ColumnEncoding, DICTIONARY_BYTES};
use super::bounds::{Bound, Bounds};
use super::page::{BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED, Flushed, PLAIN, RLE_DICTIONARY, Values};
use super::table::Table;
use super::{delta, hybrid};
use crate::hash;

/// A physical type.
pub trait Number: Copy + PartialOrd + Send {
    /// Bytes of a value.
    const WIDTH: usize;
    /// All its bits: two values are one entry of a dictionary if these are the same.
    fn key(self) -> u64;
    fn bound(self) -> Bound;
    /// Whether it can be a bound: not NaN.
    fn is_ordered(self) -> bool {
        true
    }
    /// The bounds with zeros of the sign that holds both.
    fn bounds(min: Self, max: Self) -> Bounds {
        Bounds { min: min.bound(), max: max.bound() }
    }
}

impl Number for i32 {
    const WIDTH: usize = 4;
    fn key(self) -> u64 {
        self as u64
    }
    fn bound(self) -> Bound {
        Bound::Int32(self)
    }
}

impl Number for i64 {
    const WIDTH: usize = 8;
    fn key(self) -> u64 {
        self as u64
    }
    fn bound(self) -> Bound {
        Bound::Int64(self)
    }
}

macro_rules! float {
    ($float:ty, $bound:path) => {
        impl Number for $float {
            const WIDTH: usize = size_of::<$float>();
            fn key(self) -> u64 {
                self.to_bits().into()
            }
            fn bound(self) -> Bound {
                $bound(self)
            }
            fn is_ordered(self) -> bool {
                !self.is_nan()
            }
            fn bounds(min: Self, max: Self) -> Bounds {
                Bounds { min: (if min == 0.0 { -0.0 } else { min }).bound(), max: (if max == 0.0 { 0.0 } else { max }).bound() }
            }
        }
    };
}

float!(f32, Bound::Float);
float!(f64, Bound::Double);

/// A page of numbers.
pub struct Numbers<N> {
    /// Appends the values of an array that are not null.
    read: fn(&dyn Array, &mut Vec<N>),
    encoding: ColumnEncoding,
    values: Vec<N>,
    indices: Vec<u32>,
    table: Option<Table>,
    /// In their order of first sight; kept once the table is given up.
    entries: Vec<N>,
}

/// Reads an Arrow type as a physical one.
pub fn plain<T: ArrowPrimitiveType, N: From<T::Native>>(array: &dyn Array, out: &mut Vec<N>) {
    read::<T, N>(array, out, N::from);
}

/// Reads decimals of at most 9 digits.
pub fn decimal32(array: &dyn Array, out: &mut Vec<i32>) {
    read::<Decimal128Type, _>(array, out, |value| value as i32);
}

/// Reads decimals of at most 18 digits.
pub fn decimal64(array: &dyn Array, out: &mut Vec<i64>) {
    read::<Decimal128Type, _>(array, out, |value| value as i64);
}

fn read<T: ArrowPrimitiveType, N>(array: &dyn Array, out: &mut Vec<N>, convert: impl Fn(T::Native) -> N + Copy) {
    let array = array.as_primitive::<T>();
    let values = array.values();
    match array.nulls() {
        None => out.extend(values.iter().map(|value| convert(*value))),
        Some(nulls) => nulls.valid_slices().for_each(|(from, to)| out.extend(values[from..to].iter().map(|value| convert(*value)))),
    }
}

impl<N: Number> Numbers<N> {
    /// An empty page of what `read` reads.
    pub fn new(read: fn(&dyn Array, &mut Vec<N>), dictionary: bool, encoding: ColumnEncoding) -> Self {
        Self { read, encoding, values: Vec::new(), indices: Vec::new(), table: dictionary.then(Table::new), entries: Vec::new() }
    }

    fn intern(&mut self) {
        let Some(table) = &mut self.table else { return };
        self.indices.reserve(self.values.len());
        for &value in &self.values {
            let key = value.key();
            let (entry, new) = table.entry(key, hash::integer(key), |_| true);
            if new {
                self.entries.push(value);
                table.grow(hash::integer);
            }
            self.indices.push(entry);
        }
    }

    fn bounds(&self) -> Option<Bounds> {
        let mut ordered = self.values.iter().copied().filter(|value| value.is_ordered());
        let first = ordered.next()?;
        let (min, max) = ordered
            .fold((first, first), |(min, max), value| (if value < min { value } else { min }, if value > max { value } else { max }));
        Some(N::bounds(min, max))
    }
}

impl<N: Number> Values for Numbers<N> {
    fn room(&self, _: &dyn Array, _: usize, taken: usize, bytes: usize) -> usize {
        (bytes / N::WIDTH).saturating_sub(taken)
    }

    fn put(&mut self, array: &dyn Array) {
        (self.read)(array, &mut self.values);
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Flushed {
        let bounds = self.bounds();
        self.intern();
        // A page of nulls alone, before any value, must not speak of a dictionary that may never come.
        let encoding = if self.table.is_some() && !self.entries.is_empty() {
            let width = hybrid::width_of(self.entries.len());
            out.push(width as u8);
            hybrid::encode(&self.indices, width, out);
            self.indices.clear();
            if self.entries.len() * N::WIDTH > DICTIONARY_BYTES {
                self.table = None;
            }
            RLE_DICTIONARY
        } else {
            match self.encoding {
                _ if self.values.is_empty() => PLAIN,
                ColumnEncoding::Plain => {
                    put_plain(&self.values, out);
                    PLAIN
                }
                ColumnEncoding::DeltaBinaryPacked => {
                    let values: Vec<i64> = self.values.iter().map(|value| value.key() as i64).collect();
                    delta::encode(&values, N::WIDTH == 4, out);
                    DELTA_BINARY_PACKED
                }
                ColumnEncoding::ByteStreamSplit => {
                    for byte in 0..N::WIDTH {
                        out.extend(self.values.iter().map(|value| (value.key() >> (8 * byte)) as u8));
                    }
                    BYTE_STREAM_SPLIT
                }
            }
        };
        self.values.clear();
        Flushed { encoding, bounds, unencoded: None }
    }

    fn dictionary(&mut self) -> Option<(Vec<u8>, usize)> {
        (!self.entries.is_empty()).then(|| {
            let mut page = Vec::with_capacity(self.entries.len() * N::WIDTH);
            put_plain(&self.entries, &mut page);
            (page, self.entries.len())
        })
    }

    fn bytes(&self) -> usize {
        (self.values.len() + self.entries.len()) * N::WIDTH + self.table.as_ref().map_or(0, Table::bytes)
    }
}

fn put_plain<N: Number>(values: &[N], out: &mut Vec<u8>) {
    out.reserve(values.len() * N::WIDTH);
    if N::WIDTH == 4 {
        values.iter().for_each(|value| out.extend_from_slice(&(value.key() as u32).to_le_bytes()));
    } else {
        values.iter().for_each(|value| out.extend_from_slice(&value.key().to_le_bytes()));
    }
}
