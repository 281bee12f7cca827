//! The options of the CSV reader, under Spark's names where Spark has one.
//!
//! Where this reader differs from Spark: separator, quote, escape, header, encoding and types are found from the data
//! unless a person says otherwise (Spark's fixed defaults are `,` `"` `\` `false` `UTF-8` and text), a quoted value may
//! hold line breaks, and an empty quoted value is an empty string rather than null.

use std::borrow::Cow;

use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};
use encoding_rs::Encoding;

use super::dialect::{Dialect, LineEnd};
use crate::Result;
use crate::settings::Settings;

/// Every option of the CSV reader, in the order of its form.
pub fn declared() -> Vec<OptionDecl> {
    let mut options = dialect_options();
    options.extend(table_options());
    options.extend(record_options());
    options.extend(value_options());
    options
}

fn dialect_options() -> Vec<OptionDecl> {
    use Affects::Detect;
    vec![
        found(
            "encoding",
            &["charset"],
            "Encoding",
            text(40),
            Detect,
            "How the bytes are read as text: a name of the WHATWG Encoding Standard (UTF-8, windows-1252, Shift_JIS, UTF-16LE, ...).",
        ),
        found(
            "sep",
            &["delimiter"],
            "Separator",
            text(8),
            Detect,
            "What stands between two fields: one or a few characters. \\t is a tab, \\u0001 a control character.",
        ),
        found(
            "quote",
            &[],
            "Quote",
            text(4),
            Detect,
            "The character around values that hold separators or line breaks. Empty: quotes mean nothing.",
        ),
        found(
            "escape",
            &[],
            "Escape",
            text(4),
            Detect,
            "What makes a quote inside quotes plain text: the quote itself (doubled, as RFC 4180 says) or a character before it, such as \\\\. Empty: nothing does.",
        ),
        found("comment", &[], "Comment", text(4), Detect, "Lines that begin with this character are skipped. Empty: no line is a comment."),
        found("lineSep", &[], "Line end", text(8), Detect, "What ends a record outside quotes. Empty: LF, CRLF and CR, also mixed."),
    ]
}

fn table_options() -> Vec<OptionDecl> {
    use Affects::Detect;
    vec![
        found(
            "skipRows",
            &["skipLines"],
            "Lines to skip",
            lines(),
            Detect,
            "Lines above the header (or above the first record) that are not part of the table: titles, notes, blank lines.",
        ),
        found(
            "header",
            &[],
            "Header",
            OptionKind::Flag,
            Detect,
            "Whether the first record holds the columns' names. Without one they are _c0, _c1, ...",
        ),
        found(
            "headerRows",
            &[],
            "Header rows",
            OptionKind::Integer { min: 0, max: 20 },
            Detect,
            "How many records the header spans; names that stand above each other are joined with a blank.",
        ),
        found(
            "tableEnd",
            &[],
            "Table ends at byte",
            OptionKind::Integer { min: 0, max: i64::MAX },
            Detect,
            "Records that begin at or after this byte are no rows: footnotes, blank rows, a second table. 0: the table ends with the file.",
        ),
        found(
            "trailingSeparator",
            &[],
            "Records end with a separator",
            OptionKind::Flag,
            Detect,
            "Every record ends with a separator that opens no field.",
        ),
        found(
            "mergeSeparators",
            &[],
            "Runs of separators are one",
            OptionKind::Flag,
            Detect,
            "For tables aligned with blanks: several separators in a row count as one, and those at a line's start as none.",
        ),
        found(
            "ignoreLeadingWhiteSpace",
            &[],
            "Drop blanks before values",
            OptionKind::Flag,
            Detect,
            "Blanks and tabs before a value do not belong to it.",
        ),
        found(
            "ignoreTrailingWhiteSpace",
            &[],
            "Drop blanks after values",
            OptionKind::Flag,
            Detect,
            "Blanks and tabs after a value do not belong to it.",
        ),
    ]
}

fn record_options() -> Vec<OptionDecl> {
    use Affects::{Decode, Schema};
    let modes = [
        ("PERMISSIVE", "keep the record, null what does not fit"),
        ("DROPMALFORMED", "reject the record"),
        ("FAILFAST", "stop at the first"),
    ];
    let modes = modes.into_iter().map(|(id, title)| (id.into(), title.into())).collect();
    vec![
        fixed(
            "mode",
            &[],
            "Records that do not fit",
            OptionKind::Choice(Cow::Owned(modes)),
            "PERMISSIVE",
            Decode,
            "What becomes of a record with too few or too many fields or a value that does not fit its type. Every one of them is listed with its place, whatever is chosen.",
        ),
        fixed(
            "columnNameOfCorruptRecord",
            &[],
            "Corrupt-record column",
            text(200),
            "",
            Schema,
            "A column of this name is added that holds the raw text of every record that did not fit. Empty: no such column; the list of rejects has them anyway.",
        ),
        fixed(
            "maxRecordBytes",
            &[],
            "Longest record",
            OptionKind::Integer { min: 64, max: (1 << 29) - 1 },
            "16777216",
            Decode,
            "A record longer than this many bytes is rejected: a quote that is never closed then costs one line and not the file. Memory grows with it.",
        ),
        fixed(
            "maxColumns",
            &[],
            "Most columns",
            OptionKind::Integer { min: 1, max: 1 << 20 },
            "20480",
            Affects::Detect,
            "A table with more columns is refused.",
        ),
    ]
}

fn value_options() -> Vec<OptionDecl> {
    use Affects::Schema;
    vec![
        fixed(
            "inferSchema",
            &[],
            "Find types",
            OptionKind::Flag,
            "true",
            Schema,
            "Finds each column's type from its values. false: every column is text.",
        ),
        fixed(
            "preferDate",
            &[],
            "Prefer dates",
            OptionKind::Flag,
            "true",
            Schema,
            "Values that are days without a time become dates rather than timestamps.",
        ),
        fixed("nullValue", &[], "Null", text(100), "", Schema, "The text that stands for null, beside the empty unquoted field."),
        fixed(
            "emptyValue",
            &[],
            "Empty text",
            text(100),
            "",
            Schema,
            "The text that stands for an empty string, beside the empty quoted field.",
        ),
        fixed("nanValue", &[], "Not a number", text(100), "NaN", Schema, "The text that stands for NaN in a floating-point column."),
        fixed("positiveInf", &[], "Infinity", text(100), "Inf", Schema, "The text that stands for positive infinity."),
        fixed("negativeInf", &[], "Negative infinity", text(100), "-Inf", Schema, "The text that stands for negative infinity."),
        found(
            "dateFormat",
            &[],
            "Date pattern",
            text(100),
            Schema,
            "The pattern of dates in Spark's letters: yyyy-MM-dd, dd.MM.yyyy. Otherwise found for each column.",
        ),
        found(
            "timestampFormat",
            &[],
            "Timestamp pattern",
            text(100),
            Schema,
            "The pattern of timestamps with a zone: yyyy-MM-dd'T'HH:mm:ssXXX. Otherwise found for each column.",
        ),
        found(
            "timestampNTZFormat",
            &[],
            "Wall-clock pattern",
            text(100),
            Schema,
            "The pattern of timestamps without a zone: yyyy-MM-dd HH:mm:ss. Otherwise found for each column.",
        ),
        found(
            "timeFormat",
            &[],
            "Time pattern",
            text(100),
            Schema,
            "The pattern of times of day: HH:mm:ss. Otherwise found for each column.",
        ),
        fixed(
            "timeZone",
            &[],
            "Time zone",
            text(60),
            "UTC",
            Schema,
            "The zone of timestamps that carry no offset where a column is read as timestamps with one.",
        ),
        fixed("locale", &[], "Language of names", text(20), "en-US", Schema, "The language of month and day names in dates."),
    ]
}

fn text(max_chars: u32) -> OptionKind {
    OptionKind::Text { max_chars }
}

fn lines() -> OptionKind {
    OptionKind::Integer { min: 0, max: 1_000_000 }
}

/// An option whose value is found from the data.
fn found(
    id: &'static str,
    aliases: &[&'static str],
    title: &'static str,
    kind: OptionKind,
    affects: Affects,
    help: &'static str,
) -> OptionDecl {
    let aliases = aliases.iter().map(|&alias| alias.into()).collect();
    OptionDecl { id: id.into(), aliases: Cow::Owned(aliases), title: title.into(), kind, default: None, help: help.into(), affects }
}

/// An option with a default.
fn fixed(
    id: &'static str,
    aliases: &[&'static str],
    title: &'static str,
    kind: OptionKind,
    default: &'static str,
    affects: Affects,
    help: &'static str,
) -> OptionDecl {
    OptionDecl { default: Some(default.into()), ..found(id, aliases, title, kind, affects, help) }
}

/// The dialect that these settings say; what they leave open is as RFC 4180 has it.
///
/// # Errors
/// [`ErrorKind::Usage`] for an empty separator, a quote, escape or comment that is not one ASCII character, or two of
/// them that are the same.
pub fn dialect(settings: &Settings) -> Result<Dialect> {
    let base = Dialect::default();
    let separator = settings.get("sep").map_or(base.separator, |text| unescape(text).into_bytes());
    if separator.is_empty() {
        return Err(ErrorInfo::new(ErrorKind::Usage, "the separator (sep) is empty", "Give one character or more; a tab is \\t."));
    }
    let quote = byte_setting(settings, "quote", base.quote)?;
    let escape = byte_setting(settings, "escape", base.escape)?;
    let comment = byte_setting(settings, "comment", base.comment)?;
    for (name, byte) in [("quote", quote), ("escape", escape), ("comment", comment)] {
        if byte.is_some() && separator.first().copied() == byte {
            return Err(ErrorInfo::new(ErrorKind::Usage, format!("{name} and sep begin with the same character"), "Change one of them."));
        }
    }
    if comment.is_some() && comment == quote {
        return Err(ErrorInfo::new(ErrorKind::Usage, "comment and quote are the same character", "Change one of them."));
    }
    let line_end = match settings.text("lineSep") {
        "" => LineEnd::Any,
        text => LineEnd::Exactly(unescape(text).into_bytes()),
    };
    Ok(Dialect {
        separator,
        quote,
        escape: quote.and(escape),
        comment,
        line_end,
        merge_separators: settings.flag("mergeSeparators"),
        trim_leading: settings.flag("ignoreLeadingWhiteSpace"),
        trim_trailing: settings.flag("ignoreTrailingWhiteSpace"),
        trailing_separator: settings.flag("trailingSeparator"),
    })
}

/// The encoding that these settings say; UTF-8 where they say nothing.
///
/// # Errors
/// [`ErrorKind::Usage`] for a name that the WHATWG Encoding Standard does not have.
pub fn encoding(settings: &Settings) -> Result<&'static Encoding> {
    let label = settings.get("encoding").unwrap_or("UTF-8");
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
        ErrorInfo::new(
            ErrorKind::Usage,
            format!("encoding={label:?} is not known"),
            "Give a name of the WHATWG Encoding Standard, such as windows-1252.",
        )
    })
}

/// The names that a record is compared with to find the header again: those of a header of one row over several columns.
pub(super) fn header_names<'a>(settings: &Settings, names: impl Iterator<Item = &'a str>, encoding: &'static Encoding) -> Vec<Vec<u8>> {
    if settings.integer("headerRows") != 1 {
        return Vec::new();
    }
    let names: Vec<Vec<u8>> = names.map(|name| encoding.encode(name).0.into_owned()).collect();
    if names.len() > 1 { names } else { Vec::new() }
}

fn byte_setting(settings: &Settings, id: &str, default: Option<u8>) -> Result<Option<u8>> {
    let Some(text) = settings.get(id) else { return Ok(default) };
    match unescape(text).as_bytes() {
        [] => Ok(None),
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(Some(*byte)),
        _ => Err(ErrorInfo::new(
            ErrorKind::Usage,
            format!("{id}={text:?} is not one ASCII character"),
            "Give one character, or nothing for none.",
        )),
    }
}

/// The text that an option's notation means: `\t` `\n` `\r` `\0` `\\` `\u0001` `\x01`; any other backslash is itself.
pub fn unescape(notation: &str) -> String {
    let mut text = String::with_capacity(notation.len());
    let mut rest = notation;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let hex = |digits: usize| rest.get(1..=digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        let (meant, used) = match rest.chars().next() {
            Some('t') => ('\t', 1),
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('0') => ('\0', 1),
            Some('\\') => ('\\', 1),
            Some('u') if hex(4).is_some() => (hex(4).unwrap_or_default(), 5),
            Some('x') if hex(2).is_some() => (hex(2).unwrap_or_default(), 3),
            _ => ('\\', 0),
        };
        text.push(meant);
        rest = &rest[used..];
    }
    text.push_str(rest);
    text
}

/// The notation of a text, so that [`unescape`] gives it back.
pub fn escape(text: &str) -> String {
    let mut notation = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => notation.push_str("\\t"),
            '\n' => notation.push_str("\\n"),
            '\r' => notation.push_str("\\r"),
            '\\' => notation.push_str("\\\\"),
            c if c.is_control() => notation.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => notation.push(c),
        }
    }
    notation
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: &[(&str, &str)]) -> Settings {
        Settings::new(&declared(), given.iter().copied()).unwrap()
    }

    #[test]
    fn names_are_unique_and_every_option_has_help() {
        let options = declared();
        for option in &options {
            assert!(option.help.ends_with('.'), "{}", option.id);
            assert_eq!(options.iter().filter(|other| other.is_named(&option.id)).count(), 1, "{}", option.id);
            if let Some(default) = &option.default {
                assert_eq!(option.check(default).as_deref(), Ok(default.as_ref()), "{}", option.id);
            }
        }
    }

    #[test]
    fn the_notation_comes_back() {
        for text in ["\t", ",", "||", "\\", "\u{1}", "\0x", "a\\tb", "\r\n", "§"] {
            assert_eq!(unescape(&escape(text)), text);
        }
        assert_eq!(unescape("\\x1f|\\q"), "\u{1f}|\\q");
    }

    #[test]
    fn a_dialect_says_what_the_settings_say() {
        let dialect =
            dialect(&settings(&[("delimiter", "\\t"), ("quote", "'"), ("escape", "\\"), ("comment", "#"), ("lineSep", "\\r")])).unwrap();
        assert_eq!(dialect.separator, b"\t");
        assert_eq!((dialect.quote, dialect.escape, dialect.comment), (Some(b'\''), Some(b'\\'), Some(b'#')));
        assert_eq!(dialect.line_end, LineEnd::Exactly(b"\r".to_vec()));
    }

    #[test]
    fn an_unusable_dialect_is_refused() {
        assert!(dialect(&settings(&[("sep", "")])).is_err());
        assert!(dialect(&settings(&[("quote", "''")])).is_err());
        assert!(dialect(&settings(&[("sep", "\""), ("quote", "\"")])).is_err());
        assert_eq!(dialect(&settings(&[("quote", "")])).unwrap().escape, None);
    }
}
