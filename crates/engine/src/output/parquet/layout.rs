//! How a table's columns stand in the file: names and types as the target profile has them, and what that changes.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Time64MicrosecondType;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, RecordBatch, RecordBatchOptions, StringArray, StructArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use colonnade_protocol::ErrorInfo;
use colonnade_protocol::report::Finding;

use super::defect;
use super::options::{ParquetOptions, Profile};
use crate::Result;
use crate::column::ColumnSpec;
use crate::column::arrow::{UUID_BYTES, arrow_type};
use crate::column::display::{write_time, write_uuid};

/// Characters that Delta Lake refuses in column names (without its column mapping).
const REFUSED_BY_DELTA: &[char] = &[' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '='];

/// The schema of the file, made from the table's.
#[derive(Debug, Clone)]
pub struct Layout {
    schema: SchemaRef,
    changes: Vec<String>,
    findings: Vec<Finding>,
}

impl Layout {
    /// The file's schema for these columns.
    pub fn new(columns: &[ColumnSpec], options: &ParquetOptions) -> Self {
        let mut changes = Vec::new();
        let fields = columns.iter().map(|column| Field::new(&column.name, arrow_type(&column.data_type), true)).collect();
        let fields = adapt_fields(&fields, options.profile, "", &mut changes);
        let refused: Vec<_> = fields.iter().map(|field| field.name()).filter(|name| name.contains(REFUSED_BY_DELTA)).collect();
        let findings = if refused.is_empty() {
            Vec::new()
        } else {
            let names: Vec<_> = refused.iter().take(5).map(|name| format!("{name:?}")).collect();
            let more = if refused.len() > 5 { ", ..." } else { "" };
            vec![Finding {
                what: format!("Delta Lake refuses spaces and , ; {{ }} ( ) = in column names, as in {}{more}", names.join(", ")),
                fix: None,
            }]
        };
        Self { schema: Arc::new(Schema::new(fields)), changes, findings }
    }

    /// The Arrow schema of the file.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What differs from the table's own names and types, each in one sentence.
    pub fn changes(&self) -> &[String] {
        &self.changes
    }

    /// What some engine would not like, though it is written as it is.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// A table's arrays as the file has them.
    pub(super) fn batch(&self, columns: &[ArrayRef], rows: usize) -> Result<RecordBatch> {
        if columns.len() != self.schema.fields().len() {
            return Err(defect(format!("{} columns where the schema has {}", columns.len(), self.schema.fields().len())));
        }
        let columns = columns
            .iter()
            .zip(self.schema.fields())
            .map(|(array, field)| convert(array, field.data_type()))
            .collect::<std::result::Result<Vec<_>, ArrowError>>()
            .map_err(arrow_defect)?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(arrow_defect)
    }
}

fn arrow_defect(error: ArrowError) -> ErrorInfo {
    defect(error.to_string())
}

/// Names made distinct and fit, types the profile's engines read. `path` is that of the struct the fields are in.
fn adapt_fields(fields: &Fields, profile: Profile, path: &str, changes: &mut Vec<String>) -> Fields {
    let mut taken: HashSet<String> = HashSet::new();
    let given: HashSet<String> = fields.iter().map(|field| field.name().to_lowercase()).collect();
    fields
        .iter()
        .map(|field| {
            let full = format!("{path}{}", field.name());
            let mut name = field.name().clone();
            if profile == Profile::Spark {
                name = name.replace(REFUSED_BY_DELTA, "_");
            }
            if profile != Profile::Duckdb && !taken.insert(name.to_lowercase()) {
                let distinct = (2..)
                    .map(|n| format!("{name}_{n}"))
                    .find(|name| !given.contains(&name.to_lowercase()) && taken.insert(name.to_lowercase()));
                name = distinct.unwrap_or(name);
            }
            if name != *field.name() {
                changes.push(format!("column {full:?} is named {name:?}"));
            }
            let data_type = adapt_type(field.data_type(), profile, &full, changes);
            Field::new(name, data_type, field.is_nullable())
        })
        .collect()
}

fn adapt_type(data_type: &DataType, profile: Profile, path: &str, changes: &mut Vec<String>) -> DataType {
    let mut as_text = |what: &str| {
        changes.push(format!("{what} column {path:?} is written as text"));
        DataType::Utf8
    };
    match data_type {
        DataType::Time64(_) if profile != Profile::Duckdb => as_text("time"),
        DataType::FixedSizeBinary(UUID_BYTES) if profile != Profile::Duckdb => as_text("uuid"),
        DataType::Struct(fields) => DataType::Struct(adapt_fields(fields, profile, &format!("{path}."), changes)),
        DataType::List(element) => DataType::List(adapt_element(element, profile, path, changes)),
        DataType::Map(entries, sorted) => DataType::Map(adapt_element(entries, profile, path, changes), *sorted),
        other => other.clone(),
    }
}

fn adapt_element(field: &FieldRef, profile: Profile, path: &str, changes: &mut Vec<String>) -> FieldRef {
    let data_type = adapt_type(field.data_type(), profile, &format!("{path}.{}", field.name()), changes);
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
}

/// The array in the file's type.
fn convert(array: &ArrayRef, target: &DataType) -> std::result::Result<ArrayRef, ArrowError> {
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    Ok(match (array.data_type(), target) {
        (DataType::Time64(TimeUnit::Microsecond), DataType::Utf8) => Arc::new(time_text(array)),
        (DataType::FixedSizeBinary(UUID_BYTES), DataType::Utf8) => Arc::new(uuid_text(array)),
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let array = array.as_struct();
            let children = array
                .columns()
                .iter()
                .zip(fields)
                .map(|(child, field)| convert(child, field.data_type()))
                .collect::<std::result::Result<_, _>>()?;
            Arc::new(StructArray::try_new(fields.clone(), children, array.nulls().cloned())?)
        }
        (DataType::List(_), DataType::List(element)) => {
            let array = array.as_list::<i32>();
            let values = convert(array.values(), element.data_type())?;
            Arc::new(ListArray::try_new(Arc::clone(element), array.offsets().clone(), values, array.nulls().cloned())?)
        }
        (DataType::Map(..), DataType::Map(entries, sorted)) => {
            let array = array.as_map();
            let inner: ArrayRef = Arc::new(array.entries().clone());
            let values = convert(&inner, entries.data_type())?;
            let values = values.as_struct().clone();
            Arc::new(MapArray::try_new(Arc::clone(entries), array.offsets().clone(), values, array.nulls().cloned(), *sorted)?)
        }
        (given, wanted) => return Err(ArrowError::CastError(format!("an array of {given} where {wanted} is to be written"))),
    })
}

/// ISO 8601's text of a time.
fn time_text(array: &ArrayRef) -> StringArray {
    texts(array.len(), array.as_primitive::<Time64MicrosecondType>().iter(), write_time)
}

/// RFC 9562's canonical text, in lower case.
fn uuid_text(array: &ArrayRef) -> StringArray {
    texts(array.len(), array.as_fixed_size_binary().iter(), write_uuid)
}

fn texts<V>(rows: usize, values: impl Iterator<Item = Option<V>>, write: impl Fn(V, &mut String)) -> StringArray {
    let mut builder = StringBuilder::with_capacity(rows, rows * 36);
    let mut text = String::new();
    for value in values {
        builder.append_option(value.map(|value| {
            text.clear();
            write(value, &mut text);
            &text
        }));
    }
    builder.finish()
}
