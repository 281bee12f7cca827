//! Tar: ustar, pax and GNU's long names. Members are ranges of the archive, as they are.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::{Codec, Contents, Member, Packing, Skipped, is_hidden, name, read};
use crate::Result;
use crate::source::Source;

const BLOCK: u64 = 512;
/// Bytes of a long name or a pax header that are believed.
const LONGEST_EXTENSION: u64 = 1 << 20;
/// Headers looked at.
const MOST_HEADERS: usize = 1_000_000;

/// Whether a block is a tar header: its checksum fits.
pub fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..BLOCK as usize) else { return false };
    let sum: u64 = block.iter().enumerate().map(|(at, &byte)| u64::from(if (148..156).contains(&at) { b' ' } else { byte })).sum();
    block[0] != 0 && octal(&block[148..156]) == Some(sum)
}

/// Walks the headers.
///
/// # Errors
/// Those of the source; [`ErrorKind::Limit`] for an archive of more headers than any has.
pub fn contents(source: &(impl Source + ?Sized)) -> Result<Contents> {
    let mut contents = Contents { packing: Packing::Tar, members: Vec::new(), skipped: Vec::new(), damage: None };
    let mut said = Said::default();
    let mut at = 0;
    for count in 0.. {
        let block = read(source, at, BLOCK as usize)?;
        if block.is_empty() || block.iter().all(|&byte| byte == 0) {
            break;
        }
        if count == MOST_HEADERS {
            return Err(ErrorInfo::new(
                ErrorKind::Limit,
                format!("this tar archive has more than {MOST_HEADERS} headers"),
                "Unpack it, and open the files inside.",
            ));
        }
        if !is_header(&block) {
            contents.damage = Some(format!("what stands at byte {at} is no header"));
            break;
        }
        let start = at + BLOCK;
        let size = said.size.or_else(|| number(&block[124..136])).unwrap_or(0);
        let kind = block[156];
        at = start.saturating_add(size.div_ceil(BLOCK).saturating_mul(BLOCK));
        match kind {
            b'L' | b'x' | b'g' => {
                let bytes = read(source, start, size.min(LONGEST_EXTENSION) as usize)?;
                if kind == b'L' {
                    said.name = Some(bytes)
                } else {
                    said.take(&bytes)
                }
                said.size = said.size.filter(|_| kind == b'x');
                continue;
            }
            b'K' => continue,
            _ => {}
        }
        let name = name::decoded(text(said.name.as_deref().unwrap_or(&own_name(&block))));
        let end = start.saturating_add(size);
        let why = match kind {
            b'5' => Some("a folder"),
            b'1' | b'2' => Some("a link"),
            b'S' => Some("a sparse file"),
            b'0' | b'7' | 0 if said.sparse => Some("a sparse file"),
            b'0' | b'7' | 0 if is_hidden(&name) => Some("hidden"),
            b'0' | b'7' | 0 if size == 0 => Some("empty"),
            b'0' | b'7' | 0 => None,
            _ => Some("no file"),
        };
        said = Said::default();
        match why {
            Some(why) => contents.skipped.push(Skipped { name, why: why.to_owned() }),
            None => {
                let is_cut = end > source.len();
                let packed = start.min(source.len())..end.min(source.len());
                contents.members.push(Member { name, codec: Codec::Stored, packed, crc32: None, is_cut });
            }
        }
    }
    Ok(contents)
}

/// What extended headers say of the member behind them.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Said {
    /// Takes a pax header: `LENGTH KEY=VALUE\n`, again and again.
    fn take(&mut self, mut bytes: &[u8]) {
        while let Some(blank) = bytes.iter().position(|&byte| byte == b' ') {
            let length = std::str::from_utf8(&bytes[..blank]).ok().and_then(|digits| digits.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| bytes.get(blank + 1..length)) else { return };
            bytes = bytes.get(blank + 1 + record.len()..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let Some(equals) = record.iter().position(|&byte| byte == b'=') else { continue };
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => self.size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()),
                _ => self.sparse |= key.starts_with(b"GNU.sparse"),
            }
        }
    }
}

/// The name in the header itself: with a prefix in ustar.
fn own_name(block: &[u8]) -> Vec<u8> {
    let (name, prefix) = (text(&block[..100]), text(&block[345..500]));
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() }
}

/// A field up to its NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(text(field)).ok()?;
    u64::from_str_radix(digits.trim_matches(' '), 8).ok()
}

/// A number in octal digits or, where its first bit is set, in base 256.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [first, rest @ ..] if first & 0x80 != 0 => {
            rest.iter().try_fold(u64::from(first & 0x7f), |sum, &byte| sum.checked_mul(256)?.checked_add(u64::from(byte)))
        }
        _ => octal(field),
    }
}
