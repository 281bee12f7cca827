//! Rows of a file or stream, from any row on.

use std::collections::HashMap;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{read_dictionary, read_record_batch};
use arrow_ipc::root_as_message;
use arrow_schema::{ArrowError, DataType, Field};
use colonnade_protocol::{ErrorInfo, ErrorKind, Place as Row};

use super::claims::{self, MOST_BYTES};
use super::malformed;
use super::messages::{self, Messages, Place};
use crate::Result;
use crate::format::columnar::{Batches, Rows};
use crate::source::SharedSource;

/// Reads rows; the last batch is kept.
pub struct RecordBatches {
    source: SharedSource,
    messages: Messages,
    dictionaries: HashMap<i64, ArrayRef>,
    /// How many of the dictionaries' messages are in `dictionaries`.
    loaded: usize,
    /// The batch read last, and the number of its first row.
    open: Option<(u64, RecordBatch)>,
}

impl RecordBatches {
    pub fn new(source: &SharedSource, messages: Messages) -> Self {
        Self { source: source.clone(), messages, dictionaries: HashMap::new(), loaded: 0, open: None }
    }

    /// The batch that holds a row, with the number of its first; `None` behind the last.
    fn batch_of(&mut self, row: u64) -> Result<Option<(u64, RecordBatch)>> {
        let mut first: u64 = 0;
        for k in 0..self.messages.batches.len() {
            let Some(&place) = self.messages.batches.get(k) else { break };
            let end = first.saturating_add(place.rows);
            if row < end {
                let batch = self.batch(place).map_err(|error| error.at(Row::row(first)))?;
                return Ok(Some((first, batch)));
            }
            first = end;
        }
        Ok(None)
    }

    fn batch(&mut self, place: Place) -> Result<RecordBatch> {
        // A stream's dictionaries stand before the batches that use them, and may be replaced between two; a file's hold for all.
        let holds = |dictionary: &Place| self.messages.is_file || dictionary.metadata < place.metadata;
        let needed = self.messages.dictionaries.iter().take_while(|dictionary| holds(dictionary)).count();
        if needed < self.loaded {
            self.dictionaries.clear();
            self.loaded = 0;
        }
        while self.loaded < needed {
            let Some(&dictionary) = self.messages.dictionaries.get(self.loaded) else { break };
            self.load(dictionary)?;
            self.loaded += 1;
        }
        let (metadata, body) = self.message(place)?;
        let message = root_as_message(&metadata).map_err(malformed)?;
        let batch = message.header_as_record_batch().ok_or_else(|| malformed("a record batch is none"))?;
        let schema = &self.messages.schema;
        claims::check(&batch, schema.fields().iter().map(AsRef::as_ref), message.version(), &body)?;
        read_record_batch(&body, batch, schema.clone(), &self.dictionaries, None, &message.version()).map_err(refused)
    }

    fn load(&mut self, place: Place) -> Result<()> {
        let (metadata, body) = self.message(place)?;
        let message = root_as_message(&metadata).map_err(malformed)?;
        let batch = message.header_as_dictionary_batch().ok_or_else(|| malformed("a dictionary is none"))?;
        let data = batch.data().ok_or_else(|| malformed("a dictionary has no values"))?;
        let schema = &self.messages.schema;
        #[allow(deprecated, reason = "there is no other way to learn which dictionary is whose")]
        let field = schema.fields_with_dict_id(batch.id()).first().copied().cloned();
        if let Some(DataType::Dictionary(_, values)) = field.as_ref().map(Field::data_type) {
            claims::check(&data, std::iter::once(&Field::new("", (**values).clone(), true)), message.version(), &body)?;
        }
        read_dictionary(&body, batch, schema, &mut self.dictionaries, &message.version()).map_err(refused)
    }

    fn message(&self, place: Place) -> Result<(Vec<u8>, Buffer)> {
        if place.body > MOST_BYTES {
            let what = format!("a record batch has {} bytes", place.body);
            return Err(ErrorInfo::new(
                ErrorKind::Limit,
                what,
                format!("At most {MOST_BYTES} are read: write the file in smaller batches."),
            ));
        }
        let metadata = messages::bytes(&self.source, place.metadata, place.metadata_len)?;
        let is_there = place.body_at.checked_add(place.body).is_some_and(|end| end <= self.source.len());
        let mut body = vec![0; if is_there { place.body as usize } else { 0 }];
        let n = self.source.read_at(place.body_at.min(self.source.len()), &mut body)?;
        if !is_there || n < body.len() {
            return Err(malformed(format!("a record batch claims {} bytes at byte {}, behind the end", place.body, place.body_at)));
        }
        Ok((metadata, Buffer::from_vec(body)))
    }
}

impl Batches for RecordBatches {
    fn read(&mut self, first: u64, most: usize) -> Result<Rows> {
        let is_open = self.open.as_ref().is_some_and(|(start, batch)| (*start..start + batch.num_rows() as u64).contains(&first));
        if !is_open {
            self.open = None;
            self.open = self.batch_of(first)?;
        }
        let Some((start, batch)) = &self.open else { return Ok(Rows::default()) };
        let at = (first - start) as usize;
        let Some(left) = batch.num_rows().checked_sub(at).filter(|&left| left > 0) else {
            return Err(malformed("a record batch has fewer rows than it claims").at(Row::row(first)));
        };
        Ok(Rows::following(first, batch.slice(at, left.min(most)).columns().to_vec()))
    }
}

fn refused(error: ArrowError) -> ErrorInfo {
    malformed(error)
}
