//! What a workbook is packed in: which kind it is, and that it is not larger than it may be, before anything is unpacked.

use std::io::{Read, Write};

use colonnade_protocol::{ErrorInfo, ErrorKind};
use flate2::read::DeflateDecoder;
use memchr::memmem;

use super::extent::{self, MOST_CELLS, Tables};
use super::malformed;
use super::sectors::Sectors;
use crate::Result;
use crate::sample::Sample;
use crate::source::SharedSource;
use crate::unpack::{self, Codec, Member};

/// Bytes of a file that are read: it is held whole.
const MOST_BYTES: u64 = 64 << 20;
/// Bytes that all of its parts may unpack to.
const MOST_UNPACKED: u64 = 1 << 30;
/// Bytes that a part may unpack to which is held whole: texts, styles, an OpenDocument's content.
const MOST_HELD: u64 = 256 << 20;
/// An OLE2 compound file (MS-CFB 2.2).
const OLE2: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// The stream of a workbook that is encrypted (MS-OFFCRYPTO 1.3.3), as a directory of OLE2 has it.
const ENCRYPTED: &str = "EncryptedPackage";
const ODS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
/// The part of an OpenDocument that its tables are in.
const CONTENT: &str = "content.xml";
const CONTENT_TYPES: &[u8] = b"[Content_Types].xml";

/// How a workbook is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Office Open XML.
    Xlsx,
    /// The same with binary parts.
    Xlsb,
    /// Excel 5 to 2003.
    Xls,
    OpenDocument,
}

impl Kind {
    /// `Excel workbook`
    pub fn title(self) -> &'static str {
        match self {
            Self::Xlsx => "Excel workbook",
            Self::Xlsb => "Excel binary workbook",
            Self::Xls => "Excel 97\u{2013}2003 workbook",
            Self::OpenDocument => "OpenDocument spreadsheet",
        }
    }
}

/// How sure the sample makes it that a file is a workbook.
pub fn confidence(sample: &Sample) -> f32 {
    let holds = |needle: &[u8]| {
        let pieces = std::iter::once(&sample.head).chain(sample.slices.iter().map(|slice| &slice.bytes));
        pieces.into_iter().any(|bytes| memmem::find(bytes, needle).is_some())
    };
    if sample.head.starts_with(OLE2) {
        // Another document of the time is told so when it is opened: its directory may be anywhere.
        if holds(&wide("Workbook")) || holds(&wide("Book")) || holds(&wide(ENCRYPTED)) { 1.0 } else { 0.7 }
    } else if sample.head.starts_with(b"PK\x03\x04") {
        let is_office = holds(CONTENT_TYPES) && (holds(b"xl/") || holds(b"xl\\"));
        if is_office || holds(ODS) { 1.0 } else { 0.0 }
    } else {
        0.0
    }
}

/// The file's bytes, and which kind of workbook it is. With `check`, its parts are unpacked once to see how large they are.
///
/// # Errors
/// [`ErrorKind::Limit`] for a file, or parts, beyond the bounds; [`ErrorKind::Usage`] for one that needs a password;
/// [`ErrorKind::UnknownFormat`] for another document; [`ErrorKind::Malformed`]; those of the source.
pub fn read(source: &SharedSource, check: bool) -> Result<(Kind, Vec<u8>)> {
    let len = source.len();
    if len > MOST_BYTES {
        let what = format!("this workbook has {} MiB; at most {} MiB can be read, since all of it is held", len >> 20, MOST_BYTES >> 20);
        return Err(ErrorInfo::new(ErrorKind::Limit, what, "Save its sheets as CSV, and open those."));
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
    let read = source.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    if bytes.starts_with(OLE2) {
        let holds = |name: &str| memmem::find(&bytes, &wide(name)).is_some();
        if holds(ENCRYPTED) {
            return Err(password());
        }
        if !holds("Workbook") && !holds("Book") {
            let what = "this is an old office document, but no workbook";
            return Err(ErrorInfo::new(ErrorKind::UnknownFormat, what, "Open a workbook, or a text file."));
        }
        let sectors = Sectors::of(&bytes).ok_or_else(|| malformed("its sectors follow one another in a circle"))?;
        if check {
            extent::check_xls(&sectors)?;
        }
        return Ok((Kind::Xls, bytes));
    }
    let members = unpack::parts(bytes.as_slice())?;
    let has = |name: &str| members.iter().any(|member| member.name.replace('\\', "/").eq_ignore_ascii_case(name));
    let kind = if has(CONTENT) {
        Kind::OpenDocument
    } else if has("xl/workbook.bin") {
        Kind::Xlsb
    } else {
        Kind::Xlsx
    };
    if check {
        check_sizes(&bytes, &members, MOST_UNPACKED, MOST_HELD)?;
    }
    Ok((kind, bytes))
}

/// What the directory claims is no proof: each part is unpacked, and thrown away.
pub(super) fn check_sizes(bytes: &[u8], members: &[Member], mut left: u64, most_held: u64) -> Result<()> {
    for member in members.iter().filter(|member| is_read(&member.name)) {
        let range = member.packed.start as usize..member.packed.end as usize;
        let packed = bytes.get(range).ok_or_else(|| malformed("it ends too early"))?;
        let most = if is_streamed(&member.name) { left } else { left.min(most_held) };
        let mut tables = Tables::default();
        let is_content = member.name.eq_ignore_ascii_case(CONTENT);
        let sink: &mut dyn Write = if is_content { &mut tables } else { &mut std::io::sink() };
        // What cannot be unpacked is told by the reader, with the part's name.
        let unpacked = match member.codec {
            Codec::Stored => std::io::copy(&mut &*packed, sink).unwrap_or_default(),
            _ => std::io::copy(&mut DeflateDecoder::new(packed).take(most + 1), sink).unwrap_or_default(),
        };
        if tables.cells() > MOST_CELLS {
            return Err(extent::too_far(tables.cells()));
        }
        if unpacked > most {
            let what = format!("the part {} of this workbook unpacks to more than {most} bytes", member.name);
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Save its sheets as CSV, and open those."));
        }
        left -= unpacked;
    }
    Ok(())
}

/// Pictures and the like are never read.
fn is_read(name: &str) -> bool {
    [".xml", ".bin", ".rels"].iter().any(|end| name.len() >= end.len() && name.to_ascii_lowercase().ends_with(end))
}

/// Sheets of Office Open XML are read cell by cell, which has a bound of its own.
fn is_streamed(name: &str) -> bool {
    name.to_ascii_lowercase().contains("worksheets")
}

/// The error of a workbook that needs a password.
pub fn password() -> ErrorInfo {
    let hint = "Open it in its program, save it without a password, and open that.";
    ErrorInfo::new(ErrorKind::Usage, "this workbook is protected by a password", hint)
}

/// A name as the directory of an OLE2 file has it: UTF-16.
fn wide(name: &str) -> Vec<u8> {
    name.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
