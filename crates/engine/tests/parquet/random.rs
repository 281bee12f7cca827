//! Any column, with any limits, reads back equal.

use std::sync::Arc;

use arrow_array::*;
use bytes::Bytes;
use colonnade_engine::column::arrow_type;
use colonnade_engine::output::parquet::{Codec, ColumnChoice, ColumnEncoding, ParquetOptions, Profile, SegmentWriter, Switch};
use colonnade_protocol::LogicalType::{self, *};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector};
use parquet::file::metadata::PageIndexPolicy;
use proptest::prelude::*;

use crate::tables::spec;

/// A number that depends on row and seed alone.
fn random(seed: u64, row: usize) -> u64 {
    let x = (seed ^ row as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (x ^ x >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ x >> 32
}

fn column(kind: usize, rows: usize, distinct: u64, nulls: u64, run: usize, seed: u64) -> (LogicalType, ArrayRef) {
    let value = |row: usize| {
        let row = row / run;
        (random(seed.wrapping_add(7), row) % 100 >= nulls).then(|| random(seed, row) % distinct)
    };
    let values = || (0..rows).map(value);
    let data_type = [
        Boolean,
        Int8,
        Int32,
        Int64,
        Double,
        Decimal { precision: 7, scale: 2 },
        Decimal { precision: 25, scale: 2 },
        Date,
        TimestampNtz,
        String,
        Uuid,
        Binary,
    ][kind]
        .clone();
    let array: ArrayRef = match data_type {
        Boolean => Arc::new(values().map(|v| v.map(|v| v % 2 == 0)).collect::<BooleanArray>()),
        Int8 => Arc::new(values().map(|v| v.map(|v| v as i8)).collect::<Int8Array>()),
        Int32 => Arc::new(values().map(|v| v.map(|v| v as i32)).collect::<Int32Array>()),
        Int64 => Arc::new(values().map(|v| v.map(|v| v as i64)).collect::<Int64Array>()),
        Double => Arc::new(values().map(|v| v.map(|v| v as i64 as f64 / 8.0)).collect::<Float64Array>()),
        Decimal { precision: 7, .. } => decimals(values().map(|v| v.map(|v| i128::from(v % 9_999_999) - 5_000_000)), 7),
        Decimal { .. } => decimals(values().map(|v| v.map(|v| i128::from(v as i64) * 1_000_003)), 25),
        Date => Arc::new(values().map(|v| v.map(|v| (v % 4_000_000) as i32 - 700_000)).collect::<Date32Array>()),
        TimestampNtz => Arc::new(values().map(|v| v.map(|v| v as i64)).collect::<TimestampMicrosecondArray>()),
        String => {
            let text = |v: u64| format!("{v}").repeat((v % 17) as usize * usize::from(v.is_multiple_of(5)) * 20 + 1);
            Arc::new(values().map(|v| v.map(text)).collect::<StringArray>())
        }
        Uuid => {
            let bytes = values().map(|v| v.map(|v| u128::from(v).to_be_bytes()));
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes, 16).unwrap())
        }
        _ => Arc::new(values().map(|v| v.map(|v| v.to_be_bytes()[(v % 9) as usize..].to_vec())).collect::<BinaryArray>()),
    };
    assert_eq!(array.data_type(), &arrow_type(&data_type));
    (data_type, array)
}

fn decimals(values: impl Iterator<Item = Option<i128>>, precision: u8) -> ArrayRef {
    Arc::new(values.collect::<Decimal128Array>().with_precision_and_scale(precision, 2).unwrap())
}

fn read(file: Bytes, selection: Option<RowSelection>) -> ArrayRef {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let mut builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).unwrap();
    if let Some(selection) = selection {
        builder = builder.with_row_selection(selection);
    }
    let schema = builder.schema().clone();
    let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
    Arc::clone(arrow_select::concat::concat_batches(&schema, &batches).unwrap().column(0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_column_reads_back_equal(
        kind in 0..12usize,
        rows in prop_oneof![0..30usize, 1000..3000usize, Just(41_000usize)],
        distinct in prop_oneof![Just(1u64), 2..40u64, 500..5000u64, Just(u64::MAX)],
        nulls in prop_oneof![Just(0u64), Just(100u64), 1..99u64],
        run in prop_oneof![Just(1usize), 2..100usize],
        seed in any::<u64>(),
        batch in prop_oneof![1..50usize, 300..9000usize],
        page_bytes in prop_oneof![4096..10_000usize, Just(1 << 20)],
        dictionary in any::<bool>(),
        encoding in prop_oneof![Just(ColumnEncoding::Plain), Just(ColumnEncoding::DeltaBinaryPacked), Just(ColumnEncoding::ByteStreamSplit)],
        skip in 0.0..1.0f64,
    ) {
        let (data_type, array) = column(kind, rows, distinct, nulls, run, seed);
        let options = ParquetOptions { codec: Codec::Snappy, profile: Profile::Duckdb, page_bytes: Some(page_bytes), ..ParquetOptions::default() };
        let mut writer = SegmentWriter::new(&[spec("c", data_type)], &options, &[ColumnChoice { dictionary, encoding }]).unwrap();
        for from in (0..rows).step_by(batch) {
            let n = batch.min(rows - from);
            writer.write(&[array.slice(from, n)], n).unwrap();
        }
        let file = Bytes::from(writer.finish().unwrap().0);
        prop_assert_eq!(read(file.clone(), None).to_data(), array.to_data());
        if rows > 0 {
            // By the page index: only pages that hold these rows are read.
            let skipped = ((rows as f64) * skip) as usize;
            let n = (rows - skipped).min(100);
            let selection = RowSelection::from(vec![RowSelector::skip(skipped), RowSelector::select(n)]);
            prop_assert_eq!(read(file, Some(selection)).to_data(), array.slice(skipped, n).to_data());
        }
    }
}

#[test]
fn a_dictionary_that_overflows_goes_on_without() {
    for (data_type, array) in [
        (String, Arc::new((0..100_000).map(|i| Some(format!("{i:040}"))).collect::<StringArray>()) as ArrayRef),
        (Int64, Arc::new((0..400_000i64).map(|i| (i % 9 != 0).then_some(i * 7)).collect::<Int64Array>())),
    ] {
        let options = ParquetOptions { dictionary: Switch::On, ..ParquetOptions::default() };
        let mut writer = SegmentWriter::new(&[spec("c", data_type)], &options, &[]).unwrap();
        writer.write(&[Arc::clone(&array)], array.len()).unwrap();
        let file = Bytes::from(writer.finish().unwrap().0);
        let metadata = ParquetRecordBatchReaderBuilder::try_new(file.clone()).unwrap().metadata().clone();
        let encodings: Vec<_> = metadata.row_group(0).column(0).encodings().map(|encoding| encoding.to_string()).collect();
        assert_eq!(encodings, ["PLAIN", "RLE", "RLE_DICTIONARY"]);
        assert_eq!(read(file, None).to_data(), array.to_data());
    }
}
