//! Formulas whose cell stores no value, and errors that calamine does not tell from texts or blank cells.
//!
//! A program that writes workbooks without computing them leaves values out: such a cell is not blank, and its reader has to know.

use std::io::Cursor;

use calamine::{Data, DataRef, Range, Xlsx};

use super::book::{Cells, of_xlsx};
use super::value::Value;
use crate::Result;

/// What an error is called whose kind is not told.
const UNNAMED: &str = "an error of a formula";

/// Adds the formulas without a value of a sheet of xlsx, of which `blank` cells are without one.
///
/// # Errors
/// Those of the sheet, which is gone over once more where it has such cells, up to the last of them.
pub fn of_parts(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str, mut blank: u64, cells: &mut Cells) -> Result<()> {
    if blank == 0 {
        return Ok(());
    }
    let mut reader = book.worksheet_cells_reader(name).map_err(of_xlsx)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(of_xlsx)? {
        if cell.value != DataRef::Empty {
            continue;
        }
        if cell.formula.is_some() {
            cells.put(cell.pos, Value::Uncomputed)?;
        }
        blank -= 1;
        if blank == 0 {
            break;
        }
    }
    Ok(())
}

/// Adds what the formulas of a sheet have for a value that `values` lacks, or has as a text: none at all, or an error's name.
///
/// # Errors
/// More cells than can be held.
pub fn of_ranges(values: &Range<Data>, formulas: Option<Range<String>>, cells: &mut Cells) -> Result<()> {
    let Some(formulas) = formulas else { return Ok(()) };
    let (top, left) = formulas.start().unwrap_or_default();
    for (row, column, formula) in formulas.used_cells() {
        let place = (top.saturating_add(row as u32), left.saturating_add(column as u32));
        match values.get_value(place) {
            _ if formula.is_empty() => {}
            None | Some(Data::Empty) => cells.put(place, Value::Uncomputed)?,
            Some(Data::String(text)) => {
                if let Some(name) = error_name(text) {
                    cells.put(place, Value::Error(name))?;
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The error that OpenDocument's programs show by this text.
fn error_name(text: &str) -> Option<&'static str> {
    const NAMES: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
    let of_calc = || text.strip_prefix("Err:").is_some_and(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()));
    NAMES.into_iter().find(|name| *name == text).or_else(|| of_calc().then_some(UNNAMED))
}
