//! From the type that a file's values have to another: a person's, or that of a table of several files.

mod nested;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, BinaryArray, StringArray, new_null_array};
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType, Origin};
use encoding_rs::UTF_8;

use crate::Result;
use crate::column::arrow::{UTC, arrow_type};
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec, Span, display, lattice};

/// From a natural type to the one that was chosen.
pub enum Retype {
    /// They are the same.
    Keep,
    /// Only what the values are called changes: a wall clock that is taken for UTC's, JSON text for text.
    Rename(LogicalType),
    /// There are no values.
    Nothing(LogicalType),
    /// Bytes that are UTF-8.
    BytesAsText,
    TextAsBytes,
    /// Each value as JSON.
    AsJson,
    /// By way of the value's text, as if it stood in a CSV file.
    Parse(Box<Parsing>),
    /// Members by name, one a member of the chosen type; `None`: the values have no such member.
    Members(LogicalType, Vec<Option<(usize, Retype)>>),
    /// Elements of lists.
    Elements(LogicalType, Box<Retype>),
    /// Values of maps.
    Values(LogicalType, Box<Retype>),
}

/// Values that are read anew from their texts.
pub struct Parsing {
    parser: ColumnParser,
    rules: Arc<CellRules>,
    /// The column with the least type that all its values so far fit; `None`: a person chose the type.
    wide: Option<ColumnSpec>,
}

impl Retype {
    /// How values of type `natural` become the column's.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for nested values as a type that has no room for all of them.
    pub fn new(natural: &LogicalType, column: &ColumnSpec) -> Result<Self> {
        use LogicalType::{Binary, Json, List, Map, String, Struct, Timestamp, TimestampNtz, Void};
        let is_nested = |data_type: &LogicalType| matches!(data_type, Struct(_) | List(_) | Map(_));
        let to = &column.data_type;
        let by_person = column.origin == Origin::Person;
        let of = |natural: &LogicalType, data_type: &LogicalType| {
            Self::new(natural, &ColumnSpec { data_type: data_type.clone(), pattern: None, ..column.clone() })
        };
        match (natural, to) {
            _ if natural == to => Ok(Self::Keep),
            // What is to be JSON with values of other kinds is no JSON yet.
            (String, Json) if !by_person => Ok(Self::AsJson),
            (Timestamp, TimestampNtz) | (TimestampNtz, Timestamp) | (String | Json | Void, String | Json) => Ok(Self::Rename(to.clone())),
            (Void, _) => Ok(Self::Nothing(to.clone())),
            (Binary, String) => Ok(Self::BytesAsText),
            (String, Binary) => Ok(Self::TextAsBytes),
            (Struct(from), Struct(members)) if from.iter().all(|own| members.iter().any(|member| member.name == own.name)) => {
                let member = |member: &colonnade_protocol::Field| {
                    let at = from.iter().position(|own| own.name == member.name);
                    at.and_then(|at| Some((at, from.get(at)?)))
                        .map(|(at, own)| Ok((at, of(&own.data_type, &member.data_type)?)))
                        .transpose()
                };
                Ok(Self::Members(to.clone(), members.iter().map(member).collect::<Result<_>>()?))
            }
            (List(from), List(element)) => Ok(Self::Elements(to.clone(), Box::new(of(from, element)?))),
            (Map(from), Map(value)) => Ok(Self::Values(to.clone(), Box::new(of(from, value)?))),
            (_, Json) => Ok(Self::AsJson),
            _ if is_nested(to) || is_nested(natural) && *to != String => {
                let what = format!("{:?} holds {natural}, which cannot be read as {to}", column.name);
                let hint = "Nested values can be kept as they are, read as string or json, or as a type that has all their members.";
                Err(ErrorInfo::new(ErrorKind::Usage, what, hint))
            }
            _ => Ok(Self::Parse(Box::new(Parsing::new(column, by_person)?))),
        }
    }

    /// The array of the chosen type; rows whose value does not fit are null and added to `misfits`.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for what contradicts itself.
    pub fn apply(&mut self, array: ArrayRef, misfits: &mut Vec<u32>) -> Result<ArrayRef> {
        Ok(match self {
            Self::Keep => array,
            Self::Nothing(to) => new_null_array(&arrow_type(to), array.len()),
            Self::Rename(LogicalType::Timestamp) => {
                Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(Some(UTC)))
            }
            Self::Rename(LogicalType::TimestampNtz) => {
                Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(None::<&str>))
            }
            Self::Rename(_) => array,
            Self::TextAsBytes => Arc::new(array.as_string::<i32>().iter().map(|text| text.map(str::as_bytes)).collect::<BinaryArray>()),
            Self::BytesAsText => {
                let bytes = array.as_binary::<i32>();
                let text = |row: usize| {
                    let value = bytes.is_valid(row).then(|| bytes.value(row))?;
                    let text = simdutf8::basic::from_utf8(value).ok();
                    if text.is_none() {
                        misfits.push(row as u32);
                    }
                    text
                };
                Arc::new((0..bytes.len()).map(text).collect::<StringArray>())
            }
            Self::AsJson => {
                let json = |row: usize| {
                    let mut text = String::new();
                    display::write_json(array.as_ref(), row, &mut text);
                    array.is_valid(row).then_some(text)
                };
                Arc::new((0..array.len()).map(json).collect::<StringArray>())
            }
            Self::Parse(parsing) => parsing.apply(array.as_ref(), misfits),
            Self::Members(to, members) => nested::members(&array, to, members, misfits)?,
            Self::Elements(to, element) | Self::Values(to, element) => nested::elements(&array, to, element, misfits)?,
        })
    }

    /// The least type, at or above `chosen`, that all values so far fit.
    pub fn wider(&self, chosen: &LogicalType) -> LogicalType {
        match (self, chosen) {
            (Self::Parse(parsing), _) => parsing.wide.as_ref().map_or_else(|| chosen.clone(), |wide| wide.data_type.clone()),
            (Self::Members(_, retypes), LogicalType::Struct(members)) => {
                let mut members = members.clone();
                for (member, retype) in members.iter_mut().zip(retypes) {
                    if let Some((_, retype)) = retype {
                        member.data_type = retype.wider(&member.data_type);
                    }
                }
                LogicalType::Struct(members)
            }
            (Self::Elements(_, retype), LogicalType::List(element)) => LogicalType::List(Box::new(retype.wider(element))),
            (Self::Values(_, retype), LogicalType::Map(value)) => LogicalType::Map(Box::new(retype.wider(value))),
            _ => chosen.clone(),
        }
    }
}

impl Parsing {
    fn new(column: &ColumnSpec, by_person: bool) -> Result<Self> {
        let rules = Arc::new(CellRules::default());
        let parser = ColumnParser::new(column, &rules, UTF_8)?;
        Ok(Self { parser, rules, wide: (!by_person).then(|| column.clone()) })
    }

    fn apply(&mut self, array: &dyn Array, misfits: &mut Vec<u32>) -> ArrayRef {
        let (mut text, mut spans) = (String::new(), Vec::with_capacity(array.len()));
        for row in 0..array.len() {
            let start = text.len();
            display::write_cell(array, row, &mut text);
            // An empty text is null where it is no text, as in a CSV file.
            spans.push(if array.is_null(row) { Span::MISSING } else { Span::quoted(start, text.len()) });
        }
        let cells = Cells { text: text.as_bytes(), scratch: &[], spans: &spans, stride: 1, column: 0 };
        let parsed = self.parser.parse(cells);
        if let Some(wide) = self.wide.as_mut().filter(|_| !parsed.misfits.is_empty()) {
            let texts = parsed.misfits.iter().filter_map(|&row| Some(cells.bytes(*spans.get(row as usize)?)));
            *wide = lattice::widen_all(wide, texts, &self.rules).0;
        }
        misfits.extend(parsed.misfits);
        parsed.array
    }
}
