//! Headers that only the other files tell: a file's only line of years and words looks like a row.

use colonnade_protocol::message::Cell;

use crate::plan::ReadPlan;

/// The option that says whether the first record holds names.
pub const HEADER: &str = "header";

/// Of files, each with its first row, those that were found to have no names while that row repeats the names of another of their
/// format: which they are, and how they read with these names. They are to be read again with [`HEADER`].
pub fn headers_of_others(files: &[(&ReadPlan, &[Cell])]) -> Vec<(usize, ReadPlan)> {
    let is_named = |read: &ReadPlan| !read.columns.is_empty() && read.columns.iter().all(|column| !column.source_name.is_empty());
    let named: Vec<&ReadPlan> = files.iter().map(|(read, _)| *read).filter(|read| is_named(read)).collect();
    let corrected = |(k, (read, first)): (usize, &(&ReadPlan, &[Cell]))| {
        let is_found = read.settings.get(HEADER).is_some() && !read.settings.is_by_person(HEADER);
        let has_none = read.columns.iter().all(|column| column.source_name.is_empty());
        if !is_found || !has_none || !named.iter().any(|other| other.format == read.format && repeats(first, other)) {
            return None;
        }
        let mut read = (*read).clone();
        for (column, cell) in read.columns.iter_mut().zip(first.iter()) {
            column.source_name = text(cell).to_owned();
            column.name.clone_from(&column.source_name);
        }
        Some((k, read))
    };
    files.iter().enumerate().filter_map(corrected).collect()
}

fn repeats(first: &[Cell], named: &ReadPlan) -> bool {
    first.len() == named.columns.len()
        && first
            .iter()
            .zip(&named.columns)
            .all(|(cell, column)| text(cell).trim().to_lowercase() == column.source_name.trim().to_lowercase())
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Null => "",
        Cell::Text(text) | Cell::Misfit(text) => text,
    }
}
