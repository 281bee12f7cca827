//! One compressor for all columns of a segment: a codec's tables take a megabyte or more.

use std::io::Write;

use colonnade_protocol::ErrorInfo;
use parquet::basic::Compression;

use super::super::defect;
use crate::Result;

/// Compresses pages one after another.
pub struct Compressor {
    kind: Kind,
    compression: Compression,
    buffer: Vec<u8>,
}

enum Kind {
    Zstd(zstd::bulk::Compressor<'static>),
    Snappy(Box<snap::raw::Encoder>),
    Lz4,
    Gzip(u32),
    #[cfg(feature = "every-format")]
    Brotli(u32),
    None,
}

impl Compressor {
    /// # Errors
    /// [`ErrorKind::Internal`](colonnade_protocol::ErrorKind) for a codec that this module lacks, or where it has no memory.
    pub fn new(compression: Compression) -> Result<Self> {
        let kind = match compression {
            Compression::ZSTD(level) => Kind::Zstd(zstd::bulk::Compressor::new(level.compression_level()).map_err(failed)?),
            Compression::SNAPPY => Kind::Snappy(Box::new(snap::raw::Encoder::new())),
            Compression::LZ4_RAW => Kind::Lz4,
            Compression::GZIP(level) => Kind::Gzip(level.compression_level()),
            #[cfg(feature = "every-format")]
            Compression::BROTLI(level) => Kind::Brotli(level.compression_level()),
            Compression::UNCOMPRESSED => Kind::None,
            other => return Err(defect(format!("{other} is not in this module"))),
        };
        Ok(Self { kind, compression, buffer: Vec::new() })
    }

    /// The codec, for the footer.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The page as it is stored.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`](colonnade_protocol::ErrorKind) where the codec fails.
    pub fn compress<'a>(&'a mut self, page: &'a [u8]) -> Result<&'a [u8]> {
        self.buffer.clear();
        match &mut self.kind {
            Kind::None => return Ok(page),
            Kind::Zstd(zstd) => {
                self.buffer.reserve(zstd::zstd_safe::compress_bound(page.len()));
                zstd.compress_to_buffer(page, &mut self.buffer).map_err(failed)?;
            }
            Kind::Snappy(snappy) => {
                self.buffer.resize(snap::raw::max_compress_len(page.len()), 0);
                let len = snappy.compress(page, &mut self.buffer).map_err(failed)?;
                self.buffer.truncate(len);
            }
            Kind::Lz4 => {
                self.buffer.resize(lz4_flex::block::get_maximum_output_size(page.len()), 0);
                let len = lz4_flex::block::compress_into(page, &mut self.buffer).map_err(failed)?;
                self.buffer.truncate(len);
            }
            Kind::Gzip(level) => {
                let mut gzip = flate2::write::GzEncoder::new(&mut self.buffer, flate2::Compression::new(*level));
                gzip.write_all(page).and_then(|()| gzip.finish().map(drop)).map_err(failed)?;
            }
            #[cfg(feature = "every-format")]
            Kind::Brotli(level) => {
                const BUFFER: usize = 4096;
                const WINDOW: u32 = 22;
                let mut brotli = brotli::CompressorWriter::new(&mut self.buffer, BUFFER, *level, WINDOW);
                brotli.write_all(page).and_then(|()| brotli.flush()).map_err(failed)?;
                drop(brotli);
            }
        }
        Ok(&self.buffer)
    }
}

fn failed(error: impl std::fmt::Display) -> ErrorInfo {
    defect(format!("a page could not be compressed: {error}"))
}
