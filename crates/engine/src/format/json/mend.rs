//! Records that break the grammar in ways that are understood, made right: each repair is named, and an option declines it.
//!
//! What comes out is a text for [`Reader`]; nothing of the values is guessed. It never recurses.

mod strings;
mod words;

use super::reader::{MAX_DEPTH, Reader, SyntaxError};
use super::repair::{LINE_BREAKS, Repair};
#[cfg(feature = "every-format")]
use super::wrapper;
use crate::settings::Settings;

/// Repairs of a kind that are told one by one in a record.
const MOST_TOLD: u64 = 10;

type Result<T> = std::result::Result<T, SyntaxError>;

/// A record made right.
#[derive(Debug)]
pub struct Mended {
    pub text: Vec<u8>,
    /// Where the record ends in the source's text.
    pub end: usize,
    pub repairs: Vec<Made>,
}

impl Mended {
    /// The kinds of its repairs, each once.
    pub fn kinds(&self) -> impl Iterator<Item = Repair> {
        Repair::ALL.into_iter().filter(|kind| self.repairs.iter().any(|made| made.repair == *kind))
    }
}

/// Repairs of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    pub repair: Repair,
    /// Where in the source's text.
    pub at: usize,
    /// How many are meant: of many of a kind, those behind the last that is told by itself are told with it.
    pub times: u64,
}

/// Which repairs are made.
#[derive(Debug, Clone)]
pub struct Mender {
    allowed: Vec<Repair>,
    /// Asked for by a person: no fault.
    asked: Vec<Repair>,
    /// A person has declined some.
    has_declined: bool,
    /// Line breaks within texts become blanks.
    blank_breaks: bool,
}

impl Mender {
    /// The repairs that the settings allow; of those that nobody asked for none at all where the first fault is to stop.
    pub fn new(settings: &Settings, stops: bool) -> Self {
        let asked: Vec<_> =
            Repair::ALL.into_iter().filter(|repair| settings.flag(repair.option()) && settings.is_by_person(repair.option())).collect();
        let allowed = Repair::ALL.into_iter().filter(|repair| settings.flag(repair.option()) && (!stops || asked.contains(repair)));
        let has_declined =
            !stops && Repair::ALL.iter().any(|repair| !settings.flag(repair.option()) && settings.is_by_person(repair.option()));
        Self { allowed: allowed.collect(), asked, has_declined, blank_breaks: settings.text(LINE_BREAKS) == "blank" }
    }

    /// Whether such a repair is made.
    pub fn allows(&self, repair: Repair) -> bool {
        self.allowed.contains(&repair)
    }

    /// What a record is refused for that could neither be read nor mended: where a person has declined repairs, what stopped
    /// the mending, if that is further on.
    pub fn obstacle(&self, reading: SyntaxError, mending: SyntaxError) -> SyntaxError {
        if self.has_declined && mending.at > reading.at { mending } else { reading }
    }

    /// Whether such a repair is to be listed.
    pub fn lists(&self, repair: Repair) -> bool {
        !self.asked.contains(&repair)
    }

    /// What was found, and what was made of it.
    pub fn reason(&self, repair: Repair) -> &'static str {
        match repair {
            Repair::ControlCharacters if self.blank_breaks => {
                "a raw line break or control character within a text; line breaks were made blanks"
            }
            _ => repair.reason(),
        }
    }

    /// The option by whose setting such a repair is made as it is.
    pub fn decided_by(&self, repair: Repair) -> &'static str {
        match repair {
            Repair::ControlCharacters if self.blank_breaks => LINE_BREAKS,
            _ => repair.option(),
        }
    }

    /// Reads the value at `start` (with its name before it, if `keyed`). `closes`: brackets may be added where the text
    /// ends, which is the end of the source.
    ///
    /// # Errors
    /// For what is not understood, or not allowed.
    pub fn mend(&self, text: &[u8], start: usize, keyed: bool, closes: bool) -> Result<Mended> {
        let mut work = Work {
            mender: self,
            text,
            at: start,
            closes,
            out: Vec::new(),
            open: Vec::new(),
            bare_end: usize::MAX,
            repairs: Vec::new(),
            counts: [0; Repair::ALL.len()],
        };
        work.record(keyed)?;
        let (end, repairs) = (work.at, work.told());
        Ok(Mended { text: work.out, end, repairs })
    }

    /// Bytes before the document that are passed over: a call, a variable, a guard.
    #[cfg(feature = "every-format")]
    pub fn before(&self, text: &[u8]) -> usize {
        if self.allows(Repair::Calls) { wrapper::before(text) } else { 0 }
    }

    /// The end of the comment or byte order mark at `at`, if one is there.
    ///
    /// # Errors
    /// Where a comment is not closed.
    pub fn passed_over(text: &[u8], at: usize) -> Result<Option<(Repair, usize)>> {
        let rest = text.get(at..).unwrap_or_default();
        let end_of = |found: Option<usize>| found.map(|length| at + 2 + length);
        Ok(match rest {
            [b'/', b'/', more @ ..] => Some((Repair::Comments, end_of(memchr::memchr2(b'\n', b'\r', more)).unwrap_or(text.len()))),
            [b'/', b'*', more @ ..] => match end_of(memchr::memmem::find(more, b"*/")) {
                Some(end) => Some((Repair::Comments, end + 2)),
                None => return Err(SyntaxError { at, what: "a comment is not closed", cut: true }),
            },
            [b'/'] => return Err(SyntaxError { at, what: "no value begins here", cut: true }),
            [0xEF, 0xBB, 0xBF, ..] => Some((Repair::Marks, at + 3)),
            _ => None,
        })
    }

    /// The end of the ellipsis at `at`, if one is there.
    pub fn ellipsis(text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        if rest.starts_with("…".as_bytes()) {
            return Some(at + "…".len());
        }
        let dots = rest.iter().take_while(|&&byte| byte == b'.').count();
        (dots >= 3).then_some(at + dots)
    }
}

struct Work<'a> {
    mender: &'a Mender,
    text: &'a [u8],
    at: usize,
    closes: bool,
    out: Vec<u8>,
    /// The closing bracket of each open one, and whether something is in it.
    open: Vec<(u8, bool)>,
    /// Where a number or a word ended last: at the end of the source it may be cut.
    bare_end: usize,
    repairs: Vec<Made>,
    /// By kind, in the order of [`Repair`].
    counts: [u64; Repair::ALL.len()],
}

impl Work<'_> {
    fn record(&mut self, keyed: bool) -> Result<()> {
        if keyed {
            self.blanks()?;
            self.key()?;
        }
        loop {
            self.blanks()?;
            self.value()?;
            while let Some(&(close, filled)) = self.open.last() {
                if self.next_item(close, filled)? {
                    break;
                }
                self.open.pop();
                self.out.push(close);
            }
            if self.open.is_empty() {
                return Ok(());
            }
        }
    }

    /// Passes what stands between two items. Whether another one follows, whose value is next; else the end was passed.
    fn next_item(&mut self, close: u8, filled: bool) -> Result<bool> {
        // What there may be next: a comma or an item, only an item, only a comma.
        let (mut comma, mut ellipsis) = (false, false);
        loop {
            self.blanks()?;
            let Some(&byte) = self.text.get(self.at) else {
                if !self.closes || self.bare_end == self.text.len() {
                    return Err(self.error("the text ends within a record"));
                }
                self.repaired(Repair::Brackets, "a closing bracket is missing")?;
                return Ok(false);
            };
            if byte == b',' {
                if comma || !filled && !ellipsis {
                    self.repaired(Repair::Commas, "a comma with no value before it")?;
                }
                (comma, ellipsis) = (true, false);
                self.at += 1;
            } else if byte == close {
                if comma {
                    self.repaired(Repair::Commas, "a comma with no value behind it")?;
                }
                self.at += 1;
                return Ok(false);
            } else if let Some(end) = Mender::ellipsis(self.text, self.at) {
                self.repaired(Repair::Ellipsis, "an ellipsis")?;
                (comma, ellipsis) = (false, true);
                self.at = end;
            } else {
                if filled && !comma && !ellipsis {
                    self.repaired(Repair::Commas, "a comma is missing")?;
                }
                if filled {
                    self.out.push(b',');
                }
                if let Some(last) = self.open.last_mut() {
                    last.1 = true;
                }
                if close == b'}' {
                    self.key()?;
                }
                return Ok(true);
            }
        }
    }

    fn value(&mut self) -> Result<()> {
        match self.text.get(self.at) {
            Some(b'"') => self.string(b'"'),
            Some(b'\'') => self.string(b'\''),
            Some(&open @ (b'{' | b'[')) => {
                if self.open.len() >= MAX_DEPTH {
                    return Err(self.error("values nest deeper than 1,024"));
                }
                self.open.push((if open == b'{' { b'}' } else { b']' }, false));
                self.out.push(open);
                self.at += 1;
                Ok(())
            }
            Some(b't' | b'f' | b'n') if self.call_argument().is_none() => {
                let mut reader = Reader::new(self.text, self.at);
                let word = reader.word()?;
                self.bare(word.end)
            }
            Some(b'.') if Mender::ellipsis(self.text, self.at).is_some() => {
                self.repaired(Repair::Ellipsis, "an ellipsis")?;
                self.at = Mender::ellipsis(self.text, self.at).unwrap_or(self.at);
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Some(b'A'..=b'Z' | b'a'..=b'z') if self.word()? => Ok(()),
            Some(b'-' | b'+' | b'0'..=b'9' | b'N' | b'I') => self.number(),
            Some(_) => Err(self.error("no value begins here")),
            None => Err(self.error("the text ends where a value is expected")),
        }
    }

    /// A name and the colon behind it.
    fn key(&mut self) -> Result<()> {
        match self.text.get(self.at) {
            Some(b'"') => self.string(b'"')?,
            Some(b'\'') => self.string(b'\'')?,
            _ => {
                let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$' | 0x80..);
                let is_part = |byte: &u8| is_letter(byte) || byte.is_ascii_digit() || *byte == b'-';
                let name = &self.text[self.at..];
                let length = name.iter().take_while(|byte| is_part(byte)).count();
                if !name.first().is_some_and(is_letter) {
                    return Err(self.error("a key in quotes is missing"));
                }
                self.repaired(Repair::Names, "a key without quotes")?;
                self.out.push(b'"');
                self.bare(self.at + length)?;
                self.out.push(b'"');
            }
        }
        self.blanks()?;
        if self.text.get(self.at) != Some(&b':') {
            return Err(self.error("a colon is missing behind the key"));
        }
        self.out.push(b':');
        self.at += 1;
        Ok(())
    }

    /// Passes blanks, comments and byte order marks.
    fn blanks(&mut self) -> Result<()> {
        loop {
            while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
            let Some((repair, end)) = Mender::passed_over(self.text, self.at)? else { return Ok(()) };
            self.repaired(repair, "no value begins here")?;
            self.at = end;
        }
    }

    /// Notes a repair.
    ///
    /// # Errors
    /// `what`, where it is not allowed.
    fn repaired(&mut self, repair: Repair, what: &'static str) -> Result<()> {
        if !self.mender.allows(repair) {
            return Err(self.error(what));
        }
        let count = &mut self.counts[repair as usize];
        *count += 1;
        if *count <= MOST_TOLD {
            self.repairs.push(Made { repair, at: self.at, times: 1 });
        }
        Ok(())
    }

    /// The repairs that were made.
    fn told(&mut self) -> Vec<Made> {
        let mut told = std::mem::take(&mut self.repairs);
        for repair in Repair::ALL {
            let more = self.counts[repair as usize].saturating_sub(MOST_TOLD);
            told.iter_mut().rfind(|made| made.repair == repair).into_iter().for_each(|last| last.times += more);
        }
        told
    }

    fn error(&self, what: &'static str) -> SyntaxError {
        SyntaxError { at: self.at, what, cut: self.at >= self.text.len() }
    }
}

#[cfg(test)]
mod tests;
