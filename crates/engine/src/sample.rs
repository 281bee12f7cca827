//! The sample that detection and inference look at: the head of the source and slices from across it.

use crate::Result;
use crate::source::Source;

/// Bytes read from the start, if they hold a few whole lines.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Bytes read from the start at most, where lines are long.
pub const LONGEST_HEAD_BYTES: usize = 4 * 1024 * 1024;
/// Line ends that the head holds, if it may.
const HEAD_LINES: usize = 6;
/// Bytes of each further slice.
pub const SLICE_BYTES: usize = 32 * 1024;
/// Slices beside the head, the last of them the source's tail.
pub const SLICES: usize = 8;

/// A contiguous piece of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Where its first byte stands in the source.
    pub offset: u64,
    pub bytes: Vec<u8>,
}

/// The head of a source, and slices from across the rest in source order, not overlapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Length of the whole source.
    pub len: u64,
    pub head: Vec<u8>,
    pub slices: Vec<Slice>,
}

impl Sample {
    /// Reads a sample: `HEAD_BYTES + SLICES * SLICE_BYTES` (320 KiB) at most, whatever the size of the source; more only
    /// where the first lines are longer than that. Slices
    /// start at even offsets, so that UTF-16 units are not cut.
    ///
    /// # Errors
    /// Those of [`Source::read_at`].
    pub fn read(source: &(impl Source + ?Sized)) -> Result<Self> {
        let len = source.len();
        let mut head = read_exactly(source, 0, HEAD_BYTES)?;
        while head.len() < LONGEST_HEAD_BYTES && memchr::memchr2_iter(b'\n', b'\r', &head).count() < HEAD_LINES {
            let more = read_exactly(source, head.len() as u64, head.len())?;
            if more.is_empty() {
                break;
            }
            head.extend(more);
        }
        let mut slices = Vec::new();
        let mut done = head.len() as u64;
        for start in slice_starts(len) {
            let start = start.max(done);
            if start >= len {
                break;
            }
            let bytes = read_exactly(source, start, SLICE_BYTES)?;
            done = start + bytes.len() as u64;
            slices.push(Slice { offset: start, bytes });
        }
        Ok(Self { len, head, slices })
    }

    /// Whether the sample is the whole source.
    pub fn is_whole(&self) -> bool {
        self.head.len() as u64 == self.len
    }
}

/// Where the slices of a source of this length begin; those within the head are moved behind it.
pub fn slice_starts(len: u64) -> impl Iterator<Item = u64> {
    let last_start = len.saturating_sub(SLICE_BYTES as u64);
    (1..=SLICES as u64).map(move |k| (u128::from(last_start) * u128::from(k) / SLICES as u128) as u64 & !1)
}

fn read_exactly(source: &(impl Source + ?Sized), offset: u64, count: usize) -> Result<Vec<u8>> {
    let count = (source.len() - offset).min(count as u64) as usize;
    let mut bytes = vec![0; count];
    let n = source.read_at(offset, &mut bytes)?;
    bytes.truncate(n);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_do_not_overlap_and_reach_the_end() {
        for len in [0, 1, 70_000, 100_000, 350_000, 5_000_001] {
            let data: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let sample = Sample::read(data.as_slice()).unwrap();
            let mut end = sample.head.len() as u64;
            for slice in &sample.slices {
                assert!(slice.offset >= end, "{len}: slice at {} overlaps {end}", slice.offset);
                assert_eq!(slice.bytes, data[slice.offset as usize..][..slice.bytes.len()]);
                end = slice.offset + slice.bytes.len() as u64;
            }
            assert!(end + 1 >= len as u64, "{len}: ends at {end}");
        }
    }
}
