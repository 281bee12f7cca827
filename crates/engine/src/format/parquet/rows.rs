//! Rows of a file, from any row on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use colonnade_protocol::{ErrorInfo, ErrorKind, Place};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use super::chunks::Chunks;
use super::footer::{Footer, refused};
use super::wide::Nanoseconds;
use crate::Result;
use crate::format::columnar::{Batches, Rows};
use crate::source::SharedSource;

/// Unpacked bytes that a batch has, about.
const BATCH_BYTES: u64 = 4 << 20;
/// Bytes that one row may take.
const MOST_ROW_BYTES: u64 = 128 << 20;
/// Rows of a batch at most.
const BATCH_ROWS: u64 = 8192;

/// Reads rows of a file; goes on where it was where it can.
pub struct RowGroups {
    chunks: Chunks,
    footer: Footer,
    open: Option<Open>,
}

/// A row group being read.
struct Open {
    reader: ParquetRecordBatchReader,
    /// The next row that comes from here.
    row: u64,
    /// The row behind its last.
    end: u64,
    nanoseconds: Option<Nanoseconds>,
    /// Read and not yet asked for, with the values that were cut: row and column.
    pending: Option<(RecordBatch, Vec<(u32, u32)>)>,
}

impl RowGroups {
    pub fn new(source: &SharedSource, footer: Footer) -> Self {
        Self { chunks: Chunks(source.clone()), footer, open: None }
    }

    /// Opens the row group that holds a row; `None` behind the last.
    fn open_at(&self, row: u64) -> Result<Option<Open>> {
        let mut start: u64 = 0;
        for (k, group) in self.footer.row_groups().iter().enumerate() {
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            let end = start.saturating_add(rows);
            if row >= end {
                start = end;
                continue;
            }
            let unpacked = group.columns().iter().map(|column| u64::try_from(column.uncompressed_size()).unwrap_or(0)).sum::<u64>();
            let of_a_row = (unpacked / rows.max(1)).max(1);
            if of_a_row > MOST_ROW_BYTES {
                let what = format!("a row of row group {} takes {of_a_row} bytes", k + 1);
                let hint = format!("At most {MOST_ROW_BYTES} bytes a row are read.");
                return Err(placed(ErrorInfo::new(ErrorKind::Limit, what, hint), row));
            }
            let size = (BATCH_BYTES / of_a_row).clamp(1, BATCH_ROWS) as usize;
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.chunks.clone(), self.footer.metadata.clone())
                .with_row_groups(vec![k])
                .with_batch_size(size);
            let passed = usize::try_from(row - start).unwrap_or(usize::MAX);
            let reader = if passed > 0 { reader.with_offset(passed) } else { reader };
            let reader = reader.build().map_err(|error| placed(refused(error), row))?;
            let nanoseconds = Nanoseconds::beside(&self.chunks, &self.footer.in_nanoseconds, k, size, passed);
            let nanoseconds = nanoseconds.map_err(|error| placed(refused(error), row))?;
            return Ok(Some(Open { reader, row, end, nanoseconds, pending: None }));
        }
        Ok(None)
    }
}

impl Batches for RowGroups {
    fn read(&mut self, first: u64, most: usize) -> Result<Rows> {
        let goes_on = self.open.as_ref().is_some_and(|open| open.row == first && first < open.end);
        if !goes_on {
            self.open = self.open_at(first)?;
        }
        let Some(open) = &mut self.open else { return Ok(Rows::default()) };
        let (batch, mut cut) = match open.pending.take() {
            Some(pending) => pending,
            None => match next(&mut open.reader) {
                Some(Ok(batch)) if batch.num_rows() > 0 => {
                    let cut = open.nanoseconds.as_mut().map(|nanoseconds| nanoseconds.lost(&batch)).transpose();
                    let cut = cut.map_err(|error| placed(refused(error), first))?.unwrap_or_default();
                    (batch, cut)
                }
                Some(Err(error)) => return Err(placed(refused(error), first)),
                _ => {
                    let error = ParquetError::EOF(format!("its row group ends {} rows early", open.end - first));
                    return Err(placed(refused(error), first));
                }
            },
        };
        let rows = batch.num_rows().min(most);
        if rows < batch.num_rows() {
            let (now, later): (Vec<_>, Vec<_>) = cut.into_iter().partition(|&(row, _)| (row as usize) < rows);
            cut = now;
            let later = later.into_iter().map(|(row, column)| (row - rows as u32, column)).collect();
            open.pending = Some((batch.slice(rows, batch.num_rows() - rows), later));
        }
        open.row += rows as u64;
        Ok(Rows { cut, ..Rows::following(first, batch.slice(0, rows).columns().to_vec()) })
    }
}

/// The next batch. On some damaged pages the crate panics instead of giving an error; where a panic can be caught, it is one.
fn next(reader: &mut ParquetRecordBatchReader) -> Option<std::result::Result<RecordBatch, ParquetError>> {
    match catch_unwind(AssertUnwindSafe(|| reader.next())) {
        Ok(next) => next.map(|batch| batch.map_err(ParquetError::from)),
        Err(_) => Some(Err(ParquetError::General("a page is damaged".to_owned()))),
    }
}

fn placed(error: ErrorInfo, row: u64) -> ErrorInfo {
    error.at(Place::row(row))
}
