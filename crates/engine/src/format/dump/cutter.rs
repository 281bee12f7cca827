//! Cuts a dump into the rows of one table: tuples of `INSERT`s or lines of `COPY`; what is between them is passed over.

use colonnade_protocol::Cause;
use memchr::memchr;

use super::cells::{self, Kind};
use super::copy::CopyForm;
use super::directory::Naming;
use super::place::TablePlace;
use super::record::Mapping;
use super::resume::{end_mark, next_tuple};
use super::statement::{Head, Next, Statements};
use super::text::Piece;
use super::value::Stop;
use crate::Result;
use crate::column::ColumnSpec;
use crate::format::sql::Lexis;
use crate::format::sql::words::Words;
use crate::format::text::options::{has_corrupt_column, keeps_all};
use crate::format::text::{Reached, Tokens};
use crate::settings::Settings;

/// Cuts the rows of one table.
pub struct DumpCutter {
    pub place: TablePlace,
    pub lexis: Lexis,
    statements: Statements,
    within: Within,
    /// How tables are named where it reads.
    naming: Naming,
    pub(super) names: Vec<String>,
    pub(super) kinds: Vec<Kind>,
    pub tokens: Tokens,
    /// How many values of each column were spelled as bytes.
    pub spelled_as_bytes: Vec<u64>,
    /// Values of the widest row.
    pub widest: usize,
    pub(super) keeps_all: bool,
    most_bytes: usize,
}

/// What the next byte is part of.
#[derive(Debug, Clone, PartialEq)]
enum Within {
    /// Not known yet: it begins a unit.
    Start,
    Between,
    Tuples(Mapping),
    /// Lines of a `COPY`; `header`: the next one names the columns.
    Lines {
        mapping: Mapping,
        form: CopyForm,
        header: bool,
    },
    /// A record that broke the grammar: its end is looked for.
    Lost(Box<Within>),
}

impl DumpCutter {
    /// A cutter of the table that the settings place, into `columns`.
    ///
    /// # Errors
    /// Those of [`TablePlace::of`].
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let place = TablePlace::of(settings)?;
        let lexis = super::lexis(settings);
        let read = &columns[..columns.len() - usize::from(has_corrupt_column(settings))];
        Ok(Self {
            statements: Statements::new(lexis),
            lexis,
            within: Within::Start,
            naming: Naming::default(),
            names: read.iter().map(|column| column.source_name.clone()).collect(),
            kinds: read.iter().map(|column| Kind::of(column, place.in_utc, place.bits.contains(&column.source_name))).collect(),
            tokens: Tokens::default(),
            spelled_as_bytes: vec![0; read.len()],
            widest: 0,
            keeps_all: keeps_all(settings),
            most_bytes: usize::try_from(settings.integer("maxRecordBytes")).unwrap_or(usize::MAX),
            place,
        })
    }

    /// Cells in a row.
    pub fn columns(&self) -> usize {
        self.names.len()
    }

    /// Where a unit begins, a statement or a row in the middle of one does.
    fn begin(&self, bytes: &[u8], position: u64) -> Within {
        let mapping = || Mapping { is_known: true, ..self.mapping(self.place.list_at(position), position) };
        if let Some((form, header)) = self.place.form_at(position) {
            Within::Lines { mapping: mapping(), form, header }
        } else if bytes.first() == Some(&b'(') {
            Within::Tuples(mapping())
        } else {
            Within::Between
        }
    }

    /// Cuts the records of a piece; those that begin in its text at or after `limit` are another unit's.
    pub fn run(&mut self, piece: &Piece<'_>, limit: usize, at_end: bool) -> Reached {
        cells::clear(&mut self.tokens);
        let text = piece.text();
        let end = self.place.end.map_or(usize::MAX, |end| piece.offset(end));
        if self.within == Within::Start {
            self.naming = self.place.naming_at(piece.position(0));
            self.within = self.begin(text, piece.position(0));
        }
        let mut at = 0;
        loop {
            if at >= end {
                return Reached { consumed: at, done: true };
            }
            let within = std::mem::replace(&mut self.within, Within::Between);
            let (next, step) = match &within {
                Within::Start | Within::Between => self.between(piece, at, (limit, end), at_end),
                Within::Tuples(mapping) => self.tuple(text, at, limit, at_end, mapping),
                Within::Lines { mapping, form, header } => self.line(text, at, limit, at_end, (mapping, form, *header)),
                Within::Lost(inner) => self.find_again(text, at, at_end, inner),
            };
            self.within = next.unwrap_or(within);
            match step {
                Step::To(next) => at = next,
                Step::Wait(used) => return Reached { consumed: used, done: at_end && used >= text.len() },
                Step::Done(used) => return Reached { consumed: used, done: true },
            }
        }
    }

    fn between(&mut self, piece: &Piece<'_>, at: usize, (limit, end): (usize, usize), at_end: bool) -> (Option<Within>, Step) {
        let (start, head) = match self.statements.next(piece.text(), at, at_end) {
            Next::Used(used) => return (Some(Within::Between), Step::Wait(used)),
            Next::Statement(start, _) if start >= end => return (Some(Within::Between), Step::Done(end)),
            Next::Statement(start, head) => (start, head),
        };
        let is_copied = self.place.is_copied();
        match &head {
            Head::Insert { table, columns, first } if !is_copied && self.is_own(table) => {
                if start >= limit {
                    return (Some(Within::Between), Step::Done(start));
                }
                let mapping = self.mapping(columns.as_deref(), piece.position(start));
                return (Some(Within::Tuples(mapping)), Step::To(*first));
            }
            Head::Assign { table, columns, first } if !is_copied && self.is_own(table) => {
                if start >= limit {
                    return (Some(Within::Between), Step::Done(start));
                }
                let end = self.assignments(piece.text(), start, *first, columns);
                // ON DUPLICATE KEY ...;
                self.statements.pass(&Head::Other(String::new()));
                return (Some(Within::Between), Step::To(end));
            }
            Head::Copy { table, columns, form, first } if is_copied && self.is_own(table) => {
                let mapping = self.mapping(columns.as_deref(), piece.position(*first));
                return (Some(Within::Lines { mapping, form: form.clone(), header: form.has_header }), Step::To(*first));
            }
            Head::Use(name) => self.naming.use_database(name),
            Head::Insert { table, .. } | Head::Assign { table, .. } | Head::Copy { table, .. } if self.is_own(table) => {
                let reason = "rows of this table in another kind of statement than its first ones";
                self.reject(start, start + 1, Cause::NotARow, reason.to_owned());
            }
            _ => self.tokens.skipped += 1,
        }
        self.statements.pass(&head);
        (Some(Within::Between), Step::To(Statements::passes_from(&head, start)))
    }

    fn is_own(&self, table: &[String]) -> bool {
        self.naming.name(table) == self.place.name
    }

    /// A tuple, or what stands between two, or behind the last.
    fn tuple(&mut self, text: &[u8], at: usize, limit: usize, at_end: bool, mapping: &Mapping) -> (Option<Within>, Step) {
        let mut words = Words::new(text, at, self.lexis);
        let Some(start) = words.skip() else {
            let used = words.position();
            // A comment of that length is passed over, and with it the rest of the statement.
            let is_long = text.len() - used > self.most_bytes;
            return if is_long {
                (Some(Within::Between), Step::To(used))
            } else {
                (None, Step::Wait(if at_end { text.len() } else { used }))
            };
        };
        match text[start] {
            b'(' => {}
            b',' => return (None, Step::To(start + 1)),
            b';' => return (Some(Within::Between), Step::To(start + 1)),
            _ => {
                // ON CONFLICT ...; or the next statement, where the mark is missing.
                self.statements.pass(&Head::Other(String::new()));
                return (Some(Within::Between), Step::To(start));
            }
        }
        if start >= limit && mapping.is_known {
            return (None, Step::Done(start));
        }
        let (spans, scratch) = (self.tokens.spans.len(), self.tokens.scratch.len());
        match self.values(text, start, mapping) {
            Ok(read) => {
                self.take(start, read.end, read.values, mapping, read.odd);
                (None, Step::To(read.end))
            }
            Err(stop) => {
                self.tokens.spans.truncate(spans);
                self.tokens.scratch.truncate(scratch);
                let (bad, reason) = match stop {
                    Stop::More if !at_end && text.len() - start <= self.most_bytes => return (None, Step::Wait(start)),
                    Stop::More if !at_end => {
                        let reason = format!("longer than maxRecordBytes ({}): raise it to read this record", self.most_bytes);
                        self.reject(start, text.len(), Cause::RecordTooLong, reason);
                        return (Some(Within::Lost(Box::new(Within::Tuples(mapping.clone())))), Step::To(start + 1));
                    }
                    Stop::More => (text.len(), "the file ends within a record"),
                    Stop::Bad(at, reason) => (at, reason),
                };
                self.lose(text, start, bad, reason, at_end, mapping)
            }
        }
    }

    /// Rejects a tuple that breaks the grammar at `bad`, and goes on where the next one begins.
    fn lose(&mut self, text: &[u8], start: usize, bad: usize, reason: &str, at_end: bool, mapping: &Mapping) -> (Option<Within>, Step) {
        let found = next_tuple(text, start + 1);
        let whole = at_end || text.len() - start > self.most_bytes;
        if found.is_none() && !whole {
            return (None, Step::Wait(start));
        }
        let end = found.unwrap_or(text.len());
        let (from, to) = (bad.min(end.saturating_sub(1)) - start, (bad + 1).min(end) - start);
        self.reject_at(start, end, Cause::Syntax, format!("no SQL: {reason}"), Some((from as u32, to as u32)));
        let within = Within::Tuples(mapping.clone());
        (Some(if found.is_some() { within } else { Within::Lost(Box::new(within)) }), Step::To(end))
    }

    /// A record of a `COPY`.
    fn line(
        &mut self,
        text: &[u8],
        at: usize,
        limit: usize,
        at_end: bool,
        (mapping, form, header): (&Mapping, &CopyForm, bool),
    ) -> (Option<Within>, Step) {
        if at >= limit {
            return (None, Step::Done(at));
        }
        let lines = |header| Within::Lines { mapping: mapping.clone(), form: form.clone(), header };
        // What ends the lines does so within a quote that was never closed as well.
        if let Some(next) = end_mark(text, at, at_end) {
            return (Some(Within::Between), Step::To(next));
        }
        let (end, next) = match form.end(text, at) {
            Some(end) => (end, end + 1),
            None if at_end && at == text.len() => return (None, Step::Wait(at)),
            None if at_end => (text.len(), text.len()),
            None if text.len() - at > self.most_bytes => {
                let reason = format!("longer than maxRecordBytes ({}): raise it to read this record", self.most_bytes);
                self.reject(at, text.len(), Cause::RecordTooLong, reason);
                return (Some(Within::Lost(Box::new(lines(false)))), Step::To(text.len()));
            }
            None => return (None, Step::Wait(at)),
        };
        let end = if end > at && text[end - 1] == b'\r' { end - 1 } else { end };
        if header {
            self.tokens.skipped += 1;
            return (Some(lines(false)), Step::To(next));
        }
        self.fields(text, at..end, mapping, form);
        (None, Step::To(next))
    }

    /// Goes on behind a record that was given up.
    fn find_again(&mut self, text: &[u8], at: usize, at_end: bool, inner: &Within) -> (Option<Within>, Step) {
        let found = match inner {
            Within::Lines { .. } => memchr(b'\n', &text[at..]).map(|found| at + found + 1),
            _ => next_tuple(text, at),
        };
        match found {
            Some(next) => (Some(inner.clone()), Step::To(next)),
            None if at_end => (Some(Within::Between), Step::Wait(text.len())),
            // What begins a tuple may be cut.
            None => (None, Step::Wait(text.len().saturating_sub(4).max(at))),
        }
    }
}

/// What to do next.
enum Step {
    /// Go on here.
    To(usize),
    /// So many bytes are done with; the rest wants more behind it.
    Wait(usize),
    /// The rest is another unit's.
    Done(usize),
}
