//! Rows of a file, from any row on.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use arrow_schema::{Field, Fields};
use colonnade_protocol::Place;
use colonnade_protocol::report::Finding;

use super::column::Column;
use super::container::{Block, Container, bytes};
use super::malformed;
use super::schema::{Schema, Type};
use super::value::Bytes;
use crate::Result;
use crate::format::columnar::{self, Batches};
use crate::source::SharedSource;

/// Rows of one read, made of several blocks where they are small.
const READ_ROWS: u64 = 4096;
/// Unpacked bytes of one read, about.
const READ_BYTES: usize = 1 << 20;

/// The columns of a schema: the fields of its record, or one where it is none.
fn columns(schema: &Schema) -> Vec<(String, Column)> {
    let number = if let Type::Named(number) = schema.root { vec![number] } else { Vec::new() };
    match schema.resolved(&schema.root) {
        Type::Record(fields) => fields.iter().map(|(name, field)| (name.clone(), Column::new(schema, field, &number))).collect(),
        _ => vec![("value".to_owned(), Column::new(schema, &schema.root, &[]))],
    }
}

/// What a person should know of columns that are read as another type than the schema declares.
pub fn remarks(schema: &Schema) -> Vec<Finding> {
    let remark = |(name, column): (String, Column)| Some(Finding { what: format!("Column {name:?} {}", column.remark()?), fix: None });
    columns(schema).into_iter().filter_map(remark).collect()
}

/// The same as Arrow has them.
pub fn fields(schema: &Schema) -> Result<Fields> {
    columns(schema)
        .into_iter()
        .map(|(name, column)| {
            let (_, field) = column.finish()?;
            Ok(Arc::new(Field::clone(&field).with_name(name)))
        })
        .collect()
}

/// Reads rows; those of the last read are kept.
pub struct Rows {
    source: SharedSource,
    container: Container,
    /// The first row of what was read last, and its columns.
    open: Option<(u64, Vec<ArrayRef>)>,
    /// The block read last and the number of its first row: the search for the next begins there.
    last: (usize, u64),
}

impl Rows {
    pub fn new(source: &SharedSource, container: Container) -> Self {
        Self { source: source.clone(), container, open: None, last: (0, 0) }
    }

    /// The block that holds a row, and the number of its first.
    fn block_of(&mut self, row: u64) -> Option<(usize, u64)> {
        let (mut at, mut first) = if row >= self.last.1 { self.last } else { (0, 0) };
        loop {
            let block = self.container.blocks.get(at)?;
            let end = first.saturating_add(block.rows);
            if row < end {
                self.last = (at, first);
                return Some((at, first));
            }
            (at, first) = (at + 1, end);
        }
    }

    /// Reads blocks from the one that holds this row.
    fn open_at(&mut self, row: u64) -> Result<Option<(u64, Vec<ArrayRef>)>> {
        let Some((at, first)) = self.block_of(row) else { return Ok(None) };
        let mut columns = columns(&self.container.schema);
        let (mut rows, mut size) = (0, 0);
        for block in self.container.blocks.get(at..).unwrap_or_default() {
            size += self.block(*block, &mut columns).map_err(|error| error.at(Place::row(first + rows)))?;
            rows += block.rows;
            if rows >= READ_ROWS || size >= READ_BYTES {
                break;
            }
        }
        let arrays = columns.into_iter().map(|(_, column)| Ok(column.finish()?.0)).collect::<Result<_>>()?;
        Ok(Some((first, arrays)))
    }

    /// Adds a block's rows; its bytes.
    fn block(&self, block: Block, columns: &mut [(String, Column)]) -> Result<usize> {
        let packed = bytes(&self.source, block.at, usize::try_from(block.size).unwrap_or(usize::MAX))?;
        let unpacked = self.container.codec.unpack(packed)?;
        let mut left = Bytes::new(&unpacked);
        for _ in 0..block.rows {
            left.spend()?;
            columns.iter_mut().try_for_each(|(_, column)| column.read(&self.container.schema, &mut left))?;
        }
        match left.left() {
            0 => Ok(unpacked.len()),
            more => Err(malformed(format!("a block has {more} bytes behind its last row"))),
        }
    }
}

impl Batches for Rows {
    fn read(&mut self, first: u64, most: usize) -> Result<columnar::Rows> {
        let holds = |(start, arrays): &(u64, Vec<ArrayRef>)| {
            let rows = arrays.first().map_or(0, |array| array.len()) as u64;
            first >= *start && first < start + rows
        };
        if !self.open.as_ref().is_some_and(holds) {
            self.open = None;
            self.open = self.open_at(first)?;
        }
        let Some((start, arrays)) = &self.open else { return Ok(columnar::Rows::default()) };
        let at = (first - start) as usize;
        let slice = |array: &ArrayRef| array.slice(at, most.min(array.len().saturating_sub(at)));
        Ok(columnar::Rows::following(first, arrays.iter().map(slice).collect()))
    }
}
