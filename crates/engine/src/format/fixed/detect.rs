//! Detection: where columns are, what names them, and whether a text is aligned at all.

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::report::Finding;
use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::Encoding;

use super::align::{self, Aligned};
use super::columns::{self, Column, Positions};
use super::cut::FixedCutter;
use super::described::{self, Described};
use super::options::{self, COLUMNS, POSITIONS};
use crate::Result;
use crate::column::Span;
use crate::format::Detection;
use crate::format::csv::detect::header::{self, Header};
use crate::format::csv::detect::table::{self, Block};
use crate::format::csv::detect::text::Text;
use crate::format::csv::detect::tokens::{Tokens, is_rule};
use crate::format::csv::detect::{self, names};
use crate::format::csv::dialect::Dialect;
use crate::format::lines::line_at;
use crate::format::text::describe::{Found, declined_by};
use crate::format::text::options::{KEEP_ELLIPSES, keeps_all, unescape};
use crate::format::text::row_count::is_row_count;
use crate::format::text::{comments, is_ellipsis, packed, transcode::Reading};
use crate::sample::Sample;
use crate::settings::Settings;

/// Lines of the head that are looked at.
const MOST_RECORDS: usize = 20_000;
/// How sure a description of the columns makes it.
const DESCRIBED: f32 = 0.97;
/// How sure a line drawn below the names makes it.
const DRAWN: f32 = 0.93;
/// How sure alignment alone makes it: a little less than fields of one number do between blanks.
const ALIGNED: f32 = 0.84;
/// Columns with one blank between them are as often words; of fewer lines than many they are nothing else.
const NARROW: f32 = 0.6;
const MANY: usize = 10;
/// Columns without names have values in at least this share of their cells.
const LEAST_FILLED: f32 = 0.6;
/// Words from which on they are fields.
const LEAST_FIELDS: usize = 4;

/// A text as lines of columns.
struct Layout {
    columns: Vec<Column>,
    positions: Positions,
    described: Option<Described>,
    aligned: Option<Aligned>,
    /// Columns stand side by side, and only the kinds of their characters tell them apart.
    is_packed: bool,
    comment: String,
}

/// How likely it is that a sample is of fixed width, 0 to 1.
pub fn likeness(sample: &Sample) -> f32 {
    let settings = Settings::default();
    let Ok((_, text)) = detect::open(sample, &settings) else { return 0.0 };
    Layout::find(&text, &settings).map_or(0.0, |layout| layout.confidence(&text))
}

/// Finds how a source is to be read as fixed width. What `settings` says by a person's word is taken as it is.
///
/// # Errors
/// [`ErrorKind::UnknownFormat`] where nothing is aligned; [`ErrorKind::Usage`] for settings that cannot be used.
pub fn detect(sample: &Sample, mut settings: Settings) -> Result<Detection> {
    let (encoding, text) = detect::open(sample, &settings)?;
    if settings.is_by_person(COLUMNS) {
        columns::parse(settings.text(COLUMNS))?;
    }
    let Some(layout) = Layout::find(&text, &settings) else {
        let what = "no position is blank in every line: nothing shows where columns are";
        return Err(ErrorInfo::new(ErrorKind::UnknownFormat, what, "Say where they are: colspecs=0-8,9-20,21-."));
    };
    let head = &text.head().text;
    let tokens = layout.cut(head, &settings);
    let (header, names) = layout.header(head, &tokens, &settings)?;
    let evidence = layout.evidence(&tokens);
    settings.detect(COLUMNS, columns::write(&layout.columns), layout.confidence(&text).max(0.3), &evidence);
    let (positions, why) = match layout.positions {
        Positions::Characters => ("characters", "lines are aligned by characters"),
        Positions::Display => ("display", "lines with wide characters are aligned as they show"),
    };
    settings.detect(POSITIONS, positions, 0.9, why);
    let rows = tokens.records.iter().skip(header.data).filter(|record| !record.blank).count();
    let found = Found {
        sample,
        text: &text,
        encoding: &encoding,
        tokens: &tokens,
        header,
        names,
        fitting: rows,
        records: rows,
        confidence: if settings.is_by_person(COLUMNS) { 0.95 } else { layout.confidence(&text).max(0.3) },
        evidence,
        comment: layout.comment.clone(),
        findings: layout.offered(head, &settings).into_iter().collect(),
    };
    found.settle(&mut settings);
    let names: Vec<String> = found.columns().iter().map(|column| column.source_name.clone()).collect();
    let cutter = cutter(&settings, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let lead = vec![SentencePart { text: "Fixed width".to_owned(), option: Some(COLUMNS.to_owned()) }];
    found.describe(settings, lead, &cutter, &reading(encoding.encoding.value))
}

/// A cutter for columns of these names in the source.
///
/// # Errors
/// [`ErrorKind::Usage`] where there are not as many columns as names.
pub fn cutter(settings: &Settings, names: &[&str]) -> Result<FixedCutter> {
    let columns = columns::parse(settings.text(COLUMNS))?;
    if columns.len() != names.len() {
        let what = format!("colspecs says {} columns and the schema {}", columns.len(), names.len());
        return Err(ErrorInfo::new(ErrorKind::Usage, what, "Give the schema as many columns."));
    }
    let encoding = crate::format::text::options::encoding(settings)?;
    Ok(FixedCutter {
        columns,
        positions: options::positions(settings),
        utf8: !encoding.is_single_byte(),
        comment: unescape(settings.text("comment")).into_bytes(),
        max_record_bytes: settings.integer("maxRecordBytes").max(64) as usize,
        keep_all: keeps_all(settings),
        keep_ellipses: settings.flag(KEEP_ELLIPSES),
        header: if settings.integer("headerRows") == 1 { names.iter().map(|name| name.as_bytes().to_vec()).collect() } else { Vec::new() },
    })
}

/// How the bytes become lines of characters: what is no single byte encoding is made UTF-8.
pub fn reading(encoding: &'static Encoding) -> Reading {
    Reading::of(encoding, std::iter::once(u8::MAX))
}

impl Layout {
    fn find(text: &Text, settings: &Settings) -> Option<Self> {
        let head = &text.head().text;
        let comment = if settings.is_by_person("comment") {
            unescape(settings.text("comment"))
        } else {
            comments::prefix(head).unwrap_or_default().to_owned()
        };
        if settings.is_by_person(COLUMNS) {
            let columns = columns::parse(settings.text(COLUMNS)).ok()?;
            return Some(Self {
                columns,
                positions: options::positions(settings),
                described: None,
                aligned: None,
                is_packed: false,
                comment,
            });
        }
        if let Some(described) = described::find(head) {
            let (columns, positions) = (described.columns.clone(), Positions::Characters);
            return Some(Self { columns, positions, described: Some(described), aligned: None, is_packed: false, comment });
        }
        let skip = if settings.is_by_person("skipRows") { settings.integer("skipRows").max(0) as usize } else { 0 };
        let is_comment = |line: &&str| !comment.is_empty() && line.starts_with(&comment);
        let lines: Vec<&str> = head.lines().skip(skip).filter(|line| !is_comment(line) && !is_ellipsis(line.as_bytes())).collect();
        let Some(aligned) = align::find(&lines) else {
            // Without a gap there is but one column; a person who calls it fixed width sees where more may be.
            let borders = packed::borders(lines.iter().copied());
            let columns = columns::cut_at(&[Column { start: 0, end: None }], &borders);
            let layout = Self { columns, positions: Positions::Characters, described: None, aligned: None, is_packed: true, comment };
            return (!borders.is_empty()).then_some(layout);
        };
        let positions = if settings.is_by_person(POSITIONS) { options::positions(settings) } else { aligned.positions };
        Some(Self { columns: aligned.columns.clone(), positions, described: None, aligned: Some(aligned), is_packed: false, comment })
    }

    fn confidence(&self, text: &Text) -> f32 {
        let Some(aligned) = &self.aligned else { return if self.is_packed { 0.0 } else { DESCRIBED } };
        let columns = self.columns.len() as f32;
        if columns < 2.0 {
            return 0.0;
        }
        if aligned.drawn {
            return DRAWN;
        }
        let lines = text.head().text.lines().skip(aligned.first).filter(|line| !line.trim().is_empty()).count();
        let narrow = match (aligned.widest_gap, lines) {
            (2.., _) => 1.0,
            (_, MANY..) if aligned.named && self.columns.len() >= LEAST_FIELDS => 1.0,
            (_, MANY..) => NARROW,
            _ => 0.0,
        };
        // Lines that end before most of the borders show none.
        let filled = aligned.cells as f32 / (columns * lines.max(1) as f32);
        let narrow = if !aligned.named && filled < LEAST_FILLED { narrow * NARROW } else { narrow };
        let few = if lines > 3 { 1.0 } else { 0.99 };
        let narrow = if aligned.flush > 0 && self.last_is_fields(text, aligned.first) { 0.5 } else { narrow };
        ALIGNED * (aligned.flush as f32 / columns) * narrow * few * self.beyond(text)
    }

    /// Whether the last column holds several words in every line, always as many: fields that are not aligned.
    fn last_is_fields(&self, text: &Text, first: usize) -> bool {
        let Some(last) = self.columns.last() else { return false };
        let lines = text.head().text.lines().skip(first).filter(|line| !line.trim().is_empty()).take(200);
        let words: Vec<usize> = lines.map(|line| line.chars().skip(last.start).collect::<String>().split_whitespace().count()).collect();
        words.len() >= MANY && words.iter().all(|&count| count == words[0]) && words[0] >= LEAST_FIELDS
    }

    /// Share of the other pieces' lines that hold to the columns.
    fn beyond(&self, text: &Text) -> f32 {
        let cutter = self.cutter();
        let (mut all, mut fitting) = (0_usize, 0_usize);
        let mut spans = Vec::new();
        for piece in &text.pieces[1..] {
            for line in piece.text.lines().filter(|line| !line.trim().is_empty()).take(200) {
                spans.clear();
                all += 1;
                fitting += usize::from(cutter.cells(line.as_bytes(), 0, line.len(), &mut spans).is_none());
            }
        }
        if all == 0 { 1.0 } else { fitting as f32 / all as f32 }
    }

    fn cutter(&self) -> FixedCutter {
        FixedCutter::of(self.columns.clone(), self.positions)
    }

    fn evidence(&self, tokens: &Tokens) -> String {
        let lines = tokens.records.iter().filter(|record| !record.blank).count();
        match (&self.described, &self.aligned) {
            (Some(_), _) => "the lines above the data describe the columns".to_owned(),
            (None, Some(aligned)) if aligned.drawn => "a drawn line shows where columns are".to_owned(),
            (None, Some(aligned)) => {
                format!("{lines} lines are blank at the same {} places, {} columns are flush", self.columns.len() - 1, aligned.flush)
            }
            (None, None) if self.is_packed => "digits turn to letters at the same places in every line".to_owned(),
            (None, None) => "set by hand".to_owned(),
        }
    }

    /// Borders that may be missing within the columns.
    fn offered(&self, head: &str, settings: &Settings) -> Option<Finding> {
        if settings.is_by_person(COLUMNS) || self.positions != Positions::Characters {
            return None;
        }
        let lines = head.lines().skip(self.aligned.as_ref()?.first);
        let borders: Vec<usize> = packed::borders(lines);
        let cut = columns::cut_at(&self.columns, &borders);
        let is_new = cut.len() > self.columns.len();
        is_new.then(|| declined_by(packed::told(&borders), "Draw a border there", COLUMNS, &columns::write(&cut)))
    }

    /// The records of the head, from the line on that the table begins with.
    fn cut(&self, text: &str, settings: &Settings) -> Tokens {
        let bytes = text.as_bytes();
        let skip = match (&self.described, &self.aligned) {
            _ if settings.is_by_person("skipRows") => settings.integer("skipRows").max(0) as usize,
            (Some(described), _) => described.data_line,
            // Lines without comments were counted.
            (_, Some(aligned)) if self.comment.is_empty() => aligned.first,
            _ => 0,
        };
        let cutter = self.cutter();
        let mut tokens = Tokens::default();
        let (mut at, mut line) = (0, 0);
        let mut spans: Vec<Span> = Vec::new();
        while at < bytes.len() && tokens.records.len() < MOST_RECORDS {
            let Some((end, next)) = line_at(bytes, at, true) else { break };
            let content = &bytes[at..end];
            let is_comment = !self.comment.is_empty() && content.starts_with(self.comment.as_bytes());
            if line >= skip && !is_comment && !is_ellipsis(content) {
                spans.clear();
                cutter.cells(bytes, at, end, &mut spans);
                let blank = content.trim_ascii().is_empty() || is_rule(content) || is_row_count(content);
                tokens.push(
                    at,
                    end,
                    line,
                    spans.iter().filter_map(|span| span.in_input()).map(|cell| (cell.start, cell.end, false)),
                    blank,
                );
            }
            (at, line) = (next, line + 1);
        }
        tokens
    }

    fn header(&self, text: &str, tokens: &Tokens, settings: &Settings) -> Result<(Header, Vec<String>)> {
        let width = self.columns.len();
        let content = tokens.records.iter().filter(|record| !record.blank).count();
        let Some(found) = table::find(tokens) else {
            let names = self.described.as_ref().map(|described| described.names.clone()).ok_or_else(|| {
                ErrorInfo::new(ErrorKind::Empty, "there is no record, only blanks and comments", "Lower skipRows if that is wrong.")
            })?;
            return Ok((Header { first: 0, rows: 0, data: 0, confidence: 0.95, evidence: "described above the data".to_owned() }, names));
        };
        let block = Block { first: 0, end: tokens.records.len(), width, fitting: content.max(found.fitting) };
        let by_person = header::by_person(settings);
        if let (Some(described), None) = (&self.described, by_person) {
            let header = Header { first: 0, rows: 0, data: 0, confidence: 0.95, evidence: "described above the data".to_owned() };
            return Ok((header, described.names.clone()));
        }
        let header = header::find(text, tokens, &block, by_person, true);
        let names = names::in_source(text, tokens, &Dialect { quote: None, ..Dialect::default() }, &header, width, false);
        Ok((header, names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Detection {
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        detect(&sample, Settings::new(&options::declared(), []).unwrap()).unwrap()
    }

    #[test]
    fn names_and_types_come_from_the_columns() {
        let found = found("name        city   age\nAnn Smith   Rome     4\nBo          Oslo    31\nCy de Wit   Bonn   102\n");
        let schema: Vec<String> = found.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
        assert_eq!(schema, ["name string", "city string", "age bigint"]);
        assert_eq!(found.settings.text(COLUMNS), "0-11,12-18,19-");
        let sentence: String = found.sentence.into_iter().map(|part| part.text).collect();
        assert_eq!(
            sentence,
            "Fixed width, UTF-8, header on line 1, 3 columns; 84 % sure: 4 lines are blank at the same 2 places, 3 columns are flush."
        );
    }

    #[test]
    fn borders_that_no_gap_shows_are_offered() {
        let text: String = (0..20).map(|k| format!("{k:06}AB{k:<6}2024010{:08}\n", k * 100)).collect();
        let found = found(&text);
        let fix = found.findings.first().and_then(|finding| finding.fix.clone()).map(|fix| fix.change);
        let change = colonnade_protocol::report::Change::Option { id: COLUMNS.to_owned(), value: Some("0-6,6-13,14-".to_owned()) };
        assert_eq!((found.settings.text(COLUMNS), fix), ("0-13,14-", Some(change)));
        // Without any blank it is one column, and fixed width only by a person's word.
        let text: String = (0..20).map(|k| format!("{k:06}AB2024010{:08}\n", k * 100)).collect();
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        assert_eq!(likeness(&sample), 0.0);
        assert_eq!(self::found(&text).settings.text(COLUMNS), "0-6,6-");
    }

    #[test]
    fn prose_is_no_table() {
        let text = "It was late and cold, they said, and no one\ncame to see what had been left there by those\nwho went away the year before; so it stayed\n";
        let sample = Sample { len: text.len() as u64, head: text.as_bytes().to_vec(), slices: Vec::new() };
        assert!(likeness(&sample) < 0.3, "{}", likeness(&sample));
    }
}
