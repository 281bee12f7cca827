//! Rows of a file, from any row on.

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use colonnade_protocol::Place;

use super::column::Column;
use super::faults::Faults;
use super::runs::Bits;
use super::stripe::{Layout, Role};
use super::tail::{Stripe, Tail};
use super::types::Kind;
use crate::Result;
use crate::format::Blocks;
use crate::format::columnar::{self, Batches};
use crate::source::SharedSource;

/// A unit within a stripe: about so many bytes as they are stored.
const UNIT_BYTES: u64 = 16 << 20;
/// Bytes that a batch has as they are stored, about, and rows of it at most.
const BATCH_BYTES: u64 = 1 << 20;
const BATCH_ROWS: u64 = 4096;

/// Where units may be cut: at stripes, and within large ones.
pub fn blocks(stripes: &[Stripe]) -> Blocks {
    let mut blocks = Blocks::starting_at(0);
    for stripe in stripes {
        let parts = stripe.data.div_ceil(UNIT_BYTES).clamp(1, stripe.rows.clamp(1, 4096));
        let before = |part: u64| (u128::from(stripe.rows) * u128::from(part) / u128::from(parts)) as u64;
        (0..parts).for_each(|part| blocks.push(before(part + 1) - before(part), stripe.data / parts));
    }
    blocks
}

/// Reads rows of a file; goes on where it was where it can.
pub struct Stripes {
    source: SharedSource,
    tail: Tail,
    open: Option<Open>,
}

/// A stripe being read.
struct Open {
    /// Which rows are there, where the file says so.
    present: Option<Bits>,
    columns: Vec<Column>,
    /// The next row that comes from its streams, and the row behind its last.
    row: u64,
    end: u64,
    /// Rows that are read at once.
    batch: u64,
    /// What was read last, and the number of its first row.
    held: (u64, Vec<(ArrayRef, Faults)>),
}

impl Stripes {
    pub fn new(source: &SharedSource, tail: Tail) -> Self {
        Self { source: source.clone(), tail, open: None }
    }

    /// Opens the stripe that holds a row; `None` behind the last.
    fn open_at(&self, row: u64) -> Result<Option<Open>> {
        let mut first: u64 = 0;
        for stripe in &self.tail.stripes {
            let end = first.saturating_add(stripe.rows);
            if row < end {
                return self.open(stripe, first, end).map(Some);
            }
            first = end;
        }
        Ok(None)
    }

    fn open(&self, stripe: &Stripe, row: u64, end: u64) -> Result<Open> {
        let layout = Layout::read(&self.source, &self.tail, stripe)?;
        let root = &self.tail.root;
        let (present, columns) = if root.kind == Kind::Struct {
            let members = root.children.iter().map(|member| Column::new(&layout, member)).collect::<Result<_>>()?;
            (layout.optional(root.column, Role::Present).map(Bits::new), members)
        } else {
            (None, vec![Column::new(&layout, root)?])
        };
        let batch = (BATCH_BYTES / (stripe.data / stripe.rows.max(1)).max(1)).clamp(1, BATCH_ROWS);
        Ok(Open { present, columns, row, end, batch, held: (row, Vec::new()) })
    }
}

impl Open {
    /// Rows at hand from this one on.
    fn holds(&self, row: u64) -> bool {
        (self.held.0..self.row).contains(&row)
    }

    /// Reads the next batch.
    fn advance(&mut self) -> Result<()> {
        let rows = self.batch.min(self.end - self.row);
        let count = rows as usize;
        let nulls = self.present.as_mut().map(|present| present.read(count)).transpose()?.map(NullBuffer::new);
        self.held = (self.row, Vec::new());
        for column in &mut self.columns {
            let mut faults = Faults::default();
            let array = column.read(count, nulls.as_ref(), &mut faults)?;
            self.held.1.push((array, faults));
        }
        self.row += rows;
        Ok(())
    }

    /// At most `most` of the rows at hand from `first` on.
    fn rows(&self, first: u64, most: usize) -> columnar::Rows {
        let at = (first - self.held.0) as usize;
        let count = most.min((self.row - first) as usize);
        let arrays = self.held.1.iter().map(|(array, _)| array.slice(at, count)).collect();
        let mut rows = columnar::Rows::following(first, arrays);
        let within = |row: u32| (row as usize).checked_sub(at).filter(|&row| row < count).map(|row| row as u32);
        for (column, (_, faults)) in self.held.1.iter().enumerate() {
            let column = column as u32;
            rows.cut.extend(faults.cut.iter().filter_map(|&row| Some((within(row)?, column))));
            rows.failed.extend(faults.failed.iter().filter_map(|&(row, reason)| Some((within(row)?, column, reason.to_owned()))));
        }
        rows
    }
}

impl Batches for Stripes {
    fn read(&mut self, first: u64, most: usize) -> Result<columnar::Rows> {
        let is_ahead = self.open.as_ref().is_some_and(|open| open.held.0 <= first && first < open.end);
        if !is_ahead {
            self.open = None;
            self.open = self.open_at(first)?;
        }
        let Some(open) = &mut self.open else { return Ok(columnar::Rows::default()) };
        while !open.holds(first) {
            let row = open.row;
            open.advance().map_err(|error| error.at(Place::row(row)))?;
        }
        Ok(open.rows(first, most))
    }
}
