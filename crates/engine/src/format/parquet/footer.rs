//! A file's footer: what is in it and where.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use colonnade_protocol::report::Finding;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{LogicalType, Type};
use parquet::errors::ParquetError;
use parquet::file::FOOTER_SIZE;
use parquet::file::metadata::{
    FooterTail, PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy, RowGroupMetaData,
};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use super::chunks::Chunks;
use super::{ENCRYPTED, MAGIC};
use crate::Result;
use crate::format::Blocks;
use crate::format::arrow::schema;
use crate::format::columnar::Source;
use crate::source::SharedSource;

/// The longest footer that is read: those of the widest files have some tens of megabytes.
const MOST_FOOTER_BYTES: usize = 256 << 20;
/// A unit within a row group: about so many bytes as they are stored, and at most so many when unpacked.
const UNIT_BYTES: u64 = 16 << 20;
const UNPACKED_BYTES: u64 = 256 << 20;

/// A footer, read and checked.
#[derive(Clone)]
pub struct Footer {
    pub metadata: ArrowReaderMetadata,
    /// The same with timestamps of 96 bits in nanoseconds.
    pub in_nanoseconds: ArrowReaderMetadata,
    /// The file's columns as Arrow has them.
    pub fields: Fields,
}

impl Footer {
    /// Reads the footer of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for what is no Parquet, is cut short or encrypted; those of the source.
    pub fn read(source: &SharedSource) -> Result<Self> {
        let chunks = Chunks(source.clone());
        check_tail(source)?;
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Skip)
            .with_metadata_options(Some(without_statistics()))
            .parse_and_finish(&chunks)
            .map_err(refused)?;
        let metadata = Arc::new(metadata);
        // Arrow's own schema beside Parquet's may be damaged, have types that Arrow does not, or say what the file does not hold.
        let is_sound = arrow_schema(&metadata).is_none_or(schema::is_sound);
        let arrow = ArrowReaderMetadata::try_new(Arc::clone(&metadata), ArrowReaderOptions::new().with_skip_arrow_metadata(!is_sound));
        let arrow = arrow
            .or_else(|_| ArrowReaderMetadata::try_new(Arc::clone(&metadata), ArrowReaderOptions::new().with_skip_arrow_metadata(true)));
        let arrow = arrow.map_err(refused)?;
        let in_nanoseconds = arrow.clone();
        let metadata = in_microseconds(arrow).map_err(refused)?;
        let footer = Self { fields: with_extensions(&metadata), metadata, in_nanoseconds };
        footer.check(source.len())?;
        Ok(footer)
    }

    pub fn row_groups(&self) -> &[RowGroupMetaData] {
        self.metadata.metadata().row_groups()
    }

    /// What the page says of the file.
    pub fn described(&self) -> Source<'_> {
        let groups = self.row_groups();
        let mut codecs: Vec<String> =
            groups.iter().flat_map(RowGroupMetaData::columns).take(10_000).map(|column| codec(&column.compression().to_string())).collect();
        codecs.sort();
        codecs.dedup();
        let mut words = format!("Parquet, {} row {}", groups.len(), if groups.len() == 1 { "group" } else { "groups" });
        if !codecs.is_empty() {
            words = format!("{words}, {}", codecs.join(" and "));
        }
        let mut blocks = Blocks::starting_at(0);
        groups.iter().for_each(|group| cut(group, &mut blocks));
        Source { fields: &self.fields, blocks, words, findings: self.wide_times() }
    }

    /// Timestamps of 96 bits hold nanoseconds, and are read in microseconds: what is lost is counted, but not within lists and
    /// structs.
    fn wide_times(&self) -> Vec<Finding> {
        let leaves = self.metadata.parquet_schema().columns();
        let inner = leaves.iter().filter(|leaf| leaf.physical_type() == Type::INT96 && leaf.path().parts().len() > 1);
        let what = |leaf: &ColumnDescPtr| {
            format!(
                "Column {:?} has timestamps of 96 bits (INT96): they are read to the microsecond, what is finer is cut and not counted",
                leaf.path().string()
            )
        };
        inner.map(|leaf| Finding { what: what(leaf), fix: None }).collect()
    }

    /// Nothing that the footer claims may lie outside the file.
    fn check(&self, len: u64) -> Result<()> {
        for (k, group) in self.row_groups().iter().enumerate() {
            let of_rows = u64::try_from(group.num_rows()).ok();
            let inside = group.columns().iter().all(|column| {
                let start = column.dictionary_page_offset().filter(|&at| at > 0).unwrap_or(column.data_page_offset());
                let (start, length) = (u64::try_from(start).ok(), u64::try_from(column.compressed_size()).ok());
                start.zip(length).and_then(|(start, length)| start.checked_add(length)).is_some_and(|end| end <= len)
            });
            if of_rows.is_none() || !inside {
                let what = format!("row group {} of the footer lies outside the file", k + 1);
                return Err(ErrorInfo::new(ErrorKind::Malformed, what, DAMAGED));
            }
        }
        Ok(())
    }
}

/// Arrow's own schema, as its writers put it beside Parquet's.
fn arrow_schema(metadata: &ParquetMetaData) -> Option<&str> {
    let pairs = metadata.file_metadata().key_value_metadata()?;
    pairs.iter().rev().find(|pair| pair.key == ARROW_SCHEMA_META_KEY)?.value.as_deref()
}

/// Statistics are for those who pass over row groups; some writers' are not well-formed.
fn without_statistics() -> ParquetMetaDataOptions {
    ParquetMetaDataOptions::new()
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

const DAMAGED: &str = "The file is damaged or was cut short: get it again from where it came.";

fn codec(name: &str) -> String {
    name.split('(').next().unwrap_or(name).to_lowercase()
}

/// Adds a row group's blocks: one, or several of equal rows where it is large.
fn cut(group: &RowGroupMetaData, blocks: &mut Blocks) {
    let stored = group.columns().iter().map(|column| u64::try_from(column.compressed_size()).unwrap_or(0)).sum::<u64>();
    let unpacked = group.columns().iter().map(|column| u64::try_from(column.uncompressed_size()).unwrap_or(0)).sum::<u64>();
    let rows = u64::try_from(group.num_rows()).unwrap_or(0);
    let parts = stored.div_ceil(UNIT_BYTES).max(unpacked.div_ceil(UNPACKED_BYTES)).clamp(1, rows.clamp(1, 4096));
    for part in 0..parts {
        let (from, to) = (rows * part / parts, rows * (part + 1) / parts);
        blocks.push(to - from, stored / parts);
    }
}

/// The last bytes, looked at before the footer is read: they tell how long it claims to be.
fn check_tail(source: &SharedSource) -> Result<()> {
    let len = source.len();
    let malformed = |what: String, hint: &str| Err(ErrorInfo::new(ErrorKind::Malformed, what, hint));
    let mut tail = [0; FOOTER_SIZE];
    let Some(at) = len.checked_sub(FOOTER_SIZE as u64).filter(|&at| at >= MAGIC.len() as u64) else {
        return malformed(format!("a Parquet file of {len} bytes cannot be whole"), DAMAGED);
    };
    source.read_at(at, &mut tail)?;
    if tail.ends_with(ENCRYPTED) {
        return malformed(
            "the Parquet file is encrypted".to_owned(),
            "It cannot be read without its keys: write it again without encryption.",
        );
    }
    let Ok(footer) = FooterTail::try_new(&tail) else {
        return malformed("the Parquet file does not end as one: its footer is missing".to_owned(), DAMAGED);
    };
    if footer.metadata_length() as u64 > at {
        return malformed(format!("the Parquet file claims a footer of {} bytes and has {len}", footer.metadata_length()), DAMAGED);
    }
    if footer.metadata_length() > MOST_FOOTER_BYTES {
        let what = format!("the Parquet file's footer has {} bytes", footer.metadata_length());
        return Err(ErrorInfo::new(ErrorKind::Limit, what, format!("At most {MOST_FOOTER_BYTES} are read.")));
    }
    Ok(())
}

/// Timestamps of 96 bits reach far beyond what 64 bits of nanoseconds can say: they are read in microseconds.
fn in_microseconds(metadata: ArrowReaderMetadata) -> std::result::Result<ArrowReaderMetadata, ParquetError> {
    let fields = with_leaves(&metadata, |leaf, field| match (leaf.physical_type(), field.data_type()) {
        (Type::INT96, DataType::Timestamp(TimeUnit::Nanosecond, zone)) => {
            Some(field.clone().with_data_type(DataType::Timestamp(TimeUnit::Microsecond, zone.clone())))
        }
        _ => None,
    });
    if fields == *metadata.schema().fields() {
        return Ok(metadata);
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, metadata.schema().metadata().clone()));
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), ArrowReaderOptions::new().with_schema(schema)).or(Ok(metadata))
}

/// The columns, with what Arrow calls extensions where Parquet has a type of its own.
fn with_extensions(metadata: &ArrowReaderMetadata) -> Fields {
    with_leaves(metadata, |leaf, field| {
        let name = match leaf.logical_type_ref()? {
            LogicalType::Uuid => "arrow.uuid",
            LogicalType::Json => "arrow.json",
            _ => return None,
        };
        Some(field.clone().with_metadata([("ARROW:extension:name".to_owned(), name.to_owned())].into()))
    })
}

/// The file's columns with their leaves, which stand in the order of the file's own, changed.
fn with_leaves(metadata: &ArrowReaderMetadata, change: impl Fn(&ColumnDescriptor, &Field) -> Option<Field>) -> Fields {
    let mut leaves = metadata.parquet_schema().columns().iter();
    let mut change = |field: &Field| leaves.next().and_then(|leaf| change(leaf, field));
    metadata.schema().fields().iter().map(|field| changed(field, &mut change)).collect()
}

fn changed(field: &FieldRef, change: &mut impl FnMut(&Field) -> Option<Field>) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Struct(members) => DataType::Struct(members.iter().map(|member| changed(member, change)).collect()),
        DataType::List(element) => DataType::List(changed(element, change)),
        DataType::LargeList(element) => DataType::LargeList(changed(element, change)),
        DataType::FixedSizeList(element, length) => DataType::FixedSizeList(changed(element, change), *length),
        DataType::Map(entries, sorted) => DataType::Map(changed(entries, change), *sorted),
        _ => return change(field).map_or_else(|| Arc::clone(field), Arc::new),
    };
    if data_type == *field.data_type() { Arc::clone(field) } else { Arc::new(Field::clone(field).with_data_type(data_type)) }
}

/// The parquet crate's error in our words.
pub fn refused(error: ParquetError) -> ErrorInfo {
    let text = match &error {
        ParquetError::External(inner) => {
            if let Some(error) = inner.downcast_ref::<ErrorInfo>() {
                return error.clone();
            }
            inner.to_string()
        }
        ParquetError::General(text) | ParquetError::NYI(text) | ParquetError::EOF(text) | ParquetError::ArrowError(text) => text.clone(),
        other => other.to_string(),
    };
    let hint = if text.contains("ncrypt") {
        "The file is encrypted: write it again without encryption."
    } else if matches!(error, ParquetError::NYI(_)) || text.contains("not supported") || text.contains("feature") {
        "Write it again with a common encoding and compression (snappy, zstd, gzip, lz4_raw, brotli)."
    } else {
        DAMAGED
    };
    ErrorInfo::new(ErrorKind::Malformed, format!("the Parquet file cannot be read: {text}"), hint)
}

#[cfg(test)]
mod tests {
    use parquet::data_type::{Int96, Int96Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::super::rows::RowGroups;
    use super::*;
    use crate::format::columnar::Batches as _;
    use crate::source::Source as _;

    fn times(schema: &str, times: &[Int96]) -> Vec<u8> {
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, Default::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int96Type>().write_batch(times, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        bytes
    }

    #[test]
    fn what_is_cut_of_times_of_96_bits_is_counted_in_any_century() {
        // 1970-01-01, and a day of the year 9999.
        let time = |nanos: u64, day: u32| Int96::from(vec![nanos as u32, (nanos >> 32) as u32, day]);
        let all = [time(1000, 2_440_588), time(1, 2_440_588), time(86_399_999_999_999, 5_373_484), time(5_000_000, 5_373_484)];
        let bytes = times("message m { required int96 at; }", &all);
        let source = bytes.as_slice().share();
        let footer = Footer::read(&source).unwrap();
        assert!(footer.described().findings.is_empty());
        let mut rows = RowGroups::new(&source, footer);
        let first = rows.read(0, 2).unwrap();
        assert_eq!((first.consumed, first.cut), (2, vec![(1, 0)]));
        assert_eq!(rows.read(2, 9).unwrap().cut, [(0, 0)]);
        assert_eq!(rows.read(1, 9).unwrap().cut, [(0, 0), (1, 0)]);
        let inner = times("message m { required group g { required int96 at; } }", &all);
        let findings = Footer::read(&inner.as_slice().share()).unwrap().described().findings;
        assert!(findings[0].what.starts_with("Column \"g.at\" has timestamps of 96 bits"), "{findings:?}");
    }
}
