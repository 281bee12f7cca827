//! Loops over the values of an array that are not null, and the smallest and largest of them.

use arrow_buffer::NullBuffer;

use crate::texts::Text;

/// Folds over the rows that are not null.
#[inline]
pub fn fold_rows<A>(rows: usize, nulls: Option<&NullBuffer>, start: A, mut f: impl FnMut(A, usize) -> A) -> A {
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => (0..rows).fold(start, f),
        Some(nulls) => nulls.valid_indices().fold(start, &mut f),
    }
}

/// Folds over the values that are not null.
#[inline]
pub fn fold_values<V: Copy, A>(values: &[V], nulls: Option<&NullBuffer>, mut f: impl FnMut(Option<A>, V) -> Option<A>) -> Option<A> {
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => values.iter().fold(None, |found, value| f(found, *value)),
        Some(nulls) => nulls.valid_indices().fold(None, |found, row| f(found, values[row])),
    }
}

/// The smallest and the largest text so far, each with its first eight bytes, which decide nearly every comparison.
#[derive(Clone, Copy)]
pub struct TextRange<'a> {
    pub min: (&'a [u8], u64),
    pub max: (&'a [u8], u64),
}

#[inline]
pub fn widen_texts<'a>(range: Option<TextRange<'a>>, text: Text<'a>) -> TextRange<'a> {
    let prefix = text.prefix();
    let Some(mut range) = range else { return TextRange { min: (text.bytes(), prefix), max: (text.bytes(), prefix) } };
    if text.order(prefix, range.min.1, range.min.0).is_lt() {
        range.min = (text.bytes(), prefix);
    }
    if text.order(prefix, range.max.1, range.max.0).is_gt() {
        range.max = (text.bytes(), prefix);
    }
    range
}
