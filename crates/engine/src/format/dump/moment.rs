//! Moments as Oracle's tools spell them: `to_date('17-DEC-80', 'DD-MON-RR')`.

use std::io::Write;

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

/// What a format's element stands for, the longest first
/// (<https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/Format-Models.html>).
const ELEMENTS: [(&str, Element); 23] = [
    ("syyyy", Element::Year),
    ("yyyy", Element::Year),
    ("rrrr", Element::RoundYear),
    ("month", Element::MonthName),
    ("hh24", Element::Hour),
    ("hh12", Element::Hour),
    ("mon", Element::MonthName),
    ("tzh", Element::Offset),
    ("tzr", Element::Offset),
    ("tzm", Element::OffsetMinutes),
    ("a.m.", Element::HalfDay),
    ("p.m.", Element::HalfDay),
    ("xff", Element::Fraction),
    ("rr", Element::RoundYear),
    ("yy", Element::ShortYear),
    ("mm", Element::Month),
    ("dd", Element::Day),
    ("hh", Element::Hour),
    ("mi", Element::Minute),
    ("ss", Element::Second),
    ("ff", Element::Fraction),
    ("am", Element::HalfDay),
    ("pm", Element::HalfDay),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Element {
    Year,
    ShortYear,
    RoundYear,
    Month,
    MonthName,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
    HalfDay,
    Offset,
    OffsetMinutes,
}

#[derive(Debug, Default)]
struct Moment {
    year: u32,
    month: u32,
    day: u32,
    clock: Option<[u32; 3]>,
    fraction: String,
    afternoon: Option<bool>,
    offset: String,
}

/// Writes the moment that a text is by a format, as the standard spells it; `None`: it is none, or the format says less than a
/// day, or what is not read.
pub fn write(text: &str, format: &str, out: &mut Vec<u8>) -> Option<()> {
    let moment = Moment::read(text, &format.to_ascii_lowercase())?;
    let [mut hour, minute, second] = moment.clock.unwrap_or_default();
    if let Some(afternoon) = moment.afternoon {
        (1..=12).contains(&hour).then_some(())?;
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    let is_day = (1..=9999).contains(&moment.year) && (1..=12).contains(&moment.month) && (1..=31).contains(&moment.day);
    (is_day && hour < 24 && minute < 60 && second < 60).then_some(())?;
    write!(out, "{:04}-{:02}-{:02}", moment.year, moment.month, moment.day).ok()?;
    if moment.clock.is_some() {
        write!(out, " {hour:02}:{minute:02}:{second:02}").ok()?;
    }
    let fraction = moment.fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        write!(out, ".{fraction}").ok()?;
    }
    out.extend_from_slice(moment.offset.as_bytes());
    Some(())
}

impl Moment {
    fn read(text: &str, format: &str) -> Option<Self> {
        let (mut moment, mut text, mut format) = (Self::default(), text.trim(), format.trim());
        while let Some(first) = format.chars().next() {
            if let Some((name, element)) = ELEMENTS.iter().find(|(name, _)| format.starts_with(name)) {
                format = format.get(name.len()..)?;
                if *element == Element::Fraction {
                    format = format.trim_start_matches(|c: char| c.is_ascii_digit());
                }
                text = moment.take(*element, text)?;
            } else if first.is_ascii_alphanumeric() || first == '"' {
                return None;
            } else {
                format = format.get(first.len_utf8()..)?;
                // Any mark may stand for another, but for a sign.
                let mark = text.chars().next().filter(|c| !c.is_alphanumeric() && !matches!((first, c), (' ', '+' | '-')));
                text = text.get(mark.map_or(0, char::len_utf8)..)?;
            }
        }
        text.trim().is_empty().then_some(moment)
    }

    /// Takes what an element stands for from a text's beginning; gives the rest.
    fn take<'a>(&mut self, element: Element, text: &'a str) -> Option<&'a str> {
        let digits = |most: usize| {
            let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
            Some((text.get(..length)?.parse::<u32>().ok()?, length))
        };
        let clock = |moment: &mut Self, part: usize| {
            let (number, length) = digits(2)?;
            *moment.clock.get_or_insert_default().get_mut(part)? = number;
            Some(length)
        };
        let length = match element {
            Element::Year | Element::ShortYear | Element::RoundYear => {
                let (year, length) = digits(if element == Element::ShortYear { 2 } else { 4 })?;
                self.year = match (element, length) {
                    (Element::RoundYear, 1 | 2) if year >= 50 => 1900 + year,
                    (Element::RoundYear, 1 | 2) | (Element::ShortYear, _) => 2000 + year,
                    _ => year,
                };
                length
            }
            Element::Month => {
                let (month, length) = digits(2)?;
                self.month = month;
                length
            }
            Element::MonthName => {
                let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
                let word = text.get(..length)?.to_ascii_lowercase();
                let is_month = |name: &&str| **name == word || name.get(..3) == Some(word.as_str());
                self.month = MONTHS.iter().zip(1..).find(|(name, _)| is_month(name))?.1;
                length
            }
            Element::Day => {
                let (day, length) = digits(2)?;
                self.day = day;
                length
            }
            Element::Hour => clock(self, 0)?,
            Element::Minute => clock(self, 1)?,
            Element::Second => clock(self, 2)?,
            Element::Fraction => {
                let rest = text.trim_start_matches(['.', ',']);
                let length = rest.bytes().take_while(u8::is_ascii_digit).count();
                self.fraction.push_str(rest.get(..length)?);
                text.len() - rest.len() + length
            }
            Element::HalfDay => {
                let word = text.get(..2).filter(|word| !word.ends_with('.')).or_else(|| text.get(..4))?;
                self.afternoon = Some(match word.to_ascii_lowercase().as_str() {
                    "am" | "a.m." => false,
                    "pm" | "p.m." => true,
                    _ => return None,
                });
                word.len()
            }
            Element::Offset => {
                let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b':')).count();
                let offset = text.get(..length).filter(|offset| offset.len() > 1)?;
                self.offset = if offset.len() == 3 { format!("{offset}:00") } else { offset.to_owned() };
                length
            }
            // Taken with its hours.
            Element::OffsetMinutes => 0,
        };
        text.get(length..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: &str) -> String {
        let mut out = Vec::new();
        write(text, format, &mut out).map_or("?".to_owned(), |()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn moments_are_read_by_their_format() {
        for (text, format, expected) in [
            ("17-DEC-80", "DD-MON-RR", "1980-12-17"),
            ("1-may-24", "DD-MON-RR", "2024-05-01"),
            ("17-12-1980 13:14:15", "dd-mm-yyyy hh24:mi:ss", "1980-12-17 13:14:15"),
            ("2024-05-01 00:00:00", "YYYY-MM-DD HH24:MI:SS", "2024-05-01 00:00:00"),
            ("01-MAY-24 10.00.00.000000000 PM", "DD-MON-RR HH.MI.SSXFF AM", "2024-05-01 22:00:00"),
            ("01-MAY-24 12.00.00.120000 AM", "DD-MON-RR HH.MI.SS.FF6 AM", "2024-05-01 00:00:00.12"),
            ("2024-05-01 10:00:00.5 +02:00", "YYYY-MM-DD HH24:MI:SS.FF TZH:TZM", "2024-05-01 10:00:00.5+02:00"),
            ("20240501", "YYYYMMDD", "2024-05-01"),
            ("10:00", "HH24:MI", "?"),
            ("17-DEC-80", "DD-MM-RR", "?"),
            ("2024-13-01", "YYYY-MM-DD", "?"),
            ("2024-05-01x", "YYYY-MM-DD", "?"),
            ("2024-120", "YYYY-DDD", "?"),
        ] {
            assert_eq!(read(text, format), expected, "{text} {format}");
        }
    }
}
