//! A record's elements and attributes put into the tree of its columns.

use std::ops::Range;
use std::sync::Arc;

use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

use super::chars::{is_blank, trimmed};
use super::entities::{Entities, Within};
use super::options::{Shape, is_nil};
use super::reader::{Attribute, Event, Reader, Stop, Text};
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

/// What reading records takes and leaves behind beside the values.
pub struct Notes<'a> {
    pub shape: &'a Shape,
    pub entities: &'a Entities,
    /// Texts that do not stand in the source as they are.
    pub scratch: &'a mut Vec<u8>,
    /// The scratch buffer may grow up to here.
    pub most: usize,
    /// The text that is read is not the source's: every value is copied.
    pub copies: bool,
    /// Columns with a value that does not fit.
    pub misfits: Vec<usize>,
    /// There is an element or attribute that is no column.
    pub unknown: bool,
    misfit: bool,
    trim: bool,
}

impl<'a> Notes<'a> {
    /// For records that are read in this shape.
    pub fn new(shape: &'a Shape, entities: &'a Entities, scratch: &'a mut Vec<u8>, most: usize, copies: bool) -> Self {
        Self { shape, entities, scratch, most, copies, misfits: Vec::new(), unknown: false, misfit: false, trim: shape.trim }
    }

    fn resolve(&mut self, text: &[u8], range: &Range<usize>, within: Within) -> Result<()> {
        self.entities.resolve(&text[range.clone()], range.start, within, self.scratch, self.most)
    }

    /// Checks what is not wanted.
    fn check(&mut self, text: &[u8], range: &Range<usize>, within: Within) -> Result<()> {
        let length = self.scratch.len();
        let result = self.resolve(text, range, within);
        self.scratch.truncate(length);
        result
    }

    fn skip(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let text = reader.text();
        reader.skip_element(|range, is_attribute| self.check(text, &range, if is_attribute { Within::Attribute } else { Within::Content }))
    }

    fn span(&mut self, text: &[u8], range: Range<usize>) -> Span {
        if !self.copies {
            return self.spanned(Span::plain(range.start, range.end));
        }
        let start = self.scratch.len();
        self.scratch.extend_from_slice(&text[range]);
        self.spanned(Span::scratch(start, self.scratch.len(), false))
    }

    fn spanned(&self, span: Span) -> Span {
        match span.is_empty() && !self.shape.empty_is_null {
            true => Span::quoted(0, 0),
            false => span,
        }
    }

    fn attribute_span(&mut self, text: &[u8], attribute: &Attribute) -> Result<Span> {
        if attribute.plain {
            return Ok(self.span(text, attribute.value.clone()));
        }
        let start = self.scratch.len();
        self.resolve(text, &attribute.value, Within::Attribute)?;
        Ok(self.spanned(Span::scratch(start, self.scratch.len(), false)))
    }
}

/// The text of an element between two of its elements, as it comes in pieces.
#[derive(Default)]
struct Run {
    /// The only piece so far.
    single: Option<Text>,
    /// Where several begin in the scratch buffer.
    scratch: Option<usize>,
}

impl Run {
    fn add(&mut self, text: &[u8], piece: Text, notes: &mut Notes<'_>) -> Result<()> {
        if self.single.is_none() && self.scratch.is_none() && piece.plain {
            self.single = Some(piece);
            return Ok(());
        }
        if self.scratch.is_none() {
            self.scratch = Some(notes.scratch.len());
            if let Some(first) = self.single.take() {
                notes.scratch.extend_from_slice(&text[first.range]);
            }
        }
        if piece.plain {
            notes.scratch.extend_from_slice(&text[piece.range]);
        } else if piece.cdata {
            push_lines(&text[piece.range], notes.scratch);
        } else {
            notes.resolve(text, &piece.range, Within::Content)?;
        }
        if notes.scratch.len() > notes.most { Err(Stop::Bomb(0)) } else { Ok(()) }
    }

    /// The text as one span, and nothing is left. `None`: there is none, or only blanks.
    fn take(&mut self, text: &[u8], joins_lines: bool, notes: &mut Notes<'_>) -> Option<Span> {
        let trim = notes.trim || joins_lines;
        if let Some(single) = self.single.take() {
            let whole = &text[single.range.clone()];
            let content = trimmed(whole);
            if content.is_empty() && (trim || !single.cdata) {
                return None;
            }
            let lead = if trim { whole.iter().take_while(|&&byte| is_blank(byte)).count() } else { 0 };
            let start = single.range.start + lead;
            let range = start..start + if trim { content.len() } else { whole.len() };
            if joins_lines && memchr::memchr(b'\n', content).is_some() {
                let start = notes.scratch.len();
                join_lines(content, notes.scratch);
                return Some(Span::scratch(start, notes.scratch.len(), false));
            }
            return Some(notes.span(text, range));
        }
        let start = self.scratch.take()?;
        let whole = notes.scratch[start..].to_vec();
        let content = trimmed(&whole);
        if content.is_empty() {
            return None;
        }
        notes.scratch.truncate(start);
        if joins_lines {
            join_lines(content, notes.scratch);
        } else {
            notes.scratch.extend_from_slice(if trim { content } else { &whole });
        }
        Some(Span::scratch(start, notes.scratch.len(), false))
    }
}

/// Appends text with every line end as one line feed.
fn push_lines(text: &[u8], out: &mut Vec<u8>) {
    let mut bytes = text.iter().peekable();
    while let Some(&byte) = bytes.next() {
        if byte == b'\r' {
            bytes.next_if(|&&next| next == b'\n');
            out.push(b'\n');
        } else {
            out.push(byte);
        }
    }
}

/// Appends text with every run of blanks as one.
pub fn join_lines(text: &[u8], out: &mut Vec<u8>) {
    let words = text.split(|&byte| is_blank(byte)).filter(|word| !word.is_empty());
    for (k, word) in words.enumerate() {
        if k > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
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
                    None => {
                        notes.skip(reader)?;
                        unknown(notes, is_record);
                    }
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
    if run.single.is_none() && run.scratch.is_none() {
        return false;
    }
    // Blanks between elements, which are most texts.
    if run.single.as_ref().is_some_and(|single| !single.cdata && text[single.range.clone()].iter().all(|&byte| is_blank(byte))) {
        run.single = None;
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
        notes.misfits.push(member);
        notes.misfit = false;
    }
}

/// An element or attribute that no member has.
fn unknown(notes: &mut Notes<'_>, is_record: bool) {
    if is_record {
        notes.unknown = true;
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
        let lead = content.len() - trimmed_start(content).len();
        Some(notes.span(text, start + lead..start + lead + trimmed(content).len()))
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
