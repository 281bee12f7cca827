use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use bytes::Bytes;
use colonnade_engine::output::parquet::{Codec, Layout, ParquetOptions, Profile, SegmentWriter, Switch, tail};
use colonnade_protocol::LogicalType;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::PageIndexPolicy;

use crate::tables::{Column, assemble, nested, repeated, scalars, scalars_with_text_of, segment, spec, specs};

fn read(file: &Bytes) -> RecordBatch {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file.clone(), options).unwrap();
    let schema = builder.schema().clone();
    let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

/// DuckDB's profile changes no type, so that what comes back is what was given.
fn unchanged() -> ParquetOptions {
    ParquetOptions { profile: Profile::Duckdb, ..ParquetOptions::default() }
}

fn assert_equal(table: &[Column], read: &RecordBatch) {
    assert_eq!(read.num_columns(), table.len());
    for ((spec, array), back) in table.iter().zip(read.columns()) {
        assert_eq!(back.to_data(), array.to_data(), "{}", spec.name);
    }
}

#[test]
fn every_type_reads_back_equal_under_every_choice() {
    for codec in [Codec::Zstd, Codec::Snappy, Codec::Gzip, Codec::Lz4, Codec::Brotli, Codec::None] {
        for dictionary in [Switch::Auto, Switch::On, Switch::Off] {
            for modern_encodings in [true, false] {
                let options = ParquetOptions { codec, dictionary, modern_encodings, ..unchanged() };
                let table = repeated(&scalars(), 50);
                assert_equal(&table, &read(&segment(&table, &options, 7).0.into()));
            }
        }
    }
}

#[test]
fn nulls_at_each_level_read_back_equal() {
    let table = repeated(&nested(), 1000);
    let segments = [segment(&table, &unchanged(), 333), segment(&table, &unchanged(), 1000)];
    let file = read(&assemble(&specs(&table), &unchanged(), &segments));
    assert_equal(&repeated(&nested(), 2000), &file);
}

#[test]
fn segments_of_any_size_make_one_file_in_order() {
    let whole = repeated(&scalars(), 3000);
    let cut = |from: usize, to: usize| -> Vec<Column> { whole.iter().map(|(spec, a)| (spec.clone(), a.slice(from, to - from))).collect() };
    let segments: Vec<_> = [(0, 1), (1, 1), (1, 1024), (1024, 2999), (2999, 3000)]
        .iter()
        .map(|&(from, to)| segment(&cut(from, to), &unchanged(), 500))
        .collect();
    let file = assemble(&specs(&whole), &unchanged(), &segments);
    assert_equal(&whole, &read(&file));
}

#[test]
fn no_segments_make_a_file_of_no_rows_with_its_schema() {
    let table = scalars();
    for segments in [vec![], vec![SegmentWriter::new(&specs(&table), &unchanged(), &[]).unwrap().finish().unwrap()]] {
        let file = assemble(&specs(&table), &unchanged(), &segments);
        let options = ArrowReaderOptions::new();
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).unwrap();
        assert_eq!(builder.metadata().file_metadata().num_rows(), 0);
        assert_eq!(builder.schema().fields().len(), table.len());
    }
}

#[test]
fn one_group_more_begins_where_a_group_is_full() {
    let table = repeated(&scalars(), 2500);
    let options = ParquetOptions { row_group_rows: 1000, ..unchanged() };
    let segments = [segment(&table, &options, 700), segment(&table, &options, 2500)];
    let file = assemble(&specs(&table), &options, &segments);
    let metadata = ParquetRecordBatchReaderBuilder::try_new(file.clone()).unwrap().metadata().clone();
    let rows: Vec<_> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(rows, [1000, 1000, 500, 1000, 1000, 500]);
    let twice: Vec<Column> = table.iter().map(|(s, a)| (s.clone(), arrow_select::concat::concat(&[a, a]).unwrap())).collect();
    assert_equal(&twice, &read(&file));
}

#[test]
fn batches_do_not_show_in_the_bytes() {
    let table = repeated(&scalars_with_text_of(3000), 30_000);
    for dictionary in [Switch::On, Switch::Off] {
        for page_bytes in [5000, 1 << 20] {
            let options = ParquetOptions { dictionary, page_bytes: Some(page_bytes), ..unchanged() };
            let whole = segment(&table, &options, 30_000);
            assert!(whole == segment(&table, &options, 4096));
            assert!(whole == segment(&table, &options, 777));
        }
    }
}

#[test]
fn times_and_uuids_are_text_where_spark_must_read_them() {
    let table: Vec<_> = scalars().into_iter().filter(|(spec, _)| matches!(spec.data_type, LogicalType::Time | LogicalType::Uuid)).collect();
    let back = read(&segment(&table, &ParquetOptions::default(), 5).0.into());
    let text = |column: &ArrayRef| column.as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(text(back.column(0)), ["00:00:00", "23:59:59.999999", "01:00:00", "12:34:56.000007", "00:00:00.000001"]);
    assert_eq!(
        text(back.column(1))[..3],
        ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "1a1a1a1a-1a1a-1a1a-1a1a-1a1a1a1a1a1a"]
    );
    let layout = Layout::new(&specs(&table), &ParquetOptions::default());
    assert_eq!(layout.changes(), ["time column \"time\" is written as text", "uuid column \"uuid\" is written as text"]);
    assert!(Layout::new(&specs(&table), &unchanged()).changes().is_empty());
}

#[test]
fn a_uuid_deep_in_a_column_is_text_too() {
    let table = repeated(&nested(), 4);
    let back = read(&segment(&table, &ParquetOptions::default(), 4).0.into());
    let values = back.column(3).as_list::<i32>().values().as_struct().column(0).clone();
    assert_eq!(values.data_type(), &DataType::Utf8);
    assert_eq!(values.as_string::<i32>().iter().flatten().next(), Some("07070707-0707-0707-0707-070707070707"));
    let changes = Layout::new(&specs(&table), &ParquetOptions::default()).changes().to_vec();
    assert_eq!(changes, ["uuid column \"deep.element.id\" is written as text"]);
}

#[test]
fn names_that_differ_only_by_case_are_made_distinct() {
    let columns: Vec<_> = ["b", "B", "b_2", "É", "é"].iter().map(|name| spec(name, LogicalType::Int64)).collect();
    let names = |options: &ParquetOptions| -> Vec<String> {
        Layout::new(&columns, options).schema().fields().iter().map(|field| field.name().clone()).collect()
    };
    assert_eq!(names(&ParquetOptions::default()), ["b", "B_3", "b_2", "É", "é_2"]);
    assert_eq!(names(&unchanged()), ["b", "B", "b_2", "É", "é"]);
    assert_eq!(
        Layout::new(&columns, &ParquetOptions::default()).changes(),
        ["column \"B\" is named \"B_3\"", "column \"é\" is named \"é_2\""]
    );
}

#[test]
fn characters_that_delta_refuses_are_told_of_and_replaced_for_spark() {
    let columns = [spec("net (EUR)", LogicalType::Double), spec("net_(EUR)", LogicalType::Double)];
    let portable = Layout::new(&columns, &ParquetOptions::default());
    assert_eq!(portable.schema().field(0).name(), "net (EUR)");
    assert_eq!(portable.findings().len(), 1);
    let spark = Layout::new(&columns, &ParquetOptions { profile: Profile::Spark, ..ParquetOptions::default() });
    let names: Vec<_> = spark.schema().fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["net__EUR_", "net__EUR__2"]);
    assert!(spark.findings().is_empty());
}

#[test]
fn a_segment_of_another_schema_is_refused() {
    let (a, b) = ([spec("a", LogicalType::Int64)], [spec("a", LogicalType::Double)]);
    let options = ParquetOptions::default();
    let (_, meta) = SegmentWriter::new(&a, &options, &[]).unwrap().finish().unwrap();
    assert!(tail(&Layout::new(&b, &options), std::slice::from_ref(&meta), &[]).is_err());
    assert!(tail(&Layout::new(&a, &options), &[meta], &[]).is_ok());
}
