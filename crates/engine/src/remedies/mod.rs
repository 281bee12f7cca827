//! What would set right the records that did not fit: the buttons beside a group of rejects.
//!
//! A remedy is offered only where it is evident: every listed record that it is for would fit, and nothing that is
//! right now would change, as far as the rows at the start of the source tell.

mod trial;
mod values;

use std::sync::Arc;

use colonnade_protocol::Cause;
use colonnade_protocol::report::{Change, Fix, RejectGroup, Remedy};

use crate::Result;
use crate::column::infer::NULL_WORDS;
use crate::column::{CellRules, ColumnSpec};
use crate::plan::ReadPlan;
use crate::source::Source;
use crate::words::counted;

/// A bound on a record's bytes is raised to this many times itself.
const LARGER: i64 = 8;
/// The bound cannot be higher.
const LARGEST: i64 = (1 << 29) - 1;

/// Files of a table that are tried at most.
pub const MOST_FILES: usize = 24;

/// A file of a table, and how it is read.
pub struct Tried<'a, S: ?Sized> {
    pub source: &'a S,
    /// As the file's rejects name it; `None` where the table is of one.
    pub file: Option<&'a str>,
    pub read: &'a ReadPlan,
    /// Where its first record begins.
    pub data_start: u64,
}

/// The remedies for `groups`, rejects of a table of these columns and files, which are one or several. An option is one for
/// all of them: it is offered where it rights the records of each, and no other of its first rows would change. Of more than
/// [`MOST_FILES`] files those beyond are not looked at.
///
/// # Errors
/// Those of the sources.
pub fn remedies<S: Source + ?Sized>(files: &[Tried<'_, S>], columns: &[ColumnSpec], groups: &[RejectGroup]) -> Result<Vec<Remedy>> {
    let Some(first) = files.first() else { return Ok(Vec::new()) };
    let read = first.read;
    let mut remedies = of_values(read, columns, groups)?;
    let mut causes: Vec<Cause> = groups.iter().map(|group| group.cause).collect();
    causes.sort_unstable();
    causes.dedup();
    for cause in causes {
        let of_cause: Vec<_> = groups.iter().filter(|group| group.cause == cause).flat_map(|group| &group.first).collect();
        if cause == Cause::RecordTooLong {
            remedies.extend(larger_bound(read));
        } else if let Some(fix) = trial::remedy(files, cause, &of_cause)? {
            let what = match of_cause.len() {
                1 => "This record would be read right, and no other of the first rows in another way.".to_owned(),
                n => format!("All {n} of these records would be read right, and no other of the first rows in another way."),
            };
            remedies.push(Remedy { cause, what, fix });
        }
    }
    Ok(remedies)
}

/// For values that do not fit the types that a person chose. Words for null are one remedy, as the setting is one for all
/// columns.
fn of_values(read: &ReadPlan, columns: &[ColumnSpec], groups: &[RejectGroup]) -> Result<Vec<Remedy>> {
    let rules = Arc::new(CellRules::new(&read.settings)?);
    let null_words: &[&str] = if read.settings.get("nullValue").is_some() { &NULL_WORDS } else { &[] };
    let (mut words, mut count, mut remedies) = (Vec::new(), 0, Vec::new());
    for (position, column) in columns.iter().enumerate() {
        let listed = groups.iter().filter(|group| group.cause == Cause::TypeMismatch).flat_map(|group| &group.first);
        let of_column = listed.filter(|reject| reject.column == Some(position as u32));
        let (nulls, others): (Vec<&str>, Vec<&str>) = of_column.filter_map(values::value).partition(|value| null_words.contains(value));
        count += nulls.len();
        nulls.into_iter().for_each(|word| {
            if !words.contains(&word) {
                words.push(word)
            }
        });
        remedies.extend(values::remedies(column, &others, &rules));
    }
    if !words.is_empty() {
        let verb = format!("{} listed {}", counted(count, "value"), if count == 1 { "is" } else { "are" });
        let what = format!("{verb} {}: what people write where there is no value.", words.join(", "));
        remedies.insert(0, Remedy { cause: Cause::TypeMismatch, what, fix: rules.null_fix(&words) });
    }
    Ok(remedies)
}

fn larger_bound(read: &ReadPlan) -> Option<Remedy> {
    let bound = read.settings.integer("maxRecordBytes");
    let larger = bound.saturating_mul(LARGER).min(LARGEST);
    (larger > bound).then(|| {
        let change = Change::Option { id: "maxRecordBytes".to_owned(), value: Some(larger.to_string()) };
        let title = format!("Read records of up to {} MB", larger / 1_000_000);
        let what = "A larger bound takes more memory.".to_owned();
        Remedy { cause: Cause::RecordTooLong, what, fix: Fix { title, change } }
    })
}

#[cfg(test)]
mod tests;
