//! Detection: which layout, which columns, which templates. In order:
//!
//! 1. encoding and text, as for CSV;
//! 2. the layout: one that is known, pairs of keys and values, a header found from the lines, or none;
//! 3. a trial of its pattern on the sample;
//! 4. templates of the messages in it;
//! 5. the columns' types.

use std::borrow::Cow;
use std::collections::HashSet;

use colonnade_protocol::message::{RawLine, RawLineKind, SentencePart};
use colonnade_protocol::{ErrorInfo, ErrorKind, Origin, Place};

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::colours;
use super::cutter::LogCutter;
use super::decoder::{DERIVED, derived_types, reading};
use super::layout::{self, Found};
use super::pattern::Pattern;
use super::{options, sections, template, trace, types, w3c};
use crate::Result;
use crate::column::ColumnSpec;
use crate::format::Detection;
use crate::format::csv::detect::binary;
use crate::format::csv::detect::encoding;
use crate::format::csv::detect::names::{ColumnName, unique};
use crate::format::csv::detect::text::Text;
use crate::format::text::describe::declined_by;
use crate::format::text::options as shared;
use crate::format::text::{Cutter, Tokens, infer};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::Source;
use crate::words::counted;

/// Raw lines shown beside the grid, and characters of each.
const RAW_LINES: usize = 60;
const RAW_CHARS: usize = 2000;
/// Lines that the layout is found from: of the head, and of each slice.
const HEAD_LINES: usize = 400;
const SLICE_LINES: usize = 40;
/// Lines that the likeness is judged by.
const TRIAL_LINES: usize = 100;

/// How sure colours of a terminal make it that lines are what a program printed.
const COLOURED: f32 = 0.86;

/// How likely it is that a sample is a log, 0 to 1.
pub fn likeness(sample: &Sample, name: &str) -> f32 {
    let Ok(found) = encoding::find(&head_of(sample), None) else { return 0.0 };
    let text = Text::read(&head_of(sample), found.encoding.value, found.bom);
    let lines = lines(&text, TRIAL_LINES, 0);
    let coloured = lines.iter().filter(|line| colours::are_in(line.as_bytes())).count();
    if coloured * 2 <= lines.len() {
        return layout::likeness(&lines, name);
    }
    // What is printed to a terminal is lines, whatever stands in them.
    let bare: Vec<Cow<'_, str>> = lines.iter().map(|line| colours::strip_line(line)).collect();
    layout::likeness(&as_texts(&bare), name).max(COLOURED)
}

/// The first bytes of a sample, for a first look.
fn head_of(sample: &Sample) -> Sample {
    const LOOK: usize = 32 * 1024;
    let head = sample.head[..sample.head.len().min(LOOK)].to_vec();
    Sample { len: sample.len, head, slices: Vec::new() }
}

/// What a trial of a pattern on the sample shows.
#[derive(Default)]
struct Trial {
    records: usize,
    fitting: usize,
    bytes: usize,
    /// The texts whose templates are mined.
    messages: Vec<String>,
}

/// Finds layout, columns and templates from the sample; where the source is at hand, a W3C log's fields from as much of it as may be looked
/// through.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no line; [`ErrorKind::UnknownFormat`] for what is no text; [`ErrorKind::Usage`] for
/// settings that cannot be used, above all what is no pattern; those of [`w3c::sections`].
pub fn detect(source: Option<&dyn Source>, sample: &Sample, mut settings: Settings) -> Result<Detection> {
    binary::refuse_known(sample)?;
    let named = settings.is_by_person("encoding").then(|| settings.text("encoding").to_owned());
    let found = encoding::find(sample, named.as_deref())?;
    if found.encoding.value.is_ascii_compatible() {
        binary::refuse_unprintable(sample)?;
    }
    let text = Text::read(sample, found.encoding.value, found.bom);
    if text.head().text.trim().is_empty() && text.is_whole {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file holds only blanks", "There is nothing to read in it."));
    }
    settings.detect("encoding", found.encoding.value.name(), found.encoding.confidence, &found.encoding.evidence);
    let lines = lines(&text, HEAD_LINES, SLICE_LINES);
    let coloured = lines.iter().filter(|line| colours::are_in(line.as_bytes())).count();
    let why = format!("{} have colours of a terminal", counted(coloured, "line"));
    settings.detect(options::STRIP_COLORS, (coloured > 0).to_string(), 0.95, why);
    let strips = settings.flag(options::STRIP_COLORS);
    let bare = |line| if strips { colours::strip_line(line) } else { Cow::Borrowed(line) };
    let lines: Vec<Cow<'_, str>> = lines.into_iter().map(bare).collect();
    let all: Vec<Cow<'_, str>> = text.pieces.iter().flat_map(|piece| piece.text.lines()).map(bare).collect();
    let layout = settle(&as_texts(&lines), &as_texts(&all), &mut settings);
    let encoding = found.encoding.value;
    let is_told = encoding.is_ascii_compatible() || encoding == UTF_16LE || encoding == UTF_16BE;
    if let Some(source) = source.filter(|_| layout.is_by_directive() && is_told) {
        let most = match u64::try_from(settings.integer(options::FIELDS_WITHIN)) {
            Ok(0) | Err(_) => u64::MAX,
            Ok(megabytes) => megabytes << 20,
        };
        sections::keep(&w3c::sections(source, encoding, most)?, &mut settings);
    }
    let pattern = Pattern::compile(options::PATTERN, settings.text(options::PATTERN))?;
    let names = columns(&text, &pattern, sections::fields(&settings)?, strips);
    let source_names: Vec<&str> = names.iter().map(|name| name.source_name.as_str()).collect();
    let cutter = LogCutter::new(&settings, &source_names, usize::MAX, true)?;

    let of = settings.get(options::TEMPLATES_OF).map(str::to_owned);
    let of = of.unwrap_or_else(|| message_of(&pattern, &layout));
    let trial = try_on(&text, &cutter, source_names.iter().position(|name| *name == of));
    let templates = template::mine(trial.messages.iter().map(String::as_str));
    let confidence = (trial.fitting as f32 + 1.0) / (trial.records as f32 + 1.0) * layout.most;
    let evidence = layout.evidence(format!("{} of {} records match the pattern", trial.fitting, trial.records));
    settings.detect(options::PATTERN, settings.text(options::PATTERN).to_owned(), confidence, &evidence);
    settings.detect(
        options::TEMPLATES_OF,
        of.clone(),
        0.9,
        format!("{} in {}", counted(templates.len(), "template"), counted(trial.messages.len(), "message")),
    );
    let has_templates = !of.is_empty() && source_names.contains(&of.as_str());
    if has_templates {
        settings.set(options::TEMPLATES, templates.join("\n"));
    }

    let start = Place { byte: found.bom as u64, line: 1 };
    let table = infer::Table { names: &names, start, end: None };
    let (mut columns, mut findings) = infer::columns(sample, &table, &cutter, &reading(&settings)?, &settings)?;
    if settings.flag("inferSchema") {
        types::timestamps(&text, &cutter, &pattern, &settings, &mut columns, &mut findings);
    }
    if coloured > 0 && !settings.is_by_person(options::STRIP_COLORS) {
        let what = "codes that colour text in a terminal are taken off the records".to_owned();
        findings.push(declined_by(what, "Keep them", options::STRIP_COLORS, "false"));
    }
    if has_templates {
        derive(&mut columns, &of, templates.len(), trial.messages.len(), &settings);
    }
    let estimated_rows = if text.is_whole { trial.records as u64 } else { estimate(sample, &trial) };
    Ok(Detection {
        confidence,
        sentence: sentence(&layout, &settings, names.len(), confidence, &evidence),
        raw_lines: raw_lines(&text, &settings),
        settings,
        columns,
        findings,
        data_start: start,
        skipped: 0,
        estimated_rows,
    })
}

fn as_texts<'a>(lines: &'a [Cow<'_, str>]) -> Vec<&'a str> {
    lines.iter().map(AsRef::as_ref).collect()
}

/// Whole lines of the sample as UTF-8, but for stack traces: so many of the head, and of each other piece.
fn lines(text: &Text, of_head: usize, of_slices: usize) -> Vec<&str> {
    let is_log = trace::has_record(text.head().text.lines().take(of_head));
    let pieces = text.pieces.iter().enumerate();
    pieces
        .flat_map(|(k, piece)| trace::left_out(piece.text.lines(), k > 0 && is_log).take(if k == 0 { of_head } else { of_slices }))
        .collect()
}

/// Finds the layout, unless a person gave the pattern, and sets what follows from it.
fn settle(lines: &[&str], all: &[&str], settings: &mut Settings) -> Found {
    let layout = if settings.is_by_person(options::PATTERN) {
        Found::given(settings.text(options::PATTERN), lines)
    } else {
        layout::find(lines, all)
    };
    let why = layout.title.clone();
    settings.detect(options::PATTERN, layout.pattern.clone(), layout.share, &why);
    settings.detect(options::RECORD_START, layout.start.clone(), layout.share, &why);
    settings.detect(options::COMMENT, layout.comment.clone(), layout.share, &why);
    if !layout.null_value.is_empty() {
        settings.detect("nullValue", layout.null_value.clone(), layout.share, &why);
    }
    if !layout.empty_value.is_empty() {
        settings.detect("emptyValue", layout.empty_value.clone(), layout.share, &why);
    }
    layout
}

/// The columns of fields, and of the keys of a pattern's pairs as far as the sample has them.
fn columns(text: &Text, pattern: &Pattern, fields: Vec<String>, strips: bool) -> Vec<ColumnName> {
    let mut names: Vec<String> = fields.into_iter().filter(|field| !field.starts_with('%')).collect();
    if let Some(field) = pattern.pairs_field() {
        let mut known: HashSet<String> = names.iter().cloned().collect();
        let mut found = pattern.captures();
        for line in text.pieces.iter().flat_map(|piece| piece.text.lines()) {
            let line = if strips { colours::strip_line(line) } else { Cow::Borrowed(line) };
            if !pattern.matches(line.as_bytes(), &mut found) {
                continue;
            }
            let rest = found.get(field).and_then(|(from, to)| line.get(from..to)).unwrap_or_default();
            let mut pairs = super::pairs::Pairs::new(rest.as_bytes());
            let keys: Vec<&str> = pairs.by_ref().filter_map(|pair| rest.get(pair.key)).collect();
            for key in keys.into_iter().filter(|_| pairs.is_done()) {
                if known.insert(key.to_owned()) {
                    names.push(key.to_owned());
                }
            }
        }
    }
    unique(names)
}

/// The field of the message: that of its usual name, or the one that takes the rest of a line.
fn message_of(pattern: &Pattern, layout: &Found) -> String {
    if !layout.has_messages {
        return String::new();
    }
    let usual = ["message", "msg", "content"];
    let named = pattern.fields.iter().find(|field| usual.iter().any(|usual| field.eq_ignore_ascii_case(usual)));
    let rest = pattern.rest_field().and_then(|field| pattern.fields.get(field));
    named.or(rest).cloned().unwrap_or_default()
}

fn try_on(text: &Text, cutter: &LogCutter, message: Option<usize>) -> Trial {
    let mut trial = Trial::default();
    let mut tokens = Tokens::default();
    for (k, piece) in text.pieces.iter().enumerate() {
        let bytes = piece.text.as_bytes();
        let from = if k == 0 { 0 } else { cutter.first_start(bytes) };
        let bytes = bytes.get(from..).unwrap_or_default();
        cutter.begin_at(piece.offset + from as u64);
        let reached = cutter.run(bytes, usize::MAX, true, &mut tokens);
        trial.bytes += reached.consumed;
        trial.records += tokens.starts.len();
        trial.fitting += tokens.starts.len() - tokens.odd.len().min(tokens.starts.len());
        let Some(message) = message else { continue };
        for row in 0..tokens.starts.len() {
            let span = tokens.spans[row * cutter.columns() + message];
            if !span.is_missing() {
                let cells = crate::column::Cells {
                    text: bytes,
                    scratch: &tokens.scratch,
                    spans: &tokens.spans,
                    stride: cutter.columns(),
                    column: message,
                };
                let value = String::from_utf8_lossy(cells.bytes(span));
                trial.messages.push(template::first_line(&value).to_owned());
            }
        }
    }
    trial
}

fn estimate(sample: &Sample, trial: &Trial) -> u64 {
    (sample.len as f64 * trial.records as f64 / trial.bytes.max(1) as f64).round() as u64
}

/// Adds the columns that are made from the message, before that of corrupt records.
fn derive(columns: &mut Vec<ColumnSpec>, of: &str, templates: usize, messages: usize, settings: &Settings) {
    let at = columns.len() - usize::from(shared::has_corrupt_column(settings));
    let made: Vec<ColumnSpec> = DERIVED
        .iter()
        .zip(derived_types())
        .map(|((source_name, name), data_type)| {
            let mut name = (*name).to_owned();
            while columns.iter().any(|column| column.name.eq_ignore_ascii_case(&name)) {
                name.push('_');
            }
            let evidence = format!("{} in {} of {of}", counted(templates, "template"), counted(messages, "text"));
            let origin = Origin::Detected { confidence: 0.9, evidence };
            ColumnSpec { source_name: (*source_name).to_owned(), data_type, origin, ..ColumnSpec::text(name) }
        })
        .collect();
    columns.splice(at..at, made);
}

/// *"Syslog, UTF-8, 5 fields, 118 templates of message; 98 % sure: 1998 of 2000 records match the pattern."*
fn sentence(layout: &Found, settings: &Settings, fields: usize, confidence: f32, evidence: &str) -> Vec<SentencePart> {
    let plain = |text: String| SentencePart { text, option: None };
    let setting = |text: &str, option: &str| SentencePart { text: text.to_owned(), option: Some(option.to_owned()) };
    let mut title = layout.title.clone();
    title.get_mut(..1).map(str::make_ascii_uppercase);
    let percent = (confidence * 100.0).floor().clamp(1.0, 99.0);
    let fields = if fields == 1 { "one column".to_owned() } else { format!("{fields} fields") };
    let mut parts = vec![
        setting(&title, options::PATTERN),
        plain(", ".to_owned()),
        setting(settings.text("encoding"), "encoding"),
        plain(format!(", {fields}")),
    ];
    let templates = settings.text(options::TEMPLATES).lines().count();
    if templates > 0 {
        parts.push(plain(format!(", {} of ", counted(templates, "template"))));
        parts.push(setting(settings.text(options::TEMPLATES_OF), options::TEMPLATES_OF));
    }
    parts.push(plain(format!("; {percent} % sure: {evidence}.")));
    parts
}

fn raw_lines(text: &Text, settings: &Settings) -> Vec<RawLine> {
    let comment = settings.text(options::COMMENT);
    let lines = text.head().text.lines().take(RAW_LINES).enumerate();
    let kind = |line: &str| match line {
        line if line.trim().is_empty() => RawLineKind::Blank,
        line if !comment.is_empty() && line.starts_with(comment) => RawLineKind::Comment,
        _ => RawLineKind::Record,
    };
    lines.map(|(k, line)| RawLine { number: k as u64 + 1, text: line.chars().take(RAW_CHARS).collect(), kind: kind(line) }).collect()
}

#[cfg(test)]
mod tests;
