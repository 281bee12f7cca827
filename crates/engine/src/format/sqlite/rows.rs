//! Rows of a table as cells, which are then read as those of any text are: the values tell whether a column's type holds.

use colonnade_protocol::{Cause, Place};
use encoding_rs::UTF_8;

use super::pager::Pager;
use super::record::{self, Value, Values};
use super::schema::Layout;
use super::tree::{Cursor, Entry, Part};
use crate::Result;
use crate::column::{CellRules, ColumnSpec, Span};
use crate::format::dump::value::{self, Literal};
use crate::format::faults::Faults;
use crate::format::sql::{Dialect, Lexis};
use crate::format::text::Tokens;
use crate::format::text::rows::{CutText, TableRows};
use crate::format::text::tokens::OddRecord;
use crate::format::{BlockReader, Decoded};
use crate::settings::Settings;

/// Bytes of values that are read at a time, about.
const STEP_BYTES: usize = 1 << 20;
/// Rows that are read at a time.
const STEP_ROWS: usize = 1 << 16;
/// Characters of a row that are kept with a reject.
const RAW_CHARS: usize = 4096;

/// The rows of a table, from any of them on.
pub struct Table {
    pager: Pager,
    layout: Layout,
    parts: Vec<Part>,
    /// The value that a column has in records from before it was added.
    defaults: Vec<Option<Vec<u8>>>,
    /// Where the last read ended.
    cursor: Option<(u64, usize, Cursor)>,
    pub tokens: Tokens,
    /// How many values of each column are blobs.
    pub blobs: Vec<u64>,
}

impl Table {
    /// Of the table whose tree has these parts.
    pub fn new(pager: Pager, layout: Layout, parts: Vec<Part>) -> Self {
        let defaults = layout.columns.iter().map(|column| column.default.as_deref().and_then(literal)).collect();
        let blobs = vec![0; layout.columns.len()];
        Self { pager, layout, parts, defaults, cursor: None, tokens: Tokens::default(), blobs }
    }

    /// Columns of a row.
    pub fn width(&self) -> usize {
        self.layout.columns.len()
    }

    /// Cuts at most `most` rows from row `first` on into the tokens; how many there are.
    ///
    /// # Errors
    /// Those of the tree.
    pub fn cut(&mut self, first: u64, most: usize) -> Result<usize> {
        self.tokens.clear();
        let (mut part, mut cursor) = match self.cursor.take() {
            Some((row, part, cursor)) if row == first => (part, cursor),
            _ => self.seek(first)?,
        };
        let mut rows = 0;
        while rows < most.min(STEP_ROWS) && self.tokens.scratch.len() < STEP_BYTES {
            match cursor.next(&mut self.pager)? {
                Some(entry) => {
                    self.row(rows, &entry);
                    rows += 1;
                }
                None => {
                    part += 1;
                    let Some(&(page, _)) = self.parts.get(part) else { break };
                    cursor = Cursor::below(&self.pager);
                    cursor.enter(&mut self.pager, page)?;
                }
            }
        }
        self.cursor = Some((first + rows as u64, part, cursor));
        Ok(rows)
    }

    fn seek(&mut self, row: u64) -> Result<(usize, Cursor)> {
        let (mut part, mut before) = (0, 0);
        while let Some((_, rows)) = self.parts.get(part).filter(|(_, rows)| before + rows <= row) {
            before += rows;
            part += 1;
        }
        let mut cursor = Cursor::below(&self.pager);
        if let Some(&(page, _)) = self.parts.get(part) {
            cursor.enter(&mut self.pager, page)?;
            cursor.skip(&mut self.pager, row - before)?;
        }
        Ok((part, cursor))
    }

    fn row(&mut self, row: usize, entry: &Entry) {
        let (spans, scratch) = (self.tokens.spans.len(), self.tokens.scratch.len());
        let read = entry.record.as_ref().map_err(String::as_str).and_then(|record| self.values(record, entry.rowid));
        let Err(what) = read else { return self.tokens.starts.push(row as u32) };
        let what = format!("the record of row id {} is damaged: {what}", entry.rowid);
        self.tokens.spans.truncate(spans);
        self.tokens.scratch.truncate(scratch);
        let start = row as u32;
        self.tokens.odd.push(OddRecord { row: None, start, end: start + 1, cause: Cause::Syntax, reason: what, span: None, by: None });
    }

    fn values(&mut self, record: &[u8], rowid: i64) -> std::result::Result<(), &'static str> {
        let base = self.tokens.spans.len();
        self.tokens.spans.resize(base + self.layout.columns.len(), Span::MISSING);
        let mut values = Values::of(record).ok_or("its header is longer than it")?;
        let scratch = &mut self.tokens.scratch;
        for &column in &self.layout.stored {
            let span = match values.next()? {
                Some(Value::Null) if self.layout.rowid == Some(column) => {
                    record::write(Value::Integer(rowid), self.pager.encoding, scratch)
                }
                Some(value) => {
                    self.blobs[column] += u64::from(matches!(value, Value::Blob(_)));
                    record::write(value, self.pager.encoding, scratch)
                }
                None => match &self.defaults[column] {
                    Some(default) => {
                        let start = scratch.len();
                        scratch.extend_from_slice(default);
                        Span::scratch(start, scratch.len(), true)
                    }
                    None => Span::MISSING,
                },
            };
            self.tokens.spans[base + column] = span;
        }
        Ok(())
    }

    /// A row as a person reads it.
    fn raw(&self, row: usize) -> String {
        let width = self.width();
        let spans = self.tokens.spans.get(row * width..(row + 1) * width).unwrap_or_default();
        let text = |span: &Span| match (span.is_missing(), span.in_input()) {
            (false, None) => String::from_utf8_lossy(self.bytes(*span)).into_owned(),
            _ => "NULL".to_owned(),
        };
        let all = spans.iter().map(text).collect::<Vec<_>>().join("|");
        all.chars().take(RAW_CHARS).collect()
    }

    fn bytes(&self, span: Span) -> &[u8] {
        let cells = crate::column::Cells { text: &[], scratch: &self.tokens.scratch, spans: &[], stride: 1, column: 0 };
        cells.bytes(span)
    }
}

/// The value of a DEFAULT.
fn literal(spelled: &str) -> Option<Vec<u8>> {
    let text = format!("{spelled} ");
    let mut scratch = Vec::new();
    let (found, _) = value::read(text.as_bytes(), 0, Lexis::of(Dialect::Sqlite), &mut scratch).ok()?;
    match found {
        Literal::Text(span) | Literal::Bare(span) | Literal::Bytes(span) | Literal::Bits(span) => Some(match span.in_input() {
            Some(range) => match text.get(range)? {
                // SQLite has no truth values.
                word if word.eq_ignore_ascii_case("true") => b"1".to_vec(),
                word if word.eq_ignore_ascii_case("false") => b"0".to_vec(),
                word => word.as_bytes().to_vec(),
            },
            None => scratch,
        }),
        Literal::Null | Literal::Expression => None,
    }
}

/// Reads rows as columns.
pub struct Reader {
    table: Table,
    rows: TableRows,
    /// One byte stands for each row: places are rows.
    marks: Vec<u8>,
}

impl Reader {
    /// Reads a table as `columns`.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Usage`] where settings or patterns cannot be used.
    pub fn new(table: Table, settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        Ok(Self { rows: TableRows::new(settings, columns, CellRules::new(settings)?, UTF_8)?, table, marks: Vec::new() })
    }
}

impl BlockReader for Reader {
    fn read(&mut self, first: u64, most: usize) -> Result<Decoded> {
        let rows = self.table.cut(first, most)?;
        self.marks.resize(rows, b'.');
        let place = Place::row(first);
        let cut = CutText { text: &[], decoded: &self.marks, place, stride: self.table.width(), tokens: &self.table.tokens };
        let mut batch = self.rows.batch(cut, Faults::default(), &|_, start| start + 1)?;
        for reject in &mut batch.rejects {
            let start = (reject.place.byte - first) as u32;
            reject.raw = self.table.tokens.starts.binary_search(&start).map_or(String::new(), |row| self.table.raw(row));
            reject.span = None;
        }
        Ok(Decoded { consumed: rows, lines: 0, done: rows == 0, batch })
    }
}
