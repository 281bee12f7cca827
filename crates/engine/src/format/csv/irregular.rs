//! Records that are not as the table wants them: stray and unclosed quotes, too few or too many fields.
//!
//! Such a record is read again by itself, leniently, and takes the reading that gives the table's number of fields.
//! Rare by nature: nothing here needs to be fast.

use std::ops::Range;

use colonnade_protocol::Cause;

use super::tokenise::Tokeniser;
use crate::column::Span;
use crate::format::text::{OddRecord, Tokens, is_spaced_ellipsis};
use crate::words::counted;

/// Lines over which a cell with a stray quote may go on.
const MOST_LINES: usize = 64;
/// Bytes read again for one record with a stray quote, all its readings together.
const REREAD_BYTES: usize = 32 * 1024;

/// Reads the record at `start` again, whose quotes do not close where a cell may end. Returns where the next record
/// begins; `None`: its first line is not whole in `text`, and the source goes on.
pub(super) fn reread(tokeniser: &Tokeniser, text: &[u8], start: usize, cause: Cause, at_end: bool, tokens: &mut Tokens) -> Option<usize> {
    let (line_end, line_next) = match tokeniser.line_end_after(text, start) {
        Some((_, next)) if next == text.len() && !at_end && text.ends_with(b"\r") => return None,
        Some(line) => line,
        None if at_end => (text.len(), text.len()),
        None => return None,
    };
    let wanted = tokeniser.columns;
    let line = &text[start..line_end];
    let mut readings =
        vec![(Reading::of(tokeniser, line, true), line_end, line_next), (Reading::of(tokeniser, line, false), line_end, line_next)];
    let many_lines = cause == Cause::StrayQuote && readings.iter().all(|(reading, ..)| reading.cells.len() != wanted);
    if let Some((end, next)) = if many_lines { Reading::lines(tokeniser, text, start, at_end)? } else { None } {
        let reading = Reading::of(tokeniser, &text[start..end], true);
        if !reading.has_open_line_end() {
            readings.push((reading, end, next));
        }
    }
    let best = readings.iter().position(|(reading, ..)| reading.closed && reading.cells.len() == wanted);
    let best = best.or_else(|| readings.iter().position(|(reading, ..)| reading.cells.len() == wanted)).unwrap_or(0);
    let (reading, end, next) = readings.swap_remove(best);
    let cause = if end > line_end || reading.closed { Cause::StrayQuote } else { Cause::UnclosedQuote };
    let first_span = tokens.spans.len();
    let fault = reading.fault;
    for cell in &reading.cells {
        let first = tokens.scratch.len();
        tokens.scratch.extend_from_slice(&cell.text);
        tokens.spans.push(Span::scratch(first, tokens.scratch.len(), cell.quoted));
    }
    let reason = match cause {
        Cause::UnclosedQuote => "a quote is opened and not closed; it was taken as text",
        _ => "a quote stands within a cell; it was taken as text",
    };
    if reading.cells.len() == wanted {
        let row = tokens.starts.len() as u32;
        tokens.starts.push(start as u32);
        tokens.odd.push(OddRecord {
            row: Some(row),
            start: start as u32,
            end: end as u32,
            cause,
            reason: reason.to_owned(),
            span: fault,
            by: None,
        });
    } else {
        fit(tokeniser, text, start..end, first_span, Some(QuoteFault { cause, reason, span: fault }), tokens);
    }
    Some(next)
}

/// A record whose quotes are right, of which `tokens` holds more or fewer cells than the table has columns. Returns where
/// the next record begins, where that is not behind this one: a quote that swallowed lines was text.
pub(super) fn wrong_count(
    tokeniser: &Tokeniser,
    text: &[u8],
    record: Range<usize>,
    first_span: usize,
    tokens: &mut Tokens,
) -> Option<usize> {
    if let Some((line_end, _)) = tokeniser.line_end_after(&text[..record.end], record.start) {
        let line = &text[record.start..line_end];
        if [true, false].iter().any(|&distrust| Reading::of(tokeniser, line, distrust).cells.len() == tokeniser.columns) {
            tokens.spans.truncate(first_span);
            return reread(tokeniser, text, record.start, Cause::UnclosedQuote, true, tokens);
        }
    }
    fit(tokeniser, text, record, first_span, None, tokens);
    None
}

/// Of the first `records` records, those that are not as the table wants them.
pub(super) fn odd_among(tokens: &Tokens, records: usize) -> usize {
    let trusted = tokens.starts.get(records).copied().unwrap_or(u32::MAX);
    tokens.odd.iter().take_while(|odd| odd.start < trusted).count()
}

/// Whether the first record of all is odd.
pub(super) fn begins_odd(tokens: &Tokens) -> bool {
    let first = tokens.starts.first().copied().unwrap_or(u32::MAX);
    tokens.odd.first().is_some_and(|odd| odd.start <= first)
}

/// Whether a record begins at this offset.
pub(super) fn is_start(tokens: &Tokens, at: usize) -> bool {
    let is = |start: u32| start as usize == at;
    tokens.starts.iter().any(|&start| is(start)) || tokens.odd.iter().any(|odd| is(odd.start))
}

/// What is wrong with a record's quotes, beside its number of fields.
struct QuoteFault {
    cause: Cause,
    reason: &'static str,
    span: Option<(u32, u32)>,
}

/// Makes a row of the cells from `first_span` on: pads or cuts them, and lists the record.
fn fit(tokeniser: &Tokeniser, text: &[u8], record: Range<usize>, first_span: usize, fault: Option<QuoteFault>, tokens: &mut Tokens) {
    let wanted = tokeniser.columns;
    let fields = tokens.spans.len() - first_span;
    let mut odd = OddRecord {
        row: None,
        start: record.start as u32,
        end: record.end as u32,
        cause: Cause::TooFewFields,
        reason: String::new(),
        span: None,
        by: None,
    };
    let numbers = format!("{} where the table has {}", counted(fields, "field"), counted(wanted, "column"));
    if fields == 1 && wanted > 1 && !(tokeniser.keep_all || tokeniser.keep_ellipses) && is_spaced_ellipsis(&text[record.clone()]) {
        tokens.spans.truncate(first_span);
        tokens.reject_ellipsis(record.start, record.end);
        return;
    }
    if fields > wanted {
        odd.cause = Cause::TooManyFields;
        odd.reason = format!("{numbers}; the last {} dropped", fields - wanted);
        tokens.spans.truncate(first_span + wanted);
    } else {
        odd.reason = format!("{numbers}; the missing are null");
        tokens.spans.resize(first_span + wanted, Span::MISSING);
    }
    if let Some(fault) = fault {
        odd.cause = fault.cause;
        odd.reason = format!("{}; {}", fault.reason, odd.reason);
        odd.span = fault.span;
    }
    odd.row = Some(tokens.starts.len() as u32);
    tokens.starts.push(record.start as u32);
    tokens.odd.push(odd);
}

/// One way to read a record's cells.
struct Reading {
    cells: Vec<Cell>,
    /// Every quote that opened a cell also closed it.
    closed: bool,
    /// The first quote taken as text.
    fault: Option<(u32, u32)>,
}

struct Cell {
    text: Vec<u8>,
    quoted: bool,
}

impl Reading {
    /// Reads `line` as one record. A quote within a quoted cell is text unless a cell may end behind it; with
    /// `distrust`, a quote that looks like another cell's opening one shows that the cell's own quote was text.
    fn of(tokeniser: &Tokeniser, line: &[u8], distrust: bool) -> Self {
        let mut reading = Self { cells: Vec::new(), closed: true, fault: None };
        let mut at = 0;
        loop {
            let (cell, end) = reading.cell(tokeniser, line, at, distrust);
            reading.cells.push(cell);
            if !line[end..].starts_with(&tokeniser.dialect.separator) || end >= line.len() {
                return reading;
            }
            at = end + tokeniser.dialect.separator.len();
        }
    }

    /// The cell that begins at `start`, and the position of the separator behind it, or the end.
    fn cell(&mut self, tokeniser: &Tokeniser, line: &[u8], start: usize, distrust: bool) -> (Cell, usize) {
        let dialect = &tokeniser.dialect;
        let blanks = if dialect.trim_leading { line[start..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count() } else { 0 };
        if dialect.quote.is_some() && line.get(start + blanks).copied() == dialect.quote {
            match self.quoted(tokeniser, line, start + blanks, distrust) {
                Some(found) => return found,
                None => self.note(start + blanks),
            }
        }
        let end = memchr::memmem::find(&line[start..], &dialect.separator).map_or(line.len(), |at| start + at);
        let mut text = &line[start..end];
        if dialect.trim_leading {
            text = text.trim_ascii_start();
        }
        if dialect.trim_trailing {
            text = text.trim_ascii_end();
        }
        (Cell { text: text.to_vec(), quoted: false }, end)
    }

    /// The quoted cell that opens at `open`; `None` where its quote is better taken as text.
    fn quoted(&mut self, tokeniser: &Tokeniser, line: &[u8], open: usize, distrust: bool) -> Option<(Cell, usize)> {
        let (quote, escape) = (line[open], tokeniser.dialect.escape);
        let separator = &tokeniser.dialect.separator;
        let mut text = Vec::new();
        let mut at = open + 1;
        while let Some(&byte) = line.get(at) {
            let next = line.get(at + 1).copied();
            let pair = Some(byte) == escape && next == Some(quote);
            let opens_text =
                at == open + 1 && pair && escape == Some(quote) && line.get(at + 2) != Some(&quote) && !tokeniser.ends_cell(line, at + 2);
            if pair && !opens_text && !(escape == Some(quote) && at == open + 1 && tokeniser.ends_cell(line, at + 1)) {
                text.push(quote);
                at += 2;
            } else if byte == quote {
                if tokeniser.ends_cell(line, at + 1) {
                    let end =
                        at + 1 + line[at + 1..].iter().take_while(|b| matches!(b, b' ' | b'\t') && !separator.starts_with(&[**b])).count();
                    return Some((Cell { text, quoted: true }, end));
                }
                if distrust && at > open + 1 && line[..at].ends_with(separator) && next.is_some_and(|next| next != quote) {
                    return None;
                }
                self.note(at);
                text.push(byte);
                at += 1;
            } else {
                text.push(byte);
                at += 1;
            }
        }
        self.closed = false;
        None
    }

    /// Whether a line end stands outside quotes: these are more records than one.
    fn has_open_line_end(&self) -> bool {
        self.cells.iter().any(|cell| !cell.quoted && cell.text.iter().any(|b| matches!(b, b'\n' | b'\r')))
    }

    fn note(&mut self, quote: usize) {
        self.fault.get_or_insert((quote as u32, quote as u32 + 1));
    }

    /// The end of the record at `start` where a quoted cell with a stray quote goes on over lines: the first line end
    /// at which every quote is closed. `None` (outer): more text is needed. `None` (inner): there is none, or none
    /// within the bound of a record and of what is worth the trouble.
    fn lines(tokeniser: &Tokeniser, text: &[u8], start: usize, at_end: bool) -> Option<Option<(usize, usize)>> {
        let (mut from, mut reread) = (start, 0);
        for _ in 0..MOST_LINES {
            let (end, next) = match tokeniser.line_end_after(text, from) {
                Some(line) => line,
                None if at_end => (text.len(), text.len()),
                None => return None,
            };
            if end - start > tokeniser.max_record_bytes || reread > REREAD_BYTES {
                return Some(None);
            }
            // Nothing but a quote can close what is open.
            if from == start || tokeniser.dialect.quote.is_some_and(|quote| memchr::memchr(quote, &text[from..end]).is_some()) {
                reread += end - start;
                if Self::of(tokeniser, &text[start..end], false).closed {
                    return Some(Some((end, next)));
                }
            }
            if next >= text.len() {
                return if at_end { Some(None) } else { None };
            }
            from = next;
        }
        Some(None)
    }
}
