//! What `CREATE TABLE` says: a table's name and its columns with types and constraints.

use super::words::{Word, Words};
use super::{Dialect, Lexis};

/// A table as it was created.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Created {
    /// The table's name, behind its schema's where there is one.
    pub name: Vec<String>,
    pub columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub primary_key: Vec<String>,
    /// SQLite's tables that are ordered by their primary key.
    pub without_rowid: bool,
}

/// A column as it was declared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    pub name: String,
    /// The words of its type in lower case, with one blank between them: `double precision`.
    pub words: String,
    /// What stands in parentheses behind them: `10`, `2`.
    pub numbers: Vec<u32>,
    /// Whether it is an array (`integer[]`).
    pub is_array: bool,
    pub unsigned: bool,
    /// Whether its own words make it the primary key, and not a descending one.
    pub is_key: bool,
    /// What stands behind DEFAULT, if it is one word or text.
    pub default: Option<String>,
    /// Whether it is computed and not stored.
    pub is_virtual: bool,
}

/// Words that end a column's type.
const CONSTRAINTS: &[&str] = &[
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "check",
    "collate",
    "references",
    "generated",
    "as",
    "auto_increment",
    "autoincrement",
    "comment",
    "on",
    "constraint",
    "key",
    "invisible",
    "storage",
    "virtual",
    "stored",
    "srid",
    "compression",
    "identity",
];
/// What a member that is no column begins with.
const OF_TABLE: &[&str] = &["primary", "unique", "constraint", "foreign", "check", "exclude", "like"];
/// And in MySQL, where such a column would stand in backticks.
const OF_MYSQL_TABLE: &[&str] = &["key", "index", "fulltext", "spatial", "period"];
/// Columns of one table.
const MOST_COLUMNS: usize = 32 * 1024;

/// Reads the whole text of a `CREATE TABLE`, from that word on; `None` where it is none, or names no columns.
pub fn read(text: &[u8], lexis: Lexis) -> Option<Created> {
    let mut words = Words::new(text, 0, lexis);
    if !words.takes("create") {
        return None;
    }
    while !words.takes("table") {
        words.word()?.name()?;
    }
    if words.takes("if") {
        words.word()?;
        words.word()?;
    }
    let mut created = Created { name: words.name()?, ..Created::default() };
    if !words.takes_mark(b'(') {
        return None;
    }
    loop {
        let first = words.peek()?;
        let is_of_table = first.is_any(OF_TABLE) || (lexis.dialect == Dialect::MySql && first.is_any(OF_MYSQL_TABLE));
        let more = if is_of_table { of_table(&mut words, &mut created)? } else { column(&mut words, &mut created)? };
        if !more || created.columns.len() >= MOST_COLUMNS {
            break;
        }
    }
    while let Some(word) = words.word() {
        created.without_rowid |= word.is("without") && words.takes("rowid");
    }
    let own_key = created.columns.iter().filter(|column| column.is_key).map(|column| column.name.clone());
    created.primary_key.extend(own_key);
    (!created.columns.is_empty()).then_some(created)
}

/// Reads a column; whether another member follows.
fn column(words: &mut Words<'_>, created: &mut Created) -> Option<bool> {
    let mut column = Column { name: words.word()?.name()?, ..Column::default() };
    loop {
        let next = words.peek()?;
        if next.is_any(CONSTRAINTS) {
            break;
        }
        words.word();
        match next {
            Word::Mark(b',') => return ended(column, created, true),
            Word::Mark(b')') => return ended(column, created, false),
            Word::Mark(b'(') => numbers(words, &mut column)?,
            Word::Mark(b'[') => column.is_array = true,
            Word::Quoted(name) if name.is_empty() => column.is_array = true,
            Word::Plain(word) if word.eq_ignore_ascii_case(b"unsigned") => column.unsigned = true,
            Word::Plain(word) if word.eq_ignore_ascii_case(b"array") => column.is_array = true,
            Word::Plain(word) if word.eq_ignore_ascii_case(b"character") && words.takes("set") => {
                words.word()?;
            }
            other => {
                if let Some(word) = other.name() {
                    column.words.push_str(if column.words.is_empty() { "" } else { " " });
                    column.words.push_str(&word.to_ascii_lowercase());
                }
            }
        }
    }
    let mut depth = 0;
    loop {
        match words.word()? {
            Word::Mark(b'(') => depth += 1,
            Word::Mark(b')') if depth > 0 => depth -= 1,
            Word::Mark(b')') => return ended(column, created, false),
            Word::Mark(b',') if depth == 0 => return ended(column, created, true),
            word if depth > 0 => drop(word),
            word if word.is("primary") => {
                words.takes("key");
                column.is_key = !words.takes("desc");
                if !column.is_key {
                    created.primary_key.push(column.name.clone());
                }
            }
            word if word.is("default") => column.default = default(words),
            word if word.is("as") => column.is_virtual = true,
            word if word.is("stored") || word.is("persistent") => column.is_virtual = false,
            _ => {}
        }
    }
}

fn ended(column: Column, created: &mut Created, more: bool) -> Option<bool> {
    created.columns.push(column);
    Some(more)
}

/// What stands in the parentheses of a type.
fn numbers(words: &mut Words<'_>, column: &mut Column) -> Option<()> {
    let mut depth = 0;
    loop {
        match words.word()? {
            Word::Mark(b'(') => depth += 1,
            Word::Mark(b')') if depth > 0 => depth -= 1,
            Word::Mark(b')') => return Some(()),
            Word::Plain(word) => column.numbers.extend(std::str::from_utf8(word).ok().and_then(|word| word.parse::<u32>().ok())),
            _ => {}
        }
    }
}

/// The literal behind DEFAULT, as it is spelled.
fn default(words: &mut Words<'_>) -> Option<String> {
    let mut sign = "";
    if words.peek()? == Word::Mark(b'-') {
        words.word();
        sign = "-";
    }
    let mut literal = match words.peek()? {
        Word::Plain(word) | Word::Text(word) => format!("{sign}{}", String::from_utf8_lossy(word)),
        _ => return None,
    };
    words.word();
    // A number's point is a mark of its own.
    while words.peek()? == Word::Mark(b'.') {
        words.word();
        literal.push('.');
        if let Some(Word::Plain(word)) = words.peek() {
            words.word();
            literal.push_str(&String::from_utf8_lossy(word));
        }
    }
    Some(literal)
}

/// Passes over a key or a constraint of the table; whether another member follows.
fn of_table(words: &mut Words<'_>, created: &mut Created) -> Option<bool> {
    let mut depth = 0;
    loop {
        match words.word()? {
            Word::Mark(b'(') => depth += 1,
            Word::Mark(b')') if depth > 0 => depth -= 1,
            Word::Mark(b')') => return Some(false),
            Word::Mark(b',') if depth == 0 => return Some(true),
            word if depth == 0 && word.is("primary") && words.takes("key") => created.primary_key = words.names()?,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(text: &str, dialect: Dialect) -> Created {
        read(text.as_bytes(), Lexis::of(dialect)).unwrap()
    }

    fn spelled(created: &Created) -> Vec<String> {
        let column = |column: &Column| {
            let numbers: Vec<_> = column.numbers.iter().map(u32::to_string).collect();
            let array = if column.is_array { "[]" } else { "" };
            format!("{} {}({}){array}{}", column.name, column.words, numbers.join(","), if column.unsigned { " u" } else { "" })
        };
        created.columns.iter().map(column).collect()
    }

    #[test]
    fn columns_of_a_mysql_table_are_read() {
        let table = created(
            "CREATE TABLE `o``ne` (\n `id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'a, (b',\n `at` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,\n `e` enum('a','b)') CHARACTER SET latin1 DEFAULT 'a',\n `d` decimal(10,2) DEFAULT '0.00',\n `g` int GENERATED ALWAYS AS (`id` + 1) VIRTUAL,\n PRIMARY KEY (`id`,`d`),\n KEY `k` (`e`(3))\n) ENGINE=InnoDB;",
            Dialect::MySql,
        );
        assert_eq!(table.name, ["o`ne"]);
        assert_eq!(spelled(&table), ["id int(10) u", "at timestamp()", "e enum()", "d decimal(10,2)", "g int()"]);
        assert_eq!(table.primary_key, ["id", "d"]);
        assert!(table.columns[4].is_virtual && !table.columns[0].is_virtual);
    }

    #[test]
    fn columns_of_a_postgresql_table_are_read() {
        let table = created(
            "CREATE TABLE public.\"Us ers\" (\n id bigint NOT NULL,\n t timestamp(3) with time zone DEFAULT now(),\n n character varying(20) COLLATE \"C\",\n key integer[],\n p double precision DEFAULT -1.5,\n CONSTRAINT c CHECK ((id > 0))\n);",
            Dialect::PostgreSql,
        );
        assert_eq!(table.name, ["public", "Us ers"]);
        let expected =
            ["id bigint()", "t timestamp with time zone(3)", "n character varying(20)", "key integer()[]", "p double precision()"];
        assert_eq!(spelled(&table), expected);
        assert_eq!(table.columns[4].default.as_deref(), Some("-1.5"));
    }

    #[test]
    fn columns_of_an_sqlite_table_are_read() {
        let table = created(
            "CREATE TABLE t(a INTEGER PRIMARY KEY, b, \"c d\" TEXT DEFAULT 'it''s', [e] REAL AS (a*2) STORED, PRIMARY KEY(b)) WITHOUT ROWID;",
            Dialect::Sqlite,
        );
        assert_eq!(spelled(&table), ["a integer()", "b ()", "c d text()", "e real()"]);
        assert!(table.columns[0].is_key && table.without_rowid && !table.columns[3].is_virtual);
        assert_eq!(table.columns[2].default.as_deref(), Some("'it''s'"));
        let ends_early = read(b"CREATE TABLE t(a INTEGER", Lexis::of(Dialect::Sqlite));
        assert_eq!(ends_early, None);
    }
}
