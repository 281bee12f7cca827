//! Texts and bytes, of any length or of a fixed one; decimals of more than 18 digits are bytes of a fixed length.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::super::choice::DICTIONARY_BYTES;
use super::bounds::{Bound, Bounds};
use super::hybrid;
use super::page::{Flushed, PLAIN, RLE_DICTIONARY, Values};
use super::table::Table;
use crate::hash;

/// Bytes of texts that a page with a dictionary takes, which holds only their numbers.
const DICTIONARY_PAGE_BYTES: usize = 16 << 20;

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Binary,
    Fixed,
    /// So many bytes, big-endian.
    Decimal(usize),
}

impl Kind {
    fn has_length(self) -> bool {
        matches!(self, Self::Text | Self::Binary)
    }
}

/// A page of texts.
pub struct Texts {
    kind: Kind,
    count: usize,
    /// Length of the page's values, without their lengths.
    len: usize,
    /// The page's values, plain-encoded, while there is no dictionary.
    plain: Vec<u8>,
    range: Range,
    decimals: Option<(i128, i128)>,
    table: Option<Table>,
    entries: Entries,
    indices: Vec<u32>,
}

/// The dictionary: a page of it, plain-encoded.
#[derive(Default)]
struct Entries {
    page: Vec<u8>,
    /// Where each entry's text is.
    places: Vec<(u32, u32)>,
    /// The page that each was last seen in.
    seen: Vec<u32>,
    page_number: u32,
}

impl Texts {
    /// An empty page.
    pub fn new(kind: Kind, dictionary: bool) -> Self {
        Self {
            kind,
            count: 0,
            len: 0,
            plain: Vec::new(),
            range: Range::default(),
            decimals: None,
            table: dictionary.then(Table::new),
            entries: Entries::default(),
            indices: Vec::new(),
        }
    }

    #[inline]
    fn put_all<'a>(&mut self, rows: usize, nulls: Option<&NullBuffer>, text: impl Fn(usize) -> &'a [u8]) {
        match nulls {
            None => (0..rows).for_each(|row| self.put_one(text(row))),
            Some(nulls) => nulls.valid_indices().for_each(|row| self.put_one(text(row))),
        }
    }

    #[inline]
    fn put_one(&mut self, text: &[u8]) {
        self.count += 1;
        self.len += text.len();
        let Some(table) = &mut self.table else {
            if self.kind.has_length() {
                self.plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
            }
            self.plain.extend_from_slice(text);
            self.range.widen(text);
            return;
        };
        let hash = hash::bytes(text);
        let entries = &mut self.entries;
        let (entry, new) = table.entry(hash, hash, |entry| entries.get(entry as usize) == text);
        if new {
            entries.push(text, self.kind.has_length());
            table.grow(|hash| hash);
        }
        if let Some(seen) = entries.seen.get_mut(entry as usize)
            && *seen != entries.page_number
        {
            *seen = entries.page_number;
            self.range.widen(text);
        }
        self.indices.push(entry);
    }

    fn put_decimals(&mut self, array: &dyn Array, len: usize) {
        let array = array.as_primitive::<Decimal128Type>();
        for value in array.iter().flatten() {
            self.put_one(&value.to_be_bytes()[16 - len..]);
            self.decimals = Some(self.decimals.map_or((value, value), |(min, max)| (min.min(value), max.max(value))));
        }
    }

    fn bounds(&mut self) -> Option<Bounds> {
        let decimals = self.decimals.take();
        let (min, max) = self.range.take()?;
        Some(match self.kind {
            Kind::Text => Bounds { min: Bound::Text(min), max: Bound::Text(max) },
            Kind::Binary => Bounds { min: Bound::Binary(min), max: Bound::Binary(max) },
            Kind::Fixed => Bounds { min: Bound::Fixed(min), max: Bound::Fixed(max) },
            Kind::Decimal(len) => {
                let (min, max) = decimals?;
                Bounds { min: Bound::Decimal(min, len), max: Bound::Decimal(max, len) }
            }
        })
    }
}

impl Values for Texts {
    fn room(&self, array: &dyn Array, from: usize, bytes: usize) -> usize {
        let left = if self.table.is_some() { DICTIONARY_PAGE_BYTES } else { bytes }.saturating_sub(self.len + 4 * self.count);
        let fitting = match array.data_type() {
            DataType::Utf8 => fitting(array.as_string::<i32>().value_offsets(), from, left),
            DataType::Binary => fitting(array.as_binary::<i32>().value_offsets(), from, left),
            DataType::FixedSizeBinary(len) => left / usize::try_from(*len).unwrap_or(1).max(1),
            _ => left / size_of::<i128>(),
        };
        fitting.max(1)
    }

    fn put(&mut self, array: &dyn Array) {
        match (array.data_type(), self.kind) {
            (DataType::Utf8, _) => {
                let array = array.as_string::<i32>();
                self.put_all(array.len(), array.nulls(), |row| array.value(row).as_bytes());
            }
            (DataType::Binary, _) => {
                let array = array.as_binary::<i32>();
                self.put_all(array.len(), array.nulls(), |row| array.value(row));
            }
            (DataType::FixedSizeBinary(_), _) => {
                let array = array.as_fixed_size_binary();
                self.put_all(array.len(), array.nulls(), |row| array.value(row));
            }
            (_, Kind::Decimal(len)) => self.put_decimals(array, len),
            _ => {}
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Flushed {
        let bounds = self.bounds();
        // A page of nulls alone, before any value, must not speak of a dictionary that may never come.
        let encoding = if self.table.is_some() && !self.entries.places.is_empty() {
            let width = hybrid::width_of(self.entries.places.len());
            out.push(width as u8);
            hybrid::encode(&self.indices, width, out);
            self.indices.clear();
            self.entries.page_number += 1;
            if self.entries.page.len() > DICTIONARY_BYTES {
                self.table = None;
            }
            RLE_DICTIONARY
        } else {
            out.append(&mut self.plain);
            PLAIN
        };
        self.count = 0;
        let unencoded = self.kind.has_length().then_some(self.len as i64);
        self.len = 0;
        Flushed { encoding, bounds, unencoded }
    }

    fn dictionary(&mut self) -> Option<(Vec<u8>, usize)> {
        let entries = std::mem::take(&mut self.entries);
        (!entries.places.is_empty()).then_some((entries.page, entries.places.len()))
    }

    fn bytes(&self) -> usize {
        let entries = self.entries.page.len() + self.entries.places.len() * (size_of::<(u32, u32)>() + size_of::<u32>());
        self.plain.len() + entries + self.indices.len() * size_of::<u32>() + self.table.as_ref().map_or(0, Table::bytes)
    }
}

impl Entries {
    fn get(&self, entry: usize) -> &[u8] {
        let (from, to) = self.places[entry];
        &self.page[from as usize..to as usize]
    }

    fn push(&mut self, text: &[u8], with_length: bool) {
        if with_length {
            self.page.extend_from_slice(&(text.len() as u32).to_le_bytes());
        }
        let from = self.page.len() as u32;
        self.page.extend_from_slice(text);
        self.places.push((from, self.page.len() as u32));
        self.seen.push(u32::MAX);
    }
}

/// Rows from `from` on whose texts and lengths have at most `bytes` bytes.
fn fitting(offsets: &[i32], from: usize, bytes: usize) -> usize {
    let start = offsets[from] as usize;
    let rows = offsets[from..].partition_point(|&offset| offset as usize - start <= bytes);
    (rows - 1).min(bytes / 4)
}

/// The smallest and the largest text so far, each with its first eight bytes, which decide nearly every comparison.
#[derive(Default)]
struct Range {
    found: Option<(Extreme, Extreme)>,
}

struct Extreme {
    prefix: u64,
    text: Vec<u8>,
}

impl Extreme {
    fn set(&mut self, prefix: u64, text: &[u8]) {
        self.prefix = prefix;
        self.text.clear();
        self.text.extend_from_slice(text);
    }
}

impl Range {
    #[inline]
    fn widen(&mut self, text: &[u8]) {
        let prefix = prefix(text);
        match &mut self.found {
            None => {
                let extreme = || Extreme { prefix, text: text.to_vec() };
                self.found = Some((extreme(), extreme()));
            }
            Some((min, max)) => {
                if prefix <= min.prefix && (prefix < min.prefix || text < min.text.as_slice()) {
                    min.set(prefix, text);
                }
                if prefix >= max.prefix && (prefix > max.prefix || text > max.text.as_slice()) {
                    max.set(prefix, text);
                }
            }
        }
    }

    fn take(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        self.found.take().map(|(min, max)| (min.text, max.text))
    }
}

/// The first eight bytes, in the order of texts.
#[inline]
fn prefix(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(first) => u64::from_be_bytes(*first),
        None => text.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)) << (8 * (8 - text.len() as u32)).min(63),
    }
}
