//! Booleans: one bit each.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::BooleanBufferBuilder;

use super::bounds::{Bound, Bounds};
use super::page::{Flushed, PLAIN, Values};

/// A page of booleans.
pub struct Booleans {
    bits: BooleanBufferBuilder,
}

impl Booleans {
    /// An empty page.
    pub fn new() -> Self {
        Self { bits: BooleanBufferBuilder::new(0) }
    }
}

impl Values for Booleans {
    fn room(&self, _: &dyn Array, _: usize, taken: usize, bytes: usize) -> usize {
        (bytes * 8).saturating_sub(taken)
    }

    fn put(&mut self, array: &dyn Array) {
        let array = array.as_boolean();
        match array.nulls() {
            None => self.bits.append_buffer(array.values()),
            Some(nulls) => nulls.valid_indices().for_each(|row| self.bits.append(array.value(row))),
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Flushed {
        let bits = self.bits.finish();
        // What is behind the last bit of the last byte must be 0, so that the same values are the same bytes.
        out.extend_from_slice(&bits.values()[..bits.len().div_ceil(8)]);
        if let (Some(last), rest @ 1..) = (out.last_mut(), bits.len() % 8) {
            *last &= (1 << rest) - 1;
        }
        let truths = bits.count_set_bits();
        let bounds = (!bits.is_empty()).then(|| Bounds { min: Bound::Boolean(truths == bits.len()), max: Bound::Boolean(truths > 0) });
        Flushed { encoding: PLAIN, bounds, unencoded: None }
    }

    fn dictionary(&mut self) -> Option<(Vec<u8>, usize)> {
        None
    }

    fn bytes(&self) -> usize {
        self.bits.len() / 8
    }
}
