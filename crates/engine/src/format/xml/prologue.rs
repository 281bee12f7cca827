//! What stands before the root element: the XML declaration, and the document type with its internal subset.
//!
//! The internal subset is read for its entities, and checked in whole. Nothing outside the document is ever fetched.

use std::collections::HashMap;

use super::chars::{illegal, is_blank, name_end};
use super::entities::{Entities, Entity, character};
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

    fn declarations(&mut self, entities: &mut Entities) -> Result<()> {
        loop {
            self.blanks();
            if self.sees(b"%") {
                self.parameter(entities)?;
            } else if self.take(b"<!--") {
                self.until(b"--")?;
                self.must(b">")?;
            } else if self.take(b"<?") {
                self.instruction()?;
            } else if self.take(b"<!ELEMENT") {
                self.element()?;
            } else if self.take(b"<!ATTLIST") {
                self.attributes(entities)?;
            } else if self.take(b"<!ENTITY") {
                self.entity(entities)?;
            } else if self.take(b"<!NOTATION") {
                self.must_blank()?;
                self.name()?;
                self.must_blank()?;
                self.external(true)?;
                self.close()?;
            } else if self.sees(b"<") && self.text.len() - self.at >= 10 {
                return Err(broken(self.at, "no declaration begins here"));
            } else if self.sees(b"<") || self.at == self.text.len() && self.depth == 0 && !self.whole {
                return Err(self.cut("the text ends within a document type"));
            } else {
                return Ok(());
            }
        }
    }

    /// `%name;` between declarations.
    fn parameter(&mut self, entities: &mut Entities) -> Result<()> {
        let at = self.at;
        self.at += 1;
        let name = self.name()?.to_vec();
        self.must(b";")?;
        match self.parameters.get(&name) {
            Some(Some(text)) => {
                self.declared += text.len();
                if self.depth >= MAX_DEPTH || self.declared > MOST_DECLARED {
                    return Err(Stop::Bomb(at));
                }
                let text = text.clone();
                let parameters = std::mem::take(&mut self.parameters);
                let mut inner = Subset { text: &text, at: 0, whole: true, parameters, depth: self.depth + 1, declared: self.declared };
                let result = inner.declarations(entities);
                let is_whole = inner.at == text.len();
                (self.parameters, self.declared) = (inner.parameters, inner.declared);
                match result {
                    Err(Stop::Broken(error)) => Err(broken(at, error.what)),
                    Err(other) => Err(other),
                    Ok(()) if !is_whole => Err(broken(at, "a parameter entity that is no declarations")),
                    Ok(()) => Ok(()),
                }
            }
            _ => {
                entities.has_unread = true;
                Ok(())
            }
        }
    }

    fn instruction(&mut self) -> Result<()> {
        let at = self.at;
        let name = self.name()?;
        if name.eq_ignore_ascii_case(b"xml") {
            return Err(broken(at, "an XML declaration that is not at the start"));
        }
        if !self.take(b"?>") {
            self.must_blank()?;
            self.until(b"?>")?;
        }
        Ok(())
    }

    fn element(&mut self) -> Result<()> {
        self.must_blank()?;
        self.name()?;
        self.must_blank()?;
        if self.take(b"EMPTY") || self.take(b"ANY") {
            return self.close();
        }
        let before = self.at;
        self.must(b"(")?;
        self.blanks();
        if self.take(b"#PCDATA") {
            let mut names = false;
            loop {
                self.blanks();
                if self.take(b")") {
                    if names {
                        self.must(b"*")?;
                    } else {
                        self.take(b"*");
                    }
                    return self.close();
                }
                self.must(b"|")?;
                self.blanks();
                self.name()?;
                names = true;
            }
        }
        self.at = before;
        self.children()?;
        self.close()
    }

    /// Groups of names, each with one kind of separator.
    fn children(&mut self) -> Result<()> {
        let mut open: Vec<Option<u8>> = Vec::new();
        loop {
            self.blanks();
            if self.take(b"(") {
                open.push(None);
                continue;
            }
            self.name()?;
            self.occurrence();
            loop {
                self.blanks();
                let Some(&byte) = self.text.get(self.at) else { return Err(self.cut("the text ends within a document type")) };
                match (byte, open.last_mut()) {
                    (b')', Some(_)) => {
                        self.at += 1;
                        open.pop();
                        self.occurrence();
                        if open.is_empty() {
                            return Ok(());
                        }
                    }
                    (b'|' | b',', Some(separator)) if separator.is_none_or(|known| known == byte) => {
                        *separator = Some(byte);
                        self.at += 1;
                        break;
                    }
                    _ => return Err(broken(self.at, "no content model")),
                }
            }
        }
    }

    fn occurrence(&mut self) {
        if self.text.get(self.at).is_some_and(|byte| b"?*+".contains(byte)) {
            self.at += 1;
        }
    }

    fn attributes(&mut self, entities: &Entities) -> Result<()> {
        self.must_blank()?;
        self.name()?;
        loop {
            let blank = self.blanks();
            if self.take(b">") {
                return Ok(());
            }
            if !blank {
                return Err(self.unexpected("a blank"));
            }
            self.name()?;
            self.must_blank()?;
            self.attribute_type()?;
            self.must_blank()?;
            if self.take(b"#REQUIRED") || self.take(b"#IMPLIED") {
                continue;
            }
            if self.take(b"#FIXED") {
                self.must_blank()?;
            }
            let at = self.at + 1;
            let value = self.literal()?;
            if value.contains(&b'<') {
                return Err(broken(at, "a < in an attribute's value"));
            }
            entities.resolve(value, at, super::entities::Within::Attribute, &mut Vec::new(), MOST_DECLARED)?;
        }
    }

    fn attribute_type(&mut self) -> Result<()> {
        if self.take(b"NOTATION") {
            self.must_blank()?;
            return self.choices(true);
        }
        if self.sees(b"(") {
            return self.choices(false);
        }
        let at = self.at;
        match self.name()? {
            b"CDATA" | b"ID" | b"IDREF" | b"IDREFS" | b"ENTITY" | b"ENTITIES" | b"NMTOKEN" | b"NMTOKENS" => Ok(()),
            _ => Err(broken(at, "no type of an attribute")),
        }
    }

    fn choices(&mut self, names: bool) -> Result<()> {
        self.must(b"(")?;
        loop {
            self.blanks();
            if names {
                self.name()?;
            } else {
                self.token()?;
            }
            self.blanks();
            if self.take(b")") {
                return Ok(());
            }
            self.must(b"|")?;
        }
    }

    fn entity(&mut self, entities: &mut Entities) -> Result<()> {
        self.must_blank()?;
        let is_parameter = self.take(b"%");
        if is_parameter {
            self.must_blank()?;
        }
        let name = self.name()?;
        self.must_blank()?;
        if self.sees(b"SYSTEM") || self.sees(b"PUBLIC") {
            self.external(false)?;
            let blank = self.blanks();
            if is_parameter {
                self.parameters.entry(name.to_vec()).or_insert(None);
                return self.close();
            }
            let unparsed = blank && self.take(b"NDATA");
            if unparsed {
                self.must_blank()?;
                self.name()?;
            }
            entities.declare(name, if unparsed { Entity::Unparsed } else { Entity::External });
            return self.close();
        }
        let at = self.at + 1;
        let text = entity_text(self.literal()?, at)?;
        if is_parameter {
            self.parameters.entry(name.to_vec()).or_insert(Some(text));
        } else {
            entities.declare(name, Entity::Text(text));
        }
        self.close()
    }

    /// `SYSTEM "..."` or `PUBLIC "..." "..."`; in notations the last may be missing.
    fn external(&mut self, is_notation: bool) -> Result<()> {
        if self.take(b"SYSTEM") {
            self.must_blank()?;
            self.literal()?;
            return Ok(());
        }
        self.must(b"PUBLIC")?;
        self.must_blank()?;
        let at = self.at + 1;
        let id = self.literal()?;
        let is_public = |byte: &u8| byte.is_ascii_alphanumeric() || b" \r\n-'()+,./:=?;!*#@$_%".contains(byte);
        if let Some(odd) = id.iter().position(|byte| !is_public(byte)) {
            return Err(broken(at + odd, "a character that a public identifier does not have"));
        }
        let blank = self.blanks();
        if is_notation && self.sees(b">") {
            return Ok(());
        }
        if !blank {
            return Err(self.unexpected("a blank"));
        }
        self.literal()?;
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        self.blanks();
        self.must(b">")
    }

    fn literal(&mut self) -> Result<&'a [u8]> {
        let quote = match self.text.get(self.at) {
            Some(&quote @ (b'"' | b'\'')) => quote,
            _ => return Err(self.unexpected("a text in quotes")),
        };
        let start = self.at + 1;
        let Some(length) = memchr::memchr(quote, &self.text[start..]) else { return Err(self.cut("a text in quotes is never closed")) };
        self.at = start + length + 1;
        let value = &self.text[start..start + length];
        illegal(value).map_or(Ok(value), |at| Err(broken(start + at, "a character that XML does not allow")))
    }

    fn until(&mut self, end: &[u8]) -> Result<()> {
        let Some(length) = memchr::memmem::find(&self.text[self.at..], end) else {
            return Err(self.cut("the text ends within a document type"));
        };
        if let Some(odd) = illegal(&self.text[self.at..self.at + length]) {
            return Err(broken(self.at + odd, "a character that XML does not allow"));
        }
        self.at += length + end.len();
        Ok(())
    }

    fn name(&mut self) -> Result<&'a [u8]> {
        let end = name_end(self.text, self.at);
        if end == self.text.len() && !self.whole {
            return Err(Stop::Cut);
        }
        if end == self.at {
            return Err(self.unexpected("a name"));
        }
        let name = &self.text[self.at..end];
        self.at = end;
        Ok(name)
    }

    /// A name that may begin with any of a name's characters.
    fn token(&mut self) -> Result<()> {
        let rest = &self.text[self.at..];
        let start = rest.iter().take_while(|byte| byte.is_ascii_digit() || b".-".contains(byte)).count();
        let end = name_end(self.text, self.at + start);
        if end == self.at {
            return Err(self.unexpected("a name token"));
        }
        self.at = end;
        Ok(())
    }

    fn blanks(&mut self) -> bool {
        let from = self.at;
        while self.text.get(self.at).is_some_and(|&byte| is_blank(byte)) {
            self.at += 1;
        }
        self.at > from
    }

    fn must_blank(&mut self) -> Result<()> {
        if self.blanks() { Ok(()) } else { Err(self.unexpected("a blank")) }
    }

    fn sees(&self, what: &[u8]) -> bool {
        self.text[self.at..].starts_with(what)
    }

    fn take(&mut self, what: &[u8]) -> bool {
        let found = self.sees(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn must(&mut self, what: &'static [u8]) -> Result<()> {
        if self.take(what) { Ok(()) } else { Err(self.unexpected(std::str::from_utf8(what).unwrap_or_default())) }
    }

    fn unexpected(&self, expected: &str) -> Stop {
        let rest = self.text.len() - self.at;
        if rest < 10 && !self.whole {
            return Stop::Cut;
        }
        broken(self.at, format!("no {expected} where one is expected"))
    }

    fn cut(&self, what: &'static str) -> Stop {
        if self.whole { broken(self.text.len(), what) } else { Stop::Cut }
    }
}

/// The text of an entity's declaration: character references are resolved, others stay.
fn entity_text(raw: &[u8], at: usize) -> Result<Vec<u8>> {
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(length) = rest.iter().position(|&byte| byte == b'&' || byte == b'%') {
        text.extend_from_slice(&rest[..length]);
        let here = at + raw.len() - rest.len() + length;
        rest = &rest[length..];
        if rest[0] == b'%' {
            return Err(broken(here, "a parameter entity within a declaration"));
        }
        let used = if rest.get(1) == Some(&b'#') {
            let (c, used) = character(rest).ok_or_else(|| broken(here, "a reference to no character"))?;
            text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            used
        } else {
            let end = name_end(rest, 1);
            if end == 1 || rest.get(end) != Some(&b';') {
                return Err(broken(here, "an & that begins no reference"));
            }
            text.extend_from_slice(&rest[..=end]);
            end + 1
        };
        rest = &rest[used..];
    }
    text.extend_from_slice(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<(usize, Entities), Stop> {
        let mut entities = Entities::default();
        let start = "<!DOCTYPE".len();
        document_type(text.as_bytes(), start, true, &mut entities).map(|end| (end, entities))
    }

    #[test]
    fn the_internal_subset_declares_entities() {
        let text = "<!DOCTYPE a SYSTEM \"a.dtd\" [<!ENTITY x \"<b>&#233;&amp;</b>\"><!ENTITY y SYSTEM 'y.xml'><!-- c --><?p q?>\
                    <!ELEMENT a (b|(c,d?)*)+><!ELEMENT b (#PCDATA|c)*><!ATTLIST a x CDATA #IMPLIED y (p|1q) 'p'>\
                    <!NOTATION n PUBLIC 'x'><!ENTITY % p \"<!ENTITY z 'zz'>\">%p;]>rest";
        let (end, entities) = read(text).unwrap();
        assert_eq!(&text[end..], "rest");
        assert_eq!(entities.get(b"x"), Some(&Entity::Text("<b>é&amp;</b>".as_bytes().to_vec())));
        assert_eq!(entities.get(b"y"), Some(&Entity::External));
        assert_eq!(entities.get(b"z"), Some(&Entity::Text(b"zz".to_vec())));
        assert!(entities.has_unread);
        let again = from_declared(&declared(&entities)).unwrap();
        assert_eq!(again.get(b"x"), entities.get(b"x"));
    }

    #[test]
    fn what_breaks_the_subset_is_told() {
        for text in [
            "<!DOCTYPE a [<!ELEMENT a (b,c|d)>]>",
            "<!DOCTYPE a [<!ELEMENT a (#PCDATA|b)>]>",
            "<!DOCTYPE a [<!ATTLIST a b FOO #IMPLIED>]>",
            "<!DOCTYPE a [<!ENTITY x '&'>]>",
            "<!DOCTYPE a [<!ENTITY x 'a' >",
            "<!DOCTYPE [ ]>",
            "<!DOCTYPE a [ junk ]>",
        ] {
            assert!(matches!(read(text), Err(Stop::Broken(_))), "{text}: {:?}", read(text));
        }
        let bomb = "<!DOCTYPE a [<!ENTITY % p \"%p;\">%p;]>";
        assert!(read(bomb).is_err());
    }

    #[test]
    fn the_declaration_is_strict() {
        assert_eq!(declaration(b"<?xml version='1.0' encoding=\"UTF-8\" standalone='no' ?><a/>", true), Ok(55));
        assert_eq!(declaration(b"<?xml-stylesheet x?>", true), Ok(0));
        for text in [
            "<?xml?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml version='1.0' standalone='YES'?>",
            "<?xml version='1.0'encoding='x'?>",
            "<?xml version=1.0?>",
        ] {
            assert!(declaration(text.as_bytes(), true).is_err() || declaration(text.as_bytes(), true) == Ok(0), "{text}");
        }
    }
}
