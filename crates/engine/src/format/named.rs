//! What formats share whose records name their fields: JSON and XML.

use colonnade_protocol::Origin;

use super::Detection;
use crate::column::ColumnSpec;

/// The option that says whether fields found late become columns.
pub const EVOLUTION: &str = "schemaEvolutionMode";

/// Lets a schema given by a person win by name, as in Spark: the table has the columns that are given, and fields beyond
/// them are not read unless [`EVOLUTION`] is set to it.
pub fn impose(detection: &mut Detection, given: Vec<ColumnSpec>) {
    let corrupt = detection.settings.text("columnNameOfCorruptRecord").to_owned();
    detection.columns = given
        .into_iter()
        .map(|mut column| {
            if let Some(found) = detection.columns.iter().find(|found| found.name == column.name) {
                column.source_name.clone_from(&found.source_name);
                column.evidence = found.evidence.clone();
            }
            if column.name == corrupt {
                column.source_name.clear();
            }
            ColumnSpec { origin: Origin::Person, ..column }
        })
        .collect();
    if !detection.settings.is_by_person(EVOLUTION) {
        detection.settings.set(EVOLUTION, "none");
    }
}
