//! Values without quotes: numbers, the words of other languages, calls around a value.

use super::super::reader::Reader;
use super::super::repair::Repair;
use super::{Result, Work};

/// Letters of the name of a call.
const LONGEST_NAME: usize = 32;

impl Work<'_> {
    /// Takes a word of another language, or a call around a value; whether one is next.
    pub(super) fn word(&mut self) -> Result<bool> {
        if let Some(argument) = self.call_argument() {
            self.repaired(Repair::Calls, "a call where a value is expected")?;
            self.at = argument;
            self.blanks()?;
            match self.text.get(self.at) {
                Some(&mark @ (b'"' | b'\'')) => self.string(mark)?,
                _ => self.number()?,
            }
            self.blanks()?;
            if self.text.get(self.at) != Some(&b')') {
                return Err(self.error("a ) is missing"));
            }
            self.at += 1;
            return Ok(true);
        }
        const WORDS: [(&[u8], &[u8]); 4] = [(b"None", b"null"), (b"True", b"true"), (b"False", b"false"), (b"undefined", b"null")];
        let rest = &self.text[self.at..];
        let ends = |word: &[u8]| !rest.get(word.len()).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let Some((word, plain)) = WORDS.into_iter().find(|(word, _)| rest.starts_with(word) && ends(word)) else { return Ok(false) };
        self.repaired(Repair::Words, "a word that JSON does not have")?;
        self.out.extend_from_slice(plain);
        self.at += word.len();
        self.bare_end = self.at;
        Ok(true)
    }

    /// Where the argument begins of the call that is next, as MongoDB's shell writes values: `ISODate("2024-01-01")`.
    pub(super) fn call_argument(&self) -> Option<usize> {
        let rest = self.text.get(self.at..)?;
        let start = if rest.starts_with(b"new ") { 4 } else { 0 };
        let length = rest[start..].iter().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        (length > 0 && rest.get(start + length) == Some(&b'(')).then_some(self.at + start + length + 1)
    }

    /// Takes the text up to `end` as it is.
    pub(super) fn bare(&mut self, end: usize) -> Result<()> {
        self.out.extend_from_slice(&self.text[self.at..end]);
        self.at = end;
        self.bare_end = end;
        Ok(())
    }

    /// A number, or what other languages have for one.
    pub(super) fn number(&mut self) -> Result<()> {
        let strict = Reader::new(self.text, self.at).number();
        let Err(error) = strict else { return self.bare(strict?.end) };
        let rest = &self.text[self.at..];
        const SPECIALS: [(&str, &str); 9] = [
            ("NaN", "NaN"),
            ("Infinity", "Inf"),
            ("+Infinity", "Inf"),
            ("-Infinity", "-Inf"),
            ("INF", "Inf"),
            ("+INF", "Inf"),
            ("-INF", "-Inf"),
            ("Inf", "Inf"),
            ("-Inf", "-Inf"),
        ];
        if let Some((word, plain)) = SPECIALS.iter().find(|(word, _)| rest.starts_with(word.as_bytes())) {
            self.repaired(Repair::Specials, "a number that JSON does not have")?;
            self.out.extend_from_slice(plain.as_bytes());
            self.at += word.len();
            self.bare_end = self.at;
            return Ok(());
        }
        let sign = usize::from(matches!(rest.first(), Some(b'-' | b'+')));
        let zeros = rest[sign..].iter().take_while(|&&byte| byte == b'0').count();
        let has_digit = rest.get(sign + zeros).is_some_and(u8::is_ascii_digit);
        let start = self.at + sign + zeros - usize::from(!has_digit && zeros > 0);
        if error.cut || start == self.at || !self.text.get(start).is_some_and(u8::is_ascii_digit) {
            return Err(error);
        }
        self.repaired(Repair::LeadingZeros, error.what)?;
        if rest.first() == Some(&b'-') {
            self.out.push(b'-');
        }
        self.at = start;
        let end = Reader::new(self.text, start).number()?.end;
        self.bare(end)
    }
}
