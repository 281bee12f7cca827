//! Which patterns a text may have been written by.

mod cursor;

use colonnade_protocol::LogicalType;

use self::cursor::Cursor;

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
    fn a_day_of_two_digits_before_a_month_s_name_may_have_one_elsewhere() {
        let pattern = "EEE, d MMM yyyy HH:mm:ss z";
        assert!(guess(b"Tue, 03 Jun 2025 09:39:21 GMT").iter().any(|guess| guess.pattern == pattern));
        let pattern = DatePattern::compile(pattern, "en", Reading::Exact).unwrap();
        for text in ["Tue, 03 Jun 2025 09:39:21 GMT", "Tue, 3 Jun 2025 11:39:21 +0200"] {
            assert_eq!(pattern.moment(text.as_bytes()).map(|moment| moment.offset.is_some()), Some(true), "{text}");
        }
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
