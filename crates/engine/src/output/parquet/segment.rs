//! One unit's rows as a complete Parquet file, written while they are decoded.

use std::mem;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::{DataType, Field, Fields};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::schema::types::ColumnPath;

use super::choice::{ColumnChoice, ColumnEncoding, DICTIONARY_BYTES};
use super::layout::Layout;
use super::options::{ParquetOptions, Switch};
use super::{CREATED_BY, defect};
use crate::Result;
use crate::column::ColumnSpec;

/// Rows of a page at most, so that the page index can skip within columns that compress well.
const PAGE_ROWS: usize = 20_000;
/// Bytes of a bound in statistics and page index: long texts would bloat the footer.
const BOUND_BYTES: usize = 64;
/// False positives of a bloom filter.
const BLOOM_FPP: f64 = 0.01;

/// Writes the rows of one unit. What is held between calls is encoded pages, and one open page a column.
///
/// The segment has one row group, or more where the unit has more rows than a group may have.
pub struct SegmentWriter {
    layout: Layout,
    writer: ArrowWriter<Vec<u8>>,
}

impl SegmentWriter {
    /// A writer for tables of these columns. `choices` has one entry a column; what is missing is as by default.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a bloom filter on a column that is not there, or columns that Parquet cannot hold.
    pub fn new(columns: &[ColumnSpec], options: &ParquetOptions, choices: &[ColumnChoice]) -> Result<Self> {
        let layout = Layout::new(columns, options);
        let properties = properties(&layout, options, choices)?;
        let arrow_options = ArrowWriterOptions::new().with_properties(properties).with_schema_root("schema".to_owned());
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(layout.schema()), arrow_options).map_err(encoder)?;
        Ok(Self { layout, writer })
    }

    /// Writes a batch of `rows` rows: one array a column, of [`arrow_type`](crate::column::arrow_type).
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for arrays of another type or length.
    pub fn write(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        let batch = self.layout.batch(columns, rows)?;
        self.writer.write(&batch).map_err(encoder)
    }

    /// Bytes that the writer holds, about.
    pub fn bytes_in_flight(&self) -> usize {
        self.writer.memory_size() + self.writer.inner().len()
    }

    /// The segment: a Parquet file with its page index and footer. Without rows it has no row group.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where the encoder fails.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        let pending = self.writer.in_progress_size();
        self.writer.inner_mut().reserve_exact(pending + pending / 64);
        self.writer.finish().map_err(encoder)?;
        Ok(mem::take(self.writer.inner_mut()))
    }
}

fn encoder(error: ParquetError) -> ErrorInfo {
    defect(format!("the Parquet encoder failed: {error}"))
}

fn properties(layout: &Layout, options: &ParquetOptions, choices: &[ColumnChoice]) -> Result<WriterProperties> {
    let fields = layout.schema().fields();
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(options.compression().unwrap_or(Compression::UNCOMPRESSED))
        .set_max_row_group_row_count(Some(options.row_group_rows))
        .set_data_page_size_limit(options.page_bytes(fields.len()))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_write_page_header_statistics(false)
        .set_statistics_truncate_length(Some(BOUND_BYTES))
        .set_column_index_truncate_length(Some(BOUND_BYTES));
    for (i, field) in fields.iter().enumerate() {
        let choice = choices.get(i).copied().unwrap_or_default();
        let dictionary = match options.dictionary {
            Switch::Auto => choice.dictionary,
            Switch::On => true,
            Switch::Off => false,
        };
        for (path, data_type) in leaves(field) {
            builder = builder.set_column_dictionary_enabled(path.clone(), dictionary && *data_type != DataType::Boolean);
            if options.modern_encodings
                && let Some(encoding) = encoding(choice.encoding, data_type)
            {
                builder = builder.set_column_encoding(path, encoding);
            }
        }
    }
    bloom_filters(builder, fields, options).map(WriterPropertiesBuilder::build)
}

fn bloom_filters(mut builder: WriterPropertiesBuilder, fields: &Fields, options: &ParquetOptions) -> Result<WriterPropertiesBuilder> {
    for name in &options.bloom_filter {
        let Some(field) = fields.iter().find(|field| field.name().eq_ignore_ascii_case(name)) else {
            let known: Vec<_> = fields.iter().take(20).map(|field| field.name().as_str()).collect();
            let hint = format!("Columns are {}.", known.join(", "));
            return Err(ErrorInfo::new(ErrorKind::Usage, format!("there is no column {name:?} for a bloom filter"), hint));
        };
        for (path, _) in leaves(field) {
            builder = builder.set_column_bloom_filter_enabled(path.clone(), true).set_column_bloom_filter_fpp(path, BLOOM_FPP);
        }
    }
    Ok(builder)
}

/// The encoding, where values of the type can have it.
fn encoding(encoding: ColumnEncoding, data_type: &DataType) -> Option<Encoding> {
    use DataType::*;
    match (encoding, data_type) {
        (ColumnEncoding::DeltaBinaryPacked, Int8 | Int16 | Int32 | Int64 | Date32 | Timestamp(..) | Time64(_)) => {
            Some(Encoding::DELTA_BINARY_PACKED)
        }
        (ColumnEncoding::ByteStreamSplit, Float32 | Float64) => Some(Encoding::BYTE_STREAM_SPLIT),
        _ => None,
    }
}

/// The leaf columns of a field with their paths.
fn leaves(field: &Field) -> Vec<(ColumnPath, &DataType)> {
    fn walk<'a>(field: &'a Field, path: &[String], found: &mut Vec<(ColumnPath, &'a DataType)>) {
        let mut path = path.to_vec();
        path.push(field.name().clone());
        match field.data_type() {
            DataType::Struct(members) => members.iter().for_each(|member| walk(member, &path, found)),
            DataType::List(element) => {
                path.push("list".to_owned());
                walk(element, &path, found);
            }
            DataType::Map(entries, _) => walk(entries, &path, found),
            leaf => found.push((ColumnPath::new(path), leaf)),
        }
    }
    let mut found = Vec::new();
    walk(field, &[], &mut found);
    found
}
