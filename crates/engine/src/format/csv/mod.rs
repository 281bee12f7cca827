//! CSV and its kin: any separator, quote, escape, encoding and line end.

mod boundary;
pub mod detect;
pub mod dialect;
mod irregular;
pub mod options;
mod remedies;
mod scan;
pub mod tokenise;

use colonnade_protocol::report::Fix;
use colonnade_protocol::{Cause, OptionDecl, Reject};

use crate::Result;
use crate::column::ColumnSpec;
use crate::decisions::Told;
use crate::format::text::decoder::TextDecoder;
use crate::format::text::transcode::Reading;
use crate::format::text::{infer, options as shared};
use crate::format::{Decoder, Detection, Format, Split};
use crate::sample::Sample;
use crate::settings::Settings;
use dialect::Dialect;
use tokenise::Tokeniser;

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
        let (dialect, reading) = (options::dialect_of_source(&settings)?, options::reading(&settings)?);
        let names: Vec<&str> = found.columns.iter().map(|column| column.source_name.as_str()).collect();
        let cutter = tokeniser(dialect, &settings, &names, &reading, usize::MAX);
        let table = infer::Table { names: &found.columns, start: found.data_start, end: found.table_end };
        let (columns, of_columns) = infer::columns(sample, &table, &cutter, &reading, &settings)?;
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
        options::reading(settings).map_or(Split::Not, |reading| reading.split())
    }

    fn told(&self, option: &str) -> Option<Told> {
        shared::told(option)
    }

    fn remedies(&self, cause: Cause, settings: &Settings, rejects: &[&Reject]) -> Vec<Fix> {
        remedies::proposed(cause, settings, rejects)
    }

    fn decoder(&self, settings: &Settings, columns: &[ColumnSpec]) -> Result<Box<dyn Decoder>> {
        let (dialect, reading) = (options::dialect_of_source(settings)?, options::reading(settings)?);
        let read = columns.len() - usize::from(shared::has_corrupt_column(settings));
        let names: Vec<&str> = columns[..read].iter().map(|column| column.source_name.as_str()).collect();
        let cutter = tokeniser(dialect, settings, &names, &reading, settings.integer("maxRecordBytes") as usize)
            .keeping_all(shared::keeps_all(settings))
            .keeping_ellipses(settings.flag(shared::KEEP_ELLIPSES));
        Ok(Box::new(TextDecoder::new(Box::new(cutter), reading, settings, columns)?))
    }
}

/// A tokeniser for columns of these names in the source.
fn tokeniser(dialect: Dialect, settings: &Settings, names: &[&str], reading: &Reading, max_record_bytes: usize) -> Tokeniser {
    let header = options::header_names(settings, names.iter().copied(), reading.encoding);
    Tokeniser::new(dialect, names.len(), max_record_bytes).knowing_header(header)
}

#[cfg(test)]
mod tests {
    use colonnade_protocol::{LogicalType, Place};

    use super::*;
    use crate::format::Input;

    #[test]
    fn a_date_in_another_encoding_makes_the_column_text() {
        let given = [("encoding", "windows-1252"), ("locale", "de")];
        let settings = Settings::new(&options::declared(), given).unwrap();
        let column = ColumnSpec { data_type: LogicalType::Date, pattern: Some("d. MMMM yyyy".to_owned()), ..ColumnSpec::text("d") };
        let mut decoder = Csv.decoder(&settings, std::slice::from_ref(&column)).unwrap();
        let mut decode = |bytes: &[u8]| {
            let input = Input { bytes, place: Place { byte: 0, line: 0 }, limit: u64::MAX, at_end: true };
            decoder.decode(input).unwrap().batch.widened
        };
        assert_eq!(decode(b"5. M\xE4rz 2024\n"), []);
        let widened = decode("5. März 2024\n".as_bytes());
        assert_eq!((&widened[0].data_type, &widened[0].pattern), (&LogicalType::String, &None));
    }
}
