//! A column chunk: pages as they fill up, and what the footer says of them.

use arrow_array::types::*;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBufferBuilder;
use arrow_schema::{DataType, TimeUnit};
use parquet::basic::{BoundaryOrder, Encoding, PageType};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder, PageEncodingStats};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::schema::types::ColumnDescPtr;

use super::super::choice::{ColumnChoice, ColumnEncoding};
use super::bounds::{Bound, Bounds, statistics};
use super::codec::Compressor;
use super::header::{self, Page};
use super::hybrid;
use super::numbers::{self, Numbers};
use super::page::{BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED, Flushed, RLE_DICTIONARY, Values};
use super::pages::Pages;
use super::texts::{Kind, TextValues};
use super::truth::Booleans;
use crate::Result;

/// How large a page may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub rows: usize,
    /// About.
    pub bytes: usize,
}

/// A column of scalars that may be null, on its way to a chunk.
pub struct FlatColumn {
    descriptor: ColumnDescPtr,
    /// A value of the column's physical type.
    kind: Bound,
    limits: Limits,
    values: Box<dyn Values>,
    valid: BooleanBufferBuilder,
    pages: Pages,
    summaries: Vec<Summary>,
    uncompressed: usize,
    bounds: Option<Bounds>,
}

/// What is kept of a page.
struct Summary {
    rows: usize,
    nulls: usize,
    size: usize,
    encoding: i32,
    bounds: Option<Bounds>,
    unencoded: Option<i64>,
}

impl FlatColumn {
    /// A writer for arrays of this type; `None` for nested types. `descriptor` is that of the column in the file's schema.
    pub fn new(data_type: &DataType, descriptor: ColumnDescPtr, choice: ColumnChoice, limits: Limits) -> Option<Self> {
        let (values, kind) = values(data_type, choice, usize::try_from(descriptor.type_length()).unwrap_or_default())?;
        Some(Self {
            descriptor,
            kind,
            limits,
            values,
            valid: BooleanBufferBuilder::new(0),
            pages: Pages::default(),
            summaries: Vec::new(),
            uncompressed: 0,
            bounds: None,
        })
    }

    /// Takes the rows of an array; pages that are full are compressed. `raw` is room to work in.
    ///
    /// # Errors
    /// Those of the compressor.
    pub fn write(&mut self, array: &ArrayRef, compressor: &mut Compressor, raw: &mut Vec<u8>) -> Result<()> {
        let mut from = 0;
        while from < array.len() {
            let left = (self.limits.rows - self.valid.len()).min(array.len() - from);
            let rows = match self.values.room(array, from, self.valid.len(), self.limits.bytes).min(left) {
                0 if self.valid.is_empty() => 1,
                rows => rows,
            };
            self.put(array.slice(from, rows).as_ref());
            from += rows;
            // Where a page ends depends on its rows alone, not on how they come in arrays.
            if rows < left || self.valid.len() == self.limits.rows {
                self.end_page(compressor, raw)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, array: &dyn Array) {
        match array.nulls() {
            None => self.valid.append_n(array.len(), true),
            Some(nulls) => self.valid.append_buffer(nulls.inner()),
        }
        self.values.put(array);
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.pages.len() + self.values.bytes() + self.valid.len() / 8
    }

    /// The chunk's pages, dictionary first, and what the footer says of it; offsets count from its first byte.
    ///
    /// # Errors
    /// Those of the compressor, and where the footer's parts do not fit together.
    pub fn finish(mut self, compressor: &mut Compressor, raw: &mut Vec<u8>) -> Result<(Pages, ColumnCloseResult)> {
        if !self.valid.is_empty() {
            self.end_page(compressor, raw)?;
        }
        let data = self.pages.len();
        if let Some((page, entries)) = self.values.dictionary() {
            let (page, uncompressed) = packed(&page, None, entries, compressor)?;
            self.pages.push_front(page);
            self.uncompressed += uncompressed;
        }
        let pages = std::mem::take(&mut self.pages);
        let close = self.close(pages.len(), pages.len() - data, compressor).map_err(super::super::segment::encoder)?;
        Ok((pages, close))
    }

    fn end_page(&mut self, compressor: &mut Compressor, raw: &mut Vec<u8>) -> Result<()> {
        let valid = self.valid.finish();
        let rows = valid.len();
        let nulls = rows - valid.count_set_bits();
        raw.clear();
        put_levels(valid.values(), rows, nulls, raw);
        let Flushed { encoding, bounds, unencoded } = self.values.flush(raw);
        let (page, uncompressed) = packed(raw, Some(encoding), rows, compressor)?;
        let size = page.len();
        self.pages.push(page);
        self.uncompressed += uncompressed;
        if let Some(page) = &bounds {
            self.bounds = Some(match self.bounds.take() {
                Some(bounds) => bounds.joined(page.clone()),
                None => page.clone(),
            });
        }
        let bounds = bounds.map(|bounds| bounds.cut().0);
        self.summaries.push(Summary { rows, nulls, size, encoding, bounds, unencoded });
        Ok(())
    }

    fn close(&mut self, size: usize, dictionary: usize, compressor: &Compressor) -> std::result::Result<ColumnCloseResult, ParquetError> {
        let rows: usize = self.summaries.iter().map(|page| page.rows).sum();
        let nulls: usize = self.summaries.iter().map(|page| page.nulls).sum();
        let mut offsets = OffsetIndexBuilder::new();
        let mut offset = dictionary;
        for page in &self.summaries {
            offsets.append_offset_and_size(offset as i64, page.size as i32);
            offsets.append_row_count(page.rows as i64);
            offsets.append_unencoded_byte_array_data_bytes(page.unencoded);
            offset += page.size;
        }
        let metadata = ColumnChunkMetaData::builder(self.descriptor.clone())
            .set_compression(compressor.compression())
            .set_encodings(self.encodings(dictionary > 0))
            .set_page_encoding_stats(self.encoding_counts(dictionary > 0))
            .set_total_compressed_size(size as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_num_values(rows as i64)
            .set_data_page_offset(dictionary as i64)
            .set_dictionary_page_offset((dictionary > 0).then_some(0))
            .set_statistics(statistics(&self.kind, self.bounds.take(), nulls as u64))
            .set_unencoded_byte_array_data_bytes(self.summaries.iter().map(|page| page.unencoded).sum())
            .build()?;
        Ok(ColumnCloseResult {
            bytes_written: size as u64,
            rows_written: rows as u64,
            metadata,
            bloom_filter: None,
            column_index: self.column_index()?,
            offset_index: Some(offsets.build()),
        })
    }

    /// `None` where a page has values but no bounds: NaN alone.
    fn column_index(&self) -> std::result::Result<Option<ColumnIndexMetaData>, ParquetError> {
        let mut index = ColumnIndexBuilder::new(self.descriptor.physical_type());
        for page in &self.summaries {
            match &page.bounds {
                Some(bounds) => index.append(false, bounds.min.bytes(), bounds.max.bytes(), page.nulls as i64),
                None if page.nulls == page.rows => index.append(true, Vec::new(), Vec::new(), page.nulls as i64),
                None => return Ok(None),
            }
        }
        index.set_boundary_order(boundary_order(self.summaries.iter().filter_map(|page| page.bounds.as_ref())));
        index.build().map(Some)
    }

    fn encodings(&self, dictionary: bool) -> Vec<Encoding> {
        let mut encodings = vec![Encoding::RLE];
        encodings.extend(dictionary.then_some(Encoding::PLAIN));
        encodings.extend(self.summaries.iter().map(|page| named(page.encoding)));
        encodings
    }

    fn encoding_counts(&self, dictionary: bool) -> Vec<PageEncodingStats> {
        let mut counts: Vec<PageEncodingStats> = Vec::new();
        if dictionary {
            counts.push(PageEncodingStats { page_type: PageType::DICTIONARY_PAGE, encoding: Encoding::PLAIN, count: 1 });
        }
        for page in &self.summaries {
            let encoding = named(page.encoding);
            match counts.iter_mut().find(|stats| stats.page_type == PageType::DATA_PAGE && stats.encoding == encoding) {
                Some(stats) => stats.count += 1,
                None => counts.push(PageEncodingStats { page_type: PageType::DATA_PAGE, encoding, count: 1 }),
            }
        }
        counts
    }
}

/// What takes a type's values, and a value of its physical type.
fn values(data_type: &DataType, choice: ColumnChoice, length: usize) -> Option<(Box<dyn Values>, Bound)> {
    let ColumnChoice { dictionary, encoding } = choice;
    let integers = |read: fn(&dyn Array, &mut Vec<i32>)| -> (Box<dyn Values>, Bound) {
        let encoding = if encoding == ColumnEncoding::ByteStreamSplit { ColumnEncoding::Plain } else { encoding };
        (Box::new(Numbers::new(read, dictionary, encoding)), Bound::Int32(0))
    };
    let longs = |read: fn(&dyn Array, &mut Vec<i64>)| -> (Box<dyn Values>, Bound) {
        let encoding = if encoding == ColumnEncoding::ByteStreamSplit { ColumnEncoding::Plain } else { encoding };
        (Box::new(Numbers::new(read, dictionary, encoding)), Bound::Int64(0))
    };
    let split = if encoding == ColumnEncoding::DeltaBinaryPacked { ColumnEncoding::Plain } else { encoding };
    let texts = |kind| -> Box<dyn Values> { Box::new(TextValues::new(kind, dictionary)) };
    Some(match data_type {
        DataType::Boolean => (Box::new(Booleans::new()), Bound::Boolean(false)),
        DataType::Int8 => integers(numbers::plain::<Int8Type, i32>),
        DataType::Int16 => integers(numbers::plain::<Int16Type, i32>),
        DataType::Int32 => integers(numbers::plain::<Int32Type, i32>),
        DataType::Date32 => integers(numbers::plain::<Date32Type, i32>),
        DataType::Int64 => longs(numbers::plain::<Int64Type, i64>),
        DataType::Time64(TimeUnit::Microsecond) => longs(numbers::plain::<Time64MicrosecondType, i64>),
        DataType::Timestamp(TimeUnit::Microsecond, _) => longs(numbers::plain::<TimestampMicrosecondType, i64>),
        DataType::Float32 => (Box::new(Numbers::new(numbers::plain::<Float32Type, f32>, dictionary, split)), Bound::Float(0.0)),
        DataType::Float64 => (Box::new(Numbers::new(numbers::plain::<Float64Type, f64>, dictionary, split)), Bound::Double(0.0)),
        DataType::Decimal128(precision, _) if *precision <= 9 => integers(numbers::decimal32),
        DataType::Decimal128(precision, _) if *precision <= 18 => longs(numbers::decimal64),
        DataType::Decimal128(..) => (texts(Kind::Decimal(length)), Bound::Decimal(0, length)),
        DataType::Utf8 => (texts(Kind::Text), Bound::Text(Vec::new())),
        DataType::Binary => (texts(Kind::Binary), Bound::Binary(Vec::new())),
        DataType::FixedSizeBinary(_) => (texts(Kind::Fixed), Bound::Fixed(Vec::new())),
        _ => return None,
    })
}

/// Definition levels of a page of version 1: their length, then 1 for each value and 0 for each null.
fn put_levels(bits: &[u8], rows: usize, nulls: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    if nulls == 0 || nulls == rows {
        hybrid::put_run(u32::from(nulls == 0), rows, 1, out);
    } else {
        hybrid::put_bits(&bits[..rows.div_ceil(8)], out);
        // Bits behind the last row are 0, so that the same rows are the same bytes.
        if let (Some(last), rest @ 1..) = (out.last_mut(), rows % 8) {
            *last &= (1 << rest) - 1;
        }
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// A page as it is stored, with its header, and its length before compression, header included.
fn packed(page: &[u8], encoding: Option<i32>, values: usize, compressor: &mut Compressor) -> Result<(Vec<u8>, usize)> {
    let compressed = compressor.compress(page)?;
    let crc32 = crc32fast::hash(compressed);
    let mut out = Vec::with_capacity(header::MAX_LEN + compressed.len());
    header::put(&Page { encoding, values, uncompressed: page.len(), compressed: compressed.len(), crc32 }, &mut out);
    let header = out.len();
    out.extend_from_slice(compressed);
    Ok((out, header + page.len()))
}

fn named(encoding: i32) -> Encoding {
    match encoding {
        RLE_DICTIONARY => Encoding::RLE_DICTIONARY,
        DELTA_BINARY_PACKED => Encoding::DELTA_BINARY_PACKED,
        BYTE_STREAM_SPLIT => Encoding::BYTE_STREAM_SPLIT,
        _ => Encoding::PLAIN,
    }
}

fn boundary_order<'a>(pages: impl Iterator<Item = &'a Bounds>) -> BoundaryOrder {
    let (mut ascending, mut descending) = (true, true);
    let mut before: Option<&Bounds> = None;
    for page in pages {
        if let Some(before) = before {
            let (min, max) = (before.min.order(&page.min), before.max.order(&page.max));
            ascending &= min.is_le() && max.is_le();
            descending &= min.is_ge() && max.is_ge();
        }
        before = Some(page);
    }
    match (ascending, descending) {
        (true, _) => BoundaryOrder::ASCENDING,
        (_, true) => BoundaryOrder::DESCENDING,
        _ => BoundaryOrder::UNORDERED,
    }
}
