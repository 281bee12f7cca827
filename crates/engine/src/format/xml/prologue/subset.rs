//! The declarations within a document type.

use super::super::chars::name_end;
use super::super::entities::{Entities, Entity, character};
use super::super::reader::{Stop, broken};
use super::{MAX_DEPTH, MOST_DECLARED, Result, Subset};

impl<'a> Subset<'a> {
    pub(super) fn declarations(&mut self, entities: &mut Entities) -> Result<()> {
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

    pub(super) fn attributes(&mut self, entities: &Entities) -> Result<()> {
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
            entities.resolve(value, at, super::super::entities::Within::Attribute, &mut Vec::new(), MOST_DECLARED)?;
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

    pub(super) fn entity(&mut self, entities: &mut Entities) -> Result<()> {
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
    pub(super) fn external(&mut self, is_notation: bool) -> Result<()> {
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
