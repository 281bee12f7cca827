//! Arrow IPC files (also called Feather V2): record batches as they are in memory, with an index behind them.
//!
//! As with Parquet, each unit becomes a segment, here the messages of its record batches; the file is [`head`] (magic and
//! schema), the segments in order, and [`tail`] (end of stream and footer). Format:
//! <https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format>

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::writer::{DictionaryTracker, IpcWriteOptions, StreamWriter};
use arrow_ipc::{Block, CompressionType, FooterBuilder, MetadataVersion};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use flatbuffers::FlatBufferBuilder;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::ColumnSpec;
use crate::column::arrow::arrow_field;

const MAGIC: &[u8; 6] = b"ARROW1";
/// The magic is padded to this, as every message is.
const ALIGNMENT: usize = 8;
/// Continuation marker and length, before a message's metadata.
const PREFIX: usize = 8;

/// How Arrow IPC is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrowOptions {
    pub compression: ArrowCompression,
}

/// How buffers are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArrowCompression {
    /// What most writers of Feather files do.
    #[default]
    Lz4,
    Zstd,
    /// Can be mapped into memory as it is; the only one that Arrow's JavaScript library reads by itself.
    None,
}

/// Where a record batch is, within its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPlace {
    offset: u64,
    metadata: u32,
    body: u64,
}

/// Writes the rows of one unit as record batches.
pub struct ArrowSegment {
    schema: SchemaRef,
    writer: StreamWriter<Vec<u8>>,
    /// Bytes of the schema's message, which the stream writer puts first.
    schema_bytes: usize,
    places: Vec<BatchPlace>,
}

impl ArrowSegment {
    /// A writer for tables of these columns.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for a schema that IPC cannot hold.
    pub fn new(columns: &[ColumnSpec], options: ArrowOptions) -> Result<Self> {
        let schema = schema(columns);
        let writer = stream(&schema, options)?;
        Ok(Self { schema_bytes: writer.get_ref().len(), schema, writer, places: Vec::new() })
    }

    /// Writes a batch of `rows` rows.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for arrays of another type or length.
    pub fn write(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns.to_vec(), &options).map_err(defect)?;
        let from = self.writer.get_ref().len();
        self.writer.write(&batch).map_err(defect)?;
        let written = &self.writer.get_ref()[from..];
        let length = written.get(4..PREFIX).and_then(|length| length.first_chunk()).map_or(0, |length| u32::from_le_bytes(*length));
        let metadata = length + PREFIX as u32;
        let body = written.len() as u64 - u64::from(metadata);
        self.places.push(BatchPlace { offset: (from - self.schema_bytes) as u64, metadata, body });
        Ok(())
    }

    /// The segment's bytes, and where its batches are in them.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`]; a buffer in memory cannot fail.
    pub fn finish(mut self) -> Result<(Vec<u8>, Vec<BatchPlace>)> {
        self.writer.flush().map_err(defect)?;
        let mut bytes = std::mem::take(self.writer.get_mut());
        bytes.drain(..self.schema_bytes);
        Ok((bytes, self.places))
    }
}

/// The file's first bytes: magic and schema.
///
/// # Errors
/// As [`ArrowSegment::new`].
pub fn head(columns: &[ColumnSpec], options: ArrowOptions) -> Result<Vec<u8>> {
    let mut out = MAGIC.to_vec();
    out.resize(ALIGNMENT, 0);
    out.extend(stream(&schema(columns), options)?.get_ref());
    Ok(out)
}

/// The file's last bytes: end of the stream, footer, its length, magic. `segments` are the lengths of the segments and the
/// places of their batches.
///
/// # Errors
/// As [`head`].
pub fn tail(columns: &[ColumnSpec], options: ArrowOptions, segments: &[(u64, Vec<BatchPlace>)]) -> Result<Vec<u8>> {
    let schema = schema(columns);
    let mut offset = head(columns, options)?.len() as u64;
    let mut blocks = Vec::new();
    for (length, places) in segments {
        blocks.extend(places.iter().map(|place| Block::new((offset + place.offset) as i64, place.metadata as i32, place.body as i64)));
        offset += length;
    }
    let mut footer = FlatBufferBuilder::new();
    let dictionaries = footer.create_vector::<Block>(&[]);
    let batches = footer.create_vector(&blocks);
    let mut tracker = DictionaryTracker::new(true);
    let schema = IpcSchemaEncoder::new().with_dictionary_tracker(&mut tracker).schema_to_fb_offset(&mut footer, &schema);
    let root = {
        let mut builder = FooterBuilder::new(&mut footer);
        builder.add_version(MetadataVersion::V5);
        builder.add_schema(schema);
        builder.add_dictionaries(dictionaries);
        builder.add_recordBatches(batches);
        builder.finish()
    };
    footer.finish(root, None);
    let footer = footer.finished_data();
    let mut out = vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    out.extend(footer);
    out.extend((footer.len() as u32).to_le_bytes());
    out.extend(MAGIC);
    Ok(out)
}

fn schema(columns: &[ColumnSpec]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(arrow_field).collect::<Vec<_>>()))
}

fn stream(schema: &Schema, options: ArrowOptions) -> Result<StreamWriter<Vec<u8>>> {
    let compression = match options.compression {
        ArrowCompression::Lz4 => Some(CompressionType::LZ4_FRAME),
        ArrowCompression::Zstd => Some(CompressionType::ZSTD),
        ArrowCompression::None => None,
    };
    let write = IpcWriteOptions::default().try_with_compression(compression).map_err(defect)?;
    StreamWriter::try_new_with_options(Vec::new(), schema, write).map_err(defect)
}

fn defect(error: ArrowError) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, error.to_string(), "Please report this.")
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, StringArray};
    use arrow_ipc::reader::FileReader;

    use super::*;

    #[test]
    fn a_file_of_several_segments_reads_back() {
        let columns = [ColumnSpec { data_type: "bigint".parse().unwrap(), ..ColumnSpec::text("n") }, ColumnSpec::text("s")];
        let batch = |from: i64| -> Vec<ArrayRef> {
            let numbers = Int64Array::from_iter_values(from..from + 1000);
            vec![Arc::new(numbers), Arc::new(StringArray::from_iter((0..1000).map(|k| (k % 3 > 0).then(|| format!("é{k}")))))]
        };
        for compression in [ArrowCompression::Lz4, ArrowCompression::Zstd, ArrowCompression::None] {
            let options = ArrowOptions { compression };
            let mut file = head(&columns, options).unwrap();
            let mut segments = Vec::new();
            for from in [0, 2000, 4000] {
                let mut segment = ArrowSegment::new(&columns, options).unwrap();
                segment.write(&batch(from), 1000).unwrap();
                segment.write(&batch(from + 1000), 1000).unwrap();
                let (bytes, places) = segment.finish().unwrap();
                assert_eq!(bytes.len() % ALIGNMENT, 0);
                segments.push((bytes.len() as u64, places));
                file.extend(bytes);
            }
            file.extend(tail(&columns, options, &segments).unwrap());
            let reader = FileReader::try_new(std::io::Cursor::new(file), None).unwrap();
            let batches: Vec<RecordBatch> = reader.map(|batch| batch.unwrap()).collect();
            assert_eq!(batches.len(), 6);
            for (k, read) in batches.iter().enumerate() {
                assert_eq!(read.columns(), batch(1000 * k as i64));
            }
        }
    }
}
