//! What a footer promises, recomputed from the data: bounds, null counts, page index, offsets, bloom filters.

use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use bytes::Bytes;
use colonnade_engine::column::ColumnSpec;
use colonnade_engine::output::parquet::{Codec, ParquetOptions, Profile, Switch};
use colonnade_protocol::LogicalType;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{BoundaryOrder, ColumnOrder};
use parquet::bloom_filter::Sbbf;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::statistics::Statistics;

use crate::tables::{Column, assemble, repeated, scalars, scalars_with_text_of, segment, specs};

/// A value as statistics hold it.
#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Int(i64),
    Wide(i128),
    Float(f64),
    Bytes(Vec<u8>),
}

impl Bound {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Wide(a), Self::Wide(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (a, b) => panic!("{a:?} beside {b:?}"),
        }
    }
}

/// The values of a column that bounds speak of: neither null nor NaN.
fn bounded(array: &ArrayRef) -> Vec<Bound> {
    macro_rules! ints {
        ($t:ty) => {
            array.as_primitive::<$t>().iter().flatten().map(|v| Bound::Int(v.into())).collect()
        };
    }
    match array.data_type() {
        DataType::Boolean => array.as_boolean().iter().flatten().map(|v| Bound::Int(v.into())).collect(),
        DataType::Int8 => ints!(Int8Type),
        DataType::Int16 => ints!(Int16Type),
        DataType::Int32 => ints!(Int32Type),
        DataType::Int64 => ints!(Int64Type),
        DataType::Date32 => ints!(Date32Type),
        DataType::Time64(_) => ints!(Time64MicrosecondType),
        DataType::Timestamp(..) => ints!(TimestampMicrosecondType),
        DataType::Float32 => {
            array.as_primitive::<Float32Type>().iter().flatten().filter(|v| !v.is_nan()).map(|v| Bound::Float(v.into())).collect()
        }
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().flatten().filter(|v| !v.is_nan()).map(Bound::Float).collect(),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().iter().flatten().map(Bound::Wide).collect(),
        DataType::Utf8 => array.as_string::<i32>().iter().flatten().map(|v| Bound::Bytes(v.as_bytes().to_vec())).collect(),
        DataType::Binary => array.as_binary::<i32>().iter().flatten().map(|v| Bound::Bytes(v.to_vec())).collect(),
        DataType::FixedSizeBinary(_) => array.as_fixed_size_binary().iter().flatten().map(|v| Bound::Bytes(v.to_vec())).collect(),
        other => panic!("{other}"),
    }
}

/// Plain-encoded statistics of a column as its values.
fn decoded(bytes: &[u8], array: &ArrayRef) -> Bound {
    let int = || match *bytes {
        [b] => i64::from(b),
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        _ => i64::from_le_bytes(bytes.try_into().unwrap()),
    };
    match array.data_type() {
        DataType::Float32 => Bound::Float(f32::from_le_bytes(bytes.try_into().unwrap()).into()),
        DataType::Float64 => Bound::Float(f64::from_le_bytes(bytes.try_into().unwrap())),
        DataType::Decimal128(precision, _) if *precision <= 18 => Bound::Wide(int().into()),
        DataType::Decimal128(..) => {
            let negative = bytes[0] & 0x80 != 0;
            let fill = if negative { 0xFF } else { 0 };
            let mut wide = [fill; 16];
            wide[16 - bytes.len()..].copy_from_slice(bytes);
            Bound::Wide(i128::from_be_bytes(wide))
        }
        DataType::Utf8 | DataType::Binary | DataType::FixedSizeBinary(_) => Bound::Bytes(bytes.to_vec()),
        _ => Bound::Int(int()),
    }
}

/// Bounds enclose every value; exact ones are values.
fn check_bounds(name: &str, values: &[Bound], min: &Bound, max: &Bound, exact: bool) {
    assert!(values.iter().all(|v| min.order(v).is_le() && max.order(v).is_ge()), "{name}: {min:?} to {max:?}");
    if exact {
        assert!(values.contains(min) && values.contains(max), "{name}: {min:?} to {max:?}");
    }
}

fn metadata(file: &Bytes) -> ParquetMetaData {
    ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required).parse_and_finish(file).unwrap()
}

fn row_group(file: &Bytes, index: usize) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file.clone(), ArrowReaderOptions::new()).unwrap();
    let schema = builder.schema().clone();
    let batches: Vec<_> = builder.with_row_groups(vec![index]).build().unwrap().map(Result::unwrap).collect();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

/// A file of two segments with many pages, and what it holds.
fn file(options: &ParquetOptions) -> (Vec<ColumnSpec>, Bytes) {
    let table = repeated(&scalars_with_text_of(100), 45_000);
    let part: Vec<Column> = table.iter().map(|(spec, array)| (spec.clone(), array.slice(5, 30_001))).collect();
    (specs(&table), assemble(&specs(&table), options, &[segment(&table, options, 4096), segment(&part, options, 30_001)]))
}

fn every_kind() -> impl Iterator<Item = ParquetOptions> {
    [(Switch::Auto, true), (Switch::On, true), (Switch::Off, true), (Switch::Off, false)].into_iter().map(
        |(dictionary, modern_encodings)| ParquetOptions {
            dictionary,
            modern_encodings,
            codec: Codec::Snappy,
            profile: Profile::Duckdb,
            ..ParquetOptions::default()
        },
    )
}

#[test]
fn chunk_statistics_are_those_of_the_data() {
    for options in every_kind() {
        check_chunk_statistics(file(&options));
        let long = scalars();
        check_chunk_statistics((specs(&long), assemble(&specs(&long), &options, &[segment(&long, &options, 5)])));
    }
}

fn check_chunk_statistics((specs, file): (Vec<ColumnSpec>, Bytes)) {
    for (g, group) in metadata(&file).row_groups().iter().enumerate() {
        let data = row_group(&file, g);
        for ((spec, array), chunk) in specs.iter().zip(data.columns()).zip(group.columns()) {
            let name = &spec.name;
            let statistics = chunk.statistics().unwrap();
            assert_eq!(statistics.null_count_opt(), Some(array.null_count() as u64), "{name}");
            let values = bounded(array);
            match (statistics.min_bytes_opt(), statistics.max_bytes_opt()) {
                (Some(min), Some(max)) => {
                    let exact = statistics.min_is_exact() && statistics.max_is_exact();
                    check_bounds(name, &values, &decoded(min, array), &decoded(max, array), exact);
                    // U+10FFFF cannot be raised, so a cut bound may stay whole; the long x cannot.
                    assert!(min.len() <= 64 && max.len() <= 72, "{name}");
                }
                _ => assert!(values.is_empty(), "{name} has values and no bounds"),
            }
        }
    }
}

#[test]
fn the_page_index_is_that_of_the_data() {
    for options in every_kind() {
        let (specs, file) = file(&options);
        let metadata = metadata(&file);
        for g in 0..metadata.num_row_groups() {
            let data = row_group(&file, g);
            for (c, spec) in specs.iter().enumerate() {
                let name = &spec.name;
                let locations = metadata.offset_index().unwrap()[g][c].page_locations();
                let starts: Vec<_> = locations.iter().map(|page| page.first_row_index as usize).collect();
                assert!(starts[0] == 0 && starts.is_sorted_by(|a, b| a < b), "{name}: {starts:?}");
                assert!(starts.windows(2).all(|pair| pair[1] - pair[0] <= 20_000 + 1024), "{name}: {starts:?}");
                let index = &metadata.column_index().unwrap()[g][c];
                let ends = starts[1..].iter().copied().chain([data.num_rows()]);
                let pages: Vec<_> = starts.iter().copied().zip(ends).map(|(from, to)| data.column(c).slice(from, to - from)).collect();
                if matches!(index, ColumnIndexMetaData::NONE) {
                    // The format has no bounds for a page of NaN alone, and then no index for the column.
                    assert!(pages.iter().any(|page| page.null_count() < page.len() && bounded(page).is_empty()), "{name}");
                } else {
                    check_column_index(name, index, &pages);
                }
            }
        }
    }
}

fn check_column_index(name: &str, index: &ColumnIndexMetaData, pages: &[ArrayRef]) {
    let raw = |p: usize| -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        macro_rules! primitive {
            ($index:expr) => {
                ($index.min_value(p).map(|v| v.to_le_bytes().to_vec()), $index.max_value(p).map(|v| v.to_le_bytes().to_vec()))
            };
        }
        match index {
            ColumnIndexMetaData::BOOLEAN(i) => (i.min_value(p).map(|v| vec![u8::from(*v)]), i.max_value(p).map(|v| vec![u8::from(*v)])),
            ColumnIndexMetaData::INT32(i) => primitive!(i),
            ColumnIndexMetaData::INT64(i) => primitive!(i),
            ColumnIndexMetaData::FLOAT(i) => primitive!(i),
            ColumnIndexMetaData::DOUBLE(i) => primitive!(i),
            ColumnIndexMetaData::BYTE_ARRAY(i) => (i.min_value(p).map(<[u8]>::to_vec), i.max_value(p).map(<[u8]>::to_vec)),
            ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(i) => (i.min_value(p).map(<[u8]>::to_vec), i.max_value(p).map(<[u8]>::to_vec)),
            other => panic!("{name}: {other:?}"),
        }
    };
    let mut bounds = Vec::new();
    for (p, page) in pages.iter().enumerate() {
        let values = bounded(page);
        assert_eq!(index.is_null_page(p), page.null_count() == page.len(), "{name} page {p}");
        assert_eq!(index.null_count(p), Some(page.null_count() as i64), "{name} page {p}");
        if let (Some(min), Some(max)) = raw(p)
            && !index.is_null_page(p)
        {
            let (min, max) = (decoded(&min, page), decoded(&max, page));
            check_bounds(name, &values, &min, &max, false);
            bounds.push((min, max));
        }
    }
    let ascending = bounds.windows(2).all(|pair| pair[0].0.order(&pair[1].0).is_le() && pair[0].1.order(&pair[1].1).is_le());
    let descending = bounds.windows(2).all(|pair| pair[0].0.order(&pair[1].0).is_ge() && pair[0].1.order(&pair[1].1).is_ge());
    match index.get_boundary_order() {
        Some(BoundaryOrder::ASCENDING) => assert!(ascending, "{name}"),
        Some(BoundaryOrder::DESCENDING) => assert!(descending, "{name}"),
        _ => {}
    }
}

#[test]
fn offsets_lead_to_pages_and_nothing_lies_between() {
    for options in every_kind() {
        let (_, file) = file(&options);
        let metadata = metadata(&file);
        let mut next = 4;
        for (g, group) in metadata.row_groups().iter().enumerate() {
            assert_eq!((group.ordinal(), group.file_offset()), (Some(g as i16), Some(next)));
            assert!(group.sorting_columns().is_none());
            assert_eq!(group.total_byte_size(), group.columns().iter().map(|chunk| chunk.uncompressed_size()).sum::<i64>());
            for (c, chunk) in group.columns().iter().enumerate() {
                assert_eq!(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset()), next);
                assert_eq!(chunk.num_values(), group.num_rows());
                let end = next + chunk.compressed_size();
                next = chunk.data_page_offset();
                for page in metadata.offset_index().unwrap()[g][c].page_locations() {
                    assert_eq!(page.offset, next);
                    next += i64::from(page.compressed_page_size);
                }
                assert_eq!(next, end);
            }
        }
        let chunks = || metadata.row_groups().iter().flat_map(|group| group.columns());
        let column_indexes = chunks().map(|chunk| (chunk.column_index_offset(), chunk.column_index_length()));
        let offset_indexes = chunks().map(|chunk| (chunk.offset_index_offset(), chunk.offset_index_length()));
        for (offset, length) in column_indexes.chain(offset_indexes) {
            if let (Some(offset), Some(length)) = (offset, length) {
                assert_eq!(offset, next);
                next += i64::from(length);
            }
        }
        let footer = u32::from_le_bytes(file[file.len() - 8..file.len() - 4].try_into().unwrap());
        assert_eq!(next + i64::from(footer) + 8, file.len() as i64);
    }
}

#[test]
fn the_footer_says_who_wrote_it_and_how_values_are_ordered() {
    let (specs, file) = file(&ParquetOptions::default());
    let metadata = metadata(&file);
    let footer = metadata.file_metadata();
    let created_by = footer.created_by().unwrap();
    assert!(created_by.starts_with("colonnade version ") && created_by.ends_with(" (build 0)"), "{created_by}");
    assert_eq!(footer.version(), 1);
    assert_eq!(footer.num_rows(), 75_001);
    assert!((0..specs.len()).all(|c| matches!(footer.column_order(c), ColumnOrder::TYPE_DEFINED_ORDER(_))));
    let keys: Vec<_> = footer.key_value_metadata().unwrap().iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(keys, ["ARROW:schema", "colonnade.source"]);
}

#[test]
fn zeros_of_both_signs_are_within_their_bounds() {
    let (specs, file) = file(&ParquetOptions { profile: Profile::Duckdb, ..ParquetOptions::default() });
    let column = specs.iter().position(|spec| spec.name == "zeros").unwrap();
    for group in metadata(&file).row_groups() {
        let Some(Statistics::Double(statistics)) = group.column(column).statistics() else { panic!() };
        let (min, max) = (statistics.min_opt().unwrap(), statistics.max_opt().unwrap());
        assert!(min.is_sign_negative() && max.is_sign_positive() && *min == 0.0 && *max == 0.0, "{min} {max}");
    }
}

#[test]
fn bloom_filters_hold_every_value_and_few_others() {
    let ids: Vec<String> = (0..20_000).map(|i| format!("user-{i}")).collect();
    let array: ArrayRef = std::sync::Arc::new(arrow_array::StringArray::from(ids.clone()));
    let table = vec![(crate::tables::spec("id", LogicalType::String), array)];
    let options = ParquetOptions { bloom_filter: vec!["ID".to_owned()], ..ParquetOptions::default() };
    let segment = segment(&table, &options, 4096);
    let file = assemble(&specs(&table), &options, &[segment.clone(), segment]);
    let reader = SerializedFileReader::new_with_options(
        file,
        parquet::file::serialized_reader::ReadOptionsBuilder::new()
            .with_reader_properties(parquet::file::properties::ReaderProperties::builder().set_read_bloom_filter(true).build())
            .build(),
    )
    .unwrap();
    for g in 0..2 {
        let group = reader.get_row_group(g).unwrap();
        let filter: &Sbbf = group.get_column_bloom_filter(0).unwrap();
        assert!(ids.iter().all(|id| filter.check(&id.as_str())));
        let lies = (0..10_000).filter(|i| filter.check(&format!("nobody-{i}").as_str())).count();
        assert!(lies <= 200, "{lies} of 10000");
    }
}

#[test]
fn a_bloom_filter_for_no_column_is_refused() {
    let options = ParquetOptions { bloom_filter: vec!["nowhere".to_owned()], ..ParquetOptions::default() };
    assert!(colonnade_engine::output::parquet::SegmentWriter::new(&specs(&scalars()), &options, &[]).is_err());
}
