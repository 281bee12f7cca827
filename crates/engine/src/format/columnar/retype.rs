//! A column as another type than the file declares: the person's.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, BinaryArray, StringArray};
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};
use encoding_rs::UTF_8;

use crate::Result;
use crate::column::arrow::UTC;
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec, Span, display};

/// From a natural type to the one that was chosen.
pub enum Retype {
    /// They are the same.
    Keep,
    /// Only what the values are called changes: a wall clock that is taken for UTC's, JSON text for text.
    Rename(LogicalType),
    /// Bytes that are UTF-8.
    BytesAsText,
    TextAsBytes,
    /// By way of the value's text, as if it stood in a CSV file.
    Parse(Box<ColumnParser>),
}

impl Retype {
    /// How values of type `natural` become the column's.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for nested values as another nested type or as a scalar other than text.
    pub fn new(natural: &LogicalType, column: &ColumnSpec) -> Result<Self> {
        use LogicalType::{Binary, Json, List, Map, String, Struct, Timestamp, TimestampNtz, Void};
        let is_nested = |data_type: &LogicalType| matches!(data_type, Struct(_) | List(_) | Map(_));
        let to = &column.data_type;
        match (natural, to) {
            _ if natural == to => Ok(Self::Keep),
            (Timestamp, TimestampNtz) | (TimestampNtz, Timestamp) | (String | Json | Void, String | Json | Void) => {
                Ok(Self::Rename(to.clone()))
            }
            (Binary, String) => Ok(Self::BytesAsText),
            (String, Binary) => Ok(Self::TextAsBytes),
            _ if is_nested(to) || is_nested(natural) && !matches!(to, String | Json) => {
                let what = format!("{:?} holds {natural}, which cannot be read as {to}", column.name);
                Err(ErrorInfo::new(ErrorKind::Usage, what, "Nested values can be kept as they are, or read as string or json."))
            }
            _ => Ok(Self::Parse(Box::new(ColumnParser::new(column, &Arc::new(CellRules::default()), UTF_8)?))),
        }
    }

    /// The array of the chosen type; rows whose value does not fit are null and added to `misfits`.
    pub fn apply(&self, array: ArrayRef, misfits: &mut Vec<u32>) -> Result<ArrayRef> {
        Ok(match self {
            Self::Keep => array,
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
            Self::Parse(parser) => {
                let (mut text, mut spans) = (String::new(), Vec::with_capacity(array.len()));
                for row in 0..array.len() {
                    let start = text.len();
                    display::write_cell(array.as_ref(), row, &mut text);
                    // An empty text is null where it is no text, as in a CSV file.
                    spans.push(if array.is_null(row) { Span::MISSING } else { Span::quoted(start, text.len()) });
                }
                let cells = Cells { text: text.as_bytes(), scratch: &[], spans: &spans, stride: 1, column: 0 };
                let parsed = parser.parse(cells);
                misfits.extend(parsed.misfits);
                parsed.array
            }
        })
    }
}
