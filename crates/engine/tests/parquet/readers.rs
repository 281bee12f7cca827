//! Other readers find the same rows, types, nulls and values.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use colonnade_engine::output::parquet::{Codec, ParquetOptions, Profile, Switch};
use colonnade_engine::output::segment::{SegmentWriter, frame};
use colonnade_engine::output::{self, OutputOptions};
use colonnade_engine::settings::Settings;
use colonnade_protocol::LogicalType;
use serde_json::{Value, json};

use crate::tables::{Column, assemble, nested, repeated, scalars, segment, spec, specs};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/readers");

/// The value in the notation of the script.
fn text(array: &ArrayRef, row: usize) -> Option<String> {
    let float = |value: f64| if value.is_nan() { "NaN".to_owned() } else { format!("{:016x}", value.to_bits()) };
    (!array.is_null(row)).then(|| match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).to_string(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).to_string(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float32 => float(array.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Binary => array.as_binary::<i32>().value(row).iter().map(|byte| format!("{byte:02x}")).collect(),
        DataType::FixedSizeBinary(_) => {
            let hex: String = array.as_fixed_size_binary().value(row).iter().map(|byte| format!("{byte:02x}")).collect();
            [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
        }
        DataType::Date32 => array.as_primitive::<Date32Type>().value(row).to_string(),
        DataType::Timestamp(..) => array.as_primitive::<TimestampMicrosecondType>().value(row).to_string(),
        DataType::Time64(_) => array.as_primitive::<Time64MicrosecondType>().value(row).to_string(),
        _ => nested_value(array, row).to_string(),
    })
}

/// The same for members and elements, which stay apart.
fn nested_value(array: &ArrayRef, row: usize) -> Value {
    match array.data_type() {
        _ if array.is_null(row) => Value::Null,
        DataType::List(_) => {
            let elements = array.as_list::<i32>().value(row);
            (0..elements.len()).map(|i| nested_value(&elements, i)).collect()
        }
        DataType::Struct(fields) => {
            let members = fields.iter().zip(array.as_struct().columns());
            members.map(|(field, member)| (field.name().clone(), nested_value(member, row))).collect()
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            (0..entries.len()).map(|i| json!([nested_value(keys, i), nested_value(values, i)])).collect()
        }
        _ => json!(text(array, row)),
    }
}

/// Writes a file of two segments, and beside it what it holds.
fn write(folder: &Path, name: &str, table: &[Column], options: &ParquetOptions) {
    let twice: Vec<_> = [table, table].iter().map(|part| segment(part, options, 7)).collect();
    fs::write(folder.join(format!("{name}.parquet")), assemble(&specs(table), options, &twice)).unwrap();
    fs::write(folder.join(format!("{name}.json")), expected(table)).unwrap();
}

/// The table's rows twice, in the notation of the script.
fn expected(table: &[Column]) -> String {
    let columns: Vec<_> = table
        .iter()
        .map(|(spec, array)| {
            let values: Vec<_> = (0..2 * array.len()).map(|row| text(array, row % array.len())).collect();
            json!({ "name": spec.name, "type": spec.data_type.to_string(), "values": values })
        })
        .collect();
    json!({ "columns": columns }).to_string()
}

/// Tables of all types under all codecs and choices. What the portable profile changes is left out, or as it is changed.
fn write_all(folder: &Path) {
    let all = scalars();
    let portable: Vec<_> =
        all.iter().filter(|(spec, _)| !matches!(spec.data_type, LogicalType::Time | LogicalType::Uuid)).cloned().collect();
    let duckdb = ParquetOptions { profile: Profile::Duckdb, ..ParquetOptions::default() };
    // Polars has no uuid; DuckDB and pyarrow have.
    let timed: Vec<_> = all.iter().filter(|(spec, _)| spec.data_type != LogicalType::Uuid).cloned().collect();
    write(folder, "scalars-duckdb", &timed, &duckdb);
    for codec in [Codec::Zstd, Codec::Snappy, Codec::Gzip, Codec::Lz4, Codec::Brotli, Codec::None] {
        for dictionary in [Switch::Auto, Switch::On, Switch::Off] {
            let options = ParquetOptions { codec, dictionary, ..ParquetOptions::default() };
            write(folder, &format!("scalars-{codec:?}-{dictionary:?}"), &portable, &options);
        }
    }
    let plain = ParquetOptions { modern_encodings: false, dictionary: Switch::Off, ..ParquetOptions::default() };
    write(folder, "scalars-plain", &portable, &plain);
    write(
        folder,
        "many-pages",
        &repeated(&portable.iter().filter(|(spec, _)| spec.name != "text").cloned().collect::<Vec<_>>(), 30_000),
        &plain,
    );
    write(folder, "one-row", &repeated(&portable, 1), &ParquetOptions::default());
    write(folder, "no-rows", &repeated(&portable, 0), &ParquetOptions::default());
    write(folder, "nested", &repeated(&nested(), 100), &ParquetOptions::default());
    let awkward = portable
        .iter()
        .take(3)
        .zip(["with space", "a,b;c", "\"quoted\""])
        .map(|((old, array), name)| (spec(name, old.data_type.clone()), array.clone()));
    write(folder, "names", &awkward.collect::<Vec<_>>(), &ParquetOptions::default());
}

/// The same rows in every other format, and beside them what they hold.
fn write_outputs(folder: &Path) {
    let all: Vec<_> = scalars().into_iter().filter(|(spec, _)| spec.data_type != LogicalType::Uuid).collect();
    let without_bytes: Vec<_> = all.iter().filter(|(spec, _)| spec.data_type != LogicalType::Binary).cloned().collect();
    for (name, table, given) in [
        ("lz4", &all, &[("outputFormat", "arrow")][..]),
        ("zstd", &all, &[("outputFormat", "arrow"), ("arrow.compression", "zstd")]),
        ("none", &all, &[("outputFormat", "arrow"), ("arrow.compression", "none")]),
        ("text", &all, &[("outputFormat", "csv"), ("csv.formulaGuard", "false")]),
        ("text", &all, &[("outputFormat", "jsonl")]),
        ("batches", &without_bytes, &[("outputFormat", "sql"), ("sql.table", "t")]),
        ("rows", &without_bytes, &[("outputFormat", "sql"), ("sql.table", "t"), ("sql.batchRows", "1")]),
    ] {
        let options = OutputOptions::from_settings(&Settings::new(&output::options(), given.iter().copied()).unwrap()).unwrap();
        let path = folder.join(format!("{name}.{}", options.format().extension));
        fs::write(path, of_two_segments(table, &options)).unwrap();
        fs::write(folder.join(format!("{name}.json")), expected(table)).unwrap();
    }
}

fn of_two_segments(table: &[Column], options: &OutputOptions) -> Vec<u8> {
    let columns = specs(table);
    let arrays: Vec<ArrayRef> = table.iter().map(|(_, array)| array.clone()).collect();
    let segment = || {
        let mut writer = SegmentWriter::new(&columns, options, &[]).unwrap();
        writer.write(&arrays, arrays[0].len()).unwrap();
        writer.finish().unwrap()
    };
    let segments = [segment(), segment()];
    let frame = frame(&columns, options, segments.iter().map(|segment| &segment.meta), &[]).unwrap();
    let bodies = segments.iter().flat_map(|segment| &segment.body);
    let file: Vec<u8> = frame.head.iter().chain(bodies).chain(&frame.tail).copied().collect();
    assert_eq!((frame.bytes, frame.crc32, frame.rows), (file.len() as u64, crc32fast::hash(&file), 24));
    file
}

/// Runs a script over a folder of files.
fn run(program: &str, script: &str, more: &[&str]) {
    run_over(write_all, program, script, more);
}

fn run_over(write: fn(&Path), program: &str, script: &str, more: &[&str]) {
    let folder = env::temp_dir().join(format!("colonnade-{script}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    write(&folder);
    let output = Command::new(program).arg(Path::new(SCRIPTS).join(script)).arg(&folder).args(more).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn pyarrow_duckdb_and_polars_read_what_was_written() {
    match env::var("COLONNADE_PYTHON") {
        Ok(python) => run(&python, "check_parquet.py", &[]),
        Err(_) => println!("skipped: COLONNADE_PYTHON names no Python that has pyarrow, duckdb and polars"),
    }
}

#[test]
fn pyarrow_duckdb_and_polars_read_every_other_format() {
    match env::var("COLONNADE_PYTHON") {
        Ok(python) => run_over(write_outputs, &python, "check_outputs.py", &[]),
        Err(_) => println!("skipped: COLONNADE_PYTHON names no Python that has pyarrow, duckdb and polars"),
    }
}

#[test]
fn hyparquet_reads_what_was_written() {
    match env::var("COLONNADE_NODE_MODULES") {
        Ok(modules) => run("node", "check_hyparquet.mjs", &[&modules]),
        Err(_) => println!("skipped: COLONNADE_NODE_MODULES names no folder that has hyparquet and hyparquet-compressors"),
    }
}

#[test]
fn spark_reads_what_was_written() {
    match env::var("COLONNADE_SPARK_PYTHON") {
        Ok(python) => run(&python, "check_spark.py", &[]),
        Err(_) => println!("skipped: COLONNADE_SPARK_PYTHON names no Python that has pyspark, with a Java"),
    }
}
