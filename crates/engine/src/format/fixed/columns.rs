//! Columns by their positions in a line.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;

/// A column: positions from `start` on, `end` not included; without one, to the end of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub start: usize,
    pub end: Option<usize>,
}

/// What a position counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positions {
    /// Characters.
    Characters,
    /// Places on a screen: East Asian wide characters take two, marks above another character none.
    Display,
}

/// A line longer than this is not looked at beyond.
pub const LONGEST: usize = 1 << 20;

impl Positions {
    /// How many positions a character takes.
    pub fn of(self, c: char) -> usize {
        match (self, u32::from(c)) {
            (Self::Characters, _) | (_, 0..0x300) => 1,
            (_, 0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f | 0xfeff) => 0,
            // The blocks that the Unicode standard's annex 11 has as wide.
            (
                _,
                0x1100..=0x115f
                | 0x2e80..=0x303e
                | 0x3041..=0x33ff
                | 0x3400..=0x4dbf
                | 0x4e00..=0xa4cf
                | 0xac00..=0xd7a3
                | 0xf900..=0xfaff
                | 0xfe30..=0xfe6f
                | 0xff00..=0xff60
                | 0xffe0..=0xffe6
                | 0x1f300..=0x1f64f
                | 0x1f900..=0x1f9ff
                | 0x20000..=0x3fffd,
            ) => 2,
            _ => 1,
        }
    }
}

/// The columns that a setting says: `0-8,9-20,21-` (pandas' colspecs), or widths one after another: `8,12,5`.
///
/// # Errors
/// [`ErrorKind::Usage`] for what is neither, for columns that overlap or come before the one before them, and for none.
pub fn parse(text: &str) -> Result<Vec<Column>> {
    let refuse = |what: String| {
        ErrorInfo::new(
            ErrorKind::Usage,
            what,
            "Give positions from 0 on, as in colspecs=0-8,9-20,21- or widths one after another, as in 8,12,5.",
        )
    };
    let mut columns: Vec<Column> = Vec::new();
    for part in text.split(',').map(|part| part.trim().trim_matches(['(', ')', '[', ']']).trim()) {
        let number = |text: &str| text.trim().parse::<usize>().ok().filter(|position| *position <= LONGEST);
        let last = columns.last().map_or(Some(0), |column| column.end);
        let column = match part.split_once('-') {
            Some((start, "")) => number(start).map(|start| Column { start, end: None }),
            Some((start, end)) => number(start).zip(number(end)).map(|(start, end)| Column { start, end: Some(end) }),
            None => number(part).zip(last).map(|(width, start)| Column { start, end: Some(start + width) }),
        };
        let Some(column) = column.filter(|column| column.end.is_none_or(|end| end > column.start)) else {
            return Err(refuse(format!("colspecs: {part:?} is no column")));
        };
        if last.is_none_or(|last| column.start < last) {
            return Err(refuse(format!("colspecs: {part:?} begins within the column before it")));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The setting that says these columns.
pub fn write(columns: &[Column]) -> String {
    let part = |column: &Column| format!("{}-{}", column.start, column.end.map_or(String::new(), |end| end.to_string()));
    columns.iter().map(part).collect::<Vec<_>>().join(",")
}

/// The columns cut at further borders, where these stand within one.
pub fn cut_at(columns: &[Column], borders: &[usize]) -> Vec<Column> {
    let mut cut = Vec::with_capacity(columns.len() + borders.len());
    for column in columns {
        let mut start = column.start;
        for &border in borders.iter().filter(|&&border| border > column.start && column.end.is_none_or(|end| border < end)) {
            cut.push(Column { start, end: Some(border) });
            start = border;
        }
        cut.push(Column { start, end: column.end });
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_written_as_read() {
        for text in ["0-8,9-20,21-", "3-4", "0-8,8-20"] {
            assert_eq!(write(&parse(text).unwrap()), text);
        }
        assert_eq!(write(&parse("8, 12,5").unwrap()), "0-8,8-20,20-25");
        assert_eq!(write(&parse("[(0,8)]").unwrap_or_default()), "");
    }

    #[test]
    fn what_is_no_column_is_refused() {
        for text in ["", "a", "8-3", "0-8,7-9", "0-,3-4", "5-5", "0-99999999"] {
            assert_eq!(parse(text).unwrap_err().kind, ErrorKind::Usage, "{text}");
        }
    }

    #[test]
    fn wide_characters_take_two_places_on_a_screen() {
        assert_eq!(['a', 'é', '山', '\u{301}'].map(|c| Positions::Display.of(c)), [1, 1, 2, 0]);
        assert_eq!(Positions::Characters.of('山'), 1);
    }
}
