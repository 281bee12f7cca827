//! Names of tables and columns as a database takes them: short enough, and each one once.

use std::collections::HashSet;

use super::sql::Dialect;
use crate::column::ColumnSpec;

/// Letters of a name in MySQL (<https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html>).
const MYSQL_LETTERS: usize = 64;
/// Bytes of a name in PostgreSQL, which cuts what is longer (<https://www.postgresql.org/docs/17/sql-syntax-lexical.html>).
const POSTGRESQL_BYTES: usize = 63;
/// Columns that every table of PostgreSQL's has (<https://www.postgresql.org/docs/17/ddl-system-columns.html>).
const POSTGRESQL_OWN: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// The names of a script's table and its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlNames {
    /// The parts of the table's name: `schema.table` is two.
    pub table: Vec<String>,
    pub columns: Vec<String>,
    /// What differs from the names that were given, each in one sentence.
    pub changes: Vec<String>,
}

impl SqlNames {
    /// Those of these columns in a table of this name.
    pub fn new(columns: &[ColumnSpec], table: &str, dialect: Dialect) -> Self {
        let given: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let mut changes = Vec::new();
        let parts: Vec<String> = table.split('.').map(|part| fit(part, "", dialect)).collect();
        if parts.join(".") != table {
            changes.push(format!("table {table:?} is named {:?}", parts.join(".")));
        }
        let kept: HashSet<String> = given.iter().filter(|name| is_fit(name, dialect)).map(|name| key(name, dialect)).collect();
        let mut taken = HashSet::new();
        let columns = given
            .into_iter()
            .map(|name| {
                let mut distinct = fit(name, "", dialect);
                let is_own = is_fit(name, dialect) || !kept.contains(&key(&distinct, dialect));
                if is_reserved(&distinct, dialect) || !is_own || !taken.insert(key(&distinct, dialect)) {
                    let others = (2..).map(|n| fit(name, &format!("_{n}"), dialect));
                    distinct = others
                        .into_iter()
                        .find(|name| !kept.contains(&key(name, dialect)) && taken.insert(key(name, dialect)))
                        .unwrap_or(distinct);
                }
                if distinct != name {
                    changes.push(format!("column {name:?} is named {distinct:?}"));
                }
                distinct
            })
            .collect();
        Self { table: parts, columns, changes }
    }
}

/// What two names have in common that are one to the database.
fn key(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::MySql => name.to_lowercase(),
        Dialect::PostgreSql => name.to_owned(),
    }
}

fn is_fit(name: &str, dialect: Dialect) -> bool {
    fit(name, "", dialect) == name && !is_reserved(name, dialect)
}

fn is_reserved(name: &str, dialect: Dialect) -> bool {
    dialect == Dialect::PostgreSql && POSTGRESQL_OWN.contains(&name)
}

/// As much of a name as the database takes with `behind` at its end. MySQL takes neither letters beyond 16 bits nor a blank at
/// the end.
fn fit(name: &str, behind: &str, dialect: Dialect) -> String {
    let mut cut: String = match dialect {
        Dialect::MySql => {
            let letters = name.chars().map(|letter| if letter > '\u{ffff}' { '_' } else { letter });
            letters.take(MYSQL_LETTERS.saturating_sub(behind.len())).collect()
        }
        Dialect::PostgreSql => {
            let most = POSTGRESQL_BYTES.saturating_sub(behind.len());
            name.get(..name.floor_char_boundary(most)).unwrap_or_default().to_owned()
        }
    };
    if dialect == Dialect::MySql {
        cut.truncate(cut.trim_end_matches(' ').len());
    }
    cut.push_str(behind);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str], dialect: Dialect) -> (Vec<String>, usize) {
        let columns: Vec<ColumnSpec> = names.iter().map(|name| ColumnSpec::text(*name)).collect();
        let names = SqlNames::new(&columns, "t", dialect);
        (names.columns, names.changes.len())
    }

    #[test]
    fn names_that_are_one_to_the_database_are_made_distinct() {
        let names = ["Id", "id", "ID", "id_2", "xmin"];
        assert_eq!(named(&names, Dialect::MySql), (["Id", "id_3", "ID_4", "id_2", "xmin"].map(String::from).into(), 2));
        assert_eq!(named(&names, Dialect::PostgreSql), (["Id", "id", "ID", "id_2", "xmin_2"].map(String::from).into(), 1));
    }

    #[test]
    fn names_are_cut_to_what_the_database_takes() {
        let (long, letters) = ("a".repeat(70), "\u{e9}".repeat(64));
        let (first, second) = (format!("{long}1"), format!("{long}2"));
        let kept = "a".repeat(63);
        let names = [first.as_str(), second.as_str(), &kept, &letters];
        let (columns, changes) = named(&names, Dialect::PostgreSql);
        assert_eq!(columns, [format!("{}_2", &long[..61]), format!("{}_3", &long[..61]), kept.clone(), "\u{e9}".repeat(31)]);
        assert_eq!(changes, 3);
        let (columns, changes) = named(&names, Dialect::MySql);
        assert_eq!(columns, [long[..64].to_owned(), format!("{}_2", &long[..62]), kept.clone(), letters.clone()]);
        assert_eq!(changes, 2);
        let table = SqlNames::new(&[], &format!("s.{long}"), Dialect::PostgreSql);
        assert_eq!((table.table, table.changes.len()), (vec!["s".to_owned(), kept], 1));
    }
}
