//! JSON Lines: one object a line, UTF-8.

mod decoder;
mod detect;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::report::{Structure, StructureKind};

pub(super) use self::detect::Lines;
use super::{likeness, options, repair};
use crate::Result;
use crate::column::ColumnSpec;
use crate::decisions::Told;
use crate::format::{Decoder, Detection, Format, Split, named};
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
        options::of_lines()
    }

    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        likeness::likeness(sample, name).lines
    }

    fn detect(&self, sample: &Sample, settings: Settings) -> Result<Detection> {
        detect::detect(sample, settings)
    }

    fn told(&self, option: &str) -> Option<Told> {
        repair::told(option)
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

    fn impose(&self, detection: &mut Detection, given: Vec<ColumnSpec>) -> Result<()> {
        named::impose(detection, given);
        Ok(())
    }
}
