//! Cuts a dump into the rows of one table: tuples of `INSERT`s or lines of `COPY`; what is between them is passed over.

use colonnade_protocol::Cause;
use memchr::memchr;

use super::cells::{self, Kind};
use super::copy::CopyForm;
use super::directory::Naming;
use super::place::TablePlace;
use super::resume::{end_mark, next_tuple};
use super::statement::{Head, Next, Statements};
use super::text::Piece;
use super::value::{self, Literal, Stop};
use crate::Result;
use crate::column::{ColumnSpec, Span};
use crate::format::faults::quoted;
use crate::format::sql::Lexis;
use crate::format::sql::words::Words;
use crate::format::text::options::{has_corrupt_column, keeps_all};
use crate::format::text::tokens::OddRecord;
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
    names: Vec<String>,
    kinds: Vec<Kind>,
    pub tokens: Tokens,
    /// How many values of each column were spelled as bytes.
    pub spelled_as_bytes: Vec<u64>,
    /// Values of the widest row.
    pub widest: usize,
    keeps_all: bool,
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

/// Which column each value is of.
#[derive(Debug, Clone, PartialEq)]
struct Mapping {
    columns: Vec<Option<usize>>,
    /// Whether a unit may begin within the statement: its list is the one that the settings know.
    is_known: bool,
}

/// A record that was read.
struct Read {
    /// Behind it.
    end: usize,
    values: usize,
    /// What is wrong with each value that is null now.
    odd: Vec<String>,
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
            kinds: read.iter().map(|column| Kind::of(column, place.in_utc)).collect(),
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

    fn mapping(&self, list: Option<&[String]>, position: u64) -> Mapping {
        let columns = match list {
            Some(list) => {
                let place = |name: &String| {
                    let exact = self.names.iter().position(|known| known == name);
                    exact.or_else(|| self.names.iter().position(|known| known.eq_ignore_ascii_case(name)))
                };
                list.iter().map(place).collect()
            }
            None => (0..self.names.len()).map(Some).collect(),
        };
        Mapping { columns, is_known: self.place.list_at(position) == list }
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

    /// Reads the one row of a list of assignments, which its statement's head was read through; gives where it ends.
    fn assignments(&mut self, text: &[u8], start: usize, first: usize, columns: &[String]) -> usize {
        let mapping = self.mapping(Some(columns), 0);
        let row = self.tokens.spans.len();
        self.tokens.spans.resize(row + self.names.len(), Span::MISSING);
        let (mut values, mut odd, mut end, mut next) = (0, Vec::new(), first, Some(first));
        while let Some(read) = next.and_then(|at| value::assignment(text, at, self.lexis, &mut self.tokens.scratch).ok()) {
            if let Some(column) = mapping.columns.get(values).copied().flatten()
                && let Err(what) = self.set(row, column, read.value, text)
            {
                odd.push(self.odd_value(&text[read.spelled.clone()], column, what));
            }
            values += 1;
            (end, next) = (read.spelled.end, read.next);
        }
        self.take(start, end, values, &mapping, odd);
        end
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

    /// Reads the tuple at `start` into one row of spans.
    fn values(&mut self, text: &[u8], start: usize, mapping: &Mapping) -> std::result::Result<Read, Stop> {
        let row = self.tokens.spans.len();
        self.tokens.spans.resize(row + self.names.len(), Span::MISSING);
        let mut words = Words::new(text, start + 1, self.lexis);
        let (mut values, mut odd) = (0, Vec::new());
        let mut at = words.skip().ok_or(Stop::More)?;
        while text[at] != b')' {
            let (literal, end) = value::read(text, at, self.lexis, &mut self.tokens.scratch)?;
            if let Some(column) = mapping.columns.get(values).copied().flatten()
                && let Err(what) = self.set(row, column, literal, text)
            {
                odd.push(self.odd_value(&text[at..end], column, what));
            }
            values += 1;
            let mut words = Words::new(text, end, self.lexis);
            at = words.skip().ok_or(Stop::More)?;
            if text[at..].starts_with(b"::") {
                at = value::end_of_expression(text, at, self.lexis)?;
            }
            match text[at] {
                b',' => {
                    let mut words = Words::new(text, at + 1, self.lexis);
                    at = words.skip().ok_or(Stop::More)?;
                }
                b')' => {}
                _ => return Err(Stop::Bad(at, "a comma or ) is missing")),
            }
        }
        Ok(Read { end: at + 1, values, odd })
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
        let row = self.tokens.spans.len();
        self.tokens.spans.resize(row + self.names.len(), Span::MISSING);
        let (mut from, mut values, mut odd) = (at, 0, Vec::new());
        loop {
            let (literal, stop) = form.field(text, from, end, &mut self.tokens.scratch);
            if let Some(column) = mapping.columns.get(values).copied().flatten()
                && let Err(what) = self.set(row, column, literal, text)
            {
                odd.push(self.odd_value(&text[from..stop], column, what));
            }
            values += 1;
            if stop == end {
                break;
            }
            from = stop + 1;
        }
        self.take(at, end, values, mapping, odd);
        (None, Step::To(next))
    }

    fn set(&mut self, row: usize, column: usize, literal: Literal, text: &[u8]) -> std::result::Result<(), cells::Odd> {
        if matches!(literal, Literal::Bytes(_)) {
            self.spelled_as_bytes[column] += 1;
        }
        self.tokens.spans[row + column] = cells::cell(literal, self.kinds[column], text, &mut self.tokens.scratch)?;
        Ok(())
    }

    fn odd_value(&self, value: &[u8], column: usize, what: &str) -> String {
        let name = self.names.get(column).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| format!("_c{column}"));
        format!("{} in column {name} is {what}", quoted(value))
    }

    /// Lists a row that was read, with what is wrong with it.
    fn take(&mut self, start: usize, end: usize, values: usize, mapping: &Mapping, odd: Vec<String>) {
        let expected = mapping.columns.len();
        self.widest = self.widest.max(values);
        let unknown = mapping.columns.iter().any(Option::is_none);
        let counted = match values.cmp(&expected) {
            std::cmp::Ordering::Less => Some((Cause::TooFewFields, format!("{values} values for {expected} columns"))),
            std::cmp::Ordering::Greater => Some((Cause::TooManyFields, format!("{values} values for {expected} columns"))),
            std::cmp::Ordering::Equal if unknown => {
                Some((Cause::TooManyFields, "it names a column that the table does not have".to_owned()))
            }
            std::cmp::Ordering::Equal => None,
        };
        let row = Some(self.tokens.starts.len() as u32);
        let odd = odd.into_iter().map(|reason| (Cause::TypeMismatch, reason));
        for (cause, reason) in counted.into_iter().chain(odd) {
            self.tokens.odd.push(OddRecord { row, start: start as u32, end: end as u32, cause, reason, span: None, by: None });
        }
        self.tokens.starts.push(start as u32);
    }

    fn reject(&mut self, start: usize, end: usize, cause: Cause, reason: String) {
        self.reject_at(start, end, cause, reason, None);
    }

    fn reject_at(&mut self, start: usize, end: usize, cause: Cause, reason: String, span: Option<(u32, u32)>) {
        let mut row = None;
        if self.keeps_all {
            row = Some(self.tokens.starts.len() as u32);
            self.tokens.spans.resize(self.tokens.spans.len() + self.names.len(), Span::MISSING);
            self.tokens.starts.push(start as u32);
        }
        self.tokens.odd.push(OddRecord { row, start: start as u32, end: end as u32, cause, reason, span, by: None });
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
