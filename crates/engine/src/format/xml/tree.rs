//! A record's elements and attributes put into the tree of its columns.

mod notes;
mod run;

use std::sync::Arc;

use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

pub use self::notes::{Notes, Odd};
use self::run::Run;
pub use self::run::join_lines;
use super::chars::{is_blank, trimmed};
use super::entities::Within;
use super::options::{Shape, is_nil};
use super::reader::{Event, Reader, Stop};
use crate::Result as EngineResult;
use crate::column::{CellRules, ColumnParser, ColumnSpec, Span, nested};
use crate::format::tree;

/// The values of a column, or of a part of one.
pub type Node = tree::Node<Kind>;
/// Columns, or the members of an element, by their names.
pub type Members = tree::Members<Kind>;
type Leaf = tree::Leaf<Kind>;

type Result<T> = std::result::Result<T, Stop>;

/// What a leaf takes.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Elements within are kept as they stand in the source: a person asked for text, or they nest too deep for a type.
    takes_elements: bool,
    /// Attributes are dropped: a person chose the type.
    drops_attributes: bool,
    /// Line breaks within are blanks: the type is no text.
    joins_lines: bool,
}

/// A node without values, of the type of `column`.
///
/// # Errors
/// Those of [`ColumnParser::new`].
pub fn node(column: &ColumnSpec, rules: &Arc<CellRules>) -> EngineResult<Node> {
    let is_deepest = depth(&column.data_type) >= nested::MAX_DEPTH;
    Node::new(column, &|column| {
        let by_person = column.origin == Origin::Person;
        let is_text = matches!(column.data_type, LogicalType::String | LogicalType::Json | LogicalType::Binary);
        let kind = Kind { takes_elements: is_text && (by_person || is_deepest), drops_attributes: by_person, joins_lines: !is_text };
        Ok(Leaf::new(kind, ColumnParser::new(column, rules, UTF_8)?))
    })
}

/// Levels of a type.
fn depth(data_type: &LogicalType) -> usize {
    match data_type {
        LogicalType::Struct(members) => 1 + members.iter().map(|member| depth(&member.data_type)).max().unwrap_or_default(),
        LogicalType::List(element) | LogicalType::Map(element) => 1 + depth(element),
        _ => 0,
    }
}

/// Reads the record whose start tag `reader` has begun into its columns; which of them do not fit is noted.
///
/// # Errors
/// Where the record is not well-formed, or not whole; the row is to be taken back then.
pub fn read_record(members: &mut Members, reader: &mut Reader<'_>, row: usize, notes: &mut Notes<'_>) -> Result<()> {
    notes.trim = notes.shape.trim;
    fields(members, reader, row, notes, true)?;
    Ok(())
}

/// Reads attributes and content of the element that was opened last into named nodes; gives whether there was anything.
fn fields(members: &mut Members, reader: &mut Reader<'_>, row: usize, notes: &mut Notes<'_>, is_record: bool) -> Result<bool> {
    let text = reader.text();
    let (trim, mut any, mut nil) = (notes.trim, false, false);
    while let Some(attribute) = reader.attribute()? {
        let name = &text[attribute.name.clone()];
        if name == b"xml:space" {
            notes.trim = &text[attribute.value.clone()] != b"preserve";
        }
        if is_nil(name) {
            nil = text[attribute.value.clone()] == *b"true";
        } else if notes.shape.exclude_attributes {
            notes.check(text, &attribute.value, Within::Attribute)?;
        } else {
            any = true;
            let span = notes.attribute_span(text, &attribute)?;
            let member = find_attribute(members, name, notes.shape);
            put(members, member, row, span, notes, is_record);
        }
    }
    let mut run = Run::default();
    loop {
        match reader.next()? {
            Event::Text(piece) => run.add(text, piece, notes)?,
            Event::Start(name) => {
                put_text(&mut run, members, text, row, notes, is_record);
                any = true;
                let name = notes.shape.local(&text[name]);
                let found = members
                    .expected(|expected| expected.as_bytes() == name)
                    .or_else(|| std::str::from_utf8(name).ok().and_then(|name| members.find(name)));
                match found {
                    Some(member) => {
                        element(&mut members.nodes[member], reader, row, notes)?;
                        settle(member, notes, is_record);
                    }
                    None => match wildcard(members, notes.shape) {
                        Some(member) => {
                            other_element(&mut members.nodes[member], reader, row, notes)?;
                            settle(member, notes, is_record);
                        }
                        None => {
                            notes.skip(reader)?;
                            unknown(notes, is_record);
                        }
                    },
                }
            }
            Event::End => break,
            Event::Doctype => return Err(super::reader::broken(reader.at, "a document type within an element")),
            Event::Eof => return Err(reader.cut("an element is never closed")),
        }
    }
    any |= put_text(&mut run, members, text, row, notes, is_record);
    notes.trim = trim;
    Ok(any && !nil)
}

fn find_attribute(members: &mut Members, name: &[u8], shape: &Shape) -> Option<usize> {
    let local = shape.local(name);
    let is = |expected: &str| expected.as_bytes().strip_prefix(shape.attribute_prefix.as_bytes()) == Some(local);
    members.expected(is).or_else(|| members.find(&shape.attribute(name)))
}

fn put_text(run: &mut Run, members: &mut Members, text: &[u8], row: usize, notes: &mut Notes<'_>, is_record: bool) -> bool {
    if run.is_empty() || run.drop_blanks(text) {
        return false;
    }
    let member = members.find(&notes.shape.value_tag);
    let joins_lines = member.is_some_and(|member| joins_lines(&members.nodes[member]));
    let Some(span) = run.take(text, joins_lines, notes) else { return false };
    put(members, member, row, span, notes, is_record);
    true
}

fn joins_lines(node: &Node) -> bool {
    match node {
        Node::Leaf(leaf) => leaf.kind.joins_lines,
        Node::List(list) => joins_lines(&list.element),
        Node::Struct(_) => false,
    }
}

/// Gives a member a text.
fn put(members: &mut Members, member: Option<usize>, row: usize, span: Span, notes: &mut Notes<'_>, is_record: bool) {
    match member {
        Some(member) => {
            notes.misfit |= !push(&mut members.nodes[member], row, span, notes);
            settle(member, notes, is_record);
        }
        None => unknown(notes, is_record),
    }
}

/// Whether a text is taken.
fn push(node: &mut Node, row: usize, span: Span, notes: &mut Notes<'_>) -> bool {
    match node {
        Node::Leaf(leaf) if leaf.spans.len() > row => false,
        Node::Leaf(leaf) => {
            leaf.push(row, span);
            true
        }
        Node::List(list) if list.keys.is_none() => {
            let at = append(list, row);
            push(&mut list.element, at, span, notes)
        }
        Node::Struct(node) if node.valid.len() <= row => {
            node.valid.resize(row, false);
            node.valid.push(true);
            let value = node.members.find(&notes.shape.value_tag);
            value.is_some_and(|value| push(&mut node.members.nodes[value], row, span, notes))
        }
        _ => false,
    }
}

/// One more element in a row's list; gives its number.
fn append(list: &mut tree::ListNode<Kind>, row: usize) -> usize {
    let count = list.elements();
    if list.valid.len() <= row {
        list.ends.resize(row, count as i32);
        list.valid.resize(row, false);
        list.ends.push(count as i32);
        list.valid.push(true);
    }
    if let Some(end) = list.ends.last_mut() {
        *end += 1;
    }
    count
}

fn settle(member: usize, notes: &mut Notes<'_>, is_record: bool) {
    if is_record && notes.misfit {
        notes.odd.misfits.push(member);
        notes.misfit = false;
    }
}

/// An element or attribute that no member has.
fn unknown(notes: &mut Notes<'_>, is_record: bool) {
    if is_record {
        notes.odd.unknown = true;
    } else {
        notes.misfit |= notes.shape.adds_columns;
    }
}

/// Reads the element that was opened last.
fn element(node: &mut Node, reader: &mut Reader<'_>, row: usize, notes: &mut Notes<'_>) -> Result<()> {
    match node {
        Node::Leaf(leaf) if leaf.spans.len() <= row => {
            let span = leaf_span(leaf.kind, reader, notes)?;
            leaf.push(row, span);
            Ok(())
        }
        Node::Struct(node) if node.valid.len() <= row => {
            node.valid.resize(row, false);
            node.valid.push(false);
            let any = fields(&mut node.members, reader, row, notes, false)?;
            if let Some(valid) = node.valid.last_mut() {
                *valid = any;
            }
            Ok(())
        }
        Node::List(list) if list.keys.is_none() => {
            let at = append(list, row);
            element(&mut list.element, reader, at, notes)
        }
        Node::List(_) => {
            notes.misfit = true;
            notes.skip(reader)
        }
        // The element is there twice, and its column is no list.
        _ => {
            notes.misfit = true;
            notes.skip(reader)
        }
    }
}

/// The member that takes the elements that no other has: texts, by a person's word.
pub fn wildcard(members: &mut Members, shape: &Shape) -> Option<usize> {
    let takes = |node: &Node| matches!(node, Node::Leaf(leaf) if leaf.kind.takes_elements && leaf.kind.drops_attributes);
    let member = members.find(&shape.wildcard)?;
    let is_wildcard = match &members.nodes[member] {
        Node::List(list) => list.keys.is_none() && takes(&list.element),
        node => takes(node),
    };
    is_wildcard.then_some(member)
}

/// Reads the element that was opened last, which no member has, into the wildcard's. The last one stays, as in Spark.
fn other_element(node: &mut Node, reader: &mut Reader<'_>, row: usize, notes: &mut Notes<'_>) -> Result<()> {
    if let Node::Leaf(leaf) = node
        && leaf.spans.len() > row
    {
        leaf.spans.truncate(row);
        notes.odd.crowded += 1;
    }
    element(node, reader, row, notes)
}

fn leaf_span(kind: Kind, reader: &mut Reader<'_>, notes: &mut Notes<'_>) -> Result<Span> {
    let text = reader.text();
    let (trim, mut nil) = (notes.trim, false);
    while let Some(attribute) = reader.attribute()? {
        let name = &text[attribute.name.clone()];
        if name == b"xml:space" {
            notes.trim = &text[attribute.value.clone()] != b"preserve";
        }
        if is_nil(name) {
            nil = text[attribute.value.clone()] == *b"true";
        } else {
            notes.misfit |= !kind.drops_attributes && !notes.shape.exclude_attributes;
        }
        if !attribute.plain {
            notes.check(text, &attribute.value, Within::Attribute)?;
        }
    }
    let start = reader.at;
    let (mut run, mut has_elements) = (Run::default(), false);
    loop {
        match reader.next()? {
            Event::Text(piece) => run.add(text, piece, notes)?,
            Event::End => break,
            Event::Start(_) => {
                has_elements = true;
                notes.skip(reader)?;
            }
            Event::Doctype => return Err(super::reader::broken(reader.at, "a document type within an element")),
            Event::Eof => return Err(reader.cut("an element is never closed")),
        }
    }
    notes.misfit |= has_elements && !kind.takes_elements;
    let span = if has_elements && kind.takes_elements {
        let content = &text[start..reader.at];
        let content = &content[..memchr::memrchr(b'<', content).unwrap_or_default()];
        let lead = if notes.trim { content.len() - trimmed_start(content).len() } else { 0 };
        let length = if notes.trim { trimmed(content).len() } else { content.len() };
        Some(notes.span(text, start + lead..start + lead + length))
    } else {
        run.take(text, kind.joins_lines, notes)
    };
    notes.trim = trim;
    let empty = if nil { Span::MISSING } else { notes.spanned(Span::plain(0, 0)) };
    Ok(span.filter(|_| !nil).unwrap_or(empty))
}

fn trimmed_start(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|&&byte| is_blank(byte)).count()..]
}
