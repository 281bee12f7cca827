use std::fmt::Write;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
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

/// An Arrow stream and a file of the same batches, packed.
fn ipc(batches: &[RecordBatch], codec: Option<CompressionType>) -> [Vec<u8>; 2] {
    let options = IpcWriteOptions::default().try_with_compression(codec).unwrap();
    let schema = batches[0].schema();
    let mut stream = StreamWriter::try_new_with_options(Vec::new(), &schema, options.clone()).unwrap();
    let mut file = FileWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
    for batch in batches {
        stream.write(batch).unwrap();
        file.write(batch).unwrap();
    }
    stream.finish().unwrap();
    file.finish().unwrap();
    [stream.into_inner().unwrap(), file.into_inner().unwrap()]
}

fn batch(from: i64, rows: i64) -> RecordBatch {
    let ids: ArrayRef = Arc::new((from..from + rows).collect::<Int64Array>());
    let keys: Int32Array = (from..from + rows).map(|i| Some((i % 4) as i32).filter(|&key| key < 3)).collect();
    let words = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(StringArray::from(vec!["a", "b", "c"]))).unwrap();
    RecordBatch::try_from_iter([("id", ids), ("word", Arc::new(words) as ArrayRef)]).unwrap()
}

#[test]
fn arrow_files_and_streams_give_the_rows_of_their_batches() {
    let batches = [batch(0, 3000), batch(3000, 1), batch(3001, 70_000)];
    for codec in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        for bytes in ipc(&batches, codec) {
            let converted = convert(&bytes, &[], Run { unit_bytes: 1, workers: 3 }).unwrap();
            assert_eq!(converted.schema, ["id bigint", "word string"]);
            let rows = rows(&converted.file);
            assert_eq!(rows.len(), 73_001);
            for k in [0, 2999, 3000, 3001, 73_000] {
                let word = ["a", "b", "c"].get(k % 4).map(|word| (*word).to_owned());
                assert_eq!(rows[k], [Some(k.to_string()), word]);
            }
        }
    }
}

#[test]
fn an_arrow_file_of_few_bytes_that_claims_gigabytes_is_refused() {
    for codec in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        for bytes in ipc(&[batch(0, 1000)], Some(codec)) {
            for claim in [900_u64 << 20, 4 << 30, 1 << 62] {
                let at = bytes.windows(8).position(|window| window == 8000_u64.to_le_bytes()).unwrap();
                let mut lying = bytes.clone();
                lying[at..at + 8].copy_from_slice(&claim.to_le_bytes());
                let error = convert(&lying, &[], ALONE).err().unwrap();
                assert!(matches!(error.kind, ErrorKind::Malformed | ErrorKind::Limit), "{error}");
                assert!(error.what.contains("claim"), "{error}");
            }
        }
    }
}

#[test]
fn what_we_wrote_ourselves_is_read_as_what_it_was() {
    let text = "id,at,day,price,ok,blob\n\
        123e4567-e89b-12d3-a456-426614174000,2024-01-01T10:00:00Z,2024-02-29,1.50,true,x\n,,,,,\n";
    let schema = ("schema", "id uuid, at timestamp, day date, price decimal(9,2), ok boolean, blob binary");
    let first = convert(text.as_bytes(), &[("format", "csv"), schema], ALONE).unwrap();
    let again = convert(&first.file, &[], ALONE).unwrap();
    // Spark has no type for UUIDs: they are written as text.
    assert_eq!(again.schema[1..], first.schema[1..]);
    assert_eq!(rows(&again.file), rows(&first.file));
}
