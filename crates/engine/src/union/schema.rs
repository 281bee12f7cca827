//! A schema that a person gives for a table of several files: by name, wherever a file has names.

use colonnade_protocol::message::ColumnOverride;
use colonnade_protocol::report::StructureKind;

use super::United;
use crate::column::ColumnSpec;
use crate::table::Table;

/// Whether a schema holds for a file by names: it has one for each column that the file has. Else it holds as for a file by itself:
/// by position, or by the names of the records' fields.
pub fn is_by_name(schema: &[ColumnSpec], table: &Table) -> bool {
    let columns = &table.detection.columns;
    table.format.structure(&table.detection.settings).kind == StructureKind::Structured
        && !columns.is_empty()
        && columns.iter().all(|own| !own.source_name.is_empty() && of(schema, &own.source_name).is_some())
}

/// What a schema says of the columns of a table, by their names.
pub fn schema_changes(schema: &[ColumnSpec], columns: &[ColumnSpec]) -> Vec<ColumnOverride> {
    let change = |(at, column): (usize, &ColumnSpec)| {
        let given = of(schema, &column.name)?;
        Some(ColumnOverride {
            index: at as u32,
            source_name: column.source_name.clone(),
            data_type: Some(given.data_type.to_string()),
            pattern: given.pattern.clone(),
            name: Some(given.name.clone()),
        })
    };
    columns.iter().enumerate().filter_map(change).collect()
}

impl United {
    /// Puts the columns in the order of a schema, those that no file has among them: they are null. What the schema does not name
    /// (partition values, the path) stands behind them.
    pub fn complete(&mut self, schema: &[ColumnSpec]) {
        let rest = std::mem::take(&mut self.columns);
        let known = |given: &ColumnSpec| rest.iter().find(|column| column.name == given.name).cloned();
        self.columns = schema.iter().map(|given| known(given).unwrap_or_else(|| given.clone())).collect();
        self.columns.extend(rest.into_iter().filter(|column| schema.iter().all(|given| given.name != column.name)));
    }
}

/// The schema's column of a name: the same, or else one that differs only by case.
fn of<'a>(schema: &'a [ColumnSpec], name: &str) -> Option<&'a ColumnSpec> {
    let folded = name.to_lowercase();
    schema.iter().find(|given| given.name == name).or_else(|| schema.iter().find(|given| given.name.to_lowercase() == folded))
}
