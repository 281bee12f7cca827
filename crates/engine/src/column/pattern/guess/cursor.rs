//! The parts of a text that a date may be written in, and the letters for each.

use super::Order;

/// The forms of a day.
pub(super) struct Dates {
    pub forms: Vec<(String, Order)>,
    pub year_is_behind: bool,
}

/// What of a text has not been looked at.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a>(pub &'a [u8]);

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

    /// The letters here, in any script.
    pub fn word(&mut self) -> Option<&'a [u8]> {
        let word = self.take(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
        (!word.is_empty()).then_some(word)
    }

    /// What stands between two parts, blanks as one.
    pub fn sign(&mut self) -> Option<&'static str> {
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

    /// The forms of the day here, the stricter first.
    pub fn dates(&mut self) -> Option<Dates> {
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
            if first > 2 || year != 4 {
                return None;
            }
            let by_day =
                |day: String| with_month_name(|month, dot| format!("{day}{sign}{month}{}yyyy", sign_without(dot, sign_before_year)));
            let broad = if first == 2 { by_day("d".to_owned()) } else { Vec::new() };
            return forms([by_day(letters('d', first)), broad].concat());
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
    pub fn separator(&mut self) -> Option<String> {
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
    pub fn times(&mut self, separator: &str) -> Option<Vec<String>> {
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

    /// The letters of the offset here; empty where there is none.
    pub fn zone(&mut self) -> &'static str {
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

    /// The year behind a time.
    pub fn year(&mut self) -> Option<&'static str> {
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
