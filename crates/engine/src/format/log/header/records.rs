//! Which lines a log's records begin with.

use std::ops::Range;

use super::words::{channel_and_level, word_end};
use crate::format::log::{level, stamp};

/// Where a line's first timestamp is, at the start of a word.
pub fn first_stamp(line: &[u8]) -> Option<Range<usize>> {
    let starts = |at: &usize| *at == 0 || matches!(line[at - 1], b' ' | b'[' | b'(' | b'<' | b'"' | b'|' | b'>' | b'*');
    (0..line.len().min(120)).filter(starts).find_map(|at| Some(at..at + stamp::scan(&line[at..])?))
}

/// Whether a line begins with a time of day, in brackets or not.
pub fn first_time(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"[").or_else(|| line.strip_prefix(b"(")).or_else(|| line.strip_prefix(b"<")).unwrap_or(line);
    stamp::time_of_day(line).is_some()
}

/// Whether a word of a line's beginning is a level.
pub fn first_level(line: &[u8]) -> bool {
    let starts = |at: &usize| *at == 0 || matches!(line[at - 1], b' ' | b'[' | b'(' | b'<' | b'|');
    (0..line.len().min(60)).filter(starts).any(|at| {
        let rest = &line[at..];
        level::scan(rest).is_some() || channel_and_level(&rest[..word_end(rest)])
    })
}

/// The lines that begin with a moment that a level follows, where the first is one of them.
pub fn sure_records<'a>(lines: &[&'a [u8]]) -> Option<Vec<&'a [u8]>> {
    const FEWEST: usize = 3;
    // Behind a comma or the like, the moment is a cell.
    let is_field = |line: &[u8], end: usize| line.get(end).is_some_and(|byte| matches!(byte, b' ' | b']'));
    let is_sure = |line: &&[u8]| first_stamp(line).is_some_and(|stamp| stamp.start <= 1 && is_field(line, stamp.end)) && first_level(line);
    let records: Vec<&[u8]> = lines.iter().copied().filter(is_sure).collect();
    (records.len() >= FEWEST && lines.first().is_some_and(is_sure)).then_some(records)
}
