//! One stream of a stripe: bytes of one column, unpacked as they are read.

use super::codec::{HEADER_BYTES, Packing};
use super::malformed;
use crate::Result;
use crate::source::SharedSource;

/// Where a stream lies in the file, and how it is read.
#[derive(Clone)]
pub struct Place {
    pub source: SharedSource,
    pub packing: Packing,
    pub at: u64,
    pub length: u64,
    /// Bytes read of the source at once.
    pub ahead: usize,
}

/// Bytes of a stream. Memory: `ahead` bytes of the source, and one chunk.
pub struct Stream {
    place: Place,
    packed: Vec<u8>,
    /// How many of `packed` are used.
    read: usize,
    open: Vec<u8>,
    used: usize,
}

impl Stream {
    /// A stream from its first byte on.
    pub fn new(place: Place) -> Self {
        Self { place, packed: Vec::new(), read: 0, open: Vec::new(), used: 0 }
    }

    /// The next byte.
    ///
    /// # Errors
    /// The end of the stream, a damaged chunk, those of the source; the same for all that follow.
    pub fn byte(&mut self) -> Result<u8> {
        while self.used >= self.open.len() {
            self.open_next()?;
        }
        let byte = self.open.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        Ok(byte)
    }

    /// Adds the next `count` bytes: room is made for what is there, not for what is claimed.
    pub fn take(&mut self, count: usize, into: &mut Vec<u8>) -> Result<()> {
        let mut missing = count;
        while missing > 0 {
            let here = self.open.get(self.used..).unwrap_or_default();
            let taken = here.get(..missing.min(here.len())).unwrap_or_default();
            into.extend_from_slice(taken);
            self.used += taken.len();
            missing -= taken.len();
            if missing > 0 {
                self.open_next()?;
            }
        }
        Ok(())
    }

    /// The next bytes, as many as the array has.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        for byte in &mut array {
            *byte = self.byte()?;
        }
        Ok(array)
    }

    /// A number of 7 bits a byte, the lowest first.
    pub fn varint(&mut self) -> Result<u64> {
        let mut value: u64 = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(malformed("a number has more than ten bytes"))
    }

    /// Opens the next chunk, which may be empty.
    fn open_next(&mut self) -> Result<()> {
        self.used = 0;
        self.open.clear();
        let Place { packing, .. } = self.place;
        if packing.is_none() {
            let count = self.place.length.min(self.place.ahead as u64) as usize;
            if count == 0 {
                return Err(malformed("a stream ends within its values"));
            }
            self.fetch(count)?;
            std::mem::swap(&mut self.open, &mut self.packed);
            self.packed.clear();
            self.read = 0;
            return Ok(());
        }
        if self.place.length == 0 && self.read >= self.packed.len() {
            return Err(malformed("a stream ends within its values"));
        }
        self.fetch(HEADER_BYTES)?;
        let header = self.packed.get(self.read..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
        let (length, is_stored) = packing.header(header)?;
        self.read += HEADER_BYTES;
        self.fetch(length)?;
        let chunk = self.packed.get(self.read..self.read + length).unwrap_or_default();
        if is_stored {
            self.open.extend_from_slice(chunk);
        } else {
            packing.unpack(chunk, &mut self.open)?;
        }
        self.read += length;
        Ok(())
    }

    /// Sees to it that `count` packed bytes are at hand.
    fn fetch(&mut self, count: usize) -> Result<()> {
        let here = self.packed.len() - self.read;
        if here >= count {
            return Ok(());
        }
        self.packed.drain(..self.read);
        self.read = 0;
        let wanted = (count - here).max(self.place.ahead).min(usize::try_from(self.place.length).unwrap_or(usize::MAX));
        self.packed.resize(here + wanted, 0);
        let n = match self.packed.get_mut(here..) {
            Some(room) if !room.is_empty() => self.place.source.read_at(self.place.at, room)?,
            _ => 0,
        };
        self.packed.truncate(here + n);
        self.place.at += n as u64;
        self.place.length -= n as u64;
        if self.packed.len() < count {
            return Err(malformed("a stream ends within a chunk"));
        }
        Ok(())
    }
}
