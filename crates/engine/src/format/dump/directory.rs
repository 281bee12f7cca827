//! Which tables a dump holds, and where each one's data is: by going over its statements once, without reading values.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use encoding_rs::Encoding;

use super::copy::CopyForm;
use super::statement::{Head, Next, Statements};
use super::text::Piece;
use crate::Result;
use crate::format::lines::LineCounter;
use crate::format::sql::create::{self, Created};
use crate::format::sql::pass::{Tag, dollar_tag};
use crate::format::sql::{Dialect, Lexis};
use crate::format::text::transcode::Transcoder;
use crate::sample::Sample;
use crate::source::Source;

/// Bytes looked at in one go; doubled for a statement that is longer where it must be seen whole.
const PIECE: usize = 1 << 20;
/// The longest `CREATE TABLE` that is read.
const LONGEST_CREATE: usize = 16 << 20;
/// Tables that are told apart.
const MOST_TABLES: usize = 100_000;
/// Changes of a table's column list that are kept.
const MOST_LISTS: usize = 1000;
/// Changes of the database in use that are kept.
const MOST_USES: usize = 10_000;
/// PostgreSQL's schema that is meant where none is named, as SQL Server's and SQLite's.
const USUAL_SCHEMAS: [&str; 3] = ["public", "dbo", "main"];

/// A dump's tables, in the order in which they come.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    pub tables: Vec<Entry>,
    /// Statements that hold no data, by their first words.
    pub others: BTreeMap<String, u64>,
    /// Whether moments are written in UTC, as mysqldump does unless told otherwise.
    pub in_utc: bool,
    /// Whether backslashes are escapes, where the dump says so.
    pub escapes: Option<bool>,
    /// The databases or schemas that are used, each with the first position where it is.
    pub uses: Vec<(u64, String)>,
    /// How far it was looked through.
    pub reached: u64,
}

impl Directory {
    fn has(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table.data.is_some() && table.name.eq_ignore_ascii_case(name))
    }
}

/// A table of a dump.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub name: String,
    pub created: Option<Created>,
    pub data: Option<Data>,
}

/// Where a table's rows are.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// How they are written that are lines of `COPY`, each with the first position where it is so; none for values of `INSERT`.
    pub forms: Vec<(u64, CopyForm)>,
    /// The first statement, or the first line.
    pub start: u64,
    /// Line ends before it.
    pub line: u64,
    /// Behind the last of its statements or lines.
    pub end: u64,
    pub lists: Lists,
}

impl Data {
    /// That of a table without rows.
    pub fn none_at(position: u64) -> Self {
        Self { forms: Vec::new(), start: position, line: 0, end: position, lists: Lists::new() }
    }
}

/// Lists of columns, each with the first position where it holds; `None`: all columns of the table.
pub type Lists = Vec<(u64, Option<Vec<String>>)>;

/// Names tables as a person would.
#[derive(Debug, Clone, Default)]
pub struct Naming {
    /// The database that was used first, and the one that is used now.
    first: Option<String>,
    current: Option<String>,
}

impl Naming {
    /// Takes note of a `USE`.
    pub fn use_database(&mut self, name: &str) {
        self.first.get_or_insert_with(|| name.to_owned());
        self.current = Some(name.to_owned());
    }

    /// A table's name with its schema or database, unless that is the usual one.
    pub fn name(&self, parts: &[String]) -> String {
        let parts: Vec<&str> = match parts {
            [schema, rest @ ..] if !rest.is_empty() && USUAL_SCHEMAS.contains(&schema.as_str()) => {
                rest.iter().map(String::as_str).collect()
            }
            parts => parts.iter().map(String::as_str).collect(),
        };
        match (&self.current, parts.len()) {
            (Some(database), 1) if self.current != self.first => format!("{database}.{}", parts.concat()),
            _ => parts.join("."),
        }
    }
}

/// How a dump's bytes become text, where they are none that is cut as it is, and what marks mean in it.
type How<'a> = (Option<&'a Transcoder>, Lexis);

/// What a directory was made of: the source as its sample shows it, and how it was looked at.
type Key = (Sample, Option<&'static Encoding>, Lexis, u64);

thread_local! {
    /// The last one: a dump's tables are asked for one after another.
    static LAST: RefCell<Option<(Key, Rc<Directory>)>> = const { RefCell::new(None) };
}

/// As [`scan`], which it does once for all tables of a source.
///
/// # Errors
/// Those of the source.
pub fn of(source: &dyn Source, sample: &Sample, how: How<'_>, most: u64, wanted: Option<&str>) -> Result<Rc<Directory>> {
    let (transcoder, lexis) = how;
    let key = (sample.clone(), transcoder.map(Transcoder::encoding), lexis, most);
    let is_same = |(known, _): &&(Key, Rc<Directory>)| *known == key;
    let last = LAST.with_borrow(|last| last.as_ref().filter(is_same).map(|(_, directory)| Rc::clone(directory)));
    if let Some(last) = last.filter(|last| last.reached >= source.len() || wanted.is_none_or(|wanted| last.has(wanted))) {
        return Ok(last);
    }
    let found = Rc::new(scan(source, how, most, wanted)?);
    LAST.set(Some((key, Rc::clone(&found))));
    Ok(found)
}

/// Goes over a source's first `most` bytes; beyond them only until the table named `wanted` was found.
fn scan(source: &dyn Source, (transcoder, lexis): How<'_>, most: u64, wanted: Option<&str>) -> Result<Directory> {
    let mut scan = Scan { directory: Directory::default(), places: BTreeMap::new(), open: None, naming: Naming::default() };
    let mut statements = Statements::new(lexis);
    let (mut buffer, mut base, mut lines, mut size) = (Vec::new(), 0_u64, 0_u64, PIECE);
    loop {
        let kept = buffer.len();
        let room = size.max(kept + PIECE / 2) - kept;
        let left = source.len().saturating_sub(base + kept as u64);
        buffer.resize(kept + usize::try_from(left).unwrap_or(usize::MAX).min(room), 0);
        let read = source.read_at(base + kept as u64, &mut buffer[kept..])?;
        buffer.truncate(kept + read);
        let at_end = base + buffer.len() as u64 >= source.len() || read == 0;
        let piece = Piece::new(transcoder, &buffer, base, at_end);
        let text = piece.text();
        let (mut at, mut counter) = (0, LineCounter::default());
        let used = loop {
            match statements.next(text, at, at_end) {
                Next::Used(used) => break used,
                Next::Statement(start, head) => {
                    let position = piece.position(start);
                    scan.ends_before(position);
                    if head == Head::CreateTable {
                        match end_of_create(&text[start..], lexis) {
                            Some(end) => scan.created(&text[start..start + end], lexis),
                            None if at_end || text.len() - start > LONGEST_CREATE => {}
                            None => break start,
                        }
                    }
                    let first = Statements::passes_from(&head, start);
                    let line = lines + counter.up_to(text, first);
                    if let Head::Escapes(escapes) = head {
                        statements.lexis.escapes = escapes;
                    }
                    scan.takes(&head, position, piece.position(first), line);
                    statements.pass(&head);
                    at = first;
                }
            }
        };
        lines += counter.up_to(text, used);
        scan.notes(&text[..used], base);
        let used = piece.bytes_to(used);
        // What is not used is wanted with more behind it.
        size = if used == 0 { buffer.len() * 2 } else { PIECE };
        base += used as u64;
        buffer.drain(..used);
        let is_enough = base >= most && wanted.is_none_or(|wanted| scan.directory.has(wanted));
        if at_end || is_enough {
            scan.directory.reached = if at_end { source.len() } else { base };
            scan.ends_before(scan.directory.reached);
            // Those without a row can be read too, but nobody wants one first.
            scan.directory.tables.sort_by_key(|table| table.data.is_none());
            return Ok(scan.directory);
        }
    }
}

struct Scan {
    directory: Directory,
    /// The place of each table by its name.
    places: BTreeMap<String, usize>,
    /// That whose data is being passed over.
    open: Option<usize>,
    naming: Naming,
}

impl Scan {
    /// The data statement that was passed over last ended before this position.
    fn ends_before(&mut self, position: u64) {
        let open = self.open.take().and_then(|place| self.directory.tables.get_mut(place));
        if let Some(data) = open.and_then(|table| table.data.as_mut()) {
            data.end = position;
        }
    }

    /// The place of the table of this name, which is made where there is none.
    fn place(&mut self, name: String) -> Option<usize> {
        let tables = &mut self.directory.tables;
        if let Some(&place) = self.places.get(&name) {
            return Some(place);
        }
        (tables.len() < MOST_TABLES).then(|| {
            tables.push(Entry { name: name.clone(), ..Entry::default() });
            self.places.insert(name, tables.len() - 1);
            tables.len() - 1
        })
    }

    fn created(&mut self, text: &[u8], lexis: Lexis) {
        let Some(created) = create::read(text, lexis) else { return };
        let place = self.place(self.naming.name(&created.name));
        if let Some(entry) = place.and_then(|place| self.directory.tables.get_mut(place)) {
            entry.created = Some(created);
        }
    }

    fn takes(&mut self, head: &Head, position: u64, first: u64, line: u64) {
        let (table, columns, form, start) = match head {
            Head::Insert { table, columns, .. } => (table, columns.clone(), None, position),
            Head::Assign { table, columns, .. } => (table, Some(columns.clone()), None, position),
            Head::Copy { table, columns, form, .. } => (table, columns.clone(), Some(form.clone()), first),
            Head::Use(name) => {
                self.naming.use_database(name);
                if self.directory.uses.len() < MOST_USES {
                    self.directory.uses.push((position, name.clone()));
                }
                return;
            }
            Head::Escapes(escapes) => {
                self.directory.escapes = Some(*escapes);
                return;
            }
            Head::CreateTable => return,
            Head::Delimiter => return self.counts("routines and triggers between DELIMITER"),
            Head::Other(words) => return self.counts(words),
        };
        let place = self.place(self.naming.name(table));
        let Some((place, entry)) = place.and_then(|place| Some((place, self.directory.tables.get_mut(place)?))) else { return };
        let data = entry.data.get_or_insert_with(|| Data { forms: Vec::new(), start, line, end: start, lists: Lists::new() });
        self.open = Some(place);
        if data.lists.last().is_none_or(|(_, last)| *last != columns) && data.lists.len() < MOST_LISTS {
            data.lists.push((start, columns));
        }
        let is_new = |form: &CopyForm| form.has_header || data.forms.last().is_none_or(|(_, last)| last != form);
        if let Some(form) = form.filter(|form| is_new(form) && data.forms.len() < MOST_LISTS) {
            data.forms.push((start, form));
        }
    }

    fn counts(&mut self, words: &str) {
        if self.directory.others.len() < 64 || self.directory.others.contains_key(words) {
            *self.directory.others.entry(words.to_owned()).or_default() += 1;
        }
    }

    /// What a dump's first comments say.
    fn notes(&mut self, bytes: &[u8], base: u64) {
        if base == 0 {
            let head = &bytes[..bytes.len().min(PIECE / 16)];
            self.directory.in_utc = memchr::memmem::find(head, b"TIME_ZONE='+00:00'").is_some();
        }
    }
}

fn end_of_create(text: &[u8], lexis: Lexis) -> Option<usize> {
    use crate::format::sql::pass::{Passage, Passed};
    match Passage::new(lexis).pass(text, false) {
        Passed::End(end) => Some(end),
        Passed::More(_) => None,
    }
}

/// Whose SQL a dump's first bytes show.
pub fn dialect(head: &[u8]) -> (Dialect, f32, &'static str) {
    let has = |mark: &[u8]| memchr::memmem::find(head, mark).is_some();
    let mark_of = [
        (&b"-- MySQL dump"[..], Dialect::MySql, "it begins as mysqldump's files do"),
        (b"-- MariaDB dump", Dialect::MySql, "it begins as mariadb-dump's files do"),
        (b"-- PostgreSQL database", Dialect::PostgreSql, "it begins as pg_dump's files do"),
        (b"-- phpMyAdmin SQL Dump", Dialect::MySql, "it begins as phpMyAdmin's files do"),
        (b"PRAGMA foreign_keys", Dialect::Sqlite, "it begins as sqlite3's files do"),
        (b"/*!40", Dialect::MySql, "it has comments that only MySQL runs"),
        (b"FROM stdin;", Dialect::PostgreSql, "it has COPY FROM stdin"),
        (b"standard_conforming_strings", Dialect::PostgreSql, "it sets what only PostgreSQL has"),
        (b"ENGINE=", Dialect::MySql, "its tables have engines"),
        (b"AUTO_INCREMENT", Dialect::MySql, "its tables have columns that count"),
        (b"NO_BACKSLASH_ESCAPES", Dialect::MySql, "it sets what only MySQL has"),
        (b"INSERT INTO `", Dialect::MySql, "names stand in backticks"),
        (b"CREATE TABLE `", Dialect::MySql, "names stand in backticks"),
        (b"\nDELIMITER ", Dialect::MySql, "it sets what ends a statement"),
        (b"\\'", Dialect::MySql, "quotes are escaped by backslashes"),
        (b" E'", Dialect::PostgreSql, "it has texts such as E'...'"),
        (b"sqlite_sequence", Dialect::Sqlite, "it has a table of SQLite's own"),
    ];
    let found = mark_of.into_iter().zip(0..).find(|((mark, ..), _)| has(mark));
    match found {
        None if has_dollar_quotes(head) => (Dialect::PostgreSql, 0.9, "it has bodies of routines between dollars"),
        None if head.trim_ascii_start().starts_with(b"#") => (Dialect::MySql, 0.8, "it begins with a comment that only MySQL has"),
        Some(((_, dialect, why), order)) => (dialect, if order < 5 { 0.99 } else { 0.9 }, why),
        None => (Dialect::Standard, 0.6, "nothing in it is one database's own"),
    }
}

/// Whether a routine's body stands between dollars: `AS $$`, `DO $do$`.
fn has_dollar_quotes(head: &[u8]) -> bool {
    memchr::memchr_iter(b'$', head).any(|at| {
        let before = head.get(..at).unwrap_or_default().trim_ascii_end();
        let word = before.rsplit(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or_default();
        let is_body = word.eq_ignore_ascii_case(b"as") || word.eq_ignore_ascii_case(b"do");
        is_body && matches!(dollar_tag(head.get(at..).unwrap_or_default()), Tag::Is(_))
    })
}
