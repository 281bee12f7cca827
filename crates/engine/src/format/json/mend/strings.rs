//! Strings: in either quotes, with what may not stand in them as it is.

use super::super::reader::{Reader, SyntaxError};
use super::super::repair::Repair;
use super::{Result, Work};

impl Work<'_> {
    /// A string in these quotes.
    pub(super) fn string(&mut self, quote: u8) -> Result<()> {
        if quote == b'\'' {
            self.repaired(Repair::SingleQuotes, "a text in single quotes")?;
        }
        let start = self.at;
        self.out.push(b'"');
        self.at += 1;
        loop {
            let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\'' | b'\\' | 0..0x20);
            let length = self.text[self.at..].iter().take_while(|byte| is_plain(byte)).count();
            self.out.extend_from_slice(&self.text[self.at..self.at + length]);
            self.at += length;
            let Some(&byte) = self.text.get(self.at) else {
                return Err(SyntaxError { at: start, what: "a string is not closed", cut: true });
            };
            match byte {
                _ if byte == quote => {
                    self.out.push(b'"');
                    self.at += 1;
                    return Ok(());
                }
                b'"' => self.put(b"\\\"", 1),
                b'\'' => self.put(b"'", 1),
                b'\\' => self.escape(quote)?,
                _ => self.control(byte)?,
            }
        }
    }

    fn put(&mut self, plain: &[u8], length: usize) {
        self.out.extend_from_slice(plain);
        self.at += length;
    }

    fn escape(&mut self, quote: u8) -> Result<()> {
        let mut reader = Reader::new(self.text, self.at);
        match (reader.escape(), self.text.get(self.at + 1)) {
            (Ok(()), _) => self.bare_escape(reader.at()),
            (_, Some(b'\'')) if quote == b'\'' => self.put(b"'", 2),
            (Err(error), _) if error.cut => return Err(error),
            (Err(error), _) => {
                self.repaired(Repair::Backslashes, error.what)?;
                self.at += 1;
            }
        }
        Ok(())
    }

    fn bare_escape(&mut self, end: usize) {
        self.out.extend_from_slice(&self.text[self.at..end]);
        self.at = end;
    }

    fn control(&mut self, byte: u8) -> Result<()> {
        // A line end of two characters is one.
        if byte != b'\n' || !self.text[..self.at].ends_with(b"\r") {
            self.repaired(Repair::ControlCharacters, "a raw control character in a string")?;
        }
        let length = if self.text[self.at..].starts_with(b"\r\n") { 2 } else { 1 };
        match byte {
            b'\n' | b'\r' if self.mender.blank_breaks => self.put(b" ", length),
            b'\n' => self.put(b"\\n", 1),
            b'\r' => self.put(b"\\r", 1),
            b'\t' => self.put(b"\\t", 1),
            _ => self.put(format!("\\u{byte:04x}").as_bytes(), 1),
        }
        Ok(())
    }
}
