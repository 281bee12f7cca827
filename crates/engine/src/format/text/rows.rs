//! From cut text to a batch: cells to typed columns, and what became of each record.

use std::sync::Arc;

use arrow_array::ArrayRef;
use colonnade_protocol::Place;
use encoding_rs::Encoding;

use super::{Tokens, options};
use crate::Result;
use crate::column::{CellRules, ColumnSpec};
use crate::format::faults::{Fault, Faults, Records};
use crate::format::typed::{CellRows, TypedColumns};
use crate::format::{Batch, ParseMode};
use crate::settings::Settings;

/// The columns of a table of text, and what becomes of records that do not fit.
pub(in crate::format) struct TableRows {
    columns: TypedColumns,
    mode: ParseMode,
    corrupt_column: bool,
    encoding: &'static Encoding,
}

/// A piece of text, cut into cells.
#[derive(Clone, Copy)]
pub(in crate::format) struct CutText<'a> {
    pub text: &'a [u8],
    /// As far as it is cut.
    pub decoded: &'a [u8],
    /// The place of `text[0]`.
    pub place: Place,
    /// Cells in a row.
    pub stride: usize,
    pub tokens: &'a Tokens,
}

impl TableRows {
    /// Rows of these columns; the corrupt-record column, where one is set, is the last of them.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](colonnade_protocol::ErrorKind) where patterns cannot be used.
    pub fn new(settings: &Settings, columns: &[ColumnSpec], rules: CellRules, encoding: &'static Encoding) -> Result<Self> {
        let corrupt_column = options::has_corrupt_column(settings);
        let read = columns.len() - usize::from(corrupt_column);
        Ok(Self {
            columns: TypedColumns::new(&columns[..read], Arc::new(rules), encoding)?,
            mode: ParseMode::of(settings),
            corrupt_column,
            encoding,
        })
    }

    /// The rows of a cut text. `faults`: those that are beyond its tokens. `record_end`: where the record at an offset ends, in
    /// the text up to the next one.
    ///
    /// # Errors
    /// The first record with a fault, under FAILFAST.
    pub fn batch(&self, cut: CutText<'_>, mut faults: Faults, record_end: &dyn Fn(&[u8], usize) -> usize) -> Result<Batch> {
        let Tokens { starts, odd, .. } = cut.tokens;
        for odd in odd {
            let reason = odd.reason.clone();
            faults.add(Fault { row: odd.row, start: odd.start, cause: odd.cause, column: None, reason, span: odd.span, by: odd.by });
        }
        let (columns, widened) = self.parse(cut, &mut faults);
        let end_of = |start: u32| {
            let next_odd = odd.partition_point(|odd| odd.start <= start);
            let own = next_odd.checked_sub(1).map(|at| &odd[at]).filter(|odd| odd.start == start).map(|odd| odd.end);
            if let Some(end) = own {
                return end as usize;
            }
            let next_row = starts.get(starts.partition_point(|&at| at <= start)).copied();
            let next = next_row.into_iter().chain(odd.get(next_odd).map(|odd| odd.start)).min();
            // What is between two records is a record's line end, and comments.
            record_end(&cut.decoded[..next.map_or(cut.decoded.len(), |end| end as usize)], start as usize)
        };
        let records = Records { text: cut.decoded, encoding: self.encoding, place: cut.place, starts, end_of: &end_of };
        let corrupt_at = self.corrupt_column.then_some(self.columns.len());
        let mut batch = faults.into_batch(self.mode, &records, columns, corrupt_at)?;
        batch.counts.skipped = cut.tokens.skipped;
        batch.widened = records.placed(widened);
        Ok(batch)
    }

    /// The columns, or those that must be widened.
    fn parse(&self, cut: CutText<'_>, faults: &mut Faults) -> (Vec<ArrayRef>, Vec<ColumnSpec>) {
        let Tokens { scratch, spans, starts, odd, .. } = cut.tokens;
        let rows = CellRows { text: cut.text, scratch, spans, stride: cut.stride, starts };
        // What is dropped for its number of fields says nothing about types.
        let dropped: Vec<u32> =
            if self.mode == ParseMode::DropMalformed { odd.iter().filter_map(|odd| odd.row).collect() } else { Vec::new() };
        self.columns.parse(rows, &dropped, faults)
    }
}
