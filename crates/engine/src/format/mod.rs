//! Formats: what a reader declares and does. Each format is one folder here and one entry in [`FORMATS`].

#[cfg(feature = "every-format")]
mod arrow;
#[cfg(feature = "every-format")]
mod avro;
pub mod blocks;
#[cfg(feature = "every-format")]
mod columnar;
pub(crate) mod corrupt;
pub mod csv;
#[cfg(feature = "every-format")]
mod dump;
mod faults;
#[cfg(feature = "every-format")]
pub mod fixed;
pub mod foreign;
#[cfg(feature = "every-format")]
mod html;
pub mod json;
mod lines;
#[cfg(feature = "every-format")]
pub mod log;
mod named;
#[cfg(feature = "every-format")]
mod orc;
#[cfg(feature = "every-format")]
mod parquet;
#[cfg(feature = "every-format")]
pub(crate) mod spark;
#[cfg(feature = "every-format")]
mod sql;
#[cfg(feature = "every-format")]
mod sqlite;
pub mod text;
#[cfg(feature = "every-format")]
pub mod texttable;
mod tree;
mod typed;
mod wide;
#[cfg(feature = "every-format")]
mod workbook;
#[cfg(feature = "every-format")]
pub mod xml;

use std::borrow::Cow;

use arrow_array::ArrayRef;
use colonnade_protocol::message::{RawLine, SentencePart};
use colonnade_protocol::report::{Finding, Fix, Structure, StructureKind};
use colonnade_protocol::{Affects, Cause, Counts, ErrorInfo, ErrorKind, OptionDecl, OptionKind, Place, Reject};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::ColumnSpec;
use crate::decisions::Told;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::Source;

#[cfg(feature = "every-format")]
use blocks::pick_table;
pub use blocks::{BlockFormat, BlockReader, Blocks, OpenedBlocks, TABLE};

/// Every format of this build, in the order in which ties of detection are broken. All but the first two are behind the
/// feature `every-format`.
pub const FORMATS: &[&dyn Format] = &[
    &csv::Csv,
    &json::lines::JsonLines,
    #[cfg(feature = "every-format")]
    &json::document::Json,
    #[cfg(feature = "every-format")]
    &json::columns::JsonColumns,
    #[cfg(feature = "every-format")]
    &texttable::TextTable,
    #[cfg(feature = "every-format")]
    &fixed::FixedWidth,
    #[cfg(feature = "every-format")]
    &parquet::Parquet,
    #[cfg(feature = "every-format")]
    &arrow::Arrow,
    #[cfg(feature = "every-format")]
    &avro::Avro,
    #[cfg(feature = "every-format")]
    &orc::Orc,
    #[cfg(feature = "every-format")]
    &log::Log,
    #[cfg(feature = "every-format")]
    &xml::Xml,
    #[cfg(feature = "every-format")]
    &workbook::Workbook,
    #[cfg(feature = "every-format")]
    &html::Html,
    #[cfg(feature = "every-format")]
    &dump::Dump,
    #[cfg(feature = "every-format")]
    &sqlite::Sqlite,
];

/// Id and title of every format there is, in the order of [`FORMATS`], whether this build has it or not.
pub const KNOWN: &[(&str, &str)] = &[
    ("csv", "CSV"),
    ("jsonl", "JSON Lines"),
    ("json", "JSON"),
    ("jsoncolumns", "JSON in columns"),
    ("texttable", "Text table"),
    ("fixed", "Fixed width"),
    ("parquet", "Parquet"),
    ("arrow", "Arrow IPC"),
    ("avro", "Avro"),
    ("orc", "ORC"),
    ("log", "Log"),
    ("xml", "XML"),
    ("workbook", "Spreadsheet"),
    ("html", "HTML table"),
    ("dump", "SQL dump"),
    ("sqlite", "SQLite"),
];

/// How many of [`FORMATS`], from the first, every build has.
pub const LIGHT: usize = 2;

/// Whether this build has every format.
pub const HAS_EVERY: bool = cfg!(feature = "every-format");

/// A reader of one format.
pub trait Format: Sync {
    /// `csv`
    fn id(&self) -> &'static str;
    /// `CSV`
    fn title(&self) -> &'static str;
    /// Its options, in the order of its form.
    fn options(&self) -> Vec<OptionDecl>;
    /// How sure the sample (and the name, as a hint) makes it that this is the format; 0 is "not at all".
    fn confidence(&self, sample: &Sample, name: &str) -> f32;
    /// The reader of a format that is read by random access: it is asked instead of `detect`, `split` and `decoder`.
    fn blocks(&self) -> Option<&dyn BlockFormat> {
        None
    }
    /// Finds settings and columns from the sample. What `settings` says by a person's word is taken as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] where there is nothing to read.
    fn detect(&self, _sample: &Sample, _settings: Settings) -> Result<Detection> {
        Err(blocks::not_pushed(self.title()))
    }
    /// As `detect`, for a format that must see more than a sample: that tells tables apart, of which the option [`TABLE`] picks one.
    ///
    /// # Errors
    /// Those of `detect` and of the source; [`ErrorKind::Usage`] for a table that is not there.
    fn detect_in(&self, _source: &dyn Source, sample: &Sample, settings: Settings) -> Result<Detected> {
        Ok(Detected { detection: self.detect(sample, settings)?, tables: Vec::new(), end: None })
    }
    /// How its source may be cut into units.
    fn split(&self, _settings: &Settings) -> Split {
        Split::Not
    }
    /// How a person is told of what an option's setting has decided about records, and what can be decided instead.
    fn told(&self, _option: &str) -> Option<Told> {
        None
    }
    /// A decoder for one unit. `columns` is the schema to decode into.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where settings cannot be brought together.
    fn decoder(&self, _settings: &Settings, _columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        Err(blocks::not_pushed(self.title()))
    }
    /// How much structure a source of these settings has, and why. Without a word of the format's own: that of a table.
    fn structure(&self, _settings: &Settings) -> Structure {
        Structure::new(StructureKind::Structured, "every record has the same fields in the same order, named once or not at all")
    }
    /// Changes of one option that may set right `rejects`, records of this cause; each is tried on them before it is
    /// offered, and only the first that works is.
    fn remedies(&self, _cause: Cause, _settings: &Settings, _rejects: &[&Reject]) -> Vec<Fix> {
        Vec::new()
    }
    /// Where a text may stand beside the members of its record, as in XML: the name of the member that is that text. Two types
    /// of one column then meet in a struct with such a member, or a list, and not in JSON text.
    fn text_member(&self, _settings: &Settings) -> Option<String> {
        None
    }
    /// Lets a schema given by a person win over what was found: here column by column in their order (Spark's
    /// `enforceSchema`).
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where the schema has more or fewer columns.
    fn impose(&self, detection: &mut Detection, given: Vec<ColumnSpec>) -> Result<()> {
        corrupt::settle(detection, &given)?;
        let columns = &mut detection.columns;
        if given.len() != columns.len() {
            let what = format!("the schema has {} columns and the source {}", given.len(), columns.len());
            return Err(ErrorInfo::new(ErrorKind::Usage, what, "Name every column of the source, in its order."));
        }
        for (column, given) in columns.iter_mut().zip(given) {
            column.name = given.name;
            column.choose(given.data_type, given.pattern);
        }
        Ok(())
    }
}

/// The option that every table has: which format it is read as. A choice of all [`KNOWN`].
pub fn option() -> OptionDecl {
    let choices = KNOWN.iter().map(|&(id, title)| (Cow::Borrowed(id), Cow::Borrowed(title))).collect();
    OptionDecl {
        id: "format".into(),
        aliases: Cow::Borrowed(&[]),
        title: "Format".into(),
        kind: OptionKind::Choice(choices),
        default: None,
        help: "What the file is read as. Options that only another format has are given back to detection when it changes.".into(),
        affects: Affects::Detect,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    }
}

/// What a person can say of a file of which nothing is known.
pub fn file_options() -> Vec<OptionDecl> {
    vec![option(), text::options::encoding_option()]
}

/// The format with this id.
pub fn by_id(id: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == id)
}

/// What becomes of a record that does not fit, under Spark's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseMode {
    /// Keep it, with null for what does not fit.
    Permissive,
    /// Reject it.
    DropMalformed,
    /// Stop at the first.
    FailFast,
}

impl ParseMode {
    /// The `mode` option in force.
    pub fn of(settings: &Settings) -> Self {
        match settings.text("mode") {
            "DROPMALFORMED" => Self::DropMalformed,
            "FAILFAST" => Self::FailFast,
            _ => Self::Permissive,
        }
    }
}

/// How a source may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Split {
    /// One unit reads all.
    Not,
    /// Anywhere, at multiples of `align` bytes: the decoder finds the first record.
    Ranges { align: u64 },
    /// One unit after another, each from the record at which the one before it ended: for sources whose records cannot be
    /// found from the middle. The decoder needs nothing but the bytes from there on.
    InOrder,
}

/// What detection found: how to read the source, and its columns.
#[derive(Debug, Clone)]
pub struct Detection {
    pub confidence: f32,
    pub sentence: Vec<SentencePart>,
    pub settings: Settings,
    /// With types inferred from the sample, unless a person chose them.
    pub columns: Vec<ColumnSpec>,
    pub findings: Vec<Finding>,
    /// Where the first record begins: after byte order mark, preamble and header.
    pub data_start: Place,
    /// Lines before `data_start` that are no rows.
    pub skipped: u64,
    pub raw_lines: Vec<RawLine>,
    /// From the sample's mean record length.
    pub estimated_rows: u64,
}

/// What [`Format::detect_in`] found.
#[derive(Debug, Clone)]
pub struct Detected {
    pub detection: Detection,
    /// The names of the source's tables; empty where it is one table.
    pub tables: Vec<String>,
    /// Where the table's rows end, if before the source does; the decoder stops there by itself.
    pub end: Option<u64>,
}

/// A push decoder: bytes in, rows out. It does no I/O and keeps no bytes between calls.
pub trait Decoder {
    /// The offset within `input` where a record begins, for a unit that starts anywhere: the first record boundary at
    /// or after `from`. `input` starts before `from` where the source does. `None`: none within `input`. A guess
    /// where a record may hold what looks like a boundary: the unit before tells.
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize>;

    /// Decodes the whole records at the start of `input.bytes`.
    ///
    /// # Errors
    /// A record that breaks the format under FAILFAST, with its place; all other bad records are rejects in the batch.
    fn decode(&mut self, input: Input<'_>) -> Result<Decoded>;
}

/// What a decoder is given in one call.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Starts at a record's first byte.
    pub bytes: &'a [u8],
    /// The place of `bytes[0]`; its line is counted from the start of the unit.
    pub place: Place,
    /// Records that begin at or after this source offset belong to the next unit.
    pub limit: u64,
    /// Whether `bytes` ends where the source ends.
    pub at_end: bool,
}

/// What came of one call.
#[derive(Debug, Default)]
pub struct Decoded {
    /// Bytes used; the rest is to be given again with more behind it. 0: the first record is not whole yet.
    pub consumed: usize,
    /// Lines within the bytes used.
    pub lines: u64,
    /// The unit's last record is in this batch, or before it.
    pub done: bool,
    pub batch: Batch,
}

/// Rows in columns, with what became of the records that are not among them.
#[derive(Debug, Default)]
pub struct Batch {
    /// One array per column of the schema, all of `rows` length. Empty once a column must be widened: the unit is
    /// decoded again anyway.
    pub columns: Vec<ArrayRef>,
    pub rows: usize,
    /// Source offset of the record of each row.
    pub starts: Vec<u64>,
    pub counts: Counts,
    /// In source order; places as [`Input::place`] counts them.
    pub rejects: Vec<Reject>,
    /// Columns whose inferred type a value does not fit, with the type they need now, and columns that the schema does not
    /// have yet; each with a name of its own.
    pub widened: Vec<ColumnSpec>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_every_format_names_are_unique_and_every_default_is_a_value() {
        for format in FORMATS {
            let options = format.options();
            for option in &options {
                let named = format!("{}: {}", format.id(), option.id);
                assert!(option.help.ends_with('.'), "{named}");
                assert_eq!(options.iter().filter(|other| other.is_named(&option.id)).count(), 1, "{named}");
                if let Some(default) = &option.default {
                    assert_eq!(option.check(default).as_deref(), Ok(default.as_ref()), "{named}");
                }
            }
        }
    }

    #[test]
    fn every_format_is_known_by_id_and_title() {
        let built: Vec<_> = FORMATS.iter().map(|format| (format.id(), format.title())).collect();
        assert_eq!(built, KNOWN[..built.len()]);
        assert_eq!(built.len(), if HAS_EVERY { KNOWN.len() } else { LIGHT });
    }
}
