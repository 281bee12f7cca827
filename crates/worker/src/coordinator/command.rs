//! The command line that makes the files of a save again.

use colonnade_protocol::message::{ColumnOverride, Overrides};
use colonnade_protocol::report::InputReport;
use colonnade_protocol::schema::ColumnInfo;

/// The command for these tables, each with what a person said of it, and the options `given` for writing: one for all where
/// nothing was said of any table and each is of one file, else one for each.
pub fn of(given: &[(String, String)], tables: &[(&Overrides, &InputReport)]) -> String {
    let nothing = Overrides::default();
    match tables {
        [_, _, ..] if tables.iter().all(|(said, input)| **said == nothing && input.files.is_empty()) => convert(given, tables, "tables"),
        _ => tables.iter().map(|table| convert(given, &[*table], output_of(table.1))).collect::<Vec<_>>().join(" && "),
    }
}

fn output_of(input: &InputReport) -> &str {
    input.outputs.first().map_or("out.parquet", |file| &file.name)
}

fn convert(given: &[(String, String)], tables: &[(&Overrides, &InputReport)], output: &str) -> String {
    let mut files: Vec<&str> = tables.iter().flat_map(|(_, input)| paths(input)).collect();
    files.dedup();
    let union = tables.iter().any(|(_, input)| !input.files.is_empty()).then(|| "--union all".to_owned());
    let said = if let [(said, input)] = tables { said_of(said, &input.schema) } else { Vec::new() };
    let words = std::iter::once("colonnade convert".to_owned())
        .chain(files.into_iter().map(quoted))
        .chain(union)
        .chain([argument("-o", output)])
        .chain(given.iter().map(|(name, value)| argument("--set", &format!("{name}={value}"))))
        .chain(said);
    words.collect::<Vec<_>>().join(" ")
}

/// The files of a table, those in an archive by the archive.
fn paths(input: &InputReport) -> Vec<&str> {
    match input.files.as_slice() {
        [] => vec![input.file().0],
        files => files.iter().map(|file| file.name.split(" / ").next().unwrap_or_default()).collect(),
    }
}

/// What a person said of a table.
fn said_of(said: &Overrides, schema: &[ColumnInfo]) -> Vec<String> {
    let mut words: Vec<String> = said.options.iter().map(|(name, value)| argument("--set", &format!("{name}={value}"))).collect();
    for column in &said.columns {
        let name = name_of(column, schema);
        let about = [("--type", &column.data_type), ("--pattern", &column.pattern), ("--rename", &column.name)];
        words.extend(about.iter().filter_map(|(about, value)| Some(argument(about, &format!("{name}={}", value.as_ref()?)))));
    }
    words
}

/// A column by its name in the source, or by its number where that says too little.
fn name_of(column: &ColumnOverride, schema: &[ColumnInfo]) -> String {
    let name = &column.source_name;
    let is_plain = !name.is_empty() && !name.starts_with('#') && !name.contains('=');
    let is_unique = schema.iter().filter(|other| other.source_name == *name).count() == 1;
    if is_plain && is_unique { name.clone() } else { format!("#{}", column.index + 1) }
}

fn argument(name: &str, value: &str) -> String {
    format!("{name} {}", quoted(value))
}

/// A word as a shell takes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
