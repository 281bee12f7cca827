//! Step 8: where the table is among the records: the first block of records alike that is not small beside the largest.

use super::tokens::{Record, Tokens};

/// A run of records that mostly have one width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Index of its first record.
    pub first: usize,
    /// Index behind its last record of the width.
    pub end: usize,
    pub width: usize,
    /// Records of the width.
    pub fitting: usize,
}

impl Block {
    fn volume(&self) -> usize {
        self.fitting * self.width
    }
}

/// A block may be the table if it holds at least this share of the cells that the largest block has: a short table above
/// a long one is the table, a few lines of notes are not.
const SHARE_OF_LARGEST: f64 = 0.4;

/// Notes have no more lines than this of one width above two.
const SURELY_A_TABLE: usize = 20;

/// Fewer records than this show no pattern.
const FEW: usize = 5;

/// Finds the table's block. `None` where every record is blank.
pub fn find(tokens: &Tokens) -> Option<Block> {
    let records = &tokens.records;
    let mut widths: Vec<usize> = records.iter().filter(|r| !r.blank).map(|r| r.width).collect();
    widths.sort_unstable();
    let many = widths.last().is_some_and(|&width| width > 1);
    widths.dedup();
    let mut blocks: Vec<Block> =
        widths.iter().copied().filter(|&width| width > 1 || !many).flat_map(|width| blocks_of(records, width)).collect();
    let largest = blocks.iter().map(Block::volume).max()?;
    let is_large = |block: &Block| block.volume() as f64 >= largest as f64 * SHARE_OF_LARGEST;
    blocks.retain(|block| is_large(block) || (block.width > 2 && block.fitting >= SURELY_A_TABLE));
    // One record above others that differ from it is their header, or a title.
    if blocks.iter().any(|block| block.first > 0 && block.width > 1) {
        let alone = |block: &Block| block.fitting == 1 && blocks.iter().any(|other| other.first == block.end);
        let first = blocks.iter().min_by_key(|block| block.first).copied().filter(alone);
        blocks.retain(|block| Some(*block) != first);
    }
    // Ragged rows make overlapping blocks: of those the fullest counts, not the first.
    let first = *blocks.iter().min_by_key(|block| (block.first, block.end))?;
    let block = blocks.into_iter().filter(|block| block.first < first.end).max_by_key(|block| (block.fitting, block.width))?;
    Some(ragged(records, &block).unwrap_or(block))
}

/// All records of several cells as one block, where widths change from record to record throughout.
fn ragged(records: &[Record], block: &Block) -> Option<Block> {
    let rows = records.iter().filter(|record| !record.blank && record.width > 1).count();
    let pure = block.fitting > 2 && block.fitting * 5 > (block.end - block.first) * 4;
    if pure || block.fitting * 2 > rows || rows < FEW {
        return None;
    }
    let is_row = |record: &Record| !record.blank && record.width > 1;
    let first = records.iter().position(is_row)?;
    let end = records.iter().rposition(is_row)? + 1;
    let fitting = records.iter().filter(|record| record.width == block.width).count();
    Some(Block { first, end, fitting, ..*block })
}

/// The runs in which at least half of the records have `width`.
fn blocks_of(records: &[Record], width: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut others = 0;
    for (k, record) in records.iter().enumerate() {
        if record.blank {
            continue;
        }
        if record.width != width {
            others += 1;
            continue;
        }
        match blocks.last_mut() {
            Some(block) if others <= block.fitting + 2 => {
                block.fitting += 1;
                block.end = k + 1;
            }
            _ => blocks.push(Block { first: k, end: k + 1, width, fitting: 1 }),
        }
        others = 0;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::csv::dialect::Dialect;

    fn block(text: &str) -> (usize, usize, usize) {
        let block = find(&Tokens::cut(text, &Dialect::default(), 1000)).unwrap();
        (block.first, block.end, block.width)
    }

    #[test]
    fn notes_above_and_below_are_not_the_table() {
        assert_eq!(block("Title\nof, two\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\nSource: me\n"), (3, 7, 3));
    }

    #[test]
    fn the_first_of_two_tables_is_the_table() {
        let first = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n";
        assert_eq!(block(&format!("{first}a,b\n1,2\n4,5\n7,8\n")), (0, 4, 3));
        assert_eq!(block(&format!("{first}a,b,c,d\n1,2,3,4\n4,5,6,7\n7,8,9,0\n")), (0, 4, 3));
    }

    #[test]
    fn ragged_rows_are_one_table() {
        assert_eq!(block("a,b,c\n1,b\n2\n3,b,c\n"), (0, 4, 3));
    }

    #[test]
    fn a_header_above_ragged_rows_is_in_the_table() {
        let rows: String = (0..40).map(|k| format!("1{}\n", ",x".repeat(3 + k * 7 % 5))).collect();
        assert_eq!(block(&format!("a,b,c\n{rows}")).0, 0);
    }

    #[test]
    fn a_header_of_another_width_is_not_a_table() {
        assert_eq!(block("a,b\n1,2,3\n"), (1, 2, 3));
        assert_eq!(block("a,b,c\n1,2\n"), (1, 2, 2));
    }

    #[test]
    fn one_column_is_a_table_too() {
        assert_eq!(block("a\n1\n\n2\n"), (0, 4, 1));
    }
}
