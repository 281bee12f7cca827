//! What a record batch claims, against the bytes that it has.

use std::io::{self, Read};

use arrow_ipc::{CompressionType, MetadataVersion, RecordBatch};
use arrow_schema::{DataType, Field, UnionMode};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::malformed;
use crate::Result;

/// Unpacked bytes of a record batch at most.
pub const MOST_BYTES: u64 = 1 << 30;
/// Rows that a batch may have beyond those that its bits could hold: those of columns without values.
const FREE_ROWS: u64 = 1 << 24;
/// A buffer that claims to unpack to more than this, and more than so many times its length, is unpacked to see.
const LARGE: u64 = 1 << 20;
const USUAL_RATIO: u64 = 64;

/// Checks a batch: every buffer lies in the body, unpacks to what it says, and is as long as its column needs where the
/// reader takes that for granted.
///
/// # Errors
/// [`ErrorKind::Malformed`], or [`ErrorKind::Limit`] for more than [`MOST_BYTES`].
pub fn check<'a>(batch: &RecordBatch<'_>, fields: impl Iterator<Item = &'a Field>, version: MetadataVersion, body: &[u8]) -> Result<()> {
    let mut lengths = Vec::new();
    let codec = batch.compression().map(|compression| compression.codec());
    let mut total: u64 = 0;
    for buffer in batch.buffers().into_iter().flatten() {
        let range = usize::try_from(buffer.offset()).ok().zip(usize::try_from(buffer.length()).ok());
        let bytes = range.and_then(|(at, length)| body.get(at..at.checked_add(length)?));
        let bytes = bytes.ok_or_else(|| {
            malformed(format!("a column claims {} bytes at byte {} of a batch that has {}", buffer.length(), buffer.offset(), body.len()))
        })?;
        let length = match codec {
            Some(codec) if !bytes.is_empty() => unpacked(codec, bytes)?,
            _ => bytes.len() as u64,
        };
        total = total.saturating_add(length);
        if total > MOST_BYTES {
            let what = format!("a record batch claims to hold more than {MOST_BYTES} bytes");
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Write the file in smaller record batches."));
        }
        lengths.push(length);
    }
    let rows = u64::try_from(batch.length()).unwrap_or(u64::MAX);
    if rows > total.saturating_mul(8).saturating_add(FREE_ROWS) {
        return Err(malformed(format!("a record batch claims {rows} rows in {total} bytes")));
    }
    let variadic: Vec<i64> = batch.variadicBufferCounts().into_iter().flatten().collect();
    let nodes = batch.nodes().into_iter().flatten().map(|node| (node.length(), node.null_count())).collect::<Vec<_>>();
    let mut walk = Walk { nodes: nodes.into_iter(), lengths: lengths.into_iter(), variadic: variadic.into_iter(), version };
    for field in fields {
        walk.field(field)?;
    }
    Ok(())
}

/// What a packed buffer unpacks to.
fn unpacked(codec: CompressionType, bytes: &[u8]) -> Result<u64> {
    let Some((claim, packed)) = bytes.split_first_chunk() else { return Err(malformed("a packed column has no length")) };
    let claim = i64::from_le_bytes(*claim);
    if claim == -1 {
        return Ok(packed.len() as u64);
    }
    let claim = u64::try_from(claim).map_err(|_| malformed("a packed column has a negative length"))?;
    let is_usual = claim <= LARGE || claim <= (packed.len() as u64).saturating_mul(USUAL_RATIO);
    if is_usual || claim > MOST_BYTES {
        return Ok(claim);
    }
    let counted = match codec {
        CompressionType::LZ4_FRAME => count(lz4_flex::frame::FrameDecoder::new(packed), claim),
        CompressionType::ZSTD => match zstd::stream::read::Decoder::new(packed) {
            Ok(decoder) => count(decoder, claim),
            Err(_) => 0,
        },
        _ => 0,
    };
    if counted == claim { Ok(claim) } else { Err(malformed(format!("a column claims to unpack to {claim} bytes, and does to {counted}"))) }
}

/// Bytes that come out of a decoder, as far as one more than `most`.
fn count(decoder: impl Read, most: u64) -> u64 {
    io::copy(&mut decoder.take(most + 1), &mut io::sink()).unwrap_or(0)
}

/// Goes over nodes and buffers in the order of the columns, as the reader does.
struct Walk<N, L, V> {
    nodes: N,
    lengths: L,
    variadic: V,
    version: MetadataVersion,
}

impl<N: Iterator<Item = (i64, i64)>, L: Iterator<Item = u64>, V: Iterator<Item = i64>> Walk<N, L, V> {
    fn field(&mut self, field: &Field) -> Result<()> {
        match field.data_type() {
            DataType::Null => self.node().map(drop),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary => self.buffers(2),
            DataType::Utf8View | DataType::BinaryView => {
                let more = self.variadic.next().and_then(|count| usize::try_from(count).ok()).filter(|&count| count < 1 << 20);
                self.buffers(1 + more.ok_or_else(|| malformed("a column of views has no buffers"))?)
            }
            DataType::List(element) | DataType::LargeList(element) | DataType::Map(element, _) => {
                self.buffers(1)?;
                self.field(element)
            }
            DataType::ListView(element) | DataType::LargeListView(element) => {
                self.buffers(2)?;
                self.field(element)
            }
            DataType::FixedSizeList(element, _) => {
                self.buffers(0)?;
                self.field(element)
            }
            DataType::Struct(members) => {
                self.buffers(0)?;
                members.iter().try_for_each(|member| self.field(member))
            }
            DataType::RunEndEncoded(ends, values) => {
                self.node()?;
                self.field(ends)?;
                self.field(values)
            }
            DataType::Union(members, mode) => {
                let (length, _) = self.node()?;
                if self.version < MetadataVersion::V5 {
                    self.length()?;
                }
                let kinds = self.length()?;
                let offsets = if *mode == UnionMode::Dense { self.length()? / 4 } else { u64::MAX };
                if length > kinds.min(offsets) {
                    return Err(malformed(format!("a union claims {length} values and has {}", kinds.min(offsets))));
                }
                members.iter().try_for_each(|(_, member)| self.field(member))
            }
            _ => self.buffers(1),
        }
    }

    /// A node with its validity and so many more buffers.
    fn buffers(&mut self, more: usize) -> Result<()> {
        let (length, nulls) = self.node()?;
        let validity = self.length()?;
        if nulls > 0 && length > validity.saturating_mul(8) {
            return Err(malformed(format!("a column claims {length} values, and says of {} whether they are null", validity * 8)));
        }
        (0..more).try_for_each(|_| self.length().map(drop))
    }

    fn node(&mut self) -> Result<(u64, u64)> {
        let (length, nulls) = self.nodes.next().ok_or_else(|| malformed("a record batch has fewer columns than the schema"))?;
        let counts = u64::try_from(length).ok().zip(u64::try_from(nulls).ok()).filter(|(length, nulls)| nulls <= length);
        counts.ok_or_else(|| malformed(format!("a column claims {length} values, {nulls} of them null")))
    }

    fn length(&mut self) -> Result<u64> {
        self.lengths.next().ok_or_else(|| malformed("a record batch has fewer buffers than the schema asks for"))
    }
}
