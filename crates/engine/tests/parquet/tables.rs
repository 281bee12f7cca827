//! Tables that hold every type and its awkward values, and the file made of them.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, MapBuilder, StringBuilder, StructBuilder};
use arrow_array::*;
use arrow_schema::{DataType, Field};
use bytes::Bytes;
use colonnade_engine::column::{ColumnSpec, arrow_type};
use colonnade_engine::output::parquet::{ColumnChoice, Layout, ParquetOptions, SegmentMeta, SegmentWriter, choose, head, tail};
use colonnade_protocol::LogicalType;

/// A column of a table: its spec and all its values.
pub type Column = (ColumnSpec, ArrayRef);

pub fn spec(name: &str, data_type: LogicalType) -> ColumnSpec {
    ColumnSpec { data_type, ..ColumnSpec::text(name) }
}

fn column(name: &str, data_type: LogicalType, array: impl Array + 'static) -> Column {
    assert_eq!(array.data_type(), &arrow_type(&data_type), "{name}");
    (spec(name, data_type), Arc::new(array))
}

/// 12 rows: nulls, limits, and what is hard about each type; a text of 64 KiB.
pub fn scalars() -> Vec<Column> {
    scalars_with_text_of(64 * 1024)
}

/// The same with a longest text of so many bytes.
pub fn scalars_with_text_of(longest: usize) -> Vec<Column> {
    use LogicalType::*;
    let long = "x".repeat(longest);
    // A bound is cut to 64 bytes: here between the bytes of a character, and before one that cannot be raised.
    let cut_within = "é".repeat(40);
    let cut_before_last = format!("{}\u{10FFFF}\u{10FFFF}", "\u{10FFFF}".repeat(16));
    let uuid = |i: u8| Some([i; 16]);
    vec![
        column(
            "flag",
            Boolean,
            BooleanArray::from(vec![
                Some(true),
                None,
                Some(false),
                None,
                None,
                Some(true),
                Some(true),
                None,
                Some(false),
                None,
                None,
                Some(true),
            ]),
        ),
        column(
            "i8",
            Int8,
            Int8Array::from(vec![
                Some(i8::MIN),
                Some(i8::MAX),
                None,
                Some(0),
                Some(-1),
                None,
                None,
                Some(5),
                Some(5),
                Some(5),
                Some(5),
                Some(5),
            ]),
        ),
        column(
            "i16",
            Int16,
            Int16Array::from(vec![
                Some(i16::MIN),
                Some(i16::MAX),
                None,
                Some(0),
                Some(-1),
                None,
                None,
                Some(5),
                Some(5),
                Some(5),
                Some(5),
                Some(5),
            ]),
        ),
        column(
            "i32",
            Int32,
            Int32Array::from(vec![
                Some(i32::MIN),
                Some(i32::MAX),
                None,
                Some(0),
                Some(-1),
                None,
                None,
                Some(5),
                Some(5),
                Some(5),
                Some(5),
                Some(5),
            ]),
        ),
        column(
            "i64",
            Int64,
            Int64Array::from(vec![
                Some(i64::MIN),
                Some(i64::MAX),
                None,
                Some(0),
                Some(-1),
                None,
                Some(i64::MAX),
                Some(i64::MIN),
                Some(5),
                Some(5),
                Some(5),
                Some(5),
            ]),
        ),
        column(
            "f32",
            Float,
            Float32Array::from(vec![
                Some(f32::NAN),
                Some(-0.0),
                Some(0.0),
                None,
                Some(f32::INFINITY),
                Some(1.5),
                Some(f32::MIN_POSITIVE),
                None,
                None,
                None,
                None,
                Some(f32::MAX),
            ]),
        ),
        column(
            "f64",
            Double,
            Float64Array::from(vec![
                Some(f64::NAN),
                Some(-0.0),
                Some(0.0),
                None,
                Some(f64::NEG_INFINITY),
                Some(0.1),
                Some(f64::MIN_POSITIVE),
                None,
                None,
                None,
                None,
                Some(f64::MAX),
            ]),
        ),
        column(
            "zeros",
            Double,
            Float64Array::from(vec![Some(0.0), Some(-0.0), Some(0.0), None, None, None, None, None, None, None, None, Some(0.0)]),
        ),
        column("nans", Double, Float64Array::from(vec![Some(f64::NAN); 12])),
        column("small", Decimal { precision: 9, scale: 2 }, decimals(9, 2, 999_999_999)),
        column("middle", Decimal { precision: 18, scale: 6 }, decimals(18, 6, 999_999_999_999_999_999)),
        column("large", Decimal { precision: 38, scale: 38 }, decimals(38, 38, 10i128.pow(38) - 1)),
        column(
            "text",
            String,
            StringArray::from(vec![
                Some(""),
                None,
                Some("a"),
                Some(long.as_str()),
                Some(cut_within.as_str()),
                Some(cut_before_last.as_str()),
                Some("\u{10FFFF}"),
                Some("a\0b"),
                Some("Z"),
                Some("z"),
                None,
                Some("\"quoted\",\r\n"),
            ]),
        ),
        column("json", Json, StringArray::from(vec![Some("{\"a\":[1,null]}"); 12])),
        column(
            "bytes",
            Binary,
            BinaryArray::from(vec![
                Some(&b""[..]),
                None,
                Some(b"\xff\xfe"),
                Some(b"\0"),
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                Some(b"\xff"),
            ]),
        ),
        column(
            "date",
            Date,
            Date32Array::from(vec![
                Some(-719_162),
                Some(2_932_896),
                None,
                Some(0),
                Some(-141_428),
                Some(-141_427),
                None,
                None,
                None,
                None,
                None,
                Some(20_000),
            ]),
        ),
        column(
            "instant",
            Timestamp,
            TimestampMicrosecondArray::from(vec![
                Some(-62_135_596_800_000_000),
                Some(253_402_300_799_999_999),
                None,
                Some(0),
                Some(-1),
                None,
                None,
                None,
                None,
                None,
                None,
                Some(1_700_000_000_000_000),
            ])
            .with_timezone("UTC"),
        ),
        column(
            "clock",
            TimestampNtz,
            TimestampMicrosecondArray::from(vec![
                Some(-62_135_596_800_000_000),
                Some(253_402_300_799_999_999),
                None,
                Some(0),
                Some(-1),
                None,
                None,
                None,
                None,
                None,
                None,
                Some(1_700_000_000_000_000),
            ]),
        ),
        column(
            "time",
            Time,
            Time64MicrosecondArray::from(vec![
                Some(0),
                Some(86_399_999_999),
                None,
                Some(3_600_000_000),
                Some(45_296_000_007),
                None,
                None,
                None,
                None,
                None,
                None,
                Some(1),
            ]),
        ),
        column(
            "uuid",
            Uuid,
            FixedSizeBinaryArray::try_from_sparse_iter_with_size(
                vec![uuid(0), uuid(255), None, uuid(0x1a), uuid(1), None, None, None, None, None, None, uuid(9)].into_iter(),
                16,
            )
            .unwrap(),
        ),
        column("nothing", String, StringArray::from(vec![None::<&str>; 12])),
    ]
}

fn decimals(precision: u8, scale: i8, largest: i128) -> Decimal128Array {
    let values = [Some(largest), Some(-largest), None, Some(0), Some(1), Some(-1), None, None, None, None, None, Some(42)];
    Decimal128Array::from(values.to_vec()).with_precision_and_scale(precision, scale).unwrap()
}

/// Structs, lists and maps with nulls at each level, and empty ones beside.
pub fn nested() -> Vec<Column> {
    use LogicalType::*;
    let member = |name: &str, data_type| colonnade_protocol::Field { name: name.to_owned(), data_type };
    let list_type = List(Box::new(Int64));
    let mut lists = ListBuilder::new(Int64Builder::new()).with_field(Field::new("element", DataType::Int64, true));
    lists.append_value([Some(1), None, Some(3)]);
    lists.append_value([]);
    lists.append_null();
    lists.append_value([None]);

    let struct_type = Struct(vec![member("a", Int64), member("b", String)]);
    let DataType::Struct(fields) = arrow_type(&struct_type) else { unreachable!() };
    let mut structs = StructBuilder::from_fields(fields, 4);
    for (a, b, valid) in [(Some(1), Some("x"), true), (None, Some(""), true), (None, None, false), (None, None, true)] {
        structs.field_builder::<Int64Builder>(0).unwrap().append_option(a);
        structs.field_builder::<StringBuilder>(1).unwrap().append_option(b);
        structs.append(valid);
    }
    let structs = structs.finish();

    let map_type = Map(Box::new(Int64));
    let DataType::Map(entries, _) = arrow_type(&map_type) else { unreachable!() };
    let DataType::Struct(entry_fields) = entries.data_type() else { unreachable!() };
    let names = arrow_array::builder::MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut maps = MapBuilder::new(Some(names), StringBuilder::new(), Int64Builder::new())
        .with_keys_field(Arc::clone(&entry_fields[0]))
        .with_values_field(Arc::clone(&entry_fields[1]));
    maps.keys().append_value("k");
    maps.values().append_value(1);
    maps.keys().append_value("n");
    maps.values().append_null();
    maps.append(true).unwrap();
    maps.append(true).unwrap();
    maps.append(false).unwrap();
    maps.keys().append_value("");
    maps.values().append_value(-1);
    maps.append(true).unwrap();

    let deep_type = List(Box::new(Struct(vec![member("id", Uuid), member("list", List(Box::new(String)))])));
    vec![
        column("list", list_type, lists.finish()),
        column("struct", struct_type, structs),
        column("map", map_type, maps.finish()),
        (spec("deep", deep_type.clone()), deep(&arrow_type(&deep_type))),
    ]
}

/// `[{id, [a, null]}, null]`, `[]`, null, `[{null, null}, {id, []}]`.
fn deep(data_type: &DataType) -> ArrayRef {
    let DataType::List(element) = data_type else { unreachable!() };
    let DataType::Struct(fields) = element.data_type() else { unreachable!() };
    let ids = FixedSizeBinaryArray::try_from_sparse_iter_with_size([Some([7u8; 16]), None, None, Some([8; 16])].into_iter(), 16).unwrap();
    let mut inner = ListBuilder::new(StringBuilder::new()).with_field(Field::new("element", DataType::Utf8, true));
    inner.append_value([Some("a"), None]);
    inner.append_null();
    inner.append_null();
    inner.append_value(Vec::<Option<&str>>::new());
    let structs =
        StructArray::new(fields.clone(), vec![Arc::new(ids), Arc::new(inner.finish())], Some(vec![true, false, true, true].into()));
    let offsets = arrow_buffer::OffsetBuffer::new(vec![0, 2, 2, 2, 4].into());
    Arc::new(ListArray::new(Arc::clone(element), offsets, Arc::new(structs), Some(vec![true, true, false, true].into())))
}

/// The table over and over, up to `rows` rows.
pub fn repeated(table: &[Column], rows: usize) -> Vec<Column> {
    table
        .iter()
        .map(|(spec, array)| {
            let indices = UInt64Array::from_iter_values((0..rows as u64).map(|row| row % array.len() as u64));
            (spec.clone(), arrow_select::take::take(array, &indices, None).unwrap())
        })
        .collect()
}

pub fn specs(table: &[Column]) -> Vec<ColumnSpec> {
    table.iter().map(|(spec, _)| spec.clone()).collect()
}

pub fn choices(table: &[Column]) -> Vec<ColumnChoice> {
    table.iter().map(|(_, array)| choose(array, array.len() as u64)).collect()
}

/// A segment's bytes, and what is kept of it.
pub type Segment = (Vec<u8>, SegmentMeta);

/// One segment of the table's rows, written batch by batch.
pub fn segment(table: &[Column], options: &ParquetOptions, batch_rows: usize) -> Segment {
    let rows = table[0].1.len();
    let mut writer = SegmentWriter::new(&specs(table), options, &choices(table)).unwrap();
    let mut first = 0;
    while first < rows {
        let n = batch_rows.min(rows - first);
        let batch: Vec<_> = table.iter().map(|(_, array)| array.slice(first, n)).collect();
        writer.write(&batch, n).unwrap();
        first += n;
    }
    writer.finish().unwrap()
}

/// A file of the segments, as the sink would put it together.
pub fn assemble(columns: &[ColumnSpec], options: &ParquetOptions, segments: &[Segment]) -> Bytes {
    let mut file = head().to_vec();
    for (segment, meta) in segments {
        let body = &segment[head().len()..meta.body_end as usize];
        assert_eq!(body.len() as u64, meta.body_len());
        file.extend_from_slice(body);
    }
    let pairs = [("colonnade.source".to_owned(), "test.csv".to_owned())];
    let metas: Vec<_> = segments.iter().map(|(_, meta)| meta.clone()).collect();
    let tail = tail(&Layout::new(columns, options), &metas, &pairs).unwrap();
    file.extend(&tail);
    Bytes::from(file)
}
