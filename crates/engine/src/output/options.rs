//! What a table is saved as: the output's format and that format's options.

use std::borrow::Cow;

use colonnade_protocol::{Affects, ErrorInfo, ErrorKind, OptionDecl, OptionKind};
use serde::{Deserialize, Serialize};

use super::arrow::{ArrowCompression, ArrowOptions};
use super::parquet::{self, Codec, ParquetOptions};
use super::text::csv::CsvOptions;
use super::text::jsonl::JsonLinesOptions;
use super::text::sql::{Dialect, SqlOptions};
use crate::Result;
use crate::settings::Settings;

/// The option that chooses the format. `format` is that of the input.
pub const OUTPUT_FORMAT: &str = "outputFormat";

/// A format that tables are saved in, with its options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum OutputOptions {
    Parquet(ParquetOptions),
    Arrow(ArrowOptions),
    Csv(CsvOptions),
    JsonLines(JsonLinesOptions),
    Sql(SqlOptions),
}

/// What people must know of an output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputFormat {
    pub id: &'static str,
    pub title: &'static str,
    /// Of file names, without the point.
    pub extension: &'static str,
    pub media_type: &'static str,
    pub traits: Traits,
}

/// What a format is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// Whether a person reads it in an editor.
    pub is_text: bool,
    /// Whether the columns' types are in the file.
    pub is_typed: bool,
    /// Whether several machines can read parts of one file, each for itself.
    pub is_splittable: bool,
    /// Whether one column can be read without the others.
    pub is_columnar: bool,
}

/// Every output format, in the order in which they are offered.
pub const OUTPUTS: &[OutputFormat] = &[PARQUET, ARROW, CSV, JSON_LINES, SQL];

const PARQUET: OutputFormat = OutputFormat {
    id: "parquet",
    title: "Parquet",
    extension: "parquet",
    media_type: "application/vnd.apache.parquet",
    traits: Traits { is_text: false, is_typed: true, is_splittable: true, is_columnar: true },
};
const ARROW: OutputFormat = OutputFormat {
    id: "arrow",
    title: "Arrow IPC",
    extension: "arrow",
    media_type: "application/vnd.apache.arrow.file",
    traits: Traits { is_text: false, is_typed: true, is_splittable: true, is_columnar: true },
};
const CSV: OutputFormat = OutputFormat {
    id: "csv",
    title: "CSV",
    extension: "csv",
    media_type: "text/csv",
    // A line break within quotes cannot be told from one that ends a row, from the middle.
    traits: Traits { is_text: true, is_typed: false, is_splittable: false, is_columnar: false },
};
const JSON_LINES: OutputFormat = OutputFormat {
    id: "jsonl",
    title: "JSON Lines",
    extension: "jsonl",
    media_type: "application/jsonl",
    traits: Traits { is_text: true, is_typed: false, is_splittable: true, is_columnar: false },
};
const SQL: OutputFormat = OutputFormat {
    id: "sql",
    title: "SQL",
    extension: "sql",
    media_type: "application/sql",
    traits: Traits { is_text: true, is_typed: true, is_splittable: false, is_columnar: false },
};

impl Default for OutputOptions {
    fn default() -> Self {
        Self::Parquet(ParquetOptions::default())
    }
}

impl OutputOptions {
    /// From settings of [`options`].
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where they cannot be brought together.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        Ok(match settings.text(OUTPUT_FORMAT) {
            "arrow" => Self::Arrow(ArrowOptions {
                compression: match settings.text("arrow.compression") {
                    "zstd" => ArrowCompression::Zstd,
                    "none" => ArrowCompression::None,
                    _ => ArrowCompression::Lz4,
                },
            }),
            "csv" => Self::Csv(CsvOptions {
                separator: separator(settings.text("csv.sep"))?,
                header: settings.flag("csv.header"),
                null: null_word(settings.text("csv.nullValue"))?,
                guard: settings.flag("csv.formulaGuard"),
                crlf: settings.text("csv.lineSep") == "crlf",
            }),
            "jsonl" => Self::JsonLines(JsonLinesOptions { ignore_null_fields: settings.flag("jsonl.ignoreNullFields") }),
            "sql" => Self::Sql(SqlOptions {
                dialect: if settings.text("sql.dialect") == "mysql" { Dialect::MySql } else { Dialect::PostgreSql },
                table: settings.text("sql.table").to_owned(),
                batch_rows: usize::try_from(settings.integer("sql.batchRows")).unwrap_or(1),
            }),
            _ => Self::Parquet(ParquetOptions::from_settings(settings)?),
        })
    }

    /// The format.
    pub fn format(&self) -> OutputFormat {
        match self {
            Self::Parquet(_) => PARQUET,
            Self::Arrow(_) => ARROW,
            Self::Csv(_) => CSV,
            Self::JsonLines(_) => JSON_LINES,
            Self::Sql(_) => SQL,
        }
    }

    /// Whether it takes what only the module with every format has.
    pub fn wants_every_format(&self) -> bool {
        matches!(self, Self::Parquet(options) if options.codec == Codec::Brotli)
    }

    /// The same for a table of this name, where a person has given it no other: SQL speaks of it.
    #[must_use]
    pub fn named(&self, table: &str) -> Self {
        match self {
            Self::Sql(options) if options.table.is_empty() => Self::Sql(SqlOptions { table: table.replace('.', "_"), ..options.clone() }),
            other => other.clone(),
        }
    }
}

/// The options of every output: which, and what each of them can be told.
pub fn options() -> Vec<OptionDecl> {
    let formats: Vec<_> = OUTPUTS.iter().map(|format| (format.id, format.title)).collect();
    let mut options = vec![declare(
        OUTPUT_FORMAT,
        "Format",
        choice(&formats),
        "parquet",
        "What tables are saved as. Parquet is small, typed and read by column; CSV and JSON Lines can be read by people; SQL makes the table in a \
         database.",
    )];
    options.extend(parquet::options());
    options.extend([
        declare(
            "arrow.compression",
            "Compression (Arrow IPC)",
            choice(&[("lz4", "lz4: as Feather files are"), ("zstd", "zstd: smaller"), ("none", "none: for mapping into memory, and JavaScript")]),
            "lz4",
            "How the buffers of record batches are compressed.",
        ).with_synonyms(&[("uncompressed", "none")]),
        declare("csv.sep", "Separator (CSV)", OptionKind::Text { max_chars: 2 }, ",", "One character between cells; \\t is a tab."),
        declare("csv.header", "Header (CSV)", OptionKind::Flag, "true", "Whether the first line holds the columns' names."),
        declare(
            "csv.nullValue",
            "Null (CSV)",
            OptionKind::Text { max_chars: 40 },
            "",
            "What stands for a null. Left empty, a null is an empty cell and an empty text is \"\", so that both read back.",
        ),
        declare(
            "csv.formulaGuard",
            "Guard formulas (CSV)",
            OptionKind::Flag,
            "true",
            "Texts that a spreadsheet would run as a formula (=, +, -, @ first) get an apostrophe before them; how many is said on the receipt.",
        ),
        declare("csv.lineSep", "Line end (CSV)", choice(&[("lf", "LF"), ("crlf", "CR LF, as RFC 4180 has it")]), "lf", "What ends a row."),
        declare(
            "jsonl.ignoreNullFields",
            "Leave out nulls (JSON Lines)",
            OptionKind::Flag,
            "false",
            "Whether members that are null are left out, as Spark does. Kept, every row names every column.",
        ),
        declare(
            "sql.dialect",
            "Dialect (SQL)",
            choice(&[("postgresql", "PostgreSQL (DuckDB, Redshift)"), ("mysql", "MySQL, MariaDB")]),
            "postgresql",
            "Whose types, quotes and escapes.",
        ),
        declare("sql.table", "Table (SQL)", OptionKind::Text { max_chars: 128 }, "", "The table's name, the file's unless given; schema.table is two names."),
        declare(
            "sql.batchRows",
            "Rows in an INSERT (SQL)",
            OptionKind::Integer { min: 1, max: 100_000 },
            "500",
            "At most so many, and at most a megabyte: one statement for many rows loads much faster than one a row.",
        ),
    ]);
    options
}

fn separator(text: &str) -> Result<char> {
    let text = text.replace("\\t", "\t");
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !matches!(c, '"' | '\n' | '\r') => Ok(c),
        _ => Err(ErrorInfo::new(ErrorKind::Usage, format!("csv.sep={text:?} is no separator"), "Give one character, or \\t for a tab.")),
    }
}

fn null_word(text: &str) -> Result<String> {
    if text.contains(['"', '\n', '\r']) {
        let what = format!("csv.nullValue={text:?} cannot stand in a cell without quotes");
        return Err(ErrorInfo::new(ErrorKind::Usage, what, "Give a word such as NULL or \\N."));
    }
    Ok(text.to_owned())
}

fn choice(values: &[(&'static str, &'static str)]) -> OptionKind {
    OptionKind::Choice(values.iter().map(|&(id, title)| (Cow::Borrowed(id), Cow::Borrowed(title))).collect())
}

fn declare(id: &'static str, title: &'static str, kind: OptionKind, default: &'static str, help: &'static str) -> OptionDecl {
    OptionDecl {
        id: Cow::Borrowed(id),
        aliases: Cow::Borrowed(&[]),
        title: Cow::Borrowed(title),
        kind,
        default: Some(Cow::Borrowed(default)),
        help: Cow::Borrowed(help),
        affects: Affects::Output,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FORMATS;

    fn read(given: &[(&str, &str)]) -> Result<OutputOptions> {
        OutputOptions::from_settings(&Settings::new(&options(), given.iter().copied())?)
    }

    #[test]
    fn declared_defaults_are_the_defaults() {
        assert_eq!(read(&[]).unwrap(), OutputOptions::default());
        assert_eq!(read(&[("outputFormat", "csv")]).unwrap(), OutputOptions::Csv(CsvOptions::default()));
        assert_eq!(read(&[("outputFormat", "arrow")]).unwrap(), OutputOptions::Arrow(ArrowOptions::default()));
        assert_eq!(read(&[("outputFormat", "jsonl")]).unwrap(), OutputOptions::JsonLines(JsonLinesOptions::default()));
    }

    #[test]
    fn a_separator_is_one_character() {
        let OutputOptions::Csv(options) = read(&[("outputFormat", "csv"), ("csv.sep", "\\t")]).unwrap() else { panic!() };
        assert_eq!(options.separator, '\t');
        for wrong in ["", "ab", "\""] {
            assert_eq!(read(&[("outputFormat", "csv"), ("csv.sep", wrong)]).unwrap_err().kind, ErrorKind::Usage, "{wrong:?}");
        }
    }

    #[test]
    fn a_sql_table_has_the_files_name_unless_given() {
        let named = |given: &[(&str, &str)]| match read(given).unwrap().named("a.b") {
            OutputOptions::Sql(options) => options.table,
            other => panic!("{other:?}"),
        };
        assert_eq!(named(&[("outputFormat", "sql")]), "a_b");
        assert_eq!(named(&[("outputFormat", "sql"), ("sql.table", "s.t")]), "s.t");
    }

    #[test]
    fn no_option_has_a_name_that_readers_know() {
        let reading = FORMATS.iter().flat_map(|format| format.options());
        for option in reading {
            for name in std::iter::once(&option.id).chain(option.aliases.iter()) {
                assert!(options().iter().all(|output| !output.is_named(name)), "{name}");
            }
        }
    }

    #[test]
    fn no_two_options_have_one_name() {
        let options = options();
        for (k, option) in options.iter().enumerate() {
            assert!(options[..k].iter().all(|other| !other.is_named(&option.id)), "{}", option.id);
        }
    }
}
