//! One record: read as it stands, or from its mended text, or rejected.

use std::ops::Range;

use colonnade_protocol::{Cause, Place};
use memchr::memmem;

use super::super::entities::MOST_EXPANDED;
use super::super::mend::{self, Around, Mended};
use super::super::reader::{self, Event, Reader, Stop, SyntaxError};
use super::super::repair::{Kind, Repair};
use super::super::tree::{self, Notes, Odd};
use super::faults::bomb;
use super::{Rows, Text, XmlDecoder};
use crate::Result;
use crate::decisions::By;
use crate::format::ParseMode;
use crate::format::faults::Fault;
use crate::words::{counted, grouped};

impl XmlDecoder {
    /// Reads the record that `reader` has begun; gives where it ends, or `None` where it is not whole.
    pub(super) fn record(
        &mut self,
        reader: &mut Reader<'_>,
        text: Text<'_>,
        start: usize,
        place: Place,
        rows: &mut Rows,
    ) -> Result<Option<usize>> {
        let row = rows.starts.len();
        let scratch_len = self.scratch.len();
        let most = 2 * text.bytes.len() + MOST_EXPANDED;
        let mut notes = Notes::new(&self.shape, &self.entities, &mut self.scratch, most, false);
        let result = tree::read_record(&mut self.members, reader, row, &mut notes);
        let odd = notes.odd;
        let available = text.bytes.len() - start;
        let error = match result {
            Ok(()) if reader.at - start <= self.max_record_bytes => {
                self.accept(start, reader.at, odd, rows);
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
        if let Some(at) = mended.too_deep {
            self.refuse(reader::too_deep(at), start, end, text, rows);
            return Ok(());
        }
        let of_repair = |repair: &Repair| SyntaxError { at: repair.at, what: repair.fault.clone() };
        let declined = match (self.allowed.declined(&mended.repairs), &error) {
            (None, _) if mended.repairs.is_empty() => error.clone().filter(|_| !self.allowed.has(Kind::Other)),
            (None, _) => None,
            // What the strict reader says of the first is nearer to the grammar.
            (Some(declined), Some(error)) if mended.repairs.first() == Some(declined) => Some(error.clone()),
            (Some(declined), _) => Some(of_repair(declined)),
        };
        if let Some(error) = declined {
            self.refuse(error, start, end, text, rows);
            return Ok(());
        }
        let first = error.or_else(|| mended.repairs.first().map(of_repair));
        let row = rows.starts.len();
        let scratch_len = self.scratch.len();
        let most = 2 * (text.bytes.len() + mended.xml.len()) + MOST_EXPANDED;
        let mut reader = Reader::new(&mended.xml, 0, true);
        reader.takes_any_character = true;
        let mut notes = Notes::new(&self.shape, &self.entities, &mut self.scratch, most, true);
        let result = match reader.next() {
            Ok(Event::Start(_)) => tree::read_record(&mut self.members, &mut reader, row, &mut notes),
            Ok(_) => Err(reader::broken(0, "no element")),
            Err(stop) => Err(stop),
        };
        let odd = notes.odd;
        match result {
            Ok(()) => {
                self.accept(start, end, odd, rows);
                let unnamed = first.filter(|_| mended.repairs.is_empty()).map(|error| Repair::other(error.at, error.what));
                for repair in mended.repairs.into_iter().chain(unnamed) {
                    let at = repair.at.max(start);
                    let more = if repair.times > 1 { format!(", and {} more", grouped(repair.times - 1)) } else { String::new() };
                    let reason = format!("not well-formed at column {}: {}{more}", rows.column.of(text.bytes, at), repair.what);
                    let span = Some(((at - start) as u32, (at - start + 1) as u32));
                    let by = Some(By { option: repair.kind.option(), times: repair.times });
                    rows.faults.add(Fault {
                        row: Some(row as u32),
                        start: start as u32,
                        cause: Cause::Syntax,
                        column: None,
                        reason,
                        span,
                        by,
                    });
                }
                rows.mended.insert(row as u32, mended.xml);
            }
            Err(Stop::Bomb(_)) => return Err(bomb(place, text, start)),
            Err(stop) => {
                self.take_back(row, scratch_len);
                let found = if let Stop::Broken(error) = stop { error.what } else { "it cannot be mended".into() };
                let error = first.unwrap_or(SyntaxError { at: start, what: found });
                self.refuse(error, start, end, text, rows);
            }
        }
        Ok(())
    }

    /// Text between the records that is to be one: a record of nothing but this text.
    pub(super) fn record_of_text(&mut self, range: Range<usize>, text: Text<'_>, place: Place, rows: &mut Rows) -> Result<()> {
        let name = self.shape.row_tag.clone();
        let mut xml = [b"<", name.as_slice(), b">"].concat();
        for &byte in &text.bytes[range.clone()] {
            match byte {
                b'&' => xml.extend_from_slice(b"&amp;"),
                _ => xml.push(byte),
            }
        }
        xml.extend_from_slice(&[b"</", name.as_slice(), b">"].concat());
        let mended = Mended { xml, end: range.end, ..Mended::default() };
        self.read_mended(None, mended, text, range.start, range.end, place, rows)
    }

    /// A record that cannot be read: rejected, or the end.
    fn refuse(&self, error: SyntaxError, start: usize, end: usize, text: Text<'_>, rows: &mut Rows) {
        if self.mode == ParseMode::FailFast {
            self.fail(error, text, rows);
        } else {
            self.reject_broken(error, start, end, text, rows);
        }
    }

    fn accept(&self, start: usize, end: usize, odd: Odd, rows: &mut Rows) {
        let row = rows.starts.len() as u32;
        rows.misfits.extend(odd.misfits.into_iter().map(|column| (row, column)));
        if odd.unknown && self.shape.adds_columns {
            rows.unknown.push(row);
        }
        if odd.crowded > 0 {
            let (elements, name) = (counted(odd.crowded as u64, "element"), &self.shape.wildcard);
            let reason = format!("{elements} dropped that the schema does not name: {name} is one text, the last; array<string> takes all");
            rows.faults.add(Fault {
                row: Some(row),
                start: start as u32,
                cause: Cause::TooManyFields,
                column: None,
                reason,
                span: None,
                by: None,
            });
        }
        rows.starts.push(start as u32);
        rows.ends.push((start as u32, end as u32));
    }

    fn take_back(&mut self, row: usize, scratch_len: usize) {
        self.members.truncate(row);
        self.scratch.truncate(scratch_len);
    }

    /// Where a record that is given up ends; `None`: behind the text.
    pub(super) fn long_end(&mut self, text: Text<'_>) -> Option<usize> {
        let tag = [b"</", self.shape.row_tag.as_slice()].concat();
        let end = memmem::find(text.bytes, &tag).and_then(|at| Some(at + memchr::memchr(b'>', &text.bytes[at..])? + 1));
        self.within_long = end.is_none();
        end
    }
}
