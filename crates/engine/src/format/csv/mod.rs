//! CSV and its kin: any separator, quote, escape, encoding and line end.

mod boundary;
mod decoder;
pub mod detect;
pub mod dialect;
mod infer;
mod irregular;
pub mod options;
mod scan;
pub mod tokenise;
mod transcode;

use colonnade_protocol::OptionDecl;

use crate::Result;
use crate::column::ColumnSpec;
use crate::format::{Decoder, Detection, Format, Split};
use crate::sample::Sample;
use crate::settings::Settings;
use transcode::Transcoder;

/// The CSV reader. Memory: flat, but for a record of at most `maxRecordBytes`.
pub struct Csv;

impl Format for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn title(&self) -> &'static str {
        "CSV"
    }

    fn options(&self) -> Vec<OptionDecl> {
        options::declared()
    }

    fn confidence(&self, sample: &Sample, name: &str) -> f32 {
        detect::likeness(sample, name)
    }

    fn detect(&self, sample: &Sample, settings: Settings) -> Result<Detection> {
        let mut found = detect::detect(sample, &settings)?;
        let settings = std::mem::take(&mut found.settings);
        let (columns, of_columns) = infer::columns(sample, &found, &settings)?;
        found.findings.extend(of_columns);
        Ok(Detection {
            confidence: found.confidence,
            sentence: found.sentence,
            settings,
            columns,
            findings: found.findings,
            data_start: found.data_start,
            skipped: found.skipped,
            raw_lines: found.raw_lines,
            estimated_rows: found.estimated_rows,
        })
    }

    fn split(&self, settings: &Settings) -> Split {
        let (Ok(dialect), Ok(encoding)) = (options::dialect(settings), options::encoding(settings)) else { return Split::Not };
        match Transcoder::needed(encoding, &dialect) {
            None => Split::Ranges { align: 1 },
            Some(transcoder) if transcoder.splits() => Split::Ranges { align: 2 },
            Some(_) => Split::InOrder,
        }
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decoder::CsvDecoder::new(settings, columns)?))
    }
}
