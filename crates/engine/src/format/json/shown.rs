//! What both readers show of a source, and how they take a schema.

use colonnade_protocol::message::{RawLine, RawLineKind};
use colonnade_protocol::report::{Change, Finding, Fix};

use super::repair::Repair;
use crate::format::lines::{count_line_ends, line_at};
use crate::words::counted;

/// Raw lines shown beside the grid, and characters of each.
const RAW_LINES: usize = 60;
const RAW_CHARS: usize = 2000;

/// The first lines of a text as they stand.
pub fn raw_lines(text: &[u8]) -> Vec<RawLine> {
    let mut lines = Vec::new();
    let (mut at, mut number) = (0, 1);
    while at < text.len() && lines.len() < RAW_LINES {
        let (end, next) = line_at(text, at, true).unwrap_or((text.len(), text.len()));
        let line = String::from_utf8_lossy(&text[at..end]);
        let kind = if line.trim().is_empty() { RawLineKind::Blank } else { RawLineKind::Record };
        lines.push(RawLine { number, text: line.chars().take(RAW_CHARS).collect(), kind });
        number += count_line_ends(&text[at..next]);
        at = next;
    }
    lines
}

/// Repairs in a sample, each with how many records it was made in.
#[derive(Debug, Default)]
pub struct RepairCounts {
    counts: Vec<(Repair, u64)>,
}

impl RepairCounts {
    /// Counts a record.
    pub fn add(&mut self, repairs: impl IntoIterator<Item = Repair>) {
        for repair in repairs {
            match self.counts.iter_mut().find(|(known, _)| *known == repair) {
                Some((_, count)) => *count += 1,
                None => self.counts.push((repair, 1)),
            }
        }
    }

    /// One finding a kind, with what declines it.
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |&(repair, count): &(Repair, u64)| {
            let records = counted(count, "record");
            let change = Change::Option { id: repair.option().to_owned(), value: Some("false".to_owned()) };
            Finding {
                what: format!("{records} of the sample: {}", repair.reason()),
                fix: Some(Fix { title: "Refuse such records".to_owned(), change }),
            }
        };
        self.counts.iter().map(finding).collect()
    }
}
