//! W3C's extended log file format: its `#Fields:` say what its columns are.

use colonnade_protocol::{ErrorInfo, ErrorKind};

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

/// Where the fields of a log's records change, and their names from there on; the first is where they are said first. Nothing
/// where they never change. Reads the whole source.
///
/// # Errors
/// Those of the source; [`ErrorKind::Limit`] for a log that changes its fields without end.
pub fn sections(source: &dyn Source) -> Result<Vec<(u64, String)>> {
    let mut found: Vec<(u64, String)> = Vec::new();
    let finder = memchr::memmem::Finder::new(FIELDS);
    let (mut buffer, mut begin) = (Vec::new(), 0);
    loop {
        let kept = buffer.len();
        buffer.resize(kept + LOOK_BYTES, 0);
        let read = source.read_at(begin + kept as u64, &mut buffer[kept..])?;
        buffer.truncate(kept + read);
        // A line that is not whole is looked at again, with more behind it.
        let whole = if read == 0 { buffer.len() } else { memchr::memrchr2(b'\n', b'\r', &buffer).map_or(0, |at| at + 1) };
        for at in finder.find_iter(&buffer[..whole]) {
            let is_first = at == 0 || matches!(buffer[at - 1], b'\n' | b'\r') || begin == 0 && buffer[..at] == *b"\xEF\xBB\xBF";
            let line = &buffer[at..whole];
            let line = &line[..memchr::memchr2(b'\n', b'\r', line).unwrap_or(line.len())];
            let Some(names) = names(line).filter(|names| is_first && found.last().is_none_or(|(_, last)| last != names)) else { continue };
            if found.len() == MOST_SECTIONS {
                let what =
                    format!("the log says other fields more than {MOST_SECTIONS} times, the last time at byte {}", begin + at as u64);
                return Err(ErrorInfo::new(ErrorKind::Limit, what, "Cut it into several files, and read them together."));
            }
            found.push((begin + at as u64, names));
        }
        if read == 0 {
            break;
        }
        // Of a line longer than any that says fields, a few bytes are kept: it does not begin behind them.
        let whole = if buffer.len() - whole > LINE_BYTES { buffer.len() - FIELDS.len() } else { whole };
        buffer.drain(..whole);
        begin += whole as u64;
    }
    Ok(if found.len() > 1 { found } else { Vec::new() })
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
        has_messages: false,
        share: 1.0,
        most: 0.98,
    })
}

#[cfg(test)]
mod tests {
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
        let found = |text: &str| sections(&Borrowed(text.as_bytes())).unwrap();
        assert_eq!(found("#Fields: a b\n1 2\n#Fields: a  b \n3 #Fields: c\n"), []);
        let (long, short) = ("1 2\n".repeat(LOOK_BYTES / 4 - 6), "x".repeat(3 * LOOK_BYTES));
        let text = format!("#Version: 1.0\n#Fields: a b\n{long}#Fields: b a\r\n{short}\n#Fields: a b c");
        let start = |names: &str| text.rfind(names).unwrap() as u64;
        let expected = ["a b", "b a", "a b c"].map(|names| (text.find(&format!("#Fields: {names}")).unwrap() as u64, names.to_owned()));
        let expected = [expected[0].clone(), expected[1].clone(), (start("#Fields: a b c"), expected[2].1.clone())];
        assert_eq!(found(&text), expected);
        let endless: String = (0..2000).map(|k| format!("#Fields: a{k}\n")).collect();
        assert_eq!(sections(&Borrowed(endless.as_bytes())).unwrap_err().kind, ErrorKind::Limit);
    }
}
