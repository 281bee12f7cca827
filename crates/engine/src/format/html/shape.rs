//! Where a table's data begins and how wide it is: titles above, names, rows.

use std::ops::Range;

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::grid::{Grid, MOST_CELLS};
use crate::Result;
use crate::format::csv::detect::header;
use crate::format::csv::detect::names::{self, ColumnName};
use crate::format::csv::detect::table::Block;
use crate::format::csv::detect::tokens::Tokens;
use crate::settings::Settings;

/// Rows at the top that a header is looked for in, where no tag says.
const HEAD_ROWS: usize = 400;

/// Rows of names that tags may mark.
const MOST_HEADER_ROWS: usize = 20;

/// A table within its rows.
pub struct Shape {
    /// The first row that is no title.
    pub first: usize,
    /// Rows of names.
    pub header: usize,
    /// The first row of data.
    pub data: usize,
    pub names: Vec<ColumnName>,
    pub confidence: f32,
    pub evidence: String,
}

impl Shape {
    /// Finds it; what a person says of it is taken as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] where a person skips every row; [`ErrorKind::Limit`] for more columns than wanted.
    pub fn find(grid: &Grid, settings: &Settings) -> Result<Self> {
        let from_top = settings.is_by_person("skipRows");
        let first = if from_top {
            grid.position(u64::try_from(settings.integer("skipRows")).unwrap_or_default())
        } else {
            grid.rows.iter().position(|row| !row.is_heading).unwrap_or(0)
        };
        if first >= grid.rows.len() {
            return Err(ErrorInfo::new(ErrorKind::Empty, "the table has no value below the rows to skip", "Lower skipRows."));
        }
        let width = usual_width(grid, first);
        let (header, confidence, evidence) = match header::by_person(settings) {
            Some(rows) => (rows.min(grid.rows.len() - first), 1.0, "set by hand".to_owned()),
            None => found_header(grid, first, width),
        };
        let data = first + header;
        let named = grid.rows.get(first..data).unwrap_or_default().iter().filter(|row| !row.is_heading).map(|row| row.width).max();
        let width = width.max(named.unwrap_or(0));
        let places = width.saturating_mul(grid.rows.len() - data);
        if places > MOST_CELLS {
            let what = format!("the table has names for {width} columns, too many for its {} rows", grid.rows.len() - data);
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Set headerRows to 0 to read it by the width of its rows."));
        }
        let most = usize::try_from(settings.integer("maxColumns")).unwrap_or(usize::MAX);
        if width > most {
            let what = format!("the table has {width} columns, more than maxColumns ({most})");
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Raise maxColumns to read it."));
        }
        let names = names::unique((0..width).map(|column| name(grid, first..data, column)).collect());
        Ok(Self { first, header, data, names, confidence, evidence })
    }

    /// Columns of the table.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// Rows that hold data.
    pub fn data_rows<'a>(&'a self, grid: &'a Grid) -> impl Iterator<Item = usize> + 'a {
        (self.data..grid.rows.len()).filter(|&row| self.no_row(grid, row).is_none())
    }

    /// Why a row below the names is none of the table, where it is none.
    pub fn no_row(&self, grid: &Grid, row: usize) -> Option<&'static str> {
        if is_heading(grid, row, self.width()) {
            return Some("one cell across all columns: a heading or a note, not a row");
        }
        let texts = |row: usize| grid.cells(row).iter().map(|&cell| grid.cell_text(cell));
        let is_marked = grid.rows.get(row).is_some_and(|row| row.is_head);
        (is_marked && (self.first..self.data).any(|name| texts(name).eq(texts(row)))).then_some("the header again")
    }
}

/// Whether a row is one cell across the columns of a table: a heading between rows, a note below.
fn is_heading(grid: &Grid, row: usize, width: usize) -> bool {
    width > 1 && grid.rows.get(row).is_some_and(|row| row.is_heading && row.width >= width)
}

/// The width that most rows have; of several the largest.
fn usual_width(grid: &Grid, first: usize) -> usize {
    let rows = grid.rows.get(first..).unwrap_or_default();
    let mut widths: Vec<usize> = rows.iter().filter(|row| !row.is_heading).map(|row| row.width).collect();
    if widths.is_empty() {
        return rows.iter().map(|row| row.width).max().unwrap_or(1);
    }
    widths.sort_unstable();
    widths.chunk_by(|a, b| a == b).max_by_key(|alike| alike.len()).and_then(|alike| alike.first()).copied().unwrap_or(1)
}

/// Rows of names, as tags say; where they say nothing, by what the first row is unlike.
fn found_header(grid: &Grid, first: usize, width: usize) -> (usize, f32, String) {
    let rows = grid.rows.get(first..).unwrap_or_default();
    let tagged = rows.iter().take_while(|row| row.is_head).count();
    if tagged < rows.len() && (1..=MOST_HEADER_ROWS).contains(&tagged) {
        return (tagged, 0.99, "its cells are marked as names".to_owned());
    }
    let mut tokens = Tokens::default();
    for (k, row) in (first..grid.rows.len()).take(HEAD_ROWS).enumerate() {
        let start = grid.rows.get(row).map_or(0, |row| row.start);
        let cells: Vec<_> =
            grid.cells(row).iter().map(|cell| cell.in_input().filter(|_| !cell.is_missing()).unwrap_or(start..start)).collect();
        let blank = is_heading(grid, row, width);
        tokens.push(start, grid.row_end(row), k, cells.into_iter().map(|cell| (cell.start, cell.end, false)), blank);
    }
    let fitting = tokens.records.iter().filter(|record| record.width == width && !record.blank).count();
    let block = Block { first: 0, end: tokens.records.len(), width, fitting };
    let found = header::find(&grid.text, &tokens, &block, None, true);
    (found.rows, found.confidence.min(0.98), found.evidence)
}

/// A column's name: what stands above each other, joined; a cell that reaches over several rows once.
fn name(grid: &Grid, header: Range<usize>, column: usize) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for row in header {
        let part = grid.cells(row).get(column).map_or("", |&cell| grid.cell_text(cell));
        if !part.is_empty() && parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    parts.join(" ")
}
