//! The signals of a grid: where it is scrolled to, which cell the keyboard stands on, what shows.

use std::ops::Range;
use std::sync::Arc;

use colonnade_protocol::LogicalType;
use colonnade_protocol::message::{Cell, PageMessage};
use leptos::html::Div;
use leptos::prelude::*;

use super::geometry::{Columns, ROW, Scroll};
use super::painter::Painted;
use crate::state::App;
use crate::state::table::{Stand, Table};

/// Height of the column heads.
pub const HEAD: f64 = 112.0;
/// Cells show at most so many characters; the whole value is in the line below the grid.
const SHOWN_CHARS: usize = 200;

/// State of the grid of one table.
#[derive(Clone, Copy)]
pub struct Grid {
    pub app: App,
    pub table: Table,
    pub scroller: NodeRef<Div>,
    /// First pixel of the rows that shows, and of the columns.
    pub top: RwSignal<f64>,
    pub left: RwSignal<f64>,
    /// The scroller's inner size.
    pub size: RwSignal<(f64, f64)>,
    /// The cell the keyboard stands on.
    pub active: RwSignal<(u64, usize)>,
    pub columns: Memo<Arc<Columns>>,
    /// Width of the row numbers.
    pub gutter: Memo<f64>,
    /// Rows, and whether their number is sure.
    pub rows: Memo<(u64, bool)>,
    /// A person's own widths, by column.
    pub widths: RwSignal<Vec<(usize, f64)>>,
    bar: StoredValue<f64>,
}

impl Grid {
    /// The grid of a table.
    pub fn new(app: App, table: Table) -> Self {
        let rows = Memo::new(move |_| table.row_count());
        let Stand { top, left, active, widths } = table.stand;
        let natural = Memo::new(move |_| natural_widths(table));
        let columns = Memo::new(move |_| {
            let own = widths.read();
            let width = |(i, natural): (usize, &f64)| own.iter().find(|(column, _)| *column == i).map_or(*natural, |(_, width)| *width);
            Arc::new(Columns::new(natural.read().iter().enumerate().map(width)))
        });
        Self {
            app,
            table,
            scroller: NodeRef::new(),
            top,
            left,
            size: RwSignal::new((0.0, 0.0)),
            active,
            columns,
            gutter: Memo::new(move |_| 24.0 + 8.0 * crate::words::count(rows.get().0.max(99)).len() as f64),
            rows,
            widths,
            bar: StoredValue::new(0.0),
        }
    }

    /// The vertical scroll as it is now.
    pub fn scroll(&self) -> Scroll {
        Scroll::new(self.rows.get().0, self.size.get().1 - HEAD)
    }

    /// Rows that show, the cut ones included.
    pub fn visible_rows(&self) -> Range<u64> {
        let top = self.top.get().min(self.scroll().end());
        let first = (top / ROW) as u64;
        let end = ((top + (self.size.get().1 - HEAD).max(0.0)) / ROW).ceil() as u64;
        first..end.min(self.rows.get().0).max(first)
    }

    /// Columns that show, the cut ones included.
    pub fn visible_columns(&self) -> Range<usize> {
        let left = self.left.get();
        self.columns.read().between(left, left + (self.size.get().0 - self.gutter.get()).max(0.0))
    }

    /// The scroller was scrolled by a person, or by [`go`](Self::go).
    pub fn scrolled(&self) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let bar = f64::from(scroller.scroll_top());
        let before = self.bar.try_update_value(|kept| std::mem::replace(kept, bar)).unwrap_or_default();
        let scroll = untrack(|| self.scroll());
        let top = scroll.follow(self.top.get_untracked(), before, bar);
        if bar != before && top != self.top.get_untracked() {
            self.top.set(top);
        }
        let left = f64::from(scroller.scroll_left());
        if left != self.left.get_untracked() {
            self.left.set(left);
        }
    }

    /// Puts the bar where the rows are: small moves on a scaled scroll leave it behind.
    pub fn settle(&self) {
        // The table may have gone from the page meanwhile, and this grid with it.
        let Some(scroller) = self.scroller.try_get_untracked().flatten() else { return };
        let wanted = untrack(|| self.scroll()).bar(self.top.get_untracked()).round();
        if (f64::from(scroller.scroll_top()) - wanted).abs() >= 1.0 {
            scroller.set_scroll_top(wanted as i32);
        }
        self.bar.set_value(f64::from(scroller.scroll_top()));
    }

    /// Puts both bars where the table was left when it was last on show.
    pub fn restore(&self) {
        self.settle();
        if let Some(scroller) = self.scroller.try_get_untracked().flatten() {
            scroller.set_scroll_left(self.left.get_untracked().round() as i32);
            self.left.set(f64::from(scroller.scroll_left()));
        }
    }

    /// Stands on a cell and brings it into view.
    pub fn go(&self, row: u64, column: usize) {
        let (rows, _) = self.rows.get_untracked();
        let columns = self.columns.get_untracked();
        let cell = (row.min(rows.saturating_sub(1)), column.min(columns.len().saturating_sub(1)));
        self.active.set(cell);
        let scroll = untrack(|| self.scroll());
        self.top.update(|top| *top = scroll.reveal(*top, cell.0));
        self.settle();
        let (at, width) = columns.place(cell.1);
        let room = self.size.get_untracked().0 - self.gutter.get_untracked();
        let left = self.left.get_untracked().min(at).max(at + width - room).max(0.0);
        if let Some(scroller) = self.scroller.get_untracked() {
            scroller.set_scroll_left(left.round() as i32);
            self.left.set(f64::from(scroller.scroll_left()));
        }
    }

    /// Asks for what shows and is not here.
    pub fn ask(&self, rows: Range<u64>, columns: Range<usize>) {
        let columns = columns.start as u32..columns.end as u32;
        let all = self.columns.with_untracked(|columns| columns.len() as u32);
        let known = self.table.known_rows.get_untracked();
        let now = crate::browser::now();
        let missing = || self.table.rows.try_update_value(|held| held.missing(now, rows.clone(), columns.clone(), known, all));
        while let Some(question) = missing().flatten() {
            let message = PageMessage::Rows {
                table: self.table.id,
                request: question.request,
                first: question.first,
                count: question.count,
                from_column: question.columns.0,
                to_column: question.columns.1,
            };
            self.app.ask(self.table, &message);
        }
    }

    /// What a cell shows.
    pub fn painted(&self, row: u64, column: usize, numeric: bool) -> Painted {
        self.table.rows.with_value(|held| match held.cell(row, column as u32) {
            Some(Cell::Text(text)) => Painted { text: one_line(text), class: if numeric { "cell figure" } else { "cell" } },
            Some(Cell::Null) => Painted { text: "null".to_owned(), class: if numeric { "cell figure null" } else { "cell null" } },
            Some(Cell::Misfit(text)) => Painted { text: one_line(text), class: if numeric { "cell figure misfit" } else { "cell misfit" } },
            None => Painted { text: String::new(), class: "cell wait" },
        })
    }

    /// The whole value of a cell, where it is here.
    pub fn value(&self, row: u64, column: usize) -> Option<Cell> {
        self.table.rows.with_value(|held| held.cell(row, column as u32).cloned())
    }
}

/// Whether values of this type are aligned as figures.
pub fn is_numeric(data_type: &LogicalType) -> bool {
    use LogicalType as T;
    matches!(data_type, T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Float | T::Double | T::Decimal { .. })
}

fn one_line(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).map(|c| if c == '\n' || c == '\r' { '⏎' } else { c }).collect()
}

/// Widths from the names and the first rows, within bounds.
fn natural_widths(table: Table) -> Vec<f64> {
    const NARROWEST: f64 = 132.0;
    const WIDEST: f64 = 320.0;
    let preview = table.preview.read();
    let schema = table.schema.read();
    let longest = |column: usize| {
        let rows = preview.as_ref().map_or(&[][..], |preview| &preview.rows.rows);
        rows.iter().take(40).filter_map(move |row| match row.get(column) {
            Some(Cell::Text(text) | Cell::Misfit(text)) => Some(text.chars().count()),
            _ => None,
        })
    };
    let width = |(i, column): (usize, &colonnade_protocol::schema::ColumnInfo)| {
        let chars = longest(i).max().unwrap_or(0).max(column.name.chars().count() + 2);
        (chars as f64 * 7.6 + 24.0).clamp(NARROWEST, WIDEST)
    };
    schema.iter().enumerate().map(width).collect()
}
