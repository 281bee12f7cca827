//! One file from the footers of many segments: their bodies are copied as they are, only offsets are given anew.

use std::sync::Arc;

use bytes::Bytes;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, encode_arrow_schema};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    FileMetaData, KeyValue, PageIndexPolicy, ParquetColumnIndex, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader,
    ParquetMetaDataWriter, ParquetOffsetIndex, RowGroupMetaData,
};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor};
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::{CREATED_BY, defect};
use crate::Result;

const MAGIC: &[u8; 4] = b"PAR1";
/// Length of the footer and magic, behind it.
const TRAILER: usize = 8;
/// Format version 1, as pages are of version 1.
const FORMAT_VERSION: i32 = 1;

/// What must be kept of a segment once its body is stored: where the body was, and everything behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentMeta {
    /// The body is the segment's bytes from [`head`]'s length to here.
    pub body_end: u64,
    pub rows: u64,
    pub row_groups: u32,
    /// CRC-32 of the body, so that the file's is known without reading it again.
    pub crc32: u32,
    /// The segment's bytes from `body_end` on: page indexes and footer.
    #[serde(with = "serde_bytes")]
    footer: Vec<u8>,
}

impl SegmentMeta {
    /// The meta of a whole segment whose page indexes begin at `body_end`.
    pub(super) fn new(segment: &[u8], body_end: usize, row_groups: &[RowGroupMetaData]) -> Self {
        let (body, footer) = segment.split_at(body_end.min(segment.len()));
        Self {
            body_end: body.len() as u64,
            rows: row_groups.iter().map(|row_group| row_group.num_rows() as u64).sum(),
            row_groups: row_groups.len() as u32,
            crc32: crc32fast::hash(body.get(MAGIC.len()..).unwrap_or_default()),
            footer: footer.to_vec(),
        }
    }

    /// Length of the body: what is stored between [`head`] and [`tail`].
    pub fn body_len(&self) -> u64 {
        self.body_end - MAGIC.len() as u64
    }

    fn read(&self) -> Result<ParquetMetaData> {
        let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        let size = self.body_end + self.footer.len() as u64;
        reader.try_parse_sized(&Bytes::copy_from_slice(&self.footer), size).map_err(unreadable)?;
        reader.finish().map_err(unreadable)
    }
}

/// The file's first bytes.
pub fn head() -> &'static [u8] {
    MAGIC
}

/// The file's last bytes: page indexes and footer. `metadata` are key-value pairs for the footer, beside the Arrow schema.
/// Without segments this and [`head`] are a file of no rows.
///
/// # Errors
/// [`ErrorKind::Limit`] for more row groups than readers count, [`ErrorKind::Internal`] for segments of another schema.
pub fn tail(layout: &Layout, segments: &[SegmentMeta], metadata: &[(String, String)]) -> Result<Vec<u8>> {
    let schema = Arc::new(ArrowSchemaConverter::new().schema_root("schema").convert(layout.schema()).map_err(unreadable)?);
    let mut row_groups = RowGroups::default();
    for segment in segments {
        row_groups.append(segment, &schema)?;
    }
    let rows = row_groups.metadata.iter().map(RowGroupMetaData::num_rows).sum();
    let pairs = [(ARROW_SCHEMA_META_KEY.to_owned(), encode_arrow_schema(layout.schema()))];
    let pairs = pairs.into_iter().chain(metadata.iter().cloned()).map(|(key, value)| KeyValue::new(key, value)).collect();
    let file = FileMetaData::new(FORMAT_VERSION, rows, Some(CREATED_BY.to_owned()), Some(pairs), schema, None);
    row_groups.write(file)
}

/// Row groups with their final offsets.
#[derive(Default)]
struct RowGroups {
    metadata: Vec<RowGroupMetaData>,
    column_index: ParquetColumnIndex,
    offset_index: ParquetOffsetIndex,
    /// Length of the bodies so far.
    bodies: u64,
}

impl RowGroups {
    fn append(&mut self, segment: &SegmentMeta, schema: &SchemaDescPtr) -> Result<()> {
        let (metadata, column_index, offset_index) = take(segment.read()?, schema)?;
        let shift = self.bodies as i64;
        for row_group in metadata {
            let ordinal = i16::try_from(self.metadata.len()).map_err(|_| {
                let what = format!("the file would have more than {} row groups, which readers refuse", i16::MAX);
                ErrorInfo::new(ErrorKind::Limit, what, "Split the input, or allow more rows in a row group.")
            })?;
            self.metadata.push(shifted(row_group, schema, shift, ordinal).map_err(unreadable)?);
        }
        self.column_index.extend(column_index);
        self.offset_index.extend(offset_index.into_iter().map(|mut columns| {
            columns.iter_mut().flat_map(|column| &mut column.page_locations).for_each(|page| page.offset += shift);
            columns
        }));
        self.bodies += segment.body_len();
        Ok(())
    }

    /// The encoder counts offsets of the indexes from where it starts, in a `usize`, which a 32-bit worker's file may pass:
    /// so the indexes are written from 0, and the footer again with their true offsets.
    fn write(self, file: FileMetaData) -> Result<Vec<u8>> {
        let start = (MAGIC.len() as u64 + self.bodies) as i64;
        let whole = ParquetMetaDataBuilder::new(file.clone())
            .set_row_groups(self.metadata)
            .set_column_index(Some(self.column_index))
            .set_offset_index(Some(self.offset_index))
            .build();
        let mut tail = Vec::new();
        ParquetMetaDataWriter::new(&mut tail, &whole).finish().map_err(unreadable)?;
        drop(whole);

        let trailer = tail.len() - TRAILER;
        let length = tail[trailer..].first_chunk().map_or(0, |length| u32::from_le_bytes(*length) as usize);
        let footer = trailer - length;
        let written = ParquetMetaDataReader::decode_metadata(&tail[footer..trailer]).map_err(unreadable)?;
        let mut builder = written.into_builder();
        let row_groups: Vec<_> = builder
            .take_row_groups()
            .into_iter()
            .map(|row_group| with_indexes_at(row_group, start))
            .collect::<std::result::Result<_, _>>()
            .map_err(unreadable)?;
        let metadata = ParquetMetaDataBuilder::new(file).set_row_groups(row_groups).build();
        tail.truncate(footer);
        ParquetMetaDataWriter::new(&mut tail, &metadata).finish().map_err(unreadable)?;
        Ok(tail)
    }
}

type Parts = (Vec<RowGroupMetaData>, ParquetColumnIndex, ParquetOffsetIndex);

/// A segment's row groups with their indexes, if it has the schema of the file.
fn take(metadata: ParquetMetaData, schema: &SchemaDescriptor) -> Result<Parts> {
    if metadata.file_metadata().schema_descr().root_schema() != schema.root_schema() {
        return Err(defect("a segment has another schema than the file".to_owned()));
    }
    let row_groups = metadata.num_row_groups();
    let mut builder = metadata.into_builder();
    let (column_index, offset_index) = (builder.take_column_index().unwrap_or_default(), builder.take_offset_index().unwrap_or_default());
    if column_index.len() != row_groups || offset_index.len() != row_groups {
        return Err(defect("a segment has no page index".to_owned()));
    }
    Ok((builder.take_row_groups(), column_index, offset_index))
}

/// A row group whose bytes stand `shift` bytes further on.
fn shifted(
    row_group: RowGroupMetaData,
    schema: &SchemaDescPtr,
    shift: i64,
    ordinal: i16,
) -> std::result::Result<RowGroupMetaData, ParquetError> {
    let moved = |offset: Option<i64>| offset.map(|offset| offset + shift);
    let columns = row_group
        .columns()
        .iter()
        .map(|column| {
            column
                .clone()
                .into_builder()
                .set_data_page_offset(column.data_page_offset() + shift)
                .set_dictionary_page_offset(moved(column.dictionary_page_offset()))
                .set_bloom_filter_offset(moved(column.bloom_filter_offset()))
                .build()
        })
        .collect::<std::result::Result<_, _>>()?;
    RowGroupMetaData::builder(Arc::clone(schema))
        .set_num_rows(row_group.num_rows())
        .set_total_byte_size(row_group.total_byte_size())
        .set_column_metadata(columns)
        .set_ordinal(ordinal)
        .set_file_offset(row_group.file_offset().unwrap_or_default() + shift)
        .build()
}

/// A row group whose page indexes, at offsets from 0, begin at `start`.
fn with_indexes_at(row_group: RowGroupMetaData, start: i64) -> std::result::Result<RowGroupMetaData, ParquetError> {
    let moved = |offset: Option<i64>| offset.map(|offset| offset + start);
    let mut builder = row_group.into_builder();
    let columns = builder
        .take_columns()
        .into_iter()
        .map(|column| {
            let (column_index, offset_index) = (moved(column.column_index_offset()), moved(column.offset_index_offset()));
            column.into_builder().set_column_index_offset(column_index).set_offset_index_offset(offset_index).build()
        })
        .collect::<std::result::Result<_, _>>()?;
    builder.set_column_metadata(columns).build()
}

fn unreadable(error: ParquetError) -> ErrorInfo {
    defect(format!("a segment's footer cannot be taken over: {error}"))
}
