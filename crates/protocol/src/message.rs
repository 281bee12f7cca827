//! Every message between the page and the coordinator worker.
//!
//! A message is an [`Envelope`] in postcard's binary form. Files, handles and bulk bytes ride beside it as structured
//! clones or transferred buffers; the variant's doc says which.

use serde::{Deserialize, Serialize};

use crate::error::ErrorInfo;
use crate::option::{OptionDecl, Setting};
use crate::profile::ColumnProfile;
use crate::report::{Counts, Finding, InputReport, RejectGroup, Remedy, Structure};
use crate::schema::ColumnInfo;

/// Raised with every change to this module: page and workers of two versions refuse each other.
pub const PROTOCOL_VERSION: u32 = 11;

/// A dropped file's table, numbered by the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableId(pub u32);

/// A message with its version, and the generation of the table's configuration that it speaks of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub version: u32,
    /// Raised by the page with every [`Configure`](PageMessage::Configure); an answer of an older generation is dropped.
    pub generation: u32,
    pub body: T,
}

/// How a person wants a table read, whole: undo sends the earlier one again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Overrides {
    /// Option id and value; what is not named is automatic.
    pub options: Vec<(String, String)>,
    /// By the column's source name and position.
    pub columns: Vec<ColumnOverride>,
}

/// A person's word about one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnOverride {
    pub index: u32,
    pub source_name: String,
    /// Spark DDL.
    pub data_type: Option<String>,
    pub pattern: Option<String>,
    /// The name in the output.
    pub name: Option<String>,
}

/// What the page asks of the coordinator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PageMessage {
    /// Look at a file. Beside it: the `File`.
    Open { table: TableId, name: String, size: u64, overrides: Overrides },
    /// Look at another table of a file that is open: `overrides` name it.
    OpenSibling { table: TableId, of: TableId, overrides: Overrides },
    /// Look at a member of an archive, by its number in [`Archive`](CoordinatorMessage::Archive).
    OpenMember { table: TableId, of: TableId, member: u32, name: String, overrides: Overrides },
    /// Say which of these tables, all of which were looked at, are of one shape.
    Shapes { tables: Vec<TableId> },
    /// Make one table of several files, which are tables: they are read for it alone until it is closed.
    Unite { table: TableId, members: Vec<TableId>, overrides: Overrides },
    /// Read a table in another way.
    Configure { table: TableId, overrides: Overrides },
    /// Forget a table.
    Close { table: TableId },
    /// Formatted cells of `count` rows from row `first`, columns `from_column..to_column`.
    Rows { table: TableId, request: u32, first: u64, count: u32, from_column: u32, to_column: u32 },
    /// Write the table's first rows in every output format, to compare them.
    Compare { table: TableId },
    /// Write the tables. Beside it: a file or folder handle where `target` wants one.
    Save { tables: Vec<TableId>, options: Vec<(String, String)>, target: SaveTarget },
    /// Stop the save in progress; what was written goes.
    Cancel,
    /// All rejects of a table as a CSV Blob.
    Rejects { table: TableId },
    /// A worker was made in place of another, of the module that has every format or of the first. Beside it: its port.
    WorkerReplaced { worker: u32, every_format: bool },
    /// The module that has every format cannot be had.
    NoEveryFormat { error: ErrorInfo },
}

/// Where a save goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaveTarget {
    /// A Blob for a download link: one Parquet file, or a stored zip of several.
    Download,
    /// A file the person picked.
    File,
    /// A folder the person picked.
    Folder,
}

/// What the coordinator tells the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CoordinatorMessage {
    /// The workers are up. What can be set when saving, and what can be said of a file that nothing is known of.
    Ready { output_options: Vec<OptionDecl>, file_options: Vec<OptionDecl>, workers: u32 },
    /// This window has no private file system: a download is kept in memory.
    NoPrivateFiles,
    /// A table as first seen, or as seen after a change; the grid may ask for rows now.
    Preview { table: TableId, preview: Box<Preview> },
    /// The file is an archive of these members, each with its packed size: a table is to be made of each.
    Archive { table: TableId, members: Vec<(String, u64)> },
    /// Answer to [`Shapes`](PageMessage::Shapes): each shape with its tables, and why they are of one.
    Shapes { shapes: Vec<(Vec<TableId>, String)> },
    /// The name of a table of several files, before its preview.
    United { table: TableId, name: String },
    /// A table's file is unpacked so far; at an end where `done` is `total`.
    Unpacking { table: TableId, done: u64, total: u64 },
    /// The background scan went on.
    Scan { table: TableId, scan: ScanProgress },
    /// What would set right records that the scan has listed, in place of what was said before.
    Remedies { table: TableId, remedies: Vec<Remedy> },
    /// Answer to [`Rows`](PageMessage::Rows).
    Rows { table: TableId, request: u32, window: RowWindow },
    /// Answer to [`Compare`](PageMessage::Compare).
    Compared { table: TableId, comparison: Result<Comparison, ErrorInfo> },
    /// The save went on.
    Progress { progress: SaveProgress },
    /// The save is done. Beside it: a `Blob` where the target is a download.
    Saved { receipt: Box<Receipt> },
    /// The save ended without a file: cancelled or failed.
    SaveFailed { error: ErrorInfo },
    /// A table cannot be read at all.
    TableFailed { table: TableId, error: ErrorInfo },
    /// Answer to [`Rejects`](PageMessage::Rejects). Beside it: the `Blob`.
    Rejects { table: TableId, name: String },
    /// End this decode worker (it trapped, hung or will not stop) and make another.
    ReplaceWorker { worker: u32 },
    /// A file is of a format that these workers lack: put such of the module that has every format in their places.
    UseEveryFormat,
    /// The coordinator itself cannot go on.
    Fatal { error: ErrorInfo },
}

/// A table as detection and inference see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The format's id and words: `csv`, "CSV".
    pub format: String,
    pub format_title: String,
    /// The detection as a sentence; each part that is a setting is named by it.
    pub sentence: Vec<SentencePart>,
    pub structure: Structure,
    /// 0 to 1.
    pub confidence: f32,
    pub options: Vec<OptionDecl>,
    pub settings: Vec<Setting>,
    pub schema: Vec<ColumnInfo>,
    pub findings: Vec<Finding>,
    /// The first raw lines of the source, decoded, bounded in number and length; each with its kind.
    pub raw_lines: Vec<RawLine>,
    /// The first rows, formatted.
    pub rows: RowWindow,
    /// Rows in the file: estimated until the scan is done.
    pub estimated_rows: u64,
    /// The names of all tables that the file holds, of which the setting `table` names this one; empty where it is one table.
    pub tables: Vec<String>,
}

/// A piece of the detection sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentencePart {
    pub text: String,
    /// The option this piece speaks of: the page makes it a control.
    pub option: Option<String>,
}

/// A line of the source beside the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawLine {
    /// 1-based.
    pub number: u64,
    pub text: String,
    pub kind: RawLineKind,
}

/// What a raw line is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RawLineKind {
    Preamble,
    Header,
    Record,
    Comment,
    Blank,
    Rejected,
}

/// Formatted cells of a rectangle of the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RowWindow {
    pub first: u64,
    pub from_column: u32,
    /// Row after row; as many cells as columns were asked for. Fewer rows than asked: the table ends, or the index
    /// does not reach that far yet.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that can be reached now.
    pub known_rows: u64,
}

/// One cell as the grid shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    Null,
    Text(String),
    /// The value did not fit its type: shown raw, marked.
    Misfit(String),
}

/// The same rows in every output format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The table's first rows, so many.
    pub rows: u64,
    /// What they take in the source, about.
    pub source_bytes: u64,
    pub formats: Vec<FormatSize>,
}

/// What a format is good for, and what rows take in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatSize {
    pub id: String,
    pub title: String,
    pub bytes: u64,
    /// Whether a person reads it in an editor.
    pub is_text: bool,
    /// Whether the columns' types are in the file.
    pub is_typed: bool,
    /// Whether several machines can read parts of one file, each for itself.
    pub is_splittable: bool,
    /// Whether one column can be read without the others.
    pub is_columnar: bool,
}

/// How far the background scan is, and what it found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanProgress {
    pub bytes_done: u64,
    pub bytes_total: u64,
    pub done: bool,
    pub counts: Counts,
    /// Rows that can be reached now; fewer again once a type has changed.
    pub known_rows: u64,
    /// One per column.
    pub profile: Vec<ColumnProfile>,
    /// Present when the scan changed a type.
    pub schema: Option<Vec<ColumnInfo>>,
    pub rejects: Vec<RejectGroup>,
    /// What was noticed at opening, and what the scan has counted of it since.
    pub findings: Vec<Finding>,
    /// Files of several that cannot be read: none of their rows are in the table.
    pub lost: Vec<ErrorInfo>,
}

/// How far a save is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveProgress {
    pub bytes_done: u64,
    pub bytes_total: u64,
    pub rows: u64,
    pub bytes_written: u64,
    /// Of all workers' wasm memories.
    pub memory_bytes: u64,
    pub milliseconds: u64,
    pub rejected: u64,
    /// "Widening column zip to string: 3 of 8 parts again".
    pub note: String,
}

/// The end of a save: what was read, what was written, how to do it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// One per table.
    pub inputs: Vec<InputReport>,
    /// The download's name, or the folder's.
    pub name: String,
    /// The output format's id.
    pub format: String,
    pub bytes: u64,
    pub counts: Counts,
    pub milliseconds: u64,
    /// The command line that makes the same file.
    pub command: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{OutputFile, StructureKind};

    #[test]
    fn a_receipt_crosses_the_wire_as_it_is() {
        let outputs =
            vec![OutputFile { name: "a.parquet".into(), bytes: 9, rows: 2, row_groups: 1, crc32: "0".into(), changes: Vec::new() }];
        let input = InputReport {
            name: "a.csv".into(),
            bytes: 20,
            format: "csv".into(),
            confidence: 1.0,
            sentence: String::new(),
            structure: Structure::new(StructureKind::Structured, ""),
            settings: Vec::new(),
            schema: Vec::new(),
            counts: Counts { read: 2, written: 2, ..Counts::default() },
            findings: Vec::new(),
            rejects: Vec::new(),
            outputs,
            files: Vec::new(),
        };
        let receipt = Receipt {
            counts: input.counts,
            inputs: vec![input],
            name: "a.parquet".into(),
            format: "parquet".into(),
            bytes: 9,
            milliseconds: 1,
            command: String::new(),
        };
        let sent = Envelope { version: PROTOCOL_VERSION, generation: 0, body: CoordinatorMessage::Saved { receipt: Box::new(receipt) } };
        let bytes = postcard::to_stdvec(&sent).unwrap();
        assert_eq!(postcard::from_bytes::<Envelope<CoordinatorMessage>>(&bytes).unwrap(), sent);
    }
}
