//! Which patterns a text may have been written by.

use colonnade_protocol::LogicalType;

/// A pattern that a text may have been written by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::column) struct Guess {
    pub pattern: String,
    pub data_type: LogicalType,
    pub order: Order,
}

/// What a pattern says of the order of day, month and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::column) enum Order {
    /// Nobody doubts it: the year is first, the month is a name, points stand between, or there is no day.
    Sure,
    DayFirst,
    MonthFirst,
    /// The century is not told.
    ShortYear,
    /// A person gave the pattern.
    Given,
}

/// The patterns by which a text may have been written, the stricter before the broader. They are to be tried: a guess
/// looks at the kind and number of characters only.
pub(in crate::column) fn guess(text: &[u8]) -> Vec<Guess> {
    if !(6..=40).contains(&text.len()) || text.iter().filter(|byte| byte.is_ascii_digit()).count() < 3 {
        return Vec::new();
    }
    moments(Cursor(text), "").or_else(|| after_day_name(Cursor(text))).or_else(|| time_of_day(Cursor(text))).unwrap_or_default()
}

fn after_day_name(mut rest: Cursor<'_>) -> Option<Vec<Guess>> {
    let word = rest.word()?;
    let letters = if word.len() > 3 { "EEEE" } else { "EEE" };
    let sign = rest.sign()?;
    moments(rest, &format!("{letters}{}", sign.strip_prefix('.').unwrap_or(sign)))
}

fn moments(mut rest: Cursor<'_>, before: &str) -> Option<Vec<Guess>> {
    let dates = rest.dates()?;
    let (times, has_zone, year) = if rest.0.is_empty() && !dates.year_is_behind {
        (vec![String::new()], false, "")
    } else {
        let separator = rest.separator()?;
        let times = rest.times(&separator)?;
        let zone = rest.zone();
        let times = times.into_iter().map(|time| format!("{time}{zone}")).collect();
        (times, !zone.is_empty(), if dates.year_is_behind { rest.year()? } else { "" })
    };
    if !rest.0.is_empty() {
        return None;
    }
    let mut guesses: Vec<Guess> = Vec::new();
    for time in &times {
        for (date, order) in &dates.forms {
            let data_type = match (time.is_empty() && !date.contains('H'), has_zone) {
                (true, _) => LogicalType::Date,
                (false, true) => LogicalType::Timestamp,
                (false, false) => LogicalType::TimestampNtz,
            };
            let guess = Guess { pattern: format!("{before}{date}{time}{year}"), data_type, order: *order };
            if !guesses.contains(&guess) {
                guesses.push(guess);
            }
        }
    }
    Some(guesses)
}

/// `1:30 PM`; times without AM and PM need no pattern.
fn time_of_day(mut rest: Cursor<'_>) -> Option<Vec<Guess>> {
    let times = rest.times("")?;
    let guess = |pattern: String| Guess { pattern, data_type: LogicalType::Time, order: Order::Sure };
    rest.0.is_empty().then(|| times.into_iter().filter(|time| time.contains('a')).map(guess).collect())
}

/// The forms of a day.
struct Dates {
    forms: Vec<(String, Order)>,
    year_is_behind: bool,
}

#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, is_part: impl Fn(&u8) -> bool) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(self.0.iter().position(|byte| !is_part(byte)).unwrap_or(self.0.len()));
        self.0 = rest;
        taken
    }

    /// How many digits stand here.
    fn digits(&mut self) -> usize {
        self.take(u8::is_ascii_digit).len()
    }

    fn word(&mut self) -> Option<&'a [u8]> {
        let word = self.take(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
        (!word.is_empty()).then_some(word)
    }

    /// What stands between two parts, blanks as one.
    fn sign(&mut self) -> Option<&'static str> {
        Some(match self.take(|byte| matches!(byte, b' ' | b',' | b'.' | b'/' | b'-')) {
            b"/" => "/",
            b"-" => "-",
            b"." => ".",
            b"," => ",",
            b", " => ", ",
            b". " => ". ",
            blanks if !blanks.is_empty() && blanks.iter().all(|&byte| byte == b' ') => " ",
            _ => return None,
        })
    }

    fn dates(&mut self) -> Option<Dates> {
        let forms = |forms: Vec<(String, Order)>| Some(Dates { forms, year_is_behind: false });
        let first = self.digits();
        match first {
            0 => return self.dates_after_month(),
            8 => return forms(vec![("yyyyMMdd".to_owned(), Order::Sure)]),
            14 => return forms(vec![("yyyyMMddHHmmss".to_owned(), Order::Sure)]),
            _ => {}
        }
        let sign = self.sign()?;
        let second = self.digits();
        if second == 0 {
            self.word()?;
            let (sign_before_year, year) = (self.sign()?, self.digits());
            return if first <= 2 && year == 4 {
                forms(with_month_name(|month, dot| {
                    format!("{}{sign}{month}{}yyyy", letters('d', first), sign_without(dot, sign_before_year))
                }))
            } else {
                None
            };
        }
        let same = self.sign()?;
        let third = self.digits();
        if same != sign {
            return None;
        }
        let form = |day_first: bool, strict: bool, year: &str| {
            let widths = if strict { (first, second) } else { (1, 1) };
            let (a, b) = if day_first { ('d', 'M') } else { ('M', 'd') };
            format!("{}{sign}{}{sign}{year}", letters(a, widths.0), letters(b, widths.1))
        };
        match (first, second, third) {
            (4, 1..=2, 1..=2) => forms(vec![
                (format!("yyyy{sign}{}{sign}{}", letters('M', second), letters('d', third)), Order::Sure),
                (format!("yyyy{sign}M{sign}d"), Order::Sure),
            ]),
            (1..=2, 1..=2, 4) if sign == "." => {
                forms(vec![(form(true, true, "yyyy"), Order::Sure), (form(true, false, "yyyy"), Order::Sure)])
            }
            (1..=2, 1..=2, 4) => forms(vec![
                (form(true, true, "yyyy"), Order::DayFirst),
                (form(false, true, "yyyy"), Order::MonthFirst),
                (form(true, false, "yyyy"), Order::DayFirst),
                (form(false, false, "yyyy"), Order::MonthFirst),
            ]),
            (1..=2, 1..=2, 2) if sign == "." => forms(vec![(form(true, false, "yy"), Order::ShortYear)]),
            (1..=2, 1..=2, 2) => forms(vec![(form(true, false, "yy"), Order::ShortYear), (form(false, false, "yy"), Order::ShortYear)]),
            _ => None,
        }
    }

    /// `Mar 15, 2024`, or `Mar 15` with the year behind the time.
    fn dates_after_month(&mut self) -> Option<Dates> {
        self.word()?;
        let sign = self.sign()?;
        let day = self.digits();
        if !(1..=2).contains(&day) {
            return None;
        }
        let before = *self;
        let sign_before_year = self.sign()?;
        let year_is_behind = self.digits() != 4;
        if year_is_behind {
            *self = before;
        }
        let year = if year_is_behind { String::new() } else { format!("{sign_before_year}yyyy") };
        let forms = with_month_name(|month, dot| format!("{month}{}{}{year}", sign_without(dot, sign), letters('d', day)));
        let broad = with_month_name(|month, dot| format!("{month}{}d{year}", sign_without(dot, sign)));
        Some(Dates { forms: [forms, broad].concat(), year_is_behind })
    }

    /// What stands between day and time, as a pattern has it.
    fn separator(&mut self) -> Option<String> {
        if let [b'T', rest @ ..] = self.0 {
            self.0 = rest;
            return Some("'T'".to_owned());
        }
        if let [b':', rest @ ..] = self.0 {
            self.0 = rest;
            return Some(":".to_owned());
        }
        self.sign().map(str::to_owned)
    }

    /// The forms of a time of day behind `separator`: as it stands here, and one that also reads it shorter or longer.
    fn times(&mut self, separator: &str) -> Option<Vec<String>> {
        let hour = self.digits();
        if matches!(hour, 4 | 6) {
            return Some(vec![format!("{separator}{}", &"HHmmss"[..hour])]);
        }
        if !(1..=2).contains(&hour) || self.take(|&byte| byte == b':').len() != 1 || self.digits() != 2 {
            return None;
        }
        let (mut seconds, mut fraction, mut point) = ("", String::new(), '.');
        if self.0.first() == Some(&b':') {
            self.0 = &self.0[1..];
            if self.digits() != 2 {
                return None;
            }
            seconds = ":ss";
            if let [sign @ (b'.' | b','), b'0'..=b'9', ..] = *self.0 {
                self.0 = &self.0[1..];
                point = char::from(sign);
                fraction = format!("{point}{}", "S".repeat(self.digits().min(9)));
            }
        }
        let half_day = self.half_day();
        let letter = if half_day.is_empty() { 'H' } else { 'h' };
        let strict = format!("{separator}{}:mm{seconds}{fraction}{half_day}", letters(letter, hour));
        let broad = format!("{separator}{letter}:mm[:ss[{point}SSSSSS]]{half_day}");
        Some(vec![strict, broad])
    }

    fn half_day(&mut self) -> &'static str {
        let (blank, text) = self.after_blank();
        let (length, word) = match text {
            [b'A' | b'a' | b'P' | b'p', b'M' | b'm', ..] => (2, if blank { " a" } else { "a" }),
            [b'A' | b'a' | b'P' | b'p', b'.', b'M' | b'm', b'.', ..] => (4, if blank { " a" } else { "a" }),
            _ => return "",
        };
        self.0 = &text[length..];
        word
    }

    fn zone(&mut self) -> &'static str {
        let (blank, text) = self.after_blank();
        let mut rest = Cursor(text);
        let zone = match text.first() {
            Some(b'+' | b'-') => {
                let digits = rest.take(|byte| matches!(byte, b'+' | b'-' | b':' | b'0'..=b'9')).len();
                if digits == 5 { "Z" } else { "XXX" }
            }
            Some(b'Z') => {
                rest.0 = &text[1..];
                "XXX"
            }
            Some(b'U' | b'G') if text.starts_with(b"UTC") || text.starts_with(b"GMT") => {
                rest.0 = &text[3..];
                "z"
            }
            _ => return "",
        };
        self.0 = rest.0;
        match (blank, zone) {
            (true, "Z") => " Z",
            (true, "z") => " z",
            (true, _) => " XXX",
            (false, zone) => zone,
        }
    }

    fn year(&mut self) -> Option<&'static str> {
        (self.sign()? == " " && self.digits() == 4).then_some(" yyyy")
    }

    fn after_blank(&self) -> (bool, &'a [u8]) {
        self.0.strip_prefix(b" ").map_or((false, self.0), |rest| (true, rest))
    }
}

fn letters(letter: char, count: usize) -> String {
    letter.to_string().repeat(count.min(2))
}

/// A form with the month's name short, whose reading takes up a period behind it, and one with it in full.
fn with_month_name(form: impl Fn(&str, bool) -> String) -> Vec<(String, Order)> {
    vec![(form("MMM", true), Order::Sure), (form("MMMM", false), Order::Sure)]
}

fn sign_without(dot: bool, sign: &'static str) -> &'static str {
    if dot { sign.strip_prefix('.').unwrap_or(sign) } else { sign }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::number::Reading;
    use crate::column::pattern::DatePattern;

    /// The guesses that read the text, as `type pattern`.
    fn readings(text: &str) -> Vec<String> {
        guess(text.as_bytes())
            .into_iter()
            .filter(|guess| {
                let pattern = DatePattern::compile(&guess.pattern, "de", Reading::Exact).unwrap();
                match guess.data_type {
                    LogicalType::Date => pattern.day(text.as_bytes()).is_some(),
                    LogicalType::Time => pattern.time(text.as_bytes()).is_some(),
                    _ => pattern.moment(text.as_bytes()).is_some(),
                }
            })
            .map(|guess| format!("{} {}", guess.data_type, guess.pattern))
            .collect()
    }

    #[test]
    fn common_forms_are_guessed() {
        for (text, expected) in [
            ("15.03.2024", "date dd.MM.yyyy"),
            ("5.3.2024", "date d.M.yyyy"),
            ("15/03/2024", "date dd/MM/yyyy"),
            ("03-15-2024", "date MM-dd-yyyy"),
            ("2024/3/15", "date yyyy/M/dd"),
            ("20240315", "date yyyyMMdd"),
            ("20240315103059", "timestamp_ntz yyyyMMddHHmmss"),
            ("20240315 1030", "timestamp_ntz yyyyMMdd HHmm"),
            ("15 Mar 2024", "date dd MMM yyyy"),
            ("15-Mar-2024", "date dd-MMM-yyyy"),
            ("5. März 2024", "date d. MMM yyyy"),
            ("5. Dezember 2024", "date d. MMMM yyyy"),
            ("Mar 5, 2024", "date MMM d, yyyy"),
            ("September 15, 2024", "date MMMM dd, yyyy"),
            ("Sept. 15, 2024", "date MMM dd, yyyy"),
            ("Friday, March 15, 2024", "date EEEE, MMMM dd, yyyy"),
            ("15/03/2024 10:30", "timestamp_ntz dd/MM/yyyy HH:mm"),
            ("3/15/2024 9:30:15 PM", "timestamp_ntz M/dd/yyyy h:mm:ss a"),
            ("15.03.2024, 10:30", "timestamp_ntz dd.MM.yyyy, HH:mm"),
            ("2024-03-15 10:30:59,123", "timestamp_ntz yyyy-MM-dd HH:mm:ss,SSS"),
            ("15/Mar/2024:10:30:59 +0000", "timestamp dd/MMM/yyyy:HH:mm:ss Z"),
            ("Fri Apr 17 10:05:45 +0000 2020", "timestamp EEE MMM dd HH:mm:ss Z yyyy"),
            ("Sun Apr  5 10:05:45 2020", "timestamp_ntz EEE MMM d HH:mm:ss yyyy"),
            ("Fri, 17 Apr 2020 10:05:45 GMT", "timestamp EEE, dd MMM yyyy HH:mm:ss z"),
            ("2024/03/15T10:30:59+01:00", "timestamp yyyy/MM/dd'T'HH:mm:ssXXX"),
            ("1:30 PM", "time h:mm a"),
        ] {
            assert_eq!(readings(text).first().map(String::as_str), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_broader_form_reads_shorter_and_longer_texts() {
        let patterns = readings("15/03/2024 10:30");
        let broad = patterns.last().and_then(|last| last.strip_prefix("timestamp_ntz ")).unwrap();
        assert_eq!(broad, "d/M/yyyy H:mm[:ss[.SSSSSS]]");
    }

    #[test]
    fn both_orders_are_guessed_where_both_may_be() {
        let of = |order| guess(b"01/02/2024").into_iter().filter(|guess| guess.order == order).count();
        assert_eq!((of(Order::DayFirst), of(Order::MonthFirst)), (2, 2));
        assert!(guess(b"01/02/24").iter().all(|guess| guess.order == Order::ShortYear));
    }

    #[test]
    fn other_texts_are_not_guessed_at() {
        for text in ["", "hello", "192.168.0.1", "12345", "AB-77-2024", "1/2", "10:30", "2024-03-15T", "+49 170 1234567", "3-4-5 rule"] {
            assert_eq!(readings(text), Vec::<String>::new(), "{text}");
        }
    }
}
