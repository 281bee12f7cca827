//! The members of an object by their keys.

use std::collections::HashMap;

use super::reader::{RawString, Reader, SyntaxError};
use super::tree::{Node, Notes};
use super::widen::key_text;

/// Named nodes. Records mostly give their keys in one order: the key behind the last one is tried first.
#[derive(Default)]
pub struct Members {
    names: Vec<String>,
    nodes: Vec<Node>,
    positions: HashMap<String, usize>,
    /// The member that is expected next.
    next: usize,
}

impl Members {
    /// As many nodes as names, the names distinct.
    pub fn new(names: impl Iterator<Item = String>, nodes: Vec<Node>) -> Self {
        let names: Vec<String> = names.collect();
        let positions = names.iter().enumerate().map(|(position, name)| (name.clone(), position)).collect();
        Self { names, nodes, positions, next: 0 }
    }

    /// The member of this key, where there is one.
    #[inline]
    pub fn find(&mut self, text: &[u8], key: &RawString) -> Option<usize> {
        let raw = &text[key.range.clone()];
        let is = |position: usize| !key.escaped && self.names.get(position).is_some_and(|name| name.as_bytes() == raw);
        let found = if is(self.next) {
            self.next
        } else {
            match std::str::from_utf8(raw) {
                Ok(name) if !key.escaped => *self.positions.get(name)?,
                _ => *self.positions.get(&key_text(text, key))?,
            }
        };
        self.next = found + 1;
        if self.next == self.names.len() {
            self.next = 0;
        }
        Some(found)
    }

    /// Reads the value of a member. One that was given before in this row is replaced, and noted.
    ///
    /// # Errors
    /// Where the value breaks the grammar.
    #[inline]
    pub fn read(&mut self, member: usize, reader: &mut Reader<'_>, row: usize, notes: &mut Notes) -> Result<(), SyntaxError> {
        let node = &mut self.nodes[member];
        if node.rows() > row {
            notes.doubled.get_or_insert_with(|| self.names[member].clone());
            node.truncate(row);
        }
        node.read(reader, row, notes)
    }

    /// Takes back all rows from this one on.
    pub fn truncate(&mut self, rows: usize) {
        self.nodes.iter_mut().for_each(|node| node.truncate(rows));
    }

    /// The nodes, in order.
    pub fn nodes(&mut self) -> impl Iterator<Item = &mut Node> {
        self.nodes.iter_mut()
    }
}
