//! Text tables: fields between blanks or bars, records that may go on over lines, names that may stand in comments.

mod candidates;
mod cut;
mod detect;
mod drawn;
mod layout;
mod options;
mod record_end;

pub use self::drawn::is_drawn;

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

/// The text table reader. Memory: flat, but for a record of at most `maxRecordBytes`.
pub struct TextTable;

impl Format for TextTable {
    fn id(&self) -> &'static str {
        "texttable"
    }

    fn title(&self) -> &'static str {
        "Text table"
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

    fn structure(&self, settings: &Settings) -> Structure {
        if settings.flag(options::JOIN_LINES) {
            let why = "lines do not say where a record begins or ends: records are told apart by their shape";
            return Structure::new(StructureKind::Unstructured, why);
        }
        Structure::new(StructureKind::Structured, "every line has the same fields in the same order, blanks or bars between them")
    }

    /// A record that is full by its number of fields cannot be found from the middle.
    fn split(&self, settings: &Settings) -> Split {
        let (Ok(layout), Ok(encoding)) = (options::layout(settings, 1), shared::encoding(settings)) else { return Split::Not };
        match layout.record_end {
            layout::RecordEnd::Full(_) => Split::InOrder,
            _ => detect::reading(&layout, encoding).split(),
        }
    }

    fn told(&self, option: &str) -> Option<Told> {
        shared::told(option)
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        let read = columns.len() - usize::from(shared::has_corrupt_column(settings));
        let names: Vec<&str> = columns[..read].iter().map(|column| column.source_name.as_str()).collect();
        let cutter = detect::cutter(settings, &names)?;
        let reading = detect::reading(&cutter.layout, shared::encoding(settings)?);
        Ok(Box::new(TextDecoder::new(Box::new(cutter), reading, settings, columns)?))
    }
}
