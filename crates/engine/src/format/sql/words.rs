//! The words of a statement's head, comments between them passed over.

use super::pass::is_word;
use super::{Dialect, Lexis};

/// A word of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word<'a> {
    /// A keyword or a name that is not quoted.
    Plain(&'a [u8]),
    /// A name in quotes.
    Quoted(String),
    /// A text in quotes, as it is spelled.
    Text(&'a [u8]),
    /// Any other character.
    Mark(u8),
}

impl Word<'_> {
    /// Whether it is this keyword.
    pub fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Plain(word) if word.eq_ignore_ascii_case(keyword.as_bytes()))
    }

    /// Whether it is one of these keywords.
    pub fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// As a name. Some programs write names in the quotes of texts.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Plain(word) => Some(String::from_utf8_lossy(word).into_owned()),
            Self::Quoted(name) => Some(name.clone()),
            Self::Text(text @ [mark, ..]) => quoted(&[text, &b" "[..]].concat(), *mark).map(|(name, _)| name),
            Self::Text(_) | Self::Mark(_) => None,
        }
    }
}

/// Reads words one after another.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    text: &'a [u8],
    lexis: Lexis,
    at: usize,
}

impl<'a> Words<'a> {
    /// The words of a text from a position on.
    pub fn new(text: &'a [u8], at: usize, lexis: Lexis) -> Self {
        Self { text, lexis, at }
    }

    /// Behind the last word.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes to the next word, over blanks and comments; `None`: the text ends within them.
    pub fn skip(&mut self) -> Option<usize> {
        loop {
            let rest = self.text.get(self.at..)?;
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
            self.at += blanks;
            let rest = rest.get(blanks..)?;
            let end = match rest {
                [b'-', b'-', ..] => memchr::memchr(b'\n', rest).map(|end| end + 1),
                [b'#', ..] if self.lexis.dialect == Dialect::MySql => memchr::memchr(b'\n', rest).map(|end| end + 1),
                [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map(|end| end + 2),
                // A byte order mark, where a file begins, or another was joined to it.
                [0xEF, 0xBB, 0xBF, ..] => Some(3),
                [] | [b'-' | b'/'] => return None,
                _ => return Some(self.at),
            };
            self.at += end?;
        }
    }

    /// The next word; `None` where the text ends, perhaps within it.
    pub fn word(&mut self) -> Option<Word<'a>> {
        let start = self.skip()?;
        let rest = &self.text[start..];
        let first = *rest.first()?;
        let my = self.lexis.dialect == Dialect::MySql;
        match first {
            b'`' | b'"' | b'[' if first != b'"' || !my => {
                let close = if first == b'[' { b']' } else { first };
                let (name, end) = quoted(rest, close)?;
                self.at = start + end;
                Some(Word::Quoted(name))
            }
            b'\'' | b'"' => {
                let (_, end) = quoted(rest, first)?;
                self.at = start + end;
                Some(Word::Text(&rest[..end]))
            }
            _ if is_word(first) => {
                let length = rest.iter().position(|&byte| !is_word(byte) && byte != b'$')?;
                self.at = start + length;
                Some(Word::Plain(&rest[..length]))
            }
            _ => {
                self.at = start + 1;
                Some(Word::Mark(first))
            }
        }
    }

    /// The next word, without going on to it.
    pub fn peek(&self) -> Option<Word<'a>> {
        self.clone().word()
    }

    /// Whether the next word is this keyword, which is then passed.
    pub fn takes(&mut self, keyword: &str) -> bool {
        let is_next = self.peek().is_some_and(|word| word.is(keyword));
        if is_next {
            self.word();
        }
        is_next
    }

    /// Whether the next word is this mark, which is then passed.
    pub fn takes_mark(&mut self, mark: u8) -> bool {
        let is_next = self.peek() == Some(Word::Mark(mark));
        if is_next {
            self.word();
        }
        is_next
    }

    /// A name of one part or several with points between: `public."a b"`.
    pub fn name(&mut self) -> Option<Vec<String>> {
        let mut parts = vec![self.word()?.name()?];
        while self.peek()? == Word::Mark(b'.') {
            self.word();
            parts.push(self.word()?.name()?);
        }
        Some(parts)
    }

    /// Names in parentheses, if a parenthesis is next; an index length or an order behind a name is passed over.
    pub fn names(&mut self) -> Option<Vec<String>> {
        if self.peek()? != Word::Mark(b'(') {
            return None;
        }
        self.word();
        let mut names = Vec::new();
        loop {
            names.push(self.word()?.name()?);
            let mut depth = 0;
            loop {
                match self.word()? {
                    Word::Mark(b'(') => depth += 1,
                    Word::Mark(b')') if depth > 0 => depth -= 1,
                    Word::Mark(b')') => return Some(names),
                    Word::Mark(b',') if depth == 0 => break,
                    _ => {}
                }
            }
        }
    }
}

/// The name in quotes that a text begins with, and where it ends; the closing mark twice is itself.
fn quoted(text: &[u8], close: u8) -> Option<(String, usize)> {
    let mut name = Vec::new();
    let mut at = 1;
    loop {
        let end = at + memchr::memchr(close, text.get(at..)?)?;
        name.extend_from_slice(&text[at..end]);
        // What follows tells whether the quote ends here.
        if *text.get(end + 1)? != close {
            return Some((String::from_utf8_lossy(&name).into_owned(), end + 1));
        }
        name.push(close);
        at = end + 2;
    }
}
