//! How each column is encoded: decided once for a whole file, from the sample's rows, never from timing.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

use super::encode::Table;
use crate::hash;

/// A dictionary of more bytes falls back to plain in the middle of a chunk, wasted work. Twice the usual 1 MiB: texts of some
/// sixty bytes that come ten times each were written in a third of the space and half of the time.
pub(super) const DICTIONARY_BYTES: usize = 2 << 20;
/// Numbers: rows of a dictionary's value, on average, below which it does not pay.
const ROWS_PER_VALUE: f64 = 4.0;
/// Texts: the share of their plain size that dictionary and indices may have.
const SMALLER: f64 = 0.5;
/// Possible values of a float for each row, above which none is expected to repeat.
const VALUES_PER_ROW: f64 = 64.0;

/// Digits after the point that doubles of one size tell apart.
const MOST_FRACTION_DIGITS: i32 = 17;

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
    /// Floats with their first bytes together, their second bytes together, ...: more alike for the codec.
    ByteStreamSplit,
}

impl Default for ColumnChoice {
    /// Nothing is known of the column.
    fn default() -> Self {
        Self { dictionary: true, encoding: ColumnEncoding::Plain }
    }
}

/// How to write a column that begins like `sample`, in row groups of about `rows` rows.
pub fn choose(sample: &ArrayRef, rows: u64) -> ColumnChoice {
    use DataType::*;
    let encoding = match sample.data_type() {
        Int8 | Int16 | Int32 | Int64 | Date32 | Timestamp(..) | Time64(_) => ColumnEncoding::DeltaBinaryPacked,
        Float32 | Float64 if never_repeats(sample, rows) => ColumnEncoding::ByteStreamSplit,
        _ => ColumnEncoding::Plain,
    };
    let dictionary = *sample.data_type() != Boolean && pays(sample, rows);
    ColumnChoice { dictionary, encoding }
}

/// Whether a float's values are spread so thin that hardly one comes twice: then there is nothing for the codec to find
/// but their leading bytes. Short decimals of a small range repeat, and are smaller plain.
fn never_repeats(sample: &ArrayRef, rows: u64) -> bool {
    let values: Vec<f64> = match sample.data_type() {
        DataType::Float32 => sample.as_primitive::<Float32Type>().iter().flatten().map(f64::from).collect(),
        _ => sample.as_primitive::<Float64Type>().iter().flatten().collect(),
    };
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (min, max) = finite.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), value| (min.min(value), max.max(value)));
    let enough = VALUES_PER_ROW * (rows as f64).max(values.len() as f64);
    let Some(digits) = (0..=MOST_FRACTION_DIGITS).find(|&digits| (max - min) * 10f64.powi(digits) >= enough) else { return false };
    let fraction = |value: f64| value.to_string().split_once('.').map_or(0, |(_, digits)| digits.len() as i32);
    finite.map(fraction).any(|written| written >= digits)
}

/// Whether a dictionary of a row group is small enough, and with its indices much smaller than the values one by one.
fn pays(sample: &ArrayRef, rows: u64) -> bool {
    let Some(counts) = counts(sample) else { return true };
    let values = (rows as f64 * counts.values / (sample.len() as f64).max(1.0)).max(counts.values);
    let distinct = counts.distinct.min(values);
    let is_text = matches!(sample.data_type(), DataType::Utf8 | DataType::Binary);
    let length = counts.bytes + if is_text { 4.0 } else { 0.0 };
    let indices = values * distinct.max(1.0).log2().ceil() / 8.0;
    // Numbers have other ways to be small: a dictionary must do better than those.
    let enough = if is_text { distinct * length + indices <= SMALLER * values * length } else { distinct * ROWS_PER_VALUE <= values };
    enough && distinct * length <= DICTIONARY_BYTES as f64
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
    // Values are told apart by their hashes.
    let mut table = Table::new();
    let mut times: Vec<u32> = Vec::new();
    let (mut values, mut bytes) = (0u64, 0u64);
    let mut see = |value: &[u8]| {
        values += 1;
        bytes += value.len() as u64;
        let hash = hash::part(value, 0, value.len());
        let (entry, is_new) = table.entry(hash, hash, |_| true);
        if is_new {
            times.push(0);
            table.grow(|hash| hash);
        }
        times[entry as usize] += 1;
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
    let once = times.iter().filter(|&&n| n == 1).count() as f64;
    let twice = times.iter().filter(|&&n| n == 2).count() as f64;
    let unseen = once * (once - 1.0).max(0.0) / (2.0 * (twice + 1.0));
    Some(Counts { values: values as f64, distinct: times.len() as f64 + unseen, bytes: bytes as f64 / (values as f64).max(1.0) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    const ROWS: u64 = 100_000;

    /// Pseudo-random, the same on every run.
    fn random(i: u64) -> u64 {
        let x = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (x ^ x >> 31).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 16
    }

    fn texts(distinct: u64) -> ArrayRef {
        Arc::new((0..2000).map(|i| Some(format!("value {}", random(i) % distinct))).collect::<StringArray>())
    }

    #[test]
    fn few_distinct_texts_have_a_dictionary_and_many_have_none() {
        assert!(choose(&texts(10), ROWS).dictionary);
        assert!(choose(&texts(10_000), ROWS).dictionary);
        assert!(!choose(&texts(10_000_000), ROWS).dictionary);
    }

    #[test]
    fn long_texts_pay_sooner_than_short_ones() {
        let repeated = |text: &str| -> ArrayRef {
            Arc::new((0..6000).map(|i| Some(format!("{text}{}", random(i) % 20_000))).collect::<StringArray>())
        };
        assert!(choose(&repeated(&"late snow light cold road ".repeat(2)), 60_000).dictionary);
        assert!(!choose(&repeated(""), 60_000).dictionary);
    }

    #[test]
    fn a_dictionary_that_would_overflow_is_not_begun() {
        let long = (0..2000).map(|i| Some(format!("{}{}", "x".repeat(500), random(i) % 5000))).collect::<StringArray>();
        assert!(!choose(&(Arc::new(long) as ArrayRef), ROWS).dictionary);
    }

    #[test]
    fn identifiers_and_instants_are_stored_as_differences() {
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..2000));
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from_iter_values((0..2000).map(|i| i * 1_000_003)));
        for column in [ids, times] {
            assert_eq!(choose(&column, ROWS), ColumnChoice { dictionary: false, encoding: ColumnEncoding::DeltaBinaryPacked });
        }
    }

    #[test]
    fn only_floats_that_never_repeat_are_split() {
        let floats = |digits: i32| -> ArrayRef {
            let values = (0..2000).map(|i| (random(i) % 10u64.pow(3 + digits as u32)) as f64 / 10f64.powi(digits));
            Arc::new(Float64Array::from_iter_values(values))
        };
        assert_eq!(choose(&floats(3), ROWS).encoding, ColumnEncoding::Plain);
        assert_eq!(choose(&floats(6), ROWS).encoding, ColumnEncoding::ByteStreamSplit);
    }

    #[test]
    fn an_empty_sample_gives_a_choice() {
        let none: ArrayRef = Arc::new(Float64Array::from(vec![None, Some(f64::NAN), Some(f64::INFINITY)]));
        assert_eq!(choose(&none.slice(0, 0), 0).encoding, ColumnEncoding::Plain);
        assert_eq!(choose(&none, ROWS).encoding, ColumnEncoding::Plain);
    }
}
