//! ORC, read by stripe and column, a chunk at a time.
//!
//! <https://orc.apache.org/specification/ORCv1/>
//!
//! Memory: of each stream of a stripe what is read ahead and one chunk, dictionaries up to a stated bound, and one batch. A
//! stripe larger than a unit is cut into several, each of which passes over the rows before its own.

mod codec;
mod column;
mod decimals;
mod faults;
mod integers;
mod message;
mod moments;
mod nested;
mod rows;
mod runs;
mod stream;
mod stripe;
mod tail;
#[cfg(test)]
mod tests;
mod texts;
mod types;
mod zone;

use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};

use super::columnar::{self, BatchReader};
use super::{BlockFormat, BlockReader, Format, OpenedBlocks};
use crate::Result;
use crate::column::ColumnSpec;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use crate::words::counted;
use rows::Stripes;
use tail::{MAGIC, Tail};

/// ORC.
pub struct Orc;

impl Format for Orc {
    fn id(&self) -> &'static str {
        "orc"
    }

    fn title(&self) -> &'static str {
        "ORC"
    }

    fn options(&self) -> Vec<OptionDecl> {
        columnar::options()
    }

    fn confidence(&self, sample: &Sample, _name: &str) -> f32 {
        if !sample.head.starts_with(MAGIC) {
            return 0.0;
        }
        // A text may begin so too; a file that is cut short has no end.
        let last = sample.slices.last().map_or(&sample.head, |slice| &slice.bytes);
        let ends_as_one = last.len().checked_sub(MAGIC.len() + 1).and_then(|at| last.get(at..)).is_some_and(|end| end.starts_with(MAGIC));
        let is_text = simdutf8::basic::from_utf8(&sample.head).is_ok_and(|text| !text.contains('\0'));
        if ends_as_one || !is_text { 1.0 } else { 0.0 }
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }
}

impl BlockFormat for Orc {
    fn open(&self, source: &SharedSource, _name: &str, settings: Settings) -> Result<OpenedBlocks> {
        let tail = Tail::read(source)?;
        let words = format!("ORC, {}, {}", counted(tail.stripes.len() as u64, "stripe"), tail.packing.name());
        let blocks = rows::blocks(&tail.stripes);
        columnar::opened(columnar::Source { fields: &tail.root.columns(), blocks, words, findings: Vec::new() }, settings)
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let tail = Tail::read(source)?;
        let fields = tail.root.columns();
        Ok(Box::new(BatchReader::new(Stripes::new(source, tail), &fields, settings, columns)?))
    }
}

fn malformed(what: impl std::fmt::Display) -> ErrorInfo {
    let hint = "The file is damaged or was cut short: get it again from where it came.";
    ErrorInfo::new(ErrorKind::Malformed, format!("the ORC file cannot be read: {what}"), hint)
}
