//! The XML decoder: elements to typed columns, and what became of each record.

mod between;
mod columns;

use std::collections::HashMap;
use std::sync::Arc;

use colonnade_protocol::{Cause, ErrorInfo, LogicalType, Place};
use encoding_rs::{Encoding, UTF_8};
use memchr::memmem;

use super::encoding::{self, Piece};
use super::entities::{self, Entities, MOST_EXPANDED};
use super::mend::{self, Around, Fields, Mended};
use super::options::{self, RECOVER, Shape};
use super::outside::Outside;
use super::prologue;
use super::reader::{Event, Reader, Stop, SyntaxError};
use super::root::Root;
use super::tree::{self, Members, Notes};
use super::value::Widening;
use crate::Result;
use crate::column::{CellRules, ColumnSpec, nested};
use crate::format::faults::{Fault, Faults, Records};
use crate::format::lines::count_line_ends;
use crate::format::{Decoded, Decoder, Input, ParseMode};
use crate::settings::Settings;

/// More columns are refused: such names are data.
const MOST_COLUMNS: usize = 20_480;

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
    recover: bool,
    entities: Entities,
    /// Columns that have the value of a root's attribute in every row.
    carried: Vec<(usize, Vec<u8>)>,
    root: Vec<u8>,
    /// Rows do not stand within rows.
    flat: bool,
    fields: Fields,
    max_record_bytes: usize,
    encoding: &'static Encoding,
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
            recover: settings.flag(RECOVER) && ParseMode::of(settings) != ParseMode::FailFast,
            shape,
            widening,
            entities,
            max_record_bytes: settings.integer("maxRecordBytes") as usize,
            encoding: crate::format::text::options::encoding(settings)?,
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
                Ok(length) => at += length,
                Err(Stop::Broken(error)) => self.beside(SyntaxError { at: at + error.at, ..error }, at + error.at + 1, text, rows),
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

    /// Reads the record that `reader` has begun; gives where it ends, or `None` where it is not whole.
    fn record(&mut self, reader: &mut Reader<'_>, text: Text<'_>, start: usize, place: Place, rows: &mut Rows) -> Result<Option<usize>> {
        let row = rows.starts.len();
        let scratch_len = self.scratch.len();
        let most = 2 * text.bytes.len() + MOST_EXPANDED;
        let mut notes = Notes::new(&self.shape, &self.entities, &mut self.scratch, most, false);
        let result = tree::read_record(&mut self.members, reader, row, &mut notes);
        let (misfits, unknown) = (std::mem::take(&mut notes.misfits), notes.unknown);
        let available = text.bytes.len() - start;
        let error = match result {
            Ok(()) if reader.at - start <= self.max_record_bytes => {
                self.accept(start, reader.at, misfits, unknown, rows);
                return Ok(Some(reader.at));
            }
            Ok(()) => {
                self.take_back(row, scratch_len);
                self.reject_long(start, reader.at, rows);
                return Ok(Some(reader.at));
            }
            Err(Stop::Cut) if available <= self.max_record_bytes => {
                self.take_back(row, scratch_len);
                return Ok(None);
            }
            Err(Stop::Bomb(at)) => return Err(bomb(place, text, at)),
            Err(Stop::Broken(error)) => Some(error),
            Err(Stop::Cut | Stop::Markup(_)) => None,
        };
        self.take_back(row, scratch_len);
        if let (ParseMode::FailFast, Some(error)) = (self.mode, error.clone()) {
            self.fail(error, text, rows);
            return Ok(Some(text.bytes.len()));
        }
        let mut outer = self.outside.names();
        outer.push(self.root.clone());
        let around = Around { row: self.flat.then_some(&self.shape.row_tag), outer: &outer, fields: Some(&self.fields) };
        let Some(mended) = mend::element(text.bytes, start, text.whole, &self.entities, around) else {
            if available <= self.max_record_bytes {
                return Ok(None);
            }
            self.reject_long(start, text.bytes.len(), rows);
            self.within_long = true;
            return Ok(Some(text.bytes.len()));
        };
        let end = mended.end.max(start + 1);
        if mended.bomb {
            return Err(bomb(place, text, start));
        }
        self.read_mended(error, mended, text, start, end, place, rows)?;
        Ok(Some(end))
    }

    /// Reads a record from its mended text.
    #[allow(clippy::too_many_arguments)]
    fn read_mended(
        &mut self,
        error: Option<SyntaxError>,
        mended: Mended,
        text: Text<'_>,
        start: usize,
        end: usize,
        place: Place,
        rows: &mut Rows,
    ) -> Result<()> {
        let first = error.or_else(|| mended.repairs.first().map(|repair| SyntaxError { at: repair.at, what: repair.what.clone().into() }));
        if let Some(error) = first.clone().filter(|_| !self.recover) {
            if self.mode == ParseMode::FailFast {
                self.fail(error, text, rows);
            } else {
                self.reject_broken(error, start, end, text, rows);
            }
            return Ok(());
        }
        let row = rows.starts.len();
        let scratch_len = self.scratch.len();
        let most = 2 * (text.bytes.len() + mended.xml.len()) + MOST_EXPANDED;
        let mut reader = Reader::new(&mended.xml, 0, true);
        reader.takes_any_character = true;
        let mut notes = Notes::new(&self.shape, &self.entities, &mut self.scratch, most, true);
        let result = match reader.next() {
            Ok(Event::Start(_)) => tree::read_record(&mut self.members, &mut reader, row, &mut notes),
            Ok(_) => Err(super::reader::broken(0, "no element")),
            Err(stop) => Err(stop),
        };
        let (misfits, unknown) = (std::mem::take(&mut notes.misfits), notes.unknown);
        match result {
            Ok(()) => {
                self.accept(start, end, misfits, unknown, rows);
                if let Some(error) = first {
                    let at = error.at.max(start);
                    let what: Vec<String> = mended.repairs.into_iter().map(|repair| repair.what).collect();
                    let what = if what.is_empty() { error.to_string() } else { what.join(", ") };
                    let reason = format!("not well-formed from column {} on: {what}", column(text.bytes, at));
                    let span = Some(((at - start) as u32, (at - start + 1) as u32));
                    rows.faults.add(Fault { row: Some(row as u32), start: start as u32, cause: Cause::Syntax, column: None, reason, span });
                }
                rows.mended.insert(row as u32, mended.xml);
            }
            Err(Stop::Bomb(_)) => return Err(bomb(place, text, start)),
            Err(stop) => {
                self.take_back(row, scratch_len);
                let found = if let Stop::Broken(error) = stop { error.what } else { "it cannot be mended".into() };
                let error = first.unwrap_or(SyntaxError { at: start, what: found });
                if self.mode == ParseMode::FailFast {
                    self.fail(error, text, rows);
                } else {
                    self.reject_broken(error, start, end, text, rows);
                }
            }
        }
        Ok(())
    }

    fn accept(&self, start: usize, end: usize, misfits: Vec<usize>, unknown: bool, rows: &mut Rows) {
        let row = rows.starts.len() as u32;
        rows.misfits.extend(misfits.into_iter().map(|column| (row, column)));
        if unknown && self.shape.adds_columns {
            rows.unknown.push(row);
        }
        rows.starts.push(start as u32);
        rows.ends.push((start as u32, end as u32));
    }

    fn take_back(&mut self, row: usize, scratch_len: usize) {
        self.members.truncate(row);
        self.scratch.truncate(scratch_len);
    }

    /// The fault that FAILFAST stops at, in its very place.
    fn fail(&self, error: SyntaxError, text: Text<'_>, rows: &mut Rows) {
        let at = error.at.min(text.bytes.len());
        let reason = format!("not well-formed at column {}: {error}", column(text.bytes, at));
        self.reject(at, at, Cause::Syntax, reason, None, rows);
    }

    fn reject_broken(&self, error: SyntaxError, start: usize, end: usize, text: Text<'_>, rows: &mut Rows) {
        let at = error.at.clamp(start, end);
        let reason = format!("not well-formed at column {}: {error}", column(text.bytes, at));
        self.reject(start, end, Cause::Syntax, reason, Some(((at - start) as u32, (at - start + 1) as u32)), rows);
    }

    fn reject_long(&self, start: usize, end: usize, rows: &mut Rows) {
        let reason = format!("longer than maxRecordBytes ({}): raise it to read this record", self.max_record_bytes);
        self.reject(start, end, Cause::RecordTooLong, reason, None, rows);
    }

    /// A record that becomes no row, or one of nulls beside the corrupt-record column.
    fn reject(&self, start: usize, end: usize, cause: Cause, reason: String, span: Option<(u32, u32)>, rows: &mut Rows) {
        let keep = self.corrupt_at.is_some() && self.mode == ParseMode::Permissive && cause != Cause::RecordTooLong;
        let row = keep.then_some(rows.starts.len() as u32);
        rows.ends.push((start as u32, end as u32));
        if keep {
            rows.starts.push(start as u32);
        }
        rows.faults.add(Fault { row, start: start as u32, cause, column: None, reason, span });
    }

    /// Where a record that is given up ends; `None`: behind the text.
    fn long_end(&mut self, text: Text<'_>) -> Option<usize> {
        let tag = [b"</", self.shape.row_tag.as_slice()].concat();
        let end = memmem::find(text.bytes, &tag).and_then(|at| Some(at + memchr::memchr(b'>', &text.bytes[at..])? + 1));
        self.within_long = end.is_none();
        end
    }
}

fn has_member(data_type: &LogicalType, name: &str) -> bool {
    match data_type {
        LogicalType::Struct(members) => members.iter().any(|member| member.name == name || has_member(&member.data_type, name)),
        LogicalType::List(element) | LogicalType::Map(element) => has_member(element, name),
        _ => false,
    }
}

/// What the columns say of the records' elements.
fn fields_of(columns: &[ColumnSpec]) -> Fields {
    let has_elements = |column: &ColumnSpec| matches!(nested::element_of(&column.data_type), LogicalType::Struct(_));
    let elements = columns.iter().map(|column| (column.source_name.as_bytes().to_vec(), has_elements(column)));
    Fields { elements: elements.collect() }
}

fn members(columns: &[ColumnSpec], rules: &Arc<CellRules>) -> Result<Members> {
    let nodes = columns.iter().map(|column| tree::node(column, rules)).collect::<Result<_>>()?;
    Ok(Members::new(columns.iter().map(|column| column.source_name.clone()), nodes))
}

/// The column of a position, in characters from 1.
fn column(text: &[u8], at: usize) -> usize {
    let start = memchr::memrchr2(b'\n', b'\r', &text[..at]).map_or(0, |line| line + 1);
    String::from_utf8_lossy(&text[start..at]).chars().count() + 1
}

fn place_of(place: Place, text: &[u8], at: usize) -> Place {
    Place { byte: place.byte + at as u64, line: place.line + count_line_ends(&text[..at]) }
}

fn bomb(place: Place, text: Text<'_>, at: usize) -> ErrorInfo {
    entities::bomb(place_of(place, text.bytes, at.min(text.bytes.len())))
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
        batch.widened = widened;
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
                .for_each(|reject| reject.place.byte = input.place.byte + places(reject.place.byte as usize) as u64);
            decoded.consumed = if consumed == text.bytes.len() && input.at_end { input.bytes.len() } else { piece.places()(consumed) };
        }
        decoded.done = rows.done || (input.at_end && consumed == text.bytes.len());
        Ok(decoded)
    }
}
