//! One table while and after it is read: its rows, each with its cells in their places.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::cells::CellText;
use crate::Result;
use crate::column::Span;

/// Cells that a document may have, merged ones counted as often as they fill a place.
pub const MOST_CELLS: usize = 8 << 20;
/// The standard's bound on the columns that a cell may span.
const MOST_COLUMNS_SPANNED: u32 = 1000;

/// A table.
#[derive(Debug, Default)]
pub struct Grid {
    /// Its caption, or its id.
    pub name: String,
    /// The texts of all cells; those of a row stand together, parted by tabs.
    pub text: String,
    pub rows: Vec<Row>,
    cells: Vec<Span>,
    /// Places that a merged cell filled beside its first.
    pub filled: u64,
    /// Tables within its cells.
    pub nested: u64,
    /// Texts outside of its cells.
    pub astray: u64,
}

/// A row with a value.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Counted from 0, blank ones too.
    pub number: u32,
    /// Where its texts begin in the table's.
    pub start: usize,
    first_cell: usize,
    pub width: usize,
    /// In `<thead>`, or all of its cells are `<th>`.
    pub is_head: bool,
    /// One cell that spans several columns: a title, or a heading between the rows.
    pub is_heading: bool,
}

/// A table that is being read.
#[derive(Debug, Default)]
pub struct Growing {
    pub grid: Grid,
    fill: bool,
    /// Cells that it may have.
    pub room: usize,
    in_head: bool,
    row: Option<OpenRow>,
    cell: Option<OpenCell>,
    /// Of each column, the cell that reaches down into it and how many rows it still does.
    reaching: Vec<(Span, u32)>,
    number: u32,
    pub caption: Option<(String, CellText)>,
}

#[derive(Debug)]
struct OpenRow {
    start: usize,
    first_cell: usize,
    /// Cells of its own.
    own: usize,
    heads: usize,
    widest: u32,
}

#[derive(Debug)]
struct OpenCell {
    text: CellText,
    columns: u32,
    rows: u32,
}

impl Grid {
    /// The position of the first row that has this number or a higher one.
    pub fn position(&self, number: u64) -> usize {
        self.rows.partition_point(|row| u64::from(row.number) < number)
    }

    /// The row whose text begins at or before a place in the text.
    pub fn row_at(&self, start: usize) -> usize {
        self.rows.partition_point(|row| row.start <= start).saturating_sub(1)
    }

    /// The cells of a row.
    pub fn cells(&self, row: usize) -> &[Span] {
        let Some(row) = self.rows.get(row) else { return &[] };
        self.cells.get(row.first_cell..row.first_cell + row.width).unwrap_or_default()
    }

    /// The cells of rows, `width` each.
    pub fn spans(&self, rows: impl Iterator<Item = usize>, width: usize) -> Vec<Span> {
        let mut spans = Vec::new();
        for row in rows {
            let cells = self.cells(row);
            spans.extend_from_slice(cells.get(..width).unwrap_or(cells));
            spans.extend(std::iter::repeat_n(Span::MISSING, width.saturating_sub(cells.len())));
        }
        spans
    }

    /// The text of a cell.
    pub fn cell_text(&self, cell: Span) -> &str {
        cell.in_input().and_then(|range| self.text.get(range)).unwrap_or_default()
    }

    /// Where the texts of a row end.
    pub fn row_end(&self, row: usize) -> usize {
        self.rows.get(row + 1).map_or(self.text.len(), |next| next.start)
    }

    /// The texts of a row's own cells.
    pub fn row_text(&self, row: usize) -> &str {
        self.rows.get(row).and_then(|at| self.text.get(at.start..self.row_end(row))).unwrap_or_default()
    }

    /// Places for values.
    pub fn size(&self) -> usize {
        self.cells.len()
    }

    /// Whether it is a table of several rows and columns, and not there for the layout.
    pub fn is_tabular(&self) -> bool {
        self.rows.len() > 1 && self.rows.iter().any(|row| row.width > 1 && !row.is_heading)
    }
}

impl Growing {
    /// An empty table with room for so many cells. `fill`: a merged cell's value goes to all of its places.
    pub fn new(fill: bool, room: usize) -> Self {
        Self { fill, room, ..Self::default() }
    }

    /// `<thead>`, `<tbody>` or `<tfoot>`, or the end of one: no cell reaches beyond.
    ///
    /// # Errors
    /// As [`close_row`](Self::close_row).
    pub fn section(&mut self, is_head: bool) -> Result<()> {
        self.close_row()?;
        self.reaching.clear();
        self.in_head = is_head;
        Ok(())
    }

    /// `<tr>`
    ///
    /// # Errors
    /// As [`close_row`](Self::close_row).
    pub fn open_row(&mut self) -> Result<()> {
        self.close_row()?;
        self.row = Some(OpenRow { start: self.grid.text.len(), first_cell: self.grid.cells.len(), own: 0, heads: 0, widest: 0 });
        Ok(())
    }

    /// `<td>` or `<th>`, which spans so many columns and rows; 0 rows are all to the end of the section.
    ///
    /// # Errors
    /// As [`close_row`](Self::close_row).
    pub fn open_cell(&mut self, is_head: bool, columns: u32, rows: u32) -> Result<()> {
        self.close_cell()?;
        if self.row.is_none() {
            self.open_row()?;
        }
        let columns = columns.clamp(1, MOST_COLUMNS_SPANNED);
        if let Some(row) = &mut self.row {
            row.own += 1;
            row.heads += usize::from(is_head);
            row.widest = row.widest.max(columns);
        }
        let rows = if rows == 0 { u32::MAX } else { rows };
        self.cell = Some(OpenCell { text: CellText::at(&self.grid.text), columns, rows });
        Ok(())
    }

    /// The text that is being gathered, and the buffer it goes to: a cell's, or the caption's.
    pub fn open_text(&mut self) -> Option<(&mut CellText, &mut String)> {
        if let Some((buffer, text)) = &mut self.caption {
            return Some((text, buffer));
        }
        self.cell.as_mut().map(|cell| (&mut cell.text, &mut self.grid.text))
    }

    /// The end of a cell, if one is open.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] for more cells than can be held.
    pub fn close_cell(&mut self) -> Result<()> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let (start, end) = cell.text.range(&self.grid.text);
        self.grid.text.push('\t');
        // What has no text stands nowhere: a blank row's texts are taken back.
        let span = if start < end { Span::plain(start, end) } else { Span::MISSING };
        self.reach()?;
        for k in 0..cell.columns {
            let value = if k == 0 || self.fill { span } else { Span::MISSING };
            self.grid.filled += u64::from(k > 0 && self.fill && end > start);
            let below = if self.fill { span } else { Span::MISSING };
            self.place(value, Some((below, cell.rows - 1)))?;
        }
        Ok(())
    }

    /// The end of a row, if one is open.
    ///
    /// # Errors
    /// As [`close_cell`](Self::close_cell).
    pub fn close_row(&mut self) -> Result<()> {
        self.close_cell()?;
        let Some(OpenRow { start, first_cell, own, heads, widest }) = self.row.take() else { return Ok(()) };
        let number = self.number;
        self.number = self.number.saturating_add(1);
        // What reaches no further is forgotten: the next row does not look at it again.
        let reach = self.reaching.iter().rposition(|cell| cell.1 > 0).map_or(0, |last| last + 1);
        while self.column(first_cell) < reach {
            let carried = self.carried(self.column(first_cell));
            self.place(carried.unwrap_or(Span::MISSING), None)?;
        }
        self.reaching.truncate(reach);
        let cells = self.grid.cells.get(first_cell..).unwrap_or_default();
        if own == 0 || cells.iter().all(|cell| cell.is_empty()) {
            self.grid.cells.truncate(first_cell);
            self.grid.text.truncate(start);
            return Ok(());
        }
        let width = cells.len();
        // The last tab stands between no cells.
        self.grid.text.pop();
        self.grid.text.push('\n');
        let is_head = self.in_head || heads == own;
        self.grid.rows.push(Row {
            number,
            start,
            first_cell,
            width,
            is_head,
            is_heading: own == 1 && widest > 1 && width == widest as usize,
        });
        Ok(())
    }

    /// The column behind the last cell of the open row.
    fn column(&self, first_cell: usize) -> usize {
        self.grid.cells.len() - first_cell
    }

    /// Fills the next columns that cells above reach into.
    fn reach(&mut self) -> Result<()> {
        let Some(first_cell) = self.row.as_ref().map(|row| row.first_cell) else { return Ok(()) };
        while let Some(span) = self.carried(self.column(first_cell)) {
            self.place(span, None)?;
        }
        Ok(())
    }

    /// What reaches into a column of this row from above.
    fn carried(&mut self, column: usize) -> Option<Span> {
        let (span, rows) = self.reaching.get_mut(column).filter(|cell| cell.1 > 0)?;
        *rows -= 1;
        self.grid.filled += u64::from(!span.is_empty());
        Some(*span)
    }

    /// Puts a cell into the next column; `below`: what goes into it in so many rows to come.
    fn place(&mut self, span: Span, below: Option<(Span, u32)>) -> Result<()> {
        if self.grid.cells.len() >= self.room {
            let what = format!("the tables of this document have more than {MOST_CELLS} cells, merged ones counted in every place");
            return Err(ErrorInfo::new(ErrorKind::Limit, what, "Save its tables as CSV, and open those."));
        }
        self.grid.cells.push(span);
        if let (Some(below), Some(row)) = (below, &self.row) {
            let column = self.grid.cells.len() - 1 - row.first_cell;
            if column >= self.reaching.len() && below.1 > 0 {
                self.reaching.resize(column + 1, (Span::MISSING, 0));
            }
            if let Some(reaching) = self.reaching.get_mut(column) {
                *reaching = below;
            }
        }
        Ok(())
    }

    /// Notes text that is in no cell.
    pub fn stray(&mut self, text: &str) {
        self.grid.astray += u64::from(!text.trim().is_empty());
    }
}
