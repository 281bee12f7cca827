//! Text in encodings whose bytes cannot be tokenised as they are: made UTF-8 first, places mapped back.
//!
//! Most encodings are tokenised as bytes, and only cells are decoded. UTF-16 and ISO-2022 are not like ASCII, and in
//! Shift_JIS and its kin the second byte of a character may look like a separator.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

use super::Cutter;
use crate::column::late;
use crate::format::{Decoded, Split};

/// Decodes text piece by piece. Keeps nothing from piece to piece: each begins at a record.
pub struct Transcoder {
    encoding: &'static Encoding,
}

/// A piece of text in UTF-8 with the source that it was made from.
pub struct Transcoded<'a> {
    encoding: &'static Encoding,
    source: &'a [u8],
    pub text: String,
    /// Some bytes were no text; U+FFFD stands for them.
    pub replaced: bool,
}

/// The lowest byte that may be a second byte of a character in an ASCII-compatible multi-byte encoding (GB18030's digits).
const LOWEST_TRAIL_BYTE: u8 = 0x30;

/// How the bytes of a source become the text that is cut.
pub struct Reading {
    /// The encoding of the cells.
    pub encoding: &'static Encoding,
    /// Where text is made UTF-8 before it is cut.
    pub transcoder: Option<Transcoder>,
}

impl Reading {
    /// Of a source in `encoding` that is cut at `marks`: as bytes, where those are no parts of other characters.
    pub fn of(encoding: &'static Encoding, mut marks: impl Iterator<Item = u8>) -> Self {
        let as_bytes = encoding.is_ascii_compatible()
            && (encoding == UTF_8 || encoding.is_single_byte() || marks.all(|mark| mark < LOWEST_TRAIL_BYTE));
        if as_bytes { Self { encoding, transcoder: None } } else { Self { encoding: UTF_8, transcoder: Some(Transcoder { encoding }) } }
    }

    /// How such a source may be cut into units.
    pub fn split(&self) -> Split {
        match &self.transcoder {
            None => Split::Ranges { align: 1 },
            Some(transcoder) if transcoder.splits() => Split::Ranges { align: 2 },
            Some(_) => Split::InOrder,
        }
    }
}

impl Transcoder {
    /// The encoding of what it decodes.
    pub fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Whether a unit may start anywhere in such text: only where every character can be found from any (even) byte.
    pub fn splits(&self) -> bool {
        self.is_utf16()
    }

    fn is_utf16(&self) -> bool {
        self.encoding == UTF_16LE || self.encoding == UTF_16BE
    }

    /// The first record of `source` that begins at or after `from` (even, in UTF-16), as `cutter` tells from its text; where
    /// characters cannot be found from the middle, the first line.
    pub fn find_record(&self, cutter: &dyn Cutter, source: &[u8], from: usize, at_end: bool) -> Option<usize> {
        if !self.splits() {
            return self.line_start(source, from);
        }
        // The character before `from` may be the line end that makes it a record.
        let begin = from.saturating_sub(2);
        let transcoded = self.decode(source.get(begin..)?, at_end);
        let text = transcoded.text.as_bytes();
        let from = if from == begin { 0 } else { transcoded.text.chars().next().map_or(0, char::len_utf8) };
        let at = cutter.find_record(text, from, at_end)?;
        Some((begin + 2 * utf16_units(text.get(..at)?)).min(source.len()))
    }

    /// The offset behind the first line end of `source` that does not end before `from` (even, in UTF-16).
    fn line_start(&self, source: &[u8], from: usize) -> Option<usize> {
        let unit = |pair: &[u8]| {
            if self.encoding == UTF_16LE { u16::from_le_bytes([pair[0], pair[1]]) } else { u16::from_be_bytes([pair[0], pair[1]]) }
        };
        let begin = from.saturating_sub(2);
        let mut units = source[begin..].chunks_exact(2).map(unit).enumerate().peekable();
        while let Some((k, code)) = units.next() {
            let next = begin + 2 * k + 2;
            match code {
                0x0A => return Some(next),
                0x0D if units.peek().is_some_and(|&(_, code)| code == 0x0A) => {}
                0x0D => return Some(next),
                _ => {}
            }
        }
        None
    }

    /// The whole characters of `source` as UTF-8.
    pub fn decode<'a>(&self, source: &'a [u8], at_end: bool) -> Transcoded<'a> {
        if self.encoding == ISO_2022_JP {
            return self.decode_lines(source);
        }
        let mut decoder = self.encoding.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(source.len()).unwrap_or(source.len()));
        let (_, _, replaced) = decoder.decode_to_string(source, &mut text, at_end);
        Transcoded { encoding: self.encoding, source, text, replaced }
    }

    /// Each line of an encoding with shifts by itself: it begins in ASCII (RFC 1468), whatever the line before it left
    /// open, and so a piece of the source may begin at any of them.
    fn decode_lines<'a>(&self, source: &'a [u8]) -> Transcoded<'a> {
        let (mut text, mut replaced) = (String::with_capacity(source.len()), false);
        for line in source.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, end) = match line.split_last() {
                Some((b'\n', line)) => (line, "\n"),
                Some((b'\r', line)) => (line, "\r"),
                _ => (line, ""),
            };
            let (decoded, invalid) = self.encoding.decode_without_bom_handling(line);
            text.push_str(&decoded);
            text.push_str(end);
            replaced |= invalid;
        }
        Transcoded { encoding: self.encoding, source, text, replaced }
    }
}

impl Transcoded<'_> {
    /// The position in the text of the first record boundary at or after `limit` in the source.
    pub fn text_limit(&self, limit: usize) -> usize {
        if limit >= self.source.len() {
            return usize::MAX;
        }
        let mut place = Mapper::new(self);
        let mut at = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', self.text.as_bytes()) {
            if place.source_of(at) >= limit {
                return at;
            }
            at = end + 1;
        }
        if place.source_of(at) >= limit { at } else { usize::MAX }
    }

    /// Turns the places of `decoded`, which count in the text, into places in the source, whose first byte is at `base`.
    pub fn to_source(&self, decoded: &mut Decoded, base: u64) {
        let mut starts = Mapper::new(self);
        for start in &mut decoded.batch.starts {
            *start = base + starts.source_of(*start as usize) as u64;
        }
        let mut rejects = Mapper::new(self);
        for reject in &mut decoded.batch.rejects {
            reject.places().for_each(|place| place.byte = base + rejects.source_of(place.byte as usize) as u64);
        }
        for place in late::places(&mut decoded.batch.widened) {
            place.byte = base + Mapper::new(self).source_of(place.byte as usize) as u64;
        }
        decoded.consumed = if decoded.consumed == self.text.len() && decoded.done {
            self.source.len()
        } else {
            Mapper::new(self).source_of(decoded.consumed)
        };
    }
}

/// Maps ascending positions at line starts of the text to the source, looking at each byte once.
struct Mapper<'a> {
    transcoded: &'a Transcoded<'a>,
    text_at: usize,
    source_at: usize,
}

impl<'a> Mapper<'a> {
    fn new(transcoded: &'a Transcoded<'a>) -> Self {
        Self { transcoded, text_at: 0, source_at: 0 }
    }

    fn source_of(&mut self, position: usize) -> usize {
        let piece = &self.transcoded.text.as_bytes()[self.text_at..position];
        self.text_at = position;
        let Transcoded { encoding, source, .. } = *self.transcoded;
        if encoding == UTF_16LE || encoding == UTF_16BE {
            self.source_at += 2 * utf16_units(piece);
        } else {
            // A line end is the same byte in text and source, and no part of another character.
            let lines = memchr::memchr2_iter(b'\n', b'\r', piece).count();
            if lines > 0 {
                let last = memchr::memchr2_iter(b'\n', b'\r', &source[self.source_at..]).nth(lines - 1);
                self.source_at = last.map_or(source.len(), |at| self.source_at + at + 1);
            } else if position == self.transcoded.text.len() {
                self.source_at = source.len();
            }
        }
        self.source_at
    }
}

/// UTF-16 code units of a piece of UTF-8: one a character, two where UTF-8 needs four bytes.
pub fn utf16_units(text: &[u8]) -> usize {
    let characters = text.iter().filter(|&&byte| (byte as i8) >= -0x40).count();
    let pairs = text.iter().filter(|&&byte| byte >= 0xF0).count();
    characters + pairs
}
