//! Passing over a statement, piece by piece: where it ends, whatever stands in its quotes and comments.

use memchr::{memchr, memchr2, memmem};

use super::{Dialect, Lexis};

/// Bytes that are looked at again with what follows them: a mark of two or three bytes may be cut.
const HELD: usize = 4;
/// A text up to this length is seen whole before it is passed over.
const LONGEST_SEEN: usize = 1 << 20;
/// What a line of a dump begins with that begins a statement.
const STATEMENTS: [&[u8]; 8] =
    [b"create ", b"insert ", b"replace into ", b"drop ", b"copy ", b"lock tables ", b"unlock tables", b"alter table "];
/// As many bytes as tell one.
const LONGEST_STATEMENT: usize = 16;
/// The longest tag of a dollar quote.
const LONGEST_TAG: usize = 64;

/// A statement that is passed over.
#[derive(Debug, Clone)]
pub struct Passage {
    lexis: Lexis,
    within: Within,
    /// The body of a trigger or routine holds statements of its own, between BEGIN and END.
    body: Option<Body>,
}

#[derive(Debug, Clone)]
enum Within {
    Plain,
    Quote {
        mark: u8,
        escapes: bool,
    },
    Line,
    Block,
    Dollar(Vec<u8>),
    /// Behind a quote that was never closed: what is text cannot be told any more, but for lines that begin a statement.
    Lost,
}

#[derive(Debug, Clone, Default)]
struct Body {
    /// Whether there was a BEGIN.
    begun: bool,
    /// What is open: BEGIN and CASE, each up to its END.
    depth: usize,
    word: Vec<u8>,
    /// Whether the word before was END: one of `END IF` and its kin closes nothing that is counted.
    behind_end: bool,
}

/// How far a piece is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// The statement ends before this position.
    End(usize),
    /// It goes on; so many bytes are done with.
    More(usize),
}

impl Passage {
    /// From the statement's first byte on, or from behind any of its words.
    pub fn new(lexis: Lexis) -> Self {
        Self { lexis, within: Within::Plain, body: None }
    }

    /// Of a statement that defines a trigger or a routine.
    pub fn of_routine(lexis: Lexis) -> Self {
        Self { body: Some(Body::default()), ..Self::new(lexis) }
    }

    /// Goes on over `bytes`; `at_end`: nothing follows them.
    pub fn pass(&mut self, bytes: &[u8], at_end: bool) -> Passed {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let found = match &self.within {
                Within::Plain => match self.plain(bytes, at, at_end) {
                    Ok(next) => {
                        at = next;
                        continue;
                    }
                    Err(passed) => return passed,
                },
                Within::Quote { mark, escapes: false } => memchr(*mark, rest).map(|found| found + 1),
                Within::Quote { mark, escapes: true } => match end_of_escaped(rest, *mark) {
                    Ok(end) => Some(end),
                    Err(held) if !at_end => return Passed::More(bytes.len() - held),
                    Err(_) => None,
                },
                Within::Lost => match next_statement(rest, at_end) {
                    Ok(found) => return Passed::End(at + found),
                    Err(held) => return Passed::More(bytes.len() - held),
                },
                Within::Line => memchr(b'\n', rest).map(|found| found + 1),
                Within::Block => memmem::find(rest, b"*/").map(|found| found + 2),
                Within::Dollar(tag) => memmem::find(rest, tag).map(|found| found + tag.len()),
            };
            let Some(end) = found else {
                let held = match &self.within {
                    _ if at_end => 0,
                    Within::Block => 1,
                    Within::Dollar(tag) => tag.len() - 1,
                    _ => 0,
                };
                return Passed::More(bytes.len() - held.min(rest.len()));
            };
            at += end;
            self.within = Within::Plain;
        }
    }

    /// From `at` to where another state begins.
    fn plain(&mut self, bytes: &[u8], mut at: usize, at_end: bool) -> Result<usize, Passed> {
        let mut from = at;
        while let Some(&byte) = bytes.get(at) {
            if !is_mark(byte) {
                at += match &mut self.body {
                    Some(body) => {
                        body.take(byte);
                        1
                    }
                    None => bytes[at..].iter().position(|&byte| is_mark(byte)).unwrap_or(bytes.len() - at),
                };
                continue;
            }
            let next = bytes.get(at + 1).copied();
            if !at_end && bytes.len() - at < HELD {
                break;
            }
            if byte == b';' {
                if self.body.as_mut().is_none_or(Body::ends) {
                    return Err(Passed::End(at + 1));
                }
                at += 1;
                continue;
            }
            if let Some(body) = &mut self.body {
                body.take(b' ');
            }
            let (within, length) = match (byte, next) {
                (b'\'', _) => {
                    let is_escaped =
                        matches!(bytes[..at], [.., b'e' | b'E']) && !matches!(bytes[..at - 1], [.., before] if is_word(before));
                    let escapes = self.lexis.escapes || (is_escaped && self.lexis.dialect == Dialect::PostgreSql);
                    (Within::Quote { mark: byte, escapes }, 1)
                }
                (b'"', _) => {
                    let escapes = self.lexis.dialect == Dialect::MySql && self.lexis.escapes;
                    (Within::Quote { mark: byte, escapes }, 1)
                }
                (b'`', _) if self.lexis.dialect != Dialect::PostgreSql => (Within::Quote { mark: byte, escapes: false }, 1),
                (b'-', Some(b'-')) if self.is_comment(bytes.get(at + 2)) => (Within::Line, 2),
                (b'#', _) if self.lexis.dialect == Dialect::MySql => (Within::Line, 1),
                (b'/', Some(b'*')) => (Within::Block, 2),
                (b'$', _) if self.quotes_by_dollars(&bytes[..at]) => match dollar_tag(&bytes[at..]) {
                    Tag::Is(length) => (Within::Dollar(bytes[at..at + length].to_vec()), length),
                    Tag::IsNone => (Within::Plain, 1),
                    Tag::MayBe if at_end => (Within::Plain, 1),
                    Tag::MayBe => break,
                },
                _ => (Within::Plain, 1),
            };
            at += length;
            if let Within::Quote { mark: b'\'', escapes } = within {
                match whole_text(&bytes[at..], escapes, at_end) {
                    Seen::Whole(end) => {
                        at += end;
                        from = at;
                        continue;
                    }
                    Seen::Open => {
                        self.within = Within::Lost;
                        return Ok(at);
                    }
                    Seen::Cut if !at_end && bytes.len() - at < LONGEST_SEEN => {
                        at -= length;
                        break;
                    }
                    Seen::Cut => {}
                }
            }
            if !matches!(within, Within::Plain) {
                self.within = within;
                return Ok(at);
            }
        }
        // The last letters may belong to a mark that follows: E'.
        let held = if at_end || self.body.is_some() { at } else { at.saturating_sub(2).max(from) };
        Err(Passed::More(held))
    }

    /// Whether a dollar may begin a quote behind `before`. Within a name it is a letter.
    fn quotes_by_dollars(&self, before: &[u8]) -> bool {
        matches!(self.lexis.dialect, Dialect::PostgreSql | Dialect::Standard) && !before.last().is_some_and(|&byte| is_word(byte))
    }

    /// MySQL wants a blank behind two dashes.
    fn is_comment(&self, behind: Option<&u8>) -> bool {
        self.lexis.dialect != Dialect::MySql || behind.is_none_or(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
    }
}

/// How much of a text in quotes is there.
enum Seen {
    /// It ends before this position.
    Whole(usize),
    /// Its end, or what follows it, is not there.
    Cut,
    /// Its quote was never closed: it ends before a letter, or not at all.
    Open,
}

/// Looks at a text from behind its opening quote.
fn whole_text(text: &[u8], escapes: bool, at_end: bool) -> Seen {
    let end = if escapes { end_of_escaped(text, b'\'').ok() } else { memchr(b'\'', text).map(|found| found + 1) };
    match end.map(|end| (end, text.get(end))) {
        Some((_, Some(&next))) if is_word(next) => Seen::Open,
        Some((end, next)) if next.is_some() || at_end => Seen::Whole(end),
        None if at_end => Seen::Open,
        _ => Seen::Cut,
    }
}

/// The next line that begins a statement, behind one that ends one or is blank; or how many bytes at the end are to be looked
/// at again.
fn next_statement(text: &[u8], at_end: bool) -> Result<usize, usize> {
    let (mut from, mut line) = (0, 0);
    while let Some(found) = memchr(b'\n', &text[from..]) {
        let (before, next) = (text[line..from + found].trim_ascii_end(), from + found + 1);
        let start = &text[next..text.len().min(next + LONGEST_STATEMENT)];
        if start.len() < LONGEST_STATEMENT && !at_end {
            return Err(text.len() - line);
        }
        let is_end = before.is_empty() || before.ends_with(b";") || before.starts_with(b"--");
        if is_end && STATEMENTS.iter().any(|words| start.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words))) {
            return Ok(next);
        }
        (from, line) = (next, next);
    }
    Err(if at_end { 0 } else { (text.len() - line).min(LONGEST_SEEN) })
}

impl Body {
    fn take(&mut self, byte: u8) {
        if is_word(byte) {
            if self.word.len() < 16 {
                self.word.push(byte.to_ascii_lowercase());
            }
        } else {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        match self.word.as_slice() {
            b"if" | b"loop" | b"while" | b"repeat" | b"for" if self.behind_end => self.depth += 1,
            b"begin" => {
                self.begun = true;
                self.depth += 1;
            }
            b"case" if !self.behind_end => self.depth += 1,
            b"end" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.behind_end = self.word == b"end";
        self.word.clear();
    }

    /// Whether a semicolon here ends the whole statement.
    fn ends(&mut self) -> bool {
        self.end_word();
        self.behind_end = false;
        !self.begun || self.depth == 0
    }
}

/// Whether a dollar begins a quote.
pub enum Tag {
    /// It does, with a tag of so many bytes, both dollars included.
    Is(usize),
    IsNone,
    /// The text ends within what may be a tag.
    MayBe,
}

/// The tag of a dollar quote at the start of `text`: `$$`, `$body$`.
pub fn dollar_tag(text: &[u8]) -> Tag {
    let name = text.get(1..).unwrap_or_default();
    match name.iter().take(LONGEST_TAG).position(|&byte| !is_word(byte)) {
        Some(end) if name[end] == b'$' && !name[0].is_ascii_digit() => Tag::Is(end + 2),
        Some(_) => Tag::IsNone,
        None if name.len() < LONGEST_TAG => Tag::MayBe,
        None => Tag::IsNone,
    }
}

/// Where a quote ends in which backslashes escape, behind its mark; or how many bytes at the end are to be looked at again.
pub fn end_of_escaped(text: &[u8], mark: u8) -> Result<usize, usize> {
    let mut at = 0;
    while let Some(found) = memchr2(mark, b'\\', &text[at..]) {
        at += found;
        if text[at] == mark {
            return Ok(at + 1);
        }
        if at + 1 == text.len() {
            return Err(1);
        }
        at += 2;
    }
    Err(0)
}

/// Whether a byte may stand in a word; every byte of a letter beyond ASCII may.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'\'' | b'"' | b'`' | b';' | b'-' | b'#' | b'/' | b'$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str, lexis: Lexis, trigger: bool) -> Vec<Option<usize>> {
        let make = || if trigger { Passage::of_routine(lexis) } else { Passage::new(lexis) };
        let whole = match make().pass(text.as_bytes(), true) {
            Passed::End(at) => Some(at),
            Passed::More(_) => None,
        };
        let mut ends = vec![whole];
        for step in 1..12 {
            let (mut passage, mut at, mut seen) = (make(), 0, step);
            ends.push(loop {
                let seen_now = text.len().min(seen);
                match passage.pass(&text.as_bytes()[at..seen_now], seen_now == text.len()) {
                    Passed::End(found) => break Some(at + found),
                    Passed::More(used) => at += used,
                }
                if seen_now == text.len() {
                    break None;
                }
                seen += step;
            });
        }
        ends
    }

    #[test]
    fn a_statement_ends_at_the_same_semicolon_however_it_is_cut() {
        let my = Lexis::of(Dialect::MySql);
        let pg = Lexis::of(Dialect::PostgreSql);
        for (text, lexis, trigger, expected) in [
            ("a 'x;\\';' b; c", my, false, Some(12)),
            ("a 'x;\\'; b", pg, false, Some(8)),
            ("a E'x;\\';' b; c", pg, false, Some(13)),
            ("a -- x;\n/* ; */ b; c", pg, false, Some(18)),
            ("a --x; c", my, false, Some(6)),
            ("a # x;\n; c", my, false, Some(8)),
            ("a $f$ ; $$ ; $f$; c", pg, false, Some(17)),
            ("a \";\" `;`; c", my, false, Some(10)),
            ("t begin insert x; select end; end; z", my, true, Some(29)),
            ("t begin insert x; END ; z", Lexis::of(Dialect::Sqlite), true, Some(23)),
            ("t execute f(); z", pg, true, Some(14)),
            ("never 'ends; ", pg, false, None),
            ("a 'x;'b;\n'; insert into\nc;\nINSERT INTO c VALUES (1);", pg, false, Some(27)),
            ("a 'x;\nb;\ncreate table c (d);", my, false, Some(9)),
        ] {
            for found in end(text, lexis, trigger) {
                assert_eq!(found, expected, "{text}");
            }
        }
    }
}
