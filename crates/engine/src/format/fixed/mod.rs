//! Fixed width: columns at positions of the line, found from what is aligned, drawn or described.

mod align;
mod columns;
mod cut;
mod described;
mod detect;
mod heading;
mod named;
mod options;

pub use self::named::is_named;

use colonnade_protocol::OptionDecl;
use colonnade_protocol::report::{Structure, StructureKind};

use crate::Result;
use crate::column::ColumnSpec;
use crate::decisions::Told;
use crate::format::text::decoder::TextDecoder;
use crate::format::text::options as shared;
use crate::format::{Decoder, Detection, Format, Split};
use crate::sample::Sample;
use crate::settings::Settings;

/// The fixed width reader. Memory: flat, but for a line of at most `maxRecordBytes`.
pub struct FixedWidth;

impl Format for FixedWidth {
    fn id(&self) -> &'static str {
        "fixed"
    }

    fn title(&self) -> &'static str {
        "Fixed width"
    }

    fn options(&self) -> Vec<OptionDecl> {
        options::declared()
    }

    fn confidence(&self, sample: &Sample, _: &str) -> f32 {
        detect::likeness(sample)
    }

    fn detect(&self, sample: &Sample, settings: Settings) -> Result<Detection> {
        detect::detect(sample, settings)
    }

    fn structure(&self, _: &Settings) -> Structure {
        Structure::new(StructureKind::Structured, "every line has the same fields at the same positions")
    }

    fn split(&self, settings: &Settings) -> Split {
        shared::encoding(settings).map_or(Split::Not, |encoding| detect::reading(encoding).split())
    }

    fn told(&self, option: &str) -> Option<Told> {
        shared::told(option)
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        let read = columns.len() - usize::from(shared::has_corrupt_column(settings));
        let names: Vec<&str> = columns[..read].iter().map(|column| column.source_name.as_str()).collect();
        let cutter = detect::cutter(settings, &names)?;
        Ok(Box::new(TextDecoder::new(Box::new(cutter), detect::reading(shared::encoding(settings)?), settings, columns)?))
    }
}
