//! Texts and bytes: one after another with their lengths beside them, or by their numbers in a dictionary.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::column::{Values, Wanted};
use super::faults::{Faults, spread, with_nulls};
use super::integers::Integers;
use super::malformed;
use super::stream::Stream;
use crate::Result;
use crate::format::columnar::defect;

/// Bytes of one column in one batch, or in a dictionary, at most.
const MOST_BYTES: usize = 512 << 20;
/// Entries of a dictionary at most.
const MOST_ENTRIES: u64 = 1 << 24;
const NO_TEXT: &str = "a text is no UTF-8";

/// Values that stand one after another.
pub struct Texts {
    bytes: Stream,
    lengths: Integers,
    is_text: bool,
}

impl Texts {
    pub fn new(bytes: Stream, lengths: Integers, is_text: bool) -> Self {
        Self { bytes, lengths, is_text }
    }
}

impl Values for Texts {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let mut lengths = Vec::new();
        self.lengths.read(wanted.values(), &mut lengths)?;
        let lengths = spread(lengths, wanted.nulls.as_ref());
        let offsets = offsets(&lengths, MOST_BYTES)?;
        let mut bytes = Vec::new();
        self.bytes.take(offsets.last().map_or(0, |&end| end as usize), &mut bytes)?;
        array(bytes, offsets, wanted, self.is_text, faults)
    }
}

/// Values by their numbers.
pub struct Dictionary {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    indices: Integers,
}

impl Dictionary {
    /// Reads the entries.
    ///
    /// # Errors
    /// Those of the streams; [`ErrorKind::Limit`].
    pub fn new(mut stream: Stream, mut lengths: Integers, entries: u64, indices: Integers) -> Result<Self> {
        if entries > MOST_ENTRIES {
            return Err(limit(format!("a dictionary of the ORC file claims {entries} entries"), MOST_ENTRIES));
        }
        let mut all = Vec::new();
        lengths.read(entries as usize, &mut all)?;
        let offsets = offsets(&all, MOST_BYTES)?;
        let mut bytes = Vec::new();
        stream.take(offsets.last().map_or(0, |&end| end as usize), &mut bytes)?;
        Ok(Self { bytes, offsets, indices })
    }

    fn entry(&self, index: i64) -> Result<&[u8]> {
        let range = usize::try_from(index).ok().and_then(|at| Some(*self.offsets.get(at)? as usize..*self.offsets.get(at + 1)? as usize));
        let entry = range.and_then(|range| self.bytes.get(range));
        entry.ok_or_else(|| malformed(format!("a dictionary of {} entries has no entry {index}", self.offsets.len() - 1)))
    }
}

impl Values for Dictionary {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let mut indices = Vec::new();
        self.indices.read(wanted.values(), &mut indices)?;
        let mut bytes = Vec::new();
        let mut lengths = Vec::with_capacity(indices.len());
        for index in indices {
            let entry = self.entry(index)?;
            if bytes.len() + entry.len() > MOST_BYTES {
                return Err(too_long(MOST_BYTES));
            }
            bytes.extend_from_slice(entry);
            lengths.push(entry.len() as i64);
        }
        let offsets = offsets(&spread(lengths, wanted.nulls.as_ref()), MOST_BYTES)?;
        array(bytes, offsets, wanted, true, faults)
    }
}

/// Where each of so many things ends, of which there are `most` in all at most.
///
/// # Errors
/// A negative length, [`ErrorKind::Limit`].
pub fn offsets(lengths: &[i64], most: usize) -> Result<Vec<i32>> {
    let mut end: usize = 0;
    let mut offsets = Vec::with_capacity(lengths.len() + 1);
    offsets.push(0);
    for &length in lengths {
        let length = usize::try_from(length).map_err(|_| malformed(format!("a value claims a length of {}", length as u64)))?;
        end = end.checked_add(length).filter(|&end| end <= most).ok_or_else(|| too_long(most))?;
        offsets.push(end as i32);
    }
    Ok(offsets)
}

fn array(bytes: Vec<u8>, offsets: Vec<i32>, wanted: Wanted, is_text: bool, faults: &mut Faults) -> Result<ArrayRef> {
    let Wanted { rows, nulls } = wanted;
    if !is_text {
        return Ok(Arc::new(BinaryArray::try_new(OffsetBuffer::new(offsets.into()), bytes.into(), nulls).map_err(defect)?));
    }
    let value = |row: usize| Some(bytes.get(*offsets.get(row)? as usize..*offsets.get(row + 1)? as usize).unwrap_or_default());
    let is_whole = simdutf8::basic::from_utf8(&bytes).is_ok_and(|text| offsets.iter().all(|&at| text.is_char_boundary(at as usize)));
    if is_whole {
        return Ok(Arc::new(StringArray::try_new(OffsetBuffer::new(offsets.into()), bytes.into(), nulls).map_err(defect)?));
    }
    let texts: Vec<Option<&str>> = (0..rows).map(|row| value(row).and_then(|value| simdutf8::basic::from_utf8(value).ok())).collect();
    let failed: Vec<usize> = texts.iter().enumerate().filter(|(_, text)| text.is_none()).map(|(row, _)| row).collect();
    faults.failed.extend(failed.iter().map(|&row| (row as u32, NO_TEXT)));
    let nulls: Option<NullBuffer> = with_nulls(nulls, rows, &failed);
    let is_valid = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    Ok(Arc::new(texts.into_iter().enumerate().map(|(row, text)| text.filter(|_| is_valid(row))).collect::<StringArray>()))
}

fn too_long(most: usize) -> ErrorInfo {
    limit("the values of one column of the ORC file are too large to be read".to_owned(), most as u64)
}

fn limit(what: String, most: u64) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Limit, what, format!("At most {most} are read at once."))
}
