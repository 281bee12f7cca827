//! Which type a column has, from the text of its values.
//!
//! A type fits a column only if all values fit it and nothing of their text is lost; what speaks for each candidate type
//! is kept in numbers, so that a person can judge and choose another.

mod conclude;
mod dates;
mod findings;
mod numbers;
mod tally;

use std::sync::Arc;

use colonnade_protocol::Place;
use encoding_rs::Encoding;

use self::dates::Dates;
use self::numbers::Numbers;
use self::tally::{Tally, Value};
use super::cells::Cells;
use super::number::Reading;
use super::rules::CellRules;
use super::{boolean, uuid};

pub use self::findings::findings;

/// Words that people write where there is no value, beside what the settings say.
pub(crate) const NULL_WORDS: [&str; 20] = [
    "NA", "N/A", "n/a", "na", "#N/A", "NULL", "null", "Null", "(null)", "\\N", "None", "none", "nil", "-", "--", "?", ".", "..", "*",
    "unknown",
];

/// What the values of one column say about its type. Evidence from parts of a source can be merged.
#[derive(Debug, Clone)]
pub struct TextEvidence {
    rules: Arc<CellRules>,
    encoding: &'static Encoding,
    seen: u64,
    nulls: u64,
    /// Cells that are text in a text column and null in any other: `""`, or a null value in quotes.
    blanks: u64,
    values: u64,
    /// No value fits it: keeps the first values.
    first: Tally,
    booleans: Tally,
    uuids: Tally,
    numbers: Numbers,
    dates: Dates,
    /// Digits behind a zero or a plus: `01`, `+49`.
    codes: u64,
    /// How often each of [`NULL_WORDS`] stands for a value.
    null_words: [u64; NULL_WORDS.len()],
}

impl TextEvidence {
    /// No evidence yet, for a column read by these rules.
    pub fn new(rules: &Arc<CellRules>, encoding: &'static Encoding) -> Self {
        Self {
            rules: Arc::clone(rules),
            encoding,
            seen: 0,
            nulls: 0,
            blanks: 0,
            values: 0,
            first: Tally::default(),
            booleans: Tally::default(),
            uuids: Tally::default(),
            numbers: Numbers::default(),
            dates: Dates::new(rules),
            codes: 0,
            null_words: [0; NULL_WORDS.len()],
        }
    }

    /// Takes up the cells of a batch; `places` tells where a row's record is.
    pub fn observe(&mut self, cells: Cells<'_>, places: &dyn Fn(usize) -> Place) {
        for (row, span) in cells.iter().enumerate() {
            let text = cells.bytes(span);
            self.seen += 1;
            if self.rules.is_null_text(span, text) {
                self.nulls += 1;
            } else if self.rules.is_null(text) {
                self.blanks += 1;
            } else {
                self.value(Value { text, row, places, encoding: self.encoding });
            }
        }
    }

    fn value(&mut self, value: Value<'_>) {
        self.booleans.add(boolean::read(value.text, Reading::Exact).is_some(), value);
        self.uuids.add(uuid::read(value.text).is_some(), value);
        self.numbers.observe(value, &self.rules);
        self.dates.observe(value, &self.rules, &self.first);
        if let [b'0', b'0'..=b'9', ..] | [b'+', b'0'..=b'9', ..] = value.text {
            self.codes += u64::from(value.text[1..].iter().all(u8::is_ascii_digit));
        }
        if let Some(word) = NULL_WORDS.iter().position(|word| word.as_bytes() == value.text) {
            self.null_words[word] += 1;
        }
        self.first.add(false, value);
        self.values += 1;
    }

    /// Adds what another part of the same column showed.
    pub fn merge(&mut self, other: &Self) {
        self.booleans.merge(&other.booleans);
        self.uuids.merge(&other.uuids);
        self.numbers.merge(&other.numbers);
        self.dates.merge(&other.dates, &self.first, &other.first);
        self.first.merge(&other.first);
        self.seen += other.seen;
        self.nulls += other.nulls;
        self.blanks += other.blanks;
        self.values += other.values;
        self.codes += other.codes;
        for (a, b) in self.null_words.iter_mut().zip(other.null_words) {
            *a += b;
        }
    }
}

#[cfg(test)]
mod tests;
