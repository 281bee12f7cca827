//! Tables of several files: what each of them is, and which are one table.

use std::path::{Path, PathBuf};

use colonnade_engine::Result;
use colonnade_engine::column::{ColumnSpec, ddl};
use colonnade_engine::output::OutputOptions;
use colonnade_engine::plan::ReadPlan;
use colonnade_engine::rejects::Rejects;
use colonnade_engine::settings::Settings;
use colonnade_engine::table::Table;
use colonnade_engine::union::{self, Member, Shape};
use colonnade_engine::view::{self, Window};
use colonnade_protocol::message::{Cell, Overrides};
use colonnade_protocol::report::{FileReport, Finding, table_name};
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind};

use crate::columns;
use crate::input::Input;
use crate::tables::{About, Readable, Several, tables, with_table};

/// Files that are named in an error.
const NAMED: usize = 3;
/// The option that a schema is given by.
const SCHEMA: &str = "schema";

/// What was found in files.
pub struct Found {
    looked: Vec<Looked>,
    /// Files without any content: they have a place in a table, and no rows.
    empty: Vec<FileReport>,
    lost: Vec<FileReport>,
    /// A single file was named, by the name that it is called here.
    alone: Option<String>,
}

/// What a person said, as it is meant for files that may become one table: words about columns are about those of the table.
struct Said<'a> {
    all: &'a Overrides,
    /// Without those about columns.
    of_files: Overrides,
    /// With the types of those that may come late in records which name their fields.
    of_fields: Overrides,
    /// Without the schema too.
    bare: Overrides,
    schema: Option<Vec<ColumnSpec>>,
}

impl<'a> Said<'a> {
    fn new(all: &'a Overrides) -> Result<Self> {
        let of_files = Overrides { columns: Vec::new(), ..all.clone() };
        let is_schema = |name: &str| name.eq_ignore_ascii_case(SCHEMA);
        let schema = all.options.iter().rev().find(|(name, _)| is_schema(name)).map(|(_, text)| ddl::parse(text)).transpose()?;
        let options = all.options.iter().filter(|(name, _)| !is_schema(name)).cloned().collect();
        let typed = all.columns.iter().filter(|word| word.data_type.is_some() && !word.source_name.starts_with('#'));
        let of_fields = Overrides { columns: typed.cloned().collect(), ..all.clone() };
        Ok(Self { all, bare: Overrides { options, columns: Vec::new() }, of_files, of_fields, schema })
    }

    /// A file, or one of its tables, as a part of a table. Its schema is left out where it holds by name: for the whole table.
    fn table(&self, input: &Input, table: Option<&str>) -> Result<Table> {
        let with_table = |overrides: &Overrides| table.map_or_else(|| overrides.clone(), |table| with_table(overrides, table));
        let bare = input.table(&with_table(&self.bare))?;
        match &self.schema {
            _ if columns::may_come(&bare) && (self.schema.is_some() || !self.of_fields.columns.is_empty()) => {
                input.table(&with_table(&self.of_fields))
            }
            Some(schema) if !union::is_by_name(schema, &bare) => input.table(&with_table(&self.of_files)),
            _ => Ok(bare),
        }
    }
}

/// A table that was looked at.
struct Looked {
    /// Its name in its file, which holds several.
    of_file: Option<String>,
    table: Table,
    read: ReadPlan,
    path: String,
    input: Input,
}

impl Looked {
    /// The cells of the first row of a file that was found to have no names; else none.
    fn first_row(&self) -> Result<Vec<Cell>> {
        if self.read.columns.iter().any(|column| !column.source_name.is_empty()) {
            return Ok(Vec::new());
        }
        let to_column = self.read.columns.len();
        let window = Window { from_row: 0, offset: self.table.extent.start.byte, first: 0, count: 1, from_column: 0, to_column };
        Ok(view::rows(&self.input.source, &self.read, window)?.rows.into_iter().next().unwrap_or_default())
    }

    /// It as if it had been named alone.
    fn alone(&self, said: &Said<'_>) -> Result<Readable> {
        if said.all.columns.is_empty() && said.schema.is_none() {
            return Readable::one(self.table.clone(), &self.input);
        }
        let overrides = self.of_file.as_ref().map_or_else(|| said.all.clone(), |table| with_table(said.all, table));
        Readable::one(self.input.table(&overrides)?, &self.input)
    }

    fn member(&self) -> Member<'_> {
        Member { path: &self.path, read: &self.read, extent: &self.table.extent }
    }
}

/// Which of the tables that were found become one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// Those of one shape.
    Shapes,
    /// Those of one shape, which all must be of: there is one file to write.
    OneShape,
    /// All.
    All,
}

/// Looks at every table of files (`every`), or at the first of each. A file that cannot be looked at costs its own rows, but under FAILFAST.
///
/// # Errors
/// As the engine's, for arguments that cannot be used, under FAILFAST, and where nothing at all can be read.
pub fn look(files: &[PathBuf], overrides: &Overrides, every: bool) -> Result<Found> {
    let said = Said::new(overrides)?;
    let alone = files.first().filter(|_| files.len() == 1).map(|file| file.display().to_string());
    let mut found = Found { looked: Vec::new(), empty: Vec::new(), lost: Vec::new(), alone };
    let mode = overrides.options.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case("mode"));
    let is_strict = mode.is_some_and(|(_, mode)| mode.eq_ignore_ascii_case("FAILFAST"));
    for file in files {
        let path = file.display().to_string();
        let opened = if files.len() == 1 { Input::open(file, overrides) } else { Input::open_by_name(file, overrides) };
        let looked_at = |error: ErrorInfo, path: String, bytes: u64, found: &mut Found| {
            let is_alone = found.alone.as_ref() == Some(&path);
            let what = if is_alone { error.what } else { format!("{path}: {}", error.what) };
            let error = ErrorInfo { what, ..error };
            match error.kind {
                ErrorKind::Empty if !is_alone => found.empty.push(FileReport { name: path, bytes, counts: Counts::default(), lost: None }),
                ErrorKind::Usage => return Err(error),
                _ if is_strict || is_alone => return Err(error),
                _ => found.lost.push(FileReport { name: path, bytes, counts: Counts::default(), lost: Some(error) }),
            }
            Ok(())
        };
        match opened {
            Ok(inputs) => {
                for input in inputs {
                    let path = within(&path, &input.name);
                    if let Err(error) = look_at(&input, &path, &said, every, &mut found.looked) {
                        looked_at(error, path, input.bytes(), &mut found)?;
                    }
                }
            }
            Err(error) => looked_at(error, path, size(file), &mut found)?,
        }
    }
    found.correct_headers(overrides)?;
    if found.looked.is_empty() {
        let first = found.lost.into_iter().find_map(|file| file.lost);
        return Err(first.unwrap_or_else(|| ErrorInfo::new(ErrorKind::Empty, "none of the files has any content", "Choose others.")));
    }
    Ok(found)
}

fn look_at(input: &Input, path: &str, said: &Said<'_>, every: bool, looked: &mut Vec<Looked>) -> Result<()> {
    let first = said.table(input, None)?;
    let names = if every { tables(&first, said.all) } else { vec![None] };
    for of_file in names {
        let (table, path) = match &of_file {
            Some(name) => (said.table(input, Some(name))?, table_name(path, name)),
            None => (first.clone(), path.to_owned()),
        };
        looked.push(Looked { of_file, read: table.read_plan(), table, path, input: input.clone() });
    }
    Ok(())
}

/// The path of an archive's member, by the archive's.
fn within(path: &str, name: &str) -> String {
    name.split_once(" / ").map_or_else(|| path.to_owned(), |(_, member)| format!("{path} / {member}"))
}

fn size(file: &Path) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}

impl Found {
    /// Reads files again whose header only the others tell.
    fn correct_headers(&mut self, overrides: &Overrides) -> Result<()> {
        let firsts: Vec<Vec<Cell>> = self.looked.iter().map(Looked::first_row).collect::<Result<_>>()?;
        let files: Vec<_> = self.looked.iter().zip(&firsts).map(|(looked, first)| (&looked.read, first.as_slice())).collect();
        let corrected = union::headers_of_others(&files);
        let mut overrides = overrides.clone();
        overrides.options.push((union::HEADER.to_owned(), "true".to_owned()));
        let said = Said::new(&overrides)?;
        for (k, _) in corrected {
            let Some(looked) = self.looked.get_mut(k) else { continue };
            looked.table = said.table(&looked.input, looked.of_file.as_deref())?;
            looked.read = looked.table.read_plan();
        }
        Ok(())
    }

    /// Why files could not be looked at.
    pub fn lost(&self) -> impl Iterator<Item = &ErrorInfo> {
        self.lost.iter().filter_map(|file| file.lost.as_ref())
    }

    /// The tables that they are.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where there are several shapes and must be one, and those of the engine.
    pub fn tables(mut self, into: Into, overrides: &Overrides) -> Result<Vec<Readable>> {
        let said = Said::new(overrides)?;
        let known = union::options();
        let given = overrides.options.iter().filter(|(name, _)| known.iter().any(|option| option.is_named(name)));
        let settings = Settings::new(&known, given.map(|(name, value)| (name.as_str(), value.as_str())))?;
        let members: Vec<Member<'_>> = self.looked.iter().map(Looked::member).collect();
        let shapes = match into {
            Into::All => vec![Shape { why: union::why(&members), members: (0..members.len()).collect() }],
            Into::Shapes | Into::OneShape => union::shapes(&members),
        };
        if shapes.len() > 1 && matches!(into, Into::OneShape) {
            return Err(self.several(&shapes));
        }
        let mut others: Vec<Vec<FileReport>> = vec![Vec::new(); shapes.len()];
        for file in std::mem::take(&mut self.empty) {
            match union::shape_of(&file.name, &shapes, &members).and_then(|at| others.get_mut(at)) {
                Some(others) => others.push(file),
                None => eprintln!("left out: {} is empty", file.name),
            }
        }
        match others.as_mut_slice() {
            [one] => one.append(&mut self.lost),
            _ => self.lost().for_each(|error| eprintln!("left out: {error}")),
        }
        let mut tables = Vec::new();
        for (shape, others) in shapes.iter().zip(others) {
            let of: Vec<&Looked> = shape.members.iter().filter_map(|&k| self.looked.get(k)).collect();
            // A file by itself is a table as if it had been named alone.
            match of.as_slice() {
                [alone] if others.is_empty() && into != Into::All => tables.push(alone.alone(&said)?),
                _ => tables.push(unite(&of, &shape.why, &settings, &said, others)?),
            }
        }
        Ok(tables)
    }

    fn several(&self, shapes: &[Shape]) -> ErrorInfo {
        let shape = |shape: &Shape| {
            let files: Vec<&Looked> = shape.members.iter().filter_map(|&k| self.looked.get(k)).collect();
            let first = files.first().map_or("", |looked| looked.path.as_str());
            let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
            format!("{first}{more}")
        };
        let named: Vec<String> = shapes.iter().take(NAMED).map(shape).collect();
        let rest = if shapes.len() > NAMED { "; ..." } else { "" };
        let of = self.alone.as_ref().map_or_else(|| "the files".to_owned(), |file| format!("the tables of {file}"));
        let what = format!("{of} are of {} shapes: {}{rest}", shapes.len(), named.join("; "));
        let mut hint =
            "Unite them all the same by --union all. Or name a folder with -o: it gets one file for each table, and with --union \
                        shape one for each shape."
                .to_owned();
        if self.looked.iter().any(|looked| looked.table.tables.len() > 1) {
            hint.push_str(" One table of a file is picked by --set table=NAME.");
        }
        ErrorInfo::new(ErrorKind::Usage, what, hint)
    }
}

fn unite(of: &[&Looked], why: &str, settings: &Settings, said: &Said<'_>, others: Vec<FileReport>) -> Result<Readable> {
    let members: Vec<Member<'_>> = of.iter().map(|looked| looked.member()).collect();
    let name = union::name(of.iter().map(|looked| looked.path.as_str()));
    let mut united = union::unite(&members, settings, &[])?;
    let mut changes = said.schema.as_ref().map_or_else(Vec::new, |schema| union::schema_changes(schema, &united.columns));
    let may_come = of.iter().any(|looked| columns::may_come(&looked.table));
    changes.extend(columns::resolved(&said.all.columns, &name, &united.columns, may_come)?);
    if !changes.is_empty() {
        united = union::unite(&members, settings, &changes)?;
    }
    if let Some(schema) = &said.schema {
        united.complete(schema);
    }
    let empty = others.iter().filter(|file| file.lost.is_none());
    united.findings.extend(empty.map(|file| Finding { what: union::is_empty(&file.name), fix: None }));
    let choices = of.iter().map(|looked| Ok(looked.table.write_plan(&looked.input.source, OutputOptions::default())?.choices));
    let choices = choices.collect::<Result<Vec<_>>>()?;
    let choices = union::choices(&united, &choices.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let reports = of.iter().map(|looked| looked.table.report(&looked.read.columns, Counts::default(), &Rejects::default(), Vec::new()));
    Ok(Readable {
        shown: name.clone(),
        name,
        choices,
        estimated_rows: of.iter().map(|looked| looked.table.detection.estimated_rows).sum(),
        sources: of.iter().map(|looked| looked.input.source.clone()).collect(),
        about: About::Several(Several {
            why: why.to_owned(),
            reports: reports.collect(),
            settings: settings.clone(),
            findings: united.findings,
            others,
        }),
        parts: united.parts,
        columns: united.columns,
    })
}
