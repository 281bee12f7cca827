//! Logs and other texts of lines: a pattern cuts each record into fields, and messages are told apart by templates.
//!
//! Templates are learned from the sample and frozen into the settings ([`options::TEMPLATES`]); what they make of a
//! message depends on the message and on them alone, so that it is the same however the source is cut.

mod colours;
mod cutter;
mod decoder;
mod detect;
mod header;
mod known;
mod layout;
mod level;
pub mod options;
mod pairs;
mod pattern;
mod sections;
mod short_year;
mod stamp;
mod tabular;
mod template;
mod trace;
mod types;
mod w3c;
mod zeek;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::report::{Structure, StructureKind};

use crate::Result;
use crate::column::ColumnSpec;
use crate::format::{Decoder, Detected, Detection, Format, Split};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::Source;

/// The log reader. Memory: flat, but for a record of at most `maxRecordBytes`.
pub struct Log;

impl Format for Log {
    fn id(&self) -> &'static str {
        "log"
    }

    fn title(&self) -> &'static str {
        "Log"
    }

    fn options(&self) -> Vec<OptionDecl> {
        options::declared()
    }

    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        detect::likeness(sample, name)
    }

    fn detect(&self, sample: &Sample, settings: Settings) -> Result<Detection> {
        detect::detect(None, sample, settings)
    }

    /// A line of a W3C log may say other fields for those below it: such logs are looked through for them.
    fn detect_in(&self, source: &dyn Source, sample: &Sample, settings: Settings) -> Result<Detected> {
        Ok(Detected { detection: detect::detect(Some(source), sample, settings)?, tables: Vec::new(), end: None })
    }

    fn structure(&self, settings: &Settings) -> Structure {
        let why = match settings.text(options::PATTERN) {
            layout::TEXT => "lines of text without fields: each becomes a row as it is",
            _ if settings.text(options::TEMPLATES_OF).is_empty() => "text in which a pattern tells the fields of a record apart",
            _ => "text in which a pattern tells fields apart, and messages are told apart by what they have in common",
        };
        Structure::new(StructureKind::Unstructured, why)
    }

    /// A line that begins a record shows it; the job sees to it that it is one.
    fn split(&self, settings: &Settings) -> Split {
        decoder::reading(settings).map_or(Split::Not, |reading| reading.split())
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decoder::LogDecoder::new(settings, columns)?))
    }
}
