//! The texts of an array as ranges of one buffer, so that short ones are read a word at a time.

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;

use crate::hash;

/// An array of texts or bytes.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    buffer: &'a [u8],
    places: Places<'a>,
}

#[derive(Clone, Copy)]
enum Places<'a> {
    /// Where each begins, and where the last ends.
    Offsets(&'a [i32]),
    /// The length of each.
    Length(usize),
}

impl<'a> Texts<'a> {
    /// `None` for arrays of other types.
    pub fn of(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => {
                let array = array.as_string::<i32>();
                Self { buffer: array.value_data(), places: Places::Offsets(array.value_offsets()) }
            }
            DataType::Binary => {
                let array = array.as_binary::<i32>();
                Self { buffer: array.value_data(), places: Places::Offsets(array.value_offsets()) }
            }
            DataType::FixedSizeBinary(length) => {
                let array = array.as_fixed_size_binary();
                Self { buffer: array.value_data(), places: Places::Length(usize::try_from(*length).ok()?) }
            }
            _ => return None,
        })
    }

    /// A text, null or not.
    #[inline]
    pub fn get(self, row: usize) -> Text<'a> {
        let (from, to) = match self.places {
            Places::Offsets(offsets) => (offsets[row] as usize, offsets[row + 1] as usize),
            Places::Length(length) => (row * length, (row + 1) * length),
        };
        Text { buffer: self.buffer, from, to }
    }

    /// How many texts from `from` on have at most `bytes` bytes in all, with four for the length of each.
    pub fn fitting(self, from: usize, bytes: usize) -> usize {
        match self.places {
            Places::Offsets(offsets) => {
                let start = offsets[from] as usize;
                let (rows, end) = (offsets.len() - 1 - from, offsets[offsets.len() - 1] as usize);
                if end - start + 4 * rows <= bytes {
                    return rows;
                }
                let with_lengths = |(n, &offset): (usize, &i32)| offset as usize - start + 4 * (n + 1) <= bytes;
                offsets[from + 1..].iter().enumerate().take_while(|&text| with_lengths(text)).count()
            }
            Places::Length(length) => bytes / (length + 4),
        }
    }
}

/// A text within its buffer.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    buffer: &'a [u8],
    from: usize,
    to: usize,
}

impl<'a> Text<'a> {
    /// A text that is a buffer of its own.
    pub fn alone(bytes: &'a [u8]) -> Self {
        Self { buffer: bytes, from: 0, to: bytes.len() }
    }

    /// Its bytes.
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        &self.buffer[self.from..self.to]
    }

    /// Its hash.
    #[inline]
    pub fn hash(self) -> u64 {
        hash::part(self.buffer, self.from, self.to)
    }

    /// Its first eight bytes, in the order of texts: they decide nearly every comparison.
    #[inline]
    pub fn prefix(self) -> u64 {
        hash::word(self.buffer, self.from, self.to).swap_bytes()
    }

    /// Its order beside another of which the first eight bytes are known.
    #[inline]
    pub fn order(self, prefix: u64, other_prefix: u64, other: &[u8]) -> Ordering {
        prefix.cmp(&other_prefix).then_with(|| self.bytes().cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{FixedSizeBinaryArray, StringArray};

    use super::*;

    #[test]
    fn texts_of_a_slice_are_its_own() {
        let array = StringArray::from(vec![Some("zero"), Some(""), None, Some("a longer text"), Some("4")]);
        let slice = array.slice(1, 4);
        let texts = Texts::of(&slice).unwrap();
        assert_eq!([0, 2, 3].map(|row| texts.get(row).bytes()), [&b""[..], b"a longer text", b"4"]);
        let fixed = FixedSizeBinaryArray::try_from_iter([b"ab", b"cd", b"ef"].into_iter()).unwrap().slice(1, 2);
        assert_eq!(Texts::of(&fixed).unwrap().get(1).bytes(), b"ef");
    }

    #[test]
    fn prefixes_are_in_the_order_of_texts() {
        let mut texts = ["", "\0", "a", "a\0", "ab", "abcdefgh", "abcdefghi", "abcdefgi", "é", "\u{10FFFF}"];
        texts.sort_unstable();
        let prefixes = texts.map(|text| Text::alone(text.as_bytes()).prefix());
        assert!(prefixes.is_sorted(), "{prefixes:?}");
    }

    #[test]
    fn texts_that_fit_are_counted_with_their_lengths() {
        let array = StringArray::from(vec!["aaaa", "bb", "", "cccccccc"]);
        let texts = Texts::of(&array).unwrap();
        assert_eq!([7, 8, 13, 14, 18, 29, 30].map(|bytes| texts.fitting(0, bytes)), [0, 1, 1, 2, 3, 3, 4]);
        assert_eq!(texts.fitting(3, 12), 1);
    }
}
