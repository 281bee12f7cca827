//! Start tags, and their attributes.

use std::ops::Range;

use memchr::memchr;

use super::super::chars::{illegal, is_blank, name_end, trimmed};
use super::super::reader::MAX_DEPTH;
use super::super::repair::{Kind, Repair};
use super::{Mender, trim_start};
use crate::format::faults::quoted;

impl Mender<'_> {
    pub(super) fn start(&mut self) -> Option<()> {
        let tag = self.at;
        let name = tag + 1..name_end(self.text, tag + 1);
        if name.end == self.text.len() && !self.whole {
            return None;
        }
        self.put(b"<");
        self.put(&self.text[name.clone()]);
        self.at = name.end;
        let mut names: Vec<Range<usize>> = Vec::new();
        let mut empty = false;
        loop {
            while self.text.get(self.at).is_some_and(|&byte| is_blank(byte)) {
                self.at += 1;
            }
            match self.text.get(self.at) {
                Some(b'>') => {
                    self.at += 1;
                    break;
                }
                Some(b'/') if self.text.get(self.at + 1) == Some(&b'>') => {
                    self.at += 2;
                    empty = true;
                    break;
                }
                Some(b'<') => {
                    self.note(tag, "a tag that is not closed ends before the next");
                    break;
                }
                Some(_) => self.attribute(&mut names)?,
                None if self.whole => {
                    self.note(tag, "a tag that is not closed ends with the text");
                    break;
                }
                None => return None,
            }
        }
        if empty {
            self.put(b"/>");
        } else {
            self.put(b">");
            self.open.push(name);
        }
        Some(())
    }

    /// A start tag that is left out, with all that is in its element: it stands deeper than is read.
    pub(super) fn start_beyond(&mut self) -> Option<()> {
        let (open, at) = (self.open.len(), self.at);
        self.beyond += 1;
        self.start()?;
        if self.open.len() == open {
            self.beyond -= 1;
        }
        self.open.truncate(open);
        self.mended.too_deep.get_or_insert(at);
        Some(())
    }

    fn attribute(&mut self, names: &mut Vec<Range<usize>>) -> Option<()> {
        let start = self.at;
        let end = name_end(self.text, start);
        if end == start {
            let odd = |byte: &u8| is_blank(*byte) || matches!(byte, b'>' | b'<' | b'/');
            let length = self.text[start + 1..].iter().position(odd).map_or(self.text.len() - start, |length| length + 1);
            if start + length == self.text.len() && !self.whole {
                return None;
            }
            self.note(start, format!("{} within a tag is dropped", quoted(&self.text[start..start + length])));
            self.at = start + length;
            return Some(());
        }
        self.at = end;
        while self.text.get(self.at).is_some_and(|&byte| is_blank(byte)) {
            self.at += 1;
        }
        let shown = String::from_utf8_lossy(&self.text[start..end]).into_owned();
        let value = match self.text.get(self.at) {
            None if !self.whole => return None,
            Some(b'=') => {
                self.at += 1;
                self.value(&shown)?
            }
            _ => {
                self.note(start, format!("{shown} is given a value: its name"));
                start..end
            }
        };
        if names.len() > MAX_DEPTH || names.iter().any(|other| self.text[other.clone()] == self.text[start..end]) {
            self.note(start, format!("{shown} is given twice; the first is taken"));
            return Some(());
        }
        names.push(start..end);
        self.put(b" ");
        self.put(&self.text[start..end]);
        self.put(b"=\"");
        self.references(&self.text[value.clone()], value.start, true);
        self.put(b"\"");
        Some(())
    }

    /// Where an attribute's value stands; what is next is behind it.
    fn value(&mut self, name: &str) -> Option<Range<usize>> {
        while self.text.get(self.at).is_some_and(|&byte| is_blank(byte)) {
            self.at += 1;
        }
        let start = self.at;
        if let Some(&quote @ (b'"' | b'\'')) = self.text.get(start) {
            let rest = &self.text[start + 1..];
            match memchr(quote, rest) {
                Some(length) => {
                    let behind = rest.get(length + 1);
                    let is_end = behind.is_none_or(|&byte| is_blank(byte) || matches!(byte, b'>' | b'/' | b'?'));
                    let less = memchr(b'<', &rest[..length]);
                    if less.is_none() || is_end && memchr(b'>', &rest[..length]).is_none() {
                        if less.is_some() {
                            self.note_mark(start, format!("a < in the value of {name} is text"));
                        } else if !is_end {
                            self.note(start + length + 2, "a blank is added between attributes");
                        }
                        if illegal(&rest[..length]).is_some() {
                            self.note(start, "characters that XML does not allow");
                        }
                        self.at = start + length + 2;
                        return Some(start + 1..start + 1 + length);
                    }
                }
                None if !self.whole && !rest.contains(&b'<') => return None,
                None => {}
            }
        }
        let end = self.unquoted_end(start)?;
        self.at = end;
        let lead = self.text[start..end].len() - trim_start(&self.text[start..end]).len();
        let value = start + lead..start + lead + trimmed(&self.text[start..end]).len();
        let value = match self.text[value.clone()] {
            [b'"' | b'\'', ..] => value.start + 1..value.end,
            _ => value,
        };
        let what = format!("quotes around the value of {name}, {}", quoted(&self.text[value.clone()])).into();
        let fault = "an attribute's value that is not in quotes".into();
        self.repaired(Repair { kind: Kind::Quotes, at: start, what, fault, times: 1 });
        Some(value)
    }

    /// Where a value without quotes ends: before the tag's end, or the blanks before the next `name=`.
    fn unquoted_end(&self, start: usize) -> Option<usize> {
        let mut at = start;
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'>' | b'<' => return Some(at),
                b'/' if self.text.get(at + 1) == Some(&b'>') => return Some(at),
                _ if is_blank(byte) => {
                    let name = at + self.text[at..].iter().take_while(|&&byte| is_blank(byte)).count();
                    let end = name_end(self.text, name);
                    let equals = end + self.text[end..].iter().take_while(|&&byte| is_blank(byte)).count();
                    if end > name && self.text.get(equals) == Some(&b'=') {
                        return Some(at);
                    }
                    at = name.max(at + 1);
                }
                _ => at += 1,
            }
        }
        self.whole.then_some(self.text.len())
    }
}
