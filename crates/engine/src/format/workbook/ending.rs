//! Where the table ends within its sheet: above notes, a total or a second table that a blank row keeps apart.
//!
//! Cells have types, so what is below tells itself by texts where all above are numbers or dates. What stands there and fits the
//! columns is rows: blank rows among them are common.

use super::sheet::Sheet;
use super::value::Value;
use crate::format::csv::detect::cell::Look;

/// Values without a text among them, from which on a column is one of numbers, dates or the like.
const FEWEST_VALUES: u64 = 2;
/// Rows of a total at most.
const MOST_TOTALS: usize = 3;
/// Rows of a title at most, above the names of a second table.
const MOST_TITLES: usize = 2;
/// Parts of the sheet, from its end, that are looked at for notes and totals.
const MOST_PARTS: usize = 8;

/// What stands below a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// Notes, or a total.
    Notes,
    /// Names of its own, and what is under them.
    SecondTable,
}

/// The position in the sheet's rows behind the last of the table that begins at `data`, and what stands there.
pub fn find(sheet: &Sheet, data: usize) -> Option<(usize, Below)> {
    if let Some(at) = second_table(sheet, data) {
        return Some((at, Below::SecondTable));
    }
    let parts: Vec<usize> = (data + 1..sheet.len()).rev().filter(|&at| is_below_a_gap(sheet, at)).take(MOST_PARTS).collect();
    let mut end = sheet.len();
    for at in parts {
        if !are_notes(sheet, at, end) && !is_total(sheet, data, at, end) {
            break;
        }
        end = at;
    }
    (end < sheet.len()).then_some((end, Below::Notes))
}

/// The first row below a gap that names columns of numbers or dates once more, or that of the title above it.
fn second_table(sheet: &Sheet, data: usize) -> Option<usize> {
    let mut columns = Columns::default();
    for at in data..sheet.len() {
        if at > data && is_below_a_gap(sheet, at) {
            let titles = (at..sheet.len().min(at + MOST_TITLES)).take_while(|&row| is_single_text(sheet, row)).count();
            let names = sheet.row(at + titles);
            let is_text = |value: Value| matches!(value, Value::Text { start, end } if !Look::of(text(sheet, start, end)).is_value());
            let is_followed = at + titles + 1 < sheet.len() && !is_below_a_gap(sheet, at + titles + 1);
            let are_names = names.len() > 1 && names.iter().all(|cell| is_text(cell.value)) && is_followed;
            if are_names && names.iter().any(|cell| columns.hold_values(cell.column)) {
                return Some(at);
            }
        }
        columns.see(sheet, at);
    }
    None
}

/// Whether each of these rows is one text, beside a table of several columns.
fn are_notes(sheet: &Sheet, at: usize, end: usize) -> bool {
    let is_wide = (0..at).any(|row| sheet.row(row).len() > 1);
    is_wide && (at..end).all(|row| is_single_text(sheet, row))
}

/// Whether these rows are few, and have a text where the rows above have numbers, dates or the like.
fn is_total(sheet: &Sheet, data: usize, at: usize, end: usize) -> bool {
    if end - at > MOST_TOTALS {
        return false;
    }
    let mut columns = Columns::default();
    (data..at).for_each(|row| columns.see(sheet, row));
    let is_text = |value: &Value| matches!(value, Value::Text { .. });
    (at..end).all(|row| sheet.row(row).iter().any(|cell| is_text(&cell.value) && columns.hold_values(cell.column)))
}

fn is_single_text(sheet: &Sheet, at: usize) -> bool {
    matches!(sheet.row(at), [cell] if matches!(cell.value, Value::Text { .. }))
}

fn is_below_a_gap(sheet: &Sheet, at: usize) -> bool {
    let above = at.checked_sub(1).and_then(|above| sheet.number(above));
    sheet.number(at).zip(above).is_some_and(|(row, above)| row > above + 1)
}

fn text(sheet: &Sheet, start: u32, end: u32) -> &str {
    sheet.texts.get(start as usize..end as usize).unwrap_or_default()
}

/// Texts and other values of each column so far.
#[derive(Default)]
struct Columns(Vec<(u64, u64)>);

impl Columns {
    fn see(&mut self, sheet: &Sheet, at: usize) {
        for cell in sheet.row(at) {
            let column = cell.column as usize;
            if self.0.len() <= column {
                self.0.resize(column + 1, (0, 0));
            }
            let Some((texts, values)) = self.0.get_mut(column) else { continue };
            match cell.value {
                Value::Text { .. } => *texts += 1,
                Value::Error(_) | Value::Uncomputed => {}
                _ => *values += 1,
            }
        }
    }

    /// Whether a column has numbers, dates or the like, and no text.
    fn hold_values(&self, column: u32) -> bool {
        self.0.get(column as usize).is_some_and(|&(texts, values)| texts == 0 && values >= FEWEST_VALUES)
    }
}
