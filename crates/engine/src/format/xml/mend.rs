//! XML that is not well-formed, made so: the most likely meaning of what stands there, with a list of what was changed.
//!
//! * A value that is not in quotes runs up to the next ` name=` or the end of its tag.
//! * An end tag closes the elements within its own that are still open; one that closes nothing is dropped. An element that
//!   has none of its own elsewhere ends before the next field of the record.
//! * A `<` that begins no tag, an `&` that begins no reference and an entity that nobody declares are text.
//! * A record ends where the next one begins, or where an element around it does.
//!
//! What comes out is read by the strict [reader](super::reader), like any other text.

mod references;
mod tags;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::chars::{begins_name, illegal, is_blank, name_end, trimmed};
use super::entities::Entities;
use super::prologue::{declaration_end, document_type_end};
use super::reader::MAX_DEPTH;
use super::repair::{KINDS, Kind, Repair};

/// Repairs of a kind that are told one by one.
const MOST_TOLD: u64 = 10;
/// Entities within entities.
const MAX_EXPANSIONS: usize = 20;

/// A piece of a text, mended.
#[derive(Debug, Default)]
pub struct Mended {
    /// Well-formed, but for depth and for what entities hold.
    pub xml: Vec<u8>,
    pub repairs: Vec<Repair>,
    /// Of which there are so many, by kind.
    pub counts: [u64; KINDS],
    /// Where the piece ends in the source's text.
    pub end: usize,
    /// Where elements nest deeper than is read, first: those are left out.
    pub too_deep: Option<usize>,
    /// Entities expand beyond all bounds.
    pub bomb: bool,
    /// The start tag that was mended alone is an end too.
    pub empty: bool,
}

/// What is known around a record.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The record's name, where records do not nest.
    pub row: Option<&'a [u8]>,
    /// Names of the elements around it.
    pub outer: &'a [Vec<u8>],
    pub fields: Option<&'a Fields>,
}

/// What records have in them, told by those that are well-formed.
#[derive(Debug, Default)]
pub struct Fields {
    /// Names of the elements right within them: whether such an element has elements of its own.
    pub elements: HashMap<Vec<u8>, bool>,
}

impl Fields {
    /// Whether `name` within the element `open` of a record means that `open` is to end before it.
    fn ends(&self, open: &[u8], name: &[u8]) -> bool {
        self.elements.get(open) == Some(&false) && self.elements.contains_key(name)
    }
}

/// Mends the element whose start tag is at `at`. `None`: its end is not in `text`, and the source goes on.
pub fn element(text: &[u8], at: usize, whole: bool, entities: &Entities, around: Around<'_>) -> Option<Mended> {
    let mut mender = Mender::new(text, at, whole, entities, around);
    mender.run(false)?;
    Some(mender.mended)
}

/// Mends all of a text, which may hold several elements and ends anywhere.
pub fn document(text: &[u8], entities: &Entities) -> Mended {
    let mut mender = Mender::new(text, 0, true, entities, Around::default());
    // Everything is in the text.
    let _ = mender.run(true);
    mender.mended
}

/// Mends the start tag at `at` alone. `None`: its end is not in `text`, and the source goes on.
pub fn start_tag(text: &[u8], at: usize, whole: bool, entities: &Entities) -> Option<Mended> {
    let mut mender = Mender::new(text, at, whole, entities, Around::default());
    mender.start()?;
    mender.mended.empty = mender.open.is_empty();
    mender.mended.end = mender.at;
    Some(mender.mended)
}

struct Mender<'a> {
    text: &'a [u8],
    at: usize,
    whole: bool,
    entities: &'a Entities,
    around: Around<'a>,
    open: Vec<Range<usize>>,
    /// Elements that are open within the deepest one that is read.
    beyond: usize,
    mended: Mended,
    /// Entities that were looked at: whether there are elements in them.
    elements: HashMap<Vec<u8>, bool>,
}

impl<'a> Mender<'a> {
    fn new(text: &'a [u8], at: usize, whole: bool, entities: &'a Entities, around: Around<'a>) -> Self {
        Self { text, at, whole, entities, around, open: Vec::new(), beyond: 0, mended: Mended::default(), elements: HashMap::new() }
    }

    /// Goes on to the end of the first element, or of the text.
    fn run(&mut self, all: bool) -> Option<()> {
        loop {
            if self.at >= self.text.len() || self.mended.bomb {
                if !self.whole && !self.mended.bomb {
                    return None;
                }
                if self.mended.bomb {
                    self.at = self.text.len();
                }
                self.close_down_to(0);
                break;
            }
            let is_over = match self.text[self.at..] {
                [b'<', b'/', ..] => self.end_tag()?,
                [b'<', b'!' | b'?', ..] => {
                    self.mark()?;
                    false
                }
                [b'<', next, ..] if begins_name(next) && name_end(self.text, self.at + 1) > self.at + 1 => {
                    let name = &self.text[self.at + 1..name_end(self.text, self.at + 1)];
                    let is_next = !self.open.is_empty() && Some(name) == self.around.row;
                    if let ([_, field], Some(fields)) = (&self.open[..], self.around.fields)
                        && fields.ends(&self.text[field.clone()], name)
                    {
                        self.close_down_to(1);
                    }
                    if is_next {
                        if let Some(end) = self.end_without_slash(name) {
                            self.note(self.at, format!("<{}> ends what it names", String::from_utf8_lossy(name)));
                            self.close_down_to(1);
                            self.open.pop();
                            self.put_end(name);
                            self.at = end;
                        }
                        self.close_down_to(0);
                        true
                    } else if self.open.len() >= MAX_DEPTH {
                        self.start_beyond()?;
                        false
                    } else {
                        self.start()?;
                        self.open.is_empty()
                    }
                }
                [b'<'] if !self.whole => return None,
                [b'<', ..] => {
                    self.stray("a < that begins no tag is text");
                    false
                }
                _ => {
                    self.characters()?;
                    false
                }
            };
            if is_over && !all {
                break;
            }
        }
        self.mended.end = self.at;
        Some(())
    }

    fn note(&mut self, at: usize, what: impl Into<Cow<'static, str>>) {
        self.repaired(Repair::other(at, what));
    }

    fn note_mark(&mut self, at: usize, what: impl Into<Cow<'static, str>>) {
        self.repaired(Repair { kind: Kind::Marks, ..Repair::other(at, what) });
    }

    /// Tells of a repair: the first of a kind one by one.
    fn repaired(&mut self, repair: Repair) {
        let count = &mut self.mended.counts[repair.kind as usize];
        *count += 1;
        if *count <= MOST_TOLD {
            self.mended.repairs.push(repair);
        } else if let Some(last) = self.mended.repairs.iter_mut().rfind(|last| last.kind == repair.kind) {
            last.times += 1;
        }
    }

    /// Within what is left out, nothing is put.
    fn put(&mut self, text: &[u8]) {
        if self.beyond == 0 {
            self.mended.xml.extend_from_slice(text);
        }
    }

    fn stray(&mut self, what: &'static str) {
        self.note_mark(self.at, what);
        self.put(b"&lt;");
        self.at += 1;
    }

    /// Comments and instructions, which are passed, and CDATA.
    fn mark(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        if rest.starts_with(b"<?xml") && rest.get(5).is_some_and(|&byte| is_blank(byte)) && self.whole {
            let length = declaration_end(rest);
            if !rest[..length].ends_with(b"?>") {
                self.note(self.at, "the XML declaration is never closed");
            }
            self.at += length;
            return Some(());
        }
        let (open, close): (&[u8], &[u8]) = if rest.starts_with(b"<!--") {
            (b"<!--", b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            (b"<![CDATA[", b"]]>")
        } else if rest.starts_with(b"<?") {
            (b"<?", b"?>")
        } else if rest.starts_with(b"<!DOCTYPE") {
            return match document_type_end(self.text, self.at) {
                Some(end) => {
                    if !self.open.is_empty() {
                        self.note(self.at, "a document type within an element is dropped");
                    }
                    self.at = end;
                    Some(())
                }
                None if self.whole => {
                    self.stray("a < that begins no tag is text");
                    Some(())
                }
                None => None,
            };
        } else if !self.whole && rest.len() < 9 {
            return None;
        } else {
            self.stray("a < that begins no tag is text");
            return Some(());
        };
        let Some(length) = memmem::find(&rest[open.len()..], close) else {
            if !self.whole {
                return None;
            }
            self.stray("a mark that is never closed is text");
            return Some(());
        };
        let within = &rest[open.len()..open.len() + length];
        match open {
            b"<![CDATA[" => self.put(&rest[..open.len() + length + close.len()]),
            b"<!--" if memmem::find(within, b"--").is_some() || within.ends_with(b"-") => {
                self.note(self.at, "a comment with -- within");
            }
            b"<?" if name_end(rest, 2) == 2 => self.note(self.at, "a processing instruction without a name is dropped"),
            b"<?" if rest[2..name_end(rest, 2)].eq_ignore_ascii_case(b"xml") && self.at > 0 => {
                self.note(self.at, "an XML declaration that is not at the start is dropped");
            }
            _ => {}
        }
        if illegal(within).is_some() {
            self.note(self.at, "characters that XML does not allow");
        }
        self.at += open.len() + length + close.len();
        Some(())
    }

    fn characters(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let length = match memchr(b'<', rest) {
            Some(length) => length,
            None if self.whole => rest.len(),
            None => return None,
        };
        let (at, raw) = (self.at, &rest[..length]);
        if illegal(raw).is_some() {
            self.note(at, "characters that XML does not allow");
        }
        self.references(raw, at, false);
        self.at += length;
        Some(())
    }

    /// Where the bare start tag of a record within it ends, if the next record begins behind it: it is an end tag without its slash.
    fn end_without_slash(&self, name: &[u8]) -> Option<usize> {
        let rest = self.text.get(self.at + 1 + name.len()..)?.strip_prefix(b">")?;
        let next = rest.iter().position(|&byte| !is_blank(byte))?;
        let after = rest[next..].strip_prefix(b"<")?.strip_prefix(name)?;
        let is_record = after.first().is_some_and(|&byte| is_blank(byte) || matches!(byte, b'>' | b'/'));
        is_record.then_some(self.text.len() - rest.len())
    }

    /// Gives true where the element that was asked for ends.
    fn end_tag(&mut self) -> Option<bool> {
        let start = self.at + 2;
        let end = name_end(self.text, start);
        let Some(length) = self.text[end..].iter().position(|&byte| matches!(byte, b'>' | b'<')) else {
            if !self.whole {
                return None;
            }
            self.note(self.at, "an end tag that is cut is dropped");
            self.at = self.text.len();
            return Some(false);
        };
        let (name, tag) = (&self.text[start..end], self.at);
        let is_closed = self.text[end + length] == b'>';
        let next = end + length + usize::from(is_closed);
        let is_open = || self.open.iter().rev().any(|open| &self.text[open.clone()] == name);
        if self.beyond > 0 && (!self.around.outer.iter().any(|outer| outer == name) || is_open()) {
            self.beyond -= 1;
            self.at = next;
            return Some(false);
        }
        let shown = String::from_utf8_lossy(name);
        match self.open.iter().rposition(|open| &self.text[open.clone()] == name) {
            Some(depth) => {
                self.close_down_to(depth + 1);
                if !trimmed(&self.text[end..end + length]).is_empty() || !is_closed {
                    self.note(tag, format!("</{shown}> closed properly"));
                }
                self.open.pop();
                self.put_end(name);
                self.at = next;
                Some(self.open.is_empty())
            }
            None if self.around.outer.iter().any(|outer| outer == name) && !self.open.is_empty() => {
                self.close_down_to(0);
                Some(true)
            }
            None => {
                self.note(tag, format!("</{shown}>, which closes nothing, is dropped"));
                self.at = next;
                Some(false)
            }
        }
    }

    fn put_end(&mut self, name: &[u8]) {
        self.put(b"</");
        self.put(name);
        self.put(b">");
    }

    fn close_down_to(&mut self, depth: usize) {
        self.beyond = 0;
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else { break };
            let name = &self.text[open];
            self.repaired(Repair::end_tag(self.at, name));
            self.put_end(name);
        }
    }
}

fn trim_start(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|&&byte| is_blank(byte)).count()..]
}

#[cfg(test)]
mod tests;
