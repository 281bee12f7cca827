//! Where records begin, told from the middle of a source: a guess, as comments and CDATA may hold what looks like one.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use memchr::memmem;

use super::chars::is_blank;
use super::encoding::encoded;
use super::options::Shape;

/// The first `<rowTag` at or after `from` that a blank, `>` or `/` follows.
pub fn row(input: &[u8], from: usize, at_end: bool, shape: &Shape, encoding: &'static Encoding) -> Option<usize> {
    let tag = String::from_utf8_lossy(&shape.row_tag);
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let needle = if shape.ignore_namespace { encoded(&tag, encoding) } else { encoded(&format!("<{tag}"), encoding) };
    let mut at = from;
    while let Some(found) = input.get(at..).and_then(|rest| memmem::find(rest, &needle)) {
        let (start, end) = (at + found, at + found + needle.len());
        at = start + 1;
        let ascii = |at: usize| if wide { encoding_ascii(input, at, encoding) } else { input.get(at).copied() };
        let ends = match ascii(end) {
            Some(byte) => is_blank(byte) || matches!(byte, b'>' | b'/'),
            None => at_end && end >= input.len(),
        };
        if !ends || wide && start % 2 == 1 {
            continue;
        }
        if !shape.ignore_namespace {
            return Some(start);
        }
        if let Some(start) = tag_start(input, start).filter(|&start| start >= from) {
            return Some(start);
        }
    }
    None
}

fn encoding_ascii(input: &[u8], at: usize, encoding: &'static Encoding) -> Option<u8> {
    let pair = [*input.get(at)?, *input.get(at + 1)?];
    let unit = if encoding == UTF_16LE { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
    Some(u8::try_from(unit).unwrap_or(b'x'))
}

/// The `<` before a name at `at`, which may have a prefix.
fn tag_start(input: &[u8], at: usize) -> Option<usize> {
    let before = &input[..at];
    match before.last()? {
        b'<' => Some(at - 1),
        b':' => {
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | 0x80..);
            let prefix = before[..at - 1].iter().rev().take(200).take_while(|byte| is_name(byte)).count();
            let start = (at - 1).checked_sub(prefix + 1)?;
            (prefix > 0 && input[start] == b'<').then_some(start)
        }
        _ => None,
    }
}
