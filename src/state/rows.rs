//! The windows of formatted rows the page holds: blocks around what is visible, the oldest dropped.

use std::collections::BTreeMap;
use std::ops::Range;

use colonnade_protocol::message::{Cell, RowWindow};

/// Rows of a block.
const BLOCK_ROWS: u64 = 128;
/// Columns of a block.
const BLOCK_COLUMNS: u32 = 32;
/// Blocks kept: some megabytes of text at most.
const KEPT: usize = 48;
/// Questions that may be open at a time; more would queue behind a scroll long gone by.
const OPEN: usize = 2;
/// Milliseconds after which a question counts as lost: whoever was to answer it may have been replaced.
const PATIENCE: f64 = 10_000.0;

/// A rectangle to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    pub request: u32,
    pub first: u64,
    pub count: u32,
    pub columns: (u32, u32),
}

type Key = (u64, u32);

#[derive(Debug, Default)]
struct Block {
    rows: Vec<Vec<Cell>>,
    /// How many rows of the table were known when it was filled: only more can make a short block longer.
    known: u64,
    /// When it was last looked at, in paints.
    used: u64,
}

/// Blocks of rows by place.
#[derive(Debug, Default)]
pub struct Rows {
    blocks: BTreeMap<Key, Block>,
    /// Questions under way, with the rows known and the time when they were asked.
    open: BTreeMap<u32, (Key, u64, f64)>,
    requests: u32,
    paints: u64,
}

impl Rows {
    /// Forgets everything; answers still under way are not taken.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.open.clear();
    }

    /// The cell, where it is here.
    pub fn cell(&self, row: u64, column: u32) -> Option<&Cell> {
        let block = self.blocks.get(&(row / BLOCK_ROWS, column / BLOCK_COLUMNS))?;
        block.rows.get((row % BLOCK_ROWS) as usize)?.get((column % BLOCK_COLUMNS) as usize)
    }

    /// What to ask for, at the time `now` in milliseconds, so that these cells can be shown; `None` when all are here, asked for, or out of reach.
    pub fn missing(&mut self, now: f64, rows: Range<u64>, columns: Range<u32>, known_rows: u64, all_columns: u32) -> Option<Question> {
        self.paints += 1;
        self.open.retain(|_, (.., asked)| now - *asked < PATIENCE);
        if rows.is_empty() || columns.is_empty() {
            return None;
        }
        let mut wanted = None;
        for r in rows.start / BLOCK_ROWS..=(rows.end - 1) / BLOCK_ROWS {
            for c in columns.start / BLOCK_COLUMNS..=(columns.end - 1) / BLOCK_COLUMNS {
                let first = r * BLOCK_ROWS;
                let reachable = known_rows.saturating_sub(first).min(BLOCK_ROWS) as usize;
                match self.blocks.get_mut(&(r, c)) {
                    Some(block) if block.rows.len() >= reachable || block.known >= known_rows => block.used = self.paints,
                    _ if reachable > 0 && !self.open.values().any(|(key, ..)| *key == (r, c)) => {
                        wanted.get_or_insert((r, c));
                    }
                    _ => {}
                }
            }
        }
        let key = wanted.filter(|_| self.open.len() < OPEN)?;
        self.requests += 1;
        self.open.insert(self.requests, (key, known_rows, now));
        let from = key.1 * BLOCK_COLUMNS;
        Some(Question {
            request: self.requests,
            first: key.0 * BLOCK_ROWS,
            count: BLOCK_ROWS as u32,
            columns: (from, (from + BLOCK_COLUMNS).min(all_columns)),
        })
    }

    /// Takes an answer. Returns whether it was waited for.
    pub fn answer(&mut self, request: u32, window: RowWindow) -> bool {
        let Some((key, known, _)) = self.open.remove(&request) else { return false };
        self.keep(key, window.rows, known.max(window.known_rows));
        true
    }

    /// Takes the rows that came with a preview: what is visible at first needs no question. They are cut into
    /// blocks of columns.
    pub fn seed(&mut self, window: &RowWindow) {
        if window.first != 0 || window.from_column != 0 {
            return;
        }
        let width = window.rows.first().map_or(0, Vec::len);
        for block in 0..width.div_ceil(BLOCK_COLUMNS as usize) {
            let columns = block * BLOCK_COLUMNS as usize..((block + 1) * BLOCK_COLUMNS as usize).min(width);
            let rows = window.rows.iter().take(BLOCK_ROWS as usize).filter_map(|row| Some(row.get(columns.clone())?.to_vec()));
            let rows: Vec<_> = rows.collect();
            let known = rows.len() as u64;
            self.keep((0, block as u32), rows, known);
        }
    }

    fn keep(&mut self, key: Key, rows: Vec<Vec<Cell>>, known: u64) {
        self.blocks.insert(key, Block { rows, known, used: self.paints });
        while self.blocks.len() > KEPT {
            let Some(oldest) = self.blocks.iter().min_by_key(|(_, block)| block.used).map(|(key, _)| *key) else { break };
            self.blocks.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(first: u64, from_column: u32, rows: usize, columns: usize) -> RowWindow {
        let row = |r: usize| (0..columns).map(|c| Cell::Text(format!("{}:{}", first + r as u64, from_column as usize + c))).collect();
        RowWindow { first, from_column, rows: (0..rows).map(row).collect(), known_rows: 1_000_000 }
    }

    #[test]
    fn a_far_row_of_a_far_column_is_asked_for_once_and_then_shown() {
        let mut rows = Rows::default();
        let question = rows.missing(0.0, 999_990..999_999, 300..310, 1_000_000, 400).unwrap();
        assert_eq!((question.first, question.columns), (999_936, (288, 320)));
        assert_eq!(rows.missing(0.0, 999_990..999_999, 300..310, 1_000_000, 400), None);
        assert!(rows.answer(question.request, window(999_936, 288, 64, 32)));
        assert_eq!(rows.cell(999_990, 300), Some(&Cell::Text("999990:300".to_owned())));
        assert_eq!(rows.missing(0.0, 999_990..999_999, 300..310, 1_000_000, 400), None);
    }

    #[test]
    fn what_the_scan_has_not_reached_is_not_asked_for() {
        let mut rows = Rows::default();
        assert_eq!(rows.missing(0.0, 5_000..5_040, 0..5, 5_000 / 128 * 128, 5), None);
    }

    #[test]
    fn a_block_cut_short_is_asked_for_again_when_more_rows_are_known() {
        let mut rows = Rows::default();
        rows.seed(&window(0, 0, 50, 3));
        assert_eq!(rows.missing(0.0, 0..40, 0..3, 50, 3), None);
        assert!(rows.missing(0.0, 0..40, 0..3, 128, 3).is_some());
    }

    #[test]
    fn a_question_never_answered_is_asked_again() {
        let mut rows = Rows::default();
        let lost = rows.missing(0.0, 0..10, 0..3, 100, 3).unwrap();
        assert_eq!(rows.missing(PATIENCE / 2.0, 0..10, 0..3, 100, 3), None);
        let again = rows.missing(PATIENCE, 0..10, 0..3, 100, 3).unwrap();
        assert_eq!(again.first, lost.first);
        assert_ne!(again.request, lost.request);
    }

    #[test]
    fn an_answer_from_before_a_change_is_dropped() {
        let mut rows = Rows::default();
        let question = rows.missing(0.0, 0..10, 0..3, 100, 3).unwrap();
        rows.clear();
        assert!(!rows.answer(question.request, window(0, 0, 100, 3)));
        assert_eq!(rows.cell(0, 0), None);
    }
}
