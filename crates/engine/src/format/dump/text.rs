//! A dump's bytes as text: in which encoding, and UTF-16 made UTF-8 with its places kept.
//!
//! A dump holds values that are no text in its encoding (blobs), so none is guessed from what its bytes look like: UTF-16 is
//! told by its mark or its zeros, and another by the dump's own words.

use std::cell::Cell;

use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::{EUC_JP, EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memmem;

use crate::Result;
use crate::format::csv::detect::encoding;
use crate::format::text::options;
use crate::format::text::transcode::{Reading, Transcoded, Transcoder, utf16_units};
use crate::format::{Decoded, Split};
use crate::sample::Sample;
use crate::settings::Settings;

/// What stands before the name of the encoding in a dump.
const DECLARATIONS: [&[u8]; 2] = [b"SET NAMES ", b"SET client_encoding = "];

/// The encoding of a source in UTF-16.
pub fn wide(sample: &Sample) -> Option<&'static Encoding> {
    match Encoding::for_bom(&sample.head) {
        Some((encoding, _)) => Some(encoding).filter(|&encoding| is_wide(encoding)),
        None => encoding::utf16(sample).map(|guess| guess.value),
    }
}

/// Finds the encoding, where no person said it.
pub fn detect(sample: &Sample, settings: &mut Settings) {
    let (encoding, why) = match wide(sample) {
        Some(encoding) => (encoding, "its bytes are pairs".to_owned()),
        None => match declared(sample) {
            Some((encoding, word)) => (encoding, format!("the dump declares {word}")),
            None => (UTF_8, "dumps are, unless they say otherwise".to_owned()),
        },
    };
    settings.detect("encoding", encoding.name(), 0.95, why);
}

/// The encoding of one byte a letter that a dump declares, unless its letters are those of UTF-8.
fn declared(sample: &Sample) -> Option<(&'static Encoding, String)> {
    let head = &sample.head;
    let name = DECLARATIONS.iter().find_map(|words| {
        let rest = head.get(memmem::find(head, words)? + words.len()..)?;
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let name: Vec<u8> = rest.iter().skip_while(|byte| **byte == b'\'').take_while(is_part).copied().collect();
        String::from_utf8(name).ok()
    })?;
    let label = name.to_ascii_lowercase().replace('_', "-");
    let label = match label.as_str() {
        "koi8r" | "koi8u" => label.replace("koi8", "koi8-"),
        _ => label.strip_prefix("win").map_or_else(|| label.clone(), |page| format!("windows-{page}")),
    };
    let encoding = encoding::by_name(&label).ok().filter(|encoding| encoding.is_single_byte())?;
    let mut pieces = std::iter::once(&sample.head).chain(sample.slices.iter().map(|slice| &slice.bytes));
    let is_utf8 = pieces.any(|bytes| !bytes.is_ascii()) && encoding::utf8(sample).is_some();
    (!is_utf8).then_some((encoding, name))
}

fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// How the settings have a dump read.
///
/// # Errors
/// [`ErrorKind::Usage`] for an encoding that there is not, or one in which a quote may be part of a letter.
pub fn reading(settings: &Settings) -> Result<Reading> {
    let encoding = options::encoding(settings)?;
    if encoding == UTF_8 || encoding.is_single_byte() || encoding == EUC_JP || encoding == EUC_KR {
        return Ok(Reading { encoding, transcoder: None });
    }
    if is_wide(encoding) {
        return Ok(Reading::of(encoding, std::iter::empty()));
    }
    let hint = format!("Make it UTF-8, as by iconv -f {} -t UTF-8, and open that.", encoding.name());
    Err(ErrorInfo::new(ErrorKind::Usage, format!("dumps in {} are not read", encoding.name()), hint))
}

/// How such a dump may be cut into units.
pub fn split(settings: &Settings) -> Split {
    reading(settings).map_or(Split::InOrder, |reading| reading.split())
}

/// A piece of a dump, whose first byte is at `base` of the source, as text that is like ASCII.
pub struct Piece<'a> {
    source: &'a [u8],
    base: u64,
    made: Option<Transcoded<'a>>,
    /// A place that is known in both: in the text and in the piece of the source.
    known: Cell<(usize, usize)>,
}

impl<'a> Piece<'a> {
    /// The text of these bytes; `at_end`: nothing follows them.
    pub fn new(transcoder: Option<&Transcoder>, source: &'a [u8], base: u64, at_end: bool) -> Self {
        Self { source, base, made: transcoder.map(|transcoder| transcoder.decode(source, at_end)), known: Cell::default() }
    }

    /// Its text: the bytes themselves, or UTF-8 made of them.
    pub fn text(&self) -> &[u8] {
        self.made.as_ref().map_or(self.source, |made| made.text.as_bytes())
    }

    /// Whether U+FFFD stands for what was no text.
    pub fn is_replaced(&self) -> bool {
        self.made.as_ref().is_some_and(|made| made.replaced)
    }

    /// How many bytes of the source the text up to `at` was made of.
    pub fn bytes_to(&self, at: usize) -> usize {
        if self.made.is_none() {
            return at;
        }
        let (text, bytes) = Some(self.known.get()).filter(|known| known.0 <= at).unwrap_or_default();
        let bytes = bytes + 2 * utf16_units(self.text().get(text..at).unwrap_or_default());
        self.known.set((at, bytes));
        bytes.min(self.source.len())
    }

    /// Where in the source a place in the text is.
    pub fn position(&self, at: usize) -> u64 {
        self.base + self.bytes_to(at) as u64
    }

    /// Where in the text a position of the source is; behind the text, for one behind the piece.
    pub fn offset(&self, position: u64) -> usize {
        let bytes = usize::try_from(position.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let Some(made) = self.made.as_ref().filter(|_| bytes < self.source.len()) else { return bytes };
        let mut seen = 0;
        let reaches = |&(_, letter): &(usize, char)| {
            let is_there = seen >= bytes;
            seen += 2 * letter.len_utf16();
            is_there
        };
        made.text.char_indices().find(reaches).map_or(made.text.len(), |(at, _)| at)
    }

    /// The place that the text begins at for what reads it: in a text that was made, places count from its start.
    pub fn text_base(&self) -> u64 {
        if self.made.is_some() { 0 } else { self.base }
    }

    /// Turns such places of `decoded` into those of the source.
    pub fn to_source(&self, decoded: &mut Decoded) {
        if let Some(made) = &self.made {
            made.to_source(decoded, self.base);
        }
    }
}
