//! The way through a document to its records, and from one to the next.

use crate::format::json::mend::Mender;
use crate::format::json::path::{RecordPath, Step};
use crate::format::json::reader::{MAX_DEPTH, Reader, SyntaxError};
use crate::format::json::repair::Repair;
use crate::format::json::widen::key_text;

/// Stands before each text of a sequence (RFC 7464).
const RECORD_SEPARATOR: u8 = 0x1E;

/// Stands for the name of an element.
const OTHER: &str = "[ ]";

/// What a walk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// A record begins here; [`Walk::passed`] when it was read.
    Record(usize),
    /// More text is needed from here on.
    More(usize),
    /// The source ends.
    End(usize),
    /// Something between records that the grammar does not have, and its end; it was passed over.
    Odd(Repair, usize, usize),
    /// The grammar is broken.
    Broken(SyntaxError),
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// An item, or the end.
    First,
    /// An item, a comma having been passed.
    Next,
    /// The value of a member; whether it is on the path.
    Value(bool),
    /// A comma, or the end.
    After,
    /// Any of these, behind an ellipsis.
    Any,
}

/// A place in a document.
#[derive(Debug, Clone)]
pub struct Walk {
    path: RecordPath,
    /// The open brackets.
    open: Vec<u8>,
    /// How many of them are on the path.
    on_path: usize,
    expects: Expects,
    /// Members beside the path that were passed, by name.
    beside: Vec<String>,
}

impl Walk {
    /// Before a document.
    pub fn from_start(path: &RecordPath) -> Self {
        Self { path: path.clone(), open: Vec::new(), on_path: 0, expects: Expects::First, beside: Vec::new() }
    }

    /// Before a record.
    pub fn at_record(path: &RecordPath) -> Self {
        let bracket = |step: &Step| if *step == Step::Elements { b'[' } else { b'{' };
        let open: Vec<u8> = path.steps().iter().map(bracket).collect();
        Self { path: path.clone(), on_path: open.len(), open, expects: Expects::First, beside: Vec::new() }
    }

    /// Begins again before a record.
    pub fn resume(&mut self) {
        *self = Self { beside: std::mem::take(&mut self.beside), ..Self::at_record(&self.path) };
    }

    /// The record that was met is behind.
    pub fn passed(&mut self) {
        self.expects = Expects::After;
    }

    /// The members beside the path that were passed since the last call.
    pub fn take_beside(&mut self) -> Vec<String> {
        std::mem::take(&mut self.beside)
    }

    /// Goes on from `at` to the next thing that concerns the caller.
    #[inline]
    pub fn next(&mut self, text: &[u8], mut at: usize, at_end: bool) -> Met {
        // Nearly always a comma and another record.
        loop {
            while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                at += 1;
            }
            let Some(&byte) = text.get(at) else { return self.end(at, at_end) };
            match self.step(text, at, byte, at_end) {
                Ok(Moved::To(next)) => at = next,
                Ok(Moved::Stop(met)) => return met,
                Err(error) if error.cut && !at_end => return Met::More(at),
                Err(error) => return Met::Broken(error),
            }
        }
    }

    fn end(&mut self, at: usize, at_end: bool) -> Met {
        if !at_end {
            return Met::More(at);
        }
        if self.open.is_empty() {
            return Met::End(at);
        }
        self.open.clear();
        self.on_path = 0;
        self.expects = Expects::After;
        Met::Odd(Repair::Brackets, at, at)
    }

    fn step(&mut self, text: &[u8], at: usize, byte: u8, at_end: bool) -> Result<Moved, SyntaxError> {
        let broken = |what| Err(SyntaxError { at, what, cut: false });
        if !at_end && matches!(byte, b'.' | 0xE2 | 0xEF) && text.len() - at < 4 {
            return Ok(Moved::Stop(Met::More(at)));
        }
        if let (b'/' | 0xEF, Some((repair, end))) = (byte, Mender::passed_over(text, at)?) {
            return Ok(Moved::Stop(Met::Odd(repair, at, end)));
        }
        if byte == RECORD_SEPARATOR && self.open.is_empty() {
            self.expects = Expects::First;
            return Ok(Moved::To(at + 1));
        }
        let may_be_dots = matches!(byte, b'.' | 0xE2) && !matches!(self.expects, Expects::Value(_));
        if let Some(end) = may_be_dots.then(|| Mender::ellipsis(text, at)).flatten() {
            self.expects = Expects::Any;
            return Ok(Moved::Stop(Met::Odd(Repair::Ellipsis, at, end)));
        }
        let close = self.open.last().map(|open| open + 2);
        if self.expects == Expects::Any {
            self.expects = if byte == b',' { Expects::After } else { Expects::First };
        }
        if matches!(byte, b')' | b';') && self.open.is_empty() && self.expects == Expects::After {
            let end = text[at..].iter().position(|byte| !matches!(byte, b')' | b';')).map_or(text.len(), |length| at + length);
            return Ok(Moved::Stop(Met::Odd(Repair::Calls, at, end)));
        }
        match self.expects {
            Expects::After if byte == b',' => {
                self.expects = Expects::Next;
                if self.open.is_empty() { Ok(Moved::Stop(Met::Odd(Repair::Commas, at, at + 1))) } else { Ok(Moved::To(at + 1)) }
            }
            Expects::After | Expects::First if Some(byte) == close => {
                self.open.pop();
                self.on_path = self.on_path.min(self.open.len());
                self.expects = Expects::After;
                Ok(Moved::To(at + 1))
            }
            Expects::Next if Some(byte) == close || byte == b',' => {
                self.expects = Expects::First;
                Ok(Moved::Stop(Met::Odd(Repair::Commas, at, at + usize::from(byte == b','))))
            }
            Expects::First if byte == b',' => Ok(Moved::Stop(Met::Odd(Repair::Commas, at, at + 1))),
            _ if matches!(byte, b'}' | b']') => broken("a bracket that closes nothing"),
            Expects::After if self.open.is_empty() => {
                self.expects = Expects::First;
                Ok(Moved::To(at))
            }
            Expects::After => {
                self.expects = Expects::Next;
                Ok(Moved::Stop(Met::Odd(Repair::Commas, at, at)))
            }
            Expects::First | Expects::Next if close == Some(b'}') => self.member(text, at),
            Expects::First | Expects::Next => {
                let is_on_path =
                    self.on_path == self.open.len() && (self.open.is_empty() || self.step_at(self.on_path - 1) == Some(&Step::Elements));
                self.value(text, at, byte, is_on_path, at_end)
            }
            Expects::Any => Ok(Moved::To(at)),
            Expects::Value(is_on_path) => self.value(text, at, byte, is_on_path, at_end),
        }
    }

    fn step_at(&self, level: usize) -> Option<&Step> {
        self.path.steps().get(level)
    }

    fn member(&mut self, text: &[u8], at: usize) -> Result<Moved, SyntaxError> {
        let step = if self.on_path == self.open.len() { self.step_at(self.on_path - 1) } else { None };
        if step == Some(&Step::Members) && self.on_path == self.path.steps().len() {
            return Ok(Moved::Stop(Met::Record(at)));
        }
        let mut reader = Reader::new(text, at);
        let key = reader.member_key()?;
        let is_on_path = match step {
            Some(Step::Member(name)) => {
                let found = key_text(text, &key);
                let is_it = *name == found;
                if !is_it {
                    self.beside.push(found);
                }
                is_it
            }
            step => step == Some(&Step::Members),
        };
        self.expects = Expects::Value(is_on_path);
        Ok(Moved::To(reader.at()))
    }

    fn value(&mut self, text: &[u8], at: usize, byte: u8, is_on_path: bool, at_end: bool) -> Result<Moved, SyntaxError> {
        let level = self.open.len();
        if is_on_path && level == self.path.steps().len() {
            return Ok(Moved::Stop(Met::Record(at)));
        }
        if !matches!(byte, b'{' | b'[') {
            let mut reader = Reader::new(text, at);
            reader.skip()?;
            if reader.at() == text.len() && byte != b'"' && !at_end {
                return Ok(Moved::Stop(Met::More(at)));
            }
            self.expects = Expects::After;
            return Ok(Moved::To(reader.at()));
        }
        if level >= MAX_DEPTH {
            return Err(SyntaxError { at, what: "values nest deeper than 1,024", cut: false });
        }
        let leads_on = match self.step_at(level) {
            Some(Step::Elements) => byte == b'[',
            Some(Step::Member(_) | Step::Members) => byte == b'{',
            None => false,
        };
        if is_on_path && !leads_on && self.open.last() == Some(&b'[') {
            // An element among those with records that leads to none.
            self.beside.push(OTHER.to_owned());
        }
        self.open.push(byte);
        self.on_path += usize::from(is_on_path && leads_on);
        self.expects = Expects::First;
        Ok(Moved::To(at + 1))
    }
}

enum Moved {
    To(usize),
    Stop(Met),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is met, in short, and the members beside the records.
    fn walk(path: &str, text: &str) -> (Vec<String>, Vec<String>) {
        let text = text.as_bytes();
        let mut walk = Walk::from_start(&RecordPath::parse(path).unwrap());
        let (mut met, mut at) = (Vec::new(), 0);
        loop {
            match walk.next(text, at, true) {
                Met::Record(start) => {
                    let mut reader = Reader::new(text, start);
                    if path.ends_with(".*") {
                        reader.member_key().unwrap();
                    }
                    reader.skip().unwrap();
                    at = reader.at();
                    met.push(String::from_utf8(text[start..at].to_vec()).unwrap());
                    walk.passed();
                }
                Met::Odd(repair, _, end) => {
                    met.push(format!("{repair:?}"));
                    at = end;
                }
                Met::Broken(error) => {
                    met.push(format!("{error} at {}", error.at));
                    return (met, walk.take_beside());
                }
                Met::End(_) | Met::More(_) => return (met, walk.take_beside()),
            }
        }
    }

    #[test]
    fn records_are_found_on_their_path() {
        for (path, text, records, beside) in [
            ("$", "{}{}\n[1] 2 \"x\"", vec!["{}", "{}", "[1]", "2", "\"x\""], vec![]),
            ("$", "\x1e{}\n\x1e{}\n", vec!["{}", "{}"], vec![]),
            ("$[*]", "[1, {}][3]", vec!["1", "{}", "3"], vec![]),
            ("$[*]", "[]", vec![], vec![]),
            ("$.*", "{\"a\":{},\"b\" : 2}", vec!["\"a\":{}", "\"b\" : 2"], vec![]),
            ("$.d.r[*]", r#"{"n":{"r":[9]},"d":{"r":[1,2],"x":[{}]},"m":3} {"d":{"r":[4]}}"#, vec!["1", "2", "4"], vec!["n", "x", "m"]),
            ("$.d[*]", r#"{"d":null}"#, vec![], vec![]),
            ("$[*]", "{\"a\":[1]}", vec![], vec![]),
        ] {
            assert_eq!(
                walk(path, text),
                (records.into_iter().map(str::to_owned).collect(), beside.into_iter().map(str::to_owned).collect()),
                "{path} in {text}"
            );
        }
    }

    #[test]
    fn what_is_odd_between_records_is_named() {
        for (path, text, met) in [
            ("$[*]", "[1,,2,]", vec!["1", "Commas", "2", "Commas"]),
            ("$[*]", "[{} {}]", vec!["{}", "Commas", "{}"]),
            ("$[*]", "[{}, ..., {}", vec!["{}", "Ellipsis", "{}", "Brackets"]),
            ("$[*]", "[{},\n...\n{}]", vec!["{}", "Ellipsis", "{}"]),
            ("$", "{},{}", vec!["{}", "Commas", "{}"]),
            ("$[*]", "[/*c*/1 // d\n]\u{feff}", vec!["Comments", "1", "Comments", "Marks"]),
            ("$[*]", "[1]]", vec!["1", "a bracket that closes nothing at 3"]),
            ("$[*]", "[1}", vec!["1", "a bracket that closes nothing at 2"]),
            ("$.a[*]", "{\"a\":[1],b:2}", vec!["1", "a key in quotes is missing at 9"]),
        ] {
            assert_eq!(walk(path, text).0, met, "{path} in {text}");
        }
        let deep = walk("$.a[*]", &format!("{{\"b\":{}", "[".repeat(100_000))).0;
        assert!(deep[0].starts_with("values nest deeper"), "{deep:?}");
    }

    #[test]
    fn a_walk_that_is_cut_goes_on_as_uncut() {
        let text = r#"{"n":12,"s":"x","d":{"r":[{"a":1} , {"a":2}]},"t":true,"u":[1,[2]]} {"d":{"r":[{"a":3}]}}"#.as_bytes();
        for cut in 0..text.len() {
            let mut walk = Walk::from_start(&RecordPath::parse("$.d.r[*]").unwrap());
            let (mut at, mut records, mut end) = (0, 0, cut);
            loop {
                match walk.next(&text[..end], at, end == text.len()) {
                    Met::Record(start) => {
                        let mut reader = Reader::new(&text[..end], start);
                        match reader.skip() {
                            Ok(_) => {
                                walk.passed();
                                records += 1;
                                at = reader.at();
                            }
                            Err(_) => {
                                assert!(end < text.len());
                                (at, end) = (start, text.len());
                            }
                        }
                    }
                    Met::More(from) => (at, end) = (from, text.len()),
                    Met::End(_) => break,
                    other => panic!("{other:?} at cut {cut}"),
                }
            }
            assert_eq!(records, 3, "cut at {cut}");
        }
    }
}
