//! Timestamps of logs that the inference of types leaves as text: their patterns are known by their form.

use std::sync::Arc;

use colonnade_protocol::report::{Change, Finding, Fix};
use colonnade_protocol::{LogicalType, Origin};
use encoding_rs::UTF_8;

use super::cutter::LogCutter;
use super::pattern::Pattern;
use super::short_year::{self, Found};
use super::stamp::{self, Stamp};
use crate::column::{CellRules, Cells, ColumnParser, ColumnSpec};
use crate::format::csv::detect::text::Text;
use crate::format::text::{Cutter, Tokens};
use crate::settings::Settings;

/// Patterns of one column that are tried.
const MOST_PATTERNS: usize = 8;

/// Gives the columns of timestamps their type and pattern where both can be told; says why where not, once for a column.
pub fn timestamps(
    text: &Text,
    cutter: &LogCutter,
    pattern: &Pattern,
    settings: &Settings,
    columns: &mut [ColumnSpec],
    findings: &mut Vec<Finding>,
) {
    let Ok(rules) = CellRules::new(settings).map(Arc::new) else { return };
    for (position, column) in columns.iter_mut().enumerate().take(cutter.columns()) {
        let is_stamp = pattern.fields.iter().position(|field| *field == column.source_name).is_some_and(|field| pattern.is_stamp(field));
        if column.data_type != LogicalType::String || !is_stamp {
            continue;
        }
        let values = values(text, cutter, position);
        let Some(column_stamps) = Stamps::of(&values, &rules) else { continue };
        let said = format!("{}:", column.name);
        let finding = match column_stamps.conclude(column) {
            Conclusion::Told { pattern, evidence, confidence } => {
                findings.retain(|finding| !finding.what.starts_with(&said));
                column.origin = Origin::Detected { confidence, evidence };
                (column.data_type, column.pattern) = (column_stamps.data_type(), pattern);
                continue;
            }
            // What is said of such years is said for each way to read them.
            Conclusion::ShortYears(finding) => {
                findings.retain(|finding| !finding.what.starts_with(&said));
                finding
            }
            Conclusion::Text(finding) => finding,
        };
        if findings.iter().all(|finding| !finding.what.starts_with(&said)) {
            findings.push(finding);
        }
    }
}

/// What a column of timestamps is.
enum Conclusion {
    /// A timestamp, and why.
    Told { pattern: Option<String>, evidence: String, confidence: f32 },
    /// Text, as nobody can tell which part of its days is the year.
    ShortYears(Finding),
    /// Text, for another reason.
    Text(Finding),
}

/// The timestamps of a column.
struct Stamps<'a> {
    values: &'a [Vec<u8>],
    stamps: Vec<Stamp>,
    rules: &'a Arc<CellRules>,
}

impl<'a> Stamps<'a> {
    /// `None` where some are none.
    fn of(values: &'a [Vec<u8>], rules: &'a Arc<CellRules>) -> Option<Self> {
        let stamps: Vec<Stamp> =
            values.iter().filter_map(|value| stamp::describe(value).filter(|stamp| stamp.len == value.len())).collect();
        (!stamps.is_empty() && stamps.len() == values.len()).then_some(Self { values, stamps, rules })
    }

    fn data_type(&self) -> LogicalType {
        let has_zone = self.stamps.first().is_some_and(|stamp| stamp.has_zone);
        if has_zone { LogicalType::Timestamp } else { LogicalType::TimestampNtz }
    }

    /// A reader of timestamps, by a pattern or in the ISO form.
    fn parser(&self, pattern: Option<&str>, origin: Origin) -> Option<ColumnParser> {
        let spec = ColumnSpec { data_type: self.data_type(), pattern: pattern.map(str::to_owned), origin, ..ColumnSpec::text("c") };
        ColumnParser::new(&spec, self.rules, UTF_8).ok()
    }

    /// The values that a pattern, or the ISO form, does not read.
    fn misfits(&self, pattern: Option<&str>) -> Vec<&Vec<u8>> {
        let parser = self.parser(pattern, ColumnSpec::text("c").origin);
        self.values.iter().filter(|value| parser.as_ref().is_none_or(|parser| !parser.fits(value))).collect()
    }

    fn conclude(&self, column: &ColumnSpec) -> Conclusion {
        let (name, count) = (&column.name, self.values.len());
        let text = |what: String, fix: Option<Fix>| Conclusion::Text(Finding { what: format!("{name}: {what}"), fix });
        if self.stamps.iter().any(|stamp| stamp.pattern.ends_with(":S") || stamp.pattern.ends_with(":SS")) {
            // Milliseconds written without their zeros are no fraction: `:15` is 0.015 seconds.
            return text(format!("{count} timestamps have parts without their zeros, and stay text"), None);
        }
        let mut patterns: Vec<&str> = self.stamps.iter().map(|stamp| stamp.pattern.as_str()).collect();
        patterns.sort_unstable_by_key(|pattern| (pattern.len(), *pattern));
        patterns.dedup();
        if let Some(found) = patterns.first().and_then(|pattern| short_year::find(self.values, pattern)) {
            return self.short_years(column, found);
        }
        if !patterns.iter().any(|pattern| pattern.contains('y')) {
            let written = patterns.first().copied().unwrap_or_default();
            return text(format!("{count} timestamps written as {written} tell no year, and stay text"), None);
        }
        let tried = patterns.into_iter().take(MOST_PATTERNS).map(Some).chain([None]);
        let Some((pattern, misfits)) = tried.map(|tried| (tried, self.misfits(tried))).min_by_key(|(_, misfits)| misfits.len()) else {
            return text(format!("{count} timestamps stay text"), None);
        };
        let form = pattern.unwrap_or("yyyy-MM-ddTHH:mm:ss");
        if !misfits.is_empty() {
            return self.odd(column, pattern, &misfits);
        }
        if self.stamps.iter().all(|stamp| stamp.is_told) {
            let evidence = format!("{count} of {count} values are timestamps written as {form}");
            return Conclusion::Told { pattern: pattern.map(str::to_owned), evidence, confidence: 0.95 };
        }
        let what = format!("{count} timestamps whose day can be read in several ways; they may be written as {form}");
        text(what, Some(self.read_as(column, pattern, &format!("Read {name} as {form}"))))
    }

    /// Years of two digits.
    fn short_years(&self, column: &ColumnSpec, found: Found) -> Conclusion {
        let (name, count) = (&column.name, self.values.len());
        let example = self.values.first().map(|value| String::from_utf8_lossy(value)).unwrap_or_default();
        let said = format!("{name}: the years of {example:?} and the other timestamps have two digits");
        let open = match found {
            Found::Sure(pattern) if self.misfits(Some(&pattern)).is_empty() => {
                let evidence = format!(
                    "{count} of {count} values are timestamps written as {pattern}, with years from 2000: no other order of their days goes on as the lines do"
                );
                return Conclusion::Told { pattern: Some(pattern), evidence, confidence: 0.9 };
            }
            Found::Sure(pattern) => vec![pattern],
            Found::Open(patterns) => patterns,
        };
        let Some(first) = open.first() else {
            return Conclusion::ShortYears(Finding { what: format!("{said}, of a century that is not told; they stay text"), fix: None });
        };
        let what = format!("{said}, and nothing tells whether they are written as {}; they stay text", open.join(", or as "));
        let fix = self.read_as(column, Some(first), &format!("Read {name} as {first}, years from 2000 to 2099"));
        Conclusion::ShortYears(Finding { what, fix: Some(fix) })
    }

    /// Values that no timestamp holds: what they are, and what reads the column all the same.
    fn odd(&self, column: &ColumnSpec, pattern: Option<&str>, misfits: &[&Vec<u8>]) -> Conclusion {
        let name = &column.name;
        let lenient = |pattern: Option<&str>| {
            let parser = self.parser(pattern, Origin::Person);
            misfits.iter().filter(|value| parser.as_ref().is_some_and(|parser| parser.fits(value))).count()
        };
        // What a person's word reads is cut after its microseconds.
        let cut = [None, pattern].into_iter().find(|pattern| lenient(*pattern) == misfits.len());
        let is_leap = |value: &&&Vec<u8>| memchr::memmem::find(value, b":60").is_some();
        let leaps = misfits.iter().filter(is_leap).count();
        let (what, which, title) = if let Some(cut) = cut {
            (say(misfits.len(), "is finer", "are finer") + " than a microsecond", cut, format!("Read {name}, cut to microseconds"))
        } else {
            let title = format!("Read {name} as {}", self.data_type());
            if leaps == misfits.len() {
                (say(leaps, "is a leap second", "are leap seconds") + " (:60), which no timestamp holds", pattern, title)
            } else {
                (say(misfits.len(), "is stranger", "are stranger") + " than a timestamp holds", pattern, title)
            }
        };
        let example = misfits.first().map(|value| String::from_utf8_lossy(value)).unwrap_or_default();
        let what = format!("{name}: of {} timestamps {what}, first {example:?}; the column stays text", self.values.len());
        Conclusion::Text(Finding { what, fix: Some(self.read_as(column, which, &title)) })
    }

    fn read_as(&self, column: &ColumnSpec, pattern: Option<&str>, title: &str) -> Fix {
        let data_type = Some(self.data_type().to_string());
        let change = Change::ColumnType { column: column.name.clone(), data_type, pattern: pattern.map(str::to_owned) };
        Fix { title: title.to_owned(), change }
    }
}

/// *"1 is"*, *"3 are"*.
fn say(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The sample's values of a column.
fn values(text: &Text, cutter: &LogCutter, column: usize) -> Vec<Vec<u8>> {
    let mut tokens = Tokens::default();
    let mut values = Vec::new();
    for (k, piece) in text.pieces.iter().enumerate() {
        let bytes = piece.text.as_bytes();
        let from = if k == 0 { 0 } else { cutter.first_start(bytes) };
        let bytes = &bytes[from..];
        cutter.begin_at(piece.offset + from as u64);
        cutter.run(bytes, usize::MAX, true, &mut tokens);
        let cells = Cells { text: bytes, scratch: &tokens.scratch, spans: &tokens.spans, stride: cutter.columns(), column };
        values.extend(cells.iter().filter(|span| !span.is_missing()).map(|span| cells.bytes(span).to_vec()));
    }
    values
}
