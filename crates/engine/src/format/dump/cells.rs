//! Values as cells: what a database writes for a type becomes what a column of that type reads.

use std::io::Write;

use colonnade_protocol::{LogicalType, Origin};

use super::spelled::unhex;
use super::value::Literal;
use crate::column::{ColumnSpec, Span};
use crate::format::text::Tokens;

/// What a truth value becomes: in the scratch, before all else.
const TRUTHS: &[u8] = b"truefalse";
const TRUE: usize = 4;
/// A number of no more characters is a double as it is.
const SURE_DIGITS: usize = 15;

/// How the values of a column are made cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As they are.
    Plain,
    Boolean,
    Binary,
    /// A number that may be infinite.
    Double,
    /// The same of a column that is declared so, whatever number of digits its values are printed with.
    DeclaredDouble,
    /// A day, with a time or without.
    Day,
    /// A moment in UTC.
    Utc,
    /// A number that may be spelled by its bytes or bits.
    Bits,
}

impl Kind {
    /// Of this column; `bits`: it is declared as one of bits.
    pub fn of(column: &ColumnSpec, in_utc: bool, bits: bool) -> Self {
        match column.data_type {
            LogicalType::Boolean => Self::Boolean,
            LogicalType::Binary => Self::Binary,
            _ if bits => Self::Bits,
            LogicalType::Float | LogicalType::Double if is_declared(column) => Self::DeclaredDouble,
            LogicalType::Float | LogicalType::Double => Self::Double,
            LogicalType::Timestamp if in_utc => Self::Utc,
            LogicalType::Date | LogicalType::TimestampNtz | LogicalType::Timestamp => Self::Day,
            _ => Self::Plain,
        }
    }
}

/// What the evidence of a type begins with that the dump declares.
const DECLARED: &str = "declared as ";

/// The origin of a type that is declared in these words.
pub fn as_declared(words: &str) -> Origin {
    Origin::Detected { confidence: 1.0, evidence: format!("{DECLARED}{words}") }
}

/// Whether a column's type is the one that the dump declares.
pub fn is_declared(column: &ColumnSpec) -> bool {
    matches!(&column.origin, Origin::Detected { evidence, .. } if evidence.starts_with(DECLARED))
}

/// What is wrong with a value, which is then null.
pub type Odd = &'static str;

/// Makes room for the cells of the next text.
pub fn clear(tokens: &mut Tokens) {
    tokens.clear();
    tokens.scratch.extend_from_slice(TRUTHS);
}

/// The cell of a value. `text`: what its span is in.
pub fn cell(literal: Literal, kind: Kind, text: &[u8], scratch: &mut Vec<u8>) -> Result<Span, Odd> {
    let span = match literal {
        Literal::Null => return Ok(Span::MISSING),
        Literal::Expression => return Err("an expression and no value"),
        Literal::Bytes(span) if !matches!(kind, Kind::Boolean | Kind::Bits) => return Ok(span),
        Literal::Text(span) | Literal::Bare(span) | Literal::Bytes(span) | Literal::Bits(span) => span,
    };
    if kind == Kind::Plain || (kind == Kind::Bits && matches!(literal, Literal::Bare(_))) {
        return Ok(span);
    }
    let end = scratch.len();
    let bytes = match span.in_input() {
        Some(range) => &text[range],
        // The last thing that was written.
        None => &scratch[end - span.len()..],
    };
    match kind {
        Kind::Boolean => Ok(truth(bytes).map_or(span, |truth| match truth {
            true => Span::scratch(0, TRUE, true),
            false => Span::scratch(TRUE, TRUTHS.len(), true),
        })),
        Kind::Binary => {
            let Some(digits) = bytes.strip_prefix(b"\\x").map(<[u8]>::to_vec) else { return Ok(span) };
            Ok(if unhex(&digits, scratch) { Span::scratch(end, scratch.len(), true) } else { span })
        }
        Kind::Bits => {
            let number = match literal {
                Literal::Bits(_) => of_digits(bytes, 2),
                _ => of_digits(bytes, 256),
            };
            let number = number.ok_or("more than 64 bits")?;
            let _ = write!(scratch, "{number}");
            Ok(Span::scratch(end, scratch.len(), true))
        }
        // So SQLite spells an infinite number: as one that is too large.
        Kind::Double | Kind::DeclaredDouble => {
            if let Some(infinity) = infinity(bytes) {
                scratch.extend_from_slice(infinity);
            } else if let Some(double) = rounded(bytes).filter(|_| kind == Kind::DeclaredDouble) {
                scratch.extend_from_slice(zmij::Buffer::new().format_finite(double).as_bytes());
            } else {
                return Ok(span);
            }
            Ok(Span::scratch(end, scratch.len(), true))
        }
        Kind::Day | Kind::Utc if bytes.starts_with(b"0000-00-00") => Err("MySQL's zero, which is no day"),
        Kind::Utc if is_without_offset(bytes) => {
            let moment = bytes.to_vec();
            scratch.extend_from_slice(&moment);
            scratch.push(b'Z');
            Ok(Span::scratch(end, scratch.len(), true))
        }
        _ => Ok(span),
    }
}

/// The number that bytes are digits of: characters of base 2, or bytes of base 256.
fn of_digits(bytes: &[u8], base: u64) -> Option<u64> {
    let digit = |byte: u8| if base == 2 { u64::from(byte == b'1') } else { u64::from(byte) };
    bytes.iter().try_fold(0_u64, |number, &byte| number.checked_mul(base)?.checked_add(digit(byte)))
}

/// As PostgreSQL (`t`), MySQL (`1`, a byte of a bit) and people write it.
fn truth(bytes: &[u8]) -> Option<bool> {
    match bytes {
        b"t" | b"1" | [1] | b"true" | b"TRUE" => Some(true),
        b"f" | b"0" | [0] | b"false" | b"FALSE" => Some(false),
        _ => None,
    }
}

/// The infinity that a number is whose exponent no double has: `-1e999`, `9.0e+999`.
fn infinity(bytes: &[u8]) -> Option<&'static [u8]> {
    let exponent = bytes.iter().position(|byte| byte.eq_ignore_ascii_case(&b'e')).filter(|at| bytes.len() - at > 3)?;
    let is_number = exponent > 0 && bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let number = std::str::from_utf8(bytes).ok().filter(|_| is_number)?.parse::<f64>().ok().filter(|number| number.is_infinite())?;
    Some(if number > 0.0 { b"Infinity" } else { b"-Infinity" })
}

/// The double that a number is with digits beyond those that a double surely keeps: sqlite3 prints 20 of them.
fn rounded(bytes: &[u8]) -> Option<f64> {
    let is_number = || bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let number = std::str::from_utf8(bytes).ok().filter(|_| bytes.len() > SURE_DIGITS && is_number())?.parse::<f64>().ok()?;
    number.is_normal().then_some(number)
}

/// Whether a moment ends with its clock: `2024-01-01 00:00:00.5`.
fn is_without_offset(bytes: &[u8]) -> bool {
    bytes.len() >= 16 && bytes[11..].iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
}
