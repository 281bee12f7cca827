//! Several files as one table: their columns united by name.
//!
//! A file's column goes to the table's of the same name, and is null in the rows of a file that lacks it. Each file is read in
//! its own way (encoding, separator, patterns of dates); what they share is the columns' types, each the least at or above
//! those of all files. What a path says (partition values) and the path itself are columns whose value is one for a file.

mod header;
mod options;
mod path;
mod place;
mod report;
mod schema;
mod shape;

use std::sync::Arc;

use colonnade_protocol::message::ColumnOverride;
use colonnade_protocol::report::Finding;
use colonnade_protocol::schema::ColumnEvidence;
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType, Origin};
use encoding_rs::UTF_8;

use crate::Result;
use crate::column::{Cells, ColumnSpec, Span, TextEvidence, lattice, nested};
use crate::extent::Extent;
use crate::output::parquet::ColumnChoice;
use crate::plan::{Given, ReadPlan};
use crate::settings::Settings;

pub use header::{HEADER, headers_of_others};
pub use options::{IDS, options};
pub use path::{partitions, skipped};
pub(crate) use place::Placer;
pub use report::{Reported, heading, is_empty, name, report};
pub use schema::{is_by_name, schema_changes};
pub use shape::{Shape, shape_of, shapes, why};

use options::{PARTITION_TYPES, PARTITIONS, SOURCE_FILE};

/// A file to be united with others.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its path, as it is named to a person.
    pub path: &'a str,
    pub read: &'a ReadPlan,
    pub extent: &'a Extent,
}

/// One file of a table.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its path; `None` where the table is this file.
    pub file: Option<String>,
    /// Its columns are named as the table's.
    pub read: ReadPlan,
    pub extent: Extent,
    /// Columns of the table that have one value for all of the file.
    values: Vec<(String, String)>,
    /// Why it is not read: it costs its own rows only.
    pub lost: Option<ErrorInfo>,
}

/// A table of several files.
#[derive(Debug, Clone)]
pub struct United {
    pub parts: Vec<Part>,
    pub columns: Vec<ColumnSpec>,
    /// What is to be known of how they were united.
    pub findings: Vec<Finding>,
}

impl Part {
    /// A file that is a table by itself.
    pub fn whole(read: ReadPlan, extent: Extent) -> Self {
        Self { file: None, read, extent, values: Vec::new(), lost: None }
    }

    /// How it is read into the table of these columns.
    pub fn plan(&self, columns: &[ColumnSpec]) -> ReadPlan {
        let given = self.file.is_some().then(|| columns.iter().map(|column| self.given(&column.name)).collect());
        ReadPlan { given, ..self.read.clone() }
    }

    /// Bytes between its first record and its end.
    pub fn bytes(&self) -> u64 {
        if self.lost.is_some() { 0 } else { self.extent.bytes_between(self.extent.start.byte, self.extent.end) }
    }

    fn given(&self, name: &str) -> Given {
        match self.read.columns.iter().position(|own| own.name == name) {
            Some(at) => Given::Column(at as u32),
            None => self.values.iter().find(|(known, _)| known == name).map_or(Given::Nothing, |(_, value)| Given::Value(value.clone())),
        }
    }
}

/// Unites files, in their order: columns as they are first seen, then partition values, then the path. `changes` are a person's
/// words about the table's columns.
///
/// # Errors
/// [`ErrorKind::Usage`] for a name or type that cannot be used.
pub fn unite(members: &[Member<'_>], settings: &Settings, changes: &[ColumnOverride]) -> Result<United> {
    let (mut columns, mut parts): (Vec<ColumnSpec>, Vec<Part>) = (Vec::new(), Vec::new());
    for member in members {
        let mut read = member.read.clone();
        let names: Vec<String> = read.columns.iter().map(|own| own.name.clone()).collect();
        for own in &mut read.columns {
            match table_column(&mut columns, own, &names) {
                Some(column) => {
                    own.name.clone_from(&column.name);
                    meet(column, own, read.text_member.as_deref());
                }
                None => columns.push(own.clone()),
            }
        }
        let extent = member.extent.clone();
        parts.push(Part { file: Some(member.path.to_owned()), read, extent, values: Vec::new(), lost: None });
    }
    let mut findings = Vec::new();
    if settings.flag(PARTITIONS) {
        add_partitions(&mut parts, &mut columns, settings.flag(PARTITION_TYPES), &mut findings);
    }
    if !settings.text(SOURCE_FILE).is_empty() {
        add_source_file(&mut parts, &mut columns, settings)?;
    }
    for change in changes {
        apply(change, &mut columns, &mut parts)?;
    }
    crate::table::check_names(&columns)?;
    for own in parts.iter_mut().flat_map(|part| &mut part.read.columns) {
        if let Some(column) = columns.iter().find(|column| is_untold(own) && column.name == own.name) {
            (own.data_type, own.pattern) = (column.data_type.clone(), column.pattern.clone());
        }
        own.evidence = ColumnEvidence::default();
    }
    adopt(&mut parts, &columns);
    Ok(United { parts, columns, findings })
}

/// How each column of a table of several files is encoded: as in the first that has it.
pub fn choices(united: &United, of_parts: &[&[ColumnChoice]]) -> Vec<ColumnChoice> {
    let of = |column: &ColumnSpec| {
        united.parts.iter().zip(of_parts).find_map(|(part, choices)| match part.given(&column.name) {
            Given::Column(at) if part.read.columns.get(at as usize)?.data_type == column.data_type => choices.get(at as usize).copied(),
            _ => None,
        })
    };
    united.columns.iter().map(|column| of(column).unwrap_or_default()).collect()
}

/// Takes in columns that files were found to need wider, or to have beside those known. Whatever the order in which they were
/// found, what `first` has stands first, in its order, and the rest behind it by name.
pub(crate) fn widen(parts: &mut [Part], columns: &mut Vec<ColumnSpec>, found: &[(u32, ColumnSpec)], first: &[ColumnSpec]) {
    for (part, wide) in found {
        let Some(finder) = parts.get_mut(*part as usize) else { continue };
        let (format, text_member) = (finder.read.format.clone(), finder.read.text_member.clone());
        match finder.read.columns.iter_mut().find(|own| own.name == wide.name) {
            Some(own) if (&own.data_type, &own.pattern) == (&wide.data_type, &wide.pattern) => {
                // Nothing else is left that all of its values fit.
                let text = lattice::widened(own, LogicalType::String, None);
                (own.data_type, own.pattern, own.late) = (text.data_type, text.pattern, wide.late.clone());
            }
            Some(own) => (own.data_type, own.pattern, own.late) = (wide.data_type.clone(), wide.pattern.clone(), wide.late.clone()),
            None => {
                // Records of these formats name their fields: any file may have it.
                for other in parts.iter_mut().filter(|other| other.read.format == format) {
                    if other.read.columns.iter().all(|own| own.name != wide.name) {
                        other.read.columns.push(wide.clone());
                    }
                }
            }
        }
        let own = parts.get(*part as usize).and_then(|part| part.read.columns.iter().find(|own| own.name == wide.name));
        let Some(own) = own.cloned() else { continue };
        match columns.iter_mut().find(|column| column.name == own.name) {
            Some(column) => meet(column, &own, text_member.as_deref()),
            None => columns.push(own),
        }
    }
    nested::arrange(columns, first);
    adopt(parts, columns);
}

/// The table's column that a file's belongs to: of the same name, or else of one that differs only by case.
fn table_column<'a>(columns: &'a mut [ColumnSpec], own: &ColumnSpec, names: &[String]) -> Option<&'a mut ColumnSpec> {
    let folded = own.name.to_lowercase();
    let alike = |column: &&ColumnSpec| column.name.to_lowercase() == folded && !names.contains(&column.name);
    let at = columns.iter().position(|column| column.name == own.name).or_else(|| {
        let mut alike = columns.iter().enumerate().filter(|(_, column)| alike(column));
        let first = alike.next();
        first.filter(|_| alike.next().is_none()).map(|(at, _)| at)
    });
    columns.get_mut(at?)
}

/// Makes a table's column hold the values of a file's too.
fn meet(column: &mut ColumnSpec, own: &ColumnSpec, text_member: Option<&str>) {
    if column.data_type == own.data_type || column.origin == Origin::Person && own.origin != Origin::Person || is_untold(own) {
        return;
    }
    if is_untold(column) {
        *column = ColumnSpec { name: std::mem::take(&mut column.name), ..own.clone() };
        return;
    }
    let data_type = match text_member {
        Some(text_member) => nested::union_elements(&column.data_type, &own.data_type, text_member),
        None => nested::union(&column.data_type, &own.data_type),
    };
    if data_type != column.data_type {
        let evidence = format!("{} in some files and {} in others", nested::written(&column.data_type), nested::written(&own.data_type));
        column.pattern = own.pattern.clone().filter(|_| lattice::are_kin(&own.data_type, &data_type));
        column.late.clone_from(&own.late);
        (column.data_type, column.origin) = (data_type, Origin::Detected { confidence: 1.0, evidence });
    }
}

/// Whether a column is text for want of any value: it has whatever type the other files' has.
fn is_untold(column: &ColumnSpec) -> bool {
    let candidates = &column.evidence.candidates;
    column.origin != Origin::Person && column.data_type == LogicalType::String && matches!(candidates.as_slice(), [text] if text.fits == 0)
}

/// Gives every file's columns the table's types; each keeps its pattern where that reads the type too.
fn adopt(parts: &mut [Part], columns: &[ColumnSpec]) {
    for own in parts.iter_mut().flat_map(|part| &mut part.read.columns) {
        let Some(column) = columns.iter().find(|column| column.name == own.name) else { continue };
        if own.data_type != column.data_type {
            own.pattern = own.pattern.take().filter(|_| lattice::are_kin(&own.data_type, &column.data_type));
            own.data_type.clone_from(&column.data_type);
        }
        if column.origin == Origin::Person {
            own.origin = Origin::Person;
        }
    }
}

/// A column for each partition key. A file's own column of that name is kept where it has one: its path fills it in the others.
fn add_partitions(parts: &mut [Part], columns: &mut Vec<ColumnSpec>, typed: bool, findings: &mut Vec<Finding>) {
    let mut keys: Vec<String> = Vec::new();
    for part in parts.iter_mut() {
        for (key, value) in part.file.as_deref().map(partitions).unwrap_or_default() {
            let known = columns.iter().find(|column| column.name.eq_ignore_ascii_case(&key)).map(|column| column.name.clone());
            let name = known.unwrap_or_else(|| keys.iter().find(|known| known.eq_ignore_ascii_case(&key)).unwrap_or(&key).clone());
            if !keys.contains(&name) {
                keys.push(name.clone());
            }
            part.values.extend(value.map(|value| (name, value)));
        }
    }
    for key in keys {
        let texts = parts.iter().filter_map(|part| part.values.iter().find(|(name, _)| *name == key)).map(|(_, value)| value.as_str());
        let (data_type, pattern) = if typed { type_of(texts) } else { (LogicalType::String, None) };
        let n = parts.iter().filter(|part| part.values.iter().any(|(name, _)| *name == key)).count();
        let evidence = format!("a partition value in the paths of {n} of {} files", parts.len());
        let origin = Origin::Detected { confidence: 1.0, evidence };
        let own = ColumnSpec { data_type, pattern, origin, ..ColumnSpec::text(&key) };
        match columns.iter_mut().find(|column| column.name == key) {
            Some(column) => {
                findings.push(Finding {
                    what: format!("{key} is a column of some files and a partition value in their paths: the files' own values are read"),
                    fix: None,
                });
                meet(column, &own, None);
            }
            None => columns.push(own),
        }
    }
}

/// The type of partition values: numbers and moments, as Spark finds them, but none that would lose a text's form (`01`).
fn type_of<'a>(texts: impl Iterator<Item = &'a str>) -> (LogicalType, Option<String>) {
    let mut evidence = TextEvidence::new(&Arc::default(), UTF_8);
    for text in texts {
        let spans = [Span::plain(0, text.len())];
        evidence.observe(Cells { text: text.as_bytes(), scratch: &[], spans: &spans, stride: 1, column: 0 }, &|_| Default::default());
    }
    let (data_type, pattern, ..) = evidence.conclude();
    if data_type == LogicalType::Boolean { (LogicalType::String, None) } else { (data_type, pattern) }
}

fn add_source_file(parts: &mut [Part], columns: &mut Vec<ColumnSpec>, settings: &Settings) -> Result<()> {
    let wanted = settings.text(SOURCE_FILE);
    let is_taken = |name: &str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    if is_taken(wanted) && settings.is_by_person(SOURCE_FILE) {
        let hint = format!("Give {SOURCE_FILE} another name, or an empty one for no such column.");
        return Err(ErrorInfo::new(ErrorKind::Usage, format!("the files have a column named {wanted}"), hint));
    }
    let names = (1..).map(|n| if n == 1 { wanted.to_owned() } else { format!("{wanted}_{n}") });
    let Some(name) = names.into_iter().find(|name| !is_taken(name)) else { return Ok(()) };
    for part in parts {
        let path = part.file.clone();
        part.values.extend(path.map(|path| (name.clone(), path)));
    }
    let origin = Origin::Detected { confidence: 1.0, evidence: "the path of each row's file".to_owned() };
    columns.push(ColumnSpec { origin, source_name: String::new(), ..ColumnSpec::text(&name) });
    Ok(())
}

/// A person's word about a column of the table, which holds for every file's.
fn apply(change: &ColumnOverride, columns: &mut [ColumnSpec], parts: &mut [Part]) -> Result<()> {
    let at_place = columns.get(change.index as usize).is_some_and(|column| column.source_name == change.source_name);
    let at = if at_place { Some(change.index as usize) } else { columns.iter().position(|c| c.source_name == change.source_name) };
    let Some(column) = at.and_then(|at| columns.get_mut(at)) else { return Ok(()) };
    let was = column.name.clone();
    let owns = parts.iter_mut().flat_map(|part| &mut part.read.columns).filter(|own| own.name == was);
    let mut owns: Vec<&mut ColumnSpec> = owns.collect();
    if change.data_type.is_some() || change.pattern.is_some() {
        let data_type: LogicalType = match &change.data_type {
            Some(data_type) => data_type.parse().map_err(|error| ErrorInfo::new(ErrorKind::Usage, format!("{error}"), ""))?,
            None => column.data_type.clone(),
        };
        owns.iter_mut().for_each(|own| own.choose(data_type.clone(), change.pattern.clone()));
        column.choose(data_type, change.pattern.clone());
    }
    if let Some(name) = change.name.as_ref().filter(|name| !name.is_empty()) {
        owns.iter_mut().for_each(|own| own.name.clone_from(name));
        column.name.clone_from(name);
        for (known, _) in parts.iter_mut().flat_map(|part| &mut part.values).filter(|(known, _)| *known == was) {
            known.clone_from(name);
        }
    }
    Ok(())
}
