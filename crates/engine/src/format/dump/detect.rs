//! Whether a text is a dump, which tables it holds, and their columns.

use std::collections::BTreeSet;
use std::sync::Arc;

use colonnade_protocol::message::{RawLine, RawLineKind, SentencePart};
use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType, Origin, Place};
use encoding_rs::Encoding;

use super::beyond::{self, Beyond};
use super::cells::{as_declared, is_declared};
use super::cutter::DumpCutter;
use super::directory::{self, Data, Directory, Entry};
use super::place::TablePlace;
use super::statement::{Head, Next, Statements};
use super::text::{self, Piece};
use super::{DIALECT, ESCAPES, LOOKED_THROUGH, lexis};
use crate::Result;
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec, TextEvidence};
use crate::format::csv::detect::names;
use crate::format::lines::count_line_ends;
use crate::format::sql::{Dialect, Lexis, types};
use crate::format::text::options::{CORRUPT_COLUMN, has_corrupt_column};
use crate::format::{Detected, Detection, TABLE, pick_table};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::Source;

/// Statements that are looked at to tell a dump.
const LOOKED_AT: usize = 40;
/// Bytes of a table's data that its columns' evidence is from.
const EVIDENCE: usize = 256 << 10;
/// At most so many, where a row is longer than that.
const MOST_EVIDENCE: usize = 16 << 20;
const RAW_LINES: usize = 200;
const RAW_CHARS: usize = 2000;
/// Kinds of statements that a finding spells out.
const MOST_NAMED: usize = 12;
const MEGABYTE: u64 = 1 << 20;

/// What a statement without data begins with.
const KEYWORDS: [&str; 50] = [
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CHANGE",
    "COMMENT",
    "COMMIT",
    "CONNECT",
    "COPY",
    "CREATE",
    "DECLARE",
    "DEFINE",
    "DELETE",
    "DELIMITER",
    "DO",
    "DROP",
    "END",
    "EXEC",
    "EXECUTE",
    "FLUSH",
    "GO",
    "GRANT",
    "IF",
    "INSERT",
    "LOCK",
    "MERGE",
    "PRAGMA",
    "PRINT",
    "PROMPT",
    "REFRESH",
    "REINDEX",
    "REM",
    "REMARK",
    "RENAME",
    "REPLACE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SECURITY",
    "SELECT",
    "SET",
    "SHOW",
    "SPOOL",
    "START",
    "TRUNCATE",
    "UNLOCK",
    "UPDATE",
    "USE",
    "VACUUM",
    "WITH",
];
/// What the files of the usual programs begin with.
const SIGNATURES: [&[u8]; 6] = [
    b"-- MySQL dump",
    b"-- MariaDB dump",
    b"-- PostgreSQL database",
    b"-- phpMyAdmin SQL Dump",
    b"-- Dump of",
    b"PRAGMA foreign_keys=OFF;",
];

/// Lines above the one by which a program's file is told.
const LINES_ABOVE: usize = 4;
/// What else may stand before the first statement: a comment, a command of psql's.
const BEGINNINGS: [&[u8]; 4] = [b"--", b"/*", b"#", b"\\"];

/// What lines of SQL Server's scripts begin with.
const TRANSACT: [&[u8]; 5] = [b"USE [", b"INSERT [", b"INSERT INTO [", b"CREATE TABLE [", b"SET IDENTITY_INSERT ["];

/// How sure a sample's head makes it that this is a dump.
pub fn likeness(sample: &Sample) -> f32 {
    match text::wide(sample) {
        Some(encoding) => likeness_of(encoding.decode(&sample.head).0.as_bytes()),
        None => likeness_of(sample.head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&sample.head)),
    }
}

fn likeness_of(head: &[u8]) -> f32 {
    let start = head.trim_ascii_start();
    // What a program complained of may stand above: `mysqldump: [Warning] ...`.
    let mut lines = start.split(|&byte| byte == b'\n').take(LINES_ABOVE);
    if lines.any(|line| SIGNATURES.iter().any(|signature| line.starts_with(signature))) {
        return 0.99;
    }
    if is_transact(head) {
        return 0.98;
    }
    let is_sql = |line: &[u8]| {
        let word = line.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
        KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword.as_bytes()))
    };
    if !(BEGINNINGS.iter().any(|mark| start.starts_with(mark)) || is_sql(start)) {
        return 0.0;
    }
    let (mut statements, mut at) = (Statements::new(Lexis::of(directory::dialect(head).0)), 0);
    let (mut rows, mut created, mut known, mut unknown) = (0, 0, 0, 0);
    for _ in 0..LOOKED_AT {
        let Next::Statement(start, found) = statements.next(head, at, false) else { break };
        match &found {
            Head::Insert { .. } | Head::Assign { .. } | Head::Copy { .. } => rows += 1,
            Head::CreateTable => created += 1,
            Head::Other(words) if is_sql(words.as_bytes()) => known += 1,
            Head::Other(_) => unknown += 1,
            _ => {}
        }
        statements.pass(&found);
        at = Statements::passes_from(&found, start);
    }
    // Statements of a database that is not known are few among those of all; alone they are any text.
    let is_dump = if unknown == 0 { rows + created > 0 } else { rows > 0 && unknown < rows + created + known };
    if is_dump { 0.98 } else { 0.0 }
}

/// Whether a text is a script of SQL Server's: names in brackets, and lines of `GO` between its batches, or nothing at all
/// between two statements.
fn is_transact(head: &[u8]) -> bool {
    let (mut batches, mut named, mut open) = (0, 0, false);
    for line in head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        let begins = |words: &[u8]| line.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words));
        let is_named = TRANSACT.iter().any(|words| begins(words));
        batches += usize::from(line.eq_ignore_ascii_case(b"GO") || (open && begins(b"INSERT ")));
        named += usize::from(is_named);
        open = is_named && line.ends_with(b")");
    }
    batches > 0 && named > 0
}

/// The tables of a dump, and the one that the settings pick, with its columns.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no table, or none with columns; [`ErrorKind::Usage`] for one that is not there;
/// [`ErrorKind::UnknownFormat`] for a script of SQL Server's; those of [`text::reading`] and of the source.
pub fn detect(source: &dyn Source, sample: &Sample, mut settings: Settings) -> Result<Detected> {
    text::detect(sample, &mut settings);
    let transcoder = text::reading(&settings)?.transcoder;
    let head = Piece::new(transcoder.as_ref(), &sample.head, 0, false);
    if is_transact(head.text()) {
        let hint = "Export its tables as CSV, as by bcp or the export of Management Studio's results, and open those.";
        return Err(ErrorInfo::new(ErrorKind::UnknownFormat, "this is a script of SQL Server (T-SQL, with GO), which is not read", hint));
    }
    let (dialect, confidence, why) = directory::dialect(head.text());
    settings.detect(DIALECT, dialect.words().0, confidence, why);
    settings.detect(ESCAPES, (dialect == Dialect::MySql).to_string(), confidence, "as this dialect usually has it");
    let wanted = settings.get(TABLE).map(str::to_owned);
    let most = match u64::try_from(settings.integer(LOOKED_THROUGH)).unwrap_or_default() {
        0 => u64::MAX,
        most => most * MEGABYTE,
    };
    let found = directory::of(source, sample, (transcoder.as_ref(), lexis(&settings)), most, wanted.as_deref())?;
    if let Some(escapes) = found.escapes {
        settings.detect(ESCAPES, escapes.to_string(), 1.0, "the dump sets standard_conforming_strings");
    }
    let tables: Vec<String> = found.tables.iter().map(|table| table.name.clone()).collect();
    let picked = pick_table(&tables, &mut settings)?;
    let entry = found.tables.get(picked).cloned().unwrap_or_default();
    let is_whole = found.reached >= sample.len;
    let data = entry.data.clone().unwrap_or_else(|| Data::none_at(found.reached));
    let place = TablePlace {
        name: entry.name.clone(),
        uses: found.uses.clone(),
        forms: data.forms.clone(),
        start: data.start,
        end: (is_whole || entry.data.is_none()).then_some(data.end),
        lists: data.lists.clone(),
        in_utc: found.in_utc,
        bits: bits(&entry, lexis(&settings).dialect),
    };
    place.put(&mut settings);
    let mut columns = declared(&entry, &data, &settings, found.in_utc);
    let seen = Evidence::take(source, &place, data.line, &mut columns, &settings)?;
    if columns.is_empty() {
        let what = format!("the table {} has neither columns nor rows", entry.name);
        return Err(ErrorInfo::new(ErrorKind::Empty, what, "Choose another table."));
    }
    seen.settle(&mut columns, &settings);
    let declared = columns.iter().filter(|column| is_declared(column)).count().saturating_sub(seen.beyond.len());
    let sentence = sentence(&settings, tables.len(), (declared, columns.len()), &data);
    let mut findings = findings(&found, &entry, is_whole, sample.len);
    findings.extend(beyond::findings(&seen.beyond));
    if has_corrupt_column(&settings) {
        let corrupt = settings.text(CORRUPT_COLUMN);
        columns.push(ColumnSpec { source_name: String::new(), origin: Origin::Person, ..ColumnSpec::text(corrupt) });
    }
    let length = data.end.saturating_sub(data.start);
    let rows = seen.rows as f64 * (length as f64 / seen.bytes.max(1) as f64).max(1.0);
    let detection = Detection {
        confidence,
        sentence,
        columns,
        findings,
        data_start: Place { byte: data.start, line: data.line + 1 },
        skipped: 0,
        raw_lines: seen.raw_lines(data.line),
        estimated_rows: rows.round() as u64,
        settings,
    };
    Ok(Detected { detection, tables, end: place.end })
}

/// The columns whose values are the bytes of a number.
fn bits(entry: &Entry, dialect: Dialect) -> Vec<String> {
    let created = entry.created.as_ref().map(|created| created.columns.as_slice()).unwrap_or_default();
    created.iter().filter(|column| types::is_bits(column, dialect)).map(|column| column.name.clone()).collect()
}

/// The columns as the dump declares them: those of its `CREATE TABLE`, or those that its data names.
fn declared(entry: &Entry, data: &Data, settings: &Settings, in_utc: bool) -> Vec<ColumnSpec> {
    let created = entry.created.as_ref().map(|created| created.columns.as_slice()).unwrap_or_default();
    let named: Vec<&String> = data.lists.iter().filter_map(|(_, list)| list.as_ref()).flatten().collect();
    let all_named = entry.data.is_some() && data.lists.iter().all(|(_, list)| list.is_some());
    // A computed column is no data, so lists leave it out.
    let is_kept = |name: &String| !all_named || named.iter().any(|named| named.eq_ignore_ascii_case(name));
    let mut columns: Vec<ColumnSpec> = Vec::new();
    let dialect = lexis(settings).dialect;
    for column in created.iter().filter(|column| is_kept(&column.name)) {
        let mut spec = ColumnSpec::text(&column.name);
        if let Some(data_type) = types::declared(column, dialect, in_utc).filter(|_| settings.flag("inferSchema")) {
            let numbers: Vec<String> = column.numbers.iter().map(u32::to_string).collect();
            let numbers = if numbers.is_empty() { String::new() } else { format!("({})", numbers.join(",")) };
            spec.origin = as_declared(&format!("{}{numbers}{}", column.words, if column.unsigned { " unsigned" } else { "" }));
            spec.data_type = data_type;
        }
        columns.push(spec);
    }
    let mut known: BTreeSet<String> = columns.iter().map(|column| column.source_name.to_ascii_lowercase()).collect();
    columns.extend(named.into_iter().filter(|name| known.insert(name.to_ascii_lowercase())).map(ColumnSpec::text));
    unique(&mut columns);
    columns
}

/// Every column has a name of its own, whatever the source says.
fn unique(columns: &mut [ColumnSpec]) {
    let all = names::unique(columns.iter().map(|column| column.source_name.clone()).collect());
    for (column, name) in columns.iter_mut().zip(all) {
        column.name = name.name;
    }
}

/// What a table's first rows show.
struct Evidence {
    columns: Vec<TextEvidence>,
    /// Whether every value of a column that has any was spelled as bytes.
    binary: Vec<bool>,
    /// Columns whose declared types do not hold all values.
    beyond: Vec<Beyond>,
    rows: usize,
    bytes: usize,
    head: Vec<u8>,
    encoding: &'static Encoding,
}

impl Evidence {
    /// Looks at the first rows; where no word was said of columns, there are as many as the first row has.
    fn take(source: &dyn Source, place: &TablePlace, above: u64, columns: &mut Vec<ColumnSpec>, settings: &Settings) -> Result<Self> {
        let (mut size, reading) = (EVIDENCE, text::reading(settings)?);
        loop {
            let most = place.end.unwrap_or(u64::MAX).min(source.len()).saturating_sub(place.start);
            let mut head = vec![0; usize::try_from(most).unwrap_or(usize::MAX).min(size)];
            let read = source.read_at(place.start.min(source.len()), &mut head)?;
            head.truncate(read);
            let is_all = head.len() as u64 >= most;
            let piece = Piece::new(reading.transcoder.as_ref(), &head, place.start, is_all);
            let mut cutter = DumpCutter::new(settings, columns)?;
            let mut reached = cutter.run(&piece, usize::MAX, is_all);
            if columns.is_empty() && cutter.widest > 0 {
                *columns =
                    (0..cutter.widest).map(|k| ColumnSpec { source_name: String::new(), ..ColumnSpec::text(format!("_c{k}")) }).collect();
                cutter = DumpCutter::new(settings, columns)?;
                reached = cutter.run(&piece, usize::MAX, is_all);
            }
            if cutter.tokens.starts.is_empty() && !is_all && size < MOST_EVIDENCE {
                size *= 4;
                continue;
            }
            return Self::of(&cutter, (&piece, above), reached.consumed, reading.encoding, columns, settings);
        }
    }

    fn of(
        cutter: &DumpCutter,
        (piece, above): (&Piece<'_>, u64),
        consumed: usize,
        encoding: &'static Encoding,
        specs: &mut [ColumnSpec],
        settings: &Settings,
    ) -> Result<Self> {
        let (rules, stride, tokens) = (Arc::new(CellRules::new(settings)?), cutter.columns(), &cutter.tokens);
        let head = piece.text();
        let mut columns: Vec<TextEvidence> = (0..stride).map(|_| TextEvidence::new(&rules, encoding)).collect();
        let at = |row: usize| Place { byte: piece.position(tokens.starts.get(row).copied().unwrap_or_default() as usize), line: 0 };
        let (mut binary, mut beyond) = (vec![false; stride], Vec::new());
        for (column, evidence) in columns.iter_mut().enumerate().filter(|_| !tokens.starts.is_empty()) {
            let cells = Cells { text: head, scratch: &tokens.scratch, spans: &tokens.spans, stride, column };
            let values = cells.iter().filter(|span| !span.is_missing()).count() as u64;
            binary[column] = values > 0 && cutter.spelled_as_bytes[column] == values;
            evidence.observe(cells, &at);
            if let Some(spec) = specs.get_mut(column).filter(|spec| spec.data_type == LogicalType::Float) {
                *spec = wide_enough(spec, cells, &rules, encoding)?;
            }
            if let Some(spec) = specs.get_mut(column).filter(|spec| is_declared(spec)) {
                let place = |start: u32| Place {
                    byte: piece.position(start as usize),
                    line: above + 1 + count_line_ends(head.get(..start as usize).unwrap_or_default()),
                };
                beyond.extend(Beyond::take(spec, cells, (&rules, encoding), &|row| {
                    place(tokens.starts.get(row).copied().unwrap_or_default())
                })?);
            }
        }
        let (bytes, head) = (piece.bytes_to(consumed), head[..head.len().min(EVIDENCE)].to_vec());
        Ok(Self { columns, binary, beyond, rows: tokens.starts.len(), bytes, head, encoding })
    }

    /// Gives every column what was seen of it, and a type to those that have none.
    fn settle(&self, columns: &mut [ColumnSpec], settings: &Settings) {
        if !settings.flag("inferSchema") {
            return;
        }
        for (k, (column, evidence)) in columns.iter_mut().zip(&self.columns).enumerate() {
            let (data_type, pattern, origin, seen) = evidence.conclude();
            column.evidence = seen;
            if column.origin != Origin::Default {
                continue;
            }
            (column.data_type, column.pattern, column.origin) = (data_type, pattern, origin);
            if self.binary.get(k) == Some(&true) {
                column.data_type = LogicalType::Binary;
                column.pattern = None;
                column.origin = Origin::Detected { confidence: 0.95, evidence: "every value is spelled as bytes".to_owned() };
            }
        }
    }

    fn raw_lines(&self, above: u64) -> Vec<RawLine> {
        let (text, _) = self.encoding.decode_without_bom_handling(&self.head);
        let lines = text.lines().take(RAW_LINES).zip(above + 1..);
        lines.map(|(line, number)| RawLine { number, text: line.chars().take(RAW_CHARS).collect(), kind: RawLineKind::Record }).collect()
    }
}

/// A column of floats as one of doubles, where that is what its values are.
fn wide_enough(floats: &ColumnSpec, cells: Cells<'_>, rules: &Arc<CellRules>, encoding: &'static Encoding) -> Result<ColumnSpec> {
    let doubles = ColumnSpec { data_type: LogicalType::Double, ..floats.clone() };
    let misfits = |spec: &ColumnSpec| Ok(ColumnParser::new(spec, rules, encoding)?.parse(cells).misfits.len());
    Ok(if misfits(&doubles)? < misfits(floats)? { doubles } else { floats.clone() })
}

fn sentence(settings: &Settings, tables: usize, (declared, columns): (usize, usize), data: &Data) -> Vec<SentencePart> {
    let part = |text: String, option: Option<&str>| SentencePart { text, option: option.map(str::to_owned) };
    let of = if tables > 1 { format!(" of {tables}") } else { String::new() };
    let types = match declared {
        0 => "their types from their values".to_owned(),
        declared if declared == columns => "their types as declared".to_owned(),
        declared => format!("the types of {declared} as declared"),
    };
    let rows = if data.forms.is_empty() { "INSERT" } else { "COPY" };
    let plural = if columns == 1 { "" } else { "s" };
    vec![
        part(lexis(settings).dialect.words().1.to_owned(), Some(DIALECT)),
        part(" dump, table ".to_owned(), None),
        part(settings.text(TABLE).to_owned(), Some(TABLE)),
        part(format!("{of}, rows of {rows}, {columns} column{plural}, {types}."), None),
    ]
}

fn findings(found: &Directory, entry: &Entry, is_whole: bool, len: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_whole {
        let what = format!(
            "Tables were looked for in the first {} of {} MB; this table's rows are read to the end of the file, other tables may follow",
            found.reached >> 20,
            len >> 20,
        );
        let change = Change::Option { id: LOOKED_THROUGH.to_owned(), value: Some("0".to_owned()) };
        findings.push(Finding { what, fix: Some(Fix { title: "Look through all of it".to_owned(), change }) });
    }
    if entry.data.is_none() {
        findings.push(Finding { what: "The dump has no rows of this table".to_owned(), fix: None });
    }
    if !found.others.is_empty() {
        let named: Vec<String> = found.others.iter().take(MOST_NAMED).map(|(words, count)| format!("{words} ({count})")).collect();
        let more = if found.others.len() > named.len() { ", ..." } else { "" };
        findings.push(Finding { what: format!("Statements that are not read: {}{more}", named.join(", ")), fix: None });
    }
    findings
}
