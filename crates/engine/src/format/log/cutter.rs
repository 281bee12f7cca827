//! Cuts a log into records and their fields.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use colonnade_protocol::Cause;
use encoding_rs::WINDOWS_1252;

use super::colours;
use super::options;
use super::pairs::{Pairs, unescape};
use super::pattern::{Captures, Pattern};
use super::sections::{Sections, Strange};
use crate::Result;
use crate::column::Span;
use crate::format::faults::quoted;
use crate::format::lines::{line_at, line_start};
use crate::format::text::{Cutter, OddRecord, Reached, Tokens};
use crate::format::wide::Filling;
use crate::settings::Settings;

/// Keys of pairs for which there is no column.
pub type Unknown = Rc<RefCell<BTreeSet<String>>>;

/// Cuts by a pattern.
pub struct LogCutter {
    sections: Sections,
    /// With what a record begins; `None`: every line is one.
    start: Option<Pattern>,
    comment: Vec<u8>,
    /// Escape codes of a terminal are taken off.
    strips: bool,
    columns: usize,
    /// The field whose text is pairs, and the column of each key.
    pairs: Option<usize>,
    keys: HashMap<Vec<u8>, usize>,
    unknown: Unknown,
    /// What does not match becomes a row even if no field takes it.
    keep_all: bool,
    max_record_bytes: usize,
    /// The text ended within a line of a record that was given up, rather than between two.
    mid_line: Cell<bool>,
}

/// One record of a text.
struct Record {
    start: usize,
    /// Where its first line ends.
    line_end: usize,
    /// Where its last line that is not blank ends.
    end: usize,
    /// Where the next begins.
    next: usize,
}

enum Found {
    Whole(Record),
    TooLong,
    /// It goes on behind the text.
    More,
}

impl LogCutter {
    /// A cutter into columns of these names in the source.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Usage`] for what is no pattern.
    pub fn new(settings: &Settings, columns: &[&str], max_record_bytes: usize, keep_all: bool) -> Result<Self> {
        let sections = Sections::new(settings, |name| columns.iter().position(|column| *column == name))?;
        let start = match settings.text(options::RECORD_START) {
            "" => None,
            text => Some(Pattern::compile(options::RECORD_START, text)?),
        };
        let pairs = sections.current().pattern.pairs_field();
        let keys = match pairs {
            Some(_) => columns.iter().enumerate().map(|(k, name)| (name.as_bytes().to_vec(), k)).collect(),
            None => HashMap::new(),
        };
        Ok(Self {
            sections,
            start,
            comment: settings.text(options::COMMENT).as_bytes().to_vec(),
            strips: settings.flag(options::STRIP_COLORS),
            columns: columns.len(),
            pairs,
            keys,
            unknown: Unknown::default(),
            keep_all,
            max_record_bytes,
            mid_line: Cell::new(false),
        })
    }

    /// Keys that are met and have no column.
    pub fn unknown(&self) -> Unknown {
        Rc::clone(&self.unknown)
    }

    /// Where fields are said that nobody knows.
    pub fn strange(&self) -> Strange {
        self.sections.strange()
    }

    /// Where the first record of a text begins that begins with a whole line of its own.
    pub fn first_start(&self, text: &[u8]) -> usize {
        let (mut found, mut at) = (self.start_captures(), 0);
        while let Some((end, next)) = line_at(text, at, true).filter(|_| at < text.len()) {
            if self.starts(&text[at..end], &mut found) {
                return at;
            }
            at = next;
        }
        text.len()
    }

    fn column_of(&self, key: &[u8]) -> Option<usize> {
        let found = self.keys.get(key).or_else(|| match readable(key) {
            Cow::Owned(name) => self.keys.get(name.as_bytes()),
            Cow::Borrowed(_) => None,
        });
        found.copied()
    }

    fn is_comment(&self, line: &[u8]) -> bool {
        !self.comment.is_empty() && line.starts_with(&self.comment)
    }

    fn starts(&self, line: &[u8], found: &mut Option<Captures>) -> bool {
        match (&self.start, found) {
            (Some(start), Some(found)) => self.is_comment(line) || start.begins(&self.bare(line), found),
            _ => true,
        }
    }

    /// The text as patterns see it.
    fn bare<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if self.strips { colours::strip(text) } else { Cow::Borrowed(text) }
    }

    fn start_captures(&self) -> Option<Captures> {
        self.start.as_ref().map(Pattern::captures)
    }

    /// The record that begins at `start`.
    fn record(&self, text: &[u8], start: usize, at_end: bool, found: &mut Option<Captures>) -> Found {
        let more = |text: &[u8]| if text.len() - start > self.max_record_bytes { Found::TooLong } else { Found::More };
        let Some((line_end, mut next)) = line_at(text, start, at_end) else { return more(text) };
        let mut end = line_end;
        if self.start.is_some() && !self.is_comment(&text[start..line_end]) {
            loop {
                if next >= text.len() {
                    if at_end {
                        break;
                    }
                    return more(text);
                }
                let Some((line, behind)) = line_at(text, next, at_end) else { return more(text) };
                if self.starts(&text[next..line], found) {
                    break;
                }
                if !text[next..line].trim_ascii().is_empty() {
                    end = line;
                }
                next = behind;
                if end - start > self.max_record_bytes {
                    return Found::TooLong;
                }
            }
        }
        if end - start > self.max_record_bytes { Found::TooLong } else { Found::Whole(Record { start, line_end, end, next }) }
    }

    /// Where the record ends that was given up before, and whether it ends within the text.
    fn skip(&self, text: &[u8], from: usize, at_end: bool, found: &mut Option<Captures>) -> (usize, bool) {
        let mut at = from;
        if self.mid_line.replace(false) {
            match line_at(text, at, at_end) {
                Some((_, next)) => at = next,
                None => {
                    self.mid_line.set(true);
                    return (text.len(), false);
                }
            }
        }
        while at < text.len() {
            match line_at(text, at, at_end) {
                Some((end, _)) if self.starts(&text[at..end], found) => return (at, true),
                Some((_, next)) => at = next,
                None if text.len() - at > self.max_record_bytes => {
                    self.mid_line.set(true);
                    return (text.len(), false);
                }
                None => break,
            }
        }
        (at, at_end && at == text.len())
    }

    fn cut(&self, text: &[u8], record: &Record, found: &mut Captures, tokens: &mut Tokens) {
        let line = &text[record.start..record.line_end];
        if self.is_comment(line) {
            tokens.skipped += 1;
            if self.sections.turns_at(line, record.start) {
                *found = self.sections.current().pattern.captures();
            }
            return;
        }
        let (first, place) = (tokens.spans.len(), record);
        match self.bare(&text[record.start..record.end]) {
            Cow::Borrowed(_) => self.record_of(text, record, place, found, tokens),
            Cow::Owned(bare) => {
                let record = Record { start: 0, line_end: self.bare(line).len(), end: bare.len(), next: bare.len() };
                self.record_of(&bare, &record, place, found, tokens);
                let at = tokens.scratch.len();
                for span in tokens.spans[first..].iter_mut().filter(|span| !span.is_missing()) {
                    if let Some(range) = span.in_input() {
                        *span = Span::scratch(at + range.start, at + range.end, span.is_quoted());
                    }
                }
                tokens.scratch.extend_from_slice(&bare);
            }
        }
    }

    /// Makes a row of a record of `text`, which stands at `place` in the source's.
    fn record_of(&self, text: &[u8], record: &Record, place: &Record, found: &mut Captures, tokens: &mut Tokens) {
        let line = &text[record.start..record.line_end];
        let section = self.sections.current();
        let is_match = section.pattern.matches(line, found) || {
            let shorter = line.trim_ascii_end();
            shorter.len() < line.len() && section.pattern.matches(shorter, found)
        };
        if !is_match && record.end == record.line_end && line.trim_ascii().is_empty() {
            tokens.skipped += 1;
            return;
        }
        let (row, first) = (tokens.starts.len() as u32, tokens.spans.len());
        tokens.spans.resize(first + self.columns, Span::MISSING);
        let trouble = if is_match { self.fields(text, record, found, first, tokens) } else { Some((Cause::Syntax, NO_MATCH.to_owned())) };
        match trouble {
            None => {}
            // What a field says of the record is kept, and said to be so.
            Some((cause @ (Cause::DuplicateKey | Cause::TooManyFields), reason)) => tokens.odd.push(odd(Some(row), place, cause, reason)),
            Some((cause, reason)) => {
                tokens.spans[first..].fill(Span::MISSING);
                let column = section.rest.and_then(|field| section.targets[field]);
                if let Some(column) = column {
                    tokens.spans[first + column] = Span::plain(record.start, record.end);
                }
                let is_row = column.is_some() || self.keep_all;
                tokens.odd.push(odd(is_row.then_some(row), place, cause, reason));
                if !is_row {
                    tokens.spans.truncate(first);
                    return;
                }
            }
        }
        tokens.starts.push(place.start as u32);
    }

    /// Puts the fields of a record that matches into its row; what is odd about them.
    fn fields(&self, text: &[u8], record: &Record, found: &Captures, first: usize, tokens: &mut Tokens) -> Option<(Cause, String)> {
        let section = self.sections.current();
        let mut goes_on = record.end > record.line_end;
        let mut trouble = None;
        for (field, &target) in section.targets.iter().enumerate() {
            let is_rest = Some(field) == section.rest;
            let absent = || (goes_on && is_rest).then_some((record.line_end - record.start, record.line_end - record.start));
            let Some((mut from, mut to)) = found.get(field).or_else(absent) else { continue };
            if Some(field) == self.pairs {
                trouble = self.pairs(text, (record.start + from, record.start + to), first, tokens);
                continue;
            }
            if goes_on && is_rest {
                // A first line without a message: what goes on it is the message.
                if text[record.start + from..record.line_end].trim_ascii().is_empty() {
                    from = first_text(text, record) - record.start;
                }
                to = record.end - record.start;
                goes_on = false;
            }
            if let Some(column) = target {
                let (from, to) = (record.start + from, record.start + to);
                tokens.spans[first + column] = if from == to { Span::quoted(from, to) } else { Span::plain(from, to) };
            }
        }
        trouble.or_else(|| {
            goes_on.then(|| (Cause::TooManyFields, "lines go on the record, and the pattern has no field that takes the rest".to_owned()))
        })
    }

    fn pairs(&self, text: &[u8], (from, to): (usize, usize), first: usize, tokens: &mut Tokens) -> Option<(Cause, String)> {
        let line = &text[from..to];
        let mut pairs = Pairs::new(line);
        let mut trouble = None;
        for pair in pairs.by_ref() {
            let key = &line[pair.key.clone()];
            let Some(column) = self.column_of(key) else {
                self.unknown.borrow_mut().insert(readable(key).into_owned());
                continue;
            };
            let span = match pair.value {
                None => {
                    let at = tokens.scratch.len();
                    tokens.scratch.extend_from_slice(b"true");
                    Span::scratch(at, tokens.scratch.len(), false)
                }
                Some(value) if pair.is_escaped => {
                    let at = tokens.scratch.len();
                    unescape(&line[value], &mut tokens.scratch);
                    Span::scratch(at, tokens.scratch.len(), true)
                }
                Some(value) => {
                    let is_quoted = value.is_empty() || line.get(value.end) == Some(&b'"');
                    let (from, to) = (from + value.start, from + value.end);
                    if is_quoted { Span::quoted(from, to) } else { Span::plain(from, to) }
                }
            };
            let cell = &mut tokens.spans[first + column];
            if !cell.is_missing() {
                trouble = Some((Cause::DuplicateKey, format!("the key {} is given twice; its last value was taken", quoted(key))));
            }
            *cell = span;
        }
        if pairs.is_done() { trouble } else { Some((Cause::Syntax, "the line is not all pairs of keys and values".to_owned())) }
    }
}

/// Where the first line begins that has a text, behind the first line of a record that goes on.
fn first_text(text: &[u8], record: &Record) -> usize {
    let blank = text[record.line_end..record.end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let filled = record.line_end + blank;
    memchr::memrchr2(b'\n', b'\r', &text[record.line_end..filled]).map_or(filled, |at| record.line_end + at + 1)
}

const NO_MATCH: &str = "the record does not match the pattern";

fn odd(row: Option<u32>, record: &Record, cause: Cause, reason: String) -> OddRecord {
    OddRecord { row, start: record.start as u32, end: record.end as u32, cause, reason, span: None, by: None }
}

impl Cutter for LogCutter {
    fn columns(&self) -> usize {
        self.columns
    }

    fn run(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        tokens.clear();
        let (mut found, mut starts) = (self.sections.current().pattern.captures(), self.start_captures());
        let mut at = 0;
        loop {
            if tokens.within_long_line {
                let (reached, is_over) = self.skip(text, at, at_end, &mut starts);
                (at, tokens.within_long_line) = (reached, !is_over);
                if !is_over {
                    break;
                }
            }
            if at >= limit || at >= text.len() || Filling::is_full(tokens.starts.len(), self.columns) {
                break;
            }
            match self.record(text, at, at_end, &mut starts) {
                Found::Whole(record) => {
                    self.cut(text, &record, &mut found, tokens);
                    at = record.next;
                }
                Found::TooLong => {
                    let end = line_at(text, at, true).map_or(text.len(), |(end, _)| end);
                    let reason = format!("longer than maxRecordBytes ({}): raise it to read this record", self.max_record_bytes);
                    let start = at as u32;
                    tokens.odd.push(OddRecord {
                        row: None,
                        start,
                        end: end as u32,
                        cause: Cause::RecordTooLong,
                        reason,
                        span: None,
                        by: None,
                    });
                    tokens.within_long_line = true;
                    match line_at(text, at, at_end) {
                        Some((_, next)) => at = next,
                        None => {
                            self.mid_line.set(true);
                            at = text.len();
                        }
                    }
                }
                Found::More => break,
            }
        }
        Reached { consumed: at, done: at >= limit || (at_end && at == text.len()) }
    }

    fn begin_at(&self, byte: u64) {
        self.sections.begin_at(byte);
    }

    fn reject_lines(&self, text: &[u8], limit: usize, at_end: bool, tokens: &mut Tokens) -> Reached {
        // No log has a part below its records: what goes on is records that do not match.
        self.run(text, limit, at_end, tokens)
    }

    fn find_record(&self, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
        let mut found = self.start_captures();
        let mut at = line_start(text, from.max(1), at_end)?;
        while at < text.len() {
            let line = line_at(text, at, at_end);
            let end = line.map_or(text.len(), |(end, _)| end);
            if self.starts(&text[at..end], &mut found) {
                return Some(at);
            }
            at = line?.1;
        }
        at_end.then_some(at)
    }
}

/// The name that a key gives its column. Bytes that are no UTF-8 are read as those of cells are.
fn readable(key: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(key).map_or_else(|_| WINDOWS_1252.decode_without_bom_handling(key).0.into_owned().into(), Cow::Borrowed)
}
