//! `colonnade convert`

use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_engine::job::{Event, Job};
use colonnade_engine::output::segment::head;
use colonnade_engine::output::{self, OUTPUT_FORMAT, OutputOptions, rejects};
use colonnade_engine::plan::WritePlan;
use colonnade_engine::settings::Settings;
use colonnade_protocol::ErrorKind;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::report::InputReport;

use crate::arguments::{Convert, Union};
use crate::file::FileSource;
use crate::input::Input;
use crate::interrupt;
use crate::job::{self, Segment};
use crate::paths::Paths;
use crate::progress::Progress;
use crate::report::Reports;
use crate::tables::{Readable, one_by_one};
use crate::target::{ListFile, Outputs, Place, Target, format_of, stem};
use crate::together::{self, Into};
use crate::walk;

/// Converts every input; one that cannot be read costs itself.
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
    let files = walk::files(&arguments.inputs)?;
    let names_a_file = format_of(&arguments.output).is_some() && !arguments.output.is_dir();
    let union = arguments.union.unwrap_or(if names_a_file { Union::Shape } else { Union::Never });
    let inputs = if union == Union::Never { files.len() } else { 1 };
    let lists = [(&arguments.report, "the report"), (&arguments.rejects, "the list of rejects")];
    let mut paths = Paths::default();
    paths.read(&files);
    for (path, what) in lists {
        path.iter().try_for_each(|path| paths.list(path, what))?;
    }
    interrupt::watch()?;
    let outputs = Outputs::new(inputs, &arguments.output, options.format().extension, paths)?;
    let begun = |path: &Option<PathBuf>, head| path.as_ref().map(|path| ListFile::create(path, head)).transpose();
    let report = begun(&arguments.report, "")?;
    let rejected = begun(&arguments.rejects, rejects::HEADER)?;
    let reports = Reports::new(report, options.format());
    let mut run = Run { outputs, options, threads, rejected, reports };
    match union {
        Union::Never => run.one_by_one(&files, &overrides),
        Union::Shape if names_a_file => run.together(&files, &overrides, Into::OneShape),
        Union::Shape => run.together(&files, &overrides, Into::Shapes),
        Union::All => run.together(&files, &overrides, Into::All),
    }
    run.reports.end()
}

/// What holds for all tables of a run.
struct Run {
    outputs: Outputs,
    options: OutputOptions,
    threads: usize,
    rejected: Option<ListFile>,
    reports: Reports,
}

impl Run {
    /// Converts every table of every file by itself.
    fn one_by_one(&mut self, files: &[PathBuf], overrides: &Overrides) {
        for path in files {
            let members = match Input::open(path, overrides) {
                Ok(members) => members,
                Err(error) if self.goes_on(name_of(path), Err(error.clone())) => continue,
                Err(_) => return,
            };
            for member in &members {
                let converted = one_by_one(member, overrides, |readable, tables| self.convert(readable, tables.max(members.len())));
                if !self.goes_on(member.name.clone(), converted) {
                    return;
                }
            }
        }
    }

    /// Converts the tables that the files are together.
    fn together(&mut self, files: &[PathBuf], overrides: &Overrides, into: Into) {
        let found = together::look(files, overrides, true);
        let lost = found.as_ref().map_or(0, |found| found.lost().count());
        match found.and_then(|found| found.tables(into, overrides)) {
            Ok(tables) => {
                // Of one table they stand in its report.
                self.reports.left_out(if tables.len() > 1 { lost } else { 0 });
                for table in &tables {
                    let converted = self.convert(table, tables.len());
                    if !self.goes_on(table.shown.clone(), converted) {
                        break;
                    }
                }
            }
            Err(error) => self.reports.failed(files.iter().map(|path| name_of(path)).collect::<Vec<_>>().join(", "), error),
        }
    }

    /// Converts a table of an input of which so many are converted.
    fn convert(&mut self, readable: &Readable, tables: usize) -> Result<()> {
        let output = self.outputs.of(&readable.name, readable.table().as_deref(), tables)?;
        let report = convert(readable, &output, &self.options, self.threads, self.rejected.as_mut())?;
        self.reports.converted(&report)
    }

    /// Takes note of an input that failed; whether the next has a chance: not where the arguments or the place of the output are at fault.
    fn goes_on(&mut self, input: String, converted: Result<()>) -> bool {
        let Err(error) = converted else { return true };
        let goes_on = !matches!(error.kind, ErrorKind::Usage | ErrorKind::Target);
        self.reports.failed(input, error);
        goes_on
    }
}

fn convert(
    readable: &Readable,
    output: &Place,
    options: &OutputOptions,
    threads: usize,
    rejected: Option<&mut ListFile>,
) -> Result<InputReport> {
    let options = &options.named(&stem(&output.name));
    let write = WritePlan { options: options.clone(), choices: readable.choices.clone() };
    let mut job: Job<Segment> = Job::of_parts(readable.parts.clone(), readable.columns.clone(), Some(write), false);
    let mut target = Target::create(&output.file, head(job.columns(), options)?)?;
    let mut progress = Progress::new(readable.parts.iter().map(|part| part.extent.bytes).sum());
    job::run(&mut job, &readable.sources, threads, |job, event| {
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
            Event::Lost { part } => {
                let lost = job.parts().get(part as usize).and_then(|part| part.lost.as_ref());
                progress.note(&lost.map_or_else(String::new, |error| format!("left out: {error}; reading again without it")));
                target.restart(head(job.columns(), options)?)?;
            }
        }
        Ok(())
    })?;
    progress.end();
    if let Some(file) = rejected {
        list_rejects(&job, readable, threads, file)?;
    }
    readable.sources.iter().try_for_each(FileSource::unchanged)?;
    let file = target.finish(&output.name, &job, options, &readable.shown)?;
    Ok(readable.report(&job, vec![file]))
}

/// Writes every reject, in a pass of its own: a file may be nothing but rejects.
fn list_rejects(done: &Job<Segment>, of: &Readable, threads: usize, file: &mut ListFile) -> Result<()> {
    if done.totals().rejects.groups().is_empty() {
        return Ok(());
    }
    let mut job: Job<Segment> = Job::listing_rejects(done.parts().to_vec(), done.columns().to_vec());
    job::run(&mut job, &of.sources, threads, |job, event| match event {
        Event::Accepted { rejects, .. } => {
            let mut lines = String::new();
            rejects.iter().for_each(|reject| rejects::write(reject, &of.name, job.columns(), &mut lines));
            file.append(&lines)
        }
        Event::Discarded(_) | Event::Widened(_) | Event::Lost { .. } => Ok(()),
    })
}

fn name_of(input: &Path) -> String {
    input.file_name().map_or_else(|| input.display().to_string(), |name| name.to_string_lossy().into_owned())
}
