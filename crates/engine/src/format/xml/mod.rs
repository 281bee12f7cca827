//! XML: one element is a row; its attributes and elements are columns, nested and repeated ones structs and lists.

mod chars;
mod decoder;
mod detect;
mod encoding;
mod entities;
mod find;
mod infer;
mod mend;
mod options;
mod outside;
mod prologue;
mod reader;
mod repair;
mod root;
mod rows;
mod tree;
mod value;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::report::{Structure, StructureKind};

use crate::Result;
use crate::column::ColumnSpec;
use crate::decisions::Told;
use crate::format::text::options as shared;
use crate::format::{Decoder, Detection, Format, Split, named};
use crate::sample::Sample;
use crate::settings::Settings;

/// The XML reader. Memory: flat, but for a record of at most `maxRecordBytes`.
pub struct Xml;

impl Format for Xml {
    fn id(&self) -> &'static str {
        "xml"
    }

    fn title(&self) -> &'static str {
        "XML"
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

    fn split(&self, settings: &Settings) -> Split {
        let encoding = crate::format::text::options::encoding(settings).unwrap_or(encoding_rs::UTF_8);
        encoding::split(encoding, settings.flag("ignoreNamespace"))
    }

    fn told(&self, option: &str) -> Option<Told> {
        repair::told(option).or_else(|| shared::told(option))
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decoder::XmlDecoder::new(settings, columns)?))
    }

    fn impose(&self, detection: &mut Detection, given: Vec<ColumnSpec>) -> Result<()> {
        named::impose(detection, given);
        Ok(())
    }

    fn text_member(&self, settings: &Settings) -> Option<String> {
        Some(settings.text("valueTag").to_owned())
    }
}

#[cfg(test)]
mod tests;
