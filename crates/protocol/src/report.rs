//! What became of every record: counts, rejects, receipts.

use std::borrow::Cow;
use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::error::ErrorInfo;
use crate::option::Setting;
use crate::schema::ColumnInfo;

/// A place in a source. Offsets and numbers count from the start of the file once a report is merged.
///
/// A source that is read by random access has rows and no lines: its places have line 0, and `byte` is the row's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct Place {
    /// Byte offset of the record's first byte, 0-based.
    pub byte: u64,
    /// Line of the record's first byte, 1-based.
    pub line: u64,
}

impl Place {
    /// A row, 0-based, of a source without lines.
    pub fn row(row: u64) -> Self {
        Self { byte: row, line: 0 }
    }

    /// The row's number, 1-based, where the source has no lines.
    pub fn row_number(&self) -> Option<u64> {
        (self.line == 0).then_some(self.byte.saturating_add(1))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row_number() {
            Some(row) => write!(f, "row {row}"),
            None => write!(f, "line {}, byte {}", self.line, self.byte),
        }
    }
}

/// How many records met which end. `read = written + rejected + filtered`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub read: u64,
    pub written: u64,
    pub rejected: u64,
    pub filtered: u64,
    /// What is not a row: blank lines, comments, preamble, the header.
    pub skipped: u64,
    /// Written rows of which something was changed, a cell made null, a field dropped; and places outside of rows that were.
    pub repaired: u64,
    pub nulled_cells: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.written += other.written;
        self.rejected += other.rejected;
        self.filtered += other.filtered;
        self.skipped += other.skipped;
        self.repaired += other.repaired;
        self.nulled_cells += other.nulled_cells;
    }
}

/// Why a record was rejected or repaired. The unit in which the page groups and offers fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cause {
    TooFewFields,
    TooManyFields,
    /// A quote was opened and never closed properly.
    UnclosedQuote,
    /// Text beside a quoted field (`"a"b`).
    StrayQuote,
    /// A value does not fit its column's type.
    TypeMismatch,
    /// Bytes that are no text in the encoding.
    InvalidEncoding,
    /// Longer than `maxRecordBytes`.
    RecordTooLong,
    /// The record breaks its format's grammar (JSON, XML).
    Syntax,
    /// A key appears twice in an object.
    DuplicateKey,
    /// A record that is no row of the table (a second table below, a footnote).
    NotARow,
    /// What ends a record was guessed: lines were joined, or a mark was taken off.
    RecordEnd,
}

impl Cause {
    /// The cause as words behind a count: "3 malformed".
    pub fn title(self) -> &'static str {
        match self {
            Self::TooFewFields => "too few fields",
            Self::TooManyFields => "too many fields",
            Self::UnclosedQuote => "quote never closed",
            Self::StrayQuote => "text beside a quoted field",
            Self::TypeMismatch => "not of the column's type",
            Self::InvalidEncoding => "bytes that are not text in this encoding",
            Self::RecordTooLong => "longer than the bound",
            Self::Syntax => "malformed",
            Self::DuplicateKey => "key given twice",
            Self::NotARow => "not a row of this table",
            Self::RecordEnd => "ended where its shape says",
        }
    }
}

/// The end a listed record met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Rejected,
    /// Written, with something changed.
    Repaired,
}

/// One record that did not fit, raw, with place and reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reject {
    pub outcome: Outcome,
    pub cause: Cause,
    /// Which file, where a table is of several.
    pub file: Option<String>,
    pub place: Place,
    /// The column concerned, by index into the table's schema.
    pub column: Option<u32>,
    /// The reason in words, with the value or counts: "4 fields where the header has 3".
    pub reason: String,
    /// The record as it stands in the source, decoded to text, bounded to some kilobytes.
    pub raw: String,
    /// The part of `raw` at fault, as byte offsets.
    pub span: Option<(u32, u32)>,
    /// What of it was decided by a setting, each in its own place.
    pub decisions: Vec<Decision>,
}

impl Reject {
    /// The parts of its reason that are no decision's.
    pub fn undecided(&self) -> impl Iterator<Item = &str> {
        self.reason.split("; ").filter(|reason| self.decisions.iter().all(|decision| !decision.what.contains(reason)))
    }

    /// Its place and those of its decisions, ascending as they stand in the source.
    pub fn places(&mut self) -> impl Iterator<Item = &mut Place> {
        std::iter::once(&mut self.place).chain(self.decisions.iter_mut().map(|decision| &mut decision.place))
    }
}

/// Something about a record that a setting decided, and that another one would decide otherwise: a repair, a line left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The option's id.
    pub option: Cow<'static, str>,
    /// Where it stands, the first of its kind.
    pub place: Place,
    /// How many of its kind are meant.
    pub times: u64,
    /// What was found, and what was made of it.
    pub what: String,
}

/// Rejects of one cause: how many, and the first thousand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RejectGroup {
    pub cause: Cause,
    pub outcome: Outcome,
    pub count: u64,
    pub first: Vec<Reject>,
}

/// Something noticed about a source as a whole, with what can be done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// One sentence.
    pub what: String,
    /// The button's words and the change it makes, where there is a remedy.
    pub fix: Option<Fix>,
}

impl Finding {
    /// That a file of several is not in their table. On a receipt it stands among the files, with its reason, and is no finding.
    pub fn left_out(error: &ErrorInfo) -> Self {
        Self { what: format!("Left out: {}. Its rows are not in the table.", error.what), fix: None }
    }
}

/// A change that would set right listed records of one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    pub cause: Cause,
    /// Which records, in one sentence.
    pub what: String,
    pub fix: Fix,
}

/// A change a person may accept with one click.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    pub title: String,
    pub change: Change,
}

/// One change to how a source is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Set an option (`None`: back to automatic).
    Option { id: String, value: Option<String> },
    /// Set a column's type (Spark DDL) and, for dates and numbers, its pattern.
    ColumnType { column: String, data_type: Option<String>, pattern: Option<String> },
}

/// How much structure a source has, in the words of the field, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    pub kind: StructureKind,
    /// Half a sentence: "every record has the same fields, in the same order".
    pub why: Cow<'static, str>,
}

/// The three kinds that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StructureKind {
    /// Records of the same fields: tables.
    Structured,
    /// Records that name their own fields, or nest: JSON, XML.
    SemiStructured,
    /// Text, in which records and fields must be told apart first: logs, wrapped lines.
    Unstructured,
}

impl StructureKind {
    /// The word for it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Structured => "Structured",
            Self::SemiStructured => "Semi-structured",
            Self::Unstructured => "Unstructured",
        }
    }
}

impl Structure {
    /// A kind with its reason.
    pub fn new(kind: StructureKind, why: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, why: why.into() }
    }
}

/// What was read from one input and what became of it: the `--report` file and the receipt's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputReport {
    pub name: String,
    pub bytes: u64,
    pub format: String,
    /// 0 to 1, that the format is the one named.
    pub confidence: f32,
    /// The detection in one sentence.
    pub sentence: String,
    pub structure: Structure,
    pub settings: Vec<Setting>,
    pub schema: Vec<ColumnInfo>,
    pub counts: Counts,
    pub findings: Vec<Finding>,
    pub rejects: Vec<RejectGroup>,
    /// Empty when only inspected.
    pub outputs: Vec<OutputFile>,
    /// The files of a table of several; empty where it is of one.
    pub files: Vec<FileReport>,
}

/// What became of one file of a table of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its path.
    pub name: String,
    pub bytes: u64,
    pub counts: Counts,
    /// Why none of its rows are in the table.
    pub lost: Option<ErrorInfo>,
}

/// What stands between a file's name and that of one of its tables: `book.xlsx · Sheet1`.
const TABLE_OF: &str = " \u{b7} ";

/// The name of one of a file's tables.
pub fn table_name(file: &str, table: &str) -> String {
    format!("{file}{TABLE_OF}{table}")
}

impl InputReport {
    /// The file that was read, and which of its tables where it holds several.
    pub fn file(&self) -> (&str, Option<&str>) {
        let table = self.settings.iter().find(|setting| setting.id == "table").map(|setting| setting.value.as_str());
        let file = table.and_then(|table| self.name.strip_suffix(table)?.strip_suffix(TABLE_OF));
        match file {
            Some(file) => (file, table),
            None => (&self.name, None),
        }
    }
}

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputFile {
    pub name: String,
    pub bytes: u64,
    pub rows: u64,
    pub row_groups: u32,
    /// CRC-32 (IEEE) of the whole file, as eight hex digits.
    pub crc32: String,
    /// What was changed for the target profile: "time columns written as text".
    pub changes: Vec<String>,
}
