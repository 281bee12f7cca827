//! Which values are dates and times: in the ISO forms, and by patterns found in the values.

use colonnade_protocol::LogicalType;
use colonnade_protocol::schema::Candidate;

use super::tally::{Tally, Value};
use crate::column::number::Reading;
use crate::column::pattern::DatePattern;
use crate::column::pattern::guess::{Guess, Order, guess};
use crate::column::rules::CellRules;
use crate::column::text::decode_cell;
use crate::column::{time, timestamp};

/// Patterns that are followed at once.
const MOST_PATTERNS: usize = 16;
/// Values without a pattern after which none is looked for any more.
const PATIENCE: u32 = 32;

/// Dates and times of a column.
#[derive(Debug, Clone)]
pub(super) struct Dates {
    iso: Vec<(LogicalType, Tally)>,
    /// Values that are days in the ISO form, which a wall clock reads too.
    days: u64,
    patterned: Vec<Patterned>,
    /// Values for which no pattern was found.
    failures: u32,
}

/// Values of one pattern.
#[derive(Debug, Clone)]
struct Patterned {
    guess: Guess,
    pattern: DatePattern,
    tally: Tally,
}

impl Dates {
    /// Nothing seen yet. A format of the settings stands in the place of its type's ISO form.
    pub fn new(rules: &CellRules) -> Self {
        let formats = [
            (LogicalType::Date, &rules.date_format),
            (LogicalType::TimestampNtz, &rules.timestamp_ntz_format),
            (LogicalType::Timestamp, &rules.timestamp_format),
            (LogicalType::Time, &rules.time_format),
        ];
        let mut dates = Self { iso: Vec::new(), days: 0, patterned: Vec::new(), failures: 0 };
        for (data_type, format) in formats {
            let compiled = format.as_ref().and_then(|format| {
                let pattern =
                    DatePattern::compile(format, &rules.language, Reading::Exact).ok()?.ignoring_day_names(rules.ignore_day_names);
                let guess = Guess { pattern: format.clone(), data_type: data_type.clone(), order: Order::Given };
                Some(Patterned { guess, pattern, tally: Tally::default() })
            });
            match compiled {
                Some(patterned) => dates.patterned.push(patterned),
                None => dates.iso.push((data_type, Tally::default())),
            }
        }
        dates
    }

    /// Counts a value; `earlier` is what to say of the values before it, for a pattern that is found only now.
    pub fn observe(&mut self, value: Value<'_>, rules: &CellRules, earlier: &Tally) {
        let moment = timestamp::read(value.text, Reading::Exact);
        let is_day = moment.is_some() && value.text.len() == 10;
        self.days += u64::from(is_day);
        for (data_type, tally) in &mut self.iso {
            let fits = match data_type {
                LogicalType::Date => is_day,
                LogicalType::TimestampNtz => moment.is_some_and(|moment| moment.offset.is_none()),
                LogicalType::Timestamp => moment.is_some_and(|moment| moment.offset.is_some()),
                _ => time::read(value.text, Reading::Exact).is_some(),
            };
            tally.add(fits, value);
        }
        self.observe_patterns(value, rules, earlier);
    }

    fn observe_patterns(&mut self, value: Value<'_>, rules: &CellRules, earlier: &Tally) {
        let decoded = decode_cell(value.text, value.encoding).0;
        let text = decoded.as_bytes();
        let mut is_known = false;
        for patterned in &mut self.patterned {
            let fits = patterned.reads(text);
            is_known |= fits;
            patterned.tally.add(fits, value);
        }
        if is_known || self.failures == PATIENCE || self.patterned.len() >= MOST_PATTERNS {
            return;
        }
        let before = self.patterned.len();
        for guess in guess(text) {
            let Ok(pattern) = DatePattern::compile(&guess.pattern, &rules.language, Reading::Exact) else {
                continue;
            };
            let pattern = pattern.ignoring_day_names(rules.ignore_day_names);
            let mut patterned = Patterned { guess, pattern, tally: earlier.clone() };
            let is_new = self.patterned.iter().all(|known| known.guess != patterned.guess);
            if is_new && patterned.reads(text) {
                patterned.tally.add(true, value);
                self.patterned.push(patterned);
            }
        }
        if self.patterned.len() == before {
            self.failures += 1;
        }
    }

    /// Adds what another part of the column showed; the tallies are those of values that a pattern unknown to one side
    /// does not fit there.
    pub fn merge(&mut self, other: &Self, earlier: &Tally, others: &Tally) {
        for (a, b) in self.iso.iter_mut().zip(&other.iso) {
            a.1.merge(&b.1);
        }
        for patterned in &mut self.patterned {
            let same = other.patterned.iter().find(|b| b.guess == patterned.guess);
            patterned.tally.merge(same.map_or(others, |same| &same.tally));
        }
        for patterned in &other.patterned {
            if self.patterned.iter().all(|a| a.guess != patterned.guess) {
                let mut patterned = patterned.clone();
                patterned.tally.merge(earlier);
                self.patterned.push(patterned);
            }
        }
        self.days += other.days;
        self.failures = (self.failures + other.failures).min(PATIENCE);
    }

    /// The type and pattern that all of `count` values fit, if there is one and nobody can doubt it.
    pub fn conclude(&self, count: u64, prefer_date: bool) -> Option<(LogicalType, Option<String>)> {
        let is_told = |data_type: &LogicalType| match data_type {
            LogicalType::Date => prefer_date,
            LogicalType::TimestampNtz => self.days < count || !prefer_date,
            _ => true,
        };
        if let Some((data_type, _)) = self.iso.iter().find(|(data_type, tally)| tally.fits == count && is_told(data_type)) {
            return Some((data_type.clone(), None));
        }
        if !self.ambiguous(count).is_empty() {
            return None;
        }
        self.fitting(count).find(|patterned| patterned.guess.order != Order::ShortYear).map(|patterned| {
            let data_type = match &patterned.guess.data_type {
                LogicalType::Date if !prefer_date => LogicalType::TimestampNtz,
                data_type => data_type.clone(),
            };
            (data_type, Some(patterned.guess.pattern.clone()))
        })
    }

    /// Day first and month first, where all of `count` values can be read in either order; each with its words.
    pub fn ambiguous(&self, count: u64) -> Vec<(LogicalType, String, &'static str)> {
        let first = |order, words| {
            let patterned = self.fitting(count).find(|patterned| patterned.guess.order == order)?;
            Some((patterned.guess.data_type.clone(), patterned.guess.pattern.clone(), words))
        };
        if self.fitting(count).any(|patterned| patterned.guess.order == Order::Given) {
            return Vec::new();
        }
        match (first(Order::DayFirst, "day first"), first(Order::MonthFirst, "month first")) {
            (Some(day), Some(month)) => vec![day, month],
            _ => Vec::new(),
        }
    }

    /// Patterns with years of two digits that all of `count` values fit.
    pub fn short_years(&self, count: u64) -> Vec<(LogicalType, String)> {
        self.fitting(count)
            .filter(|patterned| patterned.guess.order == Order::ShortYear)
            .map(|patterned| (patterned.guess.data_type.clone(), patterned.guess.pattern.clone()))
            .collect()
    }

    /// The types that some values fit.
    pub fn candidates(&self) -> Vec<Candidate> {
        let iso = self.iso.iter().map(|(data_type, tally)| (data_type, None, tally));
        let patterned =
            self.patterned.iter().map(|patterned| (&patterned.guess.data_type, Some(&patterned.guess.pattern), &patterned.tally));
        iso.chain(patterned)
            .filter(|(_, _, tally)| tally.fits > 0)
            .map(|(data_type, pattern, tally)| Candidate {
                data_type: data_type.clone(),
                pattern: pattern.cloned(),
                fits: tally.fits,
                misfits: tally.misfits.clone(),
            })
            .collect()
    }

    /// The patterns of the settings, each with its type and how many values fit.
    pub fn given(&self) -> impl Iterator<Item = (&LogicalType, &str, u64)> {
        let given = self.patterned.iter().filter(|patterned| patterned.guess.order == Order::Given);
        given.map(|patterned| (&patterned.guess.data_type, patterned.guess.pattern.as_str(), patterned.tally.fits))
    }

    fn fitting(&self, count: u64) -> impl Iterator<Item = &Patterned> {
        self.patterned.iter().filter(move |patterned| count > 0 && patterned.tally.fits == count)
    }
}

impl Patterned {
    fn reads(&self, text: &[u8]) -> bool {
        match self.guess.data_type {
            LogicalType::Date => self.pattern.day(text).is_some(),
            LogicalType::Time => self.pattern.time(text).is_some(),
            LogicalType::Timestamp => self.pattern.moment(text).is_some_and(|moment| moment.offset.is_some()),
            _ => self.pattern.moment(text).is_some_and(|moment| moment.offset.is_none()),
        }
    }
}
