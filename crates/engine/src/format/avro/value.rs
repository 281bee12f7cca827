//! The bytes of a block, and the primitive values in them.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::malformed;
use crate::Result;

/// Values that take no bytes, in one block, beyond which a count is a lie: nulls, empty records.
const FREE_VALUES: u64 = 1 << 20;

/// What is left of a block.
pub struct Bytes<'a> {
    left: &'a [u8],
    /// Values that may still be read.
    budget: u64,
}

impl<'a> Bytes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes, budget: (bytes.len() as u64).saturating_mul(2).saturating_add(FREE_VALUES) }
    }

    /// Bytes that are left.
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// Counts a value, so that a count of values without bytes comes to an end.
    pub fn spend(&mut self) -> Result<()> {
        self.budget = self.budget.checked_sub(1).ok_or_else(|| {
            ErrorInfo::new(ErrorKind::Limit, "an Avro block claims far more values than it has bytes", "The file is damaged.")
        })?;
        Ok(())
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(count).ok_or_else(|| malformed("a block ends within a value"))?;
        self.left = left;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, left) = self.left.split_first_chunk().ok_or_else(|| malformed("a block ends within a value"))?;
        self.left = left;
        Ok(*taken)
    }

    /// A number in zigzag form of at most ten bytes.
    pub fn long(&mut self) -> Result<i64> {
        let mut value: u64 = 0;
        for shift in (0..70).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        Err(malformed("a number has more than ten bytes"))
    }

    pub fn int(&mut self) -> Result<i32> {
        i32::try_from(self.long()?).map_err(|_| malformed("an int has more than 32 bits"))
    }

    pub fn boolean(&mut self) -> Result<bool> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(malformed(format!("{other} is no truth value"))),
        }
    }

    /// Bytes behind their length.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.long()?).map_err(|_| malformed("a text has a negative length"))?;
        self.take(length)
    }

    pub fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| malformed("a text is no UTF-8"))
    }

    /// How many items come next of an array or a map; 0 at its end.
    pub fn items(&mut self) -> Result<u64> {
        let count = self.long()?;
        if count < 0 {
            // The length in bytes of the items, for readers that pass over them.
            self.long()?;
        }
        Ok(count.unsigned_abs())
    }
}
