//! Avro object container files, read by block.
//!
//! <https://avro.apache.org/docs/1.12.0/specification/#object-container-files>
//!
//! Memory: one block, unpacked up to a stated bound, and its rows. Unions of more than null and one type, and types that hold
//! themselves, are read as JSON text.

mod codec;
mod column;
mod container;
mod json;
mod rows;
mod schema;
mod value;

use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};

use super::columnar::{self, BatchReader};
use super::{BlockFormat, BlockReader, Blocks, Format, OpenedBlocks};
use crate::Result;
use crate::column::ColumnSpec;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use container::{Container, MAGIC};
use rows::Rows;

/// Avro.
pub struct Avro;

impl Format for Avro {
    fn id(&self) -> &'static str {
        "avro"
    }

    fn title(&self) -> &'static str {
        "Avro"
    }

    fn options(&self) -> Vec<OptionDecl> {
        columnar::options()
    }

    fn confidence(&self, sample: &Sample, _name: &str) -> f32 {
        if sample.head.starts_with(MAGIC) { 1.0 } else { 0.0 }
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }
}

impl BlockFormat for Avro {
    fn open(&self, source: &SharedSource, _name: &str, settings: Settings) -> Result<OpenedBlocks> {
        let container = Container::read(source)?;
        let mut blocks = Blocks::starting_at(0);
        container.blocks.iter().for_each(|block| blocks.push(block.rows, block.size));
        let count = container.blocks.len();
        let words = format!("Avro, {count} {}, {}", if count == 1 { "block" } else { "blocks" }, container.codec.name());
        let fields = rows::fields(&container.schema)?;
        columnar::opened(columnar::Source { fields: &fields, blocks, words, findings: rows::remarks(&container.schema) }, settings)
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let container = Container::read(source)?;
        let fields = rows::fields(&container.schema)?;
        Ok(Box::new(BatchReader::new(Rows::new(source, container), &fields, settings, columns)?))
    }
}

fn malformed(what: impl std::fmt::Display) -> ErrorInfo {
    let hint = "The file is damaged or was cut short: get it again from where it came.";
    ErrorInfo::new(ErrorKind::Malformed, format!("the Avro file cannot be read: {what}"), hint)
}
