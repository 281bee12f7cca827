//! One table: a dropped file as the page knows it.

use std::borrow::Cow;
use std::sync::Arc;

use colonnade_protocol::message::{Comparison, Overrides, Preview, ScanProgress, TableId};
use colonnade_protocol::option::{OptionDecl, OptionKind, Setting};
use colonnade_protocol::profile::ColumnProfile;
use colonnade_protocol::report::{Change, Finding, Fix, RejectGroup, Remedy};
use colonnade_protocol::schema::ColumnInfo;
use colonnade_protocol::{ErrorInfo, LogicalType, Origin};
use leptos::prelude::*;

use super::history::History;
use super::rows::Rows;

/// The option that picks one of a file's tables.
pub const TABLE: &str = "table";

/// Where a table stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// Asked for; or asked for again after a change.
    Reading,
    Shown,
    /// It cannot be read at all.
    Failed(ErrorInfo),
    /// It is shown, and a pass over all of it ended early.
    Stopped(ErrorInfo),
}

/// Signals of one table. Copied freely; they live as long as the page.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub id: TableId,
    /// The file's name.
    pub file: StoredValue<String>,
    /// The file's, with that of the table where the file holds several.
    pub name: RwSignal<String>,
    /// The tables of the files that it is made of, where it is of several.
    pub members: StoredValue<Vec<Table>>,
    pub size: u64,
    pub status: RwSignal<Status>,
    /// The share of its file that is unpacked, while that goes on.
    pub unpacking: RwSignal<Option<f64>>,
    /// Raised with every change, so that answers about an earlier state are told apart.
    pub generation: StoredValue<u32>,
    pub history: RwSignal<History>,
    pub preview: RwSignal<Option<Arc<Preview>>>,
    /// The preview's, then the scan's.
    pub schema: RwSignal<Arc<Vec<ColumnInfo>>>,
    pub scan: RwSignal<Option<Arc<ScanProgress>>>,
    /// What would set right records that the scan has listed.
    pub remedies: RwSignal<Vec<Remedy>>,
    /// When the scan was first heard of, by `performance.now()`.
    pub scan_started: StoredValue<f64>,
    pub rows: StoredValue<Rows>,
    /// The file's other tables were opened, or this is one of them.
    pub spread: StoredValue<bool>,
    /// Rows that can be reached now.
    pub known_rows: RwSignal<u64>,
    /// Raised when rows have come.
    pub rows_came: RwSignal<u32>,
    /// What the first rows take in each output format, once asked for.
    pub comparison: RwSignal<Option<Result<Comparison, ErrorInfo>>>,
    /// What can be said of any file, until it is known what can be said of this one.
    file_options: RwSignal<Arc<Vec<OptionDecl>>>,
    pub stand: Stand,
}

/// Where a person stands in a table's grid; kept while another table is on show.
#[derive(Debug, Clone, Copy)]
pub struct Stand {
    /// First pixel of the rows that shows, and of the columns.
    pub top: RwSignal<f64>,
    pub left: RwSignal<f64>,
    /// The cell the keyboard stands on.
    pub active: RwSignal<(u64, usize)>,
    /// A person's own widths, by column.
    pub widths: RwSignal<Vec<(usize, f64)>>,
}

impl Stand {
    fn new() -> Self {
        Self { top: RwSignal::new(0.0), left: RwSignal::new(0.0), active: RwSignal::new((0, 0)), widths: RwSignal::new(Vec::new()) }
    }
}

impl Table {
    /// A table that is being opened.
    pub fn new(id: TableId, name: String, size: u64, overrides: Overrides, file_options: RwSignal<Arc<Vec<OptionDecl>>>) -> Self {
        Self {
            id,
            file: StoredValue::new(name.clone()),
            name: RwSignal::new(name),
            members: StoredValue::new(Vec::new()),
            size,
            status: RwSignal::new(Status::Reading),
            unpacking: RwSignal::new(None),
            generation: StoredValue::new(0),
            history: RwSignal::new(History::new(overrides)),
            preview: RwSignal::new(None),
            schema: RwSignal::new(Arc::default()),
            scan: RwSignal::new(None),
            remedies: RwSignal::new(Vec::new()),
            scan_started: StoredValue::new(0.0),
            rows: StoredValue::new(Rows::default()),
            spread: StoredValue::new(false),
            known_rows: RwSignal::new(0),
            rows_came: RwSignal::new(0),
            comparison: RwSignal::new(None),
            file_options,
            stand: Stand::new(),
        }
    }

    /// Rows of the table, and whether that is sure. The best number known: the scan's when it is done, else an estimate.
    pub fn row_count(&self) -> (u64, bool) {
        let known = self.known_rows.get();
        match self.scan.read().as_deref() {
            Some(scan) if scan.done => (scan.counts.written.max(known), true),
            _ => (self.preview.read().as_ref().map_or(0, |p| p.estimated_rows).max(known), false),
        }
    }

    /// The profile of a column, once the scan has looked at some rows.
    pub fn profile(&self, column: usize) -> Option<ColumnProfile> {
        self.scan.read().as_ref().and_then(|scan| scan.profile.get(column).filter(|p| p.rows > 0).cloned())
    }

    /// A column of the schema.
    pub fn column(&self, column: usize) -> Option<ColumnInfo> {
        self.schema.read().get(column).cloned()
    }

    /// What can be said of how it is read. Of a file that cannot be read, what can be said of any.
    pub fn options(&self) -> Vec<OptionDecl> {
        let preview = self.preview.read();
        let Some(preview) = preview.as_ref() else {
            let failed = matches!(*self.status.read(), Status::Failed(_));
            return if failed { self.file_options.read().to_vec() } else { Vec::new() };
        };
        let named = |mut option: OptionDecl| {
            if option.id == TABLE && !preview.tables.is_empty() {
                let choice = |name: &String| (Cow::Owned(name.clone()), Cow::Owned(name.clone()));
                option.kind = OptionKind::Choice(preview.tables.iter().map(choice).collect());
            }
            option
        };
        preview.options.iter().cloned().map(named).collect()
    }

    /// The setting in force of an option that is declared under this id.
    pub fn setting(&self, id: &str) -> Option<Setting> {
        self.preview.read().as_ref()?.settings.iter().find(|setting| setting.id == id).cloned()
    }

    /// Reads the records that did not fit, by cause, as far as the scan is.
    pub fn with_rejects<T>(&self, read: impl FnOnce(&[RejectGroup]) -> T) -> T {
        self.scan.with(|scan| read(scan.as_ref().map_or(&[], |scan| &scan.rejects)))
    }

    /// What was noticed when the table was opened, and what the scan has counted since.
    pub fn findings(&self) -> Vec<Finding> {
        let of_preview = || self.preview.read().as_ref().map_or_else(Vec::new, |preview| preview.findings.clone());
        let mut findings = self.scan.with(|scan| scan.as_ref().map(|scan| scan.findings.clone())).unwrap_or_else(of_preview);
        self.scan.with(|scan| {
            let lost = scan.iter().flat_map(|scan| &scan.lost);
            findings.extend(lost.map(Finding::left_out));
        });
        findings.extend(self.widened());
        findings
    }

    /// Columns that became wider than the sample showed, each with the way back.
    fn widened(&self) -> Vec<Finding> {
        let (preview, schema) = (self.preview.read(), self.schema.read());
        let before = preview.as_ref().map_or(&[][..], |preview| &preview.schema);
        let widened = before.iter().filter_map(|before| {
            let now = schema.iter().find(|now| now.name == before.name && now.data_type != before.data_type)?;
            let (name, was, is) = (&before.name, &before.data_type, &now.data_type);
            // Of values that nest, it is members that have come; where there were none, values.
            if matches!(was, LogicalType::Struct(_) | LogicalType::List(_) | LogicalType::Map(_) | LogicalType::Void) {
                return None;
            }
            let why = match &now.origin {
                Origin::Detected { evidence, .. } if !evidence.is_empty() => format!(" {}.", crate::words::capital(evidence)),
                _ => String::new(),
            };
            let change = Change::ColumnType { column: name.clone(), data_type: Some(was.to_string()), pattern: before.pattern.clone() };
            Some(Finding {
                what: format!("Column {name} is {is}: not all of its values are {was}, as the first ones are.{why}"),
                fix: Some(Fix { title: format!("Keep {was}, and list what does not fit"), change }),
            })
        });
        widened.collect()
    }

    /// Findings and listed records: the number on the tab.
    pub fn problem_count(&self) -> u64 {
        let listed: u64 = self.with_rejects(|groups| groups.iter().map(|group| group.count).sum());
        listed + self.findings().len() as u64
    }
}
