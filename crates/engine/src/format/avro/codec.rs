//! Unpacks a block, to a bound.

use std::io::Read;

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::malformed;
use crate::Result;

/// Bytes that a block may unpack to.
pub const MOST_BYTES: u64 = 256 << 20;

/// How blocks are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Null,
    Deflate,
    Snappy,
    Zstandard,
    Bzip2,
    Xz,
}

const ALL: [Codec; 6] = [Codec::Null, Codec::Deflate, Codec::Snappy, Codec::Zstandard, Codec::Bzip2, Codec::Xz];

impl Codec {
    /// By the name in the file's header.
    pub fn named(name: &str) -> Result<Self> {
        let known = ALL.into_iter().find(|codec| codec.id() == name);
        known.ok_or_else(|| {
            let what = format!("the Avro file is packed by {name:?}, which is not known here");
            ErrorInfo::new(ErrorKind::Malformed, what, "Write it again with deflate, snappy, zstandard, bzip2, xz or null.")
        })
    }

    fn id(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Deflate => "deflate",
            Self::Snappy => "snappy",
            Self::Zstandard => "zstandard",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// As the page shows it.
    pub fn name(self) -> &'static str {
        if self == Self::Null { "uncompressed" } else { self.id() }
    }

    /// The block's own bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`]; [`ErrorKind::Limit`] for more than [`MOST_BYTES`].
    pub fn unpack(self, packed: Vec<u8>) -> Result<Vec<u8>> {
        match self {
            Self::Null => Ok(packed),
            Self::Deflate => read(flate2::read::DeflateDecoder::new(packed.as_slice())),
            Self::Zstandard => read(zstd::stream::read::Decoder::new(packed.as_slice()).map_err(malformed)?),
            Self::Bzip2 => read(bzip2::read::MultiBzDecoder::new(packed.as_slice())),
            Self::Xz => read(lzma_rust2::XzReader::new(packed.as_slice(), true)),
            Self::Snappy => snappy(&packed),
        }
    }
}

fn read(decoder: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    decoder.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| malformed(format!("a block does not unpack: {error}")))?;
    check(bytes.len() as u64)?;
    Ok(bytes)
}

/// Snappy's own block, and the CRC-32 of what it unpacks to.
fn snappy(packed: &[u8]) -> Result<Vec<u8>> {
    let Some((body, crc)) = packed.split_last_chunk() else { return Err(malformed("a block has no checksum")) };
    let length = snap::raw::decompress_len(body).map_err(malformed)?;
    check(length as u64)?;
    // A byte of it unpacks to 64 at most.
    if length > body.len().saturating_mul(64) {
        return Err(malformed(format!("a block of {} bytes claims to unpack to {length}", body.len())));
    }
    let bytes = snap::raw::Decoder::new().decompress_vec(body).map_err(malformed)?;
    if crc32fast::hash(&bytes) == u32::from_be_bytes(*crc) { Ok(bytes) } else { Err(malformed("a block's checksum is wrong")) }
}

fn check(length: u64) -> Result<()> {
    if length <= MOST_BYTES {
        return Ok(());
    }
    Err(ErrorInfo::new(ErrorKind::Limit, format!("an Avro block unpacks to more than {MOST_BYTES} bytes"), "Write it in smaller blocks."))
}
