//! The codecs, each a stream that is read to its end.

use std::io::{self, Read};
use std::rc::Rc;

use colonnade_protocol::{ErrorInfo, ErrorKind};
use serde::{Deserialize, Serialize};

use super::Member;
use super::budget::Budget;
use super::compress;
use super::input::{Input, Watch};
use crate::Result;
use crate::source::SharedSource;

/// How the bytes of one file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Codec {
    /// Not at all.
    Stored,
    Deflate,
    /// Of one member or many.
    Gzip,
    /// Of one frame or many.
    Zstd,
    Bzip2,
    Xz,
    /// In its frame format.
    Lz4,
    /// Of Unix `compress`.
    Compress,
}

impl Codec {
    /// The codec whose files begin so.
    pub fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A frame to be passed over, as pzstd's files begin with (RFC 8878, section 3.1.2).
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [4, 0x22, 0x4d, 0x18, ..] => Self::Lz4,
            head if compress::is_header(head) => Self::Compress,
            _ => return None,
        })
    }

    /// `gzip`
    pub fn title(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Deflate => "deflate",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lz4 => "lz4",
            Self::Compress => "compress",
        }
    }

    fn reader(self, input: Input) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Stored => Box::new(input),
            Self::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(input)),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input)?),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new(input, true)),
            Self::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(input)),
            Self::Compress => Box::new(compress::Decoder::new(input)),
        })
    }
}

/// A member being unpacked, a buffer at a time.
pub struct Unpacking {
    reader: Box<dyn Read>,
    watch: Rc<Watch>,
    member: Member,
    checksum: crc32fast::Hasher,
    out: u64,
    /// What the codec said behind the bytes that were given last; it may not say so twice.
    fault: Option<io::Error>,
}

/// What one step gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// So many bytes, at the start of the buffer.
    Bytes(usize),
    /// The member is whole.
    End,
    /// The member is cut or corrupt from here on; what came before is right as far as can be told.
    Damaged(ErrorInfo),
}

impl Unpacking {
    /// Begins a member of the source.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where a codec cannot be set up.
    pub fn new(source: SharedSource, member: &Member) -> Result<Self> {
        let (input, watch) = Input::new(source, member.packed.clone());
        let reader = member.codec.reader(input).map_err(|error| ErrorInfo::new(ErrorKind::Internal, error.to_string(), ""))?;
        Ok(Self { reader, watch, member: member.clone(), checksum: crc32fast::Hasher::new(), out: 0, fault: None })
    }

    /// Fills the buffer with what comes next.
    ///
    /// # Errors
    /// Those of the source, and [`ErrorKind::Limit`] where the budget is spent.
    pub fn step(&mut self, buffer: &mut [u8], budget: &mut Budget) -> Result<Step> {
        let mut filled = 0;
        while filled < buffer.len() && self.fault.is_none() {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => {
                    filled += n;
                    self.out += n as u64;
                    let packed = self.member.packed.end - self.member.packed.start;
                    budget.spend(n as u64, self.out, packed, self.watch.at.get())?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.fault = Some(error),
            }
        }
        if filled > 0 {
            self.checksum.update(&buffer[..filled]);
            return Ok(Step::Bytes(filled));
        }
        if let Some(fault) = &self.fault {
            let source = self.watch.failed.borrow_mut().take();
            return source.map_or_else(|| Ok(Step::Damaged(self.damage(fault))), Err);
        }
        let is_right = self.member.crc32.is_none_or(|expected| expected == self.checksum.clone().finalize());
        Ok(if self.member.is_cut {
            Step::Damaged(self.damage(&io::ErrorKind::UnexpectedEof.into()))
        } else if is_right {
            Step::End
        } else {
            let what = format!("{}: its checksum is another than the archive says: some of it is wrong", self.member.name);
            Step::Damaged(ErrorInfo::new(ErrorKind::Malformed, what, "Get the file again."))
        })
    }

    /// How far the source is read.
    pub fn at(&self) -> u64 {
        self.watch.at.get()
    }

    fn damage(&self, error: &io::Error) -> ErrorInfo {
        let (title, at) = (self.member.codec.title(), self.watch.at.get());
        let what = if error.kind() == io::ErrorKind::UnexpectedEof {
            format!("{} is cut: its {title} stream ends too early, at byte {at} of the packed file", self.member.name)
        } else {
            format!("{} is damaged: its {title} stream is broken at byte {at} of the packed file ({error})", self.member.name)
        };
        let hint = match self.out {
            0 => "Nothing of it could be unpacked. Get the file again.",
            _ => "What came before is read. Get the file again for the rest.",
        };
        ErrorInfo::new(ErrorKind::Malformed, what, hint)
    }
}
