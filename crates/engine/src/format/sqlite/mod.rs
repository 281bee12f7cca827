//! SQLite's database files, by a reader of our own: tables only, page by page.
//!
//! SQLite keeps a type with every value and holds none to its column's, so columns are read as those of a text are: as
//! declared where that means a type and all values fit it, else as the values tell.
//!
//! Memory: a few pages, one row, and a place for every two megabytes of the table.

mod kin;
mod pager;
mod record;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::Arc;

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::report::{Finding, Structure, StructureKind};
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType, OptionDecl, Origin, Place};
use encoding_rs::UTF_8;

use super::blocks::{TABLE, pick_table, table_option};
use super::columnar;
use super::csv::detect::names;
use super::sql::{Dialect, types};
use super::text::options::value_options;
use super::{BlockFormat, BlockReader, Blocks, Detection, Format, OpenedBlocks};
use crate::Result;
use crate::column::{CellRules, Cells, ColumnSpec, TextEvidence};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use pager::{MAGIC, Pager};
use schema::{Layout, Schema};
use tree::Part;

const INFER: &str = "inferSchema";
/// The setting that holds the parts of the table's tree.
const PARTS: &str = "sqliteParts";
/// Rows that types are told from, in as many places of the table.
const LOOKED_AT: usize = 500;
const PLACES: u64 = 6;

/// How all that was written comes into the one file.
const CHECKPOINT: &str = "Run PRAGMA wal_checkpoint(TRUNCATE) in it, or close the database in its program: all is then in this file.";

/// SQLite's database files.
pub struct Sqlite;

impl Format for Sqlite {
    fn id(&self) -> &'static str {
        "sqlite"
    }

    fn title(&self) -> &'static str {
        "SQLite"
    }

    fn options(&self) -> Vec<OptionDecl> {
        let mut options = vec![table_option()];
        options.extend(columnar::options());
        options.extend(value_options().into_iter().filter(|option| matches!(option.id.as_ref(), INFER | "preferDate" | "timeZone")));
        options
    }

    /// What is of a database and cannot be read is this format's too: it tells why.
    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        let is_own = sample.head.starts_with(MAGIC) || kin::beside(&sample.head).is_some();
        if is_own {
            1.0
        } else if kin::encrypted(sample, name).is_some() {
            0.9
        } else {
            0.0
        }
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }

    fn structure(&self, _settings: &Settings) -> Structure {
        Structure::new(StructureKind::Structured, "a table declares its columns, though a value may be of any type")
    }
}

impl BlockFormat for Sqlite {
    fn open(&self, source: &SharedSource, name: &str, mut settings: Settings) -> Result<OpenedBlocks> {
        let mut pager = Pager::open(source.clone()).map_err(|error| explained(source, name).unwrap_or(error))?;
        let schema = Schema::read(&mut pager)?;
        if pager.has_log && schema.tables.is_empty() {
            let what =
                "this database holds no table, but is in WAL mode: its tables may stand in the file beside it (-wal), which is not read";
            return Err(ErrorInfo::new(ErrorKind::Empty, what, CHECKPOINT));
        }
        let tables: Vec<String> = schema.tables.iter().map(|table| table.name.clone()).collect();
        let (layout, root) = pick(&schema, &tables, &mut settings)?;
        let parts = tree::parts(&mut pager, root)?;
        let (has_log, page_size) = (pager.has_log, pager.page_size);
        settings.detect(PARTS, serde_json::to_string(&parts).unwrap_or_default(), 1.0, "the table's tree");
        let mut blocks = Blocks::starting_at(0);
        let all: u64 = parts.iter().map(|(_, rows)| rows).sum();
        parts.iter().for_each(|&(_, rows)| blocks.push(rows, (source.len() as f64 * (rows as f64 / all.max(1) as f64)) as u64));
        let mut columns = declared(&layout, &settings);
        let computed = layout.computed.clone();
        let mut table = rows::Table::new(pager, layout, parts);
        settle(&mut table, &mut columns, all, &settings)?;
        let detection = Detection {
            confidence: 1.0,
            sentence: sentence(&settings, tables.len(), all, columns.len(), page_size),
            findings: findings(&schema, &computed, has_log),
            columns,
            settings,
            data_start: Place::row(0),
            skipped: 0,
            raw_lines: Vec::new(),
            estimated_rows: all,
        };
        Ok(OpenedBlocks { detection, tables, blocks })
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let mut pager = Pager::open(source.clone())?;
        let schema = Schema::read(&mut pager)?;
        let tables: Vec<String> = schema.tables.iter().map(|table| table.name.clone()).collect();
        let (layout, root) = pick(&schema, &tables, &mut settings.clone())?;
        let parts: Vec<Part> = match serde_json::from_str(settings.text(PARTS)) {
            Ok(parts) => parts,
            Err(_) => tree::parts(&mut pager, root)?,
        };
        if layout.columns.len() != columns.len() {
            let what = format!("the schema has {} columns and the table {}", columns.len(), layout.columns.len());
            return Err(ErrorInfo::new(ErrorKind::Usage, what, "Name every column of the table, in its order."));
        }
        Ok(Box::new(rows::Reader::new(rows::Table::new(pager, layout, parts), settings, columns)?))
    }
}

/// The table that the settings name, or the first: how its records are laid out, and where its tree begins.
fn pick(schema: &Schema, tables: &[String], settings: &mut Settings) -> Result<(Layout, u32)> {
    let picked = pick_table(tables, settings)?;
    let table = schema.tables.get(picked).ok_or_else(|| malformed("the table is not there"))?;
    let created =
        table.created.as_ref().ok_or_else(|| malformed(format!("what the table {} was created by is not understood", table.name)))?;
    let layout = Layout::of(created);
    if layout.columns.is_empty() {
        return Err(ErrorInfo::new(ErrorKind::Empty, format!("the table {} stores no columns", table.name), "Choose another table."));
    }
    Ok((layout, table.root))
}

fn declared(layout: &Layout, settings: &Settings) -> Vec<ColumnSpec> {
    let all = names::unique(layout.columns.iter().map(|column| column.name.clone()).collect());
    let columns = layout.columns.iter().zip(all);
    let spec = |(column, name): (&super::sql::create::Column, names::ColumnName)| {
        let mut spec = ColumnSpec { source_name: name.source_name, ..ColumnSpec::text(name.name) };
        if let Some(data_type) = types::declared(column, Dialect::Sqlite, false).filter(|_| settings.flag(INFER)) {
            spec.data_type = data_type;
            spec.origin = Origin::Detected { confidence: 0.99, evidence: format!("declared as {}", column.words) };
        }
        spec
    };
    columns.map(spec).collect()
}

/// Looks at rows from across the table: what they show goes to every column, and is the type of those without a word of it.
fn settle(table: &mut rows::Table, columns: &mut [ColumnSpec], all: u64, settings: &Settings) -> Result<()> {
    if !settings.flag(INFER) {
        return Ok(());
    }
    let rules = Arc::new(CellRules::new(settings)?);
    let mut evidence: Vec<TextEvidence> = columns.iter().map(|_| TextEvidence::new(&rules, UTF_8)).collect();
    let mut values = vec![0; columns.len()];
    let places = if all > LOOKED_AT as u64 * PLACES { PLACES } else { 1 };
    for place in 0..places {
        let (first, most) = (all / places * place, if places == 1 { usize::MAX } else { LOOKED_AT });
        table.cut(first, most)?;
        let tokens = &table.tokens;
        if tokens.starts.is_empty() {
            continue;
        }
        for (column, evidence) in evidence.iter_mut().enumerate() {
            let cells = Cells { text: &[], scratch: &tokens.scratch, spans: &tokens.spans, stride: columns.len(), column };
            values[column] += cells.iter().filter(|span| !span.is_missing()).count() as u64;
            evidence.observe(cells, &|row| Place::row(first + u64::from(tokens.starts.get(row).copied().unwrap_or_default())));
        }
    }
    for (k, (column, evidence)) in columns.iter_mut().zip(&evidence).enumerate() {
        let (data_type, pattern, origin, seen) = evidence.conclude();
        column.evidence = seen;
        if column.origin == Origin::Default {
            (column.data_type, column.pattern, column.origin) = (data_type, pattern, origin);
            if values[k] > 0 && table.blobs[k] == values[k] {
                (column.data_type, column.pattern) = (LogicalType::Binary, None);
                column.origin = Origin::Detected { confidence: 0.95, evidence: "every value is a blob".to_owned() };
            }
        }
    }
    Ok(())
}

fn sentence(settings: &Settings, tables: usize, rows: u64, columns: usize, page_size: usize) -> Vec<SentencePart> {
    let part = |text: String, option: Option<&str>| SentencePart { text, option: option.map(str::to_owned) };
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    let of = if tables > 1 { format!(" of {tables}") } else { String::new() };
    vec![
        part(format!("SQLite, pages of {page_size} bytes, table "), None),
        part(settings.text(TABLE).to_owned(), Some(TABLE)),
        part(format!("{of}, {rows} row{}, {columns} column{}.", plural(rows), plural(columns as u64)), None),
    ]
}

/// What is wrong with a file that is no database, where it is known.
fn explained(source: &SharedSource, name: &str) -> Option<ErrorInfo> {
    let sample = Sample::read(source.as_ref()).ok()?;
    kin::beside(&sample.head).or_else(|| kin::encrypted(&sample, name))
}

fn findings(schema: &Schema, computed: &[String], has_log: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if has_log {
        let what = format!(
            "The database is in WAL mode: rows that were written last may stand in a file of its own beside it (-wal), which is not read. {CHECKPOINT}"
        );
        findings.push(Finding { what, fix: None });
    }
    if !computed.is_empty() {
        let what = format!("Computed when they are asked for, and stored nowhere (VIRTUAL), so left out: {}", computed.join(", "));
        findings.push(Finding { what, fix: None });
    }
    if !schema.others.is_empty() {
        let named: Vec<_> = schema.others.iter().take(10).cloned().collect();
        let more = if schema.others.len() > named.len() { ", ..." } else { "" };
        findings.push(Finding { what: format!("Without rows of their own, and not read: {}{more}", named.join(", ")), fix: None });
    }
    findings
}

fn malformed(what: impl std::fmt::Display) -> ErrorInfo {
    let hint = "The file is damaged or was cut short: get it again, or let sqlite3 recover it (.recover).";
    ErrorInfo::new(ErrorKind::Malformed, format!("the database cannot be read: {what}"), hint)
}
