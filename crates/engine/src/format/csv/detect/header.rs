//! Step 9: preamble rows, header rows, or none: names look unlike the values below them.

use std::collections::HashSet;

use super::cell::Look;
use super::table::Block;
use super::tokens::{Record, Tokens};
use crate::settings::Settings;

/// The rows above the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Index of the first header record, or of the first data record where there is no header.
    pub first: usize,
    /// Header records; they follow each other but for blank ones.
    pub rows: usize,
    /// Index of the first data record.
    pub data: usize,
    pub confidence: f32,
    pub evidence: String,
}

/// Data records looked at.
const MOST_ROWS: usize = 300;
/// Header records at most.
const MOST_HEADER_ROWS: usize = 6;
/// Records within which a header is looked for from the top of the block.
const DEEPEST: usize = 12;

/// What a person says about the header, in rows: `headerRows` before `header`.
pub fn by_person(settings: &Settings) -> Option<usize> {
    if settings.is_by_person("headerRows") {
        return usize::try_from(settings.integer("headerRows")).ok();
    }
    settings.is_by_person("header").then(|| usize::from(settings.flag("header")))
}

/// Finds the header. `rows`: what a person says about it, if they do. `from_top`: the first record is the table's.
pub fn find(text: &str, tokens: &Tokens, block: &Block, rows: Option<usize>, from_top: bool) -> Header {
    let reader = Reader { text, tokens };
    let from = if from_top { 0 } else { reader.above(block) };
    let records = reader.content(from, (block.end + 8).max(from + DEEPEST));
    let skipped = if from_top { 0 } else { reader.preamble(&records, block.width) };
    let records = &records[skipped..];
    let place = |rows: usize, confidence, evidence| {
        let first = records.first().copied().unwrap_or(block.first);
        let Some(above) = rows.checked_sub(1).and_then(|last| records.get(last)) else {
            let first = reader.first_row(first, block.width);
            return Header { first, rows, data: first, confidence, evidence };
        };
        let is_row = |record: &Record| !record.blank || record.is_row_of_nulls(block.width);
        let data = tokens.records[above + 1..].iter().position(is_row).map_or(tokens.records.len(), |at| above + 1 + at);
        Header { first, rows, data, confidence, evidence }
    };
    if let Some(rows) = rows {
        return place(rows.min(records.len()), 1.0, "set by hand".to_owned());
    }
    let Some((&top, below)) = records.split_first() else { return place(0, 0.5, "no records".to_owned()) };
    let names = reader.looks(top);
    if below.is_empty() && names.len() == 1 {
        // Names stand above something, or beside each other.
        return place(0, 0.6, "the file is one value".to_owned());
    }
    if below.is_empty() {
        let values = names.iter().filter(|look| look.is_value()).count();
        let words = names.iter().filter(|look| matches!(look, Look::Text | Look::Token)).count();
        let is_header = values == 0 && words * 2 > names.len() && reader.is_names(top);
        return place(
            usize::from(is_header),
            0.6,
            format!("{values} of {} cells of the only record are numbers, dates or the like", names.len()),
        );
    }
    let named = reader.is_names(top);
    let mut columns = reader.columns(below, block.width);
    let mut votes = Votes::count(&columns, |k| (names.get(k).copied().unwrap_or(Look::Empty), reader.cell(top, k)));
    let others: Vec<usize> = below.iter().copied().filter(|&k| !reader.repeats(k, top)).collect();
    if others.len() < below.len() && !votes.are_for_names(named) {
        // The header again, in files put together? Only if numbers or dates below say so.
        let without = reader.columns(&others, block.width);
        let again = Votes::count(&without, |k| (names.get(k).copied().unwrap_or(Look::Empty), reader.cell(top, k)));
        if again.all_differ(named) {
            (columns, votes) = (without, again);
        }
    }
    let Votes { differs, same, .. } = votes;
    if !votes.are_for_names(named) {
        let sure = if same > differs { 0.6 + 0.38 * (same - differs) / (same + differs) } else { 0.55 };
        return place(0, sure as f32, format!("the first record is like the rows below in {same:.0} of {} columns", columns.len()));
    }
    let sure = if differs > same { 0.7 + 0.29 * (differs - same) / (differs + same) } else { 0.6 };
    let rows = 1 + reader.further_rows(records, &columns);
    let evidence = if differs > 0.0 {
        format!("the first record is unlike the rows below in {differs:.0} of {} columns", columns.len())
    } else {
        "the first record holds a different word for every column".to_owned()
    };
    place(rows, sure as f32, evidence)
}

/// What the columns say about the first record.
struct Votes {
    /// It is unlike the values below.
    differs: f64,
    /// It is like them.
    same: f64,
    /// It is like them in a column of numbers or dates.
    like_values: bool,
}

impl Votes {
    fn count<'a>(columns: &[Column<'_>], cell: impl Fn(usize) -> (Look, &'a str)) -> Self {
        let mut votes = Self { differs: 0.0, same: 0.0, like_values: false };
        let year = |k: usize| if k < columns.len() { cell(k).1.trim().parse::<u32>().ok().filter(|_| is_year(cell(k).1)) } else { None };
        let follows = |k: usize| year(k).zip(year(k + 1)).is_some_and(|(one, next)| one + 1 == next);
        for (k, column) in columns.iter().enumerate() {
            let (look, text) = cell(k);
            // Years that follow each other are names, whatever stands below.
            let is_in_run = follows(k) || k > 0 && follows(k - 1);
            let vote = if is_in_run && !column.years && column.seen > 0 { 0.5 } else { column.vote(look, text) };
            votes.differs += f64::max(vote, 0.0);
            votes.same += f64::max(-vote, 0.0);
            votes.like_values |= vote < 0.0 && column.value.is_some();
        }
        votes
    }

    /// A word that comes again below tells little where no number or date does.
    fn all_differ(&self, named: bool) -> bool {
        named && self.differs >= 1.0 && !self.like_values
    }

    fn are_for_names(&self, named: bool) -> bool {
        if self.differs == self.same { named } else { self.all_differ(named) || self.differs > self.same }
    }
}

/// What the values of a column look like.
struct Column<'a> {
    /// The look that nearly all of them have, if it is one of values.
    value: Option<Look>,
    /// Whether nearly all are single tokens with digits or marks.
    tokens: bool,
    values: HashSet<&'a str>,
    seen: usize,
    /// Whether nearly all are whole numbers from 1500 to 2200.
    years: bool,
}

impl Column<'_> {
    /// Above 0: `cell` is unlike the values; below: like them.
    fn vote(&self, look: Look, cell: &str) -> f64 {
        if self.seen == 0 || look.is_void() {
            return 0.0;
        }
        match self.value {
            Some(Look::Number) if look == Look::Number && is_year(cell) && !self.years => 0.5,
            Some(value) if look == value => -1.0,
            Some(_) if look.is_value() => -0.5,
            Some(_) => 1.0,
            None if look.is_value() => -0.7,
            None if self.seen > 2 && self.values.contains(cell.trim()) => -0.7,
            None if self.tokens && look == Look::Text => 0.5,
            None if is_code(cell) => -0.5,
            None => 0.0,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a Tokens,
}

impl<'a> Reader<'a> {
    fn record(&self, k: usize) -> &'a Record {
        &self.tokens.records[k]
    }

    fn cell(&self, record: usize, column: usize) -> &'a str {
        self.tokens.cells(self.record(record)).get(column).map_or("", |cell| cell.of(self.text))
    }

    fn looks(&self, record: usize) -> Vec<Look> {
        self.tokens.texts(self.text, self.record(record)).map(Look::of).collect()
    }

    /// Where the table may begin: the block, or rows or a header of about its width right above it.
    fn above(&self, block: &Block) -> usize {
        let mut first = block.first;
        while let Some(above) = first.checked_sub(1) {
            let record = self.record(above);
            let close = record.width > block.width || record.width + 1 == block.width;
            if record.blank || record.width < 2 || !close {
                break;
            }
            if self.are_words(above) {
                return above;
            }
            let has_values = |record: usize| self.looks(record).iter().any(|look| look.is_value());
            if self.are_words(first) || !has_values(above) || !has_values(first) {
                break;
            }
            first = above;
        }
        first
    }

    /// The first row of a table without header: rows of nulls that the source begins with are rows too.
    fn first_row(&self, first: usize, width: usize) -> usize {
        let above = self.tokens.records.get(..first).unwrap_or_default();
        if !above.iter().all(|record| record.blank) {
            return first;
        }
        above.iter().position(|record| record.is_row_of_nulls(width)).unwrap_or(first)
    }

    /// Whether two records hold the same.
    fn repeats(&self, record: usize, other: usize) -> bool {
        self.record(record).width == self.record(other).width
            && self.tokens.texts(self.text, self.record(record)).eq(self.tokens.texts(self.text, self.record(other)))
    }

    /// Indices of the records that are not blank.
    fn content(&self, from: usize, to: usize) -> Vec<usize> {
        (from..to.min(self.tokens.records.len())).filter(|&k| !self.record(k).blank).collect()
    }

    /// How many of the first records are titles padded with separators: a few filled cells side by side, above a record
    /// of names that is filled throughout.
    fn preamble(&self, records: &[usize], width: usize) -> usize {
        let filled =
            |k: usize| self.looks(k).into_iter().enumerate().filter(|(_, look)| *look != Look::Empty).map(|(k, _)| k).collect::<Vec<_>>();
        let is_title = |k: usize| {
            let filled = filled(k);
            let side_by_side = filled.last().zip(filled.first()).is_some_and(|(last, first)| last - first + 1 == filled.len());
            side_by_side && filled.len() <= (width / 3).max(1) && width > 1
        };
        let titles = records.iter().take(DEEPEST).take_while(|&&k| is_title(k)).count();
        let below = records.get(titles).is_some_and(|&k| filled(k).len() * 3 >= width * 2 && filled(k).len() > 1 && self.is_names(k));
        if titles > 0 && below { titles } else { 0 }
    }

    /// Whether a record holds words and hardly any value.
    fn are_words(&self, record: usize) -> bool {
        let looks = self.looks(record);
        let words = looks.iter().filter(|look| matches!(look, Look::Text | Look::Token)).count();
        let values = looks.iter().filter(|look| look.is_value()).count();
        words * 3 >= looks.len() * 2 && values * 10 <= looks.len()
    }

    /// Whether a record could be names: words, hardly one twice, few of them long.
    fn is_names(&self, record: usize) -> bool {
        let cells: Vec<_> = self.tokens.texts(self.text, self.record(record)).map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let distinct = cells.iter().collect::<HashSet<_>>().len();
        let long = cells.iter().filter(|cell| cell.len() > 80).count();
        self.are_words(record) && distinct * 10 >= cells.len() * 9 && long * 3 <= cells.len()
    }

    /// The looks of the columns over these records, but for those that may be further header rows.
    fn columns(&self, records: &[usize], width: usize) -> Vec<Column<'a>> {
        let skipped = if records.len() > 2 * MOST_HEADER_ROWS { MOST_HEADER_ROWS - 1 } else { records.len() / 3 };
        let rows: Vec<usize> =
            records.iter().copied().filter(|&k| self.record(k).width.abs_diff(width) <= 1 || records.len() < 10).take(MOST_ROWS).collect();
        let rows = rows.get(skipped.min(rows.len().saturating_sub(1))..).unwrap_or_default();
        (0..width)
            .map(|column| {
                let cells: Vec<(&str, Look)> = rows
                    .iter()
                    .map(|&k| self.cell(k, column).trim())
                    .map(|cell| (cell, Look::of(cell)))
                    .filter(|(_, look)| !look.is_void())
                    .collect();
                let nearly_all = |count: usize| count * 5 >= cells.len() * 4;
                let share = |look: Look| nearly_all(cells.iter().filter(|cell| cell.1 == look).count());
                let value = [Look::Number, Look::Temporal, Look::Boolean].into_iter().find(|&look| share(look));
                Column {
                    value: value.filter(|_| !cells.is_empty()),
                    tokens: share(Look::Token),
                    years: nearly_all(cells.iter().filter(|cell| is_year(cell.0)).count()),
                    seen: cells.len(),
                    values: cells.into_iter().map(|cell| cell.0).collect(),
                }
            })
            .collect()
    }

    /// Header rows below the first: the same names again, or words over columns of values.
    fn further_rows(&self, records: &[usize], columns: &[Column<'_>]) -> usize {
        let typed: Vec<usize> = (0..columns.len()).filter(|&k| columns[k].value.is_some()).collect();
        let top: Vec<&str> = self.tokens.texts(self.text, self.record(records[0])).map(str::trim).collect();
        let is_header = |k: usize| {
            let looks = self.looks(k);
            if self.tokens.texts(self.text, self.record(k)).map(str::trim).eq(top.iter().copied()) {
                return true;
            }
            let words = typed.iter().filter(|&&column| matches!(looks.get(column), Some(Look::Text | Look::Token))).count();
            let empty = typed.iter().filter(|&&column| looks.get(column).is_some_and(|look| *look == Look::Empty)).count();
            // `no` names a number, too.
            let values = looks.iter().filter(|look| matches!(look, Look::Number | Look::Temporal)).count();
            if values > 0 || typed.is_empty() || looks.len() + 1 < columns.len() {
                return false;
            }
            // In a column by itself, a value that looks unlike the others is a value.
            if columns.len() == 1 && self.cell(k, 0).contains(|c: char| c.is_ascii_digit()) {
                return false;
            }
            // The names of what the row above spans, where that has none.
            let completes = top.iter().zip(&looks).filter(|(name, _)| name.is_empty()).count() > 0
                && top.iter().zip(&looks).all(|(name, look)| !name.is_empty() || matches!(look, Look::Text | Look::Token))
                && empty > 0;
            let covers = words * 3 >= typed.len() * 2 || words > 0 && words * 2 >= typed.len() && words + empty == typed.len();
            typed.len() * 3 >= columns.len() && (covers || completes)
        };
        records[1..].iter().take(MOST_HEADER_ROWS - 1).take_while(|&&k| is_header(k)).count()
    }
}

/// Digits for the most part: a number of a kind, as names hardly are.
fn is_code(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    digits >= 4 && digits * 3 >= cell.len() * 2
}

fn is_year(cell: &str) -> bool {
    let cell = cell.trim();
    cell.len() == 4 && cell.parse::<u32>().is_ok_and(|year| (1500..=2200).contains(&year))
}
