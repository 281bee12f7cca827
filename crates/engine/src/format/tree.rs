//! The values of a batch of nested records by column: a tree of the shape of the schema, whose leaves hold spans of text.
//!
//! A reader puts a record's values into the tree as it meets them; the spans of each leaf are parsed together at the end
//! of the batch, by the same parsers as cells of text. Rows that a record leaves out are filled in when the next value
//! comes. `K` is what a format's reader keeps with each leaf.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, MapArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use colonnade_protocol::LogicalType;

use crate::Result;
use crate::column::{Cells, ColumnParser, ColumnSpec, Span, arrow_type};

/// A column of a batch, or a part of one.
pub(super) struct Parsed {
    pub array: ArrayRef,
    /// Rows with a text that does not fit its type; ascending.
    pub misfits: Vec<u32>,
    /// Rows with a text whose bytes are no UTF-8; ascending.
    pub invalid: Vec<u32>,
}

/// Values of one type.
pub(super) enum Node<K> {
    Leaf(Leaf<K>),
    Struct(StructNode<K>),
    List(ListNode<K>),
}

/// Values that are one text each.
pub(super) struct Leaf<K> {
    pub kind: K,
    pub spans: Vec<Span>,
    parser: ColumnParser,
}

/// Values with members.
pub(super) struct StructNode<K> {
    data_type: DataType,
    pub valid: Vec<bool>,
    pub members: Members<K>,
}

/// A list, or a map: then `keys` go along with the elements.
pub(super) struct ListNode<K> {
    data_type: DataType,
    pub valid: Vec<bool>,
    /// Elements up to the end of each row.
    pub ends: Vec<i32>,
    pub keys: Option<Leaf<K>>,
    pub element: Box<Node<K>>,
}

/// Named nodes. Records mostly give their members in one order: the name behind the last one is tried first.
pub(super) struct Members<K> {
    pub names: Vec<String>,
    pub nodes: Vec<Node<K>>,
    positions: HashMap<String, usize>,
    /// The member that is expected next.
    next: usize,
}

impl<K> Node<K> {
    /// No values yet, of the type of `column`; `leaf` makes those that are one text.
    ///
    /// # Errors
    /// Those of `leaf`.
    pub fn new(column: &ColumnSpec, leaf: &impl Fn(&ColumnSpec) -> Result<Leaf<K>>) -> Result<Self> {
        let of = |data_type: &LogicalType| ColumnSpec { data_type: data_type.clone(), pattern: None, ..column.clone() };
        let data_type = arrow_type(&column.data_type);
        let list = |keys, element| -> Result<Self> {
            let element = Box::new(Self::new(&of(element), leaf)?);
            Ok(Self::List(ListNode { data_type: data_type.clone(), valid: Vec::new(), ends: Vec::new(), keys, element }))
        };
        match &column.data_type {
            LogicalType::Struct(members) if !members.is_empty() => {
                let nodes = members.iter().map(|member| Self::new(&of(&member.data_type), leaf)).collect::<Result<_>>()?;
                let names = members.iter().map(|member| member.name.clone());
                Ok(Self::Struct(StructNode { data_type, valid: Vec::new(), members: Members::new(names, nodes) }))
            }
            LogicalType::List(element) => list(None, element),
            LogicalType::Map(value) => list(Some(leaf(&of(&LogicalType::String))?), value),
            _ => Ok(Self::Leaf(leaf(column)?)),
        }
    }

    /// Rows so far; those left out at the end do not count.
    pub fn rows(&self) -> usize {
        match self {
            Self::Leaf(leaf) => leaf.spans.len(),
            Self::Struct(node) => node.valid.len(),
            Self::List(node) => node.valid.len(),
        }
    }

    /// Takes back all rows from this one on.
    pub fn truncate(&mut self, rows: usize) {
        match self {
            Self::Leaf(leaf) => leaf.spans.truncate(rows),
            Self::Struct(node) => {
                node.valid.truncate(rows);
                node.members.truncate(rows);
            }
            Self::List(node) => {
                node.valid.truncate(rows);
                node.ends.truncate(rows);
                let count = node.elements();
                node.element.truncate(count);
                if let Some(keys) = &mut node.keys {
                    keys.spans.truncate(count);
                }
            }
        }
    }

    /// The array of the first `rows` rows, and nothing is left.
    pub fn finish(&mut self, rows: usize, text: &[u8], scratch: &[u8]) -> Parsed {
        match self {
            Self::Leaf(leaf) => leaf.finish(rows, text, scratch),
            Self::Struct(node) => node.finish(rows, text, scratch),
            Self::List(node) => node.finish(rows, text, scratch),
        }
    }
}

impl<K> Leaf<K> {
    /// No values yet.
    pub fn new(kind: K, parser: ColumnParser) -> Self {
        Self { kind, spans: Vec::new(), parser }
    }

    /// Gives a row, which is not before the last one, its text.
    #[inline]
    pub fn push(&mut self, row: usize, span: Span) {
        if self.spans.len() != row {
            self.spans.resize(row, Span::MISSING);
        }
        self.spans.push(span);
    }

    fn finish(&mut self, rows: usize, text: &[u8], scratch: &[u8]) -> Parsed {
        self.spans.resize(rows, Span::MISSING);
        let parsed = self.parser.parse(Cells { text, scratch, spans: &self.spans, stride: 1, column: 0 });
        self.spans.clear();
        Parsed { array: parsed.array, misfits: parsed.misfits, invalid: parsed.invalid }
    }
}

impl<K> StructNode<K> {
    fn finish(&mut self, rows: usize, text: &[u8], scratch: &[u8]) -> Parsed {
        let nulls = nulls(&mut self.valid, rows);
        let (mut arrays, mut misfits, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
        for node in &mut self.members.nodes {
            let member = node.finish(rows, text, scratch);
            arrays.push(member.array);
            misfits.extend(member.misfits);
            invalid.extend(member.invalid);
        }
        for rows in [&mut misfits, &mut invalid] {
            rows.sort_unstable();
            rows.dedup();
        }
        let fields = if let DataType::Struct(fields) = &self.data_type { fields.clone() } else { Default::default() };
        Parsed { array: Arc::new(StructArray::new(fields, arrays, nulls)), misfits, invalid }
    }
}

impl<K> ListNode<K> {
    /// Elements of all rows so far.
    pub fn elements(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    fn finish(&mut self, rows: usize, text: &[u8], scratch: &[u8]) -> Parsed {
        let nulls = nulls(&mut self.valid, rows);
        let count = self.elements();
        self.ends.resize(rows, count as i32);
        let element = self.element.finish(count, text, scratch);
        let ends = std::mem::take(&mut self.ends);
        let row_of = |element: u32| ends.partition_point(|&end| end as u32 <= element) as u32;
        let rows_of = |elements: Vec<u32>| {
            let mut rows: Vec<u32> = elements.into_iter().map(row_of).collect();
            rows.dedup();
            rows
        };
        let (misfits, invalid) = (rows_of(element.misfits), rows_of(element.invalid));
        let offsets = OffsetBuffer::new(ScalarBuffer::from_iter(std::iter::once(0).chain(ends.iter().copied())));
        let array: ArrayRef = match (&self.data_type, &mut self.keys) {
            (DataType::Map(entries, sorted), Some(keys)) => {
                let keys = keys.finish(count, text, scratch).array;
                let fields = if let DataType::Struct(fields) = entries.data_type() { fields.clone() } else { Default::default() };
                let values = StructArray::new(fields, vec![keys, element.array], None);
                Arc::new(MapArray::new(Arc::clone(entries), offsets, values, nulls, *sorted))
            }
            (DataType::List(field), _) => Arc::new(ListArray::new(Arc::clone(field), offsets, element.array, nulls)),
            _ => element.array,
        };
        Parsed { array, misfits, invalid }
    }
}

impl<K> Members<K> {
    /// As many nodes as names, the names distinct.
    pub fn new(names: impl Iterator<Item = String>, nodes: Vec<Node<K>>) -> Self {
        let names: Vec<String> = names.collect();
        let positions = names.iter().enumerate().map(|(position, name)| (name.clone(), position)).collect();
        Self { names, nodes, positions, next: 0 }
    }

    /// The position of the member that is expected next, if `is` its name.
    #[inline]
    pub fn expected(&mut self, is: impl Fn(&str) -> bool) -> Option<usize> {
        let next = self.next;
        self.names.get(next).is_some_and(|name| is(name)).then(|| self.found(next))
    }

    /// The position of the member with this name, where there is one.
    pub fn find(&mut self, name: &str) -> Option<usize> {
        let position = *self.positions.get(name)?;
        Some(self.found(position))
    }

    /// Takes back all rows from this one on.
    pub fn truncate(&mut self, rows: usize) {
        self.nodes.iter_mut().for_each(|node| node.truncate(rows));
    }

    #[inline]
    fn found(&mut self, position: usize) -> usize {
        self.next = position + 1;
        if self.next == self.names.len() {
            self.next = 0;
        }
        position
    }
}

impl<K> Default for Members<K> {
    fn default() -> Self {
        Self { names: Vec::new(), nodes: Vec::new(), positions: HashMap::new(), next: 0 }
    }
}

/// Arrow's validity bits of `rows` rows, those left out being null; nothing is left.
fn nulls(valid: &mut Vec<bool>, rows: usize) -> Option<NullBuffer> {
    valid.resize(rows, false);
    let nulls = NullBuffer::from(std::mem::take(valid));
    (nulls.null_count() > 0).then_some(nulls)
}
