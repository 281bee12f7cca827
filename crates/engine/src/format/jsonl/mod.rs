//! JSON Lines: one object a line, UTF-8.

mod decoder;
mod detect;
mod infer;
mod options;
mod reader;
mod tree;
mod widen;

use colonnade_protocol::report::{Structure, StructureKind};
use colonnade_protocol::{OptionDecl, Origin};

use crate::Result;
use crate::column::ColumnSpec;
use crate::format::{Decoder, Detection, Format, Split};
use crate::sample::Sample;
use crate::settings::Settings;

/// The JSON Lines reader. Memory: flat, but for a line of at most `maxRecordBytes`.
pub struct JsonLines;

impl Format for JsonLines {
    fn id(&self) -> &'static str {
        "jsonl"
    }

    fn title(&self) -> &'static str {
        "JSON Lines"
    }

    fn options(&self) -> Vec<OptionDecl> {
        options::declared()
    }

    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        detect::likeness(sample, name)
    }

    fn detect(&self, sample: &Sample, settings: Settings) -> Result<Detection> {
        detect::detect(sample, settings)
    }

    fn structure(&self, _: &Settings) -> Structure {
        Structure::new(StructureKind::SemiStructured, "every record names its own fields, may lack some of them and may nest others")
    }

    /// A record has no raw line end within.
    fn split(&self, _: &Settings) -> Split {
        Split::Ranges { align: 1 }
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decoder::JsonLinesDecoder::new(settings, columns)?))
    }

    /// By name, as in Spark: the table has the columns that are given, and fields beyond them are not read unless
    /// `schemaEvolutionMode` is set to it.
    fn impose(&self, detection: &mut Detection, given: Vec<ColumnSpec>) -> Result<()> {
        let corrupt = detection.settings.text("columnNameOfCorruptRecord").to_owned();
        detection.columns = given
            .into_iter()
            .map(|mut column| {
                if let Some(found) = detection.columns.iter().find(|found| found.name == column.name) {
                    column.source_name.clone_from(&found.source_name);
                    column.evidence = found.evidence.clone();
                }
                if column.name == corrupt {
                    column.source_name.clear();
                }
                ColumnSpec { origin: Origin::Person, ..column }
            })
            .collect();
        if !detection.settings.is_by_person(options::EVOLUTION) {
            detection.settings.set(options::EVOLUTION, "none");
        }
        Ok(())
    }
}
