//! Records: the values of one row (<https://www.sqlite.org/fileformat2.html>, section 2.1).

use std::io::Write;

use encoding_rs::{Encoding, UTF_8};

use super::pager::varint;
use crate::column::Span;
use crate::column::display::write_double;

/// A value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// As it is encoded.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// The values of a record, one after another.
pub struct Values<'a> {
    types: &'a [u8],
    body: &'a [u8],
}

impl<'a> Values<'a> {
    /// Of a record; `None` where its header is longer than it.
    pub fn of(record: &'a [u8]) -> Option<Self> {
        let (length, used) = varint(record)?;
        let length = usize::try_from(length).ok()?;
        Some(Self { types: record.get(used..length)?, body: record.get(length..)? })
    }

    /// The next value, `None` behind the last.
    ///
    /// # Errors
    /// What is wrong with the record.
    pub fn next(&mut self) -> Result<Option<Value<'a>>, &'static str> {
        if self.types.is_empty() {
            return Ok(None);
        }
        let (kind, used) = varint(self.types).ok_or("its header is cut")?;
        self.types = &self.types[used..];
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return Err("it has a value of a kind that is reserved"),
            kind => usize::try_from((kind - 12) / 2).map_err(|_| "a value is longer than it")?,
        };
        let (bytes, rest) = self.body.split_at_checked(length).ok_or("a value is longer than it")?;
        self.body = rest;
        let integer = || {
            let sign = bytes.first().map_or(0, |&first| if first & 0x80 == 0 { 0 } else { -1 });
            bytes.iter().fold(sign, |value: i64, &byte| value << 8 | i64::from(byte))
        };
        Ok(Some(match kind {
            0 => Value::Null,
            1..=6 => Value::Integer(integer()),
            7 => Value::Real(f64::from_bits(integer() as u64)),
            8 | 9 => Value::Integer(kind as i64 - 8),
            kind if kind % 2 == 0 => Value::Blob(bytes),
            _ => Value::Text(bytes),
        }))
    }
}

/// Writes a value as the text of a cell behind `out`.
pub fn write(value: Value<'_>, encoding: &'static Encoding, out: &mut Vec<u8>) -> Span {
    let start = out.len();
    let is_text = match value {
        Value::Null => return Span::MISSING,
        Value::Integer(value) => {
            // Writing to memory does not fail.
            let _ = write!(out, "{value}");
            false
        }
        Value::Real(value) => {
            let mut text = String::new();
            match value {
                f64::INFINITY => text.push_str("Inf"),
                f64::NEG_INFINITY => text.push_str("-Inf"),
                value => write_double(value, &mut text),
            }
            out.extend_from_slice(text.as_bytes());
            false
        }
        Value::Text(bytes) if encoding != UTF_8 => {
            out.extend_from_slice(encoding.decode_without_bom_handling(bytes).0.as_bytes());
            true
        }
        Value::Text(bytes) | Value::Blob(bytes) => {
            out.extend_from_slice(bytes);
            true
        }
    };
    Span::scratch(start, out.len(), is_text)
}
