//! Batches of rows from a position on, with columns widened until every value fits. The scan comes to the same; until then a
//! window shows what it holds.

use arrow_array::ArrayRef;
use colonnade_protocol::{LogicalType, Origin, Place};

use crate::Result;
use crate::column::ColumnSpec;
use crate::format::{self, Batch, BlockFormat, BlockReader, Decoded, Decoder, Format, Input};
use crate::plan::ReadPlan;
use crate::source::{SharedSource, Source};

/// First read; doubled while it holds too few rows.
const READ_BYTES: usize = 64 << 10;
/// Rows read at once by random access.
const READ_ROWS: u64 = 1024;

/// Rows of a source, batch after batch.
pub struct Feed<'a, S: Source + ?Sized> {
    read: ReadPlan,
    from: From<'a, S>,
}

enum From<'a, S: Source + ?Sized> {
    Bytes(Bytes<'a, S>),
    Blocks(Blocks),
}

struct Bytes<'a, S: Source + ?Sized> {
    format: &'static dyn Format,
    source: &'a S,
    /// One for all reads: it knows of a line that it gave up.
    decoder: Box<dyn Decoder>,
    /// The last bytes read, at `place`.
    bytes: Vec<u8>,
    place: Place,
    /// How many of them are used.
    used: usize,
    /// Where in them the first row last given begins.
    first_row: usize,
    size: usize,
    done: bool,
}

struct Blocks {
    format: &'static dyn BlockFormat,
    source: SharedSource,
    reader: Box<dyn BlockReader>,
    row: u64,
    /// The rows last read.
    last: (u64, usize),
}

impl<'a, S: Source + ?Sized> Feed<'a, S> {
    /// Of rows from this position on.
    pub fn new(source: &'a S, read: ReadPlan, offset: u64) -> Result<Self> {
        let format = format::by_id(&read.format).unwrap_or(format::FORMATS[0]);
        let from = match format.blocks() {
            Some(format) => {
                let source = source.share();
                let reader = format.reader(&source, &read.settings, &read.columns)?;
                From::Blocks(Blocks { format, source, reader, row: offset, last: (offset, 0) })
            }
            None => {
                let place = Place { byte: offset, line: 0 };
                let decoder = format.decoder(&read.settings, &read.columns)?;
                From::Bytes(Bytes {
                    format,
                    source,
                    decoder,
                    bytes: Vec::new(),
                    place,
                    used: 0,
                    first_row: 0,
                    size: READ_BYTES,
                    done: false,
                })
            }
        };
        Ok(Self { read, from })
    }

    /// The next rows, about `wanted` of them; `None` behind the last.
    pub fn next(&mut self, wanted: u64) -> Result<Option<Batch>> {
        match &mut self.from {
            From::Bytes(from) => from.next(&mut self.read),
            From::Blocks(from) => from.next(&mut self.read, wanted.min(READ_ROWS) as usize),
        }
    }

    /// The rows of the next `bytes` bytes, or, read by random access, those of one read.
    pub fn all_in(&mut self, bytes: usize) -> Result<Batch> {
        match &mut self.from {
            From::Bytes(from) => {
                from.fill(bytes)?;
                Ok(from.decode(&mut self.read)?.batch)
            }
            From::Blocks(from) => Ok(from.next(&mut self.read, usize::MAX)?.unwrap_or_default()),
        }
    }

    /// The rows last given with every column as text.
    pub fn texts(&self) -> Result<Vec<ArrayRef>> {
        let as_text =
            |column: &ColumnSpec| ColumnSpec { data_type: LogicalType::String, pattern: None, origin: Origin::Person, ..column.clone() };
        let columns: Vec<ColumnSpec> = self.read.columns.iter().map(as_text).collect();
        let settings = &self.read.settings;
        let decoded = match &self.from {
            From::Bytes(from) => from.format.decoder(settings, &columns)?.decode(from.input(from.first_row))?,
            From::Blocks(from) => from.format.reader(&from.source, settings, &columns)?.read(from.last.0, from.last.1)?,
        };
        Ok(decoded.batch.columns)
    }
}

impl<S: Source + ?Sized> Bytes<'_, S> {
    fn next(&mut self, read: &mut ReadPlan) -> Result<Option<Batch>> {
        loop {
            if self.done || self.place.byte + self.used as u64 >= self.source.len() {
                return Ok(None);
            }
            self.fill(self.size)?;
            let decoded = self.decode(read)?;
            let at_end = self.input(0).at_end;
            self.used = decoded.consumed;
            self.done = decoded.done;
            if decoded.consumed == 0 && decoded.batch.rows == 0 {
                self.done |= at_end;
                self.size *= 2;
                continue;
            }
            return Ok(Some(decoded.batch));
        }
    }

    /// Reads what comes behind the bytes used.
    fn fill(&mut self, size: usize) -> Result<()> {
        self.place.byte += self.used as u64;
        self.used = 0;
        self.bytes.clear();
        self.bytes.resize(size.min(self.source.len().saturating_sub(self.place.byte) as usize), 0);
        let n = self.source.read_at(self.place.byte, &mut self.bytes)?;
        self.bytes.truncate(n);
        Ok(())
    }

    /// The last bytes read, from `from` on.
    fn input(&self, from: usize) -> Input<'_> {
        let at_end = self.place.byte + self.bytes.len() as u64 >= self.source.len();
        let place = Place { byte: self.place.byte + from as u64, ..self.place };
        Input { bytes: &self.bytes[from..], place, limit: u64::MAX, at_end }
    }

    fn decode(&mut self, read: &mut ReadPlan) -> Result<Decoded> {
        let mut from = 0;
        loop {
            let at_end = self.place.byte + self.bytes.len() as u64 >= self.source.len();
            let place = Place { byte: self.place.byte + from as u64, ..self.place };
            let mut decoded = self.decoder.decode(Input { bytes: &self.bytes[from..], place, limit: u64::MAX, at_end })?;
            let row = decoded.batch.starts.first().map_or(from, |start| (start - self.place.byte) as usize);
            if decoded.batch.widened.is_empty() {
                decoded.consumed += from;
                self.first_row = row;
                return Ok(decoded);
            }
            // Begins again at the first row: what is before it was seen, and is no row.
            from = row;
            read.widen(&decoded.batch.widened, &read.columns.clone());
            self.decoder = self.format.decoder(&read.settings, &read.columns)?;
        }
    }
}

impl Blocks {
    fn next(&mut self, read: &mut ReadPlan, most: usize) -> Result<Option<Batch>> {
        loop {
            let decoded = self.reader.read(self.row, most)?;
            if decoded.batch.widened.is_empty() {
                self.last = (self.row, decoded.consumed);
                self.row += decoded.consumed as u64;
                return Ok((decoded.consumed > 0).then_some(decoded.batch));
            }
            read.widen(&decoded.batch.widened, &read.columns.clone());
            self.reader = self.format.reader(&self.source, &read.settings, &read.columns)?;
        }
    }
}
