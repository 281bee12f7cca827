//! The columns of a sample: every field of its records, with the least type that all its values fit.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::schema::{Candidate, ColumnEvidence};
use colonnade_protocol::{Field as Member, LogicalType, Origin, Place};
use encoding_rs::UTF_8;

use super::keyed::{self, KeyCounts};
use super::layout::{Layout, ORIENT, Orient, ROW_KEY};
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

/// Fields in the order in which they are seen.
#[derive(Default)]
struct Fields {
    fields: Vec<Field>,
    /// By their names in the source.
    positions: HashMap<String, usize>,
    names: HashSet<String>,
}

/// Columns in the order in which their fields are seen, and what was noticed about them. Whether names of days are to be
/// ignored, and whether records are objects or values, is set, where nobody says.
///
/// # Errors
/// [`colonnade_protocol::ErrorKind::Usage`] for settings that cannot be used.
pub fn columns(records: &[Seen<'_>], layout: Layout, settings: &mut Settings) -> Result<(Vec<ColumnSpec>, Vec<Finding>)> {
    let widening = Widening::new(settings)?;
    let mut seen = Fields::default();
    loop {
        let before: Vec<LogicalType> = types(&seen.fields);
        seen.fields.iter_mut().for_each(|field| (field.kinds, field.texts) = ([0; 6], Texts::default()));
        for record in records {
            // They were read before; one that the sample cuts has the fields before the cut.
            let _ = observe(record, layout, &widening, &mut seen);
        }
        if types(&seen.fields) == before {
            break;
        }
    }
    if layout.orient == Orient::Records
        && !settings.is_by_person(ORIENT)
        && let Some(evidence) = are_values(&seen.fields, records.len() as u64)
    {
        settings.detect(ORIENT, Orient::Value.id(), 0.9, evidence.as_str());
        let (columns, mut findings) = self::columns(records, Layout { orient: Orient::Value, ..layout }, settings)?;
        let change = Change::Option { id: ORIENT.to_owned(), value: Some(Orient::Records.id().to_owned()) };
        let fix = Some(Fix { title: "Read each key as a column".to_owned(), change });
        findings.insert(0, Finding { what: format!("{evidence}: they are data and no names, so each record is one value"), fix });
        return Ok((columns, findings));
    }
    if seen.fields.iter().any(|field| keyed::may_be_keyed(&field.column.data_type)) {
        for record in records {
            let _ = count_keys(record, layout, &mut seen);
        }
    }
    let mut fields = seen.fields;
    if settings.flag(options::DROP_NULL_FIELDS) {
        fields.retain(|field| !is_empty(&field.column.data_type));
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
    findings.extend(fields.iter().filter_map(Field::mixed));
    let mut columns: Vec<ColumnSpec> = fields.into_iter().map(|field| field.conclude(records.len() as u64, layout)).collect();
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

/// Why the fields of records are data, where they are.
fn are_values(fields: &[Field], records: u64) -> Option<String> {
    let fields: Vec<&Field> = fields.iter().filter(|field| field.column.source_name != ROW_KEY).collect();
    let holders = |field: &&Field| field.kinds.iter().sum::<u64>();
    let keys = keyed::Keys { records, all: fields.iter().map(holders).sum(), most: fields.iter().map(holders).max().unwrap_or_default() };
    let member = |field: &&Field| Member { name: field.column.source_name.clone(), data_type: field.column.data_type.clone() };
    let members: Vec<Member> = fields.iter().map(member).collect();
    let evidence = || format!("{} different keys in {}, {} in all", members.len(), counted(records, "object"), keys.all);
    keyed::are_values(&members, &keys).then(evidence)
}

fn observe(record: &Seen<'_>, layout: Layout, widening: &Widening, seen: &mut Fields) -> std::result::Result<bool, SyntaxError> {
    let text = &*record.text;
    // Keys mostly come in one order.
    let mut next = 0;
    layout.fields(&mut Reader::loosely(text, record.start), |reader, name| {
        let name = name.source_name(text);
        let is = |field: &Field| field.column.source_name == name;
        let position = if seen.fields.get(next).is_some_and(is) { next } else { seen.position(name) };
        next = position + 1;
        let field = &mut seen.fields[position];
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
fn count_keys(record: &Seen<'_>, layout: Layout, seen: &mut Fields) -> std::result::Result<bool, SyntaxError> {
    let text = &*record.text;
    layout.fields(&mut Reader::loosely(text, record.start), |reader, name| {
        let name = name.source_name(text);
        let field = seen.positions.get(&name).and_then(|&at| seen.fields.get_mut(at));
        match field.filter(|field| keyed::may_be_keyed(&field.column.data_type)) {
            Some(field) => field.keys.observe(&field.column.data_type, reader),
            None => reader.skip().map(|_| ()),
        }
    })
}

impl Fields {
    /// Where the field of this name is, which may be new.
    fn position(&mut self, name: String) -> usize {
        if let Some(&position) = self.positions.get(&name) {
            return position;
        }
        let column = new_column(&name, |name| self.names.contains(name));
        self.names.insert(column.name.clone());
        self.positions.insert(name, self.fields.len());
        self.fields.push(Field { column, kinds: [0; 6], keys: KeyCounts::default(), texts: Texts::default() });
        self.fields.len() - 1
    }
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

    /// A column whose values only JSON text holds.
    fn mixed(&self) -> Option<Finding> {
        let why = if self.kinds[Kind::Object as usize] == self.values() {
            "the keys of its objects are data, and their values of several kinds"
        } else {
            "objects, arrays and other values are mixed"
        };
        let what = format!("{}: {why}; all are kept as JSON text", self.column.name);
        (self.column.data_type == LogicalType::Json).then_some(Finding { what, fix: None })
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
