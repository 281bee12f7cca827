//! Pollock's measures (Vitagliano et al.: Pollock: A Data Loading Benchmark, VLDB 2023): success, and precision, recall
//! and F1 of header cells, of records and of cells, each as multisets. Ten numbers, best 10.

use std::collections::HashMap;

use crate::read::Table;

/// A loaded table as its truth has it: the first record is the header.
pub struct Measured {
    pub header: [f64; 3],
    pub records: [f64; 3],
    pub cells: [f64; 3],
}

impl Measured {
    /// The ten numbers' sum, for a file that was loaded.
    pub fn points(&self) -> f64 {
        1.0 + [self.header, self.records, self.cells].concat().iter().sum::<f64>()
    }

    /// Where points were lost.
    pub fn lost(&self) -> String {
        format!("header {:.3} records {:.3} cells {:.3}", self.header[2], self.records[2], self.cells[2])
    }
}

/// Measures `loaded` against `truth`, both with the header as first record. `raw`: cells (not header and records) must
/// be equal to the byte.
pub fn measure(truth: &[Vec<String>], loaded: &[Vec<String>], raw: bool) -> Measured {
    let header = |table: &[Vec<String>]| table.first().map(|row| row.iter().map(|cell| normal(cell)).collect()).unwrap_or_default();
    let record = |row: &Vec<String>| {
        row.iter().map(|cell| if cell.is_empty() { "null".to_owned() } else { normal(cell) }).collect::<Vec<_>>().join("\u{1f}")
    };
    let records = |table: &[Vec<String>]| table.iter().skip(1).map(record).collect();
    let cell = |cell: &String| if raw { cell.clone() } else { normal(cell) };
    let cells = |table: &[Vec<String>]| table.iter().skip(1).flatten().map(cell).collect();
    Measured {
        header: scores(header(truth), header(loaded)),
        records: scores(records(truth), records(loaded)),
        cells: scores(cells(truth), cells(loaded)),
    }
}

/// A table with its header first. Columns without a name: `unnamed` gives them one, or, where the file has no header,
/// the first row stands there.
pub fn rows(table: Table, unnamed: Option<fn(usize) -> String>) -> Vec<Vec<String>> {
    let width = table.columns.len();
    let mut rows = Vec::with_capacity(table.rows.len() + 1);
    match (table.names, unnamed) {
        (Some(names), _) => rows.push(names),
        (None, Some(name)) => rows.push((0..width).map(name).collect()),
        (None, None) => {}
    }
    rows.extend(table.rows);
    rows
}

/// Precision, recall and F1 of a multiset.
fn scores(truth: Vec<String>, loaded: Vec<String>) -> [f64; 3] {
    if truth.is_empty() {
        return [1.0; 3];
    }
    let mut count: HashMap<&str, usize> = HashMap::new();
    for item in &truth {
        *count.entry(item).or_default() += 1;
    }
    let mut common = 0;
    for item in &loaded {
        if let Some(n) = count.get_mut(item.as_str()).filter(|n| **n > 0) {
            *n -= 1;
            common += 1;
        }
    }
    if common == 0 {
        return [0.0; 3];
    }
    let precision = common as f64 / loaded.len() as f64;
    let recall = common as f64 / truth.len() as f64;
    [precision, recall, 2.0 * precision * recall / (precision + recall)]
}

/// A cell without regard to case, blanks around it and the notation of numbers, prices, dates and times. (The files are
/// British: a day stands before its month.)
fn normal(cell: &str) -> String {
    let text = cell.trim().to_lowercase();
    date(&text).or_else(|| time(&text)).or_else(|| number(&text)).unwrap_or(text)
}

fn number(text: &str) -> Option<String> {
    let number = text.trim_start_matches(['$', '£', '€']);
    let unit = &text[..text.len() - number.len()];
    let plain = number.trim().replace(',', "");
    let is_plain = plain.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    plain.parse::<f64>().ok().filter(|_| is_plain).map(|value| format!("{unit}{value}"))
}

fn date(text: &str) -> Option<String> {
    let parts: Vec<u32> = text.split(['/', '-', '.']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match (parts.as_slice(), text.len()) {
        (&[year @ 1000..=9999, month, day], 8..=10) => Some(format!("{year}-{month}-{day}")),
        (&[day @ 1..=31, month @ 1..=12, year @ 1000..=9999], 8..=10) => Some(format!("{year}-{month}-{day}")),
        (&[month @ 1..=12, day @ 1..=31, year @ 1000..=9999], 8..=10) => Some(format!("{year}-{month}-{day}")),
        _ => None,
    }
}

fn time(text: &str) -> Option<String> {
    let parts: Vec<u32> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hour, minute] => Some(format!("{hour}:{minute}:0")),
        [hour, minute, second] => Some(format!("{hour}:{minute}:{second}")),
        _ => None,
    }
}
