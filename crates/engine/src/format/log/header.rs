//! The fields that stand before the message in (nearly) all lines of a log of an unknown layout.
//!
//! Lines are walked in step, element by element, each the plainest that nearly all of them have there: a timestamp, a level,
//! a mark, what stands in brackets, a word. The header ends with the last element that words of a message would not have.

mod brackets;
mod records;
pub mod words;

use std::collections::HashSet;

use self::records::{first_level, sure_records};
pub use self::records::{first_stamp, first_time};
use self::words::{
    bracket_end, channel_and_level, closer, escape, is_day, is_dotted, is_epoch, is_integer, is_level_letter, is_payload, is_source,
    is_tag, word_end,
};
use super::{level, stamp};

/// Lines that are looked at.
const MOST_LINES: usize = 600;
/// Elements of a header at most.
const MOST_ELEMENTS: usize = 40;
/// Bytes of a line in which its header ends.
const REACH: usize = 400;
/// The share of lines that must have a kind of element, and a certain mark.
const NEARLY_ALL: f64 = 0.93;
const ALL_BUT_FEW: f64 = 0.985;
/// Words in a row that are a sentence's, if nothing but brackets follows.
const MOST_WORDS: usize = 3;
/// The share that makes an element one that may be absent.
const MOST: f64 = 0.8;
/// Lines from which on some are of one process.
const ENOUGH: usize = 10;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The pattern of a record.
    pub pattern: String,
    /// The pattern of what a record begins with: up to the timestamp, or to the level.
    pub start: String,
    /// Records are known by a moment and a level, so that few of them are enough, however many lines go on them.
    pub is_sure: bool,
}

/// Finds the header of a log's lines.
pub fn find(lines: &[&[u8]]) -> Option<Header> {
    let lines: Vec<&[u8]> = lines.iter().copied().filter(|line| !line.trim_ascii().is_empty()).take(MOST_LINES).collect();
    let stamped: Vec<&[u8]> = lines.iter().copied().filter(|line| first_stamp(line).is_some()).collect();
    let levelled: Vec<&[u8]> = lines.iter().copied().filter(|line| first_level(line)).collect();
    // Records may have many lines that go on them.
    let enough = |records: &[&[u8]]| !records.is_empty() && records.len() * 5 >= lines.len();
    let timed: Vec<&[u8]> = lines.iter().copied().filter(|line| first_time(line)).collect();
    let records = [stamped, levelled, timed].into_iter().find(|records| enough(records));
    let sure = records.is_none().then(|| sure_records(&lines)).flatten();
    let is_sure = sure.is_some();
    Some(Header { is_sure, ..Walk::over(&records.or(sure).unwrap_or(lines)).header()? })
}

/// An element of a header.
struct Element {
    text: String,
    /// Words of a message would not have it.
    is_anchor: bool,
    /// A record is known by it.
    is_start: bool,
}

/// Lines walked in step.
struct Walk<'a> {
    /// Lines still in step, and where each is.
    lines: Vec<(&'a [u8], usize)>,
    count: usize,
    elements: Vec<Element>,
    /// Brackets that are open.
    open: Vec<u8>,
    names: Vec<String>,
}

impl<'a> Walk<'a> {
    fn over(lines: &[&'a [u8]]) -> Self {
        let lines: Vec<_> = lines.iter().map(|line| (*line, 0)).collect();
        Self { count: lines.len(), lines, elements: Vec::new(), open: Vec::new(), names: Vec::new() }
    }

    fn header(mut self) -> Option<Header> {
        while self.elements.len() < MOST_ELEMENTS && self.step() {}
        let end = self.last_anchor()? + 1;
        // A record is known by its timestamp, else by its level, else by a number of seconds.
        let kinds = ["%{TIMESTAMP", "%{TIME:", "level", "%{INT"];
        let of_kind = |kind: &str| self.elements.iter().position(|element| element.is_start && element.text.contains(kind));
        let start = kinds.into_iter().find_map(of_kind)? + 1;
        let text = |elements: &[Element]| elements.iter().map(|element| element.text.as_str()).collect::<String>();
        let mut beginning = text(&self.elements[..start]);
        for name in &self.names {
            beginning = beginning.replace(&format!(":{name}}}"), "}").replace(&format!("(?<{name}>"), "(?:");
        }
        // An empty message may have no blank before it.
        let message = match self.elements.get(end).map(|element| element.text.as_str()) {
            Some(blanks @ (" " | " +" | r"\s+")) => format!("(?:{blanks}%{{GREEDYDATA:message}})?"),
            _ => "%{GREEDYDATA:message}".to_owned(),
        };
        Some(Header { pattern: text(&self.elements[..end]) + &message, start: beginning, is_sure: false })
    }

    /// The element that the header ends with: behind several words without one, only what begins a record is an anchor, and
    /// brackets are those of a sentence.
    fn last_anchor(&self) -> Option<usize> {
        let (mut last, mut words) = (None, 0);
        for (at, element) in self.elements.iter().enumerate() {
            if element.is_anchor && (element.is_start || words < MOST_WORDS) {
                (last, words) = (Some(at), 0);
            } else if element.text.starts_with("%{NOTSPACE") {
                words += 1;
            }
        }
        last
    }

    fn share(&self, count: usize) -> f64 {
        count as f64 / self.count.max(1) as f64
    }

    /// Goes on by what `length` says of each line's rest; lines of which it says nothing fall out of step.
    fn go(&mut self, element: Element, length: impl Fn(&[u8]) -> Option<usize>) -> bool {
        self.lines.retain_mut(|(line, at)| match length(&line[*at..]) {
            Some(length) => {
                *at += length;
                true
            }
            None => false,
        });
        self.elements.push(element);
        true
    }

    /// How many lines have something there.
    fn having(&self, has: impl Fn(&[u8]) -> bool) -> f64 {
        self.share(self.lines.iter().filter(|(line, at)| has(&line[*at..])).count())
    }

    fn step(&mut self) -> bool {
        if self.lines.iter().all(|(_, at)| *at > REACH) {
            return false;
        }
        if self.having(|rest| stamp::scan(rest).is_some()) >= NEARLY_ALL {
            let name = self.name("timestamp");
            return self.go(anchor(format!("%{{TIMESTAMP:{name}}}"), true), stamp::scan);
        }
        let is_dated = self.names.iter().any(|name| name == "timestamp" || name == "time");
        if !is_dated && self.having(|rest| stamp::time_of_day(rest).is_some()) >= NEARLY_ALL {
            let name = self.name("time");
            return self.go(anchor(format!("%{{TIME:{name}}}"), true), stamp::time_of_day);
        }
        if self.having(|rest| level::scan(rest).is_some()) >= NEARLY_ALL {
            let name = self.name("level");
            return self.go(anchor(format!("%{{LOGLEVEL:{name}}}"), true), level::scan);
        }
        if let Some(moved) = self.padding().or_else(|| self.mark()) {
            return moved;
        }
        match self.open.last() {
            Some(&open) => self.bracketed(open),
            None => self.letter() || self.word(),
        }
    }

    /// A mark that all lines have: `Some(whether the walk goes on)`.
    fn mark(&mut self) -> Option<bool> {
        let (line, at) = *self.lines.first()?;
        let byte = *line.get(at)?;
        if byte.is_ascii_alphanumeric() || byte >= 0x80 || self.having(|rest| rest.first() == Some(&byte)) < ALL_BUT_FEW {
            return None;
        }
        if matches!(byte, b' ' | b'\t') {
            let blanks = |rest: &[u8]| rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let is_single = byte == b' ' && self.lines.iter().all(|(line, at)| blanks(&line[*at..]) == 1);
            let text = if is_single {
                " "
            } else if byte == b' ' {
                " +"
            } else {
                r"\s+"
            };
            // Columns that are set apart: what is before is one.
            let is_column = self.having(|rest| blanks(rest) >= 2) >= NEARLY_ALL;
            if let Some(before) = self.elements.last_mut().filter(|_| is_column) {
                before.is_anchor = true;
            }
            return Some(self.go(plain(text), move |rest| Some(blanks(rest)).filter(|&count| count > 0)));
        }
        let closes = self.open.last().is_some_and(|&open| closer(open) == byte);
        let is_behind_level = self.elements.last().is_some_and(|element| element.text.starts_with("%{LOGLEVEL"));
        if !closes && matches!(byte, b'"' | b'\'' | b'/' | b'=' | b'.' | b'$') && !(byte == b'/' && is_behind_level) {
            return None;
        }
        if matches!(byte, b'[' | b'(' | b'<' | b'{') {
            if self.having(is_payload) >= 1.0 - NEARLY_ALL {
                return Some(false);
            }
            if self.having(|rest| bracket_end(rest, byte).is_some()) < NEARLY_ALL {
                return Some(false);
            }
            self.open.push(byte);
        } else if closes {
            self.open.pop();
        }
        // A mark alone between blanks, or behind a word in all lines.
        let stands_alone = !closes && self.having(|rest| matches!(rest.get(1), Some(b' '))) >= ALL_BUT_FEW;
        let element = Element { text: escape(byte), is_anchor: closes || stands_alone || byte == b'|', is_start: false };
        Some(self.go(element, move |rest| (rest.first() == Some(&byte)).then_some(1)))
    }

    /// A level of one letter.
    fn letter(&mut self) -> bool {
        let is_level = |rest: &[u8]| matches!(rest, [letter, b' ' | b'/', ..] if is_level_letter(*letter));
        let is_told = self.lines.iter().any(|(line, at)| line.get(*at) != self.lines.first().and_then(|(line, at)| line.get(*at)));
        if !is_told || self.having(is_level) < ALL_BUT_FEW || self.names.iter().any(|name| name == "level") {
            return false;
        }
        let name = self.name("level");
        self.go(anchor(format!("(?<{name}>[A-Z])"), true), move |rest| is_level(rest).then_some(1))
    }

    fn word(&mut self) -> bool {
        let rests: Vec<&[u8]> = self.lines.iter().map(|(line, at)| &line[*at..]).collect();
        let words: Vec<&[u8]> = rests.iter().map(|rest| &rest[..word_end(rest)]).collect();
        let tagged = words.iter().filter(|word| is_tag(word)).count();
        let (with_pid, all) = (words.iter().filter(|word| word.ends_with(b"]:")).count(), words.len());
        // Tags of several kinds in all lines are no part of a sentence, even behind a word.
        let is_column = tagged == all && words.iter().any(|word| words.first() != Some(word)) && self.words_behind_anchor() <= 1;
        if self.share(tagged) >= MOST && (self.may_have_tag() || is_column) {
            return self.tag(tagged == all, with_pid > 0);
        }
        let piped = |rest: &[u8]| rest.iter().take(80).position(|&byte| byte == b'|').filter(|&at| at > 0 && !rest[..at].contains(&b' '));
        if self.having(|rest| piped(rest).is_some()) >= ALL_BUT_FEW {
            let values: Vec<&[u8]> = rests.iter().filter_map(|rest| Some(&rest[..piped(rest)?])).collect();
            let is_number = values.iter().all(|value| is_integer(value));
            let name = if is_number { self.number(&values) } else { self.name("component") };
            return self.go(plain(&format!("(?<{name}>[^|]+)")), piped);
        }
        let dashed = |rest: &[u8]| {
            let at = memchr::memmem::find(&rest[..rest.len().min(80)], b" - ")?;
            (at > 0 && rest[..at].iter().filter(|&&byte| byte == b' ').count() <= 1).then_some(at)
        };
        if self.having(|rest| dashed(rest).is_some()) >= ALL_BUT_FEW {
            let values: Vec<&[u8]> = rests.iter().filter_map(|rest| Some(&rest[..dashed(rest)?])).collect();
            let name = self.of_word(&values, "component");
            return self.go(plain(&format!("%{{DATA:{name}}}")), dashed);
        }
        let followed = self.lines.iter().filter(|(line, at)| line.get(*at + word_end(&line[*at..])).is_some()).count();
        if self.share(followed) < ALL_BUT_FEW || words.iter().any(|word| word.is_empty()) {
            return false;
        }
        let length = |rest: &[u8]| Some(word_end(rest)).filter(|&end| end > 0);
        if words.iter().all(|word| is_integer(word)) {
            let is_epoch = words.iter().all(|word| is_epoch(word));
            let is_anchor = is_epoch
                || self
                    .elements
                    .iter()
                    .rev()
                    .find(|element| !element.text.trim().is_empty() && element.text != " +")
                    .is_none_or(|element| element.is_anchor);
            // A process writes more than one line of a log; sizes and counts are others in each.
            let distinct: HashSet<&[u8]> = words.iter().copied().collect();
            let is_other = words.len() >= ENOUGH && distinct.len() == words.len() && !is_epoch;
            let name = if is_other { self.name("number") } else { self.number(&words) };
            return self.go(Element { text: format!("%{{INT:{name}}}"), is_anchor, is_start: is_epoch }, length);
        }
        if words.iter().all(|word| is_day(word)) {
            let name = self.name("date");
            return self.go(anchor(format!("%{{NOTSPACE:{name}}}"), false), length);
        }
        let name = self.of_word(&words, "field");
        let is_code = words.iter().all(|word| is_dotted(word)) && self.words_behind_anchor() == 0;
        self.go(Element { text: format!("%{{NOTSPACE:{name}}}"), is_anchor: is_code, is_start: false }, length)
    }

    /// A component with a colon behind it, which some lines may not have.
    fn tag(&mut self, in_all: bool, with_pid: bool) -> bool {
        let values: Vec<&[u8]> =
            self.lines.iter().map(|(line, at)| &line[*at..*at + word_end(&line[*at..])]).filter(|word| is_tag(word)).collect();
        let trimmed: Vec<&[u8]> = values.iter().map(|word| &word[..word.len() - 1]).collect();
        let is_level = in_all && trimmed.iter().all(|word| level::is_severity(word)) && !self.names.iter().any(|name| name == "level");
        if is_level {
            let name = self.name("level");
            return self
                .go(anchor(format!(r"(?<{name}>[A-Z]+\d?):"), false), |rest| Some(word_end(rest)).filter(|&end| is_tag(&rest[..end])));
        }
        if in_all && values.iter().all(|word| channel_and_level(word)) && !self.names.iter().any(|name| name == "level") {
            let (channel, level) = (self.name("channel"), self.name("level"));
            let text = format!(r"%{{NOTSPACE:{channel}}}\.%{{LOGLEVEL:{level}}}:");
            return self.go(anchor(text, false), |rest| Some(word_end(rest)).filter(|&end| is_tag(&rest[..end])));
        }
        let name = self.of_word(&trimmed, "component");
        let text = if with_pid {
            let pid = self.name("pid");
            format!(r"(?:%{{PROG:{name}}}(?:\[%{{DATA:{pid}}}\])?: *)?")
        } else if in_all {
            format!("%{{NOTSPACE:{name}}}:")
        } else {
            format!("(?:%{{NOTSPACE:{name}}}: *)?")
        };
        let is_optional = text.starts_with("(?:");
        let length = move |rest: &[u8]| {
            let end = word_end(rest);
            if !is_tag(&rest[..end]) {
                return is_optional.then_some(0);
            }
            let blanks = if is_optional { rest[end..].iter().take_while(|&&byte| byte == b' ').count() } else { 0 };
            Some(end + blanks)
        };
        self.go(Element { text, is_anchor: true, is_start: false }, length)
    }

    /// Whether a component with a colon may stand here: behind what is surely the header, or behind a host that stands behind
    /// a timestamp; once.
    fn may_have_tag(&self) -> bool {
        let mut before = self.elements.iter().rev().filter(|element| !matches!(element.text.as_str(), " " | " +" | r"\s+"));
        match before.next() {
            None => true,
            Some(last) if last.text.ends_with(':') || last.text.ends_with(": *)?") => false,
            Some(last) if last.is_anchor => true,
            Some(_) => before.next().is_some_and(|element| element.text.starts_with("%{TIMESTAMP")),
        }
    }

    /// Words since the last element that is surely the header's.
    fn words_behind_anchor(&self) -> usize {
        let behind = self.elements.iter().rev().take_while(|element| !element.is_anchor);
        behind.filter(|element| element.text.starts_with("%{")).count()
    }

    fn number(&mut self, values: &[&[u8]]) -> String {
        let has = |name: &str| self.names.iter().any(|known| known == name);
        let is_behind_start = has("timestamp") || has("level");
        let stem = match (values.iter().all(|value| is_epoch(value)), has("pid"), has("tid")) {
            (true, ..) => "epoch",
            _ if !is_behind_start => "number",
            (_, false, _) => "pid",
            (_, true, false) => "tid",
            _ => "number",
        };
        self.name(stem)
    }

    /// A name for words: `logger` where they are names of code, `host` behind a timestamp as syslog has it.
    fn of_word(&mut self, values: &[&[u8]], otherwise: &str) -> String {
        let most = |is: fn(&[u8]) -> bool| values.iter().filter(|value| is(value)).count() * 2 > values.len();
        self.name(if most(is_source) {
            "source"
        } else if most(is_dotted) {
            "logger"
        } else {
            otherwise
        })
    }

    fn name(&mut self, stem: &str) -> String {
        let mut name = if stem == "field" { "field_1".to_owned() } else { stem.to_owned() };
        let mut n = 1;
        while self.names.contains(&name) {
            n += 1;
            name = format!("{stem}_{n}");
        }
        self.names.push(name.clone());
        name
    }
}

fn anchor(text: String, is_start: bool) -> Element {
    Element { text, is_anchor: true, is_start }
}

fn plain(text: &str) -> Element {
    Element { text: text.to_owned(), is_anchor: false, is_start: false }
}

#[cfg(test)]
mod tests;
