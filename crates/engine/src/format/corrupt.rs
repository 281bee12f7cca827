//! The column of records that did not fit, where a schema is given: as in Spark, the schema decides whether there is one.

use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};

use super::text::options::CORRUPT_COLUMN;
use super::{Detection, Format};
use crate::Result;
use crate::column::ColumnSpec;

/// Its name in Spark, where nobody gives it another.
const NAME: &str = "_corrupt_record";

/// The change of settings by which a table has the corrupt-record column that `given`, its schema, has: none where the source has a
/// column of that name, or a person has named one.
pub fn asked(format: &dyn Format, detection: &Detection, given: &[ColumnSpec]) -> Option<(String, String)> {
    let has_option = || format.options().iter().any(|option| option.is_named(CORRUPT_COLUMN));
    let is_there = || detection.columns.iter().any(|column| column.source_name == NAME);
    let is_asked = given.iter().any(|column| column.name == NAME && column.data_type == LogicalType::String);
    (is_asked && !detection.settings.is_by_person(CORRUPT_COLUMN) && has_option() && !is_there())
        .then(|| (CORRUPT_COLUMN.to_owned(), NAME.to_owned()))
}

/// Takes the corrupt-record column out of a table whose schema does not have it.
///
/// # Errors
/// [`ErrorKind::Usage`] for a schema that has it otherwise than as a string, and last.
pub fn settle(detection: &mut Detection, given: &[ColumnSpec]) -> Result<()> {
    let name = detection.settings.text(CORRUPT_COLUMN);
    let is_it = |column: &ColumnSpec| !name.is_empty() && column.source_name.is_empty() && column.name == name;
    if !detection.columns.last().is_some_and(is_it) {
        return Ok(());
    }
    match given.iter().position(|column| column.name == name) {
        Some(at) if at + 1 == given.len() && given[at].data_type == LogicalType::String => {}
        Some(_) => {
            let what = format!("the schema has {name}, the column of records that did not fit, but not as its last, a string");
            return Err(ErrorInfo::new(ErrorKind::Usage, what, format!("End the schema with {name} string.")));
        }
        None => {
            detection.columns.pop();
            detection.settings.set(CORRUPT_COLUMN, "");
        }
    }
    Ok(())
}
