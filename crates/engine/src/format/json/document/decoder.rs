//! The decoder of documents: walks from record to record, and goes on behind those that are broken.

use std::borrow::Cow;

use colonnade_protocol::{Cause, Place};
use encoding_rs::UTF_8;

use super::options;
use super::resume::{Behind, Marks};
use super::skip::Skip;
use super::walk::{Met, Walk};
use crate::Result;
use crate::column::{ColumnSpec, late};
use crate::decisions::By;
use crate::format::faults::{Fault, Records};
use crate::format::json::encoding::JsonEncoding;
use crate::format::json::layout::Layout;
use crate::format::json::path::RecordPath;
use crate::format::json::reader::Reader;
use crate::format::json::records::{Mark, RecordReader, Rows, Taken};
use crate::format::json::repair::Repair;
use crate::format::lines::count_line_ends;
use crate::format::{Decoded, Decoder, Input, ParseMode};
use crate::settings::Settings;

/// Decodes the records of one unit.
pub struct DocumentDecoder {
    records: RecordReader,
    path: RecordPath,
    encoding: JsonEncoding,
    walk: Walk,
    /// Within a record that was given up for its length.
    skip: Option<Skip>,
    /// Behind something broken, before the next record.
    lost: bool,
}

/// A record whose end is known.
struct Last {
    start: usize,
    before: Mark,
    row: Option<u32>,
}

/// What became of the record that was to be read.
enum Read {
    /// It ends here.
    Until(usize),
    /// It was rejected, and another begins here.
    Next(usize),
    /// It may go on behind the text.
    More,
    /// It is longer than is allowed, and goes on behind the text.
    TooLong,
    /// It was rejected, and where the next one begins cannot be told yet.
    Lost,
}

/// A batch in the making.
struct Progress {
    rows: Rows,
    /// Where the odd records end.
    ends: Vec<(u32, u32)>,
    consumed: usize,
    done: bool,
}

impl DocumentDecoder {
    /// A decoder into `columns`.
    ///
    /// # Errors
    /// Those of [`RecordReader::new`] and [`RecordPath::parse`].
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let path = options::record_path(settings)?;
        let layout = Layout::of(settings, path.is_keyed());
        Ok(Self {
            records: RecordReader::new(settings, columns, layout)?,
            walk: Walk::at_record(&path),
            path,
            encoding: JsonEncoding::by_name(settings.text(options::ENCODING)),
            skip: None,
            lost: false,
        })
    }

    fn read(&mut self, text: &[u8], limit: usize, at_end: bool) -> Result<Progress> {
        let mut progress = Progress { rows: Rows::default(), ends: Vec::new(), consumed: text.len(), done: false };
        let entry = self.walk.clone();
        let Some(mut at) = self.catch_up(text, at_end) else {
            progress.done = at_end;
            return Ok(progress);
        };
        let mut last: Option<Last> = None;
        loop {
            let met = self.walk.next(text, at, at_end);
            if !matches!(met, Met::More(_)) {
                progress.rows.skipped += self.walk.take_beside().len() as u64;
            }
            match met {
                Met::Record(start) if start >= limit || self.records.is_full(&progress.rows) => {
                    (progress.consumed, progress.done) = (start, start >= limit);
                    self.walk.resume();
                    break;
                }
                Met::Record(start) => {
                    let before = self.records.mark(&progress.rows);
                    match self.read_record(text, start, at_end, &mut progress)? {
                        Read::Until(end) => {
                            at = end;
                            self.walk.passed();
                        }
                        Read::Next(next) => {
                            at = next;
                            self.walk.resume();
                        }
                        Read::More => {
                            progress.consumed = start;
                            self.walk.resume();
                            break;
                        }
                        Read::TooLong => {
                            let mut skip = Skip::new(self.path.is_keyed());
                            if let Some(end) = skip.run(&text[start..]) {
                                at = start + end;
                                self.walk.passed();
                            } else {
                                self.skip = Some(skip);
                                break;
                            }
                        }
                        Read::Lost => {
                            self.lost = true;
                            break;
                        }
                    }
                    let row = (progress.rows.starts.len() > before.rows()).then(|| progress.rows.starts.len() as u32 - 1);
                    last = Some(Last { start, before, row });
                }
                Met::More(from) => {
                    // A record is this batch's once it is known where the next begins.
                    self.hold_back(text, last.as_ref(), from, &entry, &mut progress);
                    break;
                }
                Met::End(_) => {
                    progress.done = true;
                    break;
                }
                Met::Odd(repair, from, to) => {
                    self.note_odd(repair, from, to, last.as_ref(), &mut progress);
                    at = to;
                }
                Met::Broken(error) => {
                    match self.marks(|marks| marks.behind(text, error.at, at_end)) {
                        Behind::Unknown if !at_end && text.len() - error.at <= self.records.max_record_bytes => {
                            self.hold_back(text, last.as_ref(), at, &entry, &mut progress);
                            break;
                        }
                        behind => {
                            self.records.reject_broken(text, at, error, &mut progress.rows);
                            let end = match behind {
                                Behind::Record(next) => next,
                                Behind::End(_) | Behind::Unknown => text.len(),
                            };
                            progress.ends.push((at as u32, end as u32));
                            self.walk.resume();
                            self.lost = end == text.len();
                            progress.done = self.lost && at_end;
                            if self.lost {
                                break;
                            }
                            at = end;
                        }
                    }
                    last = None;
                }
            }
        }
        Ok(progress)
    }

    /// Passes what is left of a record that was given up. `None`: all of the text.
    fn catch_up(&mut self, text: &[u8], at_end: bool) -> Option<usize> {
        if let Some(skip) = &mut self.skip {
            let end = skip.run(text)?;
            self.skip = None;
            self.walk.passed();
            return Some(end);
        }
        if self.lost {
            let Behind::Record(next) = self.marks(|marks| marks.behind(text, 0, at_end)) else { return None };
            self.lost = false;
            self.walk.resume();
            return Some(next);
        }
        Some(0)
    }

    fn hold_back(&mut self, text: &[u8], last: Option<&Last>, from: usize, entry: &Walk, progress: &mut Progress) {
        match last {
            Some(last) if text.len() - last.start <= self.records.max_record_bytes => {
                self.records.undo(last.before, &mut progress.rows);
                progress.ends.retain(|(start, _)| (*start as usize) < last.start);
                progress.consumed = last.start;
                // What is beside the path is met again.
                self.walk.take_beside();
                self.walk.resume();
            }
            None if text.len() <= self.records.max_record_bytes => {
                progress.consumed = 0;
                self.walk = entry.clone();
            }
            _ => {
                progress.consumed = from;
                progress.rows.skipped += self.walk.take_beside().len() as u64;
            }
        }
    }

    fn read_record(&mut self, text: &[u8], start: usize, at_end: bool, progress: &mut Progress) -> Result<Read> {
        let rows = &mut progress.rows;
        let most = self.records.max_record_bytes;
        let may_grow = !at_end && text.len() - start <= most;
        let is_long = |end: usize| end - start > most;
        let before = self.records.mark(rows);
        let mut error = match self.records.take(text, start, rows)? {
            Ok(Taken::Row(end)) if is_long(end) => {
                self.records.undo(before, rows);
                self.records.reject_long(start, rows);
                return Ok(Read::Until(end));
            }
            Ok(taken) => return Ok(self.settle(taken, start, rows)),
            Err(error) if error.cut && !at_end => {
                if may_grow {
                    return Ok(Read::More);
                }
                self.records.reject_long(start, rows);
                progress.ends.push((start as u32, text.len() as u32));
                return Ok(Read::TooLong);
            }
            Err(error) => error,
        };
        let keyed = self.path.is_keyed();
        match self.records.mender.mend(text, start, keyed, at_end) {
            Ok(mended) => {
                if let Ok(taken) = self.records.take_mended(&mended, start, rows)? {
                    progress.ends.push((start as u32, mended.end as u32));
                    return Ok(self.settle(taken, start, rows));
                }
            }
            Err(mending) if mending.cut && may_grow => return Ok(Read::More),
            Err(mending) => error = self.records.mender.obstacle(error, mending),
        }
        let behind = self.marks(|marks| marks.behind(text, start, at_end));
        if behind == Behind::Unknown && may_grow {
            return Ok(Read::More);
        }
        self.records.reject_broken(text, start, error, rows);
        let (end, read) = match behind {
            Behind::Record(next) => (next, Read::Next(next)),
            Behind::End(end) => (end, Read::Until(end)),
            Behind::Unknown if at_end => (text.len(), Read::Until(text.len())),
            Behind::Unknown => (text.len(), Read::Lost),
        };
        let own = text[start..end].trim_ascii_end();
        let own = own.strip_suffix(b",").unwrap_or(own).trim_ascii_end();
        progress.ends.push((start as u32, (start + own.len()) as u32));
        Ok(read)
    }

    /// A record that was read.
    #[inline]
    fn settle(&self, taken: Taken, start: usize, rows: &mut Rows) -> Read {
        match taken {
            Taken::Row(end) => Read::Until(end),
            Taken::NotARow(end) => {
                let reason = format!("{} is expected: the records are {}", self.records.layout.expected(), self.records.layout.plural());
                self.records.reject(start, Cause::NotARow, reason, None, rows);
                Read::Until(end)
            }
        }
    }

    /// Lists what is between records: with the record before it where it costs none.
    fn note_odd(&self, repair: Repair, from: usize, to: usize, last: Option<&Last>, progress: &mut Progress) {
        let mender = &self.records.mender;
        if matches!(repair, Repair::Comments | Repair::Marks) && mender.allows(repair) {
            progress.rows.skipped += 1;
            return;
        }
        if !mender.lists(repair) {
            return;
        }
        match last.filter(|_| repair != Repair::Ellipsis && mender.allows(repair) || self.records.mode == ParseMode::FailFast) {
            Some(last) => {
                let span = Some(((from - last.start) as u32, (from - last.start) as u32 + 1));
                let fault = Fault {
                    row: last.row,
                    start: last.start as u32,
                    cause: Cause::Syntax,
                    column: None,
                    reason: repair.reason().to_owned(),
                    span,
                    by: mender.allows(repair).then(|| By::once(repair.option())),
                };
                progress.rows.faults.add(fault);
            }
            None => {
                self.records.reject(from, Cause::Syntax, repair.reason().to_owned(), None, &mut progress.rows);
                progress.ends.push((from as u32, to as u32));
            }
        }
    }

    fn marks<T>(&self, what: impl FnOnce(&Marks<'_>) -> T) -> T {
        let knows = |name: &str| self.records.knows(name);
        what(&Marks { layout: self.records.layout, path: &self.path, knows: &knows })
    }

    fn decode_text(&mut self, text: &[u8], replaced: bool, place: Place, limit: usize, at_end: bool) -> Result<Decoded> {
        let Progress { mut rows, mut ends, consumed, done } = self.read(text, limit, at_end)?;
        if replaced {
            note_replaced(text, &mut rows);
        }
        let (arrays, widened, rows) = self.records.finish(text, rows)?;
        ends.sort_unstable();
        let keyed = self.path.is_keyed();
        let end_of = |start: u32| {
            if let Ok(at) = ends.binary_search_by_key(&start, |&(start, _)| start) {
                return (ends[at].1 as usize).min(text.len());
            }
            let mut reader = Reader::new(text, start as usize);
            let name = if keyed { reader.member_key().err() } else { None };
            if name.is_none() && reader.skip().is_ok() { reader.at() } else { text.len() }
        };
        let records = Records { text, encoding: UTF_8, place, starts: &rows.starts, end_of: &end_of };
        let mut batch = rows.faults.into_batch(self.records.mode, &records, arrays, self.records.corrupt_at)?;
        if !widened.is_empty() {
            self.records.adopt(&widened)?;
        }
        batch.counts.skipped = rows.skipped;
        batch.widened = records.placed(widened);
        Ok(Decoded { consumed, lines: count_line_ends(&text[..consumed]), done, batch })
    }
}

/// Lists the rows in which U+FFFD stands for bytes that were no text.
fn note_replaced(text: &[u8], rows: &mut Rows) {
    let mut found: Vec<usize> = memchr::memmem::find_iter(text, "\u{FFFD}")
        .filter_map(|at| rows.starts.partition_point(|&start| start as usize <= at).checked_sub(1))
        .collect();
    found.dedup();
    for row in found {
        let reason = "bytes that are no text in this encoding; U+FFFD stands for them".to_owned();
        rows.faults.add(Fault {
            row: Some(row as u32),
            start: rows.starts[row],
            cause: Cause::InvalidEncoding,
            column: None,
            reason,
            span: None,
            by: None,
        });
    }
}

impl Decoder for DocumentDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        self.marks(|marks| marks.first(input, from, at_end))
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        let limit = usize::try_from(input.limit.saturating_sub(input.place.byte)).unwrap_or(usize::MAX);
        let encoding = self.encoding;
        let (text, replaced) = encoding.decode(input.bytes, input.at_end);
        let text = match text {
            Cow::Borrowed(text) => return self.decode_text(text, replaced, input.place, limit, input.at_end),
            Cow::Owned(text) => text,
        };
        let text_limit = if limit >= input.bytes.len() { usize::MAX } else { encoding.decode(&input.bytes[..limit], false).0.len() };
        let place = Place { byte: 0, line: input.place.line };
        let to_source = |at: u64| input.place.byte + encoding.source_len(&text[..(at as usize).min(text.len())]) as u64;
        let decoded = self.decode_text(&text, replaced, place, text_limit, input.at_end);
        let mut decoded = decoded.map_err(|mut error| {
            if let Some(place) = &mut error.place {
                place.byte = to_source(place.byte);
            }
            error
        })?;
        let (mut at, mut source) = (0, input.place.byte);
        for start in &mut decoded.batch.starts {
            source += encoding.source_len(&text[at..*start as usize]) as u64;
            at = *start as usize;
            *start = source;
        }
        for reject in &mut decoded.batch.rejects {
            reject.places().for_each(|place| place.byte = to_source(place.byte));
        }
        late::places(&mut decoded.batch.widened).for_each(|place| place.byte = to_source(place.byte));
        decoded.consumed =
            if decoded.consumed == text.len() && decoded.done { input.bytes.len() } else { encoding.source_len(&text[..decoded.consumed]) };
        Ok(decoded)
    }
}
