//! Calls that stand for a text.

use memchr::{memchr, memmem};

use super::moment;
use super::spelled::{standard_escape, string};
use crate::format::sql::Lexis;
use crate::format::sql::words::Words;

/// Calls within each other that are read.
const MOST_CALLS: usize = 16;

/// Calls by which Oracle's tools spell a moment, by its text and its format.
const MOMENTS: [&str; 3] = ["to_date", "to_timestamp", "to_timestamp_tz"];

/// Reads the calls by which SQLite's shell spells texts of several lines, `replace('a\nb','\n',char(10))` and
/// `unistr('a\u000ab')`, and moments by their format: `to_date('17-DEC-80','DD-MON-RR')`. Gives how long the call is.
pub fn read(text: &[u8], lexis: Lexis, depth: usize, out: &mut Vec<u8>) -> Option<usize> {
    let mut words = Words::new(text, 0, lexis);
    if depth > MOST_CALLS {
        return None;
    }
    if words.takes("replace") {
        words.takes_mark(b'(').then_some(())?;
        let from = words.skip()?;
        let start = out.len();
        let used = argument(&text[from..], lexis, depth, out)?;
        let subject = out.split_off(start);
        let mut words = Words::new(text, from + used, lexis);
        words.takes_mark(b',').then_some(())?;
        let (mut what, mut by) = (Vec::new(), Vec::new());
        let from = words.skip()?;
        let from = from + argument(&text[from..], lexis, depth, &mut what)?;
        let mut words = Words::new(text, from, lexis);
        (words.takes_mark(b',') && words.takes("char") && words.takes_mark(b'(')).then_some(())?;
        by.push(std::str::from_utf8(words.word()?.name()?.as_bytes()).ok()?.parse().ok().filter(u8::is_ascii)?);
        (words.takes_mark(b')') && close(text, &mut words)).then_some(())?;
        let mut rest = subject.as_slice();
        while let Some(found) = memmem::find(rest, &what).filter(|_| !what.is_empty()) {
            out.extend_from_slice(&rest[..found]);
            out.extend_from_slice(&by);
            rest = &rest[found + what.len()..];
        }
        out.extend_from_slice(rest);
        return Some(words.position());
    }
    if words.takes("unistr") {
        words.takes_mark(b'(').then_some(())?;
        let from = words.skip()?;
        let mut spelled = Vec::new();
        let used = argument(&text[from..], lexis, depth, &mut spelled)?;
        let mut words = Words::new(text, from + used, lexis);
        close(text, &mut words).then_some(())?;
        let mut rest = spelled.as_slice();
        while let Some(found) = memchr(b'\\', rest) {
            out.extend_from_slice(&rest[..found]);
            rest = &rest[found + 1..];
            // Two backslashes are one.
            rest = &rest[standard_escape(rest, out)?..];
        }
        out.extend_from_slice(rest);
        return Some(words.position());
    }
    if MOMENTS.iter().any(|name| words.takes(name)) {
        let (mut spelled, mut format) = (Vec::new(), Vec::new());
        words.takes_mark(b'(').then_some(())?;
        let from = words.skip()?;
        let from = from + argument(&text[from..], lexis, depth, &mut spelled)?;
        let mut words = Words::new(text, from, lexis);
        words.takes_mark(b',').then_some(())?;
        let from = words.skip()?;
        let from = from + argument(&text[from..], lexis, depth, &mut format)?;
        let mut words = Words::new(text, from, lexis);
        close(text, &mut words).then_some(())?;
        moment::write(std::str::from_utf8(&spelled).ok()?, std::str::from_utf8(&format).ok()?, out)?;
        return Some(words.position());
    }
    None
}

/// A closing parenthesis may be the last byte.
fn close(text: &[u8], words: &mut Words<'_>) -> bool {
    words.takes_mark(b')') || text.get(words.position()) == Some(&b')')
}

/// A text, or a call that gives one.
fn argument(text: &[u8], lexis: Lexis, depth: usize, out: &mut Vec<u8>) -> Option<usize> {
    if text.first() != Some(&b'\'') {
        return read(text, lexis, depth + 1, out);
    }
    let mut scratch = Vec::new();
    let (span, end) = string(text, 1, b'\'', false, lexis, &mut scratch).ok()?;
    match span.in_input() {
        Some(range) => out.extend_from_slice(&text[range]),
        None => out.extend_from_slice(&scratch),
    }
    Some(end)
}
