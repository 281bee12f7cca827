//! The values of a batch by column: a tree of the shape of the schema, whose leaves hold spans of text.
//!
//! A record puts its values into the tree as it is read; the spans of each leaf are parsed together at the end of the
//! batch, by the same parsers as cells of text. Rows that a record leaves out are filled in when the next value comes.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, MapArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

use super::members::Members;
use super::reader::{Kind, RawString, Reader, SyntaxError, unescape};
use crate::Result;
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec, Span, arrow_type};

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
    /// A key that it gives twice.
    pub doubled: Option<String>,
}

/// A column of a batch, or a part of one.
pub struct Parsed {
    pub array: ArrayRef,
    /// Rows with a text that does not fit its type; ascending.
    pub misfits: Vec<u32>,
    /// Rows with a text whose bytes are no UTF-8; ascending.
    pub invalid: Vec<u32>,
}

/// Values of one type.
pub enum Node {
    Leaf(Leaf),
    Struct(StructNode),
    List(ListNode),
}

/// Values that are one text each.
pub struct Leaf {
    takes: Takes,
    spans: Vec<Span>,
    parser: ColumnParser,
}

pub struct StructNode {
    data_type: DataType,
    valid: Vec<bool>,
    members: Members,
}

/// A list, or a map: then `keys` go along with the elements.
pub struct ListNode {
    data_type: DataType,
    valid: Vec<bool>,
    /// Elements up to the end of each row.
    ends: Vec<i32>,
    keys: Option<Leaf>,
    element: Box<Node>,
}

/// The kinds of values that a leaf takes; a null fits always.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
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

impl Node {
    /// No values yet, of the type of `column`.
    ///
    /// # Errors
    /// Those of [`ColumnParser::new`].
    pub fn new(column: &ColumnSpec, rules: &Arc<CellRules>) -> Result<Self> {
        let of = |data_type: &LogicalType| ColumnSpec { data_type: data_type.clone(), pattern: None, ..column.clone() };
        let data_type = arrow_type(&column.data_type);
        Ok(match &column.data_type {
            LogicalType::Struct(members) if !members.is_empty() => {
                let nodes = members.iter().map(|member| Self::new(&of(&member.data_type), rules)).collect::<Result<_>>()?;
                let names = members.iter().map(|member| member.name.clone());
                Self::Struct(StructNode { data_type, valid: Vec::new(), members: Members::new(names, nodes) })
            }
            LogicalType::List(element) => Self::List(ListNode {
                data_type,
                valid: Vec::new(),
                ends: Vec::new(),
                keys: None,
                element: Box::new(Self::new(&of(element), rules)?),
            }),
            LogicalType::Map(value) => Self::List(ListNode {
                data_type,
                valid: Vec::new(),
                ends: Vec::new(),
                keys: Some(Leaf::new(&of(&LogicalType::String), rules)?),
                element: Box::new(Self::new(&of(value), rules)?),
            }),
            _ => Self::Leaf(Leaf::new(column, rules)?),
        })
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

    /// Reads the value of a row, which is not before [`rows`](Self::rows).
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

    /// The array of the first `rows` rows, and nothing is left.
    pub fn finish(&mut self, rows: usize, text: &[u8], scratch: &[u8]) -> Parsed {
        match self {
            Self::Leaf(leaf) => leaf.finish(rows, text, scratch),
            Self::Struct(node) => node.finish(rows, text, scratch),
            Self::List(node) => node.finish(rows, text, scratch),
        }
    }
}

impl Leaf {
    fn new(column: &ColumnSpec, rules: &Arc<CellRules>) -> Result<Self> {
        let takes = Takes::of(&column.data_type, column.origin == Origin::Person);
        // What is kept as it stands in the source was checked when it was read.
        let as_text = matches!(takes, Takes::Json | Takes::EmptyObjects);
        let data_type = if as_text { LogicalType::String } else { column.data_type.clone() };
        let parser = ColumnParser::new(&ColumnSpec { data_type, ..column.clone() }, rules, UTF_8)?;
        Ok(Self { takes, spans: Vec::new(), parser })
    }

    #[inline]
    fn read(&mut self, reader: &mut Reader<'_>, row: usize, notes: &mut Notes) -> std::result::Result<(), SyntaxError> {
        let span = self.span(reader, notes)?;
        if self.spans.len() != row {
            self.spans.resize(row, Span::MISSING);
        }
        self.spans.push(span);
        Ok(())
    }

    #[inline]
    fn span(&self, reader: &mut Reader<'_>, notes: &mut Notes) -> std::result::Result<Span, SyntaxError> {
        let kind = reader.peek()?;
        if kind == Kind::Null {
            reader.word()?;
            return Ok(Span::MISSING);
        }
        if !self.takes.takes(kind) {
            reader.skip()?;
            notes.misfit = true;
            return Ok(Span::MISSING);
        }
        let range = match kind {
            Kind::String if self.takes != Takes::Json => {
                let string = reader.string()?;
                return Ok(content(reader.text(), &string, notes));
            }
            Kind::Number => reader.number()?,
            Kind::Boolean => reader.word()?,
            _ => reader.skip()?,
        };
        if self.takes == Takes::EmptyObjects && !reader.text()[range.start + 1..range.end - 1].trim_ascii().is_empty() {
            notes.misfit = true;
            return Ok(Span::MISSING);
        }
        Ok(Span::quoted(range.start, range.end))
    }

    fn finish(&mut self, rows: usize, text: &[u8], scratch: &[u8]) -> Parsed {
        self.spans.resize(rows, Span::MISSING);
        let parsed = self.parser.parse(Cells { text, scratch, spans: &self.spans, stride: 1, column: 0 });
        self.spans.clear();
        Parsed { array: parsed.array, misfits: parsed.misfits, invalid: parsed.invalid }
    }
}

/// A string's text: where it stands, or in the scratch buffer if it has escapes.
#[inline]
fn content(text: &[u8], string: &RawString, notes: &mut Notes) -> Span {
    if !string.escaped {
        return Span::quoted(string.range.start, string.range.end);
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
            match self.members.find(reader.text(), &key) {
                Some(member) => self.members.read(member, reader, row, notes)?,
                None => {
                    notes.new_member = true;
                    reader.skip()?;
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, rows: usize, text: &[u8], scratch: &[u8]) -> Parsed {
        let nulls = nulls(&mut self.valid, rows);
        let (mut arrays, mut misfits, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
        for node in self.members.nodes() {
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

impl ListNode {
    fn elements(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

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
            let mut first = true;
            while let Some(key) = reader.next_key(first)? {
                first = false;
                let key = content(reader.text(), &key, notes);
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

/// Arrow's validity bits of `rows` rows, those left out being null; nothing is left.
fn nulls(valid: &mut Vec<bool>, rows: usize) -> Option<NullBuffer> {
    valid.resize(rows, false);
    let nulls = NullBuffer::from(std::mem::take(valid));
    (nulls.null_count() > 0).then_some(nulls)
}
