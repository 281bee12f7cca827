//! The pages of a database file (<https://www.sqlite.org/fileformat2.html>, sections 1.2 and 1.3).

use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::malformed;
use crate::Result;
use crate::source::SharedSource;

/// What every database begins with.
pub const MAGIC: &[u8] = b"SQLite format 3\0";
/// Bytes of the file's header, which the first page begins with.
pub const HEADER: usize = 100;
/// Pages are read so many bytes at a time, and so many such pieces are kept: a browser takes long for each read.
const PIECE: u64 = 256 << 10;
const PIECES: usize = 8;

/// Reads pages.
pub struct Pager {
    source: SharedSource,
    pub page_size: usize,
    /// Bytes of a page that are its own: some may be reserved at its end.
    pub usable: usize,
    /// Pages of the file.
    pub count: u32,
    /// How texts are encoded.
    pub encoding: &'static Encoding,
    /// Whether changes may stand in a file of their own, beside this one.
    pub has_log: bool,
    /// Those used last are last.
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Pager {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for one that no database has; those of the source.
    pub fn open(source: SharedSource) -> Result<Self> {
        let mut header = [0; HEADER];
        let read = source.read_at(0, &mut header)?;
        if read < HEADER || !header.starts_with(MAGIC) {
            return Err(malformed("it has no header of 100 bytes"));
        }
        let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let page_size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = page_size.saturating_sub(usize::from(header[20]));
        if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
            return Err(malformed(format!("pages of {page_size} bytes, {} of them reserved", header[20])));
        }
        let there = u32::try_from(source.len() / page_size as u64).unwrap_or(u32::MAX);
        if there == 0 {
            return Err(malformed("its first page is cut short"));
        }
        let encoding = match number(56) {
            2 => UTF_16LE,
            3 => UTF_16BE,
            _ => UTF_8,
        };
        Ok(Self { source, page_size, usable, count: there, encoding, has_log: header[19] == 2, pieces: Vec::new() })
    }

    /// The bytes of a page that are its own.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for a page that is not there; those of the source.
    pub fn page(&mut self, number: u32) -> Result<Vec<u8>> {
        if number == 0 || number > self.count {
            return Err(malformed(format!("page {number} of {} is wanted", self.count)));
        }
        let offset = u64::from(number - 1) * self.page_size as u64;
        let piece = offset / PIECE;
        let at = match self.pieces.iter().position(|(known, _)| *known == piece) {
            Some(at) => at,
            None => {
                let mut bytes = if self.pieces.len() < PIECES { Vec::new() } else { self.pieces.remove(0).1 };
                bytes.resize(PIECE.min(self.source.len() - piece * PIECE) as usize, 0);
                let read = self.source.read_at(piece * PIECE, &mut bytes)?;
                bytes.truncate(read);
                self.pieces.push((piece, bytes));
                self.pieces.len() - 1
            }
        };
        let found = self.pieces.remove(at);
        let from = (offset % PIECE) as usize;
        let page = found.1.get(from..from + self.usable).map(<[u8]>::to_vec);
        self.pieces.push(found);
        page.ok_or_else(|| {
            ErrorInfo::new(
                ErrorKind::Source,
                format!("page {number} could not be read whole"),
                "The file changed while it was read: open it again.",
            )
        })
    }
}

/// The big-endian number of two or four bytes at an offset; 0 where there are none.
pub fn number<const N: usize>(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + N).unwrap_or_default().iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// The number of up to nine bytes at the start of `bytes`, and its length.
pub fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (k, &byte) in bytes.iter().take(9).enumerate() {
        if k == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, k + 1));
        }
    }
    None
}
