//! Detection: what do the lines hold?

use std::borrow::Cow;

use colonnade_protocol::message::SentencePart;
use colonnade_protocol::{ErrorInfo, ErrorKind, Place};

use crate::Result;
use crate::format::json::encoding::JsonEncoding;
use crate::format::json::infer::{self, Seen};
use crate::format::json::layout::Layout;
use crate::format::json::mend::Mender;
use crate::format::json::reader::{Kind, Reader};
use crate::format::json::shown::{RepairCounts, raw_lines};
use crate::format::lines::{line_at, line_start};
use crate::format::{Detection, ParseMode};
use crate::sample::Sample;
use crate::settings::Settings;
use crate::words::counted;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Finds the columns of the sample's objects.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no line; [`ErrorKind::UnknownFormat`] for other encodings than UTF-8 and for JSON
/// that is not in lines; [`ErrorKind::Usage`] for settings that cannot be used.
pub fn detect(sample: &Sample, mut settings: Settings) -> Result<Detection> {
    refuse_encoding(&sample.head)?;
    let bom = if sample.head.starts_with(BOM) { BOM.len() } else { 0 };
    let lines: Vec<Line<'_>> = Lines::of(sample).filter(|line| !line.is_blank()).collect();
    if lines.is_empty() && sample.is_whole() {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file holds only blanks", "There is nothing to read in it."));
    }
    let mender = Mender::new(&settings, ParseMode::of(&settings) == ParseMode::FailFast);
    let mut repairs = RepairCounts::default();
    let objects: Vec<Seen<'_>> = lines.iter().filter_map(|line| line.object(&mender, &mut repairs)).collect();
    let is_document = objects.len() * 2 < lines.len() && lines.first().is_some_and(|line| !line.is_object());
    if is_document || objects.is_empty() && !lines.is_empty() {
        return Err(no_lines(&sample.head[bom..]));
    }
    let (columns, inferred) = infer::columns(&objects, Layout::of(&settings, false), &mut settings)?;
    let mut findings = repairs.findings();
    findings.extend(inferred);
    if columns.is_empty() && sample.is_whole() {
        return Err(ErrorInfo::new(ErrorKind::Empty, "no object has a field", "There is nothing to make a table of."));
    }
    let confidence = (objects.len() as f32 + 1.0) / (lines.len() as f32 + 1.0) * 0.99;
    let bytes: usize = lines.iter().map(|line| line.bytes.len() + 1).sum();
    let rows = (sample.len as f64 * objects.len() as f64 / bytes.max(1) as f64).round() as u64;
    Ok(Detection {
        confidence,
        sentence: sentence(columns.len(), objects.len(), lines.len(), confidence),
        estimated_rows: if sample.is_whole() { objects.len() as u64 } else { rows.max(objects.len() as u64) },
        settings,
        columns,
        findings,
        data_start: Place { byte: bom as u64, line: 1 },
        skipped: 0,
        raw_lines: raw_lines(&sample.head[bom..]),
    })
}

/// A whole line of the sample.
pub struct Line<'a> {
    bytes: &'a [u8],
}

impl<'a> Line<'a> {
    /// Whether there is nothing on it.
    pub fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        let mut reader = Reader::new(self.bytes, 0);
        reader.peek() == Ok(Kind::Object) && reader.skip().is_ok() && reader.end().is_ok()
    }

    /// Whether it is several objects, one behind another.
    pub fn is_joined(&self) -> bool {
        let mut reader = Reader::new(self.bytes, 0);
        let mut is_object = || reader.peek() == Ok(Kind::Object) && reader.skip().is_ok();
        is_object() && is_object()
    }

    /// The object it is, mended if need be.
    fn object(&self, mender: &Mender, repairs: &mut RepairCounts) -> Option<Seen<'a>> {
        if self.is_object() {
            return Some(Seen { text: Cow::Borrowed(self.bytes), start: 0 });
        }
        let start = self.bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let mended = mender.mend(self.bytes, start, false, false).ok()?;
        if mended.text.first() != Some(&b'{') || Reader::new(self.bytes, mended.end).end().is_err() {
            return None;
        }
        repairs.add(mended.kinds().filter(|repair| mender.lists(*repair)));
        Some(Seen { text: Cow::Owned(mended.text), start: 0 })
    }
}

/// The whole lines of the sample's pieces.
pub struct Lines<'a> {
    /// Text from a line's start on, and whether the source ends with it.
    pieces: Vec<(&'a [u8], bool)>,
}

impl<'a> Lines<'a> {
    /// In source order.
    pub fn of(sample: &'a Sample) -> Self {
        let head = sample.head.strip_prefix(BOM).unwrap_or(&sample.head);
        let mut pieces = vec![(head, sample.is_whole())];
        for slice in &sample.slices {
            let at_end = slice.offset + slice.bytes.len() as u64 >= sample.len;
            let start = line_start(&slice.bytes, 1, at_end).unwrap_or(slice.bytes.len());
            pieces.push((&slice.bytes[start..], at_end));
        }
        pieces.reverse();
        Self { pieces }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        loop {
            let (text, at_end) = self.pieces.last_mut()?;
            match line_at(text, 0, *at_end) {
                Some((end, next)) if !text.is_empty() => {
                    let bytes = &text[..end];
                    *text = &text[next.min(text.len())..];
                    return Some(Line { bytes });
                }
                _ => drop(self.pieces.pop()),
            }
        }
    }
}

fn refuse_encoding(head: &[u8]) -> Result<()> {
    let (encoding, _) = JsonEncoding::of(head);
    if encoding != JsonEncoding::Utf8 {
        let what = format!("this is {} text, and JSON Lines is read as UTF-8", encoding.name());
        return Err(ErrorInfo::new(ErrorKind::UnknownFormat, what, "Read it as JSON: the format json takes all encodings."));
    }
    Ok(())
}

/// Why a text without a line that is an object is refused.
fn no_lines(text: &[u8]) -> ErrorInfo {
    let hint = "Read it as JSON: the format json takes documents, arrays, and values over several lines.";
    let what = match text.trim_ascii_start().first() {
        Some(b'[') => "this is one JSON array, not JSON Lines",
        Some(b'{') => "this is one JSON document over several lines, not JSON Lines",
        _ => "no line of this is a JSON object",
    };
    ErrorInfo::new(ErrorKind::UnknownFormat, what, hint)
}

/// *"JSON Lines, UTF-8, 12 fields; 99 % sure: 312 of 312 lines are objects."*
fn sentence(fields: usize, objects: usize, lines: usize, confidence: f32) -> Vec<SentencePart> {
    let percent = (confidence * 100.0).floor().clamp(1.0, 99.0);
    let fields = counted(fields, "field");
    let objects = if lines == 1 { "the only line is an object".to_owned() } else { format!("{objects} of {lines} lines are objects") };
    vec![SentencePart { text: format!("JSON Lines, UTF-8, {fields}; {percent} % sure: {objects}."), option: None }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use colonnade_protocol::LogicalType;

    use crate::format::json::likeness::likeness;
    use crate::format::json::options;

    fn sample(text: &[u8]) -> Sample {
        Sample { len: text.len() as u64, head: text.to_vec(), slices: Vec::new() }
    }

    fn found(text: &str) -> Result<Detection> {
        detect(&sample(text.as_bytes()), Settings::new(&options::of_lines(), []).unwrap())
    }

    fn schema(text: &str) -> Vec<String> {
        found(text).unwrap().columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect()
    }

    #[test]
    fn columns_come_in_the_order_in_which_they_are_seen() {
        let text = "\u{feff}{\"b\":1,\"a\":\"x\"}\r\n\n{\"a\":null,\"c\":[{\"d\":true}],\"b\":2.5}\n";
        assert_eq!(schema(text), ["b double", "a string", "c array<struct<d:boolean>>"]);
        let found = found(text).unwrap();
        assert_eq!(found.data_start, Place { byte: 3, line: 1 });
        assert_eq!(found.sentence[0].text, "JSON Lines, UTF-8, 3 fields; 99 % sure: 2 of 2 lines are objects.");
        assert_eq!((found.estimated_rows, found.raw_lines.len()), (2, 3));
    }

    #[test]
    fn records_of_keys_of_their_own_are_values_unless_a_person_wants_columns() {
        let lines: String = (0..3000).map(|k| format!("{{\"k{k}\":{k},\"at {k}\":null}}\n")).collect();
        let values = found(&lines).unwrap();
        assert_eq!(schema(&lines), ["value map<string,bigint>"]);
        assert_eq!(values.settings.text("orient"), "value");
        assert_eq!(values.findings[0].fix.as_ref().unwrap().title, "Read each key as a column");
        let given = Settings::new(&options::of_lines(), [("orient", "records")]).unwrap();
        assert_eq!(detect(&sample(lines.as_bytes()), given).unwrap().columns.len(), 6000);
        let mixed: String = (0..3000).map(|k| format!("{{\"id\":\"x\",\"k{k}\":{k}}}\n")).collect();
        assert_eq!(schema(&mixed), ["value json"]);
        let kinds: String = (0..300).map(|k| format!("{{\"id\":{k},\"of {}\":{k}}}\n", k % 30)).collect();
        assert_eq!(schema(&kinds).len(), 31);
    }

    #[test]
    fn texts_that_are_timestamps_are_read_as_such_or_offered() {
        let found = found("{\"at\":\"2024-01-01T00:00:01Z\"}\n{\"at\":\"2024-01-01T00:00:02Z\"}\n").unwrap();
        assert_eq!(found.columns[0].data_type, LogicalType::Timestamp);
        let given = [("inferTimestamp", "false")];
        let text = b"{\"at\":\"Fri Apr 17 10:05:45 +0000 2020\"}";
        let found = detect(&sample(text), Settings::new(&options::of_lines(), given).unwrap()).unwrap();
        assert_eq!(found.columns[0].data_type, LogicalType::String);
        assert_eq!(found.findings[0].fix.as_ref().unwrap().title, "Read at as timestamp");
    }

    #[test]
    fn other_json_is_refused_with_what_can_be_done() {
        for (text, what) in
            [("[{\"a\":1}]", "one JSON array"), ("[\n {\"a\":1}\n]\n", "one JSON array"), ("{\n \"a\": 1\n}\n", "one JSON document")]
        {
            let error = found(text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::UnknownFormat);
            assert!(error.what.contains(what) && error.hint.contains("json"), "{text}: {error}");
        }
        let utf16: Vec<u8> = "{\"a\":1}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let error = detect(&sample(&utf16), Settings::default()).unwrap_err();
        assert!(error.what.contains("UTF-16LE"));
        assert_eq!(found("{}\n").unwrap_err().kind, ErrorKind::Empty);
    }

    #[test]
    fn a_name_is_a_hint_and_the_lines_decide() {
        let judged = |text: &str, name| likeness(&sample(text.as_bytes()), name);
        let lines = "{\"a\":1}\n{\"a\":2}\n";
        assert!(judged(lines, "x.jsonl").lines > judged(lines, "x.txt").lines);
        assert!(judged(lines, "x.log").lines > 0.9);
        assert!(judged(lines, "x.csv").lines < 0.5);
        for (text, name, is_lines) in [
            (lines, "x.json", true),
            ("{\"a\":1}\n", "x.json", false),
            ("{\"a\":1}\n", "x.jsonl", true),
            ("[\n1\n]\n", "x.jsonl", false),
            ("{\n\"a\":1}\n{\n\"a\":1}\n", "x.txt", false),
            ("[1]\n[2]\n", "", false),
            ("[\n{\"a\":1}\n{\"a\":2}\n]\n", "x.txt", false),
            ("{\"a\":1}{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n", "x.jsonl", false),
            ("1\n2\n", "x.jsonl", false),
        ] {
            let judged = judged(text, name);
            assert_eq!(judged.lines > judged.document, is_lines, "{text} in {name}: {judged:?}");
            assert!(judged.lines.max(judged.document) > 0.5, "{text} in {name}: {judged:?}");
        }
        assert_eq!(judged("a,b\n1,2\n", "x.json"), likeness(&sample(b""), "x.txt"));
        assert!(judged("[a],[b]\n1,2\n", "x.txt").document < 0.5);
        assert!(judged("true\n", "x.json").document > 0.5);
    }
}
