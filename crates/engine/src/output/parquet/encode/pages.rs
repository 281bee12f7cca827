//! The pages of a chunk, one behind the other, each where it was compressed to: they are copied once, into the file.

use std::collections::VecDeque;
use std::io::{self, Read};

use bytes::{Buf, Bytes};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// Finished pages with their headers.
#[derive(Debug, Default)]
pub struct Pages {
    pages: VecDeque<Bytes>,
    len: usize,
}

impl Pages {
    /// Bytes in all.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Puts a page behind the others.
    pub fn push(&mut self, page: Vec<u8>) {
        self.len += page.len();
        self.pages.push_back(Bytes::from(page));
    }

    /// Puts a page before the others.
    pub fn push_front(&mut self, page: Vec<u8>) {
        self.len += page.len();
        self.pages.push_front(Bytes::from(page));
    }
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.len as u64
    }
}

/// Read from the start alone, as a chunk is when it is appended.
impl ChunkReader for Pages {
    type T = Reader;

    fn get_read(&self, start: u64) -> Result<Reader> {
        match start {
            0 => Ok(Reader(self.pages.clone())),
            _ => Err(ParquetError::NYI("a chunk is read from its start".to_owned())),
        }
    }

    fn get_bytes(&self, _: u64, _: usize) -> Result<Bytes> {
        Err(ParquetError::NYI("a chunk is read from its start".to_owned()))
    }
}

/// Reads pages to their end.
pub struct Reader(VecDeque<Bytes>);

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(page) = self.0.front_mut() {
            if page.has_remaining() {
                let n = page.len().min(out.len());
                page.copy_to_slice(&mut out[..n]);
                return Ok(n);
            }
            self.0.pop_front();
        }
        Ok(0)
    }
}
