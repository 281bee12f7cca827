//! Where the messages of a file or stream are: schema, dictionaries, record batches.
//!
//! <https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc>

use arrow_ipc::{Message, MessageHeader, root_as_footer, root_as_message};
use arrow_schema::SchemaRef;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::{malformed, schema};
use crate::Result;
use crate::source::{SharedSource, Source};

/// What a file begins and ends with.
pub const MAGIC: &[u8] = b"ARROW1";
/// What a message begins with, but for those of before 2019.
const CONTINUATION: [u8; 4] = [0xFF; 4];
/// Metadata of a message, or a footer, at most.
const MOST_METADATA: u64 = 64 << 20;
/// Messages of one file at most.
const MOST_MESSAGES: usize = 4 << 20;

/// A message with a body.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Where its metadata begins, behind its length.
    pub metadata: u64,
    pub metadata_len: u64,
    /// Where its body begins, and its length.
    pub body_at: u64,
    pub body: u64,
    /// Rows of a record batch.
    pub rows: u64,
}

/// All messages of a source.
pub struct Messages {
    pub is_file: bool,
    pub schema: SchemaRef,
    pub dictionaries: Vec<Place>,
    pub batches: Vec<Place>,
}

/// Whether bytes begin as a stream does: with a message that is a schema.
pub fn begins_a_stream(head: &[u8], len: u64) -> bool {
    let Some((at, length)) = prefix(head) else { return false };
    let metadata = usize::try_from(length).ok().and_then(|length| head.get(at..at.checked_add(length)?));
    match metadata {
        Some(metadata) => root_as_message(metadata).is_ok_and(|message| message.header_type() == MessageHeader::Schema),
        // A schema longer than the sample's head.
        None => head.starts_with(&CONTINUATION) && length < len && length < MOST_METADATA && head.len() as u64 >= 64,
    }
}

/// Where a message's metadata begins behind its length, and that length.
fn prefix(bytes: &[u8]) -> Option<(usize, u64)> {
    let at = if bytes.starts_with(&CONTINUATION) { CONTINUATION.len() } else { 0 };
    let length = i32::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    Some((at + 4, u64::try_from(length).ok()?))
}

impl Messages {
    /// Goes over all messages, reading none of their bodies.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for what claims to lie outside the source, or is no Arrow; those of the source.
    pub fn read(source: &SharedSource) -> Result<Self> {
        let mut head = [0; 8];
        let n = source.read_at(0, &mut head)?;
        if head.get(..n).is_some_and(|head| head.starts_with(MAGIC)) { Self::of_file(source) } else { Self::of_stream(source) }
    }

    fn of_file(source: &SharedSource) -> Result<Self> {
        let len = source.len();
        let trailer = (MAGIC.len() + 4) as u64;
        let Some(end) = len.checked_sub(trailer).filter(|&end| end > 8) else {
            return Err(malformed(format!("{len} bytes cannot be a whole file")));
        };
        let tail = bytes(source, end, trailer)?;
        if !tail.ends_with(MAGIC) {
            return Err(malformed("it does not end as one, its footer is missing"));
        }
        let length = tail.first_chunk().map_or(-1, |length| i32::from_le_bytes(*length));
        let length = u64::try_from(length)
            .ok()
            .filter(|&length| length > 0 && length <= end)
            .ok_or_else(|| malformed(format!("it claims a footer of {length} bytes and has {len}")))?;
        let footer = bytes(source, end - length, length)?;
        let footer = root_as_footer(&footer).map_err(malformed)?;
        let schema = schema::read(footer.schema().ok_or_else(|| malformed("its footer has no schema"))?)?;
        let place = |block: &arrow_ipc::Block| -> Result<Place> {
            let (at, metadata, body) = (block.offset(), i64::from(block.metaDataLength()), block.bodyLength());
            let outside = || malformed(format!("a message at byte {at}, of {metadata} and {body} bytes, lies outside the file"));
            let [at, metadata, body] = [at, metadata, body].map(|n| u64::try_from(n).ok());
            let (Some(at), Some(metadata), Some(body)) = (at, metadata, body) else { return Err(outside()) };
            let inside = at.checked_add(metadata).and_then(|end| end.checked_add(body)).is_some_and(|end| end <= len);
            if !inside { Err(outside()) } else { message_at(source, at, Some((metadata, body)))?.ok_or_else(outside) }
        };
        let places = |blocks: Option<flatbuffers::Vector<'_, arrow_ipc::Block>>| {
            blocks.into_iter().flat_map(|blocks| blocks.iter()).map(place).collect::<Result<Vec<_>>>()
        };
        let dictionaries = places(footer.dictionaries())?;
        let batches = places(footer.recordBatches())?;
        Ok(Self { is_file: true, schema, dictionaries, batches })
    }

    fn of_stream(source: &SharedSource) -> Result<Self> {
        let mut messages: Option<Self> = None;
        let mut at = 0;
        let mut count = 0;
        while let Some((metadata, begin)) = metadata_at(source, at)? {
            count += 1;
            if count > MOST_MESSAGES {
                return Err(ErrorInfo::new(ErrorKind::Limit, format!("the stream has more than {MOST_MESSAGES} messages"), ""));
            }
            let message = root_as_message(&metadata).map_err(malformed)?;
            let place = place_of(&message, begin, metadata.len() as u64)?;
            if message.header_type() == MessageHeader::Schema {
                let found = message.header_as_schema().ok_or_else(|| malformed("a schema is missing"))?;
                if messages.is_some() {
                    return Err(malformed("a second schema follows"));
                }
                let schema = schema::read(found)?;
                let (dictionaries, batches) = (Vec::new(), Vec::new());
                messages = Some(Self { is_file: false, schema, dictionaries, batches });
            }
            let Some(messages) = &mut messages else { return Err(malformed("it does not begin with a schema")) };
            at = place
                .body_at
                .checked_add(place.body)
                .filter(|&end| end <= source.len())
                .ok_or_else(|| malformed(format!("a message claims {} bytes at byte {}, behind the end", place.body, place.body_at)))?;
            match message.header_type() {
                MessageHeader::RecordBatch => messages.batches.push(place),
                MessageHeader::DictionaryBatch => messages.dictionaries.push(place),
                _ => {}
            }
        }
        messages.ok_or_else(|| malformed("it has no schema"))
    }
}

/// The message at `at`, of a footer's `(metadata, body)` lengths.
fn message_at(source: &SharedSource, at: u64, lengths: Option<(u64, u64)>) -> Result<Option<Place>> {
    let Some((metadata, begin)) = metadata_at(source, at)? else { return Ok(None) };
    let message = root_as_message(&metadata).map_err(malformed)?;
    let mut place = place_of(&message, begin, metadata.len() as u64)?;
    if let Some((to_body, body)) = lengths {
        place.body_at = at + to_body;
        place.body = body;
    }
    Ok(Some(place))
}

/// A message's metadata and where it begins; `None` at the end of the stream.
fn metadata_at(source: &SharedSource, at: u64) -> Result<Option<(Vec<u8>, u64)>> {
    let left = source.len().saturating_sub(at);
    if left < 8 {
        return Ok(None);
    }
    let head = bytes(source, at, 8)?;
    let Some((to_metadata, length)) = prefix(&head) else { return Err(malformed(format!("no message begins at byte {at}"))) };
    if length == 0 {
        return Ok(None);
    }
    let begin = at + to_metadata as u64;
    Ok(Some((bytes(source, begin, length)?, begin)))
}

fn place_of(message: &Message<'_>, metadata: u64, metadata_len: u64) -> Result<Place> {
    let body = u64::try_from(message.bodyLength()).map_err(|_| malformed("a message has a body of negative length"))?;
    let rows = match message.header_as_record_batch() {
        Some(batch) => u64::try_from(batch.length()).map_err(|_| malformed("a record batch has a negative number of rows"))?,
        None => 0,
    };
    Ok(Place { metadata, metadata_len, body_at: metadata + metadata_len, body, rows })
}

/// Bytes of the source, if it has them.
pub fn bytes(source: &SharedSource, at: u64, length: u64) -> Result<Vec<u8>> {
    let is_there = at.checked_add(length).is_some_and(|end| end <= source.len());
    if !is_there {
        return Err(malformed(format!("{length} bytes are claimed at byte {at}, and the file has {}", source.len())));
    }
    if length > MOST_METADATA {
        let what = format!("the Arrow file has {length} bytes of metadata at byte {at}");
        return Err(ErrorInfo::new(ErrorKind::Limit, what, format!("At most {MOST_METADATA} are read.")));
    }
    let mut bytes = vec![0; length as usize];
    let n = Source::read_at(source.as_ref(), at, &mut bytes)?;
    if n < bytes.len() {
        return Err(malformed(format!("it ends at byte {}", at + n as u64)));
    }
    Ok(bytes)
}
