//! What declarations are made of.

use super::super::chars::{illegal, is_blank, name_end};
use super::super::reader::{Stop, broken};
use super::{Result, Subset};

impl<'a> Subset<'a> {
    pub(super) fn close(&mut self) -> Result<()> {
        self.blanks();
        self.must(b">")
    }

    pub(super) fn literal(&mut self) -> Result<&'a [u8]> {
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

    pub(super) fn until(&mut self, end: &[u8]) -> Result<()> {
        let Some(length) = memchr::memmem::find(&self.text[self.at..], end) else {
            return Err(self.cut("the text ends within a document type"));
        };
        if let Some(odd) = illegal(&self.text[self.at..self.at + length]) {
            return Err(broken(self.at + odd, "a character that XML does not allow"));
        }
        self.at += length + end.len();
        Ok(())
    }

    pub(super) fn name(&mut self) -> Result<&'a [u8]> {
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
    pub(super) fn token(&mut self) -> Result<()> {
        let rest = &self.text[self.at..];
        let start = rest.iter().take_while(|byte| byte.is_ascii_digit() || b".-".contains(byte)).count();
        let end = name_end(self.text, self.at + start);
        if end == self.at {
            return Err(self.unexpected("a name token"));
        }
        self.at = end;
        Ok(())
    }

    pub(super) fn blanks(&mut self) -> bool {
        let from = self.at;
        while self.text.get(self.at).is_some_and(|&byte| is_blank(byte)) {
            self.at += 1;
        }
        self.at > from
    }

    pub(super) fn must_blank(&mut self) -> Result<()> {
        if self.blanks() { Ok(()) } else { Err(self.unexpected("a blank")) }
    }

    pub(super) fn sees(&self, what: &[u8]) -> bool {
        self.text[self.at..].starts_with(what)
    }

    pub(super) fn take(&mut self, what: &[u8]) -> bool {
        let found = self.sees(what);
        if found {
            self.at += what.len();
        }
        found
    }

    pub(super) fn must(&mut self, what: &'static [u8]) -> Result<()> {
        if self.take(what) { Ok(()) } else { Err(self.unexpected(std::str::from_utf8(what).unwrap_or_default())) }
    }

    pub(super) fn unexpected(&self, expected: &str) -> Stop {
        let rest = self.text.len() - self.at;
        if rest < 10 && !self.whole {
            return Stop::Cut;
        }
        broken(self.at, format!("no {expected} where one is expected"))
    }

    pub(super) fn cut(&self, what: &'static str) -> Stop {
        if self.whole { broken(self.text.len(), what) } else { Stop::Cut }
    }
}
