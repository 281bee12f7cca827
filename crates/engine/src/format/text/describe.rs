//! What was found about a text table, put together for the page and the decoder: place, header, settings, raw lines.

use colonnade_protocol::Place;
use colonnade_protocol::message::{RawLine, RawLineKind, SentencePart};
use colonnade_protocol::report::{Change, Finding, Fix};

use super::Cutter;
use super::infer;
use super::row_count;
use super::transcode::Reading;
use crate::Result;
use crate::format::Detection;
use crate::format::csv::detect::encoding;
use crate::format::csv::detect::header::Header;
use crate::format::csv::detect::names::{self, ColumnName};
use crate::format::csv::detect::text::Text;
use crate::format::csv::detect::tokens::{Record, Tokens};
use crate::format::csv::dialect::LineEnd;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::words::counted;

/// Raw lines shown beside the grid, and characters of each.
const RAW_LINES: usize = 200;
const RAW_CHARS: usize = 2000;

/// Why the table ends where it does.
const ROW_COUNT: &str = "the number of rows stands below the table, and is none";

/// A text table as its sample shows it.
pub struct Found<'a> {
    pub sample: &'a Sample,
    pub text: &'a Text,
    pub encoding: &'a encoding::Found,
    /// The records of the head.
    pub tokens: &'a Tokens,
    pub header: Header,
    /// The columns' names in the source, empty where one has none.
    pub names: Vec<String>,
    /// Records as wide as the table, of all of them.
    pub fitting: usize,
    pub records: usize,
    pub confidence: f32,
    pub evidence: String,
    /// What a comment begins with, or empty.
    pub comment: String,
    pub findings: Vec<Finding>,
}

impl Found<'_> {
    /// Where the first record of the data begins.
    pub fn data_start(&self) -> Place {
        let head = self.text.head();
        match self.tokens.records.get(self.header.data) {
            Some(record) => Place { byte: self.offset(record), line: record.line as u64 + 1 },
            None => Place { byte: head.offset + head.bytes.len() as u64, line: head.text.lines().count() as u64 + 1 },
        }
    }

    fn offset(&self, record: &Record) -> u64 {
        let head = self.text.head();
        if head.verbatim {
            return head.offset + record.start as u64;
        }
        head.line_offset(record.line as u64, &LineEnd::Any, self.text.encoding)
    }

    /// The columns' names, each once.
    pub fn columns(&self) -> Vec<ColumnName> {
        names::unique(self.names.clone())
    }

    /// The settings that every text table has, as found.
    pub fn settle(&self, settings: &mut Settings) {
        let guess = &self.encoding.encoding;
        let header = &self.header;
        let line = self.tokens.records.get(header.first).map_or(0, |record| record.line);
        settings.detect("encoding", guess.value.name(), guess.confidence, &guess.evidence);
        settings.detect("skipRows", line.to_string(), header.confidence, format!("the table begins on line {}", line + 1));
        settings.detect("header", (header.rows > 0).to_string(), header.confidence, &header.evidence);
        settings.detect("headerRows", header.rows.to_string(), header.confidence, &header.evidence);
        match row_count::find(self.text) {
            Some(end) => settings.detect("tableEnd", end.to_string(), 0.9, ROW_COUNT),
            None => settings.detect("tableEnd", "0", 0.8, "no number of rows stands below the table"),
        }
        let why = if self.comment.is_empty() { "no line looks like a comment" } else { "lines above the data begin with it" };
        settings.detect("comment", &self.comment, 0.9, why);
    }

    /// Everything found. `lead`: how the sentence begins, up to the encoding.
    ///
    /// # Errors
    /// [`colonnade_protocol::ErrorKind::Usage`] for settings that cannot be used.
    pub fn describe(
        mut self,
        settings: Settings,
        mut lead: Vec<SentencePart>,
        cutter: &dyn Cutter,
        reading: &Reading,
    ) -> Result<Detection> {
        let columns = self.columns();
        let data_start = self.data_start();
        let table_end = u64::try_from(settings.integer("tableEnd")).ok().filter(|&end| end > 0);
        let table = infer::Table { names: &columns, start: data_start, end: table_end };
        let (columns, of_columns) = infer::columns(self.sample, &table, cutter, reading, &settings)?;
        let mut findings = std::mem::take(&mut self.findings);
        if table_end.is_some() && !settings.is_by_person("tableEnd") {
            findings.push(declined_by(ROW_COUNT.to_owned(), "Read it as a row", "tableEnd", "0"));
        }
        findings.extend(of_columns);
        let part = |text: String, option: Option<&str>| SentencePart { text, option: option.map(str::to_owned) };
        let header = match (self.header.rows, self.tokens.records.get(self.header.first)) {
            (0, _) if self.names.iter().any(|name| !name.is_empty()) => "names above the table".to_owned(),
            (0, _) | (_, None) => "no header".to_owned(),
            (1, Some(record)) => format!("header on line {}", record.line + 1),
            (rows, Some(record)) => format!("header of {rows} rows from line {}", record.line + 1),
        };
        let percent = (self.confidence * 100.0).floor().clamp(1.0, 99.0);
        lead.extend([
            part(", ".to_owned(), None),
            part(self.encoding.encoding.value.name().to_owned(), Some("encoding")),
            part(", ".to_owned(), None),
            part(header, Some("header")),
            part(format!(", {}; {percent} % sure: {}.", counted(self.names.len(), "column"), self.evidence), None),
        ]);
        Ok(Detection {
            confidence: self.confidence,
            sentence: lead,
            columns,
            findings,
            data_start,
            skipped: data_start.line - 1,
            raw_lines: self.raw_lines(),
            estimated_rows: self.estimate(data_start),
            settings,
        })
    }

    fn estimate(&self, start: Place) -> u64 {
        if self.text.is_whole {
            return self.records as u64;
        }
        let head = self.text.head();
        let seen = (head.offset + head.bytes.len() as u64).saturating_sub(start.byte).max(1);
        let in_head = self.tokens.records[self.header.data.min(self.tokens.records.len())..].iter().filter(|r| !r.blank).count();
        let rows = (self.sample.len.saturating_sub(start.byte)) as f64 * in_head as f64 / seen as f64;
        (rows.round() as u64).max(self.records as u64)
    }

    fn raw_lines(&self) -> Vec<RawLine> {
        let mut kinds = [None; RAW_LINES];
        for (k, record) in self.tokens.records.iter().enumerate().take_while(|(_, record)| record.line < RAW_LINES) {
            let kind = match k {
                _ if record.blank => continue,
                k if k < self.header.first => RawLineKind::Preamble,
                k if k < self.header.data => RawLineKind::Header,
                _ => RawLineKind::Record,
            };
            let lines = self.text.head().text[record.start..record.end].trim_end().lines().count().max(1);
            kinds.iter_mut().skip(record.line).take(lines).for_each(|line| *line = Some(kind));
        }
        let first = self.tokens.records.get(self.header.first).map_or(usize::MAX, |record| record.line);
        let lines = self.text.head().text.lines().take(RAW_LINES).enumerate();
        lines
            .map(|(k, line)| {
                let kind = kinds[k].unwrap_or_else(|| {
                    if line.trim().is_empty() {
                        RawLineKind::Blank
                    } else if !self.comment.is_empty() && line.trim_start().starts_with(&self.comment) {
                        RawLineKind::Comment
                    } else if super::is_ellipsis(line.as_bytes()) {
                        RawLineKind::Rejected
                    } else if k < first {
                        RawLineKind::Preamble
                    } else {
                        RawLineKind::Comment
                    }
                });
                RawLine { number: k as u64 + 1, text: line.chars().take(RAW_CHARS).collect(), kind }
            })
            .collect()
    }
}

/// A finding with the option that declines it.
pub fn declined_by(what: String, title: &str, id: &str, value: &str) -> Finding {
    let change = Change::Option { id: id.to_owned(), value: Some(value.to_owned()) };
    Finding { what, fix: Some(Fix { title: title.to_owned(), change }) }
}
