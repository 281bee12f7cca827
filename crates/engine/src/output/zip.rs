//! A zip archive of stored files, made of slices: headers to stand between contents that are never touched.
//!
//! After PKWARE's APPNOTE.TXT 6.3.10. Zip64 fields are written only where a size, an offset or the number of files needs
//! them, so that old readers open small archives.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;

/// 1980-01-01, 00:00: there is no clock here, and the same input gives the same bytes.
const DOS_DATE: u16 = 0x0021;
const UTF8_NAME: u16 = 1 << 11;
const ZIP64: u16 = 45;
const PLAIN: u16 = 20;
const U16_FULL: u16 = u16::MAX;
const U32_FULL: u32 = u32::MAX;

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// With `/` between folders.
    pub name: String,
    pub len: u64,
    /// CRC-32 of the content, see [`Crc`].
    pub crc32: u32,
}

/// What stands around the contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// For each entry: what comes before its content.
    pub headers: Vec<Vec<u8>>,
    /// What comes behind the last content.
    pub directory: Vec<u8>,
}

/// The archive is `headers[0]`, content 0, `headers[1]`, content 1, ..., `directory`.
///
/// # Errors
/// [`ErrorKind::Usage`] for a name of more than 65,535 bytes.
pub fn stored(entries: &[Entry]) -> Result<Archive> {
    let mut headers = Vec::with_capacity(entries.len());
    let mut directory = Vec::new();
    let mut offset = 0;
    for entry in entries {
        let name_len = u16::try_from(entry.name.len())
            .map_err(|_| ErrorInfo::new(ErrorKind::Usage, "a file's name is longer than a zip archive can hold", "Take a shorter name."))?;
        let header = local_header(entry, name_len);
        directory_entry(&mut directory, entry, name_len, offset);
        offset += header.len() as u64 + entry.len;
        headers.push(header);
    }
    end(&mut directory, entries.len() as u64, offset);
    Ok(Archive { headers, directory })
}

/// CRC-32 (IEEE) of a file that is known in pieces.
#[derive(Debug, Clone, Default)]
pub struct Crc(crc32fast::Hasher);

impl Crc {
    /// The next bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The next `len` bytes, of which only the CRC-32 is known.
    pub fn part(&mut self, crc32: u32, len: u64) {
        self.0.combine(&crc32fast::Hasher::new_with_initial_len(crc32, len));
    }

    /// The sum so far.
    pub fn value(&self) -> u32 {
        self.0.clone().finalize()
    }
}

fn local_header(entry: &Entry, name_len: u16) -> Vec<u8> {
    let large = entry.len >= u64::from(U32_FULL);
    let mut header = Vec::with_capacity(50 + entry.name.len());
    put32(&mut header, 0x0403_4B50);
    put16(&mut header, if large { ZIP64 } else { PLAIN });
    common(&mut header, entry, narrow(entry.len), name_len);
    put16(&mut header, if large { 20 } else { 0 });
    header.extend_from_slice(entry.name.as_bytes());
    if large {
        put16(&mut header, 1);
        put16(&mut header, 16);
        put64(&mut header, entry.len);
        put64(&mut header, entry.len);
    }
    header
}

/// Flags to the length of the name: what local header and directory have alike.
fn common(out: &mut Vec<u8>, entry: &Entry, len: u32, name_len: u16) {
    put16(out, UTF8_NAME);
    put16(out, 0);
    put16(out, 0);
    put16(out, DOS_DATE);
    put32(out, entry.crc32);
    put32(out, len);
    put32(out, len);
    put16(out, name_len);
}

fn directory_entry(out: &mut Vec<u8>, entry: &Entry, name_len: u16, offset: u64) {
    let mut extra = Vec::new();
    if entry.len >= u64::from(U32_FULL) {
        put64(&mut extra, entry.len);
        put64(&mut extra, entry.len);
    }
    if offset >= u64::from(U32_FULL) {
        put64(&mut extra, offset);
    }
    let version = if extra.is_empty() { PLAIN } else { ZIP64 };
    put32(out, 0x0201_4B50);
    put16(out, version);
    put16(out, version);
    common(out, entry, narrow(entry.len), name_len);
    put16(out, if extra.is_empty() { 0 } else { extra.len() as u16 + 4 });
    // Comment, disk, attributes: none.
    put16(out, 0);
    put16(out, 0);
    put16(out, 0);
    put32(out, 0);
    put32(out, narrow(offset));
    out.extend_from_slice(entry.name.as_bytes());
    if !extra.is_empty() {
        put16(out, 1);
        put16(out, extra.len() as u16);
        out.extend_from_slice(&extra);
    }
}

fn end(directory: &mut Vec<u8>, entries: u64, offset: u64) {
    let len = directory.len() as u64;
    if entries >= u64::from(U16_FULL) || len >= u64::from(U32_FULL) || offset >= u64::from(U32_FULL) {
        put32(directory, 0x0606_4B50);
        put64(directory, 44);
        put16(directory, ZIP64);
        put16(directory, ZIP64);
        put32(directory, 0);
        put32(directory, 0);
        put64(directory, entries);
        put64(directory, entries);
        put64(directory, len);
        put64(directory, offset);
        put32(directory, 0x0706_4B50);
        put32(directory, 0);
        put64(directory, offset + len);
        put32(directory, 1);
    }
    put32(directory, 0x0605_4B50);
    put16(directory, 0);
    put16(directory, 0);
    let count = u16::try_from(entries).unwrap_or(U16_FULL);
    put16(directory, count);
    put16(directory, count);
    put32(directory, narrow(len));
    put32(directory, narrow(offset));
    put16(directory, 0);
}

/// The value, or the mark that it stands in a zip64 field.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(U32_FULL)
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, content: &[u8]) -> Entry {
        Entry { name: name.to_owned(), len: content.len() as u64, crc32: crc32fast::hash(content) }
    }

    fn u32_at(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    fn u64_at(bytes: &[u8], at: usize) -> u64 {
        u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
    }

    #[test]
    fn a_crc_of_parts_is_that_of_the_whole() {
        let text: Vec<u8> = (0..100_000u32).map(|i| (i.wrapping_mul(i) >> 3) as u8).collect();
        let mut crc = Crc::default();
        crc.bytes(&text[..10]);
        crc.part(crc32fast::hash(&text[10..70_000]), 69_990);
        crc.part(crc32fast::hash(b""), 0);
        crc.bytes(&text[70_000..]);
        assert_eq!(crc.value(), crc32fast::hash(&text));
    }

    #[test]
    fn contents_stand_where_the_directory_says() {
        let contents: [&[u8]; 3] = [b"first", b"", "zweite Datei".as_bytes()];
        let names = ["a.parquet", "leer.parquet", "Größe/übung.parquet"];
        let entries: Vec<_> = names.iter().zip(contents).map(|(name, content)| entry(name, content)).collect();
        let archive = stored(&entries).unwrap();
        let mut file = Vec::new();
        archive.headers.iter().zip(contents).for_each(|(header, content)| file.extend([header, content].concat()));
        let directory = file.len();
        file.extend(&archive.directory);

        let end = file.len() - 22;
        assert_eq!((u32_at(&file, end), u32_at(&file, end + 16) as usize), (0x0605_4B50, directory));
        let mut at = directory;
        for (name, content) in names.iter().zip(contents) {
            let start = u32_at(&file, at + 42) as usize + 30 + name.len();
            assert_eq!(&file[start..start + content.len()], content);
            assert_eq!(&file[at + 46..at + 46 + name.len()], name.as_bytes());
            at += 46 + name.len();
        }
        assert_eq!(at, end);
    }

    #[test]
    fn large_files_and_far_offsets_have_zip64_fields() {
        let large = Entry { name: "l".to_owned(), len: 5 << 30, crc32: 7 };
        let archive = stored(&[large.clone(), entry("b", b"x"), large]).unwrap();
        let header = &archive.headers[0];
        assert_eq!((u32_at(header, 18), u64_at(header, 35)), (u32::MAX, 5 << 30));
        assert_eq!(archive.headers[1].len(), 31);
        let directory = &archive.directory;
        let second = 46 + 1 + 4 + 16;
        assert_eq!((u32_at(directory, second + 20), u32_at(directory, second + 42)), (1, u32::MAX));
        let far = (5 << 30) + header.len() as u64;
        assert_eq!(u64_at(directory, second + 46 + 1 + 4), far);
        let end = directory.len() - 22;
        let locator = end - 20;
        let offset = u64_at(directory, locator + 8);
        assert_eq!(offset, far + 31 + 1 + header.len() as u64 + (5 << 30) + (locator - 56) as u64);
        assert_eq!(u32_at(directory, locator - 56), 0x0606_4B50);
    }
}
