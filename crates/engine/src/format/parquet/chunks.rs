//! A source as the parquet crate reads it.

use std::io::{self, BufReader, Read};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use crate::source::SharedSource;

/// Bytes read ahead where the crate looks for a page's header.
const HEADER_BYTES: usize = 4096;

/// A source, of which no more is asked than it has.
#[derive(Clone)]
pub struct Chunks(pub SharedSource);

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::with_capacity(HEADER_BYTES, From { source: self.0.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.0.len()) {
            return Err(ParquetError::EOF(format!("{length} bytes are wanted at byte {start}, behind the end of the file")));
        }
        let mut bytes = vec![0; length];
        let n = self.0.read_at(start, &mut bytes).map_err(|error| ParquetError::External(Box::new(error)))?;
        if n < length {
            return Err(ParquetError::EOF(format!("the file ends at byte {}", start + n as u64)));
        }
        Ok(bytes.into())
    }
}

/// A source read on from a place.
pub struct From {
    source: SharedSource,
    at: u64,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.source.len() {
            return Ok(0);
        }
        let n = self.source.read_at(self.at, buffer).map_err(io::Error::other)?;
        self.at += n as u64;
        Ok(n)
    }
}
