//! Points in time: instants, and wall clocks without a zone.

use super::number::Reading;
use super::time::{self, DAY, SECOND};
use super::{date, time::two};

/// A wall clock, with its distance from UTC where the text tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Microseconds since 1970-01-01 00:00 on that clock.
    pub local: i64,
    /// Seconds east of UTC.
    pub offset: Option<i32>,
}

impl Moment {
    /// Microseconds since 1970-01-01 00:00 UTC, the clock being `default` seconds east where the text does not tell.
    #[inline]
    pub fn instant(self, default: i32) -> i64 {
        self.local - i64::from(self.offset.unwrap_or(default)) * SECOND
    }
}

/// Reads `yyyy-MM-dd`, `T` or a blank, `HH:mm[:ss[.ffffff]]`, and an offset or none; or the day alone, its first moment.
#[inline]
pub(super) fn read(text: &[u8], reading: Reading) -> Option<Moment> {
    let (day, rest) = text.split_first_chunk::<10>()?;
    let midnight = i64::from(date::read_chunk(day)?) * DAY;
    let Some((b'T' | b' ', rest)) = rest.split_first() else {
        return rest.is_empty().then_some(Moment { local: midnight, offset: None });
    };
    let (time, rest) = time::split(rest, reading)?;
    let offset = if rest.is_empty() { None } else { Some(read_offset(rest)?) };
    Some(Moment { local: midnight + time, offset })
}

/// Seconds east of UTC of `Z`, `UTC`, `GMT`, `+hh`, `+hhmm`, `+hh:mm`, with or without a blank before them.
#[inline]
pub(super) fn read_offset(text: &[u8]) -> Option<i32> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let (hours, minutes) = match *text {
        [b'Z'] | [b'U', b'T', b'C'] | [b'G', b'M', b'T'] => return Some(0),
        [b'+' | b'-', h1, h2] => (two(h1, h2)?, 0),
        [b'+' | b'-', h1, h2, m1, m2] | [b'+' | b'-', h1, h2, b':', m1, m2] => (two(h1, h2)?, two(m1, m2)?),
        _ => return None,
    };
    if hours > 18 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 3600 + minutes * 60) as i32;
    Some(if text[0] == b'-' { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str) -> Option<i64> {
        read(text.as_bytes(), Reading::Exact).map(|moment| moment.instant(0))
    }

    proptest! {
        #[test]
        fn every_moment_reads_back(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000, offset in -64_800..=64_800_i32) {
            let offset = offset / 60 * 60;
            let clock = chrono::DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
            let (sign, distance) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
            let text = format!("{}{sign}{:02}:{:02}", clock.format("%Y-%m-%dT%H:%M:%S%.6f"), distance / 3600, distance / 60 % 60);
            prop_assert_eq!(read(text.as_bytes(), Reading::Exact), Some(Moment { local: micros, offset: Some(offset) }));
            prop_assert_eq!(instant(&text), Some(micros - i64::from(offset) * SECOND));
        }
    }

    #[test]
    fn the_usual_forms_are_one_instant() {
        let expected = instant("2024-03-01T10:30:00Z");
        assert!(expected.is_some());
        for text in [
            "2024-03-01 10:30:00",
            "2024-03-01 10:30",
            "2024-03-01T10:30:00.000Z",
            "2024-03-01 10:30:00 UTC",
            "2024-03-01T12:30:00+02:00",
            "2024-03-01T12:30:00+0200",
            "2024-03-01 05:30:00-05",
        ] {
            assert_eq!(instant(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_does_not_fit() {
        for text in [
            "2024-03-01T",
            "2024-03-01X10:00",
            "2024-03-01 10",
            "2024-03-01 10:00:00.1234567",
            "2024-03-01 10:00+99:00",
            "2024-02-30 10:00",
        ] {
            assert_eq!(read(text.as_bytes(), Reading::Exact), None, "{text}");
        }
    }
}
