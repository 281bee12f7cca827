//! The columns of a sample: every field of its records, with the least type that all its values fit.

use std::borrow::Cow;
use std::sync::Arc;

use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::schema::{Candidate, ColumnEvidence};
use colonnade_protocol::{LogicalType, Origin, Place};
use encoding_rs::UTF_8;

use super::keyed::{self, KeyCounts};
use super::layout::Layout;
use super::options;
use super::reader::{Kind, Reader, SyntaxError};
use super::records::new_column;
use super::unescape::unescape;
use super::widen::Widening;
use crate::Result;
use crate::column::infer::TextEvidence;
use crate::column::{CellRules, Cells, ColumnSpec, Span, nested};
use crate::settings::Settings;
use crate::words::counted;

/// A record of a sample: a text, mended if need be, and where in it the record stands.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    pub text: Cow<'a, [u8]>,
    pub start: usize,
}

/// A column with what its values in the sample say.
struct Field {
    column: ColumnSpec,
    /// How many values are of each kind, in the order of [`Kind`].
    kinds: [u64; 6],
    keys: KeyCounts,
    texts: Texts,
}

/// The texts of a column, for what else they may be.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// Columns in the order in which their fields are seen, and what was noticed about them. Whether names of days are to be
/// ignored is set, where nobody says.
///
/// # Errors
/// [`colonnade_protocol::ErrorKind::Usage`] for settings that cannot be used.
pub fn columns(records: &[Seen<'_>], layout: Layout, settings: &mut Settings) -> Result<(Vec<ColumnSpec>, Vec<Finding>)> {
    let widening = Widening::new(settings)?;
    let mut fields: Vec<Field> = Vec::new();
    loop {
        let before: Vec<LogicalType> = types(&fields);
        fields.iter_mut().for_each(|field| (field.kinds, field.texts) = ([0; 6], Texts::default()));
        for record in records {
            // They were read before; one that the sample cuts has the fields before the cut.
            let _ = observe(record, layout, &widening, &mut fields);
        }
        if types(&fields) == before {
            break;
        }
    }
    if settings.flag(options::DROP_NULL_FIELDS) {
        fields.retain(|field| !is_empty(&field.column.data_type));
    }
    if fields.iter().any(|field| keyed::may_be_keyed(&field.column.data_type)) {
        for record in records {
            let _ = count_keys(record, layout, &mut fields);
        }
    }
    let mut findings: Vec<Finding> = fields.iter_mut().flat_map(Field::settle_keys).collect();
    let infers = settings.flag("inferTimestamp");
    let loose = Arc::new(CellRules::clone(&widening.rules).ignoring_day_names());
    for field in &mut fields {
        let Some((data_type, pattern)) = field.moments(&widening.rules).or_else(|| {
            let may_be_loose = infers && settings.get(options::IGNORE_DAY_NAMES) != Some("false");
            let found = field.moments(&loose).filter(|_| may_be_loose)?;
            findings.push(field.wrong_days(&widening.rules, found.1.as_deref()));
            settings.detect(
                options::IGNORE_DAY_NAMES,
                "true",
                0.9,
                format!("{} has dates whose days are named wrongly", field.column.name),
            );
            Some(found)
        }) else {
            continue;
        };
        if infers {
            (field.column.data_type, field.column.pattern) = (data_type, pattern);
        } else {
            findings.extend(field.offer(&data_type, pattern));
        }
    }
    let mut columns: Vec<ColumnSpec> = fields.into_iter().map(|field| field.conclude(records.len() as u64, layout)).collect();
    findings.extend(columns.iter().filter_map(mixed));
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

/// Whether a type is that of null, empty arrays and empty objects.
pub fn is_empty(data_type: &LogicalType) -> bool {
    match data_type {
        LogicalType::Void => true,
        LogicalType::List(element) => is_empty(element),
        LogicalType::Struct(members) => members.is_empty(),
        _ => false,
    }
}

/// A column whose values are of kinds that only JSON text holds.
fn mixed(column: &ColumnSpec) -> Option<Finding> {
    let what = format!("{}: objects, arrays and other values are mixed; all are kept as JSON text", column.name);
    (column.data_type == LogicalType::Json).then_some(Finding { what, fix: None })
}

fn observe(record: &Seen<'_>, layout: Layout, widening: &Widening, fields: &mut Vec<Field>) -> std::result::Result<bool, SyntaxError> {
    let text = &*record.text;
    // Keys mostly come in one order.
    let mut next = 0;
    layout.fields(&mut Reader::loosely(text, record.start), |reader, name| {
        let name = name.source_name(text);
        let is = |field: &Field| field.column.source_name == name;
        let position = if fields.get(next).is_some_and(is) { Some(next) } else { fields.iter().position(is) };
        let position = position.unwrap_or_else(|| {
            let column = new_column(&name, |name| fields.iter().any(|field| field.column.name == name));
            fields.push(Field { column, kinds: [0; 6], keys: KeyCounts::default(), texts: Texts::default() });
            fields.len() - 1
        });
        next = position + 1;
        let field = &mut fields[position];
        let kind = reader.peek()?;
        field.kinds[kind as usize] += 1;
        if kind == Kind::String {
            field.texts.add(text, reader.clone().string()?.range);
        }
        field.column = widening.widen(&field.column, reader)?;
        Ok(())
    })
}

/// Counts the keys of a record's objects, where they may be data.
fn count_keys(record: &Seen<'_>, layout: Layout, fields: &mut [Field]) -> std::result::Result<bool, SyntaxError> {
    let text = &*record.text;
    layout.fields(&mut Reader::loosely(text, record.start), |reader, name| {
        let name = name.source_name(text);
        match fields.iter_mut().find(|field| field.column.source_name == name && keyed::may_be_keyed(&field.column.data_type)) {
            Some(field) => field.keys.observe(&field.column.data_type, reader),
            None => reader.skip().map(|_| ()),
        }
    })
}

impl Texts {
    fn add(&mut self, object: &[u8], range: std::ops::Range<usize>) {
        let start = self.bytes.len();
        unescape(&object[range], &mut self.bytes);
        // Patterns of dates take any blank for one, line breaks too.
        self.bytes[start..].iter_mut().filter(|byte| byte.is_ascii_whitespace()).for_each(|byte| *byte = b' ');
        self.spans.push(Span::quoted(start, self.bytes.len()));
    }

    fn first(&self) -> Option<String> {
        let span = self.spans.first()?;
        Some(String::from_utf8_lossy(self.bytes.get(..span.len())?).into_owned())
    }
}

impl Field {
    fn values(&self) -> u64 {
        self.kinds.iter().sum::<u64>() - self.kinds[Kind::Null as usize]
    }

    /// Objects whose keys are data are maps.
    fn settle_keys(&mut self) -> Vec<Finding> {
        let (before, column) = (self.column.data_type.clone(), &self.column.name);
        let told = |path: &str, keys: String, objects: u64| {
            format!("{path}: {keys} different keys in {}: they are data and no names, so it is a map", counted(objects, "object"))
        };
        if let LogicalType::Map(_) = before {
            return vec![Finding { what: told(column, "very many".to_owned(), self.kinds[Kind::Object as usize]), fix: None }];
        }
        let mut found = Vec::new();
        self.column.data_type = self.keys.settle(&before, column, &mut found);
        let as_struct = || {
            let change =
                Change::ColumnType { column: column.clone(), data_type: Some(nested::written(&before).to_string()), pattern: None };
            let title = if matches!(before, LogicalType::Struct(_)) {
                format!("Read {column} as a struct")
            } else {
                format!("Read {column} without maps")
            };
            Fix { title, change }
        };
        found
            .iter()
            .map(|keyed| Finding { what: told(&keyed.path, keyed.keys.to_string(), keyed.objects), fix: Some(as_struct()) })
            .collect()
    }

    fn conclude(self, records: u64, layout: Layout) -> ColumnSpec {
        let values = self.values();
        let names = ["null", "true or false", "numbers", "texts", "objects", "arrays"];
        let kinds: Vec<String> =
            (1..6).filter(|&kind| self.kinds[kind] > 0).map(|kind| format!("{} {}", self.kinds[kind], names[kind])).collect();
        let evidence = match &kinds[..] {
            [] => format!("none of {records} {} has a value", layout.plural()),
            [_] => format!("{values} of {records} {} have a value: {}", layout.plural(), kinds[0]),
            _ => format!(
                "{values} of {records} {} have a value: {}, which only {} holds",
                layout.plural(),
                kinds.join(", "),
                nested::written(&self.column.data_type)
            ),
        };
        let confidence = (values + 1) as f32 / (values + 2) as f32;
        let candidate = |data_type| Candidate { data_type, pattern: None, fits: values, misfits: Vec::new() };
        let own = candidate(nested::written(&self.column.data_type));
        let mut candidates = vec![Candidate { pattern: self.column.pattern.clone(), ..own }];
        if candidates[0].data_type != LogicalType::String {
            candidates.push(candidate(LogicalType::String));
        }
        ColumnSpec {
            origin: Origin::Detected { confidence, evidence },
            evidence: ColumnEvidence { seen: records, nulls: records.saturating_sub(values), candidates },
            ..self.column
        }
    }

    /// What the values say by these rules, if they are all texts, and none is empty.
    fn evidence(&self, rules: &Arc<CellRules>) -> Option<TextEvidence> {
        let all_texts = self.kinds[Kind::String as usize] == self.values() && self.values() > 0;
        if self.column.data_type != LogicalType::String || !all_texts || self.texts.spans.iter().any(|span| span.is_empty()) {
            return None;
        }
        let mut evidence = TextEvidence::new(rules, UTF_8);
        let cells = Cells { text: &self.texts.bytes, scratch: &[], spans: &self.texts.spans, stride: 1, column: 0 };
        evidence.observe(cells, &|_| Place::default());
        Some(evidence)
    }

    /// The type and pattern of texts that are all dates or timestamps.
    fn moments(&self, rules: &Arc<CellRules>) -> Option<(LogicalType, Option<String>)> {
        let (data_type, pattern, ..) = self.evidence(rules)?.conclude();
        matches!(data_type, LogicalType::Date | LogicalType::Timestamp | LogicalType::TimestampNtz).then_some((data_type, pattern))
    }

    fn offer(&self, data_type: &LogicalType, pattern: Option<String>) -> Option<Finding> {
        let column = &self.column.name;
        let words = if *data_type == LogicalType::Date { "dates" } else { "timestamps" };
        let change = Change::ColumnType { column: column.clone(), data_type: Some(data_type.to_string()), pattern };
        Some(Finding {
            what: format!("{column}: {n} of {n} texts are {words}", n = self.values()),
            fix: Some(Fix { title: format!("Read {column} as {data_type}"), change }),
        })
    }

    /// Dates that name another day of the week than their own.
    fn wrong_days(&self, rules: &Arc<CellRules>, pattern: Option<&str>) -> Finding {
        let candidates = self.evidence(rules).map(|evidence| evidence.conclude().3.candidates).unwrap_or_default();
        let right = candidates.iter().find(|candidate| candidate.pattern.as_deref() == pattern).map_or(0, |candidate| candidate.fits);
        let example = self.texts.first().unwrap_or_default();
        let (column, all) = (&self.column.name, self.values());
        let change = Change::Option { id: options::IGNORE_DAY_NAMES.to_owned(), value: Some("false".to_owned()) };
        Finding {
            what: format!(
                "{column}: {} of {all} dates fall on another day of the week than they say ({example:?}); the date is taken",
                all - right.min(all)
            ),
            fix: Some(Fix { title: format!("Keep {column} as text"), change }),
        }
    }
}
