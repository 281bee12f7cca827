//! `colonnade convert`

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_engine::format::TABLE;
use colonnade_engine::job::{Event, Job};
use colonnade_engine::output::segment::{SegmentMeta, frame, head};
use colonnade_engine::output::{self, OUTPUT_FORMAT, OUTPUTS, OutputOptions, name, rejects};
use colonnade_engine::settings::Settings;
use colonnade_engine::table::Table;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::report::{InputReport, OutputFile};
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};

use crate::arguments::Convert;
use crate::file::FileSource;
use crate::input::Input;
use crate::job::{self, Segment};
use crate::progress::Progress;

/// Converts every input; stops at the first that fails.
///
/// # Errors
/// As the engine's; nothing is left under an output's name that failed.
pub fn run(arguments: &Convert) -> Result<()> {
    let declared = output::options();
    let (mut writer, overrides) = arguments.reading.split(|name| declared.iter().any(|option| option.is_named(name)));
    if let Some(format) = format_of(&arguments.output).filter(|_| !writer.iter().any(|(name, _)| name.eq_ignore_ascii_case(OUTPUT_FORMAT)))
    {
        writer.push((OUTPUT_FORMAT.to_owned(), format.to_owned()));
    }
    let settings = Settings::new(&declared, writer.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    let options = OutputOptions::from_settings(&settings)?;
    let threads = arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let mut outputs = Outputs::new(&arguments.inputs, &arguments.output, options.format().extension)?;
    let mut rejected = match &arguments.rejects {
        Some(path) => Some(RejectsFile::create(path)?),
        None => None,
    };
    let mut reports = Vec::new();
    for input in &arguments.inputs {
        let converted = Input::open(input, &overrides).and_then(|members| {
            for member in &members {
                let first = member.table(&overrides)?;
                let tables = tables(&first, &overrides);
                for table in &tables {
                    let table = match table {
                        Some(name) => member.table(&with_table(&overrides, name))?,
                        None => first.clone(),
                    };
                    let output = outputs.of(&member.name, &table, tables.len().max(members.len()))?;
                    let report = convert(&table, &member.source, &output, &options, threads, rejected.as_mut())?;
                    summarise(&report);
                    reports.push(report);
                }
            }
            Ok(())
        });
        let failed = converted.err();
        if let Some(path) = &arguments.report {
            write_report(path, &reports, failed.as_ref().map(|error| (name_of(input), error)))?;
        }
        if let Some(error) = failed {
            return Err(error);
        }
    }
    Ok(())
}

/// The tables of a file to convert: every one by its name, or (`None`) the one that it is or that was asked for.
fn tables(first: &Table, overrides: &Overrides) -> Vec<Option<String>> {
    let picked = overrides.options.iter().any(|(name, _)| name.eq_ignore_ascii_case(TABLE));
    if picked || first.tables.len() < 2 { vec![None] } else { first.tables.iter().cloned().map(Some).collect() }
}

fn with_table(overrides: &Overrides, table: &str) -> Overrides {
    let mut overrides = overrides.clone();
    overrides.options.push((TABLE.to_owned(), table.to_owned()));
    overrides
}

fn convert(
    table: &Table,
    source: &FileSource,
    output: &Path,
    options: &OutputOptions,
    threads: usize,
    rejected: Option<&mut RejectsFile>,
) -> Result<InputReport> {
    let options = &options.named(&stem(output));
    let write = table.write_plan(source, options.clone())?;
    let mut job: Job<Segment> = Job::new(table.read_plan(), Some(write), false, table.extent.clone());
    let mut target = Target::create(output, head(job.columns(), options)?)?;
    let mut progress = Progress::new(table.extent.bytes);
    job::run(&mut job, source, threads, |job, event| {
        match event {
            Event::Accepted { segment, .. } => {
                if let Some(segment) = segment {
                    target.append(&segment)?;
                }
                progress.show(job.totals());
            }
            Event::Discarded(_) => {}
            Event::Widened(columns) => {
                progress.note(&format!("widened {}; reading again", columns.join(", ")));
                target.restart(head(job.columns(), options)?)?;
            }
        }
        Ok(())
    })?;
    progress.end();
    if let Some(file) = rejected {
        list_rejects(&job, table, source, threads, file)?;
    }
    let file = target.finish(output, &job, options, &table.name)?;
    let totals = job.totals();
    Ok(table.report(job.columns(), totals.counts, totals.rejects.groups().to_vec(), vec![file]))
}

/// Writes every reject, in a pass of its own: a file may be nothing but rejects.
fn list_rejects(done: &Job<Segment>, table: &Table, source: &FileSource, threads: usize, file: &mut RejectsFile) -> Result<()> {
    if done.totals().rejects.groups().is_empty() {
        return Ok(());
    }
    let mut job: Job<Segment> = Job::listing_rejects(done.read_plan().clone(), table.extent.clone());
    job::run(&mut job, source, threads, |job, event| match event {
        Event::Accepted { rejects, .. } => {
            let mut lines = String::new();
            rejects.iter().for_each(|reject| rejects::write(reject, job.columns(), &mut lines));
            file.append(&lines)
        }
        Event::Discarded(_) | Event::Widened(_) => Ok(()),
    })
}

/// A file being written beside its final name.
struct Target {
    file: BufWriter<File>,
    temporary: PathBuf,
    done: bool,
    /// What stands at the file's start.
    head: Vec<u8>,
    segments: Vec<SegmentMeta>,
}

impl Target {
    fn create(output: &Path, head: Vec<u8>) -> Result<Self> {
        let mut temporary = output.as_os_str().to_owned();
        temporary.push(format!(".{}.part", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(|error| target_error(output, &error))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let mut target = Self { file, temporary, done: false, head: Vec::new(), segments: Vec::new() };
        target.restart(head)?;
        Ok(target)
    }

    fn restart(&mut self, head: Vec<u8>) -> Result<()> {
        self.segments.clear();
        self.io(|file| {
            file.seek(SeekFrom::Start(0))?;
            file.get_ref().set_len(0)?;
            file.write_all(&head)
        })?;
        self.head = head;
        Ok(())
    }

    fn append(&mut self, segment: &output::segment::Segment) -> Result<()> {
        self.io(|file| file.write_all(&segment.body))?;
        self.segments.push(segment.meta.clone());
        Ok(())
    }

    fn finish(mut self, output: &Path, job: &Job<Segment>, options: &OutputOptions, source: &str) -> Result<OutputFile> {
        let metadata = [("colonnade.source".to_owned(), source.to_owned())];
        let frame = frame(job.columns(), options, self.segments.iter(), &metadata)?;
        if frame.head != self.head {
            let what = "the head of the file changed while it was written";
            return Err(ErrorInfo::new(ErrorKind::Internal, what, "Please report this."));
        }
        self.io(|file| {
            file.write_all(&frame.tail)?;
            file.flush()
        })?;
        fs::rename(&self.temporary, output).map_err(|error| target_error(output, &error))?;
        self.done = true;
        Ok(frame.file(output.display().to_string()))
    }

    fn io(&mut self, act: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
        act(&mut self.file).map_err(|error| target_error(&self.temporary, &error))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.done {
            // Nothing better can be done with a file that cannot be removed.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

struct RejectsFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl RejectsFile {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|error| target_error(path, &error))?;
        let mut file = Self { path: path.to_owned(), file: BufWriter::new(file) };
        file.append(rejects::HEADER)?;
        Ok(file)
    }

    fn append(&mut self, lines: &str) -> Result<()> {
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.flush());
        written.map_err(|error| target_error(&self.path, &error))
    }
}

/// Where each table goes: into the one file that was named, or into a file of its own in the folder.
struct Outputs {
    output: PathBuf,
    extension: &'static str,
    one_file: bool,
    taken: Vec<PathBuf>,
}

impl Outputs {
    fn new(inputs: &[PathBuf], output: &Path, extension: &'static str) -> Result<Self> {
        let one_file = inputs.len() == 1 && !output.is_dir();
        if !one_file {
            Self::check_folder(output, &format!("{} inputs", inputs.len()))?;
        }
        Ok(Self { output: output.to_owned(), extension, one_file, taken: Vec::new() })
    }

    /// The file for a table of an input of which `tables` are converted.
    fn of(&mut self, input: &str, table: &Table, tables: usize) -> Result<PathBuf> {
        if self.one_file && tables > 1 {
            Self::check_folder(&self.output, &format!("the {tables} tables of {input}"))?;
            self.one_file = false;
        }
        if self.one_file {
            return Ok(self.output.clone());
        }
        fs::create_dir_all(&self.output).map_err(|error| target_error(&self.output, &error))?;
        let report = table.report(&[], Counts::default(), Vec::new(), Vec::new());
        let stem = name::stem(input, report.file().1);
        let path = self.output.join(name::file(&stem, self.extension, |name| !self.taken.contains(&self.output.join(name))));
        self.taken.push(path.clone());
        Ok(path)
    }

    fn check_folder(output: &Path, what: &str) -> Result<()> {
        if format_of(output).is_some() && !output.is_dir() {
            let what = format!("{what} cannot go into one file");
            let hint = "Name a folder with -o: it gets one file for each table. One table is picked by --set table=NAME.";
            return Err(ErrorInfo::new(ErrorKind::Usage, what, hint));
        }
        Ok(())
    }
}

/// The output format that a file's extension names.
fn format_of(output: &Path) -> Option<&'static str> {
    let extension = output.extension()?.to_str()?;
    let named = |format: &&output::OutputFormat| extension.eq_ignore_ascii_case(format.extension);
    match OUTPUTS.iter().find(named) {
        Some(format) => Some(format.id),
        None => [("ndjson", "jsonl"), ("feather", "arrow"), ("ipc", "arrow")]
            .into_iter()
            .find(|(other, _)| extension.eq_ignore_ascii_case(other))
            .map(|(_, id)| id),
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "table".into(), |stem| stem.to_string_lossy().into_owned())
}

fn name_of(input: &Path) -> String {
    input.file_name().map_or_else(|| input.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// What was converted so far, and the error that ended it, with the input's name.
fn write_report(path: &Path, reports: &[InputReport], failed: Option<(String, &ErrorInfo)>) -> Result<()> {
    let error = failed.map(|(input, error)| serde_json::json!({ "input": input, "kind": error.kind, "what": error.what, "place": error.place, "hint": error.hint }));
    let text = serde_json::to_string_pretty(&serde_json::json!({ "inputs": reports, "error": error }))
        .map_err(|error| ErrorInfo::new(ErrorKind::Internal, error.to_string(), ""))?;
    fs::write(path, text + "\n").map_err(|error| target_error(path, &error))
}

fn summarise(report: &InputReport) {
    let counts = report.counts;
    eprintln!("{}: {}", report.name, report.sentence);
    eprintln!(
        "  read {} = written {} + rejected {} + filtered {}; repaired {}, nulled cells {}, skipped {}",
        counts.read, counts.written, counts.rejected, counts.filtered, counts.repaired, counts.nulled_cells, counts.skipped
    );
    for group in &report.rejects {
        let first = group.first.first().map_or_else(String::new, |reject| format!(", first at {}: {}", reject.place, reject.reason));
        eprintln!("  {} {:?}: {}{first}", group.count, group.outcome, group.cause.title());
    }
    for file in &report.outputs {
        eprintln!("  {}: {} rows, {} bytes in {} row groups", file.name, file.rows, file.bytes, file.row_groups);
    }
}

fn target_error(path: &Path, error: &io::Error) -> ErrorInfo {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull => "Make room, or choose another disk.",
        io::ErrorKind::PermissionDenied => "Choose a place that you may write to.",
        _ => "",
    };
    ErrorInfo::new(ErrorKind::Target, format!("{} cannot be written: {error}", path.display()), hint)
}
