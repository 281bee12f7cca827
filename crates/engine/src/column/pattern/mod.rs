//! Patterns of dates and times, in Spark's letters: `dd.MM.yyyy`, `MM/dd/yyyy HH:mm[:ss]`, `dd/MMM/yyyy:HH:mm:ss Z`.
//!
//! Letters, widths and refusals follow Spark's *Datetime Patterns for Formatting and Parsing*. Reading is as strict as
//! there but for three things: blanks may be repeated, names are read without regard to case, and any offset letter takes
//! any form of an offset.

mod broaden;
mod compile;
pub(super) mod guess;
mod names;

use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};

pub(super) use self::broaden::broader;
use self::compile::{Field, Item};
use self::names::Language;
use super::date;
use super::number::Reading;
use super::time::{self, DAY};
use super::timestamp::{self, Moment};
use crate::Result;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct DatePattern {
    items: Vec<Item>,
    languages: &'static [&'static Language],
    reading: Reading,
    /// Whether a day name may be another than the day's own.
    ignores_day_names: bool,
}

/// What a text told.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: Option<u32>,
    half_hour: Option<u32>,
    is_afternoon: Option<bool>,
    minute: u32,
    second: u32,
    micros: u32,
    offset: Option<i32>,
    /// 1 is Monday.
    weekday: Option<u32>,
}

impl DatePattern {
    /// Compiles a pattern; `language` is that of names beside English (`de`).
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] with what is wrong and where.
    pub fn compile(pattern: &str, language: &str, reading: Reading) -> Result<Self> {
        let ignores_day_names = reading == Reading::Lenient;
        Ok(Self { items: compile::compile(pattern)?, languages: names::languages(language), reading, ignores_day_names })
    }

    /// The same pattern, for texts whose day names may be wrong.
    #[must_use]
    pub fn ignoring_day_names(mut self, ignores: bool) -> Self {
        self.ignores_day_names |= ignores;
        self
    }

    /// The same, for a pattern that must tell a day.
    ///
    /// # Errors
    /// Those of [`compile`](Self::compile), and [`ErrorKind::Usage`] for a pattern without a year.
    pub fn of_days(pattern: &str, language: &str, reading: Reading) -> Result<Self> {
        let compiled = Self::compile(pattern, language, reading)?;
        compiled.must_have(pattern, "year, y", |item| matches!(item, Item::ShortYear | Item::Number { field: Field::Year, .. }))?;
        Ok(compiled)
    }

    /// The same, for a pattern that must tell a time of day.
    ///
    /// # Errors
    /// Those of [`compile`](Self::compile), and [`ErrorKind::Usage`] for a pattern without an hour.
    pub fn of_times(pattern: &str, language: &str, reading: Reading) -> Result<Self> {
        let compiled = Self::compile(pattern, language, reading)?;
        compiled.must_have(pattern, "hour, H or h", |item| {
            let Item::Number { field, .. } = item else { return false };
            matches!(field, Field::Hour | Field::ClockHour | Field::HalfHour | Field::HalfHourFromZero)
        })?;
        Ok(compiled)
    }

    /// The type of what it tells: a day, a time or both; `None` where that is neither, such as a day without its year.
    pub fn data_type(&self) -> Option<LogicalType> {
        fn any(items: &[Item], is_it: &dyn Fn(&Item) -> bool) -> bool {
            items.iter().any(|item| is_it(item) || matches!(item, Item::Optional(items) if any(items, is_it)))
        }
        let has = |fields: &[Field]| any(&self.items, &|item| matches!(item, Item::Number { field, .. } if fields.contains(field)));
        let has_year = has(&[Field::Year]) || any(&self.items, &|item| *item == Item::ShortYear);
        let has_day = has(&[Field::Month, Field::Day, Field::DayOfYear])
            || any(&self.items, &|item| matches!(item, Item::ShortMonth | Item::FullMonth | Item::DayName));
        let has_time = has(&[Field::Hour, Field::ClockHour, Field::HalfHour, Field::HalfHourFromZero]);
        let has_offset = any(&self.items, &|item| *item == Item::Offset);
        match (has_year, has_time) {
            (true, false) if !has_offset => Some(LogicalType::Date),
            (true, true) if has_offset => Some(LogicalType::Timestamp),
            (true, true) => Some(LogicalType::TimestampNtz),
            (false, true) if !has_day && !has_offset => Some(LogicalType::Time),
            _ => None,
        }
    }

    fn must_have(&self, pattern: &str, what: &str, is_it: fn(&Item) -> bool) -> Result<()> {
        if self.items.iter().any(is_it) {
            return Ok(());
        }
        Err(ErrorInfo::new(
            ErrorKind::Usage,
            format!("the pattern {pattern:?} has no {what}"),
            "Add the letter where it stands in the values.",
        ))
    }

    /// Days since 1970-01-01; a time of day other than midnight does not fit.
    pub fn day(&self, text: &[u8]) -> Option<i32> {
        let parts = self.parts(text)?;
        (parts.offset.is_none() && parts.time()? == 0).then(|| parts.days(self.ignores_day_names)).flatten()
    }

    /// The point in time; a part that the pattern does not have is the first one.
    pub fn moment(&self, text: &[u8]) -> Option<Moment> {
        let parts = self.parts(text)?;
        Some(Moment { local: i64::from(parts.days(self.ignores_day_names)?) * DAY + parts.time()?, offset: parts.offset })
    }

    /// Microseconds since midnight.
    pub fn time(&self, text: &[u8]) -> Option<i64> {
        let parts = self.parts(text)?;
        (parts.year.is_none() && parts.offset.is_none()).then(|| parts.time()).flatten()
    }

    fn parts(&self, text: &[u8]) -> Option<Parts> {
        let text = if self.reading == Reading::Lenient { text.trim_ascii() } else { text };
        let mut parts = Parts::default();
        self.read(&self.items, text, &mut parts)?.is_empty().then_some(parts)
    }

    /// Takes the items from the start of a text; what is left of it.
    fn read<'a>(&self, items: &[Item], text: &'a [u8], parts: &mut Parts) -> Option<&'a [u8]> {
        let mut rest = text;
        for item in items {
            rest = self.read_item(item, rest, parts)?;
        }
        Some(rest)
    }

    fn read_item<'a>(&self, item: &Item, text: &'a [u8], parts: &mut Parts) -> Option<&'a [u8]> {
        match item {
            Item::Literal(literal) => text.strip_prefix(literal.as_slice()),
            Item::Blank => {
                let rest = text.trim_ascii_start();
                (rest.len() < text.len()).then_some(rest)
            }
            Item::Number { field, least, most } => {
                let (value, rest) = split_number(text, *least, *most)?;
                parts.set(*field, value)?;
                Some(rest)
            }
            Item::ShortYear => {
                let (value, rest) = split_number(text, 2, 2)?;
                parts.year = Some(2000 + value);
                Some(rest)
            }
            Item::Fraction(most) => {
                let length = digits_at_start(text, *most);
                let (digits, rest) = text.split_at(length);
                parts.micros = time::fraction_micros(digits, self.reading)?;
                Some(rest)
            }
            Item::ShortMonth => {
                let (word, rest) = split_word(text);
                parts.month = Some(self.languages.iter().find_map(|language| language.short_month(word))?);
                Some(rest.strip_prefix(b".").unwrap_or(rest))
            }
            Item::FullMonth => {
                let (word, rest) = split_word(text);
                parts.month = Some(self.languages.iter().find_map(|language| language.full_month(word))?);
                Some(rest)
            }
            Item::DayName => {
                let (word, rest) = split_word(text);
                parts.weekday = Some(self.languages.iter().find_map(|language| language.day(word))?);
                Some(rest.strip_prefix(b".").unwrap_or(rest))
            }
            Item::HalfDay => {
                let (half, rest) = split_half_day(text)?;
                parts.is_afternoon = Some(half);
                Some(rest)
            }
            Item::Era => {
                let (word, rest) = split_word(text);
                ["AD", "CE"].iter().any(|era| word.eq_ignore_ascii_case(era.as_bytes())).then_some(rest)
            }
            Item::Offset => {
                let (offset, rest) = split_offset(text)?;
                parts.offset = Some(offset);
                Some(rest)
            }
            Item::Optional(items) => {
                let before = *parts;
                Some(self.read(items, text, parts).unwrap_or_else(|| {
                    *parts = before;
                    text
                }))
            }
        }
    }
}

impl Parts {
    fn set(&mut self, field: Field, value: u32) -> Option<()> {
        match field {
            Field::Year => self.year = Some(value),
            Field::Month => self.month = Some(value),
            Field::Day => self.day = Some(value),
            Field::DayOfYear => self.day_of_year = Some(value),
            Field::Hour => self.hour = Some(value),
            Field::ClockHour => self.hour = Some((1..=24).contains(&value).then_some(value % 24)?),
            Field::HalfHour => self.half_hour = Some((1..=12).contains(&value).then_some(value % 12)?),
            Field::HalfHourFromZero => self.half_hour = Some((value < 12).then_some(value)?),
            Field::Minute => self.minute = value,
            Field::Second => self.second = value,
        }
        Some(())
    }

    fn days(&self, ignores_day_names: bool) -> Option<i32> {
        let year = self.year?;
        let days = match self.day_of_year {
            Some(day) => {
                let length = 365 + u32::from(date::is_leap(year));
                (1..=length).contains(&day).then_some(date::from_parts(year, 1, 1)? + day as i32 - 1)?
            }
            None => date::from_parts(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        // 1970-01-01 was a Thursday.
        let weekday = (days + 3).rem_euclid(7) as u32 + 1;
        let is_told_wrong = self.weekday.is_some_and(|told| told != weekday);
        (ignores_day_names || !is_told_wrong).then_some(days)
    }

    fn time(&self) -> Option<i64> {
        let hour = match (self.hour, self.half_hour) {
            (Some(hour), _) => hour,
            (None, Some(hour)) => hour + 12 * u32::from(self.is_afternoon?),
            (None, None) => 0,
        };
        time::from_parts(hour, self.minute, self.second, self.micros)
    }
}

fn digits_at_start(text: &[u8], most: usize) -> usize {
    text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count()
}

fn split_number(text: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let length = digits_at_start(text, most);
    if length < least {
        return None;
    }
    let (digits, rest) = text.split_at(length);
    Some((digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), rest))
}

/// The letters at the start of a text, in any script.
fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic()).unwrap_or(text.len()))
}

/// `AM`, `p.m.`: whether it is the afternoon.
fn split_half_day(text: &[u8]) -> Option<(bool, &[u8])> {
    let (&[half, ref more @ ..], dotted) = (text, text.get(1) == Some(&b'.')) else {
        return None;
    };
    let rest = match (dotted, more) {
        (false, [b'M' | b'm', rest @ ..]) | (true, [b'.', b'M' | b'm', b'.', rest @ ..]) => rest,
        _ => return None,
    };
    match half {
        b'A' | b'a' => Some((false, rest)),
        b'P' | b'p' => Some((true, rest)),
        _ => None,
    }
}

/// `Z`, `UTC`, `+01:00`, `GMT+1`: seconds east of UTC.
fn split_offset(text: &[u8]) -> Option<(i32, &[u8])> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b':');
    let (token, rest) = text.split_at(text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len()));
    let distance = [b"GMT", b"UTC"].iter().find_map(|name| token.strip_prefix(name.as_slice())).unwrap_or_default();
    let offset = match *distance {
        [] => timestamp::read_offset(token)?,
        [sign, hour] | [sign, hour, b':', ..] => {
            let minutes = distance.get(2..).unwrap_or_default();
            timestamp::read_offset(&[&[sign, b'0', hour], minutes].concat())?
        }
        _ => timestamp::read_offset(distance)?,
    };
    Some((offset, rest))
}

#[cfg(test)]
mod tests;
