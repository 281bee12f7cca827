//! What stands between the records.

use std::ops::Range;

use colonnade_protocol::{Cause, ErrorInfo, ErrorKind, Place};

use super::super::chars::{begins_name, is_blank, trimmed};
use super::super::entities::{Entities, MOST_EXPANDED, Within};
use super::super::outside::{Odd, mended_tag};
use super::super::prologue;
use super::super::reader::{Event, Reader, Stop, SyntaxError};
use super::super::repair::Repair;
use super::faults::{bomb, place_of};
use super::{Rows, Text, XmlDecoder};
use crate::Result;
use crate::decisions::By;
use crate::format::faults::Fault;
use crate::format::text::options::KEEP_ELLIPSES;

impl XmlDecoder {
    /// What stands between records. The bytes used, if reading ends here.
    pub(super) fn between(
        &mut self,
        event: Event,
        at: usize,
        reader: &mut Reader<'_>,
        text: Text<'_>,
        place: Place,
        rows: &mut Rows,
    ) -> Result<Option<usize>> {
        match event {
            Event::Start(name) => {
                let start = name.start - 1;
                let name = &text.bytes[name];
                let result = attributes(reader, &self.entities);
                match result {
                    Ok(()) => {
                        let is_whole = reader.let_go();
                        let odd = self.outside.start(name, start, is_whole);
                        rows.skipped += u64::from(is_whole);
                        odd.into_iter().for_each(|odd| self.beside(odd, reader.at, text, rows));
                    }
                    Err(Stop::Broken(error)) => {
                        let Some(next) = self.skip_broken(error, start, text, rows) else {
                            return self.wait(start, text, place, rows).map(Some);
                        };
                        reader.restart(next);
                    }
                    Err(Stop::Bomb(at) | Stop::Markup(at)) => return Err(bomb(place, text, at)),
                    Err(Stop::Cut) => return self.wait(start, text, place, rows).map(Some),
                }
            }
            Event::End => {
                let (odd, skipped) = self.outside.end(&text.bytes[reader.closed.clone()], reader.closed.start.saturating_sub(2));
                rows.skipped += skipped;
                odd.into_iter().for_each(|odd| self.beside(odd, reader.at, text, rows));
            }
            Event::Text(piece) => {
                let content = &text.bytes[piece.range.clone()];
                match self.outside.text(content, piece.range.start, piece.cdata) {
                    None => {}
                    Some(Odd::Mended(error)) => self.beside(error, piece.range.end, text, rows),
                    Some(Odd::Text) => {
                        let lead = content.iter().take_while(|&&byte| is_blank(byte)).count();
                        let what = "text between the rows, not in one".to_owned();
                        self.reject(piece.range.start + lead, piece.range.end, Cause::NotARow, what, None, rows);
                    }
                    Some(Odd::Ellipsis) => self.ellipses(piece.range.clone(), text, place, rows)?,
                }
                if !piece.plain && !piece.cdata {
                    let result = self.entities.resolve(content, piece.range.start, Within::Content, &mut Vec::new(), MOST_EXPANDED);
                    match result {
                        Err(Stop::Broken(error)) => self.beside(Repair::other(error.at, error.what), piece.range.end, text, rows),
                        Err(Stop::Bomb(at)) => return Err(bomb(place, text, at)),
                        _ => {}
                    }
                }
            }
            Event::Doctype => {
                let is_odd = !self.outside.is_before_root();
                match prologue::document_type(text.bytes, reader.at, text.whole, &mut self.entities) {
                    Ok(end) if is_odd => {
                        self.beside(Repair::other(at, "a document type that is not before the root"), end, text, rows);
                        reader.restart(end);
                    }
                    Ok(end) => reader.restart(end),
                    Err(Stop::Cut) => return self.wait(at, text, place, rows).map(Some),
                    Err(Stop::Bomb(at) | Stop::Markup(at)) => return Err(bomb(place, text, at)),
                    Err(Stop::Broken(error)) => {
                        let end = prologue::document_type_end(text.bytes, at).unwrap_or(reader.at);
                        self.beside(Repair::other(error.at, error.what), end, text, rows);
                        reader.restart(end);
                    }
                }
            }
            Event::Eof => {
                if text.whole {
                    let missing = self.outside.finish(text.bytes.len());
                    missing.into_iter().for_each(|odd| self.beside(odd, text.bytes.len(), text, rows));
                }
                return Ok(Some(text.bytes.len()));
            }
        }
        Ok(None)
    }

    /// The text ends within something: more is needed, unless that is longer than a record may be.
    pub(super) fn wait(&mut self, at: usize, text: Text<'_>, place: Place, rows: &mut Rows) -> Result<usize> {
        if text.bytes.len() - at <= self.max_record_bytes {
            return Ok(at);
        }
        if text.bytes[at] == b'<' {
            let what = format!("a construct longer than maxRecordBytes ({})", self.max_record_bytes);
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Raise maxRecordBytes to read it.").at(place_of(place, text.bytes, at)));
        }
        let what = "text between the rows, longer than a record may be".to_owned();
        self.reject(at, text.bytes.len(), Cause::RecordTooLong, what, None, rows);
        Ok(text.bytes.len())
    }

    /// Goes on behind something between records that is not well-formed. `None`: it is not whole.
    pub(super) fn skip_broken(&mut self, error: SyntaxError, at: usize, text: Text<'_>, rows: &mut Rows) -> Option<usize> {
        let mark = at + memchr::memchr(b'<', &text.bytes[at..]).unwrap_or(0);
        let begins_tag = text.bytes.get(mark + 1).is_some_and(|&byte| begins_name(byte));
        if begins_tag && error.at >= mark {
            let (end, is_whole, name, odd) = mended_tag(text.bytes, mark, text.whole, &self.entities)?;
            let declined = self.allowed.declined(&odd);
            let odd = match declined {
                // The tag is refused as it stands, by what the strict reader says of it.
                Some(declined) => vec![Repair { fault: error.what, at: error.at, ..declined.clone() }],
                None if odd.is_empty() => vec![Repair::other(error.at, error.what)],
                None => odd,
            };
            odd.into_iter().for_each(|odd| self.beside(odd, end, text, rows));
            self.outside.start(&name, mark, is_whole);
            return Some(end.max(mark + 1));
        }
        let from = (error.at.max(at) + 1).min(text.bytes.len());
        let next = match memchr::memchr(b'<', &text.bytes[from..]) {
            Some(length) => from + length,
            None if text.whole => text.bytes.len(),
            None => return None,
        };
        self.beside(Repair::other(error.at, error.what), next, text, rows);
        Some(next)
    }

    /// Something outside of the records that is not in order, in what ends at `end`.
    /// It is listed as mended, or rejected where that is declined.
    pub(super) fn beside(&self, repair: Repair, end: usize, text: Text<'_>, rows: &mut Rows) {
        let at = repair.at.min(text.bytes.len());
        let column = rows.column.of(text.bytes, at);
        let end = end.clamp(at, text.bytes.len());
        if !self.allowed.has(repair.kind) {
            self.reject(at, end, Cause::Syntax, format!("not well-formed at column {column}: {}", repair.fault), None, rows);
            return;
        }
        rows.ends.push((at as u32, end as u32));
        rows.faults.add_beside(Fault {
            row: None,
            start: at as u32,
            cause: Cause::Syntax,
            column: None,
            reason: format!("not well-formed at column {column}: {}", repair.what),
            span: None,
            by: Some(By { option: repair.kind.option(), times: repair.times }),
        });
    }

    /// What stands for records that were left out, line by line: rejected, or a record of its own where a person wants that.
    fn ellipses(&mut self, range: Range<usize>, text: Text<'_>, place: Place, rows: &mut Rows) -> Result<()> {
        let mut at = range.start;
        while at < range.end {
            let length = memchr::memchr2(b'\n', b'\r', &text.bytes[at..range.end]).unwrap_or(range.end - at);
            let line = trimmed(&text.bytes[at..at + length]);
            let from = at + text.bytes[at..at + length].iter().take_while(|&&byte| is_blank(byte)).count();
            at += length + 1;
            if line.is_empty() {
                continue;
            }
            let found = from..from + line.len();
            if self.keep_ellipses {
                self.record_of_text(found, text, place, rows)?;
            } else {
                self.reject(found.start, found.end, Cause::NotARow, "an ellipsis, not a row".to_owned(), None, rows);
                rows.faults.decided(By::once(KEEP_ELLIPSES));
            }
        }
        Ok(())
    }
}

/// Passes the attributes of a start tag outside of records, checked.
fn attributes(reader: &mut Reader<'_>, entities: &Entities) -> std::result::Result<(), Stop> {
    while let Some(attribute) = reader.attribute()? {
        if !attribute.plain {
            let value = &reader.text()[attribute.value.clone()];
            entities.resolve(value, attribute.value.start, Within::Attribute, &mut Vec::new(), MOST_EXPANDED)?;
        }
    }
    Ok(())
}
