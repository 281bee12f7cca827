//! The statements of a dump, one after another, however its bytes come.

use memchr::{memchr, memmem};

use super::copy::CopyForm;
use super::value::{self, Stop};
use crate::format::sql::pass::{Passage, Passed};
use crate::format::sql::words::{Word, Words};
use crate::format::sql::{Dialect, Lexis};

/// The head of a statement with data, up to its first row, is no longer than this.
const LONGEST_HEAD: usize = 1 << 20;

/// What may stand between CREATE and TABLE. A virtual table's rows are elsewhere.
const OF_TABLES: &[&str] =
    &["or", "replace", "temporary", "temp", "global", "local", "unlogged", "foreign", "external", "memory", "cached", "column", "row"];

/// What holds statements of its own.
const BODIED: [&str; 4] = ["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"];
/// Commands of Oracle's shells, each a line. `SET` is one where it names what such a shell has.
const LINES: [&str; 6] = ["rem", "remark", "prompt", "spool", "whenever", "undefine"];
const SET_LINES: [&str; 16] = [
    "define",
    "def",
    "echo",
    "escape",
    "feedback",
    "head",
    "heading",
    "linesize",
    "long",
    "pagesize",
    "scan",
    "serveroutput",
    "sqlblanklines",
    "termout",
    "timing",
    "verify",
];

/// What a statement is, as far as its first words tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    /// `INSERT INTO table (columns) VALUES`, with where its first parenthesis is.
    Insert {
        table: Vec<String>,
        columns: Option<Vec<String>>,
        first: usize,
    },
    /// `INSERT INTO table SET column = value, ...`, with where its first column is.
    Assign {
        table: Vec<String>,
        columns: Vec<String>,
        first: usize,
    },
    /// `COPY table (columns) FROM stdin;`, with where its first line is.
    Copy {
        table: Vec<String>,
        columns: Option<Vec<String>>,
        form: CopyForm,
        first: usize,
    },
    CreateTable,
    /// `USE database`, or the schema that `SET search_path` names first.
    Use(String),
    /// MySQL's client takes what follows by another mark, which routines need.
    Delimiter,
    /// `SET standard_conforming_strings = off`: backslashes are escapes.
    Escapes(bool),
    /// Any other, by its first words: `CREATE VIEW`.
    Other(String),
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// A statement that begins at this position.
    Statement(usize, Head),
    /// So many bytes are done with; the rest wants more behind it.
    Used(usize),
}

/// Goes from statement to statement.
#[derive(Debug, Clone)]
pub struct Statements {
    pub lexis: Lexis,
    passing: Option<Passing>,
}

#[derive(Debug, Clone)]
enum Passing {
    Statement(Passage),
    /// Lines of a `COPY`, to the one that ends them.
    Lines,
    /// To the line that takes the delimiter back.
    Delimited,
    Comment {
        block: bool,
    },
}

impl Statements {
    /// Between two statements.
    pub fn new(lexis: Lexis) -> Self {
        Self { lexis, passing: None }
    }

    /// Passes over the statement whose head was given, from that head's `first`, or its first byte.
    pub fn pass(&mut self, head: &Head) {
        self.passing = Some(match head {
            Head::Copy { .. } => Passing::Lines,
            Head::Delimiter => Passing::Delimited,
            Head::Other(words) if BODIED.iter().any(|kind| words.ends_with(kind)) => Passing::Statement(Passage::of_routine(self.lexis)),
            _ => Passing::Statement(Passage::new(self.lexis)),
        });
    }

    /// Where passing over a statement begins that is at `at`: behind a head whose lines follow it.
    pub fn passes_from(head: &Head, at: usize) -> usize {
        match head {
            Head::Copy { first, .. } => *first,
            _ => at,
        }
    }

    /// The next statement of `bytes`, whose head it gives: one that is not read is then to be [passed](Self::pass).
    pub fn next(&mut self, bytes: &[u8], from: usize, at_end: bool) -> Next {
        let mut at = from;
        if let Some(passing) = &mut self.passing {
            match passing.go(&bytes[at..], at_end) {
                Passed::More(used) => return Next::Used(at + used),
                Passed::End(end) => at += end,
            }
            self.passing = None;
        }
        loop {
            let mut words = Words::new(bytes, at, self.lexis);
            let Some(start) = words.skip() else { return Next::Used(self.cut(bytes, words.position(), at_end)) };
            // An empty statement, such as one that is but a comment, or the end of lines that another table had.
            if bytes[start] == b';' {
                at = start + 1;
                continue;
            }
            if bytes[start] == b'\\' || self.is_line(bytes, start) {
                match memchr(b'\n', &bytes[start..]) {
                    Some(end) => at = start + end + 1,
                    None if at_end => return Next::Used(bytes.len()),
                    None => return Next::Used(start),
                }
                continue;
            }
            return match self.head(bytes, start, at_end) {
                Some(head) => Next::Statement(start, head),
                None => Next::Used(start),
            };
        }
    }

    /// Whether a line that holds no SQL begins here: a command of a shell's, or the slash that has it run what stands above.
    fn is_line(&self, bytes: &[u8], start: usize) -> bool {
        if self.lexis.dialect != Dialect::Standard {
            return false;
        }
        let mut words = bytes[start..].split(|byte| !byte.is_ascii_alphanumeric()).map(Word::Plain);
        let first = words.next().unwrap_or(Word::Plain(b""));
        first.is_any(&LINES)
            || (first.is("set") && words.next().is_some_and(|word| word.is_any(&SET_LINES)))
            || matches!(bytes[start..], [b'/', b'\r' | b'\n', ..])
    }

    /// What is done with of a text that ends within blanks or a comment at `at`.
    fn cut(&mut self, bytes: &[u8], at: usize, at_end: bool) -> usize {
        if at_end {
            return bytes.len();
        }
        if bytes.len() - at > LONGEST_HEAD {
            self.passing = Some(Passing::Comment { block: bytes[at] == b'/' });
        }
        at
    }

    /// The head of the statement at `start`; `None`: it wants more.
    fn head(&self, bytes: &[u8], start: usize, at_end: bool) -> Option<Head> {
        let known = self.known(bytes, start);
        if known.is_some() {
            return known;
        }
        let is_all = at_end || bytes.len() - start > LONGEST_HEAD;
        is_all.then(|| Head::Other(self.title(bytes, start)))
    }

    /// A head that is there whole.
    fn known(&self, bytes: &[u8], start: usize) -> Option<Head> {
        let mut words = Words::new(bytes, start, self.lexis);
        let first = words.word()?;
        let other = || Some(Head::Other(self.title(bytes, start)));
        if first.is_any(&["insert", "replace"]) {
            while words.peek()?.is_any(&[
                "low_priority",
                "delayed",
                "high_priority",
                "ignore",
                "or",
                "replace",
                "abort",
                "fail",
                "rollback",
                "into",
            ]) {
                words.word();
            }
            let Some(table) = words.name() else { return words.peek().and_then(|_| other()) };
            let is_list = words.peek()? == Word::Mark(b'(');
            let columns = if is_list { Some(words.names()?) } else { None };
            if words.takes("overriding") {
                words.word()?;
                words.word()?;
            }
            let behind = words.word()?;
            if behind.is("set") && !is_list {
                let first = words.skip()?;
                return match self.assigned(bytes, first) {
                    Ok(columns) => Some(Head::Assign { table, columns, first }),
                    Err(Stop::More) => None,
                    Err(Stop::Bad(..)) => other(),
                };
            }
            if !behind.is_any(&["values", "value"]) {
                return other();
            }
            let first = words.skip()?;
            return if bytes[first] == b'(' { Some(Head::Insert { table, columns, first }) } else { other() };
        }
        if first.is("copy") {
            let Some(table) = words.name() else { return words.peek().and_then(|_| other()) };
            let is_list = words.peek()? == Word::Mark(b'(');
            let columns = if is_list { Some(words.names()?) } else { None };
            if !(words.word()?.is("from") && words.word()?.is("stdin")) {
                return other();
            }
            let form = CopyForm::read(&mut words)?;
            let first = words.position() + memchr(b'\n', bytes.get(words.position()..)?)? + 1;
            return Some(Head::Copy { table, columns, form, first });
        }
        if first.is("create") {
            while words.peek()?.is_any(OF_TABLES) {
                words.word();
            }
            return if words.word()?.is("table") { Some(Head::CreateTable) } else { other() };
        }
        if first.is("use") {
            return words.word()?.name().map_or_else(other, |name| Some(Head::Use(name)));
        }
        if first.is("delimiter") {
            let line = bytes.get(words.position()..)?;
            let mark = line[..memchr(b'\n', line)?].trim_ascii();
            return Some(if mark == b";" { Head::Other("DELIMITER".to_owned()) } else { Head::Delimiter });
        }
        if first.is("set") && words.takes("standard_conforming_strings") {
            words.word()?;
            return Some(Head::Escapes(words.word()?.is("off")));
        }
        if first.is("set") && words.takes("search_path") {
            words.word()?;
            let schema = words.word()?.name().unwrap_or_default();
            return if schema.is_empty() || schema.starts_with("pg_") { other() } else { Some(Head::Use(schema)) };
        }
        // Its first words, for telling what it is.
        words.word()?;
        words.word()?;
        other()
    }

    /// The columns of `column = value, ...` from `at` on, up to the end of the list.
    fn assigned(&self, bytes: &[u8], mut at: usize) -> Result<Vec<String>, Stop> {
        let (mut columns, mut scratch) = (Vec::new(), Vec::new());
        loop {
            let assignment = value::assignment(bytes, at, self.lexis, &mut scratch)?;
            columns.push(assignment.column);
            scratch.clear();
            match assignment.next {
                Some(next) => at = next,
                None => return Ok(columns),
            }
        }
    }

    /// The first words of a statement: `ALTER TABLE`, `CREATE VIEW`, `CREATE TRIGGER`.
    fn title(&self, bytes: &[u8], start: usize) -> String {
        let mut words = Words::new(bytes, start, self.lexis);
        let keyword = |word: Option<Word<'_>>| match word {
            Some(Word::Plain(word)) => Some(String::from_utf8_lossy(&word[..word.len().min(24)]).to_ascii_uppercase()),
            _ => None,
        };
        let Some(first) = keyword(words.word()) else { return "?".to_owned() };
        if matches!(first.as_str(), "INSERT" | "REPLACE") {
            return format!("{first} without VALUES");
        }
        if !matches!(first.as_str(), "CREATE" | "ALTER" | "DROP" | "LOCK" | "UNLOCK") {
            return first;
        }
        const KINDS: [&str; 13] = [
            "TABLE",
            "VIEW",
            "TRIGGER",
            "INDEX",
            "FUNCTION",
            "PROCEDURE",
            "SEQUENCE",
            "TYPE",
            "SCHEMA",
            "EXTENSION",
            "DATABASE",
            "EVENT",
            "RULE",
        ];
        let kind = std::iter::from_fn(|| words.word()).take(12).find_map(|word| KINDS.into_iter().find(|kind| word.is(kind)));
        kind.map_or(first.clone(), |kind| format!("{first} {kind}"))
    }
}

impl Passing {
    fn go(&mut self, bytes: &[u8], at_end: bool) -> Passed {
        let end = match self {
            Self::Statement(passage) => return passage.pass(bytes, at_end),
            Self::Lines => end_of_lines(bytes, at_end),
            Self::Delimited => end_of_delimited(bytes, at_end),
            Self::Comment { block } => {
                let end: &[u8] = if *block { b"*/" } else { b"\n" };
                return match memmem::find(bytes, end) {
                    Some(found) => Passed::End(found + end.len()),
                    None => Passed::More(bytes.len().saturating_sub(if at_end { 0 } else { 1 })),
                };
            }
        };
        match end {
            Some(end) => Passed::End(end),
            // A line of the end may be cut.
            None => Passed::More(if at_end { bytes.len() } else { memchr::memrchr(b'\n', bytes).unwrap_or(0) }),
        }
    }
}

/// Behind the line `\.` that ends the lines of a `COPY`, of which `bytes` begins with one, or with the end of the one before.
fn end_of_lines(bytes: &[u8], at_end: bool) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = if from == 0 && bytes.starts_with(b"\\.") { 0 } else { from + memmem::find(&bytes[from..], b"\n\\.")? + 1 };
        let behind = &bytes[at + 2..];
        match behind.iter().position(|&byte| byte != b'\r') {
            Some(end) if behind[end] == b'\n' => return Some(at + 2 + end + 1),
            None if at_end => return Some(bytes.len()),
            None => return None,
            Some(_) => from = at + 2,
        }
    }
}

fn end_of_delimited(bytes: &[u8], at_end: bool) -> Option<usize> {
    // The first line sets the mark.
    let mut from = memchr(b'\n', bytes)?;
    loop {
        let line = from + 1;
        let end = match memchr(b'\n', bytes.get(line..)?) {
            Some(end) => line + end,
            None if at_end => bytes.len(),
            None => return None,
        };
        let words = bytes[line..end].trim_ascii();
        if words.get(..9).is_some_and(|word| word.eq_ignore_ascii_case(b"delimiter")) && words[9..].trim_ascii() == b";" {
            return Some(end);
        }
        if end == bytes.len() {
            return None;
        }
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(text: &str, lexis: Lexis, step: usize) -> Vec<String> {
        let (mut statements, mut at, mut seen, mut heads) = (Statements::new(lexis), 0, step.min(text.len()), Vec::new());
        loop {
            let at_end = seen == text.len();
            match statements.next(&text.as_bytes()[..seen], at, at_end) {
                Next::Statement(start, head) => {
                    heads.push(match &head {
                        Head::Insert { table, columns, first } => format!("insert {table:?} {columns:?} {}", &text[*first..first + 1]),
                        Head::Copy { table, columns, first, .. } => format!("copy {table:?} {columns:?} {:?}", &text[*first..first + 1]),
                        other => format!("{other:?}"),
                    });
                    statements.pass(&head);
                    at = Statements::passes_from(&head, start);
                }
                Next::Used(used) => {
                    at = used;
                    if at_end {
                        return heads;
                    }
                    seen = (seen + step).min(text.len());
                }
            }
        }
    }

    #[test]
    fn statements_are_told_however_the_text_comes() {
        let my = "-- MySQL dump\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `a`;\nCREATE TABLE `a` (`b` int DEFAULT ';');\nLOCK TABLES `a` WRITE;\nINSERT IGNORE INTO `d`.`a` (`b`, `c`) VALUES (1,';');\nDELIMITER ;;\nCREATE PROCEDURE p() BEGIN INSERT INTO a VALUES (1); END ;;\nDELIMITER ;\nREPLACE INTO a VALUE (2);\nINSERT INTO a SELECT 1;\nUSE `x`;\n";
        let expected = [
            "Other(\"DROP TABLE\")",
            "CreateTable",
            "Other(\"LOCK TABLE\")",
            "insert [\"d\", \"a\"] Some([\"b\", \"c\"]) (",
            "Delimiter",
            "insert [\"a\"] None (",
            "Other(\"INSERT without VALUES\")",
            "Use(\"x\")",
        ];
        let lexis = Lexis::of(Dialect::MySql);
        for step in [1, 2, 3, 7, 50, 10_000] {
            let found = heads(my, lexis, step);
            let found: Vec<_> = found.iter().map(|head| head.replace("LOCK\"", "LOCK TABLE\"")).collect();
            assert_eq!(found, expected, "{step}");
        }
        let pg = "SET standard_conforming_strings = on;\nCREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f();\nCREATE FUNCTION f() RETURNS trigger AS $$BEGIN INSERT INTO a VALUES (1); END$$;\nCOPY public.a (b, \"C d\") FROM stdin;\n1\tINSERT INTO a VALUES (\\.\n\\.\n\nCOPY b FROM stdin;\n\\.\nSELECT setval('s', 1);\n";
        let expected = [
            "Escapes(false)",
            "Other(\"CREATE TRIGGER\")",
            "Other(\"CREATE FUNCTION\")",
            "copy [\"public\", \"a\"] Some([\"b\", \"C d\"]) \"1\"",
            "copy [\"b\"] None \"\\\\\"",
            "Other(\"SELECT\")",
        ];
        for step in [1, 2, 3, 7, 50, 10_000] {
            assert_eq!(heads(pg, Lexis::of(Dialect::PostgreSql), step), expected, "{step}");
        }
    }
}
