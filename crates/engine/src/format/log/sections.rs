//! The patterns of a log whose records do not all have the same fields: W3C's extended logs say them anew where they change.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use super::pattern::Pattern;
use super::{options, w3c};
use crate::Result;
use crate::settings::Settings;

/// How the records of a part of a log are cut.
pub struct Section {
    pub pattern: Pattern,
    /// The column of each field of the pattern.
    pub targets: Vec<Option<usize>>,
    /// The field that takes the rest of a line, and all of a record that does not match.
    pub rest: Option<usize>,
}

/// The sections of a log, and the one that is read.
pub struct Sections {
    /// The first is that of the option `pattern`.
    all: Vec<Section>,
    by_names: HashMap<String, usize>,
    /// Where each begins, ascending.
    starts: Vec<(u64, usize)>,
    current: Cell<usize>,
    /// Which of `starts` comes next.
    next: Cell<usize>,
    /// There may be others behind what was looked through.
    goes_on: bool,
    strange: Strange,
}

/// Where a line stands that says fields which are not known, in the text that was cut last.
pub type Strange = Rc<Cell<Option<usize>>>;

impl Sections {
    /// The sections that settings say, into the columns that `column` finds by a field's name.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Usage`] for what is no pattern.
    pub fn new(settings: &Settings, column: impl Fn(&str) -> Option<usize>) -> Result<Self> {
        let section = |text: &str| {
            let pattern = Pattern::compile(options::PATTERN, text)?;
            Ok(Section { targets: pattern.fields.iter().map(|field| column(field)).collect(), rest: pattern.rest_field(), pattern })
        };
        let first = settings.text(options::PATTERN);
        let (mut all, mut by_names, mut starts) = (vec![section(first)?], HashMap::new(), Vec::new());
        for (start, names) in said(settings) {
            let known = match by_names.get(names) {
                Some(&known) => known,
                None => {
                    all.push(section(&w3c::pattern_like(first, names))?);
                    by_names.insert(names.to_owned(), all.len() - 1);
                    all.len() - 1
                }
            };
            starts.push((start, known));
        }
        let goes_on = settings.flag(options::SECTIONS_GO_ON);
        Ok(Self { all, by_names, starts, current: Cell::new(0), next: Cell::new(0), goes_on, strange: Strange::default() })
    }

    /// Where fields are said that nobody knows.
    pub fn strange(&self) -> Strange {
        Rc::clone(&self.strange)
    }

    /// What is read begins at this place of the source.
    pub fn begin_at(&self, byte: u64) {
        let next = self.starts.partition_point(|&(start, _)| start < byte);
        self.next.set(next);
        self.current.set(next.checked_sub(1).and_then(|last| self.starts.get(last)).map_or(0, |&(_, section)| section));
    }

    /// The section of the records that are read.
    #[inline]
    pub fn current(&self) -> &Section {
        &self.all[self.current.get()]
    }

    /// Whether another section begins below a comment, which stands at `at` of the text.
    pub fn turns_at(&self, comment: &[u8], at: usize) -> bool {
        let Some(names) = w3c::names(comment) else { return false };
        let section = self.by_names.get(&names).copied();
        let is_next = section.is_some() && self.starts.get(self.next.get()).map(|&(_, next)| next) == section;
        if self.goes_on && !is_next && section != Some(self.current.get()) {
            self.strange.set(self.strange.get().or(Some(at)));
        }
        self.next.set(self.next.get() + usize::from(is_next));
        let turns = section.is_some_and(|section| section != self.current.get());
        self.current.set(section.unwrap_or(self.current.get()));
        turns
    }
}

/// Keeps what a log says in the settings: where each section begins, and its fields' names.
pub fn keep(said: &w3c::Said, settings: &mut Settings) {
    if said.sections.is_empty() {
        return;
    }
    if said.goes_on {
        settings.set(options::SECTIONS_GO_ON, "true");
    }
    let lines: Vec<String> = said.sections.iter().map(|(start, names)| format!("{start} {names}")).collect();
    settings.set(options::SECTIONS, lines.join("\n"));
}

/// The sections that settings say: where each begins, and its fields' names.
fn said(settings: &Settings) -> impl Iterator<Item = (u64, &str)> {
    let lines = settings.text(options::SECTIONS).lines();
    lines.filter_map(|line| line.split_once(' ').and_then(|(start, names)| Some((start.parse().ok()?, names))))
}

/// The fields of all sections, each once.
///
/// # Errors
/// Those of [`Sections::new`].
pub fn fields(settings: &Settings) -> Result<Vec<String>> {
    let sections = Sections::new(settings, |_| None)?;
    let mut fields: Vec<String> = Vec::new();
    for field in sections.all.iter().flat_map(|section| &section.pattern.fields) {
        if !fields.contains(field) {
            fields.push(field.clone());
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use colonnade_protocol::Place;

    use crate::format::log::Log;
    use crate::format::{Format, Input};
    use crate::sample::Sample;
    use crate::settings::Settings;
    use crate::source::Borrowed;

    #[test]
    fn rows_are_read_by_the_line_of_fields_above_them_wherever_a_unit_begins() {
        let rows = 9_000;
        let mut text = "#Version: 1.0\n#Fields: cs-method sc-status sc-bytes\n".to_owned();
        let mut starts = Vec::new();
        for row in 0..rows {
            let (status, bytes) = (200, row);
            match row {
                3_000 => text.push_str("#Fields: cs-method sc-bytes sc-status\n"),
                6_000 => text.push_str("#Fields: cs-method sc-bytes time-taken sc-status\n"),
                _ => {}
            }
            starts.push(text.len());
            text.push_str(&match row / 3_000 {
                0 => format!("GET {status} {bytes}\n"),
                1 => format!("GET {bytes} {status}\n"),
                _ => format!("GET {bytes} {} {status}\n", row + 1),
            });
        }
        let (source, settings) = (text.as_bytes(), Settings::new(&Log.options(), []).unwrap());
        let found = Log.detect_in(&Borrowed(source), &Sample::read(source).unwrap(), settings).unwrap().detection;
        let columns: Vec<String> = found.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
        assert_eq!(columns, ["cs-method string", "sc-status bigint", "sc-bytes bigint", "time-taken bigint"]);
        for first in [0, 2_999, 3_000, 3_001, 5_000, 6_000, 8_000] {
            let at = starts[first];
            let mut decoder = Log.decoder(&found.settings, &found.columns).unwrap();
            let place = Place { byte: at as u64, line: 0 };
            let decoded = decoder.decode(Input { bytes: &source[at..], place, limit: u64::MAX, at_end: true }).unwrap();
            let batch = decoded.batch;
            assert_eq!((batch.rows, batch.rejects.len()), (rows - first, 0));
            let value = |column: usize, row: usize| {
                let array = batch.columns[column].as_primitive::<Int64Type>();
                array.iter().nth(row - first).flatten()
            };
            for row in (first..rows).step_by(499) {
                let taken = (row >= 6_000).then_some(row as i64 + 1);
                assert_eq!((value(1, row), value(2, row), value(3, row)), (Some(200), Some(row as i64), taken), "{row} from {first}");
            }
        }
    }

    #[test]
    fn fields_said_behind_what_was_looked_through_stop_the_reading() {
        let rows = "GET 1\n".repeat(400_000);
        let text = format!("#Fields: cs-method sc-status\n{rows}#Fields: cs-method sc-status\n{rows}#Fields: sc-status cs-method\n2 GET\n");
        let source = text.as_bytes();
        let found = |within: &str| {
            let settings = Settings::new(&Log.options(), [("fieldsWithin", within)]).unwrap();
            Log.detect_in(&Borrowed(source), &Sample::read(source).unwrap(), settings).unwrap().detection
        };
        let decode = |found: &crate::format::Detection, from: usize| {
            let mut decoder = Log.decoder(&found.settings, &found.columns).unwrap();
            let place = Place { byte: from as u64, line: 0 };
            decoder.decode(Input { bytes: &source[from..], place, limit: u64::MAX, at_end: true }).map(|decoded| decoded.batch.rows)
        };
        let (begin, late) = (text.find("GET").unwrap(), text.rfind("GET 1").unwrap());
        let within = found("1");
        for from in [begin, late] {
            let error = decode(&within, from).unwrap_err();
            assert_eq!(error.kind, colonnade_protocol::ErrorKind::Limit, "{error:?}");
        }
        assert_eq!(decode(&found("0"), begin).unwrap(), 800_001);
    }
}
