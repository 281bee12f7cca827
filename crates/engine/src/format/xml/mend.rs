//! XML that is not well-formed, made so: the most likely meaning of what stands there, with a list of what was changed.
//!
//! * A value that is not in quotes runs up to the next ` name=` or the end of its tag.
//! * An end tag closes the elements within its own that are still open; one that closes nothing is dropped. An element that
//!   has none of its own elsewhere ends before the next field of the record.
//! * A `<` that begins no tag, an `&` that begins no reference and an entity that nobody declares are text.
//! * A record ends where the next one begins, or where an element around it does.
//!
//! What comes out is read by the strict [reader](super::reader), like any other text.

use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::chars::{begins_name, illegal, is_blank, name_end, trimmed};
use super::entities::{Entities, Entity, MOST_EXPANDED, character, predefined};
use super::prologue::document_type_end;
use super::reader::{Event, MAX_DEPTH, Reader};
use crate::format::faults::quoted;

/// Repairs that are told one by one.
const MOST_TOLD: usize = 20;
/// Entities within entities.
const MAX_EXPANSIONS: usize = 20;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Where in the source's text.
    pub at: usize,
    pub what: String,
}

/// A piece of a text, mended.
#[derive(Debug, Default)]
pub struct Mended {
    /// Well-formed, but for depth and for what entities hold.
    pub xml: Vec<u8>,
    pub repairs: Vec<Repair>,
    /// Where the piece ends in the source's text.
    pub end: usize,
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
    mended: Mended,
    /// Entities that were looked at: whether there are elements in them.
    elements: HashMap<Vec<u8>, bool>,
}

impl<'a> Mender<'a> {
    fn new(text: &'a [u8], at: usize, whole: bool, entities: &'a Entities, around: Around<'a>) -> Self {
        Self { text, at, whole, entities, around, open: Vec::new(), mended: Mended::default(), elements: HashMap::new() }
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
                    if is_next || self.open.len() >= MAX_DEPTH {
                        self.close_down_to(0);
                        true
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

    fn note(&mut self, at: usize, what: impl Into<String>) {
        match self.mended.repairs.len() {
            0..MOST_TOLD => self.mended.repairs.push(Repair { at, what: what.into() }),
            MOST_TOLD => self.mended.repairs.push(Repair { at, what: "and more".to_owned() }),
            _ => {}
        }
    }

    fn put(&mut self, text: &[u8]) {
        self.mended.xml.extend_from_slice(text);
    }

    fn stray(&mut self, what: &str) {
        self.note(self.at, what);
        self.put(b"&lt;");
        self.at += 1;
    }

    /// Comments and instructions, which are passed, and CDATA.
    fn mark(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
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
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else { break };
            let name = &self.text[open];
            self.note(self.at, format!("</{}> added", String::from_utf8_lossy(name)));
            self.put_end(name);
        }
    }

    fn start(&mut self) -> Option<()> {
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
                            self.note(start, format!("a < in the value of {name} is text"));
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
        self.note(start, format!("quotes around the value of {name}, {}", quoted(&self.text[value.clone()])));
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

    /// Puts text whose references are all good.
    fn references(&mut self, raw: &[u8], at: usize, attribute: bool) {
        let special = |byte: &u8| matches!(byte, b'&' | b'<' | b'"') || *byte == b'>' && !attribute;
        let mut rest = raw;
        while let Some(length) = rest.iter().position(special) {
            self.put(&rest[..length]);
            let here = at + raw.len() - rest.len() + length;
            rest = &rest[length..];
            let used = match rest[0] {
                b'&' => self.reference(rest, here, attribute),
                b'<' => {
                    self.put(b"&lt;");
                    1
                }
                b'"' => {
                    self.put(if attribute { b"&quot;" } else { b"\"" });
                    1
                }
                _ => {
                    if raw[..raw.len() - rest.len()].ends_with(b"]]") {
                        self.note(here, "]]> outside of CDATA is text");
                    }
                    self.put(b"&gt;");
                    1
                }
            };
            rest = &rest[used..];
        }
        self.put(rest);
    }

    fn reference(&mut self, text: &[u8], at: usize, attribute: bool) -> usize {
        if let Some((_, length)) = character(text) {
            self.put(&text[..length]);
            return length;
        }
        let end = name_end(text, 1);
        let is_reference = end > 1 && text.get(end) == Some(&b';');
        let name = &text[1..end];
        if is_reference {
            let markup = self.holds_elements(name);
            match self.entities.get(name) {
                _ if predefined(name).is_some() => {
                    self.put(&text[..=end]);
                    return end + 1;
                }
                Some(entity) if markup && !attribute => {
                    if !is_balanced(entity) {
                        self.note(at, format!("the entity {} holds parts of elements", String::from_utf8_lossy(name)));
                    }
                    self.expand(name, 0);
                    return end + 1;
                }
                Some(Entity::Text(_)) if !markup => {
                    self.put(&text[..=end]);
                    return end + 1;
                }
                _ => {}
            }
        }
        let what = match is_reference {
            true => format!("the entity {} cannot be resolved and is kept as text", String::from_utf8_lossy(name)),
            false => "an & that begins no reference is text".to_owned(),
        };
        self.note(at, what);
        self.put(b"&amp;");
        1
    }

    /// Whether there are elements in an entity, or in those that it refers to.
    fn holds_elements(&mut self, name: &[u8]) -> bool {
        if let Some(&known) = self.elements.get(name) {
            return known;
        }
        let holds = self.entities.holds_elements(name);
        self.elements.insert(name.to_vec(), holds);
        holds
    }

    /// Puts the text of an entity with elements in it; other references within stay.
    fn expand(&mut self, name: &[u8], depth: usize) {
        let entities = self.entities;
        let Some(Entity::Text(text)) = entities.get(name) else { return };
        if depth > MAX_EXPANSIONS || self.mended.xml.len() + text.len() > self.text.len() + MOST_EXPANDED {
            self.mended.bomb = true;
        }
        let mut rest = text.as_slice();
        while let Some(length) = memchr(b'&', rest) {
            if self.mended.bomb {
                return;
            }
            self.put(&rest[..length]);
            rest = &rest[length..];
            let end = name_end(rest, 1);
            let inner = &rest[1..end];
            if rest.get(end) == Some(&b';') && self.holds_elements(inner) {
                self.expand(inner, depth + 1);
                rest = &rest[end + 1..];
            } else {
                self.put(b"&");
                rest = &rest[1..];
            }
        }
        self.put(rest);
    }
}

/// Whether all elements of an entity begin and end in it.
fn is_balanced(entity: &Entity) -> bool {
    let Entity::Text(text) = entity else { return true };
    let mut reader = Reader::new(text, 0, true);
    loop {
        match reader.next() {
            Ok(Event::Start(_)) => while let Ok(Some(_)) = reader.attribute() {},
            Ok(Event::End | Event::Text(_)) => {}
            Ok(Event::Eof) => return reader.depth() == 0,
            Ok(Event::Doctype) | Err(_) => return false,
        }
    }
}

fn trim_start(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|&&byte| is_blank(byte)).count()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str, row: Option<&str>, outer: &[&str]) -> (String, Vec<String>, usize) {
        let outer: Vec<Vec<u8>> = outer.iter().map(|name| name.as_bytes().to_vec()).collect();
        let around = Around { row: row.map(str::as_bytes), outer: &outer, fields: None };
        let mended = element(text.as_bytes(), 0, true, &Entities::default(), around).unwrap();
        (String::from_utf8(mended.xml).unwrap(), mended.repairs.into_iter().map(|repair| repair.what).collect(), mended.end)
    }

    #[test]
    fn what_is_well_formed_stays_as_it_is() {
        let text = "<a b=\"x\"><c>&lt;t&#65;</c><d/><![CDATA[<&]]></a>";
        assert_eq!(mended(text, Some("a"), &[]), (text.to_owned(), Vec::new(), text.len()));
    }

    #[test]
    fn values_get_their_quotes() {
        for (text, expected) in [
            ("<log date=May 01, 2021>x</log>", "<log date=\"May 01, 2021\">x</log>"),
            ("<a b=1 c='2' d=x y z e=3/>", "<a b=\"1\" c=\"2\" d=\"x y z\" e=\"3\"/>"),
            ("<a b = \"1\"c=2 d='3' checked>t</a>", "<a b=\"1\" c=\"2\" d=\"3\" checked=\"checked\">t</a>"),
            ("<a b=1 b=2/>", "<a b=\"1\"/>"),
            ("<a b=\"1>t</a>", "<a b=\"1\">t</a>"),
            ("<a b=\"x < y\">t</a>", "<a b=\"x &lt; y\">t</a>"),
        ] {
            let (xml, repairs, _) = mended(text, None, &[]);
            assert_eq!(xml, expected);
            assert!(!repairs.is_empty());
        }
        assert_eq!(mended("<a b=May 01, 2021/>", None, &[]).1, ["quotes around the value of b, \"May 01, 2021\""]);
    }

    #[test]
    fn end_tags_are_added_where_they_belong() {
        assert_eq!(mended("<a><b>x<c>y</b></a>", None, &[]).0, "<a><b>x<c>y</c></b></a>");
        assert_eq!(mended("<r><x>1</x><r><x>2</x></r>", Some("r"), &[]).0, "<r><x>1</x></r>");
        assert_eq!(mended("<r><x>1</x></log>", Some("r"), &["log"]), ("<r><x>1</x></r>".to_owned(), vec!["</r> added".to_owned()], 11));
        assert_eq!(mended("<r></y><x>1</x>", Some("r"), &[]).0, "<r><x>1</x></r>");
        assert_eq!(mended("<r><x", Some("r"), &[]).0, "<r><x></x></r>");
    }

    #[test]
    fn an_element_that_has_none_ends_before_the_next_field() {
        let fields =
            Fields { elements: [("a", false), ("b", false), ("c", true)].map(|(name, has)| (name.as_bytes().to_vec(), has)).into() };
        let around = Around { fields: Some(&fields), ..Around::default() };
        for (text, expected) in [
            ("<r><a>1<b>2</b></r>", "<r><a>1</a><b>2</b></r>"),
            ("<r><a>1<i>2</i></a><b>x</r>", "<r><a>1<i>2</i></a><b>x</b></r>"),
            ("<r><c>1<b>2</b></r>", "<r><c>1<b>2</b></c></r>"),
        ] {
            let mended = element(text.as_bytes(), 0, true, &Entities::default(), around).unwrap();
            assert_eq!(String::from_utf8(mended.xml).unwrap(), expected);
        }
    }

    #[test]
    fn stray_marks_are_text() {
        assert_eq!(
            mended("<a>1 < 2 & 3 &nope; &#0; ]]> <></a>", None, &[]).0,
            "<a>1 &lt; 2 &amp; 3 &amp;nope; &amp;#0; ]]&gt; &lt;&gt;</a>"
        );
        assert_eq!(mended("<a><!-- x -- y --><!-- never</a>", None, &[]).0, "<a>&lt;!-- never</a>");
    }

    #[test]
    fn entities_with_elements_are_put_in_their_place() {
        let mut entities = Entities::default();
        entities.declare(b"e", Entity::Text(b"<b>&f;</b>".to_vec()));
        entities.declare(b"f", Entity::Text(b"<c/>&amp;".to_vec()));
        let mended = element(b"<a>&e;</a>", 0, true, &entities, Around::default()).unwrap();
        assert_eq!((mended.xml.as_slice(), mended.repairs.len()), (&b"<a><b><c/>&amp;</b></a>"[..], 0));
        entities.declare(b"x", Entity::Text(b"<b/>&x;&x;".to_vec()));
        assert!(element(b"<a>&x;</a>", 0, true, &entities, Around::default()).unwrap().bomb);
    }

    #[test]
    fn a_record_that_goes_on_beyond_the_text_waits_for_more() {
        let text = b"<a b=1><c>x</c></a>";
        for end in 1..text.len() {
            assert!(element(&text[..end], 0, false, &Entities::default(), Around::default()).is_none(), "{end}");
        }
    }
}
