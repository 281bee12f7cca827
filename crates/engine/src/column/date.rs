//! Calendar days.

/// Days from 0000-03-01 to 1970-01-01 in the proleptic Gregorian calendar.
const EPOCH: i32 = 719_468;

/// Days since 1970-01-01 of `yyyy-MM-dd`, years 0001 to 9999.
#[inline]
pub(super) fn read(text: &[u8]) -> Option<i32> {
    read_chunk(text.try_into().ok()?)
}

/// The same for ten bytes.
#[inline]
pub(super) fn read_chunk(text: &[u8; 10]) -> Option<i32> {
    const FORM: u64 = u64::from_le_bytes(*b"0000-00-");
    const HYPHENS: u64 = u64::from_le_bytes([0, 0, 0, 0, 255, 0, 0, 255]);
    let x = u64::from_le_bytes(*text.first_chunk()?) ^ FORM;
    let (tens, ones) = (text[8].wrapping_sub(b'0'), text[9].wrapping_sub(b'0'));
    let odd = (x.wrapping_add(0x7676_7676_7676_7676) | x) & 0x8080_8080_8080_8080 | x & HYPHENS;
    if odd != 0 || tens > 9 || ones > 9 {
        return None;
    }
    let digit = |i: u32| (x >> (8 * i)) as u32 & 0xFF;
    let year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
    from_parts(year, digit(5) * 10 + digit(6), u32::from(tens) * 10 + u32::from(ones))
}

/// Days since 1970-01-01 of a day that exists.
#[inline]
pub(super) fn from_parts(year: u32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    // Years begin in March here, so that the leap day is a year's last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(days as i32 - EPOCH)
}

/// Year, month and day of a day counted from 1970-01-01. Years before 0001 are counted through 0.
pub(super) fn to_parts(days: i32) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    let days = i64::from(days) + i64::from(EPOCH);
    let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year_of_era, month + 3) } else { (year_of_era + 1, month - 9) };
    (era * 400 + year, month, day)
}

/// Whether a year has a leap day.
#[inline]
pub(super) fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[inline]
fn days_in_month(year: u32, month: u32) -> u32 {
    if month == 2 { 28 + u32::from(is_leap(year)) } else { 30 | (month ^ (month >> 3)) & 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, NaiveDate};

    #[test]
    fn every_day_reads_as_the_calendar_has_it() {
        let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        let days = first.iter_days().take_while(|day| *day <= last);
        for (expected, day) in ((first - epoch).num_days() as i32..).zip(days) {
            assert_eq!(from_parts(day.year() as u32, day.month(), day.day()), Some(expected), "{day}");
            assert_eq!(to_parts(expected), (day.year().into(), day.month().into(), day.day().into()));
        }
        assert_eq!(read(b"0001-01-01"), Some((first - epoch).num_days() as i32));
        assert_eq!(read(b"9999-12-31"), Some((last - epoch).num_days() as i32));
    }

    #[test]
    fn days_that_do_not_exist_do_not_fit() {
        for text in ["2023-02-29", "1900-02-29", "2024-02-30", "2024-04-31", "2024-13-01", "2024-00-01", "2024-01-00", "0000-01-01"] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        assert!(read(b"2000-02-29").is_some() && read(b"2024-12-31").is_some());
    }

    #[test]
    fn other_forms_do_not_fit() {
        for text in ["", "2024-1-01", "2024/01/01", "24-01-01", "2024-01-01 ", "2024-01-0x", "202a-01-01", "2024-01-0\u{e9}"] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
