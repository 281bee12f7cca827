//! Every message between the coordinator and the other workers.

use std::ops::Range;

use colonnade_engine::column::ColumnSpec;
use colonnade_engine::extent::Extent;
use colonnade_engine::output::parquet::ColumnChoice;
use colonnade_engine::output::segment::SegmentMeta;
use colonnade_engine::plan::{ReadPlan, UnitTask};
use colonnade_engine::unit::UnitReport;
use colonnade_engine::view::Window;
use colonnade_protocol::message::{Comparison, Overrides, Preview, RowWindow, TableId};
use colonnade_protocol::report::{InputReport, RejectGroup, Remedy};
use colonnade_protocol::{Counts, ErrorInfo};
use serde::{Deserialize, Serialize};

/// Rows and columns that come with a preview: what the widest screen shows at first.
pub const FIRST_ROWS: usize = 50;
/// See [`FIRST_ROWS`].
pub const FIRST_COLUMNS: usize = 96;

/// A file of a table, on which a remedy is tried.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tried {
    /// Whose file it is.
    pub table: TableId,
    /// As its rejects name it, where it is one of several.
    pub name: Option<String>,
    pub read: ReadPlan,
    /// Where its first record begins.
    pub data_start: u64,
}

/// From the coordinator to a decode or preview worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToWorker {
    /// The file behind a table. Beside it: the `File`.
    Source { table: TableId },
    /// The table is closed.
    Forget { table: TableId },
    /// Decode worker: run a unit. `run` numbers it; `sources` are the files of the task's pieces, in their order.
    Run { run: u32, sources: Vec<TableId>, task: Box<UnitTask> },
    /// Decode worker: what runs is not wanted any more.
    Stop,
    /// Preview worker: find out what a file is.
    Open { table: TableId, generation: u32, name: String, overrides: Overrides, unpacked: Unpacked },
    /// Preview worker: read a window of rows, from the first of these files on and into those behind it; each with the position
    /// where its rows begin.
    Rows { table: TableId, generation: u32, request: u32, files: Vec<(TableId, ReadPlan, u64)>, window: Window },
    /// Preview worker: what would set right these records.
    Remedies { table: TableId, generation: u32, files: Vec<Tried>, columns: Vec<ColumnSpec>, groups: Vec<RejectGroup> },
    /// Preview worker: write the first rows in every format.
    Compare { table: TableId, generation: u32, read: Box<ReadPlan>, choices: Vec<ColumnChoice>, extent: Box<Extent> },
    /// Decode worker: a segment's body is stored. Beside it: the `ArrayBuffer` that held it, for the next one.
    Spare,
    /// Preview worker: unpack a member of the table's file. Beside it: the file to write to, or nothing. `unpacked` is
    /// what holds once that is done.
    Unpack { run: u32, table: TableId, name: String, overrides: Overrides, unpacked: Unpacked, member: Vec<u8> },
}

/// From a decode or preview worker to the coordinator.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromWorker {
    /// A unit goes on. Sent after a read, at most ten times a second, and what shows that the worker is alive.
    Progress {
        run: u32,
        bytes: u64,
        counts: Counts,
        memory: u64,
    },
    /// A unit is done. Beside it, where there is a segment: its body as an `ArrayBuffer`.
    Finished {
        run: u32,
        report: Box<UnitReport>,
        segment: Option<SegmentMeta>,
        memory: u64,
    },
    /// A unit was given up as asked.
    Stopped {
        run: u32,
    },
    /// A unit cannot be done, for one of the table's files.
    Failed {
        run: u32,
        part: u32,
        error: ErrorInfo,
    },
    Opened {
        table: TableId,
        generation: u32,
        opened: Box<Opened>,
    },
    OpenFailed {
        table: TableId,
        generation: u32,
        error: ErrorInfo,
    },
    /// The file is likely to be of a format that this module lacks.
    WantsEveryFormat {
        table: TableId,
        generation: u32,
    },
    Window {
        table: TableId,
        generation: u32,
        request: u32,
        window: RowWindow,
    },
    Remedies {
        table: TableId,
        generation: u32,
        remedies: Vec<Remedy>,
    },
    Compared {
        table: TableId,
        generation: u32,
        comparison: Result<Comparison, ErrorInfo>,
    },
    /// The file is packed.
    Packed {
        table: TableId,
        generation: u32,
        packed: Packed,
    },
    /// A member is unpacked so far: `done` of `total` packed bytes.
    Unpacking {
        run: u32,
        table: TableId,
        done: u64,
        total: u64,
    },
    /// A table by the first bytes that came out.
    Head {
        run: u32,
        table: TableId,
        opened: Box<Opened>,
    },
    /// A member is out. Beside it: the `Blob`, which is empty for one that is stored as it is.
    Unpacked {
        run: u32,
        table: TableId,
        damage: Option<ErrorInfo>,
    },
    UnpackFailed {
        run: u32,
        table: TableId,
        error: ErrorInfo,
    },
}

impl FromWorker {
    /// Whether it answers a question to the preview worker, which has one answer each.
    pub fn is_answer(&self) -> bool {
        !matches!(self, Self::Unpacking { .. } | Self::Head { .. } | Self::Unpacked { .. } | Self::UnpackFailed { .. })
    }
}

/// What a file was unpacked from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Unpacked {
    /// The outermost archive, by the table that it was opened as.
    pub of: Option<TableId>,
    /// From the outermost: `zip (deflate)`, `gzip`.
    pub layers: Vec<String>,
    /// How many of them are archives.
    pub archives: u32,
    /// What was wrong with them.
    pub damage: Option<ErrorInfo>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

/// What a packed file holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Packed {
    /// It has members by name; else it is one file, compressed.
    pub is_archive: bool,
    pub members: Vec<PackedMember>,
    /// By name, each with the reason.
    pub skipped: Vec<(String, String)>,
    pub damage: Option<ErrorInfo>,
}

/// A file within a packed one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PackedMember {
    pub name: String,
    /// `zip (deflate)`
    pub layer: String,
    /// Its packed bytes.
    pub bytes: u64,
    /// Where it is in the packed file, if as it is.
    pub stored: Option<Range<u64>>,
    /// The archive has a checksum of it.
    pub checked: bool,
    /// The engine's word for it; the coordinator's build has no such type.
    pub member: Vec<u8>,
}

/// A table as the preview worker found it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opened {
    pub preview: Preview,
    pub read: ReadPlan,
    pub choices: Vec<ColumnChoice>,
    pub extent: Extent,
    /// The report of a job, but for what the job finds.
    pub report: InputReport,
}
