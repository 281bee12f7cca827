//! One unit's rows in any output format, and the file made of such segments: head, bodies in source order, tail.

use arrow_array::ArrayRef;
use colonnade_protocol::report::OutputFile;
use serde::{Deserialize, Serialize};

use super::arrow::{self, ArrowSegment, BatchPlace};
use super::options::OutputOptions;
use super::parquet::{self, ColumnChoice, Layout};
use super::text::csv::{self, CsvRows};
use super::text::jsonl::JsonLinesRows;
use super::text::sql::{self, SqlRows};
use super::text::sql_names::SqlNames;
use super::text::{Changes, RowWriter};
use super::zip::Crc;
use crate::Result;
use crate::column::ColumnSpec;

/// Writes the rows of one unit.
pub enum SegmentWriter {
    Parquet(Box<parquet::SegmentWriter>),
    Arrow(Box<ArrowSegment>, u64),
    Text { rows: Box<dyn RowWriter>, out: String, count: u64 },
}

/// A unit's rows as they stand in the file.
pub struct Segment {
    pub meta: SegmentMeta,
    pub body: Vec<u8>,
}

/// What must be kept of a segment once its body is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentMeta {
    pub rows: u64,
    /// Row groups of Parquet, record batches of Arrow, none of text.
    pub row_groups: u32,
    pub body_len: u64,
    /// CRC-32 of the body, so that the file's is known without reading it again.
    pub crc32: u32,
    detail: Detail,
}

/// What the file's tail is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Detail {
    Parquet(parquet::SegmentMeta),
    Arrow(Vec<BatchPlace>),
    Text(Changes),
}

impl SegmentWriter {
    /// A writer for tables of these columns. `choices` are Parquet's, one a column.
    ///
    /// # Errors
    /// Those of the format: [`ErrorKind::Usage`] for options that do not fit the columns.
    pub fn new(columns: &[ColumnSpec], options: &OutputOptions, choices: &[ColumnChoice]) -> Result<Self> {
        let text = |rows: Box<dyn RowWriter>| Self::Text { rows, out: String::new(), count: 0 };
        let names = || columns.iter().map(|column| column.name.as_str());
        Ok(match options {
            OutputOptions::Parquet(options) => Self::Parquet(Box::new(parquet::SegmentWriter::new(columns, options, choices)?)),
            OutputOptions::Arrow(options) => Self::Arrow(Box::new(ArrowSegment::new(columns, *options)?), 0),
            OutputOptions::Csv(options) => text(Box::new(CsvRows::new(options.clone()))),
            OutputOptions::JsonLines(options) => text(Box::new(JsonLinesRows::new(names(), options.clone()))),
            OutputOptions::Sql(options) => text(Box::new(SqlRows::new(columns, options.clone()))),
        })
    }

    /// Writes a batch of `rows` rows: one array a column, of [`arrow_type`](crate::column::arrow::arrow_type).
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for arrays of another type or length.
    pub fn write(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        match self {
            Self::Parquet(writer) => writer.write(columns, rows),
            Self::Arrow(writer, count) => {
                *count += rows as u64;
                writer.write(columns, rows)
            }
            Self::Text { rows: writer, out, count } => {
                *count += rows as u64;
                (0..rows).for_each(|row| writer.row(columns, row, out));
                Ok(())
            }
        }
    }

    /// The segment.
    ///
    /// # Errors
    /// The encoder's.
    pub fn finish(self) -> Result<Segment> {
        match self {
            Self::Parquet(writer) => {
                let (mut body, meta) = writer.finish()?;
                body.truncate(usize::try_from(meta.body_end).unwrap_or(usize::MAX));
                body.drain(..parquet::head().len());
                let (rows, row_groups, crc32, body_len) = (meta.rows, meta.row_groups, meta.crc32, meta.body_len());
                Ok(Segment { meta: SegmentMeta { rows, row_groups, body_len, crc32, detail: Detail::Parquet(meta) }, body })
            }
            Self::Arrow(writer, rows) => {
                let (body, places) = writer.finish()?;
                Ok(Segment { meta: SegmentMeta::of(&body, rows, places.len() as u32, Detail::Arrow(places)), body })
            }
            Self::Text { rows: mut writer, mut out, count } => {
                writer.end(&mut out);
                let body = out.into_bytes();
                Ok(Segment { meta: SegmentMeta::of(&body, count, 0, Detail::Text(writer.changes())), body })
            }
        }
    }
}

impl SegmentMeta {
    fn of(body: &[u8], rows: u64, row_groups: u32, detail: Detail) -> Self {
        Self { rows, row_groups, body_len: body.len() as u64, crc32: crc32fast::hash(body), detail }
    }
}

/// A whole file but for the bodies of its segments.
#[derive(Debug, Clone)]
pub struct Frame {
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
    pub rows: u64,
    pub row_groups: u32,
    /// Of the whole file.
    pub bytes: u64,
    pub crc32: u32,
    /// What differs from the table's own names, types and values, each in one sentence.
    pub changes: Vec<String>,
}

impl Frame {
    /// The file under its name, for a report.
    pub fn file(&self, name: String) -> OutputFile {
        OutputFile {
            name,
            bytes: self.bytes,
            rows: self.rows,
            row_groups: self.row_groups,
            crc32: format!("{:08x}", self.crc32),
            changes: self.changes.clone(),
        }
    }
}

/// The file's first bytes.
///
/// # Errors
/// Those of the format.
pub fn head(columns: &[ColumnSpec], options: &OutputOptions) -> Result<Vec<u8>> {
    Ok(match options {
        OutputOptions::Parquet(_) => parquet::head().to_vec(),
        OutputOptions::Arrow(options) => arrow::head(columns, *options)?,
        OutputOptions::Csv(options) => csv::head(names(columns), options).0.into_bytes(),
        OutputOptions::JsonLines(_) => Vec::new(),
        OutputOptions::Sql(options) => sql::head(columns, options).into_bytes(),
    })
}

fn names(columns: &[ColumnSpec]) -> impl Iterator<Item = &str> {
    columns.iter().map(|column| column.name.as_str())
}

/// What stands around the segments, in their order. `metadata` are key-value pairs for a footer that can hold them.
///
/// # Errors
/// [`ErrorKind::Limit`] for more than the format can hold, [`ErrorKind::Internal`] for segments of another schema.
pub fn frame<'a>(
    columns: &[ColumnSpec],
    options: &OutputOptions,
    segments: impl Iterator<Item = &'a SegmentMeta> + Clone,
    metadata: &[(String, String)],
) -> Result<Frame> {
    let head = head(columns, options)?;
    let mut changes = Vec::new();
    let tail = match options {
        OutputOptions::Parquet(options) => {
            let layout = Layout::new(columns, options);
            changes.extend_from_slice(layout.changes());
            let metas: Vec<_> = segments.clone().filter_map(SegmentMeta::parquet).cloned().collect();
            parquet::tail(&layout, &metas, metadata)?
        }
        OutputOptions::Arrow(options) => {
            let places: Vec<_> = segments.clone().map(|segment| (segment.body_len, segment.places().to_vec())).collect();
            arrow::tail(columns, *options, &places)?
        }
        OutputOptions::Csv(_) | OutputOptions::JsonLines(_) | OutputOptions::Sql(_) => {
            let mut sum = match options {
                OutputOptions::Csv(options) => csv::head(names(columns), options).1,
                _ => Changes::default(),
            };
            if let OutputOptions::Sql(options) = options {
                changes.extend(SqlNames::new(columns, &options.table, options.dialect).changes);
            }
            segments.clone().for_each(|segment| sum += segment.text_changes());
            changes.extend(sum.sentences());
            Vec::new()
        }
    };
    let mut crc = Crc::default();
    crc.bytes(&head);
    segments.clone().for_each(|segment| crc.part(segment.crc32, segment.body_len));
    crc.bytes(&tail);
    Ok(Frame {
        rows: segments.clone().map(|segment| segment.rows).sum(),
        row_groups: segments.clone().map(|segment| segment.row_groups).sum(),
        bytes: (head.len() + tail.len()) as u64 + segments.map(|segment| segment.body_len).sum::<u64>(),
        crc32: crc.value(),
        head,
        tail,
        changes,
    })
}

impl SegmentMeta {
    fn parquet(&self) -> Option<&parquet::SegmentMeta> {
        if let Detail::Parquet(meta) = &self.detail { Some(meta) } else { None }
    }

    fn places(&self) -> &[BatchPlace] {
        if let Detail::Arrow(places) = &self.detail { places } else { &[] }
    }

    fn text_changes(&self) -> Changes {
        if let Detail::Text(changes) = self.detail { changes } else { Changes::default() }
    }
}
