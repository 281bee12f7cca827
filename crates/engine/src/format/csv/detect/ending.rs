//! Step 11: where the table ends: before blank rows, footnotes or a second table.
//!
//! Only what stands in the sample's last piece can be seen; what comes in the middle of a large file is for the reader
//! to judge, record by record.

use super::cell::Look;
use super::header::Header;
use super::table::Block;
use super::tokens::{Record, Tokens};

/// What stands below the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// Records whose cells are all empty.
    BlankRows,
    Footnotes,
    SecondTable {
        width: usize,
    },
}

/// The end of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Index of the first record that is none of the table's.
    pub record: usize,
    pub below: Below,
    /// Records there that are not blank.
    pub count: usize,
}

/// Records a second table has at least.
const FEWEST_ROWS: usize = 2;

/// The table's end among records that reach to the end of the source. `from`: the first data record. `titled`: something
/// stands above the table, as in a sheet that is laid out.
pub fn find(text: &str, tokens: &Tokens, from: usize, width: usize, titled: bool, table: Option<(&Header, &Block)>) -> Option<Ending> {
    let records = &tokens.records;
    let second = table.and_then(|(header, block)| second_table(text, tokens, from, header, block));
    let mut ending = second.unwrap_or(Ending { record: records.len(), below: Below::BlankRows, count: 0 });
    if second.is_none() {
        let notes = footnotes(text, tokens, from, width);
        if notes < records.len() {
            ending = Ending { record: notes, below: Below::Footnotes, count: content(&records[notes..]) };
        }
    }
    let are_rows = ending.count == 0 && !titled && !is_padding(&records[from.min(records.len())..], width);
    let is_none = |record: &Record| record.blank && !(are_rows && record.is_row_of_nulls(width));
    while ending.record > from && is_none(&records[ending.record - 1]) {
        ending.record -= 1;
    }
    // A blank line more or less at the end of a file is nothing to speak of; rows of separators are.
    let trailing = &records[ending.record..];
    (ending.count > 0 || trailing.iter().any(|record| record.width > 1 || !text[record.start..record.end].trim().is_empty()))
        .then_some(ending)
}

/// Whether the rows of nulls at the end are what a spreadsheet fills its sheet with: more than there are others.
fn is_padding(records: &[Record], width: usize) -> bool {
    let nulls = records.iter().rev().take_while(|record| record.blank).filter(|record| record.is_row_of_nulls(width)).count();
    let content = content(records);
    content > 0 && nulls > content
}

fn content(records: &[Record]) -> usize {
    records.iter().filter(|record| !record.blank).count()
}

/// Where the last records begin that hold one cell of prose each, below a table of several columns.
fn footnotes(text: &str, tokens: &Tokens, from: usize, width: usize) -> usize {
    let records = &tokens.records;
    // A note may be padded with separators to the table's width.
    let is_padded = |record: &Record| record.width > 2 && tokens.texts(text, record).skip(1).all(|cell| cell.trim().is_empty());
    let is_single = |record: &Record| record.width == 1 || is_padded(record);
    let is_note = |k: usize| {
        let record = &records[k];
        let after_blank = k > from && records[..k].iter().rev().take_while(|r| r.blank || is_single(r)).any(|r| r.blank);
        let prose = tokens.texts(text, record).next().is_some_and(|cell| {
            Look::of(cell) == Look::Text && cell.trim().contains(' ') && !(record.width == 1 && is_row_of_blanks(cell, width))
        });
        let alone = record.width == 1 && width > 1 && (after_blank || (prose && width > 2));
        record.blank || alone || prose && after_blank && is_padded(record)
    };
    let mut first = records.len();
    while first > from && is_note(first - 1) {
        first -= 1;
    }
    if records[first..].iter().all(|record| record.blank) { records.len() } else { first }
}

/// Whether a cell holds a row whose separators became blanks: as many words as columns, and values among them.
fn is_row_of_blanks(cell: &str, width: usize) -> bool {
    let words: Vec<&str> = cell.split_whitespace().collect();
    let values = words.iter().filter(|word| Look::of(word).is_value()).count();
    words.len() >= width && values > 1 && values * 4 >= words.len()
}

/// A second table: below the block, rows of another width under a header of their own or a blank line; or within it,
/// under a blank line, names over columns of values.
fn second_table(text: &str, tokens: &Tokens, from: usize, header: &Header, block: &Block) -> Option<Ending> {
    let records = &tokens.records;
    let looks = |k: usize| tokens.texts(text, &records[k]).map(Look::of).collect::<Vec<_>>();
    let is_names = |k: usize| {
        let looks = looks(k);
        records[k].width > 1
            && !looks.iter().any(|look| look.is_value())
            && looks.iter().filter(|look| !look.is_void()).count() * 2 > looks.len()
    };
    let has_values = |k: usize| looks(k).iter().any(|look| look.is_value());
    let ending = |record: usize, width: usize| Ending { record, below: Below::SecondTable { width }, count: content(&records[record..]) };

    let below: Vec<usize> = (block.end.max(from)..records.len()).filter(|&k| !records[k].blank).collect();
    let wide = below.iter().copied().find(|&k| records[k].width > 1);
    if let Some(first) = wide {
        let width = records[first].width;
        let alike = below.iter().filter(|&&k| records[k].width == width).count();
        let apart = records[block.end..first].iter().any(|record| record.blank);
        let named = is_names(first)
            && (header.rows == 0 || header_names(text, tokens, header, first) || below.iter().skip(1).any(|&k| has_values(k)));
        if width != block.width && alike > FEWEST_ROWS && alike * 10 >= below.len() * 6 && (apart || named) {
            return Some(ending(below[0], width));
        }
    }
    let data = from..block.end;
    let typed = data.clone().filter(|&k| !records[k].blank).take(50).filter(|&k| has_values(k)).count();
    data.clone()
        .skip(1)
        .find(|&k| {
            records[k - 1].blank
                && !records[k].blank
                && is_names(k)
                && typed > 0
                && (k + 1..block.end).find(|&k| !records[k].blank).is_some_and(has_values)
        })
        .map(|k| ending(k, records[k].width))
}

/// Whether a record repeats most of the header's names.
fn header_names(text: &str, tokens: &Tokens, header: &Header, record: usize) -> bool {
    let names: Vec<&str> = tokens.texts(text, &tokens.records[header.first]).map(str::trim).collect();
    let cells: Vec<&str> = tokens.texts(text, &tokens.records[record]).map(str::trim).collect();
    cells.iter().filter(|cell| names.contains(cell)).count() * 2 > cells.len()
}
