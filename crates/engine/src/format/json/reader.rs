//! A strict pull parser for JSON (RFC 8259) over bytes.
//!
//! It checks the grammar and nothing else: what a number is worth and whether bytes are UTF-8 is for those to say who
//! read the value. It never recurses, and holds one byte for each open bracket of a value that is skipped.

use std::fmt;
use std::ops::Range;

/// A value nested deeper is refused: RFC 8259 lets a parser set a bound.
pub const MAX_DEPTH: usize = 1024;

/// What a text breaks of the grammar, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset in the text.
    pub at: usize,
    pub what: &'static str,
    /// The text ended too early: more of it may be right.
    pub cut: bool,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

type Result<T> = std::result::Result<T, SyntaxError>;

/// What a value is, told by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Object,
    Array,
}

/// A string's bytes between its quotes.
#[derive(Debug, Clone)]
pub struct RawString {
    pub range: Range<usize>,
    /// Whether it holds escapes.
    pub escaped: bool,
}

/// Reads one text from its start to its end.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether `NaN`, `Inf` and `-Inf` are numbers.
    loose: bool,
}

impl<'a> Reader<'a> {
    /// A reader of `text` from `at` on.
    pub fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at, loose: false }
    }

    /// A reader of a text that was mended: `NaN`, `Inf` and `-Inf` are numbers in it.
    pub fn of_mended(text: &'a [u8]) -> Self {
        Self::loosely(text, 0)
    }

    /// A reader of `text` from `at` on that may have been mended.
    pub fn loosely(text: &'a [u8], at: usize) -> Self {
        Self { text, at, loose: true }
    }

    /// Where it stands.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The whole text.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The kind of the value that is next; blanks before it are passed.
    ///
    /// # Errors
    /// Where no value begins.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind> {
        self.skip_blanks();
        Ok(match self.text.get(self.at) {
            Some(b'"') => Kind::String,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            Some(b'N' | b'I') if self.loose => Kind::Number,
            Some(_) => return Err(self.error("no value begins here")),
            None => return Err(self.error("the text ends where a value is expected")),
        })
    }

    /// Passes `null`, `true` or `false`, and gives its bytes.
    ///
    /// # Errors
    /// For any other word.
    #[inline]
    pub fn word(&mut self) -> Result<Range<usize>> {
        let rest = &self.text[self.at..];
        let length = match rest.first() {
            Some(b't') if rest.starts_with(b"true") => 4,
            Some(b'f') if rest.starts_with(b"false") => 5,
            Some(b'n') if rest.starts_with(b"null") => 4,
            _ => {
                let error = self.error("a word that is not true, false or null");
                let cut = [&b"true"[..], b"false", b"null"].iter().any(|word| word.starts_with(rest));
                return Err(SyntaxError { cut, ..error });
            }
        };
        self.at += length;
        Ok(self.at - length..self.at)
    }

    /// Passes a number, and gives its bytes.
    ///
    /// # Errors
    /// For what is no number: `01`, `1.`, `.5`, `+1`, `1e`, `NaN`.
    #[inline]
    pub fn number(&mut self) -> Result<Range<usize>> {
        let start = self.at;
        self.at += usize::from(self.text.get(self.at) == Some(&b'-'));
        match self.digits() {
            0 if self.loose && self.special() => return Ok(start..self.at),
            0 => return Err(self.error("a digit is missing")),
            1 => {}
            n if self.text[self.at - n] == b'0' => return Err(self.error_at(self.at - n, "a number with a zero in front")),
            _ => {}
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(self.error("a digit is missing behind the point"));
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.text.get(self.at), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(self.error("a digit is missing in the exponent"));
            }
        }
        Ok(start..self.at)
    }

    /// Passes a string.
    ///
    /// # Errors
    /// Where it is not closed, or holds a raw control character or an escape that JSON does not have.
    #[inline]
    pub fn string(&mut self) -> Result<RawString> {
        let start = self.at + 1;
        self.at = start;
        let mut escaped = false;
        loop {
            self.at = plain_end(self.text, self.at);
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(RawString { range: start..self.at - 1, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.error("a raw control character in a string")),
                None => return Err(SyntaxError { cut: true, ..self.error_at(start - 1, "a string is not closed") }),
            }
        }
    }

    /// Passes the bracket that opens an object or an array.
    #[inline]
    pub fn open(&mut self) {
        self.at += 1;
    }

    /// The next key of an object, its value to be read then; `None` at its end. `first`: nothing of it was read yet.
    ///
    /// # Errors
    /// For what is neither.
    #[inline]
    pub fn next_key(&mut self, first: bool) -> Result<Option<RawString>> {
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(None);
        }
        if !first {
            if !self.take(b',') {
                return Err(self.error("a comma or } is missing"));
            }
            self.skip_blanks();
        }
        self.key().map(Some)
    }

    /// A key that is not within an object read here, and the colon behind it.
    ///
    /// # Errors
    /// For what is no key.
    pub fn member_key(&mut self) -> Result<RawString> {
        self.skip_blanks();
        self.key()
    }

    /// Whether an array has a next element; its end is passed. `first`: nothing of it was read yet.
    ///
    /// # Errors
    /// For what is neither a comma nor the end.
    #[inline]
    pub fn next_element(&mut self, first: bool) -> Result<bool> {
        self.skip_blanks();
        if self.take(b']') {
            return Ok(false);
        }
        if !first && !self.take(b',') {
            return Err(self.error("a comma or ] is missing"));
        }
        Ok(true)
    }

    /// Passes any value, checking its grammar, and gives its bytes.
    ///
    /// # Errors
    /// Where it breaks the grammar, or nests deeper than 1,024.
    pub fn skip(&mut self) -> Result<Range<usize>> {
        let mut open: Vec<u8> = Vec::new();
        self.skip_blanks();
        let start = self.at;
        loop {
            match self.peek()? {
                Kind::Null | Kind::Boolean => {
                    self.word()?;
                }
                Kind::Number => {
                    self.number()?;
                }
                Kind::String => {
                    self.string()?;
                }
                Kind::Object => {
                    self.open();
                    if self.next_key(true)?.is_some() {
                        open.push(b'{');
                        self.check_depth(&open)?;
                        continue;
                    }
                }
                Kind::Array => {
                    self.open();
                    if self.next_element(true)? {
                        open.push(b'[');
                        self.check_depth(&open)?;
                        continue;
                    }
                }
            }
            loop {
                let goes_on = match open.last() {
                    None => return Ok(start..self.at),
                    Some(b'{') => self.next_key(false)?.is_some(),
                    Some(_) => self.next_element(false)?,
                };
                if goes_on {
                    break;
                }
                open.pop();
            }
        }
    }

    /// Passes blanks; nothing else may be left.
    ///
    /// # Errors
    /// Where something is.
    pub fn end(&mut self) -> Result<()> {
        self.skip_blanks();
        if self.at == self.text.len() { Ok(()) } else { Err(self.error("more text behind the value")) }
    }

    fn check_depth(&self, open: &[u8]) -> Result<()> {
        if open.len() > MAX_DEPTH { Err(self.error("values nest deeper than 1,024")) } else { Ok(()) }
    }

    #[inline]
    fn key(&mut self) -> Result<RawString> {
        if self.text.get(self.at) != Some(&b'"') {
            return Err(self.error("a key in quotes is missing"));
        }
        let key = self.string()?;
        self.skip_blanks();
        if self.take(b':') { Ok(key) } else { Err(self.error("a colon is missing behind the key")) }
    }

    /// Passes an escape.
    ///
    /// # Errors
    /// Where JSON does not have it.
    pub fn escape(&mut self) -> Result<()> {
        let length = match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if self.text.get(self.at + 2..self.at + 6).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => 6,
            _ => {
                let error = self.error("an escape that JSON does not have");
                return Err(SyntaxError { cut: self.text.len() - self.at < 6, ..error });
            }
        };
        self.at += length;
        Ok(())
    }

    /// Passes a word for what is not a number or not finite.
    fn special(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = [&b"NaN"[..], b"Inf"].iter().find(|word| rest.starts_with(word)).map_or(0, |word| word.len());
        self.at += length;
        length > 0
    }

    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&self, what: &'static str) -> SyntaxError {
        self.error_at(self.at, what)
    }

    fn error_at(&self, at: usize, what: &'static str) -> SyntaxError {
        SyntaxError { at, what, cut: at >= self.text.len() }
    }
}

/// The first quote, backslash or control character from `at` on, eight bytes at a time; the text's end where there is
/// none. After "Hacker's Delight", section 6-1: a byte that borrows in `x - n` and has no high bit itself is below `n`.
#[inline]
fn plain_end(text: &[u8], mut at: usize) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;
    let below = |word: u64, n: u64| word.wrapping_sub(LOW * n) & !word & HIGH;
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let quote = below(word ^ (LOW * b'"' as u64), 1);
        let backslash = below(word ^ (LOW * b'\\' as u64), 1);
        let found = quote | backslash | below(word, 0x20);
        if found != 0 {
            // The lowest byte found is right; borrows can only mislead about those above it.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    text.get(at..).and_then(|rest| rest.iter().position(is_special)).map_or(text.len(), |found| at + found)
}

#[cfg(test)]
mod tests;
