//! What is said of single columns: by name on the command line, by position to the engine.

use colonnade_engine::Result;
use colonnade_engine::column::ColumnSpec;
use colonnade_engine::table::Table;
use colonnade_protocol::message::ColumnOverride;
use colonnade_protocol::report::StructureKind;
use colonnade_protocol::{ErrorInfo, ErrorKind};

/// The position of a column that is only named so far, or that records may name far behind the sample.
const UNKNOWN: u32 = u32::MAX;

/// Whether a table's records name their fields, so that columns may be found far behind the sample.
pub fn may_come(table: &Table) -> bool {
    table.format.structure(&table.detection.settings).kind == StructureKind::SemiStructured
}

/// Pairs of a column and a word about it, as the arguments have them: types, patterns, names.
pub fn said(types: &[(String, String)], patterns: &[(String, String)], names: &[(String, String)]) -> Vec<ColumnOverride> {
    let column = |source_name: &String| ColumnOverride {
        index: UNKNOWN,
        source_name: source_name.clone(),
        data_type: None,
        pattern: None,
        name: None,
    };
    let types = types.iter().map(|(of, word)| ColumnOverride { data_type: Some(word.clone()), ..column(of) });
    let patterns = patterns.iter().map(|(of, word)| ColumnOverride { pattern: Some(word.clone()), ..column(of) });
    let names = names.iter().map(|(of, word)| ColumnOverride { name: Some(word.clone()), ..column(of) });
    types.chain(patterns).chain(names).collect()
}

/// The same by the columns of a table as it was found; those of a table whose records name their fields may come later.
///
/// # Errors
/// [`ErrorKind::Usage`] for a column that is not there.
pub fn resolved(said: &[ColumnOverride], name: &str, columns: &[ColumnSpec], may_come: bool) -> Result<Vec<ColumnOverride>> {
    let mut resolved: Vec<ColumnOverride> = Vec::new();
    for word in said {
        let (index, source_name) = find(word, name, columns, may_come)?;
        let word = ColumnOverride { index, source_name, ..word.clone() };
        match resolved.iter_mut().find(|known| known.index == index && known.source_name == word.source_name) {
            Some(known) => {
                known.data_type = word.data_type.or(known.data_type.take());
                known.pattern = word.pattern.or(known.pattern.take());
                known.name = word.name.or(known.name.take());
            }
            None => resolved.push(word),
        }
    }
    Ok(resolved)
}

/// A column by its number (`#1` is the first), by its name in the source where only one has it, or by its name in the table.
fn find(word: &ColumnOverride, name: &str, columns: &[ColumnSpec], may_come: bool) -> Result<(u32, String)> {
    let wanted = &word.source_name;
    let number = wanted.strip_prefix('#').and_then(|number| number.parse::<usize>().ok()?.checked_sub(1));
    let mut of_source = (0..columns.len()).filter(|&at| columns[at].source_name == *wanted);
    let found = number.filter(|&at| at < columns.len()).or_else(|| match (of_source.next(), of_source.next()) {
        (Some(at), None) => Some(at),
        _ => columns.iter().position(|column| column.name == *wanted),
    });
    match found {
        Some(at) => Ok((at as u32, columns[at].source_name.clone())),
        None if may_come && word.data_type.is_some() => Ok((UNKNOWN, wanted.clone())),
        None => {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            let what = format!("{name} has no column {wanted:?}");
            Err(ErrorInfo::new(ErrorKind::Usage, what, format!("Its columns are {}.", names.join(", "))))
        }
    }
}
