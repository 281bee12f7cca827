//! What is told of a run: of each input a summary on the terminal and an entry in the report, whatever became of it.

use colonnade_engine::Result;
use colonnade_engine::decisions;
use colonnade_engine::output::OutputFormat;
use colonnade_protocol::report::{Change, InputReport};
use colonnade_protocol::{ErrorInfo, ErrorKind, Reject};
use serde_json::{Value, json};

use crate::target::ListFile;

/// What became of the inputs so far, in their order.
pub struct Reports {
    file: Option<ListFile>,
    format: OutputFormat,
    inputs: Vec<Value>,
    failed: Vec<(String, ErrorInfo)>,
    /// Files whose rows are in no table.
    left_out: usize,
}

impl Reports {
    /// None so far; they go into `file` in the end.
    pub fn new(file: Option<ListFile>, format: OutputFormat) -> Self {
        Self { file, format, inputs: Vec::new(), failed: Vec::new(), left_out: 0 }
    }

    /// A table was written.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for a report that is no JSON.
    pub fn converted(&mut self, report: &InputReport) -> Result<()> {
        summarise(report, self.format.title);
        self.left_out(report.files.iter().filter(|file| file.lost.is_some()).count());
        self.inputs.push(serde_json::to_value(report).map_err(unwritable)?);
        Ok(())
    }

    /// So many files were left out of the tables that the others are, each of which was said.
    pub fn left_out(&mut self, files: usize) {
        self.left_out += files;
    }

    /// An input failed: none of its rows are written, or not all of its tables.
    pub fn failed(&mut self, input: String, error: ErrorInfo) {
        self.inputs.push(json!({ "name": input, "error": described(&error) }));
        self.failed.push((input, error));
    }

    /// Writes the report of a run.
    ///
    /// # Errors
    /// As the target's; then that of the one input that failed, or that some did or were left out, each of which is said before.
    pub fn end(self) -> Result<()> {
        let first = self.failed.first().map(|(input, error)| {
            let mut described = described(error);
            described["input"] = input.as_str().into();
            described
        });
        if let Some(mut file) = self.file {
            let text = serde_json::to_string_pretty(&json!({ "inputs": self.inputs, "error": first })).map_err(unwritable)?;
            file.append(&(text + "\n"))?;
        }
        let Some((_, first)) = self.failed.first() else {
            if self.left_out == 0 {
                return Ok(());
            }
            let what = match self.left_out {
                1 => "a file was left out: its rows are in no table".to_owned(),
                n => format!("{n} files were left out: their rows are in no table"),
            };
            return Err(ErrorInfo::new(ErrorKind::Malformed, what, ""));
        };
        let inputs = self.inputs.len();
        if inputs == 1 {
            return Err(first.clone());
        }
        for (input, error) in &self.failed {
            eprintln!("{input}: not converted: {error}");
        }
        let what = format!("{} of {inputs} inputs could not be converted", self.failed.len());
        Err(ErrorInfo::new(first.kind, what, ""))
    }
}

fn described(error: &ErrorInfo) -> Value {
    json!({ "kind": error.kind, "what": error.what, "place": error.place, "hint": error.hint })
}

fn unwritable(error: serde_json::Error) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, error.to_string(), "Please report this.")
}

/// The argument that makes a change.
fn argument(change: &Change) -> String {
    match change {
        Change::Option { id, value } => format!("--set {id}={}", value.as_deref().unwrap_or_default()),
        Change::ColumnType { column, data_type, pattern } => {
            let pattern = pattern.as_ref().map(|pattern| format!(" --pattern {column}='{pattern}'")).unwrap_or_default();
            format!("--type {column}='{}'{pattern}", data_type.as_deref().unwrap_or_default())
        }
    }
}

fn summarise(report: &InputReport, format: &str) {
    let counts = report.counts;
    eprintln!("{}: {}", report.name, report.sentence);
    eprintln!(
        "  read {} = written {} + rejected {} + filtered {}; repaired {}, nulled cells {}, skipped {}",
        counts.read, counts.written, counts.rejected, counts.filtered, counts.repaired, counts.nulled_cells, counts.skipped
    );
    for error in report.files.iter().filter_map(|file| file.lost.as_ref()) {
        eprintln!("  left out: {error}");
    }
    for group in &report.rejects {
        let place = |reject: &Reject| match &reject.file {
            Some(file) => format!("{file}, {}", reject.place),
            None => reject.place.to_string(),
        };
        let first =
            group.first.first().map_or_else(String::new, |reject| format!(", first at {}: {}", place(reject), decisions::reason(reject)));
        eprintln!("  {} {:?}: {}{first}", group.count, group.outcome, group.cause.title());
    }
    // One with several remedies stands there once for each.
    for of_one in report.findings.chunk_by(|a, b| a.what == b.what) {
        let Some(first) = of_one.first() else { continue };
        eprintln!("  note: {}", first.what);
        for fix in of_one.iter().filter_map(|finding| finding.fix.as_ref()) {
            eprintln!("    {}: {}", fix.title, argument(&fix.change));
        }
    }
    for file in &report.outputs {
        eprintln!("  {}: {format}, {} rows, {} bytes in {} row groups", file.name, file.rows, file.bytes, file.row_groups);
        file.changes.iter().for_each(|change| eprintln!("    {change}"));
    }
}
