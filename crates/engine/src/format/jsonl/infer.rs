//! The columns of a sample: every field of its objects, with the least type that all its values fit.

use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::schema::{Candidate, ColumnEvidence};
use colonnade_protocol::{LogicalType, Origin, Place};
use encoding_rs::UTF_8;

use super::decoder::new_column;
use super::reader::{Kind, Reader, SyntaxError, unescape};
use super::widen::{Widening, key_text};
use crate::Result;
use crate::column::infer::TextEvidence;
use crate::column::{Cells, ColumnSpec, Span, nested};
use crate::settings::Settings;

/// A column with what its values in the sample say.
struct Field {
    column: ColumnSpec,
    /// How many values are of each kind, in the order of [`Kind`].
    kinds: [u64; 6],
    texts: Texts,
}

/// The texts of a column, for what else they may be.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// Columns in the order in which their fields are seen, and what was noticed about them.
///
/// # Errors
/// [`colonnade_protocol::ErrorKind::Usage`] for settings that cannot be used.
pub fn columns(objects: &[&[u8]], settings: &Settings) -> Result<(Vec<ColumnSpec>, Vec<Finding>)> {
    let widening = Widening::new(settings)?;
    let mut fields: Vec<Field> = Vec::new();
    loop {
        let before: Vec<LogicalType> = types(&fields);
        fields.iter_mut().for_each(|field| (field.kinds, field.texts) = ([0; 6], Texts::default()));
        for object in objects {
            // The lines are those that were read as objects before.
            let _ = observe(object, &widening, &mut fields);
        }
        if types(&fields) == before {
            break;
        }
    }
    let findings = fields.iter().filter_map(|field| field.finding(&widening)).collect();
    let mut columns: Vec<ColumnSpec> = fields.into_iter().map(|field| field.conclude(objects.len() as u64)).collect();
    let corrupt = settings.text("columnNameOfCorruptRecord");
    if !corrupt.is_empty() {
        let column = ColumnSpec::text(corrupt);
        columns.push(ColumnSpec { source_name: String::new(), origin: Origin::Person, ..column });
    }
    Ok((columns, findings))
}

fn types(fields: &[Field]) -> Vec<LogicalType> {
    fields.iter().map(|field| field.column.data_type.clone()).collect()
}

fn observe(object: &[u8], widening: &Widening, fields: &mut Vec<Field>) -> std::result::Result<(), SyntaxError> {
    let mut reader = Reader::new(object, 0);
    reader.peek()?;
    reader.open();
    let mut first = true;
    while let Some(key) = reader.next_key(first)? {
        first = false;
        let name = key_text(object, &key);
        let position = match fields.iter().position(|field| field.column.source_name == name) {
            Some(position) => position,
            None => {
                let column = new_column(&name, |name| fields.iter().any(|field| field.column.name == name));
                fields.push(Field { column, kinds: [0; 6], texts: Texts::default() });
                fields.len() - 1
            }
        };
        let field = &mut fields[position];
        let kind = reader.peek()?;
        field.kinds[kind as usize] += 1;
        if kind == Kind::String {
            field.texts.add(object, reader.clone().string()?.range);
        }
        field.column = widening.widen(&field.column, &mut reader)?;
    }
    Ok(())
}

impl Texts {
    fn add(&mut self, object: &[u8], range: std::ops::Range<usize>) {
        let start = self.bytes.len();
        unescape(&object[range], &mut self.bytes);
        self.spans.push(Span::quoted(start, self.bytes.len()));
    }
}

impl Field {
    fn values(&self) -> u64 {
        self.kinds.iter().sum::<u64>() - self.kinds[Kind::Null as usize]
    }

    fn conclude(self, objects: u64) -> ColumnSpec {
        let values = self.values();
        let names = ["null", "true or false", "numbers", "texts", "objects", "arrays"];
        let kinds: Vec<String> =
            (1..6).filter(|&kind| self.kinds[kind] > 0).map(|kind| format!("{} {}", self.kinds[kind], names[kind])).collect();
        let evidence = match &kinds[..] {
            [] => format!("none of {objects} objects has a value"),
            [_] => format!("{} of {objects} objects have a value: {}", values, kinds[0]),
            _ => format!(
                "{} of {objects} objects have a value: {}, which only {} holds",
                values,
                kinds.join(", "),
                nested::written(&self.column.data_type)
            ),
        };
        let confidence = (values + 1) as f32 / (values + 2) as f32;
        let candidate = |data_type| Candidate { data_type, pattern: None, fits: values, misfits: Vec::new() };
        let mut candidates = vec![candidate(nested::written(&self.column.data_type))];
        if candidates[0].data_type != LogicalType::String {
            candidates.push(candidate(LogicalType::String));
        }
        ColumnSpec {
            origin: Origin::Detected { confidence, evidence },
            evidence: ColumnEvidence { seen: objects, nulls: objects.saturating_sub(values), candidates },
            ..self.column
        }
    }

    /// Texts that are all dates or timestamps, which a person may want to be read as such.
    fn finding(&self, widening: &Widening) -> Option<Finding> {
        let all_texts = self.kinds[Kind::String as usize] == self.values() && self.values() > 0;
        if self.column.data_type != LogicalType::String || !all_texts {
            return None;
        }
        let mut evidence = TextEvidence::new(&widening.rules, UTF_8);
        let cells = Cells { text: &self.texts.bytes, scratch: &[], spans: &self.texts.spans, stride: 1, column: 0 };
        evidence.observe(cells, &|_| Place::default());
        let (data_type, pattern, ..) = evidence.conclude();
        let what = match data_type {
            LogicalType::Date => "dates",
            LogicalType::Timestamp | LogicalType::TimestampNtz => "timestamps",
            _ => return None,
        };
        let column = &self.column.name;
        let change = Change::ColumnType { column: column.clone(), data_type: Some(data_type.to_string()), pattern };
        Some(Finding {
            what: format!("{column}: {n} of {n} texts are {what}", n = self.values()),
            fix: Some(Fix { title: format!("Read {column} as {data_type}"), change }),
        })
    }
}
