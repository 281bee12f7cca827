//! The options of the text table reader. `sep` takes pandas' `\s+`; where Spark has a name, it is Spark's.

use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};

use super::layout::{Layout, RecordEnd, Separator};
use crate::Result;
use crate::format::text::options::{ellipsis_option, encoding_option, found, record_options, table_options, text, unescape, value_options};
use crate::settings::Settings;

/// The notation of "any run of blanks".
pub const BLANKS: &str = "\\s+";
/// The option that lets records go on over lines.
pub const JOIN_LINES: &str = "joinLines";

/// Every option of the text table reader, in the order of its form.
pub fn declared() -> Vec<OptionDecl> {
    use Affects::Detect;
    let mut options = vec![
        encoding_option(),
        found(
            "sep",
            &["delimiter"],
            "Separator",
            text(8),
            Detect,
            "What stands between two fields: \\s+ is any run of blanks and tabs; else one or a few characters, blanks around them and at a line's ends aside.",
        ),
        found("quote", &[], "Quote", text(4), Detect, "The character around fields that hold blanks.").empty_means("quotes mean nothing"),
        found("comment", &[], "Comment", text(8), Detect, "Lines that begin with this text, blanks before it aside, are skipped.")
            .empty_means("no line is a comment"),
        found(
            "lineSep",
            &["recordEnd"],
            "Record end",
            text(16),
            Detect,
            "What ends a record. \\\\n is a backslash and an n, \\u001e a control character, \\n\\n a blank line.",
        )
        .empty_means("LF, CRLF and CR"),
        found(
            JOIN_LINES,
            &[],
            "Records go on over lines",
            OptionKind::Flag,
            Detect,
            "Lines are joined until the record's end; where that is a line end, until the record has all its fields.",
        ),
    ];
    options.extend(table_options());
    options.extend(record_options());
    options.push(ellipsis_option());
    options.extend(value_options());
    options
}

/// The layout that these settings say, for a table of so many columns.
///
/// # Errors
/// [`ErrorKind::Usage`] for a quote that is not one ASCII character.
pub fn layout(settings: &Settings, columns: usize) -> Result<Layout> {
    let quote = unescape(settings.text("quote"));
    if quote.len() > 1 || !quote.is_ascii() {
        let what = format!("quote={quote:?} is not one ASCII character");
        return Err(ErrorInfo::new(ErrorKind::Usage, what, "Give one character, or nothing for none."));
    }
    let separator = match settings.text("sep") {
        "" | BLANKS => Separator::Blanks,
        text => match unescape(text).trim() {
            "" => Separator::Blanks,
            text => Separator::Text(text.as_bytes().to_vec()),
        },
    };
    let joins = settings.flag(JOIN_LINES);
    let record_end = match (unescape(settings.text("lineSep")).as_str(), joins) {
        ("", false) => RecordEnd::Line,
        ("", true) => RecordEnd::Full(columns),
        ("\n\n", _) => RecordEnd::BlankLine,
        (end, _) if end.trim_matches(['\n', '\r']).is_empty() => RecordEnd::Line,
        (end, joins) => RecordEnd::Text { end: end.as_bytes().to_vec(), joins },
    };
    Ok(Layout { separator, quote: quote.bytes().next(), comment: unescape(settings.text("comment")).into_bytes(), record_end })
}

/// Whether a person said where records end. That no mark ends them does not say it.
pub fn is_told_record_end(settings: &Settings) -> bool {
    settings.is_by_person("lineSep") && !settings.text("lineSep").is_empty() || settings.is_by_person(JOIN_LINES)
}

/// Whether a person wants a record of every line, whatever its width.
pub fn is_by_lines(settings: &Settings) -> bool {
    settings.is_by_person(JOIN_LINES) && !settings.flag(JOIN_LINES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_say_what_ends_a_record() {
        let end = |given: &[(&str, &str)]| layout(&Settings::new(&declared(), given.iter().copied()).unwrap(), 3).unwrap().record_end;
        assert_eq!(end(&[]), RecordEnd::Line);
        assert_eq!(end(&[("joinLines", "true")]), RecordEnd::Full(3));
        assert_eq!(end(&[("lineSep", "\\\\n"), ("joinLines", "true")]), RecordEnd::Text { end: b"\\n".to_vec(), joins: true });
        assert_eq!(end(&[("lineSep", "\\u001e")]), RecordEnd::Text { end: b"\x1e".to_vec(), joins: false });
        assert_eq!(end(&[("lineSep", "\\n\\n")]), RecordEnd::BlankLine);
    }
}
