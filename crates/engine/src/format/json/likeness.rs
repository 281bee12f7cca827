//! How likely it is that a sample is JSON, in lines or as a document.

use super::encoding::JsonEncoding;
use super::lines::Lines;
use super::mend::Mender;
use super::options;
use super::reader::Reader;
use super::wrapper;
use crate::sample::Sample;
use crate::settings::Settings;

/// Lines that are looked at.
const TRIAL_LINES: usize = 50;
/// So many lines of objects tell lines, whatever the first one is.
const LEAST_LINES: usize = 3;
/// Bytes that are looked at for a document.
const TRIAL_BYTES: usize = 64 * 1024;

/// Both, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    pub lines: f32,
    pub document: f32,
}

/// Judges a sample. A name that says CSV is believed.
pub fn likeness(sample: &Sample, name: &str) -> Likeness {
    let none = Likeness { lines: 0.0, document: 0.0 };
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let says_lines = matches!(extension.as_str(), "jsonl" | "ndjson" | "geojsonl" | "ldjson");
    let says_json = says_lines || extension.contains("json");
    let says_csv = matches!(extension.as_str(), "csv" | "tsv" | "tab" | "psv" | "ssv" | "dsv");
    let (encoding, mark) = JsonEncoding::of(&sample.head);
    let head = &sample.head[mark.min(sample.head.len())..];
    let head = &head[..head.len().min(TRIAL_BYTES)];
    let (text, _) = encoding.decode(head, false);
    // What takes them is the reader of documents.
    let wrapped = wrapper::before(&text).max(wrapper::comments(&text));
    let text = &text[wrapped..];
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    let begins = matches!(first, Some(b'{' | b'[' | 0x1E));
    let (mut objects, mut seen, mut joined) = (0, 0, false);
    if encoding == JsonEncoding::Utf8 {
        for line in Lines::of(sample).filter(|line| !line.is_blank()).take(TRIAL_LINES) {
            seen += 1;
            objects += usize::from(line.is_object());
            joined |= line.is_joined();
        }
    }
    // The first record may be what is broken.
    let are_lines = objects >= LEAST_LINES && objects * 5 >= seen * 4;
    if !begins && !are_lines {
        let is_value = says_json && first.is_some() && begins_well(text, sample.is_whole());
        return match (says_lines, is_value) {
            (true, _) => Likeness { lines: 0.5, document: if is_value { 0.6 } else { 0.0 } },
            (_, true) => Likeness { lines: 0.0, document: 0.6 },
            _ => none,
        };
    }
    let share = objects as f32 / seen.max(1) as f32;
    let weigh = |bare: f32, named: f32| if says_json { named } else { bare * if says_csv { 0.3 } else { 1.0 } };
    // Neither elements of an array on lines of their own, nor several values on one are lines of objects.
    let is_document = first == Some(b'[') || joined || wrapped > 0;
    if share >= 0.5 && (seen > 1 || says_lines) && !is_document {
        let lines = weigh(0.97 * share, 0.9 + 0.09 * share);
        return Likeness { lines, document: lines - 0.1 };
    }
    let bare = if begins_well(text, sample.is_whole()) { 0.97 } else { 0.3 };
    Likeness { lines: 0.0, document: weigh(bare, 0.9 + 0.09 * bare) }
}

/// Whether a word stands next on the same line.
fn is_before_word(text: &[u8]) -> bool {
    text.iter().find(|byte| !matches!(byte, b' ' | b'\t')).is_some_and(u8::is_ascii_alphanumeric)
}

/// Whether a value stands at the start, as far as the text goes, or all but its end does.
fn begins_well(text: &[u8], is_whole: bool) -> bool {
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != 0x1E).unwrap_or_default();
    let cut = !is_whole || text.len() == TRIAL_BYTES;
    match Reader::new(text, start).skip() {
        // A word behind a list of numbers: the time in brackets that a line of a log begins with.
        Ok(value) => return text[start] != b'[' || !is_before_word(&text[value.end..]),
        Err(error) if error.cut && cut => return true,
        // A fault far behind what is right.
        Err(error) if error.at > start + 200 => return true,
        Err(_) => {}
    }
    let Ok(settings) = Settings::new(&options::of_documents(), []) else { return false };
    match Mender::new(&settings, false).mend(text, start, false, !cut) {
        Ok(_) => true,
        Err(error) => error.cut && cut || error.at > start + 200,
    }
}
