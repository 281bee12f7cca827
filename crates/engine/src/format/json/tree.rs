//! A record's values put into the tree of its columns.

use std::collections::HashSet;
use std::sync::Arc;

use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

use super::reader::{Kind, RawString, Reader, SyntaxError};
use super::unescape::unescape;
use super::widen::{key_text, plain};
use crate::Result;
use crate::column::{CellRules, ColumnParser, ColumnSpec, Span};
use crate::format::tree;

/// The values of a column, or of a part of one.
pub type Node = tree::Node<Takes>;
/// Columns, or the members of an object, by their keys.
pub type Members = tree::Members<Takes>;
type Leaf = tree::Leaf<Takes>;
type StructNode = tree::StructNode<Takes>;
type ListNode = tree::ListNode<Takes>;

/// What reading a record leaves behind beside the values.
#[derive(Debug, Default)]
pub struct Notes {
    /// Texts whose escapes were resolved.
    pub scratch: Vec<u8>,
    /// The value at hand does not fit its column: there it is null.
    pub misfit: bool,
    /// It has a member that its struct does not have.
    pub new_member: bool,
    /// A text of it has half of a surrogate pair.
    pub half_character: bool,
    /// A key that it gives twice, and which of its values was taken.
    pub doubled: Option<(String, &'static str)>,
    /// Where the text of a record that was mended begins in `scratch`.
    pub mended_at: Option<usize>,
}

impl Notes {
    /// A value's bytes in the text that is read.
    #[inline]
    fn span(&self, start: usize, end: usize) -> Span {
        match self.mended_at {
            None => Span::quoted(start, end),
            Some(base) => Span::scratch(base + start, base + end, true),
        }
    }
}

/// The kinds of values that a leaf takes; a null fits always.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    Booleans,
    Numbers,
    Strings,
    /// Any scalar; the parser says what fits.
    Scalars,
    /// Any value, as it stands in the source.
    Json,
    /// Strings and all else as it stands in the source.
    Everything,
    EmptyObjects,
}

impl Takes {
    fn of(data_type: &LogicalType, by_person: bool) -> Self {
        use LogicalType::{Boolean, Decimal, Double, Float, Int8, Int16, Int32, Int64, Json, String, Struct, Void};
        match data_type {
            Json => Self::Json,
            String if by_person => Self::Everything,
            Struct(_) => Self::EmptyObjects,
            String => Self::Scalars,
            _ if by_person => Self::Scalars,
            Void => Self::Nothing,
            Boolean => Self::Booleans,
            Int8 | Int16 | Int32 | Int64 | Float | Double | Decimal { .. } => Self::Numbers,
            _ => Self::Strings,
        }
    }

    #[inline]
    fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Nothing => false,
            Self::Booleans => kind == Kind::Boolean,
            Self::Numbers => kind == Kind::Number,
            Self::Strings => kind == Kind::String,
            Self::Scalars => !matches!(kind, Kind::Object | Kind::Array),
            Self::EmptyObjects => kind == Kind::Object,
            Self::Json | Self::Everything => true,
        }
    }
}

/// A node without values, of the type of `column`.
///
/// # Errors
/// Those of [`ColumnParser::new`].
pub fn node(column: &ColumnSpec, rules: &Arc<CellRules>) -> Result<Node> {
    Node::new(column, &|column| {
        let takes = Takes::of(&column.data_type, column.origin == Origin::Person);
        // What is kept as it stands in the source was checked when it was read.
        let as_text = matches!(takes, Takes::Json | Takes::EmptyObjects);
        let data_type = if as_text { LogicalType::String } else { column.data_type.clone() };
        let parser = ColumnParser::new(&ColumnSpec { data_type, ..column.clone() }, rules, UTF_8)?;
        Ok(Leaf::new(takes, parser))
    })
}

impl Node {
    /// Reads the value of a row, which is not before [`rows`](tree::Node::rows).
    ///
    /// # Errors
    /// Where the value breaks the grammar; the row is to be taken back then.
    #[inline]
    pub fn read(&mut self, reader: &mut Reader<'_>, row: usize, notes: &mut Notes) -> std::result::Result<(), SyntaxError> {
        match self {
            Self::Leaf(leaf) => leaf.read(reader, row, notes),
            Self::Struct(node) => node.read(reader, row, notes),
            Self::List(node) => node.read(reader, row, notes),
        }
    }
}

impl Members {
    /// The member of this key, where there is one.
    #[inline]
    pub fn find_key(&mut self, text: &[u8], key: &RawString) -> Option<usize> {
        let raw = &text[key.range.clone()];
        if let Some(expected) = self.expected(|name| !key.escaped && name.as_bytes() == raw) {
            return Some(expected);
        }
        match std::str::from_utf8(raw) {
            Ok(name) if !key.escaped => self.find(name),
            _ => self.find(&key_text(text, key)),
        }
    }

    /// Reads the value of a member. One that was given before in this row is replaced, and noted.
    ///
    /// # Errors
    /// Where the value breaks the grammar.
    #[inline]
    pub fn read(&mut self, member: usize, reader: &mut Reader<'_>, row: usize, notes: &mut Notes) -> std::result::Result<(), SyntaxError> {
        let node = &mut self.nodes[member];
        if node.rows() > row {
            notes.doubled.get_or_insert_with(|| (self.names[member].clone(), "last"));
            node.truncate(row);
        }
        node.read(reader, row, notes)
    }
}

impl Leaf {
    #[inline]
    fn read(&mut self, reader: &mut Reader<'_>, row: usize, notes: &mut Notes) -> std::result::Result<(), SyntaxError> {
        let span = self.span(reader, notes)?;
        self.push(row, span);
        Ok(())
    }

    #[inline]
    fn span(&self, reader: &mut Reader<'_>, notes: &mut Notes) -> std::result::Result<Span, SyntaxError> {
        let kind = reader.peek()?;
        if kind == Kind::Null {
            reader.word()?;
            return Ok(Span::MISSING);
        }
        if !self.kind.takes(kind) {
            reader.skip()?;
            notes.misfit = true;
            return Ok(Span::MISSING);
        }
        let range = match kind {
            Kind::String if self.kind != Takes::Json => {
                let string = reader.string()?;
                if self.kind == Takes::Strings && string.range.is_empty() {
                    notes.misfit = true;
                    return Ok(Span::MISSING);
                }
                return Ok(content(reader.text(), &string, notes));
            }
            Kind::Number => reader.number()?,
            Kind::Boolean => reader.word()?,
            _ => reader.skip()?,
        };
        if self.kind == Takes::EmptyObjects && !reader.text()[range.start + 1..range.end - 1].trim_ascii().is_empty() {
            notes.misfit = true;
            return Ok(Span::MISSING);
        }
        Ok(notes.span(range.start, range.end))
    }
}

/// A string's text: where it stands, or in the scratch buffer if it has escapes.
#[inline]
fn content(text: &[u8], string: &RawString, notes: &mut Notes) -> Span {
    if !string.escaped {
        return notes.span(string.range.start, string.range.end);
    }
    let start = notes.scratch.len();
    notes.half_character |= !unescape(&text[string.range.clone()], &mut notes.scratch);
    Span::scratch(start, notes.scratch.len(), true)
}

impl StructNode {
    fn read(&mut self, reader: &mut Reader<'_>, row: usize, notes: &mut Notes) -> std::result::Result<(), SyntaxError> {
        let kind = reader.peek()?;
        self.valid.resize(row, false);
        self.valid.push(kind == Kind::Object);
        if kind != Kind::Object {
            notes.misfit |= kind != Kind::Null;
            reader.skip()?;
            return Ok(());
        }
        reader.open();
        let mut first = true;
        while let Some(key) = reader.next_key(first)? {
            first = false;
            match self.members.find_key(reader.text(), &key) {
                Some(member) => self.members.read(member, reader, row, notes)?,
                None => {
                    notes.new_member = true;
                    reader.skip()?;
                }
            }
        }
        Ok(())
    }
}

impl ListNode {
    fn read(&mut self, reader: &mut Reader<'_>, row: usize, notes: &mut Notes) -> std::result::Result<(), SyntaxError> {
        let kind = reader.peek()?;
        let mut count = self.elements();
        let is_whole = kind == if self.keys.is_some() { Kind::Object } else { Kind::Array };
        self.ends.resize(row, count as i32);
        self.valid.resize(row, false);
        if !is_whole {
            notes.misfit |= kind != Kind::Null;
            reader.skip()?;
        } else if let Some(keys) = &mut self.keys {
            reader.open();
            let text = reader.text();
            let (mut first, mut seen) = (true, HashSet::new());
            while let Some(key) = reader.next_key(first)? {
                first = false;
                // What has come before cannot be taken back from within.
                if !seen.insert(plain(text, &key)) {
                    notes.doubled.get_or_insert_with(|| (key_text(text, &key), "first"));
                    reader.skip()?;
                    continue;
                }
                let key = content(text, &key, notes);
                keys.spans.push(key);
                self.element.read(reader, count, notes)?;
                count += 1;
            }
        } else {
            reader.open();
            let mut first = true;
            while reader.next_element(first)? {
                first = false;
                self.element.read(reader, count, notes)?;
                count += 1;
            }
        }
        self.ends.push(count as i32);
        self.valid.push(is_whole);
        Ok(())
    }
}
