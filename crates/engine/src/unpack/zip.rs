//! Zip: its directory at the end, with zip64; where that is lost, the headers before each member.
//!
//! After PKWARE's APPNOTE 6.3.10.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::{Codec, Contents, Member, Packing, Skipped, is_hidden, name, read};
use crate::Result;
use crate::source::Source;

/// Why an encrypted member is skipped.
pub const ENCRYPTED: &str = "encrypted";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// The end record with the longest comment.
const LONGEST_END: u64 = 22 + 65_535;
/// Bytes of a directory that are read.
const LARGEST_DIRECTORY: u64 = 64 << 20;

/// Reads the directory.
///
/// # Errors
/// Those of the source; [`ErrorKind::Limit`] for a directory of more than 64 MiB.
pub fn contents(source: &(impl Source + ?Sized)) -> Result<Contents> {
    let mut contents = Contents { packing: Packing::Zip, members: Vec::new(), skipped: Vec::new(), damage: None };
    let Some(Directory { start, size, base }) = Directory::find(source)? else {
        contents.damage = Some("its directory is missing: the file is cut".to_owned());
        walk(source, &mut contents)?;
        return Ok(contents);
    };
    if size > LARGEST_DIRECTORY {
        let what = format!("the directory of this zip archive claims {size} bytes");
        return Err(ErrorInfo::new(ErrorKind::Limit, what, "Unpack it, and open the files inside."));
    }
    let bytes = read(source, start, size as usize)?;
    let mut rest = bytes.as_slice();
    while rest.starts_with(ENTRY) {
        let Some((entry, next)) = Entry::read(rest) else { break };
        rest = next;
        let data = data_start(source, base.saturating_add(entry.offset))?;
        contents.add(entry, data, source.len());
    }
    if !rest.is_empty() {
        contents.damage = Some(format!("its directory breaks at byte {}", start + (bytes.len() - rest.len()) as u64));
    }
    Ok(contents)
}

impl Contents {
    fn add(&mut self, entry: Entry, data: Option<u64>, len: u64) {
        let codec = match entry.method {
            0 => Some(Codec::Stored),
            8 => Some(Codec::Deflate),
            12 => Some(Codec::Bzip2),
            93 => Some(Codec::Zstd),
            95 => Some(Codec::Xz),
            _ => None,
        };
        let why = if entry.name.ends_with('/') {
            "a folder".to_owned()
        } else if is_hidden(&entry.name) {
            "hidden".to_owned()
        } else if entry.flags & 1 != 0 {
            ENCRYPTED.to_owned()
        } else if entry.size == Some(0) {
            "empty".to_owned()
        } else {
            match (codec, data) {
                (None, _) => format!("compressed by method {}, which is not known here", entry.method),
                (_, None) => "its header is not where the directory says".to_owned(),
                (Some(codec), Some(start)) => {
                    let end = entry.packed.map_or(len, |packed| start.saturating_add(packed));
                    self.members.push(Member {
                        name: entry.name,
                        codec,
                        packed: start.min(len)..end.min(len),
                        crc32: entry.crc32,
                        is_cut: end > len,
                    });
                    return;
                }
            }
        };
        self.skipped.push(Skipped { name: entry.name, why });
    }
}

/// Where the directory is. `base` is what stands before the archive (a program that unpacks it).
struct Directory {
    start: u64,
    size: u64,
    base: u64,
}

impl Directory {
    fn find(source: &(impl Source + ?Sized)) -> Result<Option<Self>> {
        let len = source.len();
        let from = len.saturating_sub(LONGEST_END);
        let tail = read(source, from, LONGEST_END as usize)?;
        let found = memchr::memmem::rfind_iter(&tail, END).find_map(|at| {
            let comment = u64::from(u16_at(&tail, at + 20)?);
            (at as u64 + 22 + comment <= tail.len() as u64).then_some(at)
        });
        let Some(at) = found else { return Ok(None) };
        let end = from + at as u64;
        let (mut size, mut offset, mut end_of_directory) = match (u32_at(&tail, at + 12), u32_at(&tail, at + 16)) {
            (Some(size), Some(offset)) => (u64::from(size), u64::from(offset), end),
            _ => return Ok(None),
        };
        if let Some(locator) = at.checked_sub(20).filter(|&locator| tail.get(locator..).is_some_and(|bytes| bytes.starts_with(LOCATOR_64)))
        {
            let place = u64_at(&tail, locator + 8).unwrap_or(len);
            let record = if place < len { read(source, place, 56)? } else { Vec::new() };
            if let (true, Some(size_64), Some(offset_64)) = (record.starts_with(END_64), u64_at(&record, 40), u64_at(&record, 48)) {
                (size, offset, end_of_directory) = (size_64, offset_64, place);
            }
        }
        let Some(start) = end_of_directory.checked_sub(size) else { return Ok(None) };
        let Some(base) = start.checked_sub(offset) else { return Ok(None) };
        Ok(Some(Self { start, size, base }))
    }
}

/// What the directory, or a member's own header, says of it.
struct Entry {
    name: String,
    flags: u16,
    method: u16,
    crc32: Option<u32>,
    /// `None`: only what follows the member tells.
    packed: Option<u64>,
    size: Option<u64>,
    offset: u64,
}

impl Entry {
    /// The first entry of a directory, and what is behind it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (name_len, extra_len, comment_len) = (u16_at(bytes, 28)?, u16_at(bytes, 30)?, u16_at(bytes, 32)?);
        let name = bytes.get(46..46 + usize::from(name_len))?;
        let extra = bytes.get(46 + name.len()..46 + name.len() + usize::from(extra_len))?;
        let rest = bytes.get(46 + name.len() + extra.len() + usize::from(comment_len)..)?;
        let (mut packed, mut size, mut offset) =
            (u64::from(u32_at(bytes, 20)?), u64::from(u32_at(bytes, 24)?), u64::from(u32_at(bytes, 42)?));
        // The 64-bit field holds only what does not fit above, in this order.
        let mut wide = field(extra, 1).unwrap_or_default();
        for value in [&mut size, &mut packed, &mut offset] {
            if *value == u64::from(u32::MAX) {
                if let Some(own) = u64_at(wide, 0) {
                    *value = own;
                }
                wide = wide.get(8..).unwrap_or_default();
            }
        }
        let entry = Self {
            name: name::decoded(name),
            flags: u16_at(bytes, 8)?,
            method: u16_at(bytes, 10)?,
            crc32: u32_at(bytes, 16),
            packed: Some(packed),
            size: Some(size),
            offset,
        };
        Some((entry, rest))
    }

    /// A member's own header, and its length.
    fn read_local(bytes: &[u8]) -> Option<(Self, u64)> {
        let flags = u16_at(bytes, 6)?;
        let (name_len, extra_len) = (u16_at(bytes, 26)?, u16_at(bytes, 28)?);
        let name = bytes.get(30..30 + usize::from(name_len))?;
        let later = flags & 8 != 0;
        let known = |at: usize| u32_at(bytes, at).map(u64::from).filter(|&value| !later && value != u64::from(u32::MAX));
        let entry = Self {
            name: name::decoded(name),
            flags,
            method: u16_at(bytes, 8)?,
            crc32: u32_at(bytes, 14).filter(|_| !later),
            packed: known(18),
            size: known(22),
            offset: 0,
        };
        Some((entry, 30 + u64::from(name_len) + u64::from(extra_len)))
    }
}

/// Where a member's bytes begin, behind its own header.
fn data_start(source: &(impl Source + ?Sized), offset: u64) -> Result<Option<u64>> {
    let header = if offset < source.len() { read(source, offset, 30)? } else { Vec::new() };
    let lengths = u16_at(&header, 26).zip(u16_at(&header, 28)).filter(|_| header.starts_with(LOCAL));
    Ok(lengths.map(|(name, extra)| offset + 30 + u64::from(name) + u64::from(extra)))
}

/// Members from their own headers, one behind the other, as far as each says how long it is.
fn walk(source: &(impl Source + ?Sized), contents: &mut Contents) -> Result<()> {
    let mut at = 0;
    while at < source.len() {
        let header = read(source, at, 30 + 2 * 65_535)?;
        let Some((entry, length)) = Entry::read_local(&header).filter(|_| header.starts_with(LOCAL)) else { break };
        let packed = entry.packed;
        contents.add(entry, Some(at + length), source.len());
        let Some(packed) = packed else { break };
        at = at.saturating_add(length).saturating_add(packed);
    }
    Ok(())
}

/// A field of an entry's extra data.
fn field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let (id, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let value = extra.get(4..4 + length)?;
        if id == wanted {
            return Some(value);
        }
        extra = &extra[4 + length..];
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
