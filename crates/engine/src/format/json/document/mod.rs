//! JSON in documents: one value or several, one after another; the records are values within them.

mod decoder;
mod detect;
mod gather;
mod header;
mod names;
pub(super) mod outline;
mod resume;
pub(super) mod shape;
mod skip;
mod walk;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::report::{Structure, StructureKind};

use super::encoding::JsonEncoding;
use super::layout::{Layout, Orient};
use super::{likeness, options, repair};
use crate::Result;
use crate::column::ColumnSpec;
use crate::decisions::Told;
use crate::format::{Decoder, Detection, Format, Split, named};
use crate::sample::Sample;
use crate::settings::Settings;

/// The reader of JSON documents. Memory: flat, but for a record of at most `maxRecordBytes`.
pub struct Json;

impl Format for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn title(&self) -> &'static str {
        "JSON"
    }

    fn options(&self) -> Vec<OptionDecl> {
        options::of_documents()
    }

    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        likeness::likeness(sample, name).document
    }

    fn detect(&self, sample: &Sample, settings: Settings) -> Result<Detection> {
        detect::detect(sample, settings)
    }

    fn told(&self, option: &str) -> Option<Told> {
        repair::told(option)
    }

    fn structure(&self, _: &Settings) -> Structure {
        Structure::new(StructureKind::SemiStructured, "every value names its own members, may lack some of them and may nest others")
    }

    /// A record is told from what is within one by its first key and by those behind it; where it has no key, and where a
    /// character has several bytes, that tells little.
    fn split(&self, settings: &Settings) -> Split {
        let is_told = Layout::of(settings, false).orient != Orient::Value;
        let is_utf8 = JsonEncoding::by_name(settings.text(options::ENCODING)) == JsonEncoding::Utf8;
        if is_told && is_utf8 { Split::Ranges { align: 1 } } else { Split::InOrder }
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decoder::DocumentDecoder::new(settings, columns)?))
    }

    fn impose(&self, detection: &mut Detection, given: Vec<ColumnSpec>) -> Result<()> {
        named::impose(detection, given);
        Ok(())
    }
}
