//! A strict pull parser for XML 1.0 over bytes that are taken for UTF-8.
//!
//! It checks that what it passes is well-formed, and never recurses. References are for those to resolve who read a text
//! or an attribute: they know whether it is wanted.

mod text;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::memchr;

use super::chars::{begins_name, is_blank, name_end};

/// Elements nested deeper are refused.
pub const MAX_DEPTH: usize = 1024;
/// From so many attributes on, a duplicate is looked for by sorting.
const MANY_ATTRIBUTES: usize = 12;

/// What a text breaks of the grammar, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset in the text.
    pub at: usize,
    pub what: Cow<'static, str>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// Why reading ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The text ends within a construct, and the source goes on.
    Cut,
    Broken(SyntaxError),
    /// A reference to an entity with elements in it, here.
    Markup(usize),
    /// Entities expand beyond all bounds, here.
    Bomb(usize),
}

/// A break of the grammar.
pub fn broken(at: usize, what: impl Into<Cow<'static, str>>) -> Stop {
    Stop::Broken(SyntaxError { at, what: what.into() })
}

/// An element here is deeper than any that is read.
pub fn too_deep(at: usize) -> SyntaxError {
    SyntaxError { at, what: format!("elements nest deeper than {MAX_DEPTH}").into() }
}

type Result<T> = std::result::Result<T, Stop>;

/// What stands next in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A start tag up to its name; its attributes are next.
    Start(Range<usize>),
    /// The end of the element that was opened last, by tag or by `/>`.
    End,
    Text(Text),
    /// `<!DOCTYPE`, up to this word.
    Doctype,
    /// The text is at its end, outside of constructs.
    Eof,
}

/// Character data between two tags, comments or other marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub range: Range<usize>,
    /// What stands there is the text: no references, no returns.
    pub plain: bool,
    pub cdata: bool,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: Range<usize>,
    pub value: Range<usize>,
    /// What stands there is the value: no references, no tabs and line ends.
    pub plain: bool,
}

/// Reads one text from a position on.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    text: &'a [u8],
    pub at: usize,
    /// The text ends where the source does.
    whole: bool,
    /// Names of the elements that are open, since the reader began.
    open: Vec<Range<u32>>,
    /// The start tag at hand is its end too.
    empty: bool,
    attributes: Vec<Range<u32>>,
    /// Characters that no document may have are passed.
    pub takes_any_character: bool,
    /// End tags beyond the open elements are those of elements that were opened before the text begins.
    pub begins_within: bool,
    /// No element of this name is within another.
    pub never_within: Option<&'a [u8]>,
    /// The name of the last end tag beyond the open elements.
    pub closed: Range<usize>,
}

impl<'a> Reader<'a> {
    /// A reader of `text` from `at` on, between two constructs. `whole`: the source ends with the text.
    pub fn new(text: &'a [u8], at: usize, whole: bool) -> Self {
        Self {
            text,
            at,
            whole,
            open: Vec::new(),
            empty: false,
            attributes: Vec::new(),
            takes_any_character: false,
            begins_within: false,
            never_within: None,
            closed: 0..0,
        }
    }

    /// Goes on at another position, with no element open.
    pub fn restart(&mut self, at: usize) {
        self.at = at;
        self.open.clear();
        self.attributes.clear();
        self.empty = false;
    }

    /// Lets go of the element that was opened last, whose start tag is read; gives whether it is closed already.
    pub fn let_go(&mut self) -> bool {
        self.open.pop();
        std::mem::take(&mut self.empty)
    }

    /// The whole text.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Elements that are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// What is next. Comments and processing instructions are passed.
    ///
    /// # Errors
    /// [`Stop::Cut`] and [`Stop::Broken`].
    #[inline]
    pub fn next(&mut self) -> Result<Event> {
        if self.empty {
            self.empty = false;
            self.open.pop();
            return Ok(Event::End);
        }
        loop {
            match self.text.get(self.at) {
                None => return Ok(Event::Eof),
                Some(b'<') => {}
                Some(_) => return self.characters().map(Event::Text),
            }
            match self.text.get(self.at + 1) {
                Some(b'/') => return self.end_tag(),
                Some(b'!') => {
                    let rest = &self.text[self.at..];
                    if rest.starts_with(b"<!--") {
                        self.comment()?;
                    } else if rest.starts_with(b"<![CDATA[") {
                        return self.cdata().map(Event::Text);
                    } else if rest.starts_with(b"<!DOCTYPE") {
                        self.at += b"<!DOCTYPE".len();
                        return Ok(Event::Doctype);
                    } else if rest.len() < b"<!DOCTYPE".len() && !self.whole {
                        return Err(Stop::Cut);
                    } else {
                        return Err(broken(self.at, "<! begins neither comment nor CDATA"));
                    }
                }
                Some(b'?') => self.instruction()?,
                Some(&byte) if begins_name(byte) => return self.start_tag(),
                Some(_) => return Err(broken(self.at, "a < that begins no tag")),
                None => return Err(self.cut("the text ends behind a <")),
            }
        }
    }

    /// The next attribute of the start tag at hand; `None`: the tag is read.
    ///
    /// # Errors
    /// [`Stop::Cut`] and [`Stop::Broken`].
    #[inline]
    pub fn attribute(&mut self) -> Result<Option<Attribute>> {
        let from = self.at;
        self.skip_blanks();
        match self.text.get(self.at) {
            Some(b'>') => {
                self.at += 1;
                self.close_attributes()?;
                return Ok(None);
            }
            Some(b'/') => {
                return match self.text.get(self.at + 1) {
                    Some(b'>') => {
                        self.at += 2;
                        self.empty = true;
                        self.close_attributes()?;
                        Ok(None)
                    }
                    Some(_) => Err(broken(self.at, "a / within a tag")),
                    None => Err(self.cut("the text ends within a tag")),
                };
            }
            None => return Err(self.cut("the text ends within a tag")),
            Some(_) if self.at == from => return Err(broken(self.at, "no blank before an attribute")),
            Some(_) => {}
        }
        let name = self.name("an attribute has no name")?;
        self.skip_blanks();
        match self.text.get(self.at) {
            Some(b'=') => self.at += 1,
            Some(_) => return Err(broken(self.at, "an attribute without a value")),
            None => return Err(self.cut("the text ends within a tag")),
        }
        self.skip_blanks();
        let quote = match self.text.get(self.at) {
            Some(&quote @ (b'"' | b'\'')) => quote,
            Some(_) => return Err(broken(self.at, "an attribute's value that is not in quotes")),
            None => return Err(self.cut("the text ends within a tag")),
        };
        let start = self.at + 1;
        let Some(length) = memchr(quote, &self.text[start..]) else {
            return Err(match memchr(b'<', &self.text[start..]) {
                Some(less) => broken(start + less, "a < in an attribute's value"),
                None => self.cut("an attribute's value is never closed"),
            });
        };
        let value = start..start + length;
        let bytes = &self.text[value.clone()];
        let odd = bytes.iter().fold(false, |odd, &byte| odd | (byte < 0x20) | (byte == b'<') | (byte == b'&') | (byte == 0xEF));
        let mut plain = true;
        if odd {
            if let Some(less) = memchr(b'<', bytes) {
                return Err(broken(start + less, "a < in an attribute's value"));
            }
            self.check_characters(&value)?;
            plain = !bytes.iter().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r'));
        }
        self.at = value.end + 1;
        if self.attributes.len() < MANY_ATTRIBUTES
            && self.attributes.iter().any(|other| self.text[other.start as usize..other.end as usize] == self.text[name.clone()])
        {
            return Err(broken(name.start, "an attribute that is given twice"));
        }
        self.attributes.push(name.start as u32..name.end as u32);
        Ok(Some(Attribute { name, value, plain }))
    }

    /// Passes what is left of the element that was opened last, end tag included. `check` sees its texts and attributes.
    ///
    /// # Errors
    /// [`Stop::Cut`] and [`Stop::Broken`], and those of `check`.
    pub fn skip_element(&mut self, mut check: impl FnMut(Range<usize>, bool) -> Result<()>) -> Result<()> {
        let depth = self.depth();
        while let Some(attribute) = self.attribute()? {
            if !attribute.plain {
                check(attribute.value, true)?;
            }
        }
        loop {
            match self.next()? {
                Event::Start(_) => {
                    while let Some(attribute) = self.attribute()? {
                        if !attribute.plain {
                            check(attribute.value, true)?;
                        }
                    }
                }
                Event::End if self.depth() < depth => return Ok(()),
                Event::End => {}
                Event::Text(text) if text.plain || text.cdata => {}
                Event::Text(text) => check(text.range, false)?,
                Event::Doctype => return Err(broken(self.at, "a document type within an element")),
                Event::Eof => return Err(self.cut("an element is never closed")),
            }
        }
    }

    /// [`Stop::Cut`], or a break of the grammar where the source has no more.
    pub fn cut(&self, what: &'static str) -> Stop {
        if self.whole { broken(self.text.len(), what) } else { Stop::Cut }
    }

    fn start_tag(&mut self) -> Result<Event> {
        self.at += 1;
        let name = self.name("a tag has no name")?;
        if self.open.len() >= MAX_DEPTH {
            return Err(Stop::Broken(too_deep(name.start)));
        }
        if self.never_within.is_some_and(|never| !self.open.is_empty() && &self.text[name.clone()] == never) {
            let name = String::from_utf8_lossy(&self.text[name]).into_owned();
            return Err(broken(self.at - name.len() - 1, format!("<{name}> within <{name}>")));
        }
        self.open.push(name.start as u32..name.end as u32);
        self.attributes.clear();
        Ok(Event::Start(name))
    }

    fn end_tag(&mut self) -> Result<Event> {
        let start = self.at + 2;
        if let Some(name) = self.open.last() {
            let name = &self.text[name.start as usize..name.end as usize];
            let rest = &self.text[start..];
            if rest.len() > name.len() && rest[name.len()] == b'>' && &rest[..name.len()] == name {
                self.open.pop();
                self.at = start + name.len() + 1;
                return Ok(Event::End);
            }
        }
        let tag = self.at;
        self.at = start;
        let name = self.name("an end tag has no name")?;
        self.skip_blanks();
        match self.text.get(self.at) {
            Some(b'>') => self.at += 1,
            Some(_) => return Err(broken(self.at, "more than a name in an end tag")),
            None => return Err(self.cut("the text ends within an end tag")),
        }
        match self.open.pop() {
            Some(open) if self.text[open.start as usize..open.end as usize] == self.text[name.clone()] => Ok(Event::End),
            Some(open) => {
                let expected = String::from_utf8_lossy(&self.text[open.start as usize..open.end as usize]).into_owned();
                let found = String::from_utf8_lossy(&self.text[name]).into_owned();
                Err(broken(tag, format!("</{found}> where </{expected}> is expected")))
            }
            None if self.begins_within => {
                self.closed = name;
                Ok(Event::End)
            }
            None => Err(broken(tag, format!("</{}> closes nothing", String::from_utf8_lossy(&self.text[name])))),
        }
    }

    /// A name whose end is in the text.
    fn name(&mut self, missing: &'static str) -> Result<Range<usize>> {
        let end = name_end(self.text, self.at);
        if end == self.text.len() {
            return Err(self.cut("the text ends within a name"));
        }
        // A character may be cut in two at the text's end.
        if !self.whole && end + 4 > self.text.len() && self.text[end] >= 0x80 {
            return Err(Stop::Cut);
        }
        if end == self.at {
            return Err(broken(self.at, missing));
        }
        let name = self.at..end;
        self.at = end;
        Ok(name)
    }

    fn close_attributes(&mut self) -> Result<()> {
        if self.attributes.len() <= MANY_ATTRIBUTES {
            return Ok(());
        }
        let mut names: Vec<&[u8]> = self.attributes.iter().map(|name| &self.text[name.start as usize..name.end as usize]).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(broken(self.attributes[0].start as usize, "an attribute that is given twice"));
        }
        Ok(())
    }

    fn skip_blanks(&mut self) {
        while self.text.get(self.at).is_some_and(|&byte| is_blank(byte)) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests;
