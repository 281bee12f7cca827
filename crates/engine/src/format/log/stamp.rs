//! Timestamps as logs write them: how far one reaches, and the pattern that it is written by.

/// A timestamp at the start of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub len: usize,
    /// In Spark's letters.
    pub pattern: String,
    /// Which day of which year it is, nobody can doubt.
    pub is_told: bool,
    pub has_zone: bool,
}

const MONTHS: [&[u8]; 12] = [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
const DAYS: [&[u8]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];

/// The length of the timestamp, day and time of day, that `text` begins with.
pub fn scan(text: &[u8]) -> Option<usize> {
    let mut walk = Walk::<false>::new(text);
    walk.moment()?;
    Some(walk.at)
}

/// The length of the time of day that `text` begins with, without a day: `10:00`, `10:00:00.123`.
pub fn time_of_day(text: &[u8]) -> Option<usize> {
    let mut walk = Walk::<false>::new(text);
    walk.time(false)?;
    (text.get(walk.at - 1).is_some_and(u8::is_ascii_digit) && walk.peek() != Some(b':') && walk.ends()).then_some(walk.at)
}

/// The timestamp that `text` begins with, and how it is written.
pub fn describe(text: &[u8]) -> Option<Stamp> {
    let mut walk = Walk::<true>::new(text);
    walk.moment()?;
    Some(Stamp { len: walk.at, is_told: walk.has_year && walk.is_ordered, has_zone: walk.has_zone, pattern: walk.pattern })
}

/// Reads a timestamp from left to right; writes its pattern where `TELL`.
struct Walk<'a, const TELL: bool> {
    text: &'a [u8],
    at: usize,
    pattern: String,
    has_year: bool,
    /// The order of day, month and year shows.
    is_ordered: bool,
    has_zone: bool,
    /// The day was digits without a separator.
    is_compact: bool,
}

impl<'a, const TELL: bool> Walk<'a, TELL> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, pattern: String::new(), has_year: false, is_ordered: true, has_zone: false, is_compact: false }
    }

    #[inline]
    fn moment(&mut self) -> Option<()> {
        // Most lines without one show it here.
        if !self.text.first()?.is_ascii_alphanumeric() {
            return None;
        }
        self.day_name();
        self.date()?;
        self.between()?;
        self.time(self.is_compact)?;
        self.zone();
        if !self.has_year {
            self.year_behind();
        }
        self.ends().then_some(())
    }

    fn ends(&self) -> bool {
        !self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn tell(&mut self, letters: &str) {
        if TELL {
            self.pattern.push_str(letters);
        }
    }

    /// A separator that is written as it stands.
    fn sign(&mut self, sign: u8) {
        self.at += 1;
        if TELL {
            match sign {
                byte if byte.is_ascii_alphabetic() => {
                    self.pattern.push('\'');
                    self.pattern.push(char::from(byte));
                    self.pattern.push('\'');
                }
                byte => self.pattern.push(char::from(byte)),
            }
        }
    }

    /// Digits from here on, at most ten.
    fn digits(&self) -> usize {
        self.rest().iter().take(10).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// The number that the next `count` digits make, not taken.
    fn number(&self, count: usize) -> u32 {
        self.rest()
            .iter()
            .take(count)
            .fold(0_u32, |number, &byte| number.saturating_mul(10).saturating_add(u32::from(byte.wrapping_sub(b'0') & 15)))
    }

    /// Takes `count` digits as one part of the pattern; one digit may stand for one or two.
    fn part(&mut self, count: usize, letter: char) {
        self.at += count;
        if TELL {
            (0..count).for_each(|_| self.pattern.push(letter));
        }
    }

    fn letters(&self) -> usize {
        self.rest().iter().take(10).take_while(|byte| byte.is_ascii_alphabetic()).count()
    }

    fn named(&self, names: &[&[u8]]) -> Option<usize> {
        let count = self.letters();
        let first = self.rest().get(..3)?;
        ((3..=9).contains(&count) && names.iter().any(|name| name.eq_ignore_ascii_case(first))).then_some(count)
    }

    fn day_name(&mut self) {
        let Some(count) = self.named(&DAYS) else { return };
        let comma = self.rest().get(count) == Some(&b',');
        if self.rest().get(count + usize::from(comma)) == Some(&b' ') {
            self.at += count + 1 + usize::from(comma);
            self.tell(if count == 3 { "EEE" } else { "EEEE" });
            self.tell(if comma { ", " } else { " " });
        }
    }

    fn date(&mut self) -> Option<()> {
        if self.named(&MONTHS).is_some() {
            return self.month_first();
        }
        let count = self.digits();
        let sign = self.rest().get(count).copied()?;
        match (count, sign) {
            (4, b'-' | b'/' | b'.') => self.year_first(sign),
            (8, _) => self.compact(4, "yyyyMMdd"),
            (6, _) => self.compact(2, "yyMMdd"),
            (1 | 2, b'-' | b'/' | b'.' | b' ') => self.short_first(count, sign),
            _ => None,
        }
    }

    fn year_first(&mut self, sign: u8) -> Option<()> {
        self.part(4, 'y');
        self.has_year = true;
        self.sign(sign);
        self.two('M', 1..=12)?;
        if self.peek()? != sign {
            return None;
        }
        self.sign(sign);
        self.two('d', 1..=31)
    }

    /// A part of one or two digits.
    fn two(&mut self, letter: char, range: std::ops::RangeInclusive<u32>) -> Option<()> {
        let count = self.digits();
        if !(1..=2).contains(&count) || !range.contains(&self.number(count)) {
            return None;
        }
        self.part(count, letter);
        Some(())
    }

    fn compact(&mut self, year: usize, pattern: &str) -> Option<()> {
        let of = |from: usize| self.rest().get(from..from + 2).map(|two| u32::from(two[0] - b'0') * 10 + u32::from(two[1] - b'0'));
        if !(1..=12).contains(&of(year)?) || !(1..=31).contains(&of(year + 2)?) {
            return None;
        }
        self.at += pattern.len();
        self.tell(pattern);
        (self.has_year, self.is_ordered, self.is_compact) = (true, year == 4, true);
        Some(())
    }

    /// `10/Oct/2000`, `10 Oct 2000`, `31/12/2000`, `12-31`.
    fn short_first(&mut self, count: usize, sign: u8) -> Option<()> {
        let first = self.number(count);
        self.at += count;
        let is_named = self.rest().get(1).is_some_and(u8::is_ascii_alphabetic);
        if is_named {
            self.tell(if count == 1 { "d" } else { "dd" });
            self.sign(sign);
            let letters = self.named(&MONTHS)?;
            self.at += letters;
            self.tell(if letters == 3 { "MMM" } else { "MMMM" });
            if self.peek()? == sign {
                self.sign(sign);
                let years = self.digits();
                self.has_year = years == 4;
                match years {
                    4 => self.part(4, 'y'),
                    _ => return None,
                }
            }
            return Some(());
        }
        if sign == b' ' || !(1..=99).contains(&first) {
            return None;
        }
        let (first_at, before) = (self.at - count, self.pattern.len());
        self.sign(sign);
        let second = self.digits();
        let number = self.number(second);
        if !(1..=2).contains(&second) || number > 31 {
            return None;
        }
        self.at += second;
        self.is_ordered = false;
        let mut year = "";
        if self.peek() == Some(sign) && matches!(self.rest().get(1), Some(byte) if byte.is_ascii_digit()) {
            self.at += 1;
            let third = self.digits();
            if third != 4 && third != 2 {
                return None;
            }
            (self.has_year, year) = (true, if third == 4 { "yyyy" } else { "yy" });
            self.at += third;
        }
        if TELL {
            // Month and day where nothing else is told; the order of three is for the values to show.
            self.pattern.truncate(before);
            let sign = char::from(sign);
            let text = if self.has_year { format!("dd{sign}MM{sign}{year}") } else { format!("MM{sign}dd") };
            self.pattern.push_str(&text);
        }
        (self.at > first_at).then_some(())
    }

    /// `Oct 10`, `Oct 10, 2000`.
    fn month_first(&mut self) -> Option<()> {
        let letters = self.named(&MONTHS)?;
        self.at += letters;
        self.tell(if letters == 3 { "MMM" } else { "MMMM" });
        if self.peek()? != b' ' {
            return None;
        }
        self.sign(b' ');
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        self.two('d', 1..=31)?;
        let years = self.rest().strip_prefix(b", ").or_else(|| self.rest().strip_prefix(b" "))?;
        if years.len() >= 5 && years[..4].iter().all(u8::is_ascii_digit) && !years[4].is_ascii_digit() && years[4] != b':' {
            if self.peek() == Some(b',') {
                self.sign(b',');
            }
            self.sign(b' ');
            self.part(4, 'y');
            self.has_year = true;
        }
        Some(())
    }

    fn between(&mut self) -> Option<()> {
        let sign = self.peek()?;
        match (sign, self.rest().get(1)?) {
            (b'T' | b'-' | b'_' | b':', byte) if byte.is_ascii_digit() => self.sign(sign),
            (b',', b' ') => {
                self.sign(b',');
                self.sign(b' ');
            }
            (b' ', byte) if byte.is_ascii_digit() => self.sign(b' '),
            _ => return None,
        }
        Some(())
    }

    /// `13:55:36`, `13:55:36.123`, `13.55.36`, `135536` behind a day without separators, `1:55 PM`.
    fn time(&mut self, may_be_compact: bool) -> Option<()> {
        let count = self.digits();
        if may_be_compact && count == 6 {
            let (hours, minutes, seconds) = (self.number(2), self.number(4) % 100, self.number(6) % 100);
            if hours > 23 || minutes > 59 || seconds > 60 {
                return None;
            }
            self.at += 6;
            self.tell("HHmmss");
            self.fraction();
            return Some(());
        }
        let hour_at = self.pattern.len();
        self.two('H', 0..=23)?;
        let sign = self.peek().filter(|sign| matches!(sign, b':' | b'.'))?;
        self.sign(sign);
        // Behind a day without separators, parts may be written without their zeros: `20171223-0:5:7:15`.
        let is_whole = |digits: usize| digits == 2 || may_be_compact && sign == b':' && digits == 1;
        if !is_whole(self.digits()) {
            return None;
        }
        self.two('m', 0..=59)?;
        let has_seconds = self.peek() == Some(sign) && {
            let behind = self.rest().get(1..).unwrap_or_default();
            is_whole(behind.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count())
        };
        if has_seconds {
            self.sign(sign);
            self.two('s', 0..=60)?;
            self.fraction();
        } else if sign != b':' {
            return None;
        }
        if let [b' ', b'A' | b'a' | b'P' | b'p', b'M' | b'm', rest @ ..] = self.rest()
            && !rest.first().is_some_and(u8::is_ascii_alphanumeric)
        {
            self.at += 3;
            self.tell(" a");
            if TELL {
                let twelve = self.pattern[hour_at..].replace('H', "h");
                self.pattern.truncate(hour_at);
                self.pattern.push_str(&twelve);
            }
        }
        Some(())
    }

    fn fraction(&mut self) {
        if let Some(sign @ (b'.' | b',' | b':')) = self.peek() {
            let count = self.rest()[1..].iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            // Two digits behind a colon are no fraction, and a comma may begin the next cell of a table.
            let is_fraction = match sign {
                b'.' => (1..=9).contains(&count),
                b':' if self.is_compact => (1..=3).contains(&count),
                _ => matches!(count, 3 | 6 | 9),
            };
            if is_fraction {
                self.sign(sign);
                self.part(count, 'S');
            }
        }
    }

    fn zone(&mut self) {
        let blank = usize::from(self.peek() == Some(b' '));
        let zone = self.rest().get(blank..).unwrap_or_default();
        let (len, letters) = match zone {
            [b'Z', rest @ ..] if blank == 0 && !rest.first().is_some_and(u8::is_ascii_alphanumeric) => (1, "XXX"),
            [b'U', b'T', b'C', ..] | [b'G', b'M', b'T', ..] => (3, "z"),
            [b'+' | b'-', a, b, b':', c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => (6, "XXX"),
            [b'+' | b'-', a, b, c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => (5, "Z"),
            _ => return,
        };
        if zone.get(len).is_some_and(u8::is_ascii_alphanumeric) {
            return;
        }
        self.at += blank + len;
        self.tell(if blank == 1 { " " } else { "" });
        self.tell(letters);
        self.has_zone = true;
    }

    fn year_behind(&mut self) {
        if let [b' ', digits @ ..] = self.rest() {
            let year =
                digits.get(..4).is_some_and(|year| year.iter().all(u8::is_ascii_digit) && matches!(year[..2], [b'1', b'9'] | [b'2', b'0']));
            if year && !digits.get(4).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'/')) {
                self.sign(b' ');
                self.part(4, 'y');
                self.has_year = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_logs_write_are_described() {
        for (text, expected) in [
            ("10/Oct/2000:13:55:36 -0700]", "dd/MMM/yyyy:HH:mm:ss Z"),
            ("2015-07-29 17:41:44,747 - INFO", "yyyy-MM-dd HH:mm:ss,SSS"),
            ("2024-01-01T00:00:00.123456Z host", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"),
            ("2024-01-01T00:00:00+01:00 host", "yyyy-MM-dd'T'HH:mm:ssXXX"),
            ("Sun Dec 04 04:47:44 2005] [", "EEE MMM dd HH:mm:ss yyyy"),
            ("Sun Dec  4 04:47:44 2005", "EEE MMM d HH:mm:ss yyyy"),
            ("Jun 14 15:16:01 combo sshd", "MMM dd HH:mm:ss"),
            ("081109 203615 148 INFO", "yyMMdd HHmmss"),
            ("20171223-22:15:29:606|Step", "yyyyMMdd-HH:mm:ss:SSS"),
            ("20171224-0:5:7:15|Step", "yyyyMMdd-H:m:s:SS"),
            ("2005-06-03-15.42.50.675872 R02", "yyyy-MM-dd-HH.mm.ss.SSSSSS"),
            ("03-17 16:13:38.811  1702", "MM-dd HH:mm:ss.SSS"),
            ("10.30 16:49:06]", "MM.dd HH:mm:ss"),
            ("01 Jan 2023 12:00:00.123 *", "dd MMM yyyy HH:mm:ss.SSS"),
            ("Jan 5, 2024 3:04:05 PM org", "MMM d, yyyy h:mm:ss a"),
            ("2023-01-01 12:00:00.123 UTC [1]", "yyyy-MM-dd HH:mm:ss.SSS z"),
        ] {
            let stamp = describe(text.as_bytes());
            assert_eq!(stamp.as_ref().map(|stamp| stamp.pattern.as_str()), Some(expected), "{text}");
            assert_eq!(scan(text.as_bytes()), stamp.map(|stamp| stamp.len), "{text}");
        }
    }

    #[test]
    fn what_is_no_timestamp_is_none() {
        for text in
            ["", "INFO 2024", "1117838570 2005.06.03", "2005.06.03 R02", "99/99/2000 10:00:00", "10.0.0.1 10:00", "2024-01-01T10:00:00x"]
        {
            assert_eq!(scan(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_year_and_an_order_make_it_told() {
        let told = |text: &str| describe(text.as_bytes()).map(|stamp| stamp.is_told);
        assert_eq!(told("17/06/09 20:10:40 INFO"), Some(false));
        assert_eq!(told("Jun 14 15:16:01 combo"), Some(false));
        assert_eq!(told("2024-01-01 10:00:00"), Some(true));
    }
}
