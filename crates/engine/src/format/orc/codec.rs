//! How a file is packed: chunk by chunk, each behind three bytes that say how long it is.
//!
//! <https://orc.apache.org/specification/ORCv1/#compression>

use std::io::Read;

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::malformed;
use crate::Result;

/// Bytes before each chunk.
pub const HEADER_BYTES: usize = 3;
/// No chunk may have more: its header has 23 bits for the length.
const MOST_CHUNK: u64 = 1 << 23;

/// A file's codec, and the bytes that a chunk unpacks to at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    codec: Codec,
    chunk: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    None,
    Zlib,
    Snappy,
    Lz4,
    Zstd,
    Brotli,
}

impl Packing {
    /// By the numbers of the postscript.
    ///
    /// # Errors
    /// A codec that is not read here, and chunks larger than the format can say.
    pub fn new(codec: u64, chunk: u64) -> Result<Self> {
        let codec = match codec {
            0 => Codec::None,
            1 => Codec::Zlib,
            2 => Codec::Snappy,
            4 => Codec::Lz4,
            5 => Codec::Zstd,
            6 => Codec::Brotli,
            other => {
                let name = if other == 3 { "LZO".to_owned() } else { format!("codec {other}") };
                let hint = "Write it again with zlib, snappy, zstd, lz4, brotli or none.";
                return Err(ErrorInfo::new(
                    ErrorKind::Malformed,
                    format!("the ORC file is packed by {name}, which is not read here"),
                    hint,
                ));
            }
        };
        if chunk > MOST_CHUNK {
            return Err(malformed(format!("it claims chunks of {chunk} bytes, and the format has {MOST_CHUNK} at most")));
        }
        // What does not say has 256 KiB.
        Ok(Self { codec, chunk: if chunk == 0 { 256 << 10 } else { chunk as usize } })
    }

    /// As the page shows it.
    pub fn name(self) -> &'static str {
        match self.codec {
            Codec::None => "uncompressed",
            Codec::Zlib => "zlib",
            Codec::Snappy => "snappy",
            Codec::Lz4 => "lz4",
            Codec::Zstd => "zstd",
            Codec::Brotli => "brotli",
        }
    }

    /// Whether there are chunks at all.
    pub fn is_none(self) -> bool {
        self.codec == Codec::None
    }

    /// What a chunk's header says: its length, and whether it is stored as it is.
    ///
    /// # Errors
    /// A chunk longer than the postscript's.
    pub fn header(self, header: [u8; HEADER_BYTES]) -> Result<(usize, bool)> {
        let [low, middle, high] = header;
        let both = u32::from_le_bytes([low, middle, high, 0]);
        let length = (both >> 1) as usize;
        if length > self.chunk {
            return Err(malformed(format!("a chunk claims {length} bytes, and chunks have {} at most", self.chunk)));
        }
        Ok((length, both & 1 == 1))
    }

    /// Unpacks a chunk in place of what `into` holds.
    ///
    /// # Errors
    /// A damaged chunk, or one that unpacks to more than the postscript says.
    pub fn unpack(self, packed: &[u8], into: &mut Vec<u8>) -> Result<()> {
        into.clear();
        match self.codec {
            Codec::None => into.extend_from_slice(packed),
            Codec::Zlib => self.read(flate2::read::DeflateDecoder::new(packed), into)?,
            Codec::Zstd => self.read(zstd::stream::read::Decoder::with_buffer(packed).map_err(damaged)?, into)?,
            Codec::Brotli => self.read(brotli::Decompressor::new(packed, 4096), into)?,
            Codec::Snappy => {
                let length = snap::raw::decompress_len(packed).map_err(damaged)?;
                if length > self.chunk {
                    return Err(self.too_long());
                }
                into.resize(length, 0);
                snap::raw::Decoder::new().decompress(packed, into).map_err(damaged)?;
            }
            Codec::Lz4 => {
                into.resize(self.chunk, 0);
                let length = lz4_flex::block::decompress_into(packed, into).map_err(damaged)?;
                into.truncate(length);
            }
        }
        Ok(())
    }

    /// Unpacks chunks that follow each other, `most` bytes at most.
    ///
    /// # Errors
    /// Those of [`unpack`](Self::unpack), and [`ErrorKind::Limit`].
    pub fn unpack_all(self, mut packed: &[u8], most: usize) -> Result<Vec<u8>> {
        if self.is_none() {
            return Ok(packed.to_vec());
        }
        let (mut all, mut one) = (Vec::new(), Vec::new());
        while let Some((header, rest)) = packed.split_first_chunk() {
            let (length, is_stored) = self.header(*header)?;
            let (chunk, rest) = rest.split_at_checked(length).ok_or_else(|| malformed("a chunk is cut short"))?;
            packed = rest;
            if is_stored {
                all.extend_from_slice(chunk);
            } else {
                self.unpack(chunk, &mut one)?;
                all.extend_from_slice(&one);
            }
            if all.len() > most {
                let what = format!("a footer of the ORC file unpacks to more than {most} bytes");
                return Err(ErrorInfo::new(ErrorKind::Limit, what, "Write it again with fewer columns or larger stripes."));
            }
        }
        Ok(all)
    }

    fn read(self, decoder: impl Read, into: &mut Vec<u8>) -> Result<()> {
        decoder.take(self.chunk as u64 + 1).read_to_end(into).map_err(damaged)?;
        if into.len() > self.chunk { Err(self.too_long()) } else { Ok(()) }
    }

    fn too_long(self) -> ErrorInfo {
        malformed(format!("a chunk unpacks to more than the {} bytes that chunks have at most", self.chunk))
    }
}

fn damaged(error: impl std::fmt::Display) -> ErrorInfo {
    malformed(format!("a chunk does not unpack: {error}"))
}
