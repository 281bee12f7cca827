//! The values of a tuple: `(1, 'it''s', NULL, 0x4142)`.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::call;
use super::spelled::{hex, string};
use crate::column::Span;
use crate::format::sql::pass::{Tag, dollar_tag, is_word};
use crate::format::sql::words::{Word, Words};
use crate::format::sql::{Dialect, Lexis};

/// A value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    Null,
    /// A text: in the input, or in the scratch where it had escapes.
    Text(Span),
    /// A number, or a word that stands for itself: `TRUE`.
    Bare(Span),
    /// What was spelled as bytes: in digits, or in quotes behind `_binary`.
    Bytes(Span),
    /// The digits of bits: `b'0101'`.
    Bits(Span),
    /// What only a database can tell: `now()`.
    Expression,
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The text ends within it.
    More,
    /// At this position it breaks the grammar.
    Bad(usize, &'static str),
}

/// Reads the value at `at`, which no blank stands before; gives it with where it ends.
pub fn read(text: &[u8], at: usize, lexis: Lexis, scratch: &mut Vec<u8>) -> Result<(Literal, usize), Stop> {
    let first = *text.get(at).ok_or(Stop::More)?;
    match first {
        b'\'' => string(text, at + 1, b'\'', lexis.escapes, lexis, scratch).map(text_literal),
        // A name is no value, so it is a text wherever it stands.
        b'"' => {
            let escapes = lexis.escapes || lexis.dialect == Dialect::Standard;
            string(text, at + 1, b'"', escapes, lexis, scratch).map(text_literal)
        }
        b'0'..=b'9' | b'-' | b'+' | b'.' => number(text, at, scratch),
        b'$' if matches!(lexis.dialect, Dialect::PostgreSql | Dialect::Standard) => match dollar_tag(&text[at..]) {
            Tag::Is(length) => {
                let (tag, from) = (&text[at..at + length], at + length);
                let end = from + memmem::find(&text[from..], tag).ok_or(Stop::More)?;
                Ok((Literal::Text(Span::quoted(from, end)), end + length))
            }
            Tag::MayBe => Err(Stop::More),
            Tag::IsNone => Err(Stop::Bad(at, "a dollar that begins no quote")),
        },
        _ if is_word(first) => word(text, at, lexis, scratch),
        _ => Err(Stop::Bad(at, "no value begins like this")),
    }
}

/// `column = value` of a list of such.
pub struct Assignment {
    pub column: String,
    pub value: Literal,
    /// What the value is spelled by.
    pub spelled: Range<usize>,
    /// Where the next one begins; `None`: this is the last.
    pub next: Option<usize>,
}

/// Reads the assignment at `at`.
///
/// # Errors
/// Those of [`read`].
pub fn assignment(text: &[u8], at: usize, lexis: Lexis, scratch: &mut Vec<u8>) -> Result<Assignment, Stop> {
    let mut words = Words::new(text, at, lexis);
    let column = words.name().ok_or(Stop::More)?.pop().unwrap_or_default();
    if words.word().ok_or(Stop::More)? != Word::Mark(b'=') {
        return Err(Stop::Bad(words.position() - 1, "= is missing"));
    }
    let start = words.skip().ok_or(Stop::More)?;
    let (value, end) = read(text, start, lexis, scratch)?;
    let mut words = Words::new(text, end, lexis);
    let next = match text[words.skip().ok_or(Stop::More)?] {
        b',' => {
            words.word();
            Some(words.skip().ok_or(Stop::More)?)
        }
        _ => None,
    };
    Ok(Assignment { column, value, spelled: start..end, next })
}

fn text_literal((span, end): (Span, usize)) -> (Literal, usize) {
    (Literal::Text(span), end)
}

fn number(text: &[u8], at: usize, scratch: &mut Vec<u8>) -> Result<(Literal, usize), Stop> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+' | b'_');
    let end = at + text[at..].iter().position(|&byte| !is_part(byte)).ok_or(Stop::More)?;
    match &text[at..end] {
        [b'0', b'x' | b'X', digits @ ..] => {
            return Ok((Literal::Bytes(hex(digits, scratch).ok_or(Stop::Bad(at, "no hexadecimal digits"))?), end));
        }
        [b'0', b'b' | b'B', digits @ ..] if !digits.is_empty() && digits.iter().all(|digit| matches!(digit, b'0' | b'1')) => {
            return Ok((Literal::Bits(Span::quoted(at + 2, end)), end));
        }
        _ => {}
    }
    Ok((Literal::Bare(Span::plain(at, end)), end))
}

/// What begins with a letter: a word for a value, a marked text, or an expression.
fn word(text: &[u8], at: usize, lexis: Lexis, scratch: &mut Vec<u8>) -> Result<(Literal, usize), Stop> {
    let end = at + text[at..].iter().position(|&byte| !is_word(byte)).ok_or(Stop::More)?;
    let word = &text[at..end];
    let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
    if is("null") {
        return Ok((Literal::Null, end));
    }
    if is("true") || is("false") {
        return Ok((Literal::Bare(Span::plain(at, end)), end));
    }
    let mut words = Words::new(text, end, lexis);
    // A type before its text, as the standard has it: DATE '2024-01-01'. And MySQL's character set: _binary 'a'.
    let is_type = ["date", "time", "timestamp", "datetime"].into_iter().any(is);
    let quote = if word[0] == b'_' || is_type { words.skip().ok_or(Stop::More)? } else { end };
    if text[quote] == b'\'' {
        match word {
            _ if is_type => return string(text, quote + 1, b'\'', lexis.escapes, lexis, scratch).map(text_literal),
            b"x" | b"X" => {
                let close = quote + 1 + memchr(b'\'', &text[quote + 1..]).ok_or(Stop::More)?;
                let bytes = hex(&text[quote + 1..close], scratch).ok_or(Stop::Bad(quote, "no hexadecimal digits"))?;
                return Ok((Literal::Bytes(bytes), close + 1));
            }
            b"b" | b"B" => {
                let close = quote + 1 + memchr(b'\'', &text[quote + 1..]).ok_or(Stop::More)?;
                return Ok((Literal::Bits(Span::quoted(quote + 1, close)), close + 1));
            }
            b"e" | b"E" if lexis.dialect == Dialect::PostgreSql => {
                return string(text, quote + 1, b'\'', true, lexis, scratch).map(text_literal);
            }
            b"_binary" => {
                return string(text, quote + 1, b'\'', lexis.escapes, lexis, scratch).map(|(span, end)| (Literal::Bytes(span), end));
            }
            b"n" | b"N" | [b'_', ..] => return string(text, quote + 1, b'\'', lexis.escapes, lexis, scratch).map(text_literal),
            _ => {}
        }
    }
    if word[0] == b'_' && text[quote..].starts_with(b"0x") {
        return number(text, quote, scratch);
    }
    let end = end_of_expression(text, end, lexis)?;
    let from = scratch.len();
    if call::read(&text[at..end], lexis, 0, scratch).is_none_or(|used| !text[at + used..end].trim_ascii().is_empty()) {
        scratch.truncate(from);
        return Ok((Literal::Expression, end));
    }
    Ok((Literal::Text(Span::scratch(from, scratch.len(), true)), end))
}

/// Where an expression ends: at a comma or parenthesis of the tuple.
pub fn end_of_expression(text: &[u8], from: usize, lexis: Lexis) -> Result<usize, Stop> {
    let (mut at, mut depth) = (from, 0_usize);
    loop {
        match *text.get(at).ok_or(Stop::More)? {
            b'(' | b'[' => depth += 1,
            b')' | b',' | b';' if depth == 0 => return Ok(at),
            b')' | b']' => depth = depth.saturating_sub(1),
            b';' => return Err(Stop::Bad(at, "the statement ends within a value")),
            mark @ (b'\'' | b'"' | b'`') => {
                let escapes = lexis.escapes && mark != b'`';
                at += 1 + end_of_quote(&text[at + 1..], mark, escapes).ok_or(Stop::More)?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

fn end_of_quote(text: &[u8], mark: u8, escapes: bool) -> Option<usize> {
    if escapes { crate::format::sql::pass::end_of_escaped(text, mark).ok() } else { memchr(mark, text).map(|found| found + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, dialect: Dialect) -> (String, usize) {
        let mut scratch = Vec::new();
        let (literal, end) = read(text.as_bytes(), 0, Lexis::of(dialect), &mut scratch).unwrap();
        let bytes = |span: Span| match span.in_input() {
            Some(range) => text.as_bytes()[range].escape_ascii().to_string(),
            None => scratch[scratch.len() - span.len()..].escape_ascii().to_string(),
        };
        let shown = match literal {
            Literal::Null => "null".to_owned(),
            Literal::Text(span) => format!("text {}", bytes(span)),
            Literal::Bare(span) => format!("bare {}", bytes(span)),
            Literal::Bytes(span) => format!("bytes {}", bytes(span)),
            Literal::Bits(span) => format!("bits {}", bytes(span)),
            Literal::Expression => "expression".to_owned(),
        };
        (shown, end)
    }

    #[test]
    fn mysql_values_are_read() {
        for (text, expected) in [
            ("'it''s',", "text it\\'s"),
            ("'a\\'b\\\\\\0\\n\\Z\\%',", "text a\\'b\\\\\\x00\\n\\x1a\\\\%"),
            ("\"a'b\",", "text a\\'b"),
            ("_binary 'x\\0',", "bytes x\\x00"),
            ("_utf8mb4 'x\\0',", "text x\\x00"),
            ("0x4142,", "bytes AB"),
            ("X'4142',", "bytes AB"),
            ("b'0101',", "bits 0101"),
            ("0b0101,", "bits 0101"),
            ("-1.5e+10)", "bare -1.5e+10"),
            ("NULL)", "null"),
            ("now(',', 1))", "expression"),
        ] {
            assert_eq!(value(text, Dialect::MySql), (expected.to_owned(), text.len() - 1), "{text}");
        }
    }

    #[test]
    fn postgresql_values_are_read() {
        for (text, expected) in [
            ("'a\\b',", "text a\\\\b"),
            ("E'a\\nb\\x41\\101\\u00e9\\'',", "text a\\nbAA\\xc3\\xa9\\'"),
            ("$$it's$$,", "text it\\'s"),
            ("$q$a$$b$q$,", "text a$$b"),
            ("true,", "bare true"),
            ("'1'::bit(3),", "text 1"),
            ("ARRAY[1,2],", "expression"),
            ("TIMESTAMP '2024-01-01',", "text 2024-01-01"),
            ("\"a\",", "text a"),
        ] {
            let (found, end) = value(text, Dialect::PostgreSql);
            assert_eq!(found, expected, "{text}");
            assert!(end == text.len() - 1 || text[end..].starts_with("::"), "{text}");
        }
    }

    #[test]
    fn texts_of_several_lines_are_read_as_sqlite_spells_them() {
        for (text, expected) in [
            ("replace('a\\nb','\\n',char(10)),", "text a\\nb"),
            ("replace(replace('a\\r\\nb''c','\\r',char(13)),'\\n',char(10)),", "text a\\r\\nb\\'c"),
            ("unistr('a\\u000ab\\\\'),", "text a\\nb\\\\"),
            ("N'x',", "text x"),
            ("replace(x, 1),", "expression"),
        ] {
            assert_eq!(value(text, Dialect::Sqlite), (expected.to_owned(), text.len() - 1), "{text}");
        }
    }

    #[test]
    fn a_value_that_is_cut_waits_for_more() {
        for text in ["'abc", "'abc'", "'a\\", "12", "NUL", "_binary ", "f('", "X'41"] {
            assert_eq!(read(text.as_bytes(), 0, Lexis::of(Dialect::MySql), &mut Vec::new()), Err(Stop::More), "{text}");
        }
        assert_eq!(read(b"$q$ab$q", 0, Lexis::of(Dialect::PostgreSql), &mut Vec::new()), Err(Stop::More));
    }
}
