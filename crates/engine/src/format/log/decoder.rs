//! The decoder of logs: what any text table's does, with the templates of the messages beside.

use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};

use super::cutter::{LogCutter, Unknown};
use super::layout::TEXT;
use super::options;
use super::sections::Strange;
use super::template::{Matcher, arrays};
use crate::Result;
use crate::column::ColumnSpec;
use crate::format::text::decoder::TextDecoder;
use crate::format::text::options as shared;
use crate::format::text::transcode::Reading;
use crate::format::wide::{self, MOST_COLUMNS};
use crate::format::{Decoded, Decoder, Input};
use crate::settings::Settings;

/// The columns that are made from a message, by their names in the source, which no field can have.
pub const DERIVED: [(&str, &str); 3] = [("%template", "template"), ("%template_id", "template_id"), ("%parameters", "parameters")];

/// The types of the columns that are made from a message.
pub fn derived_types() -> [LogicalType; 3] {
    [LogicalType::String, LogicalType::String, LogicalType::List(Box::new(LogicalType::String))]
}

/// Decodes the records of one unit.
pub struct LogDecoder {
    inner: TextDecoder,
    unknown: Unknown,
    strange: Strange,
    /// All columns there are: no new one may take a name of theirs, or be of a key that has one.
    columns: Vec<ColumnSpec>,
    /// Where each array goes that the inner decoder gives.
    places: Vec<usize>,
    templates: Option<Templates>,
}

/// How messages become templates.
struct Templates {
    matcher: Matcher,
    /// The message among the inner decoder's columns.
    message: usize,
    /// Where the derived columns are, as far as they are.
    places: [Option<usize>; 3],
}

impl LogDecoder {
    /// A decoder into `columns`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where settings, patterns or types cannot be used.
    pub fn new(settings: &Settings, columns: &[ColumnSpec]) -> Result<Self> {
        let corrupt = settings.text(shared::CORRUPT_COLUMN);
        let corrupt_at = columns.iter().position(|column| !corrupt.is_empty() && column.source_name.is_empty() && column.name == corrupt);
        let has_templates = !settings.text(options::TEMPLATES_OF).is_empty();
        let derived = DERIVED.map(|(source_name, _)| columns.iter().position(|column| has_templates && column.source_name == source_name));
        for (place, data_type) in derived.iter().zip(derived_types()) {
            if let Some(column) = place.and_then(|place| columns.get(place)).filter(|column| column.data_type != data_type) {
                let what = format!("column {:?} cannot be read as {}: it is made from the message", column.name, column.data_type);
                return Err(ErrorInfo::new(ErrorKind::Usage, what, format!("It is {data_type}; leave its type as it is.")));
            }
        }
        let is_read = |place: &usize| !derived.contains(&Some(*place)) && Some(*place) != corrupt_at;
        let mut places: Vec<usize> = (0..columns.len()).filter(is_read).collect();
        let names: Vec<&str> = places.iter().map(|&place| columns[place].source_name.as_str()).collect();
        let limit = settings.integer("maxRecordBytes") as usize;
        let cutter = LogCutter::new(settings, &names, limit, shared::keeps_all(settings))?;
        let message = names.iter().position(|name| *name == settings.text(options::TEMPLATES_OF));
        let templates = message.filter(|_| derived.iter().any(Option::is_some)).map(|message| Templates {
            matcher: Matcher::new(settings.text(options::TEMPLATES).lines()),
            message,
            places: derived,
        });
        places.extend(corrupt_at);
        let read: Vec<ColumnSpec> = places.iter().map(|&place| columns[place].clone()).collect();
        Ok(Self {
            unknown: cutter.unknown(),
            strange: cutter.strange(),
            inner: TextDecoder::new(Box::new(cutter), reading(settings)?, settings, &read)?,
            columns: columns.to_vec(),
            places,
            templates,
        })
    }
}

/// How the bytes of a log become text: patterns see UTF-8, but for encodings that are ASCII where patterns look.
///
/// # Errors
/// [`ErrorKind::Usage`] for an encoding that is not known.
pub fn reading(settings: &Settings) -> Result<Reading> {
    // Patterns may look at any character.
    Ok(Reading::of(shared::encoding(settings)?, std::iter::once(b'~')))
}

impl Decoder for LogDecoder {
    fn find_record(&mut self, input: &[u8], from: usize, at_end: bool) -> Option<usize> {
        self.inner.find_record(input, from, at_end)
    }

    fn decode(&mut self, input: Input<'_>) -> Result<Decoded> {
        let mut decoded = self.inner.decode(input)?;
        if let Some(at) = self.strange.take() {
            return Err(other_fields(input.place.byte + at as u64));
        }
        let batch = &mut decoded.batch;
        for reject in &mut batch.rejects {
            reject.column = reject.column.and_then(|column| self.places.get(column as usize)).map(|&place| place as u32);
        }
        let mut new = std::mem::take(&mut *self.unknown.borrow_mut());
        if !new.is_empty() {
            self.columns.iter().for_each(|column| _ = new.remove(&column.source_name));
        }
        // Each has at least one value, and seldom more.
        if wide::are_data(new.len(), batch.rows as u64, new.len() as u64) || self.columns.len() + new.len() > MOST_COLUMNS {
            let what = format!("the lines have {} different keys beside the {} of the sample", new.len(), self.columns.len());
            let hint = format!("If the keys are data, set {} to another pattern: {TEXT} keeps each line whole.", options::PATTERN);
            return Err(ErrorInfo::new(ErrorKind::Limit, what, hint));
        }
        batch.widened.extend(new.iter().map(|key| new_column(key, &self.columns)));
        if !batch.widened.is_empty() {
            batch.columns.clear();
        }
        if batch.columns.is_empty() {
            return Ok(decoded);
        }
        let inner = std::mem::take(&mut batch.columns);
        let mut columns: Vec<_> = self.places.iter().copied().zip(inner.iter().cloned()).collect();
        if let Some((templates, message)) = self.templates.as_ref().and_then(|templates| Some((templates, inner.get(templates.message)?))) {
            let made = arrays(&templates.matcher, message.as_ref());
            columns.extend(templates.places.iter().zip(made).filter_map(|(place, array)| Some(((*place)?, array))));
        }
        columns.sort_by_key(|(place, _)| *place);
        batch.columns = columns.into_iter().map(|(_, array)| array).collect();
        Ok(decoded)
    }
}

/// A line that says other fields stands behind what was looked through for such lines.
fn other_fields(byte: u64) -> ErrorInfo {
    let what = format!("the log says other fields near byte {byte}, further on than it was looked through for them");
    ErrorInfo::new(ErrorKind::Limit, what, format!("Raise {} (0: the whole log).", options::FIELDS_WITHIN))
}

/// A column for a key of pairs that the sample does not have.
fn new_column(key: &str, columns: &[ColumnSpec]) -> ColumnSpec {
    let mut name = key.to_owned();
    while columns.iter().any(|column| column.name == name) {
        name.push('_');
    }
    ColumnSpec { source_name: key.to_owned(), ..ColumnSpec::text(name) }
}
