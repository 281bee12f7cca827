//! Outputs that are text, one row after another: CSV, JSON Lines, SQL.

pub mod csv;
pub mod jsonl;
pub mod sql;
pub mod sql_names;
mod value;

use arrow_array::ArrayRef;

use crate::words::counted;

/// How rows are written in one text format.
pub trait RowWriter {
    /// Appends a row of a batch.
    fn row(&mut self, columns: &[ArrayRef], row: usize, out: &mut String);

    /// Ends what is open: the rows so far are one segment, and more may follow.
    fn end(&mut self, _out: &mut String) {}

    /// What was changed in the values written so far, so that this format can hold them.
    fn changes(&self) -> Changes {
        Changes::default()
    }
}

/// Cells that a text output could not write as they are, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Changes {
    /// Cells a spreadsheet would run as a formula: an apostrophe stands before them.
    pub guarded: u64,
    /// NUL characters, which SQL texts cannot hold: U+2400 stands in their place.
    pub without_nul: u64,
    /// Not-a-number and infinities, which the dialect lacks: null stands in their place.
    pub not_finite: u64,
    /// Days before year 1 or behind year 9999, which the dialect lacks: null stands in their place.
    pub beyond_years: u64,
}

impl std::ops::AddAssign for Changes {
    fn add_assign(&mut self, other: Self) {
        self.guarded += other.guarded;
        self.without_nul += other.without_nul;
        self.not_finite += other.not_finite;
        self.beyond_years += other.beyond_years;
    }
}

impl Changes {
    /// Each change in one sentence.
    pub fn sentences(self) -> Vec<String> {
        [
            (
                self.guarded,
                ["that a spreadsheet would run as a formula begins", "that a spreadsheet would run as formulas begin"],
                "with an apostrophe",
            ),
            (self.without_nul, ["has", "have"], "U+2400 in the place of NUL, which SQL texts cannot hold"),
            (
                self.not_finite,
                ["that is no finite number is", "that are no finite numbers are"],
                "NULL, which is all this dialect has for it",
            ),
            (
                self.beyond_years,
                ["of a day before year 1 or behind year 9999 is", "of days before year 1 or behind year 9999 are"],
                "NULL, as this dialect has no such days",
            ),
        ]
        .into_iter()
        .filter(|&(count, ..)| count > 0)
        .map(|(count, [one, many], what)| format!("{} {} {what}", counted(count, "cell"), if count == 1 { one } else { many }))
        .collect()
    }
}
