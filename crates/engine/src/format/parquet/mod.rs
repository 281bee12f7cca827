//! Parquet files, read by row group and column, a page at a time.
//!
//! Memory: one page a column and its dictionary, and one batch. A row group larger than a unit is cut into several, each of
//! which passes over the pages before its rows without decoding them.

mod chunks;
mod footer;
mod rows;
mod wide;

use colonnade_protocol::OptionDecl;

use super::columnar::{self, BatchReader};
use super::{BlockFormat, BlockReader, Format, OpenedBlocks};
use crate::Result;
use crate::column::ColumnSpec;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use footer::Footer;
use rows::RowGroups;

/// What a file begins and ends with.
const MAGIC: &[u8] = b"PAR1";
/// The same where the footer is encrypted.
const ENCRYPTED: &[u8] = b"PARE";

/// Parquet.
pub struct Parquet;

impl Format for Parquet {
    fn id(&self) -> &'static str {
        "parquet"
    }

    fn title(&self) -> &'static str {
        "Parquet"
    }

    fn options(&self) -> Vec<OptionDecl> {
        columnar::options()
    }

    fn confidence(&self, sample: &Sample, _name: &str) -> f32 {
        if sample.head.starts_with(MAGIC) || sample.head.starts_with(ENCRYPTED) { 1.0 } else { 0.0 }
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }
}

impl BlockFormat for Parquet {
    fn open(&self, source: &SharedSource, _name: &str, settings: Settings) -> Result<OpenedBlocks> {
        let footer = Footer::read(source)?;
        columnar::opened(footer.described(), settings)
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let footer = Footer::read(source)?;
        let fields = footer.fields.clone();
        Ok(Box::new(BatchReader::new(RowGroups::new(source, footer), &fields, settings, columns)?))
    }
}
