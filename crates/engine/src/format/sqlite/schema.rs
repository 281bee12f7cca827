//! What a database says of its tables (<https://www.sqlite.org/fileformat2.html>, section 2.6).

use super::pager::Pager;
use super::record::{Value, Values};
use super::tree::{Cursor, is_empty};
use crate::Result;
use crate::format::sql::create::{self, Column, Created};
use crate::format::sql::{Dialect, Lexis};

/// Entries of the schema that are read.
const MOST_ENTRIES: usize = 100_000;

/// What a database holds.
#[derive(Debug, Default)]
pub struct Schema {
    pub tables: Vec<Table>,
    /// Views and virtual tables, which have no rows of their own.
    pub others: Vec<String>,
}

/// A table with rows of its own.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    /// The page that its tree begins at.
    pub root: u32,
    /// `None`: what it was created by cannot be understood.
    pub created: Option<Created>,
}

impl Schema {
    /// Reads it.
    ///
    /// # Errors
    /// Those of its tree.
    pub fn read(pager: &mut Pager) -> Result<Self> {
        let mut schema = Self::default();
        let mut cursor = Cursor::below(pager);
        cursor.enter(pager, 1)?;
        for _ in 0..MOST_ENTRIES {
            let Some(entry) = cursor.next(pager)? else { break };
            let Ok(record) = entry.record else { continue };
            let mut texts = Vec::new();
            let mut root = 0;
            let Some(mut values) = Values::of(&record) else { continue };
            while let Ok(Some(value)) = values.next() {
                texts.push(match value {
                    Value::Text(bytes) => pager.encoding.decode_without_bom_handling(bytes).0.into_owned(),
                    Value::Integer(page) => {
                        root = page;
                        String::new()
                    }
                    _ => String::new(),
                });
            }
            let [kind, name, _, _, sql, ..] = texts.as_slice() else { continue };
            match (kind.as_str(), u32::try_from(root)) {
                // SQLite's own: sequences, statistics.
                _ if name.starts_with("sqlite_") => {}
                ("table", Ok(root)) if root > 0 => {
                    let created = create::read(format!("{sql} ;").as_bytes(), Lexis::of(Dialect::Sqlite));
                    schema.tables.push(Table { name: name.clone(), root, created });
                }
                ("table", _) => schema.others.push(format!("the virtual table {name}")),
                ("view", _) => schema.others.push(format!("the view {name}")),
                _ => {}
            }
        }
        // Those without a row can be read too, but nobody wants one first.
        let mut empty = Vec::new();
        for table in &schema.tables {
            empty.push(is_empty(pager, table.root)?);
        }
        let mut tables: Vec<_> = schema.tables.into_iter().zip(empty).collect();
        tables.sort_by_key(|(_, is_empty)| *is_empty);
        schema.tables = tables.into_iter().map(|(table, _)| table).collect();
        Ok(schema)
    }
}

/// How a table's records become rows.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The columns that are stored.
    pub columns: Vec<Column>,
    /// Of which column each value of a record is.
    pub stored: Vec<usize>,
    /// The names of those that are not: they are computed when they are asked for.
    pub computed: Vec<String>,
    /// The column that is the row id, if it has no value of its own.
    pub rowid: Option<usize>,
}

impl Layout {
    /// Of a table as it was created.
    pub fn of(created: &Created) -> Self {
        let columns: Vec<Column> = created.columns.iter().filter(|column| !column.is_virtual).cloned().collect();
        let place = |name: &String| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        let key: Vec<usize> = created.primary_key.iter().filter_map(place).collect();
        let first = if created.without_rowid { key.as_slice() } else { &[] };
        let mut stored = Vec::with_capacity(columns.len());
        for column in first.iter().copied().chain(0..columns.len()) {
            if !stored.contains(&column) {
                stored.push(column);
            }
        }
        let is_alias = |column: usize| !created.without_rowid && columns.get(column).is_some_and(|column| column.words == "integer");
        let rowid = match key[..] {
            [column] if is_alias(column) => Some(column),
            _ => None,
        };
        let computed = created.columns.iter().filter(|column| column.is_virtual).map(|column| column.name.clone()).collect();
        Self { columns, stored, computed, rowid }
    }
}
