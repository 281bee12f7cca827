//! Text cells of a batch to typed columns: what any format does whose records are rows of text.

use std::sync::Arc;

use arrow_array::ArrayRef;
use colonnade_protocol::{Cause, LogicalType, Origin};
use encoding_rs::Encoding;

use super::faults::{Fault, Faults, quoted};
use crate::Result;
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec, Late, Span, lattice};

/// The cells of a batch of records, row after row.
#[derive(Clone, Copy)]
pub(super) struct CellRows<'a> {
    pub text: &'a [u8],
    /// Cells whose escapes were resolved.
    pub scratch: &'a [u8],
    pub spans: &'a [Span],
    /// Cells in a row, at least one a column.
    pub stride: usize,
    /// The offset of each row's record.
    pub starts: &'a [u32],
}

/// Columns whose values are cells.
pub(super) struct TypedColumns {
    pub specs: Vec<ColumnSpec>,
    parsers: Vec<ColumnParser>,
    rules: Arc<CellRules>,
    encoding: &'static Encoding,
}

impl TypedColumns {
    /// Columns of these types; cells are text in `encoding`.
    ///
    /// # Errors
    /// Those of [`ColumnParser::new`].
    pub fn new(specs: &[ColumnSpec], rules: Arc<CellRules>, encoding: &'static Encoding) -> Result<Self> {
        let parsers = specs.iter().map(|column| ColumnParser::new(column, &rules, encoding)).collect::<Result<_>>()?;
        Ok(Self { specs: specs.to_vec(), parsers, rules, encoding })
    }

    pub fn len(&self) -> usize {
        self.parsers.len()
    }

    /// The columns, or those that must be widened: what they did not hold is at its record's offset. `dropped`, ascending: rows that become none anyway, whose values say
    /// nothing about types.
    pub fn parse(&self, rows: CellRows<'_>, dropped: &[u32], faults: &mut Faults) -> (Vec<ArrayRef>, Vec<ColumnSpec>) {
        let (mut columns, mut widened) = (Vec::with_capacity(self.parsers.len()), Vec::new());
        let CellRows { text, scratch, spans, stride, starts } = rows;
        if starts.is_empty() {
            return (columns, widened);
        }
        for (column, (parser, spec)) in self.parsers.iter().zip(&self.specs).enumerate() {
            let cells = Cells { text, scratch, spans, stride, column };
            let result = parser.parse(cells);
            let cell = |row: u32| cells.bytes(spans[row as usize * stride + column]);
            let mut fault = |row: u32, cause, reason| {
                let start = starts[row as usize];
                let place = cells.place(spans[row as usize * stride + column]).filter(|place| place.start >= start);
                let span = place.map(|place| (place.start - start, place.end - start));
                faults.add(Fault { row: Some(row), start, cause, column: Some(column as u32), reason, span, by: None });
            };
            let kept: Vec<u32> = result.misfits.iter().copied().filter(|row| dropped.binary_search(row).is_err()).collect();
            if !kept.is_empty() && spec.origin != Origin::Person {
                let (mut wide, needed_by) = lattice::widen_all(spec, kept.iter().map(|&row| cell(row)), &self.rules);
                if (&wide.data_type, &wide.pattern) == (&spec.data_type, &spec.pattern) {
                    // The bytes would fit in UTF-8, and are no such text in the source's encoding.
                    wide = ColumnSpec { data_type: LogicalType::String, pattern: None, ..wide };
                }
                let row = kept[needed_by.unwrap_or(0)];
                wide.late = Some(Late::new(spec, cell(row), self.encoding, starts[row as usize]));
                widened.push(wide);
            } else {
                for row in kept {
                    fault(row, Cause::TypeMismatch, format!("{} in column {} is no {}", quoted(cell(row)), spec.name, spec.data_type));
                }
            }
            for &row in &result.invalid {
                fault(
                    row,
                    Cause::InvalidEncoding,
                    format!("bytes in column {} that are not {}; read as windows-1252", spec.name, self.encoding.name()),
                );
            }
            columns.push(result.array);
        }
        if !widened.is_empty() {
            columns.clear();
        }
        (columns, widened)
    }
}
