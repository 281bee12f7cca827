//! Steps 7 to 12 put together: from a dialect to the whole description of the table.

use colonnade_protocol::message::{RawLine, RawLineKind};
use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{ErrorInfo, ErrorKind, Place};

use super::cell::Look;
use super::ending::{Below, Ending};
use super::header::Header;
use super::table::Block;
use super::text::{Piece, Text};
use super::tokens::{Record, Tokens};
use super::{CsvDetection, Guess, comment, dialect, encoding, ending, header, line_end, list, names, sentence, table};
use crate::Result;
use crate::format::csv::dialect::{Dialect, LineEnd};
use crate::format::text::{describe, options, packed};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::words::counted;

/// Records of the head that are looked at.
const MOST_RECORDS: usize = 20_000;
/// Raw lines shown beside the grid, and how much of each.
const RAW_LINES: usize = 200;
const RAW_CHARS: usize = 2000;

/// Describes the table that `found` makes of the text.
pub fn describe(
    sample: &Sample,
    text: &Text,
    encoding: &encoding::Found,
    found: dialect::Found,
    mut settings: Settings,
) -> Result<CsvDetection> {
    let mut dialect = found.dialect;
    let line_end = if settings.is_by_person("lineSep") { Guess::sure(dialect.line_end, "") } else { line_end::find(text, &dialect) };
    dialect.line_end = line_end.value.clone();
    let comment = if settings.is_by_person("comment") { Guess::sure(dialect.comment, "") } else { comment::find(text, &dialect) };
    dialect.comment = comment.value;

    let head = text.head();
    let mut tokens = Tokens::cut(&head.text, &dialect, MOST_RECORDS);
    if found.directive {
        tokens.records.retain(|record| record.line > 0);
    }
    if settings.is_by_person("skipRows") {
        let skip = usize::try_from(settings.integer("skipRows")).unwrap_or_default();
        tokens.records.retain(|record| record.line >= skip);
    }
    let Some(block) = table::find(&tokens) else {
        return Err(ErrorInfo::new(
            ErrorKind::Empty,
            "the file holds no record, only blanks, separators or comments",
            "Lower skipRows or change the comment setting if that is wrong.",
        ));
    };
    let mut header = header::find(&head.text, &tokens, &block, header::by_person(&settings), settings.is_by_person("skipRows"));
    if !text.is_whole && dialect.line_end == LineEnd::Any && !head.text.contains(['\n', '\r']) {
        // What is cut off by the sample's end can be no header: the data would begin in its middle.
        header = Header { first: 0, rows: 0, data: 0, confidence: 0.5, evidence: "the first line is longer than the sample".to_owned() };
    }
    let first = if header::by_person(&settings).is_none() { name_of_list(&head.text, &tokens, &block, &mut header) } else { None };
    let shape = Shape::of(&head.text, &tokens, &block, &header, &settings);
    dialect.trailing_separator = shape.trailing;
    let columns = names::unique(names::in_source(&head.text, &tokens, &dialect, &header, shape.width, shape.leading));
    if columns.len() as i64 > settings.integer("maxColumns").max(1) && settings.get("maxColumns").is_some() {
        let what = format!("the table has {} columns, more than maxColumns ({})", columns.len(), settings.integer("maxColumns"));
        return Err(ErrorInfo::new(ErrorKind::Limit, what, "Raise maxColumns, or set the separator if it is not the right one."));
    }

    let place = |record: Option<&Record>| match record {
        Some(record) => Place { byte: offset(head, record, &dialect, text), line: record.line as u64 + 1 },
        None => Place { byte: head.offset + head.bytes.len() as u64, line: head.text.lines().count() as u64 + 1 },
    };
    let data_start = place(tokens.records.get(header.data));
    let header_line = tokens.records.get(header.first).map_or(0, |record| record.line);
    let ending = below(text, &tokens, &block, &header, shape.width, &dialect);
    let table_end = if settings.is_by_person("tableEnd") {
        u64::try_from(settings.integer("tableEnd")).ok().filter(|&end| end > 0)
    } else {
        ending.as_ref().map(|ending| ending.byte)
    };

    let count = Count::of(text, &tokens, &header, &dialect, block.width, ending.as_ref());
    let evidence = count.evidence(block.width - usize::from(dialect.trailing_separator), columns.len());
    let confidence = confidence(&found.separator, &count, settings.is_by_person("sep"));

    settings.detect("encoding", encoding.encoding.value.name(), encoding.encoding.confidence, &encoding.encoding.evidence);
    settings.detect("sep", options::escape(&String::from_utf8_lossy(&dialect.separator)), found.separator.confidence, &evidence);
    settings.detect("quote", character(dialect.quote), found.quote.confidence, &found.quote.evidence);
    settings.detect("escape", character(dialect.escape), found.escape.confidence, &found.escape.evidence);
    settings.detect("comment", character(dialect.comment), comment.confidence, &comment.evidence);
    let notation = match &dialect.line_end {
        LineEnd::Any => String::new(),
        LineEnd::Exactly(end) => options::escape(&String::from_utf8_lossy(end)),
    };
    settings.detect("lineSep", notation, line_end.confidence, &line_end.evidence);
    settings.detect("skipRows", header_line.to_string(), header.confidence, format!("the table begins on line {}", header_line + 1));
    settings.detect("header", (header.rows > 0).to_string(), header.confidence, &header.evidence);
    settings.detect("headerRows", header.rows.to_string(), header.confidence, &header.evidence);
    let (end, why) = ending
        .as_ref()
        .map_or(("0".to_owned(), "nothing but the table was seen to the end".to_owned()), |e| (e.byte.to_string(), e.what(shape.width)));
    settings.detect("tableEnd", end, 0.8, why);
    settings.detect("trailingSeparator", dialect.trailing_separator.to_string(), 0.9, &shape.why_trailing);
    settings.detect("mergeSeparators", dialect.merge_separators.to_string(), found.separator.confidence, &evidence);
    settings.detect("ignoreLeadingWhiteSpace", dialect.trim_leading.to_string(), found.trim.confidence, &found.trim.evidence);
    settings.detect("ignoreTrailingWhiteSpace", dialect.trim_trailing.to_string(), found.trim.confidence, &found.trim.evidence);

    let mut findings = Vec::new();
    if text.malformed > 0 {
        findings.push(Finding {
            what: format!(
                "{} in the sample {} not text in {}",
                counted(text.malformed as u64, "place"),
                if text.malformed == 1 { "is" } else { "are" },
                encoding.encoding.value.name()
            ),
            fix: None,
        });
    }
    if let Some(mark) = line_end::mark(text).filter(|_| !settings.is_by_person("lineSep")) {
        findings.push(describe::declined_by(
            format!("records end with {mark}, which is no part of their last value"),
            "Keep it as text",
            "lineSep",
            "",
        ));
    }
    let borders = if columns.len() == 1 { packed::borders(head.text.lines().skip(header.data)) } else { Vec::new() };
    if !borders.is_empty() {
        findings.push(describe::declined_by(packed::told(&borders), "Read it as fixed width", crate::table::FORMAT, "fixed"));
    }
    findings.extend(first.and_then(|first| told(first, &header)));
    if let Some(ending) = &ending {
        let fix =
            Fix { title: "Read it as rows".to_owned(), change: Change::Option { id: "tableEnd".to_owned(), value: Some("0".to_owned()) } };
        findings.push(Finding { what: ending.what(shape.width), fix: Some(fix) });
    }
    if shape.empty_column {
        let fix = Fix {
            title: "Drop the empty column".to_owned(),
            change: Change::Option { id: "trailingSeparator".to_owned(), value: Some("true".to_owned()) },
        };
        findings.push(Finding {
            what: format!("every record ends with a separator: column {} has no name and no value", shape.width),
            fix: Some(fix),
        });
    }
    if shape.leading {
        let what = format!(
            "the header has {} for {}: the first column is taken for row names, as R writes them",
            counted(shape.width - 1, "name"),
            counted(shape.width, "column")
        );
        findings.push(Finding { what, fix: None });
    }
    let renamed = columns.iter().filter(|column| !column.source_name.is_empty() && column.name != column.source_name.trim()).count();
    if renamed > 0 {
        findings
            .push(Finding { what: format!("{renamed} of the names were changed, so that each is there once and on one line"), fix: None });
    }

    let facts = sentence::Facts {
        separator: &dialect.separator,
        merge_separators: dialect.merge_separators,
        encoding: encoding.encoding.value.name(),
        columns: columns.len(),
        header: (header.rows > 0).then_some((header_line as u64 + 1, header.rows)),
        confidence,
        evidence: &evidence,
    };
    let sentence = sentence::sentence(&facts);
    let raw_lines =
        raw_lines(&head.text, &tokens, &header, block.width, &dialect, ending.as_ref().filter(|_| text.is_whole).map(|e| e.inner.record));
    let estimated_rows = count.estimate(data_start.byte, table_end.unwrap_or(sample.len));
    Ok(CsvDetection {
        confidence,
        encoding: encoding.encoding.value,
        bom_bytes: encoding.bom as u64,
        dialect,
        settings,
        columns,
        header_rows: header.rows,
        skipped: data_start.line - 1,
        data_start,
        table_end,
        findings,
        sentence,
        raw_lines,
        estimated_rows,
    })
}

/// What the first text of one column is, where more than its look was asked; the header follows it.
fn name_of_list(text: &str, tokens: &Tokens, block: &Block, header: &mut Header) -> Option<list::First> {
    if block.width != 1 || header.rows == 0 {
        return None;
    }
    let records = tokens.records.get(header.first..block.end.max(header.first))?.iter().filter(|record| !record.blank);
    let texts: Vec<&str> = records.take(list::MOST_TEXTS).filter_map(|record| tokens.texts(text, record).next()).map(str::trim).collect();
    let (top, rest) = texts.split_first()?;
    let (first, evidence) = list::first(top, rest)?;
    if matches!(first, list::First::Value | list::First::Open) {
        (header.rows, header.data) = (0, header.first);
    }
    header.confidence = if matches!(first, list::First::Name | list::First::Value) { 0.85 } else { 0.6 };
    header.evidence = evidence;
    Some(first)
}

/// What else the first text of one column may be.
fn told(first: list::First, header: &Header) -> Option<Finding> {
    let evidence = &header.evidence;
    match first {
        list::First::PerhapsName => {
            let what = format!("{evidence}: it is taken for the column's name");
            Some(describe::declined_by(what, "Read it as a row", "header", "false"))
        }
        list::First::Open => {
            let what = format!("{evidence}: it is a row, and not the column's name");
            Some(describe::declined_by(what, "Take it for the column's name", "header", "true"))
        }
        list::First::Name | list::First::Value => None,
    }
}

fn character(byte: Option<u8>) -> String {
    byte.map_or(String::new(), |byte| options::escape(&char::from(byte).to_string()))
}

/// How sure the whole is: as sure as the separator, and as many records as fit.
fn confidence(separator: &Guess<()>, count: &Count, by_person: bool) -> f32 {
    let share = count.fitting as f32 / count.records.max(1) as f32;
    if count.records == 0 {
        return separator.confidence.min(0.7);
    }
    if by_person { share.clamp(0.05, 0.99) } else { (separator.confidence.max(share * 0.9) * share.sqrt()).clamp(0.05, 0.99) }
}

/// The table's columns against its header's cells.
struct Shape {
    width: usize,
    /// Every record ends with a separator that opens no cell.
    trailing: bool,
    why_trailing: String,
    /// The last column has no name and no value.
    empty_column: bool,
    /// The first column has no name in the header.
    leading: bool,
}

impl Shape {
    fn of(text: &str, tokens: &Tokens, block: &Block, header: &Header, settings: &Settings) -> Self {
        let rows: Vec<&Record> =
            tokens.records[header.data.min(block.end)..block.end].iter().filter(|r| !r.blank && r.width == block.width).collect();
        let names: Vec<&Record> = tokens.records[header.first..header.data.min(tokens.records.len())].iter().filter(|r| !r.blank).collect();
        let last_is_empty = |record: &&Record| tokens.cells(record).last().is_some_and(|cell| !cell.quoted && cell.of(text).is_empty());
        let last_is_blank = |record: &&Record| tokens.cells(record).last().is_some_and(|cell| Look::of(cell.of(text)) == Look::Empty);
        let named =
            |record: &&Record| tokens.cells(record).iter().rposition(|cell| Look::of(cell.of(text)) != Look::Empty).map_or(0, |at| at + 1);
        let names_width = names.iter().map(named).max().unwrap_or(0);
        let data_width = if rows.is_empty() { 0 } else { block.width };
        let empty = rows.iter().filter(|record| last_is_empty(record)).count();
        let header_without = names_width > 0 && names.iter().all(|record| record.width < data_width);
        let found = data_width > 1 && header_without && empty == rows.len() && names_width + 1 == data_width;
        let trailing = if settings.is_by_person("trailingSeparator") { settings.flag("trailingSeparator") } else { found };
        let data_width = data_width - usize::from(trailing && data_width > 1);
        let names_full = names.iter().map(|record| record.width).max().unwrap_or(block.width);
        let width = if rows.is_empty() { names_full } else { names_width.max(data_width) };
        let leading = names_width > 0
            && data_width == names_width + 1
            && names.iter().all(|r| r.width == names_width)
            && !rows.iter().all(last_is_blank);
        let empty_column =
            !found && data_width > 1 && width == block.width && names_width < width && empty == rows.len() && !rows.is_empty();
        let why_trailing = format!("{empty} of {} records end with an empty field, the header names {names_width} columns", rows.len());
        Self { width, trailing, empty_column, why_trailing, leading }
    }
}

/// Source offset of a record's first byte.
fn offset(piece: &Piece, record: &Record, dialect: &Dialect, text: &Text) -> u64 {
    if piece.verbatim {
        return piece.offset + record.start as u64;
    }
    piece.line_offset(record.line as u64, &dialect.line_end, text.encoding)
}

/// The table's end with its place.
struct PlacedEnding {
    inner: Ending,
    byte: u64,
    /// Where it can be told.
    line: Option<usize>,
}

impl PlacedEnding {
    fn what(&self, width: usize) -> String {
        let place = self.line.map_or(format!("byte {}", self.byte), |line| format!("line {line}"));
        match self.inner.below {
            Below::BlankRows => format!("from {place} on there are only empty records, which are not read as rows"),
            Below::Footnotes => {
                format!(
                    "from {place} on there are notes below the table, {}, which are not read as rows",
                    counted(self.inner.count, "line")
                )
            }
            Below::SecondTable { width: other } => format!(
                "on {place} a second table begins with {other} columns beside this table's {width}; its {} records are not read as rows",
                self.inner.count
            ),
        }
    }
}

fn below(text: &Text, tokens: &Tokens, block: &Block, header: &Header, width: usize, dialect: &Dialect) -> Option<PlacedEnding> {
    let head = text.head();
    let titled = tokens.records.iter().take(header.first).any(|record| !record.blank);
    if text.is_whole {
        let inner = ending::find(&head.text, tokens, header.data, width, titled, Some((header, block)))?;
        let record = tokens.records.get(inner.record)?;
        return Some(PlacedEnding { inner, byte: offset(head, record, dialect, text), line: Some(record.line + 1) });
    }
    let tail = text.pieces.last().filter(|piece| piece.at_end && text.pieces.len() > 1)?;
    let tail_tokens = Tokens::cut(&tail.text, dialect, usize::MAX);
    let inner = ending::find(&tail.text, &tail_tokens, 0, width, titled, None)?;
    let record = tail_tokens.records.get(inner.record)?;
    Some(PlacedEnding { inner, byte: offset(tail, record, dialect, text), line: None })
}

/// Records of the table in the sample.
struct Count {
    fitting: usize,
    records: usize,
    /// Their bytes in the source.
    bytes: u64,
}

impl Count {
    fn of(text: &Text, tokens: &Tokens, header: &Header, dialect: &Dialect, width: usize, ending: Option<&PlacedEnding>) -> Self {
        let mut count = Self { fitting: 0, records: 0, bytes: 0 };
        let mut add = |records: &[Record], piece: &Piece| {
            let content = records.iter().filter(|record| !record.blank);
            count.records += content.clone().count();
            count.fitting += content.filter(|record| record.width == width).count();
            let spans = records.first().zip(records.last()).map_or(0, |(first, last)| last.end + 1 - first.start);
            count.bytes += spans as u64 * piece.bytes.len() as u64 / piece.text.len().max(1) as u64;
        };
        let end = ending.filter(|_| text.is_whole).map_or(tokens.records.len(), |ending| ending.inner.record);
        let records = &tokens.records[header.data.min(end)..end];
        add(if text.is_whole { records } else { &records[..records.len() - dangling(records, width)] }, text.head());
        for piece in &text.pieces[1..] {
            let tokens = in_the_middle(&piece.text, dialect, width);
            add(whole_records(&tokens.records, width, piece.at_end), piece);
        }
        count
    }

    fn evidence(&self, width: usize, columns: usize) -> String {
        if columns == 1 && self.records < 2 {
            return "there are too few lines to divide".to_owned();
        }
        if columns == 1 {
            return format!("no separator divides the {} lines alike", self.records);
        }
        if self.records == 0 {
            return format!("the only line has {width} fields");
        }
        let named = if columns > width { format!(", the header names {columns}") } else { String::new() };
        format!("{} of {} lines have {width} fields{named}", self.fitting, self.records)
    }

    fn estimate(&self, start: u64, end: u64) -> u64 {
        if self.bytes == 0 {
            return self.records as u64;
        }
        let rows = end.saturating_sub(start) as f64 * self.records as f64 / self.bytes as f64;
        (rows.round() as u64).max(self.records as u64)
    }
}

/// Records of a piece without those at its edges that do not fit: a piece may begin and end within a record.
fn whole_records(records: &[Record], width: usize, at_end: bool) -> &[Record] {
    let first = records.iter().position(|record| record.width == width).unwrap_or(records.len());
    let last = records.len() - if at_end { 0 } else { dangling(records, width) };
    &records[first..last.max(first)]
}

/// How many of the last records do not fit, where the piece ends within a record.
fn dangling(records: &[Record], width: usize) -> usize {
    records.iter().rposition(|record| record.width == width).map_or(0, |last| records.len() - 1 - last)
}

/// The records of a piece that may begin within a quoted value: read as if it did not and as if it did; the reading in
/// which a larger share of the records fits.
fn in_the_middle(text: &str, dialect: &Dialect, width: usize) -> Tokens {
    let outside = Tokens::cut(text, dialect, usize::MAX);
    let Some(quote) = dialect.quote.filter(|_| outside.quoted + outside.stray > 0) else { return outside };
    let inside = Tokens::cut(&format!("{}{text}", char::from(quote)), dialect, usize::MAX);
    let share = |tokens: &Tokens| {
        let fitting = tokens.records.iter().filter(|record| record.width == width).count();
        fitting as f64 / tokens.records.len().max(1) as f64
    };
    if share(&inside) > share(&outside) { inside } else { outside }
}

/// The first lines of the source, each with what it is.
fn raw_lines(text: &str, tokens: &Tokens, header: &Header, width: usize, dialect: &Dialect, end: Option<usize>) -> Vec<RawLine> {
    let mut lines: Vec<RawLine> = text
        .split_inclusive(['\n', '\r'])
        .scan(None, |before: &mut Option<&str>, part| {
            let joined = part == "\n" && before.is_some_and(|before| before.ends_with('\r'));
            *before = Some(part);
            Some((!joined).then_some(part))
        })
        .flatten()
        .take(RAW_LINES)
        .enumerate()
        .map(|(k, line)| {
            let line = line.trim_end_matches(['\n', '\r']);
            let is_comment = dialect.comment.is_some() && line.bytes().next() == dialect.comment;
            let kind = if line.trim().is_empty() {
                RawLineKind::Blank
            } else if is_comment {
                RawLineKind::Comment
            } else {
                RawLineKind::Preamble
            };
            RawLine { number: k as u64 + 1, text: line.chars().take(RAW_CHARS).collect(), kind }
        })
        .collect();
    for (k, record) in tokens.records.iter().enumerate() {
        if record.line >= lines.len() {
            break;
        }
        let kind = match k {
            k if end.is_some_and(|end| k >= end) && record.width > 1 => RawLineKind::Rejected,
            k if record.blank && !(k >= header.data && record.is_row_of_nulls(width)) => RawLineKind::Blank,
            k if k < header.first => RawLineKind::Preamble,
            k if k < header.data => RawLineKind::Header,
            k if end.is_some_and(|end| k >= end) => RawLineKind::Rejected,
            _ => RawLineKind::Record,
        };
        let next = tokens.records.get(k + 1).map_or(lines.len(), |next| next.line.min(lines.len()));
        for line in &mut lines[record.line..next] {
            if line.kind != RawLineKind::Comment {
                line.kind = kind;
            }
        }
    }
    lines
}
