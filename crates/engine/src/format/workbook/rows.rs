//! Rows of a sheet as typed columns.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
};
use arrow_schema::{DataType, Field, Fields};

use super::shape::{Column, Shape};
use super::sheet::Sheet;
use super::value::{DAY, Value, on_day_zero};
use crate::Result;
use crate::format::columnar::{Batches, Rows};

/// Values read at a time, about.
const STEP_CELLS: usize = 1 << 18;

/// The rows of a sheet's table.
pub struct SheetRows {
    sheet: Sheet,
    columns: Vec<Column>,
    /// The position of the first data row, and that behind the last.
    data: usize,
    end: usize,
}

impl SheetRows {
    pub fn new(sheet: Sheet, shape: Shape) -> Self {
        Self { sheet, columns: shape.columns, data: shape.header.data, end: shape.end }
    }

    /// The columns as the sheet has them.
    pub fn fields(&self) -> Fields {
        self.columns.iter().map(|column| Field::new(&column.name.name, column.data_type.clone(), true)).collect()
    }

    /// The texts of a row that is none of the table's, as a list shows it.
    fn raw(&self, at: usize) -> String {
        let mut raw = String::new();
        for cell in self.sheet.row(at) {
            raw.push_str(if raw.is_empty() { "" } else { "\t" });
            cell.value.write(&self.sheet.texts, &mut raw);
        }
        raw
    }

    fn column(&self, at: usize, column: &Column, rows: &[usize], failed: &mut Vec<(u32, u32, String)>) -> ArrayRef {
        let values = rows.iter().enumerate().map(|(k, &row)| match self.sheet.value(row, column.index)? {
            Value::Error(name) => {
                failed.push((k as u32, at as u32, format!("{name} in column {}", column.name.name)));
                None
            }
            Value::Uncomputed => {
                failed.push((k as u32, at as u32, format!("a formula without a stored value in column {}", column.name.name)));
                None
            }
            value => Some(value),
        });
        let number = |value| if let Value::Number { value, .. } = value { Some(value) } else { None };
        macro_rules! built {
            ($builder:ty, $read:expr) => {{
                let mut builder = <$builder>::with_capacity(rows.len());
                values.for_each(|value| builder.append_option(value.and_then($read)));
                Arc::new(builder.finish())
            }};
        }
        match column.data_type {
            DataType::Int64 => built!(Int64Builder, |value| number(value).map(|value| value as i64)),
            DataType::Float64 => built!(Float64Builder, number),
            DataType::Boolean => built!(BooleanBuilder, |value| if let Value::Boolean(value) = value { Some(value) } else { None }),
            DataType::Date32 => {
                built!(Date32Builder, |value| if let Value::Moment(micros) = value { Some(micros.div_euclid(DAY) as i32) } else { None })
            }
            DataType::Time64(_) => {
                built!(Time64MicrosecondBuilder, |value| if let Value::Clock(micros) = value { Some(micros) } else { None })
            }
            DataType::Timestamp(..) => built!(TimestampMicrosecondBuilder, |value| match value {
                Value::Moment(micros) => Some(micros),
                Value::Clock(micros) => Some(on_day_zero(micros)),
                _ => None,
            }),
            _ => {
                let mut builder = StringBuilder::new();
                let mut text = String::new();
                values.for_each(|value| {
                    text.clear();
                    if let Some(value) = &value {
                        value.write(&self.sheet.texts, &mut text);
                    }
                    builder.append_option(value.map(|_| text.as_str()));
                });
                Arc::new(builder.finish())
            }
        }
    }
}

impl Batches for SheetRows {
    fn read(&mut self, first: u64, most: usize) -> Result<Rows> {
        let most = most.min(STEP_CELLS / self.columns.len().max(1)).max(1);
        let start = self.sheet.position(first).max(self.data);
        let end = self.sheet.position(first.saturating_add(most as u64));
        let last = self.sheet.len().checked_sub(1).and_then(|last| self.sheet.number(last)).map_or(0, |last| u64::from(last) + 1);
        let consumed = (last.saturating_sub(first) as usize).min(most);
        let rows: Vec<usize> = (start..end.min(self.end)).collect();
        let below = (start.max(self.end)..end).filter_map(|at| Some((u64::from(self.sheet.number(at)?), self.raw(at)))).collect();
        let mut failed = Vec::new();
        let arrays = self.columns.iter().enumerate().map(|(at, column)| self.column(at, column, &rows, &mut failed)).collect();
        let numbers = rows.iter().filter_map(|&row| self.sheet.number(row)).map(u64::from).collect();
        Ok(Rows { arrays, numbers, consumed, failed, below, cut: Vec::new() })
    }
}
