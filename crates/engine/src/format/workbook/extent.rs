//! How far the sheets of a workbook reach, told before calamine makes room for them: a cell far from the others costs every
//! cell between, and a count of repetitions as many cells as it says.

use std::collections::BTreeMap;
use std::io::{self, Write};

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::malformed;
use super::sectors::Sectors;
use crate::Result;

/// Cells that the sheets of a workbook may span.
pub const MOST_CELLS: u64 = 16 << 20;
/// Bytes of records that are gone over: sheets may be said to be at one place, many times.
const MOST_BYTES: usize = 1 << 30;
/// Rows and columns that an OpenDocument's reader takes.
const MOST_ROWS: u64 = 1 << 20;
const MOST_COLUMNS: u64 = 1 << 14;
/// The longest tag that is looked at.
const MOST_TAG: usize = 64 << 10;

/// Refuses a workbook whose sheets span more cells than can be held.
pub fn too_far(cells: u64) -> ErrorInfo {
    let what = format!("its sheets span {cells} cells; at most {} million can be held", MOST_CELLS / 1_000_000);
    ErrorInfo::new(ErrorKind::Limit, what, "Save it as CSV, and open that.")
}

/// Checks the sheets of an Excel 97 to 2003 workbook, by its records (MS-XLS 2.1.4).
///
/// # Errors
/// [`ErrorKind::Limit`] where they span more than [`MOST_CELLS`]; [`ErrorKind::Malformed`] where one ends before it begins.
pub fn check_xls(sectors: &Sectors<'_>) -> Result<()> {
    const SHEET: u16 = 0x0085;
    let stream = sectors.stream_of("Workbook").or_else(|| sectors.stream_of("Book")).unwrap_or_default();
    let sheets = records(&stream).take_while(|&(id, _)| id != END).filter(|&(id, _)| id == SHEET);
    let (mut span, mut left) = (0_u64, MOST_BYTES);
    // Sheets at one place are all read.
    let mut known: BTreeMap<usize, u64> = BTreeMap::new();
    for (_, record) in sheets {
        let Some(start) = number::<4>(record, 0).map(|start| start as usize) else { continue };
        let cells = match known.get(&start) {
            Some(&cells) => cells,
            None => sheet(stream.get(start..).unwrap_or_default(), &mut left)?,
        };
        known.insert(start, cells);
        span = span.saturating_add(cells);
        if span > MOST_CELLS {
            return Err(too_far(span));
        }
    }
    Ok(())
}

const BEGINNING: u16 = 0x0809;
const END: u16 = 0x000A;

/// The cells that a sheet spans.
fn sheet(stream: &[u8], left: &mut usize) -> Result<u64> {
    const DIMENSIONS: u16 = 0x0200;
    const CELLS_OF_A_ROW: u16 = 0x00BD;
    /// Number, label, text with formats, truth or error, number in short, shared text, formula.
    const CELL: [u16; 7] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, 0x0006];
    let (mut depth, mut extent, mut claimed) = (0, None::<[u64; 4]>, 0);
    for (id, record) in records(stream) {
        *left = left.checked_sub(record.len() + 4).ok_or_else(|| malformed("its sheets are said to be at one place"))?;
        let field = |at: usize| number::<2>(record, at);
        match id {
            BEGINNING => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            _ if depth > 1 => {}
            DIMENSIONS => claimed = claimed.max(dimensions(record)?),
            id if id == CELLS_OF_A_ROW || CELL.contains(&id) => {
                let (Some(row), Some(column)) = (field(0), field(2)) else { continue };
                let last = if id == CELLS_OF_A_ROW { field(record.len().saturating_sub(2)).unwrap_or(column) } else { column };
                let [top, bottom, left, right] = extent.unwrap_or([row, row, column, column]);
                extent = Some([top.min(row), bottom.max(row), left.min(column), right.max(column).max(last)]);
            }
            _ => {}
        }
    }
    Ok(claimed.max(extent.map_or(0, |[top, bottom, left, right]| (bottom - top + 1) * (right - left + 1))))
}

/// The cells that a sheet claims to span.
fn dimensions(record: &[u8]) -> Result<u64> {
    let fields = match record.len() {
        10 => [number::<2>(record, 0), number::<2>(record, 2), number::<2>(record, 4), number::<2>(record, 6)],
        _ => [number::<4>(record, 0), number::<4>(record, 4), number::<2>(record, 8), number::<2>(record, 10)],
    };
    let [Some(top), Some(bottom), Some(left), Some(right)] = fields else { return Ok(0) };
    if bottom > 0 && right > 0 && top >= bottom {
        return Err(malformed("a sheet ends before it begins"));
    }
    let left = if left > 0xff || right < left { 0 } else { left };
    Ok(bottom.saturating_sub(top).saturating_mul(right.saturating_sub(left)))
}

/// The records of a stream, as far as they are whole: id and content.
fn records(mut stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (id, length) = (number::<2>(stream, 0)?, number::<2>(stream, 2)?);
        let record = stream.get(4..4 + length as usize)?;
        stream = stream.get(4 + record.len()..)?;
        Some((id as u16, record))
    })
}

/// A number of so many bytes.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(N)?)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

/// Adds up the cells of an OpenDocument's tables while its content is written to it, piece by piece.
#[derive(Debug, Default)]
pub struct Tables {
    /// The end of the last piece, from a `<` on.
    cut: Vec<u8>,
    /// Cells of the tables before this one.
    before: u64,
    rows: u64,
    /// Rows up to the last with a value, and columns up to the last in any row.
    filled: (u64, u64),
    repeated: u64,
    column: u64,
    last: u64,
}

impl Tables {
    fn tag(&mut self, tag: &[u8]) {
        let is_empty = tag.ends_with(b"/");
        let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next().unwrap_or_default();
        match name {
            b"table:table-row" => {
                (self.repeated, self.column, self.last) = (repetitions(tag, b"number-rows-repeated=\""), 0, 0);
                if is_empty {
                    self.end_row();
                }
            }
            b"table:table-cell" | b"table:covered-table-cell" => {
                self.column = (self.column + repetitions(tag, b"number-columns-repeated=\"")).min(MOST_COLUMNS);
                let has = |mark: &[u8]| memchr::memmem::find(tag, mark).is_some();
                if !is_empty || has(b"office:") || has(b"table:formula") {
                    self.last = self.column;
                }
            }
            b"" if tag == b"/table:table-row" => self.end_row(),
            b"" if tag == b"/table:table" => {
                self.before = self.cells();
                (self.rows, self.filled) = (0, (0, 0));
            }
            _ => {}
        }
    }

    fn end_row(&mut self) {
        self.rows = (self.rows + self.repeated).min(MOST_ROWS);
        if self.last > 0 {
            self.filled = (self.rows, self.filled.1.max(self.last));
        }
    }

    /// The cells of all tables so far.
    pub fn cells(&self) -> u64 {
        self.before.saturating_add(self.filled.0.saturating_mul(self.filled.1))
    }
}

/// How often a row or cell stands there.
fn repetitions(tag: &[u8], attribute: &[u8]) -> u64 {
    let value = memchr::memmem::find(tag, attribute).and_then(|at| tag.get(at + attribute.len()..));
    let digits = value.and_then(|value| value.split(|&byte| byte == b'"').next());
    digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u32>().ok()).map_or(1, u64::from)
}

impl Write for Tables {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = std::mem::take(&mut self.cut);
        text.extend_from_slice(bytes);
        let mut rest = text.as_slice();
        while let Some(start) = memchr::memchr(b'<', rest) {
            rest = rest.get(start..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'>', rest) else {
                self.cut = rest.get(..rest.len().min(MOST_TAG)).unwrap_or_default().to_vec();
                break;
            };
            self.tag(rest.get(1..end).unwrap_or_default());
            rest = rest.get(end..).unwrap_or_default();
        }
        // Nothing more needs to be unpacked.
        if self.cells() > MOST_CELLS { Err(io::Error::other("too many cells")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(content: &str, piece: usize) -> (u64, bool) {
        let mut tables = Tables::default();
        let is_held = content.as_bytes().chunks(piece).all(|piece| tables.write_all(piece).is_ok());
        (tables.cells(), is_held)
    }

    #[test]
    fn tables_are_added_up_however_their_content_comes() {
        let row = |of_row: &str, cell: &str| {
            format!("<table:table table:name=\"a\"><table:table-row{of_row}>{cell}</table:table-row></table:table>")
        };
        let value = |count: u32| format!("<table:table-cell table:number-columns-repeated=\"{count}\" office:value=\"1\"/>");
        let (rows, empty) = (" table:number-rows-repeated=\"1000\"", "<table:table-cell table:number-columns-repeated=\"1024\"/>");
        for (content, expected) in [
            (row("", "<table:table-cell><text:p>x</text:p></table:table-cell>"), (1, true)),
            (row("", &format!("{}{}{empty}", empty, value(2))), (1026, true)),
            (row(rows, empty), (0, true)),
            (row(rows, &value(10)), (10_000, true)),
            (row(rows, &value(10)) + &row(rows, &value(3)), (13_000, true)),
        ] {
            for piece in [1, 7, 10_000] {
                assert_eq!(cells(&content, piece), expected, "{content}");
            }
        }
        assert!(!cells(&row(" table:number-rows-repeated=\"1048576\"", &value(17)), 64).1);
    }

    fn record(id: u16, content: &[u8]) -> Vec<u8> {
        [&id.to_le_bytes()[..], &(content.len() as u16).to_le_bytes(), content].concat()
    }

    #[test]
    fn a_sheet_spans_from_its_first_cell_to_its_last() {
        let cell = |row: u16, column: u16| record(0x0203, &[row.to_le_bytes(), column.to_le_bytes()].concat());
        let beginning = record(BEGINNING, &[]);
        let stream = [
            beginning.clone(),
            cell(2, 1),
            cell(9, 3),
            beginning.clone(),
            cell(999, 999),
            record(END, &[]),
            record(END, &[]),
            cell(99, 99),
        ]
        .concat();
        assert_eq!(sheet(&stream, &mut MOST_BYTES.clone()).unwrap(), 24);
        let claim = |rows: u32, from: u32| {
            [&from.to_le_bytes()[..], &rows.to_le_bytes(), &0_u16.to_le_bytes(), &256_u16.to_le_bytes(), &[0, 0]].concat()
        };
        assert_eq!(sheet(&record(0x0200, &claim(65536, 0)), &mut MOST_BYTES.clone()).unwrap(), MOST_CELLS);
        assert!(sheet(&record(0x0200, &claim(5, 9)), &mut MOST_BYTES.clone()).is_err());
    }
}
