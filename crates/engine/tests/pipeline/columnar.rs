use std::fmt::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use colonnade_protocol::{Cause, ErrorKind, Outcome, Place};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use crate::driver::{Run, convert, rows};

const ALONE: Run = Run { unit_bytes: u64::MAX, workers: 1 };

/// A Parquet file with row groups of 20,000 rows of incompressible text.
fn table(count: i64) -> Vec<u8> {
    let ids: Int64Array = (0..count).collect();
    let texts: StringArray = (0..count)
        .map(|i| {
            let mut text = String::new();
            let mut state = i as u64 + 1;
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let _ = write!(text, "{state:x}");
            }
            Some(text).filter(|_| i % 7 != 0)
        })
        .collect();
    file(vec![("id", Arc::new(ids)), ("text", Arc::new(texts))])
}

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(20_000)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn row_groups_in_any_order_give_the_rows_of_the_file() {
    let file = table(100_000);
    let alone = convert(&file, &[], ALONE).unwrap();
    assert_eq!(alone.schema, ["id bigint", "text string"]);
    let counts = alone.totals.counts;
    assert_eq!((counts.read, counts.written, counts.rejected, counts.repaired), (100_000, 100_000, 0, 0));
    let first = rows(&alone.file);
    assert_eq!(first[99_999][0].as_deref(), Some("99999"));
    for (unit_bytes, workers) in [(1, 3), (1 << 20, 1), (2 << 20, 5)] {
        let again = convert(&file, &[], Run { unit_bytes, workers }).unwrap();
        assert!(again.segments > 1, "{unit_bytes}");
        assert_eq!(rows(&again.file), first);
        assert_eq!(again.totals.bytes, file.len() as u64);
    }
}

#[test]
fn what_a_person_s_type_does_not_hold_has_its_row_for_a_place() {
    let file = file(vec![("v", Arc::new(StringArray::from(vec![Some("1"), Some(""), None, Some("x"), Some("4")])) as ArrayRef)]);
    let schema = ("schema", "v int");
    let kept = convert(&file, &[schema], ALONE).unwrap();
    assert_eq!(rows(&kept.file).concat(), [Some("1".to_owned()), None, None, None, Some("4".to_owned())]);
    let listed: Vec<_> = kept.rejects.iter().map(|r| (r.place, r.outcome, r.cause, r.raw.as_str(), r.reason.as_str())).collect();
    let repaired = |row, raw, reason| (Place::row(row), Outcome::Repaired, Cause::TypeMismatch, raw, reason);
    assert_eq!(listed, [repaired(3, r#"{"v":"x"}"#, "\"x\" does not fit int")]);
    let dropped = convert(&file, &[schema, ("mode", "DROPMALFORMED")], ALONE).unwrap();
    let counts = dropped.totals.counts;
    assert_eq!((counts.read, counts.written, counts.rejected), (5, 4, 1));
    let error = convert(&file, &[schema, ("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!((error.kind, error.to_string().contains("row 4")), (ErrorKind::Malformed, true), "{error}");
}

#[test]
fn nanoseconds_are_cut_and_listed() {
    let nanos = TimestampNanosecondArray::from(vec![1_000, 1_001, -1]);
    let converted = convert(&file(vec![("t", Arc::new(nanos))]), &[], ALONE).unwrap();
    assert_eq!(converted.schema, ["t timestamp_ntz"]);
    let shown: Vec<_> = rows(&converted.file).concat().into_iter().flatten().collect();
    assert_eq!(shown, ["1970-01-01 00:00:00.000001", "1970-01-01 00:00:00.000001", "1969-12-31 23:59:59.999999"]);
    assert_eq!((converted.totals.counts.repaired, converted.totals.counts.nulled_cells), (2, 0));
}

#[test]
fn a_file_cut_short_is_refused_in_words() {
    let file = table(1000);
    for len in [4, 11, 100, file.len() / 2, file.len() - 1] {
        let error = convert(&file[..len], &[("format", "parquet")], ALONE).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Malformed, "{len}: {error}");
    }
}
