//! How a document's bytes are read as text: by its byte order mark, its declaration, or what the bytes look like.
//!
//! Text that is no UTF-8 is made so piece by piece, and places are mapped back.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

use crate::Result;
use crate::format::text::options;
use crate::format::{ParseMode, Split};
use crate::settings::Settings;

/// Bytes in which a declaration is looked for.
const DECLARATION_BYTES: usize = 400;
/// So many places that are no UTF-8 are no accident.
const MANY_ODD: usize = 10;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// An encoding with what speaks for it.
pub struct Found {
    pub encoding: &'static Encoding,
    pub confidence: f32,
    pub evidence: String,
}

/// Finds the encoding of a document by its beginning.
///
/// # Errors
/// [`ErrorKind::UnknownFormat`] for UTF-32; [`ErrorKind::Usage`] for a name that is none, given by a person.
pub fn find(head: &[u8], settings: &Settings) -> Result<Found> {
    let found = |encoding, confidence, evidence: &str| Ok(Found { encoding, confidence, evidence: evidence.to_owned() });
    if settings.is_by_person("encoding") {
        return found(options::encoding(settings)?, 1.0, "set by hand");
    }
    if head.starts_with(b"\xFF\xFE\0\0")
        || head.starts_with(b"\0\0\xFE\xFF")
        || head.starts_with(b"<\0\0\0")
        || head.starts_with(b"\0\0\0<")
    {
        let what = "this is UTF-32 text, which cannot be read here";
        return Err(ErrorInfo::new(ErrorKind::UnknownFormat, what, "Save it as UTF-8 and open that."));
    }
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return found(encoding, 1.0, "a byte order mark");
    }
    match head {
        [b'<', 0, ..] => return found(UTF_16LE, 0.99, "zero bytes behind ASCII characters"),
        [0, b'<', ..] => return found(UTF_16BE, 0.99, "zero bytes before ASCII characters"),
        _ => {}
    }
    if let Some(encoding) = declared(head).filter(|encoding| encoding.is_ascii_compatible()) {
        return found(encoding, 0.99, "the XML declaration");
    }
    // A few odd bytes are listed where they stand; a whole text of them is in another encoding.
    let odd = head.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).take(MANY_ODD).count();
    if odd < MANY_ODD || ParseMode::of(settings) == ParseMode::FailFast {
        return found(UTF_8, 0.99, "no declaration: UTF-8");
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, true);
    found(detector.guess(None, Utf8Detection::Deny), 0.6, "no declaration, and bytes that are no UTF-8")
}

/// What a declaration gets wrong that names an encoding of two bytes a character, in a text of single bytes.
pub fn misnamed(text: &[u8], encoding: &'static Encoding) -> Option<String> {
    let named = declared(text).filter(|named| !named.is_ascii_compatible() && encoding.is_ascii_compatible())?;
    Some(format!("the declaration names {}, and the text is {}", named.name(), encoding.name()))
}

/// The encoding that a declaration names.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(DECLARATION_BYTES)];
    let head = head.strip_prefix(BOM).unwrap_or(head);
    let end = head.starts_with(b"<?xml").then(|| memchr::memchr(b'>', head))??;
    let at = memchr::memmem::find(&head[..end], b"encoding")? + b"encoding".len();
    let rest = head[at..end].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first()?;
    let length = rest.iter().position(|byte| byte == quote)?;
    Encoding::for_label_no_replacement(&rest[..length])
}

/// Byte order marks at the start of a text: some programs write several.
pub fn marks(text: &[u8]) -> usize {
    let mut at = 0;
    while text[at..].starts_with(BOM) {
        at += BOM.len();
    }
    at
}

/// How a document in this encoding may be cut: where rows can be found from the middle.
pub fn split(encoding: &'static Encoding, ignore_namespace: bool) -> Split {
    match encoding {
        encoding if encoding == UTF_16LE || encoding == UTF_16BE => {
            if ignore_namespace {
                Split::InOrder
            } else {
                Split::Ranges { align: 2 }
            }
        }
        encoding if encoding.is_ascii_compatible() && encoding != ISO_2022_JP => Split::Ranges { align: 1 },
        _ => Split::InOrder,
    }
}

/// Text in the bytes of an encoding.
pub fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    if encoding == UTF_16LE {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else if encoding == UTF_16BE {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    } else {
        encoding.encode(text).0.into_owned()
    }
}

/// A piece of a source as UTF-8.
pub struct Piece<'a> {
    source: &'a [u8],
    encoding: &'static Encoding,
    pub text: Cow<'a, [u8]>,
    /// Bytes that are no text are U+FFFD in it.
    pub replaced: bool,
}

impl<'a> Piece<'a> {
    /// The whole characters of `source`.
    pub fn of(source: &'a [u8], encoding: &'static Encoding, at_end: bool) -> Self {
        if encoding == UTF_8 {
            return Self { source, encoding, text: Cow::Borrowed(source), replaced: false };
        }
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(source.len()).unwrap_or(source.len()));
        let (_, _, replaced) = decoder.decode_to_string(source, &mut text, at_end);
        Self { source, encoding, text: Cow::Owned(text.into_bytes()), replaced }
    }

    /// Whether the text is the source itself.
    pub fn is_source(&self) -> bool {
        self.encoding == UTF_8
    }

    /// Where a position of the text stands in the source; positions come in ascending order.
    pub fn places(&'a self) -> impl FnMut(usize) -> usize + 'a {
        let (mut text_at, mut source_at) = (0, 0);
        move |at| {
            if self.is_source() || at >= self.text.len() {
                return at.min(self.source.len()).max(if self.is_source() { 0 } else { self.source.len() });
            }
            source_at += self.source_bytes(text_at, at, source_at);
            text_at = at;
            source_at
        }
    }

    /// Bytes of the source that a part of the text was made from.
    fn source_bytes(&self, from: usize, to: usize, source_at: usize) -> usize {
        let part = &self.text[from..to];
        let characters = || part.iter().filter(|&&byte| (byte as i8) >= -0x40).count();
        if self.encoding == UTF_16LE || self.encoding == UTF_16BE {
            return 2 * (characters() + part.iter().filter(|&&byte| byte >= 0xF0).count());
        }
        if self.encoding.is_single_byte() {
            return characters();
        }
        // A < is the same byte in text and source, and no part of another character.
        let marks = memchr::memchr_iter(b'<', part).count();
        let (text_mark, source_mark) = match marks {
            0 => (0, 0),
            _ => (
                memchr::memrchr(b'<', part).unwrap_or_default(),
                memchr::memchr_iter(b'<', &self.source[source_at..]).nth(marks - 1).unwrap_or_default(),
            ),
        };
        let rest = String::from_utf8_lossy(&part[text_mark..]);
        (source_mark + self.encoding.encode(&rest).0.len()).min(self.source.len() - source_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(head: &[u8]) -> &'static str {
        find(head, &Settings::default()).unwrap().encoding.name()
    }

    #[test]
    fn marks_declarations_and_bytes_tell_the_encoding() {
        assert_eq!(name(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>"), "windows-1252");
        assert_eq!(name(b"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a/>"), "Shift_JIS");
        assert_eq!(name(b"<?xml version='1.0' encoding='UTF-16'?><a/>"), "UTF-8");
        assert_eq!(name(b"\xFF\xFE<\0a\0"), "UTF-16LE");
        assert_eq!(name(b"\0<\0a\0/\0>"), "UTF-16BE");
        assert_eq!(name("<a>é</a>".as_bytes()), "UTF-8");
        assert!(find(b"\0\0\0<\0\0\0a", &Settings::default()).is_err());
    }

    #[test]
    fn places_in_the_text_are_places_in_the_source() {
        let text = "<r>é漢字</r><s>x</s>\u{1F600}<t/>";
        for label in ["UTF-16LE", "UTF-16BE", "Shift_JIS", "GB18030", "UTF-8"] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let text = if label == "Shift_JIS" { "<r>漢字</r><s>x</s>ｶ<t/>" } else { text };
            let source = encoded(text, encoding);
            let piece = Piece::of(&source, encoding, true);
            assert_eq!(&*piece.text, text.as_bytes(), "{label}");
            let mut places = piece.places();
            for (at, _) in text.char_indices() {
                assert_eq!(places(at), encoded(&text[..at], encoding).len(), "{label} at {at}");
            }
        }
    }
}
