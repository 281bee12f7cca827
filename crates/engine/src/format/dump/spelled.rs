//! Texts and bytes as SQL spells them: in quotes with escapes, and in digits.

use memchr::{memchr, memchr2};

use super::value::Stop;
use crate::column::Span;
use crate::format::sql::{Dialect, Lexis};

/// A text in quotes from behind its first mark.
pub fn string(text: &[u8], from: usize, mark: u8, escapes: bool, lexis: Lexis, scratch: &mut Vec<u8>) -> Result<(Span, usize), Stop> {
    let find = |from: usize| {
        let rest = text.get(from..)?;
        if escapes { memchr2(mark, b'\\', rest) } else { memchr(mark, rest) }.map(|found| from + found)
    };
    let mut end = find(from).ok_or(Stop::More)?;
    // What follows a mark tells whether it is the last.
    if text[end] == mark && *text.get(end + 1).ok_or(Stop::More)? != mark {
        return Ok((Span::quoted(from, end), end + 1));
    }
    let (start, mut done) = (scratch.len(), from);
    loop {
        scratch.extend_from_slice(&text[done..end]);
        let next = *text.get(end + 1).ok_or(Stop::More)?;
        if text[end] == mark {
            if next != mark {
                return Ok((Span::scratch(start, scratch.len(), true), end + 1));
            }
            scratch.push(mark);
            done = end + 2;
        } else if lexis.dialect == Dialect::PostgreSql {
            done = end + 1 + standard_escape(&text[end + 1..], scratch).ok_or(Stop::More)?;
        } else {
            my_escape(next, scratch);
            done = end + 2;
        }
        end = find(done).ok_or(Stop::More)?;
    }
}

/// What a backslash and this byte are in MySQL (<https://dev.mysql.com/doc/refman/8.4/en/string-literals.html>).
fn my_escape(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'0' => out.push(0),
        b'b' => out.push(8),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'Z' => out.push(0x1a),
        b'%' | b'_' => out.extend([b'\\', byte]),
        byte => out.push(byte),
    }
}

/// What stands behind a backslash in PostgreSQL's `E'...'` and in `COPY`, whose letters are the same but for `\v` and `\N`
/// (<https://www.postgresql.org/docs/17/sql-syntax-lexical.html>, section 4.1.2.2). Gives its length; `None`: it is cut.
pub fn standard_escape(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let first = *text.first()?;
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = text[from..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let value = std::str::from_utf8(&text[from..from + digits]).ok().and_then(|digits| u32::from_str_radix(digits, radix).ok());
        (value, digits)
    };
    let letter = |byte: u8, out: &mut Vec<u8>| {
        out.push(byte);
        Some(1)
    };
    match first {
        b'b' => letter(8, out),
        b'f' => letter(12, out),
        b'n' => letter(b'\n', out),
        b'r' => letter(b'\r', out),
        b't' => letter(b'\t', out),
        b'v' => letter(11, out),
        b'0'..=b'7' => {
            let (value, length) = digits(0, 3, 8);
            out.push(value.unwrap_or_default() as u8);
            Some(length)
        }
        b'x' if text.get(1).is_some_and(u8::is_ascii_hexdigit) => {
            let (value, length) = digits(1, 2, 16);
            out.push(value.unwrap_or_default() as u8);
            Some(1 + length)
        }
        b'u' | b'U' => {
            let wanted = if first == b'u' { 4 } else { 8 };
            let (value, length) = digits(1, wanted, 16);
            match value.and_then(char::from_u32).filter(|_| length == wanted) {
                Some(c) => {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    Some(1 + wanted)
                }
                None => letter(first, out),
            }
        }
        byte => letter(byte, out),
    }
}

/// The bytes of hexadecimal digits, in the scratch.
pub fn hex(digits: &[u8], scratch: &mut Vec<u8>) -> Option<Span> {
    let start = scratch.len();
    unhex(digits, scratch).then(|| Span::scratch(start, scratch.len(), true))
}

/// Writes the bytes of hexadecimal digits; whether they are such.
pub fn unhex(digits: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    // MySQL takes an odd first digit for a byte of its own.
    let (odd, pairs) = digits.split_at(digits.len() % 2);
    for pair in odd.chunks(1).chain(pairs.chunks(2)) {
        let value = pair.iter().try_fold(0, |value, &byte| Some(value << 4 | digit(byte)?));
        let Some(value) = value else {
            out.truncate(start);
            return false;
        };
        out.push(value as u8);
    }
    true
}
