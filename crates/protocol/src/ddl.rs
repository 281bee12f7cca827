//! Types and schemas as Spark DDL: `id bigint, price decimal(9,2) COMMENT 'net', tags array<string>`.

use std::fmt;

use crate::types::{Field, LogicalType};

/// Types nest at most so deep.
const MAX_DEPTH: usize = 32;

/// Why a text is no DDL, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DdlError {
    /// The character at fault, 1-based.
    pub character: usize,
    pub what: String,
}

impl fmt::Display for DdlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at character {}", self.what, self.character)
    }
}

impl std::error::Error for DdlError {}

/// Reads a list of columns, each `name type [NOT NULL] [COMMENT 'text']`, names with other characters than letters, digits
/// and `_` in backticks. `NOT NULL` and comments have no effect: every column read from a file may be null, as in Spark.
///
/// # Errors
/// What is wrong and where, also for a name given twice and for no column at all.
pub fn parse_schema(text: &str) -> Result<Vec<Field>, DdlError> {
    let mut parser = Parser { text, at: 0 };
    let mut columns: Vec<Field> = Vec::new();
    loop {
        parser.skip_blanks();
        let at = parser.at;
        let column = parser.column()?;
        if columns.iter().any(|other| other.name == column.name) {
            return Err(parser.error(at, format!("the column {:?} is given twice", column.name)));
        }
        columns.push(column);
        if !parser.take(',') {
            parser.end()?;
            return Ok(columns);
        }
    }
}

/// Reads one type, nested or not.
///
/// # Errors
/// What is wrong and where.
pub fn parse_type(text: &str) -> Result<LogicalType, DdlError> {
    let mut parser = Parser { text, at: 0 };
    let data_type = parser.data_type(0)?;
    parser.end()?;
    Ok(data_type)
}

struct Parser<'a> {
    text: &'a str,
    /// The byte that is next.
    at: usize,
}

impl<'a> Parser<'a> {
    fn column(&mut self) -> Result<Field, DdlError> {
        let name = self.name()?;
        self.take(':');
        let data_type = self.data_type(0)?;
        if self.take_word("not") {
            self.must_take_word("null")?;
        }
        if self.take_word("comment") {
            self.quoted('\'', "a comment in single quotes")?;
        }
        Ok(Field { name, data_type })
    }

    fn data_type(&mut self, depth: usize) -> Result<LogicalType, DdlError> {
        self.skip_blanks();
        let at = self.at;
        if depth > MAX_DEPTH {
            return Err(self.error(at, format!("types nest deeper than {MAX_DEPTH}")));
        }
        let word = self.word().to_ascii_lowercase();
        Ok(match word.as_str() {
            "boolean" | "bool" => LogicalType::Boolean,
            "tinyint" | "byte" | "int8" => LogicalType::Int8,
            "smallint" | "short" | "int16" => LogicalType::Int16,
            "int" | "integer" | "int32" => LogicalType::Int32,
            "bigint" | "long" | "int64" => LogicalType::Int64,
            "float" | "real" | "float32" => LogicalType::Float,
            "double" => {
                self.take_word("precision");
                LogicalType::Double
            }
            "float64" | "doubleprecision" => LogicalType::Double,
            "string" | "text" => LogicalType::String,
            "varchar" | "char" => {
                self.arguments()?;
                LogicalType::String
            }
            "binary" => LogicalType::Binary,
            "date" => LogicalType::Date,
            "timestamp" | "timestamptz" | "timestamp_ltz" => LogicalType::Timestamp,
            "timestamp_ntz" => LogicalType::TimestampNtz,
            "time" => {
                self.arguments()?;
                LogicalType::Time
            }
            "uuid" => LogicalType::Uuid,
            "json" => LogicalType::Json,
            "void" => LogicalType::Void,
            "decimal" | "dec" | "numeric" => self.decimal(at)?,
            "array" => {
                self.must_take('<')?;
                let element = self.data_type(depth + 1)?;
                self.must_take('>')?;
                LogicalType::List(Box::new(element))
            }
            "map" => {
                self.must_take('<')?;
                self.must_take_word("string")?;
                self.must_take(',')?;
                let value = self.data_type(depth + 1)?;
                self.must_take('>')?;
                LogicalType::Map(Box::new(value))
            }
            "struct" => LogicalType::Struct(self.members(depth)?),
            "" => return Err(self.error(at, "a type is missing".to_owned())),
            _ => return Err(self.error(at, format!("{word:?} is not a type; known are {KNOWN}"))),
        })
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Field>, DdlError> {
        self.must_take('<')?;
        let mut members = Vec::new();
        if self.take('>') {
            return Ok(members);
        }
        loop {
            let name = self.name()?;
            self.take(':');
            members.push(Field { name, data_type: self.data_type(depth + 1)? });
            if !self.take(',') {
                self.must_take('>')?;
                return Ok(members);
            }
        }
    }

    fn decimal(&mut self, at: usize) -> Result<LogicalType, DdlError> {
        let (precision, scale) = match self.arguments()?[..] {
            [] => (10, 0),
            [precision] => (precision, 0),
            [precision, scale] => (precision, scale),
            _ => return Err(self.error(at, "a decimal has a precision and a scale".to_owned())),
        };
        if !(1..=38).contains(&precision) || scale > precision {
            let what = "a decimal has 1 to 38 digits, and no more after the point than in all";
            return Err(self.error(at, what.to_owned()));
        }
        Ok(LogicalType::Decimal { precision, scale })
    }

    /// Numbers in parentheses, or none.
    fn arguments(&mut self) -> Result<Vec<u8>, DdlError> {
        let mut arguments = Vec::new();
        if !self.take('(') {
            return Ok(arguments);
        }
        loop {
            self.skip_blanks();
            let at = self.at;
            let argument = self.word().parse().map_err(|_| self.error(at, "a number up to 255 is missing".to_owned()))?;
            arguments.push(argument);
            if !self.take(',') {
                self.must_take(')')?;
                return Ok(arguments);
            }
        }
    }

    fn name(&mut self) -> Result<String, DdlError> {
        self.skip_blanks();
        let at = self.at;
        let name = if self.rest().starts_with('`') { self.quoted('`', "a name")? } else { self.word().to_owned() };
        if name.is_empty() { Err(self.error(at, "a name is missing".to_owned())) } else { Ok(name) }
    }

    /// Text in quotes, of which two stand for one.
    fn quoted(&mut self, quote: char, what: &str) -> Result<String, DdlError> {
        self.skip_blanks();
        let start = self.at;
        if !self.take(quote) {
            return Err(self.error(start, format!("{what} is missing")));
        }
        let mut text = String::new();
        loop {
            let Some(end) = self.rest().find(quote) else {
                return Err(self.error(start, format!("{quote} is never closed")));
            };
            text.push_str(&self.rest()[..end]);
            self.at += end + 1;
            if !self.rest().starts_with(quote) {
                return Ok(text);
            }
            text.push(quote);
            self.at += 1;
        }
    }

    /// Letters, digits and `_`; empty where there are none.
    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let rest = self.rest();
        let word = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn take_word(&mut self, expected: &str) -> bool {
        let before = self.at;
        let found = self.word().eq_ignore_ascii_case(expected);
        if !found {
            self.at = before;
        }
        found
    }

    fn must_take_word(&mut self, expected: &str) -> Result<(), DdlError> {
        if self.take_word(expected) { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn take(&mut self, expected: char) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len_utf8();
        }
        found
    }

    fn must_take(&mut self, expected: char) -> Result<(), DdlError> {
        if self.take(expected) { Ok(()) } else { Err(self.expected(&expected.to_string())) }
    }

    fn end(&mut self) -> Result<(), DdlError> {
        self.skip_blanks();
        if self.rest().is_empty() { Ok(()) } else { Err(self.expected("a comma or the end")) }
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn expected(&self, what: &str) -> DdlError {
        let found = match self.rest().chars().next() {
            Some(c) => format!("{c:?} stands"),
            None => "the text ends".to_owned(),
        };
        self.error(self.at, format!("{found} where {what} is expected"))
    }

    fn error(&self, at: usize, what: String) -> DdlError {
        DdlError { character: self.text[..at].chars().count() + 1, what }
    }
}

/// The types that can be written.
const KNOWN: &str = "boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s), string, binary, date, timestamp, timestamp_ntz, time, uuid, json, array<>, map<string,>, struct<>";

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> String {
        match parse_schema(text) {
            Ok(columns) => columns.iter().map(|c| format!("{}={}", c.name, c.data_type)).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn columns_are_read_with_names_types_and_comments() {
        assert_eq!(
            schema("id BIGINT NOT NULL, `odd `` name, x` decimal( 9 , 2 ) COMMENT 'it''s, net', größe: double precision"),
            "id=bigint odd ` name, x=decimal(9,2) größe=double"
        );
        assert_eq!(
            schema("a array<struct<b:int,`c d`:map<string,date>>>, e varchar(20)"),
            "a=array<struct<b:int,`c d`:map<string,date>>> e=string"
        );
        assert_eq!(schema("comment string comment 'c', not int"), "comment=string not=int");
    }

    #[test]
    fn errors_name_their_place() {
        for (text, expected) in [
            ("", "a name is missing, at character 1"),
            ("id", "a type is missing, at character 3"),
            ("id bigint,", "a name is missing, at character 11"),
            ("id bigint x", "'x' stands where a comma or the end is expected, at character 11"),
            ("größe decimal(39,0)", "a decimal has 1 to 38 digits, and no more after the point than in all, at character 7"),
            ("a decimal(4,x)", "a number up to 255 is missing, at character 13"),
            ("a decimal(4", "the text ends where ) is expected, at character 12"),
            ("a array<int", "the text ends where > is expected, at character 12"),
            ("a map<int,int>", "'i' stands where string is expected, at character 7"),
            ("`a int", "` is never closed, at character 1"),
            ("a int comment net", "a comment in single quotes is missing, at character 15"),
            ("a int, a string", "the column \"a\" is given twice, at character 8"),
        ] {
            assert_eq!(schema(text), expected, "{text}");
        }
        assert!(schema("a number").starts_with("\"number\" is not a type; known are boolean,"));
    }

    #[test]
    fn types_nested_too_deep_are_refused_and_not_overflowed() {
        let text = "array<".repeat(100_000);
        assert!(parse_type(&text).unwrap_err().what.contains("nest deeper"));
    }
}
