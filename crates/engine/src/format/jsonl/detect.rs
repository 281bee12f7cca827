//! Detection: is it JSON Lines, and what does it hold?

use colonnade_protocol::message::{RawLine, RawLineKind, SentencePart};
use colonnade_protocol::report::Finding;
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType, Place};

use super::infer;
use super::reader::{Kind, Reader};
use crate::Result;
use crate::column::ColumnSpec;
use crate::format::Detection;
use crate::format::lines::{count_line_ends, line_at, line_start};
use crate::sample::Sample;
use crate::settings::Settings;

/// Raw lines shown beside the grid, and characters of each.
const RAW_LINES: usize = 60;
const RAW_CHARS: usize = 2000;
/// Lines that the likeness is judged by.
const TRIAL_LINES: usize = 50;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// How likely it is that a sample is JSON Lines, 0 to 1. A name that says CSV is believed; a name that says JSON also for
/// one document, which [`detect`] then refuses in words.
pub fn likeness(sample: &Sample, name: &str) -> f32 {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let (lines, json) =
        (matches!(extension.as_str(), "jsonl" | "ndjson" | "geojsonl" | "ldjson"), matches!(extension.as_str(), "json" | "geojson"));
    let text = sample.head.strip_prefix(BOM).unwrap_or(&sample.head);
    let first = text.trim_ascii_start().first().copied();
    if !matches!(first, Some(b'{' | b'[')) {
        return if lines { 0.5 } else { 0.0 };
    }
    let (mut objects, mut seen) = (0, 0);
    for line in Lines::of(sample).filter(|line| !line.is_blank()).take(TRIAL_LINES) {
        seen += 1;
        objects += usize::from(line.is_object());
    }
    let share = objects as f32 / seen.max(1) as f32;
    match (lines || json, matches!(extension.as_str(), "csv" | "tsv" | "tab" | "psv" | "ssv" | "dsv")) {
        (true, _) => 0.9 + 0.09 * share,
        (_, true) => 0.3 * share,
        _ => 0.97 * share,
    }
}

/// Finds the columns of the sample's objects.
///
/// # Errors
/// [`ErrorKind::Empty`] where there is no line; [`ErrorKind::UnknownFormat`] for other encodings than UTF-8 and for JSON
/// that is not in lines; [`ErrorKind::Usage`] for settings that cannot be used.
pub fn detect(sample: &Sample, settings: Settings) -> Result<Detection> {
    refuse_encoding(&sample.head)?;
    let bom = if sample.head.starts_with(BOM) { BOM.len() } else { 0 };
    let lines: Vec<Line<'_>> = Lines::of(sample).filter(|line| !line.is_blank()).collect();
    if lines.is_empty() && sample.is_whole() {
        return Err(ErrorInfo::new(ErrorKind::Empty, "the file holds only blanks", "There is nothing to read in it."));
    }
    let objects: Vec<&[u8]> = lines.iter().filter(|line| line.is_object()).map(|line| line.bytes).collect();
    let is_document = objects.len() * 2 < lines.len() && lines.first().is_some_and(|line| !line.is_object());
    if is_document || objects.is_empty() && !lines.is_empty() {
        return Err(no_lines(&sample.head[bom..]));
    }
    let (columns, mut findings) = infer::columns(&objects, &settings)?;
    if columns.is_empty() && sample.is_whole() {
        return Err(ErrorInfo::new(ErrorKind::Empty, "no object has a field", "There is nothing to make a table of."));
    }
    findings.extend(columns.iter().filter_map(mixed));
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
struct Line<'a> {
    bytes: &'a [u8],
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    fn is_object(&self) -> bool {
        let mut reader = Reader::new(self.bytes, 0);
        reader.peek() == Ok(Kind::Object) && reader.skip().is_ok() && reader.end().is_ok()
    }
}

/// The whole lines of the sample's pieces.
struct Lines<'a> {
    /// Text from a line's start on, and whether the source ends with it.
    pieces: Vec<(&'a [u8], bool)>,
}

impl<'a> Lines<'a> {
    fn of(sample: &'a Sample) -> Self {
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
    let zeros = head.iter().take(64).filter(|&&byte| byte == 0).count();
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || zeros * 4 > head.len().min(64) {
        let what = "this is UTF-16 or UTF-32 text, and JSON Lines is read as UTF-8";
        return Err(ErrorInfo::new(ErrorKind::UnknownFormat, what, "Save it as UTF-8 and open that."));
    }
    Ok(())
}

/// Why a text without a line that is an object is refused.
fn no_lines(text: &[u8]) -> ErrorInfo {
    let hint =
        "JSON Lines can be read: one object a line. jq -c '.[]' makes it from an array of objects, jq -c . from objects that span lines.";
    let what = match text.trim_ascii_start().first() {
        Some(b'[') => "this is one JSON array, not JSON Lines",
        Some(b'{') => "this is one JSON document over several lines, not JSON Lines",
        _ => "no line of this is a JSON object",
    };
    ErrorInfo::new(ErrorKind::UnknownFormat, what, hint)
}

/// A column whose values are of kinds that only JSON text holds.
fn mixed(column: &ColumnSpec) -> Option<Finding> {
    let what = format!("{}: objects, arrays and other values are mixed; all are kept as JSON text", column.name);
    (column.data_type == LogicalType::Json).then_some(Finding { what, fix: None })
}

/// *"JSON Lines, UTF-8, 12 fields; 99 % sure: 312 of 312 lines are objects."*
fn sentence(fields: usize, objects: usize, lines: usize, confidence: f32) -> Vec<SentencePart> {
    let percent = (confidence * 100.0).floor().clamp(1.0, 99.0);
    let fields = if fields == 1 { "1 field".to_owned() } else { format!("{fields} fields") };
    let objects = if lines == 1 { "the only line is an object".to_owned() } else { format!("{objects} of {lines} lines are objects") };
    vec![SentencePart { text: format!("JSON Lines, UTF-8, {fields}; {percent} % sure: {objects}."), option: None }]
}

fn raw_lines(text: &[u8]) -> Vec<RawLine> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < text.len() && lines.len() < RAW_LINES {
        let (end, next) = line_at(text, at, true).unwrap_or((text.len(), text.len()));
        let line = String::from_utf8_lossy(&text[at..end]);
        let kind = if line.trim().is_empty() { RawLineKind::Blank } else { RawLineKind::Record };
        lines.push(RawLine { number: count_line_ends(&text[..at]) + 1, text: line.chars().take(RAW_CHARS).collect(), kind });
        at = next;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::jsonl::options;

    fn sample(text: &[u8]) -> Sample {
        Sample { len: text.len() as u64, head: text.to_vec(), slices: Vec::new() }
    }

    fn found(text: &str) -> Result<Detection> {
        detect(&sample(text.as_bytes()), Settings::new(&options::declared(), []).unwrap())
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
    fn texts_that_are_timestamps_are_offered_as_such() {
        let found = found("{\"at\":\"2024-01-01T00:00:01Z\"}\n{\"at\":\"2024-01-01T00:00:02Z\"}\n").unwrap();
        assert_eq!(found.columns[0].data_type, LogicalType::String);
        assert_eq!(found.findings[0].fix.as_ref().unwrap().title, "Read at as timestamp");
    }

    #[test]
    fn other_json_is_refused_with_what_can_be_done() {
        for (text, what) in [
            ("[{\"a\":1}]", "one JSON array"),
            ("[\n {\"a\":1}\n]\n", "one JSON array"),
            ("{\n \"a\": 1\n}\n", "one JSON document"),
            ("{a:1}\n", "JSON document"),
        ] {
            let error = found(text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::UnknownFormat);
            assert!(error.what.contains(what) && error.hint.contains("jq"), "{text}: {error}");
        }
        let utf16: Vec<u8> = "{\"a\":1}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let error = detect(&sample(&utf16), Settings::default()).unwrap_err();
        assert!(error.hint.contains("UTF-8"));
        assert_eq!(found("{}\n").unwrap_err().kind, ErrorKind::Empty);
    }

    #[test]
    fn a_name_is_a_hint_and_the_lines_decide() {
        let likeness = |text: &str, name| super::likeness(&sample(text.as_bytes()), name);
        let lines = "{\"a\":1}\n{\"a\":2}\n";
        assert!(likeness(lines, "x.jsonl") > likeness(lines, "x.txt"));
        assert!(likeness(lines, "x.log") > 0.9);
        assert!(likeness(lines, "x.csv") < 0.5);
        assert!(likeness("[\n1\n]\n", "x.json") > 0.8);
        assert_eq!(likeness("[\n1\n]\n", "x.txt"), 0.0);
        assert_eq!(likeness("a,b\n1,2\n", "x.json"), 0.0);
    }
}
