//! Between tags: characters, CDATA sections, comments, instructions.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::super::chars::{illegal, is_blank, name_end};
use super::{Reader, Result, Stop, Text, broken};

impl Reader<'_> {
    pub(super) fn characters(&mut self) -> Result<Text> {
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

    pub(super) fn cdata(&mut self) -> Result<Text> {
        let start = self.at + b"<![CDATA[".len();
        let Some(length) = memmem::find(&self.text[start..], b"]]>") else { return Err(self.cut("CDATA is never closed")) };
        let range = start..start + length;
        self.check_characters(&range)?;
        self.at = range.end + 3;
        let plain = memchr(b'\r', &self.text[range.clone()]).is_none();
        Ok(Text { range, plain, cdata: true })
    }

    pub(super) fn comment(&mut self) -> Result<()> {
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

    pub(super) fn instruction(&mut self) -> Result<()> {
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

    pub(super) fn check_characters(&self, range: &Range<usize>) -> Result<()> {
        match illegal(&self.text[range.clone()]) {
            Some(at) if !self.takes_any_character => Err(broken(range.start + at, "a character that XML does not allow")),
            _ => Ok(()),
        }
    }
}
