//! References to characters and entities.

use super::super::chars::name_end;
use super::super::entities::{Entity, MOST_EXPANDED, character, predefined};
use super::super::reader::{Event, Reader};
use memchr::memchr;

use super::{MAX_EXPANSIONS, Mender};

impl Mender<'_> {
    /// Puts text whose references are all good.
    pub(super) fn references(&mut self, raw: &[u8], at: usize, attribute: bool) {
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
                        self.note_mark(here, "]]> outside of CDATA is text");
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
        self.note_mark(at, what);
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
