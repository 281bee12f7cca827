//! A table to convert, of one file or of several.

use colonnade_engine::Result;
use colonnade_engine::column::ColumnSpec;
use colonnade_engine::format::TABLE;
use colonnade_engine::job::{Job, Totals};
use colonnade_engine::output::OutputOptions;
use colonnade_engine::output::parquet::ColumnChoice;
use colonnade_engine::rejects::Rejects;
use colonnade_engine::settings::Settings;
use colonnade_engine::table::Table;
use colonnade_engine::union::{self, Part, Reported};
use colonnade_protocol::Counts;
use colonnade_protocol::message::Overrides;
use colonnade_protocol::report::{FileReport, Finding, InputReport, OutputFile};

use crate::file::FileSource;
use crate::input::Input;
use crate::job::Segment;

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
    pub estimated_rows: u64,
    pub about: About,
}

/// What is to be told of a table.
pub enum About {
    One(Box<Table>),
    Several(Several),
}

/// What is to be told of one of several files.
pub struct Several {
    pub why: String,
    /// Each file's own report, as before any job.
    pub reports: Vec<InputReport>,
    pub settings: Settings,
    pub findings: Vec<Finding>,
    /// Files that have no rows in it: those without any, and those that could not be looked at.
    pub others: Vec<FileReport>,
}

impl Readable {
    /// A file that is a table by itself.
    ///
    /// # Errors
    /// Those of the source.
    pub fn one(table: Table, input: &Input) -> Result<Self> {
        let write = table.write_plan(&input.source, OutputOptions::default())?;
        Ok(Self {
            name: input.name.clone(),
            shown: table.name.clone(),
            parts: vec![Part::whole(table.read_plan(), table.extent.clone())],
            columns: table.detection.columns.clone(),
            choices: write.choices,
            sources: vec![input.source.clone()],
            estimated_rows: table.detection.estimated_rows,
            about: About::One(Box::new(table)),
        })
    }

    /// Which of its file's tables it is, where that holds several.
    pub fn table(&self) -> Option<String> {
        let About::One(table) = &self.about else { return None };
        let report = table.report(&[], Counts::default(), &Rejects::default(), Vec::new());
        report.file().1.map(str::to_owned)
    }

    /// The report after a job.
    pub fn report(&self, job: &Job<Segment>, outputs: Vec<OutputFile>) -> InputReport {
        self.reported(job.parts(), job.columns(), job.totals(), outputs)
    }

    /// The report before one.
    pub fn outlook(&self) -> InputReport {
        self.reported(&self.parts, &self.columns, &Totals::default(), Vec::new())
    }

    fn reported(&self, parts: &[Part], columns: &[ColumnSpec], totals: &Totals, outputs: Vec<OutputFile>) -> InputReport {
        match &self.about {
            About::One(table) => table.report(columns, totals.counts, &totals.rejects, outputs),
            About::Several(several) => {
                let of = Reported {
                    name: &self.shown,
                    why: &several.why,
                    files: &several.reports.iter().collect::<Vec<_>>(),
                    parts,
                    columns,
                    totals,
                    settings: several.settings.as_slice(),
                    findings: &several.findings,
                };
                let mut report = union::report(&of, outputs);
                report.files.extend(several.others.iter().cloned());
                report
            }
        }
    }
}

/// Every table of a file (or of a member of an archive), one after another, each with how many there are.
///
/// # Errors
/// As the engine's, and those of `take`.
pub fn one_by_one(input: &Input, overrides: &Overrides, mut take: impl FnMut(&Readable, usize) -> Result<()>) -> Result<()> {
    let first = input.table(overrides)?;
    let names = tables(&first, overrides);
    for name in &names {
        let table = match name {
            Some(name) => input.table(&with_table(overrides, name))?,
            None => first.clone(),
        };
        take(&Readable::one(table, input)?, names.len())?;
    }
    Ok(())
}

/// The tables of a file to convert: every one by its name, or (`None`) the one that it is or that was asked for.
pub fn tables(first: &Table, overrides: &Overrides) -> Vec<Option<String>> {
    let picked = overrides.options.iter().any(|(name, _)| name.eq_ignore_ascii_case(TABLE));
    if picked || first.tables.len() < 2 { vec![None] } else { first.tables.iter().cloned().map(Some).collect() }
}

/// The same with the word that this table is meant.
pub fn with_table(overrides: &Overrides, table: &str) -> Overrides {
    let mut overrides = overrides.clone();
    overrides.options.push((TABLE.to_owned(), table.to_owned()));
    overrides
}
