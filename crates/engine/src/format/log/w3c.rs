//! W3C's extended log file format: its `#Fields:` say what its columns are.

use std::borrow::Cow;

use colonnade_protocol::{ErrorInfo, ErrorKind};
use encoding_rs::{Encoding, UTF_16LE};

use super::layout::Found;
use crate::Result;
use crate::source::Source;

/// The words of the sentence.
pub const TITLE: &str = "W3C extended log";
/// What a line begins with that says the fields of those below it.
const FIELDS: &str = "#Fields:";
/// Bytes of a source looked through at a time, and of a line that says fields at most.
const LOOK_BYTES: usize = 1 << 20;
const LINE_BYTES: usize = 64 << 10;
/// How often a log may change its fields.
const MOST_SECTIONS: usize = 1000;

/// The names that a line says, between single blanks; `None`: it says none.
pub fn names(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line.strip_prefix(FIELDS.as_bytes())?).split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// The pattern of records with these fields.
fn pattern(names: &str, separator: &str, is_quoted: bool) -> String {
    let field = |name: &str| {
        let name = name.replace(['}', ':'], "_");
        match (is_quoted, separator) {
            (true, _) => format!(r#"(?:"%{{QUOTED:{name}}}"|%{{NOTSPACE:{name}}})"#),
            (false, " +") => format!("%{{NOTSPACE:{name}}}"),
            (false, _) => format!(r"(?<{name}>[^\t]*)"),
        }
    };
    names.split(' ').map(field).collect::<Vec<_>>().join(separator)
}

/// The pattern of records with these fields in a log whose first records have the pattern `first`.
pub fn pattern_like(first: &str, names: &str) -> String {
    pattern(names, if first.contains(r"\t") { r"\t" } else { " +" }, first.contains("%{QUOTED:"))
}

/// What a log says of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Where the fields of the records change, and their names from there on; the first is where they are said first. Nothing
    /// where all of the log was looked through and they never change.
    pub sections: Vec<(u64, String)>,
    /// Whether the log goes on behind what was looked through.
    pub goes_on: bool,
}

/// What the first `most` bytes of a log say of its fields.
///
/// # Errors
/// Those of the source; [`ErrorKind::Limit`] for a log that changes its fields without end.
pub fn sections(source: &dyn Source, encoding: &'static Encoding, most: u64) -> Result<Said> {
    let mut found: Vec<(u64, String)> = Vec::new();
    let finder = memchr::memmem::Finder::new(FIELDS);
    let unit = if encoding.is_ascii_compatible() { 1 } else { 2 };
    let (mut buffer, mut begin) = (Vec::new(), 0);
    loop {
        let kept = buffer.len();
        let wanted = usize::try_from(most.saturating_sub(begin + kept as u64)).unwrap_or(LOOK_BYTES).min(LOOK_BYTES);
        buffer.resize(kept + wanted, 0);
        let read = if wanted == 0 { 0 } else { source.read_at(begin + kept as u64, &mut buffer[kept..])? };
        buffer.truncate(kept + read);
        // A line that is not whole is looked at again, with more behind it.
        let is_whole = read == 0 && begin + kept as u64 >= source.len();
        let whole = if is_whole { buffer.len() } else { behind_last_line(&buffer, encoding) };
        let text: Cow<'_, [u8]> = match unit {
            1 => Cow::Borrowed(&buffer[..whole]),
            _ => Cow::Owned(encoding.decode_without_bom_handling(&buffer[..whole]).0.into_owned().into_bytes()),
        };
        for at in finder.find_iter(&text) {
            let is_first = at == 0 || matches!(text[at - 1], b'\n' | b'\r') || begin == 0 && text[..at] == *b"\xEF\xBB\xBF";
            let line = &text[at..];
            let line = &line[..memchr::memchr2(b'\n', b'\r', line).unwrap_or(line.len())];
            let Some(names) = names(line).filter(|names| is_first && found.last().is_none_or(|(_, last)| last != names)) else { continue };
            let place = begin + if unit == 1 { at as u64 } else { utf16_bytes(&text[..at]) };
            if found.len() == MOST_SECTIONS {
                let what = format!("the log says other fields more than {MOST_SECTIONS} times, the last time at byte {place}");
                return Err(ErrorInfo::new(ErrorKind::Limit, what, "Cut it into several files, and read them together."));
            }
            found.push((place, names));
        }
        if read == 0 {
            break;
        }
        // Of a line longer than any that says fields, a few bytes are kept: it does not begin behind them.
        let whole = if buffer.len() - whole > LINE_BYTES { buffer.len() / unit * unit - FIELDS.len() * unit } else { whole };
        buffer.drain(..whole);
        begin += whole as u64;
    }
    let goes_on = begin + (buffer.len() as u64) < source.len();
    Ok(Said { sections: if found.len() > 1 || goes_on { found } else { Vec::new() }, goes_on })
}

/// Where the last whole line of a text ends.
fn behind_last_line(bytes: &[u8], encoding: &'static Encoding) -> usize {
    if encoding.is_ascii_compatible() {
        return memchr::memrchr2(b'\n', b'\r', bytes).map_or(0, |at| at + 1);
    }
    let is_end = |pair: &[u8]| matches!((encoding == UTF_16LE, pair), (true, [b'\n' | b'\r', 0]) | (false, [0, b'\n' | b'\r']));
    bytes.chunks_exact(2).rposition(is_end).map_or(0, |at| 2 * at + 2)
}

/// The bytes that a text takes in UTF-16.
fn utf16_bytes(text: &[u8]) -> u64 {
    String::from_utf8_lossy(text).encode_utf16().count() as u64 * 2
}

/// The layout that a `#Fields:` directive among the first lines says.
pub fn find(lines: &[&str]) -> Option<Found> {
    let mut directives = lines.iter().take_while(|line| line.starts_with('#'));
    let names = directives.find_map(|line| names(line.as_bytes()))?;
    let records: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with('#')).collect();
    let separator = if records.iter().any(|line| line.contains('\t')) { r"\t" } else { " +" };
    let pattern = pattern(&names, separator, records.iter().any(|line| line.contains('"')));
    let is_some = pattern.len() < super::pattern::MOST_CHARS as usize;
    is_some.then(|| Found {
        title: TITLE.to_owned(),
        pattern,
        start: String::new(),
        comment: "#".to_owned(),
        null_value: "-".to_owned(),
        empty_value: String::new(),
        has_messages: false,
        share: 1.0,
        most: 0.98,
    })
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;
    use crate::source::Borrowed;

    #[test]
    fn fields_are_those_of_the_directive() {
        let found =
            find(&["#Version: 1.0", "#Fields: date time cs(User-Agent) sc-status", "2024-01-01 00:00:01 Mozilla/5.0+(X11) 200"]).unwrap();
        assert_eq!(found.pattern, "%{NOTSPACE:date} +%{NOTSPACE:time} +%{NOTSPACE:cs(User-Agent)} +%{NOTSPACE:sc-status}");
        assert_eq!((found.comment.as_str(), found.null_value.as_str()), ("#", "-"));
        assert_eq!(find(&["# a comment", "#Fields"]), None);
    }

    #[test]
    fn fields_are_said_anew_at_the_beginning_of_a_line_wherever_it_is() {
        let found = |text: &str| sections(&Borrowed(text.as_bytes()), UTF_8, u64::MAX).unwrap().sections;
        assert_eq!(found("#Fields: a b\n1 2\n#Fields: a  b \n3 #Fields: c\n"), []);
        let (long, short) = ("1 2\n".repeat(LOOK_BYTES / 4 - 6), "x".repeat(3 * LOOK_BYTES));
        let text = format!("#Version: 1.0\n#Fields: a b\n{long}#Fields: b a\r\n{short}\n#Fields: a b c");
        let start = |names: &str| text.rfind(names).unwrap() as u64;
        let expected = ["a b", "b a", "a b c"].map(|names| (text.find(&format!("#Fields: {names}")).unwrap() as u64, names.to_owned()));
        let expected = [expected[0].clone(), expected[1].clone(), (start("#Fields: a b c"), expected[2].1.clone())];
        assert_eq!(found(&text), expected);
        let endless: String = (0..2000).map(|k| format!("#Fields: a{k}\n")).collect();
        assert_eq!(sections(&Borrowed(endless.as_bytes()), UTF_8, u64::MAX).unwrap_err().kind, ErrorKind::Limit);
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let found = sections(&Borrowed(utf16(&text).as_slice()), UTF_16LE, u64::MAX).unwrap();
        let doubled: Vec<(u64, String)> = expected.iter().map(|(at, names)| (2 * at, names.clone())).collect();
        assert_eq!((found.sections, found.goes_on), (doubled, false));
    }

    #[test]
    fn no_more_is_looked_through_than_may_be() {
        let text = format!("#Fields: a b\n{}#Fields: b a\n", "1 2\n".repeat(LOOK_BYTES));
        let said = sections(&Borrowed(text.as_bytes()), UTF_8, LOOK_BYTES as u64).unwrap();
        assert_eq!(said, Said { sections: vec![(0, "a b".to_owned())], goes_on: true });
    }
}
