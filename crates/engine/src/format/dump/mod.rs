//! Dumps of databases: the SQL that mysqldump, pg_dump (`COPY` or `INSERT`), sqlite3's `.dump` and their kin write.
//!
//! A dump is gone over once, without reading values, for its tables and where their rows are; then one table is read like
//! any text. What holds no rows is passed over and counted, broken tuples are rejected one by one.

mod beyond;
mod call;
mod cells;
mod copy;
mod cutter;
mod decoder;
mod detect;
mod directory;
mod moment;
mod place;
mod record;
mod resume;
mod spelled;
mod statement;
#[cfg(test)]
mod tests;
mod text;
pub mod value;

use std::borrow::Cow;

use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::report::{Structure, StructureKind};
use colonnade_protocol::{ErrorInfo, OptionDecl};

use super::sql::{DIALECTS, Dialect, Lexis};
use super::text::options::{encoding_option, fixed, found, record_options, value_options};
use super::{Decoder, Detected, Detection, Format, Split, blocks};
use crate::Result;
use crate::column::ColumnSpec;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::Source;

const DIALECT: &str = "dialect";
const ESCAPES: &str = "backslashEscapes";
const LOOKED_THROUGH: &str = "tablesWithin";
/// Options of values that a dump's own spelling settles.
const SETTLED: [&str; 7] = ["nullValue", "emptyValue", "dateFormat", "timestampFormat", "timestampNTZFormat", "timeFormat", "locale"];

/// The reader of dumps. Memory: flat, but for a row of at most `maxRecordBytes`.
pub struct Dump;

impl Format for Dump {
    fn id(&self) -> &'static str {
        "dump"
    }

    fn title(&self) -> &'static str {
        "SQL dump"
    }

    fn options(&self) -> Vec<OptionDecl> {
        let dialects = DIALECTS.iter().map(|&(id, title)| (Cow::Borrowed(id), Cow::Borrowed(title))).collect();
        let mut options = vec![
            blocks::table_option(),
            encoding_option(),
            found(DIALECT, &[], "Dialect", OptionKind::Choice(dialects), Affects::Detect, "Whose SQL the dump is."),
            found(
                ESCAPES,
                &[],
                "Backslash escapes",
                OptionKind::Flag,
                Affects::Detect,
                "Whether a backslash in '...' begins an escape: always in MySQL, in PostgreSQL only where a dump says so.",
            ),
            fixed(
                LOOKED_THROUGH,
                &[],
                "Tables within, MB",
                OptionKind::Integer { min: 0, max: 1 << 30 },
                "512",
                Affects::Detect,
                "How many megabytes are looked through for tables before the first is shown. A table that is named is looked for in the whole file. 0: all of it.",
            ),
        ];
        options.extend(record_options());
        options.extend(value_options().into_iter().filter(|option| !SETTLED.contains(&option.id.as_ref())).map(as_databases_write));
        options
    }

    fn confidence(&self, sample: &Sample, _name: &str) -> f32 {
        detect::likeness(sample)
    }

    fn detect_in(&self, source: &dyn Source, sample: &Sample, settings: Settings) -> Result<Detected> {
        detect::detect(source, sample, settings)
    }

    /// Without the source there are no tables to tell.
    fn detect(&self, _sample: &Sample, _settings: Settings) -> Result<Detection> {
        Err(ErrorInfo::new(colonnade_protocol::ErrorKind::Internal, "a dump is looked through as a whole", "Please report this."))
    }

    /// A tuple is guessed by what stands before it, a line by its end; the job sees to it that it is one.
    fn split(&self, settings: &Settings) -> Split {
        text::split(settings)
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decoder::DumpDecoder::new(settings, columns)?))
    }

    fn structure(&self, _settings: &Settings) -> Structure {
        Structure::new(StructureKind::Structured, "statements declare tables, and every row has its table's columns")
    }
}

/// PostgreSQL writes infinity in full.
fn as_databases_write(mut option: OptionDecl) -> OptionDecl {
    match option.id.as_ref() {
        "positiveInf" => option.default = Some("Infinity".into()),
        "negativeInf" => option.default = Some("-Infinity".into()),
        _ => {}
    }
    option
}

/// What marks mean, as these settings say.
fn lexis(settings: &Settings) -> Lexis {
    Lexis { dialect: Dialect::by_id(settings.text(DIALECT)), escapes: settings.flag(ESCAPES) }
}
