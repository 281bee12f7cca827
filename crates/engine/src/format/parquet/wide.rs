//! What is lost of timestamps of 96 bits (INT96): they hold nanoseconds, and are read in microseconds.
//!
//! 64 bits of nanoseconds reach from 1677 to 2262 only, so a value in them may have wrapped around. What it has beyond the
//! microseconds of the same value is right nevertheless.

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type;
use parquet::errors::Result;
use parquet::schema::types::SchemaDescriptor;

use super::chunks::Chunks;

/// The columns of a file that are such timestamps, not those within others.
pub fn columns(schema: &SchemaDescriptor) -> Vec<usize> {
    let leaves = schema.columns().iter().enumerate();
    let wide = leaves.filter(|(_, leaf)| leaf.physical_type() == Type::INT96 && leaf.path().parts().len() == 1);
    wide.map(|(leaf, _)| schema.get_column_root_idx(leaf)).collect()
}

/// Reads those columns of a row group once more, in nanoseconds, beside the reader of all.
pub struct Nanoseconds {
    columns: Vec<usize>,
    reader: ParquetRecordBatchReader,
}

impl Nanoseconds {
    /// Beside a reader of a row group that has batches of this size, and passes over so many rows; `None` where there is no
    /// such column.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn beside(chunks: &Chunks, metadata: &ArrowReaderMetadata, group: usize, size: usize, passed: usize) -> Result<Option<Self>> {
        let columns = columns(metadata.parquet_schema());
        if columns.is_empty() {
            return Ok(None);
        }
        let mask = ProjectionMask::roots(metadata.parquet_schema(), columns.iter().copied());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(chunks.clone(), metadata.clone());
        let builder = builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(size);
        let builder = if passed > 0 { builder.with_offset(passed) } else { builder };
        Ok(Some(Self { columns, reader: builder.build()? }))
    }

    /// Which values of the batch that was read beside have lost a part: row and column.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn lost(&mut self, batch: &RecordBatch) -> Result<Vec<(u32, u32)>> {
        let Some(own) = self.reader.next().transpose()? else { return Ok(Vec::new()) };
        let mut lost = Vec::new();
        for (&column, nanos) in self.columns.iter().zip(own.columns()) {
            let Some(micros) = batch.columns().get(column) else { continue };
            let (DataType::Timestamp(TimeUnit::Nanosecond, _), DataType::Timestamp(TimeUnit::Microsecond, _)) =
                (nanos.data_type(), micros.data_type())
            else {
                continue;
            };
            let (nanos, micros) = (nanos.as_primitive::<TimestampNanosecondType>(), micros.as_primitive::<TimestampMicrosecondType>());
            let values = nanos.values().iter().zip(micros.values()).enumerate();
            let is_lost = |&(row, (nanos_, micros)): &(usize, (&i64, &i64))| nanos.is_valid(row) && *nanos_ != micros.wrapping_mul(1000);
            lost.extend(values.filter(is_lost).map(|(row, _)| (row as u32, column as u32)));
        }
        Ok(lost)
    }
}
