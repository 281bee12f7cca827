//! What a page's values are asked: the side of a column that depends on its type.

use arrow_array::Array;

use super::bounds::Bounds;

pub const PLAIN: i32 = 0;
pub const DELTA_BINARY_PACKED: i32 = 5;
pub const RLE_DICTIONARY: i32 = 8;
pub const BYTE_STREAM_SPLIT: i32 = 9;

/// The values of the page that is being filled, and the chunk's dictionary. Nulls are not among them.
pub trait Values: Send {
    /// How many of the array's rows from `from` on a page that has `taken` rows takes before it has more than about `bytes`
    /// bytes. Nulls count as values, so that it does not matter how rows come in arrays.
    fn room(&self, array: &dyn Array, from: usize, taken: usize, bytes: usize) -> usize;

    /// Takes the values of an array that are not null.
    fn put(&mut self, array: &dyn Array);

    /// Ends the page: appends its values, and is empty again.
    fn flush(&mut self, out: &mut Vec<u8>) -> Flushed;

    /// The dictionary page, plain-encoded, and its entries; `None` where no page used one.
    fn dictionary(&mut self) -> Option<(Vec<u8>, usize)>;

    /// Bytes held.
    fn bytes(&self) -> usize;
}

/// What a page's values were.
pub struct Flushed {
    pub encoding: i32,
    /// `None` where there is no value but nulls and NaN.
    pub bounds: Option<Bounds>,
    /// Length of the values themselves, for byte arrays.
    pub unencoded: Option<i64>,
}
