//! The XML decoder: elements to typed columns, and what became of each record.

mod between;
mod columns;
mod faults;
mod record;

use std::collections::HashMap;
use std::sync::Arc;

use colonnade_protocol::{LogicalType, Place, Reject};
use encoding_rs::{Encoding, UTF_8};

use self::columns::{fields_of, members};
use super::encoding::{self, Piece};
use super::entities::Entities;
use super::mend::Fields;
use super::options::{self, Shape};
use super::outside::Outside;
use super::prologue;
use super::reader::{Event, Reader, Stop};
use super::repair::{Allowed, Repair};
use super::root::Root;
use super::tree::Members;
use super::value::Widening;
use crate::Result;
use crate::column::{CellRules, ColumnSpec, late};
use crate::format::faults::{Faults, Records};
use crate::format::lines::count_line_ends;
use crate::format::text::options::KEEP_ELLIPSES;
use crate::format::{Decoded, Decoder, Input, ParseMode};
use crate::settings::Settings;

/// As many bytes tell whether a document begins with a byte order mark or a declaration.
const MARK_BYTES: usize = 6;

/// Decodes the records of one unit.
pub struct XmlDecoder {
    /// Without the corrupt-record column.
    columns: Vec<ColumnSpec>,
    /// Where the corrupt-record column stands.
    corrupt_at: Option<usize>,
    members: Members,
    shape: Shape,
    widening: Widening,
    mode: ParseMode,
    allowed: Allowed,
    keep_ellipses: bool,
    entities: Entities,
    /// Columns that have the value of a root's attribute in every row.
    carried: Vec<(usize, Vec<u8>)>,
    root: Vec<u8>,
    /// Rows do not stand within rows.
    flat: bool,
    fields: Fields,
    max_record_bytes: usize,
    encoding: &'static Encoding,
    /// The declaration was asked for the encoding: nobody has set it.
    declared: bool,
    outside: Outside,
    scratch: Vec<u8>,
    /// The text ended within a record that is rejected already.
    within_long: bool,
}

/// The records of one piece of text.
#[derive(Default)]
struct Rows {
    starts: Vec<u32>,
    /// Where records and other places that are listed end, by where they begin.
    ends: Vec<(u32, u32)>,
    faults: Faults,
    /// Rows and columns whose value does not fit an inferred type.
    misfits: Vec<(u32, usize)>,
    /// Rows with fields that the schema does not have.
    unknown: Vec<u32>,
    /// Rows that were mended.
    mended: HashMap<u32, Vec<u8>>,
    skipped: u64,
    /// The last column that was told.
    column: faults::Column,
    /// The unit ends here: the next record is another's.
    done: bool,
}

/// A piece of text that is decoded.
#[derive(Clone, Copy)]
struct Text<'a> {
    bytes: &'a [u8],
    whole: bool,
    /// Records that begin here or later are another unit's.
    limit: usize,
}

impl XmlDecoder {
    /// A decoder into `columns`; the corrupt-record column, where one is set, is the one of its name.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where settings or patterns cannot be used.
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let corrupt = settings.text("columnNameOfCorruptRecord");
        let corrupt_at = columns.iter().position(|column| !corrupt.is_empty() && column.source_name.is_empty() && column.name == corrupt);
        let mut columns = columns.to_vec();
        corrupt_at.map(|at| columns.remove(at));
        let shape = Shape::of(settings);
        let rules = Arc::new(CellRules::new(settings)?);
        let widening = Widening { rules, infer_types: shape.infer_types, value_tag: shape.value_tag.clone() };
        let entities = options::entities(settings)?;
        let root = Root::of(settings, &entities, &shape)?;
        let carried = root.fields.iter().filter_map(|field| {
            let at = columns.iter().position(|column| column.source_name == field.source_name)?;
            Some((at, field.value.clone()))
        });
        let row_tag = String::from_utf8_lossy(&shape.row_tag).into_owned();
        Ok(Self {
            carried: carried.collect(),
            root: root.name,
            flat: !columns.iter().any(|column| column.name == row_tag || has_member(&column.data_type, &row_tag)),
            members: members(&columns, &widening.rules)?,
            fields: fields_of(&columns),
            columns,
            corrupt_at,
            mode: ParseMode::of(settings),
            allowed: Allowed::of(settings),
            keep_ellipses: settings.flag(KEEP_ELLIPSES),
            shape,
            widening,
            entities,
            max_record_bytes: settings.integer("maxRecordBytes") as usize,
            encoding: crate::format::text::options::encoding(settings)?,
            declared: !settings.is_by_person("encoding"),
            outside: Outside::default(),
            scratch: Vec::new(),
            within_long: false,
        })
    }

    /// Reads the records that begin before the limit; gives the bytes used.
    fn read(&mut self, text: Text<'_>, from_start: bool, place: Place, rows: &mut Rows) -> Result<usize> {
        let mut at = 0;
        if from_start {
            self.outside = Outside::of_document();
            at = encoding::marks(text.bytes);
            if text.bytes.len() < at + MARK_BYTES && !text.whole {
                self.outside = Outside::default();
                return Ok(0);
            }
            match prologue::declaration(&text.bytes[at..], text.whole) {
                Ok(length) => {
                    if let Some(what) = self.declared.then(|| encoding::misnamed(text.bytes, self.encoding)).flatten() {
                        self.beside(Repair::other(at, what), at + length, text, rows);
                    }
                    at += length;
                }
                Err(Stop::Broken(error)) => {
                    let end = at + prologue::declaration_end(&text.bytes[at..]);
                    self.beside(Repair::other(at + error.at, error.what), end, text, rows);
                    at = end;
                }
                Err(_) => {
                    self.outside = Outside::default();
                    return Ok(0);
                }
            }
        }
        let row_tag = self.shape.row_tag.clone();
        let mut reader = Reader::new(text.bytes, at, text.whole);
        reader.begins_within = true;
        reader.never_within = self.flat.then_some(&row_tag);
        if self.within_long {
            match self.long_end(text) {
                Some(end) => reader.at = end,
                None => return Ok(text.bytes.len()),
            }
        }
        loop {
            at = reader.at;
            match reader.next() {
                Ok(Event::Start(name)) if self.shape.is_row(&text.bytes[name.clone()]) => {
                    let start = name.start - 1;
                    if start >= text.limit {
                        rows.done = true;
                        return Ok(start);
                    }
                    match self.record(&mut reader, text, start, place, rows)? {
                        Some(end) => {
                            if let Some(odd) = self.outside.row(start) {
                                self.beside(odd, end, text, rows);
                            }
                            reader.restart(end);
                        }
                        None => return Ok(start),
                    }
                }
                Ok(event) => {
                    if let Some(reached) = self.between(event, at, &mut reader, text, place, rows)? {
                        return Ok(reached);
                    }
                }
                Err(Stop::Cut) => return self.wait(at, text, place, rows),
                Err(Stop::Broken(error)) => {
                    let Some(next) = self.skip_broken(error, at, text, rows) else { return self.wait(at, text, place, rows) };
                    reader.restart(next);
                }
                Err(_) => return Ok(at),
            }
        }
    }
}

fn has_member(data_type: &LogicalType, name: &str) -> bool {
    match data_type {
        LogicalType::Struct(members) => members.iter().any(|member| member.name == name || has_member(&member.data_type, name)),
        LogicalType::List(element) | LogicalType::Map(element) => has_member(element, name),
        _ => false,
    }
}

impl Decoder for XmlDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        super::find::row(input, from, at_end, &self.shape, self.encoding)
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        let piece = Piece::of(input.bytes, self.encoding, input.at_end);
        let source_limit = usize::try_from(input.limit.saturating_sub(input.place.byte)).unwrap_or(usize::MAX);
        let limit = match piece.is_source() {
            true => source_limit,
            false => {
                let mut places = piece.places();
                let at_limit = memchr::memchr_iter(b'<', &piece.text).find(|&at| places(at) >= source_limit);
                at_limit.unwrap_or(usize::MAX)
            }
        };
        let text = Text { bytes: &piece.text, whole: input.at_end, limit };
        let mut rows = Rows::default();
        let place = if piece.is_source() { input.place } else { Place { byte: 0, ..input.place } };
        let consumed = self.read(text, input.place.byte == 0, place, &mut rows)?;
        let (arrays, widened) = self.finish(text.bytes, &mut rows)?;
        if piece.replaced {
            Self::note_replaced(&text.bytes[..consumed], &mut rows);
        }
        rows.ends.sort_unstable();
        let ends = &rows.ends;
        let end_of = |start: u32| {
            let at = ends.partition_point(|&(known, _)| known < start);
            ends.get(at).map_or(start, |&(_, end)| end).max(start) as usize
        };
        let records = Records { text: text.bytes, encoding: UTF_8, place, starts: &rows.starts, end_of: &end_of };
        let mut batch = rows.faults.into_batch(self.mode, &records, arrays, self.corrupt_at)?;
        if !widened.is_empty() {
            self.adopt(&widened)?;
        }
        batch.counts.skipped = rows.skipped;
        batch.widened = records.placed(widened);
        let lines = count_line_ends(&text.bytes[..consumed]);
        let mut decoded = Decoded { consumed, lines, done: false, batch };
        if !piece.is_source() {
            let mut places = piece.places();
            decoded.batch.starts.iter_mut().for_each(|start| *start = input.place.byte + places(*start as usize) as u64);
            let mut places = piece.places();
            decoded
                .batch
                .rejects
                .iter_mut()
                .flat_map(Reject::places)
                .for_each(|place| place.byte = input.place.byte + places(place.byte as usize) as u64);
            late::places(&mut decoded.batch.widened)
                .for_each(|place| place.byte = input.place.byte + piece.places()(place.byte as usize) as u64);
            decoded.consumed = if consumed == text.bytes.len() && input.at_end { input.bytes.len() } else { piece.places()(consumed) };
        }
        decoded.done = rows.done || (input.at_end && consumed == text.bytes.len());
        Ok(decoded)
    }
}
