//! The header of a file, and where its blocks are.

use colonnade_protocol::{ErrorInfo, ErrorKind, Place};

use super::codec::{Codec, MOST_BYTES};
use super::malformed;
use super::schema::Schema;
use super::value::Bytes;
use crate::Result;
use crate::source::SharedSource;

/// What a file begins with.
pub const MAGIC: &[u8] = b"Obj\x01";
/// The marker behind each block.
const SYNC_BYTES: usize = 16;
/// Bytes of the header at most.
const MOST_HEADER: usize = 16 << 20;
/// The header is looked for in so many bytes first.
const FIRST_HEADER: usize = 64 << 10;
/// A block's count and size.
const BLOCK_HEADER: usize = 20;

/// A block of rows.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    pub at: u64,
    pub size: u64,
    pub rows: u64,
}

/// A file's header and blocks.
pub struct Container {
    pub schema: Schema,
    pub codec: Codec,
    pub blocks: Vec<Block>,
}

impl Container {
    /// Reads the header and goes from block to block, reading none of them.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] with the first row that cannot be reached; [`ErrorKind::Limit`]; those of the source.
    pub fn read(source: &SharedSource) -> Result<Self> {
        let header = Header::read(source)?;
        let (mut at, mut rows) = (header.length, 0_u64);
        let mut blocks = Vec::new();
        let mut window = Window { source, at: 0, bytes: Vec::new() };
        while at < source.len() {
            let block = window.block(at, &header.sync).map_err(|error| error.at(Place::row(rows)))?;
            at = block.at + block.size + SYNC_BYTES as u64;
            rows = rows.saturating_add(block.rows);
            blocks.push(block);
        }
        Ok(Self { schema: header.schema, codec: header.codec, blocks })
    }
}

struct Header {
    schema: Schema,
    codec: Codec,
    sync: [u8; SYNC_BYTES],
    length: u64,
}

impl Header {
    /// Looks at more bytes while those at hand do not hold it.
    fn read(source: &SharedSource) -> Result<Self> {
        let mut size = FIRST_HEADER;
        loop {
            let head = bytes(source, 0, size)?;
            match Self::of(&head) {
                Err(_) if head.len() == size && size < MOST_HEADER => size *= 4,
                found => return found,
            }
        }
    }

    fn of(head: &[u8]) -> Result<Self> {
        let mut bytes = Bytes::new(head);
        if bytes.take(MAGIC.len())? != MAGIC {
            return Err(malformed("it does not begin as one"));
        }
        let (mut schema, mut codec) = (None, Codec::Null);
        loop {
            let count = bytes.items()?;
            if count == 0 {
                break;
            }
            for _ in 0..count {
                bytes.spend()?;
                match (bytes.text()?, bytes.bytes()?) {
                    ("avro.schema", text) => schema = Some(text),
                    ("avro.codec", name) => codec = Codec::named(&String::from_utf8_lossy(name))?,
                    _ => {}
                }
            }
        }
        let sync = bytes.array()?;
        let schema = Schema::parse(schema.ok_or_else(|| malformed("it has no schema"))?)?;
        Ok(Self { schema, codec, sync, length: (head.len() - bytes.left()) as u64 })
    }
}

/// Bytes of the source around where blocks begin.
struct Window<'a> {
    source: &'a SharedSource,
    at: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// The block at `at`; its marker must stand behind it.
    fn block(&mut self, at: u64, sync: &[u8; SYNC_BYTES]) -> Result<Block> {
        let head = self.bytes(at, BLOCK_HEADER)?;
        let mut bytes = Bytes::new(head);
        let (rows, size) = (bytes.long()?, bytes.long()?);
        let length = (head.len() - bytes.left()) as u64;
        let (Ok(rows), Ok(size)) = (u64::try_from(rows), u64::try_from(size)) else {
            return Err(malformed(format!("the block at byte {at} has a negative size")));
        };
        let begin = at + length;
        let inside = begin.checked_add(size).and_then(|end| end.checked_add(SYNC_BYTES as u64)).is_some_and(|end| end <= self.source.len());
        if !inside {
            return Err(malformed(format!("the block at byte {at} claims {size} bytes, behind the end of the file")));
        }
        if size > MOST_BYTES {
            let what = format!("the Avro block at byte {at} has {size} bytes");
            return Err(ErrorInfo::new(ErrorKind::Limit, what, format!("At most {MOST_BYTES} are read.")));
        }
        if self.bytes(begin + size, SYNC_BYTES)? != sync {
            return Err(malformed(format!("the block at byte {at} does not end where it says")));
        }
        Ok(Block { at: begin, size, rows })
    }

    /// `count` bytes at `at`, fewer at the end of the source.
    fn bytes(&mut self, at: u64, count: usize) -> Result<&[u8]> {
        let end = at.saturating_add(count as u64).min(self.source.len());
        if at < self.at || end > self.at + self.bytes.len() as u64 {
            self.bytes = bytes(self.source, at, FIRST_HEADER)?;
            self.at = at;
        }
        let from = (at - self.at) as usize;
        Ok(self.bytes.get(from..self.bytes.len().min(from + count)).unwrap_or_default())
    }
}

/// Bytes of the source, fewer at its end.
pub fn bytes(source: &SharedSource, at: u64, count: usize) -> Result<Vec<u8>> {
    let count = (source.len().saturating_sub(at)).min(count as u64) as usize;
    let mut bytes = vec![0; count];
    let n = if count > 0 { source.read_at(at, &mut bytes)? } else { 0 };
    bytes.truncate(n);
    Ok(bytes)
}
