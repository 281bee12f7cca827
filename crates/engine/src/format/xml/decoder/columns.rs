//! The columns of the records that were read, and what they must become.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::ArrayRef;
use colonnade_protocol::{Cause, ErrorInfo, ErrorKind, LogicalType, Origin};
use encoding_rs::UTF_8;
use memchr::memmem;

use super::super::entities::MOST_EXPANDED;
use super::super::infer::new_column;
use super::super::mend::Fields;
use super::super::reader::Reader;
use super::super::tree::{self, Members};
use super::super::value::Value;
use super::{Rows, XmlDecoder};
use crate::Result;
use crate::column::{CellRules, ColumnParser, ColumnSpec, Late, Span, lattice, nested};
use crate::format::faults::{Fault, quoted};
use crate::format::tree::{Node, Parsed};
use crate::format::wide::{self, MOST_COLUMNS};

impl XmlDecoder {
    /// The columns' arrays, or the columns that must be widened or added.
    pub(super) fn finish(&mut self, text: &[u8], rows: &mut Rows) -> Result<(Vec<ArrayRef>, Vec<ColumnSpec>)> {
        let count = rows.starts.len();
        let mut nodes = std::mem::take(&mut self.members);
        for (column, value) in &self.carried {
            if let Node::Leaf(leaf) = &mut nodes.nodes[*column] {
                let start = self.scratch.len();
                self.scratch.extend_from_slice(value);
                leaf.spans.clear();
                leaf.spans.resize(count, Span::scratch(start, self.scratch.len(), false));
            }
        }
        let (mut arrays, mut widened) = (Vec::with_capacity(self.columns.len()), Vec::new());
        let mut values: HashMap<u32, Value> = HashMap::new();
        for (position, (column, node)) in self.columns.iter().zip(&mut nodes.nodes).enumerate() {
            let Parsed { array, mut misfits, invalid } = node.finish(count, text, &self.scratch);
            misfits.extend(rows.misfits.iter().filter(|(_, at)| *at == position).map(|(row, _)| *row));
            misfits.sort_unstable();
            misfits.dedup();
            let in_schema = position + usize::from(self.corrupt_at.is_some_and(|at| at <= position));
            if column.origin != Origin::Person && !misfits.is_empty() {
                let (mut wide, mut needed_by) = (column.clone(), misfits[0]);
                for &row in &misfits {
                    let value = values.entry(row).or_insert_with(|| self.value(text, row, rows));
                    let wider = self.widening.widen(&wide, value.all(&column.source_name));
                    if (&wider.data_type, &wider.pattern) != (&wide.data_type, &wide.pattern) {
                        (wide, needed_by) = (wider, row);
                    }
                }
                if (&wide.data_type, &wide.pattern) == (&column.data_type, &column.pattern) && !is_text(&column.data_type) {
                    // Bytes that are no UTF-8 fit text only.
                    wide = lattice::widened(column, LogicalType::String, None);
                }
                if (&wide.data_type, &wide.pattern) != (&column.data_type, &column.pattern) {
                    let value = self.odd_value(column, text, needed_by, rows).0;
                    wide.late = value.map(|value| Late::new(column, &value, UTF_8, rows.starts[needed_by as usize]));
                    widened.push(wide);
                    misfits.clear();
                }
            }
            let odd: Vec<_> = misfits.iter().map(|&row| (row, self.odd_value(column, text, row, rows))).collect();
            let mut add = |row: u32, cause, reason, span| {
                let start = rows.starts[row as usize];
                rows.faults.add(Fault { row: Some(row), start, cause, column: Some(in_schema as u32), reason, span, by: None });
            };
            for (row, (value, span)) in odd {
                let what = value.map_or_else(|| "the value of".to_owned(), |value| format!("{} in column", quoted(&value)));
                add(row, Cause::TypeMismatch, format!("{what} {} is no {}", column.name, column.data_type), span);
            }
            for &row in &invalid {
                let reason = format!("bytes in column {} that are not UTF-8; read as windows-1252", column.name);
                add(row, Cause::InvalidEncoding, reason, None);
            }
            arrays.push(array);
        }
        let (mut new, mut new_values): (HashMap<String, usize>, u64) = (HashMap::new(), 0);
        let known: HashSet<&str> = self.columns.iter().map(|column| column.source_name.as_str()).collect();
        let mut taken: HashSet<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let has_wildcard = tree::wildcard(&mut nodes, &self.shape).is_some();
        for &row in &rows.unknown {
            let value = values.entry(row).or_insert_with(|| self.value(text, row, rows));
            for (k, (name, _)) in value.fields.iter().enumerate() {
                let is_taken = has_wildcard && k >= value.attributes && *name != self.shape.value_tag;
                if is_taken || known.contains(name.as_str()) || value.fields[..k].iter().any(|(before, _)| before == name) {
                    continue;
                }
                new_values += 1;
                match new.get(name) {
                    Some(&at) => widened[at] = self.widening.widen(&widened[at], value.all(name)),
                    None => {
                        let from = new_column(name, |name| taken.contains(name));
                        taken.insert(from.name.clone());
                        new.insert(name.clone(), widened.len());
                        widened.push(self.widening.widen(&from, value.all(name)));
                    }
                }
            }
            if wide::are_data(new.len(), rows.unknown.len() as u64, new_values) || self.columns.len() + new.len() > MOST_COLUMNS {
                let what = format!("the records have {} different fields beside the {} of the sample", new.len(), self.columns.len());
                let hint = "Set schemaEvolutionMode to none to read only those of the sample, or choose another rowTag.";
                return Err(ErrorInfo::new(ErrorKind::Limit, what, hint));
            }
        }
        self.members = nodes;
        self.scratch.clear();
        if !widened.is_empty() {
            arrays.clear();
        }
        Ok((arrays, widened))
    }

    /// The text in a row that a column's type does not have, and where in the record it stands, if it can be told from others.
    fn odd_value(&self, column: &ColumnSpec, text: &[u8], row: u32, rows: &Rows) -> (Option<Vec<u8>>, Option<(u32, u32)>) {
        let value = self.value(text, row, rows);
        let parser = ColumnParser::new(column, &self.widening.rules, UTF_8).ok();
        let is_odd = |text: &&Vec<u8>| parser.as_ref().is_some_and(|parser| !parser.fits(text));
        let Some(odd) = value.all(&column.source_name).filter_map(|value| value.text.as_ref()).find(is_odd) else { return (None, None) };
        let start = rows.starts[row as usize] as usize;
        let end = rows.starts.get(row as usize + 1).map_or(text.len(), |&next| next as usize);
        let mut places = memmem::find_iter(&text[start..end], odd).take(2);
        let span = places.next().filter(|_| places.next().is_none() && !odd.is_empty()).map(|at| (at as u32, (at + odd.len()) as u32));
        (Some(odd.clone()), span)
    }

    /// The record of a row as a tree of its own. It was read before: it is well-formed.
    fn value(&self, text: &[u8], row: u32, rows: &Rows) -> Value {
        let (bytes, start) = match rows.mended.get(&row) {
            Some(mended) => (mended.as_slice(), 0),
            None => (text, rows.starts[row as usize] as usize),
        };
        let mut reader = Reader::new(bytes, start, true);
        reader.takes_any_character = true;
        let _ = reader.next();
        Value::read(&mut reader, &self.shape, &self.entities, MOST_EXPANDED).unwrap_or_default()
    }

    /// Goes on with wider columns: what follows in this unit is read only to see what else it needs.
    pub(super) fn adopt(&mut self, widened: &[ColumnSpec]) -> Result<()> {
        for wide in widened {
            match self.columns.iter_mut().find(|column| column.name == wide.name) {
                Some(column) => *column = wide.clone(),
                None => self.columns.push(wide.clone()),
            }
        }
        self.members = members(&self.columns, &self.widening.rules)?;
        self.fields = fields_of(&self.columns);
        Ok(())
    }

    /// Lists the rows in which U+FFFD stands for bytes that were no text.
    pub(super) fn note_replaced(text: &[u8], rows: &mut Rows) {
        let mut replaced: Vec<usize> =
            memmem::find_iter(text, "\u{FFFD}").map(|at| rows.starts.partition_point(|&start| start as usize <= at)).collect();
        replaced.dedup();
        for row in replaced.into_iter().filter_map(|row| row.checked_sub(1)) {
            let reason = "bytes that are no text in this encoding; U+FFFD stands for them".to_owned();
            let start = rows.starts[row];
            rows.faults.add(Fault {
                row: Some(row as u32),
                start,
                cause: Cause::InvalidEncoding,
                column: None,
                reason,
                span: None,
                by: None,
            });
        }
    }
}

fn is_text(data_type: &LogicalType) -> bool {
    matches!(data_type, LogicalType::String)
}

/// What the columns say of the records' elements.
pub(super) fn fields_of(columns: &[ColumnSpec]) -> Fields {
    let has_elements = |column: &ColumnSpec| matches!(nested::element_of(&column.data_type), LogicalType::Struct(_));
    let elements = columns.iter().map(|column| (column.source_name.as_bytes().to_vec(), has_elements(column)));
    Fields { elements: elements.collect() }
}

/// A tree for the values of these columns.
pub(super) fn members(columns: &[ColumnSpec], rules: &Arc<CellRules>) -> Result<Members> {
    let nodes = columns.iter().map(|column| tree::node(column, rules)).collect::<Result<_>>()?;
    Ok(Members::new(columns.iter().map(|column| column.source_name.clone()), nodes))
}
