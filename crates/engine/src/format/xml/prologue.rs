//! What stands before the root element: the XML declaration, and the document type with its internal subset.
//!
//! The internal subset is read for its entities, and checked in whole. Nothing outside the document is ever fetched.

mod subset;
mod tokens;

use std::collections::HashMap;

use super::chars::is_blank;
use super::entities::Entities;
use super::reader::{Stop, broken};

type Result<T> = std::result::Result<T, Stop>;

/// Parameter entities within parameter entities.
const MAX_DEPTH: usize = 8;
/// Bytes of declarations that parameter entities may come to.
const MOST_DECLARED: usize = 1 << 20;

/// Where the XML declaration at the start of `text` ends; 0 where there is none.
///
/// # Errors
/// [`Stop::Cut`] and [`Stop::Broken`].
pub fn declaration(text: &[u8], whole: bool) -> Result<usize> {
    if !text.starts_with(b"<?xml") || text.get(5).is_some_and(|&byte| !is_blank(byte)) {
        return Ok(0);
    }
    let mut subset = Subset::new(text, 5, whole);
    let mut next = 0;
    loop {
        let blank = subset.blanks();
        if subset.take(b"?>") {
            return if next == 0 { Err(broken(subset.at, "an XML declaration without a version")) } else { Ok(subset.at) };
        }
        let at = subset.at;
        let name = subset.name()?;
        let order = [&b"version"[..], b"encoding", b"standalone"].iter().position(|known| *known == name);
        let Some(order) = order.filter(|&order| blank && order >= next && (order > 0) == (next > 0)) else {
            return Err(broken(at, "an XML declaration with something else than version, encoding and standalone"));
        };
        next = order + 1;
        subset.blanks();
        subset.must(b"=")?;
        subset.blanks();
        let at = subset.at;
        let value = subset.literal()?;
        let fits = match order {
            0 => value.len() > 2 && value.starts_with(b"1.") && value[2..].iter().all(u8::is_ascii_digit),
            1 => {
                value.first().is_some_and(u8::is_ascii_alphabetic) && value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
            }
            _ => matches!(value, b"yes" | b"no"),
        };
        if !fits {
            return Err(broken(at, format!("{:?} is no {}", String::from_utf8_lossy(value), String::from_utf8_lossy(name))));
        }
    }
}

/// Where an XML declaration that is not well-formed ends: at its `?>`, at a `>`, or before another tag.
pub fn declaration_end(text: &[u8]) -> usize {
    let Some(inner) = text.get(1..) else { return text.len() };
    match memchr::memchr2(b'<', b'>', inner).map(|at| at + 1) {
        Some(at) if text[at] == b'>' => at + 1,
        Some(at) => at,
        None => text.len(),
    }
}

/// Reads a document type from behind its first word on. Its entities are added to `entities`; gives where it ends.
///
/// # Errors
/// [`Stop::Cut`], [`Stop::Broken`], and [`Stop::Bomb`] for declarations without end.
pub fn document_type(text: &[u8], at: usize, whole: bool, entities: &mut Entities) -> Result<usize> {
    let mut subset = Subset::new(text, at, whole);
    subset.must_blank()?;
    subset.name()?;
    let blank = subset.blanks();
    if blank && (subset.sees(b"SYSTEM") || subset.sees(b"PUBLIC")) {
        subset.external(false)?;
        entities.has_unread = true;
        subset.blanks();
    }
    if subset.take(b"[") {
        subset.declarations(entities)?;
        subset.must(b"]")?;
        subset.blanks();
    }
    subset.must(b">")?;
    Ok(subset.at)
}

/// Where the document type that begins at `at` ends, whatever is in it; `None`: not in `text`.
pub fn document_type_end(text: &[u8], at: usize) -> Option<usize> {
    let within = text.get(at..)?;
    let close = memchr::memchr(b'>', within)?;
    let end = match memchr::memchr(b'[', &within[..close]) {
        None => close,
        Some(open) => {
            let close = open + within[open..].windows(2).position(|pair| pair[0] == b']' && (pair[1] == b'>' || is_blank(pair[1])))?;
            close + memchr::memchr(b'>', &within[close..])?
        }
    };
    Some(at + end + 1)
}

/// The declarations of entities as settings carry them: `<!ENTITY name "text">` one after another.
pub fn declared(entities: &Entities) -> String {
    let mut texts: Vec<(&[u8], &[u8])> = entities.texts().collect();
    texts.sort_unstable();
    let mut written = String::new();
    for (name, text) in texts {
        let mut value = String::new();
        for c in String::from_utf8_lossy(text).chars() {
            match c {
                '"' | '%' | '&' => value += &format!("&#{};", u32::from(c)),
                c => value.push(c),
            }
        }
        written += &format!("<!ENTITY {} \"{value}\">", String::from_utf8_lossy(name));
    }
    written
}

/// The entities that settings carry.
///
/// # Errors
/// [`Stop::Broken`] and [`Stop::Bomb`].
pub fn from_declared(text: &str) -> Result<Entities> {
    let mut entities = Entities::default();
    let mut subset = Subset::new(text.as_bytes(), 0, true);
    subset.declarations(&mut entities)?;
    if subset.at < text.len() { Err(broken(subset.at, "no declaration of an entity")) } else { Ok(entities) }
}

struct Subset<'a> {
    text: &'a [u8],
    at: usize,
    whole: bool,
    /// Parameter entities with their texts; `None`: elsewhere.
    parameters: HashMap<Vec<u8>, Option<Vec<u8>>>,
    depth: usize,
    declared: usize,
}

impl<'a> Subset<'a> {
    fn new(text: &'a [u8], at: usize, whole: bool) -> Self {
        Self { text, at, whole, parameters: HashMap::new(), depth: 0, declared: 0 }
    }
}

#[cfg(test)]
mod tests;
