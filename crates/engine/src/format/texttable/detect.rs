//! Detection: which separator, which record end, which names; and whether it is such a table at all.

use std::borrow::Cow;

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::candidates::{is_delimited, layouts};
use super::cut::TableCutter;
use super::drawn::{self, Drawn};
use super::layout::{Layout, RecordEnd, Separator, visible};
use super::options::{self, BLANKS, JOIN_LINES};
use super::record_end;
use crate::Result;
use crate::column::Span;
use crate::format::Detection;
use crate::format::csv::detect::cell::Look;
use crate::format::csv::detect::header::{self, Header};
use crate::format::csv::detect::one_name::{self, Division};
use crate::format::csv::detect::table::{self, Block};
use crate::format::csv::detect::text::Text;
use crate::format::csv::detect::tokens::{Record, Tokens, is_rule};
use crate::format::csv::detect::{self, names};
use crate::format::csv::dialect::Dialect;
use crate::format::lines::{count_line_ends, line_at};
use crate::format::text::describe::{Found, declined_by};
use crate::format::text::options::{KEEP_ELLIPSES, escape, keeps_all};
use crate::format::text::row_count::is_row_count;
use crate::format::text::{comments, is_ellipsis, transcode::Reading};
use crate::sample::Sample;
use crate::settings::Settings;

/// Records of the head that are looked at.
const MOST_RECORDS: usize = 20_000;
/// Below this share of lines of one width, records are looked for that are not lines.
const BY_LINES: f64 = 0.8;
/// The surest that a layout by blanks makes: a plain table with a name that says CSV is left to that.
const SUREST: f32 = 0.85;
/// How sure records make it that are not lines, where all of them fit.
const RECORDS_FIT: f32 = 0.9;
/// Names that are one short say less than what is aligned below them.
const SHARED: f32 = 0.95;
/// How sure rows within drawn frames make it, and the lines looked at for them.
const DRAWN: f32 = 0.93;
const DRAWN_LINES: usize = 400;
/// How sure names in numbered or tagged comments make it.
const DESCRIBED: f32 = 0.93;

/// A text as a table.
struct Table {
    layout: Layout,
    tokens: Tokens,
    header: Header,
    names: Vec<String>,
    width: usize,
    fitting: usize,
    records: usize,
    wrapped: Option<record_end::Found>,
    /// The names are one short, as a date and its time have one.
    shared: bool,
    /// The names stand in comments that describe columns.
    described: bool,
}

/// How likely it is that a sample is such a table, 0 to 1.
pub fn likeness(sample: &Sample, name: &str) -> f32 {
    let settings = Settings::default();
    let Ok((_, text)) = detect::open(sample, &settings) else { return 0.0 };
    let Some(table) = Table::find(&text, &settings) else { return 0.0 };
    if table.divides_values(&text.head().text) {
        return 0.0;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let named = if matches!(extension.as_str(), "dat" | "tbl" | "cat" | "data") { 0.05 } else { 0.0 };
    (table.confidence(&text) + named).min(0.95)
}

/// Finds how a source is to be read as a text table. What `settings` says by a person's word is taken as it is.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no record; [`ErrorKind::UnknownFormat`] for what is no text;
/// [`ErrorKind::Usage`] for settings that cannot be used.
pub fn detect(sample: &Sample, mut settings: Settings) -> Result<Detection> {
    let (encoding, text) = detect::open(sample, &settings)?;
    options::layout(&settings, 1)?;
    let Some(table) = Table::find(&text, &settings) else {
        return Err(ErrorInfo::new(ErrorKind::Empty, "there is no record, only blanks and comments", "Change the comment setting."));
    };
    table.settle(&mut settings);
    let confidence = table.confidence(&text).max(0.05);
    let findings = table.findings(&settings);
    let evidence = table.evidence();
    let lead = table.lead();
    let Table { layout, tokens, header, names, fitting, records, .. } = table;
    let comment = String::from_utf8_lossy(&layout.comment).into_owned();
    let found = Found {
        sample,
        text: &text,
        encoding: &encoding,
        tokens: &tokens,
        header,
        names,
        fitting,
        records,
        confidence,
        evidence,
        comment,
        findings,
    };
    found.settle(&mut settings);
    let names: Vec<String> = found.columns().iter().map(|column| column.source_name.clone()).collect();
    let cutter = cutter(&settings, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
    found.describe(settings, lead, &cutter, &reading(&cutter.layout, encoding.encoding.value))
}

/// A cutter for columns of these names in the source.
///
/// # Errors
/// Those of [`options::layout`].
pub fn cutter(settings: &Settings, names: &[&str]) -> Result<TableCutter> {
    let header = if settings.integer("headerRows") == 1 { names.iter().map(|name| name.as_bytes().to_vec()).collect() } else { Vec::new() };
    let layout = options::layout(settings, names.len())?;
    Ok(TableCutter {
        columns: names.len().max(1),
        max_record_bytes: settings.integer("maxRecordBytes").max(64) as usize,
        keep_all: keeps_all(settings),
        keep_ellipses: settings.flag(KEEP_ELLIPSES),
        header,
        // TeX says itself where rows end.
        repairs: !options::is_told_record_end(settings) && !layout.is_tex(),
        layout,
    })
}

/// How the bytes become text that this layout cuts.
pub fn reading(layout: &Layout, encoding: &'static encoding_rs::Encoding) -> Reading {
    let separator = match &layout.separator {
        Separator::Blanks => b" ",
        Separator::Text(text) => text.as_slice(),
    };
    let end = match &layout.record_end {
        RecordEnd::Text { end, .. } => end.as_slice(),
        _ => &[],
    };
    Reading::of(encoding, separator.iter().chain(end).chain(&layout.comment).copied().chain(layout.quote))
}

impl Table {
    /// The best reading of the text. `None`: it holds nothing but comments and blanks.
    fn find(text: &Text, settings: &Settings) -> Option<Self> {
        let head = &text.head().text;
        let layouts = layouts(head, settings);
        let tables = layouts.into_iter().filter_map(|layout| Self::of(text, layout, settings));
        tables.max_by(|a, b| a.score().total_cmp(&b.score()))
    }

    /// Whether blanks divide what is one column under its name.
    fn divides_values(&self, head: &str) -> bool {
        if self.layout.separator != Separator::Blanks || self.wrapped.is_some() || self.described {
            return false;
        }
        let Self { tokens, width, fitting, records, .. } = self;
        let cells = tokens.records.iter().filter(|record| record.width == *width).flat_map(|record| tokens.texts(head, record).skip(1));
        let (all, values) =
            cells.fold((0_usize, 0_usize), |(all, values), cell| (all + 1, values + usize::from(Look::of(cell).is_value())));
        let merged = head.lines().any(|line| line.trim().contains("  "));
        let values = values as f64 / all.max(1) as f64;
        one_name::is_divided(head, &Division { separator: b" ", merged, width: *width, fitting: *fitting, records: *records, values })
    }

    fn of(text: &Text, mut layout: Layout, settings: &Settings) -> Option<Self> {
        let head = &text.head().text;
        let above = if layout.comment.is_empty() { Vec::new() } else { comments::above(head, &String::from_utf8_lossy(&layout.comment)) };
        let described = comments::numbered(&above).or_else(|| comments::tagged(&above)).or_else(|| comments::colheads(&above));
        let mut tokens = cut(head, text.is_whole, &layout, settings);
        let mut block = table::find(&tokens);
        let usual = described.as_ref().map_or(block.map_or(0, |block| block.width), Vec::len);
        let by_lines = block.map_or(0.0, |block| share(&tokens, &block, usual));
        let mut wrapped = None;
        let open = layout.record_end == RecordEnd::Line && !settings.is_by_person("lineSep");
        let joins = !settings.is_by_person(JOIN_LINES);
        if (by_lines < BY_LINES || record_end::is_marked(head))
            && (joins || settings.flag(JOIN_LINES))
            && (open || layout.record_end == RecordEnd::Line)
        {
            let found = record_end::find(head, text.is_whole, &layout, described.as_deref());
            wrapped = match found {
                Some(found) if open || matches!(found.end, RecordEnd::Full(_)) => Some(found),
                // A mark that a person keeps as text still shows how many fields a record has.
                Some(found) => record_end::of_fields(head, text.is_whole, &layout, described.as_deref(), found.width),
                None => None,
            };
        }
        if let Some(found) = &wrapped {
            layout.record_end = found.end.clone();
            tokens = cut(head, text.is_whole, &layout, settings);
            block = table::find(&tokens);
        }
        let Some(mut block) = block else {
            let names = described?;
            let header = Header { first: 0, rows: 0, data: 0, confidence: 0.95, evidence: "comments name the columns".to_owned() };
            let width = names.len();
            return Some(Self { layout, tokens, header, names, width, fitting: 0, records: 0, wrapped, shared: false, described: true });
        };
        if wrapped.is_some() {
            // The header is the first record, as the record end was found by it.
            block = Block { first: 0, ..block };
        }
        let mut header =
            header::find(head, &tokens, &block, header::by_person(settings), settings.is_by_person("skipRows") || wrapped.is_some());
        let mut width = block.width;
        if let Some(names) = described.as_ref().filter(|_| wrapped.is_some()) {
            width = names.len();
        } else if wrapped.is_some() && header::by_person(settings).is_none() {
            header = Header { rows: 1, data: 1, ..header };
        }
        if options::is_by_lines(settings) && described.is_none() {
            // Nothing of a line is dropped for being longer than others.
            let widest = tokens.records[header.first.min(tokens.records.len())..].iter().map(|record| record.width).max();
            width = widest.unwrap_or(width).clamp(width, settings.integer("maxColumns").max(1) as usize);
        }
        let told = header::by_person(settings).is_some();
        // A line of names above values is nearer than a comment.
        let has_names = header.rows > 0 && header.confidence >= 0.7;
        let in_comments = || comments::last_of_width(&above, width).filter(|_| !has_names);
        let named = described.clone().filter(|names| names.len() >= width).or_else(in_comments).filter(|_| !told);
        let is_described = described.is_some() && named.is_some();
        let mut shared = false;
        let names = match named {
            Some(names) => {
                let evidence = "a comment names the columns".to_owned();
                header = Header { rows: 0, data: header.first, confidence: 0.9, evidence, first: header.first };
                width = names.len();
                names
            }
            None => {
                let is_short = header.rows == 1
                    && !options::is_by_lines(settings)
                    && tokens.records.get(header.first).is_some_and(|record| record.width + 1 == width);
                let moment = if is_short { moment(head, &tokens, &header, width) } else { None };
                let plain = Dialect { quote: layout.quote, ..Dialect::default() };
                let mut names = names::in_source(head, &tokens, &plain, &header, width, is_short && moment.is_none());
                shared = moment.is_some();
                if let Some(time) = moment {
                    names.insert(time, String::new());
                    names.truncate(width);
                }
                if let Some(whole) = last_name(head, &tokens, &header, &layout, width) {
                    names[width - 1] = whole;
                }
                names
            }
        };
        let (fitting, records) = counts(text, &layout, &tokens, &header, width);
        Some(Self { layout, tokens, header, names, width, fitting, records, wrapped, shared, described: is_described })
    }

    /// For choosing among layouts.
    fn score(&self) -> f64 {
        let bars = if self.layout.separator == Separator::Blanks { 1.0 } else { 1.05 };
        if self.width < 2 { 0.0 } else { bars * self.fitting as f64 / self.records.max(1) as f64 }
    }

    fn confidence(&self, text: &Text) -> f32 {
        let fitting = self.fitting as f32 / self.records.max(1) as f32;
        if self.width < 2 {
            return 0.0;
        }
        if self.layout.is_tex() {
            return DESCRIBED * fitting;
        }
        if self.described {
            return DESCRIBED * if self.records == 0 { 1.0 } else { fitting };
        }
        let head = &text.head().text;
        if self.wrapped.is_some() {
            return if is_delimited(head, 7) { 0.4 } else { RECORDS_FIT * fitting };
        }
        let barred = self.layout.separator != Separator::Blanks;
        let shown: Vec<&str> = head.lines().take(DRAWN_LINES).collect();
        let drawn = if barred { drawn::find(&shown) } else { None };
        if drawn == Some(Drawn::Framed) && self.header.rows > 0 {
            return DRAWN * fitting;
        }
        // Where no frame is, a bar at the edge is beside an empty cell, which is not read here.
        let edges = if drawn == Some(Drawn::Open) && drawn::has_edges(&shown) { 0.5 } else { 1.0 };
        let lines = self.tokens.records.iter().filter(|record| !record.blank).count();
        // Lines drawn between rows are no text of any other kind.
        let is_drawn = barred && head.lines().any(|line| is_rule(line.as_bytes()));
        let enough = if self.records >= 3 || is_drawn { 1.0 } else { 0.9 };
        let tabular = if is_drawn || self.holds_values(head) { 1.0 } else { 0.4 };
        let named = if self.header.rows > 0 || self.names.iter().any(|name| !name.is_empty()) { 1.0 } else { 0.95 };
        let named = if self.shared { SHARED } else { named };
        let whole = if self.is_torn(head) || is_delimited(head, 9) { 0.4 } else { 1.0 };
        let covered = ((self.records + self.header.rows) as f32 / lines.max(1) as f32).min(1.0);
        SUREST * fitting * fitting * enough * tabular * named * whole * covered * edges
    }

    /// Whether some column holds values, or ids: what prose does not.
    fn holds_values(&self, text: &str) -> bool {
        let rows: Vec<_> =
            self.tokens.records.iter().skip(self.header.data).filter(|r| !r.blank && r.width == self.width).take(200).collect();
        let typed = |column: usize| {
            let looks = rows.iter().filter_map(|row| self.tokens.cells(row).get(column)).map(|cell| cell.of(text)).map(|cell| {
                let look = Look::of(cell);
                look.is_value() || look.is_void() || (look == Look::Token && cell.bytes().any(|byte| byte.is_ascii_digit()))
            });
            looks.filter(|is_typed| *is_typed).count() * 10 >= rows.len() * 8
        };
        !rows.is_empty() && (0..self.width).any(typed)
    }

    /// Whether brackets or quotes open in one field and close in another: fields of something else.
    fn is_torn(&self, text: &str) -> bool {
        let rows: Vec<_> = self.tokens.records.iter().skip(self.header.data).filter(|r| !r.blank).take(200).collect();
        let torn = |cell: &str| {
            [("[", "]"), ("(", ")"), ("{", "}"), ("\"", "\"")]
                .iter()
                .any(|(open, close)| cell.starts_with(open) && !cell[1..].contains(close))
        };
        let with_torn = rows.iter().filter(|row| self.tokens.texts(text, row).any(torn)).count();
        with_torn * 5 > rows.len()
    }

    fn settle(&self, settings: &mut Settings) {
        let evidence = self.evidence();
        let sure = (self.fitting as f32 / self.records.max(1) as f32).clamp(0.05, 0.98);
        let separator = match &self.layout.separator {
            Separator::Blanks => Cow::Borrowed(BLANKS),
            Separator::Text(text) => Cow::Owned(escape(&String::from_utf8_lossy(text))),
        };
        settings.detect("sep", separator, sure, &evidence);
        let quote = self.layout.quote.map_or(String::new(), |quote| char::from(quote).to_string());
        settings.detect("quote", quote, 0.8, "fields that hold blanks stand in it, where there are any");
        let (end, why) = match &self.layout.record_end {
            RecordEnd::Line | RecordEnd::Full(_) => (String::new(), "records end with lines".to_owned()),
            RecordEnd::BlankLine => ("\\n\\n".to_owned(), evidence.clone()),
            RecordEnd::Text { end, .. } => (escape(&String::from_utf8_lossy(end)), evidence.clone()),
        };
        settings.detect("lineSep", end, sure, why);
        settings.detect(JOIN_LINES, self.layout.record_end.joins().to_string(), sure, &evidence);
    }

    fn evidence(&self) -> String {
        let what = if self.wrapped.is_some() { "records" } else { "lines" };
        if self.records == 0 {
            return format!("there is no row below the names of {} columns", self.names.len());
        }
        format!("{} of {} {what} have {} fields", self.fitting, self.records, self.width)
    }

    fn findings(&self, settings: &Settings) -> Vec<colonnade_protocol::report::Finding> {
        let Some(wrapped) = self.wrapped.as_ref().filter(|_| !options::is_told_record_end(settings)) else { return Vec::new() };
        let mut findings = vec![declined_by(
            format!("records go on over lines: {} of {} stand on several, which are joined", wrapped.joined, wrapped.records + 1),
            "Read every line as a record",
            JOIN_LINES,
            "false",
        )];
        if let RecordEnd::Text { end, .. } = &wrapped.end {
            let what = format!("records end with {}, which is no part of their last value", visible(end));
            findings.push(declined_by(what, "Keep it as text", "lineSep", ""));
        }
        findings
    }

    fn lead(&self) -> Vec<SentencePart> {
        let setting = |text: String, option: &str| SentencePart { text, option: Some(option.to_owned()) };
        let separator = match &self.layout.separator {
            Separator::Blanks => "Whitespace-separated".to_owned(),
            Separator::Text(text) => format!("Text table with {}", visible(text)),
        };
        let mut lead = vec![setting(separator, "sep")];
        let end = match &self.layout.record_end {
            RecordEnd::Line => return lead,
            RecordEnd::Full(fields) => setting(format!("a record is {fields} fields over lines"), JOIN_LINES),
            RecordEnd::BlankLine => setting("records end with a blank line".to_owned(), "lineSep"),
            RecordEnd::Text { end, .. } => setting(format!("records end with {}", visible(end)), "lineSep"),
        };
        lead.extend([SentencePart { text: ", ".to_owned(), option: None }, end]);
        lead
    }
}

/// Which column holds the times of the dates in the column before it: the two may have one name.
fn moment(text: &str, tokens: &Tokens, header: &Header, width: usize) -> Option<usize> {
    let rows: Vec<_> = tokens.records.iter().skip(header.data).filter(|r| !r.blank && r.width == width).take(200).collect();
    let is_part = |row: &Record, column: usize, has_colon: bool| {
        let cell = tokens.cells(row).get(column).map_or("", |cell| cell.of(text));
        Look::of(cell) == Look::Temporal && cell.contains(':') == has_colon
    };
    (1..width).find(|&time| !rows.is_empty() && rows.iter().all(|row| is_part(row, time - 1, false) && is_part(row, time, true)))
}

/// The last column's name where the header has more words than columns: all that are left.
fn last_name(text: &str, tokens: &Tokens, header: &Header, layout: &Layout, width: usize) -> Option<String> {
    let record = tokens.records.get(header.first).filter(|record| header.rows == 1 && record.width > width && width > 1)?;
    let words: Vec<&str> = tokens.texts(text, record).skip(width - 1).collect();
    (layout.separator == Separator::Blanks).then(|| words.join(" "))
}

/// The records of a text, comments and ellipses left out.
fn cut(text: &str, whole: bool, layout: &Layout, settings: &Settings) -> Tokens {
    let bytes = text.as_bytes();
    let skip = if settings.is_by_person("skipRows") { settings.integer("skipRows").max(0) as usize } else { 0 };
    let mut tokens = Tokens::default();
    let (mut at, mut line) = (0, 0);
    let (mut spans, mut scratch) = (Vec::new(), Vec::new());
    while at < bytes.len() && tokens.records.len() < MOST_RECORDS {
        let Some((line_end, line_next)) = line_at(bytes, at, true) else { break };
        let first = &bytes[at..line_end];
        let blank = first.trim_ascii().is_empty() || is_rule(first) || is_row_count(first);
        if line < skip || blank || layout.is_comment(first) || is_ellipsis(first) {
            if blank && line >= skip {
                tokens.push(at, line_end, line, [], true);
            }
            (at, line) = (line_next, line + 1);
            continue;
        }
        let Some((end, next)) = layout.record(bytes, at, whole) else { break };
        spans.clear();
        scratch.clear();
        layout.fields(bytes, at, end, &mut spans, &mut scratch);
        // A field whose escapes were resolved is not in the text: rare, and no name or value to judge a table by.
        let place = |span: &Span| span.in_input().map_or((at, at, true), |field| (field.start, field.end, span.is_quoted()));
        tokens.push(at, end, line, spans.iter().map(place), spans.is_empty());
        line += count_line_ends(&bytes[at..next]) as usize;
        at = next;
    }
    tokens
}

/// Share of the records within the block that have `width` fields.
fn share(tokens: &Tokens, block: &Block, width: usize) -> f64 {
    let content = tokens.records[block.first..block.end].iter().filter(|record| !record.blank);
    let all = content.clone().count();
    content.filter(|record| record.width == width).count() as f64 / all.max(1) as f64
}

/// Records of the table in the sample: those of this width, and all.
fn counts(text: &Text, layout: &Layout, tokens: &Tokens, header: &Header, width: usize) -> (usize, usize) {
    let rows = tokens.records.iter().skip(header.data).filter(|record| !record.blank);
    let (mut fitting, mut records) = (rows.clone().filter(|record| record.width == width).count(), rows.count());
    if layout.record_end == RecordEnd::Line {
        for piece in &text.pieces[1..] {
            let tokens = cut(&piece.text, true, layout, &Settings::default());
            let rows = tokens.records.iter().filter(|record| !record.blank);
            fitting += rows.clone().filter(|record| record.width == width).count();
            records += rows.count();
        }
    }
    (fitting, records)
}
