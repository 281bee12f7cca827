//! The command line's grammar.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use colonnade_protocol::message::Overrides;

use crate::columns;

/// Turns rows into columns: files of many formats to Parquet, typed, checked, nothing lost.
#[derive(Parser)]
#[command(name = "colonnade", version, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Convert files to Parquet (or Arrow IPC, CSV, JSON Lines, SQL)
    Convert(Convert),
    /// Show what a file is: format, settings, schema with evidence, first rows
    Inspect(Inspect),
    /// List every option of a format or output with its default and help
    Options {
        /// A format such as csv, or output
        of: String,
    },
}

#[derive(Args)]
pub struct Convert {
    /// Files to read, and folders, of which every file is read
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// The file to write; its extension says the format (parquet, arrow, csv, jsonl, sql). Or a folder, which gets one file for
    /// each table
    #[arg(short, long)]
    pub output: PathBuf,
    /// Which files (and members of archives, and tables of a file) become one table, their columns united by name [default: shape
    /// where -o names a file, else never]
    #[arg(long, value_enum, value_name = "WHICH")]
    pub union: Option<Union>,
    #[command(flatten)]
    pub reading: Reading,
    /// Write the report, as JSON
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
    /// Write every rejected or repaired record with place and reason, as CSV
    #[arg(long, value_name = "FILE.csv")]
    pub rejects: Option<PathBuf>,
    /// Worker threads [default: as many as cores]; the output does not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// Which of the tables that are read become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Union {
    /// None: each is a table by itself
    Never,
    /// Those of one format with largely the same columns
    Shape,
    /// All
    All,
}

#[derive(Args)]
pub struct Inspect {
    /// The files to look at, and folders; of several it is shown which are one table
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Rows to show
    #[arg(long, default_value_t = 10)]
    pub rows: usize,
}

/// How inputs are read, and for `convert` written.
#[derive(Args)]
pub struct Reading {
    /// Set an option by its name (repeat for more; `colonnade options csv` lists them)
    #[arg(long, value_name = "OPTION=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// The schema as Spark DDL: "id bigint, name string, price decimal(9,2)". It holds by position; where several files become one
    /// table by the names of those whose columns it names, and a column that a file lacks is null there
    #[arg(long, value_name = "DDL")]
    pub schema: Option<String>,
    /// The type of one column, as Spark DDL (repeat for more). COLUMN is its name or its number, as in `#2`
    #[arg(long = "type", value_name = "COLUMN=TYPE", value_parser = pair)]
    pub types: Vec<(String, String)>,
    /// The pattern that the values of one column are written by: dd.MM.yyyy, #.##0,00
    #[arg(long = "pattern", value_name = "COLUMN=PATTERN", value_parser = pair)]
    pub patterns: Vec<(String, String)>,
    /// The name of one column in the output
    #[arg(long = "rename", value_name = "COLUMN=NAME", value_parser = pair)]
    pub names: Vec<(String, String)>,
    /// The parse mode: PERMISSIVE, DROPMALFORMED or FAILFAST
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,
}

impl Reading {
    /// Every option given, in order; those that `mine` names, and the rest.
    pub fn split(&self, mine: impl Fn(&str) -> bool) -> (Vec<(String, String)>, Overrides) {
        let (taken, mut rest): (Vec<_>, Vec<_>) = self.set.iter().cloned().partition(|(name, _)| mine(name));
        rest.extend(self.mode.iter().map(|mode| ("mode".to_owned(), mode.clone())));
        rest.extend(self.schema.iter().map(|schema| ("schema".to_owned(), schema.clone())));
        (taken, Overrides { options: rest, columns: columns::said(&self.types, &self.patterns, &self.names) })
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}
