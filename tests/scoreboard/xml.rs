//! XML: Spark's own test files, the W3C's conformance suite and roxmltree's traps.

use std::collections::BTreeMap;
use std::path::Path;

use colonnade_engine::job::Job;
use colonnade_engine::table::Table;
use colonnade_engine::unit::Unit;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{Cause, Counts, ErrorInfo, ErrorKind, LogicalType};
use serde_json::Value;

use crate::Score;

/// What a file came to.
struct Read {
    counts: Counts,
    /// Listed records and places that are not well-formed, with their reasons.
    broken: Vec<String>,
    schema: Vec<(String, LogicalType)>,
}

fn read(bytes: &[u8], given: &[(&str, &str)]) -> Result<Read, ErrorInfo> {
    let options = given.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned()));
    let overrides = Overrides { options: options.chain([("format".to_owned(), "xml".to_owned())]).collect(), columns: Vec::new() };
    let table = Table::open(bytes, "file.xml", &overrides)?;
    let mut job: Job<()> = Job::new(table.read_plan(), None, false, table.extent.clone());
    while !job.is_done() {
        let task = job.next_task(3).ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "the job neither goes on nor ends", ""))?;
        let mut unit = Unit::new(task, bytes)?;
        while !unit.is_done() {
            unit.advance(bytes)?;
        }
        job.report(unit.finish()?.0, None)?;
    }
    let groups = job.totals().rejects.groups();
    let broken = groups.iter().filter(|group| matches!(group.cause, Cause::Syntax | Cause::InvalidEncoding));
    Ok(Read {
        counts: job.totals().counts,
        broken: broken.flat_map(|group| group.first.iter().map(|reject| reject.reason.clone())).collect(),
        schema: job.columns().iter().map(|column| (column.name.clone(), column.data_type.clone())).collect(),
    })
}

/// Rows and schema of Spark's files, told the row's element where Spark must be.
pub fn spark(corpus: &Path) -> Score {
    let truth: BTreeMap<String, Value> =
        serde_json::from_slice(&std::fs::read(corpus.join("expected.json")).unwrap_or_default()).unwrap_or_default();
    let files = truth.iter().filter(|(name, _)| name.ends_with(".xml")).map(|(name, expected)| {
        let bytes = std::fs::read(corpus.join(name)).unwrap_or_default();
        let wrong = spark_file(&bytes, expected).err();
        (name.clone(), if wrong.is_none() { 1.0 } else { 0.0 }, wrong.unwrap_or_default())
    });
    Score::of(1.0, files.collect())
}

fn spark_file(bytes: &[u8], expected: &Value) -> Result<(), String> {
    let rows = expected["rows"].as_u64().unwrap_or_default();
    let mut given = Vec::new();
    given.extend(expected["rowTag"].as_str().map(|tag| ("rowTag", tag)));
    let note = expected["note"].as_str().unwrap_or_default();
    if note.contains("namespaces ignored") {
        given.push(("ignoreNamespace", "true"));
    }
    // Spark drops what is not well-formed; mended records are what this reader is better at.
    if note.starts_with("lenient") {
        given.push(("mode", "DROPMALFORMED"));
        if read(bytes, &[("mode", "FAILFAST")]).is_ok() {
            return Err("read where it is to be refused".to_owned());
        }
    }
    let read = match read(bytes, &given) {
        Err(error) if rows == 0 && error.kind == ErrorKind::Empty => return Ok(()),
        read => read.map_err(|error| error.to_string())?,
    };
    if read.counts.written != rows {
        return Err(format!("{} rows, not {rows}", read.counts.written));
    }
    let Some(schema) = expected["schema"].as_object() else { return Ok(()) };
    let mut found: Vec<String> = read.schema.iter().map(|(name, data_type)| format!("{name} {}", shape(data_type))).collect();
    let mut wanted: Vec<String> = schema.iter().map(|(name, data_type)| format!("{name} {}", wanted_shape(data_type))).collect();
    found.sort();
    wanted.sort();
    if found == wanted { Ok(()) } else { Err(format!("{found:?}, not {wanted:?}")) }
}

/// A type with the members of structs sorted.
fn shape(data_type: &LogicalType) -> String {
    match data_type {
        LogicalType::Struct(members) => {
            let mut members: Vec<String> = members.iter().map(|member| format!("{} {}", member.name, shape(&member.data_type))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        LogicalType::List(element) => format!("[{}]", shape(element)),
        other => other.to_string(),
    }
}

fn wanted_shape(expected: &Value) -> String {
    match expected {
        Value::Object(members) => {
            let mut members: Vec<String> = members.iter().map(|(name, member)| format!("{name} {}", wanted_shape(member))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(elements) => format!("[{}]", elements.first().map(wanted_shape).unwrap_or_default()),
        other => other.as_str().unwrap_or_default().replace("long", "bigint"),
    }
}

/// The conformance suite: what is valid is read as it is, what is not well-formed is refused with a place.
pub fn conformance(corpus: &Path) -> Score {
    let list = String::from_utf8_lossy(&std::fs::read(corpus.join("xmltest.xml")).unwrap_or_default()).into_owned();
    let attribute = |test: &str, name: &str| Some(test.split_once(&format!("{name}=\""))?.1.split_once('"')?.0.to_owned());
    let mut files = Vec::new();
    for test in list.split("<TEST ").skip(1) {
        let test = test.split('>').next().unwrap_or_default();
        let (Some(kind), Some(path)) = (attribute(test, "TYPE"), attribute(test, "URI")) else { continue };
        let Ok(bytes) = std::fs::read(corpus.join(&path)) else { continue };
        // Names of older editions, and what only a parser that fetches other files can tell.
        let elsewhere = attribute(test, "ENTITIES").is_some_and(|entities| entities != "none");
        if test.contains("EDITION") || kind == "not-wf" && elsewhere {
            continue;
        }
        let wrong = match kind.as_str() {
            "valid" => accepted(&bytes, elsewhere),
            "not-wf" => refused(&bytes),
            _ => continue,
        };
        files.push((path, if wrong.is_none() { 1.0 } else { 0.0 }, wrong.unwrap_or_default()));
    }
    Score::of(1.0, files)
}

/// Small traps, each with the tree that it is or the error that it should give.
pub fn traps(corpus: &Path) -> Score {
    let mut files = Vec::new();
    for (name, truth) in crate::files(corpus).into_iter().filter(|(name, _)| name.ends_with(".yaml")) {
        let name = name.replace(".yaml", ".xml");
        let Ok(bytes) = std::fs::read(corpus.join(&name)) else { continue };
        // Namespaces are names with a prefix here: that one is not declared is no error.
        if name.starts_with("ns_err") {
            continue;
        }
        let wrong = if truth.starts_with(b"error") { refused(&bytes) } else { accepted(&bytes, false) };
        files.push((name, if wrong.is_none() { 1.0 } else { 0.0 }, wrong.unwrap_or_default()));
    }
    Score::of(1.0, files)
}

/// Why a file is not read as it is.
fn accepted(bytes: &[u8], elsewhere: bool) -> Option<String> {
    match read(bytes, &[]) {
        Ok(read) => read.broken.into_iter().find(|reason| !elsewhere || !reason.contains("entity")),
        // An element without anything in it is no table.
        Err(error) if error.kind == ErrorKind::Empty => None,
        Err(error) => Some(error.to_string()),
    }
}

/// Why a file is not refused with its place, or not read at all in the tolerant mode.
fn refused(bytes: &[u8]) -> Option<String> {
    match read(bytes, &[("mode", "FAILFAST")]) {
        Ok(_) => return Some("read where it is to be refused".to_owned()),
        Err(error) if error.place.is_some() || bytes.is_empty() => {}
        Err(error) => return Some(format!("refused without a place: {error}")),
    }
    match read(bytes, &[]) {
        Ok(read) if read.broken.is_empty() => Some("read, and nothing is listed".to_owned()),
        Ok(_) => None,
        Err(error) if matches!(error.kind, ErrorKind::Limit | ErrorKind::Empty | ErrorKind::Malformed | ErrorKind::UnknownFormat) => None,
        Err(error) => Some(error.to_string()),
    }
}
