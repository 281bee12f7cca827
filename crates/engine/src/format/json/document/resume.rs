//! Where the next record begins: behind one that is broken, and in the middle of a document.
//!
//! Structure and layout tell it: the bracket that closes a record, an opening bracket on a line of its own as far to the
//! right as the record before, and a first key that the table has.

use super::walk::{Met, Walk};
use crate::format::json::layout::{Layout, Orient};
use crate::format::json::path::RecordPath;
use crate::format::json::reader::{Kind, Reader, SyntaxError};
use crate::format::json::repair::Repair;
use crate::format::json::widen::key_text;

/// Records that must follow a guess before it is believed.
const CHAIN: usize = 4;
/// Guesses that are tried in one piece of text.
const MOST_GUESSES: usize = 2000;

/// Bytes behind the last record that are looked at.
const TAIL: usize = 4 << 10;
/// The first line of a record, where it has others.
const LONGEST_LINE: usize = 16 << 10;

/// How to tell a record from what is within one.
pub struct Marks<'a> {
    pub layout: Layout,
    pub path: &'a RecordPath,
    /// Whether the table has a field of this name.
    pub knows: &'a dyn Fn(&str) -> bool,
}

/// What is behind a broken record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Another record begins here.
    Record(usize),
    /// The record ends here, and what follows is no record.
    End(usize),
    /// Nothing that can be told in this text.
    Unknown,
}

impl Marks<'_> {
    /// What is behind the broken record at `start`.
    pub fn behind(&self, text: &[u8], start: usize, at_end: bool) -> Behind {
        let inner = inner_line(text, start);
        let (mut depth, mut in_text, mut ended, mut tried) = (0_usize, false, false, 0);
        let mut at = start;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'\n' | b'\r' => in_text = false,
                b'\\' if in_text => at += 1,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && !ended {
                        ended = true;
                        match self.follows(text, at + 1) {
                            Some(Behind::Unknown) => {}
                            Some(behind) => return behind,
                            // The text ends behind the record.
                            None if at_end => return Behind::End(at + 1),
                            None => return Behind::Unknown,
                        }
                    }
                }
                _ => {}
            }
            at += 1;
            if !self.opens(text, at) {
                continue;
            }
            // To the left of what is within the record, or on the line behind one that has but one.
            let stands_out = inner.is_some_and(|inner| at == inner || at > inner && indentation(text, at) < indentation(text, inner));
            let may_be = stands_out && indentation(text, at).is_some();
            if !may_be && (!self.is_separated(text, at) || tried == MOST_GUESSES) {
                continue;
            }
            tried += usize::from(!may_be);
            let is_record = match self.is_kin(text, at) {
                Some(true) if may_be => Some(true),
                Some(true) => self.is_chained(text, at, at_end),
                other => other,
            };
            match is_record {
                Some(true) => return Behind::Record(at),
                None if at_end => return Behind::Record(at),
                None => return Behind::Unknown,
                Some(false) => {}
            }
        }
        Behind::Unknown
    }

    /// The first record at or after `from` in a text that may start anywhere; a guess.
    pub fn first(&self, text: &[u8], from: usize, at_end: bool) -> Option<usize> {
        let mut tried = 0;
        for at in from..text.len() {
            if !self.opens(text, at) {
                continue;
            }
            let fits = self.is_separated(text, at);
            if fits && self.is_kin(text, at) != Some(false) && self.is_chained(text, at, at_end) != Some(false) {
                return Some(at);
            }
            tried += usize::from(fits);
            if tried > MOST_GUESSES {
                return None;
            }
        }
        None
    }

    /// Whether what stands before is what stands between records.
    fn is_separated(&self, text: &[u8], at: usize) -> bool {
        match last_before(text, at) {
            Some(before) if self.path.is_root() => matches!(before, b'}' | b']' | 0x1E),
            Some(before) => before == b',',
            None => self.path.is_root() && memchr::memchr2(b'\n', b'\r', &text[..at]).is_some(),
        }
    }

    /// Whether a record may begin here, by its first byte.
    #[inline]
    fn opens(&self, text: &[u8], at: usize) -> bool {
        let Some(&byte) = text.get(at) else { return false };
        match self.layout.orient {
            _ if self.layout.keyed => byte == b'"',
            Orient::Records => byte == b'{',
            Orient::Values => byte == b'[',
            Orient::Value => !byte.is_ascii_whitespace() && !matches!(byte, b',' | b'}' | b']' | b':'),
        }
    }

    /// What is behind the end of a record; `None`: the text ends too early to tell.
    fn follows(&self, text: &[u8], end: usize) -> Option<Behind> {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1E);
        let mut rest = text.get(end..)?.iter().enumerate().filter(|(_, byte)| !is_blank(byte));
        let (mut at, byte) = rest.next().map(|(at, byte)| (end + at, *byte))?;
        let is_root = self.path.is_root();
        if matches!(byte, b'}' | b']') && !is_root {
            return Some(Behind::End(end));
        }
        if byte == b',' {
            at = rest.next().map(|(at, _)| end + at)?;
        } else if !is_root {
            return Some(Behind::Unknown);
        }
        match self.opens(text, at).then(|| self.is_kin(text, at)) {
            Some(Some(true)) => Some(Behind::Record(at)),
            Some(None) => None,
            _ => Some(Behind::Unknown),
        }
    }

    /// Whether the first key of what begins here is one of the table's; `None`: the text ends too early to tell.
    fn is_kin(&self, text: &[u8], at: usize) -> Option<bool> {
        let mut reader = Reader::new(text, at);
        let broken = |error: SyntaxError| if error.cut { None } else { Some(false) };
        let key = if self.layout.keyed { reader.member_key().err() } else { None };
        if let Some(error) = key {
            return broken(error);
        }
        match (self.layout.orient, reader.peek()) {
            (Orient::Records, Ok(Kind::Object)) => {
                reader.open();
                match reader.next_key(true) {
                    Ok(Some(key)) => Some((self.knows)(&key_text(text, &key))),
                    Ok(None) => Some(false),
                    Err(error) => broken(error).map(|_| loose_key(text, reader.at()).is_some_and(|key| (self.knows)(&key))),
                }
            }
            (Orient::Values, Ok(Kind::Array)) | (Orient::Value, Ok(_)) => Some(true),
            (_, Ok(_)) => Some(false),
            (_, Err(error)) => broken(error),
        }
    }

    /// Whether what begins here is well formed and others like it follow: elements of an array within a record soon meet
    /// its end. `None`: the text ends too early to tell.
    fn is_chained(&self, text: &[u8], at: usize, at_end: bool) -> Option<bool> {
        let mut reader = Reader::new(text, at);
        for _ in 0..CHAIN {
            let value = if self.layout.keyed { reader.member_key().and_then(|_| reader.skip()) } else { reader.skip() };
            if let Err(error) = value {
                return if error.cut { None } else { Some(false) };
            }
            let end = reader.at();
            match self.follows(text, end)? {
                Behind::Record(next) => reader = Reader::new(text, next),
                Behind::End(_) => return self.ends_well(text, end, at_end),
                Behind::Unknown => return Some(false),
            }
        }
        Some(true)
    }

    /// Whether the document goes on behind its last record, which ends at `end`, as one does whose records are at the path: the
    /// brackets around an array within a record are others. `None`: the text ends too early to tell.
    fn ends_well(&self, text: &[u8], end: usize, at_end: bool) -> Option<bool> {
        let seen = &text[..text.len().min(end + TAIL)];
        let is_all = seen.len() == text.len();
        let mut walk = Walk::at_record(self.path);
        walk.passed();
        match walk.next(seen, end, is_all && at_end) {
            Met::More(_) if is_all => None,
            met => Some(matches!(met, Met::More(_) | Met::End(_) | Met::Record(_) | Met::Odd(Repair::Brackets, ..))),
        }
    }
}

/// A key in single quotes, or in none.
fn loose_key(text: &[u8], at: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let key = match rest.strip_prefix(b"'") {
        Some(rest) => rest.split(|&byte| byte == b'\'').next()?,
        None => rest.split(|&byte| byte == b':').next()?.trim_ascii_end(),
    };
    (key.len() < 256).then(|| String::from_utf8_lossy(key).into_owned())
}

/// Where the first line begins behind the one at `start`, its blanks passed.
fn inner_line(text: &[u8], start: usize) -> Option<usize> {
    // Seldom is one longer, and each broken record looks for it.
    let rest = text.get(start..)?;
    let rest = rest.get(..LONGEST_LINE).unwrap_or(rest);
    let line_end = start + memchr::memchr2(b'\n', b'\r', rest)?;
    text[line_end..].iter().position(|byte| !byte.is_ascii_whitespace()).map(|length| line_end + length)
}

/// How many blanks are before what stands first on its line.
fn indentation(text: &[u8], at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = at - blanks;
    before[..start].last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')).then_some(blanks)
}

/// The last byte before `at` that is no blank.
fn last_before(text: &[u8], at: usize) -> Option<u8> {
    text.get(..at)?.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks<T>(path: &str, orient: Orient, what: impl FnOnce(&Marks<'_>) -> T) -> T {
        let path = RecordPath::parse(path).unwrap();
        let knows = |name: &str| matches!(name, "id" | "v");
        what(&Marks { layout: Layout { orient, keyed: path.is_keyed() }, path: &path, knows: &knows })
    }

    /// What is behind the record that is the text's first: `Ok` is the rest from another record on, `Err` the end.
    fn behind<'a>(path: &str, text: &'a str) -> Result<&'a str, &'a str> {
        marks(path, Orient::Records, |marks| match marks.behind(text.as_bytes(), 0, true) {
            Behind::Record(at) => Ok(&text[at..]),
            Behind::End(at) => Err(&text[at..]),
            Behind::Unknown => Err("unknown"),
        })
    }

    #[test]
    fn a_broken_record_ends_where_the_next_begins() {
        for (path, text, expected) in [
            ("$[*]", r#"{"id":tru,"v":[{"id":1}]},{"id":2}]"#, Ok(r#"{"id":2}]"#)),
            ("$[*]", r#"{"id":1,"v":"a},{"id":2},{"id":3}]"#, Ok(r#"{"id":2},{"id":3}]"#)),
            ("$[*]", r#"{"id":1,"v":{"x":1},{"id":2},{"id":3}]"#, Ok(r#"{"id":2},{"id":3}]"#)),
            ("$[*]", "{\n    \"id\": 1,\n    \"v\": \"a\n  },\n  {\n    \"id\": 2\n  }\n]", Ok("{\n    \"id\": 2\n  }\n]")),
            ("$[*]", "{\"id\":1,\"v\":\"a\n  {\"id\":2}\n]", Ok("{\"id\":2}\n]")),
            ("$[*]", "{\"id\":x,\n{'id':1},\n]", Ok("{'id':1},\n]")),
            ("$[*]", "{\"id\":x}\n]", Err("\n]")),
            ("$", "{\n \"id\":x\n}\n{\n \"id\":2\n}\n", Ok("{\n \"id\":2\n}\n")),
            ("$", "{\n \"id\":\"x\n}\n{\n \"id\":2\n}\n", Ok("{\n \"id\":2\n}\n")),
            ("$", "{\"id\":x}", Err("")),
            ("$.*", "\"a\":{\"id\":x},\"b\":{\"id\":2}}", Ok("\"b\":{\"id\":2}}")),
            ("$[*]", "{\"id\":\"x", Err("unknown")),
            ("$.data[*]", r#"{id":1,"v":"a"},{"id":2},{"id":3}],"end":true}"#, Ok(r#"{"id":2},{"id":3}],"end":true}"#)),
            ("$.data[*]", r#"{"id":1,"v":{"x":[{"id":7},{"id":8}]},{"id":2}],"end":{"a":1}}"#, Ok(r#"{"id":2}],"end":{"a":1}}"#)),
        ] {
            assert_eq!(behind(path, text), expected, "{path} in {text}");
        }
    }

    #[test]
    fn a_record_is_told_from_what_is_within_one() {
        let record = |id: usize| format!("{{\"id\":{id},\"v\":[{{\"id\":7}},{{\"id\":8}}]}}");
        let text = format!("[{}]", (0..9).map(record).collect::<Vec<_>>().join(","));
        marks("$[*]", Orient::Records, |marks| {
            for from in 2..text.len() - 4 * record(1).len() {
                let at = marks.first(text.as_bytes(), from, false).unwrap();
                assert!(at >= from && text[at..].starts_with("{\"id\":") && text[at..].contains("\"v\""), "{from}: {}", &text[at..]);
                assert!(!text[at..].starts_with("{\"id\":7") && !text[at..].starts_with("{\"id\":8}]"), "{from}");
            }
        });
    }
}
