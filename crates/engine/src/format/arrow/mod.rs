//! Arrow IPC, files (Feather 2) and streams, read by record batch.
//!
//! Memory: one record batch and the dictionaries, each up to a stated bound. What a message claims is checked against the
//! bytes that are there before room is made for it: Arrow's own reader trusts its input.

mod batches;
mod claims;
mod messages;
pub mod schema;

use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};

use super::columnar::{self, BatchReader};
use super::{BlockFormat, BlockReader, Blocks, Format, OpenedBlocks};
use crate::Result;
use crate::column::ColumnSpec;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;
use batches::RecordBatches;
use messages::{MAGIC, Messages};

/// Arrow IPC.
pub struct Arrow;

impl Format for Arrow {
    fn id(&self) -> &'static str {
        "arrow"
    }

    fn title(&self) -> &'static str {
        "Arrow IPC"
    }

    fn options(&self) -> Vec<OptionDecl> {
        columnar::options()
    }

    fn confidence(&self, sample: &Sample, _name: &str) -> f32 {
        let is_ours = sample.head.starts_with(MAGIC) || messages::begins_a_stream(&sample.head, sample.len);
        if is_ours { 1.0 } else { 0.0 }
    }

    fn blocks(&self) -> Option<&dyn BlockFormat> {
        Some(self)
    }
}

impl BlockFormat for Arrow {
    fn open(&self, source: &SharedSource, _name: &str, settings: Settings) -> Result<OpenedBlocks> {
        let messages = Messages::read(source)?;
        let mut blocks = Blocks::starting_at(0);
        messages.batches.iter().for_each(|batch| blocks.push(batch.rows, batch.body));
        let count = messages.batches.len();
        let kind = if messages.is_file { "file" } else { "stream" };
        let words = format!("Arrow IPC {kind}, {count} record {}", if count == 1 { "batch" } else { "batches" });
        columnar::opened(columnar::Source { fields: messages.schema.fields(), blocks, words, findings: Vec::new() }, settings)
    }

    fn reader(&self, source: &SharedSource, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn BlockReader>> {
        let messages = Messages::read(source)?;
        let fields = messages.schema.fields().clone();
        Ok(Box::new(BatchReader::new(RecordBatches::new(source, messages), &fields, settings, columns)?))
    }
}

fn malformed(what: impl std::fmt::Display) -> ErrorInfo {
    let hint = "The file is damaged or was cut short: get it again from where it came.";
    ErrorInfo::new(ErrorKind::Malformed, format!("the Arrow file cannot be read: {what}"), hint)
}
