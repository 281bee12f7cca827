//! What SQL says of tables, for readers of dumps and of database files: words, `CREATE TABLE`, types.

pub mod create;
pub mod pass;
pub mod types;
pub mod words;

/// Whose SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    MySql,
    PostgreSql,
    Sqlite,
    /// Any other: what the SQL standard says.
    Standard,
}

/// Ids and names of the dialects, as an option has them.
pub const DIALECTS: [(&str, &str); 4] = [("mysql", "MySQL"), ("postgresql", "PostgreSQL"), ("sqlite", "SQLite"), ("standard", "SQL")];

impl Dialect {
    /// The dialect with this id; the standard's, for any other.
    pub fn by_id(id: &str) -> Self {
        match id {
            "mysql" => Self::MySql,
            "postgresql" => Self::PostgreSql,
            "sqlite" => Self::Sqlite,
            _ => Self::Standard,
        }
    }

    /// Id and name.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::MySql => DIALECTS[0],
            Self::PostgreSql => DIALECTS[1],
            Self::Sqlite => DIALECTS[2],
            Self::Standard => DIALECTS[3],
        }
    }
}

/// What marks of a text mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexis {
    pub dialect: Dialect,
    /// Whether a backslash in `'...'` begins an escape, as in MySQL.
    pub escapes: bool,
}

impl Lexis {
    /// Of SQL as this dialect usually has it.
    pub fn of(dialect: Dialect) -> Self {
        Self { dialect, escapes: dialect == Dialect::MySql }
    }
}
