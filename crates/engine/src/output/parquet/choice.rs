//! How each column is encoded: decided once for a whole file, from the sample's rows, never from timing.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

/// A dictionary of more bytes falls back to plain in the middle of a chunk, wasted work.
pub(super) const DICTIONARY_BYTES: usize = 1 << 20;
/// Rows of a dictionary's value, on average, below which it does not pay.
const ROWS_PER_VALUE: f64 = 4.0;
/// Rows that a unit has at least, where the file has them.
const UNIT_ROWS: f64 = 100_000.0;

/// How one column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnChoice {
    pub dictionary: bool,
    /// Without a dictionary, and where one overflows.
    pub encoding: ColumnEncoding,
}

/// Encodings of values that are in no dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnEncoding {
    Plain,
    /// Integers as differences, bit-packed in blocks.
    DeltaBinaryPacked,
}

impl Default for ColumnChoice {
    /// Nothing is known of the column.
    fn default() -> Self {
        Self { dictionary: true, encoding: ColumnEncoding::Plain }
    }
}

/// How to write a column that begins like `sample`, of about `rows` rows in all.
pub fn choose(sample: &ArrayRef, rows: u64) -> ColumnChoice {
    let encoding = match sample.data_type() {
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Date32
        | DataType::Timestamp(..)
        | DataType::Time64(_) => ColumnEncoding::DeltaBinaryPacked,
        _ => ColumnEncoding::Plain,
    };
    let dictionary = match sample.data_type() {
        DataType::Boolean => false,
        _ => pays(sample, rows),
    };
    ColumnChoice { dictionary, encoding }
}

/// Whether the distinct values that a unit is expected to have are few and small enough.
fn pays(sample: &ArrayRef, rows: u64) -> bool {
    let Some(counts) = counts(sample) else { return true };
    let unit_rows = (rows as f64).min(UNIT_ROWS).max(counts.values);
    counts.distinct * ROWS_PER_VALUE <= unit_rows && counts.distinct * (counts.bytes + 4.0) <= DICTIONARY_BYTES as f64
}

/// What a sample says of a column's values.
struct Counts {
    values: f64,
    /// Estimated for the whole column: Chao, "Nonparametric Estimation of the Number of Classes in a Population" (1984),
    /// in its bias-corrected form.
    distinct: f64,
    /// Mean length.
    bytes: f64,
}

/// `None` for nested columns, of which nothing is counted.
fn counts(sample: &ArrayRef) -> Option<Counts> {
    let mut seen: HashMap<&[u8], u32> = HashMap::new();
    let (mut values, mut bytes) = (0u64, 0u64);
    let mut see = |value| {
        values += 1;
        bytes += <[u8]>::len(value) as u64;
        *seen.entry(value).or_default() += 1;
    };
    let data = sample.to_data();
    match sample.data_type() {
        DataType::Utf8 => sample.as_string::<i32>().iter().flatten().for_each(|text| see(text.as_bytes())),
        DataType::Binary => sample.as_binary::<i32>().iter().flatten().for_each(see),
        DataType::FixedSizeBinary(_) => sample.as_fixed_size_binary().iter().flatten().for_each(see),
        other => {
            let width = other.primitive_width()?;
            let buffer = &data.buffers().first()?[data.offset() * width..][..data.len() * width];
            buffer.chunks_exact(width).enumerate().filter(|(row, _)| sample.is_valid(*row)).for_each(|(_, value)| see(value));
        }
    }
    let once = seen.values().filter(|&&n| n == 1).count() as f64;
    let twice = seen.values().filter(|&&n| n == 2).count() as f64;
    let unseen = once * (once - 1.0).max(0.0) / (2.0 * (twice + 1.0));
    Some(Counts { values: values as f64, distinct: seen.len() as f64 + unseen, bytes: bytes as f64 / (values as f64).max(1.0) })
}
