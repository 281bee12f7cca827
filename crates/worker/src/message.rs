//! Every message between the coordinator and the other workers.

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

/// From the coordinator to a decode or preview worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToWorker {
    /// The file behind a table. Beside it: the `File`.
    Source { table: TableId },
    /// The table is closed.
    Forget { table: TableId },
    /// Decode worker: run a unit. `run` numbers it.
    Run { run: u32, table: TableId, task: Box<UnitTask> },
    /// Decode worker: what runs is not wanted any more.
    Stop,
    /// Preview worker: find out what a file is.
    Open { table: TableId, generation: u32, name: String, overrides: Overrides },
    /// Preview worker: read a window of rows.
    Rows { table: TableId, generation: u32, request: u32, read: Box<ReadPlan>, window: Window },
    /// Preview worker: what would set right these records.
    Remedies { table: TableId, generation: u32, read: Box<ReadPlan>, data_start: u64, groups: Vec<RejectGroup> },
    /// Preview worker: write the first rows in every format.
    Compare { table: TableId, generation: u32, read: Box<ReadPlan>, choices: Vec<ColumnChoice>, extent: Box<Extent> },
    /// Decode worker: a segment's body is stored. Beside it: the `ArrayBuffer` that held it, for the next one.
    Spare,
}

/// From a decode or preview worker to the coordinator.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromWorker {
    /// A unit goes on. Sent after every read, and what shows that the worker is alive.
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
    /// A unit cannot be done.
    Failed {
        run: u32,
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
