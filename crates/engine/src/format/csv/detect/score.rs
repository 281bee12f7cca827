//! Step 5: how well a dialect explains the sample.
//!
//! After CleverCSV's data consistency (van den Burg, Nazábal, Sutton: Wrangling messy CSV files by detecting row and type
//! patterns, 2019): a pattern score, here the share of records with the usual number of cells, times a type score, here
//! how whole the cells look, a piece of another dialect's cell looking broken.

use super::cell::Look;
use super::tokens::Tokens;
use crate::format::csv::dialect::Dialect;

/// How well a dialect explains the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// 0 to 1.
    pub value: f64,
    /// The usual number of cells.
    pub width: usize,
    /// Records of that width.
    pub fitting: usize,
    /// Records that are not blank.
    pub records: usize,
    /// Quoted cells, quotes forgiven and quotes escaped.
    pub quoted: usize,
    pub stray: usize,
    pub escaped: usize,
    /// Share of the cells beside the first that a blank stands before.
    pub led_by_blank: f64,
    /// Share of the cells but the last that end with a blank.
    pub trailed_by_blank: f64,
    /// Share of the cells beside the first that hold a number, a date or the like.
    pub values: f64,
}

/// Records looked at in each text.
const MOST_RECORDS: usize = 1000;
/// Cells looked at in all.
const MOST_CELLS: usize = 4000;
/// What a record of another width counts where it has more than one cell: rows may be ragged.
const RAGGED: f64 = 0.3;
/// One stray quote in so many records counts in full.
const MANY_STRAYS: f64 = 20.0;
/// What a quoted cell in every record adds: its quotes stand beside this separator and no other.
const QUOTED: f64 = 0.3;

/// Scores a dialect over texts that begin with a record.
pub fn score(texts: &[&str], dialect: &Dialect) -> Score {
    let cut: Vec<(&str, Tokens)> = texts.iter().map(|text| (*text, Tokens::cut(text, dialect, MOST_RECORDS))).collect();
    let widths: Vec<usize> = cut.iter().flat_map(|(_, tokens)| tokens.records.iter().filter(|r| !r.blank).map(|r| r.width)).collect();
    let (width, fitting) = usual(&widths);
    let quotes = cut.iter().fold((0, 0, 0), |sum, (_, t)| (sum.0 + t.quoted, sum.1 + t.stray, sum.2 + t.escaped));
    let (quoted, stray, escaped) = quotes;
    let mut looks = Looks { separator: &dialect.separator, ..Looks::default() };
    for (text, tokens) in &cut {
        let share = MOST_CELLS / cut.len().max(1) / width.max(1);
        let fitting = tokens.records.iter().filter(|record| record.width == width && !record.blank);
        for record in fitting.take(share.max(5)) {
            for (k, cell) in tokens.cells(record).iter().enumerate() {
                looks.see(k, k + 1 == width, cell.of(text), cell.quoted, dialect.quote);
            }
        }
    }
    let records = widths.len();
    let value = if width < 2 {
        0.0
    } else {
        let first = widths.iter().position(|&w| w == width).unwrap_or(0);
        let last = widths.iter().rposition(|&w| w == width).unwrap_or(0);
        let ragged = widths[first..=last].iter().filter(|&&w| w != width && w > 1).count();
        let span = last + 1 - first;
        let consistency = (fitting as f64 + RAGGED * ragged as f64) / span as f64;
        let coverage = (span as f64 / records as f64).sqrt();
        let columns = (1.0 - 1.0 / width as f64).sqrt();
        // A few stray quotes in much text say nothing about the separator.
        let strays = 0.5 * stray as f64 / (quoted + stray).max(1) as f64 * (MANY_STRAYS * stray as f64 / records as f64).min(1.0);
        let quoting = 1.0 - strays + QUOTED * (quoted as f64 / records as f64).min(1.0);
        consistency * coverage * columns * looks.wholeness() * quoting
    };
    Score {
        value,
        width,
        fitting,
        records,
        quoted,
        stray,
        escaped,
        led_by_blank: looks.led_by_blank(),
        trailed_by_blank: looks.trailed as f64 / looks.before_separator.max(1) as f64,
        values: looks.values as f64 / looks.behind.max(1) as f64,
    }
}

/// The width that most records have, and how many; of equals the larger. Widths of one only where there is no other.
fn usual(widths: &[usize]) -> (usize, usize) {
    let mut sorted: Vec<usize> = widths.iter().copied().filter(|&w| w > 1).collect();
    if sorted.is_empty() {
        return (widths.first().copied().unwrap_or(0), widths.len());
    }
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).max_by_key(|&(width, count)| (count, width)).unwrap_or_default()
}

#[derive(Default)]
struct Looks<'a> {
    separator: &'a [u8],
    cells: usize,
    sum: f64,
    empty: usize,
    behind_separator: usize,
    behind_blank: usize,
    before_separator: usize,
    trailed: usize,
    behind: usize,
    values: usize,
}

impl Looks<'_> {
    fn see(&mut self, column: usize, last: bool, cell: &str, quoted: bool, quote: Option<u8>) {
        if !quoted && column > 0 && !cell.is_empty() {
            self.behind_separator += 1;
            self.behind_blank += usize::from(cell.starts_with(' '));
        }
        if !quoted && !last && !cell.is_empty() {
            self.before_separator += 1;
            self.trailed += usize::from(cell.ends_with(' '));
        }
        if quoted {
            self.cells += 1;
            self.sum += 1.0;
            return;
        }
        let look = Look::of(cell);
        if look == Look::Empty {
            self.empty += 1;
            return;
        }
        self.cells += 1;
        self.behind += usize::from(column > 0);
        self.values += usize::from(column > 0 && look.is_value());
        self.sum += match look {
            Look::Text | Look::Token => self.text(cell.trim(), look == Look::Token, quote),
            _ => 1.0,
        };
    }

    /// How whole a text looks. Quotes and other separators in it are what a wrong dialect leaves behind.
    fn text(&self, cell: &str, token: bool, quote: Option<u8>) -> f64 {
        let bytes = cell.as_bytes();
        let edge_quote = |byte: Option<&u8>| matches!(byte, Some(b'"')) || (byte.is_some() && byte.copied() == quote);
        if edge_quote(bytes.first()) != edge_quote(bytes.last()) {
            return 0.1;
        }
        if edge_quote(bytes.first()) {
            return 0.3;
        }
        // What an address is torn to, and what is left of a separator of several characters.
        if bytes.starts_with(b"//") && self.separator == b":" || matches!(bytes, [b'~' | b'^' | b'|' | b'#' | b'@']) {
            return 0.1;
        }
        let holds = |byte: u8| self.separator != [byte] && bytes.contains(&byte);
        if quote == Some(b'"') && bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
            0.3
        } else if holds(b'\t') || holds(b'|') || holds(b';') || holds(0x01) || holds(0x1f) {
            0.4
        } else if holds(b':') && !cell.contains(": ") && !cell.contains("://") {
            0.6
        } else if holds(b',') {
            0.75
        } else if token {
            0.97
        } else {
            0.95
        }
    }

    /// The cells' mean; many empty cells are a sign of a separator that is none.
    fn wholeness(&self) -> f64 {
        if self.cells == 0 {
            return 0.5;
        }
        let empty = self.empty as f64 / (self.cells + self.empty) as f64;
        self.sum / self.cells as f64 * if empty > 0.8 { 0.8 } else { 1.0 }
    }

    fn led_by_blank(&self) -> f64 {
        self.behind_blank as f64 / self.behind_separator.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, separator: &str) -> f64 {
        score(&[text], &Dialect { separator: separator.as_bytes().to_vec(), ..Dialect::default() }).value
    }

    #[test]
    fn decimal_commas_do_not_make_columns() {
        let text = "1,5;2,25;3,75\n4,5;5,25;6,75\n7,5;8,25;9,75\n";
        assert!(value(text, ";") > value(text, ","));
    }

    #[test]
    fn marks_inside_timestamps_do_not_either() {
        let text = "2020-01-01 12:30:00,5\n2020-01-02 13:30:00,6\n";
        assert!(value(text, ",") > value(text, ":") * 0.45);
    }

    #[test]
    fn prose_with_a_comma_here_and_there_scores_low() {
        let text = "It was late\nand cold, they said\nno one came\nno one left\nthe end\nof it, all\nwas near\nthen\n";
        assert!(value(text, ",") < 0.3);
    }
}
