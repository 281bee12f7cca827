//! JSON documents that hold their columns one after another: an object of arrays, or of objects by the rows' names.
//!
//! All of a document is gone through once, up to a stated length, to know where its columns are ([`directory`]). Rows are then
//! read across them, at a place in each, written as objects and read as any records are ([`rows`]). Memory: a part of each
//! column, and a row of at most `maxRecordBytes` a value.

mod directory;
mod form;
mod rows;
mod scan;
#[cfg(test)]
mod tests;

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::option::OptionKind;
use colonnade_protocol::report::{Change, Finding, Fix, Structure, StructureKind};
use colonnade_protocol::{OptionDecl, Origin, Place, Setting};

use super::document::Json;
use super::encoding::JsonEncoding;
use super::layout::ORIENT;
use super::options::{self, ENCODING, RECORD_PATH};
use super::path::RecordPath;
use super::{likeness, repair, shown};
use crate::Result;
use crate::column::ColumnSpec;
use crate::decisions::Told;
use crate::format::{BlockFormat, BlockReader, Blocks, Detection, Format, OpenedBlocks, named};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use crate::words::counted;
use directory::Directory;
use form::Form;
use rows::{Rows, Written};

/// The setting that holds the directory.
const DIRECTORY: &str = "columnsAt";
/// Rows that types are found from: so many, from as many places.
const LOOKED_AT: usize = 500;
const PLACES: u64 = 8;
/// Names of members that are shown.
const NAMED: usize = 6;

/// The reader of JSON in columns.
pub struct JsonColumns;

impl Format for JsonColumns {
    fn id(&self) -> &'static str {
        "jsoncolumns"
    }

    fn title(&self) -> &'static str {
        "JSON in columns"
    }

    fn options(&self) -> Vec<OptionDecl> {
        let mut options = options::of_documents();
        options.retain(|option| option.id != ENCODING && option.id != "header");
        for option in &mut options {
            match option.id.as_ref() {
                RECORD_PATH => {
                    option.title = "Where the columns are".into();
                    option.help = "A JSONPath to the members that are columns: $.* for those of the document, $.hourly.* for those of an object within it.".into();
                }
                ORIENT => {
                    let choices = [("list", "an array of values"), ("columns", "an object of values by the rows' names")];
                    option.title = "A column is".into();
                    option.kind =
                        OptionKind::Choice(choices.into_iter().map(|(id, title)| (id.into(), title.into())).collect::<Vec<_>>().into());
                    option.help = "What holds the values of a column, in the words of pandas. Names of rows that are more than their numbers become a column named key.".into();
                }
                _ => {}
            }
        }
        options
    }

    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        let (encoding, mark) = JsonEncoding::of(&sample.head);
        let text = sample.head.get(mark..).unwrap_or_default();
        if encoding != JsonEncoding::Utf8 || !ends_as_columns(sample) || form::find(text, sample.is_whole()).is_none() {
            return 0.0;
        }
        // Records that are no more likely than this are columns.
        likeness::likeness(sample, name).document + 0.005
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }

    fn told(&self, option: &str) -> Option<Told> {
        repair::told(option)
    }

    fn structure(&self, _: &Settings) -> Structure {
        Structure::new(StructureKind::SemiStructured, "every column names itself once, and its values may be of any type and nest others")
    }

    fn impose(&self, detection: &mut Detection, given: Vec<ColumnSpec>) -> Result<()> {
        named::impose(detection, given);
        Ok(())
    }
}

/// Whether the last bytes close a column and what holds it.
fn ends_as_columns(sample: &Sample) -> bool {
    let last = sample.slices.last().map_or(&sample.head, |slice| &slice.bytes);
    let mut ends = last.iter().rev().filter(|byte| !byte.is_ascii_whitespace());
    ends.next() == Some(&b'}') && ends.next().is_some()
}

impl BlockFormat for JsonColumns {
    fn open(&self, source: &SharedSource, _name: &str, mut settings: Settings) -> Result<OpenedBlocks> {
        let sample = Sample::read(source.as_ref())?;
        let found = form::find(&sample.head, sample.is_whole());
        let path = found.as_ref().map_or("$.*".to_owned(), |(path, _)| path.to_string());
        settings.detect(RECORD_PATH, path, 0.9, "its members are alike");
        settings.detect(ORIENT, found.map_or(Form::Lists, |(_, form)| form).id(), 0.9, "what the members are");
        let path = options::record_path(&settings)?;
        let form = Form::of(settings.text(ORIENT));
        let directory = Directory::read(source, &path, form)?;
        let all = directory.rows();
        let mut blocks = Blocks::starting_at(0);
        let weight = |rows: u64| (source.len() as f64 * (rows as f64 / all.max(1) as f64)) as u64;
        (0..all).step_by(directory.step.max(1) as usize).for_each(|row| {
            let rows = directory.step.min(all - row);
            blocks.push(rows, weight(rows));
        });
        let found = look(source, &directory, form, &settings)?;
        let columns = found.columns.len();
        let mut findings = vec![finding(&directory, &path)];
        findings.extend(found.findings);
        settings.detect(DIRECTORY, serde_json::to_string(&directory).unwrap_or_default(), 1.0, "a look at the whole document");
        let is_own = |setting: &&Setting| setting.id != ENCODING && settings.get(&setting.id).is_none();
        let of_rows: Vec<Setting> = found.settings.as_slice().iter().filter(is_own).cloned().collect();
        of_rows.into_iter().for_each(|setting| settings.put(setting));
        let detection = Detection {
            confidence: 0.95,
            sentence: sentence(&settings, form, all, columns),
            columns: found.columns,
            findings,
            data_start: Place::row(0),
            skipped: directory.beside.len() as u64,
            raw_lines: shown::raw_lines(&sample.head),
            estimated_rows: all,
            settings,
        };
        Ok(OpenedBlocks { detection, tables: Vec::new(), blocks })
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let form = Form::of(settings.text(ORIENT));
        let directory = match serde_json::from_str(settings.text(DIRECTORY)) {
            Ok(directory) => directory,
            Err(_) => Directory::read(source, &options::record_path(settings)?, form)?,
        };
        let rows = Rows::new(source.clone(), directory, form, settings);
        Ok(Box::new(rows::Reader::new(rows, of_rows(settings), columns)))
    }
}

/// The settings by which the rows are read that were written across the columns.
fn of_rows(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    for (id, value) in [(ENCODING, JsonEncoding::Utf8.name()), (RECORD_PATH, "$"), (ORIENT, "records")] {
        settings.put(Setting { id: id.to_owned(), value: value.to_owned(), origin: Origin::Person });
    }
    settings
}

/// What rows from across the document show.
fn look(source: &SharedSource, directory: &Directory, form: Form, settings: &Settings) -> Result<Detection> {
    let mut rows = Rows::new(source.clone(), directory.clone(), form, settings);
    let all = directory.rows();
    let places = if all > LOOKED_AT as u64 * PLACES { PLACES } else { 1 };
    let most = if places == 1 { all as usize } else { LOOKED_AT };
    let mut text = Vec::new();
    for place in 0..places {
        let Written { text: more, .. } = rows.write(all / places * place, most, true)?;
        text.extend(more);
    }
    let sample = Sample { len: text.len() as u64, head: text, slices: Vec::new() };
    Json.detect(&sample, of_rows(settings))
}

/// What is made of the document, and the way to read it otherwise.
fn finding(directory: &Directory, path: &RecordPath) -> Finding {
    let named = directory.beside.iter().take(NAMED).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let beside = match directory.beside.len() {
        0 => String::new(),
        count if count > NAMED => format!("; beside them it has {named} and {} more, which no row has", count - NAMED),
        _ => format!("; beside them it has {named}, which no row has"),
    };
    let what = format!("the document holds its columns one after another, at {path}: rows are read across them{beside}");
    let change = Change::Option { id: "format".to_owned(), value: Some("json".to_owned()) };
    Finding { what, fix: Some(Fix { title: "Read it as records".to_owned(), change }) }
}

/// *"JSON in columns, each an array of values, at $.*; 312 rows, 12 columns."*
fn sentence(settings: &Settings, form: Form, rows: u64, columns: usize) -> Vec<SentencePart> {
    let part = |text: String, option: Option<&str>| SentencePart { text, option: option.map(Into::into) };
    let each = if form == Form::Lists { "an array of values" } else { "an object of values by the rows' names" };
    vec![
        part("JSON in columns, each ".to_owned(), None),
        part(each.to_owned(), Some(ORIENT)),
        part(", at ".to_owned(), None),
        part(settings.text(RECORD_PATH).to_owned(), Some(RECORD_PATH)),
        part(format!("; {}, {}.", counted(rows, "row"), counted(columns, "column")), None),
    ]
}
