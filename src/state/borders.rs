//! The borders between columns of fixed width, as a setting says them: `0-8,9-20,21-`.

/// Columns by their positions, the end not included; the last may go on to the line's end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Borders {
    columns: Vec<(usize, Option<usize>)>,
}

impl Borders {
    /// What a setting in force says; empty where it says nothing that can be drawn.
    pub fn read(setting: &str) -> Self {
        let column = |part: &str| {
            let (start, end) = part.split_once('-')?;
            let end = if end.is_empty() { None } else { Some(end.parse().ok()?) };
            Some((start.parse().ok()?, end))
        };
        Self { columns: setting.split(',').map(column).collect::<Option<_>>().unwrap_or_default() }
    }

    /// The setting that says them.
    pub fn write(&self) -> String {
        let part = |&(start, end): &(usize, Option<usize>)| format!("{start}-{}", end.map_or(String::new(), |end| end.to_string()));
        self.columns.iter().map(part).collect::<Vec<_>>().join(",")
    }

    /// How many there are: one less than columns.
    pub fn len(&self) -> usize {
        self.columns.len().saturating_sub(1)
    }

    /// Where a border stands: where the column behind it begins.
    pub fn at(&self, border: usize) -> usize {
        self.columns.get(border + 1).map_or(0, |column| column.0)
    }

    /// Between which positions a border may be moved, both included.
    pub fn bounds(&self, border: usize, longest: usize) -> (usize, usize) {
        let first = self.columns.get(border).map_or(0, |column| column.0) + 1;
        let last = self.columns.get(border + 1).and_then(|column| column.1).unwrap_or(longest.max(first + 1)) - 1;
        (first, last.max(first))
    }

    /// Moves a border: the columns on both sides meet there.
    pub fn set(&mut self, border: usize, position: usize, longest: usize) {
        let (first, last) = self.bounds(border, longest);
        let position = position.clamp(first, last);
        if let Some([before, behind]) = self.columns.get_mut(border..border + 2) {
            before.1 = Some(position);
            behind.0 = position;
        }
    }

    /// Makes two columns of the one that a position is within.
    pub fn split(&mut self, position: usize) {
        let is_within = |&(start, end): &(usize, Option<usize>)| start < position && end.is_none_or(|end| position < end);
        if let Some(column) = self.columns.iter().position(is_within) {
            let end = self.columns[column].1.replace(position);
            self.columns.insert(column + 1, (position, end));
        }
    }

    /// Makes one column of those on both sides of a border.
    pub fn remove(&mut self, border: usize) {
        if border < self.len() {
            let (_, end) = self.columns.remove(border + 1);
            self.columns[border].1 = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_moves_between_its_neighbours() {
        let mut borders = Borders::read("0-8,9-20,21-");
        assert_eq!((borders.len(), borders.at(0), borders.bounds(0, 40), borders.bounds(1, 40)), (2, 9, (1, 19), (10, 39)));
        borders.set(0, 5, 40);
        assert_eq!(borders.write(), "0-5,5-20,21-");
        borders.set(1, 99, 40);
        assert_eq!(borders.write(), "0-5,5-39,39-");
    }

    #[test]
    fn borders_come_and_go() {
        let mut borders = Borders::read("0-8,9-20,21-");
        borders.split(25);
        assert_eq!(borders.write(), "0-8,9-20,21-25,25-");
        borders.remove(0);
        assert_eq!(borders.write(), "0-20,21-25,25-");
        borders.split(20);
        assert_eq!(borders.len(), 2);
    }

    #[test]
    fn what_cannot_be_drawn_has_no_borders() {
        assert_eq!(Borders::read("8,12,5").len(), 0);
        assert_eq!(Borders::read("").len(), 0);
    }
}
