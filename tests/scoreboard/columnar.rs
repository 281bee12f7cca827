//! Parquet, Arrow and Avro files: read to the last row, against what other readers say is in them. Damaged files must be read
//! or refused in words, without a panic, within seconds.

use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use colonnade_engine::column::display;
use colonnade_engine::format::ParseMode;
use colonnade_engine::source::Source;
use colonnade_engine::table::Table;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use serde_json::Value;

use crate::{Score, files};

/// A file that takes longer has hung.
const LONGEST: Duration = Duration::from_secs(10);

/// What became of a file.
enum Read {
    Rows(Vec<Vec<Value>>),
    Refused(ErrorInfo),
    Crashed,
    Hung,
}

/// The rows of hyparquet's own tests.
pub fn hyparquet(folder: &Path) -> Score {
    let data = folder.join("../parquet-testing/data");
    let truths = files(folder).into_iter().filter_map(|(name, truth)| {
        let file = name.strip_suffix(".json")?.to_owned();
        let bytes = std::fs::read(data.join(format!("{file}.parquet"))).ok()?;
        let truth: Value = serde_json::from_slice(&truth).ok()?;
        Some(against(file, &bytes, "parquet", &truth))
    });
    Score::of(1.0, truths.collect())
}

/// Every whole file of Parquet's own collection can be read.
pub fn parquet(folder: &Path) -> Score {
    whole(folder, "parquet", |name| name.ends_with(".parquet"))
}

/// What once broke another reader breaks nothing here.
pub fn damaged_parquet(folder: &Path) -> Score {
    let fuzzed = ["parquet/fuzzing", "parquet/encoding-fuzzing"].map(|folder_of| folder.join("../arrow-testing").join(folder_of));
    let bad = files(&folder.join("bad_data")).into_iter().filter(|(name, _)| name.ends_with(".parquet"));
    damaged(bad.chain(fuzzed.iter().flat_map(|folder| files(folder))).collect(), "parquet")
}

/// A file and its stream have the rows that Arrow's own integration JSON gives.
pub fn arrow(folder: &Path) -> Score {
    let folder = folder.join("arrow-ipc-stream/integration/cpp-21.0.0");
    let truths = files(&folder).into_iter().filter_map(|(name, packed)| {
        let name = name.strip_suffix(".json.gz")?.to_owned();
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut text).ok()?;
        Some((name, serde_json::from_slice::<Value>(&text).ok()?))
    });
    let both = truths.flat_map(|(name, truth)| {
        ["arrow_file", "stream"].map(|kind| {
            let file = format!("{name}.{kind}");
            let bytes = std::fs::read(folder.join(&file)).unwrap_or_default();
            match read(&bytes, "arrow") {
                Read::Rows(rows) => {
                    let wrong = integration(&rows, &truth);
                    (file, f64::from(wrong.is_none()), wrong.unwrap_or_default())
                }
                other => (file, 0.0, other.words()),
            }
        })
    });
    Score::of(1.0, both.collect())
}

/// What differs from Arrow's integration JSON: the number of rows, the nulls, and the values of flat columns.
fn integration(rows: &[Vec<Value>], truth: &Value) -> Option<String> {
    let empty = Vec::new();
    let mut at = 0;
    for batch in truth["batches"].as_array().unwrap_or(&empty) {
        let count = batch["count"].as_u64().unwrap_or_default() as usize;
        let Some(ours) = rows.get(at..at + count) else { return Some(format!("{} rows, more in truth", rows.len())) };
        for (c, column) in batch["columns"].as_array().unwrap_or(&empty).iter().enumerate() {
            // An index may stand for a null among the dictionary's values.
            if truth["schema"]["fields"][c].get("dictionary").is_some_and(|dictionary| !dictionary.is_null()) {
                continue;
            }
            let (Some(valid), Some(values)) = (column["VALIDITY"].as_array(), column["DATA"].as_array()) else { continue };
            for (r, (valid, value)) in valid.iter().zip(values).enumerate() {
                let cell = ours[r].get(c).unwrap_or(&Value::Null);
                let is_null = valid.as_u64() == Some(0);
                let is_typed = truth["schema"]["fields"][c]["type"]["name"].as_str().is_some_and(|name| {
                    ["int", "floatingpoint", "utf8", "largeutf8", "utf8view", "bool", "binary", "largebinary"].contains(&name)
                });
                let value = match value {
                    Value::String(text) if text.chars().all(|c| c.is_ascii_hexdigit()) => Value::String(text.clone()),
                    Value::Number(bit) if cell.is_boolean() => Value::Bool(bit.as_u64() == Some(1)),
                    other => other.clone(),
                };
                let same = match cell {
                    Value::String(text) if value.is_string() => value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(text)),
                    _ => is_same(Some(cell), Some(&value)),
                };
                if is_null != cell.is_null() || is_typed && !is_null && !same {
                    return Some(format!("row {}, column {c}: {cell} and {value} in truth", at + r));
                }
            }
        }
        at += count;
    }
    (at != rows.len()).then(|| format!("{} rows, and {at} in truth", rows.len()))
}

/// What once broke Arrow's C++ reader breaks nothing here.
pub fn damaged_arrow(folder: &Path) -> Score {
    let all = ["arrow-ipc-file", "arrow-ipc-stream"].iter().flat_map(|kind| files(&folder.join(kind)));
    damaged(all.collect(), "arrow")
}

/// The rows of Avro's own weather report, however packed; of Impala's and Spark's files, that they are read.
pub fn avro(folder: &Path) -> Score {
    let truth = std::fs::read_to_string(folder.join("weather.json")).unwrap_or_default();
    let truth: Vec<Value> = serde_json::Deserializer::from_str(&truth).into_iter::<Value>().filter_map(Result::ok).collect();
    let others = whole(&folder.join("../arrow-testing/avro"), "avro", |name| name.ends_with(".avro"));
    let mut own: Vec<_> = files(folder)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".avro"))
        .map(|(name, bytes)| {
            let mut truth = truth.clone();
            if name.contains("sorted") {
                // Its schema leaves stations out of the order.
                truth.sort_by_key(|row| (row["time"].as_i64(), row["temp"].as_i64()));
            }
            // By name: JSON's members stand in another order than the record's.
            let members = ["station", "time", "temp"];
            let rows = truth.iter().map(|row| members.iter().map(|member| row[*member].clone()).collect()).collect();
            against(name, &bytes, "avro", &Value::Array(rows))
        })
        .collect();
    own.extend((0..others.files).map(|k| (format!("whole {k}"), f64::from(k < others.right), others.lost.join("; "))));
    Score::of(1.0, own)
}

/// Files that are whole: one point each if all of it was read.
fn whole(folder: &Path, format: &str, wanted: fn(&str) -> bool) -> Score {
    let all = files(folder).into_iter().filter(|(name, _)| wanted(name)).map(|(name, bytes)| match read(&bytes, format) {
        Read::Rows(_) => (name, 1.0, String::new()),
        other => (name, 0.0, other.words()),
    });
    Score::of(1.0, all.collect())
}

/// Files that are not: one point each if it was read or refused in words.
fn damaged(files: Vec<(String, Vec<u8>)>, format: &str) -> Score {
    let all = files.into_iter().map(|(name, bytes)| match read(&bytes, format) {
        Read::Rows(_) => (name, 1.0, String::new()),
        Read::Refused(error) if error.kind != ErrorKind::Internal && error.what.len() > 10 => (name, 1.0, String::new()),
        other => (name, 0.0, other.words()),
    });
    Score::of(1.0, all.collect())
}

fn against(name: String, bytes: &[u8], format: &str, truth: &Value) -> (String, f64, String) {
    match read(bytes, format) {
        Read::Rows(rows) => {
            let truth = truth.as_array().cloned().unwrap_or_default();
            if rows.len() != truth.len() {
                return (name, 0.0, format!("{} rows, and {} in truth", rows.len(), truth.len()));
            }
            let wrong = rows.iter().zip(&truth).enumerate().find_map(|(k, (ours, truth))| {
                let truth: Vec<&Value> = match truth {
                    Value::Array(cells) => cells.iter().collect(),
                    Value::Object(members) => members.values().collect(),
                    other => vec![other],
                };
                let wrong = (0..ours.len().max(truth.len())).find(|&c| !is_same(ours.get(c), truth.get(c).copied()))?;
                Some(format!("row {k}, column {wrong}: {} and {} in truth", ours.get(wrong)?, truth.get(wrong)?))
            });
            (name, f64::from(wrong.is_none()), wrong.unwrap_or_default())
        }
        other => (name, 0.0, other.words()),
    }
}

/// Whether two values are the same, however each reader prints dates, bytes, and members that are not there.
fn is_same(ours: Option<&Value>, truth: Option<&Value>) -> bool {
    match (ours.unwrap_or(&Value::Null), truth.unwrap_or(&Value::Null)) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or_default(), b.as_f64().unwrap_or_default());
            (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(Some(a), Some(b))),
        (Value::Object(a), Value::Object(b)) => a.keys().chain(b.keys()).all(|key| is_same(a.get(key), b.get(key))),
        // Keys and values as the one reader has them, an object as the other.
        (Value::Array(pairs), Value::Object(map)) => {
            let key = |key: &Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            pairs.iter().all(|pair| is_same(pair.get("value"), map.get(&key(&pair["key"])))) && pairs.len() == map.len()
        }
        (Value::String(a), Value::String(b)) => a == b || moment(a) == moment(b) || is_hex_of(a, b.as_bytes()),
        (Value::String(a), Value::Array(b)) => is_hex_of(a, &b.iter().filter_map(Value::as_u64).map(|byte| byte as u8).collect::<Vec<_>>()),
        (Value::String(a), Value::Object(b)) => {
            let bytes: Vec<u8> = (0..b.len()).filter_map(|k| b.get(&k.to_string())?.as_u64()).map(|byte| byte as u8).collect();
            is_hex_of(a, &bytes)
        }
        (Value::String(a), Value::Number(b)) | (Value::Number(b), Value::String(a)) => {
            a.parse::<f64>().is_ok_and(|a| is_same(Some(&Value::from(a)), Some(&Value::Number(b.clone()))))
        }
        // JSON has no NaN.
        (Value::String(a), Value::Null) => a == "NaN" || a.ends_with("Infinity"),
        (a, b) => a == b,
    }
}

fn moment(text: &str) -> String {
    let text = text.replace('T', " ").replace('Z', "").replace("+0", "");
    let text = text.strip_suffix(" 00:00:00.000").unwrap_or(&text);
    let text = text.strip_suffix(" 00:00:00").unwrap_or(text);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

fn is_hex_of(hex: &str, bytes: &[u8]) -> bool {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == hex
}

/// Reads a file to its last row.
fn read(bytes: &[u8], format: &str) -> Read {
    let began = Instant::now();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(|| rows(bytes, format, began)));
    std::panic::set_hook(before);
    match outcome {
        Err(_) => Read::Crashed,
        Ok(_) if began.elapsed() > LONGEST => Read::Hung,
        Ok(Ok(rows)) => Read::Rows(rows),
        Ok(Err(error)) => Read::Refused(error),
    }
}

fn rows(bytes: &[u8], format: &str, began: Instant) -> Result<Vec<Vec<Value>>, ErrorInfo> {
    let overrides = Overrides { options: vec![("format".to_owned(), format.to_owned())], columns: Vec::new() };
    let table = Table::open(bytes, "file", &overrides)?;
    let plan = table.read_plan();
    assert_eq!(ParseMode::of(&plan.settings), ParseMode::Permissive);
    let blocks = table.format.blocks().ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "is not read by random access", ""))?;
    let mut reader = blocks.reader(&bytes.share(), &plan.settings, &plan.columns)?;
    let mut rows = Vec::new();
    let mut at = table.extent.start.byte;
    while at < table.extent.end && began.elapsed() < LONGEST {
        let decoded = reader.read(at, 1000)?;
        at += decoded.consumed as u64;
        let cell = |column: &arrow_array::ArrayRef, row: usize| {
            let mut text = String::new();
            display::write_json(column.as_ref(), row, &mut text);
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        rows.extend((0..decoded.batch.rows).map(|row| decoded.batch.columns.iter().map(|column| cell(column, row)).collect()));
        if decoded.consumed == 0 {
            return Err(ErrorInfo::new(ErrorKind::Internal, format!("no rows at row {at} of {}", table.extent.end), ""));
        }
    }
    Ok(rows)
}

impl Read {
    fn words(&self) -> String {
        match self {
            Self::Rows(rows) => format!("{} rows", rows.len()),
            Self::Refused(error) => format!("refused: {error}"),
            Self::Crashed => "crashed".to_owned(),
            Self::Hung => "hung".to_owned(),
        }
    }
}
