//! The text of an element as one span, however many pieces it comes in.

use super::super::chars::{is_blank, trimmed};
use super::super::entities::Within;
use super::super::reader::{Stop, Text};
use super::{Notes, Result};
use crate::column::Span;

/// The text of an element between two of its elements, as it comes in pieces.
#[derive(Default)]
pub(super) struct Run {
    /// The only piece so far.
    single: Option<Text>,
    /// Where several begin in the scratch buffer.
    scratch: Option<usize>,
}

impl Run {
    /// There is no piece.
    pub fn is_empty(&self) -> bool {
        self.single.is_none() && self.scratch.is_none()
    }

    /// Drops a piece of nothing but blanks, as most are; whether it did.
    pub fn drop_blanks(&mut self, text: &[u8]) -> bool {
        let is_blank = |piece: &Text| !piece.cdata && text[piece.range.clone()].iter().all(|&byte| is_blank(byte));
        self.single.take_if(|piece| is_blank(piece)).is_some()
    }

    /// Takes up the next piece.
    pub fn add(&mut self, text: &[u8], piece: Text, notes: &mut Notes<'_>) -> Result<()> {
        if self.single.is_none() && self.scratch.is_none() && piece.plain {
            self.single = Some(piece);
            return Ok(());
        }
        if self.scratch.is_none() {
            self.scratch = Some(notes.scratch.len());
            if let Some(first) = self.single.take() {
                notes.scratch.extend_from_slice(&text[first.range]);
            }
        }
        if piece.plain {
            notes.scratch.extend_from_slice(&text[piece.range]);
        } else if piece.cdata {
            push_lines(&text[piece.range], notes.scratch);
        } else {
            notes.resolve(text, &piece.range, Within::Content)?;
        }
        if notes.scratch.len() > notes.most { Err(Stop::Bomb(0)) } else { Ok(()) }
    }

    /// The text as one span, and nothing is left. `None`: there is none, or only blanks.
    pub fn take(&mut self, text: &[u8], joins_lines: bool, notes: &mut Notes<'_>) -> Option<Span> {
        let trim = notes.trim || joins_lines;
        if let Some(single) = self.single.take() {
            let whole = &text[single.range.clone()];
            let content = trimmed(whole);
            if content.is_empty() && (trim || !single.cdata) {
                return None;
            }
            let lead = if trim { whole.iter().take_while(|&&byte| is_blank(byte)).count() } else { 0 };
            let start = single.range.start + lead;
            let range = start..start + if trim { content.len() } else { whole.len() };
            if joins_lines && memchr::memchr(b'\n', content).is_some() {
                let start = notes.scratch.len();
                join_lines(content, notes.scratch);
                return Some(Span::scratch(start, notes.scratch.len(), false));
            }
            return Some(notes.span(text, range));
        }
        let start = self.scratch.take()?;
        let whole = notes.scratch[start..].to_vec();
        let content = trimmed(&whole);
        if content.is_empty() {
            return None;
        }
        notes.scratch.truncate(start);
        if joins_lines {
            join_lines(content, notes.scratch);
        } else {
            notes.scratch.extend_from_slice(if trim { content } else { &whole });
        }
        Some(Span::scratch(start, notes.scratch.len(), false))
    }
}

/// Appends text with every line end as one line feed.
fn push_lines(text: &[u8], out: &mut Vec<u8>) {
    let mut bytes = text.iter().peekable();
    while let Some(&byte) = bytes.next() {
        if byte == b'\r' {
            bytes.next_if(|&&next| next == b'\n');
            out.push(b'\n');
        } else {
            out.push(byte);
        }
    }
}

/// Appends text with every run of blanks as one.
pub fn join_lines(text: &[u8], out: &mut Vec<u8>) {
    let words = text.split(|&byte| is_blank(byte)).filter(|word| !word.is_empty());
    for (k, word) in words.enumerate() {
        if k > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}
