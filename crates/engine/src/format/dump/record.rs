//! One record's values as a row of spans, and what is wrong with it.

use std::ops::Range;

use colonnade_protocol::Cause;

use super::cells;
use super::copy::CopyForm;
use super::cutter::DumpCutter;
use super::value::{self, Literal, Stop};
use crate::column::Span;
use crate::format::faults::quoted;
use crate::format::sql::words::Words;
use crate::format::text::tokens::OddRecord;

/// Which column each value is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    pub columns: Vec<Option<usize>>,
    /// Whether a unit may begin within the statement: its list is the one that the settings know.
    pub is_known: bool,
}

/// A record that was read.
pub struct Read {
    /// Behind it.
    pub end: usize,
    pub values: usize,
    /// What is wrong with each value that is null now.
    pub odd: Vec<String>,
}

impl DumpCutter {
    /// Which column each value is of, behind a statement that names these columns at a position.
    pub fn mapping(&self, list: Option<&[String]>, position: u64) -> Mapping {
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

    /// Reads the one row of a list of assignments, which its statement's head was read through; gives where it ends.
    pub fn assignments(&mut self, text: &[u8], start: usize, first: usize, columns: &[String]) -> usize {
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

    /// Reads the tuple at `start` into one row of spans.
    pub fn values(&mut self, text: &[u8], start: usize, mapping: &Mapping) -> std::result::Result<Read, Stop> {
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

    /// Reads a record of a `COPY` into one row of spans.
    pub fn fields(&mut self, text: &[u8], record: Range<usize>, mapping: &Mapping, form: &CopyForm) {
        let Range { start, end } = record;
        let row = self.tokens.spans.len();
        self.tokens.spans.resize(row + self.names.len(), Span::MISSING);
        let (mut from, mut values, mut odd) = (start, 0, Vec::new());
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
        self.take(start, end, values, mapping, odd);
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
    pub fn take(&mut self, start: usize, end: usize, values: usize, mapping: &Mapping, odd: Vec<String>) {
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

    /// Lists what is no record.
    pub fn reject(&mut self, start: usize, end: usize, cause: Cause, reason: String) {
        self.reject_at(start, end, cause, reason, None);
    }

    /// The same, with the part of it that is wrong.
    pub fn reject_at(&mut self, start: usize, end: usize, cause: Cause, reason: String, span: Option<(u32, u32)>) {
        let mut row = None;
        if self.keeps_all {
            row = Some(self.tokens.starts.len() as u32);
            self.tokens.spans.resize(self.tokens.spans.len() + self.names.len(), Span::MISSING);
            self.tokens.starts.push(start as u32);
        }
        self.tokens.odd.push(OddRecord { row, start: start as u32, end: end as u32, cause, reason, span, by: None });
    }
}
