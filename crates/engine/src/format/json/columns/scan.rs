//! Goes through a document's bytes from any place in it, value by value, holding a part of it.

use colonnade_protocol::{ErrorInfo, ErrorKind, Place};

use crate::Result;
use crate::source::SharedSource;

/// A place in a document.
pub struct Scan {
    source: SharedSource,
    /// Where the window begins.
    at: u64,
    window: Vec<u8>,
    used: usize,
    /// Bytes that are read at once.
    ahead: usize,
}

impl Scan {
    pub fn new(source: SharedSource, at: u64, ahead: usize) -> Self {
        Self { source, at, window: Vec::new(), used: 0, ahead }
    }

    /// The byte that is next.
    pub fn position(&self) -> u64 {
        self.at + self.used as u64
    }

    /// Looks at the next byte; `None` at the end of the source.
    ///
    /// # Errors
    /// Those of the source.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        if self.used >= self.window.len() {
            self.at += self.window.len() as u64;
            self.used = 0;
            let count = self.source.len().saturating_sub(self.at).min(self.ahead as u64) as usize;
            self.window.resize(count, 0);
            let n = if count > 0 { self.source.read_at(self.at, &mut self.window)? } else { 0 };
            self.window.truncate(n);
        }
        Ok(self.window.get(self.used).copied())
    }

    /// Looks at the next byte that is no blank.
    ///
    /// # Errors
    /// Those of the source; [`ErrorKind::Malformed`] where the document ends.
    pub fn next(&mut self) -> Result<u8> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.used += 1,
                Some(byte) => return Ok(byte),
                None => return Err(self.broken("it ends within the columns")),
            }
        }
    }

    /// Passes the byte that is next.
    pub fn pass(&mut self) {
        self.used += 1;
    }

    /// Passes this byte, which must be next.
    ///
    /// # Errors
    /// As [`next`](Self::next), and for another byte.
    pub fn expect(&mut self, wanted: u8) -> Result<()> {
        if self.next()? != wanted {
            return Err(self.broken(&format!("{:?} is missing", wanted as char)));
        }
        self.pass();
        Ok(())
    }

    /// Passes a comma, or what closes: whether something follows.
    ///
    /// # Errors
    /// As [`next`](Self::next), and for another byte.
    pub fn goes_on(&mut self, close: u8) -> Result<bool> {
        let byte = self.next()?;
        if byte != b',' && byte != close {
            return Err(self.broken("a comma is missing"));
        }
        self.pass();
        Ok(byte == b',')
    }

    /// Passes a value, adding its bytes to `into`, at most `most`.
    ///
    /// # Errors
    /// As [`next`](Self::next), [`ErrorKind::Limit`] for a longer one.
    pub fn value(&mut self, into: &mut Vec<u8>, most: usize) -> Result<()> {
        let (start, room) = (self.position(), into.len().saturating_add(most));
        let mut depth = 0_usize;
        self.next()?;
        while let Some(byte) = self.peek()? {
            match byte {
                b'"' => {
                    self.text(into, room)?;
                    if depth == 0 {
                        return Ok(());
                    }
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => break,
                b']' | b'}' if depth == 0 => break,
                b']' | b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        into.push(byte);
                        self.pass();
                        return Ok(());
                    }
                }
                _ => {}
            }
            into.push(byte);
            self.pass();
            self.check(into, room)?;
        }
        if depth > 0 || self.position() == start {
            return Err(self.broken("a value is missing"));
        }
        Ok(())
    }

    /// Passes a text in quotes.
    fn text(&mut self, into: &mut Vec<u8>, room: usize) -> Result<()> {
        into.push(b'"');
        self.pass();
        loop {
            if self.peek()?.is_none() {
                return Err(self.broken("it ends within a text"));
            }
            let rest = self.window.get(self.used..).unwrap_or_default();
            let length = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            into.extend_from_slice(rest.get(..length).unwrap_or_default());
            self.used += length;
            self.check(into, room)?;
            match self.peek()? {
                Some(b'\\') => {
                    into.push(b'\\');
                    self.pass();
                    if let Some(escaped) = self.peek()? {
                        into.push(escaped);
                        self.pass();
                    }
                }
                Some(b'"') => {
                    into.push(b'"');
                    self.pass();
                    return Ok(());
                }
                _ => {}
            }
        }
    }

    fn check(&self, into: &[u8], room: usize) -> Result<()> {
        if into.len() <= room {
            return Ok(());
        }
        let what = "a value of a column is longer than a record may be";
        Err(ErrorInfo::new(ErrorKind::Limit, what, "Raise maxRecordBytes.").at(self.place()))
    }

    fn place(&self) -> Place {
        Place { byte: self.position(), line: 0 }
    }

    /// What is wrong here.
    pub fn broken(&self, what: &str) -> ErrorInfo {
        let what = format!("the columns of the document cannot be read at byte {}: {what}", self.position());
        ErrorInfo::new(ErrorKind::Malformed, what, "Correct the file, or read it as JSON records (format=json).")
    }
}
