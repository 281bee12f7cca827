//! Where the columns of a document begin, and places within them that rows are reached from.

use colonnade_protocol::{ErrorInfo, ErrorKind};
use serde::{Deserialize, Serialize};

use super::form::Form;
use super::scan::Scan;
use crate::Result;
use crate::format::json::path::{RecordPath, Step};
use crate::format::json::reader::Reader;
use crate::format::json::widen::key_text;
use crate::source::SharedSource;

/// Bytes of a document at most: all of it is gone through once before its first row is shown.
pub const MOST_BYTES: u64 = 1 << 30;
/// Bytes of a value at most while values are only passed.
const MOST_VALUE: usize = 256 << 20;
/// Bytes that are read at once.
const AHEAD: usize = 1 << 20;
/// Places that are kept of all columns.
const MOST_MARKS: usize = 1 << 12;
/// Columns at most.
const MOST_COLUMNS: usize = 1 << 14;
/// Objects that are gone into.
const MOST_DEPTH: usize = 32;

/// All columns of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    pub columns: Vec<Column>,
    /// Rows between two marks.
    pub step: u64,
    /// Whether the rows' names are no more than their numbers.
    pub is_counted: bool,
    /// Members beside the columns.
    pub beside: Vec<String>,
    /// Marks of all columns.
    #[serde(skip)]
    held: usize,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name as it stands in the document, in quotes.
    pub key: String,
    pub rows: u64,
    /// Where every `step`-th of its rows begins.
    pub marks: Vec<u64>,
}

impl Directory {
    /// Goes through the object at `path`, whose members are columns.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] where there is none, [`ErrorKind::Malformed`] for what is no JSON, [`ErrorKind::Limit`]; those
    /// of the source.
    pub fn read(source: &SharedSource, path: &RecordPath, form: Form) -> Result<Self> {
        if source.len() > MOST_BYTES {
            let what = format!(
                "a document that holds its columns one after another is gone through first, and this one has {} bytes",
                source.len()
            );
            return Err(ErrorInfo::new(ErrorKind::Limit, what, format!("At most {MOST_BYTES} are read. Write it again by rows.")));
        }
        let mut scan = Scan::new(source.clone(), 0, AHEAD);
        for mark in *b"\xEF\xBB\xBF" {
            if scan.peek()? == Some(mark) {
                scan.pass();
            }
        }
        let mut directory = Self { columns: Vec::new(), step: 1, is_counted: true, beside: Vec::new(), held: 0 };
        let mut names = path.steps().iter().filter_map(|step| if let Step::Member(name) = step { Some(name.as_str()) } else { None });
        let (mut wanted, mut depth) = (names.next(), 0);
        let mut key = Vec::new();
        scan.expect(b'{')?;
        let mut goes_on = scan.next()? != b'}';
        while goes_on {
            key.clear();
            scan.next()?;
            scan.value(&mut key, MOST_VALUE)?;
            scan.expect(b':')?;
            let opens = scan.next()?;
            if wanted.is_some_and(|name| name == unquoted(&key)) && opens == b'{' && depth < MOST_DEPTH {
                scan.pass();
                (wanted, depth) = (names.next(), depth + 1);
                goes_on = scan.next()? != b'}';
                continue;
            }
            if wanted.is_none() && opens == form.opens() {
                directory.column(&mut scan, &key, form)?;
            } else {
                directory.beside.push(unquoted(&key));
                scan.value(&mut Vec::new(), MOST_VALUE)?;
            }
            goes_on = scan.goes_on(b'}')?;
        }
        if directory.rows() == 0 || wanted.is_some() {
            let what = format!("there are no columns with values at {path}");
            return Err(ErrorInfo::new(ErrorKind::Empty, what, "Choose another recordPath, or read it as JSON records (format=json)."));
        }
        Ok(directory)
    }

    /// Rows of the longest column.
    pub fn rows(&self) -> u64 {
        self.columns.iter().map(|column| column.rows).max().unwrap_or(0)
    }

    fn column(&mut self, scan: &mut Scan, key: &[u8], form: Form) -> Result<()> {
        if self.columns.len() >= MOST_COLUMNS {
            let what = format!("the document has more than {MOST_COLUMNS} columns");
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Write it again by rows."));
        }
        let is_first = self.columns.is_empty();
        self.columns.push(Column { key: String::from_utf8_lossy(key).into_owned(), rows: 0, marks: Vec::new() });
        let mut passed = Vec::new();
        scan.pass();
        let mut goes_on = scan.next()? != form.closes();
        while goes_on {
            scan.next()?;
            self.mark(scan.position());
            passed.clear();
            scan.value(&mut passed, MOST_VALUE)?;
            if form == Form::Objects {
                let row = self.columns.last().map_or(0, |column| column.rows - 1);
                self.is_counted &= !is_first || passed == format!("\"{row}\"").as_bytes();
                scan.expect(b':')?;
                scan.next()?;
                passed.clear();
                scan.value(&mut passed, MOST_VALUE)?;
            }
            goes_on = scan.goes_on(form.closes())?;
        }
        Ok(())
    }

    /// Another row of the last column begins here. Where marks become too many, every other is forgotten.
    fn mark(&mut self, at: u64) {
        if self.held >= MOST_MARKS.max(self.columns.len() * 2) {
            self.step *= 2;
            for column in &mut self.columns {
                let mut number = 0;
                column.marks.retain(|_| {
                    number += 1;
                    number % 2 == 1
                });
            }
            self.held = self.columns.iter().map(|column| column.marks.len()).sum();
        }
        let step = self.step;
        if let Some(column) = self.columns.last_mut() {
            if column.rows % step == 0 {
                column.marks.push(at);
                self.held += 1;
            }
            column.rows += 1;
        }
    }
}

/// A name without its quotes and escapes.
pub fn unquoted(key: &[u8]) -> String {
    match Reader::new(key, 0).string() {
        Ok(name) => key_text(key, &name),
        Err(_) => String::from_utf8_lossy(key).into_owned(),
    }
}
