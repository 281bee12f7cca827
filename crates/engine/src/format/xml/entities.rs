//! Entities: the five of XML, those of the document's internal DTD, and character references.
//!
//! An external entity is never fetched: a reference to one cannot be resolved. What entities expand to is bounded.

use std::collections::{HashMap, HashSet};

use colonnade_protocol::{ErrorInfo, ErrorKind, Place};

use super::chars::{is_char, name_end};
use super::reader::{Stop, broken};

/// Bytes that references may expand to in one piece of a source: some four times what is read at once.
pub const MOST_EXPANDED: usize = 4 << 20;
/// Entities within entities.
const MAX_DEPTH: usize = 20;

/// What a document's DTD declares.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entities {
    declared: HashMap<Vec<u8>, Entity>,
    /// There are declarations elsewhere, which are not read.
    pub has_unread: bool,
}

/// A general entity.
#[derive(Debug, Clone, PartialEq)]
pub enum Entity {
    /// The text that stands for it, its character references resolved.
    Text(Vec<u8>),
    /// Elsewhere.
    External,
    /// Elsewhere, and no XML.
    Unparsed,
}

/// Where references are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    Content,
    Attribute,
}

impl Entities {
    /// Declares an entity, unless it is declared already.
    pub fn declare(&mut self, name: &[u8], entity: Entity) {
        self.declared.entry(name.to_vec()).or_insert(entity);
    }

    /// The declaration of an entity.
    pub fn get(&self, name: &[u8]) -> Option<&Entity> {
        self.declared.get(name)
    }

    /// Whether there are elements in an entity's text, or in those that it refers to.
    pub fn holds_elements(&self, name: &[u8]) -> bool {
        let (mut next, mut seen) = (vec![name], HashSet::new());
        while let Some(name) = next.pop() {
            let Some(Entity::Text(text)) = self.declared.get(name) else { continue };
            if !seen.insert(name) {
                continue;
            }
            if text.contains(&b'<') {
                return true;
            }
            next.extend(memchr::memchr_iter(b'&', text).map(|at| &text[at + 1..name_end(text, at + 1)]));
        }
        false
    }

    /// Those that have a text, in no order.
    pub fn texts(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.declared.iter().filter_map(|(name, entity)| match entity {
            Entity::Text(text) => Some((name.as_slice(), text.as_slice())),
            _ => None,
        })
    }

    /// Appends `raw` to `out` with its references resolved and its line ends made one kind; in attributes, blanks are
    /// spaces. `at` is where it stands, and `out` does not grow beyond `most` bytes.
    ///
    /// # Errors
    /// [`Stop::Broken`] where the grammar is; [`Stop::Markup`] for an entity with elements in it, outside attributes;
    /// [`Stop::Bomb`] beyond the bound.
    pub fn resolve(&self, raw: &[u8], at: usize, within: Within, out: &mut Vec<u8>, most: usize) -> Result<(), Stop> {
        self.append(raw, at, within, out, most, &mut Vec::new())
    }

    fn append(&self, raw: &[u8], at: usize, within: Within, out: &mut Vec<u8>, most: usize, inside: &mut Vec<Vec<u8>>) -> Result<(), Stop> {
        let mut rest = raw;
        let is_special = |byte: &u8| *byte == b'&' || *byte == b'\r' || within == Within::Attribute && matches!(*byte, b'\t' | b'\n');
        while let Some(length) = rest.iter().position(is_special) {
            out.extend_from_slice(&rest[..length]);
            let here = at + if inside.is_empty() { raw.len() - rest.len() + length } else { 0 };
            rest = &rest[length..];
            match rest {
                [b'&', ..] => {
                    let used = self.reference(rest, here, within, out, most, inside)?;
                    rest = &rest[used..];
                }
                [b'\r', b'\n', after @ ..] | [_, after @ ..] => {
                    out.push(if within == Within::Attribute { b' ' } else { b'\n' });
                    rest = after;
                }
                [] => {}
            }
            if out.len() > most {
                return Err(Stop::Bomb(at));
            }
        }
        out.extend_from_slice(rest);
        if out.len() > most && !inside.is_empty() { Err(Stop::Bomb(at)) } else { Ok(()) }
    }

    /// Resolves the reference that `text` begins with; gives its length.
    fn reference(
        &self,
        text: &[u8],
        at: usize,
        within: Within,
        out: &mut Vec<u8>,
        most: usize,
        inside: &mut Vec<Vec<u8>>,
    ) -> Result<usize, Stop> {
        if text.get(1) == Some(&b'#') {
            let (c, length) = character(text).ok_or_else(|| broken(at, "a reference to no character"))?;
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(length);
        }
        let end = name_end(text, 1);
        if end == 1 || text.get(end) != Some(&b';') {
            return Err(broken(at, "an & that begins no reference"));
        }
        let name = &text[1..end];
        if let Some(byte) = predefined(name) {
            out.push(byte);
            return Ok(end + 1);
        }
        let shown = String::from_utf8_lossy(name);
        match self.declared.get(name) {
            Some(Entity::Text(_)) if inside.iter().any(|open| open == name) => {
                return Err(broken(at, format!("the entity {shown} refers to itself")));
            }
            Some(Entity::Text(_)) if inside.len() >= MAX_DEPTH => return Err(broken(at, "entities within entities without end")),
            Some(Entity::Text(text)) if text.contains(&b'<') => {
                return Err(match within {
                    Within::Content => Stop::Markup(at),
                    Within::Attribute => broken(at, format!("the entity {shown} has a < and stands in an attribute")),
                });
            }
            Some(Entity::Text(text)) => {
                inside.push(name.to_vec());
                self.append(text, at, within, out, most, inside)?;
                inside.pop();
            }
            Some(Entity::External) => return Err(broken(at, format!("the entity {shown} is in another file, which is not fetched"))),
            Some(Entity::Unparsed) => return Err(broken(at, format!("the entity {shown} is no text"))),
            None if self.has_unread => return Err(broken(at, format!("the entity {shown} is declared elsewhere, if at all"))),
            None => return Err(broken(at, format!("the entity {shown} is not declared"))),
        }
        Ok(end + 1)
    }
}

/// The error for entities that expand without end.
pub fn bomb(place: Place) -> ErrorInfo {
    let what = format!("its entities expand to more than {} MiB", MOST_EXPANDED >> 20);
    let hint = "Such files are made to exhaust memory. Declare the entities otherwise, if this one is not.";
    ErrorInfo::new(ErrorKind::Limit, what, hint).at(place)
}

/// The character that one of XML's own entities stands for.
pub fn predefined(name: &[u8]) -> Option<u8> {
    Some(match name {
        b"lt" => b'<',
        b"gt" => b'>',
        b"amp" => b'&',
        b"quot" => b'"',
        b"apos" => b'\'',
        _ => return None,
    })
}

/// The character reference that `text` begins with (`&#233;`, `&#xE9;`), and its length. `None`: it stands for no character
/// of XML.
pub fn character(text: &[u8]) -> Option<(char, usize)> {
    let (digits, radix, start) = match text.strip_prefix(b"&#")? {
        [b'x', digits @ ..] => (digits, 16, 3),
        digits => (digits, 10, 2),
    };
    let length = digits.iter().position(|byte| !byte.is_ascii_hexdigit())?;
    if digits.get(length) != Some(&b';') {
        return None;
    }
    let digits = std::str::from_utf8(&digits[..length]).ok()?.trim_start_matches('0');
    let code = u32::from_str_radix(digits, radix).ok().filter(|&code| is_char(code))?;
    Some((char::from_u32(code)?, start + length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(entities: &Entities, text: &str, within: Within) -> Result<String, Stop> {
        let mut out = Vec::new();
        entities.resolve(text.as_bytes(), 0, within, &mut out, 1000)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn references_are_resolved_and_line_ends_made_one_kind() {
        let mut entities = Entities::default();
        entities.declare(b"co", Entity::Text(b"A&amp;B &#38; \xC3\xA9".to_vec()));
        assert_eq!(resolved(&entities, "&lt;&#65;&#x42;\r\n\r&co;!", Within::Content).unwrap(), "<AB\n\nA&B & é!");
        assert_eq!(resolved(&entities, "a\r\nb\tc", Within::Attribute).unwrap(), "a b c");
        assert_eq!(resolved(&entities, "&#10;", Within::Attribute).unwrap(), "\n");
    }

    #[test]
    fn what_cannot_be_resolved_is_told() {
        let mut entities = Entities::default();
        entities.declare(b"a", Entity::Text(b"&b;".to_vec()));
        entities.declare(b"b", Entity::Text(b"&a;".to_vec()));
        entities.declare(b"m", Entity::Text(b"<b/>".to_vec()));
        entities.declare(b"x", Entity::External);
        for text in ["&", "& ", "&x", "&nope;", "&a;", "&x;", "&#0;", "&#xD800;", "&#;", "&#x;", "&#99999999999;"] {
            assert!(matches!(resolved(&entities, text, Within::Content), Err(Stop::Broken(_))), "{text}");
        }
        assert!(matches!(resolved(&entities, "&m;", Within::Content), Err(Stop::Markup(0))));
        assert!(matches!(resolved(&entities, "&m;", Within::Attribute), Err(Stop::Broken(_))));
    }

    #[test]
    fn a_billion_laughs_end_at_the_bound() {
        let mut entities = Entities::default();
        entities.declare(b"a0", Entity::Text(b"laugh".to_vec()));
        for k in 1..10 {
            entities.declare(format!("a{k}").as_bytes(), Entity::Text(format!("&a{};", k - 1).repeat(10).into_bytes()));
        }
        assert!(matches!(resolved(&entities, "x&a9;", Within::Content), Err(Stop::Bomb(_))));
    }
}
