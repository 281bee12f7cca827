//! The encodings of JSON: UTF-8, and UTF-16 and UTF-32 in both orders, with a byte order mark or without.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};

/// How characters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonEncoding {
    Utf8,
    Utf16 { little: bool },
    Utf32 { little: bool },
}

use JsonEncoding::{Utf8, Utf16, Utf32};

/// Each encoding with its name.
const NAMES: [(&str, JsonEncoding); 5] = [
    ("UTF-8", Utf8),
    ("UTF-16LE", Utf16 { little: true }),
    ("UTF-16BE", Utf16 { little: false }),
    ("UTF-32LE", Utf32 { little: true }),
    ("UTF-32BE", Utf32 { little: false }),
];

impl JsonEncoding {
    /// The names of all.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// The encoding of this name, or UTF-8.
    pub fn by_name(name: &str) -> Self {
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(Utf8, |(_, encoding)| *encoding)
    }

    /// `UTF-16LE`
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, encoding)| *encoding == self).map_or("UTF-8", |(name, _)| name)
    }

    /// The encoding of a text that begins with `head`, by its mark or by the zeros beside its first two characters, which
    /// are ASCII in JSON (RFC 4627, section 3); and the length of the mark.
    pub fn of(head: &[u8]) -> (Self, usize) {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => (Utf8, 3),
            [0xFF, 0xFE, 0, 0, ..] => (Utf32 { little: true }, 4),
            [0, 0, 0xFE, 0xFF, ..] => (Utf32 { little: false }, 4),
            [0xFF, 0xFE, ..] => (Utf16 { little: true }, 2),
            [0xFE, 0xFF, ..] => (Utf16 { little: false }, 2),
            [0, 0, 0, 1..=255, ..] => (Utf32 { little: false }, 0),
            [1..=255, 0, 0, 0, ..] => (Utf32 { little: true }, 0),
            [0, 1..=255, 0, 1..=255, ..] => (Utf16 { little: false }, 0),
            [1..=255, 0, 1..=255, 0, ..] => (Utf16 { little: true }, 0),
            _ => (Utf8, 0),
        }
    }

    /// The whole characters of `source` in UTF-8, and whether some bytes were no text; U+FFFD stands for them. Bytes that
    /// should be UTF-8 are left as they are: whoever reads a value says so.
    pub fn decode(self, source: &[u8], at_end: bool) -> (Cow<'_, [u8]>, bool) {
        let (text, replaced) = match self {
            Utf8 => return (Cow::Borrowed(source), false),
            Utf16 { little } => {
                let mut decoder = if little { UTF_16LE } else { UTF_16BE }.new_decoder_without_bom_handling();
                let mut text = String::with_capacity(decoder.max_utf8_buffer_length(source.len()).unwrap_or(source.len()));
                let (_, _, replaced) = decoder.decode_to_string(source, &mut text, at_end);
                (text, replaced)
            }
            Utf32 { little } => {
                let character = |unit: &[u8]| {
                    let bytes = unit.try_into().unwrap_or_default();
                    char::from_u32(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
                };
                let mut replaced = at_end && !source.len().is_multiple_of(4);
                let text = source.chunks_exact(4).map(|unit| {
                    character(unit).unwrap_or_else(|| {
                        replaced = true;
                        char::REPLACEMENT_CHARACTER
                    })
                });
                (text.collect(), replaced)
            }
        };
        (Cow::Owned(text.into_bytes()), replaced)
    }

    /// Bytes of the source that a piece of decoded text was made from.
    pub fn source_len(self, text: &[u8]) -> usize {
        let characters = || text.iter().filter(|&&byte| (byte as i8) >= -0x40).count();
        match self {
            Utf8 => text.len(),
            // Two units where UTF-8 needs four bytes.
            Utf16 { .. } => 2 * (characters() + text.iter().filter(|&&byte| byte >= 0xF0).count()),
            Utf32 { .. } => 4 * characters(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_by_mark_or_zeros_and_lengths_map_back() {
        let text = "{\"ä\":\"😀\"}";
        let utf32 = |bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| bytes(c as u32)).collect::<Vec<u8>>();
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (utf16(u16::to_le_bytes), "UTF-16LE"),
            (utf16(u16::to_be_bytes), "UTF-16BE"),
            (utf32(u32::to_le_bytes), "UTF-32LE"),
            (utf32(u32::to_be_bytes), "UTF-32BE"),
        ] {
            let (encoding, mark) = JsonEncoding::of(&bytes);
            assert_eq!((encoding.name(), mark), (name, 0));
            let (decoded, replaced) = encoding.decode(&bytes, true);
            assert_eq!((&*decoded, replaced), (text.as_bytes(), false));
            assert_eq!(encoding.source_len(&decoded), bytes.len());
            assert_eq!(JsonEncoding::by_name(name), encoding);
        }
        assert_eq!(JsonEncoding::of(b"\xFF\xFE{\0"), (Utf16 { little: true }, 2));
        assert!(Utf32 { little: true }.decode(&[0, 0xD8, 0, 0], true).1);
    }
}
