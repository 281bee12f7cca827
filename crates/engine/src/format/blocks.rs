//! The second kind of reading: by random access, for formats with a footer or a directory.
//!
//! A position in such a source is the number of a row, not a byte: in units, in the row index, in places of rejects. It is
//! known for certain, so that every unit begins where it was told.

use std::borrow::Cow;

use colonnade_protocol::{Affects, ErrorInfo, ErrorKind, OptionDecl, OptionKind};

use super::{Decoded, Detection};
use crate::Result;
use crate::column::ColumnSpec;
use crate::settings::Settings;
use crate::source::SharedSource;

pub use crate::extent::Blocks;

/// The option that picks one of a source's tables.
pub const TABLE: &str = "table";

/// A reader of a format that is read by random access. Everything it reads of a source it checks against the source's
/// length before it makes room for it.
pub trait BlockFormat: Sync {
    /// Finds settings, columns, tables and blocks, without reading the rows: from the footer or directory, or by going from
    /// block to block. `name` is a hint.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::Malformed`], [`ErrorKind::Limit`], [`ErrorKind::Usage`] for a table that is not
    /// there, and those of the source.
    fn open(&self, source: &SharedSource, name: &str, settings: Settings) -> Result<OpenedBlocks>;

    /// A reader of rows as these columns.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`ErrorKind::Usage`] for a column type that the source's cannot be read as.
    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>>;
}

/// What opening found.
#[derive(Debug, Clone)]
pub struct OpenedBlocks {
    /// Its `data_start` is made from `blocks`.
    pub detection: Detection,
    /// The names of the source's tables, of which the option [`TABLE`] picks one; empty where it is one table.
    pub tables: Vec<String>,
    /// Where units may be cut.
    pub blocks: Blocks,
}

/// Reads rows of one table. It may keep what it holds of a block between calls: they usually go on where the last ended.
pub trait BlockReader {
    /// At most `most` rows from row `first` on, fewer where they are large. [`Decoded::consumed`] counts rows of the source,
    /// those rejected or skipped too, and is 0 only behind the last row; [`Batch::starts`](super::Batch::starts) are their
    /// numbers, and a reject's place is a [`Place::row`](colonnade_protocol::Place::row).
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] under FAILFAST; what of the file cannot be read at all; those of the source.
    fn read(&mut self, first: u64, most: usize) -> Result<Decoded>;
}

/// The declaration of the option `table`, for formats whose sources hold several.
pub fn table_option() -> OptionDecl {
    OptionDecl {
        id: TABLE.into(),
        aliases: Cow::Borrowed(&[Cow::Borrowed("sheetName"), Cow::Borrowed("dbtable")]),
        title: "Table".into(),
        kind: OptionKind::Text { max_chars: 255 },
        default: None,
        help: "The table or sheet that is read, by its name. The first, unless said otherwise.".into(),
        affects: Affects::Detect,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    }
}

/// The position in `tables` of the one that the option `table` names, or of the first, which is then put in force.
///
/// # Errors
/// [`ErrorKind::Usage`] for a name that no table has, [`ErrorKind::Empty`] where there is no table.
pub fn pick_table(tables: &[String], settings: &mut Settings) -> Result<usize> {
    let Some(first) = tables.first() else {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file holds no table", "Choose another file."));
    };
    let Some(wanted) = settings.get(TABLE) else {
        let evidence = if tables.len() == 1 { "the only one".to_owned() } else { format!("the first of {}", tables.len()) };
        settings.detect(TABLE, first.as_str(), 1.0, evidence);
        return Ok(0);
    };
    let exact = tables.iter().position(|table| table == wanted);
    exact.or_else(|| tables.iter().position(|table| table.eq_ignore_ascii_case(wanted))).ok_or_else(|| {
        let known: Vec<_> = tables.iter().take(20).map(|table| format!("{table:?}")).collect();
        let more = if tables.len() > known.len() { ", ..." } else { "" };
        ErrorInfo::new(ErrorKind::Usage, format!("there is no table {wanted:?} here"), format!("There are {}{more}.", known.join(", ")))
    })
}

pub(super) fn not_pushed(title: &str) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, format!("{title} is read by random access"), "Please report this.")
}
