//! The tables to convert: one a file, or of several files.

use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_engine::column::ColumnSpec;
use colonnade_engine::format::{ParseMode, TABLE};
use colonnade_engine::job::Job;
use colonnade_engine::output::OutputOptions;
use colonnade_engine::output::parquet::ColumnChoice;
use colonnade_engine::plan::ReadPlan;
use colonnade_engine::settings::Settings;
use colonnade_engine::table::Table;
use colonnade_engine::union::{self, Member, Part, Reported};
use colonnade_protocol::message::Overrides;
use colonnade_protocol::report::{FileReport, Finding, InputReport, OutputFile};
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};

use crate::file::FileSource;
use crate::input::Input;
use crate::job::Segment;

/// Files that are looked at by name in an error.
const NAMED: usize = 3;

/// A table, and how it is read.
pub struct Readable {
    /// The file that its output is called after.
    pub name: String,
    /// Its name for a person.
    pub shown: String,
    pub parts: Vec<Part>,
    pub columns: Vec<ColumnSpec>,
    pub choices: Vec<ColumnChoice>,
    pub sources: Vec<FileSource>,
    about: About,
}

enum About {
    One(Box<Table>),
    Several(Several),
}

struct Several {
    why: String,
    reports: Vec<InputReport>,
    settings: Settings,
    findings: Vec<Finding>,
    /// Files that could not be looked at.
    lost: Vec<FileReport>,
}

impl Readable {
    fn one(table: Table, input: &Input) -> Result<Self> {
        let write = table.write_plan(&input.source, OutputOptions::default())?;
        Ok(Self {
            name: input.name.clone(),
            shown: table.name.clone(),
            parts: vec![Part::whole(table.read_plan(), table.extent.clone())],
            columns: table.detection.columns.clone(),
            choices: write.choices,
            sources: vec![input.source.clone()],
            about: About::One(Box::new(table)),
        })
    }

    /// Which of its file's tables it is, where that holds several.
    pub fn table(&self) -> Option<String> {
        let About::One(table) = &self.about else { return None };
        let report = table.report(&[], Counts::default(), Vec::new(), Vec::new());
        report.file().1.map(str::to_owned)
    }

    /// The report after a job.
    pub fn report(&self, job: &Job<Segment>, outputs: Vec<OutputFile>) -> InputReport {
        let totals = job.totals();
        match &self.about {
            About::One(table) => table.report(job.columns(), totals.counts, totals.rejects.groups().to_vec(), outputs),
            About::Several(several) => {
                let of = Reported {
                    name: &self.shown,
                    why: &several.why,
                    files: &several.reports.iter().collect::<Vec<_>>(),
                    parts: job.parts(),
                    columns: job.columns(),
                    totals,
                    settings: several.settings.as_slice(),
                    findings: &several.findings,
                };
                let mut report = union::report(&of, outputs);
                report.files.extend(several.lost.iter().cloned());
                report
            }
        }
    }
}

/// Every table of a file, one after another, each with how many there are.
///
/// # Errors
/// As the engine's, and those of `take`.
pub fn one_by_one(path: &Path, overrides: &Overrides, mut take: impl FnMut(&Readable, usize) -> Result<()>) -> Result<()> {
    let members = Input::open(path, overrides)?;
    for member in &members {
        let first = member.table(overrides)?;
        let names = tables(&first, overrides);
        for name in &names {
            let table = match name {
                Some(name) => member.table(&with_table(overrides, name))?,
                None => first.clone(),
            };
            take(&Readable::one(table, member)?, names.len().max(members.len()))?;
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

/// A file that was looked at.
struct Looked {
    table: Table,
    read: ReadPlan,
    path: String,
    input: Input,
}

/// The tables that files are together: those of one shape one table, or all of them. `must_be_one`: there is one file to write.
/// A file that cannot be looked at costs its own rows, but under FAILFAST.
///
/// # Errors
/// As the engine's, and [`ErrorKind::Usage`] where there are several shapes and must be one.
pub fn together(files: &[PathBuf], overrides: &Overrides, all: bool, must_be_one: bool) -> Result<Vec<Readable>> {
    let known = union::options();
    let given = overrides.options.iter().filter(|(name, _)| known.iter().any(|option| option.is_named(name)));
    let settings = Settings::new(&known, given.map(|(name, value)| (name.as_str(), value.as_str())))?;
    let (mut looked, mut lost) = (Vec::new(), Vec::new());
    for file in files {
        if let Err(mut error) = look(file, overrides, &mut looked) {
            let mode = overrides.options.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case("mode"));
            let is_strict = mode.is_some_and(|(_, mode)| mode.eq_ignore_ascii_case("FAILFAST"));
            let path = file.display().to_string();
            error.what = format!("{path}: {}", error.what);
            if is_strict || error.kind == ErrorKind::Usage || files.len() == 1 {
                return Err(error);
            }
            let bytes = file.metadata().map_or(0, |metadata| metadata.len());
            lost.push(FileReport { name: path, bytes, counts: Counts::default(), lost: Some(error) });
        }
    }
    let members: Vec<Member<'_>> = looked.iter().map(Looked::member).collect();
    let shapes = match all {
        true => vec![union::Shape { why: union::why(&members), members: (0..members.len()).collect() }],
        false => union::shapes(&members),
    };
    if shapes.is_empty() || members.is_empty() {
        let first = lost.into_iter().find_map(|file| file.lost);
        return Err(first.unwrap_or_else(|| ErrorInfo::new(ErrorKind::Empty, "there is no file to read", "")));
    }
    if must_be_one && shapes.len() > 1 {
        return Err(several_shapes(&shapes, &looked));
    }
    let mut tables = Vec::new();
    for shape in &shapes {
        let of: Vec<&Looked> = shape.members.iter().filter_map(|&k| looked.get(k)).collect();
        // A file by itself is a table as if it had been named alone, unless others were to be with it.
        match of.as_slice() {
            [alone] if !must_be_one && !all => tables.push(Readable::one(alone.table.clone(), &alone.input)?),
            _ => tables.push(unite(&of, &shape.why, &settings, std::mem::take(&mut lost))?),
        }
    }
    for file in lost.iter().filter_map(|file| file.lost.as_ref()) {
        eprintln!("left out: {file}");
    }
    Ok(tables)
}

impl Looked {
    fn member(&self) -> Member<'_> {
        Member { path: &self.path, read: &self.read, extent: &self.table.extent }
    }
}

fn look(file: &Path, overrides: &Overrides, looked: &mut Vec<Looked>) -> Result<()> {
    let path = file.display().to_string();
    for input in Input::open_by_name(file, overrides)? {
        let table = input.table(overrides)?;
        if ParseMode::of(&table.detection.settings) == ParseMode::FailFast && table.extent.bytes == 0 {
            return Err(ErrorInfo::new(ErrorKind::Empty, "the file is empty", ""));
        }
        let within = input.name.split_once(" / ").map_or_else(|| path.clone(), |(_, member)| format!("{path} / {member}"));
        looked.push(Looked { read: table.read_plan(), table, path: within, input });
    }
    Ok(())
}

fn unite(of: &[&Looked], why: &str, settings: &Settings, lost: Vec<FileReport>) -> Result<Readable> {
    let members: Vec<Member<'_>> = of.iter().map(|looked| looked.member()).collect();
    let united = union::unite(&members, settings, &[])?;
    let choices = of.iter().map(|looked| Ok(looked.table.write_plan(&looked.input.source, OutputOptions::default())?.choices));
    let choices = choices.collect::<Result<Vec<_>>>()?;
    let choices = union::choices(&united, &choices.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let name = union::name(of.iter().map(|looked| looked.path.as_str()));
    let reports = of.iter().map(|looked| looked.table.report(&looked.read.columns, Counts::default(), Vec::new(), Vec::new()));
    Ok(Readable {
        shown: name.clone(),
        name,
        choices,
        sources: of.iter().map(|looked| looked.input.source.clone()).collect(),
        about: About::Several(Several {
            why: why.to_owned(),
            reports: reports.collect(),
            settings: settings.clone(),
            findings: united.findings,
            lost,
        }),
        parts: united.parts,
        columns: united.columns,
    })
}

fn several_shapes(shapes: &[union::Shape], looked: &[Looked]) -> ErrorInfo {
    let shape = |shape: &union::Shape| {
        let files: Vec<&Looked> = shape.members.iter().filter_map(|&k| looked.get(k)).collect();
        let first = files.first().map_or("", |looked| looked.path.as_str());
        let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
        format!("{first}{more}")
    };
    let named: Vec<String> = shapes.iter().take(NAMED).map(shape).collect();
    let rest = if shapes.len() > NAMED { "; ..." } else { "" };
    let what = format!("the files are of {} shapes: {}{rest}", shapes.len(), named.join("; "));
    ErrorInfo::new(
        ErrorKind::Usage,
        what,
        "Unite them all the same by --union all, or name a folder with -o: it gets one file for each shape.",
    )
}
