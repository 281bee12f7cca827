//! A document's bytes as text, and whether bytes are a document.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memmem;

use crate::Result;
use crate::format::text::options;
use crate::sample::Sample;
use crate::settings::Settings;
use crate::source::SharedSource;

/// Bytes of a document that are read: it is held whole.
const MOST_BYTES: u64 = 64 << 20;
/// Bytes in which an encoding is declared (the standard looks at 1,024; programs write much before it).
const DECLARATION_BYTES: usize = 8 << 10;
/// Bytes in which a document's first tag begins.
const FIRST_BYTES: usize = 512;
/// What a piece of a document may begin with, beside `<html`, `<table` and elements of a maker's own.
const FIRST_TAGS: [&str; 35] = [
    "head", "meta", "title", "style", "link", "base", "body", "div", "center", "span", "section", "main", "article", "header", "nav", "p",
    "h1", "h2", "h3", "h4", "h5", "h6", "a", "b", "i", "u", "em", "strong", "small", "font", "pre", "br", "hr", "img", "button",
];

/// An encoding with what speaks for it.
pub struct Found {
    pub encoding: &'static Encoding,
    pub confidence: f32,
    pub evidence: &'static str,
    /// Some bytes are no text in it; U+FFFD stands for them.
    pub replaced: bool,
}

/// A document's text, and the encoding that it was read in. Bytes that are none are U+FFFD.
///
/// # Errors
/// [`ErrorKind::Limit`] for a document that is too large; [`ErrorKind::Usage`] for an encoding that is none; those of the source.
pub fn read(source: &SharedSource, settings: &Settings) -> Result<(String, Found)> {
    let len = source.len();
    if len > MOST_BYTES {
        let what =
            format!("this HTML document has {} MiB; at most {} MiB can be read, since all of it is held", len >> 20, MOST_BYTES >> 20);
        return Err(ErrorInfo::new(ErrorKind::Limit, what, "Save its tables as CSV, and open those."));
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
    let read = source.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    let mut found = find(&bytes, settings)?;
    let (text, replaced) = found.encoding.decode_with_bom_removal(&bytes);
    found.replaced = replaced;
    Ok((text.into_owned(), found))
}

/// By a person's word, a byte order mark, the document's declaration, or what the bytes look like.
fn find(bytes: &[u8], settings: &Settings) -> Result<Found> {
    let found = |encoding, confidence, evidence| Ok(Found { encoding, confidence, evidence, replaced: false });
    if settings.get("encoding").is_some() {
        return found(options::encoding(settings)?, 1.0, "set by hand");
    }
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return found(encoding, 1.0, "a byte order mark");
    }
    match bytes {
        [b'<', 0, ..] => return found(UTF_16LE, 0.99, "zero bytes behind ASCII characters"),
        [0, b'<', ..] => return found(UTF_16BE, 0.99, "zero bytes before ASCII characters"),
        _ => {}
    }
    if let Some(encoding) = declared(bytes) {
        return found(encoding, 0.99, "the document's declaration");
    }
    if simdutf8::basic::from_utf8(bytes).is_ok() {
        return found(UTF_8, 0.99, "all of it is UTF-8");
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    found(detector.guess(None, Utf8Detection::Deny), 0.6, "no declaration, and bytes that are no UTF-8")
}

/// The encoding of `<meta charset=...>`, of a content type, or of an XML declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION_BYTES).unwrap_or(bytes).to_ascii_lowercase();
    let is_xml = head.starts_with(b"<?xml");
    let end = if is_xml { memmem::find(&head, b"?>")? } else { head.len() };
    let needle: &[u8] = if is_xml { b"encoding" } else { b"charset" };
    let behind = head.get(memmem::find(&head, needle)? + needle.len()..end)?.trim_ascii_start().strip_prefix(b"=")?;
    let label = behind.trim_ascii_start();
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let length = label.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte))).unwrap_or(label.len());
    // What says UTF-16 in ASCII is not.
    Encoding::for_label_no_replacement(label.get(..length)?).map(|found| if found.is_ascii_compatible() { found } else { UTF_8 })
}

/// How sure the sample makes it that a file is an HTML document with tables.
pub fn likeness(sample: &Sample, name: &str) -> f32 {
    // Most files are told from a few bytes.
    if !sample.head.iter().take(FIRST_BYTES).any(|&byte| byte == b'<') {
        return 0.0;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let encoding = match *sample.head {
        [b'<', 0, ..] => UTF_16LE,
        [0, b'<', ..] => UTF_16BE,
        _ => Encoding::for_bom(&sample.head).map_or(WINDOWS_1252, |(encoding, _)| encoding),
    };
    let head = encoding.decode_with_bom_removal(&sample.head).0.to_ascii_lowercase();
    let rest = behind_prologue(&head);
    if rest.starts_with("<!doctype html") || is_tag(rest, "html") {
        let holds = |bytes: &[u8]| {
            memmem::find(&encoding.decode_without_bom_handling(bytes).0.to_ascii_lowercase().into_bytes(), b"<table").is_some()
        };
        let has_table = head.contains("<table") || sample.slices.iter().any(|slice| holds(&slice.bytes));
        return match (extension.as_str(), has_table) {
            ("xml" | "xhtml", false) => 0.3,
            ("xml", true) => 0.8,
            (_, true) => 0.995,
            (_, false) => 0.97,
        };
    }
    let has_rows =
        head.find("<table").and_then(|at| head.get(at..)).is_some_and(|rest| ["<tr", "<td", "<th"].iter().any(|tag| rest.contains(tag)));
    let begins = is_tag(rest, "table") || FIRST_TAGS.iter().any(|tag| is_tag(rest, tag)) || is_own_element(rest);
    match (begins && has_rows, extension.as_str()) {
        (true, "xml") => 0.5,
        (true, _) => 0.99,
        (false, _) => 0.0,
    }
}

/// Behind comments and declarations.
fn behind_prologue(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") => ">",
            _ => return rest,
        };
        let Some(at) = rest.find(end) else { return rest };
        rest = rest.get(at + end.len()..).unwrap_or_default().trim_start();
    }
}

/// Whether a text begins with an element that only the maker of its document knows: HTML has them carry a hyphen.
fn is_own_element(text: &str) -> bool {
    let name = text.strip_prefix('<').and_then(|rest| rest.split(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').next());
    name.is_some_and(|name| name.contains('-') && name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(':'))
}

fn is_tag(text: &str, name: &str) -> bool {
    let behind = text.strip_prefix('<').and_then(|rest| rest.strip_prefix(name));
    behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/'))
}
