//! From the letters of a date pattern to the list of what stands in a text.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Literal(Vec<u8>),
    /// One blank or more.
    Blank,
    /// Digits, at least and at most so many.
    Number {
        field: Field,
        least: usize,
        most: usize,
    },
    /// Digits of a fraction of a second, at most so many.
    Fraction(usize),
    /// A year of two digits: 2000 to 2099.
    ShortYear,
    ShortMonth,
    FullMonth,
    DayName,
    HalfDay,
    Era,
    /// An offset from UTC, or the name of UTC.
    Offset,
    Optional(Vec<Item>),
}

/// A numeric part of a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    Month,
    Day,
    DayOfYear,
    /// 0 to 23.
    Hour,
    /// 1 to 24.
    ClockHour,
    /// 1 to 12.
    HalfHour,
    /// 0 to 11.
    HalfHourFromZero,
    Minute,
    Second,
}

/// Compiles a pattern in Spark's letters.
///
/// # Errors
/// [`ErrorKind::Usage`] with what is wrong and where.
pub(super) fn compile(pattern: &str) -> Result<Vec<Item>> {
    let mut compiler = Compiler { pattern, rest: pattern.char_indices().peekable() };
    let items = compiler.items(false)?;
    if items.is_empty() {
        return Err(compiler.error(0, "it is empty"));
    }
    Ok(items)
}

struct Compiler<'a> {
    pattern: &'a str,
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
}

impl Compiler<'_> {
    fn items(&mut self, is_optional: bool) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        while let Some((at, c)) = self.rest.next() {
            match c {
                '\'' => self.quoted(at, &mut items)?,
                '[' => items.push(Item::Optional(self.items(true)?)),
                ']' if is_optional => return Ok(items),
                ']' => return Err(self.error(at, "] closes nothing")),
                '{' | '}' | '#' => return Err(self.error(at, &format!("{c} is reserved; put it in quotes"))),
                'a'..='z' | 'A'..='Z' => {
                    let mut count = 1;
                    while self.rest.next_if(|&(_, next)| next == c).is_some() {
                        count += 1;
                    }
                    items.push(self.letter(at, c, count)?);
                }
                _ => push_literal(&mut items, c),
            }
        }
        if is_optional { Err(self.error(self.pattern.len(), "[ is never closed")) } else { Ok(items) }
    }

    /// The text up to the closing quote; two quotes are one, inside quotes and out.
    fn quoted(&mut self, at: usize, items: &mut Vec<Item>) -> Result<()> {
        let mut is_empty = true;
        loop {
            match self.rest.next() {
                Some((_, '\'')) => {
                    if self.rest.next_if(|&(_, next)| !is_empty && next == '\'').is_none() {
                        break;
                    }
                    push_literal(items, '\'');
                }
                Some((_, c)) => push_literal(items, c),
                None => return Err(self.error(at, "the quote is never closed")),
            }
            is_empty = false;
        }
        if is_empty {
            push_literal(items, '\'');
        }
        Ok(())
    }

    fn letter(&self, at: usize, letter: char, count: usize) -> Result<Item> {
        let number = |field, least, most| Ok(Item::Number { field, least, most });
        let one_or_two = |field| match count {
            1 => number(field, 1, 2),
            2 => number(field, 2, 2),
            _ => Err(self.error(at, &format!("{letter} is written once or twice"))),
        };
        match (letter, count) {
            ('y', 1) => number(Field::Year, 1, 4),
            ('y', 2) => Ok(Item::ShortYear),
            ('y', 3 | 4) => number(Field::Year, 4, 4),
            ('M' | 'L', 1 | 2) => one_or_two(Field::Month),
            ('M' | 'L', 3) => Ok(Item::ShortMonth),
            ('M' | 'L', 4) => Ok(Item::FullMonth),
            ('d', _) => one_or_two(Field::Day),
            ('D', 1..=3) => number(Field::DayOfYear, count, 3),
            ('H', _) => one_or_two(Field::Hour),
            ('k', _) => one_or_two(Field::ClockHour),
            ('h', _) => one_or_two(Field::HalfHour),
            ('K', _) => one_or_two(Field::HalfHourFromZero),
            ('m', _) => one_or_two(Field::Minute),
            ('s', _) => one_or_two(Field::Second),
            ('S', 1..=9) => Ok(Item::Fraction(count)),
            ('a', 1) => Ok(Item::HalfDay),
            ('G', 1..=4) => Ok(Item::Era),
            ('E', 1..=4) => Ok(Item::DayName),
            ('X' | 'x' | 'Z', 1..=5) | ('z', 1..=4) | ('O', 1 | 4) | ('V', 2) => Ok(Item::Offset),
            ('F' | 'Q' | 'q', _) => Err(self.error(at, &format!("{letter} is for writing only"))),
            ('Y', _) => Err(self.error(at, "Y is the year of a week; y is the year")),
            ('y' | 'M' | 'L' | 'D' | 'S' | 'a' | 'G' | 'E' | 'X' | 'x' | 'Z' | 'z' | 'O' | 'V', _) => {
                Err(self.error(at, &format!("{letter} cannot stand {count} times")))
            }
            _ => Err(self.error(at, &format!("{letter} has no meaning; put plain letters in quotes"))),
        }
    }

    fn error(&self, at: usize, what: &str) -> ErrorInfo {
        ErrorInfo::new(
            ErrorKind::Usage,
            format!("the pattern {:?} cannot be used, at character {}: {what}", self.pattern, self.pattern[..at].chars().count() + 1),
            "Letters are Spark's: yyyy year, MM month, dd day, HH hour, mm minute, ss second, SSS fraction, XXX offset, 'T' literal.",
        )
    }
}

fn push_literal(items: &mut Vec<Item>, c: char) {
    if c == ' ' {
        if items.last() != Some(&Item::Blank) {
            items.push(Item::Blank);
        }
        return;
    }
    let mut bytes = [0; 4];
    let bytes = c.encode_utf8(&mut bytes).as_bytes();
    match items.last_mut() {
        Some(Item::Literal(literal)) => literal.extend_from_slice(bytes),
        _ => items.push(Item::Literal(bytes.to_vec())),
    }
}
