//! Detection: is it XML, which of its elements is a row, and what do the rows hold?

use std::sync::Arc;

use colonnade_protocol::message::{RawLine, RawLineKind, SentencePart};
use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{ErrorInfo, ErrorKind, Origin, Place};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::chars::begins_name;
use super::decoder::XmlDecoder;
use super::encoding::{self, Piece};
use super::entities::{self, Entities, MOST_EXPANDED};
use super::infer::{self, Guess, Sampled};
use super::mend::{self, Around, Fields, Mended};
use super::options::{self, ENTITIES, ROOT_TAG, ROW_TAG, Shape};
use super::prologue;
use super::reader::{Event, Reader, Stop};
use super::repair::{self, Allowed};
use super::root::{self, Root};
use super::rows::{Path, Paths};
use super::value::Value;
use crate::Result;
use crate::column::{CellRules, Cells, ColumnSpec, Span, TextEvidence};
use crate::decisions::Decisions;
use crate::format::lines::{count_line_ends, line_at};
use crate::format::{Decoder, Detection, Input, ParseMode};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::words::counted;

/// Raw lines shown beside the grid, and characters of each.
const RAW_LINES: usize = 60;
const RAW_CHARS: usize = 2000;
/// Bytes that the likeness is judged by.
const TRIAL_BYTES: usize = 4000;
/// Elements around the rows that are named.
const NAMED_LEVELS: usize = 5;

/// How likely it is that a sample is XML, 0 to 1.
pub fn likeness(sample: &Sample, name: &str) -> f32 {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let head = &sample.head[..sample.head.len().min(TRIAL_BYTES)];
    let encoding = match head {
        [0xFF, 0xFE, b'<', 0, ..] | [b'<', 0, ..] => UTF_16LE,
        [0xFE, 0xFF, 0, b'<', ..] | [0, b'<', ..] => UTF_16BE,
        _ => encoding_rs::UTF_8,
    };
    let piece = Piece::of(head, encoding, false);
    let text = piece.text[encoding::marks(&piece.text)..].trim_ascii_start();
    let is_html = |text: &[u8]| text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"<html"));
    if text.starts_with(b"<?xml") && text.get(5).is_some_and(u8::is_ascii_whitespace) {
        return 0.99;
    }
    if text.get(..14).is_some_and(|start| start.eq_ignore_ascii_case(b"<!doctype html")) || is_html(text) {
        return if extension == "xml" { 0.9 } else { 0.2 };
    }
    let begins = matches!(text, [b'<', next, ..] if begins_name(*next))
        || text.starts_with(b"<!--")
        || text.starts_with(b"<!DOCTYPE")
        || text.starts_with(b"<?");
    // A tag that is closed, or several tags: else it is text that begins with a bracket.
    let tags = text.windows(2).filter(|pair| pair[0] == b'<' && (begins_name(pair[1]) || pair[1] == b'/')).count();
    let closed = memchr::memmem::find(text, b"</").is_some() || memchr::memmem::find(text, b"/>").is_some();
    if !begins {
        // The first bracket may be what is missing.
        return if extension == "xml" && tags > 2 && closed { 0.9 } else { 0.0 };
    }
    let named = match extension.as_str() {
        "csv" | "tsv" | "tab" | "psv" | "ssv" | "dsv" | "log" | "md" => 0.6,
        "xml" | "rss" | "atom" | "gpx" | "kml" | "svg" | "xhtml" | "rdf" | "osm" | "gml" | "wsdl" | "xsd" | "xsl" | "plist" => 1.0,
        _ => 0.95,
    };
    match (tags, closed) {
        // Declarations of any length may stand before the first tag.
        (0, _) if text.starts_with(b"<!DOCTYPE") => 0.98 * named,
        (0, _) => 0.1,
        (_, true) => 0.98 * named,
        (1, false) => 0.5 * named,
        (_, false) => 0.7 * named,
    }
}

/// Finds row element, root and columns of a sample.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no element; [`ErrorKind::UnknownFormat`] for encodings that cannot be read;
/// [`ErrorKind::Limit`] for entities that expand without end; [`ErrorKind::Usage`] for settings that cannot be used.
pub fn detect(sample: &Sample, mut settings: Settings) -> Result<Detection> {
    let found = encoding::find(&sample.head, &settings)?;
    settings.detect("encoding", found.encoding.name(), found.confidence, found.evidence);
    let encoding = crate::format::text::options::encoding(&settings)?;
    let head = Piece::of(&sample.head, encoding, sample.is_whole());
    let text: &[u8] = &head.text;
    let mut findings = Vec::new();
    let entities = declared(text, &mut settings, &mut findings)?;
    // Under FAILFAST the first fault is told by the reader of records.
    let allowed = Allowed::of(&settings);
    let mended = mend::document(&text[encoding::marks(text)..], &entities);
    if mended.bomb {
        return Err(entities::bomb(Place { byte: 0, line: 1 }));
    }
    let paths = Paths::of(&mended.xml);
    let shape = Shape::of(&settings);
    let Some((guess, others)) = paths.rows() else {
        return Err(ErrorInfo::new(ErrorKind::Empty, "there is no element in it", "There is nothing to make a table of."));
    };
    let by_person = settings.is_by_person(ROW_TAG);
    let row = if by_person { paths.named(|name| shape.is_row(name)) } else { Some(guess) };
    settings.detect(ROW_TAG, String::from_utf8_lossy(shape.local(&guess.name)), confidence(guess), evidence(guess));
    let shape = Shape::of(&settings);
    if let Some((name, attributes)) = paths.root().filter(|_| row.is_none_or(|row| !paths.above(row).is_empty())) {
        let attributes = if takes_root(name, text, &entities, allowed) { attributes } else { &[] };
        settings.detect(ROOT_TAG, root::written(name, attributes), 0.99, "the document's first element");
    }
    let root = Root::of(&settings, &entities, &shape)?;
    if let Some(row) = row {
        findings.extend(around(&paths, row));
    }
    findings.extend(others.iter().filter(|_| !by_person).map(|other| alternative(other)));
    findings.extend(repairs(&mended, &head, sample.is_whole(), allowed));
    let nests = nests(&paths, &mended, &shape);
    let sampled = sampled(sample, encoding, &shape, &entities, nests);
    if let Some(place) = sampled.bomb {
        return Err(entities::bomb(place));
    }
    let rules = Arc::new(CellRules::new(&settings)?);
    let guess = Guess { rules: &rules, value_tag: &shape.value_tag, infer_types: shape.infer_types };
    let (mut columns, of_columns) = infer::columns(&sampled.records, &guess)?;
    findings.extend(of_columns);
    carry(&root, &guess, &mut columns);
    let corrupt = settings.text("columnNameOfCorruptRecord");
    if !corrupt.is_empty() {
        columns.push(ColumnSpec { source_name: String::new(), origin: Origin::Person, ..ColumnSpec::text(corrupt) });
    }
    if columns.is_empty() && sample.is_whole() {
        check(&settings, &sample.head)?;
        let what = if by_person {
            format!("no <{}> has anything in it", settings.text(ROW_TAG))
        } else {
            "no element has anything in it".to_owned()
        };
        return Err(ErrorInfo::new(ErrorKind::Empty, what, "Choose another rowTag."));
    }
    let count = sampled.records.len() as u64;
    let mean = sampled.bytes.max(1) as f64 / count.max(1) as f64;
    let estimated = if sample.is_whole() { count } else { ((sample.len as f64 / mean) as u64).max(count) };
    let confidence = row.map_or(0.3, confidence);
    Ok(Detection {
        confidence,
        sentence: sentence(&settings, row, &paths, columns.len(), confidence),
        estimated_rows: estimated,
        settings,
        columns,
        findings,
        data_start: Place { byte: 0, line: 1 },
        skipped: 0,
        raw_lines: raw_lines(text),
    })
}

/// Under FAILFAST, the first break of the grammar in a document that holds no values.
fn check(settings: &Settings, source: &[u8]) -> Result<()> {
    if ParseMode::of(settings) == ParseMode::FailFast {
        let input = Input { bytes: source, place: Place { byte: 0, line: 1 }, limit: u64::MAX, at_end: true };
        XmlDecoder::new(settings, &[ColumnSpec::text(settings.text("valueTag"))])?.decode(input)?;
    }
    Ok(())
}

/// The entities of the document's own DTD, which settings carry to where it is not seen.
fn declared(text: &[u8], settings: &mut Settings, findings: &mut Vec<Finding>) -> Result<Entities> {
    let mut entities = Entities::default();
    let at = memchr::memmem::find(&text[..text.len().min(64 * 1024)], b"<!DOCTYPE");
    let before_root = at.filter(|&at| !text[..at].windows(2).any(|pair| pair[0] == b'<' && begins_name(pair[1])));
    if let Some(at) = before_root {
        let result = prologue::document_type(text, at + b"<!DOCTYPE".len(), true, &mut entities);
        if let Err(Stop::Bomb(at)) = result {
            let what = "the declarations of its DTD have no end";
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "").at(Place { byte: at as u64, line: count_line_ends(&text[..at]) + 1 }));
        }
        if entities.has_unread {
            findings.push(Finding {
                what: "The document refers to a DTD elsewhere, which is not fetched: its entities are kept as text.".to_owned(),
                fix: None,
            });
        }
    }
    let declared = prologue::declared(&entities);
    if !declared.is_empty() && declared.len() <= 200_000 {
        settings.detect(ENTITIES, declared, 1.0, "the document's DTD");
    }
    let mut all = options::entities(settings)?;
    all.has_unread = entities.has_unread;
    Ok(if settings.is_by_person(ENTITIES) { all } else { entities })
}

fn confidence(row: &Path) -> f32 {
    if row.repeats() { (row.count as f32 + 1.0) / (row.count as f32 + 2.0) } else { 0.6 }
}

fn evidence(row: &Path) -> String {
    if row.repeats() { format!("{} of them, side by side, in the sample", row.count) } else { "nothing repeats".to_owned() }
}

/// What stands around the rows and is no part of them.
fn around(paths: &Paths, row: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let beside = paths.beside(row);
    if !beside.is_empty() {
        let named: Vec<String> = beside
            .iter()
            .take(5)
            .map(|(name, count)| match count {
                1 => format!("<{}>", String::from_utf8_lossy(name)),
                count => format!("<{}> ({count} times)", String::from_utf8_lossy(name)),
            })
            .collect();
        let more = if beside.len() > named.len() { " and others" } else { "" };
        let verb = if beside.len() == 1 { "stands" } else { "stand" };
        findings.push(Finding {
            what: format!(
                "{}{more} {verb} beside the rows and {} not read.",
                named.join(", "),
                if beside.len() == 1 { "is" } else { "are" }
            ),
            fix: None,
        });
    }
    for above in paths.above(row).iter().skip(1).filter(|above| above.has_data()) {
        let name = String::from_utf8_lossy(&above.name);
        let change = Change::Option { id: ROW_TAG.to_owned(), value: Some(name.clone().into_owned()) };
        findings.push(Finding {
            what: format!("<{name}>, which stands around the rows, has attributes that the rows do not get."),
            fix: Some(Fix { title: format!("One row for each <{name}>"), change }),
        });
    }
    findings
}

fn alternative(other: &Path) -> Finding {
    let name = String::from_utf8_lossy(&other.name).into_owned();
    let change = Change::Option { id: ROW_TAG.to_owned(), value: Some(name.clone()) };
    Finding {
        what: format!("<{name}> repeats too: {} of them in the sample.", other.count),
        fix: Some(Fix { title: format!("One row for each <{name}>"), change }),
    }
}

/// What of the sample is not well-formed and mended, by kind. What its end cuts off is no fault of the document.
fn repairs(mended: &Mended, head: &Piece<'_>, is_whole: bool, allowed: Allowed) -> Vec<Finding> {
    let text: &[u8] = &head.text;
    let skipped = encoding::marks(text);
    let known = mended.repairs.iter().filter(|repair| allowed.has(repair.kind) && (is_whole || repair.at + skipped + 1000 < text.len()));
    let mut decisions = Decisions::default();
    for repair in known {
        let at = (repair.at + skipped).min(text.len());
        let place = Place { byte: head.places()(at) as u64, line: count_line_ends(&text[..at]) + 1 };
        decisions.note(repair.kind.option(), repair.times, place, repair::told);
    }
    decisions.findings(&[])
}

/// Whether the start tag of the document's root is to be taken as it was mended.
fn takes_root(name: &[u8], text: &[u8], entities: &Entities, allowed: Allowed) -> bool {
    let at = memchr::memmem::find(text, &[b"<", name].concat());
    let mended = at.and_then(|at| mend::start_tag(text, at, true, entities));
    mended.is_none_or(|mended| allowed.declined(&mended.repairs).is_none())
}

/// Whether rows stand within rows, and not only because an end tag is missing.
fn nests(paths: &Paths, mended: &Mended, shape: &Shape) -> bool {
    let added = format!("</{}> added", String::from_utf8_lossy(&shape.row_tag));
    paths.is_within_itself(|name| shape.is_row(name)) && !mended.repairs.iter().any(|repair| repair.what == added)
}

/// The records of the sample.
#[derive(Default)]
struct Records {
    records: Vec<Sampled>,
    /// Of the sample's text, those that records take.
    bytes: usize,
    /// Where entities expand beyond all bounds.
    bomb: Option<Place>,
    /// What the well-formed ones have in them.
    fields: Fields,
    any_mended: bool,
    /// One that nests too deep to be read: better than none.
    too_deep: Option<Sampled>,
}

fn sampled(sample: &Sample, encoding: &'static Encoding, shape: &Shape, entities: &Entities, nests: bool) -> Records {
    let first = Records::default().of(sample, encoding, shape, entities, nests);
    // What is broken is mended with what the others show.
    if first.any_mended {
        Records { fields: first.fields, ..Records::default() }.of(sample, encoding, shape, entities, nests)
    } else {
        first
    }
}

impl Records {
    fn of(mut self, sample: &Sample, encoding: &'static Encoding, shape: &Shape, entities: &Entities, nests: bool) -> Self {
        let head = Piece::of(&sample.head, encoding, sample.is_whole());
        self.take(&head, 0, true, sample.is_whole(), shape, entities, nests);
        for slice in &sample.slices {
            let at_end = slice.offset + slice.bytes.len() as u64 >= sample.len;
            if let Some(start) = super::find::row(&slice.bytes, 0, at_end, shape, encoding) {
                let piece = Piece::of(&slice.bytes[start..], encoding, at_end);
                self.take(&piece, slice.offset + start as u64, false, at_end, shape, entities, nests);
            }
        }
        if self.records.is_empty() {
            self.records.extend(self.too_deep.take());
        }
        self
    }

    fn around<'a>(&'a self, shape: &'a Shape, nests: bool) -> Around<'a> {
        Around { row: (!nests).then_some(&shape.row_tag), outer: &[], fields: Some(&self.fields) }
    }

    fn learn(&mut self, record: &Value) {
        for (name, value) in &record.fields {
            *self.fields.elements.entry(name.as_bytes().to_vec()).or_default() |= !value.fields.is_empty();
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn take(&mut self, piece: &Piece<'_>, offset: u64, is_head: bool, whole: bool, shape: &Shape, entities: &Entities, nests: bool) {
        let text: &[u8] = &piece.text;
        let mut places = piece.places();
        let mut reader = Reader::new(text, encoding::marks(text), whole);
        reader.begins_within = true;
        reader.never_within = (!nests).then_some(&shape.row_tag);
        let (mut line, mut counted) = (1, 0);
        reader.at += prologue::declaration(&text[reader.at..], whole).unwrap_or_else(|_| prologue::declaration_end(&text[reader.at..]));
        loop {
            let at = reader.at;
            let next = match reader.next() {
                Ok(Event::Start(name)) if shape.is_row(&text[name.clone()]) => {
                    let start = name.start - 1;
                    line += count_line_ends(&text[counted..start]);
                    counted = start;
                    let place = Place { byte: offset + places(start) as u64, line: if is_head { line } else { 0 } };
                    let (value, end) = match Value::read(&mut reader, shape, entities, MOST_EXPANDED) {
                        Ok(value) => {
                            self.learn(&value);
                            (Some(value), reader.at)
                        }
                        Err(Stop::Bomb(_)) => {
                            self.bomb = Some(place);
                            break;
                        }
                        Err(_) => match mend::element(text, start, whole, entities, self.around(shape, nests)) {
                            Some(mended) if mended.too_deep.is_some() => {
                                self.too_deep = value_of(&mended, shape, entities).map(|value| Sampled { value, place });
                                (None, mended.end.max(start + 1))
                            }
                            Some(mended) => {
                                self.any_mended = true;
                                (value_of(&mended, shape, entities), mended.end.max(start + 1))
                            }
                            // Cut by the sample's end: better than none.
                            None if self.records.is_empty() => {
                                match mend::element(text, start, true, entities, self.around(shape, nests)) {
                                    Some(mended) => (value_of(&mended, shape, entities), text.len()),
                                    None => break,
                                }
                            }
                            None => break,
                        },
                    };
                    self.records.extend(value.map(|value| Sampled { value, place }));
                    self.bytes += end - start;
                    end
                }
                Ok(Event::Start(_)) => {
                    let start = reader.at;
                    loop {
                        match reader.attribute() {
                            Ok(Some(_)) => {}
                            Ok(None) => break reader.at,
                            Err(_) => break start + memchr::memchr(b'>', &text[start..]).map_or(text.len() - start, |length| length + 1),
                        }
                    }
                }
                Ok(Event::Doctype) => prologue::document_type_end(text, at).unwrap_or(reader.at),
                Ok(Event::End | Event::Text(_)) => reader.at,
                Ok(Event::Eof) | Err(Stop::Cut) => break,
                Err(_) => {
                    let from = (at + 1).max(reader.at).min(text.len());
                    from + memchr::memchr(b'<', &text[from..]).unwrap_or(text.len() - from)
                }
            };
            reader.restart(next);
        }
    }
}

fn value_of(mended: &Mended, shape: &Shape, entities: &Entities) -> Option<Value> {
    let mut reader = Reader::new(&mended.xml, 0, true);
    reader.takes_any_character = true;
    reader.next().ok()?;
    Value::read(&mut reader, shape, entities, MOST_EXPANDED).ok()
}

/// The root's attributes as columns before the others.
fn carry(root: &Root, guess: &Guess<'_>, columns: &mut Vec<ColumnSpec>) {
    for (k, field) in root.fields.iter().enumerate() {
        let column = infer::new_column(&field.name, |name| columns.iter().any(|column| column.name == name));
        let mut evidence = TextEvidence::new(guess.rules, encoding_rs::UTF_8);
        let spans = [Span::plain(0, field.value.len())];
        evidence.observe(Cells { text: &field.value, scratch: &[], spans: &spans, stride: 1, column: 0 }, &|_| Place { byte: 0, line: 1 });
        let (data_type, pattern, origin, found) = evidence.conclude();
        let column = match guess.infer_types {
            true => ColumnSpec { data_type, pattern, origin, evidence: found, ..column },
            false => ColumnSpec { data_type: colonnade_protocol::LogicalType::String, ..column },
        };
        columns.insert(k, ColumnSpec { source_name: field.source_name.clone(), ..column });
    }
}

/// *"XML, UTF-8, one row for each <book> in <catalog>, 7 columns; 92 % sure: 12 of them, side by side, in the sample."*
fn sentence(settings: &Settings, row: Option<&Path>, paths: &Paths, columns: usize, confidence: f32) -> Vec<SentencePart> {
    let plain = |text: String| SentencePart { text, option: None };
    let of = |text: String, option: &str| SentencePart { text, option: Some(option.to_owned()) };
    let percent = (confidence * 100.0).floor().clamp(1.0, 99.0);
    let columns = counted(columns, "column");
    let above = row.map(|row| paths.above(row)).unwrap_or_default();
    let shown = above.iter().rev().take(NAMED_LEVELS).map(|above| format!(" in <{}>", String::from_utf8_lossy(&above.name)));
    let mut shown: Vec<String> = shown.collect();
    if let Some(more @ 1..) = above.len().checked_sub(NAMED_LEVELS) {
        shown.push(format!(" ({more} more around it)"));
    }
    let why = match row {
        Some(row) if row.repeats() => format!("{} of them, side by side, in the sample", row.count),
        Some(_) => "nothing repeats".to_owned(),
        None => "the sample has none of them".to_owned(),
    };
    vec![
        plain("XML, ".to_owned()),
        of(settings.text("encoding").to_owned(), "encoding"),
        plain(", one row for each ".to_owned()),
        of(format!("<{}>", settings.text(ROW_TAG)), ROW_TAG),
        plain(format!("{}, {columns}; {percent} % sure: {why}.", shown.concat())),
    ]
}

fn raw_lines(text: &[u8]) -> Vec<RawLine> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < text.len() && lines.len() < RAW_LINES {
        let (end, next) = line_at(text, at, true).unwrap_or((text.len(), text.len()));
        let line = String::from_utf8_lossy(&text[at..end]);
        let kind = if line.trim().is_empty() { RawLineKind::Blank } else { RawLineKind::Record };
        lines.push(RawLine { number: lines.len() as u64 + 1, text: line.chars().take(RAW_CHARS).collect(), kind });
        at = next;
    }
    lines
}
