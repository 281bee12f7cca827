//! The cells of one sheet, row by row; blank rows are none.

use std::ops::Range;

use calamine::Dimensions;

use super::value::Value;

/// A cell with a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    pub column: u32,
    pub value: Value,
}

/// Rows that have a value, in their order.
#[derive(Debug, Default)]
pub struct Sheet {
    cells: Vec<Cell>,
    /// The number of each row, and where its cells begin.
    rows: Vec<(u32, usize)>,
    pub texts: String,
}

impl Sheet {
    /// Of cells (row, column, value) in any order; of two in one place the later counts.
    pub fn new(mut placed: Vec<(u32, u32, Value)>, texts: String) -> Self {
        if !placed.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)) {
            placed.reverse();
            placed.sort_by_key(|&(row, column, _)| (row, column));
            placed.dedup_by_key(|&mut (row, column, _)| (row, column));
        }
        let mut sheet = Self { cells: Vec::with_capacity(placed.len()), rows: Vec::new(), texts };
        for (row, column, value) in placed {
            if sheet.rows.last().is_none_or(|&(last, _)| last != row) {
                sheet.rows.push((row, sheet.cells.len()));
            }
            sheet.cells.push(Cell { column, value });
        }
        sheet
    }

    /// How many rows have a value.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of a row, from 0, as the sheet counts.
    pub fn number(&self, at: usize) -> Option<u32> {
        self.rows.get(at).map(|row| row.0)
    }

    /// The position of the first row that has this number or a higher one.
    pub fn position(&self, number: u64) -> usize {
        self.rows.partition_point(|&(row, _)| u64::from(row) < number)
    }

    /// The cells of a row, by column.
    pub fn row(&self, at: usize) -> &[Cell] {
        let Some(&(_, start)) = self.rows.get(at) else { return &[] };
        let end = self.rows.get(at + 1).map_or(self.cells.len(), |row| row.1);
        self.cells.get(start..end).unwrap_or_default()
    }

    /// The value of a row's cell in this column.
    pub fn value(&self, at: usize, column: u32) -> Option<Value> {
        let cells = self.row(at);
        let place = cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        cells.get(place).map(|cell| cell.value)
    }

    /// The row's number and the column of the first cell with this value, from the row `at` on.
    pub fn first(&self, at: usize, value: Value) -> Option<(u32, u32)> {
        (at..self.len()).find_map(|at| {
            let cell = self.row(at).iter().find(|cell| cell.value == value)?;
            Some((self.number(at)?, cell.column))
        })
    }

    /// The columns that hold a value in these rows.
    pub fn columns(&self, rows: Range<usize>) -> Range<u32> {
        let (mut first, mut end) = (u32::MAX, 0);
        for row in rows {
            if let [cell, ..] = self.row(row) {
                first = first.min(cell.column);
            }
            if let [.., cell] = self.row(row) {
                end = end.max(cell.column + 1);
            }
        }
        first.min(end)..end
    }

    /// Gives all cells of each merged range the value of its first, where they have none.
    ///
    /// # Errors
    /// More than `most` cells.
    pub fn fill(&mut self, merged: &[Dimensions], most: usize) -> Result<(), ()> {
        let mut placed: Vec<(u32, u32, Value)> = Vec::new();
        for range in merged {
            let Dimensions { start: (top, left), end: (bottom, right) } = *range;
            let at = self.position(u64::from(top));
            if self.number(at) != Some(top) {
                continue;
            }
            let Some(value) = self.row(at).iter().find(|cell| cell.column == left).map(|cell| cell.value) else { continue };
            if u64::from(bottom.saturating_sub(top) + 1).saturating_mul(u64::from(right.saturating_sub(left)) + 1) > most as u64 {
                return Err(());
            }
            placed.extend((top..=bottom).flat_map(|row| (left..=right).map(move |column| (row, column, value))));
            if placed.len() + self.cells.len() > most {
                return Err(());
            }
        }
        let own = (0..self.len()).flat_map(|at| {
            let number = self.number(at).unwrap_or_default();
            self.row(at).iter().map(move |cell| (number, cell.column, cell.value))
        });
        placed.extend(own);
        *self = Self::new(placed, std::mem::take(&mut self.texts));
        Ok(())
    }
}
