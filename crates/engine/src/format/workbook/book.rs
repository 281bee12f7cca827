//! A workbook's sheets, through calamine: their names, and the cells of one.
//!
//! Sheets of xlsx and xlsb are read cell by cell, up to a bound. calamine reads xls and ods whole, so how far their sheets reach
//! is told before ([`extent`]). A hostile one may still stop a program that cannot catch a panic, as the page's worker, which is
//! then replaced.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Dimensions, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx};
use calamine::{XlsxCellReader, XlsxError};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::container::{self, Kind};
use super::value::{self, Value};
use super::{extent, formulas, malformed, sheet::Sheet};
use crate::Result;
use crate::source::SharedSource;

/// Cells of one sheet that are read.
const MOST_CELLS: usize = extent::MOST_CELLS as usize;
/// Bytes of text in one sheet.
const MOST_TEXT: usize = 512 << 20;

/// An opened workbook.
pub struct Book {
    pub kind: Kind,
    reader: Sheets,
    /// Those with a value; those that are shown before those that are hidden.
    pub sheets: Vec<Named>,
    /// The others.
    pub empty: Vec<String>,
}

/// A sheet that can be read.
pub struct Named {
    pub name: String,
    pub hidden: bool,
}

enum Sheets {
    Xlsx(Xlsx<Cursor<Vec<u8>>>),
    Xlsb(Xlsb<Cursor<Vec<u8>>>),
    Xls(Xls<Cursor<Vec<u8>>>),
    OpenDocument(Ods<Cursor<Vec<u8>>>),
}

impl Book {
    /// Opens a workbook. `check`: as [`container::read`].
    ///
    /// # Errors
    /// Those of [`container::read`]; [`ErrorKind::Empty`] where no sheet has a value.
    pub fn open(source: &SharedSource, check: bool) -> Result<Self> {
        let (kind, bytes) = container::read(source, check)?;
        caught(|| Self::of(kind, Cursor::new(bytes)))
    }

    fn of(kind: Kind, bytes: Cursor<Vec<u8>>) -> Result<Self> {
        let mut reader = match kind {
            Kind::Xlsx => Sheets::Xlsx(Xlsx::new(bytes).map_err(of_xlsx)?),
            Kind::Xlsb => Sheets::Xlsb(Xlsb::new(bytes).map_err(of_xlsb)?),
            Kind::Xls => Sheets::Xls(Xls::new(bytes).map_err(of_xls)?),
            Kind::OpenDocument => Sheets::OpenDocument(Ods::new(bytes).map_err(of_ods)?),
        };
        let (mut sheets, mut empty) = (Vec::new(), Vec::new());
        for sheet in reader.metadata().to_vec() {
            // A sheet that cannot be read says so when it is picked.
            if sheet.typ == SheetType::WorkSheet && reader.has_value(&sheet.name).unwrap_or(true) {
                sheets.push(Named { name: sheet.name, hidden: sheet.visible != SheetVisible::Visible });
            } else {
                empty.push(sheet.name);
            }
        }
        sheets.sort_by_key(|sheet| sheet.hidden);
        if sheets.is_empty() {
            return Err(ErrorInfo::new(ErrorKind::Empty, "no sheet of this workbook holds a value", "Choose another file."));
        }
        Ok(Self { kind, reader, sheets, empty })
    }

    /// The cells of a sheet. `fill`: merged cells all have the value of their first.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] for more cells or text than can be held; [`ErrorKind::Malformed`].
    pub fn sheet(&mut self, name: &str, fill: bool) -> Result<Sheet> {
        caught(|| self.read(name, fill))
    }

    fn read(&mut self, name: &str, fill: bool) -> Result<Sheet> {
        let mut cells = Cells::default();
        match &mut self.reader {
            Sheets::Xlsx(book) => of_parts(book, name, &mut cells)?,
            Sheets::Xlsb(book) => {
                let mut reader = book.worksheet_cells_reader(name).map_err(of_xlsb)?;
                while let Some(cell) = reader.next_cell().map_err(of_xlsb)? {
                    cells.add(cell.get_position(), cell.get_value(), false)?;
                }
            }
            Sheets::Xls(book) => {
                let values = book.worksheet_range(name).map_err(of_xls)?;
                cells.add_range(&values)?;
                formulas::of_ranges(&values, book.worksheet_formula(name).ok(), &mut cells)?;
            }
            Sheets::OpenDocument(book) => {
                let values = book.worksheet_range(name).map_err(of_ods)?;
                cells.add_range(&values)?;
                formulas::of_ranges(&values, book.worksheet_formula(name).ok(), &mut cells)?;
            }
        }
        let mut sheet = Sheet::new(cells.cells, cells.texts);
        if fill {
            sheet.fill(&self.merged(name), MOST_CELLS).map_err(|()| too_large())?;
        }
        Ok(sheet)
    }

    fn merged(&mut self, name: &str) -> Vec<Dimensions> {
        match &mut self.reader {
            Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(name).unwrap_or_default(),
            Sheets::Xls(book) => book.merge_cells_by_sheet_name(name).unwrap_or_default(),
            // calamine does not tell of them.
            Sheets::Xlsb(_) | Sheets::OpenDocument(_) => Vec::new(),
        }
    }
}

impl Sheets {
    fn metadata(&self) -> &[calamine::Sheet] {
        match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xlsb(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
            Self::OpenDocument(book) => book.sheets_metadata(),
        }
    }

    /// Whether any cell has a value.
    fn has_value(&mut self, name: &str) -> Result<bool> {
        let is_value = |data: &DataRef<'_>| value::read(data, false, &mut String::new()).is_some();
        Ok(match self {
            Self::Xlsx(book) => {
                let mut reader = match book.worksheet_cells_reader(name) {
                    // A sheet of a chart or a dialog.
                    Err(XlsxError::NotAWorksheet(_)) => return Ok(false),
                    reader => reader.map_err(of_xlsx)?,
                };
                loop {
                    match reader.next_cell().map_err(of_xlsx)? {
                        Some(cell) if is_value(cell.get_value()) => break true,
                        Some(_) => {}
                        None => break false,
                    }
                }
            }
            Self::Xlsb(book) => {
                let mut reader = book.worksheet_cells_reader(name).map_err(of_xlsb)?;
                loop {
                    match reader.next_cell().map_err(of_xlsb)? {
                        Some(cell) if is_value(cell.get_value()) => break true,
                        Some(_) => {}
                        None => break false,
                    }
                }
            }
            Self::Xls(book) => holds_value(&book.worksheet_range(name).map_err(of_xls)?),
            Self::OpenDocument(book) => holds_value(&book.worksheet_range(name).map_err(of_ods)?),
        })
    }
}

/// On some damaged files calamine panics instead of giving an error; where a panic can be caught, it is one.
fn caught<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(malformed("a part of it is damaged")))
}

fn holds_value(range: &Range<Data>) -> bool {
    range.used_cells().any(|(_, _, data)| value::read(&value::borrowed(data), false, &mut String::new()).is_some())
}

/// The cells of a sheet of xlsx, whose formats tell which numbers are shown with decimals.
fn of_parts(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str, cells: &mut Cells) -> Result<()> {
    let mut reader: XlsxCellReader<'_, _> = book.worksheet_cells_reader(name).map_err(of_xlsx)?;
    let shows_decimals = |style: &calamine::Style| style.number_format.as_ref().is_some_and(|format| shows_decimals(&format.format_code));
    let decimals: Vec<bool> = reader.styles().iter().map(shows_decimals).collect();
    let mut blank = 0;
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(of_xlsx)? {
        blank += u64::from(*cell.get_value() == DataRef::Empty);
        cells.add(cell.get_position(), cell.get_value(), decimals.get(style).copied().unwrap_or(false))?;
    }
    drop(reader);
    formulas::of_parts(book, name, blank, cells)
}

/// Whether a number format shows digits behind the point, in its part for positive numbers (ECMA-376 18.8.31).
fn shows_decimals(code: &str) -> bool {
    let (mut in_quotes, mut before) = (false, '\0');
    for c in code.chars() {
        match c {
            _ if before == '\\' => {
                before = '\0';
                continue;
            }
            '"' => in_quotes = !in_quotes,
            ';' if !in_quotes => return false,
            '0' | '#' | '?' if !in_quotes && before == '.' => return true,
            '%' | 'E' if !in_quotes => return true,
            _ => {}
        }
        before = c;
    }
    false
}

/// Cells as they come, up to the bounds.
#[derive(Default)]
pub struct Cells {
    cells: Vec<(u32, u32, Value)>,
    texts: String,
}

impl Cells {
    fn add(&mut self, (row, column): (u32, u32), data: &DataRef<'_>, decimals: bool) -> Result<()> {
        match value::read(data, decimals, &mut self.texts) {
            Some(value) => self.put((row, column), value),
            None => Ok(()),
        }
    }

    /// Adds a value, in place of what was added there before.
    pub fn put(&mut self, (row, column): (u32, u32), value: Value) -> Result<()> {
        if self.cells.len() >= MOST_CELLS || self.texts.len() > MOST_TEXT {
            return Err(too_large());
        }
        self.cells.push((row, column, value));
        Ok(())
    }

    fn add_range(&mut self, range: &Range<Data>) -> Result<()> {
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, data) in range.used_cells() {
            self.add((top.saturating_add(row as u32), left.saturating_add(column as u32)), &value::borrowed(data), false)?;
        }
        Ok(())
    }
}

fn too_large() -> ErrorInfo {
    let what = format!("this sheet has more than {} million cells, or {} MiB of text", MOST_CELLS / 1_000_000, MOST_TEXT >> 20);
    ErrorInfo::new(ErrorKind::Limit, what, "Save it as CSV, and open that.")
}

pub fn of_xlsx(error: XlsxError) -> ErrorInfo {
    if matches!(error, XlsxError::Password) { container::password() } else { malformed(error) }
}

fn of_xlsb(error: XlsbError) -> ErrorInfo {
    if matches!(error, XlsbError::Password) { container::password() } else { malformed(error) }
}

fn of_xls(error: XlsError) -> ErrorInfo {
    if matches!(error, XlsError::Password) { container::password() } else { malformed(error) }
}

fn of_ods(error: OdsError) -> ErrorInfo {
    if matches!(error, OdsError::Password) { container::password() } else { malformed(error) }
}
