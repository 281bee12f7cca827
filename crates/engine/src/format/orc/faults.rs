//! Values that our types cannot hold.

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

/// Those of one column, by row, in any order.
#[derive(Debug, Default)]
pub struct Faults {
    /// Cut: a part finer than ours is gone.
    pub cut: Vec<u32>,
    /// Null now, each with why.
    pub failed: Vec<(u32, &'static str)>,
}

impl Faults {
    /// Takes in those of a nested column, of which `parent` tells the row.
    pub fn of_children(&mut self, children: Self, parent: impl Fn(u32) -> u32) {
        self.cut.extend(children.cut.into_iter().map(&parent));
        self.failed.extend(children.failed.into_iter().map(|(child, reason)| (parent(child), reason)));
    }
}

/// The nulls of so many rows, with some more.
pub fn with_nulls(nulls: Option<NullBuffer>, rows: usize, more: &[usize]) -> Option<NullBuffer> {
    if more.is_empty() {
        return nulls;
    }
    let mut valid = BooleanBufferBuilder::new(rows);
    match &nulls {
        Some(nulls) => valid.append_buffer(nulls.inner()),
        None => valid.append_n(rows, true),
    }
    more.iter().filter(|&&row| row < rows).for_each(|&row| valid.set_bit(row, false));
    Some(NullBuffer::new(valid.finish()))
}

/// Values of the rows that have one, with something in the place of each null.
pub fn spread<T: Copy + Default>(values: Vec<T>, nulls: Option<&NullBuffer>) -> Vec<T> {
    let Some(nulls) = nulls else { return values };
    let mut values = values.into_iter();
    nulls.iter().map(|is_valid| if is_valid { values.next().unwrap_or_default() } else { T::default() }).collect()
}
