//! Protocol Buffers' wire format, as far as ORC's messages need it.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

use super::malformed;
use crate::Result;

/// A field's value as it is written.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    Number(u64),
    /// A text, a message, or packed numbers.
    Bytes(&'a [u8]),
}

/// The fields of a message, in their order; after an error there are no more.
pub struct Fields<'a> {
    left: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn of(message: &'a [u8]) -> Self {
        Self { left: message }
    }

    fn next_field(&mut self) -> Result<(u64, Value<'a>)> {
        let key = varint(&mut self.left)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut self.left)?),
            1 => Value::Number(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(varint(&mut self.left)?).unwrap_or(usize::MAX);
                let (bytes, left) = self.left.split_at_checked(length).ok_or_else(cut_short)?;
                self.left = left;
                Value::Bytes(bytes)
            }
            5 => Value::Number(u64::from(u32::from_le_bytes(self.array()?))),
            kind => return Err(malformed(format!("a field has the unknown wire type {kind}"))),
        };
        Ok((key >> 3, value))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, left) = self.left.split_first_chunk().ok_or_else(cut_short)?;
        self.left = left;
        Ok(*bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left.is_empty() {
            return None;
        }
        let field = self.next_field();
        if field.is_err() {
            self.left = &[];
        }
        Some(field)
    }
}

impl<'a> Value<'a> {
    /// The number; 0 where it is none.
    pub fn number(self) -> u64 {
        if let Self::Number(number) = self { number } else { 0 }
    }

    /// The bytes; none where it is a number.
    pub fn bytes(self) -> &'a [u8] {
        if let Self::Bytes(bytes) = self { bytes } else { &[] }
    }

    /// Adds a repeated field's numbers, packed or one a field.
    ///
    /// # Errors
    /// A packed number that is cut short.
    pub fn numbers(self, into: &mut Vec<u64>) -> Result<()> {
        match self {
            Self::Number(number) => into.push(number),
            Self::Bytes(mut packed) => {
                while !packed.is_empty() {
                    into.push(varint(&mut packed)?);
                }
            }
        }
        Ok(())
    }

    /// A text; what is no UTF-8 in it is replaced.
    pub fn text(self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
}

fn varint(left: &mut &[u8]) -> Result<u64> {
    let mut value: u64 = 0;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = left.split_first().ok_or_else(cut_short)?;
        *left = rest;
        value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(malformed("a number of a message has more than ten bytes"))
}

fn cut_short() -> colonnade_protocol::ErrorInfo {
    malformed("a message is cut short")
}
