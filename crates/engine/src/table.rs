//! A source as a table: which format it is, how it is read, which columns it has.

use std::collections::HashSet;

use colonnade_protocol::message::{Overrides, Preview, RowWindow, SentencePart};
use colonnade_protocol::report::{Finding, InputReport, OutputFile, table_name};
use colonnade_protocol::{Counts, ErrorInfo, ErrorKind, Origin, Setting};

use crate::Result;
use crate::column::{ColumnSpec, ddl};
use crate::extent::Extent;
use crate::format::{self, Detection, Format, ParseMode, TABLE};
use crate::job::UNIT_BYTES;
use crate::output::{OutputOptions, parquet};
use crate::plan::{ReadPlan, WritePlan};
use crate::rejects::Rejects;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::{Borrowed, Source};
use crate::view;

/// Bytes of rows that the encoding of each column is chosen by.
const CHOICE_BYTES: usize = 1 << 20;
/// Options that every format takes, beside its own: `format` (an id) and `schema` (Spark DDL, by position).
pub(crate) const FORMAT: &str = "format";
const SCHEMA: &str = "schema";

/// A source with everything found out about how to read it.
#[derive(Clone)]
pub struct Table {
    /// The file's, with that of the table where it holds several.
    pub name: String,
    /// The source's positions: how far it reaches, where it may be cut.
    pub extent: Extent,
    pub format: &'static dyn Format,
    /// The names of all tables of the source; empty where it is one table.
    pub tables: Vec<String>,
    pub detection: Detection,
}

impl Table {
    /// Looks at a sample of the source; what a person has said is taken as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::UnknownFormat`], [`ErrorKind::Usage`], and those of the source.
    pub fn open(source: &(impl Source + ?Sized), name: &str, overrides: &Overrides) -> Result<Self> {
        Self::open_among(format::FORMATS, source, name, overrides)
    }

    /// As [`open`](Self::open), with only some formats to choose from.
    pub(crate) fn open_among(
        formats: &[&'static dyn Format],
        source: &(impl Source + ?Sized),
        name: &str,
        overrides: &Overrides,
    ) -> Result<Self> {
        let sample = Sample::read(source)?;
        if sample.head.is_empty() {
            return Err(ErrorInfo::new(ErrorKind::Empty, format!("the file {name} is empty: it has no bytes"), "Choose another file."));
        }
        let general = |id: &str| given(overrides, id);
        let format = match general(FORMAT) {
            Some(id) => formats.iter().copied().find(|format| format.id().eq_ignore_ascii_case(id)).ok_or_else(|| {
                let known: Vec<_> = format::KNOWN.iter().map(|(id, _)| *id).collect();
                ErrorInfo::new(ErrorKind::Usage, format!("there is no format {id:?}"), format!("Known are {}.", known.join(", ")))
            })?,
            None => detect_format(formats, &sample, name),
        };
        let given = overrides.options.iter().filter(|(name, _)| !is_general(name));
        let (foreign, own): (Vec<_>, Vec<_>) = given.partition(|(name, _)| is_foreign(format, name));
        if let Some((name, reason)) = own.iter().find_map(|(name, _)| Some((name, absent(format, name)?))) {
            let what = format!("Spark's {name} has no meaning here: {reason}");
            return Err(ErrorInfo::new(ErrorKind::Usage, what, "Leave it out."));
        }
        let settings = Settings::new(&format.options(), own.into_iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        let (mut detection, extent, tables) = match format.blocks() {
            Some(blocks) => {
                let mut opened = blocks.open(&source.share(), name, settings)?;
                let extent = Extent::of_blocks(opened.blocks, sample.len);
                opened.detection.data_start = extent.start;
                (opened.detection, extent, opened.tables)
            }
            None => {
                let found = format.detect_in(&Borrowed(source), &sample, settings)?;
                let extent = match found.end {
                    Some(end) => Extent::of_part(found.detection.data_start, end),
                    None => Extent::of_bytes(found.detection.data_start, sample.len),
                };
                (found.detection, extent, found.tables)
            }
        };
        detection.findings.extend(foreign.into_iter().map(|(name, value)| ignored(format, name, value)));
        let confidence = detection.confidence;
        let origin = match general(FORMAT) {
            Some(_) => Origin::Person,
            None => Origin::Detected { confidence, evidence: "by its content".to_owned() },
        };
        detection.settings.put(Setting { id: FORMAT.to_owned(), value: format.id().to_owned(), origin });
        if let Some(text) = general(SCHEMA) {
            let columns = ddl::parse(text)?;
            if let Some(change) = format::corrupt::asked(format, &detection, &columns) {
                let mut overrides = overrides.clone();
                overrides.options.push(change);
                return Self::open_among(formats, source, name, &overrides);
            }
            format.impose(&mut detection, columns)?;
        }
        for change in &overrides.columns {
            let mut position = change.index as usize;
            if position >= detection.columns.len() && change.data_type.is_some() {
                // Found by a scan far beyond the sample, in a source whose records name their fields.
                detection.columns.push(ColumnSpec::text(change.source_name.clone()));
                position = detection.columns.len() - 1;
            }
            let Some(column) = detection.columns.get_mut(position).filter(|column| column.source_name == change.source_name) else {
                continue;
            };
            if change.data_type.is_some() || change.pattern.is_some() {
                let data_type = match (&change.data_type, &change.pattern) {
                    (Some(data_type), _) => data_type.parse().map_err(|error| ErrorInfo::new(ErrorKind::Usage, format!("{error}"), ""))?,
                    (None, Some(pattern)) => column.type_by(pattern)?,
                    (None, None) => column.data_type.clone(),
                };
                column.choose(data_type, change.pattern.clone());
            }
            if let Some(name) = change.name.as_ref().filter(|name| !name.is_empty()) {
                column.name.clone_from(name);
            }
        }
        check_names(&detection.columns)?;
        let name = match detection.settings.get(TABLE).filter(|_| tables.len() > 1) {
            Some(table) => table_name(name, table),
            None => name.to_owned(),
        };
        Ok(Self { name, extent, format, tables, detection })
    }

    /// Takes note of what the source was packed in ("zip (deflate)"), and of what was wrong with that.
    ///
    /// # Errors
    /// The damage itself under FAILFAST.
    pub fn unpacked_from(&mut self, packing: &str, damage: Option<&ErrorInfo>) -> Result<()> {
        let detection = &mut self.detection;
        if let Some(damage) = damage {
            if ParseMode::of(&detection.settings) == ParseMode::FailFast {
                return Err(damage.clone());
            }
            detection.findings.insert(0, Finding { what: format!("{}. {}", damage.what, damage.hint), fix: None });
        }
        detection.sentence.insert(0, SentencePart { text: format!("From {packing}: "), option: None });
        Ok(())
    }

    /// How its rows are read.
    pub fn read_plan(&self) -> ReadPlan {
        ReadPlan {
            format: self.format.id().to_owned(),
            split: self.format.split(&self.detection.settings),
            text_member: self.format.text_member(&self.detection.settings),
            settings: self.detection.settings.clone(),
            columns: self.detection.columns.clone(),
            given: None,
        }
    }

    /// How its rows are written: what each column's sample says of its encoding.
    ///
    /// # Errors
    /// Those of the source.
    pub fn write_plan(&self, source: &(impl Source + ?Sized), options: OutputOptions) -> Result<WritePlan> {
        let arrays = view::first_batch(source, &self.read_plan(), self.detection.data_start.byte, CHOICE_BYTES)?;
        let share = (UNIT_BYTES as f64 / source.len().max(1) as f64).min(1.0);
        let unit_rows = self.detection.estimated_rows as f64 * share;
        let choices = arrays.iter().map(|array| parquet::choose(array, unit_rows as u64)).collect();
        Ok(WritePlan { options, choices })
    }

    /// For the page: everything found, with the first rows.
    pub fn preview(&self, rows: RowWindow) -> Preview {
        let detection = &self.detection;
        Preview {
            format: self.format.id().to_owned(),
            format_title: self.format.title().to_owned(),
            sentence: detection.sentence.clone(),
            structure: self.format.structure(&detection.settings),
            confidence: detection.confidence,
            options: std::iter::once(format::option()).chain(self.format.options()).collect(),
            settings: detection.settings.as_slice().to_vec(),
            schema: detection.columns.iter().map(ColumnSpec::info).collect(),
            findings: detection.findings.clone(),
            raw_lines: detection.raw_lines.clone(),
            rows,
            estimated_rows: detection.estimated_rows,
            tables: self.tables.clone(),
        }
    }

    /// The report on this input, after a job over it (or, with empty counts, before one).
    pub fn report(&self, columns: &[ColumnSpec], mut counts: Counts, rejects: &Rejects, outputs: Vec<OutputFile>) -> InputReport {
        let detection = &self.detection;
        counts.skipped += detection.skipped;
        InputReport {
            name: self.name.clone(),
            bytes: self.extent.bytes,
            format: self.format.id().to_owned(),
            confidence: detection.confidence,
            sentence: detection.sentence.iter().map(|part| part.text.as_str()).collect(),
            structure: self.format.structure(&detection.settings),
            settings: detection.settings.as_slice().to_vec(),
            schema: columns.iter().map(ColumnSpec::info).collect(),
            counts,
            findings: rejects.decisions().findings(&detection.findings),
            rejects: rejects.groups().to_vec(),
            outputs,
            files: Vec::new(),
        }
    }
}

/// Whether an option is not this format's, but another's: one set-up may be for files of several formats.
fn is_foreign(format: &dyn Format, name: &str) -> bool {
    let has = |format: &dyn Format| format.options().iter().any(|option| option.is_named(name));
    !has(format) && format::FORMATS.iter().any(|&other| has(other))
}

fn ignored(format: &dyn Format, name: &str, value: &str) -> Finding {
    let why = absent(format, name).map_or_else(|| format!("{} has no such option", format.title()), str::to_owned);
    Finding { what: format!("{name}={value} was ignored: {why}"), fix: None }
}

/// Why an option of Spark's means nothing to a format.
#[cfg(feature = "every-format")]
fn absent(format: &dyn Format, name: &str) -> Option<&'static str> {
    format::spark::absent(format.id(), name)
}

#[cfg(not(feature = "every-format"))]
fn absent(_: &dyn Format, _: &str) -> Option<&'static str> {
    None
}

/// Whether an option is no format's own, but of every table, of what it was packed in, or of its union with others.
fn is_general(name: &str) -> bool {
    #[cfg(feature = "every-format")]
    let of_packed = crate::unpack::OPTIONS;
    #[cfg(not(feature = "every-format"))]
    let of_packed = [];
    [FORMAT, SCHEMA].iter().chain(&of_packed).chain(&crate::union::IDS).any(|general| name.eq_ignore_ascii_case(general))
}

/// What a person has said of an option; of several words the last.
pub(crate) fn given<'a>(overrides: &'a Overrides, id: &str) -> Option<&'a str> {
    overrides.options.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(id)).map(|(_, value)| value.as_str())
}

/// The format that is surest of the sample; the first of them where several are. The first format, which takes any text,
/// is asked only where another has a claim: asking it means to look at the whole sample.
fn detect_format(formats: &[&'static dyn Format], sample: &Sample, name: &str) -> &'static dyn Format {
    let (first, others) = (formats[0], &formats[1..]);
    let claims = others.iter().map(|&other| (other, other.confidence(sample, name)));
    let mut rival: Option<(&'static dyn Format, f32)> = None;
    for (format, confidence) in claims.filter(|&(_, confidence)| confidence > 0.0) {
        if rival.is_none_or(|(_, best)| confidence > best) {
            rival = Some((format, confidence));
        }
    }
    match rival {
        Some((format, confidence)) if confidence > first.confidence(sample, name) => format,
        _ => first,
    }
}

pub(crate) fn check_names(columns: &[ColumnSpec]) -> Result<()> {
    let mut known = HashSet::new();
    for (k, column) in columns.iter().enumerate() {
        if column.name.is_empty() || !known.insert(column.name.as_str()) {
            let what = if column.name.is_empty() {
                format!("column {} has no name", k + 1)
            } else {
                format!("two columns are named {:?}", column.name)
            };
            return Err(ErrorInfo::new(ErrorKind::Usage, what, "Give every column a name of its own."));
        }
    }
    Ok(())
}
