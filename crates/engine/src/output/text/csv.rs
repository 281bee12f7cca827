//! CSV (RFC 4180, UTF-8): a null is nothing, an empty text is `""`, so that both read back as they were.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

use super::value::write_plain;
use super::{Changes, RowWriter};

/// How CSV is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CsvOptions {
    pub separator: char,
    pub header: bool,
    /// What stands for a null.
    pub null: String,
    /// Whether cells that a spreadsheet would run as formulas get an apostrophe.
    pub guard: bool,
    /// Whether every line ends with CR LF, as RFC 4180 has it, and not with LF.
    pub crlf: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { separator: ',', header: true, null: String::new(), guard: true, crlf: false }
    }
}

/// The first line, the columns' names, and what was changed in it; nothing where none is wanted.
pub fn head<'a>(names: impl Iterator<Item = &'a str>, options: &CsvOptions) -> (String, Changes) {
    let (mut out, mut changes) = (String::new(), Changes::default());
    if !options.header {
        return (out, changes);
    }
    for (k, name) in names.enumerate() {
        if k > 0 {
            out.push(options.separator);
        }
        let start = out.len();
        push_text(name, options, &mut out, &mut changes);
        quote_from(start, options, &mut out);
    }
    end_line(options, &mut out);
    (out, changes)
}

/// A text, behind an apostrophe where a spreadsheet would run it.
fn push_text(text: &str, options: &CsvOptions, out: &mut String, changes: &mut Changes) {
    if options.guard && runs_as_formula(text) {
        changes.guarded += 1;
        out.push('\'');
    }
    out.push_str(text);
}

/// Writes rows as CSV.
pub struct CsvRows {
    options: CsvOptions,
    changes: Changes,
}

impl CsvRows {
    pub fn new(options: CsvOptions) -> Self {
        Self { options, changes: Changes::default() }
    }

    fn cell(&mut self, array: &dyn Array, row: usize, out: &mut String) {
        if array.is_null(row) {
            return out.push_str(&self.options.null);
        }
        let start = out.len();
        if *array.data_type() == DataType::Utf8 {
            push_text(array.as_string::<i32>().value(row), &self.options, out, &mut self.changes);
        } else {
            write_plain(array, row, out);
        }
        quote_from(start, &self.options, out);
    }
}

impl RowWriter for CsvRows {
    fn row(&mut self, columns: &[ArrayRef], row: usize, out: &mut String) {
        let start = out.len();
        for (k, column) in columns.iter().enumerate() {
            if k > 0 {
                out.push(self.options.separator);
            }
            self.cell(column, row, out);
        }
        // Readers skip a blank line: the one null of a row of one column would be lost with its row.
        if out.len() == start {
            out.push_str("\"\"");
        }
        end_line(&self.options, out);
    }

    fn changes(&self) -> Changes {
        self.changes
    }
}

/// Puts quotes around the cell that begins at `start`, where readers would take it for something else without.
fn quote_from(start: usize, options: &CsvOptions, out: &mut String) {
    let cell = &out[start..];
    let special = |c: char| c == '"' || c == '\n' || c == '\r' || c == options.separator;
    let blank = |c: Option<char>| c.is_some_and(char::is_whitespace);
    if !cell.is_empty()
        && *cell != options.null
        && !cell.contains(special)
        && !blank(cell.chars().next())
        && !blank(cell.chars().next_back())
    {
        return;
    }
    let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
    out.truncate(start);
    out.push_str(&quoted);
}

fn end_line(options: &CsvOptions, out: &mut String) {
    out.push_str(if options.crlf { "\r\n" } else { "\n" });
}

/// Whether a spreadsheet would take the text for a formula (OWASP, "CSV Injection"): what begins with one of these
/// characters, but for a sign before what is a number anyway (`-5`, `+49 30 1234`).
fn runs_as_formula(text: &str) -> bool {
    match text.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff20}' | '\u{ff0b}' | '\u{ff0d}') => true,
        Some('+' | '-') => text[1..].contains(|c: char| !(c.is_ascii_digit() || matches!(c, ' ' | '.' | ','))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    fn written(options: CsvOptions, columns: &[ArrayRef]) -> (String, Changes) {
        let mut rows = CsvRows::new(options);
        let mut out = String::new();
        (0..columns[0].len()).for_each(|row| rows.row(columns, row, &mut out));
        (out, rows.changes())
    }

    #[test]
    fn null_and_empty_text_are_told_apart_and_blanks_at_the_ends_kept() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a,b"), Some(""), None, Some("x\"y\nz"), Some(" a")]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(-3), Some(4), None]));
        let (out, changes) = written(CsvOptions::default(), &[texts, numbers]);
        assert_eq!(out, "\"a,b\",1\n\"\",\n,-3\n\"x\"\"y\nz\",4\n\" a\",\n");
        assert_eq!(changes, Changes::default());
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded_and_counted() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["=1+1", "@SUM(A1)", "-5", "+49 30 12", "-2+3", "a=b"]));
        let (out, changes) = written(CsvOptions::default(), &[Arc::clone(&texts)]);
        assert_eq!(out, "'=1+1\n'@SUM(A1)\n-5\n+49 30 12\n'-2+3\na=b\n");
        assert_eq!(changes.guarded, 3);
        let (out, changes) = head(["a", "=h"].into_iter(), &CsvOptions::default());
        assert_eq!((out.as_str(), changes.guarded), ("a,'=h\n", 1));
        let (out, changes) = written(CsvOptions { guard: false, ..CsvOptions::default() }, &[texts]);
        assert!(out.starts_with("=1+1\n"));
        assert_eq!(changes.guarded, 0);
    }

    #[test]
    fn a_row_of_one_null_is_still_a_line() {
        assert_eq!(written(CsvOptions::default(), &[Arc::new(Int64Array::from(vec![None, Some(1)]))]).0, "\"\"\n1\n");
    }

    #[test]
    fn times_are_iso_8601_and_numbers_hold_no_separator() {
        let at: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1_500_000]).with_timezone("UTC"));
        let x: ArrayRef = Arc::new(Float64Array::from(vec![1.5]));
        assert_eq!(written(CsvOptions { separator: '.', ..CsvOptions::default() }, &[at, x]).0, "\"1970-01-01T00:00:01.500Z\".\"1.5\"\n");
    }

    #[test]
    fn the_header_is_quoted_where_it_must_be() {
        assert_eq!(head(["a", "b,c", ""].into_iter(), &CsvOptions { crlf: true, ..CsvOptions::default() }).0, "a,\"b,c\",\"\"\r\n");
    }
}
