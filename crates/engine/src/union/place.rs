//! A batch of one file's rows in the columns of the table that it is a part of.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow_select::take::take;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::UTF_8;

use crate::Result;
use crate::column::{Cells, ColumnParser, ColumnSpec, Span, arrow_type};
use crate::plan::Given;

/// Puts a file's columns where the table has them, and in the place of those that it lacks one value, or null.
pub(crate) struct Placer {
    columns: Vec<(Given, Filler)>,
}

/// The values of a column that the file does not have: as many as the largest batch so far.
struct Filler {
    /// One row.
    value: ArrayRef,
    rows: ArrayRef,
}

impl Placer {
    /// Of a file whose columns come to the table's as `given` says.
    ///
    /// # Errors
    /// Those of [`ColumnParser::new`].
    pub fn new(given: &[Given], columns: &[ColumnSpec]) -> Result<Self> {
        let filler = |(given, column): (&Given, &ColumnSpec)| {
            let value = match given {
                Given::Value(text) => value(text, column)?,
                Given::Column(_) | Given::Nothing => new_null_array(&arrow_type(&column.data_type), 1),
            };
            Ok((given.clone(), Filler { rows: Arc::clone(&value), value }))
        };
        Ok(Self { columns: given.iter().zip(columns).map(filler).collect::<Result<_>>()? })
    }

    /// The table's position of the file's column.
    pub fn place_of(&self, column: u32) -> Option<u32> {
        self.columns.iter().position(|(given, _)| *given == Given::Column(column)).map(|at| at as u32)
    }

    /// The table's columns for `rows` rows of the file's.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where the file's are not as they were said to be.
    pub fn place(&mut self, columns: &[ArrayRef], rows: usize) -> Result<Vec<ArrayRef>> {
        let place = |(given, filler): &mut (Given, Filler)| match given {
            Given::Column(at) => columns.get(*at as usize).cloned().ok_or_else(|| defect("a file lacks a column that it had")),
            Given::Value(_) | Given::Nothing => filler.of(rows),
        };
        self.columns.iter_mut().map(place).collect()
    }
}

impl Filler {
    fn of(&mut self, rows: usize) -> Result<ArrayRef> {
        if self.rows.len() < rows {
            let indices = UInt32Array::from(vec![0; rows]);
            self.rows = take(&self.value, &indices, None).map_err(|error| defect(&error.to_string()))?;
        }
        Ok(self.rows.slice(0, rows))
    }
}

/// One value of a column from its text; null where it is none of the column's type.
fn value(text: &str, column: &ColumnSpec) -> Result<ArrayRef> {
    let parser = ColumnParser::new(column, &Arc::default(), UTF_8)?;
    let spans = [Span::quoted(0, text.len())];
    Ok(parser.parse(Cells { text: text.as_bytes(), scratch: &[], spans: &spans, stride: 1, column: 0 }).array)
}

fn defect(what: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, what, "Please report this.")
}
