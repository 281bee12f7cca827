//! What is compressed or archived, made into files like any other before a format sees it.
//!
//! [`contents`] says what a source holds, by reading its directory (an archive) or its first bytes (a codec). A member that
//! is stored as it is, is a range of the source; any other is unpacked by [`Unpacking`] into the private storage of whoever
//! drives it. Memory: a window of the codec (128 MiB at most), and a directory of some megabytes.

mod budget;
mod codec;
mod compress;
mod input;
mod name;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

use std::ops::Range;

use colonnade_protocol::{ErrorInfo, ErrorKind};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::source::Source;

pub use budget::{Budget, OPTIONS, options};
pub use codec::{Codec, Step, Unpacking};

/// Archives within archives that are opened: one in a file, and one in that.
pub const MOST_ARCHIVES: usize = 2;
/// Packings one within the other that are opened, codecs included.
pub const MOST_LAYERS: usize = 4;
/// Bytes at the start that a packing is told by: a tar's first header.
const LOOK: usize = 512;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Packing {
    /// One file, compressed.
    Codec(Codec),
    Zip,
    Tar,
}

/// What a packed file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub packing: Packing,
    pub members: Vec<Member>,
    pub skipped: Vec<Skipped>,
    /// The directory ends too early, or is broken: there may be more.
    pub damage: Option<String>,
}

/// A file within a packed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its path within the archive; a name and never a place to write to.
    pub name: String,
    pub codec: Codec,
    /// Where its packed bytes are in the source.
    pub packed: Range<u64>,
    /// What the archive says of it.
    pub crc32: Option<u32>,
    /// It goes on beyond the end of the source.
    pub is_cut: bool,
}

/// A member that is not opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub name: String,
    /// "a folder", "encrypted"
    pub why: String,
}

impl Packing {
    /// The packing that begins so.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        Codec::of(head).map(Self::Codec).or_else(|| tar::is_header(head).then_some(Self::Tar))
    }

    /// `gzip`, `zip`
    pub fn title(self) -> &'static str {
        match self {
            Self::Codec(codec) => codec.title(),
            Self::Zip => "zip",
            Self::Tar => "tar",
        }
    }

    /// How a member was packed: `gzip`, `zip (deflate)`.
    pub fn words(self, member: &Member) -> String {
        match self {
            Self::Zip => format!("zip ({})", member.codec.title()),
            _ => self.title().to_owned(),
        }
    }

    /// Whether it has members of their own names.
    pub fn is_archive(self) -> bool {
        !matches!(self, Self::Codec(_))
    }
}

/// What a source holds that is packed; `None` where it is not, or is a document that only looks like an archive (xlsx, ods).
/// At most `most` members are named; the rest is counted among the skipped.
///
/// # Errors
/// Those of the source; [`ErrorKind::Malformed`] where nothing can be found in an archive, [`ErrorKind::Limit`] for a
/// directory beyond any measure.
pub fn contents(source: &(impl Source + ?Sized), name: &str, most: usize) -> Result<Option<Contents>> {
    let Some(packing) = Packing::of(&read(source, 0, LOOK)?) else { return Ok(None) };
    let mut contents = match packing {
        Packing::Codec(codec) => {
            let member = Member { name: name::unpacked(name), codec, packed: 0..source.len(), crc32: None, is_cut: false };
            Contents { packing, members: vec![member], skipped: Vec::new(), damage: None }
        }
        Packing::Zip => zip::contents(source)?,
        Packing::Tar => tar::contents(source)?,
    };
    if packing == Packing::Zip && is_document(&contents) {
        return Ok(None);
    }
    if contents.members.len() > most {
        let why = format!("beyond the first {most} members (maxMembers)");
        let beyond = contents.members.split_off(most);
        contents.skipped.extend(beyond.into_iter().map(|member| Skipped { name: member.name, why: why.clone() }));
    }
    if contents.members.is_empty() {
        return Err(nothing(&contents));
    }
    Ok(Some(contents))
}

/// The parts of a document that is a zip archive.
///
/// # Errors
/// As [`contents`].
#[cfg(feature = "every-format")]
pub(crate) fn parts(source: &(impl Source + ?Sized)) -> Result<Vec<Member>> {
    let contents = zip::contents(source)?;
    if contents.members.is_empty() { Err(nothing(&contents)) } else { Ok(contents.members) }
}

/// The error of an archive that lies too deep within others.
pub fn too_deep(name: &str) -> ErrorInfo {
    let what = format!("{name} lies in archives within archives, of which {MOST_ARCHIVES} are opened");
    ErrorInfo::new(ErrorKind::Limit, what, "Unpack the outer ones, and open the files inside.")
}

/// The damage of an archive as a whole.
pub fn damaged(name: &str, what: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Malformed, format!("{name}: {what}"), "There may be more in it. Get the file again.")
}

/// Office documents are zip archives of their own parts.
fn is_document(contents: &Contents) -> bool {
    let holds = |name: &str| contents.members.iter().any(|member| member.name == name);
    holds("[Content_Types].xml") || holds("mimetype") && holds("content.xml")
}

fn nothing(contents: &Contents) -> ErrorInfo {
    let title = contents.packing.title();
    if let Some(damage) = &contents.damage {
        return ErrorInfo::new(
            ErrorKind::Malformed,
            format!("nothing can be found in this {title} archive: {damage}"),
            "Get the file again: it is damaged or cut.",
        );
    }
    let skipped: Vec<String> = contents.skipped.iter().take(5).map(|skipped| format!("{} ({})", skipped.name, skipped.why)).collect();
    let what = match contents.skipped.len() {
        0 => format!("this {title} archive holds no file"),
        n => format!("nothing can be opened in this {title} archive; skipped are {n}: {}", skipped.join(", ")),
    };
    let hint = if contents.skipped.iter().any(|skipped| skipped.why == zip::ENCRYPTED) {
        "Unpack it with its password, and open what is inside."
    } else {
        ""
    };
    ErrorInfo::new(ErrorKind::Empty, what, hint)
}

/// Whether a member of this path is no data: what systems leave beside files.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part == "__MACOSX" || part.starts_with('.') && part != "." && part != "..")
}

fn read(source: &(impl Source + ?Sized), offset: u64, count: usize) -> Result<Vec<u8>> {
    let count = usize::try_from(source.len().saturating_sub(offset)).unwrap_or(count).min(count);
    let mut bytes = vec![0; count];
    if count > 0 {
        let n = source.read_at(offset, &mut bytes)?;
        bytes.truncate(n);
    }
    Ok(bytes)
}
