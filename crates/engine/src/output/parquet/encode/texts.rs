//! Texts and bytes, of any length or of a fixed one; decimals of more than 18 digits are bytes of a fixed length.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;

use super::super::choice::DICTIONARY_BYTES;
use super::bounds::{Bound, Bounds};
use super::hybrid;
use super::page::{Flushed, PLAIN, RLE_DICTIONARY, Values};
use super::table::Table;
use crate::texts::{Text, Texts};

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
pub struct TextValues {
    kind: Kind,
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

impl TextValues {
    /// An empty page.
    pub fn new(kind: Kind, dictionary: bool) -> Self {
        Self {
            kind,
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
    fn put_all<'a>(&mut self, texts: impl ExactSizeIterator<Item = Text<'a>>) {
        let with_length = self.kind.has_length();
        let Some(table) = &mut self.table else {
            for text in texts {
                let bytes = text.bytes();
                self.len += bytes.len();
                if with_length {
                    self.plain.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                }
                self.plain.extend_from_slice(bytes);
                self.range.widen(text);
            }
            return;
        };
        let Self { entries, indices, range, len, .. } = self;
        indices.reserve(texts.len());
        for text in texts {
            let (hash, bytes) = (text.hash(), text.bytes());
            *len += bytes.len();
            let (entry, new) = table.entry(hash, hash, |entry| are_same(entries.get(entry as usize), bytes));
            if new {
                entries.push(bytes, with_length);
                table.grow(|hash| hash);
            }
            if let Some(seen) = entries.seen.get_mut(entry as usize)
                && *seen != entries.page_number
            {
                *seen = entries.page_number;
                range.widen(text);
            }
            indices.push(entry);
        }
    }

    fn put_decimals(&mut self, array: &dyn Array, len: usize) {
        let array = array.as_primitive::<Decimal128Type>();
        let values: Vec<_> = array.iter().flatten().map(i128::to_be_bytes).collect();
        self.put_all(values.iter().map(|bytes| Text::alone(&bytes[16 - len..])));
        for value in array.iter().flatten() {
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

impl Values for TextValues {
    fn room(&self, array: &dyn Array, from: usize, taken: usize, bytes: usize) -> usize {
        let bytes = if self.table.is_some() { DICTIONARY_PAGE_BYTES } else { bytes };
        match Texts::of(array) {
            Some(texts) if self.kind.has_length() => texts.fitting(from, bytes.saturating_sub(self.len + 4 * taken)),
            _ => (bytes / size_of::<i128>()).saturating_sub(taken),
        }
    }

    fn put(&mut self, array: &dyn Array) {
        match (Texts::of(array), self.kind, array.nulls()) {
            (Some(texts), _, None) => self.put_all((0..array.len()).map(|row| texts.get(row))),
            (Some(texts), _, Some(nulls)) => {
                let rows: Vec<usize> = nulls.valid_indices().collect();
                self.put_all(rows.into_iter().map(|row| texts.get(row)));
            }
            (None, Kind::Decimal(len), _) => self.put_decimals(array, len),
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

/// Whether two texts are equal: mostly short ones that are.
#[inline]
fn are_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    a.iter().zip(b).all(|(a, b)| u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b)) && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
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
    fn widen(&mut self, text: Text<'_>) {
        let prefix = text.prefix();
        match &mut self.found {
            None => {
                let extreme = || Extreme { prefix, text: text.bytes().to_vec() };
                self.found = Some((extreme(), extreme()));
            }
            Some((min, max)) => {
                if text.order(prefix, min.prefix, &min.text).is_lt() {
                    min.set(prefix, text.bytes());
                }
                if text.order(prefix, max.prefix, &max.text).is_gt() {
                    max.set(prefix, text.bytes());
                }
            }
        }
    }

    fn take(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        self.found.take().map(|(min, max)| (min.text, max.text))
    }
}
