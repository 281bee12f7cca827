//! Detection: where the records of a document are, and what they hold.

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{ErrorInfo, ErrorKind, Place};

use super::gather::{Gathered, Gathering};
use super::{header, outline};
use crate::Result;
use crate::column::ColumnSpec;
use crate::format::faults::quoted;
use crate::format::json::encoding::JsonEncoding;
use crate::format::json::infer;
use crate::format::json::layout::{Layout, ORIENT, Orient};
use crate::format::json::mend::Mender;
use crate::format::json::options::{self, ENCODING, HEADER, RECORD_PATH};
use crate::format::json::path::RecordPath;
use crate::format::json::reader::SyntaxError;
use crate::format::json::repair::Repair;
use crate::format::json::shown::raw_lines;
use crate::format::lines::count_line_ends;
use crate::format::{Detection, ParseMode};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::words::counted;

/// Names of members that are shown.
const NAMED: usize = 6;

/// Finds the records and their columns.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no record, or none with a field; [`ErrorKind::Malformed`] where none can be read,
/// with the place; [`ErrorKind::Limit`] where what stands before the first is longer than the sample;
/// [`ErrorKind::Usage`] for settings that cannot be used.
pub fn detect(sample: &Sample, mut settings: Settings) -> Result<Detection> {
    let (encoding, mark) = encoding(&sample.head, &mut settings);
    let (text, _) = encoding.decode(&sample.head[mark..], sample.is_whole());
    let at_end = sample.is_whole();
    if at_end && text.trim_ascii().is_empty() {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file holds only blanks", "There is nothing to read in it."));
    }
    let stops = ParseMode::of(&settings) == ParseMode::FailFast;
    let mender = Mender::new(&settings, stops);
    let found = outline(&text, &mender, at_end);
    settings.detect(RECORD_PATH, found.path.to_string(), found.confidence, found.evidence.clone());
    let path = options::record_path(&settings)?;
    let gathering = Gathering { path: &path, mender: &mender };
    let mut gathered = gathering.head(&text, at_end);
    let place = |at: usize| Place { byte: (mark + encoding.source_len(&text[..at])) as u64, line: 1 + count_line_ends(&text[..at]) };
    let orient = gathered.orient();
    settings.detect(
        ORIENT,
        orient.id(),
        0.9,
        format!("{} of {} values", gathered.kinds.iter().max().unwrap_or(&0), gathered.records.len()),
    );
    let layout = Layout::of(&settings, path.is_keyed());
    if encoding == JsonEncoding::Utf8 {
        for slice in &sample.slices {
            let ends = slice.offset + slice.bytes.len() as u64 >= sample.len;
            gathering.slice(&slice.bytes, ends, layout, &mut gathered);
        }
    }
    let header = if layout.orient == Orient::Values { take_header(&mut gathered, &mut settings) } else { None };
    // A decoder begins at the first record: what is wrong before it is met here only.
    let is_broken_before = gathered.broken.is_some_and(|error| stops && gathered.first.is_some_and(|first| error.at < first));
    let Some(first) = gathered.first.filter(|_| !gathered.records.is_empty() && !is_broken_before) else {
        return Err(no_record(&gathered, &path, at_end, &settings, place));
    };
    let (mut columns, inferred) = infer::columns(&gathered.records, layout, &mut settings)?;
    if columns.is_empty() {
        let what = format!("no record is {} with a field", layout.expected());
        return Err(ErrorInfo::new(ErrorKind::Empty, what, "There is nothing to make a table of."));
    }
    match &header {
        Some(names) => name_elements(&mut columns, names),
        None => name_columns(&mut columns, layout, &found, &path),
    }
    let mut findings = gathered.repairs.findings();
    findings.extend((gathered.wrapped > 0).then(|| wrapped(&text[..gathered.wrapped])));
    findings.extend(envelope(&gathered, &path, sample, &settings));
    findings.extend(found.others.iter().filter(|_| found.path == path && !settings.is_by_person(RECORD_PATH)).map(alternative));
    findings.extend(inferred);
    let (whole, rejected) = (gathered.records.len(), gathered.rejected);
    let confidence = (whole as f32 + 1.0) / ((whole + rejected) as f32 + 1.0) * 0.99;
    let bytes_each = encoding.source_len(&text).max(1) as f64 / text.len().max(1) as f64 * gathered.bytes as f64 / whole as f64;
    let rows = ((sample.len as f64 / (bytes_each + 1.0)).round() as u64).max(whole as u64);
    Ok(Detection {
        confidence,
        sentence: sentence(&settings, layout, columns.len(), whole, rejected, confidence),
        estimated_rows: if at_end { whole as u64 } else { rows },
        columns,
        findings,
        data_start: place(first),
        skipped: gathered.beside_first as u64 + u64::from(header.is_some()),
        raw_lines: raw_lines(&text),
        settings,
    })
}

/// The encoding in force, and the length of its mark.
fn encoding(head: &[u8], settings: &mut Settings) -> (JsonEncoding, usize) {
    let (found, mark) = JsonEncoding::of(head);
    let evidence = if mark > 0 { "a byte order mark" } else { "the first characters" };
    settings.detect(ENCODING, found.name(), if mark > 0 { 1.0 } else { 0.95 }, evidence);
    let encoding = JsonEncoding::by_name(settings.text(ENCODING));
    (encoding, if encoding == found { mark.min(head.len()) } else { 0 })
}

/// Where the records are: in a text that breaks the grammar, where they are once it is mended.
fn outline(text: &[u8], mender: &Mender, at_end: bool) -> outline::Found {
    let text = &text[mender.before(text)..];
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
    match crate::format::json::reader::Reader::new(text, start).skip() {
        Err(SyntaxError { cut: false, .. }) => match mender.mend(text, start, false, at_end) {
            Ok(mended) => outline::find(&[&mended.text, &text[mended.end..]].concat()),
            Err(_) => outline::find(text),
        },
        _ => outline::find(text),
    }
}

fn no_record(gathered: &Gathered<'_>, path: &RecordPath, at_end: bool, settings: &Settings, place: impl Fn(usize) -> Place) -> ErrorInfo {
    match gathered.broken {
        Some(error) => ErrorInfo::new(ErrorKind::Malformed, format!("no JSON: {error}"), allowing(settings)).at(place(error.at)),
        None if at_end => {
            let what = format!("there is no record at {path}: it is empty, or not there");
            ErrorInfo::new(ErrorKind::Empty, what, "There is nothing to make a table of; choose another recordPath.")
        }
        None => {
            let what = format!("no record at {path} begins within the first megabytes");
            ErrorInfo::new(ErrorKind::Limit, what, "Set recordPath to where the records are.")
        }
    }
}

/// What a person may do about a document that breaks the grammar: a repair that was declined may be all that is missing.
fn allowing(settings: &Settings) -> String {
    if ParseMode::of(settings) == ParseMode::FailFast {
        return "Correct the file, or read it in another mode: under FAILFAST nothing is mended.".to_owned();
    }
    let off = || Repair::ALL.iter().map(|repair| repair.option()).filter(|option| !settings.flag(option));
    let declined: Vec<_> = off().filter(|option| settings.is_by_person(option)).collect();
    match declined.is_empty() {
        true => {
            format!("Correct the file, or allow what it has in the format's options: off are {}.", off().collect::<Vec<_>>().join(", "))
        }
        false => format!("Correct the file, or allow again what was declined and may be what it needs: {}.", declined.join(", ")),
    }
}

/// Gives elements the names that stand beside them.
fn name_columns(columns: &mut [ColumnSpec], layout: Layout, found: &outline::Found, path: &RecordPath) {
    let elements = columns.iter().filter(|column| column.source_name.starts_with("_c")).count();
    if layout.orient != Orient::Values || found.path != *path {
        return;
    }
    let is_distinct = |names: &&Vec<String>| names.iter().enumerate().all(|(k, name)| !name.is_empty() && !names[..k].contains(name));
    let Some(names) = found.names.iter().filter(is_distinct).find(|names| names.len() == elements) else { return };
    name_elements(columns, names);
}

fn name_elements(columns: &mut [ColumnSpec], names: &[String]) {
    for (column, name) in columns.iter_mut().filter(|column| column.source_name.starts_with("_c")).zip(names) {
        column.name.clone_from(name);
    }
}

/// Takes the first array out of the records, where it holds their names.
fn take_header(gathered: &mut Gathered<'_>, settings: &mut Settings) -> Option<Vec<String>> {
    let names = header::names(&gathered.records);
    let evidence =
        if names.is_some() { "the first array holds words, over values that are none" } else { "nothing tells names from values" };
    settings.detect(HEADER, names.is_some().to_string(), 0.9, evidence);
    let second = gathered.second.filter(|_| settings.flag(HEADER) && gathered.records.len() > 1)?;
    let names = names.or_else(|| header::words(gathered.records.first()?))?;
    gathered.records.remove(0);
    gathered.first = Some(second);
    Some(names)
}

/// What is beside the records, and the way to read it.
fn envelope(gathered: &Gathered<'_>, path: &RecordPath, sample: &Sample, settings: &Settings) -> Option<Finding> {
    if path.is_root() || settings.is_by_person(RECORD_PATH) && gathered.beside.is_empty() {
        return None;
    }
    let mut names: Vec<&str> = gathered.beside.iter().map(String::as_str).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    let named = names.iter().take(NAMED).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let what = match (names.len(), more) {
        (0, _) => format!("the records are at {path}"),
        (_, 0) => format!("the records are at {path}; beside them the document has {named}, which no row has"),
        _ => format!("the records are at {path}; beside them the document has {named} and {more} more, which no row has"),
    };
    let is_small = sample.len <= settings.integer("maxRecordBytes") as u64;
    let change = Change::Option { id: RECORD_PATH.to_owned(), value: Some("$".to_owned()) };
    let fix = is_small.then(|| Fix { title: "Read the whole document as one row".to_owned(), change });
    (fix.is_some() || !names.is_empty()).then_some(Finding { what, fix })
}

/// What stands before a document that is run as a script, or must not be.
fn wrapped(before: &[u8]) -> Finding {
    let change = Change::Option { id: Repair::Calls.option().to_owned(), value: Some("false".to_owned()) };
    let what = format!("before the document stands {}, which is no JSON: it is passed over", quoted(before.trim_ascii()));
    Finding { what, fix: Some(Fix { title: "Refuse what stands around it".to_owned(), change }) }
}

/// Another array, which a person may mean.
fn alternative((path, what): &(RecordPath, String)) -> Finding {
    let change = Change::Option { id: RECORD_PATH.to_owned(), value: Some(path.to_string()) };
    Finding { what: format!("{path} is {what} too"), fix: Some(Fix { title: format!("Read the records at {path}"), change }) }
}

/// *"JSON, UTF-8, records at $.data[*], 12 fields; 99 % sure: 312 of 312 are objects."*
fn sentence(settings: &Settings, layout: Layout, fields: usize, whole: usize, rejected: usize, confidence: f32) -> Vec<SentencePart> {
    let percent = (confidence * 100.0).floor().clamp(1.0, 99.0);
    let fields = counted(fields, "field");
    let part = |text: String, option: Option<&str>| SentencePart { text, option: option.map(Into::into) };
    let records = if whole + rejected == 1 {
        format!("the only one is {}", layout.expected())
    } else {
        format!("{whole} of {} are {}", whole + rejected, layout.plural())
    };
    vec![
        part("JSON, ".to_owned(), None),
        part(settings.text(ENCODING).to_owned(), Some(ENCODING)),
        part(", records at ".to_owned(), None),
        part(settings.text(RECORD_PATH).to_owned(), Some(RECORD_PATH)),
        part(format!(", {fields}; {percent} % sure: {records}."), None),
    ]
}
