//! The lines of a `COPY`, in PostgreSQL's text format or as CSV (<https://www.postgresql.org/docs/17/sql-copy.html>).

use memchr::{memchr, memchr2};
use serde::{Deserialize, Serialize};

use super::spelled::standard_escape;
use super::value::Literal;
use crate::column::Span;
use crate::format::sql::words::{Word, Words};

/// How the lines of a `COPY` are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyForm {
    delimiter: u8,
    /// What stands for no value.
    null: Vec<u8>,
    csv: Option<Quoting>,
    /// Whether the first line names the columns.
    pub has_header: bool,
}

/// The marks of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Quoting {
    quote: u8,
    escape: u8,
}

impl Default for CopyForm {
    fn default() -> Self {
        Self { delimiter: b'\t', null: b"\\N".to_vec(), csv: None, has_header: false }
    }
}

impl CopyForm {
    /// What stands behind `FROM stdin`, up to the end of the statement; `None`: the text ends before it.
    pub fn read(words: &mut Words<'_>) -> Option<Self> {
        let (mut delimiter, mut null, mut quote, mut escape) = (None, None, None, None);
        let (mut is_csv, mut has_header) = (false, false);
        loop {
            let word = words.word()?;
            if word == Word::Mark(b';') {
                break;
            } else if word.is("csv") {
                is_csv = true;
            } else if word.is_any(&["delimiter", "delimiters"]) {
                delimiter = value(words)?.first().copied();
            } else if word.is("null") {
                null = Some(value(words)?);
            } else if word.is("quote") {
                quote = value(words)?.first().copied();
            } else if word.is("escape") {
                escape = value(words)?.first().copied();
            } else if word.is("header") {
                has_header = !words.peek()?.is_any(&["false", "off", "0"]);
            } else if word.is("force") {
                words.takes("not");
                let _ = words.takes("null") || words.takes("quote");
            }
        }
        let quote = quote.unwrap_or(b'"');
        Some(Self {
            delimiter: delimiter.unwrap_or(if is_csv { b',' } else { b'\t' }),
            null: null.unwrap_or_else(|| if is_csv { Vec::new() } else { b"\\N".to_vec() }),
            csv: is_csv.then_some(Quoting { quote, escape: escape.unwrap_or(quote) }),
            has_header,
        })
    }

    /// Where the record at `at` ends, its line end not included; `None`: the text ends before it.
    pub fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let Some(Quoting { quote, escape }) = self.csv else { return memchr(b'\n', text.get(at..)?).map(|length| at + length) };
        let (mut at, mut is_within) = (at, false);
        loop {
            let rest = text.get(at..)?;
            let found = at + if is_within { memchr2(quote, escape, rest) } else { memchr2(quote, b'\n', rest) }?;
            match text[found] {
                b'\n' if !is_within => return Some(found),
                // The byte behind an escape is data, whatever it is.
                mark if is_within && mark == escape && escape != quote => at = found + 2,
                _ => (is_within, at) = (!is_within, found + 1),
            }
        }
    }

    /// The field of a record that begins at `from`, and where it ends: at a delimiter, or at the record's `end`.
    pub fn field(&self, text: &[u8], from: usize, end: usize, scratch: &mut Vec<u8>) -> (Literal, usize) {
        match self.csv {
            None => self.escaped(text, from, end, scratch),
            Some(quoting) => self.quoted(text, from, end, quoting, scratch),
        }
    }

    fn escaped(&self, text: &[u8], from: usize, end: usize, scratch: &mut Vec<u8>) -> (Literal, usize) {
        let find = |from: usize| memchr2(self.delimiter, b'\\', &text[from..end]).map_or(end, |found| from + found);
        let (start, mut done, mut at) = (scratch.len(), from, find(from));
        while at < end && text[at] == b'\\' {
            scratch.extend_from_slice(&text[done..at]);
            done = at + 1;
            match standard_escape(&text[done..end], scratch) {
                Some(length) => done += length,
                None => scratch.push(b'\\'),
            }
            at = find(done);
        }
        if text[from..at] == *self.null {
            scratch.truncate(start);
            return (Literal::Null, at);
        }
        if done == from {
            return (Literal::Text(Span::quoted(from, at)), at);
        }
        scratch.extend_from_slice(&text[done..at]);
        (Literal::Text(Span::scratch(start, scratch.len(), true)), at)
    }

    /// Quotes may stand anywhere in a field.
    fn quoted(&self, text: &[u8], from: usize, end: usize, quoting: Quoting, scratch: &mut Vec<u8>) -> (Literal, usize) {
        let Quoting { quote, escape } = quoting;
        let plain = memchr2(self.delimiter, quote, &text[from..end]).map_or(end, |found| from + found);
        if plain == end || text[plain] == self.delimiter {
            let is_null = text[from..plain] == *self.null;
            return (if is_null { Literal::Null } else { Literal::Text(Span::quoted(from, plain)) }, plain);
        }
        let (start, mut at, mut is_within) = (scratch.len(), from, false);
        while at < end && (is_within || text[at] != self.delimiter) {
            let next = text[at + 1..end].first().copied();
            match text[at] {
                mark if is_within && mark == escape && next.is_some_and(|next| next == quote || next == escape) => {
                    scratch.extend(next);
                    at += 1;
                }
                mark if mark == quote => is_within = !is_within,
                byte => scratch.push(byte),
            }
            at += 1;
        }
        (Literal::Text(Span::scratch(start, scratch.len(), true)), at)
    }
}

/// The text behind an option: `'x'`, `AS 'x'`, `E'\t'`.
fn value(words: &mut Words<'_>) -> Option<Vec<u8>> {
    let mut word = words.word()?;
    if word.is("as") {
        word = words.word()?;
    }
    let has_escapes = word.is("e");
    if has_escapes {
        word = words.word()?;
    }
    let text = word.name()?.into_bytes();
    match text.split_first() {
        Some((b'\\', escape)) if has_escapes => {
            let mut out = Vec::new();
            standard_escape(escape, &mut out);
            Some(out)
        }
        _ => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::sql::{Dialect, Lexis};

    /// The records of a text behind `COPY a FROM stdin`, fields by bars; `~` for null.
    fn records(options: &str, text: &str) -> Vec<String> {
        let form = CopyForm::read(&mut Words::new(options.as_bytes(), 0, Lexis::of(Dialect::PostgreSql))).unwrap();
        let (bytes, mut at, mut records) = (text.as_bytes(), 0, Vec::new());
        while let Some(end) = form.end(bytes, at) {
            let (mut fields, mut from) = (Vec::new(), at);
            loop {
                let mut scratch = Vec::new();
                let (literal, stop) = form.field(bytes, from, end, &mut scratch);
                fields.push(match literal {
                    Literal::Text(span) => {
                        let bytes = span.in_input().map_or(scratch.as_slice(), |range| &bytes[range]);
                        String::from_utf8(bytes.to_vec()).unwrap()
                    }
                    _ => "~".to_owned(),
                });
                if stop == end {
                    break;
                }
                from = stop + 1;
            }
            records.push(fields.join("|"));
            at = end + 1;
        }
        records
    }

    #[test]
    fn lines_are_read_as_the_statement_says() {
        assert_eq!(records(";", "1\ta\\tb\\N\n\\N\t\n"), ["1|a\tbN", "~|"]);
        assert_eq!(records(" WITH DELIMITER AS '|' NULL 'nix';", "1|a\\|b\nnix|\\N\n"), ["1|a|b", "~|N"]);
        assert_eq!(records("(delimiter E'\\t', null '');", "1\t\n\\\\N\tx\n"), ["1|~", "\\N|x"]);
        assert_eq!(records(" WITH (FORMAT csv, HEADER);", "1,\"a, \"\"b\"\"\",\n,\"\",\"l1\nl2\"\n"), ["1|a, \"b\"|~", "~||l1\nl2"]);
        assert_eq!(records(" CSV QUOTE '''' ESCAPE '\\' FORCE NOT NULL b;", "'it\\'s',x'y,z'\n"), ["it's|xy,z"]);
    }
}
