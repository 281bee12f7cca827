//! `colonnade convert`

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_engine::job::{Event, Job};
use colonnade_engine::output::parquet::{self, Layout, ParquetOptions, SegmentMeta};
use colonnade_engine::output::rejects;
use colonnade_engine::settings::Settings;
use colonnade_engine::table::Table;
use colonnade_protocol::report::{InputReport, OutputFile};
use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::arguments::Convert;
use crate::file::FileSource;
use crate::job::{self, Segment};
use crate::progress::Progress;

/// Converts every input; stops at the first that fails.
///
/// # Errors
/// As the engine's; nothing is left under an output's name that failed.
pub fn run(arguments: &Convert) -> Result<()> {
    let declared = parquet::options();
    let (writer, overrides) = arguments.reading.split(|name| declared.iter().any(|option| option.is_named(name)));
    let settings = Settings::new(&declared, writer.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    let options = ParquetOptions::from_settings(&settings)?;
    let threads = arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let outputs = outputs(&arguments.inputs, &arguments.output)?;
    let mut rejected = match &arguments.rejects {
        Some(path) => Some(RejectsFile::create(path)?),
        None => None,
    };
    let mut reports = Vec::new();
    for (input, output) in arguments.inputs.iter().zip(&outputs) {
        let converted = FileSource::open(input).and_then(|source| {
            let table = Table::open(&source, &name_of(input), &overrides)?;
            convert(&table, &source, output, &options, threads, rejected.as_mut())
        });
        let failed = match converted {
            Ok(report) => {
                summarise(&report);
                reports.push(report);
                None
            }
            Err(error) => Some(error),
        };
        if let Some(path) = &arguments.report {
            write_report(path, &reports, failed.as_ref().map(|error| (name_of(input), error)))?;
        }
        if let Some(error) = failed {
            return Err(error);
        }
    }
    Ok(())
}

fn convert(
    table: &Table,
    source: &FileSource,
    output: &Path,
    options: &ParquetOptions,
    threads: usize,
    rejected: Option<&mut RejectsFile>,
) -> Result<InputReport> {
    let write = table.write_plan(source, options.clone())?;
    let mut job: Job<Segment> = Job::new(table.read_plan(), Some(write), false, table.detection.data_start, table.source_len);
    let mut target = Target::create(output)?;
    let mut progress = Progress::new(table.source_len);
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
                target.restart()?;
            }
        }
        Ok(())
    })?;
    progress.end();
    if let Some(file) = rejected {
        list_rejects(&job, table, source, threads, file)?;
    }
    let layout = Layout::new(job.columns(), options);
    let file = target.finish(output, &layout, &[("colonnade.source".to_owned(), table.name.clone())])?;
    let totals = job.totals();
    Ok(table.report(job.columns(), totals.counts, totals.rejects.groups().to_vec(), vec![file]))
}

/// Writes every reject, in a pass of its own: a file may be nothing but rejects.
fn list_rejects(done: &Job<Segment>, table: &Table, source: &FileSource, threads: usize, file: &mut RejectsFile) -> Result<()> {
    if done.totals().rejects.groups().is_empty() {
        return Ok(());
    }
    let mut job: Job<Segment> = Job::listing_rejects(done.read_plan().clone(), table.detection.data_start, table.source_len);
    job::run(&mut job, source, threads, |job, event| match event {
        Event::Accepted { rejects, .. } => {
            let mut lines = String::new();
            rejects.iter().for_each(|reject| rejects::write(reject, job.columns(), &mut lines));
            file.append(&lines)
        }
        Event::Discarded(_) | Event::Widened(_) => Ok(()),
    })
}

/// A Parquet file being written beside its final name.
struct Target {
    file: BufWriter<File>,
    temporary: PathBuf,
    done: bool,
    crc: crc32fast::Hasher,
    segments: Vec<SegmentMeta>,
}

impl Target {
    fn create(output: &Path) -> Result<Self> {
        let mut temporary = output.as_os_str().to_owned();
        temporary.push(format!(".{}.part", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(|error| target_error(output, &error))?;
        let mut target = Self {
            file: BufWriter::with_capacity(1 << 20, file),
            temporary,
            done: false,
            crc: crc32fast::Hasher::new(),
            segments: Vec::new(),
        };
        target.restart()?;
        Ok(target)
    }

    fn restart(&mut self) -> Result<()> {
        self.segments.clear();
        self.crc = crc32fast::Hasher::new();
        self.io(|file| {
            file.seek(SeekFrom::Start(0))?;
            file.get_ref().set_len(0)
        })?;
        self.write(parquet::head())
    }

    fn append(&mut self, segment: &[u8]) -> Result<()> {
        let meta = SegmentMeta::of(segment)?;
        self.write(&segment[parquet::head().len()..meta.body_end as usize])?;
        self.segments.push(meta);
        Ok(())
    }

    fn finish(mut self, output: &Path, layout: &Layout, metadata: &[(String, String)]) -> Result<OutputFile> {
        let tail = parquet::tail(layout, &self.segments, metadata)?;
        self.write(&tail)?;
        self.io(BufWriter::flush)?;
        fs::rename(&self.temporary, output).map_err(|error| target_error(output, &error))?;
        self.done = true;
        let body: u64 = self.segments.iter().map(SegmentMeta::body_len).sum();
        Ok(OutputFile {
            name: output.display().to_string(),
            bytes: parquet::head().len() as u64 + body + tail.len() as u64,
            rows: self.segments.iter().map(|segment| segment.rows).sum(),
            row_groups: self.segments.iter().map(|segment| segment.row_groups).sum(),
            crc32: format!("{:08x}", self.crc.clone().finalize()),
            changes: layout.changes().to_vec(),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc.update(bytes);
        self.io(|file| file.write_all(bytes))
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

/// One output for each input.
fn outputs(inputs: &[PathBuf], output: &Path) -> Result<Vec<PathBuf>> {
    if inputs.len() == 1 && !output.is_dir() {
        return Ok(vec![output.to_owned()]);
    }
    if output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet")) && !output.is_dir() {
        let what = format!("{} inputs cannot go into one file", inputs.len());
        return Err(ErrorInfo::new(ErrorKind::Usage, what, "Name a folder with -o: it gets one Parquet file for each input."));
    }
    fs::create_dir_all(output).map_err(|error| target_error(output, &error))?;
    let mut outputs: Vec<PathBuf> = Vec::new();
    for input in inputs {
        let stem = input.file_stem().map_or_else(|| "table".into(), |stem| stem.to_string_lossy().into_owned());
        let names = (1..).map(|n| if n == 1 { format!("{stem}.parquet") } else { format!("{stem}_{n}.parquet") });
        outputs.extend(names.map(|name| output.join(name)).find(|path| !outputs.contains(path)));
    }
    Ok(outputs)
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
