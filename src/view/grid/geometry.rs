//! Where rows and columns lie, in pixels; and a scroll height no browser refuses.

use std::ops::Range;

/// Height of a row.
pub const ROW: f64 = 28.0;
/// Browsers end near 33 million pixels, some at 17: above this the scroll is scaled.
const TALLEST: f64 = 8_000_000.0;

/// Left edges of the columns, and where the last one ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns {
    edges: Vec<f64>,
}

impl Columns {
    /// Columns of these widths.
    pub fn new(widths: impl IntoIterator<Item = f64>) -> Self {
        let mut edge = 0.0;
        let mut edges = vec![0.0];
        for width in widths {
            edge += width;
            edges.push(edge);
        }
        Self { edges }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Left edge and width of a column.
    pub fn place(&self, column: usize) -> (f64, f64) {
        match self.edges.get(column..column + 2) {
            Some(edges) => (edges[0], edges[1] - edges[0]),
            None => (0.0, 0.0),
        }
    }

    /// Of all columns together.
    pub fn width(&self) -> f64 {
        self.edges.last().copied().unwrap_or_default()
    }

    /// The columns that show between two edges.
    pub fn between(&self, left: f64, right: f64) -> Range<usize> {
        let first = self.edges.partition_point(|edge| *edge <= left).saturating_sub(1);
        let end = self.edges.partition_point(|edge| *edge < right).min(self.len());
        first.min(end)..end
    }
}

/// The vertical scroll: rows as tall as they are, on a bar no taller than browsers take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scroll {
    /// Pixels of all rows.
    content: f64,
    /// Pixels of rows that show at a time.
    view: f64,
}

impl Scroll {
    /// For so many rows in a view of this height.
    pub fn new(rows: u64, view: f64) -> Self {
        Self { content: rows as f64 * ROW, view: view.max(1.0) }
    }

    /// The height to give the scrolled element.
    pub fn height(&self) -> f64 {
        self.content.min(TALLEST)
    }

    /// The furthest the rows can be scrolled.
    pub fn end(&self) -> f64 {
        (self.content - self.view).max(0.0)
    }

    fn bar_end(&self) -> f64 {
        (self.height() - self.view).max(0.0)
    }

    /// Where the bar stands when this pixel of the rows is at the top.
    pub fn bar(&self, top: f64) -> f64 {
        if self.end() > 0.0 { (top / self.end() * self.bar_end()).clamp(0.0, self.bar_end()) } else { 0.0 }
    }

    /// The shortest way of the bar that cannot be a wheel's or a finger's: half of what one pixel of a dragged bar makes.
    fn drag(&self) -> f64 {
        (self.bar_end() / self.view / 2.0).max(self.view)
    }

    /// The pixel of the rows at the top after the bar went from `before` to `bar`. Small moves (a wheel, a finger) move
    /// the rows as far as the bar; large ones (the bar dragged) go to the place in proportion.
    pub fn follow(&self, top: f64, before: f64, bar: f64) -> f64 {
        let moved = bar - before;
        let in_proportion = || if self.bar_end() > 0.0 { bar / self.bar_end() * self.end() } else { 0.0 };
        let top = if self.content <= TALLEST || moved.abs() > self.drag() || bar <= 0.0 || bar >= self.bar_end() {
            in_proportion()
        } else {
            top + moved
        };
        top.clamp(0.0, self.end())
    }

    /// The top that brings a row into view with the least movement.
    pub fn reveal(&self, top: f64, row: u64) -> f64 {
        let at = row as f64 * ROW;
        top.min(at).max(at + ROW - self.view).clamp(0.0, self.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_between_two_edges_are_those_that_show() {
        let columns = Columns::new([100.0, 50.0, 200.0]);
        assert_eq!(columns.between(0.0, 100.0), 0..1);
        assert_eq!(columns.between(100.0, 151.0), 1..3);
        assert_eq!(columns.between(349.0, 900.0), 2..3);
        assert_eq!(columns.place(1), (100.0, 50.0));
        assert_eq!(Columns::new([]).between(0.0, 500.0), 0..0);
    }

    #[test]
    fn every_row_of_a_very_long_table_can_be_reached() {
        let scroll = Scroll::new(20_000_000, 600.0);
        assert!(scroll.height() <= TALLEST);
        let top = scroll.reveal(0.0, 19_999_999);
        assert_eq!(top, scroll.end());
        assert!(scroll.bar(top) <= scroll.height() - 600.0);
        let dragged = scroll.follow(0.0, 0.0, scroll.height() - 600.0);
        assert_eq!(((dragged + 600.0) / ROW).round() as u64, 20_000_000);
    }

    #[test]
    fn a_wheel_moves_a_long_table_by_its_own_pixels() {
        let scroll = Scroll::new(20_000_000, 600.0);
        let top = 5_000_000.0 * ROW;
        let bar = scroll.bar(top);
        assert_eq!(scroll.follow(top, bar, bar + 100.0), top + 100.0);
    }

    #[test]
    fn a_short_table_scrolls_as_it_is() {
        let scroll = Scroll::new(1000, 600.0);
        assert_eq!(scroll.height(), 28_000.0);
        assert!((scroll.follow(0.0, 0.0, 5_000.0) - 5_000.0).abs() < 1e-6);
        assert_eq!(Scroll::new(3, 600.0).end(), 0.0);
    }
}
