//! The sketch of one column: what is seen of its arrays, and how two sketches become one.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};
use serde::{Deserialize, Serialize};

use super::counter::Counter;
use super::distinct::Distinct;
use super::range::{fold_rows, fold_values, widen_texts};
use super::sample::Sample;
use super::value::Value;
use crate::Result;
use crate::column::arrow_type;
use crate::hash;
use crate::texts::Texts;

/// Values in the sample behind a histogram.
const SAMPLED_NUMBERS: usize = 1024;
/// Values in the sample behind a list of the most frequent.
const SAMPLED_TEXTS: usize = 512;

/// What is known of a column's values. Holds some 100 kB at most, however many rows it has seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSketch {
    pub(super) data_type: LogicalType,
    pub(super) rows: u64,
    pub(super) nulls: u64,
    pub(super) distinct: Distinct,
    /// With the hashes of texts, by which they are told apart.
    pub(super) sample: Sample<(u64, Value)>,
}

impl ColumnSketch {
    /// Of no rows of a column of this type. Of nested columns only rows and nulls are counted.
    pub fn new(data_type: &LogicalType) -> Self {
        let texts = matches!(arrow_type(data_type), DataType::Utf8 | DataType::Binary | DataType::FixedSizeBinary(_));
        let sample = Sample::new(if texts { SAMPLED_TEXTS } else { SAMPLED_NUMBERS });
        Self { data_type: data_type.clone(), rows: 0, nulls: 0, distinct: Distinct::Few(Counter::new()), sample }
    }

    /// Sees the next rows of a unit; `first_row` is the number of the first within it. The array is of the column's
    /// [`arrow_type`](crate::column::arrow_type); of any other only rows and nulls are counted.
    pub fn observe(&mut self, array: &ArrayRef, first_row: u64) {
        self.rows += array.len() as u64;
        self.nulls += array.logical_null_count() as u64;
        match array.data_type() {
            DataType::Boolean => self.booleans(array.as_boolean()),
            DataType::Int8 => self.integers(array.as_primitive::<Int8Type>(), first_row),
            DataType::Int16 => self.integers(array.as_primitive::<Int16Type>(), first_row),
            DataType::Int32 => self.integers(array.as_primitive::<Int32Type>(), first_row),
            DataType::Int64 => self.integers(array.as_primitive::<Int64Type>(), first_row),
            DataType::Date32 => self.integers(array.as_primitive::<Date32Type>(), first_row),
            DataType::Time64(TimeUnit::Microsecond) => self.integers(array.as_primitive::<Time64MicrosecondType>(), first_row),
            DataType::Timestamp(TimeUnit::Microsecond, _) => self.integers(array.as_primitive::<TimestampMicrosecondType>(), first_row),
            DataType::Float32 => self.floats(array.as_primitive::<Float32Type>(), first_row),
            DataType::Float64 => self.floats(array.as_primitive::<Float64Type>(), first_row),
            DataType::Decimal128(..) => self.decimals(array.as_primitive::<Decimal128Type>(), first_row),
            _ => {
                if let Some(texts) = Texts::of(array) {
                    self.texts(array.len(), array.nulls(), first_row, texts);
                }
            }
        }
    }

    /// Takes in the sketch of the unit behind.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for a sketch of a column of another type.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.data_type != other.data_type {
            let what = format!("profiles of {} and {} cannot be merged", self.data_type, other.data_type);
            return Err(ErrorInfo::new(ErrorKind::Internal, what, "Please report this."));
        }
        self.rows += other.rows;
        self.nulls += other.nulls;
        self.distinct.merge(&other.distinct);
        self.sample.merge(&other.sample);
        Ok(())
    }

    // Each type by itself: browsers compile a function well as a whole, once it is hot.
    #[inline(never)]
    fn booleans(&mut self, array: &BooleanArray) {
        for (value, count) in [(false, array.false_count()), (true, array.true_count())] {
            if count > 0 {
                self.distinct.add(hash::integer(value.into()), count as u64, || Value::Int(value.into()));
            }
        }
    }

    #[inline(never)]
    fn integers<T>(&mut self, array: &PrimitiveArray<T>, first_row: u64)
    where
        T: ArrowPrimitiveType<Native: Into<i64>>,
    {
        let (values, nulls) = (array.values(), array.nulls());
        let hash = |row: usize| hash::integer(values[row].into() as u64);
        let value = |row: usize| Value::Int(values[row].into());
        self.distinct.observe(array.len(), nulls, hash, value, || {
            let range = fold_values(values, nulls, |range: Option<(T::Native, T::Native)>, value| match range {
                None => Some((value, value)),
                Some((min, max)) => Some((if value < min { value } else { min }, if value > max { value } else { max })),
            });
            range.map(|(min, max)| (Value::Int(min.into()), Value::Int(max.into())))
        });
        self.sample.observe(first_row, array.len(), |row| is_valid(nulls, row).then(|| (0, value(row))));
    }

    #[inline(never)]
    fn floats<T>(&mut self, array: &PrimitiveArray<T>, first_row: u64)
    where
        T: ArrowPrimitiveType<Native: Into<f64>>,
    {
        let (values, nulls) = (array.values(), array.nulls());
        // -0.0 and 0.0 are one value, and so are all NaNs.
        let number = |row: usize| {
            let value: f64 = values[row].into();
            if value.is_nan() { f64::NAN } else { value + 0.0 }
        };
        self.distinct.observe(
            array.len(),
            nulls,
            |row| hash::integer(number(row).to_bits()),
            |row| Value::Float(number(row)),
            || {
                let range = fold_values(values, nulls, |range: Option<(f64, f64)>, value| {
                    let value: f64 = value.into();
                    match range {
                        _ if value.is_nan() => range,
                        None => Some((value, value)),
                        Some((min, max)) => Some((min.min(value), max.max(value))),
                    }
                });
                range.map(|(min, max)| (Value::Float(min + 0.0), Value::Float(max + 0.0)))
            },
        );
        self.sample.observe(first_row, array.len(), |row| is_valid(nulls, row).then(|| (0, Value::Float(number(row)))));
    }

    #[inline(never)]
    fn decimals(&mut self, array: &PrimitiveArray<Decimal128Type>, first_row: u64) {
        let (values, nulls) = (array.values(), array.nulls());
        let value = |row: usize| Value::Decimal(Box::new(values[row]));
        self.distinct.observe(
            array.len(),
            nulls,
            |row| hash::wide(values[row]),
            value,
            || {
                let range = fold_values(values, nulls, |range: Option<(i128, i128)>, value| match range {
                    None => Some((value, value)),
                    Some((min, max)) => Some((min.min(value), max.max(value))),
                });
                range.map(|(min, max)| (Value::Decimal(Box::new(min)), Value::Decimal(Box::new(max))))
            },
        );
        self.sample.observe(first_row, array.len(), |row| is_valid(nulls, row).then(|| (0, value(row))));
    }

    #[inline(never)]
    fn texts(&mut self, rows: usize, nulls: Option<&NullBuffer>, first_row: u64, texts: Texts<'_>) {
        let value = |row: usize| Value::text(texts.get(row).bytes());
        self.distinct.observe(
            rows,
            nulls,
            |row| texts.get(row).hash(),
            value,
            || {
                let range = fold_rows(rows, nulls, None, |range, row| Some(widen_texts(range, texts.get(row))));
                range.map(|range| (Value::text(range.min.0), Value::text(range.max.0)))
            },
        );
        self.sample.observe(first_row, rows, |row| is_valid(nulls, row).then(|| (texts.get(row).hash(), value(row))));
    }
}

fn is_valid(nulls: Option<&NullBuffer>, row: usize) -> bool {
    nulls.is_none_or(|nulls| nulls.is_valid(row))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, StringArray};
    use arrow_select::concat::concat;
    use colonnade_protocol::profile::{ColumnProfile, Distribution};
    use proptest::prelude::*;

    use super::*;

    fn sketch(data_type: &LogicalType, array: &ArrayRef, batch: usize) -> ColumnSketch {
        let mut sketch = ColumnSketch::new(data_type);
        for first in (0..array.len()).step_by(batch) {
            sketch.observe(&array.slice(first, batch.min(array.len() - first)), first as u64);
        }
        sketch
    }

    fn profile(data_type: LogicalType, array: impl Array + 'static) -> ColumnProfile {
        sketch(&data_type, &(Arc::new(array) as ArrayRef), 1000).summary()
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let texts = (0..10_000).map(|i| (i % 7 != 0).then(|| ["b", "a", "c"][i % 3]));
        let profile = profile(LogicalType::String, texts.collect::<StringArray>());
        assert_eq!((profile.rows, profile.nulls, profile.distinct, profile.distinct_error), (10_000, 1429, 3, 0.0));
        assert_eq!((profile.min.as_deref(), profile.max.as_deref()), (Some("a"), Some("c")));
        let Distribution::Top { values, other: 0, sampled: false } = profile.distribution else { panic!("{profile:?}") };
        assert_eq!(values.iter().map(|(_, n)| n).sum::<u64>(), 8571);
        assert!(values.is_sorted_by(|a, b| a.1 >= b.1));
    }

    #[test]
    fn bounds_are_exact_and_distinct_values_estimated_where_there_are_many() {
        let profile = profile(LogicalType::Int64, (0..200_000i64).map(|i| (i % 11 != 3).then_some(i * 37 - 5)).collect::<Int64Array>());
        assert_eq!((profile.min.as_deref(), profile.max.as_deref()), (Some("-5"), Some("7399958")));
        assert!((profile.distinct as f32 / 181_818.0 - 1.0).abs() < 4.0 * profile.distinct_error, "{}", profile.distinct);
        let Distribution::Histogram { bins, sampled: true } = profile.distribution else { panic!("{profile:?}") };
        assert!(bins.iter().all(|&bin| (4_000..14_000).contains(&bin)), "{bins:?}");
    }

    #[test]
    fn nan_is_no_bound_and_zeros_are_one_value() {
        let values = [Some(f64::NAN), Some(-0.0), Some(0.0), None, Some(f64::NAN)];
        let profile = profile(LogicalType::Double, Float64Array::from(values.to_vec()));
        assert_eq!((profile.distinct, profile.min.as_deref(), profile.max.as_deref()), (2, Some("0"), Some("0")));
        let many = (0..5000).map(|i| if i % 2 == 0 { f64::NAN } else { f64::from(i) });
        let profile = super::tests::profile(LogicalType::Double, many.collect::<Float64Array>());
        assert_eq!((profile.min.as_deref(), profile.max.as_deref()), (Some("1"), Some("4999")));
    }

    #[test]
    fn frequent_texts_are_found_among_many() {
        let texts = (0..100_000).map(|i| if i % 4 == 0 { "often".to_owned() } else { format!("{i:032}{i:032}{i}") });
        let profile = profile(LogicalType::String, texts.map(Some).collect::<StringArray>());
        let Distribution::Top { values, other, sampled: true } = profile.distribution else { panic!("{profile:?}") };
        let [(text, count)] = values.as_slice() else { panic!("{values:?}") };
        assert_eq!(text, "often");
        assert!((20_000..30_000).contains(count) && count + other == 100_000, "{count}");
        assert_eq!(profile.min.map(|text| text.chars().count()), Some(65));
    }

    #[test]
    fn sketches_of_two_types_are_not_merged() {
        assert!(ColumnSketch::new(&LogicalType::Int64).merge(&ColumnSketch::new(&LogicalType::Double)).is_err());
    }

    #[test]
    fn a_sketch_is_the_same_after_a_way_through_serde() {
        for n in [10, 100_000] {
            let array: ArrayRef = Arc::new((0..n).map(|i| Some(format!("v{}", i * 7))).collect::<StringArray>());
            let sketch = sketch(&LogicalType::String, &array, 4096);
            let text = serde_json::to_string(&sketch).unwrap();
            assert_eq!(serde_json::from_str::<ColumnSketch>(&text).unwrap(), sketch);
        }
    }

    fn columns() -> impl Strategy<Value = (LogicalType, ArrayRef)> {
        let rows = prop_oneof![0..50usize, 900..1200usize, 3000..5000usize];
        let modulus = prop_oneof![1..5i64, 990..1010i64, Just(i64::MAX)];
        (rows, modulus, any::<u64>(), 0..3u8).prop_map(|(rows, modulus, seed, kind)| {
            let number = |row: usize| (hash::integer(seed ^ row as u64) as i64).rem_euclid(modulus);
            let valid = |row: usize| number(row + rows) % 5 != 0;
            match kind {
                0 => {
                    (LogicalType::Int64, Arc::new((0..rows).map(|row| valid(row).then(|| number(row))).collect::<Int64Array>()) as ArrayRef)
                }
                1 => (
                    LogicalType::Double,
                    Arc::new((0..rows).map(|row| valid(row).then(|| number(row) as f64 / 8.0)).collect::<Float64Array>()) as _,
                ),
                _ => (
                    LogicalType::String,
                    Arc::new((0..rows).map(|row| valid(row).then(|| number(row).to_string())).collect::<StringArray>()) as _,
                ),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn batches_do_not_show((data_type, array) in columns(), batch in 1..2000usize) {
            prop_assert_eq!(sketch(&data_type, &array, batch), sketch(&data_type, &array, 777));
        }

        #[test]
        fn merged_units_have_the_counts_and_bounds_of_the_whole((data_type, array) in columns(), cut in 0.0..1.0f64) {
            let cut = (array.len() as f64 * cut) as usize;
            let (first, second) = (array.slice(0, cut), array.slice(cut, array.len() - cut));
            let mut merged = sketch(&data_type, &first, 500);
            merged.merge(&sketch(&data_type, &second, 500)).unwrap();
            let both = concat(&[&first, &second]).unwrap();
            let (merged, whole) = (merged.summary(), sketch(&data_type, &both, 500).summary());
            prop_assert_eq!((merged.rows, merged.nulls, merged.distinct), (whole.rows, whole.nulls, whole.distinct));
            prop_assert_eq!((&merged.min, &merged.max), (&whole.min, &whole.max));
            if whole.distinct_error == 0.0 {
                prop_assert_eq!(merged, whole);
            }
        }
    }
}
