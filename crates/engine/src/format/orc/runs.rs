//! Bytes and truth values in runs.
//!
//! <https://orc.apache.org/specification/ORCv1/#run-length-encoding>

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};

use super::stream::Stream;
use crate::Result;

/// The least length of a run of one byte.
const LEAST_RUN: u32 = 3;

/// Bytes, in runs of one or as they are.
pub struct Bytes {
    stream: Stream,
    /// How many are left of what was begun: the byte that repeats, or bytes of the stream.
    left: u32,
    repeated: Option<u8>,
}

impl Bytes {
    pub fn new(stream: Stream) -> Self {
        Self { stream, left: 0, repeated: None }
    }

    /// The next byte.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn byte(&mut self) -> Result<u8> {
        if self.left == 0 {
            let control = self.stream.byte()? as i8;
            if control < 0 {
                (self.left, self.repeated) = (u32::from(control.unsigned_abs()), None);
            } else {
                (self.left, self.repeated) = (u32::from(control.unsigned_abs()) + LEAST_RUN, Some(self.stream.byte()?));
            }
        }
        self.left -= 1;
        match self.repeated {
            Some(byte) => Ok(byte),
            None => self.stream.byte(),
        }
    }
}

/// Truth values: the bits of such bytes, the highest first.
pub struct Bits {
    bytes: Bytes,
    byte: u8,
    left: u32,
}

impl Bits {
    pub fn new(stream: Stream) -> Self {
        Self { bytes: Bytes::new(stream), byte: 0, left: 0 }
    }

    /// The next `count`.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn read(&mut self, count: usize) -> Result<BooleanBuffer> {
        let mut bits = BooleanBufferBuilder::new(count);
        let mut missing = count;
        while missing > 0 {
            if self.left == 0 {
                (self.byte, self.left) = (self.bytes.byte()?, 8);
            }
            if self.left == 8 && missing >= 8 && matches!(self.byte, 0 | 0xFF) {
                bits.append_n(8, self.byte != 0);
                (missing, self.left) = (missing - 8, 0);
                continue;
            }
            bits.append(self.byte & 0x80 != 0);
            self.byte <<= 1;
            self.left -= 1;
            missing -= 1;
        }
        Ok(bits.finish())
    }
}
