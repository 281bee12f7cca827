//! Step 3: the sample as text: pieces that begin and end with whole lines.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::format::csv::dialect::LineEnd;
use crate::sample::Sample;

/// A run of whole lines of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// The source's bytes that `text` was read from.
    pub bytes: Vec<u8>,
    /// Where they begin in the source.
    pub offset: u64,
    /// They end where the source ends.
    pub at_end: bool,
    /// `text` is `bytes` as they stand.
    pub verbatim: bool,
}

/// The sample as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The first begins behind the byte order mark. Never empty.
    pub pieces: Vec<Piece>,
    /// The first piece is the whole source.
    pub is_whole: bool,
    /// Places with bytes that are no text in the encoding.
    pub malformed: usize,
    pub encoding: &'static Encoding,
}

impl Text {
    /// Reads the sample as text. Slices that touch become one piece; the others lose the lines they cut.
    pub fn read(sample: &Sample, encoding: &'static Encoding, bom: usize) -> Self {
        let mut runs = vec![(bom as u64, sample.head[bom.min(sample.head.len())..].to_vec())];
        for slice in &sample.slices {
            match runs.last_mut() {
                Some((offset, bytes)) if *offset + bytes.len() as u64 == slice.offset => bytes.extend_from_slice(&slice.bytes),
                _ => runs.push((slice.offset, slice.bytes.clone())),
            }
        }
        let is_whole = runs.len() == 1 && runs[0].0 + runs[0].1.len() as u64 == sample.len;
        let mut malformed = 0;
        let pieces = runs.into_iter().enumerate().filter_map(|(k, (offset, bytes))| {
            let at_end = offset + bytes.len() as u64 == sample.len;
            let start = if k == 0 { 0 } else { first_line_start(&bytes, encoding)? };
            let end = if at_end {
                bytes.len()
            } else {
                last_line_end(&bytes, encoding).filter(|&end| end > start).or((k == 0).then_some(bytes.len()))?
            };
            let bytes = bytes[start..end].to_vec();
            let (text, had_errors) = encoding.decode_without_bom_handling(&bytes);
            if had_errors {
                malformed += text.matches('\u{fffd}').count().max(1);
            }
            let verbatim = matches!(text, Cow::Borrowed(_));
            Some(Piece { text: text.into_owned(), bytes, offset: offset + start as u64, at_end, verbatim })
        });
        let pieces = pieces.collect();
        Self { pieces, is_whole, malformed, encoding }
    }

    /// The first piece: the source's beginning.
    pub fn head(&self) -> &Piece {
        &self.pieces[0]
    }
}

impl Piece {
    /// The source offset at which the piece's `line`-th line begins (counted from 0), or its end. Found by counting line
    /// ends, which are single bytes (or units) in every encoding that can be read.
    pub fn line_offset(&self, line: u64, line_end: &LineEnd, encoding: &'static Encoding) -> u64 {
        let unit = unit_width(encoding);
        let ascii = |at: usize| ascii_at(&self.bytes, at, encoding);
        let (mut seen, mut at) = (0, 0);
        while seen < line && at < self.bytes.len() {
            let width = match line_end {
                LineEnd::Any => match ascii(at) {
                    Some(b'\r') if ascii(at + unit) == Some(b'\n') => 2,
                    Some(b'\n' | b'\r') => 1,
                    _ => 0,
                },
                LineEnd::Exactly(end) if (0..end.len()).all(|k| ascii(at + k * unit) == Some(end[k])) => end.len(),
                LineEnd::Exactly(_) => 0,
            };
            seen += u64::from(width > 0);
            at += width.max(1) * unit;
        }
        self.offset + at.min(self.bytes.len()) as u64
    }
}

fn unit_width(encoding: &'static Encoding) -> usize {
    if encoding == UTF_16LE || encoding == UTF_16BE { 2 } else { 1 }
}

/// The byte at `at`, or the unit if that is an ASCII character.
fn ascii_at(bytes: &[u8], at: usize, encoding: &'static Encoding) -> Option<u8> {
    match unit_width(encoding) {
        1 => bytes.get(at).copied(),
        _ => match (bytes.get(at..at + 2)?, encoding == UTF_16LE) {
            ([byte, 0], true) | ([0, byte], false) => Some(*byte),
            _ => None,
        },
    }
}

fn is_line_end(bytes: &[u8], at: usize, encoding: &'static Encoding) -> bool {
    let unit = unit_width(encoding);
    match ascii_at(bytes, at, encoding) {
        Some(b'\n') => true,
        Some(b'\r') => at + unit < bytes.len() && ascii_at(bytes, at + unit, encoding) != Some(b'\n'),
        _ => false,
    }
}

fn first_line_start(bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    let unit = unit_width(encoding);
    (0..bytes.len()).step_by(unit).find(|&at| is_line_end(bytes, at, encoding)).map(|at| at + unit)
}

fn last_line_end(bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    let unit = unit_width(encoding);
    (0..bytes.len() / unit).rev().map(|k| k * unit).find(|&at| is_line_end(bytes, at, encoding)).map(|at| at + unit)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, UTF_8};

    use super::*;
    use crate::sample::Slice;

    #[test]
    fn slices_that_touch_are_one_and_others_lose_what_they_cut() {
        let head = b"\xef\xbb\xbfa,b\n1,2\n3,".to_vec();
        let touching = Slice { offset: head.len() as u64, bytes: b"4\n5,6\n7".to_vec() };
        let sample = Sample {
            len: 1000,
            head: head.clone(),
            slices: vec![touching.clone(), Slice { offset: 500, bytes: b"9,9\r\n1,1\r\n2".to_vec() }],
        };
        let text = Text::read(&sample, UTF_8, 3);
        assert_eq!(text.pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>(), ["a,b\n1,2\n3,4\n5,6\n", "1,1\r\n"]);
        assert_eq!(text.pieces[1].offset, 505);
        assert!(!text.is_whole);
        let whole = Sample { len: (head.len() + touching.bytes.len()) as u64, head, slices: vec![touching] };
        assert!(Text::read(&whole, UTF_8, 3).is_whole);
    }

    #[test]
    fn lines_are_found_in_the_bytes_of_any_encoding() {
        let utf16: Vec<u8> = "a\r\nĊ\nb".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let piece = |bytes: Vec<u8>| Piece { text: String::new(), bytes, offset: 10, at_end: true, verbatim: false };
        assert_eq!(
            (0..4).map(|line| piece(utf16.clone()).line_offset(line, &LineEnd::Any, UTF_16LE)).collect::<Vec<_>>(),
            [10, 16, 20, 22]
        );
        let crlf = LineEnd::Exactly(b"\r\n".to_vec());
        assert_eq!((0..3).map(|line| piece(utf16.clone()).line_offset(line, &crlf, UTF_16LE)).collect::<Vec<_>>(), [10, 16, 22]);
        let (sjis, ..) = SHIFT_JIS.encode("表\n予\r定");
        assert_eq!((0..3).map(|line| piece(sjis.to_vec()).line_offset(line, &LineEnd::Any, SHIFT_JIS)).collect::<Vec<_>>(), [10, 13, 16]);
    }
}
