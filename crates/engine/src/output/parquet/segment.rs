//! One unit's rows as a complete Parquet file, written while they are decoded.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, encode_arrow_schema};
use parquet::basic::Compression;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::choice::{ColumnChoice, ColumnEncoding, DICTIONARY_BYTES};
use super::encode::{Compressor, FlatColumn, Limits, Pages};
use super::layout::Layout;
use super::options::{ParquetOptions, Switch};
use super::{CREATED_BY, SegmentMeta, defect};
use crate::Result;
use crate::column::ColumnSpec;

/// Rows of a page at most, so that the page index can skip within columns that compress well.
const PAGE_ROWS: usize = 20_000;
/// Bytes of a bound in statistics and page index: long texts would bloat the footer.
const BOUND_BYTES: usize = 64;
/// Room for page indexes and footer: this share of the pages, and as much again for small segments.
const FOOTER_SHARE: usize = 64;
const FOOTER_BYTES: usize = 4096;
/// False positives of a bloom filter.
const BLOOM_FPP: f64 = 0.01;

/// Writes the rows of one unit. What is held between calls is encoded pages, and one open page a column.
///
/// The segment has one row group, or more where the unit has more rows than a group may have.
pub struct SegmentWriter {
    layout: Layout,
    choices: Vec<ColumnChoice>,
    limits: Limits,
    group_rows: usize,
    file: SerializedFileWriter<Vec<u8>>,
    compressor: Compressor,
    /// Room for one page.
    raw: Vec<u8>,
    open: Option<RowGroup>,
}

/// A row group that is being filled.
struct RowGroup {
    rows: usize,
    columns: Vec<Column>,
}

enum Column {
    Flat(Box<FlatColumn>),
    /// Nested, or with a bloom filter: left to the crate. One writer a leaf.
    Other(Vec<ArrowColumnWriter>),
}

impl SegmentWriter {
    /// A writer for tables of these columns. `choices` has one entry a column; what is missing is as by default.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a bloom filter on a column that is not there, or columns that Parquet cannot hold.
    pub fn new(columns: &[ColumnSpec], options: &ParquetOptions, choices: &[ColumnChoice]) -> Result<Self> {
        let layout = Layout::new(columns, options);
        let choices = (0..columns.len()).map(|c| in_force(choices.get(c).copied().unwrap_or_default(), options)).collect();
        let properties = properties(&layout, options)?;
        let schema = ArrowSchemaConverter::new().schema_root("schema").convert(layout.schema()).map_err(encoder)?;
        let file = SerializedFileWriter::new(Vec::new(), schema.root_schema_ptr(), properties).map_err(encoder)?;
        Ok(Self {
            limits: Limits { rows: PAGE_ROWS, bytes: options.page_bytes(columns.len()) },
            layout,
            choices,
            group_rows: options.row_group_rows.max(1),
            file,
            compressor: Compressor::new(options.compression().unwrap_or(Compression::UNCOMPRESSED))?,
            raw: Vec::new(),
            open: None,
        })
    }

    /// Writes a batch of `rows` rows: one array a column, of [`arrow_type`](crate::column::arrow_type).
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for arrays of another type or length.
    pub fn write(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        let batch = self.layout.batch(columns, rows)?;
        let mut from = 0;
        while from < rows {
            let mut group = match self.open.take() {
                Some(group) => group,
                None => self.begin()?,
            };
            let part = batch.slice(from, (rows - from).min(self.group_rows - group.rows));
            self.put(&mut group, &part)?;
            from += part.num_rows();
            if group.rows == self.group_rows {
                self.end(group)?;
            } else {
                self.open = Some(group);
            }
        }
        Ok(())
    }

    /// Bytes that the writer holds, about.
    pub fn bytes_in_flight(&self) -> usize {
        let columns = self.open.iter().flat_map(|group| &group.columns);
        let open: usize = columns
            .map(|column| match column {
                Column::Flat(column) => column.bytes(),
                Column::Other(leaves) => leaves.iter().map(ArrowColumnWriter::memory_size).sum(),
            })
            .sum();
        open + self.file.inner().len()
    }

    /// The segment: a Parquet file with its page index and footer, and what must be kept of it. Without rows it has no row
    /// group.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where the encoder fails.
    pub fn finish(mut self) -> Result<(Vec<u8>, SegmentMeta)> {
        if let Some(group) = self.open.take() {
            self.end(group)?;
        }
        // What is written from here on is the page indexes and the footer: bloom filters stand behind their row groups.
        let body_end = self.file.bytes_written();
        let row_groups = self.file.flushed_row_groups().to_vec();
        let segment = self.file.into_inner().map_err(encoder)?;
        let meta = SegmentMeta::new(&segment, body_end, &row_groups);
        Ok((segment, meta))
    }

    fn begin(&self) -> Result<RowGroup> {
        let schema = self.file.schema_descr();
        let filtered = |leaf: usize| self.file.properties().bloom_filter_properties(schema.column(leaf).path()).is_some();
        let mut others = None;
        let mut leaf = 0;
        let mut columns = Vec::new();
        for (field, choice) in self.layout.schema().fields().iter().zip(&self.choices) {
            let width = leaves(field).len();
            let flat = match filtered(leaf) {
                false => FlatColumn::new(field.data_type(), schema.column(leaf), *choice, self.limits),
                true => None,
            };
            columns.push(match flat {
                Some(flat) => Column::Flat(Box::new(flat)),
                None => {
                    let others = match &mut others {
                        Some(others) => others,
                        None => others.insert(self.crate_writers()?),
                    };
                    Column::Other(others.iter_mut().skip(leaf).take(width).filter_map(Option::take).collect())
                }
            });
            leaf += width;
        }
        Ok(RowGroup { rows: 0, columns })
    }

    /// The crate's writers for all leaves, to be taken where ours do not serve.
    fn crate_writers(&self) -> Result<Vec<Option<ArrowColumnWriter>>> {
        let factory = ArrowRowGroupWriterFactory::new(&self.file, Arc::clone(self.layout.schema()));
        let writers = factory.create_column_writers(self.file.flushed_row_groups().len()).map_err(encoder)?;
        Ok(writers.into_iter().map(Some).collect())
    }

    fn put(&mut self, group: &mut RowGroup, batch: &RecordBatch) -> Result<()> {
        group.rows += batch.num_rows();
        for ((column, array), field) in group.columns.iter_mut().zip(batch.columns()).zip(self.layout.schema().fields()) {
            match column {
                Column::Flat(column) => column.write(array, &mut self.compressor, &mut self.raw)?,
                Column::Other(writers) => {
                    let leaves = compute_leaves(field, array).map_err(encoder)?;
                    writers.iter_mut().zip(&leaves).try_for_each(|(writer, leaf)| writer.write(leaf)).map_err(encoder)?;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, group: RowGroup) -> Result<()> {
        let finished = group
            .columns
            .into_iter()
            .map(|column| match column {
                Column::Flat(column) => Ok(Chunk::Flat(Box::new(column.finish(&mut self.compressor, &mut self.raw)?))),
                Column::Other(writers) => Ok(Chunk::Other(writers)),
            })
            .collect::<Result<Vec<_>>>()?;
        // One piece of memory for all, not one that doubles as it fills up.
        let size: usize = finished.iter().map(Chunk::size).sum();
        self.file.inner_mut().reserve_exact(size + size / FOOTER_SHARE + FOOTER_BYTES);
        let mut writer = self.file.next_row_group().map_err(encoder)?;
        for chunk in finished {
            match chunk {
                Chunk::Flat(chunk) => {
                    let (pages, close) = *chunk;
                    writer.append_column(&pages, close).map_err(encoder)?;
                }
                Chunk::Other(writers) => {
                    for leaf in writers {
                        leaf.close().and_then(|chunk| chunk.append_to_row_group(&mut writer)).map_err(encoder)?;
                    }
                }
            }
        }
        writer.close().map_err(encoder)?;
        Ok(())
    }
}

/// A column of a row group that is full.
enum Chunk {
    Flat(Box<(Pages, ColumnCloseResult)>),
    Other(Vec<ArrowColumnWriter>),
}

impl Chunk {
    /// Bytes it will have in the file, about.
    fn size(&self) -> usize {
        match self {
            Self::Flat(chunk) => chunk.0.len(),
            Self::Other(writers) => writers.iter().map(ArrowColumnWriter::get_estimated_total_bytes).sum(),
        }
    }
}

pub(super) fn encoder(error: ParquetError) -> ErrorInfo {
    defect(format!("the Parquet encoder failed: {error}"))
}

/// A column's choice under a person's.
fn in_force(choice: ColumnChoice, options: &ParquetOptions) -> ColumnChoice {
    ColumnChoice {
        dictionary: match options.dictionary {
            Switch::Auto => choice.dictionary,
            Switch::On => true,
            Switch::Off => false,
        },
        encoding: if options.modern_encodings { choice.encoding } else { ColumnEncoding::Plain },
    }
}

/// What the crate's writers are told; the file's own are its codec's and the footer's.
fn properties(layout: &Layout, options: &ParquetOptions) -> Result<WriterPropertiesPtr> {
    let fields = layout.schema().fields();
    let schema = KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), encode_arrow_schema(layout.schema()));
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(vec![schema]))
        .set_compression(options.compression().unwrap_or(Compression::UNCOMPRESSED))
        .set_data_page_size_limit(options.page_bytes(fields.len()))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_enabled(options.dictionary != Switch::Off)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_write_page_header_statistics(false)
        .set_statistics_truncate_length(Some(BOUND_BYTES))
        .set_column_index_truncate_length(Some(BOUND_BYTES));
    for name in &options.bloom_filter {
        for path in bloom_filter_leaves(fields, name)? {
            builder = builder.set_column_bloom_filter_enabled(path.clone(), true).set_column_bloom_filter_fpp(path, BLOOM_FPP);
        }
    }
    Ok(Arc::new(builder.build()))
}

fn bloom_filter_leaves(fields: &Fields, name: &str) -> Result<Vec<ColumnPath>> {
    match fields.iter().find(|field| field.name().eq_ignore_ascii_case(name)) {
        Some(field) => Ok(leaves(field)),
        None => {
            let known: Vec<_> = fields.iter().take(20).map(|field| field.name().as_str()).collect();
            let hint = format!("Columns are {}.", known.join(", "));
            Err(ErrorInfo::new(ErrorKind::Usage, format!("there is no column {name:?} for a bloom filter"), hint))
        }
    }
}

/// The paths of a field's leaf columns.
fn leaves(field: &Field) -> Vec<ColumnPath> {
    fn walk(field: &Field, path: &[String], found: &mut Vec<ColumnPath>) {
        let mut path = path.to_vec();
        path.push(field.name().clone());
        match field.data_type() {
            DataType::Struct(members) => members.iter().for_each(|member| walk(member, &path, found)),
            DataType::List(element) => {
                path.push("list".to_owned());
                walk(element, &path, found);
            }
            DataType::Map(entries, _) => walk(entries, &path, found),
            _ => found.push(ColumnPath::new(path)),
        }
    }
    let mut found = Vec::new();
    walk(field, &[], &mut found);
    found
}
