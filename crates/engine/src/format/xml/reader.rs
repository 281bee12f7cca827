//! A strict pull parser for XML 1.0 over bytes that are taken for UTF-8.
//!
//! It checks that what it passes is well-formed, and never recurses. References are for those to resolve who read a text
//! or an attribute: they know whether it is wanted.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::chars::{begins_name, illegal, is_blank, name_end};

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
            return Err(broken(name.start, format!("elements nest deeper than {MAX_DEPTH}")));
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

    fn characters(&mut self) -> Result<Text> {
        let start = self.at;
        let end = match memchr(b'<', &self.text[start..]) {
            Some(length) => start + length,
            None if self.whole => self.text.len(),
            None => return Err(Stop::Cut),
        };
        let bytes = &self.text[start..end];
        let odd = bytes.iter().fold(false, |odd, &byte| {
            odd | (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | (byte == b'&') | (byte == b']') | (byte == 0xEF)
        });
        let mut plain = true;
        if odd {
            self.check_characters(&(start..end))?;
            if let Some(at) = memmem::find(bytes, b"]]>") {
                return Err(broken(start + at, "]]> outside of CDATA"));
            }
            plain = !bytes.iter().any(|byte| matches!(byte, b'&' | b'\r'));
        }
        self.at = end;
        Ok(Text { range: start..end, plain, cdata: false })
    }

    fn cdata(&mut self) -> Result<Text> {
        let start = self.at + b"<![CDATA[".len();
        let Some(length) = memmem::find(&self.text[start..], b"]]>") else { return Err(self.cut("CDATA is never closed")) };
        let range = start..start + length;
        self.check_characters(&range)?;
        self.at = range.end + 3;
        let plain = memchr(b'\r', &self.text[range.clone()]).is_none();
        Ok(Text { range, plain, cdata: true })
    }

    fn comment(&mut self) -> Result<()> {
        let start = self.at + 4;
        let Some(length) = memmem::find(&self.text[start..], b"--") else { return Err(self.cut("a comment is never closed")) };
        match self.text.get(start + length + 2) {
            Some(b'>') => {}
            Some(_) => return Err(broken(start + length, "-- within a comment")),
            None => return Err(self.cut("a comment is never closed")),
        }
        self.check_characters(&(start..start + length))?;
        self.at = start + length + 3;
        Ok(())
    }

    fn instruction(&mut self) -> Result<()> {
        let tag = self.at;
        let Some(length) = self.text.get(tag + 2..).and_then(|rest| memmem::find(rest, b"?>")) else {
            return Err(self.cut("a processing instruction is never closed"));
        };
        let end = tag + 2 + length;
        let name_end = name_end(self.text, tag + 2).min(end);
        let name = &self.text[tag + 2..name_end];
        if name.is_empty() {
            return Err(broken(tag, "a processing instruction without a name"));
        }
        if name.eq_ignore_ascii_case(b"xml") {
            return Err(broken(tag, "an XML declaration that is not at the start"));
        }
        if name_end < end && !is_blank(self.text[name_end]) {
            return Err(broken(name_end, "a processing instruction's name is followed by no blank"));
        }
        self.check_characters(&(name_end..end))?;
        self.at = end + 2;
        Ok(())
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

    fn check_characters(&self, range: &Range<usize>) -> Result<()> {
        match illegal(&self.text[range.clone()]) {
            Some(at) if !self.takes_any_character => Err(broken(range.start + at, "a character that XML does not allow")),
            _ => Ok(()),
        }
    }

    fn skip_blanks(&mut self) {
        while self.text.get(self.at).is_some_and(|&byte| is_blank(byte)) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events as text, or where and why reading stops.
    fn read(text: &str, whole: bool) -> String {
        let mut reader = Reader::new(text.as_bytes(), 0, whole);
        let mut shown = String::new();
        let of = |range: Range<usize>| &text[range];
        let result = (|| -> Result<()> {
            loop {
                match reader.next()? {
                    Event::Start(name) => {
                        shown += &format!("<{}", of(name));
                        while let Some(attribute) = reader.attribute()? {
                            shown += &format!(" {}={}", of(attribute.name), of(attribute.value));
                        }
                        shown += ">";
                    }
                    Event::End => shown += "/",
                    Event::Text(text) => shown += &format!("[{}]", of(text.range)),
                    Event::Doctype => shown += "!",
                    Event::Eof => return Ok(()),
                }
            }
        })();
        match result {
            Ok(()) => shown,
            Err(Stop::Cut) => "cut".to_owned(),
            Err(Stop::Broken(error)) => format!("{} {}", error.at, error.what),
            Err(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn constructs_are_told_apart() {
        let text = "<?pi x?><a b='1' c = \"x>y\"><!-- <no> --><b/>t<![CDATA[<&]]></a >";
        assert_eq!(read(text, true), "<a b=1 c=x>y><b>/[t][<&]/");
    }

    #[test]
    fn what_breaks_the_grammar_has_its_place() {
        for (text, expected) in [
            ("<a b=1>", "5 an attribute's value that is not in quotes"),
            ("<a><b></a>", "6 </a> where </b> is expected"),
            ("<a b='1' b='2'/>", "9 an attribute that is given twice"),
            ("<a b='1'c='2'/>", "8 no blank before an attribute"),
            ("<a b='<'/>", "6 a < in an attribute's value"),
            ("a < b", "2 a < that begins no tag"),
            ("<a>]]></a>", "3 ]]> outside of CDATA"),
            ("<!-- a -- b -->", "7 -- within a comment"),
            ("<?xml version='1.0'?>", "0 an XML declaration that is not at the start"),
            ("<a>\u{1}</a>", "3 a character that XML does not allow"),
            ("<a", "2 the text ends within a name"),
            ("</a>", "0 </a> closes nothing"),
            ("< a/>", "0 a < that begins no tag"),
        ] {
            assert_eq!(read(text, true), expected, "{text}");
        }
        let deep = "<a>".repeat(2000);
        assert!(read(&deep, true).contains("nest deeper"));
    }

    #[test]
    fn a_text_cut_anywhere_is_cut_and_not_broken() {
        let text = "<a b='1' é=\"x\"><!-- c --><?p i?><b/>té&amp;<![CDATA[<&]]></a>";
        for end in 0..text.len() {
            if text.is_char_boundary(end) {
                let read = read(&text[..end], false);
                assert!(read == "cut" || read.starts_with('<') || read.is_empty(), "{}: {read}", &text[..end]);
            }
        }
    }

    #[test]
    fn many_attributes_are_no_trouble() {
        let attributes: String = (0..50_000).map(|k| format!(" a{k}='1'")).collect();
        assert!(read(&format!("<a{attributes}/>"), true).starts_with("<a a0=1"));
        assert!(read(&format!("<a{attributes} a7='2'/>"), true).contains("given twice"));
    }
}
