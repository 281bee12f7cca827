//! A record as a tree of its own, for those that types are found from.

use colonnade_protocol::{Field, LogicalType};
use encoding_rs::UTF_8;
use std::sync::Arc;

use super::chars::trimmed;
use super::entities::{Entities, Within};
use super::options::{Shape, is_nil};
use super::reader::{Event, Reader, Stop};
use super::tree::join_lines;
use crate::column::{CellRules, ColumnParser, ColumnSpec, lattice, nested};

/// An element or attribute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Value {
    /// The text of one that has nothing else, its lines joined.
    pub text: Option<Vec<u8>>,
    /// Attributes, texts and elements, in their order.
    pub fields: Vec<(String, Value)>,
    /// How many of the fields are attributes, which are the first.
    pub attributes: usize,
}

/// Elements of one record deeper than types may be.
const MAX_DEPTH: usize = nested::MAX_DEPTH + 2;

impl Value {
    /// Reads the element that `reader` has begun.
    ///
    /// # Errors
    /// Where it is not well-formed, or not whole.
    pub fn read(reader: &mut Reader<'_>, shape: &Shape, entities: &Entities, most: usize) -> Result<Self, Stop> {
        Self::element(reader, shape, entities, most, 0)
    }

    fn element(reader: &mut Reader<'_>, shape: &Shape, entities: &Entities, most: usize, depth: usize) -> Result<Self, Stop> {
        let text = reader.text();
        let mut value = Self::default();
        let mut nil = false;
        while let Some(attribute) = reader.attribute()? {
            let name = &text[attribute.name];
            if is_nil(name) {
                nil = text[attribute.value] == *b"true";
            } else if !shape.exclude_attributes {
                let mut content = Vec::new();
                entities.resolve(&text[attribute.value.clone()], attribute.value.start, Within::Attribute, &mut content, most)?;
                value.fields.push((shape.attribute(name), Self::of_text(content)));
            }
        }
        value.attributes = value.fields.len();
        let mut run = Vec::new();
        let mut elements = 0;
        loop {
            match reader.next()? {
                Event::Text(piece) if piece.cdata => run.extend_from_slice(&text[piece.range]),
                Event::Text(piece) => {
                    let length = run.len();
                    entities.resolve(&text[piece.range.clone()], piece.range.start, Within::Content, &mut run, length + most)?;
                }
                Event::Start(name) => {
                    value.add_text(&mut run, shape);
                    elements += 1;
                    let name = String::from_utf8_lossy(shape.local(&text[name])).into_owned();
                    if depth >= MAX_DEPTH {
                        reader.skip_element(|_, _| Ok(()))?;
                        value.fields.push((name, Self::default()));
                    } else {
                        value.fields.push((name, Self::element(reader, shape, entities, most, depth + 1)?));
                    }
                }
                Event::End => break,
                Event::Doctype => return Err(super::reader::broken(reader.at, "a document type within an element")),
                Event::Eof => return Err(reader.cut("an element is never closed")),
            }
        }
        value.add_text(&mut run, shape);
        if nil {
            return Ok(Self::default());
        }
        if value.attributes == 0 && elements == 0 && depth > 0 {
            value.text = value.fields.pop().and_then(|(_, text)| text.text);
        }
        Ok(value)
    }

    fn of_text(text: Vec<u8>) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    fn add_text(&mut self, run: &mut Vec<u8>, shape: &Shape) {
        let content = trimmed(run);
        if !content.is_empty() {
            let mut text = Vec::with_capacity(content.len());
            join_lines(content, &mut text);
            self.fields.push((shape.value_tag.clone(), Self::of_text(text)));
        }
        run.clear();
    }

    /// The fields of one name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> + 'a {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value)
    }
}

/// How types are found from values.
#[derive(Debug, Clone)]
pub struct Widening {
    pub rules: Arc<CellRules>,
    pub infer_types: bool,
    pub value_tag: String,
}

impl Widening {
    /// The column with the least type, at or above its own, that fits all of `values`, which are of one record.
    pub fn widen<'a>(&self, column: &ColumnSpec, values: impl Iterator<Item = &'a Value>) -> ColumnSpec {
        let values: Vec<&Value> = values.collect();
        let is_scalar = !nested::is_beyond_scalars(&column.data_type);
        if let ([Value { text, fields, .. }], true) = (&values[..], is_scalar)
            && fields.is_empty()
        {
            return match text {
                Some(text) if !text.is_empty() => lattice::widen(column, text, &self.rules),
                _ => column.clone(),
            };
        }
        // A pattern belongs to a column of scalars: within a nested one, such texts stay text.
        let from = if is_scalar && column.pattern.is_some() { &LogicalType::String } else { &column.data_type };
        let data_type = self.all(from, &values, 0);
        if data_type == column.data_type { column.clone() } else { lattice::widened(column, data_type, None) }
    }

    fn all(&self, data_type: &LogicalType, values: &[&Value], depth: usize) -> LogicalType {
        let is_list = matches!(data_type, LogicalType::List(_));
        let element = values.iter().fold(nested::element_of(data_type).clone(), |element, value| self.one(&element, value, depth + 1));
        if is_list || values.len() > 1 { LogicalType::List(Box::new(element)) } else { element }
    }

    fn one(&self, data_type: &LogicalType, value: &Value, depth: usize) -> LogicalType {
        use LogicalType::{String, Struct, Void};
        if value.fields.is_empty() {
            let Some(text) = value.text.as_deref().filter(|text| !text.is_empty()) else { return data_type.clone() };
            return match data_type {
                Struct(members) => {
                    let mut members = members.clone();
                    let known = members.iter().find(|member| member.name == self.value_tag).map_or(Void, |member| member.data_type.clone());
                    let wide = self.all(&known, &[value], depth);
                    nested::add_member(&mut members, &self.value_tag, &wide, &self.value_tag);
                    Struct(members)
                }
                Void => self.of_text(text),
                scalar => lattice::widen(&ColumnSpec { data_type: scalar.clone(), ..ColumnSpec::text("") }, text, &self.rules).data_type,
            };
        }
        if depth >= nested::MAX_DEPTH {
            return String;
        }
        let mut members = match data_type {
            Struct(members) => members.clone(),
            Void => Vec::new(),
            scalar => vec![Field { name: self.value_tag.clone(), data_type: scalar.clone() }],
        };
        let mut done: Vec<&str> = Vec::new();
        for (name, _) in &value.fields {
            if done.contains(&name.as_str()) {
                continue;
            }
            done.push(name);
            let known = members.iter().position(|member| member.name == *name);
            let from = known.map_or(Void, |at| members[at].data_type.clone());
            let wide = self.all(&from, &value.all(name).collect::<Vec<_>>(), depth);
            match known {
                Some(at) => members[at].data_type = wide,
                None => members.push(Field { name: name.clone(), data_type: wide }),
            }
        }
        Struct(members)
    }

    /// The least type of a text that stands alone.
    fn of_text(&self, text: &[u8]) -> LogicalType {
        use LogicalType::{Boolean, Date, Decimal, Double, Int64, String, Timestamp, TimestampNtz};
        let column = |data_type: &LogicalType| ColumnSpec { data_type: data_type.clone(), ..ColumnSpec::text("") };
        if !self.infer_types {
            return String;
        }
        let number = lattice::widen(&column(&Int64), text, &self.rules).data_type;
        if matches!(number, Int64 | Double | Decimal { .. }) {
            return number;
        }
        let fits =
            |data_type: &&LogicalType| ColumnParser::new(&column(data_type), &self.rules, UTF_8).is_ok_and(|parser| parser.fits(text));
        [Boolean, Date, TimestampNtz, Timestamp].iter().find(fits).cloned().unwrap_or(String)
    }
}
